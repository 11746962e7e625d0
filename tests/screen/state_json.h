/* Values of a golden screen's state; what makes no sense ends the program. */
#ifndef PGRUNBOOK_TESTS_SCREEN_STATE_JSON_H
#define PGRUNBOOK_TESTS_SCREEN_STATE_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "pgrunbook/base/strlist.h"

__attribute__((noreturn, format(printf, 1, 2))) void state_fail(
	const char *format, ...);
const char *text_of(const json_t *object, const char *name);
/* A text, or bytes that JSON can't hold: "NAME_hex"; the caller owns it. */
char *copy_of(const json_t *object, const char *name);
/* In microseconds. */
int64_t duration_of(const json_t *object, const char *name, int64_t otherwise);
/* The instant that lies the duration back; 0 if none is given. */
int64_t instant_of(const json_t *object, const char *name, int64_t now_us);
bool flag_of(const json_t *object, const char *name, bool otherwise);
int64_t number_of(const json_t *object, const char *name, int64_t otherwise);
void list_of(const json_t *object, const char *name, struct strlist *list);
/* The index of the text in `words`. */
int word_of(const json_t *object, const char *name, const char *const *words, int count,
	int otherwise);

#endif
