#include "pgrunbook/model/env_py.h"

#include <stdlib.h>
#include <string.h>

#include "tests/tap/tap.h"

static void
check(const char *source, const char *want, const char *what)
{
	char *got = env_py_version_table(source, strlen(source));

	tap_is_text(got ? got : "", want, "%s", what);
	free(got);
}

int
main(void)
{
	check("", "", "an empty file");
	check("context.configure(connection=c, target_metadata=m)\n", "",
		"nothing is said: the default may be anywhere on the search path");
	check("context.configure(connection=c, version_table='v')\n", "\"v\"",
		"a name");
	check("def f():\n  with x:\n    context.configure(\n      connection=c,\n"
	      "      version_table=\"a\" 'b', # joined\n"
	      "      version_table_schema=r'My.s')\n",
		"\"My.s\".\"ab\"", "both");
	check("context.configure(connection=c, version_table_schema='s')\n",
		"\"s\".\"alembic_version\"", "a schema: the name is Alembic's own");
	check("context.configure(connection=c, version_table_schema=None, "
	      "version_table='v')",
		"\"v\"", "None is no schema");
	check("context.configure(connection=c, version_table=NAME)\n", "", "computed");
	check("context.configure(connection=c, version_table='a' + b)\n", "",
		"computed from there on");
	check("context.configure(connection=c, version_table='a' if b else 'c')\n", "",
		"or chosen");
	check("context.configure(connection=c, version_table='v', "
	      "version_table_schema=s())\n",
		"", "one of them computed");
	check("context.configure(connection=c, version_table='v', **more)\n", "",
		"more arguments may say more");
	check("context.configure(connection=c, version_table='v', "
	      "version_table_schema='s', **more)\n",
		"\"s\".\"v\"", "unless both are there");
	check("context.configure(url=u, version_table='off')\n"
	      "context.configure(connection=c, version_table='on')\n",
		"\"on\"", "the online mode counts");
	check("context.configure(connection=c, version_table='on')\n"
	      "context.configure(url=u, version_table='off')\n",
		"\"on\"", "in either order");
	check("context.configure(url=u, version_table='off')\n"
	      "context.configure(connection=c)\n",
		"", "also where it says nothing");
	check("context.configure(connection=c, version_table='a')\n"
	      "context.configure(connection=c, version_table='b')\n",
		"", "two that differ");
	check("context.configure(opts(version_table='no'), connection=c, x={'a': "
	      "f(version_table_schema='s')}, version_table='yes')\n",
		"\"yes\"", "not an argument of something within");
	check("# context.configure(version_table='v')\n"
	      "'''context.configure(version_table='v')'''\n",
		"", "comments and strings are not read");
	check("context.configure(connection=c, version_table='q\"x')\n", "\"q\"\"x\"",
		"a name with a quote");
	check("context.configure(version_table='v'", "", "cut off");
	check("configure(version_table=b'v')", "", "bytes");
	check("configure(version_table='')", "", "no name");
	return tap_done();
}
