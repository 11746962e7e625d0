#include "pgrunbook/model/session_filter.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/duration.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/base/text.h"

enum filter_operator {
	FILTER_EQUAL,
	FILTER_HAS,
	FILTER_GREATER,
	FILTER_LESS,
	FILTER_AT_LEAST,
	FILTER_AT_MOST
};

struct session_term {
	enum session_field field;
	enum filter_operator operation;
	bool negated;
	char *text;
	int64_t number; /* of a number or an age */
	int state;	/* index into states, of `state=` */
};

struct session_filter {
	struct session_term *terms;
	size_t count, capacity;
};

/* The text that is read, and where. */
struct filter_reader {
	const char *text, *at;
	struct error *error;
};

static bool
state_migrates(const struct session *session)
{
	return session->migration;
}

static bool
state_console(const struct session *session)
{
	return session->own;
}

static bool
state_hidden(const struct session *session)
{
	return session_is_hidden(session) && !session_is_server(session);
}

/* Completion offers those without a blank. */
static const struct {
	const char *word;
	enum session_state state;
	bool (*is)(const struct session *session); /* NULL: by its state */
} states[] = {
	{ "active", SESSION_ACTIVE, NULL },
	{ "idle", SESSION_IDLE, NULL },
	{ "idle-in-tx", SESSION_IDLE_IN_TRANSACTION, NULL },
	{ "idle in transaction", SESSION_IDLE_IN_TRANSACTION, NULL },
	{ "aborted", SESSION_IDLE_IN_TRANSACTION_ABORTED, NULL },
	{ "aborted tx", SESSION_IDLE_IN_TRANSACTION_ABORTED, NULL },
	{ "idle in transaction (aborted)", SESSION_IDLE_IN_TRANSACTION_ABORTED, NULL },
	{ "fastpath", SESSION_FASTPATH, NULL },
	{ "fastpath function call", SESSION_FASTPATH, NULL },
	{ "disabled", SESSION_DISABLED, NULL },
	{ "starting", SESSION_STARTING, NULL },
	{ "waiting", SESSION_STATE_UNKNOWN, session_waits_for_lock },
	{ "migration", SESSION_STATE_UNKNOWN, state_migrates },
	{ "console", SESSION_STATE_UNKNOWN, state_console },
	{ "server", SESSION_STATE_UNKNOWN, session_is_server },
	{ "hidden", SESSION_STATE_UNKNOWN, state_hidden },
};

enum { STATES = sizeof(states) / sizeof(states[0]) };

/* Blanks, '-' and '_' are the same, and so are letters of both cases. */
static char
state_letter(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (char)(c - 'A' + 'a');
	return c == '-' || c == '_' ? ' ' : c;
}

static int
state_find(const char *word)
{
	for (int i = 0; i < STATES; i++) {
		const char *a = states[i].word, *b = word;

		while (*a != '\0' && state_letter(*a) == state_letter(*b)) {
			a++;
			b++;
		}
		if (*a == '\0' && *b == '\0')
			return i;
	}
	return -1;
}

/* Always false: what is wrong, after the character where it begins, from 1 on. */
static bool filter_complain(const struct filter_reader *reader, const char *at,
	const char *format, ...) __attribute__((format(printf, 3, 4)));

static bool
filter_complain(
	const struct filter_reader *reader, const char *at, const char *format, ...)
{
	size_t character = 1;
	va_list arguments;

	for (const char *before = reader->text; before < at; before++)
		character += ((unsigned char)*before & 0xC0) != 0x80;
	va_start(arguments, format);
	char *message = alloc_vprintf(format, arguments);
	va_end(arguments);
	error_set(reader->error, "character %zu: %s", character, message);
	free(message);
	return false;
}

static bool
filter_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void
filter_skip(struct filter_reader *reader)
{
	while (filter_blank(*reader->at))
		reader->at++;
}

static bool
filter_read_field(struct filter_reader *reader, struct session_term *term)
{
	const char *begin = reader->at;
	size_t length = strcspn(begin, "=!~<> \t\n\r\"'");

	if (!session_field_find(begin, length, &term->field)) {
		char *names = session_field_names();

		if (length == 0)
			filter_complain(reader, begin,
				"a field is expected here, such as state: %s", names);
		else
			filter_complain(reader, begin, "\"%.*s\" is no field: %s",
				(int)length, begin, names);
		free(names);
		return false;
	}
	reader->at += length;
	return true;
}

static bool
filter_read_operator(struct filter_reader *reader, struct session_term *term)
{
	static const struct {
		const char *text;
		enum filter_operator operation;
		bool negated;
	} operators[] = { /* those that begin others come last */
		{ "!=", FILTER_EQUAL, true }, { "!~", FILTER_HAS, true },
		{ ">=", FILTER_AT_LEAST, false }, { "<=", FILTER_AT_MOST, false },
		{ "=", FILTER_EQUAL, false }, { "~", FILTER_HAS, false },
		{ ">", FILTER_GREATER, false }, { "<", FILTER_LESS, false }
	};

	for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
		size_t length = strlen(operators[i].text);

		if (strncmp(reader->at, operators[i].text, length) != 0)
			continue;
		term->operation = operators[i].operation;
		term->negated = term->negated != operators[i].negated;
		reader->at += length;
		return true;
	}
	return filter_complain(reader, reader->at,
		"after %s comes =, !=, ~, !~, >, <, >= or <=",
		session_field_name(term->field));
}

/* In quotes, or up to the next blank. */
static bool
filter_read_value(struct filter_reader *reader, struct session_term *term)
{
	const char *begin = reader->at;
	char quote = *begin;
	struct str value = { 0 };

	if (quote != '"' && quote != '\'') {
		while (*reader->at != '\0' && !filter_blank(*reader->at))
			reader->at++;
		if (reader->at == begin)
			return filter_complain(
				reader, begin, "a value is missing here");
		term->text = alloc_copy_bytes(begin, (size_t)(reader->at - begin));
		return true;
	}
	for (reader->at++; *reader->at != quote; reader->at++) {
		if (*reader->at == '\\' &&
			(reader->at[1] == quote || reader->at[1] == '\\'))
			reader->at++;
		if (*reader->at == '\0') {
			str_free(&value);
			return filter_complain(
				reader, begin, "this quote is never closed");
		}
		str_add_char(&value, *reader->at);
	}
	term->text = str_take(&value);
	reader->at++;
	if (*reader->at != '\0' && !filter_blank(*reader->at))
		return filter_complain(reader, reader->at,
			"after a quoted text comes a blank or nothing");
	return true;
}

static bool
filter_is_order(enum filter_operator operation)
{
	return operation != FILTER_EQUAL && operation != FILTER_HAS;
}

static bool
filter_read_number(
	const struct filter_reader *reader, const char *at, struct session_term *term)
{
	const char *digits = term->text;

	if (term->operation == FILTER_HAS)
		return filter_complain(reader, at, "%s is a number: it takes no ~",
			session_field_name(term->field));
	/* 18 digits always fit. */
	if (*digits == '\0' || strspn(digits, "0123456789") != strlen(digits) ||
		strlen(digits) > 18)
		return filter_complain(reader, at, "\"%s\" is no number", digits);
	term->number = strtoll(digits, NULL, 10);
	return true;
}

/* "5m", and "4m12s" as the ages are shown. */
static bool
filter_parse_age(const char *text, int64_t *age_us)
{
	*age_us = 0;
	while (*text != '\0') {
		size_t length = strspn(text, "0123456789.");
		int64_t part_us;

		length += strcspn(text + length, "0123456789.");
		char *part = alloc_copy_bytes(text, length);
		bool parsed = duration_parse(part, &part_us) &&
			      !__builtin_add_overflow(*age_us, part_us, age_us);
		free(part);
		if (!parsed)
			return false;
		text += length;
	}
	return true;
}

static bool
filter_read_age(
	const struct filter_reader *reader, const char *at, struct session_term *term)
{
	if (!filter_is_order(term->operation))
		return filter_complain(reader, at,
			"%s takes >, <, >= or <=", session_field_name(term->field));
	if (*term->text == '\0' || !filter_parse_age(term->text, &term->number))
		return filter_complain(reader, at,
			"\"%s\" is no age: 30s, 5m, 1h, 2d or a number of seconds",
			term->text);
	return true;
}

static bool
filter_read_state(
	const struct filter_reader *reader, const char *at, struct session_term *term)
{
	if (term->operation != FILTER_EQUAL)
		return true;
	term->state = state_find(term->text);
	if (term->state >= 0)
		return true;
	struct str words = { 0 };
	for (int i = 0; i < STATES; i++) {
		if (strchr(states[i].word, ' ') == NULL)
			str_printf(&words, "%s%s", i == 0 ? "" : ", ", states[i].word);
	}
	filter_complain(
		reader, at, "\"%s\" is no state: %s", term->text, str_text(&words));
	str_free(&words);
	return false;
}

/* Whether the value makes sense for the field and the operation. */
static bool
filter_check(const struct filter_reader *reader, const char *operation,
	const char *value, struct session_term *term)
{
	switch (session_field_kind(term->field)) {
	case SESSION_FIELD_IS_NUMBER:
		return filter_read_number(reader,
			term->operation == FILTER_HAS ? operation : value, term);
	case SESSION_FIELD_IS_AGE:
		return filter_read_age(reader,
			filter_is_order(term->operation) ? value : operation, term);
	case SESSION_FIELD_IS_TEXT:
		break;
	}
	if (filter_is_order(term->operation))
		return filter_complain(reader, operation,
			"%s is a text: it takes =, !=, ~ or !~",
			session_field_name(term->field));
	return term->field != SESSION_FIELD_STATE ||
	       filter_read_state(reader, value, term);
}

static bool
filter_read_term(struct filter_reader *reader, struct session_term *term)
{
	if (strncmp(reader->at, "not", 3) == 0 && filter_blank(reader->at[3])) {
		term->negated = true;
		reader->at += 3;
		filter_skip(reader);
	} else if (*reader->at == '!') {
		term->negated = true;
		reader->at++;
	}
	if (!filter_read_field(reader, term))
		return false;
	const char *operation = reader->at;
	if (!filter_read_operator(reader, term))
		return false;
	const char *value = reader->at;
	return filter_read_value(reader, term) &&
	       filter_check(reader, operation, value, term);
}

struct session_filter *
session_filter_parse(const char *text, struct error *error)
{
	struct session_filter *filter = alloc_zeroed(1, sizeof(*filter));
	struct filter_reader reader = { .text = text, .at = text, .error = error };

	filter_skip(&reader);
	do {
		filter->terms = alloc_room(filter->terms, filter->count,
			&filter->capacity, sizeof(*filter->terms));
		struct session_term *term = &filter->terms[filter->count++];
		*term = (struct session_term){ 0 };
		if (!filter_read_term(&reader, term)) {
			session_filter_free(filter);
			return NULL;
		}
		filter_skip(&reader);
	} while (*reader.at != '\0');
	return filter;
}

void
session_filter_free(struct session_filter *filter)
{
	if (filter == NULL)
		return;
	for (size_t i = 0; i < filter->count; i++)
		free(filter->terms[i].text);
	free(filter->terms);
	free(filter);
}

/* What isn't known is neither greater nor less nor equal. */
static bool
term_number(const struct session_term *term, int64_t number)
{
	if (number < 0)
		return false;
	switch (term->operation) {
	case FILTER_EQUAL:
		return number == term->number;
	case FILTER_GREATER:
		return number > term->number;
	case FILTER_LESS:
		return number < term->number;
	case FILTER_AT_LEAST:
		return number >= term->number;
	case FILTER_AT_MOST:
		return number <= term->number;
	case FILTER_HAS:
		break;
	}
	return false;
}

static bool
term_has(const struct session_term *term, const char *text)
{
	return text != NULL && text_find(text, term->text) != NULL;
}

static bool
term_is(const struct session_term *term, const char *text)
{
	return strcmp(text == NULL ? "" : text, term->text) == 0;
}

static bool
term_state(const struct session_term *term, const struct session *session)
{
	if (term->operation == FILTER_EQUAL)
		return states[term->state].is != NULL
			       ? states[term->state].is(session)
			       : session->state == states[term->state].state;
	if (term_has(term, session_state_words(session->state)) ||
		term_has(term, session_state_name(session->state)))
		return true;
	for (int i = 0; i < STATES; i++) {
		if (states[i].is != NULL && term_has(term, states[i].word) &&
			states[i].is(session))
			return true;
	}
	return false;
}

/* "Lock", "relation" and "Lock relation" are all what it waits for. */
static bool
term_wait(const struct session_term *term, const struct session *session)
{
	char wait[SESSION_WAIT_TEXT];
	const char *text = session_field_text(session, SESSION_FIELD_WAIT, wait);

	if (term->operation == FILTER_HAS)
		return term_has(term, text);
	return term_is(term, text) ||
	       (session->wait_type != NULL && term_is(term, session->wait_type)) ||
	       (session->wait_event != NULL && term_is(term, session->wait_event));
}

static bool
term_matches(const struct session_term *term, const struct session *session,
	int64_t server_now_us)
{
	char wait[SESSION_WAIT_TEXT];

	if (session_field_kind(term->field) != SESSION_FIELD_IS_TEXT)
		return term_number(term,
			session_field_number(session, term->field, server_now_us));
	if (term->field == SESSION_FIELD_STATE)
		return term_state(term, session);
	if (term->field == SESSION_FIELD_WAIT)
		return term_wait(term, session);
	const char *text = session_field_text(session, term->field, wait);
	return term->operation == FILTER_HAS ? term_has(term, text)
					     : term_is(term, text);
}

bool
session_filter_matches(const struct session_filter *filter,
	const struct session *session, int64_t server_now_us)
{
	for (size_t i = 0; i < filter->count; i++) {
		const struct session_term *term = &filter->terms[i];

		if (term_matches(term, session, server_now_us) == term->negated)
			return false;
	}
	return true;
}

bool
session_filter_wants_server(const struct session_filter *filter)
{
	for (size_t i = 0; i < filter->count; i++) {
		const struct session_term *term = &filter->terms[i];
		bool state = term->field == SESSION_FIELD_STATE &&
			     term->operation == FILTER_EQUAL &&
			     states[term->state].is == session_is_server;

		if (!term->negated && (state || term->field == SESSION_FIELD_PID ||
					      term->field == SESSION_FIELD_TYPE))
			return true;
	}
	return false;
}

/* As it must be typed: in quotes if a blank or a quote is in it. */
static char *
complete_value(const char *prefix, size_t prefix_length, const char *value)
{
	struct str out = { 0 };
	bool plain = strpbrk(value, " \t\n\r\"'") == NULL && *value != '\0';

	str_add_bytes(&out, prefix, prefix_length);
	if (!plain)
		str_add_char(&out, '"');
	for (; *value != '\0'; value++) {
		if (!plain && (*value == '"' || *value == '\\'))
			str_add_char(&out, '\\');
		str_add_char(&out, *value);
	}
	if (!plain)
		str_add_char(&out, '"');
	return str_take(&out);
}

static void
complete_add(
	const char *word, size_t prefix, const char *value, struct strlist *candidates)
{
	char *candidate = complete_value(word, prefix, value);

	/* What can't be shown can't be typed either. */
	char *clean = text_sanitized(candidate);
	if (strncmp(candidate, word, strlen(word)) == 0 &&
		strcmp(clean, candidate) == 0 && !strlist_has(candidates, candidate))
		strlist_add(candidates, candidate);
	free(clean);
	free(candidate);
}

static void
complete_fields(const char *word, size_t prefix, struct strlist *candidates)
{
	for (int i = 0; i < SESSION_FIELD_COUNT; i++) {
		enum session_field field = (enum session_field)i;
		const char *ends[] = { "=", "~", ">" };
		enum session_field_kind kind = session_field_kind(field);
		char *name = alloc_printf("%s%s", session_field_name(field),
			kind == SESSION_FIELD_IS_AGE   ? ends[2]
			: field == SESSION_FIELD_QUERY ? ends[1]
						       : ends[0]);

		complete_add(word, prefix, name, candidates);
		free(name);
	}
}

void
session_filter_complete(const char *word, const struct session_list *sessions,
	struct strlist *candidates)
{
	size_t negation = *word == '!';
	size_t name = strcspn(word + negation, "=!~<>");
	size_t prefix = negation + name;
	char wait[SESSION_WAIT_TEXT];
	enum session_field field;

	if (word[prefix] == '\0') {
		complete_fields(word, negation, candidates);
		return;
	}
	prefix += strspn(word + prefix, "=!~<>");
	if (!session_field_find(word + negation, name, &field))
		return;
	for (int i = 0; field == SESSION_FIELD_STATE && i < STATES; i++) {
		if (strchr(states[i].word, ' ') == NULL)
			complete_add(word, prefix, states[i].word, candidates);
	}
	if (field == SESSION_FIELD_STATE || field == SESSION_FIELD_QUERY)
		return;
	for (size_t i = 0; sessions != NULL && i < sessions->count; i++) {
		const char *text = session_field_text(&sessions->items[i], field, wait);

		if (text != NULL && *text != '\0')
			complete_add(word, prefix, text, candidates);
	}
}
