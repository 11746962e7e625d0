/* The pane Sessions: what its list and its detail view say alike. */
#ifndef PGRUNBOOK_VIEW_SESSIONS_H
#define PGRUNBOOK_VIEW_SESSIONS_H

#include <stdbool.h>

#include "pgrunbook/app/app.h"
#include "pgrunbook/base/canvas.h"

/* What the session is for the operator: the migration before anything else; static. */
const char *session_words(const struct session *session, enum role *role);
/* What it waits for, "" where that is no news; the caller owns it. */
char *session_wait_words(const struct session *session);

/* Whether it has been so for too long. */
bool session_idle_long(const struct app *app, const struct session *session);
bool session_transaction_long(const struct app *app, const struct session *session);
bool session_snapshot_old(const struct session *session);

/* "812", "12k", "3.4M": of transactions. */
enum { COUNT_TEXT = 16 };
const char *session_count_text(int64_t count, char out[COUNT_TEXT]);

/* session_detail.c: the selected session on the whole screen. */
int sessions_detail(const struct app *app, struct area area, int top);

#endif
