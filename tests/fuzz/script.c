/* Any bytes are a version file: reading them ends, and says something sensible. */
#include <stdint.h>
#include <stdlib.h>

#include "pgrunbook/model/script_quick.h"
#include "tests/model/script_same.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_function(const struct script_function *function)
{
	bool here = function->body != BODY_MISSING && function->body != BODY_ELSEWHERE;

	if (here != (function->line != 0))
		abort();
}

static void
check_calls(const struct script_calls *calls)
{
	for (size_t i = 0; i < calls->count; i++)
		if (!calls->items[i].name || !calls->items[i].text)
			abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct script script;

	script_read("versions/0001_name.py", (const char *)data, size, &script);
	if (!script.revision == !script.problem || !script.message || !script.docstring)
		abort();
	check_function(&script.upgrade);
	check_function(&script.downgrade);

	struct script whole;
	script_read_long("versions/0001_name.py", (const char *)data, size, &whole);
	if (script_difference(&script, &whole))
		abort();
	script_free(&whole);
	script_free(&script);

	struct script_operations operations;
	script_operations_read((const char *)data, size, &operations);
	check_calls(&operations.upgrade);
	check_calls(&operations.downgrade);
	script_operations_free(&operations);
	return 0;
}
