#include "pgrunbook/model/standby.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/duration.h"
#include "pgrunbook/base/str.h"

/* Wait events of the startup process; 18 has the same names as 13. */
static const char conflict_event[] = "RecoveryConflict";

bool
standby_in_conflict(const struct standby *standby)
{
	const char *event = standby->startup_wait;

	if (standby->blocker_sure && standby->blocker_pid)
		return true;
	if (!event)
		return false;
	return strncmp(event, conflict_event, sizeof(conflict_event) - 1) == 0 ||
	       strcmp(event, "BufferPin") == 0;
}

char *
standby_conflict_words(const struct standby *standby)
{
	const char *who = standby->blocker ? standby->blocker : "a session";

	if (!standby_in_conflict(standby))
		return NULL;
	if (standby->blocker_sure)
		return alloc_printf("replay waits for a lock that pid %d, %s, has",
			standby->blocker_pid, who);
	if (standby->startup_wait && strcmp(standby->startup_wait, "BufferPin") == 0)
		return alloc_copy("replay waits for a page that a query has pinned");
	if (standby->blocker_pid)
		return alloc_printf("replay waits for a query that may still see what "
				    "it removes; pid %d, %s, has the oldest snapshot",
			standby->blocker_pid, who);
	return alloc_copy(
		"replay waits for a query that may still see what it removes");
}

char *
standby_conflict_remedy(const struct standby *standby)
{
	char age[DURATION_TEXT];
	char *patience, *remedy;

	if (!standby_in_conflict(standby))
		return NULL;
	patience = standby->patience_us < 0
			   ? alloc_copy("it waits for ever, since "
					"max_standby_streaming_delay is -1")
			   : alloc_printf("it cancels the query when it has waited %s "
					  "(max_standby_streaming_delay)",
				     duration_format(standby->patience_us, age));
	if (standby->blocker_pid)
		remedy = alloc_printf(
			"%s; on the standby SELECT pg_terminate_backend(%d) ends it "
			"at once",
			patience, standby->blocker_pid);
	else
		remedy = alloc_copy(patience);
	free(patience);
	return remedy;
}

char *
standby_conflicts_words(const struct standby_conflicts *conflicts)
{
	const struct {
		int64_t count;
		const char *one, *many;
	} kinds[] = {
		{ conflicts->lock, "lock", "locks" },
		{ conflicts->snapshot, "snapshot", "snapshots" },
		{ conflicts->buffer_pin, "pinned page", "pinned pages" },
		{ conflicts->deadlock, "deadlock", "deadlocks" },
		{ conflicts->tablespace, "tablespace", "tablespaces" },
		{ conflicts->logical_slot, "logical slot", "logical slots" },
	};
	struct str out = { 0 };
	int64_t sum = 0;

	if (!conflicts->read)
		return NULL;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (kinds[i].count <= 0)
			continue;
		str_printf(&out, "%s%" PRId64 " %s", sum ? ", " : "", kinds[i].count,
			kinds[i].count == 1 ? kinds[i].one : kinds[i].many);
		sum += kinds[i].count;
	}
	char *words = sum == 0 ? alloc_copy("none")
			       : alloc_printf("%" PRId64 ": %s", sum, str_text(&out));
	str_free(&out);
	return words;
}

const char *
replay_pause_words(enum replay_pause pause)
{
	switch (pause) {
	case REPLAY_NOT_PAUSED:
		return "not paused";
	case REPLAY_PAUSE_REQUESTED:
		return "a pause was asked for, replay stops at the next record";
	case REPLAY_PAUSED:
		return "paused";
	case REPLAY_PAUSE_UNKNOWN:
		break;
	}
	return NULL;
}

/* The text behind `keyword` and '=', as far as the next keyword; NULL. */
static char *
conninfo_value(const char *conninfo, const char *keyword)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz_";
	size_t length = strlen(keyword);
	const char *at = conninfo, *end;

	while ((at = strstr(at, keyword)) != NULL) {
		if ((at == conninfo || at[-1] == ' ') && at[length] == '=')
			break;
		at += length;
	}
	if (!at)
		return NULL;
	at += length + 1;
	for (end = at; *end; end++) {
		if (*end == ' ' && end[1 + strspn(end + 1, letters)] == '=')
			break;
	}
	return end == at ? NULL : alloc_copy_bytes(at, (size_t)(end - at));
}

char *
standby_name_of(const char *conninfo)
{
	char *name;

	if (!conninfo)
		return NULL;
	name = conninfo_value(conninfo, "application_name");
	return name ? name : conninfo_value(conninfo, "fallback_application_name");
}

char *
standby_upstream(const struct standby *standby)
{
	if (!standby->upstream_host)
		return NULL;
	if (standby->upstream_port == 0)
		return alloc_copy(standby->upstream_host);
	return alloc_printf("%s:%d", standby->upstream_host, standby->upstream_port);
}

void
standby_copy(struct standby *to, const struct standby *from)
{
	*to = *from;
	to->receiver_status = alloc_copy(from->receiver_status);
	to->upstream_host = alloc_copy(from->upstream_host);
	to->application = alloc_copy(from->application);
	to->cluster_name = alloc_copy(from->cluster_name);
	to->slot = alloc_copy(from->slot);
	to->address = alloc_copy(from->address);
	to->startup_wait = alloc_copy(from->startup_wait);
	to->blocker = alloc_copy(from->blocker);
	to->receiver_problem = alloc_copy(from->receiver_problem);
	to->conflicts_problem = alloc_copy(from->conflicts_problem);
}

void
standby_free(struct standby *standby)
{
	free(standby->receiver_status);
	free(standby->upstream_host);
	free(standby->application);
	free(standby->cluster_name);
	free(standby->slot);
	free(standby->address);
	free(standby->startup_wait);
	free(standby->blocker);
	free(standby->receiver_problem);
	free(standby->conflicts_problem);
	*standby = (struct standby){ 0 };
}
