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

/* The same for a path below the open directory `directory`, as openat(2) has it. */
bool file_read_at(int directory, const char *path, size_t limit, struct str *out,
	struct error *error);

/* Joins with a slash unless `name` is absolute; the caller owns the path. */
char *file_join(const char *directory, const char *name);
/* mkdir -p with mode for what is made. */
bool file_make_directories(const char *path, unsigned mode, struct error *error);

#endif
