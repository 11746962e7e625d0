/*
 * libpq, loaded when the first database is asked.  It brings 24 more libraries along,
 * half of what starting the program costs, and what only reads files needs none of
 * them.
 *
 * The other files call libpq's functions by their names and know nothing of this; they
 * are functions of pg_library.c that pass the call on.
 */
#ifndef PGRUNBOOK_SRC_DRIVE_PG_LIBRARY_H
#define PGRUNBOOK_SRC_DRIVE_PG_LIBRARY_H

#include <stdbool.h>

#include "pgrunbook/base/error.h"

/*
 * Loads it unless it is there.  A call does that too, but can only abort where it
 * can't: what stands at the beginning of all use opens it, and has an error to hand on.
 */
bool pg_library_open(struct error *error);

#endif
