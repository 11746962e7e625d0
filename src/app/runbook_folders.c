#include "pgrunbook/app/runbook_folders.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/drive/file.h"
#include "pgrunbook/model/settings.h"

static int
folder_is_markdown(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);

	return length > 3 && entry->d_name[0] != '.' &&
	       strcmp(entry->d_name + length - 3, ".md") == 0;
}

static bool
folder_known(const struct strlist *paths, const char *file)
{
	for (size_t i = 0; i < paths->count; i++) {
		const char *slash = strrchr(paths->items[i], '/');

		if (strcmp(slash == NULL ? paths->items[i] : slash + 1, file) == 0)
			return true;
	}
	return false;
}

static void
folder_add(const char *folder, struct strlist *paths)
{
	struct dirent **entries;
	int count = scandir(folder, &entries, folder_is_markdown, alphasort);

	for (int i = 0; i < count; i++) {
		if (!folder_known(paths, entries[i]->d_name))
			strlist_add_owned(paths, file_join(folder, entries[i]->d_name));
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
}

void
runbook_folders_find(const struct strlist *configured, struct strlist *paths)
{
	const char *environment = getenv("PGRUNBOOK_RUNBOOKS");
	struct strlist folders = { 0 };

	strlist_copy(&folders, configured);
	if (environment != NULL)
		settings_folders(environment, &folders);
	strlist_add(&folders, "runbooks");
	strlist_add(&folders, RUNBOOK_DIR);
	for (size_t i = 0; i < folders.count; i++)
		folder_add(folders.items[i], paths);
	strlist_free(&folders);
}
