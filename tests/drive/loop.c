/* The loop: timers, descriptors, signals, the idle call, and what is freed meanwhile.
 */
#include "pgrunbook/drive/loop.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pgrunbook/drive/clock.h"
#include "tests/tap/tap.h"

struct seen {
	struct loop *loop;
	struct loop_timer *timer;
	struct loop_descriptor *descriptor;
	int fd;
	int timers, idles, signals, events, bytes;
};

static void
on_timer(void *context)
{
	struct seen *seen = context;

	if (++seen->timers == 3)
		loop_stop(seen->loop);
}

static void
on_idle(void *context)
{
	((struct seen *)context)->idles++;
}

static void
test_timers(void)
{
	struct seen seen = { .loop = loop_new() };
	int64_t start = clock_monotonic_ns();

	loop_set_idle(seen.loop, on_idle, &seen);
	seen.timer = loop_timer_new(seen.loop, on_timer, &seen);
	loop_timer_start(seen.timer, 2500, 1000);
	loop_run(seen.loop);
	tap_is_int(seen.timers, 3, "a repeating timer fires until the loop stops");
	tap_ok(clock_monotonic_ns() - start >= 4500 * 1000, "and never early");
	tap_ok(seen.idles >= 3, "idle comes before each wait (%d times)", seen.idles);

	loop_timer_stop(seen.timer);
	loop_timer_start(seen.timer, 0, 0);
	loop_turn(seen.loop, true);
	tap_is_int(seen.timers, 4, "a stopped timer starts again");
	loop_turn(seen.loop, false);
	tap_is_int(seen.timers, 4, "a turn that doesn't wait comes back");
	loop_timer_free(seen.timer);
	tap_ok(loop_free(seen.loop), "nothing is left behind");
}

static void
on_unseen(void *context)
{
	struct seen *seen = context;

	seen->timers++;
	loop_unseen(seen->loop);
}

/* What nobody can see needs no screen, unless something else happened with it. */
static void
test_unseen(void)
{
	struct seen seen = { .loop = loop_new() };
	struct loop_timer *other = loop_timer_new(seen.loop, on_timer, &seen);

	loop_set_idle(seen.loop, on_idle, &seen);
	seen.timer = loop_timer_new(seen.loop, on_unseen, &seen);
	loop_timer_start(seen.timer, 0, 0);
	loop_turn(seen.loop, false);
	tap_is_int(seen.timers, 1, "a call that says that it is unseen");
	tap_is_int(seen.idles, 0, "no idle call for it");
	loop_timer_start(seen.timer, 0, 0);
	loop_timer_start(other, 0, 0);
	loop_turn(seen.loop, false);
	tap_is_int(seen.timers, 3, "another one with it");
	tap_is_int(seen.idles, 1, "and idle comes");
	loop_timer_start(other, 0, 0);
	loop_turn(seen.loop, false);
	tap_is_int(seen.idles, 2, "as for the other alone");
	loop_timer_start(other, INT64_C(3600) * 1000000, 0);
	loop_turn(seen.loop, false);
	tap_is_int(seen.idles, 3, "and for what the loop doesn't know");
	loop_timer_free(seen.timer);
	loop_timer_free(other);
	tap_ok(loop_free(seen.loop), "nothing is left behind");
}

static void
on_timer_free(void *context)
{
	struct seen *seen = context;

	loop_timer_free(seen->timer);
	seen->timer = NULL;
	seen->timers++;
}

static void
test_free_in_callback(void)
{
	struct seen seen = { .loop = loop_new() };

	seen.timer = loop_timer_new(seen.loop, on_timer_free, &seen);
	loop_timer_start(seen.timer, 1000, 1000);
	loop_run(seen.loop);
	tap_is_int(
		seen.timers, 1, "a timer may free itself; without one the loop ends");
	tap_ok(loop_free(seen.loop), "nothing is left behind");
}

static void
on_ready(void *context, int events)
{
	struct seen *seen = context;
	char buffer[16];

	seen->events |= events;
	if (events & LOOP_WRITABLE)
		loop_descriptor_set(seen->descriptor, LOOP_READABLE);
	if (events & LOOP_READABLE) {
		ssize_t got = read(seen->fd, buffer, sizeof(buffer));

		if (got <= 0) {
			loop_descriptor_free(seen->descriptor);
			seen->descriptor = NULL;
			loop_stop(seen->loop);
		} else {
			seen->bytes += (int)got;
		}
	}
}

static void
test_descriptors(void)
{
	struct seen seen = { .loop = loop_new() };
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) != 0) {
		tap_ok(false, "a pair of sockets");
		return;
	}
	seen.fd = fds[0];
	seen.descriptor = loop_descriptor_new(seen.loop, fds[0], on_ready, &seen);
	loop_descriptor_set(seen.descriptor, LOOP_READABLE | LOOP_WRITABLE);
	tap_ok(!(fcntl(fds[0], F_GETFL) & O_NONBLOCK), "it blocks as before");
	tap_ok(!loop_descriptor_new(seen.loop, fds[0], on_ready, &seen),
		"a descriptor is watched once");
	tap_is_int(write(fds[1], "hello", 5), 5, "something is written");
	loop_turn(seen.loop, true);
	close(fds[1]);
	loop_run(seen.loop);
	tap_is_int(seen.events, LOOP_READABLE | LOOP_WRITABLE, "both events arrive");
	tap_is_int(seen.bytes, 5, "all bytes arrive");
	tap_ok(!seen.descriptor, "a descriptor may be freed in its callback");
	close(fds[0]);

	/* The same number again, as libpq does between two addresses. */
	tap_is_int(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0, "another pair");
	seen.fd = fds[0];
	seen.bytes = 0;
	seen.descriptor = loop_descriptor_new(seen.loop, fds[0], on_ready, &seen);
	loop_descriptor_set(seen.descriptor, LOOP_READABLE);
	tap_is_int(write(fds[1], "again", 5), 5, "something is written");
	close(fds[1]);
	loop_run(seen.loop);
	tap_is_int(seen.bytes, 5, "a number that comes back is watched anew");
	close(fds[0]);
	tap_ok(loop_free(seen.loop), "nothing is left behind");
}

static void
on_signal(void *context, int number)
{
	struct seen *seen = context;

	seen->signals = number;
	loop_stop(seen->loop);
}

static void
test_signals(void)
{
	struct seen seen = { .loop = loop_new() };
	struct loop_signal *watched =
		loop_signal_new(seen.loop, SIGUSR1, on_signal, &seen);

	kill(getpid(), SIGUSR1);
	loop_run(seen.loop);
	tap_is_int(seen.signals, SIGUSR1, "a signal arrives");
	loop_signal_free(watched);
	tap_ok(loop_free(seen.loop), "nothing is left behind");
}

int
main(void)
{
	char boot[40];

	test_timers();
	test_unseen();
	test_free_in_callback();
	test_descriptors();
	test_signals();
	tap_ok(clock_now_us() > INT64_C(1700000000000000),
		"the clock goes in microseconds");
	tap_ok(clock_boot_id(boot)[0] != '\0', "there is a boot id: %s", boot);
	return tap_done();
}
