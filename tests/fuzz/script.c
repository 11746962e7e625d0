/* Any bytes are a version file: reading them ends, and says something sensible. */
#include <stdint.h>
#include <stdlib.h>

#include "pgrunbook/model/operation.h"
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

/* What is known has its text or its items, and nothing has both. */
static void
check_argument(const struct script_argument *argument, int lines)
{
	bool named = argument->kind == GIVEN_COLUMN || argument->kind == GIVEN_TABLE;
	bool written = argument->kind == GIVEN_TEXT || argument->kind == GIVEN_NUMBER ||
		       argument->kind == GIVEN_CONSTANT;

	if (argument->line < 1 || (argument->text && !named && !written) ||
		(written && !argument->text) ||
		(argument->items.count && argument->kind != GIVEN_LIST) ||
		(argument->spread && argument->kind != GIVEN_COMPUTED))
		abort();
	check_line(argument->line, lines);
}

static void
check_calls(const struct script_calls *calls, int lines)
{
	for (size_t i = 0; i < calls->count; i++) {
		const struct script_call *call = &calls->items[i];
		char *target = script_call_target(call);

		if (!call->name || !call->text || call->line < 1)
			abort();
		check_line(call->line, lines);
		for (size_t j = 0; j < call->argument_count; j++)
			check_argument(&call->arguments[j], lines);
		free(target);
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
