#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/duration.h"
#include "pgrunbook/drive/file.h"
#include "src/drive/incident_disk.h"

enum { NAME_TEXT = 40, SAME_SECOND = 100, OUTPUTS = 1000000 };

static char *
make_id(const char *name, int64_t now_us, int number)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789._-";
	char instant[INSTANT_TEXT];
	struct str id = { 0 };

	for (const char *c = instant_format(now_us, instant); *c && *c != '.'; c++)
		if (*c != ':')
			str_add_char(&id, *c);
	str_add(&id, "Z-");
	for (size_t i = 0; i < NAME_TEXT && name[i]; i++)
		str_add_char(&id, strchr(plain, name[i]) ? name[i] : '-');
	if (!*name)
		str_add(&id, "incident");
	if (number > 1)
		str_printf(&id, "-%d", number);
	return str_take(&id);
}

/* The directory of all incidents, made and synced if it is new. */
static int
open_root(const char *root, struct error *error)
{
	char *parent;
	int above, fd;

	if (!file_make_directories(root, 0700, error))
		return -1;
	fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		error_set(error, "Cannot open %s: %s", root, strerror(errno));
		return -1;
	}
	parent = file_join(root, "..");
	above = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(parent);
	if (above >= 0) {
		(void)disk_sync_directory(above);
		close(above);
	}
	return fd;
}

/* The first name of this second that isn't taken. */
static char *
make_directory(
	int fd, const char *root, const char *name, int64_t now_us, struct error *error)
{
	for (int number = 1;; number++) {
		char *id = make_id(name, now_us, number);

		if (mkdirat(fd, id, 0700) == 0)
			return id;
		if (errno != EEXIST || number == SAME_SECOND) {
			error_set(error, "Cannot make the incident %s in %s: %s", id,
				root, strerror(errno));
			free(id);
			return NULL;
		}
		free(id);
	}
}

static bool
make_files(int root, const char *path, struct disk_files *files, struct error *error)
{
	files->directory = disk_open_directory(path, error);
	if (files->directory < 0)
		return false;
	files->log = disk_open_log(
		files->directory, path, O_RDWR | O_APPEND | O_CREAT | O_EXCL, error);
	if (files->log < 0 ||
		!disk_lock(files->log, files->directory, files->id, error))
		return false;
	if (mkdirat(files->directory, "output", 0700) != 0)
		return error_set(
			error, "Cannot make %s/output: %s", path, strerror(errno));
	if (!disk_sync_directory(files->directory) || !disk_sync_directory(root))
		return error_set(
			error, "Cannot make %s durable: %s", path, strerror(errno));
	return true;
}

/* An incident that can't have a log is none: leave nothing behind. */
static void
unmake_files(int root, struct disk_files *files)
{
	if (files->log >= 0) {
		unlinkat(files->directory, "log.jsonl", 0);
		close(files->log);
	}
	if (files->directory >= 0) {
		unlinkat(files->directory, "output", AT_REMOVEDIR);
		close(files->directory);
	}
	unlinkat(root, files->id, AT_REMOVEDIR);
	free(files->id);
}

bool
disk_make_incident(const char *root, const char *name, int64_t now_us,
	struct disk_files *files, struct error *error)
{
	int fd = open_root(root, error);
	bool good = false;

	*files = (struct disk_files){ .directory = -1, .log = -1 };
	if (fd < 0)
		return false;
	files->id = make_directory(fd, root, name, now_us, error);
	if (files->id) {
		char *path = file_join(root, files->id);

		good = make_files(fd, path, files, error);
		free(path);
		if (!good)
			unmake_files(fd, files);
	}
	close(fd);
	return good;
}

/* The directory of the outputs, made again if somebody removed it. */
static int
open_outputs(int directory, const char *path, struct error *error)
{
	int fd = -1;

	if (mkdirat(directory, "output", 0700) == 0 || errno == EEXIST)
		fd = openat(directory, "output",
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		error_set(error, "Cannot use %s/output: %s", path, strerror(errno));
	return fd;
}

int
disk_make_output(int directory, const char *path, char **name, struct error *error)
{
	int outputs = open_outputs(directory, path, error);
	int fd = -1;

	*name = NULL;
	if (outputs < 0)
		return -1;
	for (unsigned number = 1; fd < 0 && number < OUTPUTS; number++) {
		free(*name);
		*name = alloc_printf("output/%04u.txt", number);
		fd = openat(outputs, *name + strlen("output/"),
			O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			0600);
		if (fd < 0 && errno != EEXIST)
			break;
	}
	if (fd < 0) {
		error_set(error, "Cannot make %s/%s: %s", path, *name, strerror(errno));
		free(*name);
		*name = NULL;
	} else {
		(void)disk_sync_directory(outputs);
	}
	close(outputs);
	return fd;
}
