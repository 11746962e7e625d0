/* What a version file asks of alembic.op: the calls, what they are given and on what.
 */
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/model/operation.h"
#include "tests/tap/tap.h"

/* "LINE NAME TARGET", and "(FUNCTION)" of what stands in another one. */
static char *
describe(const struct script_calls *calls)
{
	struct str out = { 0 };

	for (size_t i = 0; i < calls->count; i++) {
		const struct script_call *call = &calls->items[i];
		char *target = script_call_target(call);

		str_printf(&out, "%d %s %s", call->line, call->name, target);
		if (call->via)
			str_printf(&out, " (%s)", call->via);
		str_add(&out, "\n");
		free(target);
	}
	return str_take(&out);
}

static void
check(const char *what, const char *source, const char *want)
{
	struct script_operations operations;

	script_operations_read(source, strlen(source), &operations);
	char *got = describe(&operations.upgrade);
	tap_is_text(got, want, "%s", what);
	free(got);
	script_operations_free(&operations);
}

static void
test_imports(void)
{
	check("no import: the usual name", "def upgrade():\n    op.drop_table('a')\n",
		"2 drop_table a\n");
	check("every way to import it",
		"from alembic import context, op as o\n"
		"import alembic, alembic.op as p\n"
		"from alembic.op import (drop_table as away,\n    execute)\n"
		"def upgrade():\n"
		"    o.drop_table('a')\n"
		"    alembic.op.drop_table('b')\n"
		"    p.drop_table('c')\n"
		"    away('d')\n"
		"    execute('select 1')\n"
		"    op.drop_table('not imported')\n"
		"    x.o.drop_table('of another')\n"
		"    drop_table('not imported')\n",
		"6 drop_table a\n7 drop_table b\n8 drop_table c\n9 drop_table d\n"
		"10 execute \n");
	check("all of it",
		"from alembic.op import *\n"
		"def execute(x): pass\n"
		"def upgrade():\n    drop_table('a')\n    print('b')\n    execute(1)\n",
		"4 drop_table a\n");
}

static void
test_targets(void)
{
	check("tables and columns by place and by keyword",
		"def upgrade():\n"
		"    op.add_column('t', sa.Column('c', sa.Integer()))\n"
		"    op.add_column(column=Column(name='c'), table_name='t')\n"
		"    op.add_column('t', sa.Column(NAME))\n"
		"    op.alter_column('t', 'c', nullable=True)\n"
		"    op.create_index(op.f('ix'), 't', ['c'])\n"
		"    op.create_foreign_key(None, 't', 'u', ['c'], ['d'])\n"
		"    op.drop_constraint('fk', 't', type_='foreignkey')\n"
		"    op.drop_index('ix')\n"
		"    op.drop_table(*tables)\n"
		"    op.create_table('t', *columns)\n"
		"    op.rename_table('t', 'u')\n",
		"2 add_column t.c\n3 add_column t.c\n4 add_column t.(computed)\n"
		"5 alter_column t.c\n6 create_index ix on t\n7 create_foreign_key t\n"
		"8 drop_constraint fk on t\n9 drop_index ix\n10 drop_table (computed)\n"
		"11 create_table t\n12 rename_table t\n");
	check("batches",
		"def upgrade():\n"
		"    with op.batch_alter_table('t', schema='s') as b:\n"
		"        b.add_column(sa.Column('c'))\n"
		"        b.create_index(b.f('ix'), ['c'])\n"
		"    with op.batch_alter_table(name()) as b:\n"
		"        b.drop_column('c')\n",
		"2 batch_alter_table t\n3 batch.add_column t.c\n"
		"4 batch.create_index ix on t\n5 batch_alter_table (computed)\n"
		"6 batch.drop_column (computed).c\n");
	check("tables that are values",
		"def upgrade():\n"
		"    t = op.create_table('t')\n"
		"    u = sa.table('u', sa.column('c'))\n"
		"    op.bulk_insert(t, [])\n    op.bulk_insert(u, [])\n"
		"    op.bulk_insert(sa.table('v'), [])\n    op.bulk_insert(w, [])\n",
		"2 create_table t\n4 bulk_insert t\n5 bulk_insert u\n6 bulk_insert v\n"
		"7 bulk_insert (computed)\n");
}

static void
test_names(void)
{
	check("names that stand for what is written down",
		"T = 'mod'\nN = 'a'\nN = 'b'\nX = f()\n"
		"def upgrade(P='p'):\n"
		"    here = 'fun'\n    if P: both = 'a'\n    else: both = 'b'\n"
		"    op.drop_table(T)\n    op.drop_table(T + '_x')\n"
		"    op.drop_table(N)\n    op.drop_table(X)\n    op.drop_table(P)\n"
		"    op.drop_table(here)\n    op.drop_table(both)\n"
		"    op.drop_table(T if P else N)\n    op.drop_table(f'{T}')\n"
		"    op.drop_table('%s' % T)\n",
		"9 drop_table mod\n10 drop_table mod_x\n11 drop_table b\n"
		"12 drop_table (computed)\n13 drop_table (computed)\n"
		"14 drop_table fun\n15 drop_table (computed)\n"
		"16 drop_table (computed)\n17 drop_table (computed)\n"
		"18 drop_table (computed)\n");
	check("a function's own name hides the module's",
		"T = 'mod'\n"
		"def upgrade():\n"
		"    for T in names:\n        op.drop_table(T)\n"
		"    one(); two()\n"
		"def one(T):\n    op.drop_table(T)\n"
		"def two():\n    T, U = names\n    op.drop_table(T)\n",
		"4 drop_table (computed)\n7 drop_table (computed) (one)\n"
		"10 drop_table (computed) (two)\n");
}

static void
test_helpers(void)
{
	check("functions of the file, each once",
		"def deep():\n    op.execute('1')\n    upgrade()\n    deep()\n"
		"def helper(t):\n    op.drop_table('h')\n    deep()\n"
		"def unused():\n    op.drop_table('u')\n"
		"def upgrade():\n    if x:\n        helper('a')\n    helper('b')\n"
		"    self.unused()\n    op.drop_table('last')\n",
		"6 drop_table h (helper)\n2 execute  (deep)\n15 drop_table last\n");
	check("the template for several databases",
		"def upgrade(engine_name: str) -> None:\n"
		"    globals()['upgrade_%s' % engine_name]()\n"
		"def upgrade_one():\n    op.drop_table('a')\n"
		"def upgrade_two():\n    op.drop_table('b')\n"
		"def downgrade_one():\n    op.drop_table('c')\n",
		"4 drop_table a (upgrade_one)\n6 drop_table b (upgrade_two)\n");
	check("either of two definitions",
		"if x:\n    def helper():\n        op.drop_table('a')\n"
		"else:\n    def helper():\n        op.drop_table('b')\n"
		"def upgrade():\n    helper()\n",
		"6 drop_table b (helper)\n3 drop_table a (helper)\n");
}

static void
test_bind(void)
{
	check("what runs SQL beside op.execute",
		"def upgrade():\n"
		"    op.execute(sa.text('a').bindparams(x=1))\n"
		"    op.execute(f'a {x}')\n"
		"    op.get_bind().execute(sa.text('b'))\n"
		"    conn: Connection = op.get_bind()\n"
		"    conn.execute(text('c'))\n"
		"    conn.close()\n"
		"    session = orm.Session(bind=conn)\n"
		"    session.scalar('d')\n"
		"    with Session(op.get_bind()) as s:\n        s.execute('e')\n"
		"    conn = other()\n    conn.execute('f')\n",
		"2 execute \n3 execute (computed)\n4 get_bind \n4 bind.execute \n"
		"5 get_bind \n6 bind.execute \n9 bind.scalar \n10 get_bind \n"
		"11 bind.execute \n");
}

/* "KEYWORD=KIND:TEXT" of each argument, the kind by its number. */
static char *
describe_arguments(const struct script_call *call)
{
	struct str out = { 0 };

	for (size_t i = 0; i < call->argument_count; i++) {
		const struct script_argument *argument = &call->arguments[i];
		char *items = strlist_join(&argument->items, "+");

		str_printf(&out, "%s%s=%d%s:%s%s", i ? " " : "",
			argument->keyword ? argument->keyword : "", argument->kind,
			argument->spread ? "*" : "",
			argument->text ? argument->text : "", items);
		free(items);
	}
	return str_take(&out);
}

static void
test_arguments(void)
{
	static const char source[] =
		"def upgrade():\n"
		"    op.x('a' \"b\", -5, True, None, ['c', 'd'], (), b'e', 1 + 2,\n"
		"         lambda a, b: a, {'a': 1, 'b': 2}, k=sa.Column('n'), **o,\n"
		"         j=1.5 , # , z=1\n"
		"         s=\"\"\"update t\n  set x = 1\"\"\")\n";
	struct script_operations operations;

	script_operations_read(source, strlen(source), &operations);
	tap_is_int((int64_t)operations.upgrade.count, 1, "one call");
	const struct script_call *call = &operations.upgrade.items[0];
	char *got = describe_arguments(call);
	tap_is_text(got,
		"=1:ab =2:-5 =3:True =3:None =4:c+d =4: =0: =0: =0: =0: k=5:n =0*: "
		"j=2:1.5 s=1:update t\n  set x = 1",
		"its arguments");
	tap_is_int(call->arguments[call->argument_count - 1].line, 5,
		"the line of an argument");
	free(got);
	script_operations_free(&operations);
}

/* Files that ask for more work than anybody writes. */
static void
test_hostile(void)
{
	struct str source = { 0 };
	struct script_operations operations;

	str_add(&source, "def upgrade():\n    f0()\n");
	for (int i = 0; i < 2000; i++)
		str_printf(&source, "def f%d():\n    f%d(); f%d()\n    op.x()\n", i,
			i + 1, i + 2);
	script_operations_read(source.bytes, source.length, &operations);
	tap_ok(operations.upgrade.more, "functions without end: there are more");
	script_operations_free(&operations);
	str_clear(&source);
	str_add(&source, "def upgrade():\n");
	for (int i = 0; i < 20000; i++)
		str_add(&source, "    op.x(op.get_bind(\n");
	script_operations_read(source.bytes, source.length, &operations);
	tap_ok(operations.upgrade.count < 20000, "brackets that never close");
	script_operations_free(&operations);
	str_clear(&source);
	str_add(&source, "def upgrade():\n");
	for (int i = 0; i < 20000; i++)
		str_add(&source, "    op.x(1)\n");
	script_operations_read(source.bytes, source.length, &operations);
	tap_ok(operations.upgrade.more && operations.upgrade.count > 10000,
		"calls without end: many are listed");
	script_operations_free(&operations);
	str_free(&source);
}

int
main(void)
{
	test_imports();
	test_targets();
	test_names();
	test_helpers();
	test_bind();
	test_arguments();
	test_hostile();
	return tap_done();
}
