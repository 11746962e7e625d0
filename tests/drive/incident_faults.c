#include "tests/drive/incident_faults.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

struct faults faults;

/* How much of `size` may be written now; -1 with errno if none. */
static long
faults_allow(size_t size)
{
	long allowed = (long)size;

	if (faults.interrupt > 0) {
		faults.interrupt--;
		errno = EINTR;
		return -1;
	}
	if (faults.piece > 0 && allowed > faults.piece)
		allowed = faults.piece;
	if (faults.problem == 0)
		return allowed;
	if (faults.room == 0) {
		errno = faults.problem;
		return -1;
	}
	if (allowed > faults.room)
		allowed = faults.room;
	faults.room -= allowed;
	return allowed;
}

ssize_t
write(int fd, const void *bytes, size_t size)
{
	/* The producer of the test's own output is spared. */
	long allowed = fd <= STDERR_FILENO ? (long)size : faults_allow(size);

	return allowed < 0 ? -1 : syscall(SYS_write, fd, bytes, (size_t)allowed);
}

ssize_t
pwrite(int fd, const void *bytes, size_t size, off_t offset)
{
	faults.again += faults.count_again;
	return syscall(SYS_pwrite64, fd, bytes, size, offset);
}

int
fdatasync(int fd)
{
	if (faults.sync != 0) {
		errno = faults.sync;
		return -1;
	}
	return (int)syscall(SYS_fdatasync, fd);
}
