/* The file of the revision that is looked at, as lines fit for the screen. */
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/app/app.h"
#include "pgrunbook/app/revisions.h"
#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/text.h"

void
file_view_clear(struct file_view *file)
{
	free(file->problem);
	free(file->lines);
	str_free(&file->text);
	*file = (struct file_view){ 0 };
}

static void
file_view_split(struct file_view *file)
{
	const char *text = str_text(&file->text);
	size_t at = 0;

	while (at < file->text.length) {
		const char *end = memchr(text + at, '\n', file->text.length - at);

		file->lines = alloc_room(file->lines, file->line_count,
			&file->line_capacity, sizeof(*file->lines));
		file->lines[file->line_count++] = at;
		at = end == NULL ? file->text.length : (size_t)(end - text) + 1;
	}
}

void
app_take_file(struct app *app, const char *bytes, size_t length, bool cut,
	const char *problem)
{
	struct file_view *file = &app->file_view;

	file_view_clear(file);
	file->problem = alloc_copy(problem);
	file->cut = cut;
	text_sanitize_lines(bytes, length, &file->text);
	file_view_split(file);
}
