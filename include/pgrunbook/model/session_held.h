/* All locks of one session, read when somebody looks at it in full. */
#ifndef PGRUNBOOK_MODEL_SESSION_HELD_H
#define PGRUNBOOK_MODEL_SESSION_HELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pgrunbook/model/session.h"

enum { SESSION_HELD_MOST = 200 }; /* more are counted only */

struct session_lock {
	bool granted; /* or awaited */
	char *mode;   /* "AccessShareLock" */
	char *object; /* in words, as of struct lock_wait */
};

struct session_held {
	struct session_key key;
	int64_t read_us; /* our clock */
	/* What is awaited first, then the strongest, and not every session's lock of
	 * its own virtual transaction. */
	struct session_lock *items;
	size_t count, capacity;
	size_t more;	  /* that are left out */
	char *wait_words; /* what its wait event means; NULL: none, or before 17 */
};

/* NULL is fine. */
void session_held_free(struct session_held *held);
/* Takes over the texts. */
void session_held_add(
	struct session_held *held, bool granted, char *mode, char *object);
/* In that order. */
void session_held_sort(struct session_held *held);

#endif
