/* Rows of pg_locks as waits, with what they wait for in words. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/sorted.h"
#include "src/drive/pg_watch_parts.h"

/* A row by a number that it is looked for by. */
struct lock_place {
	uint64_t key;
	int row;
};

struct lock_places {
	struct lock_place *items; /* sorted */
	size_t count;
};

/* The rows of one answer by what they are. */
struct lock_rows {
	const struct pg_result *result;
	struct lock_places wanted; /* who waits, by what for */
	struct lock_places tuples; /* granted, by pid */
	int *prepared;
	size_t prepared_count;
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

/* By what is locked, and for PG_LOCK_MODE as `from` also how. */
static uint64_t
watch_object_hash(const struct pg_result *result, int row, int from)
{
	uint64_t hash = UINT64_C(14695981039346656037); /* FNV-1a */

	for (int column = from; column <= PG_LOCK_SUBOBJECT; column++) {
		if (column == PG_LOCK_SINCE)
			continue;
		for (const char *at = field(result, row, column); *at; at++)
			hash = (hash ^ (unsigned char)*at) * UINT64_C(1099511628211);
		hash = (hash ^ ',') * UINT64_C(1099511628211);
	}
	return hash;
}

static int
watch_compare_places(const void *left, const void *right)
{
	const struct lock_place *a = left, *b = right;

	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	return a->row < b->row ? -1 : 1;
}

static void
watch_places_sort(struct lock_places *places)
{
	if (places->count > 1)
		qsort(places->items, places->count, sizeof(*places->items),
			watch_compare_places);
}

/* The first of those with that key, or count. */
static size_t
watch_places_find(const struct lock_places *places, uint64_t key)
{
	const struct lock_place before = { .key = key, .row = -1 };
	size_t at = sorted_place(&before, places->items, places->count, sizeof(before),
		watch_compare_places);

	return at < places->count && places->items[at].key == key ? at : places->count;
}

static int
watch_compare_seen(const void *left, const void *right)
{
	const struct watch_seen *a = left, *b = right;

	if (a->pid != b->pid)
		return a->pid < b->pid ? -1 : 1;
	return (a->what > b->what) - (a->what < b->what);
}

void
watch_sort_seen(struct watch_seen_list *seen)
{
	if (seen->count > 1)
		qsort(seen->items, seen->count, sizeof(*seen->items),
			watch_compare_seen);
}

void
watch_since(struct pg_watch *watch, struct lock_wait *wait, uint64_t what)
{
	struct watch_seen_list *next = &watch->poll.seen;
	struct watch_seen seen = { .pid = wait->pid,
		.what = what,
		.since_us = watch->poll.snapshot->server_now_us };
	const struct watch_seen *before = NULL;

	if (watch->seen.count > 0)
		before = bsearch(&seen, watch->seen.items, watch->seen.count,
			sizeof(seen), watch_compare_seen);
	if (before)
		seen.since_us = before->since_us;
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
	const char *elsewhere = pg_result_text(result, row, PG_LOCK_ELSEWHERE);
	const char *oid = pg_result_text(result, row, PG_LOCK_RELATION);

	if (!oid)
		return NULL;
	if (name)
		return alloc_copy(name);
	return alloc_printf("relation %s of database %s", oid,
		elsewhere ? elsewhere : field(result, row, PG_LOCK_DATABASE));
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

/* Up to 13 such a token's transaction is told where others have a catalog. */
static char *
watch_insertion(const struct pg_result *result, int row)
{
	const char *xid = pg_result_text(result, row, PG_LOCK_TRANSACTIONID);

	return alloc_printf("insertion of transaction %s",
		xid ? xid : field(result, row, PG_LOCK_DATABASE));
}

/* What is locked, in words, as if it were of this database. */
static char *
watch_object_here(const struct pg_result *result, int row, const char *relation)
{
	const char *kind = field(result, row, PG_LOCK_KIND);
	const char *what = pg_result_text(result, row, PG_LOCK_WHAT);

	if (!relation)
		relation = "?";
	if (strcmp(kind, "relation") == 0)
		return alloc_copy(relation);
	if (strcmp(kind, "tuple") == 0)
		return alloc_printf("%s row (%s,%s)", relation,
			field(result, row, PG_LOCK_PAGE),
			field(result, row, PG_LOCK_TUPLE));
	if (strcmp(kind, "page") == 0)
		return alloc_printf(
			"%s page %s", relation, field(result, row, PG_LOCK_PAGE));
	if (strcmp(kind, "extend") == 0)
		return alloc_printf("a new page of %s", relation);
	if (strcmp(kind, "frozenid") == 0)
		return alloc_copy("the oldest transaction of a database");
	if (strcmp(kind, "transactionid") == 0)
		return alloc_printf(
			"transaction %s", field(result, row, PG_LOCK_TRANSACTIONID));
	if (strcmp(kind, "virtualxid") == 0)
		return alloc_printf("virtual transaction %s",
			field(result, row, PG_LOCK_VIRTUALXID));
	if (strcmp(kind, "spectoken") == 0)
		return watch_insertion(result, row);
	if (strcmp(kind, "applytransaction") == 0)
		return alloc_printf("remote transaction %s of subscription %s",
			field(result, row, PG_LOCK_TRANSACTIONID),
			field(result, row, PG_LOCK_OBJECT));
	if (strcmp(kind, "advisory") == 0)
		return watch_advisory(result, row);
	return what ? alloc_copy(what) : alloc_printf("a %s lock", kind);
}

static char *
watch_object(const struct pg_result *result, int row, const char *relation)
{
	const char *elsewhere = pg_result_text(result, row, PG_LOCK_ELSEWHERE);
	char *object = watch_object_here(result, row, relation), *longer;

	/* A relation's name says so already. */
	if (!elsewhere || relation)
		return object;
	longer = alloc_printf("%s of database %s", object, elsewhere);
	free(object);
	return longer;
}

/*
 * A transactionid wait says nothing of the row; but who comes first to it holds its
 * tuple lock meanwhile.
 */
static void
watch_name_row(const struct lock_rows *rows, struct lock_wait *wait)
{
	size_t at = watch_places_find(&rows->tuples, (uint64_t)wait->pid);

	if (at == rows->tuples.count)
		return;
	free(wait->relation);
	free(wait->object);
	wait->relation = watch_relation(rows->result, rows->tuples.items[at].row);
	wait->object =
		watch_object(rows->result, rows->tuples.items[at].row, wait->relation);
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
		watch_since(watch, wait, watch_object_hash(result, row, PG_LOCK_MODE));
	if (strcmp(wait->kind, "transactionid") == 0)
		watch_name_row(rows, wait);
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

/* A granted lock, if somebody waits for what it keeps from others. */
static void
watch_read_hold(struct pg_watch *watch, const struct lock_rows *rows, int row)
{
	const struct pg_result *result = rows->result;
	struct lock_wait_list *list = &watch->poll.waits;
	uint64_t key = watch_object_hash(result, row, PG_LOCK_KIND);
	const char *mode = field(result, row, PG_LOCK_MODE);
	bool wanted = false;

	/* Who waits for one names its holder, and may know the row. */
	if (strcmp(field(result, row, PG_LOCK_KIND), "transactionid") == 0)
		return;
	for (size_t at = watch_places_find(&rows->wanted, key);
		at < rows->wanted.count && rows->wanted.items[at].key == key && !wanted;
		at++) {
		int wait = rows->wanted.items[at].row;

		wanted = watch_same_object(result, row, wait) &&
			 lock_modes_conflict(mode, field(result, wait, PG_LOCK_MODE));
	}
	if (!wanted)
		return;

	const struct lock_prepared *prepared =
		pg_result_text(result, row, PG_LOCK_PID)
			? NULL
			: watch_prepared_of(rows, row, list);
	char *relation = watch_relation(result, row);

	list->holds = alloc_room(list->holds, list->hold_count, &list->hold_capacity,
		sizeof(*list->holds));
	list->holds[list->hold_count++] = (struct lock_hold){
		.pid = (int)pg_result_int(result, row, PG_LOCK_PID, 0),
		.transaction = prepared ? alloc_copy(prepared->transaction) : NULL,
		.mode = alloc_copy(mode),
		.kind = alloc_copy(field(result, row, PG_LOCK_KIND)),
		.object = watch_object(result, row, relation),
	};
	free(relation);
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

static void
watch_sort_rows(struct pg_watch *watch, struct lock_rows *rows)
{
	const struct pg_result *result = rows->result;
	size_t count = (size_t)pg_result_rows(result);

	rows->wanted.items = alloc_zeroed(count + 1, sizeof(struct lock_place));
	rows->tuples.items = alloc_zeroed(count + 1, sizeof(struct lock_place));
	rows->prepared = alloc_zeroed(count + 1, sizeof(int));
	for (int row = 0; row < pg_result_rows(result); row++) {
		watch_keep_locked(watch, result, row);
		if (!pg_result_bool(result, row, PG_LOCK_GRANTED))
			rows->wanted.items[rows->wanted.count++] = (struct lock_place){
				watch_object_hash(result, row, PG_LOCK_KIND), row
			};
		else if (!pg_result_text(result, row, PG_LOCK_PID))
			rows->prepared[rows->prepared_count++] = row;
		else if (strcmp(field(result, row, PG_LOCK_KIND), "tuple") == 0)
			rows->tuples.items[rows->tuples.count++] = (struct lock_place){
				(uint64_t)pg_result_int(result, row, PG_LOCK_PID, 0),
				row
			};
	}
	watch_places_sort(&rows->wanted);
	watch_places_sort(&rows->tuples);
}

void
watch_read_locks(struct pg_watch *watch, const struct pg_result *result)
{
	struct lock_rows rows = { .result = result };

	watch->poll.waits.standby = watch->poll.snapshot->server.role == SERVER_STANDBY;
	watch_sort_rows(watch, &rows);
	for (int row = 0; row < pg_result_rows(result); row++) {
		if (pg_result_bool(result, row, PG_LOCK_GRANTED))
			watch_read_hold(watch, &rows, row);
		else
			watch_read_wait(watch, &rows, row);
	}
	watch_sort_seen(&watch->poll.seen);
	free(rows.wanted.items);
	free(rows.tuples.items);
	free(rows.prepared);
}

void
watch_read_held(struct pg_watch *watch, const struct pg_result *result)
{
	const struct watch_poll *poll = &watch->poll;
	struct session_held *held;

	/* The pid may be another session's by now. */
	if (!session_find_key(&poll->snapshot->sessions, poll->asked))
		return;
	held = alloc_zeroed(1, sizeof(*held));
	held->key = poll->asked;
	held->read_us = poll->snapshot->taken_us;
	for (int row = 0; row < pg_result_rows(result); row++) {
		/* Every session's own: no news. */
		if (pg_result_text(result, row, PG_LOCK_VIRTUALXID) &&
			pg_result_bool(result, row, PG_LOCK_GRANTED))
			continue;
		char *relation = watch_relation(result, row);

		session_held_add(held, pg_result_bool(result, row, PG_LOCK_GRANTED),
			alloc_copy(field(result, row, PG_LOCK_MODE)),
			watch_object(result, row, relation));
		free(relation);
	}
	session_held_sort(held);
	session_held_free(watch->poll.snapshot->held);
	watch->poll.snapshot->held = held;
}

void
watch_read_prepared(struct pg_watch *watch, const struct pg_result *result)
{
	struct lock_wait_list *list = &watch->poll.waits;
	struct vitals *vitals = &watch->poll.snapshot->vitals;

	vitals->prepared_xid_age = -1;
	for (int row = 0; row < pg_result_rows(result); row++) {
		int64_t age = pg_result_int(result, row, PG_PREPARED_AGE, -1);

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
		/* The one that holds the horizon back most. */
		if (age <= vitals->prepared_xid_age)
			continue;
		vitals->prepared_xid_age = age;
		vitals->prepared_us = pg_result_int(result, row, PG_PREPARED_SINCE, 0);
		free(vitals->prepared_gid);
		vitals->prepared_gid = alloc_copy(field(result, row, PG_PREPARED_GID));
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
