/* What the pane Revisions wants of version files beyond the tree: read from them now.
 */
#ifndef PGRUNBOOK_APP_SCRIPT_READING_H
#define PGRUNBOOK_APP_SCRIPT_READING_H

#include <stdbool.h>
#include <stdint.h>

#include "pgrunbook/app/app.h"

/* The file app->operations_path: its calls and its text. */
void script_reading_file(struct app *app);
/*
 * What the scripts call, one after another until that time; false if there are no more
 * to read.
 */
bool script_reading_calls(struct app *app, int64_t until_us);

#endif
