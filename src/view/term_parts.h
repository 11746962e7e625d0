/* What the files of the terminal share: term.c (the screen), term_keys.c (the keys). */
#ifndef PGRUNBOOK_SRC_VIEW_TERM_PARTS_H
#define PGRUNBOOK_SRC_VIEW_TERM_PARTS_H

#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <stdbool.h>
#include <stddef.h>

#include "pgrunbook/view/term.h"

struct style {
	attr_t attribute;
	short pair;
};

struct term {
	SCREEN *screen;
	bool ascii, colour, mouse, gone;
	bool ecma;	/* understands CSI private modes, at least by ignoring them */
	wint_t pending; /* a key that was read ahead */
	bool has_pending, pending_function;
	char part[4]; /* of a character whose other bytes have not come yet */
	size_t part_length;
	struct style styles[ROLE_COUNT];
	struct cell *shown; /* what was sent last; NULL: nothing is known */
	int shown_rows, shown_columns;
	cchar_t *line; /* one row on its way to ncurses */
	int line_columns;
};

/*
 * libedit asks terminfo about a terminal too, and both keep the answer in the same
 * global of libtinfo: whoever comes in says which one is meant.
 */
void term_use(struct term *term);
/* Tells ncurses of the sequences that are keys here. */
void term_keys_define(struct term *term);

#endif
