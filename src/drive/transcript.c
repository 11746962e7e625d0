#include "pgrunbook/drive/transcript.h"

#include <errno.h>
#include <sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pgrunbook/base/alloc.h"

/* A command gone wild must not fill the disk that the log needs. */
enum { TRANSCRIPT_BYTES = 256 << 20 };

struct transcript {
	int fd;
	char *path;
	struct redact_stream redact;
	SHA2_CTX digest;
	int64_t bytes;
	bool truncated;
};

struct transcript *
transcript_new(
	struct incident *incident, const struct redact *redact, struct error *error)
{
	char *path;
	int fd = incident_output(incident, &path, error);

	if (fd < 0)
		return NULL;
	struct transcript *transcript = alloc_zeroed(1, sizeof(*transcript));
	transcript->fd = fd;
	transcript->path = path;
	transcript->redact.redact = redact;
	SHA256Init(&transcript->digest);
	return transcript;
}

/* The digest is of what is on disk: a disk that is full ends both at the same byte. */
static void
transcript_write(struct transcript *transcript, const char *bytes, size_t length)
{
	if (transcript->bytes + (int64_t)length > TRANSCRIPT_BYTES)
		transcript->truncated = true;
	while (length != 0 && !transcript->truncated) {
		ssize_t written = write(transcript->fd, bytes, length);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0) {
			transcript->truncated = true;
			return;
		}
		SHA256Update(
			&transcript->digest, (const uint8_t *)bytes, (size_t)written);
		transcript->bytes += written;
		bytes += written;
		length -= (size_t)written;
	}
}

static void
transcript_pass(struct transcript *transcript, const char *bytes, size_t length,
	bool end, struct str *shown)
{
	size_t before = shown->length;

	redact_stream_add(&transcript->redact, bytes, length, end, shown);
	if (shown->length != before)
		transcript_write(
			transcript, shown->bytes + before, shown->length - before);
}

void
transcript_add(struct transcript *transcript, const char *bytes, size_t length,
	struct str *shown)
{
	transcript_pass(transcript, bytes, length, false, shown);
}

void
transcript_end(
	struct transcript *transcript, struct transcript_end *end, struct str *shown)
{
	transcript_pass(transcript, "", 0, true, shown);
	if (fdatasync(transcript->fd) != 0)
		transcript->truncated = true;
	close(transcript->fd);
	*end = (struct transcript_end){
		.path = transcript->path,
		.bytes = transcript->bytes,
		.redactions = transcript->redact.count,
		.truncated = transcript->truncated,
	};
	SHA256End(&transcript->digest, end->sha256);
	redact_stream_free(&transcript->redact);
	free(transcript);
}
