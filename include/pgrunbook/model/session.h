/* Server sessions, as pg_stat_activity shows them. */
#ifndef PGRUNBOOK_MODEL_SESSION_H
#define PGRUNBOOK_MODEL_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum session_state {
	SESSION_STATE_UNKNOWN, /* hidden from this role */
	SESSION_ACTIVE,
	SESSION_IDLE,
	SESSION_IDLE_IN_TRANSACTION,
	SESSION_IDLE_IN_TRANSACTION_ABORTED,
	SESSION_FASTPATH,
	SESSION_DISABLED, /* track_activities is off for it */
	SESSION_STARTING  /* it is being authenticated: 18 and later */
};

/* From here on they are old enough to be pointed out where no settings say when. */
enum { SESSION_OLD_XMIN = 1000000 }; /* transactions */
#define SESSION_LONG_TRANSACTION_US (15 * 60 * INT64_C(1000000))
#define SESSION_LONG_IDLE_US (5 * 60 * INT64_C(1000000))

/* What a session is, whatever row it moves to: a pid alone is used again. */
struct session_key {
	int pid;
	int64_t backend_start_us;
};

/* What makes a session the migration's; the first that holds. */
enum session_mark {
	SESSION_MARK_NONE,
	SESSION_MARK_CHOSEN, /* by the operator */
	SESSION_MARK_STEP,   /* it has the application name of the step that runs */
	SESSION_MARK_CHILD,  /* a connection of the command that the console started */
	SESSION_MARK_NAME,   /* its application name begins with "pgrunbook:" or is
			      * "alembic" */
	SESSION_MARK_WRITES  /* it is in the middle of one of Alembic's writes to the
			      * version table, whatever that is called */
};

/* All text is the server's bytes: sanitise before showing.  NULL: NULL or hidden. */
struct session {
	int pid;
	int leader_pid;		  /* of a parallel worker; 0: none */
	int64_t backend_start_us; /* exact: with the pid it identifies the session */
	int64_t query_start_us;	  /* Unix microseconds by the server's clock; 0: NULL */
	int64_t transaction_start_us;
	int64_t state_change_us;
	enum session_state state;
	char *backend_type; /* "client backend", "autovacuum worker", ... */
	char *database, *user, *application;
	char *client; /* its host's name if the server looks that up, else its address;
		       * NULL: a local socket, or hidden */
	int client_port;  /* 0: not known; -1: a local socket */
	int64_t query_id; /* 0: NULL (13, or compute_query_id is off) */
	char *wait_type, *wait_event;
	char *query;
	int64_t xmin_age; /* age(backend_xmin); -1: NULL */
	bool waiting;	/* for a lock, as pg_locks says: seen without pg_monitor too */
	bool own;	/* one of the console's own sessions */
	bool migration; /* the migration's backend, marked in every pane */
	enum session_mark mark; /* why it is taken for that */
};

struct session_list {
	struct session *items; /* as session_sort left them */
	size_t count, capacity;
};

/* "active", "idle in tx", "aborted tx"; "MIGRATION" is not among them. */
const char *session_state_words(enum session_state state);
/* As the server says it: "idle in transaction (aborted)"; NULL: hidden. */
const char *session_state_name(enum session_state state);

/* "chosen", "step", "child", "name", "writes"; "" for none. */
const char *session_mark_name(enum session_mark mark);

struct session_key session_key_of(const struct session *session);
bool session_key_same(struct session_key a, struct session_key b);

/* What the server does for itself: it runs no queries and can't be ended. */
bool session_is_server(const struct session *session);
/* Another role's, of which this one is shown hardly more than the pid. */
bool session_is_hidden(const struct session *session);
bool session_is_idle_in_transaction(const struct session *session);
/* By what pg_locks says of it, or it says itself. */
bool session_waits_for_lock(const struct session *session);

/* "web-3 (deploy)": the application, which tells sessions apart, and the user if both
 * fit; the caller owns it. */
char *session_who(const struct session *session, int cells);

/* "4312 (web-3)": a pid alone tells nobody whom to call.  The caller owns it. */
char *session_name(const struct session *session);

/* Age of what the session is doing now: the query's while active, else the state's. */
int64_t session_age_us(const struct session *session, int64_t server_now_us);
int64_t session_transaction_age_us(
	const struct session *session, int64_t server_now_us);

/* Migration first, then waiting, idle in transaction by age, active by age, idle. */
void session_sort(struct session_list *list, int64_t server_now_us);
const struct session *session_find(const struct session_list *list, int pid);
/* The same, but NULL if the pid is another session's by now. */
const struct session *session_find_key(
	const struct session_list *list, struct session_key key);
void session_list_free(struct session_list *list);

/* A TCP connection's end on this side. */
struct session_port {
	char address[46]; /* as the server prints it */
	int port;
};

/* What is known of migrations beside what the sessions show. */
struct session_marks {
	const char *application; /* of the step that runs; NULL */
	const struct session_key *chosen;
	size_t chosen_count;
	const struct session_port *ports; /* of the command's connections */
	size_t port_count;
};

/*
 * Marks the migration's sessions, by enum session_mark.  (Reads of the version table
 * don't count: readiness probes do that too.)
 */
void session_mark_migration(
	struct session_list *list, const struct session_marks *marks);

#endif
