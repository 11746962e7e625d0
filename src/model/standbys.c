#include "pgrunbook/model/standbys.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"

static void
standbys_drop(struct standbys *standbys, size_t at)
{
	free(standbys->items[at].key);
	free(standbys->items[at].application);
	free(standbys->items[at].name);
	standbys->items[at] = standbys->items[--standbys->count];
}

void
standbys_free(struct standbys *standbys)
{
	while (standbys->count != 0)
		standbys_drop(standbys, standbys->count - 1);
	free(standbys->items);
	free(standbys->server);
	*standbys = (struct standbys){ 0 };
}

/* Those of another server, or of this one in another role, are none of its own. */
static void
standbys_turn(struct standbys *standbys, const struct server *server)
{
	char *name = alloc_printf("%s %s %d", server->host ? server->host : "",
		server->port ? server->port : "", (int)server->role);

	if (standbys->server && strcmp(standbys->server, name) != 0)
		standbys_free(standbys);
	free(standbys->server);
	standbys->server = name;
}

/* Whether the view of the server watched shows it, not that of a standby. */
static bool
standbys_counts(const struct replication *list, const struct replica *replica)
{
	const struct replica *upstream =
		replica->upstream ? replication_find(list, replica->upstream) : NULL;

	return replica->kind == REPLICA_STANDBY && replica->from_primary &&
	       !replica->self && (!replica->upstream || (upstream && upstream->self));
}

/* What it calls itself. */
static const char *
standbys_application(const struct replica *replica)
{
	return replica->application ? replica->application : replica->name;
}

static char *
standbys_key(const struct replica *replica)
{
	if (replica->slot)
		return alloc_printf("slot %s", replica->slot);
	return alloc_printf("%s %s", standbys_application(replica),
		replica->client ? replica->client : "");
}

/* The one that it is, by its key or, of those not seen in this look, by its name. */
static struct standbys_one *
standbys_find(
	const struct standbys *standbys, const struct replica *replica, const char *key)
{
	for (size_t i = 0; i < standbys->count; i++) {
		struct standbys_one *one = &standbys->items[i];

		if (key ? strcmp(one->key, key) == 0
			: !one->seen && strcmp(one->application,
						standbys_application(replica)) == 0)
			return one;
	}
	return NULL;
}

static void
standbys_take(struct standbys_one *one, const struct replica *replica, char *key)
{
	free(one->key);
	free(one->application);
	free(one->name);
	*one = (struct standbys_one){ .key = key,
		.application = alloc_copy(standbys_application(replica)),
		.name = alloc_copy(replica->name),
		.seen = true };
}

/* Those that are known first, so that none of them is taken for another. */
static void
standbys_look(struct standbys *standbys, const struct replication *list, bool known)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct replica *replica = &list->items[i];
		char *key;
		struct standbys_one *one;

		if (!standbys_counts(list, replica))
			continue;
		key = standbys_key(replica);
		one = standbys_find(standbys, replica, key);
		if (known || (one && one->seen)) {
			if (one)
				standbys_take(one, replica, key);
			else
				free(key);
			continue;
		}
		one = standbys_find(standbys, replica, NULL);
		if (!one) {
			standbys->items = alloc_room(standbys->items, standbys->count,
				&standbys->capacity, sizeof(*standbys->items));
			one = &standbys->items[standbys->count++];
			*one = (struct standbys_one){ 0 };
		}
		standbys_take(one, replica, key);
	}
}

/* A direct connection under the same name says itself what is wrong. */
static bool
standbys_tells(const struct replication *list, const struct standbys_one *one)
{
	const struct replica *replica = replication_find(list, one->name);

	return replica && replica->direct;
}

static void
standbys_settle(struct standbys *standbys, const struct replication *list, int64_t now)
{
	size_t at = 0;

	while (at < standbys->count) {
		struct standbys_one *one = &standbys->items[at];

		if (!one->seen && one->missing_us == 0)
			one->missing_us = now;
		if (!one->seen &&
			(standbys_tells(list, one) ||
				now - one->missing_us > STANDBYS_FORGOTTEN_US))
			standbys_drop(standbys, at);
		else
			at++;
	}
}

void
standbys_note(struct standbys *standbys, const struct snapshot *snapshot)
{
	const struct replication *list = &snapshot->replication;

	standbys_turn(standbys, &snapshot->server);
	if (list->problem)
		return; /* nobody knows who is there */
	for (size_t i = 0; i < standbys->count; i++)
		standbys->items[i].seen = false;
	standbys_look(standbys, list, true);
	standbys_look(standbys, list, false);
	standbys_settle(standbys, list, snapshot->server_now_us);
}

bool
standbys_is_gone(const struct standbys_one *one, int64_t server_now_us)
{
	return one->missing_us != 0 &&
	       server_now_us - one->missing_us >= STANDBYS_GONE_US;
}

bool
standbys_see(struct standbys *standbys, int64_t server_now_us)
{
	size_t before = standbys->count, at = 0;

	while (at < standbys->count) {
		if (standbys_is_gone(&standbys->items[at], server_now_us))
			standbys_drop(standbys, at);
		else
			at++;
	}
	return standbys->count != before;
}
