#include "pgrunbook/view/prompt.h"

#include <errno.h>
#include <fcntl.h>
#include <histedit.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/base/text.h"

/* A typed line is for people; what is longer came from a paste gone wrong. */
enum { PROMPT_HISTORY = 500, PROMPT_CHARACTERS = 4000 };

struct prompt {
	EditLine *edit;
	HistoryW *history;  /* of commands */
	HistoryW *searches; /* of what was looked for */
	HistoryW *nothing;  /* of other lines: empty for ever */
	char *history_path; /* NULL: the history lives in memory only */
	void (*complete)(void *context, const char *line, size_t word,
		struct strlist *candidates);
	void *context;
	FILE *terminal; /* libedit's: the slave of a pty that nobody looks at */
	int master;
	wchar_t next; /* the key that libedit will read; 0: none */
	enum prompt_kind kind;
	bool pasting;
	struct str text;
	size_t cursor;
	struct strlist candidates;
};

/* libedit asks for a key: there is one, or the line has to wait for the loop. */
static int
prompt_next(EditLine *edit, wchar_t *out)
{
	void *data;

	el_wget(edit, EL_CLIENTDATA, &data);
	struct prompt *prompt = data;
	if (prompt->next == 0)
		return 0;
	*out = prompt->next;
	prompt->next = 0;
	return 1;
}

static wchar_t *
prompt_label(EditLine *edit)
{
	static wchar_t none[] = L"";

	(void)edit;
	return none; /* the label is drawn by the footer */
}

/* What libedit drew for itself must not fill up the pseudo terminal. */
static void
prompt_drain(struct prompt *prompt)
{
	char bytes[4096];
	ssize_t got;

	fflush(prompt->terminal);
	do {
		got = read(prompt->master, bytes, sizeof(bytes));
	} while (got > 0 || (got == -1 && errno == EINTR));
	clearerr(prompt->terminal);
}

static bool
prompt_open_terminal(struct prompt *prompt, struct error *error)
{
	struct winsize size = { .ws_row = 24, .ws_col = 200 };
	int slave;

	if (openpty(&prompt->master, &slave, NULL, NULL, &size) == -1)
		return error_set(error,
			"cannot open a pseudo terminal for the command line: %s",
			strerror(errno));
	fcntl(prompt->master, F_SETFD, FD_CLOEXEC);
	fcntl(slave, F_SETFD, FD_CLOEXEC);
	fcntl(prompt->master, F_SETFL, O_NONBLOCK);
	/* A long line may draw more than the pty holds: drop it rather than wait. */
	fcntl(slave, F_SETFL, O_RDWR | O_NONBLOCK);
	prompt->terminal = fdopen(slave, "r+");
	if (prompt->terminal == NULL) {
		close(slave);
		return error_set(
			error, "cannot use a pseudo terminal: %s", strerror(errno));
	}
	return true;
}

static HistoryW *
prompt_make_history(int size)
{
	HistoryW *history = history_winit();
	HistEventW event;

	if (history == NULL)
		abort(); /* out of memory, as in base/alloc.c */
	history_w(history, &event, H_SETSIZE, size);
	history_w(history, &event, H_SETUNIQUE, 1);
	return history;
}

static bool
prompt_open_edit(struct prompt *prompt, struct error *error)
{
	prompt->edit = el_init(
		"pgrunbook", prompt->terminal, prompt->terminal, prompt->terminal);
	if (prompt->edit == NULL)
		return error_set(error, "libedit can't start on TERM=%s",
			getenv("TERM") == NULL ? "" : getenv("TERM"));
	el_wset(prompt->edit, EL_CLIENTDATA, prompt);
	el_wset(prompt->edit, EL_GETCFN, prompt_next);
	el_wset(prompt->edit, EL_SIGNAL, 0);
	el_wset(prompt->edit, EL_EDITOR, L"emacs");
	el_wset(prompt->edit, EL_PROMPT, prompt_label);
	el_wset(prompt->edit, EL_BIND, L"^D", L"ed-delete-next-char", NULL);
	el_wset(prompt->edit, EL_BIND, L"^W", L"ed-delete-prev-word", NULL);
	el_wset(prompt->edit, EL_BIND, L"^U", L"vi-kill-line-prev", NULL);
	return true;
}

struct prompt *
prompt_new(const char *history,
	void (*complete)(void *context, const char *line, size_t word,
		struct strlist *candidates),
	void *context, struct error *error)
{
	struct prompt *prompt = alloc_zeroed(1, sizeof(*prompt));
	HistEventW event;

	prompt->master = -1;
	prompt->complete = complete;
	prompt->context = context;
	prompt->history_path = alloc_copy(history);
	prompt->history = prompt_make_history(PROMPT_HISTORY);
	prompt->searches = prompt_make_history(PROMPT_HISTORY);
	prompt->nothing = prompt_make_history(1);
	if (!prompt_open_terminal(prompt, error) || !prompt_open_edit(prompt, error)) {
		prompt_free(prompt);
		return NULL;
	}
	if (history != NULL)
		history_w(prompt->history, &event, H_LOAD, history);
	prompt_drain(prompt);
	return prompt;
}

void
prompt_free(struct prompt *prompt)
{
	if (prompt == NULL)
		return;
	if (prompt->edit != NULL)
		el_end(prompt->edit);
	history_wend(prompt->history);
	history_wend(prompt->searches);
	history_wend(prompt->nothing);
	if (prompt->terminal != NULL)
		fclose(prompt->terminal);
	if (prompt->master != -1)
		close(prompt->master);
	free(prompt->history_path);
	str_free(&prompt->text);
	strlist_free(&prompt->candidates);
	free(prompt);
}

/* Takes text and cursor over from libedit. */
static void
prompt_read_back(struct prompt *prompt)
{
	const LineInfoW *line = el_wline(prompt->edit);

	str_clear(&prompt->text);
	prompt->cursor = 0;
	for (const wchar_t *at = line->buffer; at < line->lastchar; at++) {
		char encoded[4];

		if (at == line->cursor)
			prompt->cursor = prompt->text.length;
		if (*at == L'\n')
			break;
		str_add_bytes(
			&prompt->text, encoded, text_encode((uint32_t)*at, encoded));
	}
	if (line->cursor >= line->lastchar)
		prompt->cursor = prompt->text.length;
	prompt_drain(prompt);
}

static void
prompt_insert(struct prompt *prompt, const char *text)
{
	size_t length = strlen(text);

	for (size_t i = 0, used; i < length; i += used) {
		uint32_t code = text_decode(text + i, length - i, &used);
		wchar_t wide[2] = { (wchar_t)code, L'\0' };
		const LineInfoW *line = el_wline(prompt->edit);

		if (line->lastchar - line->buffer < PROMPT_CHARACTERS)
			el_winsertstr(prompt->edit, wide);
	}
}

void
prompt_open(struct prompt *prompt, const char *text, enum prompt_kind kind)
{
	HistoryW *const histories[] = {
		[PROMPT_TEXT] = prompt->nothing,
		[PROMPT_COMMAND] = prompt->history,
		[PROMPT_SEARCH] = prompt->searches,
	};

	prompt->kind = kind;
	prompt->pasting = false;
	prompt->next = 0;
	strlist_free(&prompt->candidates);
	el_wset(prompt->edit, EL_HIST, history_w, histories[kind]);
	/* Switching it on is what begins an empty line. */
	el_wset(prompt->edit, EL_UNBUFFERED, 0);
	el_wset(prompt->edit, EL_UNBUFFERED, 1);
	prompt_insert(prompt, text);
	prompt_read_back(prompt);
}

/* One key through libedit's map. */
static void
prompt_edit(struct prompt *prompt, wchar_t key)
{
	int count;

	prompt->next = key;
	el_wgets(prompt->edit, &count);
	prompt->next = 0;
	prompt_read_back(prompt);
}

/*
 * Reads the file again before it is written: another console may have added to it.
 */
static void
prompt_remember(struct prompt *prompt)
{
	HistEventW event;
	size_t length = prompt->text.length;
	bool kept = prompt->kind == PROMPT_COMMAND && prompt->history_path != NULL;

	if (prompt->kind == PROMPT_TEXT || length == 0)
		return;
	if (kept) {
		history_w(prompt->history, &event, H_CLEAR);
		history_w(prompt->history, &event, H_LOAD, prompt->history_path);
	}
	wchar_t *line = alloc_zeroed(length + 1, sizeof(*line));
	for (size_t i = 0, used, at = 0; i < length; i += used)
		line[at++] =
			(wchar_t)text_decode(prompt->text.bytes + i, length - i, &used);
	history_w(prompt->kind == PROMPT_COMMAND ? prompt->history : prompt->searches,
		&event, H_ENTER, line);
	free(line);
	if (kept)
		history_w(prompt->history, &event, H_SAVE, prompt->history_path);
}

/* Bytes that all candidates begin with; whole characters only. */
static size_t
prompt_common(const struct strlist *candidates)
{
	size_t common = strlen(candidates->items[0]);

	for (size_t i = 1; i < candidates->count; i++) {
		size_t same = 0;

		while (same < common &&
			candidates->items[i][same] == candidates->items[0][same])
			same++;
		common = same;
	}
	while (common > 0 &&
		((unsigned char)candidates->items[0][common] & 0xC0) == 0x80)
		common--;
	return common;
}

static void
prompt_complete(struct prompt *prompt)
{
	char *line = alloc_copy_bytes(str_text(&prompt->text), prompt->cursor);
	size_t word = prompt->cursor;
	struct strlist candidates = { 0 };

	while (word > 0 && line[word - 1] != ' ')
		word--;
	prompt->complete(prompt->context, line, word, &candidates);
	if (candidates.count != 0) {
		size_t typed = prompt->cursor - word;
		size_t common = prompt_common(&candidates);
		char *rest = alloc_copy_bytes(candidates.items[0], common);

		if (common > typed && strncmp(rest, line + word, typed) == 0)
			prompt_insert(prompt, rest + typed);
		if (candidates.count == 1 && common >= typed)
			prompt_insert(prompt, " ");
		else if (candidates.count > 1 && common <= typed)
			strlist_copy(&prompt->candidates, &candidates);
		free(rest);
	}
	strlist_free(&candidates);
	free(line);
	prompt_read_back(prompt);
}

/* The control key that libedit knows a key by; 0: none, and nothing happens. */
static wchar_t
prompt_control(uint32_t code)
{
	switch (code) {
	case KEY_CODE_UP:
	case 'P' - '@':
		return 'P' - '@';
	case KEY_CODE_DOWN:
	case 'N' - '@':
		return 'N' - '@';
	case KEY_CODE_LEFT:
	case 'B' - '@':
		return 'B' - '@';
	case KEY_CODE_RIGHT:
	case 'F' - '@':
		return 'F' - '@';
	case KEY_CODE_HOME:
	case 'A' - '@':
		return 'A' - '@';
	case KEY_CODE_END:
	case 'E' - '@':
		return 'E' - '@';
	case KEY_CODE_DELETE:
	case 'D' - '@':
		return 'D' - '@';
	case KEY_CODE_BACKSPACE:
		return 0x7F;
	case 'K' - '@':
	case 'T' - '@':
	case 'U' - '@':
	case 'W' - '@':
	case 'Y' - '@':
		return (wchar_t)code;
	default: /* a quoted insert or a search would wait for keys in libedit */
		return 0;
	}
}

static void
prompt_type(struct prompt *prompt, uint32_t code)
{
	char encoded[5] = { 0 };

	text_encode(code, encoded);
	/* libedit's map ends at 255, and what it does above 127 depends on the locale.
	 */
	if (code > 0x7E || prompt->pasting) {
		prompt_insert(prompt, encoded);
		prompt_read_back(prompt);
		return;
	}
	if (prompt->text.length < PROMPT_CHARACTERS)
		prompt_edit(prompt, (wchar_t)code);
}

enum prompt_state
prompt_key(struct prompt *prompt, const struct key *key)
{
	uint32_t code = key->code;

	strlist_free(&prompt->candidates);
	if (code == KEY_CODE_PASTE_BEGIN || code == KEY_CODE_PASTE_END)
		prompt->pasting = code == KEY_CODE_PASTE_BEGIN;
	if (code == 'C' - '@')
		return PROMPT_LEFT;
	if (prompt->pasting && (code == KEY_CODE_ENTER || code == KEY_CODE_TAB))
		code = ' ';
	if (code == KEY_CODE_ESCAPE)
		return prompt->pasting ? PROMPT_EDITING : PROMPT_LEFT;
	if (code == KEY_CODE_ENTER) {
		prompt_remember(prompt);
		return PROMPT_ENTERED;
	}
	if (code == KEY_CODE_BACKSPACE && prompt->kind != PROMPT_TEXT &&
		prompt->text.length == 0)
		return prompt->pasting ? PROMPT_EDITING : PROMPT_LEFT;
	if (code == KEY_CODE_TAB) {
		if (prompt->kind == PROMPT_COMMAND && prompt->complete != NULL)
			prompt_complete(prompt);
	} else if (code < KEY_CODE_UP && code >= ' ' && text_width_of(code) >= 0) {
		prompt_type(prompt, code);
	} else if (prompt_control(code) != 0) {
		prompt_edit(prompt, prompt_control(code));
	}
	return PROMPT_EDITING;
}

const char *
prompt_text(const struct prompt *prompt)
{
	return str_text(&prompt->text);
}

size_t
prompt_cursor(const struct prompt *prompt)
{
	return prompt->cursor;
}

const struct strlist *
prompt_candidates(const struct prompt *prompt)
{
	return &prompt->candidates;
}
