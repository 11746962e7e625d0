#include "pgrunbook/app/ask.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/text.h"

/* A database's name may hold anything: the phrase is what is seen of it and typed. */
static char *
ask_typeable(const char *phrase)
{
	static const char replacement[] = "\xEF\xBF\xBD";
	char *clean = text_sanitized(phrase);
	struct str out = { 0 };

	for (const char *at = clean; *at != '\0';) {
		bool odd = strncmp(at, replacement, sizeof(replacement) - 1) == 0;

		str_add_char(&out, odd ? '?' : *at);
		at += odd ? sizeof(replacement) - 1 : 1;
	}
	free(clean);
	return str_take(&out);
}

void
ask_open(struct ask *slot, struct ask *ask, uint32_t held, int64_t now_us)
{
	ask_close(slot);
	*slot = *ask;
	if (slot->phrase != NULL) {
		char *phrase = ask_typeable(slot->phrase);

		free(slot->phrase);
		slot->phrase = phrase;
	}
	slot->opened_us = now_us;
	slot->held = held;
	slot->held_us = now_us;
	*ask = (struct ask){ 0 };
}

void
ask_show(struct ask *ask, int64_t now_us)
{
	if (ask->shown || ask->purpose == ASK_NOTHING)
		return;
	ask->shown = true;
	ask->opened_us = ask->held_us = now_us;
}

void
ask_fact(struct ask *ask, const char *label, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	strlist_add_owned(&ask->facts, alloc_vprintf(format, arguments));
	va_end(arguments);
	strlist_add(&ask->labels, label);
}

void
ask_warn(struct ask *ask, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	strlist_add_owned(&ask->warnings, alloc_vprintf(format, arguments));
	va_end(arguments);
}

/*
 * Whether a key is no answer: too early, the repeats of a key that was held down when
 * the question opened, or pasted.
 */
static bool
ask_ignores(struct ask *ask, const struct key *key, int64_t now_us)
{
	if (key->code == KEY_CODE_PASTE_BEGIN || key->code == KEY_CODE_PASTE_END) {
		ask->pasting = key->code == KEY_CODE_PASTE_BEGIN;
		free(ask->complaint);
		ask->complaint = alloc_copy("a paste is no answer: type it");
		return true;
	}
	if (ask->pasting)
		return true;
	bool repeats = key->code == ask->held && now_us - ask->held_us < ASK_REPEAT_US;
	if (!repeats && now_us - ask->opened_us >= ASK_GUARD_US) {
		ask->held = KEY_CODE_UNKNOWN; /* another key: it was let go of */
		return false;
	}
	ask->held = key->code;
	ask->held_us = now_us;
	return true;
}

static void
ask_complain(struct ask *ask, const char *complaint)
{
	free(ask->complaint);
	ask->complaint = alloc_copy(complaint);
}

static void
ask_backspace(struct str *typed)
{
	while (typed->length != 0 &&
		((unsigned char)typed->bytes[typed->length - 1] & 0xC0) == 0x80)
		typed->length--;
	if (typed->length != 0)
		typed->length--;
	if (typed->bytes != NULL)
		typed->bytes[typed->length] = '\0';
}

static enum ask_answer
ask_typed_key(struct ask *ask, const struct key *key)
{
	char encoded[4];

	switch (key->code) {
	case KEY_CODE_ENTER:
	case '\r':
		if (ask->typed.length == 0)
			return ASK_NO;
		if (strcmp(str_text(&ask->typed), ask->phrase) == 0)
			return ASK_ACCEPTED;
		ask_complain(ask, "that is not the phrase: nothing was done");
		str_clear(&ask->typed);
		return ASK_PENDING;
	case KEY_CODE_BACKSPACE:
	case '\b':
		ask_backspace(&ask->typed);
		return ASK_PENDING;
	case 'U' - '@':
		str_clear(&ask->typed);
		return ASK_PENDING;
	default:
		if (key->code < KEY_CODE_UP && text_width_of(key->code) > 0 &&
			ask->typed.length < 512)
			str_add_bytes(
				&ask->typed, encoded, text_encode(key->code, encoded));
		return ASK_PENDING;
	}
}

static enum ask_answer
ask_choice_key(struct ask *ask, const struct key *key, char *choice)
{
	if (key->code == KEY_CODE_ENTER)
		return ASK_NO;
	for (size_t i = 0; i < ASK_CHOICES && ask->choices[i].key != 0; i++) {
		if (key->code == (uint32_t)ask->choices[i].key) {
			*choice = ask->choices[i].key;
			return ASK_ACCEPTED;
		}
	}
	return ASK_PENDING;
}

enum ask_answer
ask_key(struct ask *ask, const struct key *key, int64_t now_us, char *choice)
{
	*choice = 0;
	/* Typed at something else: even No would answer what nobody has seen. */
	if (!ask->shown)
		return ASK_PENDING;
	switch (key->code) {
	case KEY_CODE_ESCAPE:
	case 'C' - '@':
		return ASK_NO; /* leaving is never too early */
	case KEY_CODE_UP:
	case KEY_CODE_PAGE_UP:
	case KEY_CODE_WHEEL_UP:
		ask->top -= ask->top > 0;
		return ASK_PENDING;
	case KEY_CODE_DOWN:
	case KEY_CODE_PAGE_DOWN:
	case KEY_CODE_WHEEL_DOWN:
		ask->top++;
		return ASK_PENDING;
	case KEY_CODE_CLICK:
	case KEY_CODE_RESIZE:
		return ASK_PENDING;
	default:
		break;
	}
	if (ask_ignores(ask, key, now_us))
		return ASK_PENDING;
	free(ask->complaint);
	ask->complaint = NULL;
	if (ask->kind == ASK_TYPED)
		return ask_typed_key(ask, key);
	if (ask->kind == ASK_CHOICE)
		return ask_choice_key(ask, key, choice);
	if (key->code == 'y' || key->code == 'Y')
		return ASK_ACCEPTED;
	return key->code == KEY_CODE_ENTER || key->code == 'n' || key->code == 'N'
		       ? ASK_NO
		       : ASK_PENDING;
}

void
ask_close(struct ask *ask)
{
	free(ask->title);
	strlist_free(&ask->labels);
	strlist_free(&ask->facts);
	strlist_free(&ask->warnings);
	free(ask->command);
	free(ask->phrase);
	str_free(&ask->typed);
	free(ask->complaint);
	*ask = (struct ask){ 0 };
}
