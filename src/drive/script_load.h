/* Reads the version files that tree_load found, on several threads where they are many.
 */
#ifndef PGRUNBOOK_SRC_DRIVE_SCRIPT_LOAD_H
#define PGRUNBOOK_SRC_DRIVE_SCRIPT_LOAD_H

#include <stdbool.h>
#include <stddef.h>

#include "pgrunbook/model/script.h"

/* No version file is larger, in bytes. */
enum { SCRIPT_LARGEST = 16 << 20 };

/* A version file that was found. */
struct script_file {
	const char *directory; /* real */
	const char *name;      /* in the directory */
	char *target;	       /* where a symbolic link leads; NULL: it is none */
	unsigned char type;    /* DT_..., as the directory lists it */
	bool twin;	       /* found already under another name: not read */
};

/* The real path, which the caller owns. */
char *script_file_path(const struct script_file *file);

/*
 * Reads each into its place in `scripts`, which must be zeroed.  What can't be read has
 * a problem there; the path stays NULL where nothing counts: for twins, and for
 * compiled files that something better is beside of.
 */
void script_load(const struct script_file *files, size_t count, struct script *scripts);

#endif
