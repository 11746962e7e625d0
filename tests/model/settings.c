#include "pgrunbook/model/settings.h"

#include <string.h>

#include "tests/tap/tap.h"

static bool
reads(const char *text, struct settings *settings, struct error *error)
{
	struct ini *ini = ini_parse("pgrunbook.ini", "/srv", text, strlen(text), error);
	bool good;

	settings_init(settings);
	good = ini != NULL && settings_read(settings, ini, "pgrunbook.ini", error);
	ini_free(ini);
	return good;
}

static void
test_all(void)
{
	struct settings settings;
	struct error error = { 0 };

	tap_ok(reads("[pgrunbook]\n"
		     "environment = production\n"
		     "protected = no\n"
		     "database = service=billing\n"
		     "replica.r1 = host=r1\n"
		     "replica.r2 = host=r2\n"
		     "alembic = alembic -c %(here)s/alembic.ini\n"
		     "backup_dir = /backups\n"
		     "version_table = ops.version\n"
		     "runbooks = /a:/b /c\n"
		     "interval = 2s\n"
		     "lock_wait = 1min\n"
		     "replica_lag = 4 MB\n",
		       &settings, &error),
		"every key is read");
	tap_is_text(settings.environment, "production", "environment");
	tap_ok(!settings.protect, "protected = no");
	tap_is_text(settings.database, "service=billing", "database");
	tap_is_int((int64_t)settings.replica_names.count, 2, "two replicas");
	tap_is_text(settings.replica_names.items[1], "r2", "with their names");
	tap_is_text(
		settings.replica_databases.items[1], "host=r2", "and where they are");
	tap_is_text(
		settings.alembic, "alembic -c /srv/alembic.ini", "alembic, with here");
	tap_is_text(settings.version_table, "ops.version", "version_table");
	tap_is_int((int64_t)settings.runbooks.count, 3, "three folders of runbooks");
	tap_is_int(settings.interval_us, 2000000, "interval");
	tap_is_int(settings.lock_wait_us, 60000000, "lock_wait");
	tap_is_int(settings.replica_lag_bytes, 4 << 20, "replica_lag");
	settings_free(&settings);
}

static void
refuses(const char *text, const char *want)
{
	struct settings settings;
	struct error error = { 0 };

	tap_ok(!reads(text, &settings, &error) && strstr(error.message, want) != NULL,
		"refused with \"%s\"", want);
	if (error.message != NULL)
		tap_diag("%s", error.message);
	error_clear(&error);
	settings_free(&settings);
}

static void
test_defaults(void)
{
	struct settings settings;
	struct error error = { 0 };

	tap_ok(reads("[alembic]\nx = 1\n", &settings, &error),
		"no section is no error");
	tap_ok(settings.protect, "an unlabelled environment is protected");
	tap_ok(settings.environment == NULL && settings.database == NULL,
		"and nothing is made up");
	settings_free(&settings);
}

int
main(void)
{
	test_all();
	test_defaults();
	refuses("[pgrunbook]\nenvironment = x\nenviroment = production\n",
		"pgrunbook.ini:3: unknown key \"enviroment\"");
	refuses("[pgrunbook]\nprotected = perhaps\n", "pgrunbook.ini:2");
	refuses("[pgrunbook]\ninterval = soon\n", "is no value for interval");
	refuses("[pgrunbook]\nreplica. = x\n", "unknown key");
	refuses("[pgrunbook]\nreplica_lag = -1\n", "is no value for replica_lag");
	return tap_done();
}
