/* The short way through a version file says what the long one says, or nothing. */
#include "pgrunbook/model/script_quick.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/model/python_source.h"
#include "tests/model/script_same.h"
#include "tests/tap/tap.h"

static const char head[] =
	"\"\"\"add it\n\nRevises: x\n\"\"\"\nfrom alembic import op\n"
	"revision = 'a'\ndown_revision = None\n";

/* As script_read calls it. */
static bool
read_quick(const char *bytes, size_t length, struct script *script)
{
	struct python_source source;

	*script = (struct script){ .path = alloc_copy("x.py") };
	python_source_open(bytes, length, &source);
	bool quick = !source.problem && source.owned.length == 0 &&
		     script_quick_read(source.text, source.length, script);
	python_source_free(&source);
	return quick;
}

/* Whether the short way was taken; complains if the long one leads elsewhere. */
static bool
is_quick(const char *bytes, size_t length, const char *name)
{
	struct script quick, whole;
	bool taken = read_quick(bytes, length, &quick);

	script_read_long("x.py", bytes, length, &whole);
	const char *difference = taken ? script_difference(&quick, &whole) : NULL;
	if (difference)
		tap_ok(false, "%s: the same %s by both ways", name, difference);
	script_free(&quick);
	script_free(&whole);
	return taken;
}

static void
check(bool want, const char *text, const char *what)
{
	tap_ok(is_quick(text, strlen(text), what) == want, "%s: the %s way", what,
		want ? "short" : "long");
}

/* After a docstring, an import and the two names. */
static void
check_after(bool want, const char *text, const char *what)
{
	char *whole = alloc_printf("%s%s", head, text);

	check(want, whole, what);
	free(whole);
}

static void
test_short(void)
{
	check_after(true, "def upgrade():\n    pass\n", "a plain one");
	check(true,
		"revision: str = \"a\"  # it\ndown_revision: Union[str, None] = (\n"
		"    'b',\n\n    'c', # this\n)\nbranch_labels = ('x',)\n"
		"depends_on = ()\n",
		"annotated, over several lines");
	check_after(true,
		"def upgrade() -> None:\n    '''Up.'''\n\n# no end\n"
		"    op.execute(f'{x}\\n' + r'\\\\' \"it's\", rb'')\n"
		"    x = {\n1: [0x2f, 1e5]} \\\n  + y\n\tz(\"\"\"\ndef\n\"\"\")\n"
		"def downgrade():\n    '''None.'''\n",
		"strings, brackets and joined lines in a body");
	check_after(true, "import a\nfrom b import (c,\n  d) # e\n", "imports");
	check_after(true, "def f(a, *b: c) -> d:\n\n    g", "no newline at the end");
}

static void
test_long(void)
{
	check_after(false, "revision = 'b'\n", "bound twice");
	check(false, "revision = 'a' 'b'\ndown_revision = None\n", "two literals");
	check(false, "revision = 'a\\x41'\ndown_revision = None\n", "an escape");
	check(false, "revision = b'a'\ndown_revision = None\n", "bytes");
	check(false, "revision = ''\ndown_revision = None\n", "no id");
	check_after(false, "depends_on = ['a']\n", "a list, which may change");
	check_after(false, "depends_on = 'a' if x else 'b'\n", "an expression");
	check_after(false, "depends_on := None\n", "no annotation");
	check_after(false, "depends_on: a, = 'b'\n", "a comma in its annotation");
	check_after(false, "depends_on: a[b = 'b'\n", "an open bracket there");
	check_after(false, "x = 1\n", "another name");
	check_after(false, "if x:\n    revision = 'c'\n", "a condition");
	check_after(false, "from x import revision\n", "an import of the name");
	check_after(false, "from x import *\n", "an import of all");
	check_after(false, "def f():\n    global revision\n", "a global");
	check_after(
		true, "def f():\n    x\n    exec('')\n", "a back door that stays shut");
	check_after(false, "def f():\n    x\n    exec('')\ndepends_on: f = None\n",
		"a function that is named");
	check_after(false, "def f(x=exit()):\n    pass\n", "a default");
	check_after(false, "@x\ndef f():\n    pass\n", "a decorator");
	check_after(false, "class x:\n    revision = 'b'\n", "a class");
	check_after(false, "def upgrade():\n    raise X\n", "a refusal");
	check_after(false, "def upgrade():\n    return\n", "a return");
	check_after(false, "def upgrade():\n    'x'.y()\n", "a string that does");
	check_after(false, "def upgrade(): pass\n", "a body on the def's line");
	check_after(false, "def upgrade():\nx()\n", "no body");
	check_after(false, "def upgrade():\n    x.autocommit_block()\n", "a commit");
	check_after(false, "def upgrade():\n    x(\n", "an open bracket");
	check_after(false, "def upgrade():\n    x)\n", "a closing one too many");
	check_after(false, "def upgrade():\n    'x\n", "an open string");
	check_after(false, "def upgrade():\n    x = f'{'\n", "an open field");
	check(false, "revision = 'a'\n", "no down_revision");
	check(false,
		"\xEF\xBB\xBF# coding: latin-1\nrevision = 'a'\ndown_revision = 'b'\n",
		"no Python");
	check(false, "revision = 'a'\r\ndown_revision = 'b'\r\n", "other line ends");
	check(false, "", "an empty file");
}

static size_t files, quick_files;

static int
visit(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	size_t length = strlen(path);
	struct str bytes = { 0 };
	char buffer[4096];
	size_t got;

	(void)status;
	(void)walk;
	if (type != FTW_F || length < 3 || strcmp(path + length - 3, ".py") != 0)
		return 0;
	FILE *file = fopen(path, "r");
	if (!file)
		return 0;
	while ((got = fread(buffer, 1, sizeof(buffer), file)) > 0)
		str_add_bytes(&bytes, buffer, got);
	fclose(file);
	files++;
	quick_files += is_quick(str_text(&bytes), bytes.length, path);
	str_free(&bytes);
	return 0;
}

static void
visit_below(const char *folder)
{
	char *path = alloc_printf("%s/%s", getenv("srcdir"), folder);

	nftw(path, visit, 16, FTW_PHYS);
	free(path);
}

/* Real files, and the odd ones of the recorded trees. */
static void
test_files(void)
{
	visit_below("demo/app/migrations/versions");
	visit_below("migrations/versions");
	tap_ok(quick_files > files / 2,
		"most that people write take the short way: %zu of %zu", quick_files,
		files);
	visit_below("tests/conformance");
	tap_ok(files > 100, "of %zu files %zu took it, to the same end", files,
		quick_files);
}

int
main(void)
{
	test_short();
	test_long();
	test_files();
	return tap_done();
}
