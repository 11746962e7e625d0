#include "pgrunbook/model/sql_split.h"

#include <string.h>

#include "pgrunbook/base/str.h"
#include "tests/tap/tap.h"

/* The statements, one a line: "LINE TITLE: TEXT"; '!' for doubtful, '\' for psql's. */
static void
splits(const char *text, const char *want)
{
	struct sql_split split;
	struct str got = { 0 };

	sql_split(text, strlen(text), &split);
	for (size_t i = 0; i < split.count; i++) {
		const struct sql_statement *statement = &split.statements[i];

		str_printf(&got, "%d%s%s ", statement->line,
			statement->doubtful ? "!" : "", statement->meta ? "\\" : "");
		if (statement->title != NULL)
			str_printf(&got, "%s: ", statement->title);
		str_printf(&got, "%s\n", statement->text);
	}
	tap_is_text(str_text(&got), want, "split: %.60s", text);
	str_free(&got);
	sql_split_free(&split);
}

int
main(void)
{
	splits("", "");
	splits(" ;; -- nothing\n", "");
	splits("SELECT 1; SELECT 2", "1 SELECT 1\n1 SELECT 2\n");
	splits("SELECT ';';\nSELECT \"a;b\";", "1 SELECT ';'\n2 SELECT \"a;b\"\n");
	splits("SELECT 'it''s;';SELECT 2", "1 SELECT 'it''s;'\n1 SELECT 2\n");
	splits("SELECT E'\\';'; SELECT 2", "1 SELECT E'\\';'\n1 SELECT 2\n");
	splits("SELECT '\\'; SELECT 2", "1 SELECT '\\'\n1 SELECT 2\n");
	splits("DO $$ BEGIN; END $$; SELECT 2", "1 DO $$ BEGIN; END $$\n1 SELECT 2\n");
	splits("DO $a$ $$;$$ $a$; SELECT 2", "1 DO $a$ $$;$$ $a$\n1 SELECT 2\n");
	splits("SELECT $1; SELECT a$b; SELECT 3",
		"1 SELECT $1\n1 SELECT a$b\n1 SELECT 3\n");
	splits("/* a; /* b; */ c; */ SELECT 1;", "1 a; /* b; */ c;: SELECT 1\n");
	splits("SELECT 1 -- ;\n + 1; SELECT 2", "1 SELECT 1 -- ;\n + 1\n2 SELECT 2\n");
	splits("-- title\n-- more\nSELECT 1;\n-- next\nSELECT 2;",
		"3 title more: SELECT 1\n5 next: SELECT 2\n");
	splits("-- far\n\n-- near\nSELECT 1;", "4 near: SELECT 1\n");
	splits("CREATE RULE r AS ON DELETE TO t DO (a; b); SELECT 2",
		"1 CREATE RULE r AS ON DELETE TO t DO (a; b)\n1 SELECT 2\n");
	splits("\\dt public.*\nSELECT 1", "1\\ \\dt public.*\n2 SELECT 1\n");
	splits("COPY t FROM stdin;\n1\n\\.\nDROP TABLE t;",
		"1! COPY t FROM stdin;\n1\n\\.\nDROP TABLE t;\n");
	splits("CREATE FUNCTION f() BEGIN ATOMIC SELECT 1; END; SELECT 2",
		"1! CREATE FUNCTION f() BEGIN ATOMIC SELECT 1; END; SELECT 2\n");
	splits("SELECT 'open; DROP TABLE t", "1! SELECT 'open; DROP TABLE t\n");
	splits("SELECT (1; SELECT 2", "1! SELECT (1; SELECT 2\n");
	splits("/* open; DROP TABLE t", "1! /* open; DROP TABLE t\n");
	return tap_done();
}
