#include "pgrunbook/drive/tree_load.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/drive/file.h"
#include "src/drive/script_load.h"

/* Deeper directories are a loop. */
enum { LOAD_DEEPEST = 64 };

/* A directory of version files. */
struct load_directory {
	char *path;  /* real */
	char *names; /* of its files, one behind the other */
};

struct loader {
	struct tree *tree;
	bool recursive, sourceless;
	struct load_directory *directories;
	size_t directory_count, directory_capacity;
	struct script_file *files;
	size_t file_count, file_capacity;
	bool has_links;
};

/* What a directory lists, as far as it may matter. */
struct load_list {
	struct str names;
	struct load_entry {
		size_t name; /* where it begins */
		unsigned char type;
	} * entries;
	size_t count, capacity;
	struct strlist directories;
	bool sourceless;
	struct strlist stems; /* if it is: of all files, up to their first dot */
};

static void
load_report(struct loader *loader, const char *what, const char *path)
{
	char *problem =
		alloc_printf("can't read %s %s: %s", what, path, strerror(errno));

	tree_add_problem(loader->tree, problem);
	free(problem);
}

/* The entry's type, DT_...; a link is a link, wherever it leads. */
static unsigned char
load_type(int descriptor, const struct dirent *entry)
{
	struct stat status;

	if (entry->d_type != DT_UNKNOWN)
		return entry->d_type;
	if (fstatat(descriptor, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return DT_UNKNOWN;
	return IFTODT(status.st_mode);
}

/* Whether a file of this name may be a revision. */
static bool
load_counts(const char *name, bool sourceless)
{
	return script_is_version_file(name) ||
	       (sourceless && script_is_compiled_file(name));
}

/* A link counts by the name of what it leads to, as in Alembic; so it may have any. */
static void
load_add_entry(int descriptor, const struct dirent *entry, struct load_list *list)
{
	unsigned char type = load_type(descriptor, entry);

	if (type == DT_DIR && strcmp(entry->d_name, ".") != 0 &&
		strcmp(entry->d_name, "..") != 0)
		strlist_add(&list->directories, entry->d_name);
	if (list->sourceless && type != DT_DIR)
		strlist_add_owned(&list->stems,
			alloc_copy_bytes(entry->d_name, strcspn(entry->d_name, ".")));
	if (type == DT_DIR ||
		(type != DT_LNK && !load_counts(entry->d_name, list->sourceless)))
		return;
	list->entries = alloc_room(
		list->entries, list->count, &list->capacity, sizeof(*list->entries));
	list->entries[list->count++] =
		(struct load_entry){ .name = list->names.length, .type = type };
	str_add_bytes(&list->names, entry->d_name, strlen(entry->d_name) + 1);
}

static bool
load_list(const char *path, struct load_list *list)
{
	DIR *directory = opendir(path);
	struct dirent *entry;

	if (!directory)
		return false;
	while ((entry = readdir(directory)))
		load_add_entry(dirfd(directory), entry, list);
	closedir(directory);
	return true;
}

/* The file that a link leads to; false if it leads to no version file. */
static bool
load_follow(struct loader *loader, const char *directory, struct script_file *file)
{
	char *path = file_join(directory, file->name);
	char *target = realpath(path, NULL);
	struct stat status;
	bool good = target && stat(target, &status) == 0 && S_ISREG(status.st_mode) &&
		    load_counts(strrchr(target, '/') + 1, loader->sourceless);

	if (good) {
		loader->has_links = true;
		file->target = target;
		target = NULL;
	} else if (!target && load_counts(file->name, loader->sourceless)) {
		load_report(loader, "the link", path);
	}
	free(target);
	free(path);
	return good;
}

static int
load_compare_names(const void *a, const void *b)
{
	const struct script_file *left = a, *right = b;

	return strcmp(left->name, right->name);
}

/* Puts the files in the order of their names, and leaves out links to something else.
 */
static void
load_arrange(struct loader *loader, const char *directory, size_t first)
{
	size_t count = loader->file_count;

	if (count > first)
		qsort(loader->files + first, count - first, sizeof(*loader->files),
			load_compare_names);
	loader->file_count = first;
	for (size_t i = first; i < count; i++)
		if (loader->files[i].type != DT_LNK ||
			load_follow(loader, directory, &loader->files[i]))
			loader->files[loader->file_count++] = loader->files[i];
}

/* The version files of one directory; takes over the names. */
static void
load_add_directory(struct loader *loader, const char *path, struct load_list *list)
{
	size_t first = loader->file_count;
	char *directory = alloc_copy(path), *names = str_take(&list->names);

	loader->directories = alloc_room(loader->directories, loader->directory_count,
		&loader->directory_capacity, sizeof(*loader->directories));
	loader->directories[loader->directory_count] =
		(struct load_directory){ .path = directory, .names = names };
	for (size_t i = 0; i < list->count; i++) {
		loader->files = alloc_room(loader->files, loader->file_count,
			&loader->file_capacity, sizeof(*loader->files));
		loader->files[loader->file_count++] =
			(struct script_file){ .directory = directory,
				.name = names + list->entries[i].name,
				.type = list->entries[i].type };
	}
	loader->directory_count++;
	load_arrange(loader, path, first);
}

static void
load_list_free(struct load_list *list)
{
	str_free(&list->names);
	free(list->entries);
	strlist_free(&list->directories);
	strlist_free(&list->stems);
}

/*
 * What Python compiled and nobody has the source of: Alembic takes what is in
 * __pycache__ unless some file of the directory has the same name up to the first dot.
 */
static void
load_visit_cache(struct loader *loader, const char *directory, struct strlist *stems)
{
	struct load_list list = { .sourceless = true };
	char *path = file_join(directory, "__pycache__");
	char *real = realpath(path, NULL);
	size_t kept = 0;

	strlist_sort(stems);
	if (real ? !load_list(real, &list) : errno != ENOENT)
		load_report(loader, "the directory", path);
	for (size_t i = 0; i < list.count; i++) {
		const char *name = list.names.bytes + list.entries[i].name;
		char *stem = alloc_copy_bytes(name, strcspn(name, "."));

		if (!strlist_has_sorted(stems, stem))
			list.entries[kept++] = list.entries[i];
		free(stem);
	}
	list.count = kept;
	if (real)
		load_add_directory(loader, real, &list);
	load_list_free(&list);
	free(real);
	free(path);
}

static void
load_visit(struct loader *loader, const char *path, int depth)
{
	struct load_list list = { .sourceless = loader->sourceless };
	char *real = realpath(path, NULL);
	size_t length = real ? strlen(real) : 0;

	if (!real || !load_list(real, &list)) {
		load_report(loader, "the directory", path);
	} else if (length < 11 || strcmp(real + length - 11, "__pycache__") != 0) {
		load_add_directory(loader, real, &list);
		if (loader->sourceless)
			load_visit_cache(loader, real, &list.stems);
	}
	strlist_sort(&list.directories);
	for (size_t i = 0; loader->recursive && i < list.directories.count; i++) {
		char *below = file_join(real, list.directories.items[i]);

		if (depth < LOAD_DEEPEST)
			load_visit(loader, below, depth + 1);
		free(below);
	}
	load_list_free(&list);
	free(real);
}

/* A real path and the place of its file in the list. */
struct load_path {
	char *path;
	size_t file;
};

static int
load_compare_paths(const void *a, const void *b)
{
	const struct load_path *left = a, *right = b;
	int order = strcmp(left->path, right->path);

	return order ? order : (left->file > right->file) - (left->file < right->file);
}

/* One file found twice is one file: the first counts. */
static void
load_mark_twins(struct loader *loader)
{
	size_t count = loader->file_count;

	if (!loader->has_links && loader->directory_count < 2)
		return;
	struct load_path *paths = alloc_zeroed(count, sizeof(*paths));
	for (size_t i = 0; i < count; i++)
		paths[i] =
			(struct load_path){ .path = script_file_path(&loader->files[i]),
				.file = i };
	qsort(paths, count, sizeof(*paths), load_compare_paths);
	for (size_t i = 1; i < count; i++)
		if (strcmp(paths[i].path, paths[i - 1].path) == 0)
			loader->files[paths[i].file].twin = true;
	for (size_t i = 0; i < count; i++)
		free(paths[i].path);
	free(paths);
}

static void
load_read_files(struct loader *loader)
{
	struct script *scripts = alloc_zeroed(loader->file_count + 1, sizeof(*scripts));

	script_load(loader->files, loader->file_count, scripts);
	for (size_t i = 0; i < loader->file_count; i++)
		if (scripts[i].path)
			tree_add(loader->tree, &scripts[i]);
	free(scripts);
}

char *
tree_load_nothing(const struct alembic_config *config)
{
	struct str text = { 0 };

	for (size_t i = 0; i < config->version_locations.count; i++) {
		const char *path = config->version_locations.items[i];

		str_printf(&text, "%s%s%s", i ? ", " : "there is no revision in ", path,
			file_exists(path) ? "" : ", which doesn't exist");
	}
	return str_take(&text);
}

bool
tree_load_operations(
	const char *path, struct script_operations *operations, struct error *error)
{
	struct str bytes = { 0 };
	bool good = file_read(path, SCRIPT_LARGEST, &bytes, error);

	*operations = (struct script_operations){ 0 };
	if (good)
		script_operations_read(str_text(&bytes), bytes.length, operations);
	str_free(&bytes);
	return good;
}

static void
load_free(struct loader *loader)
{
	for (size_t i = 0; i < loader->file_count; i++)
		free(loader->files[i].target);
	for (size_t i = 0; i < loader->directory_count; i++) {
		free(loader->directories[i].path);
		free(loader->directories[i].names);
	}
	free(loader->files);
	free(loader->directories);
}

void
tree_load_directories(const struct alembic_config *config, struct strlist *paths)
{
	struct loader loader = { .tree = tree_new(),
		.recursive = config->recursive,
		.sourceless = config->sourceless };

	for (size_t i = 0; i < config->version_locations.count; i++) {
		strlist_add(paths, config->version_locations.items[i]);
		if ((config->recursive || config->sourceless) &&
			file_exists(config->version_locations.items[i]))
			load_visit(&loader, config->version_locations.items[i], 0);
	}
	for (size_t i = 0; i < loader.directory_count; i++)
		if (!strlist_has(paths, loader.directories[i].path))
			strlist_add(paths, loader.directories[i].path);
	tree_free(loader.tree);
	load_free(&loader);
}

struct tree *
tree_load(const struct alembic_config *config)
{
	struct loader loader = { .tree = tree_new(),
		.recursive = config->recursive,
		.sourceless = config->sourceless };

	for (size_t i = 0; i < config->version_locations.count; i++)
		if (file_exists(config->version_locations.items[i]))
			load_visit(&loader, config->version_locations.items[i], 0);
	load_mark_twins(&loader);
	load_read_files(&loader);
	tree_seal(loader.tree);
	load_free(&loader);
	return loader.tree;
}
