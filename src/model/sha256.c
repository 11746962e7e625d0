#include <sha2.h>

#include "pgrunbook/model/entry.h"

_Static_assert(ENTRY_HASH_TEXT == SHA256_DIGEST_STRING_LENGTH, "a digest in hex");

void
sha256_hex(const char *bytes, size_t length, char out[ENTRY_HASH_TEXT])
{
	SHA256Data((const uint8_t *)(length > 0 ? bytes : ""), length, out);
}
