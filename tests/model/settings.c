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
	tap_is_int(settings.thresholds.lock_wait_us, 60000000, "lock_wait");
	tap_is_int(settings.thresholds.replica_lag_bytes, 4 << 20, "replica_lag");
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

static void
test_thresholds(void)
{
	struct settings settings;
	struct error error = { 0 };
	const struct thresholds *is = &settings.thresholds;

	tap_ok(reads("[thresholds]\n"
		     "lock_wait = 3s\n"
		     "transaction = 1 hour\n"
		     "idle_in_transaction = off\n"
		     "migration = 90s\n"
		     "replica_lag = 64MB\n"
		     "replica_delay = 2min\n"
		     "slot_wal = 1.5GB\n"
		     "connections = 80 %\n"
		     "wraparound = 40%%\n"
		     "[pgrunbook]\n"
		     "bell = no\n"
		     "lock_wait = 1s\n"
		     "replica_lag = 1MB\n",
		       &settings, &error),
		"every threshold is read");
	tap_is_int(
		is->lock_wait_us, 3000000, "lock_wait, which the older one gives way");
	tap_is_int(is->transaction_us, 3600000000, "transaction");
	tap_is_int(is->idle_in_transaction_us, THRESHOLD_OFF, "off");
	tap_is_int(is->migration_us, 90000000, "migration");
	tap_is_int(is->replica_lag_bytes, 64 << 20, "replica_lag");
	tap_is_int(is->replica_lag_us, 120000000, "replica_delay");
	tap_is_int(is->slot_wal_bytes, INT64_C(1536) << 20, "slot_wal");
	tap_is_int(is->connections, 80, "connections");
	tap_is_int(is->wraparound, 40, "wraparound");
	tap_ok(!settings.bell, "bell = no");
	settings_free(&settings);
	tap_ok(reads("[pgrunbook]\nlock_wait = off\n", &settings, &error),
		"the older spelling can be off");
	tap_is_int(is->lock_wait_us, THRESHOLD_OFF, "and is then");
	tap_is_int(is->transaction_us, 900000000, "what isn't given has its default");
	tap_ok(settings.bell, "and the bell rings");
	settings_free(&settings);
}

int
main(void)
{
	test_all();
	test_defaults();
	test_thresholds();
	refuses("[pgrunbook]\nenvironment = x\nenviroment = production\n",
		"pgrunbook.ini:3: unknown key \"enviroment\"");
	refuses("[pgrunbook]\nprotected = perhaps\n", "pgrunbook.ini:2");
	refuses("[pgrunbook]\ninterval = soon\n", "is no value for interval");
	refuses("[pgrunbook]\nreplica. = x\n", "unknown key");
	refuses("[pgrunbook]\nreplica_lag = -1\n", "is no value for replica_lag");
	refuses("[thresholds]\nlock_wait = 5s\nlock_wiat = 1s\n",
		"pgrunbook.ini:3: unknown key \"lock_wiat\" in [thresholds]; known are "
		"connections, ");
	refuses("[thresholds]\nenvironment = x\n", "unknown key");
	refuses("[thresholds]\nlock_wait = soon\n",
		"pgrunbook.ini:2: \"soon\" is no value for lock_wait: a time such as "
		"10s");
	refuses("[thresholds]\nreplica_lag = 10s\n", ": a size such as 64MB, or off");
	refuses("[thresholds]\nconnections = 101%\n", ": a share such as 90%, or off");
	refuses("[thresholds]\nconnections = -1\n", "is no value");
	refuses("[thresholds]\nconnections = 9 0\n", "is no value");
	refuses("[pgrunbook]\ninterval = off\n", "is no value for interval");
	refuses("[pgrunbook]\nbell = perhaps\n", "is no value for bell: yes or no");
	return tap_done();
}
