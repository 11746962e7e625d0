#include "pgrunbook/model/script.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"
#include "tests/tap/tap.h"

/* "down_revision is computed at line 7;..." */
static char *
script_unclear(const struct script *script)
{
	struct str out = { 0 };

	for (int i = 0; i < SCRIPT_NAMES; i++)
		if (script->senses[i] != SCRIPT_CLEAR)
			str_printf(&out, "%s%s is %s at line %d", out.length ? ";" : "",
				script_name_text((enum script_name)i),
				script->senses[i] == SCRIPT_COMPUTED ? "computed"
								     : "no revision id",
				script->lines[i]);
	return str_take(&out);
}

/* "revision|down,down|labels|depends|what is unclear", or the problem. */
static char *
script_summary(const char *path, const char *source)
{
	struct script script;
	char *summary;

	script_read(path, source, strlen(source), &script);
	if (script.problem) {
		summary = strdup(script.problem);
	} else {
		char *down = strlist_join(&script.down_revision, ",");
		char *labels = strlist_join(&script.branch_labels, ",");
		char *depends = strlist_join(&script.depends_on, ",");
		char *unclear = script_unclear(&script);

		if (asprintf(&summary, "%s|%s|%s|%s|%s", script.revision, down, labels,
			    depends, unclear) < 0)
			abort();
		free(down);
		free(labels);
		free(depends);
		free(unclear);
	}
	script_free(&script);
	return summary;
}

struct binding_case {
	const char *what, *source, *summary;
};

static const struct binding_case binding_cases[] = {
	{ "plain", "revision = 'a1'\ndown_revision = \"b2\"\n", "a1|b2|||" },
	{ "annotated",
		"from typing import Union\nrevision: str = 'a1'\n"
		"down_revision: Union[str, None] = 'b2'\n",
		"a1|b2|||" },
	{ "annotation alone binds nothing",
		"revision = 'a1'\ndown_revision = 'b2'\nrevision: str\n", "a1|b2|||" },
	{ "the last wins", "revision = 'x'\nrevision = 'a1'\ndown_revision = None\n",
		"a1||||" },
	{ "parenthesised, joined, commented",
		"revision = ( # id\n  'a'\n  \"1\" # rest\n)\ndown_revision = \\\n  "
		"'b2'\n",
		"a1|b2|||" },
	{ "prefixes", "revision = u'a1'\ndown_revision = R\"b\\2\"\n", "a1|b\\2|||" },
	{ "escapes", "revision = '\\x611\\\n2'\ndown_revision = '\\u00e9'\n",
		"a12|\xC3\xA9|||" },
	{ "tuples, lists and sets",
		"revision='a1'\ndown_revision=('b2','c3',)\nbranch_labels=['x', 'y']\n"
		"depends_on={'d4'}\n",
		"a1|b2,c3|x,y|d4|" },
	{ "a tuple without brackets",
		"revision='a1'\ndown_revision='b2', 'c3'\ndepends_on='d4',\n",
		"a1|b2,c3||d4|" },
	{ "what means base",
		"revision='a1'\ndown_revision=(None,)\nbranch_labels=()\ndepends_on=[]"
		"\n",
		"a1||||" },
	{ "a dependency on nothing",
		"revision='a1'\ndown_revision='b2'\ndepends_on=''\n", "a1|b2|||" },
	{ "the same in a tuple",
		"revision='a1'\ndown_revision='b2'\ndepends_on=('',)\n", "a1|b2|||" },
	{ "but not beside another",
		"revision='a1'\ndown_revision='b2'\ndepends_on='c3', ''\n",
		"a1|b2||c3,|" },
	{ "one element in brackets", "revision=('a1')\ndown_revision=('b2',)\n",
		"a1|b2|||" },
	{ "semicolons", "revision='a1'; down_revision='b2'; depends_on='c3'\n",
		"a1|b2||c3|" },
	{ "chains", "x = revision = 'a1'\ndown_revision = depends_on = None\n",
		"a1||||" },
	{ "parallel", "revision, down_revision = 'a1', None\n", "a1||||" },
	{ "a name bound before",
		"R = 'a1'\nP = ('b2', 'c3')\nrevision = R\ndown_revision = P\n",
		"a1|b2,c3|||" },
	{ "a name in a list", "P = 'b2'\nrevision='a1'\ndown_revision=[P, 'c3']\n",
		"a1|b2,c3|||" },
	{ "the value at the time", "P='b2'\ndown_revision=P\nP='x'\nrevision='a1'\n",
		"a1|b2|||" },
	{ "not in strings, comments, dicts and functions",
		"\"\"\"\nrevision = 'no'\n\"\"\"\nrevision='a1' # revision='no'\n"
		"down_revision=None\nx = {'revision': 'no'}\ny = dict(revision='no')\n"
		"def f(revision='no'):\n    revision = 'no'\n"
		"class C:\n    revision = 'no'\n    def g():\n        revision = 'no'\n"
		"@f(revision='no')\nasync def h():\n  revision = 'no'\n",
		"a1||||" },
	{ "an f-string without fields", "revision=f'a1'\ndown_revision=f'b{{2'\n",
		"a1|b{2|||" },
	{ "CRLF and a byte order mark",
		"\xEF\xBB\xBFrevision='a1'\r\ndown_revision='b2'\r\n", "a1|b2|||" },
	{ "no newline at the end", "revision='a1'\ndown_revision='b2'", "a1|b2|||" },
	{ "an f-string with anything in it",
		"x = f\"{a[\"b\"]!r:>{w}} {{ {f'{y}'} \\N{DASH}\"\nrevision='a1'\n"
		"down_revision='b2'\n",
		"a1|b2|||" },
	{ "comparison is no binding",
		"revision='a1'\ndown_revision='b2'\nrevision == 'x'\n", "a1|b2|||" },
	{ "type parameters", "type T[X] = list[X]\nrevision='a1'\ndown_revision='b2'\n",
		"a1|b2|||" },
	{ "sums", "revision='a'+'1'\ndown_revision=('b2',)+(\"c\" '3',)\n",
		"a1|b2,c3|||" },
	{ "conversions",
		"revision='a1'\ndown_revision=tuple(['b2', "
		"'c3'])\nbranch_labels=list(('x',))\n"
		"depends_on=tuple()\n",
		"a1|b2,c3|x||" },
	{ "a list in a list",
		"P=('b2','c3')\nrevision='a1'\ndown_revision=[*P, 'd4']\n",
		"a1|b2,c3,d4|||" },
	{ "values are read before names are bound",
		"down_revision, revision = 'a1', 'b2'\n"
		"revision, down_revision = down_revision, revision\n",
		"a1|b2|||" },
	{ "a lambda's default is no binding",
		"revision='a1'\ndown_revision='b2'\nf = lambda revision='x': "
		"revision\n",
		"a1|b2|||" },
	{ "an index is no binding",
		"revision='a1'\ndown_revision='b2'\nd = {}\nd[revision] = 1\n"
		"d[0].revision = 2\n",
		"a1|b2|||" },
	{ "case is a name, too",
		"revision='a1'\ndown_revision='b2'\ntype = case = match = 'x'\n",
		"a1|b2|||" },
	{ "Latin-1", "# -*- coding: latin-1 -*-\nrevision='a1'\ndown_revision='\xE9'\n",
		"a1|\xC3\xA9|||" },
	{ "an encoding of which ASCII is enough",
		"# coding=cp1251\nrevision='a1' # \xE9\ndown_revision='b2'\n",
		"a1|b2|||" },
	{ "old line ends", "revision='a1' # id\rdown_revision='b2'\r", "a1|b2|||" },
	{ "a form feed", "revision='a1'\n\fdown_revision='b2'\n", "a1|b2|||" },
	{ "a star import of what is known",
		"revision='a1'\ndown_revision='b2'\nfrom sqlalchemy import *\n",
		"a1|b2|||" },
	{ "a number before a keyword",
		"revision='a1'\ndown_revision='b2'\nx = 1if 1else 2\n", "a1|b2|||" },
	/* computed */
	{ "a call", "revision='a1'\ndown_revision = f()\n",
		"a1||||down_revision is computed at line 2" },
	{ "a product", "revision='a1'\ndown_revision = 'b' * 2\n",
		"a1||||down_revision is computed at line 2" },
	{ "a part", "revision='a1'\ndown_revision = 'b2xx'[:2]\n",
		"a1||||down_revision is computed at line 2" },
	{ "a name's part", "import m\nrevision='a1'\ndown_revision = m.revision\n",
		"a1||||down_revision is computed at line 3" },
	{ "what goes on behind a sum",
		"revision='a1'\ndown_revision = 'b' + '2%d' % 3\n",
		"a1||||down_revision is computed at line 2" },
	{ "a choice", "revision='a1'\ndown_revision = 'b2' if x else None\n",
		"a1||||down_revision is computed at line 2" },
	{ "under a condition",
		"revision='a1'\ndown_revision = 'b2'\nif x:\n    down_revision = "
		"'c3'\n",
		"a1||||down_revision is computed at line 4" },
	{ "on a condition's line",
		"revision='a1'\ndown_revision='b2'\nif x: down_revision='c3'\n",
		"a1||||down_revision is computed at line 3" },
	{ "bound again after the condition",
		"revision='a1'\nif x:\n    down_revision = 'c3'\ndown_revision='b2'\n",
		"a1|b2|||" },
	{ "added to", "revision='a1'\ndown_revision='b2'\ndown_revision += 'x'\n",
		"a1||||down_revision is computed at line 3" },
	{ "a list that is changed",
		"revision='a1'\ndown_revision=['b2']\ndown_revision.append('c3')\n",
		"a1||||down_revision is computed at line 2" },
	{ "an element that is assigned",
		"revision='a1'\ndown_revision=['b2']\ndown_revision[0] = 'c3'\n",
		"a1||||down_revision is computed at line 2" },
	{ "a list that a function changes",
		"revision='a1'\ndef f(): down_revision.append('c3')\n"
		"down_revision=['b2']\nf()\n",
		"a1||||down_revision is computed at line 3" },
	{ "a list with two names",
		"revision='a1'\nx = down_revision = ['b2']\nx.append('c3')\n",
		"a1||||down_revision is computed at line 2" },
	{ "a list under another name",
		"revision='a1'\nx = ['b2']\ndown_revision = x\nx.append('c3')\n",
		"a1||||down_revision is computed at line 3" },
	{ "what a function binds",
		"revision='a1'\ndown_revision='b2'\ndef f():\n    global "
		"down_revision\n"
		"    down_revision = 'c3'\nf()\n",
		"a1||||down_revision is computed at line 4" },
	{ "executed text",
		"revision='a1'\nbranch_labels=depends_on=None\ndown_revision='b2'\n"
		"exec(open('x').read())\nrevision='a1'\nbranch_labels=depends_on="
		"None\n",
		"a1||||down_revision is computed at line 4" },
	{ "the module's own dictionary",
		"revision='a1'\ndown_revision='b2'\nglobals()['depends_on']='c3'\n"
		"revision='a1'\ndown_revision='b2'\nbranch_labels=None\n",
		"a1|b2|||depends_on is computed at line 3" },
	{ "a function that reaches into it",
		"def f():\n    globals().update(down_revision='c3')\n"
		"revision='a1'\ndown_revision='b2'\nbranch_labels=depends_on=None\nf()"
		"\n"
		"revision='a1'\nbranch_labels=depends_on=None\n",
		"a1||||down_revision is computed at line 6" },
	{ "and isn't called", /* as in Alembic's template for several databases */
		"revision='a1'\ndown_revision='b2'\n"
		"def upgrade(name):\n    globals()['upgrade_%s' % name]()\n",
		"a1|b2|||" },
	{ "a star import",
		"revision='a1'\ndown_revision='b2'\nfrom app import *\nrevision='a1'\n"
		"branch_labels=depends_on=None\n",
		"a1||||down_revision is computed at line 3" },
	{ "a capture",
		"revision='a1'\ndown_revision=None\nmatch x:\n"
		"    case [depends_on, *_]: pass\n",
		"a1||||depends_on is computed at line 4" },
	{ "with and a tuple",
		"revision='a1'\ndown_revision=None\nwith f() as (x, [depends_on]):\n  "
		"pass\n",
		"a1||||depends_on is computed at line 3" },
	{ "a walrus in a default",
		"revision='a1'\ndown_revision=None\ndef f(x=(depends_on := 'b2')): "
		"pass\n",
		"a1||||depends_on is computed at line 3" },
	{ "a walrus in an f-string",
		"revision='a1'\ndown_revision=None\nprint(f'{(depends_on := "
		"\"b2\")}')\n",
		"a1||||depends_on is computed at line 3" },
	{ "a name in wide letters",
		"revision='a1'\ndown_revision='b2'\n\xEF\xBD\x92"
		"evision='c3'\n"
		"revision='a1'\nbranch_labels=depends_on=None\n",
		"a1||||down_revision is computed at line 3" },
	{ "an escape that UTF-8 can't hold", "revision='a1'\ndown_revision='\\ud800'\n",
		"a1||||down_revision is computed at line 2" },
	{ "a character by its name", "revision='a1'\ndown_revision='\\N{DASH}'\n",
		"a1||||down_revision is computed at line 2" },
	{ "an import",
		"revision='a1'\ndown_revision=None\nfrom x import y as depends_on\n",
		"a1||||depends_on is computed at line 3" },
	{ "a walrus", "revision='a1'\ndown_revision=None\nx = (depends_on := 'b2')\n",
		"a1||||depends_on is computed at line 3" },
	{ "a loop", "revision='a1'\ndown_revision=None\nfor depends_on in x:\n  pass\n",
		"a1||||depends_on is computed at line 3" },
	{ "a formatted string", "revision='a1'\ndown_revision=f'{x}'\n",
		"a1||||down_revision is computed at line 2" },
	{ "a name that was bound by who knows whom",
		"from x import P\nrevision='a1'\ndown_revision=P\n",
		"a1||||down_revision is computed at line 3" },
	{ "a number", "revision='a1'\ndown_revision=7\n",
		"a1||||down_revision is no revision id at line 2" },
	/* broken */
	{ "no revision", "down_revision='b2'\n",
		"v/x.py: it binds no `revision`, and its name is no revision id: if it "
		"is no migration, move it out of here" },
	{ "deleted", "revision='a1'\ndown_revision='b2'\ndel revision\n",
		"v/x.py: it binds no `revision`, and its name is no revision id: if it "
		"is no migration, move it out of here" },
	{ "no down_revision", "revision='b2'\n",
		"v/x.py: it binds no `down_revision`; a first revision has "
		"`down_revision = None`" },
	{ "a computed id", "revision=f()\ndown_revision='b2'\n",
		"v/x.py:1: revision is computed; only Python can tell what it is" },
	{ "bytes", "revision=b'a1'\ndown_revision='b2'\n",
		"v/x.py:1: revision is no string" },
	{ "a zero byte by its escape", "revision='a\\0'\ndown_revision='b2'\n",
		"v/x.py:1: revision is computed; only Python can tell what it is" },
	{ "not UTF-8", "# fine\nrevision='a1' # \xE9\n",
		"v/x.py:2: the byte 0xE9 is not UTF-8; Python reads no such file: save "
		"it "
		"as UTF-8 or declare its encoding" },
	{ "an encoding that nobody knows", "# vim: fileencoding=rot13\nerivfvba='n1'\n",
		"v/x.py:1: it declares the encoding rot13, which isn't known here; "
		"save it "
		"as UTF-8" },
	{ "an encoding whose letters hide quotes",
		"#!/usr/bin/python\n# coding: GBK\nrevision='a1' # \x81\x5C\n",
		"v/x.py:3: only ASCII can be read of the encoding gbk that it "
		"declares; "
		"save it as UTF-8" },
	{ "a mark of UTF-8 and another encoding",
		"\xEF\xBB\xBF# coding: latin-1\nrevision='a1'\n",
		"v/x.py:1: it begins with the mark of UTF-8 and declares the encoding "
		"latin-1; Python reads no such file" },
	{ "nothing but comments", "# one\n\n# two",
		"v/x.py: it binds no `revision`, and its name is no revision id: if it "
		"is no migration, move it out of here" },
	{ "an open string", "revision='a1'\n\nx = 'abc\n",
		"v/x.py:3: a string never ends" },
	{ "an open docstring", "\n\"\"\"abc\n",
		"v/x.py:2: a string in triple quotes never ends" },
	{ "an open bracket", "revision='a1'\nx = (\n",
		"v/x.py:2: a bracket is never closed" },
	{ "a bracket too many", "revision='a1')\n",
		"v/x.py:1: a bracket closes that was never opened" },
	{ "an empty file", "",
		"v/x.py: it binds no `revision`, and its name is no revision id: if it "
		"is no migration, move it out of here" },
};

static void
test_bindings(void)
{
	for (size_t i = 0; i < sizeof(binding_cases) / sizeof(*binding_cases); i++) {
		const struct binding_case *one = &binding_cases[i];
		char *summary = script_summary("v/x.py", one->source);

		tap_is_text(summary, one->summary, "%s", one->what);
		free(summary);
	}
	char *summary = script_summary("versions/ae10.py", "down_revision = None\n");
	tap_is_text(summary, "ae10||||", "the id of a file without a revision");
	free(summary);
}

static void
test_docstring(void)
{
	const char *source =
		"# comment\n'''\n  add a\ncolumn  \n\nRevision ID: a1\n'''\n"
		"revision='a1'\ndown_revision=None\n";
	struct script script;

	script_read("x.py", source, strlen(source), &script);
	tap_is_text(
		script.message, "add a\ncolumn  ", "the message ends at a blank line");
	tap_is_text(script.docstring, "add a\ncolumn  \n\nRevision ID: a1",
		"the docstring is stripped");
	script_free(&script);

	source = "x = 1\n'no docstring'\n";
	script_read("x.py", source, strlen(source), &script);
	tap_is_text(script.message, "", "a later string is no docstring");
	script_free(&script);

	source = "'no' + 'docstring'\n";
	script_read("x.py", source, strlen(source), &script);
	tap_is_text(script.message, "", "a computed string is no docstring");
	script_free(&script);
}

struct body_case {
	const char *what, *body;
	enum script_body kind;
};

static const struct body_case body_cases[] = {
	{ "pass", "():\n    pass\n", BODY_EMPTY },
	{ "pass on the line", "() -> None: pass\n", BODY_EMPTY },
	{ "a docstring", "():\n    '''up'''\n", BODY_EMPTY },
	{ "an ellipsis", "():\n    ...\n", BODY_EMPTY },
	{ "a comment and a return", "():\n    # nothing\n    return\n", BODY_EMPTY },
	{ "an import and pass", "():\n    import os\n    pass\n", BODY_EMPTY },
	{ "unreachable code", "():\n    return None\n    op.drop_table('x')\n",
		BODY_EMPTY },
	{ "raise", "():\n    '''never'''\n    raise NotImplementedError()\n",
		BODY_RAISES },
	{ "raise on the line", "(): raise X\n", BODY_RAISES },
	{ "a call", "():\n    op.drop_table('x')\n", BODY_REAL },
	{ "a call, then raise", "():\n    f()\n    raise X\n", BODY_REAL },
	{ "a loop", "():\n    for x in y:\n        pass\n", BODY_REAL },
	{ "odd signature",
		"(x: dict[str, int] = {1: 2},\n  *, y=lambda: 3) -> Y[1:2]:\n  pass\n",
		BODY_EMPTY },
};

static void
test_bodies(void)
{
	for (size_t i = 0; i < sizeof(body_cases) / sizeof(*body_cases); i++) {
		char *source;
		struct script script;

		if (asprintf(&source,
			    "revision='a1'\ndown_revision=None\ndef upgrade():\n  x()\n"
			    "def downgrade%s\nx = 1\n",
			    body_cases[i].body) < 0)
			abort();
		script_read("x.py", source, strlen(source), &script);
		tap_is_int(script.downgrade.body, body_cases[i].kind, "body: %s",
			body_cases[i].what);
		script_free(&script);
		free(source);
	}
	struct script script;
	script_read("x.py", "revision='a'\n", 13, &script);
	tap_is_int(script.downgrade.body, BODY_MISSING, "body: none");
	script_free(&script);
}

static void
test_calls(void)
{
	static const char source[] =
		"from alembic import op\nimport sqlalchemy as sa\n"
		"def helper():\n    op.not_counted()\n"
		"def upgrade():\n"
		"    op.add_column(\n"
		"        'accounts', # which\n"
		"        sa.Column('n', sa.Integer(), nullable=True),\n"
		"    )\n"
		"    op.create_index(op.f('ix'), 'accounts', ['n'])\n"
		"    with op.batch_alter_table('t', schema=None) as batch_op:\n"
		"        batch_op.drop_column('x')\n"
		"    op.execute(\"\"\"update t\n"
		"         set x = 1\"\"\"); op.get_bind().execute(x.op.y())\n"
		"def downgrade(): op.drop_table('x')\n";
	static const char *const want[][2] = {
		{ "add_column",
			"op.add_column('accounts', sa.Column('n', sa.Integer(), "
			"nullable=True),)" },
		{ "create_index", "op.create_index(op.f('ix'), 'accounts', ['n'])" },
		{ "batch_alter_table", "op.batch_alter_table('t', schema=None)" },
		{ "batch.drop_column", "batch_op.drop_column('x')" },
		{ "execute", "op.execute(\"\"\"update t set x = 1\"\"\")" },
		{ "get_bind", "op.get_bind()" },
		{ "bind.execute", "op.get_bind().execute(x.op.y())" },
	};
	struct script_operations operations;
	const struct script_calls *calls = &operations.upgrade;
	size_t count = sizeof(want) / sizeof(*want);

	script_operations_read(source, strlen(source), &operations);
	tap_is_int((int64_t)calls->count, (int64_t)count, "calls are counted");
	for (size_t i = 0; i < count && i < calls->count; i++) {
		tap_is_text(calls->items[i].name, want[i][0], "call %zu", i);
		tap_is_text(calls->items[i].text, want[i][1], "its text");
	}
	tap_is_int(calls->items[0].line, 6, "its line");
	tap_is_int((int64_t)operations.downgrade.count, 1, "a call on the def's line");
	script_operations_free(&operations);
}

/* Where the bindings that count stand, and what commits what came before it. */
static void
test_lines(void)
{
	static const char source[] =
		"'''text'''\nrevision = 'x'\nrevision = 'a'\n"
		"down_revision = (\n    'b',\n)\nbranch_labels = None\n"
		"def upgrade():\n    autocommit_block()\n"
		"    with op.get_context().autocommit_block():\n        op.x()\n"
		"def downgrade():\n    pass\n";
	struct script script;

	script_read("x.py", source, strlen(source), &script);
	tap_is_int(script.lines[SCRIPT_REVISION], 3,
		"the line of the binding that counts");
	tap_is_int(script.lines[SCRIPT_DOWN_REVISION], 4,
		"where one of several lines begins");
	tap_is_int(script.lines[SCRIPT_BRANCH_LABELS], 7, "one that says nothing");
	tap_is_int(script.lines[SCRIPT_DEPENDS_ON], 0, "none");
	tap_is_int(script.downgrade.line, 12, "the line of a def");
	tap_is_int(script.upgrade.commit_line, 10, "an autocommit_block");
	tap_is_int(script.downgrade.commit_line, 0, "none in the other");
	script_free(&script);
}

/* Functions that are there, though not by a def that can be read here. */
static void
test_elsewhere(void)
{
	static const char *const sources[] = {
		"from shared import downgrade\n",
		"from shared import up as downgrade\n",
		"downgrade = lambda: None\n",
		"from shared import *\n",
		"try:\n    from shared import downgrade\nexcept X:\n    pass\n",
	};

	for (size_t i = 0; i < sizeof(sources) / sizeof(*sources); i++) {
		char *source = alloc_printf("revision = 'a'\ndown_revision = None\n%s"
					    "def upgrade():\n    pass\n",
			sources[i]);
		struct script script;

		script_read("x.py", source, strlen(source), &script);
		tap_is_int(script.downgrade.body, BODY_ELSEWHERE, "elsewhere %zu", i);
		tap_is_int(script.upgrade.body, BODY_EMPTY, "the other is here");
		script_free(&script);
		free(source);
	}
}

static void
test_file_names(void)
{
	tap_ok(script_is_version_file("0001_x.py"), "a version file");
	tap_ok(script_is_version_file(".hidden.py"), "a hidden one counts");
	tap_ok(!script_is_version_file(".#0001.py"), "an editor's lock doesn't");
	tap_ok(!script_is_version_file("__init__x.py"),
		"nor does what begins __init__");
	tap_ok(!script_is_version_file("x.pyc"), "nor does a compiled one");
	tap_ok(!script_is_version_file("x.py~"), "nor does a backup");
	tap_ok(script_is_compiled_file("x.pyc") && script_is_compiled_file("x.pyo") &&
			script_is_compiled_file("x.cpython-313.opt-1.pyc"),
		"compiled ones are known");
	tap_ok(!script_is_compiled_file("x.py") &&
			!script_is_compiled_file("__init__.pyc") &&
			!script_is_compiled_file(".#x.pyc") &&
			!script_is_compiled_file("x.pyd"),
		"others aren't");
}

int
main(void)
{
	test_bindings();
	test_docstring();
	test_bodies();
	test_calls();
	test_lines();
	test_elsewhere();
	test_file_names();
	return tap_done();
}
