/* Whole files. */
#ifndef PGRUNBOOK_DRIVE_FILE_H
#define PGRUNBOOK_DRIVE_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "pgrunbook/base/error.h"
#include "pgrunbook/base/str.h"

/*
 * Reads a regular file of at most `limit` bytes into `out`.  The error names the path
 * and what the system said; a directory, a FIFO or a device is an error, not a wait.
 */
bool file_read(const char *path, size_t limit, struct str *out, struct error *error);

/*
 * The same for a path below the open directory `directory`, as openat(2) has it.  What
 * the directory lists as `regular` isn't asked again what it is: with thousands of
 * small files that is an eighth of the time.  The error says "it" for the file, since
 * `path` alone doesn't say which one.
 */
bool file_read_at(int directory, const char *path, bool regular, size_t limit,
	struct str *out, struct error *error);

/*
 * Reads the first `limit` bytes of a regular file; *cut says whether there are more.
 */
bool file_read_start(const char *path, size_t limit, struct str *out, bool *cut,
	struct error *error);

/* Whether there is something of that name; what can't be told counts as there. */
bool file_exists(const char *path);
/* Joins with a slash unless `name` is absolute; the caller owns the path. */
char *file_join(const char *directory, const char *name);
/* mkdir -p with mode for what is made. */
bool file_make_directories(const char *path, unsigned mode, struct error *error);

/*
 * Puts the bytes in the place of a file, or makes it (mode 0600): whoever reads it sees
 * the old or the new ones, and after a crash too.
 */
bool file_replace(
	const char *path, const char *bytes, size_t length, struct error *error);

/*
 * The user's own folder for what the program remembers: $XDG_STATE_HOME/pgrunbook, or
 * ~/.local/state/pgrunbook.  The caller owns it; NULL with an error.
 */
char *file_state_folder(struct error *error);

#endif
