#include "pgrunbook/drive/incident.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/duration.h"
#include "pgrunbook/drive/clock.h"
#include "src/drive/incident_disk.h"

struct incident {
	char *id, *directory;
	int directory_fd, log_fd;
	json_t *resource;
	const struct redact *redact;

	char head[ENTRY_HASH_TEXT]; /* of the last entry that is known to be durable */
	uint64_t seq;
	off_t size;	     /* the log's length, with what was written in part */
	off_t durable;	     /* its length at the last sync that succeeded */
	struct str unsynced; /* the bytes between the two */

	/* Since a write or sync failed: */
	char *problem;	   /* NULL: none did */
	bool doubtful;	   /* the file must be looked at before the next entry */
	int64_t failed_us; /* when it began */
	char attempted[ENTRY_HASH_TEXT]; /* the entry that failed: it may stand there */
	uint64_t found;			 /* the number of one that does; 0: none */
	struct strlist failed;		 /* names of the entries that were refused */
};

const char *
incident_id(const struct incident *incident)
{
	return incident->id;
}

const char *
incident_directory(const struct incident *incident)
{
	return incident->directory;
}

const char *
incident_head_hash(const struct incident *incident)
{
	return incident->head;
}

const char *
incident_problem(const struct incident *incident)
{
	return incident->problem;
}

void
incident_free(struct incident *incident)
{
	if (!incident)
		return;
	if (incident->log_fd >= 0) {
		disk_forget_writer(incident->directory_fd);
		close(incident->log_fd);
	}
	if (incident->directory_fd >= 0)
		close(incident->directory_fd);
	json_decref(incident->resource);
	strlist_free(&incident->failed);
	str_free(&incident->unsynced);
	free(incident->problem);
	free(incident->directory);
	free(incident->id);
	free(incident);
}

static void
incident_trouble(struct incident *incident, const struct error *error)
{
	if (!incident->problem)
		incident->failed_us = clock_now_us();
	free(incident->problem);
	incident->problem = alloc_copy(error->message);
	incident->doubtful = true;
}

/* Nobody else may have touched the log: it is locked, but not every program asks. */
static bool
still_ours(const struct incident *incident, struct error *error)
{
	struct stat is;

	if (fstat(incident->log_fd, &is) != 0)
		return error_set(error, "Cannot look at %s/log.jsonl: %s",
			incident->directory, strerror(errno));
	if (is.st_nlink == 0)
		return error_set(error,
			"%s/log.jsonl was removed while it was written: the log of "
			"this "
			"incident can't go on",
			incident->directory);
	if (is.st_size != incident->size)
		return error_set(error,
			"%s/log.jsonl was changed by another program (%lld bytes, not "
			"%lld): the log of this incident can't go on",
			incident->directory, (long long)is.st_size,
			(long long)incident->size);
	return true;
}

/* Writes and syncs; what was written in part is kept account of. */
static bool
write_durably(struct incident *incident, const struct str *bytes, struct error *error)
{
	size_t written;
	bool good;

	if (!still_ours(incident, error))
		return false;
	good = disk_write(incident->log_fd, bytes->bytes, bytes->length, &written);
	incident->size += (off_t)written;
	str_add_bytes(&incident->unsynced, bytes->bytes, written);
	if (!good)
		return error_set(error, "Cannot write %s/log.jsonl: %s",
			incident->directory, strerror(errno));
	if (!disk_sync(incident->log_fd))
		return error_set(error, "Cannot make %s/log.jsonl durable: %s",
			incident->directory, strerror(errno));
	incident->durable = incident->size;
	str_clear(&incident->unsynced);
	return true;
}

/* The line of an entry that follows the last one, added to `bytes`. */
static void
next_line(struct incident *incident, struct entry *entry, struct str *bytes)
{
	entry->timestamp_us = clock_now_us();
	entry->mono_ns = clock_monotonic_ns();
	entry->seq = incident->seq + 1;
	entry->event_name = alloc_copy(entry_event_name(entry->event));
	entry->resource = json_incref(incident->resource);
	memcpy(entry->prev, incident->head, sizeof(entry->prev));
	entry_write(entry, bytes);
	memcpy(incident->attempted, entry->hash, sizeof(incident->attempted));
}

static void
entry_stands(struct incident *incident, const struct entry *entry)
{
	memcpy(incident->head, entry->hash, sizeof(incident->head));
	incident->seq = entry->seq;
}

/*
 * After a failed sync the kernel may have thrown the bytes away and call the pages
 * clean, so that another sync succeeds over nothing.  The same bytes written to the
 * same place once more make the next sync mean something.
 */
static bool
write_again(struct incident *incident, struct error *error)
{
	bool good;
	int fd;

	if (incident->unsynced.length == 0)
		return true;
	fd = disk_open_log(
		incident->directory_fd, incident->directory, O_WRONLY, error);
	if (fd < 0)
		return false;
	good = disk_write_at(fd, incident->unsynced.bytes, incident->unsynced.length,
		incident->durable);
	if (!good)
		error_set(error, "Cannot write %s/log.jsonl: %s", incident->directory,
			strerror(errno));
	close(fd);
	return good;
}

/* Reads the log as it is now, and finds where the chain goes on. */
static bool
look_again(struct incident *incident, struct log_check *check, struct error *error)
{
	bool same, found;
	struct str bytes = { 0 };
	bool good = disk_read(incident->log_fd, incident->directory, &bytes, error);

	if (good)
		log_check_bytes(str_text(&bytes), bytes.length, check);
	str_free(&bytes);
	if (!good)
		return false;
	same = strcmp(check->head, incident->head) == 0;
	found = !same && strcmp(check->head, incident->attempted) == 0;
	if (check->bad_line != 0)
		return error_set(error, "%s/log.jsonl doesn't hold at line %zu: %s",
			incident->directory, check->bad_line, check->why);
	if (!same && !found)
		return error_set(error,
			"%s/log.jsonl doesn't end in the entry that was written last: "
			"another program changed it",
			incident->directory);
	memcpy(incident->head, check->head, sizeof(incident->head));
	incident->seq = check->last_seq;
	if (found)
		incident->found = incident->seq;
	return true;
}

static json_t *
names_to_json(const struct strlist *names)
{
	json_t *list = json_array();

	for (size_t i = 0; i < names->count; i++)
		json_array_append_new(list,
			entry_json_text(names->items[i], strlen(names->items[i])));
	return list;
}

/* The sentences of a log.recovered entry. */
static char *
recovery_body(const struct incident *incident, const struct log_check *check)
{
	struct str body = { 0 };
	char age[DURATION_TEXT];

	if (incident->problem)
		str_printf(&body, "The log can be written again after %s (%s).",
			duration_format(clock_now_us() - incident->failed_us, age),
			incident->problem);
	if (incident->failed.count > 0) {
		char *names = strlist_join(&incident->failed, ", ");

		str_printf(&body, " Reported as not written: %s.", names);
		free(names);
	}
	if (incident->found > 0)
		str_printf(&body,
			" Entry %" PRIu64 " stands in the log although its writing was "
			"reported as failed.",
			incident->found);
	for (size_t i = 0; i < check->tail_count; i++)
		str_printf(&body,
			"%sLine %zu is torn (%zu bytes): a write was cut short there.",
			body.length > 0 ? " " : "", check->tail[i].line,
			check->tail[i].bytes);
	if (check->unfinished && check->tail_count == 0)
		str_printf(&body, "%sLine %zu had lost its line break.",
			body.length > 0 ? " " : "", check->lines);
	return str_take(&body);
}

static bool
write_recovered(
	struct incident *incident, const struct log_check *check, struct error *error)
{
	struct entry entry = { .event = EVENT_LOG_RECOVERED, .severity = ENTRY_WARN };
	struct str bytes = { 0 };
	bool good;

	entry.body = recovery_body(incident, check);
	entry.attributes = json_object();
	json_object_set_new(entry.attributes, "log.torn",
		log_torn_to_json(check->tail, check->tail_count));
	if (incident->failed.count > 0)
		json_object_set_new(entry.attributes, "log.failed",
			names_to_json(&incident->failed));
	if (incident->found > 0)
		json_object_set_new(entry.attributes, "log.found",
			json_integer((json_int_t)incident->found));
	if (incident->problem)
		json_object_set_new(entry.attributes, "reason",
			entry_json_text(incident->problem, strlen(incident->problem)));
	/* In one write with the line break, or a crash between the two would leave a
	 * line that looks as if somebody had changed it. */
	if (check->unfinished)
		str_add_char(&bytes, '\n');
	next_line(incident, &entry, &bytes);
	good = write_durably(incident, &bytes, error);
	if (good)
		entry_stands(incident, &entry);
	entry_free(&entry);
	str_free(&bytes);
	return good;
}

/* Makes the log whole again and says in it what happened. */
static bool
incident_recover(struct incident *incident, struct error *error)
{
	struct log_check check = { 0 };
	bool good = still_ours(incident, error) && write_again(incident, error) &&
		    look_again(incident, &check, error) &&
		    write_recovered(incident, &check, error);

	log_check_free(&check);
	if (!good) {
		incident_trouble(incident, error);
		return false;
	}
	incident->doubtful = false;
	incident->found = 0;
	strlist_free(&incident->failed);
	free(incident->problem);
	incident->problem = NULL;
	return true;
}

/* A copy of `value` whose strings are redacted. */
static json_t *
redacted(const struct redact *redact, json_t *value, int64_t *count)
{
	struct str clean = { 0 };
	const char *name;
	json_t *item, *copy;
	size_t index;

	if (json_is_string(value)) {
		*count += (int64_t)redact_text(redact, json_string_value(value),
			json_string_length(value), &clean);
		copy = entry_json_text(str_text(&clean), clean.length);
		str_free(&clean);
		return copy;
	}
	if (json_is_array(value)) {
		copy = json_array();
		json_array_foreach(value, index, item)
		{
			json_array_append_new(copy, redacted(redact, item, count));
		}
		return copy;
	}
	if (json_is_object(value)) {
		copy = json_object();
		json_object_foreach(value, name, item)
		{
			json_object_set_new_nocheck(
				copy, name, redacted(redact, item, count));
		}
		return copy;
	}
	return json_incref(value);
}

static void
entry_fill(const struct incident *incident, struct entry *entry, const char *body,
	json_t *attributes)
{
	struct str clean = { 0 };
	int64_t count = 0;

	if (body)
		count += (int64_t)redact_text(
			incident->redact, body, strlen(body), &clean);
	entry->body = str_take(&clean);
	entry->attributes = attributes ? redacted(incident->redact, attributes, &count)
				       : json_object();
	count += entry_int(entry, "redactions", 0);
	if (count > 0)
		json_object_set_new(
			entry->attributes, "redactions", json_integer(count));
	json_decref(attributes);
}

/* The end of the chain, said where this machine's user can't take it back. */
static void
tell_syslog(const struct incident *incident)
{
	openlog("pgrunbook", LOG_PID, LOG_USER);
	syslog(LOG_NOTICE, "incident %s closed: %" PRIu64 " entries, head %s",
		incident->id, incident->seq, incident->head);
	closelog();
}

/* Recovers if there is need, and writes the entry: all or nothing for the caller. */
static bool
append_entry(struct incident *incident, struct entry *entry, struct error *error)
{
	struct str line = { 0 };
	bool good = !incident->doubtful || incident_recover(incident, error);

	if (good) {
		next_line(incident, entry, &line);
		good = write_durably(incident, &line, error);
		if (good)
			entry_stands(incident, entry);
		else
			incident_trouble(incident, error);
	}
	str_free(&line);
	if (good)
		return true;
	strlist_add(&incident->failed, entry_event_name(entry->event));
	return error_set(error,
		"%s. Nothing that changes anything may run until the log can be "
		"written",
		error->message);
}

bool
incident_append(struct incident *incident, enum entry_event event,
	enum entry_severity severity, const char *body, json_t *attributes,
	struct entry *written, struct error *error)
{
	struct entry entry = { .event = event, .severity = severity };

	entry_fill(incident, &entry, body, attributes);
	if (!append_entry(incident, &entry, error)) {
		entry_free(&entry);
		return false;
	}
	if (event == EVENT_INCIDENT_CLOSED)
		tell_syslog(incident);
	if (written)
		*written = entry;
	else
		entry_free(&entry);
	return true;
}

static void
tell_writer(const struct incident *incident)
{
	const char *user =
		json_string_value(json_object_get(incident->resource, "user.name"));
	const char *host =
		json_string_value(json_object_get(incident->resource, "host.name"));
	char *who = alloc_printf("process %ld (%s on %s)", (long)getpid(),
		user ? user : "somebody", host ? host : "this host");

	disk_tell_writer(incident->directory_fd, who);
	free(who);
}

static struct incident *
incident_new(
	const char *id, char *directory, json_t *resource, const struct redact *redact)
{
	struct incident *incident = alloc_zeroed(1, sizeof(*incident));

	incident->id = alloc_copy(id);
	incident->directory = directory;
	incident->directory_fd = incident->log_fd = -1;
	incident->resource = resource ? json_deep_copy(resource) : json_object();
	incident->redact = redact;
	memcpy(incident->head, entry_no_hash, sizeof(incident->head));
	return incident;
}

struct incident *
incident_create(const char *root, const char *name, int64_t now_us, json_t *resource,
	const struct redact *redact, struct error *error)
{
	struct disk_files files;
	struct incident *incident;

	if (!disk_make_incident(root, name, now_us, &files, error))
		return NULL;
	incident = incident_new(
		files.id, disk_path(root, files.id, error), resource, redact);
	incident->directory_fd = files.directory;
	incident->log_fd = files.log;
	free(files.id);
	tell_writer(incident);
	return incident;
}

/* Takes the log's end as it is; what is torn there is recovered at once. */
static bool
take_up(struct incident *incident, struct error *error)
{
	struct str bytes = { 0 };
	struct log_check check;
	struct error later = { 0 };
	bool good = disk_read(incident->log_fd, incident->directory, &bytes, error);

	if (!good) {
		str_free(&bytes);
		return false;
	}
	log_check_bytes(str_text(&bytes), bytes.length, &check);
	if (check.bad_line != 0)
		good = error_set(error,
			"The log of incident %s doesn't hold at line %zu: %s. It is "
			"kept "
			"as it is; begin a new incident",
			incident->id, check.bad_line, check.why);
	memcpy(incident->head, check.head, sizeof(incident->head));
	incident->seq = check.last_seq;
	incident->size = incident->durable = (off_t)bytes.length;
	incident->doubtful = check.unfinished || check.tail_count > 0;
	/* A disk that is full now is a problem like any later one, not a refusal. */
	if (good && incident->doubtful)
		(void)incident_recover(incident, &later);
	error_clear(&later);
	log_check_free(&check);
	str_free(&bytes);
	return good;
}

struct incident *
incident_open(const char *root, const char *id, json_t *resource,
	const struct redact *redact, struct error *error)
{
	char *directory = disk_path(root, id, error);
	struct incident *incident;

	if (!directory)
		return NULL;
	incident = incident_new(id, directory, resource, redact);
	incident->directory_fd = disk_open_directory(directory, error);
	if (incident->directory_fd >= 0)
		incident->log_fd = disk_open_log(
			incident->directory_fd, directory, O_RDWR | O_APPEND, error);
	if (incident->log_fd >= 0 &&
		!disk_lock(incident->log_fd, incident->directory_fd, id, error)) {
		close(incident->log_fd); /* the writer's file is not ours to remove */
		incident->log_fd = -1;
	}
	if (incident->log_fd < 0 || !take_up(incident, error)) {
		incident_free(incident);
		return NULL;
	}
	tell_writer(incident);
	return incident;
}

int
incident_output(struct incident *incident, char **path, struct error *error)
{
	return disk_make_output(
		incident->directory_fd, incident->directory, path, error);
}
