#include "pgrunbook/model/toml.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"
#include "tests/tap/tap.h"

static struct toml *
parse(const char *text, struct error *error)
{
	return toml_parse("a.toml", text, strlen(text), error);
}

static void
test_values(void)
{
	static const char text[] = "[tool]\n"
				   "alembic.script_location = \"%(here)s/m\"\n"
				   "[tool.alembic.more]\n"
				   "on = [true, 1, 1979-05-27]\n";
	struct error error = { 0 };
	struct toml *document = parse(text, &error);
	size_t length;

	tap_ok(document != NULL, "a document");
	const struct toml *alembic =
		toml_member(toml_member(document, "tool"), "alembic");
	const struct toml *location = toml_member(alembic, "script_location");
	tap_is_text(toml_text(location, &length), "%(here)s/m", "a string");
	tap_is_int((int64_t)length, 10, "its length");
	tap_is_int(toml_line(location), 2, "its line");
	tap_is_text(toml_key(location, &length), "script_location", "its key");
	tap_is_text(toml_kind_name(location), "a string", "its kind");
	const struct toml *on = toml_member(toml_member(alembic, "more"), "on");
	tap_ok(toml_is_true(toml_item(on, 0)), "a boolean");
	tap_is_text(toml_kind_name(toml_item(on, 1)), "a number", "a number");
	tap_is_text(toml_kind_name(toml_item(on, 2)), "a date", "a date");
	tap_ok(toml_item(on, 3) == NULL, "no more");
	tap_ok(toml_item(location, 0) == NULL, "a string has no items");
	tap_ok(toml_member(location, "x") == NULL, "and no keys");
	tap_ok(toml_member(toml_member(document, "x"), "y") == NULL,
		"nothing is in what isn't there");
	toml_free(document);
}

static const struct {
	const char *what, *text, *message;
} errors[] = {
	{ "no value", "a = 1\nb =\n",
		"a.toml:2: here should be a value: a \"string\" in quotes, true, "
		"false, a "
		"number, a date, [an array] or {an inline table}" },
	{ "no key", "a = 1\n\n= 1",
		"a.toml:3: here should be a key: letters, digits, - and _, or anything "
		"in "
		"quotes" },
	{ "no sign", "a", "a.toml:1: a key is followed by =" },
	{ "a string without an end", "\na = \"x\n", "a.toml:2: the string has no end" },
	{ "a Windows path", "a = \"C:\\projects\"",
		"a.toml:1: a backslash in a \"string\" is written \\\\, or the string "
		"in "
		"single quotes" },
	{ "a value twice", "a = 1\n[b]\n[a]\n",
		"a.toml:3: nothing can be added to `a`, which has a value in line 1" },
	{ "a key twice", "a = 1\na = 2\n",
		"a.toml:2: `a` has a value already, in line 1" },
	{ "a table twice", "[a]\n[b]\n[a]\n",
		"a.toml:3: the table `a` is there already, in line 1" },
	{ "a table of another section", "[a]\nb.c = 1\n[a.b]\n",
		"a.toml:3: the table `b` is there already, in line 2" },
	{ "no array of tables", "a = [1]\n[[a]]\n",
		"a.toml:2: `a` is no array of tables: see line 1" },
	{ "an array without an end", "a = [1\nb = 2\n",
		"a.toml:2: the array that begins in line 1 has no end here, and no "
		"comma" },
	{ "an inline table of two lines", "a = {b = 1\n}",
		"a.toml:1: the inline table has no end on this line, and no comma" },
	{ "a header without an end", "[a\n",
		"a.toml:1: here should be ], the end of the header" },
	{ "a header of two words", "[a b]\n",
		"a.toml:1: here should be ], the end of the header" },
	{ "an array's header with half an end", "[[a]\n",
		"a.toml:1: here should be ]], the end of the header" },
	{ "no such day", "a = 2023-02-29",
		"a.toml:1: there is no such day: 2023-02-29" },
	{ "a century that doesn't leap", "a = 1900-02-29",
		"a.toml:1: there is no such day: 1900-02-29" },
	{ "a line that goes on", "a = 1 b = 2",
		"a.toml:1: the line goes on after its end" },
	{ "a byte order mark",
		"\xEF\xBB\xBF"
		"a = 1",
		"a.toml:1: it begins with a byte order mark, which TOML doesn't have: "
		"save "
		"it as UTF-8 without one" },
	{ "no UTF-8", "a = 1\nb = '\xE4'", "a.toml:2: this is not UTF-8: byte 0xe4" },
};

static void
test_errors(void)
{
	for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++) {
		struct error error = { 0 };
		struct toml *document = parse(errors[i].text, &error);

		tap_ok(document == NULL, "%s", errors[i].what);
		tap_is_text(error.message, errors[i].message, "and what is said");
		toml_free(document);
		error_clear(&error);
	}
	struct error error = { 0 };
	tap_ok(toml_parse("a.toml", "a = 1\0", 6, &error) == NULL, "a zero byte");
	error_clear(&error);
	struct toml *document = toml_parse("a.toml", NULL, 0, &error);
	tap_ok(document != NULL, "an empty file is a document");
	toml_free(document);
}

/* What would take the stack or the day ends with an error. */
static void
test_bounds(void)
{
	struct str text = { 0 };
	struct error error = { 0 };

	str_add(&text, "a = ");
	for (int i = 0; i < 100000; i++)
		str_add(&text, "[");
	tap_ok(parse(str_text(&text), &error) == NULL, "arrays in arrays");
	tap_is_text(error.message, "a.toml:1: this is nested more than 64 deep",
		"and what is said");
	str_clear(&text);
	for (int i = 0; i < 100000; i++)
		str_add(&text, "a.");
	tap_ok(parse(str_text(&text), &error) == NULL, "a long key");
	tap_is_text(error.message, "a.toml:1: the key has more than 64 parts",
		"and what is said");
	str_clear(&text);
	for (int i = 0; i <= TOML_MOST; i++)
		str_printf(&text, "a%d = 1\n", i);
	tap_ok(parse(str_text(&text), &error) == NULL, "a large table");
	tap_is_text(error.message, "a.toml:10001: the table has more than 10000 keys",
		"and what is said");
	error_clear(&error);
	str_free(&text);
}

int
main(void)
{
	test_values();
	test_errors();
	test_bounds();
	return tap_done();
}
