#include "pgrunbook/model/action.h"

#include <ctype.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/duration.h"
#include "pgrunbook/base/str.h"

static const int64_t wait_default_us = INT64_C(600) * 1000000;

static const struct {
	const char *name;
	const char *usage;
} action_table[] = {
	[ACTION_IDENTIFY] = { .name = "identify", .usage = "identify" },
	[ACTION_CHECK] = { .name = "check", .usage = "check NAME..." },
	[ACTION_BACKUP] = { .name = "backup", .usage = "backup" },
	[ACTION_VERIFY_BACKUP] = { .name = "verify-backup", .usage = "verify-backup" },
	[ACTION_UPGRADE] = { .name = "upgrade", .usage = "upgrade TARGET" },
	[ACTION_DOWNGRADE] = { .name = "downgrade", .usage = "downgrade TARGET" },
	[ACTION_VERIFY_REVISION] = { .name = "verify-revision",
		.usage = "verify-revision TARGET" },
	[ACTION_WAIT_REPLICAS] = { .name = "wait",
		.usage = "wait replicas [lag<10s] [within 10min]" },
	[ACTION_ASK] = { .name = "ask", .usage = "ask NAME \"QUESTION\"" },
	[ACTION_NOTE] = { .name = "note", .usage = "note \"TEXT\"" },
};

enum { ACTION_COUNT = sizeof(action_table) / sizeof(action_table[0]) };

static const char *const check_names[] = { "heads", "unknown-revision", "downgrades",
	"replicas", "locks", "transactions", "backup", "disk", "rights" };

enum { CHECK_COUNT = sizeof(check_names) / sizeof(check_names[0]) };

const char *
action_name(enum action_kind kind)
{
	return kind == ACTION_WAIT_REPLICAS ? "wait replicas" : action_table[kind].name;
}

bool
action_knows_check(const char *name)
{
	for (size_t i = 0; i < CHECK_COUNT; i++) {
		if (strcmp(check_names[i], name) == 0)
			return true;
	}
	return false;
}

static bool
error_unknown_action(struct error *error, const char *name)
{
	struct str known = { 0 };

	for (size_t i = 0; i < ACTION_COUNT; i++)
		str_printf(&known, "%s%s", i > 0 ? " | " : "", action_table[i].usage);
	error_set(error, "unknown action \"%s\"; known: %s", name, str_text(&known));
	str_free(&known);
	return false;
}

static bool
error_usage(struct error *error, enum action_kind kind)
{
	return error_set(error, "%s is written: %s", action_name(kind),
		action_table[kind].usage);
}

/* Reads "..." from just after the quote; returns what follows, or NULL at an open end.
 */
static const char *
word_quoted(const char *at, struct str *word)
{
	while (*at != '\0' && *at != '"') {
		if (*at == '\\' && (at[1] == '"' || at[1] == '\\'))
			at++;
		str_add_char(word, *at++);
	}
	return *at == '"' ? at + 1 : NULL;
}

/* The line as words; a quoted text and a placeholder with blanks in it are one word. */
static bool
words_of_line(const char *line, struct strlist *words, struct error *error)
{
	const char *at = line;

	for (;;) {
		struct str word = { 0 };
		bool named = false; /* inside <...> */

		while (isspace((unsigned char)*at))
			at++;
		if (*at == '\0' || *at == '#')
			return true;
		if (*at == '"') {
			at = word_quoted(at + 1, &word);
			if (at == NULL) {
				str_free(&word);
				return error_set(
					error, "a quote is not closed: %s", line);
			}
		} else {
			named = *at == '<' && strchr(at, '>') != NULL;
			for (; *at != '\0' && (named || !isspace((unsigned char)*at));
				at++) {
				str_add_char(&word, *at);
				named = named && *at != '>';
			}
		}
		strlist_add_owned(words, str_take(&word));
	}
}

/* A revision as Alembic's command line takes it, or a placeholder: no shell in it. */
static bool
target_is_good(const char *target)
{
	size_t length = strlen(target);

	if (length > 2 && target[0] == '<' && target[length - 1] == '>')
		return true;
	for (size_t i = 0; i < length; i++) {
		if (!isalnum((unsigned char)target[i]) &&
			strchr("_.+-@:", target[i]) == NULL)
			return false;
	}
	return length > 0;
}

static bool
parse_target(const struct strlist *words, struct action *action, struct error *error)
{
	if (words->count != 2)
		return error_usage(error, action->kind);
	if (!target_is_good(words->items[1]))
		return error_set(error,
			"\"%s\" is neither a revision nor a <placeholder>",
			words->items[1]);
	action->target = alloc_copy(words->items[1]);
	return true;
}

static bool
parse_checks(const struct strlist *words, struct action *action, struct error *error)
{
	if (words->count < 2)
		return error_usage(error, action->kind);
	for (size_t i = 1; i < words->count; i++) {
		struct str known = { 0 };

		if (action_knows_check(words->items[i])) {
			strlist_add(&action->checks, words->items[i]);
			continue;
		}
		for (size_t k = 0; k < CHECK_COUNT; k++)
			str_printf(&known, " %s", check_names[k]);
		error_set(error, "unknown check \"%s\"; known:%s", words->items[i],
			str_text(&known));
		str_free(&known);
		return false;
	}
	return true;
}

static bool
parse_wait(const struct strlist *words, struct action *action, struct error *error)
{
	if (words->count < 2 || strcmp(words->items[1], "replicas") != 0)
		return error_usage(error, action->kind);
	for (size_t i = 2; i < words->count; i++) {
		const char *word = words->items[i];
		bool good;

		if (strncmp(word, "lag<", 4) == 0) {
			good = duration_parse(word + 4, &action->lag_us);
		} else if (strcmp(word, "within") == 0 && i + 1 < words->count) {
			word = words->items[++i];
			good = duration_parse(word, &action->within_us) &&
			       action->within_us > 0;
		} else {
			return error_usage(error, action->kind);
		}
		if (!good)
			return error_set(error,
				"\"%s\" is no duration; write 10s, 2min, 1h", word);
	}
	return true;
}

static bool
name_is_good(const char *name)
{
	for (const char *at = name; *at != '\0'; at++) {
		if (!isalnum((unsigned char)*at) && *at != '_' && *at != '-')
			return false;
	}
	return name[0] != '\0';
}

static bool
parse_ask(const struct strlist *words, struct action *action, struct error *error)
{
	if (words->count != 3)
		return error_usage(error, action->kind);
	if (!name_is_good(words->items[1]))
		return error_set(error,
			"\"%s\" can't name an answer; use letters, digits, - and _",
			words->items[1]);
	action->name = alloc_copy(words->items[1]);
	action->text = alloc_copy(words->items[2]);
	return true;
}

static bool
parse_arguments(const struct strlist *words, struct action *action, struct error *error)
{
	switch (action->kind) {
	case ACTION_UPGRADE:
	case ACTION_DOWNGRADE:
	case ACTION_VERIFY_REVISION:
		return parse_target(words, action, error);
	case ACTION_CHECK:
		return parse_checks(words, action, error);
	case ACTION_WAIT_REPLICAS:
		return parse_wait(words, action, error);
	case ACTION_ASK:
		return parse_ask(words, action, error);
	case ACTION_NOTE:
		if (words->count != 2)
			return error_usage(error, action->kind);
		action->text = alloc_copy(words->items[1]);
		return true;
	case ACTION_IDENTIFY:
	case ACTION_BACKUP:
	case ACTION_VERIFY_BACKUP:
		break;
	}
	return words->count == 1 || error_usage(error, action->kind);
}

bool
action_parse(const char *line, struct action *action, struct error *error)
{
	struct strlist words = { 0 };
	size_t kind = 0;
	bool good = false;

	*action = (struct action){ .lag_us = -1, .within_us = wait_default_us };
	if (!words_of_line(line, &words, error))
		goto out;
	if (words.count == 0) {
		error_set(error, "an action is missing");
		goto out;
	}
	while (kind < ACTION_COUNT &&
		strcmp(action_table[kind].name, words.items[0]) != 0)
		kind++;
	if (kind == ACTION_COUNT) {
		error_unknown_action(error, words.items[0]);
		goto out;
	}
	action->kind = (enum action_kind)kind;
	good = parse_arguments(&words, action, error);
out:
	strlist_free(&words);
	if (!good)
		action_free(action);
	return good;
}

void
action_free(struct action *action)
{
	strlist_free(&action->checks);
	free(action->target);
	free(action->name);
	free(action->text);
	*action = (struct action){ .lag_us = -1, .within_us = wait_default_us };
}
