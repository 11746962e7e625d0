#include "pgrunbook/app/setup.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/app/setup_files.h"
#include "pgrunbook/base/alloc.h"
#include "pgrunbook/drive/tree_load.h"
#include "pgrunbook/model/server.h"

enum { INTERVAL_US = 1000000 };

/*
 * The ini with the settings: pgrunbook.ini if there is one, else alembic.ini, never a
 * mixture.  NULL without an error if there is neither; *own: free it.
 */
static const struct ini *
setup_settings_ini(const struct setup_options *options, const struct setup_files *files,
	struct ini **own, struct error *error)
{
	const char *named = options->settings;

	*own = setup_read_ini(files->cwd, named != NULL ? named : "pgrunbook.ini",
		named != NULL, error);
	return *own != NULL || error->message != NULL ? *own : files->ini;
}

static bool
setup_settings(const struct setup_options *options, const struct setup_files *files,
	struct setup *setup, struct error *error)
{
	struct ini *own;
	const struct ini *ini = setup_settings_ini(options, files, &own, error);
	bool good = error->message == NULL;

	if (own != NULL && !settings_has_section(own))
		good = error_set(
			error, "%s: has no section [pgrunbook]", ini_path(own));
	else if (ini != NULL)
		good = settings_read(&setup->settings, ini, ini_path(ini), error);
	ini_free(own);
	return good;
}

/* The one setting that says which tree it is; a mistake in another one doesn't matter.
 */
static bool
setup_section(const struct setup_options *options, const struct setup_files *files,
	struct setup *setup, struct error *error)
{
	struct ini *own;
	const struct ini *ini = setup_settings_ini(options, files, &own, error);

	if (ini != NULL && ini_has_section(ini, "pgrunbook"))
		setup->settings.alembic_section =
			ini_get(ini, "pgrunbook", "alembic_section", error);
	ini_free(own);
	return error->message == NULL;
}

static void
setup_config(const struct setup_options *options, const struct setup_files *files,
	struct setup *setup)
{
	const char *section = options->section != NULL
				      ? options->section
				      : setup->settings.alembic_section;

	setup->choice.section = alloc_copy(section);
	setup_files_config(files, section, setup);
}

static bool
setup_environment_names_a_target(void)
{
	static const char *const names[] = { "PGDATABASE", "PGSERVICE", "PGHOST",
		"PGHOSTADDR", "PGPORT" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *value = getenv(names[i]);

		if (value != NULL && *value != '\0')
			return true;
	}
	return false;
}

static bool
setup_is_postgres(const char *url)
{
	return url != NULL && strncmp(url, "postgres", 8) == 0;
}

/* A URL that somebody meant; `alembic init` writes driver://user:pass@... */
static bool
setup_is_meant(const char *url)
{
	return url != NULL && *url != '\0' && strncmp(url, "driver:", 7) != 0;
}

/*
 * Options, settings, libpq's own variables; last resorts are what the application uses.
 * If that is another database system, it is refused: libpq's default would be a guess.
 */
static const char *
setup_given_database(const struct setup_options *options, const struct setup *setup)
{
	const char *url = getenv("DATABASE_URL");

	if (options->database != NULL)
		return options->database;
	if (setup->settings.database != NULL)
		return setup->settings.database;
	if (options->host != NULL || options->port != NULL ||
		setup_environment_names_a_target())
		return NULL;
	if (setup_is_postgres(url))
		return url;
	if (setup_is_meant(setup->config.url))
		return setup->config.url;
	return setup_is_meant(url) ? url : NULL;
}

static bool
setup_target(
	const struct setup_options *options, struct setup *setup, struct error *error)
{
	const char *given = setup_given_database(options, setup);

	if (!pg_params_make(given, options->host, options->port, options->user,
		    &setup->params, error)) {
		if (given != NULL && given == setup->config.url)
			error_prefix(
				error, "sqlalchemy.url (-d names another database)");
		return false;
	}
	if (given != NULL && strstr(given, "://") != NULL && options->host == NULL &&
		options->port == NULL && options->user == NULL)
		setup->url = alloc_copy(given);
	char *database = pg_params_value(&setup->params, "dbname");
	char *user = pg_params_value(&setup->params, "user");
	char *host = pg_params_value(&setup->params, "host");
	setup->target = alloc_printf("%s%s%s",
		database != NULL ? database
		: user != NULL	 ? user
				 : "the default database",
		host == NULL ? "" : " on ", host == NULL ? "" : host);
	free(database);
	free(user);
	free(host);
	return true;
}

static bool
setup_replicas(struct setup *setup, struct error *error)
{
	const struct strlist *names = &setup->settings.replica_names;

	setup->replicas = alloc_zeroed(names->count, sizeof(*setup->replicas));
	for (size_t i = 0; i < names->count; i++) {
		struct pg_watch_replica *replica = &setup->replicas[i];

		replica->name = alloc_copy(names->items[i]);
		setup->replica_count++;
		if (!pg_params_make(setup->settings.replica_databases.items[i], NULL,
			    NULL, NULL, &replica->params, error))
			return error_prefix(error, "replica.%s", names->items[i]);
	}
	return true;
}

bool
setup_make(
	const struct setup_options *options, struct setup *setup, struct error *error)
{
	*setup = (struct setup){ 0 };
	settings_init(&setup->settings);
	struct setup_files files;
	bool good = setup_files_read(options, &files, &setup->choice, error) &&
		    setup_settings(options, &files, setup, error);

	if (good) {
		setup_config(options, &files, setup);
		good = setup_target(options, setup, error) &&
		       setup_replicas(setup, error);
		if (good)
			setup_version_table(options, setup);
	}
	setup->interval_us = options->interval_us != 0 ? options->interval_us
			     : setup->settings.interval_us != 0
				     ? setup->settings.interval_us
				     : INTERVAL_US;
	setup->filter = options->filter;
	setup->sort = options->sort;
	setup_files_free(&files);
	return good;
}

bool
setup_make_tree(
	const struct setup_options *options, struct setup *setup, struct error *error)
{
	*setup = (struct setup){ 0 };
	settings_init(&setup->settings);
	struct setup_files files;
	bool good = setup_files_read(options, &files, &setup->choice, error) &&
		    setup_section(options, &files, setup, error);

	if (good)
		setup_config(options, &files, setup);
	setup_files_free(&files);
	return good;
}

void
setup_free(struct setup *setup)
{
	settings_free(&setup->settings);
	alembic_choice_free(&setup->choice);
	alembic_config_free(&setup->config);
	free(setup->config_problem);
	free(setup->config_path);
	free(setup->version_table);
	pg_params_free(&setup->params);
	free(setup->target);
	free(setup->url);
	for (size_t i = 0; i < setup->replica_count; i++) {
		free(setup->replicas[i].name);
		pg_params_free(&setup->replicas[i].params);
	}
	free(setup->replicas);
	*setup = (struct setup){ 0 };
}

bool
setup_name_target(const struct setup *setup, struct error *error)
{
	bool named = server_lost_cause(error->message) != error->message;

	return named ? false : error_prefix(error, "%s", setup->target);
}

struct tree *
setup_load_tree(const struct setup *setup)
{
	return setup->config_problem == NULL ? tree_load(&setup->config) : NULL;
}

struct pg_watch_options
setup_watch_options(const struct setup *setup)
{
	return (struct pg_watch_options){
		.params = setup->params,
		.replicas = setup->replicas,
		.replica_count = setup->replica_count,
		.version_table = setup->version_table,
		.interval_us = setup->interval_us,
	};
}
