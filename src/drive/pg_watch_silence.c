/* A server that is connected, but doesn't answer. */
#include <stdlib.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/drive/clock.h"
#include "src/drive/pg_watch_parts.h"

enum {
	SILENCE_US = 5 * 1000 * 1000, /* longer than our statement_timeout */
	PATIENCE_MOST_US = 10 * 60 * 1000 * 1000
};

void
watch_listen(struct pg_watch *watch)
{
	watch->sent_ns = clock_monotonic_ns();
	loop_timer_start(watch->silent, SILENCE_US, 0);
}

int64_t
watch_patience_longer(int64_t patience_us)
{
	return patience_us < PATIENCE_MOST_US / 2 ? patience_us * 2 : PATIENCE_MOST_US;
}

/*
 * It may be our own backend alone that hangs, or a proxy on the way: a new connection
 * tells.  Seldom, because each leaves a backend behind where all of the server hangs.
 */
static void
watch_connect_anew(struct pg_watch *watch, int64_t quiet_us)
{
	char *message = alloc_printf("%s on %s:%s has not answered for %lld s: "
				     "connecting anew",
		pg_database(watch->pg), pg_host(watch->pg), pg_port(watch->pg),
		(long long)(quiet_us / 1000000));

	pg_reconnect(watch->pg);
	watch_on_lost(watch, message);
	free(message);
}

void
watch_on_silence(void *context)
{
	struct pg_watch *watch = context;
	int64_t quiet_us = (clock_monotonic_ns() - watch->sent_ns) / 1000;
	char *message;

	watch_enter(watch);
	if (quiet_us >= watch->patience_us) {
		watch->patience_us = watch_patience_longer(watch->patience_us);
		watch_connect_anew(watch, quiet_us);
	} else {
		loop_timer_start(watch->silent, watch->patience_us - quiet_us, 0);
		message = alloc_printf("%s on %s:%s has not answered for %d s; waiting",
			pg_database(watch->pg), pg_host(watch->pg), pg_port(watch->pg),
			SILENCE_US / 1000000);
		watch_end_silent(watch);
		if (!watch->freed)
			watch_report(watch, message);
		free(message);
	}
	watch_leave(watch);
}

void
pg_watch_retry_now(struct pg_watch *watch)
{
	int64_t quiet_us = (clock_monotonic_ns() - watch->sent_ns) / 1000;
	bool waits = watch->state == WATCH_SETUP || watch->state == WATCH_POLLING ||
		     watch->state == WATCH_READING || watch->state == WATCH_ENDING;

	pg_retry_now(watch->pg);
	if (!waits || pg_state(watch->pg) != PG_BUSY || quiet_us < SILENCE_US)
		return;
	watch_enter(watch);
	watch_connect_anew(watch, quiet_us);
	watch_leave(watch);
}
