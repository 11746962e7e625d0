#include "pgrunbook/drive/transcript.h"

#include <errno.h>
#include <openssl/evp.h>
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
	EVP_MD_CTX *digest;
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
	transcript->digest = EVP_MD_CTX_new();
	EVP_DigestInit_ex(transcript->digest, EVP_sha256(), NULL);
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
		EVP_DigestUpdate(transcript->digest, bytes, (size_t)written);
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
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned length = 0;

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
	EVP_DigestFinal_ex(transcript->digest, digest, &length);
	for (unsigned i = 0; i < length && i < 32; i++)
		snprintf(end->sha256 + (size_t)2 * i, 3, "%02x", digest[i]);
	EVP_MD_CTX_free(transcript->digest);
	redact_stream_free(&transcript->redact);
	free(transcript);
}
