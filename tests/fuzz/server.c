/* Any text is what a server says of itself: a position, a list of pids or of names. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/model/replication.h"
#include "src/drive/pg_watch_parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is taken for a position is the same when it is written out. */
static void
check_lsn(const char *text)
{
	uint64_t lsn = 1, again = 2;
	char out[LSN_TEXT];

	if (!replication_parse_lsn(text, &lsn)) {
		if (lsn != 0)
			abort();
	} else if (lsn != 0) {
		if (!replication_parse_lsn(replication_format_lsn(lsn, out), &again) ||
			again != lsn)
			abort();
	}
}

static void
check_standbys(const char *text)
{
	struct replication replication = { .sync.names = alloc_copy(text) };

	if (sync_standbys_needed(text) > 1000)
		abort();
	free(replication_sync_words(&replication));
	replication_free(&replication);
}

/* Whoever says to receive from whom: each stays, once, and no deeper than they are. */
static void
check_tree(const char *text, size_t size)
{
	struct replication replication = { 0 };

	for (size_t at = 0; at + 2 <= size && replication.count < 30; at += 2) {
		char name[2] = { text[at] ? text[at] : 'a' };
		char upstream[2] = { text[at + 1] };
		struct replica *item = replication_add(&replication, name);

		item->upstream = *upstream ? alloc_copy(upstream) : NULL;
	}
	size_t count = replication.count;
	replication_arrange(&replication);
	if (replication.count != count)
		abort();
	for (size_t i = 0; i < count; i++) {
		int before = i == 0 ? -1 : replication.items[i - 1].depth;

		if (!replication.items[i].name ||
			replication.items[i].depth > before + 1)
			abort();
	}
	replication_free(&replication);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = alloc_copy_bytes((const char *)data, size);
	size_t count;

	check_lsn(text);
	check_standbys(text);
	check_tree(text, size);
	free(watch_read_pids(text, &count));
	if (count > size)
		abort();
	free(text);
	return 0;
}
