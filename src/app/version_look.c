#include "pgrunbook/app/version_look.h"

#include <stdlib.h>

#include "pgrunbook/drive/version_read.h"
#include "pgrunbook/model/version_choose.h"

bool
version_look(const struct setup *setup, const struct tree *tree,
	struct version_rows *rows, struct error *error)
{
	const char *table = setup->version_table;

	if (!version_read(&setup->params, table, rows, error))
		return setup_name_target(setup, error);
	if (rows->table == VERSION_TABLE_MISSING &&
		setup->version_source == VERSION_FROM_CHOICE) {
		table = NULL; /* what was chosen once is gone */
		version_rows_free(rows);
		if (!version_read(&setup->params, table, rows, error))
			return setup_name_target(setup, error);
	}
	free(version_settle(tree, rows));
	if (rows->table == VERSION_TABLE_READ || rows->table == VERSION_TABLE_MISSING)
		return true;
	char *problem = version_problem(tree, rows, table);
	error_set(error, "%s", problem);
	free(problem);
	return setup_name_target(setup, error);
}
