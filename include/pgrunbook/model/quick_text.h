/*
 * Moving over Python's text without making tokens of it: what model/script_quick.h is
 * made of.  Each function begins where the reader stands and leaves it behind what it
 * was told to pass; where one says false, the long way must be gone.
 */
#ifndef PGRUNBOOK_MODEL_QUICK_TEXT_H
#define PGRUNBOOK_MODEL_QUICK_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct quick_text {
	const char *start, *at, *end;
	int line; /* from 1 */
};

static inline bool
quick_is(const char *name, size_t length, const char *word)
{
	return strlen(word) == length && memcmp(name, word, length) == 0;
}

/* The next byte; '\n' at the end, which ends a line as well. */
static inline char
quick_peek(const struct quick_text *text)
{
	return text->at < text->end ? *text->at : '\n';
}

/* Passes the byte, if it is the next one. */
static inline bool
quick_takes(struct quick_text *text, char byte)
{
	bool there = text->at < text->end && *text->at == byte;

	text->at += there;
	return there;
}

bool quick_is_quote(const struct quick_text *text);

/* Returns the length of the name that it passes; 0 if there is none. */
size_t quick_name(struct quick_text *text);
/* Blanks and tabs. */
void quick_blanks(struct quick_text *text);
/* The newline, if the line ends here but for blanks and a comment. */
bool quick_line_end(struct quick_text *text);
/* Whether quick_line_end would say true; doesn't move. */
bool quick_ends(const struct quick_text *text);
/*
 * A string without a prefix; [*start, *start + *length) is what it says, if `plain`:
 * without a backslash.
 */
bool quick_string(
	struct quick_text *text, const char **start, size_t *length, bool *plain);

/*
 * The rest of a logical line of a function's body, with its newline.  What a body does
 * binds nothing before somebody calls it, and only two names in it say something all
 * the same: `global` and `autocommit_block`.  Where one stands it says false.
 */
bool quick_skip_line(struct quick_text *text);

#endif
