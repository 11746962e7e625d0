/* A direct connection to a standby: where it is, and what its version table says. */
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/drive/clock.h"
#include "src/drive/pg_watch_parts.h"

enum { REPLICA_SILENCE_US = 5 * 1000 * 1000 };

static void watch_replica_setup(struct watch_replica *replica);

static void
watch_replica_say(struct watch_replica *replica, const char *problem)
{
	char *copy = alloc_copy(problem);

	free(replica->problem);
	replica->problem = copy;
}

static bool
watch_replica_send(struct watch_replica *replica,
	void (*answered)(void *context, const struct pg_answer *answer))
{
	struct error error = { 0 };

	replica->polling = pg_query(replica->pg, str_text(&replica->batch.sql), NULL, 0,
		answered, replica, &error);
	if (!replica->polling)
		watch_replica_say(replica, error.message);
	error_clear(&error);
	return replica->polling;
}

static void
watch_replica_done(struct watch_replica *replica, const char *error)
{
	replica->polling = false;
	if (error)
		watch_replica_say(replica, error);
}

static void
watch_replica_on_rows(void *context, const struct pg_answer *answer)
{
	struct watch_replica *replica = context;
	const struct pg_result *result = answer->count ? answer->results[0] : NULL;

	watch_replica_done(replica, answer->lost ? NULL : answer->error);
	if (answer->lost || answer->error || !result)
		return;
	pg_version_read(&replica->version, result);
	replica->answered_us = clock_now_us();
}

/* How the standby calls itself to its primary: that is the name there. */
static char *
watch_replica_sender_name(const struct pg_result *result)
{
	const char *conninfo = pg_result_text(result, 0, PG_RECEIVER_CONNINFO);
	const char *cluster = pg_result_text(result, 0, PG_RECEIVER_CLUSTER_NAME);
	PQconninfoOption *options = conninfo ? PQconninfoParse(conninfo, NULL) : NULL;
	char *name = NULL;

	for (const PQconninfoOption *option = options; option && option->keyword;
		option++) {
		if (strcmp(option->keyword, "application_name") == 0 && option->val)
			name = alloc_copy(option->val);
	}
	PQconninfoFree(options);
	return name ? name : alloc_copy(cluster && *cluster ? cluster : NULL);
}

static void
watch_replica_read(struct watch_replica *replica, const struct pg_result *result)
{
	replica->recovery = pg_result_bool(result, 0, PG_RECEIVER_RECOVERY);
	replica->paused = pg_result_bool(result, 0, PG_RECEIVER_PAUSED);
	replica->receiver = pg_result_bool(result, 0, PG_RECEIVER_CONNECTED);
	replica->now_us = pg_result_int(result, 0, PG_RECEIVER_NOW, 0);
	replica->replayed_us = pg_result_int(result, 0, PG_RECEIVER_REPLAYED_AT, 0);
	replication_parse_lsn(pg_result_text(result, 0, PG_RECEIVER_RECEIVED),
		&replica->received_lsn);
	replication_parse_lsn(pg_result_text(result, 0, PG_RECEIVER_REPLAYED),
		&replica->replayed_lsn);
	free(replica->sender_name);
	replica->sender_name = watch_replica_sender_name(result);
}

static void
watch_replica_on_poll(void *context, const struct pg_answer *answer)
{
	struct watch_replica *replica = context;
	const struct pg_result *table = NULL;
	struct strlist locked = { 0 };

	watch_replica_done(replica, answer->lost ? NULL : answer->error);
	if (answer->lost || answer->error)
		return;
	watch_replica_say(replica, NULL);
	replica->answered_us = clock_now_us();
	for (size_t i = 0; i < answer->count && i < replica->batch.count; i++) {
		const struct pg_result *result = answer->results[i];

		if (replica->batch.ids[i] == PG_QUERY_RECEIVER) {
			watch_replica_read(replica, result);
		} else if (replica->batch.ids[i] == PG_QUERY_SYSTEM) {
			free(replica->system_identifier);
			replica->system_identifier =
				alloc_copy(pg_result_text(result, 0, 0));
		} else if (replica->batch.ids[i] == PG_QUERY_LOCKED) {
			for (int row = 0; row < pg_result_rows(result); row++)
				strlist_add(&locked, pg_result_text(result, row,
							     PG_LOCKED_RELATION));
		} else {
			table = result;
		}
	}
	/* Rows outlive a lock that replay holds for a moment. */
	if (table)
		pg_version_found(&replica->version, true, table, &locked);
	strlist_free(&locked);
	watch_batch_clear(&replica->batch);
	if (table && pg_version_query(&replica->version, &replica->batch.sql))
		watch_replica_send(replica, watch_replica_on_rows);
}

void
watch_replica_poll(struct watch_replica *replica)
{
	const char *oid = watch_table_oid(&replica->watch->table);
	int version = pg_server_version(replica->pg);
	char *condition;

	if (replica->polling || pg_state(replica->pg) != PG_READY)
		return;
	watch_batch_clear(&replica->batch);
	watch_batch_add(&replica->batch, PG_QUERY_RECEIVER, version, NULL);
	if (replica->system_permitted)
		watch_batch_add(&replica->batch, PG_QUERY_SYSTEM, version, NULL);
	/* A physical copy has the same oids. */
	condition = alloc_printf("c.oid = %s", oid ? oid : "0");
	watch_batch_add(&replica->batch, PG_QUERY_TABLES, version, condition);
	free(condition);
	watch_batch_add(&replica->batch, PG_QUERY_LOCKED, version, NULL);
	watch_replica_send(replica, watch_replica_on_poll);
}

static void
watch_replica_on_setup(void *context, const struct pg_answer *answer)
{
	struct watch_replica *replica = context;
	struct watch_rights rights = { 0 };

	watch_replica_done(replica, answer->lost ? NULL : answer->error);
	if (answer->lost || answer->error || answer->count == 0)
		return;
	watch_read_rights(&rights, answer->results[answer->count - 1]);
	replica->system_permitted = rights.system;
	free(rights.database_oid);
	watch_replica_poll(replica);
}

static void
watch_replica_setup(struct watch_replica *replica)
{
	int version = pg_server_version(replica->pg);

	watch_batch_clear(&replica->batch);
	watch_batch_add(&replica->batch, PG_QUERY_SETTINGS, version, NULL);
	watch_batch_add(&replica->batch, PG_QUERY_IDENTITY, version, NULL);
	watch_replica_send(replica, watch_replica_on_setup);
}

static void
watch_replica_on_connected(void *context)
{
	watch_replica_setup(context);
}

static void
watch_replica_on_lost(void *context, const char *message)
{
	struct watch_replica *replica = context;

	replica->polling = false;
	watch_replica_say(replica, message);
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
}

void
watch_replica_free(struct watch_replica *replica)
{
	pg_free(replica->pg);
	str_free(&replica->batch.sql);
	free(replica->name);
	free(replica->problem);
	free(replica->sender_name);
	free(replica->system_identifier);
	pg_version_free(&replica->version);
}

/* The item of the primary's list that is this standby, else a new one. */
static struct replica *
watch_replica_item(const struct watch_replica *from, struct replication *replication)
{
	for (size_t i = 0; from->sender_name && i < replication->count; i++) {
		struct replica *item = &replication->items[i];

		if (!item->direct && strcmp(item->name, from->sender_name) == 0) {
			/* The operator's own name for it is the better one. */
			free(item->name);
			item->name = alloc_copy(from->name);
			return item;
		}
	}
	return replication_item(replication, from->name);
}

/* What is wrong with the connection or with what is at its end; NULL: nothing. */
static char *
watch_replica_problem(
	const struct watch_replica *replica, const struct snapshot *snapshot)
{
	int64_t quiet_us = snapshot->taken_us - replica->answered_us;
	const char *system = snapshot->server.system_identifier;

	if (replica->problem)
		return alloc_copy(replica->problem);
	if (system && replica->system_identifier &&
		strcmp(system, replica->system_identifier) != 0)
		return alloc_printf(
			"is not a replica of this server: system identifier "
			"%s, not %s",
			replica->system_identifier, system);
	if (!replica->recovery)
		return alloc_copy(
			"is not a standby: it was promoted, or never was one");
	if (quiet_us > REPLICA_SILENCE_US)
		return alloc_printf(
			"has not answered for %d s", (int)(quiet_us / 1000000));
	return NULL;
}

void
watch_replica_fill(const struct watch_replica *replica, struct snapshot *snapshot)
{
	struct replica *item = watch_replica_item(replica, &snapshot->replication);
	char *problem = watch_replica_problem(replica, snapshot);
	bool fresh = replica->answered_us && !problem;

	item->direct = true;
	if (problem) {
		free(item->problem);
		item->problem = problem;
	} else if (item->problem) {
		/* What the primary may not tell, the standby itself has told. */
		free(item->problem);
		item->problem = NULL;
	}
	if (!fresh) {
		item->disconnected = !item->from_primary;
		return;
	}
	item->paused = replica->paused;
	item->disconnected = !replica->receiver;
	/* Both look at different moments, and neither position ever goes back. */
	if (replica->received_lsn > item->flush_lsn)
		item->flush_lsn = replica->received_lsn;
	if (replica->replayed_lsn > item->replay_lsn)
		item->replay_lsn = replica->replayed_lsn;
	if (item->lag_us == LAG_UNKNOWN && replica->replayed_us &&
		replica->now_us > replica->replayed_us)
		item->lag_us = replica->now_us - replica->replayed_us;
	item->version_rows_read = replica->version.chosen >= 0 &&
				  replica->version.items[replica->version.chosen].read;
	if (item->version_rows_read)
		strlist_copy(&item->version_rows,
			&replica->version.items[replica->version.chosen].rows);
}
