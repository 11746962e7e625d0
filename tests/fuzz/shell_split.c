/* Commands are cut out of any text; what is cut is the text's own, and in its order. */
#include "pgrunbook/model/shell_split.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/strlist.h"
#include "pgrunbook/model/danger.h"
#include "pgrunbook/model/placeholder.h"
#include "pgrunbook/model/shell_hand.h"
#include "pgrunbook/model/sql_split.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_command(const char *text)
{
	struct strlist names = { 0 }, values = { 0 };
	struct error error = { 0 };
	enum danger danger = danger_of_shell(text);

	free(shell_by_hand(text, danger));
	placeholder_find(text, &names);
	for (size_t i = 0; i < names.count; i++)
		strlist_add(&values, "a 'b' \"$c`");
	free(placeholder_fill(text, &names, &values, true, &error));
	error_clear(&error);
	free(placeholder_fill(text, &names, &values, false, &error));
	error_clear(&error);
	placeholder_variables(text, &names);
	strlist_free(&names);
	strlist_free(&values);
}

static void
check_sql(const char *text)
{
	struct sql_split split;
	const char *at = text;

	sql_split(text, strlen(text), &split);
	for (size_t i = 0; i < split.count; i++) {
		at = strstr(at, split.statements[i].text);
		if (at == NULL)
			abort();
		at += strlen(split.statements[i].text);
	}
	sql_split_free(&split);
	danger_of_sql(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = alloc_copy_bytes((const char *)data, size);
	const char *at = text;
	struct shell_split split;

	shell_split((const char *)data, size, &split);
	for (size_t i = 0; i < split.count && strlen(text) == size; i++) {
		at = strstr(at, split.commands[i].text);
		if (at == NULL)
			abort();
		at += strlen(split.commands[i].text);
		check_command(split.commands[i].text);
	}
	shell_split_free(&split);
	check_sql(text);
	free(text);
	return 0;
}
