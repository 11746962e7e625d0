#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pgrunbook/drive/incident.h"
#include "pgrunbook/model/report.h"
#include "src/drive/incident_disk.h"

static const char name[] = "report.md", draft[] = "report.md.new";

/* Whole or not at all: an old report stays until the new one is durable. */
static bool
replace_report(int directory, const struct str *text)
{
	int fd = openat(directory, draft,
		O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
		0600);
	size_t written;
	int problem;
	bool good;

	if (fd < 0)
		return false;
	good = disk_write(fd, text->bytes, text->length, &written) && disk_sync(fd);
	problem = errno;
	close(fd);
	if (good && renameat(directory, draft, directory, name) == 0)
		return disk_sync_directory(directory);
	if (good)
		problem = errno;
	unlinkat(directory, draft, 0);
	errno = problem;
	return false;
}

bool
incident_markdown(
	const char *root, const char *id, struct str *out, struct error *error)
{
	struct entry_list entries = { 0 };
	struct log_check check;
	struct str raw = { 0 };
	bool good = incident_read(root, id, &entries, &raw, error);

	if (good) {
		log_check_bytes(str_text(&raw), raw.length, &check);
		report_markdown(id, entries.items, entries.count, &check, out);
		log_check_free(&check);
	}
	entry_list_free(&entries);
	str_free(&raw);
	return good;
}

bool
incident_report(const char *root, const char *id, struct error *error)
{
	struct str text = { 0 };
	char *path = NULL;
	bool good = incident_markdown(root, id, &text, error);
	int directory = -1;

	if (good) {
		path = disk_path(root, id, error);
		directory = disk_open_directory(path, error);
		good = directory >= 0;
	}
	if (good && !replace_report(directory, &text))
		good = error_set(error,
			"Cannot write %s/%s: %s. `pgrunbook log export %s` makes it "
			"again",
			path, name, strerror(errno), id);
	if (directory >= 0)
		close(directory);
	free(path);
	str_free(&text);
	return good;
}
