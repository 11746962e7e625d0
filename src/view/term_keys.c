/* Keys and the mouse. */
#include "src/view/term_parts.h"

#include <limits.h>
#include <poll.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "pgrunbook/base/text.h"
#include "pgrunbook/view/mouse_report.h"

/*
 * Long enough for the rest of an arrow key to come in from a remote terminal, short
 * enough that Esc feels immediate.
 */
enum { TERM_ESCAPE_MS = 25 };

/* Of a sequence that is looked at; a longer one says nothing to us. */
enum { SEQUENCE_LONGEST = 32 };

/* Key codes of our own for define_key.  Those of ncurses end at KEY_MAX, but from there
 * on it numbers what terminfo has of its own, such as Alt-Delete: some hundred keys. */
enum { TERM_PASTE_BEGIN = 0x4000, TERM_PASTE_END };

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

void
term_keys_define(struct term *term)
{
	set_escdelay(TERM_ESCAPE_MS);
	for (size_t i = 0; i < sizeof(sequences) / sizeof(sequences[0]); i++)
		define_key(sequences[i].sequence, sequences[i].code);
	/* ncurses makes one event of all that it finds waiting: clicks get lost. */
	const char *mouse = tigetstr("kmous");
	term->mouse = term->ecma && mouse != NULL && (intptr_t)mouse != -1;
	if (term->mouse)
		define_key(mouse, 0);
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

/* Further bytes of what has begun; the network may bring them one by one. */
static bool
term_read_on(struct term *term, wint_t *code, bool *function)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };

	if (term_read(term, code, function))
		return true;
	return poll(&input, 1, TERM_ESCAPE_MS) > 0 && term_read(term, code, function);
}

/* The older form of a mouse report; its bytes are no characters. */
static bool
term_mouse_bytes(struct key *key)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
	unsigned char bytes[3];

	for (int i = 0; i < 3; i++) {
		int got = getch();

		if (got == ERR && poll(&input, 1, TERM_ESCAPE_MS) > 0)
			got = getch();
		if (got < ' ' || got > UCHAR_MAX)
			return false;
		bytes[i] = (unsigned char)got;
	}
	return mouse_report_bytes(bytes, key);
}

/*
 * After an Esc that begins no sequence that terminfo knows: false if it is one that
 * says nothing to us.  A sequence (Ctrl-Up, a function key of another terminal, the
 * mouse) is swallowed whole: its letters would otherwise act as keys.  One that breaks
 * off swallows nothing that follows: that may be the mark of a paste, or the Esc that
 * is to lead out.
 */
static bool
term_escape(struct term *term, struct key *key)
{
	char text[SEQUENCE_LONGEST] = "";
	size_t length = 0;
	wint_t code;
	bool function;

	key->code = KEY_CODE_ESCAPE;
	if (!term_read(term, &code, &function))
		return true;
	if (function || (code != 'O' && code != '[')) { /* Esc, and at once a key */
		term_unread(term, code, function);
		return true;
	}
	key->code = KEY_CODE_UNKNOWN;
	bool one = code == 'O';
	while (term_read_on(term, &code, &function)) {
		if (function || code < ' ' || code > '~') {
			term_unread(term, code, function);
			break;
		}
		if (!one && code == 'M' && length == 0)
			return term_mouse_bytes(key);
		if (!one && code >= '@' && text[0] == '<')
			return mouse_report_sgr(text + 1, (char)code, key);
		if (one || code >= '@')
			break;
		if (length + 1 < sizeof(text))
			text[length++] = (char)code;
	}
	return true;
}

static uint32_t
term_function(wint_t code)
{
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
	bool function, said;

	term_use(term);
	do {
		*key = (struct key){ 0 };
		if (term->gone || !term_read(term, &code, &function)) {
			term->gone = term->gone || term_hung_up();
			return false;
		}
		said = true;
		if (function)
			key->code = term_function(code);
		else if (code == KEY_CODE_ESCAPE)
			said = term_escape(term, key);
		else if (code == '\r')
			key->code = KEY_CODE_ENTER;
		else if (code == '\b')
			key->code = KEY_CODE_BACKSPACE;
		else
			key->code = code == TEXT_REPLACEMENT ? KEY_CODE_UNKNOWN
							     : (uint32_t)code;
	} while (!said);
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
