/*
 * The migration's own backends in one look at the database: what each runs, what it
 * waits for and who has that, whom it holds up and how far it is.  No I/O, no clock.
 */
#ifndef PGRUNBOOK_MODEL_MIGRATION_H
#define PGRUNBOOK_MODEL_MIGRATION_H

#include "pgrunbook/model/snapshot.h"

/* All point into the snapshot. */
struct migration {
	const struct session *session;
	const struct lock_row *row; /* NULL: it waits for nobody and holds up nobody */
	const struct lock_row *holder;	 /* at the root of what it waits for; NULL */
	const struct progress *progress; /* NULL: nothing is counted of what it does */
	size_t workers;			 /* parallel ones that it leads */
};

struct migration_list {
	struct migration *items; /* as the sessions are sorted */
	size_t count, capacity;
};

/* Fills *list anew; parallel workers belong to their leaders. */
void migration_list_make(const struct snapshot *snapshot, struct migration_list *list);
void migration_list_free(struct migration_list *list);
/* NULL: that session is none. */
const struct migration *migration_find(const struct migration_list *list, int pid);

/*
 * A statement on one line, sanitised, without the comment that it begins with, in at
 * most `cells`: cut where a clause or a list begins, else between words, with "..."
 * then.  The caller owns it.
 */
char *migration_statement(const char *query, int cells);

/*
 * In words, without the statement; the caller owns them.  NULL: there is nothing to
 * say.
 */
/* "4m12s", "between statements for 3.0s", "FAILED 8.0s ago, until it rolls back". */
char *migration_state_words(const struct migration *migration, int64_t server_now_us);
/* "waits for 4312"; of several "waits for 4312 and 2 more". */
char *migration_wait_words(const struct migration *migration);
/* Who that is: "web-3 (app), idle in tx for 14m00s". */
char *migration_holder_words(const struct migration *migration, int64_t server_now_us);
/* "blocks 37". */
char *migration_victims_words(const struct migration *migration);
/* "61%, at least 2m10s", "scanning table"; never both of what says the same. */
char *migration_progress_words(const struct migration *migration);

#endif
