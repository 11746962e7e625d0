/* The console on a terminal: keys in, pictures out, until the operator leaves. */
#ifndef PGRUNBOOK_MAIN_SCREEN_LOOP_H
#define PGRUNBOOK_MAIN_SCREEN_LOOP_H

#include <stdbool.h>

#include "pgrunbook/app/setup.h"
#include "pgrunbook/base/error.h"
#include "pgrunbook/main/options.h"

/* False with an error if there is no terminal to work on. */
bool screen_loop_run(
	const struct options *options, const struct setup *setup, struct error *error);

#endif
