/* Options, wiring, exit status. */
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "pgrunbook/app/command_log.h"
#include "pgrunbook/app/command_watch.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/main/options.h"
#include "pgrunbook/main/screen_loop.h"

/* 2: an error, whatever the command. */
static int
complain(const char *message)
{
	fprintf(stderr, "pgrunbook: %s\n", message);
	return 2;
}

static int
without_screen(
	const struct options *options, int argc, char **argv, const struct setup *setup)
{
	struct str out = { 0 };
	struct str complaints = { 0 };
	int status = 2;

	if (options->command == COMMAND_LOG)
		status = command_log(
			argc - options->rest, argv + options->rest, &out, &complaints);
	else if (options->command == COMMAND_STATUS)
		status = command_status(setup, options->json, &out, &complaints);
	else
		status = command_locks(setup, options->json, &out, &complaints);
	fwrite(str_text(&out), 1, out.length, stdout);
	fwrite(str_text(&complaints), 1, complaints.length, stderr);
	if (fflush(stdout) != 0)
		status = complain("the output can't be written");
	str_free(&out);
	str_free(&complaints);
	return status;
}

static int
run(const struct options *options, int argc, char **argv)
{
	struct error error = { 0 };
	struct setup setup = { 0 };
	int status = 2;

	if (options->command == COMMAND_LOG)
		return without_screen(options, argc, argv, NULL);
	if (!setup_make(&options->setup, &setup, &error))
		complain(error.message);
	else if (options->command != COMMAND_CONSOLE)
		status = without_screen(options, argc, argv, &setup);
	else if (!screen_loop_run(options, &setup, &error))
		complain(error.message);
	else
		status = 0;
	error_clear(&error);
	setup_free(&setup);
	return status;
}

int
main(int argc, char **argv)
{
	struct options options;
	struct error error = { 0 };

	setlocale(LC_ALL, "");
	signal(SIGPIPE, SIG_IGN); /* a lost server is an error value, not the end */
	if (!options_parse(argc, argv, &options, &error)) {
		complain(error.message);
		error_clear(&error);
		return 2;
	}
	if (options.help) {
		fputs(options_help(), stdout);
		return fflush(stdout) == 0 ? 0 : 2;
	}
	if (options.version) {
		puts("pgrunbook " PACKAGE_VERSION);
		return fflush(stdout) == 0 ? 0 : 2;
	}
	return run(&options, argc, argv);
}
