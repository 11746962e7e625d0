#include <openssl/evp.h>
#include <stdlib.h>

#include "pgrunbook/model/entry.h"

void
sha256_hex(const char *bytes, size_t length, char out[ENTRY_HASH_TEXT])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned size = 0;

	/* SHA-256 of memory fails only for want of memory, which aborts everywhere. */
	if (!EVP_Digest(length > 0 ? bytes : "", length, digest, &size, EVP_sha256(),
		    NULL) ||
		size * 2 != ENTRY_HASH_TEXT - 1)
		abort();
	for (unsigned i = 0; i < size; i++) {
		out[2 * i] = digits[digest[i] >> 4];
		out[2 * i + 1] = digits[digest[i] & 15];
	}
	out[ENTRY_HASH_TEXT - 1] = '\0';
}
