/* Any bytes are a version file: reading them ends, and says something sensible. */
#include <stdint.h>
#include <stdlib.h>

#include "pgrunbook/model/script_quick.h"
#include "tests/model/script_same.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every line is one of the file's; the last may have no end. */
static void
check_line(int line, int lines)
{
	if (line < 0 || line > lines)
		abort();
}

static void
check_function(const struct script_function *function, int lines)
{
	bool here = function->body != BODY_MISSING && function->body != BODY_ELSEWHERE;

	if (here != (function->line != 0))
		abort();
	check_line(function->line, lines);
	check_line(function->commit_line, lines);
}

static void
check_calls(const struct script_calls *calls, int lines)
{
	for (size_t i = 0; i < calls->count; i++) {
		if (!calls->items[i].name || !calls->items[i].text ||
			calls->items[i].line < 1)
			abort();
		check_line(calls->items[i].line, lines);
	}
}

/* Python ends a line at '\n', at "\r\n", and at a '\r' alone. */
static int
count_lines(const uint8_t *data, size_t size)
{
	int lines = 1;

	for (size_t i = 0; i < size; i++)
		lines += data[i] == '\n' ||
			 (data[i] == '\r' && (i + 1 == size || data[i + 1] != '\n'));
	return lines;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int lines = count_lines(data, size);
	struct script script;

	script_read("versions/0001_name.py", (const char *)data, size, &script);
	if (!script.revision == !script.problem || !script.message || !script.docstring)
		abort();
	check_function(&script.upgrade, lines);
	check_function(&script.downgrade, lines);
	for (int name = 0; name < SCRIPT_NAMES; name++)
		check_line(script.lines[name], lines);

	struct script whole;
	script_read_long("versions/0001_name.py", (const char *)data, size, &whole);
	if (script_difference(&script, &whole))
		abort();
	script_free(&whole);
	script_free(&script);

	struct script_operations operations;
	script_operations_read((const char *)data, size, &operations);
	check_calls(&operations.upgrade, lines);
	check_calls(&operations.downgrade, lines);
	script_operations_free(&operations);
	return 0;
}
