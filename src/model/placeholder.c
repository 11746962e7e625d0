#include "pgrunbook/model/placeholder.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"

enum { NAME_MAX_LENGTH = 64 };

/* Where a placeholder stands: start..end with its brackets, name..name_end without. */
struct spot {
	size_t start, end;
	size_t name, name_end;
};

static bool
is_name_char(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* "file 2" of `<file 2>&1` is a redirection, and so is "in " of `<in >out`. */
static bool
angle_name_is_good(const char *name, size_t length)
{
	size_t digits = length;

	if (length == 0 || length > NAME_MAX_LENGTH || !is_name_char(name[length - 1]))
		return false;
	while (digits > 0 && isdigit((unsigned char)name[digits - 1]))
		digits--;
	return digits > 0 && name[digits - 1] != ' ';
}

static bool
spot_angle(const char *text, size_t at, struct spot *spot)
{
	size_t end = at + 1;

	if (text[at] != '<' || !isalpha((unsigned char)text[end]))
		return false;
	if (at > 0 && (text[at - 1] == '<' || text[at - 1] == '\\'))
		return false;
	while (is_name_char(text[end]) ||
		(text[end] != '\0' && strchr(" .-", text[end])))
		end++;
	if (text[end] != '>' || text[end + 1] == '>' ||
		!angle_name_is_good(text + at + 1, end - at - 1))
		return false;
	*spot = (struct spot){
		.start = at, .end = end + 1, .name = at + 1, .name_end = end
	};
	return true;
}

/* Words with a blank between them, or one in capitals; never a test or a glob. */
static bool
bracket_name_is_good(const char *name, size_t length)
{
	bool blank = false, capitals = true;

	for (size_t i = 0; i < length; i++) {
		blank = blank || name[i] == ' ';
		capitals =
			capitals && (isupper((unsigned char)name[i]) || name[i] == '_');
	}
	return length > 3 && length <= NAME_MAX_LENGTH &&
	       is_name_char(name[length - 1]) && (blank ? length > 5 : capitals);
}

static bool
spot_bracket(const char *text, size_t at, struct spot *spot)
{
	size_t end = at + 1;

	if (text[at] != '[' || !isalpha((unsigned char)text[end]))
		return false;
	if (at > 0 && (is_name_char(text[at - 1]) || strchr("[\\$}", text[at - 1])))
		return false;
	while (is_name_char(text[end]) ||
		(text[end] != '\0' && strchr(" -/", text[end])))
		end++;
	if (text[end] != ']' || !bracket_name_is_good(text + at + 1, end - at - 1))
		return false;
	*spot = (struct spot){
		.start = at, .end = end + 1, .name = at + 1, .name_end = end
	};
	return true;
}

static bool
spot_your(const char *text, size_t at, struct spot *spot)
{
	size_t end = at + 5;

	if (strncasecmp(text + at, "your", 4) != 0 ||
		(text[at + 4] != '-' && text[at + 4] != '_') ||
		!isalnum((unsigned char)text[end]))
		return false;
	if (at > 0 && (is_name_char(text[at - 1]) || strchr("-${", text[at - 1])))
		return false;
	while (is_name_char(text[end]) || text[end] == '-')
		end++;
	while (text[end - 1] == '-')
		end--;
	if (text[end] == '=') /* YOUR_VARIABLE=value sets it */
		return false;
	*spot = (struct spot){ .start = at, .end = end, .name = at, .name_end = end };
	return true;
}

static bool
spot_at(const char *text, size_t at, struct spot *spot)
{
	return spot_angle(text, at, spot) || spot_bracket(text, at, spot) ||
	       spot_your(text, at, spot);
}

void
placeholder_find(const char *command, struct strlist *names)
{
	struct spot spot;

	for (size_t at = 0; command[at] != '\0'; at++) {
		char *name;

		if (!spot_at(command, at, &spot))
			continue;
		name = alloc_copy_bytes(command + spot.name, spot.name_end - spot.name);
		if (strlist_has(names, name))
			free(name);
		else
			strlist_add_owned(names, name);
		at = spot.end - 1;
	}
}

char *
placeholder_neutral(const char *command)
{
	struct str out = { 0 };
	struct spot spot;

	for (size_t at = 0; command[at] != '\0'; at++) {
		if (spot_at(command, at, &spot)) {
			str_add(&out, "PLACEHOLDER");
			at = spot.end - 1;
		} else {
			str_add_char(&out, command[at]);
		}
	}
	return str_take(&out);
}

/* Where in the command's quoting a value would land. */
enum quoting {
	QUOTING_NONE,
	QUOTING_SINGLE,
	QUOTING_DOUBLE,
	QUOTING_COMMENT,
	QUOTING_UNSURE /* heredocs, substitutions inside quotes: plain words only */
};

static bool
is_plain(const char *value, const char *marks)
{
	for (const char *at = value; *at != '\0'; at++) {
		if (!isalnum((unsigned char)*at) && strchr(marks, *at) == NULL)
			return false;
	}
	return true;
}

/* The state after the bytes at `at`; *used says how many they are. */
static enum quoting
quoting_step(
	enum quoting quoting, const char *text, size_t at, bool shell, size_t *used)
{
	char c = text[at], next = text[at + 1];

	*used = 1;
	if (!shell)
		return c != '\''		 ? quoting
		       : quoting == QUOTING_NONE ? QUOTING_SINGLE
						 : QUOTING_NONE;
	switch (quoting) {
	case QUOTING_SINGLE:
		return c == '\'' ? QUOTING_NONE : quoting;
	case QUOTING_COMMENT:
		return c == '\n' ? QUOTING_NONE : quoting;
	case QUOTING_UNSURE:
		return quoting;
	case QUOTING_DOUBLE:
		if (c == '"')
			return QUOTING_NONE;
		if (c == '`' || (c == '$' && (next == '(' || next == '{')))
			return QUOTING_UNSURE;
		break;
	case QUOTING_NONE:
		if (c == '\'' || c == '"')
			return c == '"' ? QUOTING_DOUBLE : QUOTING_SINGLE;
		if (c == '`' || (c == '<' && next == '<') ||
			(c == '$' && (next == '{' || next == '\'' || next == '(')))
			return QUOTING_UNSURE;
		if (c == '#' && (at == 0 || isspace((unsigned char)text[at - 1])))
			return QUOTING_COMMENT;
		break;
	}
	if (c == '\\' && next != '\0')
		*used = 2;
	return quoting;
}

/* False if the value can't be made to stand for itself there. */
static bool
value_add(struct str *out, const char *value, enum quoting quoting, bool shell)
{
	if (is_plain(value, shell ? "_./:@%+,-" : "_.+-@:")) {
		str_add(out, value);
		return true;
	}
	if (quoting == QUOTING_UNSURE || quoting == QUOTING_COMMENT ||
		(!shell && quoting == QUOTING_NONE))
		return false;
	if (quoting == QUOTING_NONE)
		str_add_char(out, '\'');
	for (const char *at = value; *at != '\0'; at++) {
		if (*at == '\'' && quoting != QUOTING_DOUBLE)
			str_add(out, shell ? "'\\'" : "'");
		else if (quoting == QUOTING_DOUBLE && strchr("\"$`\\", *at) != NULL)
			str_add_char(out, '\\');
		str_add_char(out, *at);
	}
	if (quoting == QUOTING_NONE)
		str_add_char(out, '\'');
	return true;
}

/* The value given for the placeholder; NULL with an error if there is none to use. */
static const char *
value_of(const char *name, const struct strlist *names, const struct strlist *values,
	struct error *error)
{
	for (size_t i = 0; i < names->count && i < values->count; i++) {
		const char *value = values->items[i];

		if (strcmp(names->items[i], name) != 0 || value[0] == '\0')
			continue;
		for (const char *at = value; *at != '\0'; at++) {
			if (iscntrl((unsigned char)*at)) {
				error_set(error,
					"the value of <%s> has control characters",
					name);
				return NULL;
			}
		}
		return value;
	}
	error_set(error, "<%s> is not filled in", name);
	return NULL;
}

static bool
fill_spot(struct str *out, const char *command, const struct spot *spot,
	const struct strlist *names, const struct strlist *values, enum quoting quoting,
	bool shell, struct error *error)
{
	char *name =
		alloc_copy_bytes(command + spot->name, spot->name_end - spot->name);
	const char *value = value_of(name, names, values, error);
	bool good = value != NULL;

	if (good && !value_add(out, value, quoting, shell))
		good = error_set(error,
			"the value of <%s> has characters that can't stand there: %s",
			name, value);
	free(name);
	return good;
}

char *
placeholder_fill(const char *command, const struct strlist *names,
	const struct strlist *values, bool shell, struct error *error)
{
	struct str out = { 0 };
	enum quoting quoting = QUOTING_NONE;
	size_t at = 0;

	while (command[at] != '\0') {
		struct spot spot;
		size_t used;

		if (spot_at(command, at, &spot)) {
			if (!fill_spot(&out, command, &spot, names, values, quoting,
				    shell, error)) {
				str_free(&out);
				return NULL;
			}
			at = spot.end;
			continue;
		}
		quoting = quoting_step(quoting, command, at, shell, &used);
		str_add_bytes(&out, command + at, used);
		at += used;
	}
	return str_take(&out);
}

/* Does the command give the variable a value itself? */
static bool
sets_variable(const char *command, const char *name, size_t length)
{
	const char *at = command;

	while ((at = strstr(at, name)) != NULL) {
		bool starts = at == command || !is_name_char(at[-1]);
		bool set = at[length] == '=' ||
			   (at - command >= 4 && memcmp(at - 4, "for ", 4) == 0) ||
			   (at - command >= 5 && memcmp(at - 5, "read ", 5) == 0);

		if (starts && set && !is_name_char(at[length]) &&
			(at == command || at[-1] != '$'))
			return true;
		at += length;
	}
	return false;
}

/* Reads the variable at the '$'; returns its end. */
static size_t
variable_add(const char *command, size_t at, struct strlist *names)
{
	bool braces = command[at + 1] == '{';
	size_t start = at + 1 + braces, end = start;
	char *name;

	if (!isalpha((unsigned char)command[start]) && command[start] != '_')
		return at + 1;
	while (is_name_char(command[end]))
		end++;
	if (braces && command[end] != '\0' && strchr(":-=+?", command[end]))
		return end; /* ${NAME:-default} */
	name = alloc_copy_bytes(command + start, end - start);
	if (!strlist_has(names, name) && !sets_variable(command, name, end - start))
		strlist_add(names, name);
	free(name);
	return end;
}

void
placeholder_variables(const char *command, struct strlist *names)
{
	bool doubled = false;
	size_t at = 0;

	while (command[at] != '\0') {
		char c = command[at];

		if (c == '\\' && command[at + 1] != '\0') {
			at += 2;
		} else if (c == '\'' && !doubled) {
			const char *close = strchr(command + at + 1, '\'');

			if (close == NULL)
				return;
			at = (size_t)(close - command) + 1;
		} else if (c == '$') {
			at = variable_add(command, at, names);
		} else {
			doubled = c == '"' ? !doubled : doubled;
			at++;
		}
	}
}
