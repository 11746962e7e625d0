#include "pgrunbook/app/script_reading.h"

#include "pgrunbook/base/str.h"
#include "pgrunbook/drive/clock.h"
#include "pgrunbook/drive/file.h"
#include "pgrunbook/drive/tree_load.h"

void
script_reading_file(struct app *app)
{
	struct script_operations operations;
	struct error error = { 0 };
	struct str bytes = { 0 };
	bool cut = false;

	if (app->operations_path == NULL)
		return; /* the detail is closed again */
	tree_load_operations(app->operations_path, &operations, &error);
	app_take_operations(app, &operations, error.message);
	error_clear(&error);
	file_read_start(app->operations_path, FILE_VIEW_BYTES, &bytes, &cut, &error);
	app_take_file(app, str_text(&bytes), bytes.length, cut, error.message);
	error_clear(&error);
	str_free(&bytes);
}

bool
script_reading_calls(struct app *app, int64_t until_us)
{
	int revision;

	while (app_calls_next(app, &revision)) {
		struct script_operations operations;
		struct error error = { 0 };

		/* One that can't be read any more is a problem of the next tree. */
		tree_load_operations(
			tree_at(app->tree, revision)->script.path, &operations, &error);
		app_take_calls(app, &operations);
		script_operations_free(&operations);
		error_clear(&error);
		if (clock_now_us() >= until_us)
			return true;
	}
	return false;
}
