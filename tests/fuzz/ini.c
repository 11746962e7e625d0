/* Any bytes are an alembic.ini: an error or values, and an end. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/model/alembic_config.h"
#include "pgrunbook/model/ini.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Enough of a disk for packages, with all that is odd about them. */
static enum python_entry
look(const char *path)
{
	return (enum python_entry)(strlen(path) % 3);
}

/* Every value of the section, and whether its key has a line. */
static void
check_section(const struct ini *ini, const char *section)
{
	const char *key;

	for (size_t i = 0; (key = ini_key(ini, section, i)); i++) {
		struct error error = { 0 };
		char *value = ini_get(ini, section, key, &error);

		if (!value == !error.message || ini_line(ini, section, key) < 1)
			abort();
		free(value);
		error_clear(&error);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error error = { 0 };
	struct alembic_config config = { 0 };
	struct ini *ini =
		ini_parse("a/alembic.ini", "/a", (const char *)data, size, &error);

	if (!ini == !error.message)
		abort();
	if (ini) {
		const char *section;

		for (size_t i = 0; (section = ini_section(ini, i)); i++)
			check_section(ini, section);
		struct alembic_source source = {
			.ini = ini,
			.cwd = "/work",
			.look = look,
		};
		alembic_config_read(&source, &config, &error);
	}
	alembic_config_free(&config);
	error_clear(&error);
	ini_free(ini);
	return 0;
}
