#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/model/entry.h"

json_t *
log_torn_to_json(const struct log_torn *torn, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++) {
		json_t *item = json_object();

		json_object_set_new(
			item, "line", json_integer((json_int_t)torn[i].line));
		json_object_set_new(
			item, "bytes", json_integer((json_int_t)torn[i].bytes));
		json_object_set_new(item, "sha256", json_string(torn[i].sha256));
		json_array_append_new(list, item);
	}
	return list;
}

static void
check_fail(struct log_check *check, size_t line, char *why)
{
	if (check->bad_line != 0) {
		free(why);
		return;
	}
	check->bad_line = line;
	check->why = why;
}

static void
check_torn(struct log_check *check, const char *line, size_t length)
{
	struct log_torn *torn;

	check->tail = alloc_room(check->tail, check->tail_count, &check->tail_capacity,
		sizeof(*check->tail));
	torn = &check->tail[check->tail_count++];
	torn->line = check->lines;
	torn->bytes = length;
	sha256_hex(line, length, torn->sha256);
}

/* The torn lines before `entry` must be the ones that it accounts for. */
static void
check_accounted(struct log_check *check, const struct entry *entry)
{
	json_t *told = json_object_get(entry->attributes, "log.torn");
	json_t *found = log_torn_to_json(check->tail, check->tail_count);
	bool same =
		entry->event == EVENT_LOG_RECOVERED && told && json_equal(told, found);

	if (!same && check->tail_count > 0)
		check_fail(check, check->tail[0].line,
			alloc_copy(
				"it is no entry, and no log.recovered entry after it "
				"says that a write was cut short there"));
	else if (!same && told && json_array_size(told) > 0)
		check_fail(check, check->lines,
			alloc_copy(
				"it tells of torn lines before it that aren't there"));
	else
		check->torn += check->tail_count;
	check->tail_count = 0;
	json_decref(found);
}

static void
check_entry(struct log_check *check, const struct entry *entry, const char *line,
	size_t hashed)
{
	char hash[ENTRY_HASH_TEXT];

	check->entries++;
	check_accounted(check, entry);
	entry_hash_line(entry->prev, line, hashed, hash);
	if (strcmp(hash, entry->hash) != 0)
		check_fail(check, check->lines,
			alloc_copy("its bytes aren't those that were hashed: it was "
				   "changed after it was written"));
	else if (strcmp(entry->prev, check->head) != 0)
		check_fail(check, check->lines,
			alloc_printf("it doesn't follow the entry before it: a line "
				     "between them was removed, added or moved (entry "
				     "%" PRIu64 " after entry %" PRIu64 ")",
				entry->seq, check->last_seq));
	else if (entry->seq != check->last_seq + 1)
		check_fail(check, check->lines,
			alloc_printf("its number is %" PRIu64 " after %" PRIu64,
				entry->seq, check->last_seq));
	if (check->bad_line != 0)
		return;
	memcpy(check->head, entry->hash, sizeof(check->head));
	check->last_seq = entry->seq;
	if (entry->event == EVENT_INCIDENT_CLOSED) {
		check->closed = true;
		check->closed_seq = entry->seq;
		memcpy(check->closed_head, entry->hash, sizeof(check->closed_head));
	} else if (entry->event == EVENT_INCIDENT_RESUMED) {
		check->closed = false;
	}
}

static void
check_line(struct log_check *check, const char *line, size_t length)
{
	struct error error = { 0 };
	struct entry entry;
	size_t hashed;

	check->lines++;
	if (!entry_find_hash(line, length, &hashed)) {
		check_torn(check, line, length);
	} else if (entry_parse(line, length, &entry, &error)) {
		check_entry(check, &entry, line, hashed);
		entry_free(&entry);
	} else {
		/* It has an entry's end, so nothing cut it short: it was changed. */
		check_fail(check, check->lines, error.message);
		error.message = NULL;
	}
	error_clear(&error);
}

void
log_check_bytes(const char *bytes, size_t length, struct log_check *check)
{
	const char *end = bytes + length;

	memset(check, 0, sizeof(*check));
	memcpy(check->head, entry_no_hash, sizeof(check->head));
	while (bytes < end) {
		const char *stop = memchr(bytes, '\n', (size_t)(end - bytes));

		check->unfinished = !stop;
		check_line(check, bytes, (size_t)((stop ? stop : end) - bytes));
		bytes = stop ? stop + 1 : end;
	}
}

bool
log_check_holds(const struct log_check *check)
{
	return check->bad_line == 0 && (check->tail_count == 0 || check->unfinished);
}

void
log_check_free(struct log_check *check)
{
	free(check->why);
	free(check->tail);
	memset(check, 0, sizeof(*check));
}
