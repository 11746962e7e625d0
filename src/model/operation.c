#include "pgrunbook/model/operation.h"

#include <string.h>

/* An argument: its place among the positional ones, its keyword, and the old one. */
struct operation_place {
	int position; /* from 1; 0: the operation has no such argument */
	const char *keyword, *old;
};

struct operation {
	const char *name;
	struct operation_place parts[OPERATION_PARTS];
};

static const struct operation operations[] = {
	{ "add_column", { [OPERATION_TABLE] = { 1, "table_name", NULL },
				[OPERATION_COLUMN] = { 2, "column", NULL } } },
	{ "alter_column", { [OPERATION_TABLE] = { 1, "table_name", NULL },
				  [OPERATION_COLUMN] = { 2, "column_name", "name" } } },
	{ "batch.add_column", { [OPERATION_COLUMN] = { 1, "column", NULL } } },
	{ "batch.alter_column", { [OPERATION_COLUMN] = { 1, "column_name", NULL } } },
	{ "batch.create_check_constraint",
		{ [OPERATION_CONSTRAINT] = { 1, "constraint_name", "name" } } },
	{ "batch.create_exclude_constraint",
		{ [OPERATION_CONSTRAINT] = { 1, "constraint_name", "name" } } },
	{ "batch.create_foreign_key",
		{ [OPERATION_CONSTRAINT] = { 1, "constraint_name", "name" } } },
	{ "batch.create_index", { [OPERATION_INDEX] = { 1, "index_name", "name" } } },
	{ "batch.create_primary_key",
		{ [OPERATION_CONSTRAINT] = { 1, "constraint_name", "name" } } },
	{ "batch.create_unique_constraint",
		{ [OPERATION_CONSTRAINT] = { 1, "constraint_name", "name" } } },
	{ "batch.drop_column", { [OPERATION_COLUMN] = { 1, "column_name", NULL } } },
	{ "batch.drop_constraint",
		{ [OPERATION_CONSTRAINT] = { 1, "constraint_name", "name" } } },
	{ "batch.drop_index", { [OPERATION_INDEX] = { 1, "index_name", "name" } } },
	{ "batch.execute", { [OPERATION_SQL] = { 1, "sqltext", NULL } } },
	{ "batch_alter_table", { [OPERATION_TABLE] = { 1, "table_name", NULL } } },
	{ "bind.exec_driver_sql", { [OPERATION_SQL] = { 1, "statement", NULL } } },
	{ "bind.execute", { [OPERATION_SQL] = { 1, "statement", NULL } } },
	{ "bind.scalar", { [OPERATION_SQL] = { 1, "statement", NULL } } },
	{ "bind.scalars", { [OPERATION_SQL] = { 1, "statement", NULL } } },
	{ "bulk_insert", { [OPERATION_TABLE] = { 1, "table", NULL } } },
	{ "create_check_constraint",
		{ [OPERATION_TABLE] = { 2, "table_name", "source" },
			[OPERATION_CONSTRAINT] = { 1, "constraint_name", "name" } } },
	{ "create_exclude_constraint",
		{ [OPERATION_TABLE] = { 2, "table_name", "source" },
			[OPERATION_CONSTRAINT] = { 1, "constraint_name", "name" } } },
	{ "create_foreign_key",
		{ [OPERATION_TABLE] = { 2, "source_table", "source" },
			[OPERATION_CONSTRAINT] = { 1, "constraint_name", "name" } } },
	{ "create_index", { [OPERATION_TABLE] = { 2, "table_name", "tablename" },
				  [OPERATION_INDEX] = { 1, "index_name", "name" } } },
	{ "create_primary_key",
		{ [OPERATION_TABLE] = { 2, "table_name", NULL },
			[OPERATION_CONSTRAINT] = { 1, "constraint_name", "name" } } },
	{ "create_table", { [OPERATION_TABLE] = { 1, "table_name", "name" } } },
	{ "create_table_comment", { [OPERATION_TABLE] = { 1, "table_name", NULL } } },
	{ "create_unique_constraint",
		{ [OPERATION_TABLE] = { 2, "table_name", "source" },
			[OPERATION_CONSTRAINT] = { 1, "constraint_name", "name" } } },
	{ "drop_column", { [OPERATION_TABLE] = { 1, "table_name", NULL },
				 [OPERATION_COLUMN] = { 2, "column_name", NULL } } },
	{ "drop_constraint",
		{ [OPERATION_TABLE] = { 2, "table_name", "tablename" },
			[OPERATION_CONSTRAINT] = { 1, "constraint_name", "name" } } },
	{ "drop_index", { [OPERATION_TABLE] = { 2, "table_name", "tablename" },
				[OPERATION_INDEX] = { 1, "index_name", "name" } } },
	{ "drop_table", { [OPERATION_TABLE] = { 1, "table_name", "name" } } },
	{ "drop_table_comment", { [OPERATION_TABLE] = { 1, "table_name", NULL } } },
	{ "execute", { [OPERATION_SQL] = { 1, "sqltext", "sql" } } },
	{ "get_bind", { [OPERATION_TABLE] = { 0, NULL, NULL } } },
	{ "get_context", { [OPERATION_TABLE] = { 0, NULL, NULL } } },
	{ "rename_table", { [OPERATION_TABLE] = { 1, "old_table_name", NULL } } },
};

static const struct operation *
operation_find(const char *name, size_t length)
{
	for (size_t i = 0; i < sizeof(operations) / sizeof(*operations); i++)
		if (strlen(operations[i].name) == length &&
			memcmp(operations[i].name, name, length) == 0)
			return &operations[i];
	return NULL;
}

bool
operation_is_known(const char *name, size_t length)
{
	return operation_find(name, length) != NULL;
}

static bool
call_is_batch(const struct script_call *call)
{
	return strncmp(call->name, "batch.", 6) == 0;
}

/* The argument of that place; *lost: it may be among those that are spread. */
static const struct script_argument *
call_argument(
	const struct script_call *call, const struct operation_place *place, bool *lost)
{
	int position = 0;

	*lost = false;
	for (size_t i = 0; i < call->argument_count; i++) {
		const struct script_argument *argument = &call->arguments[i];

		*lost |= argument->spread;
		if (argument->keyword) {
			if (strcmp(argument->keyword, place->keyword) == 0 ||
				(place->old &&
					strcmp(argument->keyword, place->old) == 0))
				return argument;
		} else if (!argument->spread && ++position == place->position &&
			   !*lost) {
			return argument;
		}
	}
	return NULL;
}

const char *
script_call_part(
	const struct script_call *call, enum operation_part part, bool *computed)
{
	const struct operation *operation =
		operation_find(call->name, strlen(call->name));
	bool unused = false;

	computed = computed ? computed : &unused;
	*computed = false;
	if (part == OPERATION_TABLE && call_is_batch(call)) {
		*computed = !call->batch;
		return call->batch;
	}
	if (!operation || operation->parts[part].position == 0)
		return NULL;
	const struct script_argument *argument =
		call_argument(call, &operation->parts[part], computed);
	if (!argument)
		return NULL;
	bool named = argument->kind == GIVEN_TEXT ||
		     (argument->kind == GIVEN_COLUMN && part == OPERATION_COLUMN) ||
		     (argument->kind == GIVEN_TABLE && part == OPERATION_TABLE);
	*computed = argument->kind == GIVEN_COMPUTED || (named && !argument->text);
	return named ? argument->text : NULL;
}

const char *
script_call_table(const struct script_call *call)
{
	return script_call_part(call, OPERATION_TABLE, NULL);
}

const char *
script_call_column(const struct script_call *call)
{
	return script_call_part(call, OPERATION_COLUMN, NULL);
}

/* Adds the part with what is put before it; false if the call has none. */
static bool
target_add(struct str *target, const char *before, const struct script_call *call,
	enum operation_part part)
{
	bool computed;
	const char *name = script_call_part(call, part, &computed);

	if (!name && !computed)
		return false;
	str_printf(target, "%s%s", before, computed ? "(computed)" : name);
	return true;
}

char *
script_call_target(const struct script_call *call)
{
	struct str target = { 0 };
	bool on = target_add(&target, "", call, OPERATION_INDEX) ||
		  target_add(&target, "", call, OPERATION_CONSTRAINT);
	bool table = target_add(&target, on ? " on " : "", call, OPERATION_TABLE);
	bool computed;

	target_add(&target, table ? "." : "", call, OPERATION_COLUMN);
	/* Its text is written out in the call, unless it is computed. */
	script_call_part(call, OPERATION_SQL, &computed);
	if (computed)
		str_add(&target, "(computed)");
	return str_take(&target);
}
