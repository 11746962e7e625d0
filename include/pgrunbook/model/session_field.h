/* What sessions are filtered and sorted by: one table of names for both. */
#ifndef PGRUNBOOK_MODEL_SESSION_FIELD_H
#define PGRUNBOOK_MODEL_SESSION_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pgrunbook/model/session.h"

/* In the order of the pane's columns. */
enum session_field {
	SESSION_FIELD_PID,
	SESSION_FIELD_STATE,
	SESSION_FIELD_AGE,
	SESSION_FIELD_XACT, /* the transaction's age */
	SESSION_FIELD_XMIN, /* the snapshot's age, in transactions */
	SESSION_FIELD_WAIT,
	SESSION_FIELD_APPLICATION,
	SESSION_FIELD_USER,
	SESSION_FIELD_DATABASE,
	SESSION_FIELD_CLIENT,
	SESSION_FIELD_TYPE,
	SESSION_FIELD_QUERY,
	SESSION_FIELD_COUNT
};

enum session_field_kind {
	SESSION_FIELD_IS_TEXT,
	SESSION_FIELD_IS_NUMBER,
	SESSION_FIELD_IS_AGE /* microseconds */
};

/* "application"; static. */
const char *session_field_name(enum session_field field);
/* By its name or a shorter one: "app", "db", "tx". */
bool session_field_find(const char *word, size_t length, enum session_field *field);
enum session_field_kind session_field_kind(enum session_field field);

/*
 * The state's words, or the text as the server has it; NULL: none, or hidden.  What a
 * session waits for is put together in `wait` ("Lock relation").
 */
enum { SESSION_WAIT_TEXT = 130 }; /* two of the server's names */
const char *session_field_text(const struct session *session, enum session_field field,
	char wait[SESSION_WAIT_TEXT]);
/* Of a number or an age; -1: none, or hidden. */
int64_t session_field_number(
	const struct session *session, enum session_field field, int64_t server_now_us);

struct session_order {
	bool chosen; /* false: as session_sort has them */
	enum session_field field;
	bool descending;
};

/* Ages begin with the greatest, everything else with the least. */
struct session_order session_order_by(enum session_field field);
/*
 * By a field, those without it last whatever the direction; 0: equal.  State goes by
 * how much of the operator's attention it needs.
 */
int session_order_compare(const struct session_order *order, const struct session *a,
	const struct session *b, int64_t server_now_us);
/* "age", "state desc", "" (as session_sort has them); false: *error says why not. */
struct error;
bool session_order_parse(
	const char *text, struct session_order *order, struct error *error);
/* "age desc"; the caller owns it; NULL: none was chosen. */
char *session_order_words(const struct session_order *order);
/* The next field's order; after the last one none is chosen. */
struct session_order session_order_next(const struct session_order *order);

/* "state, user, ...": for what is said of an unknown one; the caller owns it. */
char *session_field_names(void);

#endif
