/*
 * One entry of an incident log: OpenTelemetry's log record as one line of JSON, chained
 * to the line before it by SHA-256.  hash = SHA-256(previous hash as hex text, then the
 * exact bytes of the line before `,"hash":`).  The first line's previous hash is 64
 * zeros.  Pure: bytes in, bytes out.
 */
#ifndef PGRUNBOOK_MODEL_ENTRY_H
#define PGRUNBOOK_MODEL_ENTRY_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pgrunbook/base/error.h"
#include "pgrunbook/base/str.h"

enum { ENTRY_HASH_TEXT = 65 };
extern const char entry_no_hash[ENTRY_HASH_TEXT]; /* 64 zeros */

/* OpenTelemetry's severity numbers. */
enum entry_severity { ENTRY_INFO = 9, ENTRY_WARN = 13, ENTRY_ERROR = 17 };

/* What happened; the names are the event_name values of the log. */
enum entry_event {
	EVENT_INCIDENT_OPENED,
	EVENT_INCIDENT_RESUMED,
	EVENT_INCIDENT_CLOSED,
	EVENT_RUN_STARTED,
	EVENT_RUN_FINISHED,
	EVENT_RUN_ABORTED,
	EVENT_STEP_STARTED,
	EVENT_STEP_FINISHED,
	EVENT_STEP_SKIPPED,
	EVENT_INPUT_GIVEN, /* a placeholder was filled */
	EVENT_CONFIRMATION_ASKED,
	EVENT_CONFIRMATION_ACCEPTED,
	EVENT_CONFIRMATION_DECLINED,
	EVENT_NOTE,
	EVENT_QUESTION_ANSWERED,
	EVENT_REVISION_CHANGED,
	EVENT_BACKEND_CANCELLED,
	EVENT_BACKEND_TERMINATED,
	EVENT_EVIDENCE,
	EVENT_LOG_RECOVERED, /* writing works again, or a torn line was found */
	EVENT_OTHER	     /* a name this version doesn't know: shown, not folded */
};
const char *entry_event_name(enum entry_event event);

struct entry {
	int64_t timestamp_us;
	int64_t mono_ns;
	uint64_t seq; /* from 1, without gaps */
	enum entry_event event;
	char *event_name;
	enum entry_severity severity;
	char *body;
	json_t *resource;   /* object; own reference; may be NULL */
	json_t *attributes; /* object; own reference; never NULL after entry_parse */
	char prev[ENTRY_HASH_TEXT];
	char hash[ENTRY_HASH_TEXT];
};

/* Appends the entry's line, '\n' included, chained to entry->prev; fills entry->hash.
 */
void entry_write(struct entry *entry, struct str *line);

/* Parses one line (without '\n').  Doesn't check the chain. */
bool entry_parse(
	const char *line, size_t length, struct entry *entry, struct error *error);
void entry_free(struct entry *entry);

/* Convenience for folding: the attribute's text or integer, or the default. */
const char *entry_text(const struct entry *entry, const char *name);
int64_t entry_int(const struct entry *entry, const char *name, int64_t otherwise);

/* How a whole log holds. */
enum log_line_state { LOG_LINE_GOOD, LOG_LINE_TORN, LOG_LINE_BROKEN };
struct log_check {
	size_t lines, entries;
	size_t torn; /* unparsable lines that a log.recovered entry accounts for, or the
			unfinished last line */
	size_t bad_line; /* the first line that doesn't hold, from 1; 0: all hold */
	char *why;	 /* what is wrong with it, or about the end; NULL */
	char head[ENTRY_HASH_TEXT]; /* hash of the last good entry */
	uint64_t last_seq;
	bool unfinished; /* the last line has no '\n' */
	bool closed;	 /* incident.closed is there and no resume after it */
};
void log_check_bytes(const char *bytes, size_t length, struct log_check *check);
void log_check_free(struct log_check *check);

/* Lower-case hex SHA-256. */
void sha256_hex(const char *bytes, size_t length, char out[ENTRY_HASH_TEXT]);

#endif
