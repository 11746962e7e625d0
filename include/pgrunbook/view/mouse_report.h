/*
 * What a terminal tells of its mouse: the button, modifiers and where, as xterm's
 * control sequences document describes it (SGR, mode 1006; and the older form of three
 * bytes, which terminals without that mode still send).
 */
#ifndef PGRUNBOOK_VIEW_MOUSE_REPORT_H
#define PGRUNBOOK_VIEW_MOUSE_REPORT_H

#include <stdbool.h>

#include "pgrunbook/base/key.h"

/*
 * "0;80;24" between CSI < and its last letter, `M` or `m`.  False for what is no press
 * of the first button and no turn of the wheel, and for what is no report at all.
 */
bool mouse_report_sgr(const char *text, char last, struct key *key);
/* The three bytes after CSI M. */
bool mouse_report_bytes(const unsigned char bytes[3], struct key *key);

#endif
