/*
 * The terminal: the only place that knows ncurses.  Carries a canvas to the screen and
 * gives keys.  The locale must be set (setlocale) before.
 */
#ifndef PGRUNBOOK_VIEW_TERM_H
#define PGRUNBOOK_VIEW_TERM_H

#include <stdbool.h>

#include "pgrunbook/base/canvas.h"
#include "pgrunbook/base/error.h"
#include "pgrunbook/base/key.h"

struct term;

/*
 * Takes over the terminal on standard input and output.  `ascii` draws without
 * non-ASCII characters (it is also chosen where the locale has no UTF-8), `colour` may
 * be forced off; NO_COLOR and terminals without colours do the same.  NULL with an
 * error if there is no terminal or its type isn't known; nothing was written then.
 */
struct term *term_new(bool ascii, bool colour, struct error *error);
/* Gives the terminal back as it was. */
void term_free(struct term *term);

bool term_ascii(const struct term *term);
void term_size(const struct term *term, int *rows, int *columns);
/* After SIGWINCH: asks for the new size. */
void term_resized(struct term *term);

/* Only the cells that changed are sent. */
void term_show(struct term *term, const struct canvas *canvas);
/* Everything is sent with the next term_show. */
void term_redraw(struct term *term);
void term_bell(struct term *term);

/*
 * The next key that is already there; false when there is none.  Never waits longer
 * than it takes to tell Esc from an escape sequence (25 ms).  ^C, ^Z and ^\ are keys,
 * not signals.  What the mouse does beside a press of its first button and a turn of
 * its wheel is no key.
 */
bool term_key(struct term *term, struct key *key);
/* Throws away what was typed and not read yet. */
void term_flush_input(struct term *term);
/*
 * Whether the terminal hung up, known once term_key returned false: its descriptor then
 * stays readable for ever, so stop watching it.
 */
bool term_gone(const struct term *term);

/* Gives the terminal back for a while (Ctrl-Z, an interactive command) and takes it
 * again. */
void term_suspend(struct term *term);
void term_resume(struct term *term);

#endif
