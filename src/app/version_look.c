#include "pgrunbook/app/version_look.h"

#include <stdlib.h>

#include "pgrunbook/base/text.h"
#include "pgrunbook/drive/version_read.h"
#include "pgrunbook/model/version_choose.h"

bool
version_look(const struct setup *setup, const struct tree *tree,
	struct version_rows *rows, struct error *error)
{
	const char *configured = setup->settings.version_table;

	if (!version_read(&setup->params, configured, rows, error))
		return error_prefix(error, "%s", setup->target);
	if (rows->table == VERSION_TABLE_SEVERAL) {
		int chosen = version_choose(tree, rows);

		if (chosen >= 0)
			version_rows_take(rows, &rows->candidates[chosen]);
	}
	if (rows->table == VERSION_TABLE_READ || rows->table == VERSION_TABLE_MISSING)
		return true;
	char *problem = version_problem(tree, rows, configured);
	error_set(error, "%s: %s", setup->target, problem);
	free(problem);
	return false;
}
