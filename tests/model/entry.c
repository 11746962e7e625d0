#include "pgrunbook/model/entry.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "tests/tap/tap.h"

enum { LINES = 5 };

/* A log of LINES entries; their lines one by one in `lines`, '\n' included. */
static void
make_log(struct str *log, struct str lines[LINES])
{
	char head[ENTRY_HASH_TEXT], body[] = "caf\xc3\xa9, \"quoted\"";

	memcpy(head, entry_no_hash, sizeof(head));
	for (int i = 0; i < LINES; i++) {
		struct entry entry = { .timestamp_us = 1767669129412345 + i,
			.mono_ns = 81234 + i,
			.seq = (uint64_t)i + 1,
			.event = i == 0		  ? EVENT_INCIDENT_OPENED
				 : i == LINES - 1 ? EVENT_INCIDENT_CLOSED
						  : EVENT_NOTE,
			.severity = ENTRY_INFO,
			.body = body };

		memcpy(entry.prev, head, sizeof(head));
		memset(&lines[i], 0, sizeof(lines[i]));
		entry_write(&entry, &lines[i]);
		str_add(log, lines[i].bytes);
		memcpy(head, entry.hash, sizeof(head));
	}
}

static void
free_lines(struct str lines[LINES])
{
	for (int i = 0; i < LINES; i++)
		str_free(&lines[i]);
}

static void
check(const struct str *log, size_t bad_line, const char *what)
{
	struct log_check found;

	log_check_bytes(str_text(log), log->length, &found);
	tap_is_int(
		(int64_t)found.bad_line, (int64_t)bad_line, "%s: the bad line", what);
	tap_ok((found.why != NULL) == (bad_line != 0), "%s: %s", what,
		found.why ? found.why : "nothing to complain of");
	tap_ok(log_check_holds(&found) == (bad_line == 0), "%s: holds or not", what);
	log_check_free(&found);
}

static void
test_hash(void)
{
	char hash[ENTRY_HASH_TEXT];

	sha256_hex("abc", 3, hash);
	tap_is_text(hash,
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
		"SHA-256 of abc");
	sha256_hex(NULL, 0, hash);
	tap_is_text(hash,
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"SHA-256 of nothing");
}

static void
test_line(void)
{
	static const char start[] =
		"{\"timestamp\":\"2026-01-06T03:12:09.412345Z\","
		"\"observed_mono_ns\":81234,\"seq\":1,"
		"\"event_name\":\"runbook.step.finished\","
		"\"severity_number\":17,\"severity_text\":\"ERROR\","
		"\"body\":\"downgrade failed\","
		"\"resource\":{\"service.name\":\"pgrunbook\"},"
		"\"attributes\":{\"process.exit.code\":1,"
		"\"step.id\":\"downgrade-1\"},\"prev\":\"0000";
	char body[] = "downgrade failed";
	struct entry entry = { .timestamp_us = 1767669129412345,
		.mono_ns = 81234,
		.seq = 1,
		.event = EVENT_STEP_FINISHED,
		.severity = ENTRY_ERROR,
		.body = body,
		.resource = json_pack("{s:s}", "service.name", "pgrunbook"),
		.attributes = json_pack("{s:i,s:s}", "process.exit.code", 1, "step.id",
			"downgrade-1") };
	struct entry back;
	struct error error = { 0 };
	struct str line = { 0 };
	char hash[ENTRY_HASH_TEXT];
	size_t hashed = 0;

	memcpy(entry.prev, entry_no_hash, sizeof(entry.prev));
	entry_write(&entry, &line);
	tap_ok(line.bytes[line.length - 1] == '\n', "a line ends in a line break");
	tap_ok(strncmp(line.bytes, start, sizeof(start) - 1) == 0,
		"members stand in the documented order");
	tap_ok(entry_find_hash(line.bytes, line.length - 1, &hashed),
		"the hash member is the last one");
	entry_hash_line(entry_no_hash, line.bytes, hashed, hash);
	tap_is_text(entry.hash, hash, "the hash is that of the bytes before it");

	tap_ok(entry_parse(line.bytes, line.length - 1, &back, &error), "it parses");
	tap_is_int(back.timestamp_us, entry.timestamp_us, "the instant came back");
	tap_is_int(back.event, EVENT_STEP_FINISHED, "the event came back");
	tap_is_int(back.severity, ENTRY_ERROR, "the severity came back");
	tap_is_text(back.body, "downgrade failed", "the body came back");
	tap_is_text(entry_text(&back, "step.id"), "downgrade-1", "a text attribute");
	tap_is_int(
		entry_int(&back, "process.exit.code", -1), 1, "an integer attribute");
	tap_is_int(entry_int(&back, "step.id", -1), -1, "a text is no integer");
	tap_is_text(entry_text(&back, "absent"), NULL, "an absent attribute");
	tap_is_text(entry_resource_text(&back, "service.name"), "pgrunbook",
		"the resource came back");
	entry_free(&back);
	json_decref(entry.resource);
	json_decref(entry.attributes);
	str_free(&line);
	error_clear(&error);
}

static void
test_hostile_text(void)
{
	json_t *text = entry_json_text("a\0b\xff\x1b[2J", 8);
	char name[] = "vendor.thing", body[] = "\xc3(\x1b]0;x\a";
	struct entry entry = {
		.seq = 1, .event_name = name, .severity = ENTRY_INFO, .body = body
	};
	struct entry back;
	struct error error = { 0 };
	struct str line = { 0 };

	tap_is_text(json_string_value(text),
		"a\xef\xbf\xbd"
		"b\xef\xbf\xbd\x1b[2J",
		"what is not UTF-8, and NUL, is replaced");
	memcpy(entry.prev, entry_no_hash, sizeof(entry.prev));
	entry_write(&entry, &line);
	tap_ok(!memchr(line.bytes, '\x1b', line.length) &&
			!memchr(line.bytes, '\a', line.length),
		"no control byte is in the line itself");
	tap_ok(entry_parse(line.bytes, line.length - 1, &back, &error),
		"an entry with such a body parses");
	tap_is_int(back.event, EVENT_OTHER, "an unknown event is EVENT_OTHER");
	tap_is_text(back.event_name, "vendor.thing", "and keeps its name");
	tap_ok(json_is_object(back.attributes), "attributes are always there");
	entry_free(&back);
	json_decref(text);
	str_free(&line);
}

static void
test_refused(void)
{
#define INSTANT "{\"timestamp\":\"2026-01-06T03:12:09.412345Z\",\"observed_mono_ns\":1,"
#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"
	static const char tail[] = ",\"prev\":\"" ZEROS "\",\"hash\":\"" ZEROS "\"}";
	static const char *const starts[] = { "", "{", "[]", "{\"seq\":1",
		INSTANT "\"seq\":1,\"seq\":2,\"severity_number\":9,"
			"\"event_name\":\"note.added\",\"body\":\"\"",
		INSTANT "\"seq\":0,\"severity_number\":9,"
			"\"event_name\":\"note.added\",\"body\":\"\"",
		INSTANT "\"seq\":1,\"severity_number\":900,"
			"\"event_name\":\"note.added\",\"body\":\"\"",
		INSTANT "\"seq\":1,\"severity_number\":9,"
			"\"event_name\":\"note.added\",\"body\":7",
		INSTANT "\"seq\":1,\"severity_number\":9,"
			"\"event_name\":\"note.added\",\"body\":\"\",\"attributes\":[]",
		("{\"timestamp\":\"yesterday\",\"observed_mono_ns\":1,\"seq\":1,"
		 "\"severity_number\":9,\"event_name\":\"note.added\",\"body\":\"\"") };
#undef INSTANT
#undef ZEROS

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		char *line = alloc_printf("%s%s", starts[i], tail);
		struct error error = { 0 };
		struct entry entry;

		tap_ok(!entry_parse(line, strlen(line), &entry, &error) &&
				error.message,
			"refused: %s", error.message ? error.message : starts[i]);
		error_clear(&error);
		free(line);
	}
}

/* Every single bit of every byte's lowest: it shows, and in the line where it is. */
static void
test_changed_bytes(struct str *log)
{
	size_t line = 1;
	int unseen = 0, misnamed = 0;

	for (size_t i = 0; i < log->length; i++) {
		char kept = log->bytes[i];
		struct log_check found;

		log->bytes[i] ^= 1;
		log_check_bytes(log->bytes, log->length, &found);
		/* Without its last line break a log is as a crash leaves it. */
		unseen += log_check_holds(&found) && i < log->length - 1;
		misnamed += found.bad_line != 0 && found.bad_line != line;
		log_check_free(&found);
		log->bytes[i] = kept;
		line += kept == '\n';
	}
	tap_is_int(unseen, 0, "every changed byte shows");
	tap_is_int(misnamed, 0, "and its line is the one that is named");
}

static void
test_moved_lines(const struct str *log, struct str lines[LINES])
{
	struct str bad = { 0 };

	for (int i = 0; i < LINES; i++)
		if (i != 2)
			str_add(&bad, lines[i].bytes);
	check(&bad, 3, "the third line removed");
	str_clear(&bad);
	str_add(&bad, log->bytes + lines[0].length);
	check(&bad, 1, "the first line removed");
	str_clear(&bad);
	for (int i = 0; i < LINES; i++)
		str_add(&bad, lines[i == 1 ? 2 : i == 2 ? 1 : i].bytes);
	check(&bad, 2, "two lines swapped");
	str_clear(&bad);
	for (int i = 0; i < LINES; i++) {
		str_add(&bad, lines[i].bytes);
		if (i == 2)
			str_add(&bad, lines[i].bytes);
	}
	check(&bad, 4, "a line doubled");
	str_clear(&bad);
	str_add_bytes(&bad, log->bytes, log->length - lines[LINES - 1].length);
	check(&bad, 0, "the last line cut off, which a chain can't show");
	str_clear(&bad);
	check(&bad, 0, "an empty log");
	str_add(&bad, lines[0].bytes);
	str_add(&bad, "\n");
	str_add(&bad, lines[1].bytes);
	check(&bad, 2, "an empty line in between");
	str_free(&bad);
}

static void
test_chain(void)
{
	struct str lines[LINES], log = { 0 };
	struct log_check found;
	struct entry last;
	struct error error = { 0 };

	make_log(&log, lines);
	check(&log, 0, "untouched");
	log_check_bytes(log.bytes, log.length, &found);
	tap_is_int((int64_t)found.entries, LINES, "all entries are counted");
	tap_is_int((int64_t)found.last_seq, LINES, "the last number is known");
	tap_ok(found.closed, "it is closed");
	entry_parse(lines[LINES - 1].bytes, lines[LINES - 1].length - 1, &last, &error);
	tap_is_text(found.head, last.hash, "the head is the last entry's hash");
	entry_free(&last);
	log_check_free(&found);
	test_changed_bytes(&log);
	test_moved_lines(&log, lines);
	str_free(&log);
	free_lines(lines);
}

/* A log whose third line is torn; log.recovered follows with `told` as log.torn. */
static void
make_torn(struct str *log, const char *torn, json_t *told)
{
	char body[] = "writing works again";
	struct str lines[LINES], whole = { 0 };
	struct entry entry = { .timestamp_us = 1767669129412345,
		.seq = 3,
		.event = EVENT_LOG_RECOVERED,
		.severity = ENTRY_WARN,
		.body = body,
		.attributes = json_pack("{s:o}", "log.torn", told) };
	struct entry before;
	struct error error = { 0 };

	make_log(&whole, lines);
	entry_parse(lines[1].bytes, lines[1].length - 1, &before, &error);
	memcpy(entry.prev, before.hash, sizeof(entry.prev));
	str_add(log, lines[0].bytes);
	str_add(log, lines[1].bytes);
	str_add(log, torn);
	str_add(log, "\n");
	entry_write(&entry, log);
	entry_free(&before);
	json_decref(entry.attributes);
	str_free(&whole);
	free_lines(lines);
}

static json_t *
told_of(size_t line, const char *bytes)
{
	struct log_torn torn = { .line = line, .bytes = strlen(bytes) };

	sha256_hex(bytes, torn.bytes, torn.sha256);
	return log_torn_to_json(&torn, 1);
}

static void
test_accounted(void)
{
	static const char half[] = "{\"timestamp\":\"2026-01-06T03";
	struct str log = { 0 };
	struct log_check found;

	make_torn(&log, half, told_of(3, half));
	check(&log, 0, "a torn line that is accounted for");
	log_check_bytes(log.bytes, log.length, &found);
	tap_is_int((int64_t)found.torn, 1, "it is counted");
	tap_is_int((int64_t)found.last_seq, 3, "and the chain went on after it");
	log_check_free(&found);
	str_clear(&log);
	make_torn(&log, half, json_array());
	check(&log, 3, "a torn line that nothing accounts for");
	str_clear(&log);
	make_torn(&log, "{\"timestamp\":\"2027", told_of(3, half));
	check(&log, 3, "a torn line that was changed");
	str_free(&log);
}

static void
test_unfinished(void)
{
	struct str lines[LINES], log = { 0 };
	struct log_check found;

	make_log(&log, lines);
	free_lines(lines);
	log.length--;
	log_check_bytes(log.bytes, log.length, &found);
	tap_ok(found.unfinished && found.tail_count == 0 && found.last_seq == LINES,
		"a whole entry that lacks only its line break counts");
	log_check_free(&found);
	log.length -= 19;
	check(&log, 0, "the last line cut short, as a crash leaves it");
	log_check_bytes(log.bytes, log.length, &found);
	tap_ok(found.unfinished, "is unfinished");
	tap_is_int((int64_t)found.tail_count, 1, "and torn");
	tap_is_int(
		(int64_t)found.last_seq, LINES - 1, "the entry before it is the last");
	tap_ok(!found.closed, "what it said doesn't count");
	log_check_free(&found);
	str_add(&log, "\n");
	log_check_bytes(log.bytes, log.length, &found);
	tap_ok(!log_check_holds(&found), "with a line break it speaks against the log");
	log_check_free(&found);
	str_free(&log);
}

int
main(void)
{
	test_hash();
	test_line();
	test_hostile_text();
	test_refused();
	test_chain();
	test_accounted();
	test_unfinished();
	return tap_done();
}
