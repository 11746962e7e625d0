#include "tests/model/python_answers.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"
#include "tests/tap/tap.h"

enum { SHOWN = 10 };

static void
unhex(const char *hex, struct str *out)
{
	char digits[3] = "";

	str_clear(out);
	for (; hex[0] != '\0' && hex[1] != '\0'; hex += 2) {
		memcpy(digits, hex, 2);
		str_add_char(out, (char)strtol(digits, NULL, 16));
	}
}

/* The document itself, or the file that it names. */
static const char *
read_document(const json_t *document, struct str *out)
{
	const char *path = json_string_value(json_object_get(document, "file"));
	FILE *file = path != NULL ? fopen(path, "rb") : NULL;
	char block[4096];
	size_t count;

	if (path == NULL) {
		unhex(json_string_value(json_object_get(document, "hex")), out);
		return str_text(out);
	}
	str_clear(out);
	while (file != NULL && (count = fread(block, 1, sizeof(block), file)) > 0)
		str_add_bytes(out, block, count);
	if (file != NULL)
		fclose(file);
	return path;
}

/* Starts Python; what it prints comes from the stream.  NULL if it can't be started. */
static FILE *
start_python(const char *path, pid_t *pid)
{
	int ends[2];

	if (pipe(ends) != 0)
		return NULL;
	*pid = fork();
	if (*pid == 0) {
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		close(ends[1]);
		execl("/usr/bin/python3", "python3", path, (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	return fdopen(ends[0], "r");
}

void
python_answers(const char *script,
	char *(*check)(const char *bytes, size_t length, const json_t *answer))
{
	char *path = alloc_printf("%s/tests/model/%s", getenv("srcdir"), script);
	pid_t pid = -1;
	FILE *python = start_python(path, &pid);
	int status = -1;
	struct str bytes = { 0 };
	char *line = NULL;
	size_t room = 0, all = 0, different = 0;

	while (python != NULL && getline(&line, &room, python) > 0) {
		json_t *document = json_loads(line, JSON_ALLOW_NUL, NULL);

		const char *shown = read_document(document, &bytes);
		char *why = check(str_text(&bytes), bytes.length,
			json_object_get(document, "answer"));
		all++;
		if (why != NULL && ++different <= SHOWN)
			tap_diag("%s\n--- document\n%s\n---", why, shown);
		free(why);
		json_decref(document);
	}
	if (python != NULL)
		fclose(python);
	if (pid > 0)
		waitpid(pid, &status, 0);
	tap_is_int(status, 0, "%s", script);
	tap_ok(all > 0 && different == 0, "%zu documents, %zu read differently", all,
		different);
	str_free(&bytes);
	free(line);
	free(path);
}
