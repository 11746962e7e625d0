/* `pgrunbook replicas`: how far replicas, slots and subscriptions are, and why. */
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/app/command_look.h"
#include "pgrunbook/app/replicas_json.h"
#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/duration.h"

/* A fact behind what stands on the line already; nothing if there is none. */
static void
add_fact(struct str *line, const char *label, const char *text)
{
	if (text != NULL && *text != '\0')
		str_printf(line, ", %s%s", label, text);
}

/* Lines under a thing: why it is so, and what helps.  Takes the texts over. */
static void
say_under(struct str *out, int indent, const char *label, char *text)
{
	char *line = text == NULL ? NULL : alloc_printf("%s%s", label, text);

	if (line != NULL)
		look_line(out, indent + 4, line);
	free(line);
	free(text);
}

static void
add_lag(const struct replica *replica, struct str *line)
{
	char bytes[BYTES_TEXT];

	if (replica->kind == REPLICA_BACKUP)
		return;
	if (replica->lag_bytes < 0) {
		str_add(line, ", how far behind is unknown");
		return;
	}
	str_printf(line, ", %s behind", bytes_format(replica->lag_bytes, bytes));
	if (replica->lag_bytes > 0 && replica->lag_us >= 0) {
		char *age = replica_lag_words(replica);

		str_printf(line, " (%s)", age);
		free(age);
	}
}

static void
say_replica(const struct replica *replica, struct str *out)
{
	struct str line = { 0 };
	int indent = replica->depth * 2;

	str_printf(&line, "%s: %s", replica->name,
		replica->self ? "the server watched"
			      : replica_kind_words(replica->kind));
	add_fact(&line, "", replica->state);
	add_fact(&line, "", replica->sync_state);
	add_lag(replica, &line);
	if (replica->version_rows_read) {
		char *rows = strlist_join(&replica->version_rows, " ");

		add_fact(&line, "at ", *rows == '\0' ? "base" : rows);
		free(rows);
	}
	look_line(out, indent, str_text(&line));
	str_free(&line);
	say_under(out, indent, "", alloc_copy(replica->problem));
	if (replica->cause != REPLICA_CAUGHT_UP && replica->cause != REPLICA_UNKNOWN)
		say_under(out, indent, "", replica_why(replica));
	say_under(out, indent, "revisions: ", alloc_copy(replica->version_problem));
	say_under(out, indent, "", alloc_copy(replica->disagreement));
	say_under(out, indent, "", replica_remedy(replica));
}

static void
say_slot(const struct slot *slot, int64_t server_now_us, struct str *out)
{
	char *kind = slot_kind_words(slot), *words = slot_words(slot, server_now_us);
	struct str line = { 0 };
	char bytes[BYTES_TEXT];

	str_printf(&line, "slot %s: %s, %s", slot->name, kind, words);
	if (slot->held_bytes >= 0)
		str_printf(&line, ", holds %s of WAL",
			bytes_format(slot->held_bytes, bytes));
	add_fact(&line, "used by ", slot->replica);
	look_line(out, 0, str_text(&line));
	say_under(out, 0, "", slot_remedy(slot));
	str_free(&line);
	free(words);
	free(kind);
}

static void
say_subscription(
	const struct subscription *item, int64_t server_now_us, struct str *out)
{
	char *words = subscription_words(item);
	struct str line = { 0 };
	char text[DURATION_TEXT];
	int64_t behind = subscription_lag_bytes(item);

	str_printf(&line, "subscription %s in %s: %s", item->name,
		item->database == NULL ? "a database" : item->database, words);
	if (behind >= 0)
		str_printf(&line, ", %s not confirmed", bytes_format(behind, text));
	if (item->received_us != 0)
		str_printf(&line, ", last message %s ago",
			duration_format(server_now_us - item->received_us, text));
	look_line(out, 0, str_text(&line));
	say_under(out, 0, "", subscription_remedy(item));
	str_free(&line);
	free(words);
}

static void
say_all(const struct snapshot *snapshot, struct str *out)
{
	const struct replication *list = &snapshot->replication;
	char *sync = replication_sync_words(list);

	if (sync != NULL) {
		look_line(out, 0, sync);
		say_under(out, 0, "", replication_sync_remedy(list));
	}
	free(sync);
	if (list->problem != NULL)
		say_under(out, -4, "replicas: ", alloc_copy(list->problem));
	else if (list->count == 0)
		look_line(out, 0, "no replica is known");
	for (size_t i = 0; i < list->count; i++)
		say_replica(&list->items[i], out);
	if (list->slots_problem != NULL)
		say_under(out, -4, "slots: ", alloc_copy(list->slots_problem));
	for (size_t i = 0; i < list->slot_count; i++)
		say_slot(&list->slots[i], snapshot->server_now_us, out);
	if (list->subscriptions_problem != NULL)
		say_under(out, -4,
			"subscriptions: ", alloc_copy(list->subscriptions_problem));
	for (size_t i = 0; i < list->subscription_count; i++)
		say_subscription(&list->subscriptions[i], snapshot->server_now_us, out);
}

static int
replicas_answer(void *kept, struct snapshot *snapshot, json_t **value, struct str *out)
{
	(void)kept;
	if (value != NULL)
		*value = replicas_json(snapshot);
	else
		say_all(snapshot, out);
	/* That none is behind would be a guess. */
	return snapshot->replication.problem != NULL ? 2 : 0;
}

bool
look_replicas_complete(const struct snapshot *snapshot)
{
	if (snapshot->replication.pending)
		return false;
	for (size_t i = 0; i < snapshot->replication.count; i++) {
		if (snapshot->replication.items[i].pending)
			return false;
	}
	return true;
}

/* The rows of a standby's version table are asked for once the table is known. */
static bool
replicas_complete(const struct snapshot *snapshot)
{
	const struct replication *list = &snapshot->replication;

	for (size_t i = 0; i < list->count; i++) {
		const struct replica *replica = &list->items[i];

		if (snapshot->version.table == VERSION_TABLE_READ && replica->direct &&
			!replica->self && replica->own.read &&
			!replica->version_rows_read && replica->version_problem == NULL)
			return false;
	}
	return look_replicas_complete(snapshot);
}

const struct look look_replicas = {
	.answer = replicas_answer,
	.complete = replicas_complete,
};
