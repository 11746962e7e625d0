#include "pgrunbook/model/ini.h"

#include <stdlib.h>
#include <string.h>

#include "tests/tap/tap.h"

static struct ini *
parse(const char *text, struct error *error)
{
	return ini_parse("a.ini", "/here", text, strlen(text), error);
}

/* The value, or the error. */
static char *
value_of(const char *text, const char *key)
{
	struct error error = { 0 };
	struct ini *ini = parse(text, &error);
	char *value = ini ? ini_get(ini, "s", key, &error) : NULL;

	ini_free(ini);
	if (!value && error.message)
		return error.message;
	error_clear(&error);
	return value;
}

struct value_case {
	const char *what, *text, *key, *value;
};

static const struct value_case cases[] = {
	{ "a value", "[s]\nkey = value\n", "key", "value" },
	{ "a colon", "[s]\nkey : a=b \n", "key", "a=b" },
	{ "the key's case", "[s]\nKey.Name=1\n", "KEY.name", "1" },
	{ "nothing after the sign", "[s]\nkey=\n", "key", "" },
	{ "no such key", "[s]\n", "key", NULL },
	{ "comments", "# c\n; c\n[s]\n  # c\nkey = a # b\n", "key", "a # b" },
	{ "lines that go on", "[s]\nkey = a\n  b\n\n\tc\n\nother = d\n", "key",
		"a\nb\n\nc" },
	{ "a comment in between", "[s]\nkey = a\n  # no\n  b\n", "key", "a\nb" },
	{ "what goes on may look like a key", "[s]\nkey = a\n  b = c\n", "key",
		"a\nb = c" },
	{ "an indented key", "[s]\n  key = a\n  b = c\n", "b", "c" },
	{ "default", "[DEFAULT]\nkey = d\n[s]\n", "key", "d" },
	{ "the section beats default", "[DEFAULT]\nkey = d\n[s]\nkey = e\n", "key",
		"e" },
	{ "here", "[s]\nkey = %(here)s/x\n", "key", "/here/x" },
	{ "a name", "[s]\nA.b = 1\nkey = <%(a.B)s%%>\n", "key", "<1%>" },
	{ "a name of default", "[DEFAULT]\na = 1\n[s]\nkey = %(a)s\n", "key", "1" },
	{ "CRLF", "[s]\r\nkey = a\r\n", "key", "a" },
	{ "a byte order mark", "\xEF\xBB\xBF[s]\nkey = a\n", "key",
		"a.ini:1: it begins with a byte order mark, which Alembic takes for "
		"text: save it as UTF-8 without one" },
	{ "no UTF-8", "[s]\nkey = \xE4\n", "key",
		"a.ini:2: this is not UTF-8: byte 0xe4" },
	{ "a non-breaking space",
		"[s]\nkey =\xC2\xA0"
		"a\xE2\x80\x83\n",
		"key", "a" },
	{ "a header with more behind it", "[s] # no\nkey = a\n", "key", "a" },
	{ "here, set by the file", "[DEFAULT]\nhere = /x\n[s]\nkey = %(here)s\n", "key",
		"/x" },
	{ "ten levels",
		"[s]\nkey = %(b)s\nb = %(c)s\nc = %(d)s\nd = %(e)s\ne = %(f)s\n"
		"f = %(g)s\ng = %(h)s\nh = %(i)s\ni = %(j)s\nj = %(k)s\nk = 1\n",
		"key", "1" },
	{ "eleven",
		"[s]\nkey = %(b)s\nb = %(c)s\nc = %(d)s\nd = %(e)s\ne = %(f)s\n"
		"f = %(g)s\ng = %(h)s\nh = %(i)s\ni = %(j)s\nj = %(k)s\nk = 1%%\n",
		"key", "a.ini:12: `k` refers to itself, or to too many others" },
	{ "a circle", "[s]\na = %(b)s\nb = %(a)s\n", "a",
		"a.ini:2: `a` refers to itself, or to too many others" },
	{ "a bare percent sign", "[s]\n\nkey = 5%\n", "key",
		"a.ini:3: a `%` in `key` must be doubled, unless it begins %(name)s" },
	{ "no such name", "[s]\nkey = %(b)s\n", "key",
		"a.ini:2: `key` refers to `b`, which isn't set" },
	{ "no section", "key = a\n", "key",
		"a.ini:1: there is no [section] before this line" },
	{ "no sign", "[s]\nkey\n", "key",
		"a.ini:2: this is neither a [section] nor `key = value`: key" },
	{ "no key", "[s]\n= a\n", "key",
		"a.ini:2: this is neither a [section] nor `key = value`: = a" },
	{ "a key twice", "[s]\nkey = a\nKEY = b\n", "key",
		"a.ini:3: [s] has `key` already in line 2" },
	{ "a section twice", "[s]\n[t]\n[s]\n", "key",
		"a.ini:3: there is a second section [s]" },
};

static void
test_values(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *value = value_of(cases[i].text, cases[i].key);

		tap_is_text(value, cases[i].value, "%s", cases[i].what);
		free(value);
	}
}

static void
test_keys(void)
{
	struct error error = { 0 };
	struct ini *ini = parse("[DEFAULT]\nx=1\n[s]\nB=1\n\na=2\n", &error);

	tap_is_text(ini_section(ini, 0), "s", "a section");
	tap_is_text(ini_section(ini, 1), NULL, "no other: DEFAULT is none");
	tap_ok(ini_has_section(ini, "s"), "has a section");
	tap_ok(!ini_has_section(ini, "DEFAULT"), "DEFAULT is none");
	tap_is_text(ini_key(ini, "s", 0), "b", "keys come in the file's order");
	tap_is_text(ini_key(ini, "s", 1), "a", "the second");
	tap_is_text(ini_key(ini, "s", 2), NULL, "no third: not those of DEFAULT");
	tap_is_text(ini_key(ini, "t", 0), NULL, "none of a section that isn't there");
	tap_is_int(ini_line(ini, "s", "A"), 6, "a key's line");
	tap_is_int(ini_line(ini, "s", "y"), 0, "no line");
	ini_free(ini);

	tap_ok(!ini_parse("a.ini", NULL, "[s]\n\0", 5, &error),
		"a zero byte is an error");
	error_clear(&error);
	ini = ini_parse("a.ini", NULL, NULL, 0, &error);
	tap_ok(ini != NULL, "an empty file is an ini");
	ini_free(ini);
}

/* Python takes the percent sign of the directory for its own, too. */
static void
test_here(void)
{
	static const char text[] = "[s]\nkey = %(here)s/m\nother = m\n";
	struct error error = { 0 };
	struct ini *ini = ini_parse("a.ini", "/5%", text, strlen(text), &error);
	char *value = ini_get(ini, "s", "other", &error);

	tap_is_text(value, "m", "a directory with a percent sign");
	free(value);
	value = ini_get(ini, "s", "key", &error);
	tap_ok(value == NULL, "but it can't be referred to");
	tap_is_text(error.message,
		"a.ini: its directory's name has a `%`, which Python takes for the "
		"beginning of %(name)s: move it, or do without %(here)s",
		"and that is said");
	tap_is_int(ini_line(ini, "s", "here"), 0, "it is on no line");
	error_clear(&error);
	ini_free(ini);
}

/* Ten levels of a thousand names each would be 10^30 expansions. */
static void
test_bomb(void)
{
	struct error error = { 0 };
	char text[8 * 1200 + 200], *at = text;

	at = stpcpy(at, "[s]\ni =\n");
	for (int key = 'a'; key < 'i'; key++) {
		*at++ = (char)key;
		at = stpcpy(at, " = ");
		for (int i = 0; i < 200; i++) {
			at = stpcpy(at, "%( )s");
			at[-3] = (char)(key + 1);
		}
		*at++ = '\n';
	}
	*at = '\0';
	struct ini *ini = parse(text, &error);
	char *value = ini ? ini_get(ini, "s", "a", &error) : NULL;
	tap_ok(ini && !value && error.message, "names that multiply are an error");
	free(value);
	error_clear(&error);
	ini_free(ini);
}

int
main(void)
{
	test_values();
	test_keys();
	test_here();
	test_bomb();
	return tap_done();
}
