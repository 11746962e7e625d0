#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "pgrunbook/model/danger.h"
#include "pgrunbook/model/migration_call.h"
#include "pgrunbook/model/shell_words.h"

enum {
	NESTING_MAX = 4, /* heredocs in heredocs; what is deeper counts as the worst */
	TEXT_DEPTH =
		3, /* text that is run weighs more: a word may hold all the others */
};

static enum danger danger_of_text(const char *command, int depth);

static enum danger
worse(enum danger a, enum danger b)
{
	return a > b ? a : b;
}

static bool
list_has(const char *list, const char *word, size_t length)
{
	while (*list != '\0') {
		size_t item = strcspn(list, " ");

		if (item == length && strncasecmp(list, word, length) == 0)
			return true;
		list += item + strspn(list + item, " ");
	}
	return false;
}

static bool
words_have(const struct strlist *words, size_t from, const char *list)
{
	for (size_t i = from; i < words->count; i++) {
		if (list_has(list, words->items[i], strlen(words->items[i])))
			return true;
	}
	return false;
}

/* Commands that take something away whatever their options. */
static const char destructive_commands[] =
	"dd dropdb dropuser fdisk halt kill killall mkfs pg_resetwal pg_restore "
	"pg_rewind "
	"pkill poweroff reboot rm rmdir shred shutdown truncate unlink wipefs";

/* Parts of words that say so of any command: rollback.sh, delete-stack, db_reset. */
static const char destructive_parts[] =
	"delete destroy down downgrade drain drop dropdb erase flushall flushdb kill "
	"prune "
	"purge reset restore rollback terminate truncate undo uninstall wipe";

/* Commands that only read whatever their options. */
static const char reading_commands[] =
	": [ [[ } basename cat cksum cmp column cut df diff dig dirname done du echo "
	"esac egrep "
	"expr "
	"false fgrep fi file for free grep head host id jq ls md5sum nl nproc nslookup "
	"pg_isready printenv ps pwd readlink realpath rev sha1sum sha256sum sleep ss "
	"stat "
	"tac tail test tr true type uname uptime wc which whoami zgrep";

/* Subcommands that only read. */
static const struct {
	const char *command, *subs;
} reading_subs[] = {
	{ "docker",
		"events history images info inspect logs port ps stats top version" },
	{ "docker-compose", "images logs ls port ps top version" },
	{ "git", "blame diff log rev-parse show status" },
	{ "helm", "get history list ls search show status version" },
	{ "kind", "get" },
	{ "kubectl", "api-resources cluster-info describe explain get logs top version "
		     "wait" },
	{ "minikube", "status" },
	{ "pip", "freeze list show" },
	{ "systemctl", "cat is-active is-enabled is-failed list-units show status" },
};

/* Is `scale` told to leave nothing? */
static bool
scales_to_zero(const struct strlist *words)
{
	bool scales = words_have(words, 0, "scale") || words_have(words, 0, "--scale");

	for (size_t i = 0; scales && i < words->count; i++) {
		const char *equals = strrchr(words->items[i], '=');

		if (strcmp(equals != NULL ? equals + 1 : words->items[i], "0") == 0)
			return true;
	}
	return false;
}

/* Does a part of the word, between anything but letters, say that something goes? */
static bool
word_is_destructive(const char *word)
{
	while (*word != '\0') {
		size_t length = 0;

		while (isalpha((unsigned char)word[length]))
			length++;
		if (length > 0 && list_has(destructive_parts, word, length))
			return true;
		word += length > 0 ? length : 1;
	}
	return false;
}

static bool
is_destructive(const struct strlist *words, size_t inner)
{
	bool any = inner == words->count ||
		   strcmp(shell_words_name(words, inner), "find") == 0;

	if (scales_to_zero(words))
		return true;
	for (size_t i = 0; i < words->count; i++) {
		const char *name = shell_words_name(words, i);

		/* Behind what runs others and isn't understood any word may be one. */
		if ((any || i == inner || i == 0) &&
			list_has(destructive_commands, name, strlen(name)))
			return true;
		if (strpbrk(words->items[i], " \t\n") == NULL &&
			word_is_destructive(words->items[i]))
			return true;
	}
	return false;
}

/* GET and nothing else, and nothing written to a file. */
static bool
curl_reads(const struct strlist *words, size_t at)
{
	static const char valued[] =
		"-H --header -m --max-time -w --write-out -A "
		"--retry --retry-delay --connect-timeout -u --user";
	static const char flags[] = "--fail --silent --show-error --location --head "
				    "--include --insecure --verbose --compressed";

	for (at++; at < words->count; at++) {
		const char *word = words->items[at];
		size_t length = strlen(word);

		if (word[0] != '-')
			continue;
		if (list_has(valued, word, length))
			at++;
		else if (!list_has(flags, word, length) &&
			 (word[1] == '-' || strspn(word + 1, "fsSLIikv") != length - 1))
			return false;
	}
	return true;
}

/* The SQL of an option -c, in whatever bundle of options; NULL: this word is none. */
static const char *
psql_command(const struct strlist *words, size_t at)
{
	const char *word = words->items[at];
	size_t length = strlen(word);

	if (strncmp(word, "--command=", 10) == 0)
		return word + 10;
	if (strcmp(word, "--command") == 0 ||
		(word[0] == '-' && word[1] != '-' && length > 1 &&
			word[length - 1] == 'c' &&
			strspn(word + 1, "AEHSXabeqtwxzc1") == length - 1))
		return at + 1 < words->count ? words->items[at + 1] : "";
	return NULL;
}

static enum danger
danger_of_psql(const struct shell_simple *simple, size_t at)
{
	const struct strlist *words = &simple->words;
	enum danger danger = DANGER_READ;
	bool told = words_have(words, at, "-l --list --version --help");

	for (size_t i = at + 1; i < words->count; i++) {
		const char *sql = psql_command(words, i);
		const char *word = words->items[i];

		if (sql != NULL) {
			told = true;
			danger = worse(danger, danger_of_sql(sql));
			i += sql != word + 10;
		} else if (strncmp(word, "-f", 2) == 0 || strncmp(word, "-o", 2) == 0 ||
			   strncmp(word, "-L", 2) == 0 ||
			   strncmp(word, "--file", 6) == 0 ||
			   strncmp(word, "--output", 8) == 0 ||
			   strncmp(word, "--log-file", 10) == 0) {
			danger = worse(danger, DANGER_CHANGE);
		}
	}
	if (simple->heredoc != NULL)
		danger = worse(danger, danger_of_sql(simple->heredoc));
	if (!told) /* reads who knows what from its input */
		danger = worse(danger, DANGER_CHANGE);
	return danger;
}

/* The first word that is no option, behind the command at `at`. */
static size_t
find_sub(const struct strlist *words, size_t at)
{
	static const char valued[] =
		"-n --namespace --context --kubeconfig -f --file -p "
		"--project-name --profile -H --host -C";

	for (at++; at < words->count && words->items[at][0] == '-'; at++)
		at += list_has(valued, words->items[at], strlen(words->items[at]));
	return at;
}

static bool
sub_reads(const struct strlist *words, size_t at)
{
	const char *name = shell_words_name(words, at);
	size_t sub = find_sub(words, at);

	if (strcmp(name, "docker") == 0 && sub < words->count &&
		strcmp(words->items[sub], "compose") == 0) {
		name = "docker-compose";
		sub = find_sub(words, sub);
	}
	if (sub >= words->count)
		return false;
	for (size_t i = sub; strcmp(name, "git") == 0 && i < words->count; i++) {
		if (strncmp(words->items[i], "--output", 8) == 0)
			return false;
	}
	for (size_t i = 0; i < sizeof(reading_subs) / sizeof(reading_subs[0]); i++) {
		if (strcmp(reading_subs[i].command, name) == 0)
			return list_has(reading_subs[i].subs, words->items[sub],
				strlen(words->items[sub]));
	}
	return false;
}

/* Commands that read with some options and change with others. */
static bool
command_reads(const struct strlist *words, size_t at)
{
	const char *name = shell_words_name(words, at);
	size_t arguments = words->count - at - 1;

	if (list_has(reading_commands, name, strlen(name)))
		return true;
	if (arguments == 1 && words_have(words, at + 1, "--version --help"))
		return true;
	if (strcmp(name, "curl") == 0)
		return curl_reads(words, at);
	if (strcmp(name, "sort") == 0 || strcmp(name, "uniq") == 0)
		return arguments == 0;
	if (strcmp(name, "hostname") == 0 || strcmp(name, "env") == 0)
		return arguments == 0;
	if (strcmp(name, "date") == 0)
		return arguments == 0 ||
		       (arguments == 1 && words->items[at + 1][0] == '+');
	if (strcmp(name, "find") == 0)
		return !words_have(words, at,
			"-delete -exec -execdir -ok -okdir -fprint -fprint0 -fprintf "
			"-fls");
	if (strcmp(name, "pg_restore") == 0)
		return words_have(words, at, "-l --list") &&
		       !words_have(words, at, "-d --dbname -f --file");
	if (strcmp(name, "make") == 0)
		return arguments == 1 && words_have(words, at, "help");
	return sub_reads(words, at);
}

static bool
writes_files(const struct shell_simple *simple)
{
	static const char nowhere[] = "/dev/null /dev/stderr /dev/stdout";

	for (size_t i = 0; i < simple->writes.count; i++) {
		const char *file = simple->writes.items[i];

		if (!list_has(nowhere, file, strlen(file)))
			return true;
	}
	return false;
}

/* Variables before a command may make another one of it: LD_PRELOAD, PATH, PAGER. */
static bool
is_plainly_called(const struct strlist *words, size_t inner)
{
	for (size_t i = 0; i < inner; i++) {
		if (shell_word_is_assignment(words->items[i]) &&
			strncmp(words->items[i], "PG", 2) != 0)
			return false;
	}
	return true;
}

/* `downgrade base`, whatever it is that is told so. */
static bool
says_downgrade_base(const struct strlist *words)
{
	bool downgrade = false;

	for (size_t i = 0; i < words->count; i++) {
		if (downgrade && danger_is_base(words->items[i]))
			return true;
		downgrade = downgrade || strcmp(words->items[i], "downgrade") == 0;
	}
	return false;
}

static enum danger
danger_of_simple(const struct shell_simple *simple, int depth)
{
	const struct strlist *words = &simple->words;
	size_t inner = shell_words_inner(words);
	enum danger danger = writes_files(simple) ? DANGER_CHANGE : DANGER_READ;
	const char *name = shell_words_name(words, inner);

	if (words->count == 0)
		return danger;
	if (strcmp(name, "alembic") == 0)
		return danger; /* judged by its verb */
	if (strcmp(name, "psql") == 0)
		return worse(danger, danger_of_psql(simple, inner));
	if (inner < words->count && is_plainly_called(words, inner) &&
		command_reads(words, inner))
		return danger;
	if (says_downgrade_base(words))
		return DANGER_REFUSED;
	danger = worse(danger,
		is_destructive(words, inner) ? DANGER_DESTRUCTIVE : DANGER_CHANGE);
	if (simple->heredoc != NULL) { /* a script for a shell, or only data */
		enum danger inside = danger_of_text(simple->heredoc, depth + 1);

		danger = inside > DANGER_CHANGE ? worse(danger, inside) : danger;
	}
	return danger;
}

static enum danger
danger_of_call(const struct migration_call *call, bool piped_to_psql)
{
	enum danger danger = DANGER_DESTRUCTIVE;

	switch (call->verb) {
	case MIGRATION_LOOK:
		return DANGER_READ;
	case MIGRATION_DOWNGRADE:
		for (size_t i = 0; i < call->targets.count; i++) {
			if (danger_is_base(call->targets.items[i]))
				danger = DANGER_REFUSED;
		}
		return call->offline && !piped_to_psql ? DANGER_READ : danger;
	case MIGRATION_UPGRADE:
	case MIGRATION_STAMP:
		return call->offline && !piped_to_psql ? DANGER_READ : DANGER_CHANGE;
	case MIGRATION_OTHER:
		return call->hidden ? DANGER_DESTRUCTIVE : DANGER_CHANGE;
	case MIGRATION_NONE:
	case MIGRATION_MERGE:
	case MIGRATION_COUNT:
		break;
	}
	return DANGER_CHANGE;
}

/* Does it run what a variable or a pipe says? */
static bool
runs_text(const struct shell_simple *simple)
{
	static const char readers[] = "bash dash eval ksh psql sh source xargs zsh";
	size_t inner = shell_words_inner(&simple->words);
	const char *name = shell_words_name(&simple->words, inner);

	if (inner < simple->words.count && strchr("$`", simple->words.items[inner][0]))
		return true;
	return list_has(readers, name, strlen(name)) &&
	       (simple->fed || strcmp(name, "eval") == 0);
}

/* Where text is run as a command, every quoted text of the command may be meant. */
static enum danger
danger_of_texts(const struct shell_words *words, int depth)
{
	enum danger danger = DANGER_READ;
	bool runs = false;

	for (size_t i = 0; i < words->count; i++)
		runs = runs || runs_text(&words->items[i]);
	for (size_t i = 0; runs && i < words->count; i++) {
		const struct strlist *list = &words->items[i].words;

		for (size_t k = 0; k < list->count; k++) {
			const char *text = list->items[k];

			if (shell_word_is_assignment(text))
				text = strchr(text, '=') + 1;
			if (strpbrk(text, " \t\n") == NULL)
				continue;
			danger =
				worse(danger, danger_of_text(text, depth + TEXT_DEPTH));
			danger = worse(danger, danger_of_sql(text));
		}
	}
	return danger > DANGER_CHANGE ? danger : DANGER_READ;
}

static enum danger
danger_of_text(const char *command, int depth)
{
	enum danger danger = DANGER_READ;
	struct shell_words words;
	struct migration_call *calls;
	size_t count;
	bool fed = false;

	if (depth > NESTING_MAX)
		return DANGER_DESTRUCTIVE;
	shell_words_read(command, &words);
	count = migration_calls(&words, &calls);
	if (words.unclear)
		danger = DANGER_CHANGE;
	for (size_t i = 0; i < words.count; i++) {
		fed = fed || words.items[i].fed;
		danger = worse(danger, danger_of_simple(&words.items[i], depth));
	}
	for (size_t i = 0; i < count; i++)
		danger = worse(danger, danger_of_call(&calls[i], fed));
	danger = worse(danger, danger_of_texts(&words, depth));
	migration_calls_free(calls, count);
	shell_words_free(&words);
	return danger;
}

enum danger
danger_of_shell(const char *command)
{
	return danger_of_text(command, 0);
}
