#include "pgrunbook/app/output.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/text.h"

static void
output_line_end(struct output *output)
{
	struct str line = { 0 };
	char **slot = &output->lines[output->count % OUTPUT_LINES];

	text_sanitize_lines(str_text(&output->partial), output->partial.length, &line);
	free(*slot);
	*slot = str_take(&line);
	output->count++;
	str_clear(&output->partial);
}

void
output_add(struct output *output, const char *bytes, size_t length)
{
	while (length != 0) {
		const char *end = memchr(bytes, '\n', length);
		size_t part = end == NULL ? length : (size_t)(end - bytes);
		size_t room = OUTPUT_LINE_BYTES - output->partial.length;
		size_t kept = part < room ? part : room;

		str_add_bytes(&output->partial, bytes, kept);
		bytes += kept;
		length -= kept;
		if (kept < part) {
			output_line_end(output); /* a line without end is broken */
		} else if (end != NULL) {
			output_line_end(output);
			bytes++;
			length--;
		}
	}
}

void
output_end(struct output *output)
{
	if (output->partial.length != 0)
		output_line_end(output);
}

size_t
output_lines(const struct output *output)
{
	return output->count < OUTPUT_LINES ? output->count : OUTPUT_LINES;
}

const char *
output_line(const struct output *output, size_t index)
{
	size_t first = output->count - output_lines(output);

	return output->lines[(first + index) % OUTPUT_LINES];
}

void
output_clear(struct output *output)
{
	for (size_t i = 0; i < OUTPUT_LINES; i++)
		free(output->lines[i]);
	str_free(&output->partial);
	*output = (struct output){ 0 };
}
