#include "pgrunbook/drive/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pgrunbook/base/alloc.h"

/* read() that survives signals. */
static ssize_t
file_read_some(int descriptor, char *out, size_t room)
{
	ssize_t got;

	do {
		got = read(descriptor, out, room);
	} while (got < 0 && errno == EINTR);
	return got;
}

/*
 * Whether what a read() with room for more got of a regular file ends it: pages are
 * read whole, so that a signal or a bad disk cuts between two of them, and only the
 * file's end within one.  To ask again, and be told nothing, would take a tenth of the
 * time of a small file.
 */
static bool
file_is_end(ssize_t got)
{
	enum { PAGE = 4096 }; /* no system has smaller ones; larger are a multiple */

	return got % PAGE != 0 || got == 0;
}

/* Appends the regular file's bytes up to its end, wherever that is by now. */
static bool
file_read_all(int descriptor, const char *name, size_t limit, struct str *out,
	struct error *error)
{
	char buffer[16384];
	size_t length = 0;

	for (;;) {
		ssize_t got = file_read_some(descriptor, buffer, sizeof(buffer));

		if (got < 0)
			return error_set(
				error, "can't read %s: %s", name, strerror(errno));
		length += (size_t)got;
		if (length > limit)
			return error_set(error,
				"can't read %s: it is larger than %zu bytes", name,
				limit);
		str_add_bytes(out, buffer, (size_t)got);
		if (file_is_end(got))
			return true;
	}
}

static bool
file_is_regular(int descriptor, const char *name, struct error *error)
{
	struct stat status;

	if (fstat(descriptor, &status) < 0)
		return error_set(error, "can't read %s: %s", name, strerror(errno));
	if (!S_ISREG(status.st_mode))
		return error_set(error, "can't read %s: it is no regular file", name);
	return true;
}

/* -1 with an error, which calls it `name`, if it can't be opened. */
static int
file_open(int directory, const char *path, const char *name, struct error *error)
{
	/* A FIFO without a writer would block open() itself. */
	int descriptor =
		openat(directory, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (descriptor < 0)
		error_set(error, "can't open %s: %s", name, strerror(errno));
	return descriptor;
}

static bool
file_read_named(int directory, const char *path, const char *name, bool regular,
	size_t limit, struct str *out, struct error *error)
{
	int descriptor = file_open(directory, path, name, error);

	if (descriptor < 0)
		return false;
	bool good = (regular || file_is_regular(descriptor, name, error)) &&
		    file_read_all(descriptor, name, limit, out, error);
	close(descriptor);
	return good;
}

bool
file_read_at(int directory, const char *path, bool regular, size_t limit,
	struct str *out, struct error *error)
{
	return file_read_named(directory, path, "it", regular, limit, out, error);
}

bool
file_read_start(
	const char *path, size_t limit, struct str *out, bool *cut, struct error *error)
{
	int descriptor = file_open(AT_FDCWD, path, path, error);
	char buffer[16384];
	ssize_t got = 0;

	*cut = false;
	if (descriptor < 0)
		return false;
	bool good = file_is_regular(descriptor, path, error);
	for (size_t length = 0; good && length < limit; length += (size_t)got) {
		size_t room = limit - length;

		got = file_read_some(descriptor, buffer,
			room < sizeof(buffer) ? room : sizeof(buffer));
		if (got <= 0)
			break;
		str_add_bytes(out, buffer, (size_t)got);
	}
	if (got < 0)
		good = error_set(error, "can't read %s: %s", path, strerror(errno));
	/* What is there still is one byte more. */
	*cut = got > 0 && file_read_some(descriptor, buffer, 1) > 0;
	close(descriptor);
	return good;
}

bool
file_read(const char *path, size_t limit, struct str *out, struct error *error)
{
	return file_read_named(AT_FDCWD, path, path, false, limit, out, error);
}

bool
file_exists(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 || errno != ENOENT;
}

char *
file_join(const char *directory, const char *name)
{
	size_t length = strlen(directory), more = strlen(name);

	if (*name == '/' || length == 0)
		return alloc_copy_bytes(name, more);
	bool slash = directory[length - 1] != '/';
	char *path = alloc_resize(NULL, length + slash + more + 1, 1);
	memcpy(path, directory, length + 1);
	path[length] = '/';
	memcpy(path + length + slash, name, more + 1);
	return path;
}

/* Makes one directory; that it is there already is fine. */
static bool
file_make_directory(const char *path, unsigned mode, struct error *error)
{
	struct stat status;

	if (mkdir(path, (mode_t)mode) == 0)
		return true;
	int reason = errno;
	if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
		return true;
	return error_set(error, "can't make the directory %s: %s", path,
		reason == EEXIST ? "there is a file of that name" : strerror(reason));
}

bool
file_make_directories(const char *path, unsigned mode, struct error *error)
{
	char *part = alloc_copy(path);
	bool good = true;

	for (char *slash = strchr(part + (*part == '/'), '/'); good && slash;
		slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		good = file_make_directory(part, mode, error);
		*slash = '/';
	}
	if (good)
		good = file_make_directory(part, mode, error);
	free(part);
	return good;
}

static bool
file_write_all(int descriptor, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t written = write(descriptor, bytes, length);

		if (written < 0 && errno != EINTR)
			return false;
		if (written > 0) {
			bytes += written;
			length -= (size_t)written;
		}
	}
	return fsync(descriptor) == 0;
}

/* The new name is as durable as the bytes only once its directory is. */
static bool
file_sync_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder = slash == NULL
			       ? alloc_copy(".")
			       : alloc_copy_bytes(path,
					 slash == path ? 1 : (size_t)(slash - path));
	int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool good = descriptor >= 0 && fsync(descriptor) == 0;

	if (descriptor >= 0)
		close(descriptor);
	free(folder);
	return good;
}

bool
file_replace(const char *path, const char *bytes, size_t length, struct error *error)
{
	char *draft = alloc_printf("%s.XXXXXX", path);
	int descriptor = mkstemp(draft);
	bool good = descriptor >= 0 && file_write_all(descriptor, bytes, length);
	int reason = errno;

	if (descriptor >= 0 && close(descriptor) != 0 && good) {
		good = false;
		reason = errno;
	}
	if (good && (rename(draft, path) != 0 || !file_sync_folder(path))) {
		good = false;
		reason = errno;
	}
	if (!good && descriptor >= 0)
		unlink(draft);
	free(draft);
	return good || error_set(error, "can't write %s: %s", path, strerror(reason));
}

char *
file_state_folder(struct error *error)
{
	const char *state = getenv("XDG_STATE_HOME");
	const char *home = getenv("HOME");

	/* A relative one is to be ignored: XDG Base Directory Specification. */
	if (state && *state == '/')
		return alloc_printf("%s/pgrunbook", state);
	if (home && *home == '/')
		return alloc_printf("%s/.local/state/pgrunbook", home);
	error_set(error, "Neither XDG_STATE_HOME nor HOME says where incident logs and "
			 "choices are kept: set one to an absolute path");
	return NULL;
}
