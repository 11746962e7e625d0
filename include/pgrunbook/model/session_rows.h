/*
 * The sessions as they are listed: which, in what order, parallel workers folded under
 * their leader.  The rows point into the list of sessions, which must outlive them.
 */
#ifndef PGRUNBOOK_MODEL_SESSION_ROWS_H
#define PGRUNBOOK_MODEL_SESSION_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pgrunbook/model/session_field.h"
#include "pgrunbook/model/session_filter.h"

struct session_keys {
	struct session_key *items; /* sorted */
	size_t count, capacity;
};

bool session_keys_has(const struct session_keys *keys, struct session_key key);
void session_keys_add(struct session_keys *keys, struct session_key key);
/* False: it wasn't there. */
bool session_keys_remove(struct session_keys *keys, struct session_key key);
/* Keeps those that are in the list: a pid that is used again must not inherit what was
 * meant for another session. */
void session_keys_keep(struct session_keys *keys, const struct session_list *list);
void session_keys_free(struct session_keys *keys);

/* What the operator wants to see. */
struct session_choice {
	const struct session_filter *filter; /* NULL: all */
	struct session_order order;
	bool hide_idle, hide_own;
	/*
	 * Lists the processes that the server runs for itself.  Otherwise they are left
	 * out unless they wait for a lock or the filter asks for a pid, a type or the
	 * state server: there are a dozen of them, and nothing can be done about them.
	 */
	bool server;
	bool unfolded;			 /* all workers have a row */
	const struct session_keys *open; /* leaders whose workers have; NULL: none */
};

struct session_row {
	const struct session *session;
	size_t workers; /* that it leads and that are listed, folded or not */
	bool folded;	/* and they have no rows of their own */
	bool worker;	/* a worker in a row below its leader's */
	bool last;	/* of them */
};

struct session_rows {
	struct session_row *items;
	size_t count, capacity;
	size_t listed; /* sessions, folded ones too */
	size_t all;    /* that would be without a filter and with nothing hidden */
};

/* Fills *rows anew. */
void session_rows_make(const struct session_list *list,
	const struct session_choice *choice, int64_t server_now_us,
	struct session_rows *rows);
void session_rows_free(struct session_rows *rows);
/* The row of a session; -1: it has none.
 * The search begins at `near`. */
ptrdiff_t session_rows_find(
	const struct session_rows *rows, struct session_key key, size_t near);

#endif
