#include "pgrunbook/model/alert_rules.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/duration.h"

/*
 * Transactions and multixacts are numbered with 32 bits, of which half look back; the
 * server refuses to write three million before they run out (varsup.c, multixact.c).
 */
static const int64_t wraparound_limit = INT64_C(2147483647) - 3000000;

struct rules {
	struct alerts *alerts;
	const struct snapshot *snapshot;
	const struct thresholds *thresholds;
	int64_t now_us;
};

/* Whether one of that pid stands, whenever its session began. */
static bool
rules_knows_lock(const struct rules *rules, int pid)
{
	for (size_t i = 0; i < rules->alerts->count; i++) {
		const struct alert *alert = &rules->alerts->items[i];

		if (alert->kind == ALERT_LOCK && alert->phase == ALERT_RAISED &&
			alert->pid == pid)
			return true;
	}
	return false;
}

static void
rules_lock(const struct rules *rules, size_t index)
{
	const struct lock_forest *locks = rules->snapshot->locks;
	const struct lock_row *row = lock_forest_row(locks, index);
	int64_t wait = lock_row_wait_us(locks, index, rules->now_us);
	char age[DURATION_TEXT];
	struct alert alert = {
		.kind = ALERT_LOCK,
		.pid = row->pid,
		.backend_start_us = row->backend_start_us,
		.severe = true,
		.name = row->prepared == NULL ? NULL : row->prepared->gid,
	};

	/* Without its session it would be another one, that rings anew: rules_keep. */
	if (rules->snapshot->sessions.count == 0 && row->pid != 0 &&
		rules_knows_lock(rules, row->pid))
		return;
	if (!alerts_wants(rules->alerts, &alert,
		    alerts_level(wait, rules->thresholds->lock_wait_us)))
		return;
	char *who = lock_row_name(row);
	alert.name = alloc_copy(alert.name);
	alert.text = alloc_printf("%s blocks %zu session%s for %s", who, row->held_up,
		row->held_up == 1 ? "" : "s", duration_format(wait, age));
	alert.advice = alloc_copy(lock_row_remedy(row));
	alert.age_us = wait;
	alerts_add(rules->alerts, &alert);
	free(who);
}

/* Only roots: who waits himself is no one's remedy. */
static void
rules_locks(const struct rules *rules)
{
	const struct lock_forest *locks = rules->snapshot->locks;

	for (size_t i = 0; i < lock_forest_rows(locks); i++) {
		const struct lock_row *row = lock_forest_row(locks, i);

		if (row->depth == 0 && row->held_up != 0)
			rules_lock(rules, i);
	}
}

static void
rules_session(const struct rules *rules, const struct session *session,
	enum alert_kind kind, int64_t age, int64_t threshold, const char *what,
	const char *advice)
{
	char text[DURATION_TEXT];
	struct alert alert = {
		.kind = kind,
		.pid = session->pid,
		.backend_start_us = session->backend_start_us,
	};

	if (!alerts_wants(rules->alerts, &alert, alerts_level(age, threshold)))
		return;
	char *who = session_name(session);
	alert.text = alloc_printf("%s %s %s", who, what, duration_format(age, text));
	alert.advice = alloc_copy(advice);
	alert.age_us = age;
	alerts_add(rules->alerts, &alert);
	free(who);
}

/* How long the migration is at it: one between its statements is at it, too. */
static int64_t
migration_age_us(const struct session *session, int64_t now_us)
{
	int64_t age = session_transaction_age_us(session, now_us);

	if (age < 0 && session->state == SESSION_ACTIVE)
		return session_age_us(session, now_us);
	return age;
}

/* Whether it stands there already, for blocking others: that tells more. */
static bool
session_is_told(const struct rules *rules, const struct session *session)
{
	for (size_t i = 0; i < rules->alerts->count; i++) {
		const struct alert *alert = &rules->alerts->items[i];

		if (alert->kind == ALERT_LOCK && alert->found &&
			alert->pid == session->pid)
			return true;
	}
	return false;
}

/* A session has one alert, the one that tells most. */
static void
rules_sessions(const struct rules *rules)
{
	const struct session_list *list = &rules->snapshot->sessions;
	const struct thresholds *thresholds = rules->thresholds;

	for (size_t i = 0; i < list->count; i++) {
		const struct session *session = &list->items[i];
		int64_t idle = session_is_idle_in_transaction(session)
				       ? session_age_us(session, rules->now_us)
				       : -1;
		int64_t age = session_transaction_age_us(session, rules->now_us);

		if (session->own || !vitals_is_client(session) ||
			session_is_told(rules, session))
			continue;
		if (session->migration)
			rules_session(rules, session, ALERT_MIGRATION,
				migration_age_us(session, rules->now_us),
				thresholds->migration_us,
				"is the migration and has been at it for",
				"Locks tells what it waits for and whom it blocks, "
				"Progress how far it is.");
		else if (alerts_level(idle, thresholds->idle_in_transaction_us) !=
			 ALERT_BELOW)
			rules_session(rules, session, ALERT_IDLE_IN_TRANSACTION, idle,
				thresholds->idle_in_transaction_us,
				"has been idle in its transaction for",
				"It keeps its locks, and vacuum from its work: have "
				"its client commit, or terminate it.");
		else
			rules_session(rules, session, ALERT_TRANSACTION, age,
				thresholds->transaction_us,
				"has been in its transaction for",
				"Sessions tells what it runs; it keeps its locks, and "
				"vacuum from its work, until it ends.");
	}
}

static void
rules_connections(const struct rules *rules)
{
	int64_t most = vitals_most_connections(&rules->snapshot->vitals);
	struct alert alert = { .kind = ALERT_CONNECTIONS, .severe = true };
	struct vitals_sessions counts;

	vitals_count(rules->snapshot, &counts);
	if (most <= 0 || rules->snapshot->sessions.count == 0)
		return;
	int64_t share = (int64_t)counts.clients * 100 / most;
	if (!alerts_wants(rules->alerts, &alert,
		    alerts_level(share, rules->thresholds->connections)))
		return;
	alert.text =
		alloc_printf("%zu of %" PRId64 " connections are taken (%" PRId64 "%%)",
			counts.clients, most, share);
	alert.advice = alloc_copy(
		"When all are, clients are refused, and only superusers get in: "
		"Sessions tells who has them; have idle ones closed at their pool.");
	alerts_add(rules->alerts, &alert);
}

static void
rules_wraparound(const struct rules *rules, const char *what, const char *database,
	int64_t age, int64_t freeze_age)
{
	char count[BYTES_TEXT];
	struct alert alert = { .kind = ALERT_WRAPAROUND, .severe = true };
	int64_t share = age < 0 ? -1 : age * 100 / wraparound_limit;
	/* Who lets it get old has autovacuum begin later: that alone is no alert. */
	bool due = freeze_age < 0 || age > freeze_age;

	alert.name = (char *)what;
	if (!due || !alerts_wants(rules->alerts, &alert,
			    alerts_level(share, rules->thresholds->wraparound)))
		return;
	alert.name = alloc_copy(what);
	alert.text = alloc_printf("%s is %" PRId64 "%% of the way to %s wraparound: %s "
				  "since it was frozen",
		database == NULL ? "a database" : database, share, what,
		count_format(age, count));
	alert.advice = alloc_copy(
		"VACUUM (FREEZE) its oldest tables; what keeps the oldest xmin, in "
		"Overview, keeps vacuum from freezing, too. At 100% the server refuses "
		"to write.");
	alerts_add(rules->alerts, &alert);
}

static char *
replica_text(const struct replica *replica)
{
	char bytes[BYTES_TEXT];

	if (replica->cause == REPLICA_DISCONNECTED || replica->cause == REPLICA_SILENT)
		return alloc_printf(
			"%s is %s", replica->name, replica_cause_words(replica->cause));
	if (replica->cause == REPLICA_PAUSED)
		return alloc_printf("%s has its replay paused, %s behind",
			replica->name,
			replica->lag_bytes < 0
				? "nobody knows how far"
				: bytes_format(replica->lag_bytes, bytes));
	char *lag = replica_lag_words(replica);
	char *text = alloc_printf("%s is %s behind (%s, %s)", replica->name,
		bytes_format(replica->lag_bytes, bytes),
		replica->lag_us < 0 ? "time unknown" : lag,
		replica_cause_words(replica->cause));
	free(lag);
	return text;
}

/* Which of bytes and time is worse. */
static enum alert_level
replica_level(const struct replica *replica, const struct thresholds *thresholds)
{
	enum alert_level bytes =
		alerts_level(replica->lag_bytes, thresholds->replica_lag_bytes);
	enum alert_level time =
		alerts_level(replica->lag_us, thresholds->replica_lag_us);

	/* Both off is off.  One that delays its replay is as far behind as it should
	 * be, and of one that has not answered yet nothing is known. */
	if ((thresholds->replica_lag_bytes < 0 && thresholds->replica_lag_us < 0) ||
		replica->pending || replica->cause == REPLICA_DELAYED ||
		replica->cause == REPLICA_COPYING)
		return ALERT_BELOW;
	if (replica->cause == REPLICA_DISCONNECTED ||
		replica->cause == REPLICA_PAUSED || replica->cause == REPLICA_SILENT)
		return ALERT_ABOVE;
	return bytes > time ? bytes : time;
}

static void
rules_replicas(const struct rules *rules)
{
	const struct replication *list = &rules->snapshot->replication;

	for (size_t i = 0; i < list->count; i++) {
		const struct replica *replica = &list->items[i];
		struct alert alert = {
			.kind = ALERT_REPLICA,
			.name = replica->name,
			.severe = replica->cause == REPLICA_DISCONNECTED ||
				  replica->cause == REPLICA_SILENT,
		};

		if (!alerts_wants(rules->alerts, &alert,
			    replica_level(replica, rules->thresholds)))
			continue;
		alert.name = alloc_copy(replica->name);
		alert.text = replica_text(replica);
		alert.advice = replica_remedy(replica);
		if (alert.advice == NULL)
			alert.advice =
				alloc_copy("Replicas tells where it is held up.");
		alerts_add(rules->alerts, &alert);
	}
}

/*
 * One that the server has no row of any more.  What was raised of it before stays while
 * it may come back.
 */
static void
rules_gone(const struct rules *rules, const struct standbys *standbys)
{
	const struct thresholds *thresholds = rules->thresholds;
	char since[INSTANT_TEXT];

	if (thresholds->replica_lag_bytes < 0 && thresholds->replica_lag_us < 0)
		return;
	for (size_t i = 0; i < standbys->count; i++) {
		const struct standbys_one *one = &standbys->items[i];
		enum alert_level level = standbys_is_gone(one, rules->now_us)
						 ? ALERT_ABOVE
						 : ALERT_BETWEEN;
		struct alert alert = {
			.kind = ALERT_REPLICA, .name = one->name, .severe = true
		};

		if (one->missing_us == 0 || !alerts_wants(rules->alerts, &alert, level))
			continue;
		alert.name = alloc_copy(one->name);
		alert.text = alloc_printf("standby %s is gone since %s", one->name,
			instant_clock(one->missing_us, since));
		alert.advice = alloc_copy(
			"See whether it runs and reaches this server; a slot of its "
			"own keeps WAL meanwhile. If it was taken away, Esc in the "
			"console says that this is known; after a day it is.");
		alert.age_us = rules->now_us - one->missing_us;
		alerts_add(rules->alerts, &alert);
	}
}

static enum alert_level
slot_level(const struct slot *slot, int64_t threshold)
{
	enum slot_state state = slot_state(slot);

	if (threshold < 0)
		return ALERT_BELOW;
	if (state == SLOT_AT_RISK || state == SLOT_LOST || state == SLOT_IN_CONFLICT)
		return ALERT_ABOVE;
	return alerts_level(slot->held_bytes, threshold);
}

static void
rules_slots(const struct rules *rules)
{
	const struct replication *list = &rules->snapshot->replication;
	char bytes[BYTES_TEXT];

	for (size_t i = 0; i < list->slot_count; i++) {
		const struct slot *slot = &list->slots[i];
		struct alert alert = {
			.kind = ALERT_SLOT,
			.name = slot->name,
			.severe = slot_state(slot) == SLOT_AT_RISK,
		};

		if (!alerts_wants(rules->alerts, &alert,
			    slot_level(slot, rules->thresholds->slot_wal_bytes)))
			continue;
		char *words = slot_words(slot, rules->now_us);
		alert.name = alloc_copy(slot->name);
		alert.text =
			slot->held_bytes > 0
				? alloc_printf("slot %s keeps %s of WAL (%s)",
					  slot->name,
					  bytes_format(slot->held_bytes, bytes), words)
				: alloc_printf("slot %s is %s", slot->name, words);
		alert.advice = slot_remedy(slot);
		if (alert.advice == NULL)
			alert.advice = alloc_copy(
				"What reads it is behind: look there, and at the free "
				"space of the disk here.");
		alerts_add(rules->alerts, &alert);
		free(words);
	}
}

/* What could not be read this time is neither in trouble nor out of it. */
static void
rules_keep(const struct rules *rules)
{
	const struct snapshot *snapshot = rules->snapshot;
	/* Our own is always there. */
	bool sessions = snapshot->sessions.count != 0;
	const struct {
		enum alert_kind kind;
		bool read;
	} kinds[] = {
		{ ALERT_LOCK, sessions && !snapshot->locks_unread },
		{ ALERT_IDLE_IN_TRANSACTION, sessions },
		{ ALERT_TRANSACTION, sessions },
		{ ALERT_MIGRATION, sessions },
		{ ALERT_CONNECTIONS, sessions && snapshot->vitals.read },
		{ ALERT_WRAPAROUND, snapshot->vitals.read },
		{ ALERT_REPLICA, !snapshot->replication.problem },
		{ ALERT_SLOT, !snapshot->replication.slots_problem },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!kinds[i].read)
			alerts_keep(rules->alerts, kinds[i].kind);
	}
}

void
alert_rules_apply(struct alerts *alerts, const struct snapshot *snapshot,
	const struct standbys *standbys, const struct thresholds *thresholds,
	int64_t server_now_us)
{
	const struct rules rules = { alerts, snapshot, thresholds, server_now_us };
	const struct vitals *vitals = &snapshot->vitals;

	rules_locks(&rules);
	rules_sessions(&rules);
	rules_connections(&rules);
	if (vitals->read) {
		rules_wraparound(&rules, "transaction", vitals->xid_database,
			vitals->xid_age, vitals->freeze_max_age);
		rules_wraparound(&rules, "multixact", vitals->multixact_database,
			vitals->multixact_age, vitals->multixact_freeze_max_age);
	}
	rules_replicas(&rules);
	if (standbys)
		rules_gone(&rules, standbys);
	rules_slots(&rules);
	rules_keep(&rules);
}

bool
alert_rules_lock_unknown(const struct snapshot *snapshot,
	const struct thresholds *thresholds, int64_t first_us)
{
	const struct lock_forest *locks = snapshot->locks;
	int64_t since_us = snapshot->server_now_us - thresholds->lock_wait_us;

	if (thresholds->lock_wait_us == THRESHOLD_OFF || snapshot->locks_unread)
		return false;
	for (size_t i = 0; i < lock_forest_rows(locks); i++) {
		const struct lock_row *row = lock_forest_row(locks, i);
		const struct session *session = row->session;

		if (row->wait == NULL || !row->wait->since_at_least ||
			row->wait->since_us > first_us ||
			row->wait->since_us <= since_us)
			continue;
		if (session == NULL || session->query_start_us <= since_us)
			return true;
	}
	return false;
}

static char *
unknown_because(const char *what, const char *why)
{
	return why == NULL ? alloc_copy(what) : alloc_printf("%s: %s", what, why);
}

static char *
unknown_sessions(const struct snapshot *snapshot)
{
	/* Our own is always there. */
	if (snapshot->sessions.count == 0)
		return unknown_because("sessions could not be read",
			snapshot->problems[SNAPSHOT_OF_SESSIONS]);
	return NULL;
}

/* What a session does is shown to its own role, and to those that see all. */
static char *
unknown_hidden(const struct snapshot *snapshot)
{
	const struct session_list *list = &snapshot->sessions;
	size_t hidden = 0;

	for (size_t i = 0; i < list->count; i++)
		hidden += session_is_hidden(&list->items[i]) &&
			  list->items[i].user != NULL;
	if (hidden == 0)
		return unknown_sessions(snapshot);
	return alloc_printf("what %zu session%s of other roles do%s is not shown: "
			    "needs pg_monitor",
		hidden, hidden == 1 ? "" : "s", hidden == 1 ? "es" : "");
}

static char *
unknown_vitals(const struct snapshot *snapshot)
{
	if (!snapshot->vitals.read)
		return unknown_because("the server's numbers could not be read",
			snapshot->problems[SNAPSHOT_OF_VITALS]);
	return NULL;
}

static char *
unknown_connections(const struct snapshot *snapshot)
{
	char *why = unknown_vitals(snapshot);

	if (why == NULL && vitals_most_connections(&snapshot->vitals) <= 0)
		why = alloc_copy("how many connections there may be is not known");
	return why == NULL ? unknown_sessions(snapshot) : why;
}

static char *
unknown_locks(const struct snapshot *snapshot)
{
	if (snapshot->locks_unread)
		return unknown_because("locks could not be read",
			snapshot->problems[SNAPSHOT_OF_LOCKS]);
	return unknown_sessions(snapshot);
}

static char *
unknown_replicas(const struct snapshot *snapshot)
{
	const struct replication *list = &snapshot->replication;

	if (list->problem != NULL)
		return unknown_because("replicas could not be read", list->problem);
	for (size_t i = 0; i < list->count; i++) {
		const struct replica *replica = &list->items[i];

		if (replica->kind == REPLICA_STANDBY && !replica->pending &&
			replica->cause == REPLICA_UNKNOWN)
			return alloc_printf("how far %s is, is not known%s%s",
				replica->name, replica->problem == NULL ? "" : ": ",
				replica->problem == NULL ? "" : replica->problem);
	}
	return NULL;
}

static char *
unknown_slots(const struct snapshot *snapshot)
{
	const char *problem = snapshot->replication.slots_problem;

	return problem == NULL ? NULL
			       : unknown_because("slots could not be read", problem);
}

char *
alert_rules_unknown(const struct snapshot *snapshot,
	const struct thresholds *thresholds, enum alert_kind kind)
{
	bool replicas = thresholds->replica_lag_bytes != THRESHOLD_OFF ||
			thresholds->replica_lag_us != THRESHOLD_OFF;
	const struct {
		enum alert_kind kind;
		bool wanted;
		char *(*why)(const struct snapshot *snapshot);
	} kinds[] = {
		{ ALERT_LOCK, thresholds->lock_wait_us >= 0, unknown_locks },
		{ ALERT_IDLE_IN_TRANSACTION, thresholds->idle_in_transaction_us >= 0,
			unknown_hidden },
		{ ALERT_TRANSACTION, thresholds->transaction_us >= 0, unknown_hidden },
		{ ALERT_MIGRATION, thresholds->migration_us >= 0, unknown_sessions },
		{ ALERT_CONNECTIONS, thresholds->connections >= 0,
			unknown_connections },
		{ ALERT_WRAPAROUND, thresholds->wraparound >= 0, unknown_vitals },
		{ ALERT_REPLICA, replicas, unknown_replicas },
		{ ALERT_SLOT, thresholds->slot_wal_bytes >= 0, unknown_slots },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (kinds[i].kind == kind)
			return kinds[i].wanted ? kinds[i].why(snapshot) : NULL;
	}
	return NULL;
}
