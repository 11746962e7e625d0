#include "pgrunbook/model/session_field.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/error.h"
#include "pgrunbook/base/str.h"

static const struct {
	const char *name, *others[2];
	enum session_field_kind kind;
} fields[SESSION_FIELD_COUNT] = {
	[SESSION_FIELD_PID] = { .name = "pid", .kind = SESSION_FIELD_IS_NUMBER },
	[SESSION_FIELD_STATE] = { .name = "state" },
	[SESSION_FIELD_AGE] = { .name = "age", .kind = SESSION_FIELD_IS_AGE },
	[SESSION_FIELD_XACT] = { .name = "xact",
		.others = { "tx", "transaction" },
		.kind = SESSION_FIELD_IS_AGE },
	[SESSION_FIELD_XMIN] = { .name = "xmin", .kind = SESSION_FIELD_IS_NUMBER },
	[SESSION_FIELD_WAIT] = { .name = "wait" },
	[SESSION_FIELD_APPLICATION] = { .name = "application", .others = { "app" } },
	[SESSION_FIELD_USER] = { .name = "user" },
	[SESSION_FIELD_DATABASE] = { .name = "database", .others = { "db" } },
	[SESSION_FIELD_CLIENT] = { .name = "client" },
	[SESSION_FIELD_TYPE] = { .name = "type" },
	[SESSION_FIELD_QUERY] = { .name = "query" },
};

const char *
session_field_name(enum session_field field)
{
	return fields[field].name;
}

static bool
field_is(const char *name, const char *word, size_t length)
{
	return name != NULL && strlen(name) == length &&
	       strncmp(name, word, length) == 0;
}

bool
session_field_find(const char *word, size_t length, enum session_field *field)
{
	for (int i = 0; i < SESSION_FIELD_COUNT; i++) {
		if (!field_is(fields[i].name, word, length) &&
			!field_is(fields[i].others[0], word, length) &&
			!field_is(fields[i].others[1], word, length))
			continue;
		*field = (enum session_field)i;
		return true;
	}
	return false;
}

enum session_field_kind
session_field_kind(enum session_field field)
{
	return fields[field].kind;
}

char *
session_field_names(void)
{
	struct str names = { 0 };

	for (int i = 0; i < SESSION_FIELD_COUNT; i++)
		str_printf(&names, "%s%s", i == 0 ? "" : ", ", fields[i].name);
	return str_take(&names);
}

static const char *
field_wait(const struct session *session, char wait[SESSION_WAIT_TEXT])
{
	if (session->wait_type == NULL)
		return NULL;
	snprintf(wait, SESSION_WAIT_TEXT, "%s%s%s", session->wait_type,
		session->wait_event == NULL ? "" : " ",
		session->wait_event == NULL ? "" : session->wait_event);
	return wait;
}

const char *
session_field_text(const struct session *session, enum session_field field,
	char wait[SESSION_WAIT_TEXT])
{
	switch (field) {
	case SESSION_FIELD_STATE:
		return session_state_name(session->state);
	case SESSION_FIELD_WAIT:
		return field_wait(session, wait);
	case SESSION_FIELD_APPLICATION:
		return session->application;
	case SESSION_FIELD_USER:
		return session->user;
	case SESSION_FIELD_DATABASE:
		return session->database;
	case SESSION_FIELD_CLIENT:
		return session->client;
	case SESSION_FIELD_TYPE:
		return session->backend_type;
	case SESSION_FIELD_QUERY:
		return session_is_hidden(session) ? NULL : session->query;
	default:
		return NULL;
	}
}

int64_t
session_field_number(
	const struct session *session, enum session_field field, int64_t server_now_us)
{
	switch (field) {
	case SESSION_FIELD_PID:
		return session->pid;
	case SESSION_FIELD_AGE:
		return session_age_us(session, server_now_us);
	case SESSION_FIELD_XACT:
		return session_transaction_age_us(session, server_now_us);
	case SESSION_FIELD_XMIN:
		return session->xmin_age;
	default:
		return -1;
	}
}

struct session_order
session_order_by(enum session_field field)
{
	return (struct session_order){ .chosen = true,
		.field = field,
		.descending = fields[field].kind == SESSION_FIELD_IS_AGE ||
			      field == SESSION_FIELD_XMIN };
}

struct session_order
session_order_next(const struct session_order *order)
{
	int next = order->chosen ? (int)order->field + 1 : 0;

	if (next == SESSION_FIELD_COUNT)
		return (struct session_order){ .chosen = false };
	return session_order_by((enum session_field)next);
}

/* What needs a look comes first. */
static int
order_of_state(const struct session *session)
{
	switch (session->state) {
	case SESSION_IDLE_IN_TRANSACTION_ABORTED:
		return 0;
	case SESSION_IDLE_IN_TRANSACTION:
		return 1;
	case SESSION_ACTIVE:
		return 2;
	case SESSION_FASTPATH:
		return 3;
	case SESSION_STARTING:
		return 4;
	case SESSION_IDLE:
		return 5;
	case SESSION_DISABLED:
		return 6;
	case SESSION_STATE_UNKNOWN:
		break;
	}
	return -1;
}

static int
order_numbers(const struct session_order *order, int64_t a, int64_t b)
{
	if ((a < 0) != (b < 0))
		return a < 0 ? 1 : -1;
	return order->descending ? (a < b) - (a > b) : (a > b) - (a < b);
}

static int
order_texts(const struct session_order *order, const char *a, const char *b)
{
	bool no_a = a == NULL || *a == '\0', no_b = b == NULL || *b == '\0';

	if (no_a || no_b)
		return no_a - no_b;
	return order->descending ? strcmp(b, a) : strcmp(a, b);
}

int
session_order_compare(const struct session_order *order, const struct session *a,
	const struct session *b, int64_t server_now_us)
{
	char wait_a[SESSION_WAIT_TEXT], wait_b[SESSION_WAIT_TEXT];

	if (!order->chosen)
		return 0;
	if (order->field == SESSION_FIELD_STATE)
		return order_numbers(order, order_of_state(a), order_of_state(b));
	if (fields[order->field].kind != SESSION_FIELD_IS_TEXT)
		return order_numbers(order,
			session_field_number(a, order->field, server_now_us),
			session_field_number(b, order->field, server_now_us));
	return order_texts(order, session_field_text(a, order->field, wait_a),
		session_field_text(b, order->field, wait_b));
}

bool
session_order_parse(const char *text, struct session_order *order, struct error *error)
{
	size_t length = strcspn(text, " \t");
	const char *way = text + length + strspn(text + length, " \t");
	size_t way_length = strcspn(way, " \t");
	enum session_field field;

	if (length == 0) {
		*order = (struct session_order){ .chosen = false };
		return true;
	}
	if (!session_field_find(text, length, &field)) {
		char *names = session_field_names();

		error_set(error, "\"%.*s\" is no column: %s", (int)length, text, names);
		free(names);
		return false;
	}
	bool down = field_is("desc", way, way_length);
	if (way_length != 0 && !down && !field_is("asc", way, way_length))
		return error_set(error,
			"after the column comes asc or desc, not \"%.*s\"",
			(int)way_length, way);
	if (way[way_length + strspn(way + way_length, " \t")] != '\0')
		return error_set(error, "one column is what can be sorted by");
	*order = session_order_by(field);
	if (way_length != 0)
		order->descending = down;
	return true;
}

char *
session_order_words(const struct session_order *order)
{
	if (!order->chosen)
		return NULL;
	return alloc_printf(
		"%s%s", fields[order->field].name, order->descending ? " desc" : "");
}
