/* A console without a terminal, and the keys that people press there. */
#ifndef PGRUNBOOK_TESTS_KEYS_H
#define PGRUNBOOK_TESTS_KEYS_H

#include "pgrunbook/app/app.h"

/* With the pane Sessions in focus; takes the snapshot over. */
void keys_start(struct app *app, struct snapshot *snapshot);
/* One key, two seconds after the one before: no question is in the way of it. */
void keys_press(struct app *app, uint32_t code);
/* Each character of an ASCII text. */
void keys_type(struct app *app, const char *text);

#endif
