/*
 * An incident's directory and log as files: opening, locking, whole writes, syncing.
 * Private to the incident driver.  Nothing here follows a symbolic link out of the
 * incident's directory, and nothing waits.
 */
#ifndef PGRUNBOOK_DRIVE_INCIDENT_DISK_H
#define PGRUNBOOK_DRIVE_INCIDENT_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "pgrunbook/base/error.h"
#include "pgrunbook/base/str.h"

/* "ROOT/ID"; the caller owns it.  NULL if `id` can't be the name of a directory. */
char *disk_path(const char *root, const char *id, struct error *error);

/* The descriptor of a directory that is no symbolic link, or -1 with errno. */
int disk_open_directory(const char *path, struct error *error);

/*
 * log.jsonl in `directory` with open's `flags`, or -1; `path` is the directory's, for
 * messages.  It must be a regular file.  errno is ENOENT after -1 if it isn't there.
 */
int disk_open_log(int directory, const char *path, int flags, struct error *error);

/*
 * A new incident's directory below `root` (made if it is missing), durable and locked,
 * named "2026-11-20T140231Z-NAME", with a number if that second has one already.
 */
struct disk_files {
	char *id; /* the caller owns it */
	int directory, log;
};
bool disk_make_incident(const char *root, const char *name, int64_t now_us,
	struct disk_files *files, struct error *error);

/* A new file output/NNNN.txt: its descriptor or -1; the caller owns *name. */
int disk_make_output(int directory, const char *path, char **name, struct error *error);

/*
 * The exclusive lock of the writer, held as long as the descriptor is open.  The file
 * "writer" beside the log says who has it, for the message that refuses the next one.
 */
bool disk_lock(int log, int directory, const char *id, struct error *error);
void disk_tell_writer(int directory, const char *who);
void disk_forget_writer(int directory);
bool disk_locked(int log);

/*
 * write() until all is written or it fails; *written says how much there is then. EINTR
 * and short writes go on; a file size limit is an error, not a signal.
 */
bool disk_write(int fd, const char *bytes, size_t length, size_t *written);
/* The same at an offset, for a descriptor without O_APPEND. */
bool disk_write_at(int fd, const char *bytes, size_t length, off_t offset);

bool disk_sync(int fd);
/* Directories of some file systems can't be synced: that is no failure. */
bool disk_sync_directory(int fd);

/* All of a log from its beginning. */
bool disk_read(int fd, const char *path, struct str *out, struct error *error);

#endif
