#include "pgrunbook/main/options.h"

#include <getopt.h>
#include <string.h>

#include "pgrunbook/base/duration.h"

enum {
	OPTION_SETTINGS = 256,
	OPTION_READ_ONLY,
	OPTION_EVERY,
	OPTION_ASCII,
	OPTION_NO_COLOUR,
	OPTION_FORMAT,
	OPTION_HELP
};

static const struct option long_options[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "dbname", required_argument, NULL, 'd' },
	{ "host", required_argument, NULL, 'h' },
	{ "port", required_argument, NULL, 'p' },
	{ "username", required_argument, NULL, 'U' },
	{ "file", required_argument, NULL, 'f' },
	{ "settings", required_argument, NULL, OPTION_SETTINGS },
	{ "read-only", no_argument, NULL, OPTION_READ_ONLY },
	{ "every", required_argument, NULL, OPTION_EVERY },
	{ "ascii", no_argument, NULL, OPTION_ASCII },
	{ "no-colour", no_argument, NULL, OPTION_NO_COLOUR },
	{ "no-color", no_argument, NULL, OPTION_NO_COLOUR },
	{ "format", required_argument, NULL, OPTION_FORMAT },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static const char help[] =
	"usage: pgrunbook [OPTIONS] [DBNAME]          the console\n"
	"       pgrunbook [OPTIONS] status [DBNAME]   in sync (0), not (1), error (2)\n"
	"       pgrunbook [OPTIONS] locks [DBNAME]    who waits for whom\n"
	"       pgrunbook log [list | show ID | verify [ID] | export ID | note ID "
	"TEXT]\n"
	"\n"
	"The operator's console for Alembic migrations on PostgreSQL.\n"
	"\n"
	"  -d, --dbname=NAME      database name, conninfo string or URL\n"
	"  -h, --host=HOST        server's host or socket directory\n"
	"  -p, --port=PORT        server's port\n"
	"  -U, --username=ROLE    role to connect as\n"
	"  -c, --config=FILE      alembic.ini (else $ALEMBIC_CONFIG, ./alembic.ini)\n"
	"  -f, --file=RUNBOOK     open this Markdown runbook at once\n"
	"      --settings=FILE    pgrunbook.ini (else ./pgrunbook.ini, or the section\n"
	"                         [pgrunbook] of alembic.ini)\n"
	"      --every=INTERVAL   look at the server this often: 500ms, 2s (default "
	"1s)\n"
	"      --read-only        nothing that changes anything is offered\n"
	"      --ascii            draw with ASCII characters only\n"
	"      --no-colour        no colours (as with NO_COLOR)\n"
	"      --format=FORMAT    text or json, for commands without a screen\n"
	"      --help             this text\n"
	"  -V, --version          the version\n"
	"\n"
	"Without -d the settings' database, PG* variables, DATABASE_URL and the\n"
	"ini's sqlalchemy.url are looked at, in this order.  See pgrunbook(1).\n";

const char *
options_help(void)
{
	return help;
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
options_one(int option, struct options *options, struct error *error)
{
	switch (option) {
	case 'c':
		options->setup.config = optarg;
		return true;
	case 'd':
		options->setup.database = optarg;
		return true;
	case 'h':
		options->setup.host = optarg;
		return true;
	case 'p':
		options->setup.port = optarg;
		return true;
	case 'U':
		options->setup.user = optarg;
		return true;
	case 'f':
		options->runbook = optarg;
		return true;
	case OPTION_SETTINGS:
		options->setup.settings = optarg;
		return true;
	case OPTION_READ_ONLY:
		options->read_only = true;
		return true;
	case OPTION_EVERY:
		return options_every(optarg, options, error);
	case OPTION_ASCII:
		options->ascii = true;
		return true;
	case OPTION_NO_COLOUR:
		options->no_colour = true;
		return true;
	case OPTION_FORMAT:
		return options_format(optarg, options, error);
	case OPTION_HELP:
		options->help = true;
		return true;
	case 'V':
		options->version = true;
		return true;
	default:
		return error_set(error, "try pgrunbook --help");
	}
}

static enum command
options_command(const char *word)
{
	static const char *const words[] = {
		[COMMAND_STATUS] = "status",
		[COMMAND_LOCKS] = "locks",
		[COMMAND_LOG] = "log",
	};

	for (int i = COMMAND_STATUS; i <= COMMAND_LOG; i++) {
		if (strcmp(words[i], word) == 0)
			return (enum command)i;
	}
	return COMMAND_CONSOLE;
}

/* Options may stand before and after the command, as people type them. */
static bool
options_scan(int argc, char **argv, struct options *options, struct error *error)
{
	int option;

	while ((option = getopt_long(
			argc, argv, "+c:d:h:p:U:f:V", long_options, NULL)) != -1) {
		if (!options_one(option, options, error))
			return false;
	}
	return true;
}

bool
options_parse(int argc, char **argv, struct options *options, struct error *error)
{
	*options = (struct options){ .command = COMMAND_CONSOLE };
	if (!options_scan(argc, argv, options, error))
		return false;
	if (optind < argc) {
		options->command = options_command(argv[optind]);
		options->rest = optind + 1;
	}
	if (options->command == COMMAND_LOG)
		return true; /* what follows is the log's own */
	if (options->command != COMMAND_CONSOLE) {
		optind++;
		if (!options_scan(argc, argv, options, error))
			return false;
	}
	/* A bare word is the database, as with psql. */
	if (optind < argc && options->setup.database == NULL) {
		options->setup.database = argv[optind++];
		if (!options_scan(argc, argv, options, error))
			return false;
	}
	if (optind < argc)
		return error_set(error,
			"\"%s\" is one argument too many; try pgrunbook --help",
			argv[optind]);
	return true;
}
