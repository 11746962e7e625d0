#include "pgrunbook/main/screen_loop.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pgrunbook/app/console.h"
#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/canvas.h"
#include "pgrunbook/drive/clock.h"
#include "pgrunbook/drive/file.h"
#include "pgrunbook/drive/loop.h"
#include "pgrunbook/view/prompt.h"
#include "pgrunbook/view/screen.h"
#include "pgrunbook/view/term.h"

struct screen_loop {
	struct loop *loop;
	struct term *term;
	struct prompt *prompt;
	struct console *console;
	struct canvas *canvas;
	struct loop_descriptor *input;
	struct loop_signal *signals[6];
	int error_output;	  /* standard error, put aside while the screen is up */
	enum line_purpose typing; /* the line that the prompt was opened for */
	bool asking;
	bool left; /* what is typed after q is for somebody else */
};

static struct app *
screen_app(struct screen_loop *screen)
{
	return console_app(screen->console);
}

/* The app opens a line; the prompt edits it and hands it back. */
static void
screen_follow_line(struct screen_loop *screen)
{
	struct app *app = screen_app(screen);

	if (app->line.purpose == screen->typing)
		return;
	screen->typing = app->line.purpose;
	if (screen->typing != LINE_NONE)
		prompt_open(screen->prompt, app->line.text,
			screen->typing == LINE_COMMAND ? PROMPT_COMMAND
			: screen->typing == LINE_FIND  ? PROMPT_SEARCH
						       : PROMPT_TEXT);
}

static void
screen_line_key(struct screen_loop *screen, const struct key *key)
{
	struct app *app = screen_app(screen);
	enum prompt_state state = prompt_key(screen->prompt, key);
	char *text = alloc_copy(prompt_text(screen->prompt));

	if (state == PROMPT_EDITING) {
		app_line_show(app, text, prompt_cursor(screen->prompt));
		const struct strlist *candidates = prompt_candidates(screen->prompt);
		if (candidates->count != 0) {
			char *words = strlist_join(candidates, "  ");

			app_say(app, false, "%s", words);
			free(words);
		}
	} else {
		screen->typing = LINE_NONE;
		if (state == PROMPT_ENTERED)
			app_line_enter(app, text);
		else
			app_line_leave(app);
	}
	free(text);
}

static void
screen_suspend(struct screen_loop *screen)
{
	struct app *app = screen_app(screen);

	/* With nobody to read its output a step stops in the middle, with its locks. */
	if (app->step_running >= 0) {
		app_say(app, true,
			"a step is running and would stop with the console: not "
			"suspended");
		return;
	}
	term_suspend(screen->term);
	raise(SIGSTOP);
	term_resume(screen->term);
	term_redraw(screen->term);
}

static void
screen_key(struct screen_loop *screen, const struct key *key)
{
	struct app *app = screen_app(screen);

	app->now_us = clock_now_us();
	/* Wherever its keys go: what they opened or left must not hide its end. */
	app_follow_paste(app, key);
	if (key->code == 'Z' - '@')
		screen_suspend(screen);
	else if (app->ask.purpose != ASK_NOTHING || app->line.purpose == LINE_NONE)
		app_key(app, key);
	else
		screen_line_key(screen, key);
	console_work(screen->console);
	screen_follow_line(screen);
	/* What was typed before a question opened is no answer to it. */
	bool asking = app->ask.purpose != ASK_NOTHING;
	if (asking && !screen->asking)
		term_flush_input(screen->term);
	screen->asking = asking;
}

static void
screen_ready(void *context, int events)
{
	struct screen_loop *screen = context;
	struct key key;

	(void)events;
	while (!screen->left && term_key(screen->term, &key)) {
		screen_click(screen_app(screen), &key);
		screen_key(screen, &key);
		app_settle(screen_app(screen));
		if (screen_app(screen)->find.over_direction != 0)
			app_find_over(screen_app(screen),
				screen_over_find(screen_app(screen)));
	}
	/* An empty read of a readable terminal is its end. */
	if (term_gone(screen->term))
		console_leave(screen->console);
}

static void
screen_resize(struct screen_loop *screen)
{
	int rows, columns;

	term_resized(screen->term);
	term_size(screen->term, &rows, &columns);
	canvas_resize(screen->canvas, rows, columns);
	app_resize(screen_app(screen), rows, columns);
	term_redraw(screen->term);
}

static void
screen_signal(void *context, int number)
{
	struct screen_loop *screen = context;

	if (number == SIGWINCH)
		screen_resize(screen);
	else if (number == SIGTSTP)
		screen_suspend(screen);
	else if (number != SIGCONT)
		console_leave(screen->console);
	else
		term_redraw(screen->term);
}

/* Before the loop waits: the picture follows what happened. */
static void
screen_draw_now(void *context)
{
	struct screen_loop *screen = context;
	struct app *app = screen_app(screen);

	app->now_us = clock_now_us();
	console_work(screen->console);
	screen_follow_line(screen);
	screen->asking = app->ask.purpose != ASK_NOTHING;
	app_settle(app);
	if (alerts_take_ring(&app->alerts) && !app->muted)
		term_bell(screen->term);
	canvas_clear(screen->canvas);
	screen_draw(app, screen->canvas);
	app->over_last = screen_over_last(app);
	term_show(screen->term, screen->canvas);
}

static void
screen_redraw(void *context)
{
	struct screen_loop *screen = context;

	term_redraw(screen->term);
}

static void
screen_quit(void *context)
{
	struct screen_loop *screen = context;

	screen->left = true;
	loop_stop(screen->loop);
}

static void
screen_complete(
	void *context, const char *line, size_t word, struct strlist *candidates)
{
	struct screen_loop *screen = context;

	app_complete(screen_app(screen), line, word, candidates);
}

/* Beside the incidents, under the user's state directory; NULL: no history is kept. */
static char *
screen_history(void)
{
	struct error error = { 0 };
	char *folder = file_state_folder(&error);
	char *history = NULL;

	if (folder != NULL && file_make_directories(folder, 0700, &error))
		history = file_join(folder, "history");
	error_clear(&error);
	free(folder);
	return history;
}

/* Libraries warn on standard error (libpq of an open .pgpass), which is the screen. */
static void
screen_keep_errors(struct screen_loop *screen)
{
	if (!isatty(STDERR_FILENO))
		return; /* it goes somewhere else already */
	int kept = memfd_create("pgrunbook-stderr", MFD_CLOEXEC);
	if (kept < 0)
		return;
	screen->error_output = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	if (screen->error_output >= 0)
		dup2(kept, STDERR_FILENO);
	close(kept);
}

/* Gives it back, with what was said meanwhile. */
static void
screen_show_errors(struct screen_loop *screen)
{
	char buffer[4096];
	ssize_t length;

	if (screen->error_output < 0)
		return;
	int kept = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	dup2(screen->error_output, STDERR_FILENO);
	close(screen->error_output);
	if (kept < 0)
		return;
	lseek(kept, 0, SEEK_SET);
	while ((length = read(kept, buffer, sizeof(buffer))) > 0)
		fwrite(buffer, 1, (size_t)length, stderr);
	close(kept);
}

static bool
screen_open(
	struct screen_loop *screen, const struct options *options, struct error *error)
{
	char *history = screen_history();

	screen->term = term_new(options->ascii, !options->no_colour, error);
	if (screen->term != NULL)
		screen->prompt = prompt_new(history, screen_complete, screen, error);
	free(history);
	return screen->prompt != NULL;
}

/* False: work was left on a thread, and the process must leave by _exit. */
static bool
screen_close(struct screen_loop *screen)
{
	for (size_t i = 0; i < sizeof(screen->signals) / sizeof(screen->signals[0]);
		i++)
		loop_signal_free(screen->signals[i]);
	loop_descriptor_free(screen->input);
	char *farewell =
		screen->console == NULL ? NULL : console_farewell(screen->console);
	console_free(screen->console);
	canvas_free(screen->canvas);
	prompt_free(screen->prompt);
	term_free(screen->term);
	bool whole = loop_free(screen->loop);
	screen_show_errors(screen);
	if (farewell != NULL)
		fprintf(stderr, "%s\n", farewell);
	free(farewell);
	return whole;
}

bool
screen_loop_run(
	const struct options *options, const struct setup *setup, struct error *error)
{
	static const int numbers[] = { SIGWINCH, SIGTERM, SIGHUP, SIGINT, SIGTSTP,
		SIGCONT };
	struct screen_loop screen = { .loop = loop_new() };
	struct console_options console = {
		.setup = setup,
		.runbook = options->runbook,
		.read_only = options->read_only,
		.redraw = screen_redraw,
		.quit = screen_quit,
		.context = &screen,
	};
	bool opened = screen_open(&screen, options, error);

	screen.error_output = -1;
	if (opened) {
		screen_keep_errors(&screen);
		screen.canvas = canvas_new(1, 1, term_ascii(screen.term));
		screen.console = console_new(screen.loop, &console);
		screen.input = loop_descriptor_new(
			screen.loop, STDIN_FILENO, screen_ready, &screen);
		loop_descriptor_set(screen.input, LOOP_READABLE);
		for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
			screen.signals[i] = loop_signal_new(
				screen.loop, numbers[i], screen_signal, &screen);
		screen_resize(&screen);
		loop_set_idle(screen.loop, screen_draw_now, &screen);
		loop_run(screen.loop);
	}
	if (!screen_close(&screen)) {
		fflush(stderr);
		_exit(opened ? 0 : 2);
	}
	return opened;
}
