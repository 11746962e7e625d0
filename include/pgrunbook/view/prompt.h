/*
 * The line that is typed: libedit's editing, history and key bindings on a pseudo
 * terminal of its own, so that ncurses keeps the real one; the line is drawn by us. The
 * only place that knows libedit.
 */
#ifndef PGRUNBOOK_VIEW_PROMPT_H
#define PGRUNBOOK_VIEW_PROMPT_H

#include <stdbool.h>
#include <stddef.h>

#include "pgrunbook/base/error.h"
#include "pgrunbook/base/key.h"
#include "pgrunbook/base/strlist.h"

struct prompt;

/* What the line is for: each kind has its own history, and text has none. */
enum prompt_kind { PROMPT_TEXT, PROMPT_COMMAND, PROMPT_SEARCH };

enum prompt_state { PROMPT_EDITING, PROMPT_ENTERED, PROMPT_LEFT };

/*
 * `history` is the file that keeps the command history (NULL: none; its directory must
 * be there, one that can't be written is passed over).  `complete` (may be NULL) adds
 * to `candidates` what could stand in place of the word that ends at the cursor; `line`
 * is the text up to there and `word` that word's start within it.
 */
struct prompt *prompt_new(const char *history,
	void (*complete)(void *context, const char *line, size_t word,
		struct strlist *candidates),
	void *context, struct error *error);
void prompt_free(struct prompt *prompt);

/*
 * Begins a line with `text` in it.  Commands are completed and kept in the history's
 * file; what was searched for is remembered until the console is left.
 */
void prompt_open(struct prompt *prompt, const char *text, enum prompt_kind kind);
/*
 * One key.  Esc and ^C leave, so does Backspace on an empty command or search; Enter
 * enters.  A
 * paste is typed as one line: its line breaks become blanks.  The text is UTF-8.
 */
enum prompt_state prompt_key(struct prompt *prompt, const struct key *key);
const char *prompt_text(const struct prompt *prompt);
size_t prompt_cursor(const struct prompt *prompt); /* in bytes */
/* After a Tab that could not decide: the candidates; empty otherwise. */
const struct strlist *prompt_candidates(const struct prompt *prompt);

#endif
