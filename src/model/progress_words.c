/* What the server's long operations do and how far they are, in words. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/duration.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/model/progress.h"
#include "pgrunbook/model/server.h"

const char *
progress_kind_name(enum progress_kind kind)
{
	static const char *const names[PROGRESS_KIND_COUNT] = {
		[PROGRESS_CREATE_INDEX] = "create-index",
		[PROGRESS_VACUUM] = "vacuum",
		[PROGRESS_ANALYZE] = "analyze",
		[PROGRESS_CLUSTER] = "cluster",
		[PROGRESS_COPY] = "copy",
		[PROGRESS_BASE_BACKUP] = "base-backup",
	};

	return kind < PROGRESS_KIND_COUNT ? names[kind] : "";
}

const char *
progress_unit_name(enum progress_unit unit)
{
	switch (unit) {
	case PROGRESS_BLOCKS:
		return "blocks";
	case PROGRESS_TUPLES:
		return "rows";
	case PROGRESS_BYTES:
		return "bytes";
	case PROGRESS_TABLES:
		return "tables";
	case PROGRESS_STATISTICS:
		return "statistics";
	case PROGRESS_INDEXES:
		return "indexes";
	case PROGRESS_SESSIONS:
		return "sessions";
	case PROGRESS_UNKNOWN:
		break;
	}
	return NULL;
}

/* A relation by its name; one that nobody else sees yet, or in another database, by its
 * number. */
static char *
progress_relation(const struct progress *progress, const char *name, const char *oid)
{
	if (name)
		return alloc_copy(name);
	if (!oid)
		return NULL;
	if (progress->elsewhere)
		return alloc_printf("relation %s of database %s", oid,
			progress->database ? progress->database : "?");
	return alloc_printf("relation %s (not committed yet)", oid);
}

char *
progress_target_words(const struct progress *progress)
{
	char *relation =
		progress_relation(progress, progress->relation, progress->relation_id);
	char *part = progress_relation(progress, progress->part, progress->part_id);
	char *words;

	if (!part || !relation) {
		free(part);
		return relation;
	}
	switch (progress->kind) {
	case PROGRESS_CLUSTER:
		words = alloc_printf("%s using %s", relation, part);
		break;
	case PROGRESS_ANALYZE:
		words = alloc_printf("%s, now %s", relation, part);
		break;
	default:
		words = alloc_printf("%s on %s", part, relation);
		break;
	}
	free(relation);
	free(part);
	return words;
}

/* What a role may always see: that there is something of this kind. */
static const char *
progress_hidden_command(enum progress_kind kind)
{
	static const char *const commands[PROGRESS_KIND_COUNT] = {
		[PROGRESS_CREATE_INDEX] = "CREATE INDEX or REINDEX",
		[PROGRESS_VACUUM] = "VACUUM",
		[PROGRESS_ANALYZE] = "ANALYZE",
		[PROGRESS_CLUSTER] = "CLUSTER or VACUUM FULL",
		[PROGRESS_COPY] = "COPY",
		[PROGRESS_BASE_BACKUP] = "base backup",
	};

	return commands[kind];
}

static bool
progress_is_autovacuum(const struct progress *progress)
{
	const struct session *session = progress->session;

	return session && session->backend_type &&
	       strcmp(session->backend_type, "autovacuum worker") == 0;
}

/* Autovacuum's and the base backup's commands are nobody's SQL. */
static const char *
progress_command(const struct progress *progress)
{
	bool autovacuum = progress_is_autovacuum(progress);

	if (progress->hidden || !progress->command)
		return progress_hidden_command(progress->kind);
	if (autovacuum && progress->kind == PROGRESS_VACUUM)
		return "autovacuum: VACUUM";
	if (autovacuum && progress->kind == PROGRESS_ANALYZE)
		return "autovacuum: ANALYZE";
	return progress->command;
}

char *
progress_command_words(const struct progress *progress)
{
	char *target = progress_target_words(progress);
	char *words;

	if (!target)
		return alloc_copy(progress_command(progress));
	words = alloc_printf("%s %s", progress_command(progress), target);
	free(target);
	return words;
}

static const char *
progress_verb(const struct progress *progress)
{
	const char *command = progress->command ? progress->command : "";

	switch (progress->kind) {
	case PROGRESS_CREATE_INDEX:
		return strncmp(command, "REINDEX", 7) == 0 ? "reindex" : "index";
	case PROGRESS_VACUUM:
		return progress_is_autovacuum(progress) ? "autovacuum" : "vacuum";
	case PROGRESS_ANALYZE:
		return progress_is_autovacuum(progress) ? "autoanalyze" : "analyze";
	case PROGRESS_CLUSTER:
		return strcmp(command, "VACUUM FULL") == 0 ? "vacuum full" : "cluster";
	case PROGRESS_COPY:
		return "copy";
	case PROGRESS_BASE_BACKUP:
	case PROGRESS_KIND_COUNT:
		break;
	}
	return "base backup";
}

char *
progress_short_words(const struct progress *progress)
{
	bool index = progress->kind == PROGRESS_CREATE_INDEX && progress->part;
	const char *name = index ? progress->part : progress->relation;

	if (!name)
		name = progress->relation_id;
	return name ? alloc_printf("%s %s", progress_verb(progress), name)
		    : alloc_copy(progress_verb(progress));
}

/* A copy has no phases: the view says what its other end is. */
static char *
progress_copy_words(const struct progress *progress)
{
	bool from = progress->command && strstr(progress->command, "FROM");

	if (strcmp(progress->phase, "pipe") == 0)
		return alloc_printf("%s the client", from ? "from" : "to");
	return alloc_printf("%s a %s", from ? "from" : "to", progress->phase);
}

char *
progress_phase_words(const struct progress *progress)
{
	int64_t rounds = progress->counters[PROGRESS_ROUNDS];

	if (progress->hidden)
		return alloc_copy(SERVER_NEEDS_MONITOR);
	if (!progress->phase)
		return NULL;
	if (progress->kind == PROGRESS_COPY)
		return progress_copy_words(progress);
	/* The count is of the rounds that are over. */
	if (progress->kind == PROGRESS_VACUUM && rounds > 0 &&
		strcmp(progress->phase, "scanning heap") == 0)
		return alloc_printf("%s, after %d round%s over the indexes",
			progress->phase, (int)rounds, rounds == 1 ? "" : "s");
	if (progress->kind == PROGRESS_VACUUM && rounds > 0 &&
		strcmp(progress->phase, "vacuuming indexes") == 0)
		return alloc_printf("%s, round %d", progress->phase, (int)rounds + 1);
	return alloc_copy(progress->phase);
}

/* An amount of units, "38 MB" or "12 k"; blocks are bytes to people. */
static void
progress_amount(const struct progress *progress, int64_t amount, struct str *out)
{
	char text[BYTES_TEXT];

	if (progress->unit == PROGRESS_BLOCKS)
		str_add(out, bytes_format(amount * progress->block_size, text));
	else if (progress->unit == PROGRESS_BYTES)
		str_add(out, bytes_format(amount, text));
	else
		str_add(out, count_format(amount, text));
}

char *
progress_done_words(const struct progress *progress)
{
	bool counted =
		progress->unit != PROGRESS_BLOCKS && progress->unit != PROGRESS_BYTES;
	struct str words = { 0 };

	if (progress->unit == PROGRESS_UNKNOWN)
		return NULL;
	/* Of those that it waits for none is gone, and they may be none at all. */
	if (progress->unit == PROGRESS_SESSIONS && progress->total < 0)
		return NULL;
	progress_amount(progress, progress->done, &words);
	if (progress->total >= 0) {
		str_add(&words, " of ");
		progress_amount(progress, progress->total, &words);
	}
	if (counted)
		str_printf(&words, " %s", progress_unit_name(progress->unit));
	return str_take(&words);
}

char *
progress_rate_words(const struct progress *progress)
{
	struct str words = { 0 };

	if (progress->rate < 0)
		return NULL;
	progress_amount(progress, (int64_t)(progress->rate + 0.5), &words);
	if (progress->unit == PROGRESS_TUPLES)
		str_add(&words, " rows");
	str_add(&words, "/s");
	return str_take(&words);
}

char *
progress_rest_words(const struct progress *progress)
{
	char text[DURATION_TEXT];

	if (progress->rest_us < 0)
		return NULL;
	return alloc_printf("%s%s", progress->last ? "" : "at least ",
		duration_format(progress->rest_us, text));
}
