#include "src/drive/script_load.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/drive/file.h"

/*
 * A thread takes so many files at a time and is worth its start from so many on: to
 * start one takes as long as to read three.  More threads than that wait for each
 * other.
 */
enum { LOAD_CHUNK = 64, LOAD_WORTH = 4 * LOAD_CHUNK, LOAD_THREADS = 4 };

/* What the threads share: each script is written by the one that took its file. */
struct load_job {
	const struct script_file *files;
	size_t count;
	struct script *scripts;
	atomic_size_t next; /* the first file that nobody took yet */
};

/* What each has for itself. */
struct load_reader {
	const char *directory; /* that is open; NULL: none */
	int descriptor;	       /* -1: it couldn't be opened */
	struct str bytes;      /* of the file that is being read */
};

char *
script_file_path(const struct script_file *file)
{
	return file->target ? alloc_copy(file->target)
			    : file_join(file->directory, file->name);
}

/* Whether the compiled file's source is beside it, or a better compiled one. */
static bool
load_is_superseded(const char *path)
{
	size_t length = strlen(path) - 1;
	char *source = alloc_copy_bytes(path, length);
	char *compiled = alloc_printf("%sc", source);
	bool superseded =
		file_exists(source) || (path[length] == 'o' && file_exists(compiled));

	free(source);
	free(compiled);
	return superseded;
}

/* A compiled file: what is in it can't be told, so it must not be passed over. */
static struct script
load_compiled(const char *path)
{
	return (struct script){
		.path = alloc_copy(path),
		.problem = alloc_printf("%s: only compiled: what it declares can't be "
					"read without Python; put its source back",
			path),
	};
}

/* Reads below the open directory: that spares the system the long path of each file. */
static void
load_open(struct load_reader *reader, const char *directory)
{
	if (reader->directory == directory)
		return;
	if (reader->descriptor >= 0)
		close(reader->descriptor);
	reader->directory = directory;
	reader->descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void
load_source(struct load_reader *reader, const struct script_file *file,
	const char *path, struct script *script)
{
	struct error error = { 0 };

	load_open(reader, file->directory);
	str_clear(&reader->bytes);
	if (file_read_at(reader->descriptor, file->target ? file->target : file->name,
		    file->type == DT_REG, SCRIPT_LARGEST, &reader->bytes, &error))
		script_read(
			path, str_text(&reader->bytes), reader->bytes.length, script);
	else
		*script = (struct script){ .path = alloc_copy(path),
			.problem = alloc_printf("%s: %s", path, error.message) };
	error_clear(&error);
}

static void
load_one(struct load_reader *reader, const struct script_file *file,
	struct script *script)
{
	char *path = script_file_path(file);

	if (!script_is_compiled_file(strrchr(path, '/') + 1))
		load_source(reader, file, path, script);
	else if (!load_is_superseded(path))
		*script = load_compiled(path);
	free(path);
}

static void *
load_take(void *context)
{
	struct load_job *job = context;
	struct load_reader reader = { .descriptor = -1 };

	for (;;) {
		size_t first = atomic_fetch_add(&job->next, LOAD_CHUNK);

		if (first >= job->count)
			break;
		for (size_t i = first; i < job->count && i < first + LOAD_CHUNK; i++)
			if (!job->files[i].twin)
				load_one(&reader, &job->files[i], &job->scripts[i]);
	}
	if (reader.descriptor >= 0)
		close(reader.descriptor);
	str_free(&reader.bytes);
	return NULL;
}

/* How many threads are to help this one. */
static size_t
load_helpers(size_t count)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	size_t threads = processors > LOAD_THREADS ? LOAD_THREADS
			 : processors > 1	   ? (size_t)processors
						   : 1;

	return count < LOAD_WORTH ? 0 : threads - 1;
}

void
script_load(const struct script_file *files, size_t count, struct script *scripts)
{
	struct load_job job = { .files = files, .count = count, .scripts = scripts };
	pthread_t helpers[LOAD_THREADS];
	size_t wanted = load_helpers(count), started = 0;

	/* This thread takes files as well, so all are read though none may start. */
	while (started < wanted &&
		pthread_create(&helpers[started], NULL, load_take, &job) == 0)
		started++;
	load_take(&job);
	for (size_t i = 0; i < started; i++)
		pthread_join(helpers[i], NULL);
}
