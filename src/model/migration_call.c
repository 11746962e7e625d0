#include "pgrunbook/model/migration_call.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"

struct verb {
	const char *name;
	enum migration_verb verb;
};

static const struct verb verbs[] = {
	{ "branches", MIGRATION_LOOK },
	{ "check", MIGRATION_LOOK },
	{ "current", MIGRATION_LOOK },
	{ "downgrade", MIGRATION_DOWNGRADE },
	{ "heads", MIGRATION_LOOK },
	{ "history", MIGRATION_LOOK },
	{ "merge", MIGRATION_MERGE },
	{ "show", MIGRATION_LOOK },
	{ "stamp", MIGRATION_STAMP },
	{ "upgrade", MIGRATION_UPGRADE },
};

static enum migration_verb
verb_of(const char *word)
{
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcmp(verbs[i].name, word) == 0)
			return verbs[i].verb;
	}
	return MIGRATION_OTHER;
}

static bool
is_one_of(const char *word, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(word, list[i]) == 0)
			return true;
	}
	return false;
}

static bool
takes_value(const char *option)
{
	static const char *const options[] = { "-c", "--config", "-n", "--name", "-x",
		"--tag", "-m", "--message", "-r", "--rev-range", "--head", "--rev-id",
		"--branch-label", "--version-path", "--depends-on", "-d",
		"--directory" };

	return is_one_of(option, options, sizeof(options) / sizeof(options[0]));
}

/* An option, not a step back: -1 is a target. */
static bool
is_option(const char *word)
{
	return word[0] == '-' && !isdigit((unsigned char)word[1]) && word[1] != '\0';
}

/* Reads a call of alembic whose own words begin at `at`. */
static void
read_alembic(const struct strlist *words, size_t at, struct migration_call *call)
{
	bool verb = false;

	call->verb = MIGRATION_OTHER;
	call->alembic = true;
	for (; at < words->count; at++) {
		const char *word = words->items[at];

		if (strcmp(word, "--sql") == 0) {
			call->offline = true;
		} else if (is_option(word)) {
			at += takes_value(word);
		} else if (!verb) {
			call->verb = verb_of(word);
			call->hidden = strpbrk(word, "$`{*?[") != NULL;
			verb = true;
		} else {
			strlist_add(&call->targets, word);
		}
	}
}

static bool
ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), tail = strlen(end);

	return length >= tail && strcmp(text + length - tail, end) == 0;
}

/* A make target by its name; what says neither is none of ours. */
static enum migration_verb
verb_of_target(const char *target)
{
	if (ends_with(target, "-down") || ends_with(target, "_down") ||
		strstr(target, "downgrade") != NULL ||
		strstr(target, "rollback") != NULL)
		return MIGRATION_DOWNGRADE;
	if (strcmp(target, "migrate") == 0 || ends_with(target, "-migrate") ||
		ends_with(target, "_migrate") || ends_with(target, "-up") ||
		ends_with(target, "_up") || strstr(target, "upgrade") != NULL)
		return MIGRATION_UPGRADE;
	if (strstr(target, "stamp") != NULL)
		return MIGRATION_STAMP;
	return MIGRATION_NONE;
}

/* The call that begins at the word `at`; false if none does. */
static bool
call_at(const struct strlist *words, size_t at, struct migration_call *call)
{
	const char *name = shell_words_name(words, at);

	*call = (struct migration_call){ .verb = MIGRATION_NONE };
	if (strcmp(name, "alembic") == 0) {
		read_alembic(words, at + 1, call);
	} else if (strcmp(name, "flask") == 0 && at + 1 < words->count &&
		   strcmp(words->items[at + 1], "db") == 0) {
		read_alembic(words, at + 2, call);
	} else if (strcmp(name, "make") == 0 || strcmp(name, "just") == 0) {
		for (size_t i = at + 1; i < words->count; i++) {
			call->verb = verb_of_target(words->items[i]);
			if (call->verb != MIGRATION_NONE)
				break;
		}
	}
	/* `grep alembic` only speaks of it. */
	if (call->verb == MIGRATION_OTHER && at != shell_words_inner(words)) {
		strlist_free(&call->targets);
		return false;
	}
	return call->verb != MIGRATION_NONE;
}

size_t
migration_calls(const struct shell_words *words, struct migration_call **calls)
{
	size_t count = 0, capacity = 0;

	*calls = NULL;
	for (size_t i = 0; i < words->count; i++) {
		const struct strlist *list = &words->items[i].words;

		for (size_t at = 0; at < list->count; at++) {
			struct migration_call call;

			if (!call_at(list, at, &call))
				continue;
			*calls = alloc_room(*calls, count, &capacity, sizeof(**calls));
			(*calls)[count++] = call;
			break; /* the rest of the words belongs to this call */
		}
	}
	return count;
}

void
migration_calls_free(struct migration_call *calls, size_t count)
{
	for (size_t i = 0; i < count; i++)
		strlist_free(&calls[i].targets);
	free(calls);
}

/* One name of a target, without the label before it and the steps behind it. */
static void
literal_add(const char *name, size_t length, struct strlist *revisions)
{
	static const char *const symbols[] = { "head", "heads", "base", "current" };
	const char *label = memchr(name, '@', length);
	size_t end;
	char *text;

	if (label != NULL) {
		length -= (size_t)(label + 1 - name);
		name = label + 1;
	}
	for (end = 0; end < length; end++) {
		if ((name[end] == '+' || name[end] == '-') && end + 1 < length &&
			isdigit((unsigned char)name[end + 1]))
			break;
	}
	text = alloc_copy_bytes(name, end);
	if (end == 0 || strpbrk(text, "$`<") != NULL || strstr(text, "PLACEHOLDER") ||
		is_one_of(text, symbols, sizeof(symbols) / sizeof(symbols[0])) ||
		strlist_has(revisions, text))
		free(text);
	else
		strlist_add_owned(revisions, text);
}

void
migration_call_literals(const struct migration_call *call, struct strlist *revisions)
{
	if (!call->alembic || call->verb == MIGRATION_OTHER)
		return;
	for (size_t i = 0; i < call->targets.count; i++) {
		const char *target = call->targets.items[i];
		const char *colon = strchr(target, ':');

		if (colon != NULL) {
			literal_add(target, (size_t)(colon - target), revisions);
			target = colon + 1;
		}
		literal_add(target, strlen(target), revisions);
	}
}

bool
migration_call_moves(const char *command)
{
	struct shell_words words;
	struct migration_call *calls;
	bool moves = false;

	shell_words_read(command, &words);
	size_t count = migration_calls(&words, &calls);
	for (size_t i = 0; i < count; i++) {
		enum migration_verb verb = calls[i].verb;

		moves = moves ||
			(!calls[i].offline &&
				(calls[i].hidden || verb == MIGRATION_UPGRADE ||
					verb == MIGRATION_DOWNGRADE ||
					verb == MIGRATION_STAMP));
	}
	migration_calls_free(calls, count);
	shell_words_free(&words);
	return moves;
}
