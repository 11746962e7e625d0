/*
 * Which standbys a server had while it was watched: one that goes leaves no row behind
 * that could say so.  Only those that the server's own view shows; a direct connection
 * tells for itself.
 */
#ifndef PGRUNBOOK_MODEL_STANDBYS_H
#define PGRUNBOOK_MODEL_STANDBYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pgrunbook/model/snapshot.h"

/* A standby that is started anew is back by then; so is one whose sender was. */
#define STANDBYS_GONE_US (15 * INT64_C(1000000))
/* Whoever was not missed for so long has been taken away. */
#define STANDBYS_FORGOTTEN_US (24 * 3600 * INT64_C(1000000))

struct standbys_one {
	char *key;	    /* its slot, else what it calls itself and its address */
	char *application;  /* what it calls itself */
	char *name;	    /* as it was shown last */
	int64_t missing_us; /* since when, server's clock; 0: it is there */
	bool seen;	    /* in the look that is taken into account */
};

/* All zero is none. */
struct standbys {
	struct standbys_one *items;
	size_t count, capacity;
	char *server; /* whose they are */
};

void standbys_free(struct standbys *standbys);
/*
 * Takes a look into account; another server's standbys are others.  One that comes with
 * the name of one that is missing is taken for that: it has another address now.
 */
void standbys_note(struct standbys *standbys, const struct snapshot *snapshot);
/* Whether it has been missing for long enough to be told. */
bool standbys_is_gone(const struct standbys_one *one, int64_t server_now_us);
/* Forgets those that are gone: the operator knows.  False: none is. */
bool standbys_see(struct standbys *standbys, int64_t server_now_us);

#endif
