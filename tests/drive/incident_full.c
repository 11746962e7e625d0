/*
 * A real full disk, a read-only one, and the system log: a small file system and a /dev
 * of our own, in a name space of our own.  Where the kernel permits none, a limit on
 * the size of files stands in for the full disk, and the rest is skipped.
 */
#include "pgrunbook/drive/incident.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "pgrunbook/base/alloc.h"
#include "tests/tap/scratch.h"
#include "tests/tap/tap.h"

static struct redact *redact;

static bool
append(struct incident *incident, enum entry_event event)
{
	struct error error = { 0 };
	bool good = incident_append(incident, event, ENTRY_INFO,
		"alembic downgrade 0014", NULL, NULL, &error);

	error_clear(&error);
	return good;
}

static bool
write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool good = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return good;
}

/* Root in a user name space, with mounts that nobody else sees. */
static bool
enter_name_space(void)
{
	char users[64], groups[64];

	snprintf(users, sizeof(users), "0 %ld 1", (long)getuid());
	snprintf(groups, sizeof(groups), "0 %ld 1", (long)getgid());
	return unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 &&
	       write_file("/proc/self/setgroups", "deny") &&
	       write_file("/proc/self/uid_map", users) &&
	       write_file("/proc/self/gid_map", groups);
}

static void
fill(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	char block[512] = { 0 };

	for (;;)
		if (write(fd, block, sizeof(block)) != sizeof(block))
			break;
	close(fd);
}

static void
holds(const char *root, const char *id, size_t entries)
{
	struct entry_list list = { 0 };
	struct log_check check;
	struct error error = { 0 };
	struct str raw = { 0 };

	tap_ok(incident_read(root, id, &list, &raw, &error), "the log can be read");
	log_check_bytes(str_text(&raw), raw.length, &check);
	tap_ok(log_check_holds(&check), "it holds: %s", check.why ? check.why : "yes");
	tap_is_int((int64_t)list.count, (int64_t)entries, "entries");
	log_check_free(&check);
	entry_list_free(&list);
	str_free(&raw);
	error_clear(&error);
}

/* The log up to a full disk, through it and out of it. */
static void
test_full(const char *root, void (*stop)(const char *), void (*go)(const char *),
	const char *with)
{
	struct error error = { 0 };
	struct incident *incident =
		incident_create(root, "full", 0, NULL, redact, &error);
	size_t entries = 1;
	char *id;

	if (!tap_ok(incident, "an incident is made: %s",
		    error.message ? error.message : "yes"))
		return;
	id = alloc_copy(incident_id(incident));

	tap_ok(append(incident, EVENT_INCIDENT_OPENED), "there is room at first");
	stop(with);
	while (append(incident, EVENT_NOTE))
		entries++;
	bool started = append(incident, EVENT_STEP_STARTED);

	/* The limit is on the test's own output as well. */
	go(with);
	const char *problem = incident_problem(incident);

	tap_ok(!started, "no step starts on a full disk");
	tap_ok(problem != NULL, "the problem stays: %s", problem);
	tap_ok(append(incident, EVENT_STEP_STARTED), "with room the log goes on");
	tap_is_text(incident_problem(incident), NULL, "the problem is over");
	incident_free(incident);
	holds(root, id, entries + 2);
	free(id);
	error_clear(&error);
}

static void
remove_file(const char *path)
{
	unlink(path);
}

static void
test_full_disk(const char *mount)
{
	char *root = alloc_printf("%s/incidents", mount);
	char *filler = alloc_printf("%s/filler", mount);
	struct error error = { 0 };

	test_full(root, fill, remove_file, filler);
	fill(filler);
	struct incident *incident =
		incident_open(root, "1970-01-01T000000Z-full", NULL, redact, &error);

	tap_ok(incident, "an incident can be opened on a full disk");
	while (append(incident, EVENT_NOTE))
		;
	unlink(filler);
	tap_ok(append(incident, EVENT_NOTE), "and be written when there is room");
	incident_free(incident);
	free(root);
	free(filler);
	error_clear(&error);
}

static void
test_read_only(const char *mount_point)
{
	char *root = alloc_printf("%s/incidents", mount_point);
	struct error error = { 0 };
	struct incident_list list = { 0 };

	if (mount(NULL, mount_point, NULL, MS_REMOUNT | MS_RDONLY, NULL) != 0) {
		tap_skip("remounting read-only: %s", strerror(errno));
	} else {
		tap_ok(!incident_create(root, "x", 0, NULL, redact, &error),
			"a read-only disk takes no incident");
		tap_ok(strstr(error.message, "Read-only"), "%s", error.message);
		tap_ok(!incident_open(
			       root, "1970-01-01T000000Z-full", NULL, redact, &error),
			"nor more of one");
		tap_ok(strstr(error.message, "Read-only"), "%s", error.message);
		tap_ok(incident_list(root, &list, &error), "but can be listed");
		tap_is_int((int64_t)list.count, 1, "with what is there");
	}
	incident_list_free(&list);
	error_clear(&error);
	free(root);
}

static void
test_syslog(const char *root)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "/dev/log" };
	int log = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct error error = { 0 };
	char said[1024] = "";
	struct incident *incident;

	if (mount("tmpfs", "/dev", "tmpfs", 0, NULL) != 0 ||
		bind(log, (struct sockaddr *)&address, sizeof(address)) != 0) {
		tap_skip("a system log of our own: %s", strerror(errno));
		close(log);
		return;
	}
	incident = incident_create(root, "told", 0, NULL, redact, &error);
	append(incident, EVENT_INCIDENT_OPENED);
	append(incident, EVENT_INCIDENT_CLOSED);
	tap_ok(recv(log, said, sizeof(said) - 1, MSG_DONTWAIT) > 0,
		"closing is told to the system log");
	tap_diag("%s", said);
	tap_ok(strstr(said, incident_head_hash(incident)), "with the head hash");
	tap_ok(strstr(said, incident_id(incident)), "and the incident's name");
	tap_ok(recv(log, said, sizeof(said) - 1, MSG_DONTWAIT) < 0, "once");
	incident_free(incident);
	close(log);
}

static void
limit_size(const char *unused)
{
	struct rlimit limit;

	(void)unused;
	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = 2000;
	setrlimit(RLIMIT_FSIZE, &limit);
}

static void
lift_limit(const char *unused)
{
	struct rlimit limit;

	(void)unused;
	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_FSIZE, &limit);
}

int
main(void)
{
	char *made = scratch_make();

	redact = redact_new(NULL);
	if (!enter_name_space() ||
		mount("tmpfs", made, "tmpfs", 0, "size=64k,mode=700") != 0) {
		tap_diag("no file system of our own here (%s): a limit on the size of "
			 "files stands in for a full disk",
			strerror(errno));
		test_full(made, limit_size, lift_limit, NULL);
		tap_skip("a read-only disk, the system log");
	} else {
		char *root = alloc_printf("%s/incidents", made);

		test_full_disk(made);
		test_read_only(made);
		mount(NULL, made, NULL, MS_REMOUNT, NULL);
		test_syslog(root);
		umount2(made, MNT_DETACH);
		free(root);
	}
	scratch_remove(made);
	redact_free(redact);
	return tap_done();
}
