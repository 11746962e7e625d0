/* The command line. */
#ifndef PGRUNBOOK_MAIN_OPTIONS_H
#define PGRUNBOOK_MAIN_OPTIONS_H

#include <stdbool.h>

#include "pgrunbook/app/setup.h"
#include "pgrunbook/base/error.h"

enum command { COMMAND_CONSOLE, COMMAND_STATUS, COMMAND_LOCKS, COMMAND_LOG };

struct options {
	enum command command;
	struct setup_options setup;
	const char *runbook; /* -f */
	bool read_only;
	bool ascii;
	bool no_colour;
	bool json;
	bool help, version;
	int rest; /* index of the first argument of `log` */
};

/* False with an error that ends with where to look further. */
bool options_parse(int argc, char **argv, struct options *options, struct error *error);

/* The text of --help; static. */
const char *options_help(void);

#endif
