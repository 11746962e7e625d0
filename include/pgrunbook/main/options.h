/* The command line. */
#ifndef PGRUNBOOK_MAIN_OPTIONS_H
#define PGRUNBOOK_MAIN_OPTIONS_H

#include <stdbool.h>

#include "pgrunbook/app/command_look.h"
#include "pgrunbook/app/setup.h"
#include "pgrunbook/app/tree_question.h"
#include "pgrunbook/base/error.h"
#include "pgrunbook/base/str.h"

enum command {
	COMMAND_CONSOLE, /* no command's name was given */
	COMMAND_STATUS,
	COMMAND_ALERTS,
	COMMAND_LOCKS,
	COMMAND_PROGRESS,
	COMMAND_REPLICAS,
	COMMAND_SESSIONS,
	COMMAND_HEADS,
	COMMAND_BRANCHES,
	COMMAND_HISTORY,
	COMMAND_SHOW,
	COMMAND_CURRENT,
	COMMAND_PLAN,
	COMMAND_LOG,
	COMMANDS
};

/* The texts are those of argv. */
struct options {
	enum command command;
	const struct look *look; /* the command's; NULL: it is none */
	struct setup_options setup;
	struct tree_question question;
	const char *runbook; /* -f */
	bool read_only;
	bool ascii;
	bool no_colour;
	bool json;  /* also in the question */
	bool watch; /* the look again and again */
	bool help, version;
	int rest; /* index of the first argument of `log` */
};

/*
 * Options stand before and after the command's name.  False with an error that ends
 * with where to look further.
 */
bool options_parse(int argc, char **argv, struct options *options, struct error *error);

/* Appends the text of --help. */
void options_help(struct str *out);

#endif
