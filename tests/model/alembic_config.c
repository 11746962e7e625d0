#include "pgrunbook/model/alembic_config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "tests/tap/tap.h"

/* Directories have no dot in their last part, files do. */
static const char *const disk[] = { "/srv/app/m", "/srv/app/m/env.py",
	"/srv/app/only/here", "/srv/app/only/here/env.py", "/work/m", "/work/m/env.py",
	"/work/m/versions", "/work/db/migrations", "/work/db/migrations/versions",
	"/work/empty", "/work/file.txt",
	/* A package, a namespace in two places, a module. */
	"/work/app", "/work/app/__init__.py", "/work/app/m", "/work/app/m/env.py",
	"/work/src", "/work/src/app", "/work/src/app/__init__.py", "/work/src/app/m",
	"/work/src/app/m/env.py", "/work/src/space", "/lib/space", "/lib/space/m",
	"/lib/space/m/env.py", "/lib/space/sub", "/lib/space/sub/__init__.py",
	"/lib/space/sub/m", "/lib/space/sub/m/env.py", "/lib/single.py", "/lib/m",
	"/lib/m/env.py" };

static enum python_entry
look(const char *path)
{
	for (size_t i = 0; i < sizeof(disk) / sizeof(*disk); i++)
		if (strcmp(disk[i], path) == 0)
			return strchr(strrchr(path, '/'), '.') ? PYTHON_FILE
							       : PYTHON_DIRECTORY;
	return PYTHON_NOTHING;
}

static void
packages(const char *cwd, struct strlist *out)
{
	(void)cwd;
	strlist_add(out, "/lib");
}

/* "location|versions versions|r|s|url", or the error. */
static char *
summary(const char *text, const char *toml, const char *section)
{
	struct error error = { 0 };
	struct alembic_config config = { 0 };
	struct ini *ini = text ? ini_parse("/srv/app/alembic.ini", "/srv/app", text,
					 strlen(text), &error)
			       : NULL;
	struct toml *document =
		toml ? toml_parse("pyproject.toml", toml, strlen(toml), &error) : NULL;
	struct alembic_source source = {
		.ini = ini,
		.section = section,
		.pyproject = document,
		.pyproject_path = "pyproject.toml",
		.pyproject_here = "/here",
		.cwd = "/work",
		.packages = packages,
		.look = look,
	};
	char *result;

	if (!error.message && alembic_config_read(&source, &config, &error)) {
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
	toml_free(document);
	error_clear(&error);
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
	{ "a dot", "script_location = ./m/.\n", "/work/m|/work/m/versions|||" },
	{ "version locations split as of old",
		"script_location = m\nversion_locations = a, b  c,/d\n",
		"/work/m|/work/a /work/b /work/c /d|||" },
	{ "where an empty part is the working directory",
		"script_location = m\nversion_locations = a ,b,\n",
		"/work/m|/work/a /work /work/b /work|||" },
	{ "and lines are none", "script_location = m\nversion_locations = a\n b\n",
		"/work/m|/work/a\nb|||" },
	{ "path_separator os",
		"script_location = m\npath_separator = os\n"
		"version_locations = %(here)s/a b: c::d\n",
		"/work/m|/srv/app/a b /work/c /work/d|||" },
	{ "path_separator newline",
		"script_location = m\npath_separator = newline\n"
		"version_locations =\n  a\n\n  b\n",
		"/work/m|/work/a /work/b|||" },
	{ "version_path_separator",
		"script_location = m\nversion_path_separator = ;\n"
		"version_locations = a;b\n",
		"/work/m|/work/a /work/b|||" },
	{ "path_separator goes first",
		"script_location = m\nversion_path_separator = ;\n"
		"path_separator = space\nversion_locations = a;b c\n",
		"/work/m|/work/a;b /work/c|||" },
	{ "booleans",
		"script_location = m\nrecursive_version_locations = true\n"
		"sourceless = True\n",
		"/work/m|/work/m/versions|r||" },
	{ "the url", "script_location = m\nsqlalchemy.url = postgresql://u:a%%40@h/d\n",
		"/work/m|/work/m/versions|||postgresql://u:a%40@h/d" },
	{ "a url that can't be read is none",
		"script_location = m\nsqlalchemy.url = postgresql://u:5%@h/d\n",
		"/work/m|/work/m/versions|||" },

	{ "a package", "script_location = app:m\n",
		"/work/app/m|/work/app/m/versions|||" },
	{ "prepend_sys_path goes first",
		"script_location = app:m\nprepend_sys_path = none src\n",
		"/work/src/app/m|/work/src/app/m/versions|||" },
	{ "it is split at colons, too",
		"script_location = app:m\nprepend_sys_path = none:src\n",
		"/work/src/app/m|/work/src/app/m/versions|||" },
	{ "unless a separator is set",
		"script_location = app:m\npath_separator = ;\n"
		"prepend_sys_path = none:src\n",
		"/work/app/m|/work/app/m/versions|||" },
	{ "for which version_path_separator doesn't count",
		"script_location = app:m\nversion_path_separator = ;\n"
		"prepend_sys_path = none:src\n",
		"/work/src/app/m|/work/src/app/m/versions|||" },
	{ "a namespace package in two places, by what it has",
		"script_location = space:m\nprepend_sys_path = src\n",
		"/lib/space/m|/lib/space/m/versions|||" },
	{ "a package in a namespace", "script_location = space.sub:m\n",
		"/lib/space/sub/m|/lib/space/sub/m/versions|||" },
	{ "a module's directory", "script_location = single:m\n",
		"/lib/m|/lib/m/versions|||" },
	{ "version locations in packages",
		"script_location = m\nversion_locations = app:m:a space.sub:b\n",
		"/work/m|/work/app/m/a /lib/space/sub/b|||" },
	{ "a package that isn't there",
		"script_location = my.app:m\nprepend_sys_path = src\n",
		"/srv/app/alembic.ini:2: script_location = my.app:m is a place in the "
		"Python package \"my.app\", which is in none of /work/src, /work, "
		"/lib; "
		"prepend_sys_path and PYTHONPATH add to them, and VIRTUAL_ENV the "
		"packages "
		"of an environment" },
	{ "nothing is below a module", "script_location = single.m:x\n",
		"/srv/app/alembic.ini:2: script_location = single.m:x is a place in "
		"the "
		"Python package \"single.m\", which is in none of /work, /lib; "
		"prepend_sys_path and PYTHONPATH add to them, and VIRTUAL_ENV the "
		"packages "
		"of an environment" },

	{ "no location", "x = 1\n",
		"/srv/app/alembic.ini: [alembic] has no script_location, the directory "
		"of "
		"the scripts" },
	{ "an odd separator",
		"script_location = m\npath_separator = comma\nversion_locations = a\n",
		"/srv/app/alembic.ini:3: path_separator = comma is none of space, "
		"newline, "
		"os, : and ;" },
	{ "it is there, but not from here", "script_location = only/here\n",
		"/srv/app/alembic.ini:2: script_location = only/here belongs to the "
		"working directory, as in Alembic, and there is no /work/only/here; "
		"but "
		"/srv/app/only/here is there: start in /srv/app, or write "
		"%(here)s/only/here" },
	{ "it isn't there", "script_location = x\n",
		"/srv/app/alembic.ini:2: script_location = x: /work/x isn't there" },
	{ "it is a file", "script_location = file.txt\n",
		"/srv/app/alembic.ini:2: script_location = file.txt: /work/file.txt is "
		"no "
		"directory" },
	{ "it has no scripts", "script_location = empty\n",
		"/srv/app/alembic.ini:2: script_location = empty: /work/empty has "
		"neither "
		"env.py nor versions: is it another directory?" },
};

/* pyproject.toml alone, or beside an alembic.ini. */
static const struct {
	const char *what, *ini, *toml, *summary;
} files[] = {
	{ "pyproject.toml alone", NULL,
		"[tool.alembic]\n"
		"script_location = 'm'\n",
		"/work/m|/work/m/versions|||" },
	{ "its directory", NULL,
		"[tool.alembic]\n"
		"script_location = '%(here)s/%%m'\n",
		"pyproject.toml:2: script_location = /here/%m: /here/%m isn't there" },
	{ "arrays and booleans", NULL,
		"[tool.alembic]\n"
		"script_location = 'm'\nversion_locations = ['a b', '/c:d', "
		"'%(here)s/e']\n"
		"recursive_version_locations = true\nsourceless = false\n",
		"/work/m|/work/a b /c:d /here/e|r||" },
	{ "an array without items", NULL,
		"[tool.alembic]\n"
		"script_location = 'm'\nversion_locations = []\n",
		"/work/m|/work/m/versions|||" },
	{ "the ini wins", "[alembic]\nscript_location = m\nsourceless = false\n",
		"[tool.alembic]\n"
		"script_location = 'x'\nsourceless = true\n",
		"/work/m|/work/m/versions|||" },
	{ "what the ini lacks comes from the TOML",
		"[alembic]\nscript_location = m\nsqlalchemy.url = postgresql://u@h/d\n",
		"[tool.alembic]\n"
		"version_locations = ['a']\nsqlalchemy.url = 'no'\n",
		"/work/m|/work/a|||postgresql://u@h/d" },
	{ "an empty list in the ini is none",
		"[alembic]\nscript_location = m\nversion_locations =\n",
		"[tool.alembic]\n"
		"version_locations = ['a']\n",
		"/work/m|/work/a|||" },
	{ "an ini without the section", "[other]\nscript_location = x\n",
		"[tool.alembic]\n"
		"script_location = 'm'\n",
		"/work/m|/work/m/versions|||" },
	{ "DEFAULT counts for nothing without it", "[DEFAULT]\nscript_location = x\n",
		"[tool.alembic]\n"
		"script_location = 'm'\n",
		"/work/m|/work/m/versions|||" },
	{ "a package by an array", NULL,
		"[tool.alembic]\n"
		"script_location = 'app:m'\nprepend_sys_path = ['src']\n",
		"/work/src/app/m|/work/src/app/m/versions|||" },
	{ "a string for prepend_sys_path means nothing", NULL,
		"[tool.alembic]\n"
		"script_location = 'app:m'\nprepend_sys_path = 'src'\n",
		"/work/app/m|/work/app/m/versions|||" },
	{ "a string for version_locations", NULL,
		"[tool.alembic]\n"
		"script_location = 'm'\nversion_locations = 'a'\n",
		"pyproject.toml:3: version_locations in [tool.alembic] is a string, "
		"not "
		"an array of strings" },
	{ "a number among them", NULL,
		"[tool.alembic]\n"
		"script_location = 'm'\nversion_locations = [1]\n",
		"pyproject.toml:3: version_locations in [tool.alembic] is a number, "
		"not "
		"only strings, as it should be" },
	{ "a location that is no string", NULL,
		"[tool.alembic]\n"
		"script_location = true\n",
		"pyproject.toml:2: script_location in [tool.alembic] is a boolean, not "
		"a "
		"string" },
	{ "a boolean that is none", NULL,
		"[tool.alembic]\n"
		"script_location = 'm'\nsourceless = 'true'\n",
		"pyproject.toml:3: sourceless in [tool.alembic] is a string, not true "
		"or "
		"false" },
	{ "a bare percent sign", NULL,
		"[tool.alembic]\n"
		"script_location = '%(name)s'\n",
		"pyproject.toml:2: a `%` in script_location must be doubled, unless it "
		"begins %(here)s" },
	{ "a zero byte", NULL,
		"[tool.alembic]\n"
		"script_location = \"m\\u0000\"\n",
		"pyproject.toml:2: script_location has a zero byte" },
	{ "no table", NULL, "[tool]\nalembic = 1\n",
		"pyproject.toml:2: [tool.alembic] is no table" },
	{ "neither is tool", NULL, "tool = 1\n",
		"pyproject.toml:1: [tool.alembic] is no table" },
	{ "no location", NULL, "[tool.alembic]\n",
		"pyproject.toml: [tool.alembic] has no script_location, the directory "
		"of "
		"the scripts" },
};

/* Sections other than [alembic]. */
static const struct {
	const char *what, *ini, *section, *summary;
} sections[] = {
	{ "the section that was named",
		"[alembic]\nscript_location = x\n[b]\nscript_location = m\n", "b",
		"/work/m|/work/m/versions|||" },
	{ "[DEFAULT] is for every section",
		"[DEFAULT]\nscript_location = m\n[b]\n[c]\n", "c",
		"/work/m|/work/m/versions|||" },
	{ "a section that isn't there",
		"[alembic]\nscript_location = m\n[loggers]\n[b]\nscript_location = m\n",
		"c",
		"/srv/app/alembic.ini: there is no section [c]; those with a "
		"script_location are alembic, b" },
	{ "several, and nobody said which",
		"[loggers]\n[a]\nscript_location = m\n[b]\nscript_location = m\n", NULL,
		"/srv/app/alembic.ini: there is no section [alembic], but others have "
		"a "
		"script_location; choose with -n: a, b" },
	{ "no section that has one", "[loggers]\n", NULL,
		"/srv/app/alembic.ini: there is no section [alembic]" },
	{ "an empty file", "", NULL, "/srv/app/alembic.ini: it has no section at all" },
	{ "DEFAULT is no section", "[DEFAULT]\nscript_location = m\n", "DEFAULT",
		"/srv/app/alembic.ini: it has no section at all" },
	{ "a section, and no ini", NULL, "b",
		"-n b is a section of alembic.ini, which isn't there" },
};

static void
is_summary(char *got, const char *want, const char *what)
{
	tap_is_text(got, want, "%s", what);
	free(got);
}

int
main(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *text = alloc_printf("[alembic]\n%s", cases[i].settings);

		is_summary(summary(text, NULL, NULL), cases[i].summary, cases[i].what);
		free(text);
	}
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		is_summary(summary(files[i].ini, files[i].toml, NULL), files[i].summary,
			files[i].what);
	for (size_t i = 0; i < sizeof(sections) / sizeof(*sections); i++)
		is_summary(summary(sections[i].ini, NULL, sections[i].section),
			sections[i].summary, sections[i].what);
	return tap_done();
}
