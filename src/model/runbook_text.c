#include "pgrunbook/model/runbook_text.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

static bool
is_letter(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* Does the phrase stand in the text as words of its own? */
static bool
has_phrase(const char *text, const char *phrase)
{
	size_t length = strlen(phrase);

	for (const char *at = text; *at != '\0'; at++) {
		if (strncasecmp(at, phrase, length) == 0 && !is_letter(at[length]) &&
			(at == text || !is_letter(at[-1])))
			return true;
	}
	return false;
}

static bool
has_any(const char *text, const char *const *phrases, size_t count)
{
	for (size_t i = 0; text != NULL && i < count; i++) {
		if (has_phrase(text, phrases[i]))
			return true;
	}
	return false;
}

/* Past "2. ", "Step 3: " and marks before the first word. */
static const char *
skip_number(const char *text)
{
	const char *at = text;

	if (strncasecmp(at, "step ", 5) == 0)
		at += 5;
	while (isdigit((unsigned char)*at))
		at++;
	if (at == text || (*at != '.' && *at != ')' && *at != ':'))
		at = text;
	while (*at != '\0' && !is_letter(*at))
		at++;
	return at;
}

static bool
begins_with(const char *text, const char *word)
{
	size_t length = strlen(word);

	return strncasecmp(text, word, length) == 0 && !is_letter(text[length]);
}

static bool
begins_with_any(const char *text, const char *const *words, size_t count)
{
	if (text == NULL)
		return false;
	text = skip_number(text);
	for (size_t i = 0; i < count; i++) {
		if (begins_with(text, words[i]))
			return true;
	}
	return false;
}

bool
runbook_text_is_optional(const char *heading)
{
	static const char *const phrases[] = { "best practices", "ci", "ci/cd",
		"creating", "developing", "development", "test migration",
		"test migrations", "testing", "writing" };

	return has_any(heading, phrases, sizeof(phrases) / sizeof(phrases[0]));
}

bool
runbook_text_is_collection(const char *text)
{
	static const char *const phrases[] = { "cheat sheet", "cheatsheet", "commands",
		"examples", "reference", "snippets" };

	return has_any(text, phrases, sizeof(phrases) / sizeof(phrases[0]));
}

bool
runbook_text_is_option(const char *text)
{
	static const char *const words[] = { "alternative", "option", "variant" };

	return begins_with_any(text, words, sizeof(words) / sizeof(words[0]));
}

bool
runbook_text_says_or(const char *text)
{
	static const char *const words[] = { "or", "alternatively", "alternative",
		"either", "otherwise", "instead" };
	static const char *const phrases[] = { "instead", "alternatively", "and/or" };

	return begins_with_any(text, words, sizeof(words) / sizeof(words[0])) ||
	       has_any(text, phrases, sizeof(phrases) / sizeof(phrases[0])) ||
	       runbook_text_is_option(text);
}

bool
runbook_text_is_conditional(const char *text)
{
	static const char *const words[] = { "in case", "only", "optional",
		"optionally", "unless", "when" };
	static const char *const looks[] = { "check", "confirm", "see", "test",
		"verify" };
	static const char *const phrases[] = { "as a last resort", "if", "may need",
		"only when" };

	if (begins_with_any(text, words, sizeof(words) / sizeof(words[0])))
		return true;
	return has_any(text, phrases, sizeof(phrases) / sizeof(phrases[0])) &&
	       !begins_with_any(text, looks, sizeof(looks) / sizeof(looks[0]));
}

bool
runbook_text_is_sample(const char *lead)
{
	static const char *const words[] = { "expected", "symptom", "symptoms",
		"output", "example output", "sample output", "sample", "response",
		"error", "errors", "you should see", "the output", "result",
		"this prints" };

	return begins_with_any(lead, words, sizeof(words) / sizeof(words[0]));
}

bool
runbook_text_is_checklist(const char *text)
{
	static const char *const phrases[] = { "prerequisite", "prerequisites",
		"checklist", "check for" };

	return has_any(text, phrases, sizeof(phrases) / sizeof(phrases[0]));
}

bool
runbook_text_describes(const char *text)
{
	static const char *const phrases[] = { "overview", "summary", "strategy",
		"automatic", "automatically", "automated", "behavior", "behaviour",
		"benefits", "reasons", "how it works", "this script", "the script",
		"best practices", "in order" };

	return has_any(text, phrases, sizeof(phrases) / sizeof(phrases[0]));
}

bool
runbook_text_is_numbered(const char *text)
{
	return skip_number(text) != text &&
	       (isdigit((unsigned char)text[0]) || strncasecmp(text, "step ", 5) == 0);
}

bool
runbook_text_is_request(const char *command)
{
	static const char *const methods[] = { "GET", "POST", "PUT", "PATCH", "DELETE",
		"HEAD", "OPTIONS" };

	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		size_t length = strlen(methods[i]);

		if (strncmp(command, methods[i], length) != 0 || command[length] != ' ')
			continue;
		command += length + strspn(command + length, " ");
		return command[0] == '/' || strncmp(command, "http", 4) == 0;
	}
	return false;
}
