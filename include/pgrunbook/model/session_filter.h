/*
 * Which sessions the operator wants to see: `state=active user=app age>5m
 * query~"from invoices"`.  All terms must hold.  No I/O, no clock.
 *
 *     TERM      [!]FIELD OPERATOR VALUE, or `not` before it
 *     FIELD     see session_field.h
 *     OPERATOR  = != ~ !~ (has the text in it) > < >= <=
 *     VALUE     a word, or a text in "..." or '...' with \ before a quote
 *
 * Words of a state are the pane's or the server's; hidden, server, waiting, migration
 * and console are states here, too, because the pane shows them as such.
 */
#ifndef PGRUNBOOK_MODEL_SESSION_FILTER_H
#define PGRUNBOOK_MODEL_SESSION_FILTER_H

#include "pgrunbook/base/error.h"
#include "pgrunbook/base/strlist.h"
#include "pgrunbook/model/session_field.h"

struct session_filter;

/* NULL, with what isn't understood and at which character, if it makes no sense; for a
 * text without a term too. */
struct session_filter *session_filter_parse(const char *text, struct error *error);
void session_filter_free(struct session_filter *filter);

bool session_filter_matches(const struct session_filter *filter,
	const struct session *session, int64_t server_now_us);
/* Whether it asks for what the server runs for itself: by a pid, a type or
 * state=server.
 */
bool session_filter_wants_server(const struct session_filter *filter);

/*
 * What could stand for `word`, the last one of a filter that is being typed: fields, or
 * values that sessions have (`sessions` may be NULL).
 */
void session_filter_complete(const char *word, const struct session_list *sessions,
	struct strlist *candidates);

#endif
