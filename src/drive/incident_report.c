#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pgrunbook/drive/file.h"
#include "pgrunbook/drive/incident.h"
#include "pgrunbook/model/report.h"

static bool
report_store(const char *path, const struct str *text, struct error *error)
{
	int fd =
		open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	size_t at = 0;

	if (fd < 0)
		return error_set(error, "cannot write %s: %s", path, strerror(errno));
	while (at < text->length) {
		ssize_t written = write(fd, text->bytes + at, text->length - at);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			break;
		at += (size_t)written;
	}
	bool good = at == text->length && fdatasync(fd) == 0;
	if (!good)
		error_set(error, "cannot write %s: %s", path, strerror(errno));
	close(fd);
	return good;
}

bool
incident_report(const char *root, const char *id, struct error *error)
{
	struct entry_list entries = { 0 };
	struct str raw = { 0 };
	struct str text = { 0 };
	struct log_check check;
	bool good = incident_read(root, id, &entries, &raw, error);

	if (good) {
		char *directory = file_join(root, id);
		char *path = file_join(directory, "report.md");

		log_check_bytes(str_text(&raw), raw.length, &check);
		report_markdown(id, entries.items, entries.count, &check, &text);
		good = report_store(path, &text, error);
		log_check_free(&check);
		free(path);
		free(directory);
	}
	entry_list_free(&entries);
	str_free(&text);
	str_free(&raw);
	return good;
}
