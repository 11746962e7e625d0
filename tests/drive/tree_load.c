#include "pgrunbook/drive/tree_load.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/drive/file.h"
#include "tests/tap/tap.h"

static void
put(const char *folder, const char *name, const char *text)
{
	char *path = file_join(folder, name), *slash = strrchr(path, '/');
	struct error error = { 0 };

	*slash = '\0';
	if (!file_make_directories(path, 0700, &error))
		abort();
	*slash = '/';
	int descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (descriptor < 0 ||
		write(descriptor, text, strlen(text)) != (ssize_t)strlen(text))
		abort();
	close(descriptor);
	free(path);
}

static void
put_revision(const char *folder, const char *name, const char *id)
{
	char *text = alloc_printf("revision = '%s'\ndown_revision = None\n", id);

	put(folder, name, text);
	free(text);
}

/* The ids in load order, and then the problems, with `folder` cut off. */
static char *
load_with(const char *folder, const char *locations, bool recursive, bool sourceless)
{
	struct alembic_config config = { .script_location = alloc_copy(folder),
		.recursive = recursive,
		.sourceless = sourceless };
	struct strlist parts = { 0 };

	while (*locations) {
		size_t length = strcspn(locations, " ");
		char *name = alloc_copy_bytes(locations, length);

		strlist_add_owned(&config.version_locations, file_join(folder, name));
		free(name);
		locations += length + (locations[length] == ' ');
	}
	struct tree *tree = tree_load(&config);
	for (size_t i = 0; i < tree_count(tree); i++)
		strlist_add(&parts, tree_at(tree, (int)i)->script.revision);
	for (size_t i = 0; i < tree_problems(tree)->count; i++) {
		const char *problem = tree_problems(tree)->items[i];
		const char *found = strstr(problem, folder);

		strlist_add(&parts, found ? found + strlen(folder) + 1 : problem);
	}
	char *text = strlist_join(&parts, " ");
	strlist_free(&parts);
	tree_free(tree);
	alembic_config_free(&config);
	return text;
}

static char *
load(const char *folder, const char *locations, bool recursive)
{
	return load_with(folder, locations, recursive, false);
}

static void
check(const char *folder, const char *locations, bool recursive, const char *want,
	const char *what)
{
	char *got = load(folder, locations, recursive);

	tap_is_text(got, want, "%s", what);
	free(got);
}

static void
test_plain(const char *folder)
{
	put_revision(folder, "v/b.py", "b1");
	put_revision(folder, "v/a.py", "a1");
	put_revision(folder, "v/.hidden.py", "h1");
	put_revision(folder, "v/__init__.py", "no");
	put_revision(folder, "v/.#a.py", "no");
	put_revision(folder, "v/a.pyc", "no");
	put_revision(folder, "v/below/c.py", "c1");
	put_revision(folder, "v/below/__pycache__/d.py", "no");
	put_revision(folder, "w/e.py", "e1");
	check(folder, "v", false, "h1 a1 b1", "names are sorted, odd ones left out");
	check(folder, "w v", false, "e1 h1 a1 b1", "directories in their order");
	check(folder, "x v", false, "h1 a1 b1", "one that isn't there is skipped");
	check(folder, "v", true, "h1 a1 b1 c1", "recursively");
	check(folder, "v v/below", true, "h1 a1 b1 c1", "nothing is loaded twice");
	check(folder, "v v", false, "h1 a1 b1", "nor if a directory is named twice");
}

/* More than one thread reads: the order is still that of the names. */
static void
test_many(const char *folder)
{
	struct strlist ids = { 0 };

	for (int i = 0; i < 1000; i++) {
		char *name = alloc_printf("%s/%04d.py", i < 500 ? "m" : "n", i);

		strlist_add_owned(&ids, alloc_printf("r%d", i));
		put_revision(folder, name, ids.items[i]);
		free(name);
	}
	put(folder, "m/0100.py", "revision = (");
	free(ids.items[100]);
	ids.items[100] = alloc_copy("");
	char *all = strlist_join(&ids, " "), *gap = strstr(all, "  ");
	char *want = alloc_printf("%.*s%s", (int)(gap - all), all, gap + 1);
	char *got = load(folder, "m n", false);

	tap_ok(strncmp(got, want, strlen(want)) == 0 &&
			strstr(got + strlen(want), "m/0100.py") != NULL,
		"1,000 files, one of them broken, are read in their order");
	free(got);
	free(want);
	free(all);
	strlist_free(&ids);
}

static void
test_links(const char *folder)
{
	char *link_path = file_join(folder, "l/2.py"),
	     *loop = file_join(folder, "l/3.py");
	char *odd = file_join(folder, "l/4.py");

	put_revision(folder, "l/1.py", "l1");
	put_revision(folder, "l/text", "no");
	if (symlink("../w/e.py", link_path) < 0 || symlink("3.py", loop) < 0 ||
		symlink("text", odd) < 0)
		abort();
	char *got = load(folder, "l", false);
	tap_ok(strncmp(got, "l1 e1 l/3.py: ", 14) == 0,
		"links count by what they lead to: %s", got);
	free(got);
	unlink(loop);
	check(folder, "w l", false, "e1 l1",
		"a link to a file that was read is no other");
	free(link_path);
	free(loop);
	free(odd);
}

static void
test_broken(const char *folder)
{
	char *fifo = file_join(folder, "b/2.py");

	put_revision(folder, "b/1.py", "b1");
	put(folder, "b/3.py", "revision = 'x\n");
	put(folder, "b/z.py", "");
	put_revision(folder, "b/5.py", "b5");
	if (mkfifo(fifo, 0600) < 0)
		abort();
	check(folder, "b", false,
		"b1 b5 2.py: can't read it: it is no regular file "
		"3.py:1: a string never ends "
		"z.py: it binds no `revision`, and its name is no revision id: if it "
		"is no migration, move it out of here",
		"a file that can't be read hides no other");
	free(fifo);
}

static void
test_operations(const char *folder)
{
	static const char text[] = "def upgrade():\n    op.drop_table('t')\n";
	char *path = file_join(folder, "o/1.py"), *none = file_join(folder, "o/2.py");
	struct script_operations operations;
	struct error error = { 0 };

	put(folder, "o/1.py", text);
	tap_ok(tree_load_operations(path, &operations, &error), "operations of a file");
	tap_ok(operations.upgrade.count == 1 && operations.downgrade.count == 0,
		"as many as there are");
	tap_is_text(operations.upgrade.items[0].text, "op.drop_table('t')", "this one");
	script_operations_free(&operations);
	tap_ok(!tree_load_operations(none, &operations, &error), "of no file");
	tap_ok(operations.upgrade.count == 0 && strstr(error.message, none),
		"none, and the error names it");
	script_operations_free(&operations);
	error_clear(&error);
	free(path);
	free(none);
}

/* The rules are those of Alembic 1.19.2's Script._list_py_dir and _from_path. */
static void
test_sourceless(const char *folder)
{
	static const char why[] = ": only compiled: what it declares can't be read "
				  "without Python; put its source back";
	put_revision(folder, "s/a.py", "a1");
	put_revision(folder, "s/z.py", "z1");
	put(folder, "s/a.pyc", "");
	put(folder, "s/b.pyc", "");
	put(folder, "s/b.pyo", "");
	put(folder, "s/c.pyo", "");
	put(folder, "s/__init__.pyc", "");
	put(folder, "s/note.txt", "");
	put(folder, "s/__pycache__/a.cpython-313.pyc", "");
	put(folder, "s/__pycache__/note.cpython-313.pyc", "");
	put(folder, "s/__pycache__/d.cpython-313.pyc", "");
	put_revision(folder, "s/__pycache__/e.py", "e1");
	check(folder, "s", false, "a1 z1", "without sourceless only sources count");
	char *got = load_with(folder, "s", false, true);
	char *want = alloc_printf("a1 z1 e1 b.pyc%s c.pyo%s "
				  "__pycache__/d.cpython-313.pyc%s",
		why, why, why);
	tap_is_text(got, want,
		"sourceless: what is compiled only is named and hides nothing");
	free(want);
	free(got);

	put(folder, "t/__pycache__/q.cpython-313.pyc", "");
	got = load_with(folder, "t", false, true);
	want = alloc_printf("q.cpython-313.pyc%s", why);
	tap_is_text(got, want, "sourceless: a directory that has nothing else");
	free(want);
	free(got);
}

/* Where a new file would change the tree. */
static void
test_directories(const char *folder)
{
	struct alembic_config config = { .sourceless = true };
	struct strlist paths = { 0 };

	strlist_add_owned(&config.version_locations, file_join(folder, "t"));
	strlist_add_owned(&config.version_locations, file_join(folder, "none"));
	tree_load_directories(&config, &paths);
	char *all = strlist_join(&paths, " ");
	char *want =
		alloc_printf("%s/t %s/none %s/t/__pycache__", folder, folder, folder);
	tap_is_text(all, want, "sourceless: __pycache__ is watched, too");
	free(want);
	free(all);
	strlist_free(&paths);
	strlist_free(&config.version_locations);
}

static int
remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	(void)status;
	(void)type;
	(void)walk;
	return remove(path);
}

int
main(void)
{
	char folder[] = "/tmp/pgrunbook-tree-XXXXXX";

	if (!mkdtemp(folder))
		return EXIT_FAILURE;
	test_plain(folder);
	test_many(folder);
	test_links(folder);
	test_broken(folder);
	test_operations(folder);
	test_sourceless(folder);
	test_directories(folder);
	nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	return tap_done();
}
