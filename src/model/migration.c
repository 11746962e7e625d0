#include "pgrunbook/model/migration.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/duration.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/base/text.h"
#include "pgrunbook/model/server.h"

/* Its row among who waits, and the one that it is all about: the root above it. */
static void
migration_find_row(const struct lock_forest *locks, struct migration *migration)
{
	for (size_t i = 0; locks && i < lock_forest_rows(locks); i++) {
		const struct lock_row *row = lock_forest_row(locks, i);

		if (row->pid != migration->session->pid)
			continue;
		migration->row = row;
		while (lock_forest_row(locks, row->parent) != row && !row->cycle)
			row = lock_forest_row(locks, row->parent);
		migration->holder = row == migration->row ? NULL : row;
		return;
	}
}

void
migration_list_make(const struct snapshot *snapshot, struct migration_list *list)
{
	const struct session_list *sessions = &snapshot->sessions;

	list->count = 0;
	for (size_t i = 0; i < sessions->count; i++) {
		const struct session *session = &sessions->items[i];
		struct migration *migration;

		if (!session->migration || session->leader_pid != 0)
			continue;
		list->items = alloc_room(list->items, list->count, &list->capacity,
			sizeof(*list->items));
		migration = &list->items[list->count++];
		*migration = (struct migration){ .session = session };
		migration_find_row(snapshot->locks, migration);
		migration->progress = progress_find(&snapshot->progress, session->pid);
		for (size_t at = 0; at < sessions->count; at++)
			migration->workers +=
				sessions->items[at].leader_pid == session->pid;
	}
}

void
migration_list_free(struct migration_list *list)
{
	free(list->items);
	*list = (struct migration_list){ 0 };
}

const struct migration *
migration_find(const struct migration_list *list, int pid)
{
	for (size_t i = 0; i < list->count; i++) {
		if (list->items[i].session->pid == pid)
			return &list->items[i];
	}
	return NULL;
}

/* What tools put before a statement says nothing of it. */
static const char *
statement_begin(const char *query)
{
	for (;;) {
		const char *end;

		query += strspn(query, " \t\r\n;");
		if (strncmp(query, "--", 2) == 0)
			end = strchr(query, '\n');
		else if (strncmp(query, "/*", 2) == 0)
			end = strstr(query + 2, "*/");
		else
			return query;
		if (!end)
			return query;
		query = end + (*end == '\n' ? 1 : 2);
	}
}

/* Whether what follows can be left out without making the rest nonsense. */
static bool
statement_breaks(const char *at)
{
	static const char *const clauses[] = { " AS ", " CHECK ", " FROM ", " SELECT ",
		" SET ", " TO ", " USING ", " VALUES ", " WHERE ", " WITH ", " (", ", ",
		"(" };

	for (size_t i = 0; i < sizeof(clauses) / sizeof(clauses[0]); i++) {
		if (strncasecmp(at, clauses[i], strlen(clauses[i])) == 0)
			return true;
	}
	return false;
}

/* Where to cut within `length` bytes: a clause in the second half, else a blank there,
 * else as it comes. */
static size_t
statement_cut(const char *text, size_t length)
{
	size_t clause = 0, blank = 0;

	for (size_t at = length / 2; at <= length; at++) {
		if (statement_breaks(text + at))
			clause = at;
		if (text[at] == ' ')
			blank = at;
	}
	length = clause ? clause : blank ? blank : length;
	while (length > 0 && text[length - 1] == ' ')
		length--;
	return length;
}

char *
migration_statement(const char *query, int cells)
{
	enum { ELLIPSIS = 3, BYTES = 4000 };
	const char *begin = query ? statement_begin(query) : "";
	struct str clean = { 0 };
	char *words;
	int width;

	/* No line is longer than that; a query may have a megabyte. */
	text_sanitize(begin, strnlen(begin, BYTES), &clean);
	words = str_take(&clean);
	if (text_width(words) <= cells)
		return words;
	words[statement_cut(words,
		text_fit(words, cells > ELLIPSIS ? cells - ELLIPSIS : 0, &width))] =
		'\0';
	char *cut = alloc_printf("%s%.*s", words, cells < 0 ? 0 : cells, "...");
	free(words);
	return cut;
}

char *
migration_state_words(const struct migration *migration, int64_t server_now_us)
{
	const struct session *session = migration->session;
	int64_t age = session_age_us(session, server_now_us);
	char text[DURATION_TEXT];

	if (session_is_hidden(session))
		return alloc_copy("hidden: " SERVER_NEEDS_MONITOR);
	if (age < 0)
		return NULL;
	duration_format(age, text);
	switch (session->state) {
	case SESSION_IDLE_IN_TRANSACTION:
		return alloc_printf("between statements for %s", text);
	case SESSION_IDLE_IN_TRANSACTION_ABORTED:
		return alloc_printf("FAILED %s ago, until it rolls back", text);
	case SESSION_IDLE:
		return alloc_printf("idle for %s", text);
	default:
		return alloc_copy(text);
	}
}

/* A pid, or the prepared transaction's name. */
static char *
migration_holder_name(const struct lock_row *holder)
{
	if (holder->pid != 0)
		return alloc_printf("%d", holder->pid);
	return alloc_printf("prepared transaction %s",
		holder->prepared ? holder->prepared->gid : "");
}

char *
migration_wait_words(const struct migration *migration)
{
	const struct lock_row *row = migration->row;
	int locker = migration->progress
			     ? (int)migration->progress->counters[PROGRESS_LOCKER]
			     : 0;
	size_t more;
	char *name, *words;

	if (row && row->cycle)
		return alloc_copy("in a DEADLOCK, which the server ends soon");
	if (!row || !row->wait)
		return locker > 0 ? alloc_printf("waits for %d", locker) : NULL;
	if (!migration->holder) {
		name = lock_row_wants(row);
		words = alloc_printf("waits for %s", name);
		free(name);
		return words;
	}
	name = migration_holder_name(migration->holder);
	more = row->waits_for_count > 1 ? row->waits_for_count - 1 : 0;
	words = more ? alloc_printf("waits for %s and %zu more", name, more)
		     : alloc_printf("waits for %s", name);
	free(name);
	return words;
}

char *
migration_holder_words(const struct migration *migration, int64_t server_now_us)
{
	const struct lock_row *holder = migration->holder;
	const struct session *session = holder ? holder->session : NULL;
	char age[DURATION_TEXT];
	char *who, *words;

	if (!session)
		return NULL;
	if (session->migration)
		return alloc_copy("another migration");
	who = session_who(session, 60);
	words = alloc_printf("%s%s%s %s", who, *who ? ", " : "",
		session_state_words(session->state),
		duration_format(session_age_us(session, server_now_us), age));
	free(who);
	return words;
}

char *
migration_victims_words(const struct migration *migration)
{
	if (!migration->row || migration->row->held_up == 0)
		return NULL;
	return alloc_printf("blocks %zu", migration->row->held_up);
}

char *
migration_progress_words(const struct migration *migration)
{
	const struct progress *progress = migration->progress;
	int percent = progress ? progress_percent(progress) : -1;
	char *rest, *words;

	if (!progress || progress->hidden)
		return NULL;
	if (percent < 0)
		return progress_phase_words(progress);
	rest = progress_rest_words(progress);
	words = rest ? alloc_printf("%d%%, %s", percent, rest)
		     : alloc_printf("%d%%", percent);
	free(rest);
	return words;
}
