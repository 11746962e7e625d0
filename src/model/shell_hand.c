#include "pgrunbook/model/shell_hand.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/text.h"
#include "pgrunbook/model/shell_words.h"

static bool
list_has(const char *list, const char *word)
{
	size_t length = strlen(word);

	while (*list != '\0') {
		size_t item = strcspn(list, " ");

		if (item == length && memcmp(list, word, length) == 0)
			return true;
		list += item + strspn(list + item, " ");
	}
	return false;
}

static bool
words_have(const struct strlist *words, size_t from, const char *list)
{
	for (size_t i = from; i < words->count; i++) {
		if (list_has(list, words->items[i]))
			return true;
	}
	return false;
}

/* A letter in a bundle of one-letter options: the f of tail -fn. */
static bool
words_have_letter(const struct strlist *words, size_t from, char letter)
{
	for (size_t i = from; i < words->count; i++) {
		const char *word = words->items[i];

		if (word[0] == '-' && word[1] != '-' && strchr(word, letter) != NULL)
			return true;
	}
	return false;
}

bool
shell_text_is_visible(const char *text)
{
	size_t length = strlen(text);

	for (size_t at = 0; at < length;) {
		size_t used;
		uint32_t code = text_decode(text + at, length - at, &used);

		if (code == TEXT_REPLACEMENT ||
			(code != '\n' && code != '\t' && text_width_of(code) <= 0))
			return false;
		at += used;
	}
	return true;
}

static bool
simple_changes_state(const struct shell_simple *simple)
{
	static const char commands[] = ". alias cd conda deactivate declare exec exit "
				       "export local module nvm popd "
				       "pushd pyenv readonly return set shopt source "
				       "trap typeset ulimit umask "
				       "unalias unset workon";
	size_t at = 0;

	while (at < simple->words.count &&
		shell_word_is_assignment(simple->words.items[at]))
		at++;
	return at == simple->words.count || list_has(commands, simple->words.items[at]);
}

bool
shell_changes_state(const char *command)
{
	struct shell_words words;
	bool changes = false;

	shell_words_read(command, &words);
	for (size_t i = 0; i < words.count; i++) {
		if (words.items[i].nested)
			continue;
		changes = simple_changes_state(&words.items[i]);
		if (!changes)
			break;
	}
	shell_words_free(&words);
	return changes;
}

/* docker, kubectl and their kin, asked to hand a terminal to what they run. */
static bool
wants_terminal(const struct strlist *words)
{
	const char *name = shell_words_name(words, 0);

	if (!list_has("docker docker-compose kubectl podman oc", name))
		return false;
	if (words_have(words, 1, "attach edit debug login"))
		return true;
	return words_have(words, 1, "exec run") &&
	       words_have(words, 1, "-it -ti -t --tty --tty=true --interactive");
}

static bool
is_interactive(const struct shell_simple *simple)
{
	const struct strlist *words = &simple->words;
	size_t at = shell_words_inner(words);
	const char *name = shell_words_name(words, at);
	bool alone = at + 1 == words->count && !simple->fed;

	if (wants_terminal(words) || list_has("vi vim nvim nano emacs less more top "
					      "htop man passwd read su visudo "
					      "pg_top pspg tmux screen",
					     name))
		return true;
	if (alone && list_has("bash sh zsh python python3 ipython node irb mysql "
			      "redis-cli sqlite3",
			     name))
		return true;
	if (strcmp(name, "psql") == 0)
		return !simple->fed &&
		       !words_have(words, at, "-l --list --version --help --command") &&
		       !words_have_letter(words, at, 'c') &&
		       !words_have_letter(words, at, 'f') &&
		       !words_have(words, at, "--file");
	if (strcmp(name, "git") == 0)
		return (words_have(words, at, "commit") &&
			       !words_have_letter(words, at, 'm') &&
			       !words_have(words, at, "--no-edit --message -F")) ||
		       (words_have(words, at, "rebase add") &&
			       words_have(words, at, "-i -p --interactive --patch"));
	return (strcmp(name, "crontab") == 0 && words_have(words, at, "-e")) ||
	       (strcmp(name, "alembic") == 0 && words_have(words, at, "edit")) ||
	       (strcmp(shell_words_name(words, 0), "sudo") == 0 &&
		       words_have(words, 1, "-i -s")) ||
	       (strcmp(shell_words_name(words, 0), "ssh") == 0 && at == words->count);
}

static bool
is_endless(const struct shell_simple *simple)
{
	const struct strlist *words = &simple->words;
	size_t at = shell_words_inner(words);
	const char *name = shell_words_name(words, at);

	if (words->count > 1 && list_has("while until", words->items[0]) &&
		list_has("true : false 1", words->items[1]))
		return true;
	if (list_has("celery gunicorn hypercorn tcpdump uvicorn watch yes", name) ||
		words_have(words, 0, "--follow --watch --follow=true --watch=true"))
		return true;
	if (list_has("tail journalctl", name))
		return words_have_letter(words, at, 'f') ||
		       words_have_letter(words, at, 'F');
	if (strcmp(name, "ping") == 0)
		return !words_have_letter(words, at, 'c');
	if (list_has("docker docker-compose kubectl podman oc stern", name))
		return (words_have(words, at, "logs") && words_have(words, at, "-f")) ||
		       (words_have(words, at, "get") && words_have(words, at, "-w")) ||
		       words_have(words, at, "port-forward proxy events") ||
		       (words_have(words, at, "up") &&
			       !words_have(words, at, "-d --detach --wait"));
	if (strcmp(name, "make") == 0)
		return words_have(words, at, "dev logs run serve start watch");
	return (strcmp(name, "minikube") == 0 &&
		       words_have(words, at, "dashboard tunnel")) ||
	       (strcmp(name, "flask") == 0 && words_have(words, at, "run")) ||
	       (list_has("npm yarn pnpm", name) &&
		       words_have(words, at, "start dev serve")) ||
	       words_have(words, at, "runserver http.server infinity");
}

/* The word that says which database or server, unless it is left to a variable. */
static const char *
own_database(const struct shell_simple *simple, enum danger danger)
{
	static const char settings[] =
		"DATABASE_URL PGDATABASE PGHOST PGHOSTADDR PGPORT "
		"PGSERVICE SQLALCHEMY_DATABASE_URI SQLALCHEMY_URL";
	static const char tools[] = "clusterdb createdb dropdb pg_dump pg_restore psql "
				    "reindexdb vacuumdb";
	const struct strlist *words = &simple->words;
	bool tool = list_has(tools, shell_words_name(words, shell_words_inner(words)));

	for (size_t i = 0; i < words->count; i++) {
		const char *word = words->items[i];
		size_t name = strcspn(word, "=");

		if (strstr(word, "postgres://") != NULL ||
			strstr(word, "postgresql://") != NULL ||
			(strncmp(word, "postgresql+", 11) == 0 && strstr(word, "://")))
			return word;
		if (word[name] == '=' && strstr(word + name, "postgresql+") != NULL)
			return word;
		if (shell_word_is_assignment(word)) {
			char *variable = alloc_copy_bytes(word, name);
			bool set = list_has(settings, variable);

			free(variable);
			if (set)
				return word;
		}
		if (tool && danger > DANGER_READ && i + 1 < words->count &&
			list_has("-h -d -p --host --dbname --port", word) &&
			words->items[i + 1][0] != '$')
			return words->items[i + 1];
	}
	return NULL;
}

static bool
is_unfinished(const struct strlist *words)
{
	for (size_t i = 0; i < words->count; i++) {
		if (strcmp(words->items[i], "...") == 0 ||
			strstr(words->items[i], "\xE2\x80\xA6") != NULL ||
			strstr(words->items[i], "path/to/") != NULL)
			return true;
	}
	return false;
}

/* A migration test goes up and down again: deadly on a database that is in use. */
static bool
is_test(const struct strlist *words)
{
	for (size_t i = 0; i < words->count; i++) {
		const char *name = shell_words_name(words, i);

		if (strcasestr(name, "test") != NULL &&
			strcasestr(name, "migrat") != NULL)
			return true;
	}
	return list_has(
		"pytest tox nox", shell_words_name(words, shell_words_inner(words)));
}

/* Output is kept in the incident: what would put a password there is not run. */
static bool
prints_secrets(const struct strlist *words)
{
	return list_has("kubectl oc", shell_words_name(words, 0)) &&
	       words_have(words, 1, "get describe") &&
	       words_have(words, 1, "secret secrets");
}

static char *
simple_by_hand(const struct shell_simple *simple, enum danger danger)
{
	const char *database = own_database(simple, danger);

	if (is_unfinished(&simple->words))
		return alloc_copy("not complete as it is written");
	if (database != NULL)
		return alloc_printf("names a database of its own: %s", database);
	if (is_test(&simple->words))
		return alloc_copy("a test: not for a database that is in use");
	if (prints_secrets(&simple->words))
		return alloc_copy("prints secrets");
	if (is_interactive(simple))
		return alloc_copy("interactive: it needs a terminal of its own");
	if (is_endless(simple))
		return alloc_copy("endless: it runs until it is stopped");
	if (simple->in_background ||
		(simple->words.count > 0 &&
			list_has("nohup disown bg", simple->words.items[0])))
		return alloc_copy("goes on in the background");
	return NULL;
}

char *
shell_by_hand(const char *command, enum danger danger)
{
	struct shell_words words;
	char *reason = NULL;

	if (!shell_text_is_visible(command))
		return alloc_copy("has characters that don't show");
	if (strcasestr(command, "example:") != NULL)
		return alloc_copy("holds an example");
	if (shell_changes_state(command))
		return alloc_copy("changes the shell's own state");
	shell_words_read(command, &words);
	if (words.unclear)
		reason = alloc_copy("not understood: a quote or bracket isn't closed");
	for (size_t i = 0; i < words.count && reason == NULL; i++)
		reason = simple_by_hand(&words.items[i], danger);
	shell_words_free(&words);
	return reason;
}
