/*
 * How often to look at a server: as often as was asked for, unless the looks keep it
 * busy for more than a tenth of the time.
 */
#ifndef PGRUNBOOK_MODEL_PACE_H
#define PGRUNBOOK_MODEL_PACE_H

#include <stdint.h>

struct pace {
	int64_t asked_us; /* the interval that was asked for */
	int64_t every_us; /* the one to keep: asked_us, doubled as often as it takes */
	int64_t took_us;  /* what a look takes; the latest weighs half */
};

/* Asks for an interval (> 0); what is known of the server stays. */
void pace_ask(struct pace *pace, int64_t asked_us);

/*
 * A look kept the server busy for so long.  The interval is longer at once, and shorter
 * only where looks would take less than a twentieth of the time then: it doesn't go to
 * and fro.  It is never longer than a minute, unless that was asked for.
 */
void pace_took(struct pace *pace, int64_t took_us);

/*
 * How long to rest after a look that took so long, the network and ourselves included:
 * what is left of the interval, and over a slow network as long as the look, but never
 * longer than the interval.
 */
int64_t pace_rest(const struct pace *pace, int64_t spent_us);

/* Another server, or one that was silent: what is known doesn't count. */
void pace_forget(struct pace *pace);

#endif
