/* Any bytes are an env.py, what git log says, an id, and the name of a table. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/model/env_py.h"
#include "pgrunbook/model/git_found.h"
#include "pgrunbook/model/version.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is taken for a name is one, and the same when it is written out. */
static void
check_name(const char *text)
{
	char *schema, *name, *again_schema, *again_name;

	if (!version_name_parse(text, &schema, &name))
		return;
	char *made = version_name_make(schema, name);
	if (!version_name_parse(made, &again_schema, &again_name) ||
		strcmp(name, again_name) != 0 || !schema != !again_schema ||
		(schema && strcmp(schema, again_schema) != 0))
		abort();
	free(made);
	free(schema);
	free(name);
	free(again_schema);
	free(again_name);
}

/* Every change has all its parts, and can be told. */
static void
check_changes(const char *bytes, size_t length)
{
	struct git_changes changes = { 0 };

	git_changes_read(bytes, length, &changes);
	for (size_t i = 0; i < changes.count; i++) {
		struct git_found found = { .id = changes.items[i].path,
			.outcome = GIT_DROPPED,
			.commit = changes.items[i].commit,
			.path = changes.items[i].path,
			.time_us = changes.items[i].time_us };

		if (strlen(found.commit) < 40 || found.time_us < 0)
			abort();
		free(git_found_words(&found, INT64_MAX));
		free(git_found_command(&found));
	}
	git_changes_free(&changes);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = alloc_copy_bytes((const char *)data, size);
	char *table = env_py_version_table((const char *)data, size);
	char *schema, *name;

	/* The hint is a name, whatever stood there. */
	if (table) {
		if (!version_name_parse(table, &schema, &name))
			abort();
		free(schema);
		free(name);
	}
	free(table);
	check_name(text);
	check_changes((const char *)data, size);
	free(git_found_pattern(text));
	free(text);
	return 0;
}
