#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "pgrunbook/model/shell_words.h"

/* Commands that run another one, and how to get past their own words. */
struct wrapper {
	const char *name;
	const char *sub;    /* the subcommand that does; NULL: the command itself */
	const char *flags;  /* options without a value */
	const char *valued; /* options with one */
	int positionals;    /* words before the inner command */
	bool dashes;	    /* the inner command stands behind "--" */
};

static const struct wrapper wrappers[] = {
	{ .name = "command" },
	{ .name = "docker",
		.sub = "exec",
		.flags = "-i -t -it -ti -d --interactive --tty",
		.valued = "-u --user -w --workdir -e --env --env-file",
		.positionals = 1 },
	{ .name = "docker-compose",
		.sub = "exec",
		.flags = "-T -d -i -t -it --no-TTY --no-tty --interactive --tty "
			 "--privileged",
		.valued = "-u --user -w --workdir -e --env --index",
		.positionals = 1 },
	{ .name = "docker-compose",
		.sub = "run",
		.flags = "-T -d -i --rm --no-deps --no-TTY --service-ports",
		.valued = "-u --user -w --workdir -e --env --name --entrypoint -v "
			  "--volume",
		.positionals = 1 },
	{ .name = "env", .flags = "-i", .valued = "-u -C" },
	{ .name = "exec" },
	{ .name = "ionice", .valued = "-c -n" },
	{ .name = "kubectl", .sub = "exec", .dashes = true },
	{ .name = "kubectl", .sub = "run", .dashes = true },
	{ .name = "nice", .valued = "-n" },
	{ .name = "nohup" },
	{ .name = "pdm", .sub = "run" },
	{ .name = "pipenv", .sub = "run" },
	{ .name = "poetry", .sub = "run" },
	{ .name = "python", .sub = "-m" },
	{ .name = "python3", .sub = "-m" },
	{ .name = "ssh",
		.flags = "-t -T -tt -q -v -A -n",
		.valued = "-i -p -l -o -F -J",
		.positionals = 1 },
	{ .name = "sudo", .flags = "-E -n -H -S", .valued = "-u -g --user --group" },
	{ .name = "time", .flags = "-p" },
	{ .name = "timeout",
		.flags = "--foreground",
		.valued = "-s -k --signal",
		.positionals = 1 },
	{ .name = "uv", .sub = "run" },
	{ .name = "xargs", .flags = "-0 -r -t --null", .valued = "-n -I -P -L -d" },
};

/* Options of docker, kubectl and their kin before the subcommand that take a value. */
static const char global_valued[] =
	"-f --file -p --project-name --profile --project-directory --env-file -n "
	"--namespace --context --kubeconfig -H --host";

static bool
list_has(const char *list, const char *word)
{
	size_t length = strlen(word);

	while (list != NULL && *list != '\0') {
		size_t item = strcspn(list, " ");

		if (item == length && memcmp(list, word, length) == 0)
			return true;
		list += item + strspn(list + item, " ");
	}
	return false;
}

bool
shell_word_is_assignment(const char *word)
{
	const char *at = word;

	if (!isalpha((unsigned char)*at) && *at != '_')
		return false;
	while (isalnum((unsigned char)*at) || *at == '_')
		at++;
	return at[0] == '=' || (at[0] == '+' && at[1] == '=');
}

const char *
shell_words_name(const struct strlist *words, size_t at)
{
	const char *slash;

	if (at >= words->count)
		return "";
	slash = strrchr(words->items[at], '/');
	return slash != NULL ? slash + 1 : words->items[at];
}

static size_t
skip_assignments(const struct strlist *words, size_t at)
{
	static const char reserved[] = "if then else elif while until do ! { time";

	while (at < words->count && (shell_word_is_assignment(words->items[at]) ||
					    list_has(reserved, words->items[at])))
		at++;
	return at;
}

/* The subcommand's place behind a command's own options; count if it isn't there. */
static size_t
find_sub(const struct strlist *words, size_t at, const char *sub)
{
	for (; at < words->count; at++) {
		if (strcmp(words->items[at], sub) == 0)
			return at;
		if (words->items[at][0] != '-')
			break;
		if (list_has(global_valued, words->items[at]))
			at++;
	}
	return words->count;
}

static size_t
skip_options(const struct wrapper *wrapper, const struct strlist *words, size_t at)
{
	for (; at < words->count && words->items[at][0] == '-'; at++) {
		const char *word = words->items[at];
		size_t name = strcspn(word, "=");

		if (list_has(wrapper->flags, word))
			continue;
		if (list_has(wrapper->valued, word))
			at++;
		else if (word[name] != '=' || word[1] != '-')
			return words->count; /* who knows how many words it takes */
	}
	return at;
}

static size_t
skip_wrapper(const struct wrapper *wrapper, const struct strlist *words, size_t at)
{
	if (wrapper->sub != NULL) {
		at = find_sub(words, at, wrapper->sub);
		if (at == words->count)
			return at;
		at++;
	}
	if (wrapper->dashes) {
		while (at < words->count && strcmp(words->items[at], "--") != 0)
			at++;
		return at < words->count ? at + 1 : at;
	}
	at = skip_options(wrapper, words, at) + (size_t)wrapper->positionals;
	return at < words->count ? at : words->count;
}

/* One wrapper taken off; the same place if there is none. */
static size_t
unwrap(const struct strlist *words, size_t at)
{
	const char *name = shell_words_name(words, at);
	size_t after = at + 1;

	if (strcmp(name, "docker") == 0 &&
		find_sub(words, after, "compose") < words->count) {
		name = "docker-compose";
		after = find_sub(words, after, "compose") + 1;
	}
	for (size_t i = 0; i < sizeof(wrappers) / sizeof(wrappers[0]); i++) {
		const struct wrapper *wrapper = &wrappers[i];

		if (strcmp(wrapper->name, name) != 0)
			continue;
		if (wrapper->sub != NULL &&
			find_sub(words, after, wrapper->sub) == words->count)
			continue;
		return skip_wrapper(wrapper, words, after);
	}
	return at;
}

size_t
shell_words_inner(const struct strlist *words)
{
	size_t at = skip_assignments(words, 0);

	while (at < words->count) {
		size_t inner = unwrap(words, at);

		if (inner == at)
			break;
		at = skip_assignments(words, inner);
	}
	return at;
}
