#include "pgrunbook/model/alembic_config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "tests/tap/tap.h"

/* "location|versions versions|r|s|url", or the error. */
static char *
summary(const char *settings, const char *section)
{
	char *text = alloc_printf("[alembic]\n%s", settings);
	struct error error = { 0 };
	struct alembic_config config = { 0 };
	struct ini *ini = ini_parse(
		"/srv/app/alembic.ini", "/srv/app", text, strlen(text), &error);
	char *result;

	if (ini && alembic_config_read(ini, section, "/work", &config, &error)) {
		char *versions = strlist_join(&config.version_locations, " ");

		result = alloc_printf("%s|%s|%s|%s|%s", config.script_location,
			versions, config.recursive ? "r" : "",
			config.sourceless ? "s" : "", config.url ? config.url : "");
		free(versions);
	} else {
		result = alloc_copy(error.message);
	}
	alembic_config_free(&config);
	ini_free(ini);
	error_clear(&error);
	free(text);
	return result;
}

struct config_case {
	const char *what, *settings, *summary;
};

static const struct config_case cases[] = {
	{ "relative to the working directory", "script_location = db/migrations\n",
		"/work/db/migrations|/work/db/migrations/versions|||" },
	{ "relative to the ini", "script_location = %(here)s/m\n",
		"/srv/app/m|/srv/app/m/versions|||" },
	{ "a dot", "script_location = ./m\n", "/work/m|/work/m/versions|||" },
	{ "a package", "script_location = my.app:db/migrations\n",
		"/work/my/app/db/migrations|/work/my/app/db/migrations/versions|||" },
	{ "a package found elsewhere",
		"script_location = app:m\nprepend_sys_path = src other\n",
		"/work/src/app/m|/work/src/app/m/versions|||" },
	{ "version locations split as of old",
		"script_location = m\nversion_locations = a, b c,/d\n",
		"/work/m|/work/a /work/b /work/c /d|||" },
	{ "path_separator os",
		"script_location = m\npath_separator = os\n"
		"version_locations = %(here)s/a b:c\n",
		"/work/m|/srv/app/a b /work/c|||" },
	{ "path_separator newline",
		"script_location = m\npath_separator = newline\n"
		"version_locations =\n  a\n  b\n",
		"/work/m|/work/a /work/b|||" },
	{ "version_path_separator",
		"script_location = m\nversion_path_separator = ;\n"
		"version_locations = a;b\n",
		"/work/m|/work/a /work/b|||" },
	{ "booleans",
		"script_location = m\nrecursive_version_locations = true\n"
		"sourceless = True\n",
		"/work/m|/work/m/versions|r||" },
	{ "the url", "script_location = m\nsqlalchemy.url = postgresql://u:a%%40@h/d\n",
		"/work/m|/work/m/versions|||postgresql://u:a%40@h/d" },
	{ "a url that can't be read is none",
		"script_location = m\nsqlalchemy.url = postgresql://u:5%@h/d\n",
		"/work/m|/work/m/versions|||" },
	{ "no location", "x = 1\n",
		"[alembic] has no `script_location`, the directory of the scripts" },
	{ "an odd separator",
		"script_location = m\npath_separator = comma\nversion_locations = a\n",
		"path_separator = comma in [alembic] is none of space, newline, os, : "
		"and ;" },
};

int
main(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *got = summary(cases[i].settings, "alembic");

		tap_is_text(got, cases[i].summary, "%s", cases[i].what);
		free(got);
	}
	char *got = summary("script_location = m\n", "other");
	tap_is_text(got, "there is no section [other] in the Alembic configuration",
		"a section that isn't there");
	free(got);
	return tap_done();
}
