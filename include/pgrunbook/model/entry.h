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
	EVENT_ALERT_RAISED,
	EVENT_ALERT_CLEARED,
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

/*
 * A JSON string of any bytes: what is not UTF-8, and NUL, becomes U+FFFD.  jansson's
 * own json_string() answers NULL to such bytes and json_pack() drops the whole object,
 * so whatever comes from outside goes into `attributes` through this.
 */
json_t *entry_json_text(const char *bytes, size_t length);

/*
 * Appends the entry's line, '\n' included, chained to entry->prev; fills entry->hash.
 * event_name is written if it isn't NULL, else the name of `event`.
 */
void entry_write(struct entry *entry, struct str *line);

/* Parses one line (without '\n').  Doesn't check the chain. */
bool entry_parse(
	const char *line, size_t length, struct entry *entry, struct error *error);
void entry_free(struct entry *entry);

/*
 * The parts of a line for the chain: entry_find_hash says how many bytes stand before
 * the hash member (false: the line doesn't end as a whole entry does), entry_hash_line
 * what their hash is after `prev`.
 */
bool entry_find_hash(const char *line, size_t length, size_t *hashed);
void entry_hash_line(
	const char *prev, const char *line, size_t length, char out[ENTRY_HASH_TEXT]);

/* Convenience for folding: the attribute's text or integer, or NULL or the default. */
const char *entry_text(const struct entry *entry, const char *name);
int64_t entry_int(const struct entry *entry, const char *name, int64_t otherwise);
/* The same for an attribute of the resource: "host.name", "user.name". */
const char *entry_resource_text(const struct entry *entry, const char *name);

/* A line that a write or the power cut short. */
struct log_torn {
	size_t line;  /* from 1 */
	size_t bytes; /* without '\n' */
	char sha256[ENTRY_HASH_TEXT];
};

/*
 * How a whole log holds.  A line that is no entry is torn, not broken, if it lacks an
 * entry's end and a log.recovered entry right after it, or after further torn lines,
 * accounts for its number, length and SHA-256 (attribute log.torn, see
 * log_torn_to_json); or if nothing follows it yet.
 *
 * What this can't show: that whole lines were cut off at the end, or that all of the
 * log was written anew.  Only a head hash that was kept elsewhere shows that.
 */
struct log_check {
	size_t lines, entries; /* entries: lines that parse, whether they hold or not */
	size_t torn;	       /* torn lines that are accounted for */
	struct log_torn *tail; /* torn lines at the end, not yet accounted for */
	size_t tail_count, tail_capacity;
	size_t bad_line; /* the first line that doesn't hold, from 1; 0: all hold */
	char *why;	 /* what is wrong with it; NULL */
	char head[ENTRY_HASH_TEXT]; /* hash of the last entry up to which all hold */
	uint64_t last_seq;
	bool unfinished;     /* the last line has no '\n' */
	bool closed;	     /* incident.closed is there and no resume after it */
	uint64_t closed_seq; /* the last incident.closed; 0: none */
	char closed_head[ENTRY_HASH_TEXT];
};
void log_check_bytes(const char *bytes, size_t length, struct log_check *check);
void log_check_free(struct log_check *check);

/*
 * Whether nothing speaks against the log.  A torn line at the end that lacks its '\n'
 * does not: that is how a crash leaves it.  One that has it does, until it is accounted
 * for.
 */
bool log_check_holds(const struct log_check *check);

/* The value of log.torn: [{"line":5,"bytes":120,"sha256":"..."}]. */
json_t *log_torn_to_json(const struct log_torn *torn, size_t count);

/* Lower-case hex SHA-256. */
void sha256_hex(const char *bytes, size_t length, char out[ENTRY_HASH_TEXT]);

#endif
