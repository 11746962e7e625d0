#include "pgrunbook/app/ask.h"

#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "tests/tap/tap.h"

enum { LATER_US = 1000000 };

static enum ask_answer
press(struct ask *ask, uint32_t code, int64_t now_us)
{
	struct key key = { .code = code };
	char choice;

	return ask_key(ask, &key, now_us, &choice);
}

static struct ask
opened(enum ask_kind kind, uint32_t held)
{
	struct ask slot = { 0 };
	struct ask ask = {
		.purpose = ASK_STEP,
		.kind = kind,
		.title = alloc_copy("Really?"),
		.phrase = alloc_copy("billing 0014"),
		.choices = { { 'r', "retry" }, { 's', "skip" } },
	};

	ask_open(&slot, &ask, held, 0);
	ask_show(&slot, 0);
	return slot;
}

static void
type(struct ask *ask, const char *text, int64_t now_us)
{
	for (; *text != '\0'; text++)
		press(ask, (unsigned char)*text, now_us);
}

static void
test_yes(void)
{
	struct ask ask = opened(ASK_YES, 'x');

	tap_is_int(press(&ask, 'y', ASK_GUARD_US - 1), ASK_PENDING,
		"a key in the first 300 ms is no answer");
	tap_is_int(
		press(&ask, 'q', LATER_US), ASK_PENDING, "another key is none either");
	tap_is_int(press(&ask, 'y', LATER_US), ASK_ACCEPTED, "y is yes");
	tap_is_int(press(&ask, KEY_CODE_ENTER, LATER_US), ASK_NO, "Enter alone is No");
	tap_is_int(press(&ask, KEY_CODE_ESCAPE, 1), ASK_NO, "Esc leaves at any time");
	ask_close(&ask);
}

static void
test_held(void)
{
	struct ask ask = opened(ASK_YES, KEY_CODE_ENTER);
	int64_t now = 0;
	bool pending = true;

	/* A keyboard's repeats: first after half a second, then 30 a second. */
	for (now = 500000; now < 5000000; now += 33000)
		pending = pending && press(&ask, KEY_CODE_ENTER, now) == ASK_PENDING;
	tap_ok(pending,
		"the repeats of the key that opened the question are no answer");
	tap_is_int(press(&ask, KEY_CODE_ENTER, now + ASK_REPEAT_US), ASK_NO,
		"once it was let go of, it is");
	ask_close(&ask);
}

static void
test_paste(void)
{
	struct ask ask = opened(ASK_TYPED, 'x');

	press(&ask, KEY_CODE_PASTE_BEGIN, LATER_US);
	type(&ask, "billing 0014", LATER_US);
	tap_is_int(press(&ask, KEY_CODE_ENTER, LATER_US), ASK_PENDING,
		"an Enter within a paste is no answer");
	press(&ask, KEY_CODE_PASTE_END, LATER_US);
	tap_is_text(str_text(&ask.typed), "", "a pasted phrase doesn't count");
	tap_ok(ask.complaint != NULL, "and the question says so");
	ask_close(&ask);
}

static void
test_typed(void)
{
	struct ask ask = opened(ASK_TYPED, 'x');

	type(&ask, "billing 0015", LATER_US);
	tap_is_int(press(&ask, KEY_CODE_ENTER, LATER_US), ASK_PENDING,
		"a wrong phrase is not accepted");
	tap_ok(ask.complaint != NULL && ask.typed.length == 0,
		"it is said so, and the line is empty again");
	type(&ask, "billing 001\xC3", LATER_US);
	press(&ask, KEY_CODE_BACKSPACE, LATER_US);
	type(&ask, "4", LATER_US);
	tap_is_text(
		str_text(&ask.typed), "billing 0014", "backspace takes a character");
	tap_is_int(press(&ask, KEY_CODE_ENTER, LATER_US), ASK_ACCEPTED,
		"the phrase to the letter is accepted");
	press(&ask, 'U' - '@', LATER_US);
	tap_is_text(str_text(&ask.typed), "", "^U empties the line");
	tap_is_int(
		press(&ask, KEY_CODE_ENTER, LATER_US), ASK_NO, "nothing typed is No");
	ask_close(&ask);
}

static void
test_choice(void)
{
	struct ask ask = opened(ASK_CHOICE, 'x');
	struct key key = { .code = 's' };
	char choice;

	tap_is_int(press(&ask, 'y', LATER_US), ASK_PENDING, "y is none of the choices");
	tap_is_int(ask_key(&ask, &key, LATER_US, &choice), ASK_ACCEPTED, "s is");
	tap_is_int(choice, 's', "and is told");
	ask_close(&ask);
}

static void
test_unseen(void)
{
	struct ask slot = { 0 };
	struct ask ask = { .purpose = ASK_STEP, .kind = ASK_YES };

	/* It came by itself, a while after the clock was looked at. */
	ask_open(&slot, &ask, KEY_CODE_UNKNOWN, 0);
	tap_is_int(press(&slot, 'y', LATER_US), ASK_PENDING,
		"nothing answers a question that isn't on screen yet");
	tap_is_int(press(&slot, KEY_CODE_ESCAPE, LATER_US), ASK_PENDING,
		"not even with No");
	ask_show(&slot, LATER_US);
	tap_is_int(press(&slot, 'n', LATER_US + ASK_GUARD_US - 1), ASK_PENDING,
		"its first 300 ms begin when it is shown");
	ask_show(&slot, 2 * LATER_US);
	tap_is_int(press(&slot, 'y', 2 * LATER_US), ASK_ACCEPTED, "and only once");
	ask_close(&slot);
}

static void
test_odd_names(void)
{
	struct ask slot = { 0 };
	struct ask ask = {
		.purpose = ASK_STEP,
		.kind = ASK_TYPED,
		.phrase = alloc_copy("caf\xC3\xA9 'x\" e\xCC\x81 a\nb\xFF 0014"),
	};
	const uint32_t keys[] = { 'c', 'a', 'f', 0xE9, ' ', '\'', 'x', '"', ' ', 'e',
		0x301, ' ', 'a', ' ', 'b', '?', ' ', '0', '0', '1', '4' };

	ask_open(&slot, &ask, KEY_CODE_UNKNOWN, 0);
	ask_show(&slot, 0);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		press(&slot, keys[i], LATER_US);
	tap_is_int(press(&slot, KEY_CODE_ENTER, LATER_US), ASK_ACCEPTED,
		"any database's name can be typed");
	ask_close(&slot);
}

int
main(void)
{
	test_unseen();
	test_odd_names();
	test_yes();
	test_held();
	test_paste();
	test_typed();
	test_choice();
	return tap_done();
}
