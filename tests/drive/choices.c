#include "pgrunbook/drive/choices.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/drive/file.h"
#include "tests/tap/scratch.h"
#include "tests/tap/tap.h"

static const struct choice_place billing = { "db1", "5432", "billing", "/a/alembic.ini",
	NULL };

static void
check(const struct choice_place *place, const char *want, const char *what)
{
	struct error error = { 0 };
	char *got = choices_table(place, &error);

	tap_is_text(got ? got : error.message ? error.message : "", want, "%s", what);
	free(got);
	error_clear(&error);
}

static void
test_places(void)
{
	static const struct choice_place elsewhere = { "db2", "5432", "billing",
		"/a/alembic.ini", NULL },
					 section = { "db1", "5432", "billing",
						 "/a/alembic.ini", "audit" },
					 bytes = { "\xff", "1", "d", NULL, NULL };
	struct error error = { 0 };

	check(&billing, "", "nothing is chosen yet");
	tap_ok(choices_set_table(&billing, "\"a\".\"b\"", &error), "a first choice");
	tap_ok(choices_set_table(&section, "audit.v", &error), "another section's");
	check(&billing, "\"a\".\"b\"", "it is remembered");
	check(&section, "audit.v", "and the other, too");
	check(&elsewhere, "", "another server has none");
	choices_set_table(&billing, "c", &error);
	check(&billing, "c", "it can be changed");
	choices_set_table(&billing, NULL, &error);
	check(&billing, "", "and forgotten");
	check(&section, "audit.v", "which leaves the other alone");
	tap_ok(!choices_set_table(&bytes, "x", &error) &&
			!choices_set_table(&billing, "\xff", &error),
		"bytes can't be kept");
	error_clear(&error);
	check(&bytes, "", "nothing was remembered");
}

static void
test_file(const char *path)
{
	struct str text = { 0 };
	struct error error = { 0 };
	struct stat status;

	tap_ok(stat(path, &status) == 0 && (status.st_mode & 0777) == 0600,
		"it is nobody else's to read");
	file_replace(path, "{\"mine\": [1]}", 13, &error);
	choices_set_table(&billing, "x", &error);
	file_read(path, 10000, &text, &error);
	tap_ok(strstr(str_text(&text), "\"mine\"") != NULL,
		"what else is in the file stays");
	tap_is_text(str_text(&text) + text.length - 3, "\n}\n",
		"its last line ends, as editors expect");
	file_replace(path, "{\"mine\": ", 9, &error);
	tap_ok(!choices_set_table(&billing, "y", &error), "a file that is no JSON");
	error_clear(&error);
	str_clear(&text);
	file_read(path, 10000, &text, &error);
	tap_is_text(str_text(&text), "{\"mine\": ", "is left as it is");
	str_free(&text);
	error_clear(&error);
}

int
main(void)
{
	char *folder = scratch_make();
	char *path = alloc_printf("%s/pgrunbook/choices.json", folder);

	setenv("XDG_STATE_HOME", folder, 1);
	test_places();
	test_file(path);
	setenv("XDG_STATE_HOME", "relative", 1);
	unsetenv("HOME");
	struct error error = { 0 };
	tap_ok(!choices_set_table(&billing, "y", &error), "nowhere to keep it");
	error_clear(&error);
	free(path);
	scratch_remove(folder);
	return tap_done();
}
