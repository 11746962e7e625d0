#include "pgrunbook/drive/child.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "pgrunbook/base/alloc.h"

/* libuv reads up to 32 times a turn: keys wait no longer than for 128 kB of output. */
enum { READ_BYTES = 4096, LINGER_MS = 1000 };

struct child {
	struct child_handler handler;
	uv_process_t process;
	uv_pipe_t pipe;
	uv_timer_t linger; /* a descendant may hold the pipe open after the end */
	int pid;
	struct child_exit exit;
	bool exited;
	bool drained; /* the pipe has reached its end */
	bool told;    /* the handler knows that it ended */
	bool freed;
	int open; /* libuv handles that are not closed yet */
	char buffer[READ_BYTES];
};

static void
child_closed(uv_handle_t *handle)
{
	struct child *child = handle->data;

	if (--child->open == 0)
		free(child);
}

/* Ends the child's life once it is let go of; libuv frees handles a turn later. */
static void
child_close(struct child *child)
{
	uv_close((uv_handle_t *)&child->pipe, child_closed);
	uv_close((uv_handle_t *)&child->linger, child_closed);
	uv_close((uv_handle_t *)&child->process, child_closed);
}

static void
child_tell(struct child *child)
{
	if (child->told || child->freed)
		return;
	child->told = true;
	uv_read_stop((uv_stream_t *)&child->pipe);
	uv_timer_stop(&child->linger);
	child->handler.ended(child->handler.context, &child->exit);
}

static void
child_lingered(uv_timer_t *timer)
{
	child_tell(timer->data);
}

static void
child_exited(uv_process_t *process, int64_t status, int term_signal)
{
	struct child *child = process->data;

	child->exited = true;
	child->exit = (struct child_exit){
		.status = term_signal != 0 ? -1 : (int)status,
		.signal = term_signal,
	};
	if (child->drained)
		child_tell(child);
	else if (!child->freed)
		uv_timer_start(&child->linger, child_lingered, LINGER_MS, 0);
}

static void
child_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
	struct child *child = handle->data;

	(void)suggested;
	*buffer = uv_buf_init(child->buffer, sizeof(child->buffer));
}

static void
child_read(uv_stream_t *stream, ssize_t length, const uv_buf_t *buffer)
{
	struct child *child = stream->data;

	if (length > 0 && !child->freed)
		child->handler.output(
			child->handler.context, buffer->base, (size_t)length);
	if (length >= 0)
		return;
	child->drained = true;
	if (child->exited)
		child_tell(child);
}

/* "NAME=value" beats ours; a bare "NAME" takes ours away. */
static bool
environment_overrides(const struct strlist *environment, const char *variable)
{
	size_t name = strcspn(variable, "=");

	for (size_t i = 0; i < environment->count; i++) {
		const char *item = environment->items[i];

		if (strncmp(item, variable, name) == 0 &&
			(item[name] == '=' || item[name] == '\0'))
			return true;
	}
	return false;
}

/* Ours with theirs on top; the caller frees the list. */
static struct strlist
environment_merge(const struct strlist *environment)
{
	struct strlist merged = { 0 };

	for (char **variable = environ; *variable != NULL; variable++) {
		if (!environment_overrides(environment, *variable))
			strlist_add(&merged, *variable);
	}
	for (size_t i = 0; i < environment->count; i++) {
		struct strlist later = { environment->items + i + 1,
			environment->count - i - 1, 0 };

		if (strchr(environment->items[i], '=') != NULL &&
			!environment_overrides(&later, environment->items[i]))
			strlist_add(&merged, environment->items[i]);
	}
	return merged;
}

static struct child *
child_new(uv_loop_t *loop, const struct child_handler *handler)
{
	struct child *child = alloc_zeroed(1, sizeof(*child));

	child->handler = *handler;
	uv_pipe_init(loop, &child->pipe, 0);
	uv_timer_init(loop, &child->linger);
	child->pipe.data = child->linger.data = child->process.data = child;
	return child;
}

static int
child_spawn(struct child *child, uv_loop_t *loop, char **argv, char **environment,
	const char *directory, int write_end)
{
	uv_stdio_container_t stdio[3] = {
		{ .flags = UV_IGNORE },
		{ .flags = UV_INHERIT_FD, .data.fd = write_end },
		{ .flags = UV_INHERIT_FD, .data.fd = write_end },
	};
	uv_process_options_t options = {
		.exit_cb = child_exited,
		.file = argv[0],
		.args = argv,
		.env = environment,
		.cwd = directory,
		.flags = UV_PROCESS_DETACHED,
		.stdio_count = 3,
		.stdio = stdio,
	};

	return uv_spawn(loop, &child->process, &options);
}

struct child *
child_start(struct loop *loop, const struct strlist *argv,
	const struct strlist *environment, const char *directory,
	const struct child_handler *handler, struct error *error)
{
	uv_loop_t *uv = loop_uv(loop);
	int ends[2];

	if (uv_pipe(ends, UV_NONBLOCK_PIPE, 0) != 0) {
		error_set(
			error, "%s: cannot make a pipe for its output", argv->items[0]);
		return NULL;
	}
	struct child *child = child_new(uv, handler);
	struct strlist merged = environment_merge(environment);
	char **arguments = strlist_argv(argv);
	char **variables = strlist_argv(&merged);
	int failed = child_spawn(child, uv, arguments, variables, directory, ends[1]);

	close(ends[1]);
	free(arguments);
	free(variables);
	strlist_free(&merged);
	uv_pipe_open(&child->pipe, ends[0]);
	/* A failed uv_spawn leaves a handle that must be closed all the same. */
	child->open = 3;
	if (failed != 0) {
		error_set(error, "cannot start %s: %s", argv->items[0],
			uv_strerror(failed));
		child->freed = true;
		child_close(child);
		return NULL;
	}
	child->pid = uv_process_get_pid(&child->process);
	uv_read_start((uv_stream_t *)&child->pipe, child_buffer, child_read);
	return child;
}

int
child_pid(const struct child *child)
{
	return child->pid;
}

void
child_signal(struct child *child, int number)
{
	/* Before it is reaped its pid, and so its group, can't be another's. */
	if (!child->exited)
		kill(-child->pid, number);
}

void
child_free(struct child *child)
{
	if (child == NULL || child->freed)
		return;
	child->freed = true;
	child_close(child);
}
