/* Which version table to look at, before the database is asked. */
#include <limits.h>
#include <stdlib.h>

#include "pgrunbook/app/setup.h"
#include "pgrunbook/base/alloc.h"
#include "pgrunbook/drive/choices.h"
#include "pgrunbook/drive/file.h"
#include "pgrunbook/model/env_py.h"

enum { ENV_PY_BYTES = 1 << 20 };

/* One that can't be read is Alembic's to complain about. */
static char *
setup_env_py_table(const struct setup *setup)
{
	struct str bytes = { 0 };
	struct error error = { 0 };
	char *table = NULL;

	if (setup->config.script_location == NULL)
		return NULL;
	char *path = file_join(setup->config.script_location, "env.py");
	if (file_read(path, ENV_PY_BYTES, &bytes, &error))
		table = env_py_version_table(str_text(&bytes), bytes.length);
	error_clear(&error);
	str_free(&bytes);
	free(path);
	return table;
}

/* Calls `use` with the place that a choice is kept for. */
static bool
setup_at_place(const struct setup *setup,
	bool (*use)(
		const struct choice_place *place, void *context, struct error *error),
	void *context, struct error *error)
{
	char *host = pg_params_value(&setup->params, "host");
	char *port = pg_params_value(&setup->params, "port");
	char *database = pg_params_value(&setup->params, "dbname");
	char config[PATH_MAX];
	const struct choice_place place = {
		.host = host,
		.port = port,
		.database = database,
		.config = setup->config_path != NULL &&
					  realpath(setup->config_path, config) != NULL
				  ? config
				  : NULL,
		.section = setup->choice.section,
	};
	bool good = use(&place, context, error);

	free(database);
	free(port);
	free(host);
	return good;
}

static bool
setup_recall(const struct choice_place *place, void *context, struct error *error)
{
	char **table = context;

	*table = choices_table(place, error);
	return error->message == NULL;
}

static bool
setup_keep(const struct choice_place *place, void *context, struct error *error)
{
	return choices_set_table(place, context, error);
}

bool
setup_remember_table(const struct setup *setup, const char *table, struct error *error)
{
	char *copy = alloc_copy(table);
	bool good = setup_at_place(setup, setup_keep, copy, error);

	free(copy);
	return good;
}

static bool
setup_take(struct setup *setup, char *table, enum version_source source)
{
	setup->version_table = table;
	setup->version_source = source;
	return table != NULL;
}

void
setup_version_table(const struct setup_options *options, struct setup *setup)
{
	struct error error = { 0 };
	char *chosen = NULL;

	if (setup_take(
		    setup, alloc_copy(options->version_table), VERSION_FROM_OPTION) ||
		setup_take(setup, alloc_copy(setup->settings.version_table),
			VERSION_FROM_SETTINGS) ||
		setup_take(setup, setup_env_py_table(setup), VERSION_FROM_ENV_PY))
		return;
	/* What can't be recalled is asked again. */
	setup_at_place(setup, setup_recall, &chosen, &error);
	error_clear(&error);
	setup_take(setup, chosen, chosen != NULL ? VERSION_FROM_CHOICE : VERSION_FOUND);
}
