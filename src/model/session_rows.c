#include "pgrunbook/model/session_rows.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/sorted.h"

static int
key_compare(const void *left, const void *right)
{
	const struct session_key *a = left, *b = right;

	if (a->pid != b->pid)
		return a->pid < b->pid ? -1 : 1;
	return (a->backend_start_us > b->backend_start_us) -
	       (a->backend_start_us < b->backend_start_us);
}

/* Where it is, or would be. */
static size_t
keys_place(const struct session_keys *keys, struct session_key key)
{
	return sorted_place(
		&key, keys->items, keys->count, sizeof(*keys->items), key_compare);
}

bool
session_keys_has(const struct session_keys *keys, struct session_key key)
{
	size_t at = keys_place(keys, key);

	return at < keys->count && session_key_same(keys->items[at], key);
}

void
session_keys_add(struct session_keys *keys, struct session_key key)
{
	size_t at = keys_place(keys, key);

	if (session_keys_has(keys, key))
		return;
	keys->items = alloc_room(
		keys->items, keys->count, &keys->capacity, sizeof(*keys->items));
	memmove(keys->items + at + 1, keys->items + at,
		(keys->count - at) * sizeof(*keys->items));
	keys->items[at] = key;
	keys->count++;
}

bool
session_keys_remove(struct session_keys *keys, struct session_key key)
{
	size_t at = keys_place(keys, key);

	if (!session_keys_has(keys, key))
		return false;
	keys->count--;
	memmove(keys->items + at, keys->items + at + 1,
		(keys->count - at) * sizeof(*keys->items));
	return true;
}

void
session_keys_keep(struct session_keys *keys, const struct session_list *list)
{
	struct session_keys kept = { 0 };

	for (size_t i = 0; keys->count != 0 && i < list->count; i++) {
		struct session_key key = session_key_of(&list->items[i]);

		if (session_keys_has(keys, key))
			session_keys_add(&kept, key);
	}
	free(keys->items);
	*keys = kept;
}

void
session_keys_free(struct session_keys *keys)
{
	free(keys->items);
	*keys = (struct session_keys){ 0 };
}

/* A session that is listed, with what it takes to put it in its place. */
struct listed {
	const struct session *session;
	size_t number; /* in the list: the order when nothing else decides */
	size_t leader; /* index of its leader, or its own */
};

struct listing {
	const struct session_choice *choice;
	int64_t now_us;
	struct listed *items; /* by pid */
	size_t count;
};

static bool
row_wants_server(const struct session_choice *choice, const struct session *session)
{
	return choice->server || session->waiting ||
	       (choice->filter != NULL && session_filter_wants_server(choice->filter));
}

static bool
row_is_wanted(const struct listing *listing, const struct session *session)
{
	const struct session_choice *choice = listing->choice;

	if (choice->hide_idle && session->state == SESSION_IDLE && !session->migration)
		return false;
	if (choice->hide_own && session->own)
		return false;
	return choice->filter == NULL ||
	       session_filter_matches(choice->filter, session, listing->now_us);
}

static int
listed_by_pid(const void *left, const void *right)
{
	const struct listed *a = left, *b = right;

	return (a->session->pid > b->session->pid) -
	       (a->session->pid < b->session->pid);
}

static bool
listed_leads(const struct session *session)
{
	return session->leader_pid == 0 || session->leader_pid == session->pid;
}

/* Sorted by pid: finds the one that leads each; who is led leads nobody. */
static void
listing_lead(struct listing *listing)
{
	for (size_t i = 0; i < listing->count; i++) {
		struct listed *item = &listing->items[i];
		const struct session leader = { .pid = item->session->leader_pid };
		const struct listed key = { .session = &leader };
		const struct listed *found =
			listed_leads(item->session)
				? NULL
				: bsearch(&key, listing->items, listing->count,
					  sizeof(key), listed_by_pid);

		item->leader = found == NULL || !listed_leads(found->session)
				       ? i
				       : (size_t)(found - listing->items);
	}
}

/* The leaders in their order, each followed by its workers by pid. */
static int
listed_compare(const void *left, const void *right, void *context)
{
	const struct listing *listing = context;
	const size_t *i = left, *j = right;
	const struct listed *a = &listing->items[*i], *b = &listing->items[*j];

	if (a->leader == b->leader) {
		if ((a->leader == *i) != (b->leader == *j))
			return a->leader == *i ? -1 : 1;
		return listed_by_pid(a, b);
	}
	const struct listed *x = &listing->items[a->leader],
			    *y = &listing->items[b->leader];
	int order = session_order_compare(
		&listing->choice->order, x->session, y->session, listing->now_us);
	if (order != 0)
		return order;
	return (x->number > y->number) - (x->number < y->number);
}

static void
rows_add(struct session_rows *rows, const struct session *session, bool worker)
{
	rows->items = alloc_room(
		rows->items, rows->count, &rows->capacity, sizeof(*rows->items));
	rows->items[rows->count++] =
		(struct session_row){ .session = session, .worker = worker };
}

static void
rows_fill(const struct listing *listing, const size_t *order, struct session_rows *rows)
{
	const struct session_choice *choice = listing->choice;
	size_t leader = 0;

	for (size_t i = 0; i < listing->count; i++) {
		const struct listed *item = &listing->items[order[i]];

		if (item->leader == order[i]) {
			leader = rows->count;
			rows_add(rows, item->session, false);
			continue;
		}
		struct session_row *above = &rows->items[leader];
		bool open = choice->unfolded ||
			    (choice->open != NULL &&
				    session_keys_has(choice->open,
					    session_key_of(above->session)));
		above->workers++;
		above->folded = !open;
		if (!open)
			continue;
		rows->items[rows->count - 1].last = false;
		rows_add(rows, item->session, true);
		rows->items[rows->count - 1].last = true;
	}
}

void
session_rows_make(const struct session_list *list, const struct session_choice *choice,
	int64_t server_now_us, struct session_rows *rows)
{
	struct listing listing = {
		.choice = choice,
		.now_us = server_now_us,
		.items = alloc_zeroed(list->count + 1, sizeof(*listing.items)),
	};
	size_t *order = alloc_zeroed(list->count + 1, sizeof(*order));

	rows->count = rows->all = 0;
	for (size_t i = 0; i < list->count; i++) {
		const struct session *session = &list->items[i];

		if (session_is_server(session) && !row_wants_server(choice, session))
			continue;
		rows->all++;
		if (row_is_wanted(&listing, session))
			listing.items[listing.count++] =
				(struct listed){ .session = session, .number = i };
	}
	rows->listed = listing.count;
	if (listing.count > 1)
		qsort(listing.items, listing.count, sizeof(*listing.items),
			listed_by_pid);
	listing_lead(&listing);
	for (size_t i = 0; i < listing.count; i++)
		order[i] = i;
	if (listing.count > 1)
		qsort_r(order, listing.count, sizeof(*order), listed_compare, &listing);
	rows_fill(&listing, order, rows);
	free(order);
	free(listing.items);
}

void
session_rows_free(struct session_rows *rows)
{
	free(rows->items);
	*rows = (struct session_rows){ 0 };
}

ptrdiff_t
session_rows_find(const struct session_rows *rows, struct session_key key, size_t near)
{
	for (size_t i = 0; i < rows->count; i++) {
		size_t row = (near + i) % rows->count;

		if (session_key_same(session_key_of(rows->items[row].session), key))
			return (ptrdiff_t)row;
	}
	return -1;
}
