/*
 * What to look at: options, settings, alembic.ini and the environment put together, for
 * the console and for the commands without a screen alike.
 */
#ifndef PGRUNBOOK_APP_SETUP_H
#define PGRUNBOOK_APP_SETUP_H

#include <stdbool.h>
#include <stdint.h>

#include "pgrunbook/app/alembic_command.h"
#include "pgrunbook/base/error.h"
#include "pgrunbook/drive/pg_params.h"
#include "pgrunbook/drive/pg_watch.h"
#include "pgrunbook/model/alembic_config.h"
#include "pgrunbook/model/settings.h"

/* As the command line gave them; NULL and 0 where it didn't. */
struct setup_options {
	const char *database, *host, *port, *user;
	const char *config;	   /* alembic.ini */
	const char *pyproject;	   /* pyproject.toml */
	const char *section;	   /* of the ini; "alembic" */
	const char *settings;	   /* pgrunbook.ini */
	const char *version_table; /* see version_name_parse */
	const char *filter,
		*sort; /* of `sessions`: session_filter.h, session_field.h */
	int64_t interval_us;
};

/* Who said which version table is the one. */
enum version_source {
	VERSION_FOUND, /* nobody: it is looked for */
	VERSION_FROM_OPTION,
	VERSION_FROM_SETTINGS,
	VERSION_FROM_ENV_PY,
	VERSION_FROM_CHOICE /* the operator, on an earlier day */
};

struct setup {
	struct settings settings;
	struct alembic_choice choice; /* what alembic itself has to be told */
	char *config_path;	      /* alembic.ini, else pyproject.toml; NULL: none */
	struct alembic_config config;
	char *config_problem; /* why there is no tree; NULL */
	char *version_table;  /* NULL: to be found */
	enum version_source version_source;
	struct pg_params params;
	char *target; /* what we connect to, in words: "billing on /tmp/sock" */
	char *url;    /* the target as it was given, password and all; NULL: in another
		       * form */
	struct pg_watch_replica *replicas;
	size_t replica_count;
	const char *filter, *sort; /* as the options have them */
	int64_t interval_us;
};

/* -c: an ini, or by its name a pyproject.toml; one of each.  False with an error. */
bool setup_options_config(
	struct setup_options *options, const char *path, struct error *error);

/*
 * Reads the files and finds the target.  False with an error where going on would be a
 * guess: an unknown setting, a named file that isn't there, a conninfo that libpq
 * rejects.  Free with setup_free, also after a failure.
 */
bool setup_make(
	const struct setup_options *options, struct setup *setup, struct error *error);
/*
 * The same for commands that look at the tree alone: no target is looked for, and of
 * the settings only alembic_section.
 */
bool setup_make_tree(
	const struct setup_options *options, struct setup *setup, struct error *error);
void setup_free(struct setup *setup);

/* Puts the target before a message that doesn't name it.  Returns false. */
bool setup_name_target(const struct setup *setup, struct error *error);
/* Reads the tree; NULL if there is no configuration. */
struct tree *setup_load_tree(const struct setup *setup);

/*
 * Finds who names the version table: the option, the settings, env.py, or an earlier
 * choice.  Part of setup_make.
 */
void setup_version_table(const struct setup_options *options, struct setup *setup);
/* Remembers the operator's choice for this database and alembic.ini. */
bool setup_remember_table(
	const struct setup *setup, const char *table, struct error *error);

/* For pg_watch_new; points into the setup. */
struct pg_watch_options setup_watch_options(const struct setup *setup);

#endif
