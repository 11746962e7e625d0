#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/drive/file.h"
#include "pgrunbook/drive/incident.h"
#include "src/drive/incident_disk.h"

char *
incident_root(struct error *error)
{
	const char *state = getenv("XDG_STATE_HOME");
	const char *home = getenv("HOME");

	/* A relative one is to be ignored: XDG Base Directory Specification. */
	if (state && *state == '/')
		return alloc_printf("%s/pgrunbook/incidents", state);
	if (home && *home == '/')
		return alloc_printf("%s/.local/state/pgrunbook/incidents", home);
	error_set(error, "Neither XDG_STATE_HOME nor HOME says where the incident logs "
			 "are: set one to an absolute path");
	return NULL;
}

void
entry_list_free(struct entry_list *entries)
{
	for (size_t i = 0; i < entries->count; i++)
		entry_free(&entries->items[i]);
	free(entries->items);
	*entries = (struct entry_list){ 0 };
}

static void
parse_lines(const struct str *bytes, struct entry_list *entries)
{
	const char *at = str_text(bytes), *end = at + bytes->length;

	while (at < end) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		struct error error = { 0 };
		struct entry entry;

		if (!stop)
			stop = end;
		if (entry_parse(at, (size_t)(stop - at), &entry, &error)) {
			entries->items = alloc_room(entries->items, entries->count,
				&entries->capacity, sizeof(*entries->items));
			entries->items[entries->count++] = entry;
		}
		error_clear(&error);
		at = stop + 1;
	}
}

/* errno is ENOENT after false if there is no log. */
static bool
read_log(const char *path, struct str *bytes, bool *in_use, struct error *error)
{
	int directory = disk_open_directory(path, error);
	int log = directory < 0 ? -1 : disk_open_log(directory, path, O_RDONLY, error);
	int problem = errno;
	bool good = log >= 0 && disk_read(log, path, bytes, error);

	if (good && in_use)
		*in_use = disk_locked(log);
	if (log >= 0)
		close(log);
	if (directory >= 0)
		close(directory);
	errno = log < 0 ? problem : 0;
	return good;
}

bool
incident_read(const char *root, const char *id, struct entry_list *entries,
	struct str *raw, struct error *error)
{
	char *path = disk_path(root, id, error);
	struct str bytes = { 0 };
	bool good = path && read_log(path, &bytes, NULL, error);

	free(path);
	if (good) {
		parse_lines(&bytes, entries);
		if (raw)
			str_add_bytes(raw, str_text(&bytes), bytes.length);
	}
	str_free(&bytes);
	return good;
}

static void
note_text(char **field, const char *text)
{
	if (!*field && text)
		*field = alloc_copy(text);
}

static void
summarize(const struct str *bytes, struct incident_summary *summary)
{
	struct entry_list entries = { 0 };
	struct log_check check;

	parse_lines(bytes, &entries);
	for (size_t i = 0; i < entries.count; i++) {
		const struct entry *entry = &entries.items[i];

		if (i == 0)
			summary->opened_us = entry->timestamp_us;
		summary->last_us = entry->timestamp_us;
		if (entry->event == EVENT_INCIDENT_OPENED)
			note_text(&summary->title, entry->body);
		note_text(&summary->environment,
			entry_resource_text(entry, "deployment.environment.name"));
		note_text(&summary->database, entry_text(entry, "db.namespace"));
		note_text(&summary->runbook, entry_text(entry, "runbook.title"));
		note_text(&summary->runbook, entry_text(entry, "runbook.path"));
	}
	summary->entries = entries.count;
	log_check_bytes(str_text(bytes), bytes->length, &check);
	summary->closed = check.closed;
	summary->damaged = !log_check_holds(&check);
	log_check_free(&check);
	entry_list_free(&entries);
}

static void
list_add(struct incident_list *list, const char *root, const char *id)
{
	struct incident_summary summary = { .id = alloc_copy(id) };
	struct error error = { 0 };
	struct str bytes = { 0 };
	char *path = file_join(root, id);

	if (read_log(path, &bytes, &summary.in_use, &error)) {
		summarize(&bytes, &summary);
	} else if (errno == ENOENT || errno == ENOTDIR) {
		/* Not an incident, or one whose making was cut short. */
		free(summary.id);
		summary.id = NULL;
	} else {
		summary.title = alloc_copy(error.message);
		summary.damaged = true;
	}
	if (summary.id) {
		list->items = alloc_room(list->items, list->count, &list->capacity,
			sizeof(*list->items));
		list->items[list->count++] = summary;
	}
	error_clear(&error);
	str_free(&bytes);
	free(path);
}

/* The names begin with the instant. */
static int
newest_first(const void *left, const void *right)
{
	const struct incident_summary *a = left, *b = right;

	return strcmp(b->id, a->id);
}

bool
incident_list(const char *root, struct incident_list *list, struct error *error)
{
	DIR *directory = opendir(root);
	struct dirent *item;

	if (!directory && errno == ENOENT)
		return true;
	if (!directory)
		return error_set(error, "Cannot list the incidents in %s: %s", root,
			strerror(errno));
	while ((item = readdir(directory)))
		if (item->d_name[0] != '.')
			list_add(list, root, item->d_name);
	closedir(directory);
	if (list->count > 0)
		qsort(list->items, list->count, sizeof(*list->items), newest_first);
	return true;
}

void
incident_list_free(struct incident_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		struct incident_summary *summary = &list->items[i];

		free(summary->id);
		free(summary->database);
		free(summary->environment);
		free(summary->runbook);
		free(summary->title);
	}
	free(list->items);
	*list = (struct incident_list){ 0 };
}
