#define NCURSES_WIDECHAR 1
#include "pgrunbook/view/term.h"

#include <curses.h>
#include <langinfo.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/text.h"

/*
 * Long enough for the rest of an arrow key to come in from a remote terminal, short
 * enough that Esc feels immediate.
 */
enum { TERM_ESCAPE_MS = 25 };

/* Key codes of our own for define_key.  Those of ncurses end at KEY_MAX, but from there
 * on it numbers what terminfo has of its own, such as Alt-Delete: some hundred keys. */
enum { TERM_PASTE_BEGIN = 0x4000, TERM_PASTE_END };

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

/* Roles on a terminal without colours: each differs by attribute or by its words. */
static const attr_t plain[ROLE_COUNT] = {
	[ROLE_DIM] = A_DIM,
	[ROLE_TITLE] = A_BOLD,
	[ROLE_FOCUS] = A_BOLD | A_REVERSE,
	[ROLE_HEADING] = A_UNDERLINE,
	[ROLE_KEY] = A_BOLD,
	[ROLE_BORDER] = A_DIM,
	[ROLE_WARNING] = A_BOLD,
	[ROLE_ALERT] = A_BOLD | A_REVERSE,
	[ROLE_PROTECTED] = A_BOLD | A_REVERSE,
	[ROLE_RELAXED] = A_UNDERLINE,
	[ROLE_MIGRATION] = A_BOLD | A_UNDERLINE,
	[ROLE_CURRENT] = A_BOLD,
	[ROLE_INPUT] = A_UNDERLINE,
};

/* Roles in colour; -1 is the terminal's own. */
static const struct {
	short foreground, background;
	attr_t attribute;
} coloured[ROLE_COUNT] = {
	[ROLE_TEXT] = { -1, -1, A_NORMAL },
	[ROLE_DIM] = { -1, -1, A_DIM },
	[ROLE_TITLE] = { -1, -1, A_BOLD },
	[ROLE_FOCUS] = { COLOR_CYAN, -1, A_BOLD | A_REVERSE },
	[ROLE_HEADING] = { COLOR_CYAN, -1, A_NORMAL },
	[ROLE_KEY] = { COLOR_CYAN, -1, A_BOLD },
	[ROLE_BORDER] = { -1, -1, A_DIM },
	[ROLE_GOOD] = { COLOR_GREEN, -1, A_NORMAL },
	[ROLE_WARNING] = { COLOR_YELLOW, -1, A_NORMAL },
	[ROLE_ALERT] = { COLOR_RED, -1, A_BOLD },
	[ROLE_PROTECTED] = { COLOR_WHITE, COLOR_RED, A_BOLD },
	[ROLE_RELAXED] = { COLOR_BLACK, COLOR_GREEN, A_NORMAL },
	[ROLE_MIGRATION] = { COLOR_MAGENTA, -1, A_BOLD },
	[ROLE_CURRENT] = { COLOR_GREEN, -1, A_BOLD },
	[ROLE_LANE] = { COLOR_BLUE, -1, A_NORMAL },
	[ROLE_INPUT] = { -1, -1, A_BOLD },
};

/*
 * What terminals send besides what terminfo says of them: the other cursor mode, and
 * pastes in brackets.
 */
static const struct {
	const char *sequence;
	int code;
} sequences[] = {
	{ "\033[A", KEY_UP },
	{ "\033[B", KEY_DOWN },
	{ "\033[C", KEY_RIGHT },
	{ "\033[D", KEY_LEFT },
	{ "\033[F", KEY_END },
	{ "\033[H", KEY_HOME },
	{ "\033OA", KEY_UP },
	{ "\033OB", KEY_DOWN },
	{ "\033OC", KEY_RIGHT },
	{ "\033OD", KEY_LEFT },
	{ "\033OF", KEY_END },
	{ "\033OH", KEY_HOME },
	{ "\033[1~", KEY_HOME },
	{ "\033[4~", KEY_END },
	{ "\033[200~", TERM_PASTE_BEGIN },
	{ "\033[201~", TERM_PASTE_END },
};

static const struct {
	int code;
	enum key_code key;
} keys[] = {
	{ KEY_UP, KEY_CODE_UP },
	{ KEY_DOWN, KEY_CODE_DOWN },
	{ KEY_LEFT, KEY_CODE_LEFT },
	{ KEY_RIGHT, KEY_CODE_RIGHT },
	{ KEY_PPAGE, KEY_CODE_PAGE_UP },
	{ KEY_NPAGE, KEY_CODE_PAGE_DOWN },
	{ KEY_HOME, KEY_CODE_HOME },
	{ KEY_END, KEY_CODE_END },
	{ KEY_DC, KEY_CODE_DELETE },
	{ KEY_BTAB, KEY_CODE_BACK_TAB },
	{ KEY_ENTER, KEY_CODE_ENTER },
	{ KEY_BACKSPACE, KEY_CODE_BACKSPACE },
	{ TERM_PASTE_BEGIN, KEY_CODE_PASTE_BEGIN },
	{ TERM_PASTE_END, KEY_CODE_PASTE_END },
};

/*
 * libedit asks terminfo about a terminal too, and both keep the answer in the same
 * global of libtinfo: whoever comes in says which one is meant.
 */
static void
term_use(struct term *term)
{
	set_term(term->screen);
}

static void
term_styles(struct term *term)
{
	for (int role = 0; role < ROLE_COUNT; role++) {
		if (!term->colour) {
			term->styles[role].attribute = plain[role];
			continue;
		}
		short pair = (short)(role + 1);
		init_pair(pair, coloured[role].foreground, coloured[role].background);
		term->styles[role] = (struct style){ coloured[role].attribute, pair };
	}
}

/* Modes that ncurses has no word for. */
static void
term_modes(struct term *term, bool on)
{
	if (!term->ecma)
		return;
	putp(on ? "\033[?2004h" : "\033[?2004l"); /* bracketed paste */
	fflush(stdout);
}

static void
term_take(struct term *term)
{
	raw();
	noecho();
	nonl();
	intrflush(stdscr, FALSE);
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	set_escdelay(TERM_ESCAPE_MS);
	curs_set(0);
	if (term->colour) {
		start_color();
		/* Without it -1 isn't a colour; the terminal's own are best anyway. */
		if (use_default_colors() == ERR)
			term->colour = false;
	}
	term_styles(term);
	for (size_t i = 0; i < sizeof(sequences) / sizeof(sequences[0]); i++)
		define_key(sequences[i].sequence, sequences[i].code);
	mouseinterval(0); /* a click is its press: waiting for a second one is slow */
	term->mouse = mousemask(BUTTON1_PRESSED | BUTTON1_CLICKED | BUTTON4_PRESSED |
					BUTTON5_PRESSED,
			      NULL) != 0;
	term_modes(term, true);
}

/* What the terminal must be; the rest shows once ncurses has read its type. */
static bool
term_check(const char *type, struct error *error)
{
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return error_set(error,
			"the console needs a terminal on standard input and output; "
			"without one use `pgrunbook status` or `pgrunbook locks`");
	if (type == NULL || *type == '\0')
		return error_set(error, "TERM is not set, so the console can't know "
					"how to draw; try TERM=xterm");
	return true;
}

static bool
term_open(struct term *term, const char *type, struct error *error)
{
	term->screen = newterm(type, stdout, stdin);
	if (term->screen == NULL)
		return error_set(error,
			"the terminal type TERM=%s is not known here; try TERM=xterm, "
			"or install ncurses-term",
			type);
	const char *move = tigetstr("cup");
	/* -1 is terminfo's word for "no such text", as a pointer */
	if (move == NULL || (intptr_t)move == -1) {
		endwin();
		delscreen(term->screen);
		return error_set(error,
			"the terminal type TERM=%s can't move its cursor, so nothing "
			"can be drawn on it; use `pgrunbook status`",
			type);
	}
	term->ecma = strncmp(move, "\033[", 2) == 0;
	return true;
}

struct term *
term_new(bool ascii, bool colour, struct error *error)
{
	const char *type = getenv("TERM");
	const char *no_color = getenv("NO_COLOR");

	if (!term_check(type, error))
		return NULL;
	struct term *term = alloc_zeroed(1, sizeof(*term));
	if (!term_open(term, type, error)) {
		free(term);
		return NULL;
	}
	term->ascii = ascii || strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
	term->colour =
		colour && (no_color == NULL || *no_color == '\0') && has_colors();
	term_take(term);
	term_resized(term);
	return term;
}

void
term_free(struct term *term)
{
	if (term == NULL)
		return;
	if (!term->gone)
		term_suspend(term);
	delscreen(term->screen);
	free(term->shown);
	free(term->line);
	free(term);
}

bool
term_ascii(const struct term *term)
{
	return term->ascii;
}

void
term_size(const struct term *term, int *rows, int *columns)
{
	(void)term;
	getmaxyx(stdscr, *rows, *columns);
}

void
term_resized(struct term *term)
{
	struct winsize size;

	term_use(term);
	/* A serial line knows no size: what terminfo says about it stays. */
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == -1 || size.ws_row == 0 ||
		size.ws_col == 0)
		return;
	/* Not resizeterm, which would send KEY_RESIZE to ourselves. */
	resize_term(size.ws_row, size.ws_col);
	term_redraw(term);
}

static bool
cell_same(const struct cell *a, const struct cell *b)
{
	return a->code == b->code && a->role == b->role && a->attribute == b->attribute;
}

/* False if something else had to stand in for the character: a '?' of one cell. */
static bool
term_make_cell(const struct term *term, const struct cell *cell, cchar_t *out)
{
	const struct style *style = &term->styles[cell->role];
	attr_t attribute = style->attribute;
	wchar_t text[2] = { (wchar_t)cell->code, L'\0' };

	if (cell->attribute & CELL_REVERSE)
		attribute ^= A_REVERSE;
	if (cell->attribute & CELL_BOLD)
		attribute |= A_BOLD;
	if (cell->attribute & CELL_UNDERLINE)
		attribute |= A_UNDERLINE;
	/* What the C library measures differently would push the row out of place. */
	bool known =
		cell->code <= 0x7E || wcwidth(text[0]) == text_width_of(cell->code);
	if (!known)
		text[0] = L'?';
	setcchar(out, text, attribute, style->pair, NULL);
	return known;
}

/* Sends a row from its first changed cell on; ncurses finds the end by itself. */
static void
term_show_row(struct term *term, const struct canvas *canvas, int row, int columns)
{
	const struct cell *cells = canvas_cell(canvas, row, 0);
	struct cell *shown = term->shown + (size_t)row * (size_t)columns;
	bool known = true;
	int first = 0;
	int count = 0;

	while (first < columns && cell_same(&cells[first], &shown[first]))
		first++;
	if (first == columns)
		return;
	if (cells[first].code == 0 && first > 0)
		first--;
	for (int column = first; column < columns; column++) {
		shown[column] = cells[column];
		/* The right half of a wide character is no cell of ncurses. */
		if (cells[column].code != 0)
			known = term_make_cell(
				term, &cells[column], &term->line[count]);
		else if (!known && count > 0)
			term->line[count] = term->line[count - 1];
		else
			continue;
		count++;
	}
	mvadd_wchnstr(row, first, term->line, count);
}

/* Room for what was sent; forgets it when the size is another one. */
static void
term_fit(struct term *term, int rows, int columns)
{
	if (term->shown != NULL && term->shown_rows == rows &&
		term->shown_columns == columns)
		return;
	free(term->shown);
	/* No canvas has such a cell, so all of them differ. */
	term->shown =
		alloc_zeroed((size_t)rows * (size_t)columns, sizeof(*term->shown));
	for (size_t i = 0; i < (size_t)rows * (size_t)columns; i++)
		term->shown[i].code = UINT32_MAX;
	term->shown_rows = rows;
	term->shown_columns = columns;
	if (term->line_columns < columns) {
		term->line =
			alloc_resize(term->line, (size_t)columns, sizeof(*term->line));
		term->line_columns = columns;
	}
}

void
term_show(struct term *term, const struct canvas *canvas)
{
	int rows, columns;

	term_use(term);
	getmaxyx(stdscr, rows, columns);
	/* The canvas follows a resize a moment later: its old size is cut. */
	if (rows > canvas_rows(canvas))
		rows = canvas_rows(canvas);
	if (columns > canvas_columns(canvas))
		columns = canvas_columns(canvas);
	term_fit(term, rows, columns);
	for (int row = 0; row < rows; row++)
		term_show_row(term, canvas, row, columns);
	int cursor = canvas_cursor_row(canvas);
	curs_set(cursor >= 0);
	if (cursor >= 0)
		move(cursor, canvas_cursor_column(canvas));
	refresh();
}

void
term_redraw(struct term *term)
{
	term_use(term);
	free(term->shown);
	term->shown = NULL;
	erase();
	clearok(stdscr, TRUE);
}

void
term_bell(struct term *term)
{
	term_use(term);
	beep();
}

/* Whether the descriptor is readable only because there will never be anything. */
static bool
term_hung_up(void)
{
	struct pollfd poll_in = { .fd = STDIN_FILENO, .events = POLLIN };
	int there = 0;

	if (poll(&poll_in, 1, 0) <= 0)
		return false;
	if (poll_in.revents & (POLLHUP | POLLERR | POLLNVAL))
		return true;
	return ioctl(STDIN_FILENO, FIONREAD, &there) == 0 && there == 0;
}

static void
term_unread(struct term *term, wint_t code, bool function)
{
	term->pending = code;
	term->pending_function = function;
	term->has_pending = true;
}

/*
 * One character or function key; false: none.  *function says which of the two.  Not by
 * get_wch: after a byte that is no UTF-8, such as a Latin-1 terminal sends, it eats the
 * keys that follow, Esc and all.
 */
static bool
term_read(struct term *term, wint_t *code, bool *function)
{
	size_t used;

	*function = false;
	if (term->has_pending) {
		term->has_pending = false;
		*function = term->pending_function;
		*code = term->pending;
		return true;
	}
	do {
		int got = getch();
		bool more = got >= 0x80 && got < 0xC0;

		if (got == ERR)
			return false; /* the rest of a character may come yet */
		if (got >= KEY_MIN && term->part_length == 0) {
			*function = true;
			*code = (wint_t)got;
			return true;
		}
		if (term->part_length != 0 && !more) {
			term_unread(term, (wint_t)got, got >= KEY_MIN);
			break;
		}
		term->part[term->part_length++] = (char)got;
	} while (term->part_length < text_expects(term->part[0]));
	*code = text_decode(term->part, term->part_length, &used);
	term->part_length = 0;
	return true;
}

/*
 * After an Esc that begins no sequence that terminfo knows.  A sequence all the same
 * (Ctrl-Up, a function key of another terminal) is swallowed whole: its letters would
 * otherwise act as keys.  One that breaks off swallows nothing that follows: that may
 * be the mark of a paste, or the Esc that is to lead out.
 */
static uint32_t
term_escape(struct term *term)
{
	wint_t code;
	bool function;

	if (!term_read(term, &code, &function))
		return KEY_CODE_ESCAPE;
	if (function || (code != 'O' && code != '[')) { /* Esc, and at once a key */
		term_unread(term, code, function);
		return KEY_CODE_ESCAPE;
	}
	bool one = code == 'O';
	while (term_read(term, &code, &function)) {
		if (function || code < ' ' || code > '~') {
			term_unread(term, code, function);
			break;
		}
		if (one || code >= '@')
			break;
	}
	return KEY_CODE_UNKNOWN;
}

static uint32_t
term_mouse(struct key *key)
{
	MEVENT event;

	if (getmouse(&event) == ERR)
		return KEY_CODE_UNKNOWN;
	key->row = event.y;
	key->column = event.x;
	if (event.bstate & BUTTON4_PRESSED)
		return KEY_CODE_WHEEL_UP;
	if (event.bstate & BUTTON5_PRESSED)
		return KEY_CODE_WHEEL_DOWN;
	if (event.bstate & (BUTTON1_PRESSED | BUTTON1_CLICKED))
		return KEY_CODE_CLICK;
	return KEY_CODE_UNKNOWN;
}

static uint32_t
term_function(wint_t code, struct key *key)
{
	if (code == KEY_MOUSE)
		return term_mouse(key);
	if (code == KEY_RESIZE)
		return KEY_CODE_RESIZE; /* SIGWINCH says so too, and is acted on */
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if ((wint_t)keys[i].code == code)
			return keys[i].key;
	}
	return KEY_CODE_UNKNOWN;
}

bool
term_key(struct term *term, struct key *key)
{
	wint_t code;
	bool function;

	term_use(term);
	*key = (struct key){ 0 };
	if (term->gone || !term_read(term, &code, &function)) {
		term->gone = term->gone || term_hung_up();
		return false;
	}
	if (function)
		key->code = term_function(code, key);
	else if (code == KEY_CODE_ESCAPE)
		key->code = term_escape(term);
	else if (code == '\r')
		key->code = KEY_CODE_ENTER;
	else if (code == '\b')
		key->code = KEY_CODE_BACKSPACE;
	else
		key->code =
			code == TEXT_REPLACEMENT ? KEY_CODE_UNKNOWN : (uint32_t)code;
	return true;
}

void
term_flush_input(struct term *term)
{
	term_use(term);
	term->has_pending = false;
	term->part_length = 0;
	flushinp();
}

bool
term_gone(const struct term *term)
{
	return term->gone;
}

void
term_suspend(struct term *term)
{
	term_use(term);
	term_modes(term, false);
	curs_set(1);
	endwin();
}

void
term_resume(struct term *term)
{
	term_use(term);
	refresh(); /* takes the terminal's modes back */
	term_modes(term, true);
	term_resized(term);
	term_redraw(term);
}
