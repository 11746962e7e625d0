#include "pgrunbook/model/entry.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/duration.h"
#include "pgrunbook/base/text.h"

const char entry_no_hash[ENTRY_HASH_TEXT] =
	"0000000000000000000000000000000000000000000000000000000000000000";

static const char hash_member[] = ",\"hash\":\"";

static const char *const event_names[] = {
	[EVENT_INCIDENT_OPENED] = "incident.opened",
	[EVENT_INCIDENT_RESUMED] = "incident.resumed",
	[EVENT_INCIDENT_CLOSED] = "incident.closed",
	[EVENT_RUN_STARTED] = "runbook.run.started",
	[EVENT_RUN_FINISHED] = "runbook.run.finished",
	[EVENT_RUN_ABORTED] = "runbook.run.aborted",
	[EVENT_STEP_STARTED] = "runbook.step.started",
	[EVENT_STEP_FINISHED] = "runbook.step.finished",
	[EVENT_STEP_SKIPPED] = "runbook.step.skipped",
	[EVENT_INPUT_GIVEN] = "runbook.input.given",
	[EVENT_CONFIRMATION_ASKED] = "confirmation.asked",
	[EVENT_CONFIRMATION_ACCEPTED] = "confirmation.accepted",
	[EVENT_CONFIRMATION_DECLINED] = "confirmation.declined",
	[EVENT_NOTE] = "note.added",
	[EVENT_QUESTION_ANSWERED] = "question.answered",
	[EVENT_REVISION_CHANGED] = "revision.changed",
	[EVENT_BACKEND_CANCELLED] = "backend.cancelled",
	[EVENT_BACKEND_TERMINATED] = "backend.terminated",
	[EVENT_ALERT_RAISED] = "alert.raised",
	[EVENT_ALERT_CLEARED] = "alert.cleared",
	[EVENT_EVIDENCE] = "evidence.recorded",
	[EVENT_LOG_RECOVERED] = "log.recovered",
	[EVENT_OTHER] = "other",
};

const char *
entry_event_name(enum entry_event event)
{
	return event_names[event];
}

static enum entry_event
event_from_name(const char *name)
{
	for (int event = 0; event < EVENT_OTHER; event++)
		if (strcmp(event_names[event], name) == 0)
			return (enum entry_event)event;
	return EVENT_OTHER;
}

static const char *
severity_name(enum entry_severity severity)
{
	if (severity >= ENTRY_ERROR)
		return "ERROR";
	return severity >= ENTRY_WARN ? "WARN" : "INFO";
}

json_t *
entry_json_text(const char *bytes, size_t length)
{
	struct str clean = { 0 };
	json_t *text;

	for (size_t at = 0, used; at < length; at += used) {
		uint32_t code = text_decode(bytes + at, length - at, &used);
		char encoded[4];

		if (code == 0)
			code = TEXT_REPLACEMENT;
		str_add_bytes(&clean, encoded, text_encode(code, encoded));
	}
	text = json_stringn(str_text(&clean), clean.length);
	str_free(&clean);
	if (!text)
		abort(); /* well-formed by now: memory ran out */
	return text;
}

/* Everything but the hash member, as the line will have it. */
static json_t *
entry_to_json(const struct entry *entry)
{
	char instant[INSTANT_TEXT];
	const char *body = entry->body ? entry->body : "";
	json_t *root = json_object();

	json_object_set_new(root, "timestamp",
		json_string(instant_format(entry->timestamp_us, instant)));
	json_object_set_new(root, "observed_mono_ns", json_integer(entry->mono_ns));
	json_object_set_new(root, "seq", json_integer((json_int_t)entry->seq));
	json_object_set_new(root, "event_name",
		json_string(entry->event_name ? entry->event_name
					      : entry_event_name(entry->event)));
	json_object_set_new(root, "severity_number", json_integer(entry->severity));
	json_object_set_new(
		root, "severity_text", json_string(severity_name(entry->severity)));
	json_object_set_new(root, "body", entry_json_text(body, strlen(body)));
	if (entry->resource)
		json_object_set(root, "resource", entry->resource);
	if (entry->attributes)
		json_object_set(root, "attributes", entry->attributes);
	else
		json_object_set_new(root, "attributes", json_object());
	json_object_set_new(root, "prev", json_string(entry->prev));
	return root;
}

void
entry_hash_line(
	const char *prev, const char *line, size_t length, char out[ENTRY_HASH_TEXT])
{
	struct str chained = { 0 };

	str_add_bytes(&chained, prev, ENTRY_HASH_TEXT - 1);
	str_add_bytes(&chained, line, length);
	sha256_hex(chained.bytes, chained.length, out);
	str_free(&chained);
}

void
entry_write(struct entry *entry, struct str *line)
{
	json_t *root = entry_to_json(entry);
	char *text = json_dumps(root, JSON_COMPACT | JSON_REAL_PRECISION(9));
	size_t length;

	json_decref(root);
	if (!text)
		abort(); /* only memory can be missing: the text in it is well-formed */
	length = strlen(text) -
		 1; /* without the brace: the hash member comes before it */
	entry_hash_line(entry->prev, text, length, entry->hash);
	str_add_bytes(line, text, length);
	str_add(line, hash_member);
	str_add(line, entry->hash);
	str_add(line, "\"}\n");
	free(text);
}

static bool
is_hash(const char *text, size_t length)
{
	if (length != ENTRY_HASH_TEXT - 1)
		return false;
	for (size_t i = 0; i < length; i++)
		if (!(text[i] >= '0' && text[i] <= '9') &&
			!(text[i] >= 'a' && text[i] <= 'f'))
			return false;
	return true;
}

bool
entry_find_hash(const char *line, size_t length, size_t *hashed)
{
	const size_t member = sizeof(hash_member) - 1;
	const size_t tail = member + ENTRY_HASH_TEXT - 1 + 2;

	if (length < tail)
		return false;
	if (memcmp(line + length - tail, hash_member, member) != 0 ||
		!is_hash(line + length - tail + member, ENTRY_HASH_TEXT - 1) ||
		memcmp(line + length - 2, "\"}", 2) != 0)
		return false;
	*hashed = length - tail;
	return true;
}

static bool
read_hash(const json_t *root, const char *name, char out[ENTRY_HASH_TEXT],
	struct error *error)
{
	const json_t *value = json_object_get(root, name);

	if (!json_is_string(value) ||
		!is_hash(json_string_value(value), json_string_length(value)))
		return error_set(error, "\"%s\" is not a SHA-256 in hexadecimal", name);
	memcpy(out, json_string_value(value), ENTRY_HASH_TEXT);
	return true;
}

static bool
read_numbers(const json_t *root, struct entry *entry, struct error *error)
{
	const char *timestamp = json_string_value(json_object_get(root, "timestamp"));
	const json_t *mono = json_object_get(root, "observed_mono_ns");
	const json_t *seq = json_object_get(root, "seq");
	const json_t *severity = json_object_get(root, "severity_number");

	if (!timestamp || !instant_parse(timestamp, &entry->timestamp_us))
		return error_set(error, "\"timestamp\" is not an instant");
	if (!json_is_integer(mono))
		return error_set(error, "\"observed_mono_ns\" is not a number");
	if (!json_is_integer(seq) || json_integer_value(seq) < 1)
		return error_set(error, "\"seq\" is not a number from 1");
	if (!json_is_integer(severity) || json_integer_value(severity) < 1 ||
		json_integer_value(severity) > 24)
		return error_set(error, "\"severity_number\" is not from 1 to 24");
	entry->mono_ns = json_integer_value(mono);
	entry->seq = (uint64_t)json_integer_value(seq);
	entry->severity = json_integer_value(severity) >= ENTRY_ERROR  ? ENTRY_ERROR
			  : json_integer_value(severity) >= ENTRY_WARN ? ENTRY_WARN
								       : ENTRY_INFO;
	return true;
}

static bool
read_content(const json_t *root, struct entry *entry, struct error *error)
{
	const char *name = json_string_value(json_object_get(root, "event_name"));
	const char *body = json_string_value(json_object_get(root, "body"));
	json_t *resource = json_object_get(root, "resource");
	json_t *attributes = json_object_get(root, "attributes");

	if (!name)
		return error_set(error, "\"event_name\" is not a text");
	if (!body)
		return error_set(error, "\"body\" is not a text");
	if (resource && !json_is_object(resource))
		return error_set(error, "\"resource\" is not an object");
	if (attributes && !json_is_object(attributes))
		return error_set(error, "\"attributes\" is not an object");
	entry->event_name = alloc_copy(name);
	entry->event = event_from_name(name);
	entry->body = alloc_copy(body);
	entry->resource = json_incref(resource);
	entry->attributes = attributes ? json_incref(attributes) : json_object();
	return true;
}

bool
entry_parse(const char *line, size_t length, struct entry *entry, struct error *error)
{
	json_error_t problem;
	json_t *root;
	size_t hashed;
	bool good;

	memset(entry, 0, sizeof(*entry));
	if (!entry_find_hash(line, length, &hashed))
		return error_set(error, "it doesn't end with its hash");
	/* Two members of one name would let readers see different entries. */
	root = json_loadb(line, length, JSON_REJECT_DUPLICATES, &problem);
	if (!root) {
		/* The parser quotes what it read. */
		char *why = text_sanitized(problem.text);

		error_set(error, "it is not JSON: %s", why);
		free(why);
		return false;
	}
	good = json_is_object(root)
		       ? read_numbers(root, entry, error) &&
				 read_hash(root, "prev", entry->prev, error) &&
				 read_hash(root, "hash", entry->hash, error) &&
				 read_content(root, entry, error)
		       : error_set(error, "it is not an object");
	json_decref(root);
	if (!good)
		entry_free(entry);
	return good;
}

void
entry_free(struct entry *entry)
{
	free(entry->event_name);
	free(entry->body);
	json_decref(entry->resource);
	json_decref(entry->attributes);
	memset(entry, 0, sizeof(*entry));
}

const char *
entry_text(const struct entry *entry, const char *name)
{
	return json_string_value(json_object_get(entry->attributes, name));
}

const char *
entry_resource_text(const struct entry *entry, const char *name)
{
	return json_string_value(json_object_get(entry->resource, name));
}

int64_t
entry_int(const struct entry *entry, const char *name, int64_t otherwise)
{
	const json_t *value = json_object_get(entry->attributes, name);

	return json_is_integer(value) ? json_integer_value(value) : otherwise;
}
