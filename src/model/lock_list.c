/* What was read of waits and locks, and lists of edges: kept, sorted, freed. */
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/sorted.h"
#include "src/model/lock_forest.h"

static void
lock_hold_free(struct lock_hold *hold)
{
	free(hold->transaction);
	free(hold->mode);
	free(hold->kind);
	free(hold->object);
}

int64_t
lock_wait_us(const struct lock_wait *wait, int64_t server_now_us)
{
	if (wait->since_us == 0)
		return -1;
	return server_now_us > wait->since_us ? server_now_us - wait->since_us : 0;
}

void
lock_wait_list_free(struct lock_wait_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->waits[i].mode);
		free(list->waits[i].kind);
		free(list->waits[i].relation);
		free(list->waits[i].object);
		free(list->waits[i].blockers);
	}
	for (size_t i = 0; i < list->prepared_count; i++) {
		free(list->prepared[i].transaction);
		free(list->prepared[i].gid);
		free(list->prepared[i].owner);
		free(list->prepared[i].database);
		free(list->prepared[i].waiters);
	}
	for (size_t i = 0; i < list->hold_count; i++)
		lock_hold_free(&list->holds[i]);
	free(list->waits);
	free(list->prepared);
	free(list->holds);
	*list = (struct lock_wait_list){ 0 };
}

static int
lock_compare_texts(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

static int
lock_compare_holders(const void *left, const void *right)
{
	const struct lock_hold *a = left, *b = right;

	if (a->pid != b->pid)
		return a->pid < b->pid ? -1 : 1;
	return lock_compare_texts(a->transaction, b->transaction);
}

static int
lock_compare_holds(const void *left, const void *right)
{
	const struct lock_hold *a = left, *b = right;
	int order = lock_compare_holders(a, b);

	if (order == 0)
		order = lock_compare_texts(a->object, b->object);
	if (order == 0)
		order = lock_compare_texts(a->kind, b->kind);
	return order != 0 ? order : lock_compare_texts(a->mode, b->mode);
}

/* Who waits for one of these waits for its holder, whatever else that has. */
static bool
lock_wait_names_holder(const struct lock_wait *wait)
{
	static const char *const kinds[] = { "transactionid", "virtualxid", "spectoken",
		"safe-snapshot" };

	for (size_t i = 0; wait->kind && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(wait->kind, kinds[i]) == 0)
			return true;
	}
	return false;
}

static void
lock_add_hold(struct lock_wait_list *list, const struct lock_wait *wait, int pid,
	const char *transaction)
{
	bool snapshot = strcmp(wait->kind, "safe-snapshot") == 0;

	list->holds = alloc_room(list->holds, list->hold_count, &list->hold_capacity,
		sizeof(*list->holds));
	list->holds[list->hold_count++] = (struct lock_hold){ .pid = pid,
		.transaction = alloc_copy(transaction),
		.mode = snapshot ? NULL : alloc_copy("ExclusiveLock"),
		.kind = alloc_copy(wait->kind),
		.object = alloc_copy(
			snapshot ? "a serializable transaction" : wait->object) };
}

/* The prepared transactions among a wait's blockers. */
static void
lock_add_prepared_holds(struct lock_wait_list *list, const struct lock_wait *wait)
{
	for (size_t i = 0; i < list->prepared_count; i++) {
		const struct lock_prepared *prepared = &list->prepared[i];

		for (size_t at = 0; at < prepared->waiter_count; at++) {
			if (prepared->waiters[at] == wait->pid)
				lock_add_hold(list, wait, 0, prepared->transaction);
		}
	}
}

void
lock_wait_list_settle(struct lock_wait_list *list)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++) {
		const struct lock_wait *wait = &list->waits[i];

		if (!lock_wait_names_holder(wait))
			continue;
		for (size_t at = 0; at < wait->blocker_count; at++) {
			if (wait->blockers[at] != 0)
				lock_add_hold(list, wait, wait->blockers[at], NULL);
			else
				lock_add_prepared_holds(list, wait);
		}
	}
	if (list->hold_count > 1)
		qsort(list->holds, list->hold_count, sizeof(*list->holds),
			lock_compare_holds);
	for (size_t i = 0; i < list->hold_count; i++) {
		if (kept > 0 && lock_compare_holds(
					&list->holds[i], &list->holds[kept - 1]) == 0)
			lock_hold_free(&list->holds[i]);
		else
			list->holds[kept++] = list->holds[i];
	}
	list->hold_count = kept;
}

const struct lock_hold *
lock_wait_list_holds(const struct lock_wait_list *list, int pid,
	const char *transaction, size_t *count)
{
	const struct lock_hold key = { .pid = pid, .transaction = (char *)transaction };
	size_t first = sorted_place(&key, list->holds, list->hold_count,
		sizeof(*list->holds), lock_compare_holders);
	size_t end = first;

	while (end < list->hold_count &&
		lock_compare_holders(&list->holds[end], &key) == 0)
		end++;
	*count = end - first;
	return *count ? &list->holds[first] : NULL;
}

void
lock_edges_free(struct lock_edges *edges)
{
	free(edges->first);
	free(edges->to);
	*edges = (struct lock_edges){ 0 };
}

void
lock_edges_reverse(
	const struct lock_edges *edges, size_t count, struct lock_edges *reverse)
{
	size_t *next = alloc_zeroed(count + 1, sizeof(*next));

	reverse->first = alloc_zeroed(count + 1, sizeof(*reverse->first));
	reverse->to = alloc_zeroed(edges->first[count] + 1, sizeof(*reverse->to));
	for (size_t i = 0; i < edges->first[count]; i++)
		reverse->first[edges->to[i] + 1]++;
	for (size_t at = 0; at < count; at++) {
		reverse->first[at + 1] += reverse->first[at];
		next[at] = reverse->first[at];
	}
	for (size_t at = 0; at < count; at++) {
		for (size_t i = edges->first[at]; i < edges->first[at + 1]; i++)
			reverse->to[next[edges->to[i]]++] = (unsigned)at;
	}
	free(next);
}
