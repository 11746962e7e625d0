/*
 * Connection settings as people give them: a database name, a conninfo string, a URL
 * (also SQLAlchemy's postgresql+asyncpg:// and its kin), -h -p -U, PG* variables,
 * services.  libpq does the rest.
 */
#ifndef PGRUNBOOK_DRIVE_PG_PARAMS_H
#define PGRUNBOOK_DRIVE_PG_PARAMS_H

#include <stdbool.h>

#include "pgrunbook/base/error.h"
#include "pgrunbook/base/strlist.h"

struct pg_params {
	struct strlist keywords, values; /* in the order of PQconnectStartParams */
};

/*
 * `given` (may be NULL) is a name, conninfo or URL; host, port and user (each may be
 * NULL) override it.  Never asks for a password, never puts one into an error.  Free
 * with pg_params_free, also after a failure.
 */
bool pg_params_make(const char *given, const char *host, const char *port,
	const char *user, struct pg_params *params, struct error *error);
/* Sets or replaces one keyword. */
void pg_params_set(struct pg_params *params, const char *keyword, const char *value);
/* The value as libpq would use it: given, else from the environment, else the built-in
 * default; NULL if none.  The caller owns it. */
char *pg_params_value(const struct pg_params *params, const char *keyword);
/*
 * What a child's environment needs to reach the same target: "PGHOST=...",
 * "PGPORT=...", "PGUSER=...", "PGDATABASE=..." as they are in effect, a password as
 * PGPASSWORD only if one was given (or stands in the service file), and every other
 * libpq setting that was given and has a variable; not PGAPPNAME, which each step has
 * of its own.  An item without '=' names a variable that must not be set: PGSERVICE,
 * which would beat PGHOST and lead the child to another server.
 */
void pg_params_environment(const struct pg_params *params, struct strlist *environment);
void pg_params_copy(struct pg_params *to, const struct pg_params *from);
void pg_params_free(struct pg_params *params);

/*
 * postgresql+driver:// and postgres+driver:// to postgresql://: arguments that libpq
 * doesn't know are dropped, ssl becomes sslmode, timeout connect_timeout, repeated
 * host=NAME:PORT libpq's lists.  Other texts come back as they are.  The caller owns
 * it.
 */
char *pg_params_libpq_url(const char *url);

#endif
