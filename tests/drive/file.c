#include "pgrunbook/drive/file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pgrunbook/base/alloc.h"
#include "tests/tap/tap.h"

static void
write_file(const char *path, size_t length)
{
	int descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	char *bytes = alloc_zeroed(length, 1);

	memset(bytes, 'x', length);
	if (descriptor < 0 || write(descriptor, bytes, length) != (ssize_t)length)
		abort();
	close(descriptor);
	free(bytes);
}

/* `verb` is what couldn't be done to the path; NULL: nothing went wrong. */
static void
check_error(const char *path, size_t limit, const char *verb, const char *reason,
	const char *what)
{
	char *want = verb ? alloc_printf("can't %s %s: %s", verb, path, reason) : NULL;
	struct str out = { 0 };
	struct error error = { 0 };

	file_read(path, limit, &out, &error);
	tap_is_text(error.message, want, "%s", what);
	str_free(&out);
	error_clear(&error);
	free(want);
}

static void
test_reading(const char *folder)
{
	char *path = file_join(folder, "plain"), *fifo = file_join(folder, "fifo");
	struct str out = { 0 };
	struct error error = { 0 };

	write_file(path, 100000);
	tap_ok(file_read(path, 100000, &out, &error), "a file of the limit is read");
	tap_is_int((int64_t)out.length, 100000, "all of it");
	check_error(path, 99999, "read", "it is larger than 99999 bytes",
		"one byte more is too many");
	for (size_t length = 4095; length < 70000; length = length * 2 + 1) {
		/* Just short of so many pages, just as many, a byte more. */
		for (size_t more = 0; more < 3; more++) {
			write_file(path, length + more);
			str_clear(&out);
			file_read(path, 100000, &out, &error);
			tap_is_int((int64_t)out.length, (int64_t)(length + more),
				"all of %zu bytes", length + more);
		}
	}
	write_file(path, 0);
	check_error(path, 0, NULL, NULL, "an empty file can be read");
	check_error(folder, 10, "read", "it is no regular file", "a directory can't");
	if (mkfifo(fifo, 0600) == 0)
		check_error(
			fifo, 10, "read", "it is no regular file", "a FIFO is no wait");
	check_error("/dev/zero", 10, "read", "it is no regular file",
		"a device is no wait");
	check_error("/nonexistent/x", 10, "open", "No such file or directory",
		"a file that isn't there");
	unlink(path);
	unlink(fifo);
	free(path);
	free(fifo);
	str_free(&out);
}

static void
test_start(const char *folder)
{
	char *path = file_join(folder, "plain");
	struct str out = { 0 };
	struct error error = { 0 };
	bool cut;

	write_file(path, 100000);
	tap_ok(file_read_start(path, 99999, &out, &cut, &error), "a start is read");
	tap_is_int((int64_t)out.length, 99999, "no more than is wanted");
	tap_ok(cut, "what is left is told");
	str_clear(&out);
	tap_ok(file_read_start(path, 100000, &out, &cut, &error), "a whole file, too");
	tap_is_int((int64_t)out.length, 100000, "all of it");
	tap_ok(!cut, "nothing is left");
	tap_ok(!file_read_start(folder, 10, &out, &cut, &error), "a folder is none");
	tap_ok(error.message != NULL && strstr(error.message, "regular") != NULL,
		"which is said");
	unlink(path);
	error_clear(&error);
	str_free(&out);
	free(path);
}

static void
test_joining(void)
{
	char *path = file_join("a/b", "c");
	tap_is_text(path, "a/b/c", "joined with a slash");
	free(path);
	path = file_join("/", "c");
	tap_is_text(path, "/c", "but not with two");
	free(path);
	path = file_join("a", "/c");
	tap_is_text(path, "/c", "an absolute name stays");
	free(path);
}

static void
test_directories(const char *folder)
{
	char *path = file_join(folder, "a/b//c/");
	char *file = file_join(folder, "a/file"),
	     *below = file_join(folder, "a/file/b");
	struct error error = { 0 };
	struct stat status;

	tap_ok(file_make_directories(path, 0700, &error), "directories are made");
	tap_ok(stat(path, &status) == 0 && (status.st_mode & 0777) == 0700,
		"with their mode");
	tap_ok(file_make_directories(path, 0700, &error), "once more is fine");
	write_file(file, 1);
	tap_ok(!file_make_directories(below, 0700, &error), "a file is in the way");
	char *want = alloc_printf(
		"can't make the directory %s: there is a file of that name", file);
	tap_is_text(error.message, want, "and named");
	error_clear(&error);
	unlink(file);
	free(want);
	free(path);
	free(file);
	free(below);
}

static void
remove_directory(const char *folder, const char *name)
{
	char *path = file_join(folder, name);

	rmdir(path);
	free(path);
}

int
main(void)
{
	char folder[] = "/tmp/pgrunbook-file-XXXXXX";

	if (!mkdtemp(folder))
		return EXIT_FAILURE;
	test_reading(folder);
	test_start(folder);
	test_joining();
	test_directories(folder);
	remove_directory(folder, "a/b/c");
	remove_directory(folder, "a/b");
	remove_directory(folder, "a");
	rmdir(folder);
	return tap_done();
}
