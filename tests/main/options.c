/* The command line: what it means, and what it is told when it means nothing. */
#include "pgrunbook/main/options.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/strlist.h"
#include "tests/tap/tap.h"

/* A command line, split at blanks. */
struct line {
	struct strlist words;
	char **argv;
	struct options options;
	struct error error;
	bool good;
};

static void
line_read(struct line *line, const char *text)
{
	*line = (struct line){ 0 };
	strlist_add(&line->words, "pgrunbook");
	while (*text) {
		size_t length = strcspn(text, " ");

		strlist_add_owned(&line->words, alloc_copy_bytes(text, length));
		text += length + strspn(text + length, " ");
	}
	line->argv = strlist_argv(&line->words);
	line->good = options_parse(
		(int)line->words.count, line->argv, &line->options, &line->error);
}

static void
line_free(struct line *line)
{
	strlist_free(&line->words);
	error_clear(&line->error);
	free(line->argv);
}

/* What is read from each spelling: the console on this host and database. */
static void
test_spellings(void)
{
	static const char *const lines[] = {
		"-h db1 -d billing",
		"-hdb1 -dbilling",
		"--host=db1 --dbname=billing",
		"--host db1 --dbname billing",
		"--ho db1 --db billing",
		"billing -h db1",
		"-h db1 billing",
		"-h db1 -- billing",
		"-h other -h db1 billing",
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct line line;

		line_read(&line, lines[i]);
		tap_is_int(line.options.command, COMMAND_CONSOLE, "%s: the console",
			lines[i]);
		tap_is_text(line.options.setup.host, "db1", "%s: the host", lines[i]);
		tap_is_text(line.options.setup.database, "billing", "%s: the database",
			lines[i]);
		line_free(&line);
	}
}

static void
test_commands(void)
{
	struct line line;

	line_read(&line, "-n second heads -v --resolve-dependencies --format json");
	tap_is_int(line.options.command, COMMAND_HEADS, "heads");
	tap_ok(line.good && line.options.question.verbose &&
			line.options.question.resolve_dependencies &&
			line.options.question.json && line.options.json,
		"options follow it");
	tap_is_text(line.options.setup.section, "second", "and stand before it");
	line_free(&line);

	line_read(&line, "heads --settings other.ini -c a/pyproject.toml -c b.ini");
	tap_ok(line.good, "both files, and settings that may name the section");
	tap_is_text(line.options.setup.settings, "other.ini", "the settings");
	tap_is_text(line.options.setup.pyproject, "a/pyproject.toml", "the TOML");
	tap_is_text(line.options.setup.config, "b.ini", "the ini");
	line_free(&line);

	line_read(&line, "history -ir-3:current --at a,b");
	tap_is_int(line.options.command, COMMAND_HISTORY, "history");
	tap_is_text(line.options.question.range, "-3:current", "of a range");
	tap_is_text(line.options.question.at, "a,b", "with rows");
	tap_ok(line.options.question.indicate_current, "which are marked");
	line_free(&line);

	line_read(&line, "current billing -v --check-heads");
	tap_is_int(line.options.command, COMMAND_CURRENT, "current");
	tap_is_text(line.options.setup.database, "billing", "of a database");
	tap_ok(line.options.question.check_heads, "held to the heads");
	line_free(&line);

	line_read(&line, "show -12 -c other.ini");
	tap_is_text(line.options.question.word1, "-12", "a place below the heads");
	tap_is_text(line.options.setup.config, "other.ini", "and an option");
	line_free(&line);
}

/* Options of other commands, and of none. */
static void
test_command_options(void)
{
	struct line line;

	line_read(&line, "heads --at a");
	tap_is_text(line.error.message,
		"--at doesn't go with heads: it is for history, show, current, plan",
		"an option of other commands");
	line_free(&line);

	line_read(&line, "--read-only heads");
	tap_is_text(line.error.message,
		"--read-only doesn't go with heads: it is for the console",
		"an option of another command, before the name");
	line_free(&line);

	line_read(&line, "log note --every");
	tap_ok(line.good, "what follows log is its own");
	tap_is_int(line.options.rest, 2, "and begins there");
	line_free(&line);

	line_read(&line, "status billing");
	tap_is_int(line.options.command, COMMAND_STATUS, "status");
	tap_is_text(line.options.setup.database, "billing", "with a database");
	line_free(&line);

	line_read(&line, "locks --watch --every 2s");
	tap_ok(line.good && line.options.look == &look_locks && line.options.watch,
		"locks again and again");
	tap_is_int(line.options.setup.interval_us, 2000000, "every 2 s");
	line_free(&line);

	line_read(&line, "heads --watch");
	tap_is_text(line.error.message,
		"--watch doesn't go with heads: it is for status, alerts, locks, "
		"progress, replicas, sessions",
		"what looks at no server can't be watched");
	line_free(&line);

	line_read(&line, "-d status");
	tap_is_int(line.options.command, COMMAND_CONSOLE, "a database named status");
	line_free(&line);

	line_read(&line, "heads --frob --help");
	tap_ok(!line.good, "help doesn't hide a mistake");
	line_free(&line);

	line_read(&line, "heads --ascii --help");
	tap_ok(line.good && line.options.help, "help goes with all");
	line_free(&line);
}

static void
test_mistakes(void)
{
	static const struct {
		const char *line, *error;
	} mistakes[] = {
		{ "--frobnicate",
			"there is no option --frobnicate; try pgrunbook --help" },
		{ "-x", "there is no option -x; try pgrunbook --help" },
		{ "-Vx", "there is no option -x; try pgrunbook --help" },
		{ "-d", "--dbname wants NAME; try pgrunbook --help" },
		{ "--dbname", "--dbname wants NAME; try pgrunbook --help" },
		{ "--ascii=yes", "--ascii takes no argument" },
		{ "--re", "--re may be --read-only or --resolve-dependencies" },
		{ "--format xml", "--format is text or json, not \"xml\"" },
		{ "--every 1ms", "--every is 100ms to 1h, such as 2s, not \"1ms\"" },
		{ "status --every 2s",
			"--every goes with --watch here: status looks once" },
		{ "billing extra", "\"extra\" is one argument too many; try pgrunbook "
				   "--help" },
		{ "-d billing extra", "\"extra\" is one argument too many; try "
				      "pgrunbook --help" },
		{ "heads extra", "\"extra\" is one argument too many; try pgrunbook "
				 "--help" },
		{ "show", "show is to be followed by REV; try pgrunbook --help" },
		{ "show a b", "\"b\" is one argument too many; try pgrunbook --help" },
		{ "heads -1", "\"-1\" is one argument too many; try pgrunbook --help" },
	};

	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		struct line line;

		line_read(&line, mistakes[i].line);
		tap_ok(!line.good, "%s: is a mistake", mistakes[i].line);
		tap_is_text(line.error.message, mistakes[i].error, "%s: says so",
			mistakes[i].line);
		line_free(&line);
	}
}

/* No line of the help is wider than a terminal. */
static void
test_help(void)
{
	struct str help = { 0 };
	size_t widest = 0;

	options_help(&help);
	for (const char *at = str_text(&help); *at; at += strspn(at, "\n")) {
		size_t width = strcspn(at, "\n");

		widest = width > widest ? width : widest;
		at += width;
	}
	tap_ok(widest < 80, "the help is %zu columns wide", widest);
	str_free(&help);
}

int
main(void)
{
	test_spellings();
	test_commands();
	test_command_options();
	test_mistakes();
	test_help();
	return tap_done();
}
