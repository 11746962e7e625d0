/* What comes from outside is made fit for the screen, whatever it is. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/str.h"
#include "pgrunbook/base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Decoded here by other means than the code under test: no C0 but '\n', no DEL, no C1.
 */
static void
check_quiet(const struct str *text, bool lines)
{
	for (size_t i = 0; i < text->length; i++) {
		unsigned char c = (unsigned char)text->bytes[i];

		if ((c < 0x20 && !(lines && c == '\n')) || c == 0x7f)
			abort();
		if (c == 0xc2 && (unsigned char)text->bytes[i + 1] < 0xa0)
			abort();
	}
}

static void
check_fit(const char *text, int cells)
{
	int width;
	size_t length = text_fit(text, cells, &width);

	if (length > strlen(text) || width > cells || width < 0)
		abort();
	/* Only a wide character can leave a cell free. */
	if (text[length] != '\0' && width < cells - 1)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *)data;
	struct str once = { 0 }, twice = { 0 }, lines = { 0 };

	text_sanitize(bytes, size, &once);
	check_quiet(&once, false);
	text_sanitize(str_text(&once), once.length, &twice);
	if (once.length != twice.length ||
		strcmp(str_text(&once), str_text(&twice)) != 0)
		abort();
	if (size)
		check_fit(str_text(&once), data[0]);

	text_sanitize_lines(bytes, size, &lines);
	check_quiet(&lines, true);

	str_free(&once);
	str_free(&twice);
	str_free(&lines);
	return 0;
}
