/* Shell commands that a person has to run: what they need, a runbook's step can't give.
 */
#ifndef PGRUNBOOK_MODEL_SHELL_HAND_H
#define PGRUNBOOK_MODEL_SHELL_HAND_H

#include <stdbool.h>

#include "pgrunbook/model/danger.h"

/* Why a command must be run by hand, as words to show; NULL: it needn't.  The caller
 * owns it. */
char *shell_by_hand(const char *command, enum danger danger);

/* Does it only change the shell it runs in (export, cd, source), so that the commands
 * after it mean something else? */
bool shell_changes_state(const char *command);

/* Does text show as it is: no control or invisible characters, valid UTF-8? */
bool shell_text_is_visible(const char *text);

#endif
