#include "src/drive/incident_disk.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/text.h"
#include "pgrunbook/drive/file.h"

enum { WRITER_TEXT = 200 };
static const off_t log_limit = (off_t)1 << 30;

char *
disk_path(const char *root, const char *id, struct error *error)
{
	if (*id == '\0' || *id == '.' || strchr(id, '/')) {
		error_set(error, "\"%s\" is not an incident's name", id);
		return NULL;
	}
	return file_join(root, id);
}

int
disk_open_directory(const char *path, struct error *error)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int problem = errno;

	if (fd >= 0)
		return fd;
	if (problem == ENOTDIR || problem == ELOOP)
		error_set(error,
			"%s is not a directory, or a symbolic link to one: an "
			"incident's "
			"directory has to be where its name says",
			path);
	else
		error_set(error, "Cannot open the incident %s: %s", path,
			strerror(problem));
	errno = problem;
	return -1;
}

int
disk_open_log(int directory, const char *path, int flags, struct error *error)
{
	/* O_NONBLOCK: a FIFO in its place is an error below, not a wait. */
	int fd = openat(directory, "log.jsonl",
		flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	int problem = errno;
	struct stat is;

	if (fd < 0) {
		error_set(error, "Cannot open %s/log.jsonl: %s%s", path,
			strerror(problem),
			problem == ELOOP ? " (it is a symbolic link)" : "");
		errno = problem;
		return -1;
	}
	if (fstat(fd, &is) == 0 && S_ISREG(is.st_mode))
		return fd;
	close(fd);
	error_set(error, "%s/log.jsonl is not a regular file", path);
	errno = EINVAL;
	return -1;
}

/* What the file "writer" says, or NULL; the caller owns it. */
static char *
writer_read(int directory)
{
	int fd = openat(
		directory, "writer", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	char bytes[WRITER_TEXT];
	struct str clean = { 0 };
	ssize_t got;

	if (fd < 0)
		return NULL;
	got = read(fd, bytes, sizeof(bytes));
	close(fd);
	if (got <= 0)
		return NULL;
	text_sanitize(bytes, (size_t)got, &clean);
	return str_take(&clean);
}

bool
disk_lock(int log, int directory, const char *id, struct error *error)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char *writer;

	/*
	 * A lock of the open file: unlike one of the process it outlives our reading
	 * the same log through another descriptor.
	 */
	if (fcntl(log, F_OFD_SETLK, &lock) == 0)
		return true;
	if (errno != EAGAIN && errno != EACCES)
		return error_set(error, "Cannot lock the log of incident %s: %s", id,
			strerror(errno));
	writer = writer_read(directory);
	error_set(error,
		"Incident %s is being written by %s: there is one writer at a time; "
		"leave that console first",
		id, writer ? writer : "another process");
	free(writer);
	return false;
}

void
disk_tell_writer(int directory, const char *who)
{
	int fd = openat(directory, "writer",
		O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
		0600);
	size_t written;

	/* Only a message is poorer without it: failing is nothing to report. */
	if (fd < 0)
		return;
	(void)disk_write(fd, who, strlen(who), &written);
	close(fd);
}

void
disk_forget_writer(int directory)
{
	unlinkat(directory, "writer", 0);
}

bool
disk_locked(int log)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	return fcntl(log, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

/*
 * At the limit of a file's size the kernel sends SIGXFSZ, which kills, besides EFBIG.
 * It goes to this thread: block it for the one call and take it away afterwards.
 */
static ssize_t
write_quietly(int fd, const char *bytes, size_t length, off_t offset)
{
	const struct timespec now = { 0 };
	sigset_t limit, before;
	ssize_t wrote;
	int problem;

	sigemptyset(&limit);
	sigaddset(&limit, SIGXFSZ);
	pthread_sigmask(SIG_BLOCK, &limit, &before);
	wrote = offset < 0 ? write(fd, bytes, length)
			   : pwrite(fd, bytes, length, offset);
	problem = errno;
	if (wrote < 0 && problem == EFBIG && !sigismember(&before, SIGXFSZ))
		sigtimedwait(&limit, NULL, &now);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = problem;
	return wrote;
}

bool
disk_write(int fd, const char *bytes, size_t length, size_t *written)
{
	*written = 0;
	while (*written < length) {
		ssize_t wrote =
			write_quietly(fd, bytes + *written, length - *written, -1);

		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote == 0)
			errno = EIO;
		if (wrote <= 0)
			return false;
		*written += (size_t)wrote;
	}
	return true;
}

bool
disk_write_at(int fd, const char *bytes, size_t length, off_t offset)
{
	while (length > 0) {
		ssize_t wrote = write_quietly(fd, bytes, length, offset);

		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote == 0)
			errno = EIO;
		if (wrote <= 0)
			return false;
		bytes += wrote;
		length -= (size_t)wrote;
		offset += wrote;
	}
	return true;
}

bool
disk_sync(int fd)
{
	int result;

	do {
		result = fdatasync(fd);
	} while (result != 0 && errno == EINTR);
	return result == 0;
}

bool
disk_sync_directory(int fd)
{
	int result;

	do {
		result = fsync(fd);
	} while (result != 0 && errno == EINTR);
	return result == 0 || errno == EINVAL || errno == ENOTSUP;
}

bool
disk_read(int fd, const char *path, struct str *out, struct error *error)
{
	char block[65536];
	struct stat is;
	off_t at = 0;
	ssize_t got;

	if (fstat(fd, &is) == 0 && is.st_size > log_limit)
		return error_set(error, "%s/log.jsonl is larger than 1 GB", path);
	/* pread: an append may be under way, and the offset is nobody's business. */
	while ((got = pread(fd, block, sizeof(block), at)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_set(error, "Cannot read %s/log.jsonl: %s", path,
				strerror(errno));
		str_add_bytes(out, block, (size_t)got);
		at += got;
	}
	return true;
}
