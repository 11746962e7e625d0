/*
 * The one loop of the one thread: file descriptors, timers, signals, posted work.
 * libuv underneath; drive/child.c and drive/resolve.c reach it through loop_uv().
 */
#ifndef PGRUNBOOK_DRIVE_LOOP_H
#define PGRUNBOOK_DRIVE_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct loop;
struct loop_timer;
struct loop_descriptor;
struct loop_signal;

enum { LOOP_READABLE = 1, LOOP_WRITABLE = 2 };

struct loop *loop_new(void);
/*
 * Everything made on it must have been freed; runs the closing of handles to its end.
 * False: work on another thread (a name that DNS doesn't answer, a cancel request to a
 * server that hangs) didn't end within a moment and was left behind.  libuv waits for
 * its threads in exit(), so such a process should leave by _exit().
 */
bool loop_free(struct loop *loop);
/* Runs until loop_stop, or until there is nothing left that could happen. */
void loop_run(struct loop *loop);
/* One turn: waits for something to happen unless `wait` is false. */
void loop_turn(struct loop *loop, bool wait);
void loop_stop(struct loop *loop);
/* Called once before the loop waits, after each batch of events: where the screen is
 * drawn. */
void loop_set_idle(struct loop *loop, void (*idle)(void *context), void *context);
/* Told by a callback, once, of which there is nothing to be seen (a part of an answer
 * came): if that holds for all of the batch, the idle call is left out. */
void loop_unseen(struct loop *loop);

/* All callbacks may make, change and free anything on the loop, what called them too.
 */

/* A timer that is not running yet. */
struct loop_timer *loop_timer_new(
	struct loop *loop, void (*fire)(void *context), void *context);
/* Starts (again): after `delay_us`, then every `repeat_us` (0: once).  Rounded up to
 * whole milliseconds, so a timer never fires early. */
void loop_timer_start(struct loop_timer *timer, int64_t delay_us, int64_t repeat_us);
void loop_timer_stop(struct loop_timer *timer);
void loop_timer_free(struct loop_timer *timer);

/*
 * Watches a descriptor that the caller owns, for nothing yet.  Free the watch before
 * the descriptor is closed: a number that comes back is another descriptor.  An error
 * on the descriptor counts as readable and writable: the read or write will say what it
 * is.  Whether it blocks stays as it was: a terminal's output, and the shell that it is
 * left to, share that.
 * NULL if the descriptor can't be watched (a regular file, or one watched already).
 */
struct loop_descriptor *loop_descriptor_new(struct loop *loop, int fd,
	void (*ready)(void *context, int events), void *context);
void loop_descriptor_set(struct loop_descriptor *descriptor, int events);
void loop_descriptor_free(struct loop_descriptor *descriptor);

struct loop_signal *loop_signal_new(struct loop *loop, int number,
	void (*raised)(void *context, int number), void *context);
void loop_signal_free(struct loop_signal *signal);

/* The uv_loop_t, for the drivers that need more of libuv. */
void *loop_uv(struct loop *loop);

#endif
