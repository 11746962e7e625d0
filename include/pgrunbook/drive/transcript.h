/*
 * A step's output on disk: redacted as it comes, whole, in the incident's
 * output/NNNN.txt, with its size and digest for the log.
 */
#ifndef PGRUNBOOK_DRIVE_TRANSCRIPT_H
#define PGRUNBOOK_DRIVE_TRANSCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pgrunbook/base/error.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/drive/incident.h"
#include "pgrunbook/model/entry.h"
#include "pgrunbook/model/redact.h"

struct transcript;

/* NULL with an error if the file can't be made. */
struct transcript *transcript_new(
	struct incident *incident, const struct redact *redact, struct error *error);
/* Appends what may be shown of it, redacted, to `shown`. */
void transcript_add(struct transcript *transcript, const char *bytes, size_t length,
	struct str *shown);

struct transcript_end {
	char *path; /* relative to the incident; owned by the caller */
	char sha256[ENTRY_HASH_TEXT];
	int64_t bytes;
	size_t redactions;
	bool truncated; /* it couldn't be written to its end */
};
/* Writes the rest, syncs and closes; frees the transcript. */
void transcript_end(
	struct transcript *transcript, struct transcript_end *end, struct str *shown);

#endif
