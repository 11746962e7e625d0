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
	char *folder = file_state_folder(error);
	char *root = folder ? file_join(folder, "incidents") : NULL;

	free(folder);
	return root;
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

static bool
read_log(const char *path, struct str *bytes, bool *in_use, struct error *error)
{
	int directory = disk_open_directory(path, error);
	int log = directory < 0 ? -1 : disk_open_log(directory, path, O_RDONLY, error);
	bool good = log >= 0 && disk_read(log, path, bytes, error);

	if (good && in_use)
		*in_use = disk_locked(log);
	if (log >= 0)
		close(log);
	if (directory >= 0)
		close(directory);
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
		note_text(&summary->address, entry_text(entry, "server.address"));
		note_text(&summary->port, entry_text(entry, "server.port"));
		note_text(&summary->system_identifier,
			entry_text(entry, "db.system_identifier"));
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
	} else {
		summary.title = alloc_copy(error.message);
		summary.damaged = true;
	}
	list->items = alloc_room(
		list->items, list->count, &list->capacity, sizeof(*list->items));
	list->items[list->count++] = summary;
	error_clear(&error);
	str_free(&bytes);
	free(path);
}

/* Whether there is a log: a directory whose making was cut short is no incident. */
static bool
has_log(DIR *root, const char *id)
{
	int directory =
		id[0] == '.' ? -1
			     : openat(dirfd(root), id,
				       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	bool there;

	/* One that can't be looked into is there, and reading it will say why. */
	if (directory < 0)
		return id[0] != '.' && errno == EACCES;
	there = faccessat(directory, "log.jsonl", F_OK, AT_SYMLINK_NOFOLLOW) == 0;
	close(directory);
	return there;
}

bool
incident_names(const char *root, struct strlist *names, struct error *error)
{
	DIR *directory = opendir(root);
	struct dirent *item;

	if (!directory && errno == ENOENT)
		return true;
	if (!directory)
		return error_set(error, "Cannot list the incidents in %s: %s", root,
			strerror(errno));
	while ((item = readdir(directory)))
		if (has_log(directory, item->d_name))
			strlist_add(names, item->d_name);
	closedir(directory);
	/* The names begin with the instant. */
	strlist_sort(names);
	for (size_t i = 0; i < names->count / 2; i++) {
		char *newer = names->items[names->count - 1 - i];

		names->items[names->count - 1 - i] = names->items[i];
		names->items[i] = newer;
	}
	return true;
}

bool
incident_list(const char *root, struct incident_list *list, struct error *error)
{
	struct strlist names = { 0 };
	bool good = incident_names(root, &names, error);

	for (size_t i = 0; i < names.count; i++)
		list_add(list, root, names.items[i]);
	strlist_free(&names);
	return good;
}

void
incident_list_free(struct incident_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		struct incident_summary *summary = &list->items[i];

		free(summary->id);
		free(summary->database);
		free(summary->address);
		free(summary->port);
		free(summary->system_identifier);
		free(summary->environment);
		free(summary->runbook);
		free(summary->title);
	}
	free(list->items);
	*list = (struct incident_list){ 0 };
}
