/* backup and verify-backup: pg_dump -Fc, and pg_restore --list of what it made. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "pgrunbook/app/evidence.h"
#include "pgrunbook/app/runner_parts.h"
#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/duration.h"
#include "pgrunbook/drive/file.h"

/* backup_dir, else beside the incidents' logs; made if it is missing. */
static char *
backup_directory(struct runner *runner, struct error *error)
{
	const char *configured = runner->app->settings.backup_dir;
	char *directory =
		configured != NULL
			? alloc_copy(configured)
			: file_join(incident_directory(runner->journal->incident),
				  "backups");

	if (file_make_directories(directory, 0700, error))
		return directory;
	free(directory);
	return NULL;
}

/* DIR/DATABASE-20261120T140231Z.dump; what a file name can't hold becomes '_'. */
static char *
backup_path(struct runner *runner, const char *directory)
{
	const struct app *app = runner->app;
	time_t now = (time_t)(app->now_us / 1000000);
	char stamp[32];
	struct tm tm;
	char *database = alloc_copy(app->snapshot->server.database);

	for (char *c = database; *c != '\0'; c++) {
		if (*c == '/' || (unsigned char)*c < 0x21 || *c == 0x7F)
			*c = '_';
	}
	gmtime_r(&now, &tm);
	strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &tm);
	char *name = alloc_printf("%s-%s.dump", database, stamp);
	char *path = file_join(directory, name);
	free(name);
	free(database);
	return path;
}

void
step_backup_begin(struct runner *runner)
{
	struct error error = { 0 };
	char *directory = backup_directory(runner, &error);
	struct ask ask = { .kind = ASK_YES };

	if (directory == NULL) {
		step_fail(runner, NULL, "no backup: %s", error.message);
		error_clear(&error);
		return;
	}
	char *path = backup_path(runner, directory);
	strlist_add(&runner->argv, "pg_dump");
	strlist_add(&runner->argv, "--format=custom");
	strlist_add(&runner->argv, "--no-password");
	strlist_add(&runner->argv, "--verbose");
	strlist_add_owned(&runner->argv, alloc_printf("--file=%s", path));
	free(runner->backup);
	runner->backup = path;
	free(directory);
	runner->command = argv_words(&runner->argv);
	ask.title =
		alloc_printf("Back up %s now?", runner->app->snapshot->server.database);
	ask_fact(&ask, "to", "%s", path);
	step_ask(runner, &ask);
}

/* On disk before the log says so. */
static bool
backup_sync(const char *path, int64_t *size, struct error *error)
{
	struct stat status = { 0 };
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fsync(fd) != 0 || fstat(fd, &status) != 0)
		error_set(error, "%s can't be synced: %s", path, strerror(errno));
	else if (status.st_size == 0)
		error_set(error, "%s is empty", path);
	if (fd >= 0)
		close(fd);
	*size = status.st_size;
	return error->message == NULL;
}

/* Nobody else reads the data, whatever the umask; and no backup is written over. */
static bool
backup_make(struct runner *runner)
{
	int fd = open(runner->backup, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd >= 0) {
		close(fd);
		return true;
	}
	step_fail(runner, NULL, "no backup: cannot make %s: %s", runner->backup,
		strerror(errno));
	return false;
}

static void
backup_ended(struct runner *runner, const struct child_exit *exit)
{
	json_t *attributes = step_child_attributes(runner, exit);
	char *words = child_exit_words(exit);
	char bytes[BYTES_TEXT];
	struct error error = { 0 };
	int64_t size;

	if (exit->signal != 0 || exit->status != 0) {
		step_fail(runner, attributes,
			"pg_dump: %s; what it left is no backup: %s", words,
			runner->backup);
	} else if (!backup_sync(runner->backup, &size, &error)) {
		step_fail(runner, attributes, "pg_dump said it worked, but %s",
			error.message);
		error_clear(&error);
	} else {
		json_object_set_new(
			attributes, "backup.path", evidence_text(runner->backup));
		json_object_set_new(attributes, "backup.bytes", json_integer(size));
		step_succeed(runner, attributes, "backup taken: %s, %s",
			bytes_format(size, bytes), runner->backup);
	}
	free(words);
}

static void
backup_read_back(struct runner *runner, struct identity *identity, const char *why)
{
	if (!identity_stands(runner, identity, why))
		return;
	if (step_started(runner) && backup_make(runner))
		step_child(runner, backup_ended);
}

void
step_backup_accepted(struct runner *runner)
{
	step_set_phase(runner, RUNNER_READING_BACK, "reading the target back");
	identity_read(runner, backup_read_back);
}

/* Archive entries begin with their number; comments and warnings don't. */
static size_t
backup_entries(const struct output *output)
{
	size_t count = 0;

	for (size_t i = 0; i < output_lines(output); i++) {
		const char *line = output_line(output, i);

		count += *line >= '0' && *line <= '9';
	}
	return count;
}

static void
verify_ended(struct runner *runner, const struct child_exit *exit)
{
	json_t *attributes = step_child_attributes(runner, exit);
	size_t entries = backup_entries(&runner->app->output);
	char *words = child_exit_words(exit);

	if (exit->signal != 0 || exit->status != 0) {
		step_fail(runner, attributes, "pg_restore can't list the backup: %s",
			words);
	} else if (entries == 0) {
		step_fail(runner, attributes, "the backup lists nothing to restore");
	} else {
		json_object_set_new(attributes, "backup.verified", json_true());
		step_succeed(runner, attributes,
			"backup verified: %zu entries can be restored", entries);
	}
	free(words);
}

void
step_verify_backup_begin(struct runner *runner)
{
	const char *path = runner->app->run.backup_path;

	if (path == NULL) {
		step_fail(runner, NULL, "there is no backup of this run to verify");
		return;
	}
	strlist_add(&runner->argv, "pg_restore");
	strlist_add(&runner->argv, "--list");
	strlist_add(&runner->argv, path);
	runner->command = argv_words(&runner->argv);
	if (step_started(runner))
		step_child(runner, verify_ended);
}
