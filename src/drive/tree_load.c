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

/* No version file is larger; deeper directories are a loop. */
enum { LOAD_LARGEST = 16 << 20, LOAD_DEEPEST = 64 };

/* A version file that was found. */
struct load_file {
	size_t directory;
	char *name;
	char *target; /* where a symbolic link leads; NULL: it is none */
	bool twin;    /* found already under another name */
};

struct loader {
	struct tree *tree;
	bool recursive;
	struct strlist directories; /* real paths */
	struct load_file *files;
	size_t file_count, file_capacity;
	bool has_links;
	struct str bytes; /* of the file that is being read */
};

static void
load_report(struct loader *loader, const char *what, const char *path)
{
	char *problem =
		alloc_printf("can't read %s %s: %s", what, path, strerror(errno));

	tree_add_problem(loader->tree, problem);
	free(problem);
}

/* What the directory entry is, links followed for files only, as os.walk does it. */
static bool
load_is_directory(int descriptor, const struct dirent *entry, bool *link)
{
	struct stat status;
	unsigned char type = entry->d_type;

	*link = type == DT_LNK;
	if (type != DT_UNKNOWN)
		return type == DT_DIR;
	if (fstatat(descriptor, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return false;
	*link = S_ISLNK(status.st_mode);
	return S_ISDIR(status.st_mode);
}

/* The entries' names, sorted; links' names are in `links` too. */
static bool
load_list(const char *path, struct strlist *files, struct strlist *links,
	struct strlist *directories)
{
	DIR *directory = opendir(path);
	struct dirent *entry;

	if (!directory)
		return false;
	while ((entry = readdir(directory))) {
		bool link;

		if (load_is_directory(dirfd(directory), entry, &link)) {
			if (strcmp(entry->d_name, ".") != 0 &&
				strcmp(entry->d_name, "..") != 0)
				strlist_add(directories, entry->d_name);
			continue;
		}
		strlist_add(link ? links : files, entry->d_name);
	}
	closedir(directory);
	return true;
}

/* Takes over `name` and `target`. */
static void
load_add_file(struct loader *loader, char *name, char *target)
{
	loader->files = alloc_room(loader->files, loader->file_count,
		&loader->file_capacity, sizeof(*loader->files));
	loader->files[loader->file_count++] =
		(struct load_file){ .directory = loader->directories.count - 1,
			.name = name,
			.target = target };
}

/* A link counts by the name of what it leads to, as in Alembic. */
static void
load_add_link(struct loader *loader, const char *directory, char *name)
{
	char *path = file_join(directory, name);
	char *target = realpath(path, NULL);
	struct stat status;

	if (target && stat(target, &status) == 0 && S_ISREG(status.st_mode) &&
		script_is_version_file(strrchr(target, '/') + 1)) {
		loader->has_links = true;
		load_add_file(loader, name, target);
		target = NULL;
	} else {
		if (!target && script_is_version_file(name))
			load_report(loader, "the link", path);
		free(name);
	}
	free(target);
	free(path);
}

/* The version files of one directory, in the order of their names. */
static void
load_add_directory(struct loader *loader, const char *path, struct strlist *files,
	struct strlist *links)
{
	size_t plain = 0;

	strlist_add(&loader->directories, path);
	for (size_t i = 0; i < links->count; i++)
		strlist_add(files, links->items[i]);
	strlist_sort(files);
	strlist_sort(links);
	for (size_t i = 0; i < files->count; i++) {
		char *name = files->items[i];

		if (plain < links->count && strcmp(links->items[plain], name) == 0) {
			plain++;
			load_add_link(loader, path, name);
		} else if (script_is_version_file(name)) {
			load_add_file(loader, name, NULL);
		} else {
			free(name);
		}
	}
	files->count = 0; /* the names have new owners */
}

static void
load_visit(struct loader *loader, const char *path, int depth)
{
	struct strlist files = { 0 }, links = { 0 }, directories = { 0 };
	char *real = realpath(path, NULL);
	size_t length = real ? strlen(real) : 0;

	if (!real || !load_list(real, &files, &links, &directories)) {
		load_report(loader, "the directory", path);
	} else if (length < 11 || strcmp(real + length - 11, "__pycache__") != 0) {
		load_add_directory(loader, real, &files, &links);
	}
	strlist_sort(&directories);
	for (size_t i = 0; loader->recursive && i < directories.count; i++) {
		char *below = file_join(real, directories.items[i]);

		if (depth < LOAD_DEEPEST)
			load_visit(loader, below, depth + 1);
		free(below);
	}
	strlist_free(&files);
	strlist_free(&links);
	strlist_free(&directories);
	free(real);
}

static char *
load_path(const struct loader *loader, const struct load_file *file)
{
	return file->target ? alloc_copy(file->target)
			    : file_join(loader->directories.items[file->directory],
				      file->name);
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

	if (!loader->has_links && loader->directories.count < 2)
		return;
	struct load_path *paths = alloc_zeroed(count, sizeof(*paths));
	for (size_t i = 0; i < count; i++)
		paths[i] = (struct load_path){
			.path = load_path(loader, &loader->files[i]), .file = i
		};
	qsort(paths, count, sizeof(*paths), load_compare_paths);
	for (size_t i = 1; i < count; i++)
		if (strcmp(paths[i].path, paths[i - 1].path) == 0)
			loader->files[paths[i].file].twin = true;
	for (size_t i = 0; i < count; i++)
		free(paths[i].path);
	free(paths);
}

static void
load_read_file(struct loader *loader, int directory, const struct load_file *file)
{
	char *path = load_path(loader, file);
	struct error error = { 0 };
	struct script script;

	str_clear(&loader->bytes);
	if (file_read_at(directory, file->target ? file->target : file->name,
		    LOAD_LARGEST, &loader->bytes, &error)) {
		script_read(
			path, str_text(&loader->bytes), loader->bytes.length, &script);
	} else {
		script = (struct script){ .path = alloc_copy(path),
			.problem = alloc_printf("%s: %s", path, error.message) };
	}
	tree_add(loader->tree, &script);
	error_clear(&error);
	free(path);
}

/* Reads below the open directory: that spares the system the long path of each file. */
static void
load_read_files(struct loader *loader)
{
	int descriptor = -1;
	size_t opened = SIZE_MAX;

	for (size_t i = 0; i < loader->file_count; i++) {
		const struct load_file *file = &loader->files[i];

		if (file->twin)
			continue;
		if (file->directory != opened) {
			if (descriptor >= 0)
				close(descriptor);
			opened = file->directory;
			descriptor = open(loader->directories.items[opened],
				O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		}
		load_read_file(loader, descriptor, file);
	}
	if (descriptor >= 0)
		close(descriptor);
}

static bool
load_exists(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 || errno != ENOENT;
}

bool
tree_load_operations(
	const char *path, struct script_operations *operations, struct error *error)
{
	struct str bytes = { 0 };
	bool good = file_read(path, LOAD_LARGEST, &bytes, error);

	*operations = (struct script_operations){ 0 };
	if (good)
		script_operations_read(str_text(&bytes), bytes.length, operations);
	str_free(&bytes);
	return good;
}

struct tree *
tree_load(const struct alembic_config *config)
{
	struct loader loader = { .tree = tree_new(), .recursive = config->recursive };

	if (!load_exists(config->script_location))
		load_report(&loader, "script_location", config->script_location);
	for (size_t i = 0; i < config->version_locations.count; i++)
		if (load_exists(config->version_locations.items[i]))
			load_visit(&loader, config->version_locations.items[i], 0);
	load_mark_twins(&loader);
	load_read_files(&loader);
	tree_seal(loader.tree);
	for (size_t i = 0; i < loader.file_count; i++) {
		free(loader.files[i].name);
		free(loader.files[i].target);
	}
	free(loader.files);
	strlist_free(&loader.directories);
	str_free(&loader.bytes);
	return loader.tree;
}
