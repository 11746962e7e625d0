/* The tail of a command's output, by lines, fit for the screen. */
#ifndef PGRUNBOOK_APP_OUTPUT_H
#define PGRUNBOOK_APP_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "pgrunbook/base/str.h"

enum { OUTPUT_LINES = 2000, OUTPUT_LINE_BYTES = 4000 };

struct output {
	char *lines[OUTPUT_LINES]; /* a ring, sanitised */
	size_t count;	    /* ever; the newest is lines[(count - 1) % OUTPUT_LINES] */
	struct str partial; /* the line that has no end yet, raw */
	bool answer; /* what its step was done for: to be read when that went well, too
		      */
};

void output_add(struct output *output, const char *bytes, size_t length);
/* Ends the last line. */
void output_end(struct output *output);
/* Lines that are still there, and one of them from 0 (the oldest). */
size_t output_lines(const struct output *output);
const char *output_line(const struct output *output, size_t index);
void output_clear(struct output *output);

#endif
