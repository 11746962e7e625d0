#include "pgrunbook/drive/clock.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

int64_t
clock_now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t
clock_monotonic_ns(void)
{
	struct timespec now;

	/* BOOTTIME goes on while the machine sleeps, as waiting people do. */
	if (clock_gettime(CLOCK_BOOTTIME, &now) != 0)
		clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

const char *
clock_boot_id(char out[40])
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : read(fd, out, 39);

	if (fd >= 0)
		close(fd);
	if (got > 0) {
		out[got] = '\0';
		out[strcspn(out, "\n")] = '\0';
	} else {
		snprintf(out, 40, "unknown");
	}
	return out;
}
