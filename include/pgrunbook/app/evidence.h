/* What the console saw, as JSON: for the incident log and `locks --format json`. */
#ifndef PGRUNBOOK_APP_EVIDENCE_H
#define PGRUNBOOK_APP_EVIDENCE_H

#include <jansson.h>

#include "pgrunbook/app/app.h"

/* A new object: locks, sessions by state, replicas, version rows. */
json_t *evidence_make(const struct app *app);

/* A node of the lock forest: pid, kind, waits_for, relation, mode, seconds, gid. */
json_t *evidence_lock(
	const struct snapshot *snapshot, size_t index, int64_t server_now_us);
/* All of them: what `pgrunbook locks --format json` prints has more keys. */
json_t *evidence_locks(const struct snapshot *snapshot, int64_t server_now_us);

/* Any bytes as a JSON string: what is not UTF-8 is replaced. */
json_t *evidence_text(const char *text);
/* NULL is JSON null. */
json_t *evidence_list(const struct strlist *list);

/* Appends a value as `--format json` prints it; takes the value over. */
void evidence_print(json_t *value, struct str *out);
/* The same on one line. */
void evidence_print_line(json_t *value, struct str *out);

#endif
