#include "pgrunbook/app/setup.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/drive/file.h"
#include "pgrunbook/drive/tree_load.h"

enum { INI_BYTES = 1 << 20, INTERVAL_US = 1000000 };

/* The directory of a file, absolute: %(here)s. */
static char *
setup_here(const char *path)
{
	char resolved[PATH_MAX];

	if (realpath(path, resolved) == NULL)
		return alloc_copy(".");
	char *slash = strrchr(resolved, '/');
	if (slash == resolved)
		slash++;
	*slash = '\0';
	return alloc_copy(resolved);
}

/* NULL without an error if the file isn't there. */
static struct ini *
setup_read_ini(const char *path, struct error *error)
{
	struct str bytes = { 0 };
	struct ini *ini = NULL;

	if (access(path, F_OK) != 0)
		return NULL;
	if (file_read(path, INI_BYTES, &bytes, error)) {
		char *here = setup_here(path);

		ini = ini_parse(path, here, str_text(&bytes), bytes.length, error);
		free(here);
	}
	str_free(&bytes);
	return ini;
}

static bool
setup_missing(const char *path, const char *what, struct error *error)
{
	return error_set(error, "%s: there is no such %s", path, what);
}

/* -c, else $ALEMBIC_CONFIG, else ./alembic.ini, as Alembic itself. */
static struct ini *
setup_alembic_ini(
	const struct setup_options *options, struct setup *setup, struct error *error)
{
	const char *environment = getenv("ALEMBIC_CONFIG");
	const char *path = options->config != NULL ? options->config : environment;

	setup->config_given = path != NULL && *path != '\0';
	if (!setup->config_given)
		path = "alembic.ini";
	struct ini *ini = setup_read_ini(path, error);
	if (ini != NULL)
		setup->config_path = alloc_copy(path);
	else if (error->message == NULL && setup->config_given)
		setup_missing(path, "alembic configuration", error);
	return ini;
}

/* pgrunbook.ini's section if there is one, else alembic.ini's: never a mixture. */
static bool
setup_settings(const struct setup_options *options, const struct ini *alembic,
	struct setup *setup, struct error *error)
{
	const char *path =
		options->settings != NULL ? options->settings : "pgrunbook.ini";
	struct ini *ini = setup_read_ini(path, error);
	bool good = true;

	if (error->message != NULL)
		return false;
	if (ini == NULL && options->settings != NULL)
		return setup_missing(path, "settings file", error);
	if (ini != NULL && !ini_has_section(ini, "pgrunbook"))
		good = error_set(error, "%s: has no section [pgrunbook]", path);
	else if (ini != NULL)
		good = settings_read(&setup->settings, ini, path, error);
	else if (alembic != NULL)
		good = settings_read(
			&setup->settings, alembic, setup->config_path, error);
	ini_free(ini);
	return good;
}

/* A tree that can't be configured is shown as such: the database is still watched. */
static void
setup_config(const struct ini *alembic, struct setup *setup)
{
	struct error error = { 0 };
	char cwd[PATH_MAX];

	if (alembic == NULL) {
		setup->config_problem =
			alloc_copy("no alembic.ini here: -c names the one to read");
		return;
	}
	if (getcwd(cwd, sizeof(cwd)) == NULL)
		strncpy(cwd, "/", sizeof(cwd));
	if (!alembic_config_read(alembic, "alembic", cwd, &setup->config, &error)) {
		setup->config_problem =
			alloc_printf("%s: %s", setup->config_path, error.message);
		error_clear(&error);
	}
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

/* Options, settings, libpq's own variables; last resorts are what the application uses.
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
	return setup_is_postgres(setup->config.url) ? setup->config.url : NULL;
}

static bool
setup_target(
	const struct setup_options *options, struct setup *setup, struct error *error)
{
	const char *given = setup_given_database(options, setup);

	if (!pg_params_make(given, options->host, options->port, options->user,
		    &setup->params, error))
		return false;
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
	struct ini *alembic = setup_alembic_ini(options, setup, error);
	bool good = error->message == NULL &&
		    setup_settings(options, alembic, setup, error);

	if (good) {
		setup_config(alembic, setup);
		good = setup_target(options, setup, error) &&
		       setup_replicas(setup, error);
		setup->section = alloc_copy(options->section);
		if (good)
			setup_version_table(options, setup);
	}
	setup->interval_us = options->interval_us != 0 ? options->interval_us
			     : setup->settings.interval_us != 0
				     ? setup->settings.interval_us
				     : INTERVAL_US;
	ini_free(alembic);
	return good;
}

bool
setup_make_tree(
	const struct setup_options *options, struct setup *setup, struct error *error)
{
	*setup = (struct setup){ 0 };
	settings_init(&setup->settings);
	struct ini *alembic = setup_alembic_ini(options, setup, error);
	bool good = error->message == NULL;

	if (good)
		setup_config(alembic, setup);
	ini_free(alembic);
	return good;
}

void
setup_free(struct setup *setup)
{
	settings_free(&setup->settings);
	free(setup->config_path);
	alembic_config_free(&setup->config);
	free(setup->config_problem);
	free(setup->section);
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
