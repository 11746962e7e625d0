#include "pgrunbook/main/options.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/duration.h"
#include "pgrunbook/model/version.h"

/* Which commands an option goes with. */
enum {
	WITH_CONSOLE = 1 << COMMAND_CONSOLE,
	WITH_HEADS = 1 << COMMAND_HEADS,
	WITH_HISTORY = 1 << COMMAND_HISTORY,
	WITH_SESSIONS = 1 << COMMAND_SESSIONS,
	/* Those that may need the version table's rows, which can be given. */
	WITH_CURRENT = 1 << COMMAND_CURRENT,
	WITH_ROWS = WITH_HISTORY | 1 << COMMAND_SHOW | WITH_CURRENT | 1 << COMMAND_PLAN,
	/* Those that look at the database, always or when a row of it is asked for. */
	WITH_LOOKS = 1 << COMMANDS, /* every row with a look */
	WITH_DATABASE = WITH_CONSOLE | WITH_LOOKS | WITH_ROWS,
	WITH_VERBOSE = WITH_HEADS | 1 << COMMAND_BRANCHES | WITH_HISTORY | WITH_CURRENT,
	WITH_TREE = WITH_DATABASE | WITH_VERBOSE,
	WITH_OUTPUT = WITH_TREE & ~WITH_CONSOLE,
	WITH_ALL = (1 << COMMANDS) - 1
};

struct command_row {
	const char *name;
	const char *words;	 /* that follow it, for the help */
	size_t least, most;	 /* of them, save the database */
	bool database;		 /* a bare word is the database, as with psql */
	const struct look *look; /* NULL: it is no look at the server */
	const char *help;
};

static const struct command_row command_rows[COMMANDS] = {
	[COMMAND_CONSOLE] = { .name = "",
		.words = " [DBNAME]",
		.database = true,
		.help = "the console" },
	[COMMAND_STATUS] = { .name = "status",
		.words = " [DBNAME]",
		.database = true,
		.look = &look_status,
		.help = "in sync (0), not (1), error (2)" },
	[COMMAND_ALERTS] = { .name = "alerts",
		.words = " [DBNAME]",
		.database = true,
		.look = &look_alerts,
		.help = "what needs you: nothing (0), something (1), error (2)" },
	[COMMAND_LOCKS] = { .name = "locks",
		.words = " [DBNAME]",
		.database = true,
		.look = &look_locks,
		.help = "who waits for whom" },
	[COMMAND_PROGRESS] = { .name = "progress",
		.words = " [DBNAME]",
		.database = true,
		.look = &look_progress,
		.help = "migrations, indexes, vacuum, copies: how far" },
	[COMMAND_REPLICAS] = { .name = "replicas",
		.words = " [DBNAME]",
		.database = true,
		.look = &look_replicas,
		.help = "replicas, slots, subscriptions: how far, and why" },
	[COMMAND_SESSIONS] = { .name = "sessions",
		.words = " [DBNAME]",
		.database = true,
		.look = &look_sessions,
		.help = "who is connected and does what" },
	[COMMAND_HEADS] = { .name = "heads",
		.words = "",
		.help = "the revisions that nothing follows" },
	[COMMAND_BRANCHES] = { .name = "branches",
		.words = "",
		.help = "the revisions that several follow, and those" },
	[COMMAND_HISTORY] = { .name = "history",
		.words = "",
		.help = "all revisions, the newest first" },
	[COMMAND_SHOW] = { .name = "show",
		.words = " REV",
		.least = 1,
		.most = 1,
		.help = "all about a revision, or of head, heads, current, -1" },
	[COMMAND_CURRENT] = { .name = "current",
		.words = " [DBNAME]",
		.database = true,
		.help = "the revisions that the database is at" },
	[COMMAND_PLAN] = { .name = "plan",
		.words = " upgrade|downgrade TARGET",
		.least = 2,
		.most = 2,
		.help = "what alembic would run, and what is dangerous in it" },
	[COMMAND_LOG] = { .name = "log",
		.words = " [list | show ID | verify [ID] | export ID | note ID TEXT]",
		.help = "the incidents" },
};

/* How an option's argument is read. */
enum option_kind {
	OPTION_FLAG,
	OPTION_TEXT,
	OPTION_CONFIG,
	OPTION_EVERY,
	OPTION_FORMAT,
	OPTION_TABLE
};

struct option_row {
	char letter; /* 0: none */
	const char *name;
	const char *argument; /* NULL: it takes none */
	enum option_kind kind;
	unsigned commands;
	size_t field;	  /* of struct options, for a flag and a text */
	const char *help; /* NULL: another spelling of the option above */
};

static const struct option_row option_rows[] = {
	{ 'd', "dbname", "NAME", OPTION_TEXT, WITH_DATABASE,
		offsetof(struct options, setup.database),
		"database name, conninfo string or URL" },
	{ 'h', "host", "HOST", OPTION_TEXT, WITH_DATABASE,
		offsetof(struct options, setup.host),
		"server's host or socket directory" },
	{ 'p', "port", "PORT", OPTION_TEXT, WITH_DATABASE,
		offsetof(struct options, setup.port), "server's port" },
	{ 'U', "username", "ROLE", OPTION_TEXT, WITH_DATABASE,
		offsetof(struct options, setup.user), "role to connect as" },
	{ 'c', "config", "FILE", OPTION_CONFIG, WITH_TREE, 0,
		"alembic.ini or pyproject.toml (else $ALEMBIC_CONFIG,\n"
		"those in the working directory)" },
	{ 'n', "name", "SECTION", OPTION_TEXT, WITH_TREE,
		offsetof(struct options, setup.section), "its section (else alembic)" },
	{ 'f', "file", "RUNBOOK", OPTION_TEXT, WITH_CONSOLE,
		offsetof(struct options, runbook),
		"open this Markdown runbook at once" },
	{ 0, "settings", "FILE", OPTION_TEXT, WITH_TREE,
		offsetof(struct options, setup.settings),
		"pgrunbook.ini (else ./pgrunbook.ini, or the section\n"
		"[pgrunbook] of alembic.ini)" },
	{ 0, "version-table", "NAME", OPTION_TABLE, WITH_DATABASE, 0,
		"Alembic's version table, SCHEMA.NAME or NAME (else the\n"
		"settings', env.py's, the one that is found)" },
	{ 0, "every", "INTERVAL", OPTION_EVERY, WITH_CONSOLE | WITH_LOOKS, 0,
		"look at the server this often: 500ms, 2s (default 1s)" },
	{ 0, "watch", NULL, OPTION_FLAG, WITH_LOOKS, offsetof(struct options, watch),
		"look again and again, until Control-C" },
	{ 0, "filter", "TERMS", OPTION_TEXT, WITH_SESSIONS,
		offsetof(struct options, setup.filter),
		"those only for which all hold: 'state=active age>5m'" },
	{ 0, "sort", "COLUMN", OPTION_TEXT, WITH_SESSIONS,
		offsetof(struct options, setup.sort),
		"by pid, state, age, xact ..., 'age asc', 'pid desc'" },
	{ 0, "read-only", NULL, OPTION_FLAG, WITH_CONSOLE,
		offsetof(struct options, read_only),
		"nothing that changes anything is offered" },
	{ 0, "ascii", NULL, OPTION_FLAG, WITH_CONSOLE, offsetof(struct options, ascii),
		"draw with ASCII characters only" },
	{ 0, "no-colour", NULL, OPTION_FLAG, WITH_CONSOLE,
		offsetof(struct options, no_colour), "no colours (as with NO_COLOR)" },
	{ 0, "no-color", NULL, OPTION_FLAG, WITH_CONSOLE,
		offsetof(struct options, no_colour), NULL },
	{ 'v', "verbose", NULL, OPTION_FLAG, WITH_VERBOSE,
		offsetof(struct options, question.verbose), "all about each revision" },
	{ 0, "resolve-dependencies", NULL, OPTION_FLAG, WITH_HEADS,
		offsetof(struct options, question.resolve_dependencies),
		"leave out what another revision depends on" },
	{ 'r', "rev-range", "FROM:TO", OPTION_TEXT, WITH_HISTORY,
		offsetof(struct options, question.range),
		"the revisions from one to another, FROM: and :TO, too" },
	{ 'i', "indicate-current", NULL, OPTION_FLAG, WITH_HISTORY,
		offsetof(struct options, question.indicate_current),
		"mark the current revisions" },
	{ 0, "check-heads", NULL, OPTION_FLAG, WITH_CURRENT,
		offsetof(struct options, question.check_heads),
		"exit status 1 unless every head is applied" },
	{ 0, "at", "ROW[,ROW...]", OPTION_TEXT, WITH_ROWS,
		offsetof(struct options, question.at),
		"the version table's rows; the database isn't asked" },
	{ 0, "format", "FORMAT", OPTION_FORMAT, WITH_OUTPUT, 0, "text or json" },
	{ 0, "help", NULL, OPTION_FLAG, WITH_ALL, offsetof(struct options, help),
		"this text" },
	{ 'V', "version", NULL, OPTION_FLAG, WITH_ALL,
		offsetof(struct options, version), "the version" },
};

enum { OPTION_ROWS = sizeof(option_rows) / sizeof(option_rows[0]) };

static const char help_end[] =
	"\n"
	"Without -d the settings' database, PG* variables, DATABASE_URL and the\n"
	"ini's sqlalchemy.url are looked at, in this order.  See pgrunbook(1).\n";

/* One line, or two where the left side is wide; a break in `text` is indented. */
static void
help_line(struct str *out, const char *left, const char *text)
{
	enum { INDENT = 25 };

	str_printf(out, "%-*s", INDENT, left);
	if (strlen(left) >= INDENT)
		str_printf(out, "\n%*s", INDENT, "");
	for (; *text; text++) {
		str_add_char(out, *text);
		if (*text == '\n')
			str_printf(out, "%*s", INDENT, "");
	}
	str_add_char(out, '\n');
}

/* commands: WITH_ flags. */
static bool
command_among(enum command command, unsigned commands)
{
	return (commands & 1u << command) != 0 ||
	       ((commands & WITH_LOOKS) != 0 && command_rows[command].look != NULL);
}

/* The names of the commands that an option goes with. */
static void
help_commands(struct str *out, unsigned commands)
{
	const char *separator = "";

	for (int i = 0; i < COMMANDS; i++) {
		if (!command_among((enum command)i, commands))
			continue;
		str_printf(out, "%s%s", separator,
			i == COMMAND_CONSOLE ? "the console" : command_rows[i].name);
		separator = ", ";
	}
}

/* Breaks a list of words where it would be too wide. */
static void
help_wrap(struct str *out, const char *words)
{
	enum { WIDTH = 50 };
	size_t column = 0;

	while (*words) {
		size_t length = strcspn(words, ",");

		length += words[length] == ',';
		if (column > 0 && column + length > WIDTH) {
			str_add_char(out, '\n');
			column = 0;
			words += *words == ' ';
			continue;
		}
		str_add_bytes(out, words, length);
		column += length;
		words += length;
	}
}

static void
help_option(struct str *out, const struct option_row *row)
{
	struct str left = { 0 };
	struct str text = { 0 };
	struct str names = { 0 };

	if (row->letter != 0)
		str_printf(&left, "  -%c, --%s", row->letter, row->name);
	else
		str_printf(&left, "      --%s", row->name);
	if (row->argument != NULL)
		str_printf(&left, "=%s", row->argument);
	str_add(&text, row->help);
	if (row->commands != WITH_ALL && (row->commands & WITH_CONSOLE) == 0) {
		help_commands(&names, row->commands);
		str_add(&text, "\n(");
		help_wrap(&text, str_text(&names));
		str_add(&text, ")");
	}
	help_line(out, str_text(&left), str_text(&text));
	str_free(&left);
	str_free(&text);
	str_free(&names);
}

void
options_help(struct str *out)
{
	struct str left = { 0 };

	str_add(out, "The operator's console for Alembic migrations on PostgreSQL.\n"
		     "\n"
		     "usage: pgrunbook [OPTION]... [DBNAME]\n"
		     "       pgrunbook [OPTION]... COMMAND [ARGUMENT]...\n"
		     "\n"
		     "Commands, which print and leave:\n");
	for (int i = 0; i < COMMANDS; i++) {
		if (i == COMMAND_CONSOLE)
			continue;
		str_clear(&left);
		str_printf(
			&left, "  %s%s", command_rows[i].name, command_rows[i].words);
		help_line(out, str_text(&left), command_rows[i].help);
	}
	str_add(out, "\nOptions:\n");
	for (int i = 0; i < OPTION_ROWS; i++)
		if (option_rows[i].help != NULL)
			help_option(out, &option_rows[i]);
	str_add(out, help_end);
	str_free(&left);
}

static bool
options_format(const char *format, struct options *options, struct error *error)
{
	options->json = strcmp(format, "json") == 0;
	if (options->json || strcmp(format, "text") == 0)
		return true;
	return error_set(error, "--format is text or json, not \"%s\"", format);
}

static bool
options_every(const char *every, struct options *options, struct error *error)
{
	int64_t *interval = &options->setup.interval_us;

	if (duration_parse(every, interval) && *interval >= 100000 &&
		*interval <= 3600 * INT64_C(1000000))
		return true;
	return error_set(
		error, "--every is 100ms to 1h, such as 2s, not \"%s\"", every);
}

static bool
options_table(const char *table, struct options *options, struct error *error)
{
	char *schema, *name;

	if (!version_name_parse(table, &schema, &name))
		return error_set(error,
			"--version-table is SCHEMA.NAME or NAME, each in double quotes "
			"if it has a dot, not \"%s\"",
			table);
	free(schema);
	free(name);
	options->setup.version_table = table;
	return true;
}

/* The command line as it is read. */
struct scan {
	int argc, at; /* the argument that comes next */
	char **argv;
	struct options *options;
	bool given[OPTION_ROWS];
	bool named;	 /* the command's name, or the console's database, was read */
	bool words_only; /* after -- */
	size_t words;	 /* that followed the name */
};

static bool
scan_set(struct scan *scan, const struct option_row *row, const char *argument,
	struct error *error)
{
	char *field = (char *)scan->options + row->field;

	scan->given[row - option_rows] = true;
	switch (row->kind) {
	case OPTION_FLAG:
		*(bool *)field = true;
		return true;
	case OPTION_TEXT:
		*(const char **)field = argument;
		return true;
	case OPTION_CONFIG:
		return setup_options_config(&scan->options->setup, argument, error);
	case OPTION_EVERY:
		return options_every(argument, scan->options, error);
	case OPTION_FORMAT:
		return options_format(argument, scan->options, error);
	case OPTION_TABLE:
		return options_table(argument, scan->options, error);
	}
	return true;
}

/* The argument that stands by itself; NULL with an error at the end of the line. */
static const char *
scan_argument(struct scan *scan, const struct option_row *row, struct error *error)
{
	if (scan->at < scan->argc)
		return scan->argv[scan->at++];
	error_set(
		error, "--%s wants %s; try pgrunbook --help", row->name, row->argument);
	return NULL;
}

/* By its name or the part of it that no other option begins with. */
static const struct option_row *
scan_find(const char *name, size_t length, struct error *error)
{
	const struct option_row *found = NULL;

	for (int i = 0; i < OPTION_ROWS; i++) {
		const struct option_row *row = &option_rows[i];

		if (strncmp(row->name, name, length) != 0)
			continue;
		if (row->name[length] == '\0')
			return row;
		if (found != NULL && row->help != NULL) {
			error_set(error, "--%.*s may be --%s or --%s", (int)length,
				name, found->name, row->name);
			return NULL;
		}
		if (found == NULL)
			found = row;
	}
	if (found == NULL)
		error_set(error, "there is no option --%.*s; try pgrunbook --help",
			(int)length, name);
	return found;
}

/* --name, --name=ARGUMENT, --name ARGUMENT */
static bool
scan_long(struct scan *scan, const char *text, struct error *error)
{
	size_t length = strcspn(text, "=");
	const struct option_row *row = scan_find(text, length, error);
	const char *argument = text[length] == '=' ? text + length + 1 : NULL;

	if (row == NULL)
		return false;
	if (row->argument == NULL && argument != NULL)
		return error_set(error, "--%s takes no argument", row->name);
	if (row->argument != NULL && argument == NULL)
		argument = scan_argument(scan, row, error);
	if (row->argument == NULL)
		argument = "";
	return argument != NULL && scan_set(scan, row, argument, error);
}

/* -x, -xyz, -xARGUMENT, -x ARGUMENT */
static bool
scan_letters(struct scan *scan, const char *text, struct error *error)
{
	for (; *text; text++) {
		const struct option_row *row = option_rows;
		const char *argument = text + 1;

		while (row < option_rows + OPTION_ROWS && row->letter != *text)
			row++;
		if (row == option_rows + OPTION_ROWS)
			return error_set(error,
				"there is no option -%c; try pgrunbook --help", *text);
		if (row->argument == NULL) {
			if (!scan_set(scan, row, "", error))
				return false;
			continue;
		}
		if (*argument == '\0')
			argument = scan_argument(scan, row, error);
		return argument != NULL && scan_set(scan, row, argument, error);
	}
	return true;
}

static bool
scan_too_many(const char *word, struct error *error)
{
	return error_set(
		error, "\"%s\" is one argument too many; try pgrunbook --help", word);
}

/* The command's name, then its words, then the database. */
static bool
scan_word(struct scan *scan, const char *word, struct error *error)
{
	struct options *options = scan->options;
	const struct command_row *row = &command_rows[options->command];
	bool named = scan->named;

	scan->named = true;
	for (int i = 0; i < COMMANDS && !named; i++) {
		if (i != COMMAND_CONSOLE && strcmp(command_rows[i].name, word) == 0) {
			options->command = (enum command)i;
			options->look = command_rows[i].look;
			options->rest = scan->at;
			return true;
		}
	}
	if (scan->words < row->most) {
		if (scan->words++ == 0)
			options->question.word1 = word;
		else
			options->question.word2 = word;
		return true;
	}
	if (!row->database || options->setup.database != NULL)
		return scan_too_many(word, error);
	options->setup.database = word;
	return true;
}

/* -1 is a place in the tree, not an option. */
static bool
scan_is_word(const struct scan *scan, const char *text)
{
	return scan->words_only || *text != '-' || text[1] == '\0' ||
	       (text[1] >= '0' && text[1] <= '9');
}

static bool
scan_next(struct scan *scan, struct error *error)
{
	const char *text = scan->argv[scan->at++];

	if (scan_is_word(scan, text))
		return scan_word(scan, text, error);
	if (text[1] != '-')
		return scan_letters(scan, text + 1, error);
	if (text[2] != '\0')
		return scan_long(scan, text + 2, error);
	scan->words_only = true;
	return true;
}

/* Every option goes with the command, and the command has its words. */
static bool
scan_check(const struct scan *scan, struct error *error)
{
	enum command command = scan->options->command;
	const struct command_row *row = &command_rows[command];
	struct str others = { 0 };

	for (int i = 0; i < OPTION_ROWS; i++) {
		if (!scan->given[i] || command_among(command, option_rows[i].commands))
			continue;
		help_commands(&others, option_rows[i].commands);
		error_set(error, "--%s doesn't go with %s: it is for %s",
			option_rows[i].name,
			command == COMMAND_CONSOLE ? "the console" : row->name,
			str_text(&others));
		str_free(&others);
		return false;
	}
	if (row->look != NULL && scan->options->setup.interval_us != 0 &&
		!scan->options->watch)
		return error_set(error, "--every goes with --watch here: %s looks once",
			row->name);
	if (scan->words < row->least)
		return error_set(error,
			"%s is to be followed by%s; try pgrunbook --help", row->name,
			row->words);
	return true;
}

bool
options_parse(int argc, char **argv, struct options *options, struct error *error)
{
	struct scan scan = { .argc = argc, .argv = argv, .at = 1, .options = options };

	*options = (struct options){ .command = COMMAND_CONSOLE };
	/* What follows `log` is its own. */
	while (scan.at < argc && options->command != COMMAND_LOG)
		if (!scan_next(&scan, error))
			return false;
	options->question.json = options->json;
	return options->help || options->version || scan_check(&scan, error);
}
