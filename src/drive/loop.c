#include "pgrunbook/drive/loop.h"

#include <fcntl.h>
#include <stdlib.h>
#include <uv.h>

#include "pgrunbook/base/alloc.h"

enum { GRACE_MS = 50 }; /* what work on other threads gets when the loop is freed */

struct loop {
	uv_loop_t uv;
	uv_prepare_t prepare; /* runs before each wait */
	void (*idle)(void *context);
	void *context;
	/* Since the last wait: calls of what was made on the loop, and how many of them
	 * said that there is nothing to be seen of them. */
	unsigned calls, unseen;
};

struct loop_timer {
	uv_timer_t uv; /* first: libuv's handle is our object */
	struct loop *loop;
	void (*fire)(void *context);
	void *context;
};

struct loop_descriptor {
	uv_poll_t uv;
	struct loop *loop;
	int events; /* that were asked for */
	void (*ready)(void *context, int events);
	void *context;
};

struct loop_signal {
	uv_signal_t uv;
	struct loop *loop;
	void (*raised)(void *context, int number);
	void *context;
};

/* libuv reads a handle until it says that it is closed. */
static void
loop_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static void
loop_prepared(uv_prepare_t *prepare)
{
	struct loop *loop = prepare->data;
	/* What libuv called by itself isn't counted: it never says that it is unseen.
	 */
	bool seen = loop->unseen == 0 || loop->unseen < loop->calls;

	loop->calls = loop->unseen = 0;
	if (loop->idle && seen)
		loop->idle(loop->context);
}

/* libuv's set-up calls fail for want of memory or descriptors only. */
static void
loop_must(int status)
{
	if (status < 0)
		abort();
}

struct loop *
loop_new(void)
{
	struct loop *loop = alloc_zeroed(1, sizeof(*loop));

	loop_must(uv_loop_init(&loop->uv));
	loop_must(uv_prepare_init(&loop->uv, &loop->prepare));
	loop->prepare.data = loop;
	loop_must(uv_prepare_start(&loop->prepare, loop_prepared));
	uv_unref((uv_handle_t *)&loop->prepare);
	return loop;
}

static void
loop_grace_over(uv_timer_t *timer)
{
	*(bool *)timer->data = true;
}

bool
loop_free(struct loop *loop)
{
	if (!loop)
		return true;
	uv_timer_t grace;
	bool over = false;

	loop->idle = NULL;
	uv_close((uv_handle_t *)&loop->prepare, NULL);
	loop_must(uv_timer_init(&loop->uv, &grace));
	grace.data = &over;
	uv_update_time(&loop->uv);
	loop_must(uv_timer_start(&grace, loop_grace_over, GRACE_MS, 0));
	uv_unref((uv_handle_t *)&grace);
	while (uv_loop_alive(&loop->uv) && !over)
		uv_run(&loop->uv, UV_RUN_ONCE);
	uv_close((uv_handle_t *)&grace, NULL);
	uv_run(&loop->uv, UV_RUN_NOWAIT);

	/* A loop that other threads still write to can't be given back. */
	if (uv_loop_close(&loop->uv) != 0)
		return false;
	free(loop);
	return true;
}

void
loop_run(struct loop *loop)
{
	uv_run(&loop->uv, UV_RUN_DEFAULT);
}

void
loop_turn(struct loop *loop, bool wait)
{
	uv_run(&loop->uv, wait ? UV_RUN_ONCE : UV_RUN_NOWAIT);
}

void
loop_stop(struct loop *loop)
{
	uv_stop(&loop->uv);
}

void
loop_set_idle(struct loop *loop, void (*idle)(void *context), void *context)
{
	loop->idle = idle;
	loop->context = context;
}

void
loop_unseen(struct loop *loop)
{
	loop->unseen++;
}

static void
loop_timer_fired(uv_timer_t *uv)
{
	struct loop_timer *timer = uv->data;

	timer->loop->calls++;
	timer->fire(timer->context);
}

struct loop_timer *
loop_timer_new(struct loop *loop, void (*fire)(void *context), void *context)
{
	struct loop_timer *timer = alloc_zeroed(1, sizeof(*timer));

	loop_must(uv_timer_init(&loop->uv, &timer->uv));
	timer->uv.data = timer;
	timer->loop = loop;
	timer->fire = fire;
	timer->context = context;
	return timer;
}

static uint64_t
loop_milliseconds(int64_t microseconds)
{
	return microseconds > 0 ? ((uint64_t)microseconds + 999) / 1000 : 0;
}

void
loop_timer_start(struct loop_timer *timer, int64_t delay_us, int64_t repeat_us)
{
	/* The loop's idea of now is as old as the batch of events that is being
	 * handled. */
	uv_update_time(timer->uv.loop);
	loop_must(uv_timer_start(&timer->uv, loop_timer_fired,
		loop_milliseconds(delay_us), loop_milliseconds(repeat_us)));
}

void
loop_timer_stop(struct loop_timer *timer)
{
	uv_timer_stop(&timer->uv);
}

void
loop_timer_free(struct loop_timer *timer)
{
	if (timer)
		uv_close((uv_handle_t *)&timer->uv, loop_closed);
}

static void loop_descriptor_ready(uv_poll_t *uv, int status, int events);

static void
loop_descriptor_start(struct loop_descriptor *descriptor)
{
	int events = 0;

	if (descriptor->events & LOOP_READABLE)
		events |= UV_READABLE;
	if (descriptor->events & LOOP_WRITABLE)
		events |= UV_WRITABLE;
	if (events)
		uv_poll_start(&descriptor->uv, events, loop_descriptor_ready);
	else
		uv_poll_stop(&descriptor->uv);
}

static void
loop_descriptor_ready(uv_poll_t *uv, int status, int events)
{
	struct loop_descriptor *descriptor = uv->data;
	int ready = 0;

	if (status < 0) {
		/* libuv has stopped watching; whoever reads now learns what is wrong.
		 */
		ready = LOOP_READABLE | LOOP_WRITABLE;
		loop_descriptor_start(descriptor);
	} else {
		if (events & UV_READABLE)
			ready |= LOOP_READABLE;
		if (events & UV_WRITABLE)
			ready |= LOOP_WRITABLE;
	}
	descriptor->loop->calls++;
	descriptor->ready(descriptor->context, ready);
}

struct loop_descriptor *
loop_descriptor_new(struct loop *loop, int fd, void (*ready)(void *context, int events),
	void *context)
{
	struct loop_descriptor *descriptor = alloc_zeroed(1, sizeof(*descriptor));
	int flags = fcntl(fd, F_GETFL);

	if (uv_poll_init(&loop->uv, &descriptor->uv, fd) < 0) {
		free(descriptor);
		return NULL;
	}
	/* libuv has added O_NONBLOCK. */
	if (flags >= 0)
		fcntl(fd, F_SETFL, flags);
	descriptor->uv.data = descriptor;
	descriptor->loop = loop;
	descriptor->ready = ready;
	descriptor->context = context;
	return descriptor;
}

void
loop_descriptor_set(struct loop_descriptor *descriptor, int events)
{
	if (descriptor->events == events)
		return;
	descriptor->events = events;
	loop_descriptor_start(descriptor);
}

void
loop_descriptor_free(struct loop_descriptor *descriptor)
{
	if (descriptor)
		uv_close((uv_handle_t *)&descriptor->uv, loop_closed);
}

static void
loop_signal_raised(uv_signal_t *uv, int number)
{
	struct loop_signal *watched = uv->data;

	watched->loop->calls++;
	watched->raised(watched->context, number);
}

struct loop_signal *
loop_signal_new(struct loop *loop, int number,
	void (*raised)(void *context, int number), void *context)
{
	struct loop_signal *watched = alloc_zeroed(1, sizeof(*watched));

	loop_must(uv_signal_init(&loop->uv, &watched->uv));
	watched->uv.data = watched;
	watched->loop = loop;
	watched->raised = raised;
	watched->context = context;
	loop_must(uv_signal_start(&watched->uv, loop_signal_raised, number));
	return watched;
}

void
loop_signal_free(struct loop_signal *watched)
{
	if (watched)
		uv_close((uv_handle_t *)&watched->uv, loop_closed);
}

void *
loop_uv(struct loop *loop)
{
	return &loop->uv;
}
