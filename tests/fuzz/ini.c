/* Any bytes are an alembic.ini: an error or values, and an end. */
#include <stdint.h>
#include <stdlib.h>

#include "pgrunbook/model/alembic_config.h"
#include "pgrunbook/model/ini.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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
		alembic_config_read(ini, "alembic", "/work", &config, &error);
	}
	alembic_config_free(&config);
	error_clear(&error);
	ini_free(ini);
	return 0;
}
