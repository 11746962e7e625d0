/* Which server this is: the identity that confirmations are held against. */
#ifndef PGRUNBOOK_MODEL_SERVER_H
#define PGRUNBOOK_MODEL_SERVER_H

#include <stdbool.h>
#include <stdint.h>

enum server_role { SERVER_ROLE_UNKNOWN, SERVER_PRIMARY, SERVER_STANDBY };

/* Whom the server tells what others do: pg_read_all_stats is in it, and enough. */
#define SERVER_NEEDS_MONITOR "needs pg_monitor"

struct server {
	char *host; /* as connected: a name, an address or a socket directory */
	char *port;
	char *database;
	char *user;    /* current_user */
	char *version; /* "15.18", as the server words it without its vendor's addition
			*/
	int version_number; /* 150018 */
	enum server_role role;
	char *system_identifier; /* pg_control_system(); NULL if not permitted */
	int64_t started_us;	 /* pg_postmaster_start_time, Unix microseconds */
	bool monitor; /* has pg_monitor's rights: other users' details are seen */
	bool superuser;
	/* May end its own sessions alone: neither pg_signal_backend nor other roles. */
	bool own_ending;
	int64_t skew_us; /* the server's clock minus ours, measured at the last poll */
};

void server_copy(struct server *to, const struct server *from);
void server_free(struct server *server);

/* "billing on db1:5432": how every question and every log entry names the target. */
char *server_name(const struct server *server);

/*
 * Why there is no connection (any more, if there `was` one): "cannot connect to billing
 * on db1:5432: CAUSE".  The caller owns it.
 */
char *server_lost_words(bool was, const char *target, const char *cause);
/* Such a message's cause, where the target is named already; others are left whole. */
const char *server_lost_cause(const char *message);

/*
 * Whether both are the same database of the same cluster: system identifier, or host
 * and port where one of them has none; database name and role.  When not, *why says
 * what differs (caller owns).
 */
bool server_same(const struct server *a, const struct server *b, char **why);

/*
 * How a later look at the same target found another server, another role, or another
 * life of it, in words for the operator, who owns them; NULL: it is as it was.
 * *badly: it is more than a restart.
 */
char *server_moved(const struct server *before, const struct server *now, bool *badly);

#endif
