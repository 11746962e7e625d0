#include "src/view/term_parts.h"

#include <langinfo.h>
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

void
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
	if (term->mouse)
		putp(on ? "\033[?1000h\033[?1006h" : "\033[?1006l\033[?1000l");
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
	curs_set(0);
	if (term->colour) {
		start_color();
		/* Without it -1 isn't a colour; the terminal's own are best anyway. */
		if (use_default_colors() == ERR)
			term->colour = false;
	}
	term_styles(term);
	term_keys_define(term);
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
