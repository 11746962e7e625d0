/*
 * What needs the operator now.  In each round whoever judges tells what it finds, with
 * how it stands to its threshold; an alert that was raised stays the same one from
 * round to round, as long as its subject is in trouble.
 *
 * What goes up and down must not ring again and again: an alert is raised at its
 * threshold, but cleared only below a lower one (alerts_level); one that comes back
 * within ALERTS_REST_US of having been cleared is the same alert again; and where one
 * session after the other is in the same trouble (who holds the lock that all wait
 * for), the next one takes over the alert of the one before.  One that gets severe
 * rings, unless it was that less than ALERTS_REST_US ago.
 */
#ifndef PGRUNBOOK_MODEL_ALERTS_H
#define PGRUNBOOK_MODEL_ALERTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	ALERTS_REST_US = 15000000,
	ALERTS_EACH = 5 /* of a kind are listed; further ones are counted */
};

/* In the order in which those stand that are as severe and as old. */
enum alert_kind {
	ALERT_LOG,   /* the incident log can't be written */
	ALERT_MOVED, /* what is watched is another server than before */
	ALERT_TREE,  /* the scripts can't be read, or are broken */
	ALERT_LOST,  /* the server; from here on the server's own */
	ALERT_LOCK,
	ALERT_CONNECTIONS,
	ALERT_WRAPAROUND,
	ALERT_REPLICA,
	ALERT_SLOT,
	ALERT_IDLE_IN_TRANSACTION,
	ALERT_TRANSACTION,
	ALERT_MIGRATION, /* up to here */
	ALERT_VERSION_TABLE,
	ALERT_REVISION, /* one that the tree doesn't have */
	ALERT_KINDS
};

enum alert_phase {
	ALERT_RAISED,
	ALERT_RESTING, /* cleared, but it may come back as the same one */
	ALERT_OVER     /* cleared for good; goes unless it is logged */
};

struct alert {
	enum alert_kind kind;
	/* What it is about: a session by both, anything else by its name. */
	int pid;
	int64_t backend_start_us;
	char *name;	/* NULL: there is but one of the kind, or it is a session */
	bool severe;	/* rings */
	bool shown;	/* on screen elsewhere: it is no row of the banner */
	char *text;	/* one line: what is the matter */
	char *advice;	/* what to do, or where to look; NULL */
	int64_t age_us; /* how long it has been so; 0: since it was found */

	/* Kept by the rounds. */
	enum alert_phase phase;
	bool found;	    /* in this round */
	int64_t raised_us;  /* our clock */
	int64_t since_us;   /* our clock: since when it has been so */
	int64_t cleared_us; /* while it isn't raised */
	bool was_severe;    /* in the round in which it was found last */
	int64_t severe_us;  /* our clock: when it was severe last; 0: never */
	bool logged;	    /* somebody wrote down that it was raised */
};

/* All zero is none.  Those that are raised come first: severe ones, then by age. */
struct alerts {
	struct alert *items;
	size_t count, capacity;
	size_t raised;		  /* the first so many */
	size_t more[ALERT_KINDS]; /* found, but not listed */
	bool ring;		  /* a severe one was raised that wasn't there */
};

void alerts_free(struct alerts *alerts);

/* "lock-wait", "idle-in-transaction", ...: the names in JSON and in the log. */
const char *alert_kind_name(enum alert_kind kind);
/* Whether it is about the server, not about files of this machine. */
bool alert_is_server(enum alert_kind kind);
/* "4312", "r2"; "" where there is but one of the kind.  The caller owns it. */
char *alert_subject(const struct alert *alert);

enum alert_level { ALERT_BELOW, ALERT_BETWEEN, ALERT_ABOVE };
/*
 * How a value stands to its threshold; it is cleared below nine tenths of that.  A
 * value that is negative is not known, and below.
 */
enum alert_level alerts_level(int64_t value, int64_t threshold);

/* A round: begin, tell all that is found, end. */
void alerts_begin(struct alerts *alerts);
/*
 * Whether a finding has a place: its alert is there already, or it is above and there
 * is room.  Else it is counted, where it is above, and its texts need not be made.
 */
bool alerts_wants(
	struct alerts *alerts, const struct alert *finding, enum alert_level level);
/* Takes over the texts of a finding that is wanted. */
void alerts_add(struct alerts *alerts, struct alert *finding);
/* Keeps what is raised of a kind as it is, unless it was found: nobody knows how it is
 * now. */
void alerts_keep(struct alerts *alerts, enum alert_kind kind);
/* The same for all of the server. */
void alerts_keep_server(struct alerts *alerts);
void alerts_end(struct alerts *alerts, int64_t now_us);

/* The text of a raised one; the last of its kind says how many more there are.  The
 * caller owns it. */
char *alerts_text(const struct alerts *alerts, size_t index);
/* Whether one was raised since the last time that is worth a bell. */
bool alerts_take_ring(struct alerts *alerts);
/* Drops those that are over and were kept for being logged. */
void alerts_drop_over(struct alerts *alerts);

#endif
