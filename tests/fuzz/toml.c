/* Any bytes are a pyproject.toml: an error with a line or a document, and an end. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/model/alembic_config.h"
#include "pgrunbook/model/toml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every value has a line, and what an array or a table has can be asked for. */
static void
check_value(const struct toml *value)
{
	const struct toml *item;
	size_t length;

	if (toml_line(value) < 1 || *toml_kind_name(value) != 'a')
		abort();
	if (toml_kind(value) == TOML_STRING &&
		toml_text(value, &length)[length] != '\0')
		abort();
	for (size_t i = 0; (item = toml_item(value, i)); i++) {
		const char *key = toml_key(item, &length);

		if (toml_kind(value) == TOML_TABLE && strlen(key) == length &&
			toml_member(value, key) != item)
			abort();
		check_value(item);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error error = { 0 };
	struct toml *document = toml_parse("a.toml", (const char *)data, size, &error);

	if (!document == !error.message)
		abort();
	if (document) {
		struct alembic_source source = {
			.pyproject = document,
			.pyproject_path = "a.toml",
			.pyproject_here = "/a",
			.cwd = "/work",
		};
		struct alembic_config config;

		check_value(document);
		alembic_config_read(&source, &config, &error);
		alembic_config_free(&config);
	} else if (strncmp(error.message, "a.toml:", 7) != 0)
		abort();
	error_clear(&error);
	toml_free(document);
	return 0;
}
