#include "pgrunbook/view/prompt.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pgrunbook/base/text.h"
#include "tests/tap/tap.h"

static enum prompt_state
press(struct prompt *prompt, uint32_t code)
{
	return prompt_key(prompt, &(struct key){ .code = code });
}

static void
type(struct prompt *prompt, const char *text)
{
	size_t length = strlen(text);

	for (size_t i = 0, used; i < length; i += used)
		press(prompt, text_decode(text + i, length - i, &used));
}

static void
complete(void *context, const char *line, size_t word, struct strlist *candidates)
{
	static const char *const words[] = { "cancel", "refresh", "runbook",
		"runbook-zwei", "\xC3\xA9t\xC3\xA9", "\xC3\xA8re" };

	(void)context;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strncmp(words[i], line + word, strlen(line + word)) == 0)
			strlist_add(candidates, words[i]);
	}
}

static void
test_editing(struct prompt *prompt)
{
	prompt_open(prompt, "", PROMPT_COMMAND);
	tap_is_text(prompt_text(prompt), "", "a line begins empty");
	type(prompt, "note abd");
	press(prompt, KEY_CODE_LEFT);
	type(prompt, "c");
	tap_is_text(prompt_text(prompt), "note abcd", "keys go in at the cursor");
	tap_is_int((int64_t)prompt_cursor(prompt), 8, "the cursor moves with them");
	press(prompt, KEY_CODE_HOME);
	press(prompt, KEY_CODE_DELETE);
	tap_is_text(prompt_text(prompt), "ote abcd", "Delete takes what is ahead");
	press(prompt, KEY_CODE_END);
	press(prompt, KEY_CODE_DELETE);
	press(prompt, 'W' - '@');
	tap_is_text(prompt_text(prompt), "ote ", "^W takes the word before");
	press(prompt, KEY_CODE_BACKSPACE);
	tap_is_text(prompt_text(prompt), "ote", "Backspace takes what is behind");
	press(prompt, 'U' - '@');
	tap_is_text(prompt_text(prompt), "", "^U takes all");
	press(prompt, 'D' - '@');
	press(prompt, KEY_CODE_DELETE);
	tap_is_text(prompt_text(prompt), "", "deleting nothing does nothing");
	press(prompt, 'Y' - '@');
	tap_is_text(prompt_text(prompt), "ote", "^Y brings it back");
	tap_is_int(press(prompt, KEY_CODE_UNKNOWN), PROMPT_EDITING,
		"an unknown key does nothing");
	press(prompt, 'V' - '@');
	press(prompt, 'R' - '@');
	press(prompt, 'Z' - '@');
	press(prompt, 0);
	type(prompt, "!");
	tap_is_text(prompt_text(prompt), "ote!", "nor do other control keys");
}

static void
test_utf8(struct prompt *prompt)
{
	prompt_open(prompt, "d\xC3\xA9j\xC3\xA0 ", PROMPT_TEXT);
	type(prompt, "\xE6\x97\xA5\xE6\x9C\xAC \xF0\x9F\x9A\x80");
	tap_is_text(prompt_text(prompt),
		"d\xC3\xA9j\xC3\xA0 \xE6\x97\xA5\xE6\x9C\xAC \xF0\x9F\x9A\x80",
		"text is UTF-8");
	press(prompt, KEY_CODE_BACKSPACE);
	press(prompt, KEY_CODE_LEFT);
	press(prompt, KEY_CODE_LEFT);
	tap_is_int((int64_t)prompt_cursor(prompt), 10, "the cursor counts bytes");
	press(prompt, KEY_CODE_BACKSPACE);
	tap_is_text(prompt_text(prompt), "d\xC3\xA9j\xC3\xA0 \xE6\x9C\xAC ",
		"whole characters are deleted");
	press(prompt, 0x202E);
	press(prompt, 0x9B);
	tap_is_text(prompt_text(prompt), "d\xC3\xA9j\xC3\xA0 \xE6\x9C\xAC ",
		"what can't be shown isn't typed");
}

static void
test_ends(struct prompt *prompt)
{
	prompt_open(prompt, "x", PROMPT_COMMAND);
	tap_is_int(press(prompt, KEY_CODE_ESCAPE), PROMPT_LEFT, "Esc leaves at once");
	prompt_open(prompt, "", PROMPT_COMMAND);
	tap_is_text(prompt_text(prompt), "", "the next line begins empty");
	tap_is_int(press(prompt, 'C' - '@'), PROMPT_LEFT, "^C leaves");
	prompt_open(prompt, "a", PROMPT_COMMAND);
	tap_is_int(press(prompt, KEY_CODE_BACKSPACE), PROMPT_EDITING,
		"Backspace empties a command");
	tap_is_int(press(prompt, KEY_CODE_BACKSPACE), PROMPT_LEFT,
		"and leaves an empty one");
	prompt_open(prompt, "", PROMPT_TEXT);
	tap_is_int(press(prompt, KEY_CODE_BACKSPACE), PROMPT_EDITING,
		"but not another line");
	tap_is_int(
		press(prompt, KEY_CODE_ENTER), PROMPT_ENTERED, "empty lines end too");
	prompt_open(prompt, "", PROMPT_COMMAND);
	press(prompt, KEY_CODE_PASTE_BEGIN);
	tap_is_int(press(prompt, KEY_CODE_BACKSPACE), PROMPT_EDITING,
		"nothing in a paste leaves the line");
	type(prompt, "one\ntwo\tthree\033[A");
	press(prompt, KEY_CODE_PASTE_END);
	tap_is_text(prompt_text(prompt), "one two three[A",
		"a paste is one line and enters nothing");
	for (int i = 0; i < 6000; i++)
		press(prompt, 'x');
	tap_is_int(
		(int64_t)strlen(prompt_text(prompt)), 4000, "a line has a sane length");
	press(prompt, 'U' - '@');
	press(prompt, KEY_CODE_ESCAPE);
}

static void
enter(struct prompt *prompt, const char *text, enum prompt_kind kind)
{
	prompt_open(prompt, "", kind);
	type(prompt, text);
	press(prompt, KEY_CODE_ENTER);
}

static void
test_history(const char *path)
{
	struct error error = { 0 };
	struct prompt *prompt = prompt_new(path, complete, NULL, &error);
	struct prompt *other = prompt_new(path, complete, NULL, &error);

	if (!tap_ok(prompt != NULL && other != NULL, "two prompts share a history"))
		return;
	enter(prompt, "first", PROMPT_COMMAND);
	enter(prompt, "d\xC3\xA9j\xC3\xA0 vu", PROMPT_COMMAND);
	enter(prompt, "my secret", PROMPT_TEXT);
	enter(other, "from elsewhere", PROMPT_COMMAND);
	prompt_free(prompt);
	prompt_free(other);

	prompt = prompt_new(path, complete, NULL, &error);
	prompt_open(prompt, "", PROMPT_COMMAND);
	press(prompt, KEY_CODE_UP);
	tap_is_text(prompt_text(prompt), "from elsewhere", "the last command is first");
	press(prompt, KEY_CODE_UP);
	tap_is_text(prompt_text(prompt), "d\xC3\xA9j\xC3\xA0 vu",
		"other lines are not kept");
	press(prompt, KEY_CODE_UP);
	press(prompt, KEY_CODE_UP);
	tap_is_text(prompt_text(prompt), "first", "it ends with the oldest");
	press(prompt, KEY_CODE_DOWN);
	tap_is_text(prompt_text(prompt), "d\xC3\xA9j\xC3\xA0 vu", "and goes back");
	prompt_open(prompt, "", PROMPT_TEXT);
	press(prompt, KEY_CODE_UP);
	tap_is_text(prompt_text(prompt), "", "other lines have no history");
	prompt_free(prompt);

	prompt = prompt_new("/nonexistent/history", NULL, NULL, &error);
	enter(prompt, "x", PROMPT_COMMAND);
	tap_is_text(
		prompt_text(prompt), "x", "a history that can't be kept is no harm");
	prompt_free(prompt);
}

static void
test_completion(struct prompt *prompt)
{
	prompt_open(prompt, "", PROMPT_COMMAND);
	type(prompt, "c\t");
	tap_is_text(prompt_text(prompt), "cancel ", "Tab completes the only candidate");
	type(prompt, "ru\t");
	tap_is_text(prompt_text(prompt), "cancel runbook", "or what all begin with");
	tap_is_int((int64_t)prompt_candidates(prompt)->count, 0,
		"a Tab that did something lists nothing");
	type(prompt, "\t");
	tap_is_int((int64_t)prompt_candidates(prompt)->count, 2,
		"one that did not lists the candidates");
	type(prompt, "-");
	tap_is_int((int64_t)prompt_candidates(prompt)->count, 0, "until the next key");
	prompt_open(prompt, "zz", PROMPT_COMMAND);
	type(prompt, "\t");
	tap_is_text(prompt_text(prompt), "zz", "nothing fits, nothing happens");
	prompt_open(prompt, "x \xC3\xA9", PROMPT_COMMAND);
	type(prompt, "\t");
	tap_is_text(prompt_text(prompt), "x \xC3\xA9t\xC3\xA9 ", "UTF-8 is completed");
	prompt_open(prompt, "", PROMPT_TEXT);
	type(prompt, "c\t");
	tap_is_text(prompt_text(prompt), "c", "other lines are not completed");
}

int
main(void)
{
	char path[] = "/tmp/pgrunbook-history-XXXXXX";
	struct error error = { 0 };
	int file = mkstemp(path);

	setlocale(LC_ALL, "C.UTF-8");
	/* Nobody looks at its terminal.  For others libtinfo forgets what tgetent
	 * trimmed, and valgrind says so. */
	setenv("TERM", "dumb", 1);
	if (file != -1)
		close(file);
	struct prompt *prompt = prompt_new(NULL, complete, NULL, &error);
	if (!tap_ok(prompt != NULL, "libedit runs without a terminal of its own")) {
		tap_diag("%s", error.message);
		return tap_done();
	}
	test_editing(prompt);
	test_utf8(prompt);
	test_ends(prompt);
	test_completion(prompt);
	prompt_free(prompt);
	test_history(path);
	unlink(path);
	return tap_done();
}
