/*
 * The durable side of the log against a world that fails.  write(), pwrite() and
 * fdatasync() are this program's own, so that each can be made to fail when it matters.
 */
#include "pgrunbook/drive/incident.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pgrunbook/base/alloc.h"
#include "tests/drive/incident_faults.h"
#include "tests/tap/scratch.h"
#include "tests/tap/tap.h"

static const int64_t start_us = 1795183351000000; /* 2026-11-20T14:02:31Z */

static char root[PATH_MAX];
static struct redact *redact;
static json_t *resource;

static struct incident *
create(const char *name)
{
	struct error error = { 0 };
	struct incident *incident =
		incident_create(root, name, start_us, resource, redact, &error);

	if (!incident)
		tap_diag("%s", error.message);
	error_clear(&error);
	return incident;
}

static bool
append(struct incident *incident, enum entry_event event, const char *body)
{
	struct error error = { 0 };
	bool good =
		incident_append(incident, event, ENTRY_INFO, body, NULL, NULL, &error);

	if (good == (error.message != NULL))
		tap_ok(false, "an error exactly when it failed");
	error_clear(&error);
	return good;
}

static void
read_back(const char *id, struct entry_list *entries, struct log_check *check)
{
	struct error error = { 0 };
	struct str raw = { 0 };

	tap_ok(incident_read(root, id, entries, &raw, &error), "%s can be read: %s", id,
		error.message ? error.message : "yes");
	log_check_bytes(str_text(&raw), raw.length, check);
	str_free(&raw);
	error_clear(&error);
}

static void
holds(const char *id, size_t entries, size_t torn)
{
	struct entry_list list = { 0 };
	struct log_check check;

	read_back(id, &list, &check);
	tap_ok(log_check_holds(&check), "the chain holds: %s",
		check.why ? check.why : "yes");
	tap_is_int((int64_t)check.entries, (int64_t)entries, "entries");
	tap_is_int((int64_t)check.torn, (int64_t)torn, "torn lines accounted for");
	log_check_free(&check);
	entry_list_free(&list);
}

static mode_t
mode_of(const char *directory, const char *name)
{
	char *path = alloc_printf("%s/%s", directory, name);
	struct stat is = { 0 };

	tap_ok(stat(path, &is) == 0, "%s is there", name);
	free(path);
	return is.st_mode & 07777;
}

static void
test_create(void)
{
	struct incident *incident = create("billing/../x");
	struct incident *second = create("billing/../x");
	struct entry written;
	struct error error = { 0 };
	char *output;
	int fd;

	tap_is_text(incident_id(incident), "2026-11-20T140231Z-billing-..-x",
		"the name holds nothing that a path could misread");
	tap_is_text(incident_id(second), "2026-11-20T140231Z-billing-..-x-2",
		"two in one second are two");
	tap_is_int(mode_of(incident_directory(incident), "."), 0700, "mode");
	tap_is_int(mode_of(incident_directory(incident), "log.jsonl"), 0600, "mode");
	tap_ok(incident_append(incident, EVENT_INCIDENT_OPENED, ENTRY_INFO,
		       "psql postgres://u:pw@h",
		       json_pack("{s:s,s:[s],s:i}", "process.command_line",
			       "PGPASSWORD=x psql", "list", "password=y", "redactions",
			       3),
		       &written, &error),
		"an entry is written");
	tap_is_text(written.body, "psql postgres://u:***@h", "its body is redacted");
	tap_is_text(entry_text(&written, "process.command_line"), "PGPASSWORD=*** psql",
		"its attributes are");
	tap_is_int(entry_int(&written, "redactions", 0), 6, "and the places counted");
	tap_is_text(written.hash, incident_head_hash(incident), "it is the head");
	tap_is_text(entry_resource_text(&written, "service.name"), "pgrunbook",
		"the resource is there");
	entry_free(&written);
	fd = incident_output(incident, &output, &error);
	tap_ok(fd >= 0, "an output file is made");
	tap_is_text(output, "output/0001.txt", "it has a number");
	close(fd);
	free(output);
	fd = incident_output(incident, &output, &error);
	tap_is_text(output, "output/0002.txt", "the next has the next");
	close(fd);
	free(output);
	holds(incident_id(incident), 1, 0);
	incident_free(incident);
	incident_free(second);
}

static void
test_faults(void)
{
	struct incident *incident = create("faults");
	char *id = alloc_copy(incident_id(incident));
	struct entry_list list = { 0 };
	struct log_check check;

	append(incident, EVENT_INCIDENT_OPENED, "first");
	faults = (struct faults){ .interrupt = 3, .piece = 7 };
	tap_ok(append(incident, EVENT_NOTE, "in pieces"),
		"signals and short writes make no difference");
	faults = (struct faults){ .piece = 50, .room = 120, .problem = ENOSPC };
	tap_ok(!append(incident, EVENT_STEP_STARTED, "doesn't fit"), "a full disk");
	tap_ok(strstr(incident_problem(incident), "No space left"), "is a problem: %s",
		incident_problem(incident));
	tap_ok(!append(incident, EVENT_NOTE, "still not"), "and stays one");
	faults = (struct faults){ 0 };
	tap_ok(append(incident, EVENT_NOTE, "again"), "until there is room");
	tap_is_text(incident_problem(incident), NULL, "then there is none");
	incident_free(incident);

	read_back(id, &list, &check);
	tap_ok(log_check_holds(&check), "the chain holds: %s",
		check.why ? check.why : "yes");
	tap_is_int((int64_t)check.torn, 1, "the torn line is accounted for");
	tap_is_int((int64_t)list.count, 4, "nothing but a recovery was added");
	tap_is_int(list.items[2].event, EVENT_LOG_RECOVERED, "and it is there");
	tap_diag("%s", list.items[2].body);
	tap_is_int((int64_t)json_array_size(
			   json_object_get(list.items[2].attributes, "log.failed")),
		2, "it names what was refused");
	tap_is_text(list.items[3].body, "again", "before the entry that worked");
	log_check_free(&check);
	entry_list_free(&list);
	free(id);
}

/* The disk is full again in the middle of the recovery. */
static void
test_torn_recovery(void)
{
	struct incident *incident = create("torn");
	char *id = alloc_copy(incident_id(incident));

	append(incident, EVENT_INCIDENT_OPENED, "first");
	faults = (struct faults){ .room = 10, .problem = ENOSPC };
	append(incident, EVENT_NOTE, "lost");
	for (long room = 0; room < 3; room++) {
		/* The bytes that are written again count too. */
		faults = (struct faults){ .room = 30 + 40 * room, .problem = EDQUOT };
		append(incident, EVENT_NOTE, "lost");
	}
	faults = (struct faults){ .room = 10, .problem = EIO };
	append(incident, EVENT_NOTE, "lost");
	faults = (struct faults){ 0 };
	tap_ok(append(incident, EVENT_NOTE, "kept"), "recovering was torn too");
	incident_free(incident);
	holds(id, 3, 5);
	free(id);
}

static void
test_failed_sync(void)
{
	struct incident *incident = create("sync");
	char *id = alloc_copy(incident_id(incident));
	struct entry_list list = { 0 };
	struct log_check check;

	append(incident, EVENT_INCIDENT_OPENED, "first");
	faults = (struct faults){ .sync = EIO };
	tap_ok(!append(incident, EVENT_STEP_STARTED, "written, not durable"),
		"a failed fdatasync is a failure");
	tap_ok(strstr(incident_problem(incident), "durable"), "a sticky one: %s",
		incident_problem(incident));
	faults = (struct faults){ .count_again = true };
	tap_ok(append(incident, EVENT_NOTE, "next"), "the next one works");
	tap_ok(faults.again > 0, "the bytes in doubt were written once more");
	faults = (struct faults){ 0 };
	incident_free(incident);
	read_back(id, &list, &check);
	tap_ok(log_check_holds(&check), "the chain holds");
	tap_is_int((int64_t)list.count, 4, "the doubtful entry is in it");
	tap_is_int(entry_int(&list.items[2], "log.found", 0), 2,
		"and the recovery says so: %s", list.items[2].body);
	log_check_free(&check);
	entry_list_free(&list);
	free(id);
}

static void
test_second_writer(void)
{
	struct incident *incident = create("second");
	struct error error = { 0 };
	struct incident_list list = { 0 };
	char *pid = alloc_printf("process %ld", (long)getpid());
	struct incident *other;

	append(incident, EVENT_INCIDENT_OPENED, "mine");
	other = incident_open(root, incident_id(incident), resource, redact, &error);
	tap_ok(!other, "a second writer is refused");
	tap_ok(error.message && strstr(error.message, pid), "by name: %s",
		error.message);
	tap_ok(incident_list(root, &list, &error), "incidents are listed");
	for (size_t i = 0; i < list.count; i++)
		if (strcmp(list.items[i].id, incident_id(incident)) == 0)
			tap_ok(list.items[i].in_use, "as in use");
	tap_ok(append(incident, EVENT_NOTE, "still mine"),
		"reading it took the lock from nobody");
	error_clear(&error);
	other = incident_open(root, incident_id(incident), resource, redact, &error);
	tap_ok(!other, "nor did being refused");
	incident_list_free(&list);
	error_clear(&error);
	incident_free(incident);
	free(pid);
}

static void
test_killed_writer(void)
{
	struct incident *incident = create("killed");
	char *id = alloc_copy(incident_id(incident));
	struct error error = { 0 };
	int ready[2];
	char byte;
	pid_t child;

	append(incident, EVENT_INCIDENT_OPENED, "first");
	incident_free(incident);
	if (pipe(ready) != 0)
		abort();
	child = fork();
	if (child == 0) {
		incident = incident_open(root, id, resource, redact, &error);
		for (int i = 0;; i++) {
			append(incident, EVENT_NOTE, "again and again");
			if (i == 20 && write(ready[1], "x", 1) != 1)
				_exit(1);
		}
	}
	tap_ok(read(ready[0], &byte, 1) == 1, "a writer is at work");
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	close(ready[0]);
	close(ready[1]);
	incident = incident_open(root, id, resource, redact, &error);
	tap_ok(incident != NULL, "killed, it leaves no lock: %s",
		error.message ? error.message : "none");
	tap_ok(append(incident, EVENT_INCIDENT_RESUMED, "resumed"), "the log goes on");
	incident_free(incident);
	struct entry_list list = { 0 };
	struct log_check check;

	read_back(id, &list, &check);
	tap_ok(log_check_holds(&check), "the chain holds");
	tap_ok(list.count >= 22, "with every entry that was reported as written");
	log_check_free(&check);
	entry_list_free(&list);
	free(id);
	error_clear(&error);
}

static char *
log_path(const char *id)
{
	return alloc_printf("%s/%s/log.jsonl", root, id);
}

static void
test_torn_log(void)
{
	struct incident *incident = create("power");
	char *id = alloc_copy(incident_id(incident));
	char *path = log_path(id);
	struct error error = { 0 };
	struct stat is;

	append(incident, EVENT_INCIDENT_OPENED, "first");
	append(incident, EVENT_NOTE, "second");
	append(incident, EVENT_STEP_STARTED, "third");
	incident_free(incident);
	if (stat(path, &is) != 0 || truncate(path, is.st_size - 30) != 0)
		abort();
	holds(id, 2, 0);
	incident = incident_open(root, id, resource, redact, &error);
	tap_ok(incident != NULL, "a torn log opens");
	holds(id, 3, 1);
	tap_ok(append(incident, EVENT_NOTE, "fourth"), "and goes on");
	incident_free(incident);
	holds(id, 4, 1);

	if (stat(path, &is) != 0 || truncate(path, is.st_size - 1) != 0)
		abort();
	incident = incident_open(root, id, resource, redact, &error);
	tap_ok(append(incident, EVENT_NOTE, "fifth"),
		"an entry that lacks only its line break counts");
	incident_free(incident);
	holds(id, 6, 1);
	free(path);
	free(id);
}

static void
test_changed_log(void)
{
	struct incident *incident = create("changed");
	char *id = alloc_copy(incident_id(incident));
	char *path = log_path(id);
	struct error error = { 0 };
	int fd;

	append(incident, EVENT_INCIDENT_OPENED, "first");
	append(incident, EVENT_NOTE, "second");
	fd = open(path, O_WRONLY);
	if (ftruncate(fd, 100) != 0)
		abort();
	tap_ok(!append(incident, EVENT_NOTE, "third"),
		"a log that somebody cut is not written on");
	tap_ok(strstr(incident_problem(incident), "another program"), "%s",
		incident_problem(incident));
	tap_ok(!append(incident, EVENT_NOTE, "fourth"), "nor later");
	incident_free(incident);

	incident = create("changed");
	free(path);
	free(id);
	id = alloc_copy(incident_id(incident));
	path = log_path(id);
	append(incident, EVENT_INCIDENT_OPENED, "first");
	append(incident, EVENT_NOTE, "second");
	incident_free(incident);
	close(fd);
	fd = open(path, O_WRONLY);
	if (pwrite(fd, "1", 1, 15) != 1)
		abort();
	close(fd);
	incident = incident_open(root, id, resource, redact, &error);
	tap_ok(!incident && error.message && strstr(error.message, "line 1"),
		"a log that doesn't hold is not gone on with: %s", error.message);
	error_clear(&error);
	free(path);
	free(id);
}

static void
test_removed(void)
{
	struct incident *incident = create("removed");
	char *path = log_path(incident_id(incident));

	append(incident, EVENT_INCIDENT_OPENED, "first");
	unlink(path);
	tap_ok(!append(incident, EVENT_NOTE, "into the void"),
		"a log that was removed");
	tap_ok(incident_problem(incident), "is noticed: %s",
		incident_problem(incident));
	incident_free(incident);
	free(path);
}

static void
refused(const char *id, const char *what)
{
	struct error error = { 0 };
	struct incident *incident = incident_open(root, id, resource, redact, &error);

	tap_ok(!incident && error.message, "%s is refused: %s", what,
		error.message ? error.message : "no reason");
	incident_free(incident);
	error_clear(&error);
}

static void
test_refused_places(void)
{
	struct incident *incident = create("real");
	char *id = alloc_copy(incident_id(incident));
	char *link = alloc_printf("%s/link", root);
	char *path = log_path(id);
	struct error error = { 0 };

	append(incident, EVENT_INCIDENT_OPENED, "first");
	incident_free(incident);
	if (symlink(id, link) != 0)
		abort();
	refused("link", "a symbolic link");
	refused("../x", "a path");
	refused("absent", "what isn't there");
	unlink(path);
	if (mkfifo(path, 0600) != 0)
		abort();
	refused(id, "a FIFO in the log's place");
	incident = incident_create(
		"/proc/none/x", "x", start_us, resource, redact, &error);
	tap_ok(!incident, "a place that can't be written is: %s", error.message);
	error_clear(&error);
	free(link);
	free(path);
	free(id);
}

static void
test_size_limit(void)
{
	struct incident *incident = create("limit");
	char *id = alloc_copy(incident_id(incident));
	struct rlimit before, limit;

	append(incident, EVENT_INCIDENT_OPENED, "first");
	getrlimit(RLIMIT_FSIZE, &before);
	limit = before;
	limit.rlim_cur = 700;
	setrlimit(RLIMIT_FSIZE, &limit);
	while (append(incident, EVENT_NOTE, "up to the limit"))
		;
	setrlimit(RLIMIT_FSIZE, &before);
	tap_ok(strstr(incident_problem(incident), "too large"),
		"a limit on files' size doesn't kill: %s", incident_problem(incident));
	tap_ok(append(incident, EVENT_NOTE, "more"), "and writing works after it");
	incident_free(incident);
	free(id);
}

int
main(void)
{
	char *made = scratch_make();

	snprintf(root, sizeof(root), "%s/state/incidents", made);
	redact = redact_new(NULL);
	resource =
		json_pack("{s:s,s:s}", "service.name", "pgrunbook", "user.name", "al");
	test_create();
	test_faults();
	test_torn_recovery();
	test_failed_sync();
	test_second_writer();
	test_killed_writer();
	test_torn_log();
	test_changed_log();
	test_removed();
	test_refused_places();
	test_size_limit();
	scratch_remove(made);
	json_decref(resource);
	redact_free(redact);
	return tap_done();
}
