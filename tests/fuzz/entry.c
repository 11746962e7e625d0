/* Any bytes as one line and as a whole log: read without harm, and never believed. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/model/entry.h"
#include "pgrunbook/model/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What parses can be written again, and then chains. */
static void
write_again(struct entry *entry)
{
	struct str line = { 0 };
	struct entry back;
	struct error error = { 0 };
	char hash[ENTRY_HASH_TEXT];
	size_t hashed;

	entry_write(entry, &line);
	if (!entry_find_hash(line.bytes, line.length - 1, &hashed))
		abort();
	entry_hash_line(entry->prev, line.bytes, hashed, hash);
	if (strcmp(hash, entry->hash) != 0)
		abort();
	if (!entry_parse(line.bytes, line.length - 1, &back, &error))
		abort();
	if (strcmp(back.body, entry->body) != 0 || back.seq != entry->seq)
		abort();
	entry_free(&back);
	str_free(&line);
}

/* A log that holds no longer does when its first byte is another. */
static void
change(const char *bytes, size_t length)
{
	struct str copy = { 0 };
	struct log_check check;

	str_add_bytes(&copy, bytes, length);
	copy.bytes[0] ^= 1;
	log_check_bytes(copy.bytes, copy.length, &check);
	if (check.bad_line == 0 && check.entries > 0 && check.torn == 0)
		abort();
	log_check_free(&check);
	str_free(&copy);
}

static void
check_log(const char *bytes, size_t length)
{
	struct log_check check;
	struct str text = { 0 };

	log_check_bytes(bytes, length, &check);
	report_chain(&check, &text);
	if (check.bad_line > check.lines || check.entries > check.lines)
		abort();
	if ((check.why != NULL) != (check.bad_line != 0))
		abort();
	if (check.bad_line == 0 && check.last_seq != check.entries)
		abort();
	if (check.bad_line == 0 && check.entries > 0 && check.entries == check.lines)
		change(bytes, length);
	str_free(&text);
	log_check_free(&check);
}

/* The same bytes with hashes that fit, so that the inside of the chain is reached. */
static void
check_chained(const char *bytes, size_t length)
{
	static const char member[] = ",\"hash\":\"";
	struct str log = { 0 };
	char head[ENTRY_HASH_TEXT];

	memcpy(head, entry_no_hash, sizeof(head));
	for (const char *at = bytes, *end = bytes + length; at < end;) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		size_t size = (size_t)((stop ? stop : end) - at);
		struct str line = { 0 };
		char hash[ENTRY_HASH_TEXT];

		str_add_bytes(&line, at, size);
		str_add(&line, ",\"prev\":\"");
		str_add(&line, head);
		str_add(&line, "\"");
		entry_hash_line(head, line.bytes, line.length, hash);
		str_add(&line, member);
		str_add(&line, hash);
		str_add(&line, "\"}\n");
		str_add_bytes(&log, line.bytes, line.length);
		memcpy(head, hash, sizeof(head));
		str_free(&line);
		at += size + 1;
	}
	check_log(str_text(&log), log.length);
	str_free(&log);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *)data;
	struct error error = { 0 };
	struct entry entry;

	if (entry_parse(bytes, size, &entry, &error)) {
		write_again(&entry);
		entry_free(&entry);
	}
	error_clear(&error);
	check_log(bytes, size);
	check_chained(bytes, size);
	return 0;
}
