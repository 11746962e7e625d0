/* A text cut anywhere is redacted as the whole is, and marked values are never left. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/model/redact.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char secret[] = "tops3cret";

/* The first byte says how large the pieces are. */
static void
stream(const struct redact *redact, const char *bytes, size_t length, size_t piece,
	const struct str *whole)
{
	struct redact_stream stream = { .redact = redact };
	struct str out = { 0 };

	for (size_t at = 0; at < length; at += piece)
		redact_stream_add(&stream, bytes + at,
			length - at < piece ? length - at : piece, false, &out);
	redact_stream_add(&stream, "", 0, true, &out);
	if (out.length != whole->length ||
		(out.length > 0 && memcmp(out.bytes, whole->bytes, out.length) != 0))
		abort();
	str_free(&out);
	redact_stream_free(&stream);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct redact *redact = redact_new(NULL);
	struct error error = { 0 };
	struct str whole = { 0 };

	if (size == 0 || size > 4096) {
		redact_free(redact);
		return 0;
	}
	redact_add_secret(redact, secret);
	redact_add_secret(redact, "x y");
	if (data[0] & 0x80)
		(void)redact_add_pattern(redact, "AK[0-9]+|id=([0-9]+)", &error);
	redact_text(redact, (const char *)data + 1, size - 1, &whole);
	if (whole.length > 0 &&
		memmem(whole.bytes, whole.length, secret, sizeof(secret) - 1))
		abort();
	stream(redact, (const char *)data + 1, size - 1, (data[0] & 0x7f) + 1, &whole);
	str_free(&whole);
	error_clear(&error);
	redact_free(redact);
	return 0;
}
