/* Rows of pg_locks as waits, with what they wait for in words. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "src/drive/pg_watch_parts.h"

/* The rows of one answer by what they are. */
struct lock_rows {
	const struct pg_result *result;
	int *tuples, *prepared;
	size_t tuple_count, prepared_count;
};

static const char *
field(const struct pg_result *result, int row, int column)
{
	const char *text = pg_result_text(result, row, column);

	return text ? text : "";
}

/* Columns that say what is locked; the same for all who want the same. */
static bool
watch_same_object(const struct pg_result *result, int a, int b)
{
	for (int column = PG_LOCK_KIND; column <= PG_LOCK_SUBOBJECT; column++) {
		if (strcmp(field(result, a, column), field(result, b, column)) != 0)
			return false;
	}
	return true;
}

static uint64_t
watch_object_hash(const struct pg_result *result, int row)
{
	uint64_t hash = UINT64_C(14695981039346656037); /* FNV-1a */

	for (int column = PG_LOCK_MODE; column <= PG_LOCK_SUBOBJECT; column++) {
		if (column == PG_LOCK_SINCE)
			continue;
		for (const char *at = field(result, row, column); *at; at++)
			hash = (hash ^ (unsigned char)*at) * UINT64_C(1099511628211);
		hash = (hash ^ ',') * UINT64_C(1099511628211);
	}
	return hash;
}

void
watch_since(struct pg_watch *watch, struct lock_wait *wait, uint64_t what)
{
	struct watch_seen_list *next = &watch->poll.seen;
	struct watch_seen seen = { .pid = wait->pid,
		.what = what,
		.since_us = watch->poll.snapshot->server_now_us };

	for (size_t i = 0; i < watch->seen.count; i++) {
		if (watch->seen.items[i].pid == wait->pid &&
			watch->seen.items[i].what == what)
			seen.since_us = watch->seen.items[i].since_us;
	}
	wait->since_us = seen.since_us;
	wait->since_at_least = true;
	next->items = alloc_room(
		next->items, next->count, &next->capacity, sizeof(*next->items));
	next->items[next->count++] = seen;
}

/* The relation by name; by number where it belongs to another database. */
static char *
watch_relation(const struct pg_result *result, int row)
{
	const char *name = pg_result_text(result, row, PG_LOCK_NAME);
	const char *oid = pg_result_text(result, row, PG_LOCK_RELATION);

	if (!oid)
		return NULL;
	if (name)
		return alloc_copy(name);
	return alloc_printf("relation %s of database %s", oid,
		field(result, row, PG_LOCK_DATABASE));
}

/* The key as it was given: one bigint, or two ints. */
static char *
watch_advisory(const struct pg_result *result, int row)
{
	uint32_t high = (uint32_t)pg_result_int(result, row, PG_LOCK_CLASS, 0);
	uint32_t low = (uint32_t)pg_result_int(result, row, PG_LOCK_OBJECT, 0);

	if (pg_result_int(result, row, PG_LOCK_SUBOBJECT, 1) == 2)
		return alloc_printf("advisory (%" PRId32 ", %" PRId32 ")",
			(int32_t)high, (int32_t)low);
	return alloc_printf("advisory %" PRId64, (int64_t)((uint64_t)high << 32 | low));
}

/* What is waited for, in words. */
static char *
watch_object(const struct pg_result *result, int row, const char *relation)
{
	const char *kind = field(result, row, PG_LOCK_KIND);

	if (strcmp(kind, "relation") == 0)
		return alloc_copy(relation);
	if (strcmp(kind, "tuple") == 0)
		return alloc_printf("%s row (%s,%s)", relation ? relation : "?",
			field(result, row, PG_LOCK_PAGE),
			field(result, row, PG_LOCK_TUPLE));
	if (strcmp(kind, "page") == 0)
		return alloc_printf("%s page %s", relation ? relation : "?",
			field(result, row, PG_LOCK_PAGE));
	if (strcmp(kind, "extend") == 0)
		return alloc_printf("%s growing", relation ? relation : "?");
	if (strcmp(kind, "transactionid") == 0)
		return alloc_printf(
			"transaction %s", field(result, row, PG_LOCK_TRANSACTIONID));
	if (strcmp(kind, "virtualxid") == 0)
		return alloc_printf("virtual transaction %s",
			field(result, row, PG_LOCK_VIRTUALXID));
	if (strcmp(kind, "advisory") == 0)
		return watch_advisory(result, row);
	if (strcmp(kind, "object") == 0)
		return alloc_printf("object %s of catalog %s",
			field(result, row, PG_LOCK_OBJECT),
			field(result, row, PG_LOCK_CLASS));
	return alloc_copy(kind);
}

/*
 * A transactionid wait says nothing of the row; but who comes first to it holds its
 * tuple lock meanwhile.
 */
static void
watch_name_row(const struct lock_rows *rows, int row, struct lock_wait *wait)
{
	const char *pid = field(rows->result, row, PG_LOCK_PID);

	for (size_t i = 0; i < rows->tuple_count; i++) {
		int at = rows->tuples[i];

		if (strcmp(field(rows->result, at, PG_LOCK_PID), pid) != 0)
			continue;
		free(wait->relation);
		free(wait->object);
		wait->relation = watch_relation(rows->result, at);
		wait->object = watch_object(rows->result, at, wait->relation);
		return;
	}
}

/* The prepared transaction that holds a lock, by the transactionid lock that it holds
 * in the same virtual transaction. */
static struct lock_prepared *
watch_prepared_of(const struct lock_rows *rows, int held, struct lock_wait_list *list)
{
	const char *owner = field(rows->result, held, PG_LOCK_TRANSACTION_OF);

	for (size_t i = 0; i < rows->prepared_count; i++) {
		int row = rows->prepared[i];
		const char *xid = field(rows->result, row, PG_LOCK_TRANSACTIONID);

		if (!*xid || strcmp(field(rows->result, row, PG_LOCK_TRANSACTION_OF),
				     owner) != 0)
			continue;
		for (size_t p = 0; p < list->prepared_count; p++) {
			if (strcmp(list->prepared[p].transaction, xid) == 0)
				return &list->prepared[p];
		}
	}
	return NULL;
}

/* A blocker 0: whose locks of the same object keep this one waiting. */
static void
watch_find_prepared(
	struct pg_watch *watch, const struct lock_rows *rows, int row, int pid)
{
	const struct pg_result *result = rows->result;

	for (size_t i = 0; i < rows->prepared_count; i++) {
		int held = rows->prepared[i];
		struct lock_prepared *prepared;

		if (!watch_same_object(result, held, row) ||
			!lock_modes_conflict(field(result, held, PG_LOCK_MODE),
				field(result, row, PG_LOCK_MODE)))
			continue;
		prepared = watch_prepared_of(rows, held, &watch->poll.waits);
		if (!prepared)
			continue;
		prepared->waiters =
			alloc_room(prepared->waiters, prepared->waiter_count,
				&prepared->waiter_capacity, sizeof(*prepared->waiters));
		prepared->waiters[prepared->waiter_count++] = pid;
	}
}

static void
watch_read_wait(struct pg_watch *watch, const struct lock_rows *rows, int row)
{
	const struct pg_result *result = rows->result;
	struct watch_poll *poll = &watch->poll;
	struct lock_wait_list *list = &poll->waits;
	struct lock_wait *wait;

	list->waits = alloc_room(
		list->waits, list->count, &list->capacity, sizeof(*list->waits));
	wait = &list->waits[list->count++];
	*wait = (struct lock_wait){
		.pid = (int)pg_result_int(result, row, PG_LOCK_PID, 0),
		.since_us = pg_result_int(result, row, PG_LOCK_SINCE, 0),
		.mode = alloc_copy(field(result, row, PG_LOCK_MODE)),
		.kind = alloc_copy(field(result, row, PG_LOCK_KIND)),
		.relation = watch_relation(result, row),
	};
	wait->object = watch_object(result, row, wait->relation);
	wait->blockers = watch_read_pids(
		pg_result_text(result, row, PG_LOCK_BLOCKERS), &wait->blocker_count);
	if (wait->since_us == 0)
		watch_since(watch, wait, watch_object_hash(result, row));
	if (strcmp(wait->kind, "transactionid") == 0)
		watch_name_row(rows, row, wait);
	if (strcmp(wait->kind, "transactionid") == 0 && !wait->relation) {
		poll->writers = alloc_room(poll->writers, poll->writer_count,
			&poll->writer_capacity, sizeof(*poll->writers));
		poll->writers[poll->writer_count++] = list->count - 1;
	}
	for (size_t i = 0; i < wait->blocker_count; i++) {
		if (wait->blockers[i] == 0) {
			watch_find_prepared(watch, rows, row, wait->pid);
			break;
		}
	}
}

/* Tables of this database that a look would have to wait for. */
static void
watch_keep_locked(struct pg_watch *watch, const struct pg_result *result, int row)
{
	const char *relation = pg_result_text(result, row, PG_LOCK_RELATION);

	if (relation && watch->rights.database_oid &&
		strcmp(field(result, row, PG_LOCK_DATABASE),
			watch->rights.database_oid) == 0 &&
		strcmp(field(result, row, PG_LOCK_KIND), "relation") == 0 &&
		strcmp(field(result, row, PG_LOCK_MODE), "AccessExclusiveLock") == 0)
		strlist_add(&watch->poll.locked, relation);
}

void
watch_read_locks(struct pg_watch *watch, const struct pg_result *result)
{
	int count = pg_result_rows(result);
	struct lock_rows rows = { .result = result,
		.tuples = alloc_zeroed((size_t)count + 1, sizeof(int)),
		.prepared = alloc_zeroed((size_t)count + 1, sizeof(int)) };

	for (int row = 0; row < count; row++) {
		bool granted = pg_result_bool(result, row, PG_LOCK_GRANTED);

		watch_keep_locked(watch, result, row);
		if (!pg_result_text(result, row, PG_LOCK_PID))
			rows.prepared[rows.prepared_count++] = row;
		else if (granted &&
			 strcmp(field(result, row, PG_LOCK_KIND), "tuple") == 0)
			rows.tuples[rows.tuple_count++] = row;
	}
	for (int row = 0; row < count; row++) {
		if (!pg_result_bool(result, row, PG_LOCK_GRANTED))
			watch_read_wait(watch, &rows, row);
	}
	free(rows.tuples);
	free(rows.prepared);
}

void
watch_read_prepared(struct pg_watch *watch, const struct pg_result *result)
{
	struct lock_wait_list *list = &watch->poll.waits;

	for (int row = 0; row < pg_result_rows(result); row++) {
		list->prepared = alloc_room(list->prepared, list->prepared_count,
			&list->prepared_capacity, sizeof(*list->prepared));
		list->prepared[list->prepared_count++] = (struct lock_prepared){
			.transaction =
				alloc_copy(field(result, row, PG_PREPARED_TRANSACTION)),
			.gid = alloc_copy(field(result, row, PG_PREPARED_GID)),
			.owner = alloc_copy(field(result, row, PG_PREPARED_OWNER)),
			.database =
				alloc_copy(field(result, row, PG_PREPARED_DATABASE)),
			.prepared_us = pg_result_int(result, row, PG_PREPARED_SINCE, 0),
		};
	}
}

bool
watch_writers(const struct pg_watch *watch, struct str *pids)
{
	const struct watch_poll *poll = &watch->poll;

	for (size_t i = 0; i < poll->writer_count; i++) {
		const struct lock_wait *wait = &poll->waits.waits[poll->writers[i]];

		str_printf(pids, "%s%d", i ? ", " : "(", wait->pid);
		for (size_t at = 0; at < wait->blocker_count; at++)
			str_printf(pids, ", %d", wait->blockers[at]);
	}
	if (poll->writer_count)
		str_add_char(pids, ')');
	return poll->writer_count > 0;
}

static bool
watch_writes(const struct pg_result *result, int pid, const char *relation)
{
	for (int row = 0; row < pg_result_rows(result); row++) {
		if (pg_result_int(result, row, PG_WRITE_PID, 0) == pid &&
			strcmp(field(result, row, PG_WRITE_RELATION), relation) == 0)
			return true;
	}
	return false;
}

static bool
watch_blocker_writes(const struct pg_result *result, const struct lock_wait *wait,
	const char *relation)
{
	for (size_t i = 0; i < wait->blocker_count; i++) {
		if (watch_writes(result, wait->blockers[i], relation))
			return true;
	}
	return false;
}

void
watch_read_writes(struct pg_watch *watch, const struct pg_result *result)
{
	const struct watch_poll *poll = &watch->poll;

	for (size_t i = 0; i < poll->writer_count; i++) {
		struct lock_wait *wait = &poll->waits.waits[poll->writers[i]];
		struct str tables = { 0 };

		for (int row = 0; row < pg_result_rows(result); row++) {
			if (pg_result_int(result, row, PG_WRITE_PID, 0) == wait->pid &&
				watch_blocker_writes(result, wait,
					field(result, row, PG_WRITE_RELATION)))
				str_printf(&tables, "%s%s", tables.length ? " or " : "",
					field(result, row, PG_WRITE_NAME));
		}
		if (tables.length == 0)
			continue;
		/* The transaction stays in the words: the row is still unknown. */
		char *object = alloc_printf("%s, %s", str_text(&tables), wait->object);

		free(wait->object);
		wait->object = object;
		wait->relation = str_take(&tables);
	}
}
