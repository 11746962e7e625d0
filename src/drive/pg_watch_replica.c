/* A direct connection to a standby: where it is, and what its version table says. */
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/drive/clock.h"
#include "src/drive/pg_watch_parts.h"

enum { REPLICA_SILENCE_US = 5 * 1000 * 1000 };

static void watch_replica_setup(struct watch_replica *replica);
static void watch_replica_ask(struct watch_replica *replica);
static void watch_replica_on_lost(void *context, const char *message);

static void
watch_replica_say(char **where, const char *problem)
{
	char *copy = alloc_copy(problem);

	free(*where);
	*where = copy;
}

static void
watch_replica_send(struct watch_replica *replica, enum watch_replica_state state,
	void (*answered)(void *context, const struct pg_answer *answer))
{
	enum watch_replica_state before = replica->state;
	struct error error = { 0 };

	replica->asked_ns = clock_monotonic_ns();
	replica->state = state;
	if (pg_query(replica->pg, str_text(&replica->batch.sql), NULL, 0, answered,
		    replica, &error))
		return;
	/* The next poll of the watch tries again. */
	replica->state = before;
	watch_replica_say(&replica->problem, error.message);
	error_clear(&error);
}

static void
watch_replica_on_rows(void *context, const struct pg_answer *answer)
{
	struct watch_replica *replica = context;
	const struct pg_result *result = answer->count ? answer->results[0] : NULL;

	if (answer->lost)
		return; /* watch_replica_on_lost follows */
	replica->state = WATCH_REPLICA_IDLE;
	if (answer->error)
		watch_skips_rows(&replica->skips, answer);
	loop_unseen(replica->watch->loop); /* until the next snapshot */
	if (answer->error || !result)
		return;
	pg_version_read(&replica->version, result);
	replica->answered_us = clock_now_us();
}

static void
watch_replica_read(struct watch_replica *replica, enum pg_query_id id,
	const struct pg_result *result, struct strlist *locked)
{
	if (watch_read_of_standby(&replica->own, id, result))
		return;
	switch (id) {
	case PG_QUERY_IDENTITY:
		/* Grants come and go. */
		watch_read_rights(&replica->rights, result);
		break;
	case PG_QUERY_SENDERS_NAMED:
		watch_read_senders_named(&replica->senders, result, replica->name,
			pg_port_number(replica->pg));
		break;
	case PG_QUERY_SYSTEM:
		free(replica->system_identifier);
		replica->system_identifier = alloc_copy(pg_result_text(result, 0, 0));
		break;
	case PG_QUERY_LOCKED:
		for (int row = 0; row < pg_result_rows(result); row++)
			strlist_add(locked,
				pg_result_text(result, row, PG_LOCKED_RELATION));
		break;
	default:
		break;
	}
}

/* A query failed, and with it all that came after: once more without it. */
static void
watch_replica_failed(struct watch_replica *replica, const struct pg_answer *answer)
{
	enum pg_query_id id = answer->count < replica->batch.count
				      ? replica->batch.statements[answer->count].id
				      : PG_QUERY_STANDBY;

	if (!watch_plans_lost(&replica->plans, answer))
		watch_skips_add(&replica->skips, id, answer);
	watch_replica_poll(replica);
}

static void
watch_replica_on_poll(void *context, const struct pg_answer *answer)
{
	struct watch_replica *replica = context;
	const struct pg_result *table = NULL;
	struct strlist locked = { 0 };

	if (answer->lost)
		return; /* watch_replica_on_lost follows */
	replica->state = WATCH_REPLICA_IDLE;
	replica->patience_us = 0;
	loop_unseen(replica->watch->loop); /* until the next snapshot */
	replica->told = true;
	watch_plans_note(&replica->plans, &replica->batch, answer);
	if (answer->error) {
		watch_replica_failed(replica, answer);
		return;
	}
	watch_replica_say(
		&replica->problem, watch_skips_why(&replica->skips, PG_QUERY_STANDBY));
	replica->answered_us = clock_now_us();
	replication_free(&replica->senders);
	for (size_t i = 0; i < answer->count && i < replica->batch.count; i++) {
		enum pg_query_id id = watch_batch_query(&replica->batch, i);

		if (id == PG_QUERY_TABLE)
			table = answer->results[i];
		else
			watch_replica_read(replica, id, answer->results[i], &locked);
	}
	watch_standby_problems(&replica->own, &replica->rights, &replica->skips);
	/* Rows outlive a lock that replay holds for a moment. */
	if (table)
		pg_version_found(&replica->version, true, table, &locked);
	strlist_free(&locked);
	watch_batch_clear(&replica->batch);
	if (table && pg_version_query(&replica->version, &replica->batch.sql) &&
		!watch_skips_one(&replica->skips, PG_QUERY_ROWS))
		watch_replica_send(
			replica, WATCH_REPLICA_READING, watch_replica_on_rows);
}

void
watch_say_unavailable(bool available, const char *name, char **problem)
{
	if (!available && !*problem)
		*problem = alloc_printf("not available here: %s is missing or not "
					"permitted",
			name);
}

void
watch_standby_problems(struct standby *standby, const struct watch_rights *rights,
	const struct watch_skips *skips)
{
	const char *receiver = watch_skips_why(skips, PG_QUERY_RECEIVER);
	const char *conflicts = watch_skips_why(skips, PG_QUERY_CONFLICTS);

	if (receiver && !standby->receiver_problem)
		standby->receiver_problem = alloc_copy(receiver);
	if (conflicts && !standby->conflicts_problem)
		standby->conflicts_problem = alloc_copy(conflicts);
	watch_say_unavailable(
		rights->receiver, "pg_stat_wal_receiver", &standby->receiver_problem);
	watch_say_unavailable(rights->conflicts, "pg_stat_database_conflicts",
		&standby->conflicts_problem);
}

static void
watch_replica_add(struct watch_replica *replica, enum pg_query_id id, bool permitted,
	const char *rest)
{
	if (permitted && !watch_skips_one(&replica->skips, id))
		watch_batch_add(&replica->batch, &replica->plans, id,
			pg_server_version(replica->pg), rest);
}

/* Whether an answer is waited for; 0 ns: none is. */
static int64_t
watch_replica_quiet_us(const struct watch_replica *replica)
{
	if (replica->state != WATCH_REPLICA_SETUP &&
		replica->state != WATCH_REPLICA_POLLING &&
		replica->state != WATCH_REPLICA_READING)
		return 0;
	return (clock_monotonic_ns() - replica->asked_ns) / 1000;
}

/* One that has been silent for too long is asked anew, on another connection. */
static void
watch_replica_give_up(struct watch_replica *replica)
{
	int64_t patience_us = replica->patience_us ? replica->patience_us
						   : replica->watch->first_patience_us;
	char *message;

	if (watch_replica_quiet_us(replica) < patience_us)
		return;
	message = alloc_printf("has not answered for %lld s: connecting anew",
		(long long)(patience_us / 1000000));
	replica->patience_us = watch_patience_longer(patience_us);
	pg_reconnect(replica->pg);
	watch_replica_on_lost(replica, message);
	free(message);
}

void
watch_replica_poll(struct watch_replica *replica)
{
	switch (replica->state) {
	case WATCH_REPLICA_DOWN:
		break;
	case WATCH_REPLICA_NEW:
		watch_replica_setup(replica);
		break;
	case WATCH_REPLICA_IDLE:
		watch_replica_ask(replica);
		break;
	case WATCH_REPLICA_SETUP:
	case WATCH_REPLICA_POLLING:
	case WATCH_REPLICA_READING:
		watch_replica_give_up(replica);
		break;
	}
}

static void
watch_replica_ask(struct watch_replica *replica)
{
	const struct watch_rights *rights = &replica->rights;
	const char *oid = watch_table_oid(&replica->watch->table);
	char *condition;

	watch_batch_clear(&replica->batch);
	watch_replica_add(replica, PG_QUERY_IDENTITY, true, NULL);
	watch_replica_add(replica, PG_QUERY_STANDBY, true, NULL);
	watch_replica_add(replica, PG_QUERY_RECEIVER, rights->receiver, NULL);
	watch_replica_add(replica, PG_QUERY_CONFLICTS, rights->conflicts, NULL);
	watch_replica_add(replica, PG_QUERY_SENDERS_NAMED,
		rights->senders && rights->slots, NULL);
	watch_replica_add(replica, PG_QUERY_SYSTEM,
		rights->system && !replica->system_identifier, NULL);
	/* A physical copy has the same oids. */
	condition = alloc_printf("c.oid = %s", oid ? oid : "0");
	watch_replica_add(replica, PG_QUERY_TABLE, true, condition);
	free(condition);
	watch_replica_add(replica, PG_QUERY_LOCKED, true, NULL);
	if (replica->batch.count > 0)
		watch_replica_send(
			replica, WATCH_REPLICA_POLLING, watch_replica_on_poll);
}

static void
watch_replica_on_setup(void *context, const struct pg_answer *answer)
{
	struct watch_replica *replica = context;

	if (answer->lost)
		return; /* watch_replica_on_lost follows */
	if (answer->error || answer->count == 0) {
		/* Nothing is asked without them; the next poll tries again. */
		replica->state = WATCH_REPLICA_NEW;
		replica->told = true;
		watch_replica_say(
			&replica->problem, answer->error ? answer->error : "no answer");
		return;
	}
	replica->state = WATCH_REPLICA_IDLE;
	watch_read_rights(&replica->rights, answer->results[answer->count - 1]);
	watch_plans_begin(&replica->plans);
	watch_replica_poll(replica);
}

static void
watch_replica_setup(struct watch_replica *replica)
{
	watch_batch_setup(&replica->batch, replica->pg);
	watch_replica_send(replica, WATCH_REPLICA_SETUP, watch_replica_on_setup);
}

static void
watch_replica_on_connected(void *context)
{
	struct watch_replica *replica = context;

	watch_skips_clear(&replica->skips);
	replica->state = WATCH_REPLICA_NEW;
	free(replica->system_identifier);
	replica->system_identifier = NULL;
	watch_replica_setup(replica);
}

static void
watch_replica_on_lost(void *context, const char *message)
{
	struct watch_replica *replica = context;

	replica->state = WATCH_REPLICA_DOWN;
	replica->told = true;
	watch_replica_say(&replica->problem, message);
}

void
watch_replica_init(struct pg_watch *watch, struct watch_replica *replica,
	const struct pg_watch_replica *from)
{
	const struct pg_handler handler = { .connected = watch_replica_on_connected,
		.lost = watch_replica_on_lost,
		.context = replica };

	*replica = (struct watch_replica){ .watch = watch,
		.name = alloc_copy(from->name),
		.problem = alloc_copy("connecting"),
		.version.chosen = -1 };
	replica->pg = pg_new(watch->loop, &from->params, watch_application, &handler);
	pg_pin_path(replica->pg);
}

void
watch_replica_free(struct watch_replica *replica)
{
	pg_free(replica->pg);
	str_free(&replica->batch.sql);
	free(replica->name);
	free(replica->problem);
	free(replica->system_identifier);
	free(replica->rights.database_oid);
	watch_skips_clear(&replica->skips);
	watch_plans_clear(&replica->plans);
	standby_free(&replica->own);
	replication_free(&replica->senders);
	pg_version_free(&replica->version);
}

/* What is wrong with the connection or with what is at its end; NULL: nothing. */
static char *
watch_replica_problem(
	const struct watch_replica *replica, const struct snapshot *snapshot)
{
	int64_t quiet_us = watch_replica_quiet_us(replica);
	const char *system = snapshot->server.system_identifier;

	if (replica->problem)
		return alloc_copy(replica->problem);
	if (system && replica->system_identifier &&
		strcmp(system, replica->system_identifier) != 0)
		return alloc_printf(
			"is not a replica of this server: system identifier "
			"%s, not %s",
			replica->system_identifier, system);
	if (!replica->own.recovery)
		return alloc_copy(
			"is not a standby: it was promoted, or never was one");
	if (quiet_us > REPLICA_SILENCE_US)
		return alloc_printf(
			"has not answered for %d s", (int)(quiet_us / 1000000));
	return NULL;
}

/* Those that receive from it; their times by the clock of the server watched. */
static void
watch_replica_fill_senders(
	const struct watch_replica *replica, struct snapshot *snapshot)
{
	int64_t since_us = snapshot->taken_us - replica->answered_us;
	int64_t ahead_us = snapshot->server_now_us - (replica->own.now_us + since_us);

	for (size_t i = 0; i < replica->senders.count; i++) {
		const struct replica *sender = &replica->senders.items[i];
		struct replication *to = &snapshot->replication;

		replication_add_sender(to, sender);
		if (sender->reply_us)
			to->items[to->count - 1].reply_us = sender->reply_us + ahead_us;
	}
}

/* Why its version rows can't be told; NULL: nothing is wrong.  The caller owns it. */
static char *
watch_replica_rows_problem(const struct watch_replica *replica)
{
	const struct pg_version *version = &replica->version;
	const struct version_candidate *item =
		version->chosen >= 0 ? &version->items[version->chosen] : NULL;

	const char *skipped = watch_skips_why(&replica->skips, PG_QUERY_ROWS);

	if (skipped || !item)
		return alloc_copy(skipped);
	if (*item->grant != '\0')
		return alloc_printf(
			"%s may not be read: %s is missing", item->name, item->grant);
	if (item->hazard != VERSION_SAFE)
		return alloc_printf("%s isn't read: it %s", item->name,
			version_hazard_words(item->hazard));
	return NULL;
}

void
watch_replica_fill(const struct watch_replica *replica, struct snapshot *snapshot)
{
	const struct server *server = &snapshot->server;
	const struct pg_version *version = &replica->version;
	struct replica *item;
	char *problem;

	/* The standby that is watched needs no second item. */
	if (server->role == SERVER_STANDBY &&
		strcmp(server->host, pg_host(replica->pg)) == 0 &&
		strcmp(server->port, pg_port(replica->pg)) == 0)
		return;
	problem = watch_replica_problem(replica, snapshot);
	item = replication_add(&snapshot->replication, replica->name);
	item->direct = true;
	item->problem = problem;
	item->pending = !replica->told;
	/* What it calls itself is known from before, too; where it is, isn't. */
	standby_copy(&item->own, &replica->own);
	item->own.read = replica->answered_us && !problem;
	item->disconnected = !item->own.read;
	if (!item->own.read)
		return;
	item->version_problem = watch_replica_rows_problem(replica);
	item->version_rows_read = !item->version_problem && version->chosen >= 0 &&
				  version->items[version->chosen].read;
	if (item->version_rows_read)
		strlist_copy(
			&item->version_rows, &version->items[version->chosen].rows);
	watch_replica_fill_senders(replica, snapshot);
}
