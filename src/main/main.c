/* Options, wiring, exit status. */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pgrunbook/app/command_log.h"
#include "pgrunbook/app/command_look.h"
#include "pgrunbook/app/command_plan.h"
#include "pgrunbook/app/command_tree.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/base/text.h"
#include "pgrunbook/main/options.h"
#include "pgrunbook/main/screen_loop.h"

/* 2: an error, whatever the command. */
static int
complain(const char *message)
{
	fprintf(stderr, "pgrunbook: %s\n", message);
	return 2;
}

/* The commands that take a question about the tree; NULL: no such command. */
struct tree_command {
	int (*run)(const struct setup *setup, const struct tree_question *question,
		struct str *out, struct str *complaints);
	/* Whether it has to look into the database; NULL: never. */
	bool (*asks)(const struct tree_question *question);
};

static const struct tree_command tree_commands[COMMANDS] = {
	[COMMAND_HEADS] = { command_heads, NULL },
	[COMMAND_BRANCHES] = { command_branches, NULL },
	[COMMAND_HISTORY] = { command_history, command_history_asks },
	[COMMAND_SHOW] = { command_show, command_show_asks },
	[COMMAND_CURRENT] = { command_current, command_current_asks },
	[COMMAND_PLAN] = { command_plan, command_plan_asks },
};

static int
run_command(const struct options *options, int argc, char **argv,
	const struct setup *setup, struct str *out, struct str *complaints)
{
	switch (options->command) {
	case COMMAND_LOG:
		return command_log(
			argc - options->rest, argv + options->rest, out, complaints);
	default:
		return tree_commands[options->command].run(
			setup, &options->question, out, complaints);
	}
}

/* Whether all that was written has arrived: what was long was written before. */
static bool
arrives(FILE *file)
{
	return fflush(file) == 0 && !ferror(file);
}

/* Ends as others do in front of `head`, if that has what it wants. */
static void
end_in_pipe(void)
{
	signal(SIGPIPE, SIG_DFL);
	raise(SIGPIPE);
}

/* A pipe gets the bytes as they are; no control byte of a file's reaches a terminal. */
static bool
print(const struct str *text, FILE *file)
{
	struct str clean = { 0 };

	if (isatty(fileno(file)))
		text_sanitize_lines(str_text(text), text->length, &clean);
	else
		str_add_bytes(&clean, str_text(text), text->length);
	fwrite(str_text(&clean), 1, clean.length, file);
	str_free(&clean);
	return arrives(file);
}

/* Whether output arrives, and why it doesn't. */
struct delivery {
	int why; /* errno; 0: it does */
};

static bool
deliver(void *context, struct str *out, struct str *complaints)
{
	struct delivery *delivery = context;

	if (!print(out, stdout) && delivery->why == 0)
		delivery->why = errno;
	print(complaints, stderr);
	str_clear(out);
	str_clear(complaints);
	return delivery->why == 0;
}

/* There was nothing to print just then. */
static void
deliver_to_nobody(void *context)
{
	struct delivery *delivery = context;

	delivery->why = EPIPE;
}

static int
standard_pipe(void)
{
	struct stat stat;

	return fstat(STDOUT_FILENO, &stat) == 0 && S_ISFIFO(stat.st_mode)
		       ? STDOUT_FILENO
		       : -1;
}

static int
without_screen(
	const struct options *options, int argc, char **argv, const struct setup *setup)
{
	struct delivery delivery = { 0 };
	struct look_way way = {
		.json = options->json,
		.watch = options->watch,
		.print = deliver,
		.pipe = standard_pipe(),
		.broken = deliver_to_nobody,
		.context = &delivery,
	};
	struct str out = { 0 };
	struct str complaints = { 0 };
	int status;

	if (options->look != NULL) {
		status = command_look(options->look, setup, &way);
	} else {
		status = run_command(options, argc, argv, setup, &out, &complaints);
		deliver(&delivery, &out, &complaints);
	}
	if (delivery.why == EPIPE)
		end_in_pipe();
	if (delivery.why != 0) {
		fprintf(stderr, "pgrunbook: the output can't be written: %s\n",
			strerror(delivery.why));
		status = 2;
	}
	str_free(&out);
	str_free(&complaints);
	return status;
}

/* What a command needs is read, and no more: the tree is there without a database. */
static bool
make_setup(const struct options *options, struct setup *setup, struct error *error)
{
	const struct tree_command *command = &tree_commands[options->command];

	if (options->command == COMMAND_LOG)
		return true;
	if (command->run != NULL &&
		(command->asks == NULL || !command->asks(&options->question)))
		return setup_make_tree(&options->setup, setup, error);
	return setup_make(&options->setup, setup, error);
}

static int
run(const struct options *options, int argc, char **argv)
{
	struct error error = { 0 };
	struct setup setup = { 0 };
	int status = 2;

	if (!make_setup(options, &setup, &error))
		complain(error.message);
	else if (options->command != COMMAND_CONSOLE)
		status = without_screen(options, argc, argv, &setup);
	else if (!screen_loop_run(options, &setup, &error))
		complain(error.message);
	else
		status = 0;
	error_clear(&error);
	setup_free(&setup);
	if ((status == 2 || options->watch) && fflush(NULL) == 0) {
		/* exit() would wait for what a failure may have left on a thread: a
		 * name that DNS doesn't answer. */
		_exit(status);
	}
	return status;
}

static int
help(void)
{
	struct str text = { 0 };

	options_help(&text);
	fputs(str_text(&text), stdout);
	str_free(&text);
	return arrives(stdout) ? 0 : 2;
}

/*
 * A closed standard stream's number would be given to the next file that is opened, a
 * log or a connection, and what is meant for the stream would be written there.
 */
static void
hold_streams(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) == -1)
			open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

int
main(int argc, char **argv)
{
	struct options options;
	struct error error = { 0 };

	hold_streams();
	setlocale(LC_ALL, "");
	signal(SIGPIPE, SIG_IGN); /* a lost server is an error value, not the end */
	if (!options_parse(argc, argv, &options, &error)) {
		complain(error.message);
		error_clear(&error);
		return 2;
	}
	if (options.help)
		return help();
	if (options.version) {
		puts("pgrunbook " PACKAGE_VERSION);
		return arrives(stdout) ? 0 : 2;
	}
	return run(&options, argc, argv);
}
