#include "pgrunbook/app/command_watch.h"

#include <jansson.h>
#include <stdlib.h>

#include "pgrunbook/app/evidence.h"
#include "pgrunbook/app/lost_revisions.h"
#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/duration.h"
#include "pgrunbook/base/text.h"
#include "pgrunbook/drive/clock.h"
#include "pgrunbook/drive/git_find.h"
#include "pgrunbook/drive/loop.h"
#include "pgrunbook/drive/pg_watch.h"
#include "pgrunbook/model/tree_problems.h"
#include "pgrunbook/model/version_choose.h"

enum { LOOK_TIMEOUT_US = 15000000 };

/* One snapshot, or why there is none. */
struct look {
	struct loop *loop;
	struct snapshot *snapshot;
	char *problem;
};

static void
look_snapshot(void *context, struct snapshot *snapshot)
{
	struct look *look = context;

	snapshot_free(look->snapshot);
	look->snapshot = snapshot;
	loop_stop(look->loop);
}

static void
look_lost(void *context, const char *message)
{
	struct look *look = context;

	free(look->problem);
	look->problem = alloc_copy(message);
	loop_stop(look->loop);
}

static void
look_timeout(void *context)
{
	look_lost(context, "no answer from the server within 15 seconds");
}

static struct snapshot *
look_once(const struct setup *setup, struct str *complaints)
{
	struct look look = { .loop = loop_new() };
	struct pg_watch_handler handler = { look_snapshot, look_lost, &look };
	struct pg_watch_options options = setup_watch_options(setup);
	struct loop_timer *timer = loop_timer_new(look.loop, look_timeout, &look);
	struct pg_watch *watch = pg_watch_new(look.loop, &options, &handler);

	loop_timer_start(timer, LOOK_TIMEOUT_US, 0);
	loop_run(look.loop);
	loop_timer_free(timer);
	pg_watch_free(watch);
	loop_free(look.loop);
	if (look.snapshot == NULL) {
		char *clean = text_sanitized(look.problem);

		str_printf(complaints, "pgrunbook: %s: %s\n", setup->target, clean);
		free(clean);
	}
	free(look.problem);
	return look.snapshot;
}

static json_t *
status_ids(const struct tree *tree, const struct tree_list *list)
{
	json_t *ids = json_array();

	for (size_t i = 0; i < list->count; i++)
		json_array_append_new(ids,
			evidence_text(tree_at(tree, list->items[i])->script.revision));
	return ids;
}

static const char *
status_name(enum status_kind kind)
{
	static const char *const names[] = {
		[STATUS_UNKNOWN] = "unknown",
		[STATUS_NO_TREE] = "no-tree",
		[STATUS_NO_TABLE] = "no-version-table",
		[STATUS_OTHER_TABLE] = "not-a-version-table",
		[STATUS_NOT_PERMITTED] = "not-permitted",
		[STATUS_SEVERAL_TABLES] = "several-version-tables",
		[STATUS_UNKNOWN_REVISION] = "unknown-revision",
		[STATUS_IN_SYNC] = "in-sync",
		[STATUS_SEVERAL_HEADS] = "several-heads",
		[STATUS_PENDING] = "pending",
		[STATUS_BROKEN] = "broken-tree",
	};

	return names[kind];
}

/* What is said of the version table, beside its rows. */
struct status_table {
	char *note;		   /* why that one was taken; NULL */
	char *problem;		   /* why its rows can't be told; NULL */
	struct git_found_list git; /* where the rows that the tree doesn't have are */
};

static json_t *
status_found(const struct git_found *found, const char *ref)
{
	json_t *item = json_object();

	json_object_set_new(item, "id", evidence_text(found->id));
	json_object_set_new(
		item, "ref", ref == NULL ? json_null() : evidence_text(ref));
	json_object_set_new(item, "kind",
		json_string(ref == NULL ? "commit" : git_found_kind(ref)));
	json_object_set_new(item, "commit", evidence_text(found->commit));
	json_object_set_new(item, "path", evidence_text(found->path));
	json_object_set_new(item, "author", evidence_text(found->author));
	json_object_set_new(item, "removed_by", evidence_text(found->removed_by));
	return item;
}

/* An item for each ref that has, or had, the file. */
static json_t *
status_found_in(const struct git_found_list *list)
{
	json_t *all = json_array();

	for (size_t i = 0; i < list->count; i++) {
		const struct git_found *found = &list->items[i];

		if (found->commit == NULL)
			continue;
		for (size_t ref = 0; ref < found->refs.count; ref++)
			json_array_append_new(
				all, status_found(found, found->refs.items[ref]));
		if (found->refs.count == 0)
			json_array_append_new(all, status_found(found, NULL));
	}
	return all;
}

/* What was found, and what wasn't, in words. */
static void
status_notes(const struct status_table *table, struct strlist *notes)
{
	if (table->note != NULL)
		strlist_add(notes, table->note);
	for (size_t i = 0; i < table->git.count; i++) {
		const struct git_found *found = &table->git.items[i];
		char *command = git_found_command(found);

		strlist_add_owned(notes, git_found_words(found, clock_now_us()));
		if (command != NULL)
			strlist_add_owned(
				notes, alloc_printf("%s: %s", found->id, command));
		free(command);
	}
}

static json_t *
status_candidates(const struct tree *tree, const struct version_rows *rows)
{
	json_t *list = json_array();

	for (size_t i = 0; i < rows->candidate_count; i++) {
		const struct version_candidate *candidate = &rows->candidates[i];
		char *words = version_candidate_words(tree, candidate);
		json_t *item = json_object();

		json_object_set_new(item, "name", evidence_text(candidate->name));
		json_object_set_new(item, "rows",
			candidate->read ? evidence_list(&candidate->rows)
					: json_null());
		json_object_set_new(item, "words", evidence_text(words));
		json_array_append_new(list, item);
		free(words);
	}
	return list;
}

static void
status_json(const struct snapshot *snapshot, const struct tree *tree,
	const struct status *status, const struct status_table *table, struct str *out)
{
	static const char *const roles[] = { "unknown", "primary", "standby" };
	const struct server *server = &snapshot->server;
	json_t *value = json_object();
	char *words = status_words(status);

	json_object_set_new(value, "status", json_string(status_name(status->kind)));
	json_object_set_new(value, "words", evidence_text(words));
	json_object_set_new(value, "database", evidence_text(server->database));
	json_object_set_new(value, "host", evidence_text(server->host));
	json_object_set_new(value, "port", evidence_text(server->port));
	json_object_set_new(value, "role", json_string(roles[server->role]));
	json_object_set_new(value, "server_version", evidence_text(server->version));
	json_object_set_new(
		value, "version_table", evidence_text(snapshot->version.name));
	struct strlist notes = { 0 };
	status_notes(table, &notes);
	json_object_set_new(value, "notes", evidence_list(&notes));
	strlist_free(&notes);
	json_object_set_new(
		value, "version_table_problem", evidence_text(table->problem));
	json_object_set_new(
		value, "version_tables", status_candidates(tree, &snapshot->version));
	json_object_set_new(value, "current", evidence_list(&snapshot->version.rows));
	json_object_set_new(value, "unknown", evidence_list(&status->unknown));
	json_object_set_new(value, "found_in", status_found_in(&table->git));
	json_object_set_new(value, "heads",
		tree == NULL ? json_array() : status_ids(tree, tree_heads(tree)));
	json_object_set_new(value, "pending",
		tree == NULL ? json_array() : status_ids(tree, &status->pending));
	json_object_set_new(value, "problems",
		tree == NULL ? json_array() : evidence_list(tree_problems(tree)));
	free(words);
	evidence_print(value, out);
}

static void
status_line(struct str *out, const char *label, const char *text)
{
	char *clean = text_sanitized(text);

	str_printf(out, "%-10s %s\n", label, clean);
	free(clean);
}

/* The rows in words; where they aren't known, nothing is claimed. */
static char *
status_current(const struct version_rows *version)
{
	char *rows;

	if (version->table != VERSION_TABLE_READ)
		return alloc_copy(
			version->table == VERSION_TABLE_MISSING ? "base" : "unknown");
	if (version->rows.count == 0 && version->null_rows == 0)
		return alloc_copy("base");
	rows = strlist_join(&version->rows, ", ");
	char *words = alloc_printf("%s%s%s%s", rows,
		version->null_rows != 0 && *rows != '\0' ? ", " : "",
		version->null_rows != 0 ? "NULL" : "",
		version->more ? " and more" : "");
	free(rows);
	return words;
}

static void
status_text(const struct snapshot *snapshot, const struct tree *tree,
	const struct status *status, const struct status_table *table, struct str *out)
{
	char *name = server_name(&snapshot->server);
	char *words = status_words(status);
	char *rows = status_current(&snapshot->version);
	struct strlist heads = { 0 };

	for (size_t i = 0; tree != NULL && i < tree_heads(tree)->count; i++)
		strlist_add(&heads,
			tree_at(tree, tree_heads(tree)->items[i])->script.revision);
	char *head = strlist_join(&heads, ", ");
	status_line(out, "database", name);
	status_line(out, "role",
		snapshot->server.role == SERVER_PRIMARY ? "primary" : "standby");
	status_line(out, "server", snapshot->server.version);
	if (snapshot->version.name != NULL)
		status_line(out, "table", snapshot->version.name);
	status_line(out, "current", rows);
	status_line(out, "head", *head == '\0' ? "none" : head);
	status_line(out, "status", words);
	struct strlist notes = { 0 };
	status_notes(table, &notes);
	for (size_t i = 0; i < notes.count; i++)
		status_line(out, i == 0 ? "note" : "", notes.items[i]);
	strlist_free(&notes);
	if (table->problem != NULL)
		status_line(out, "problem", table->problem);
	for (size_t i = 0; tree != NULL && i < tree_problems(tree)->count; i++)
		status_line(out,
			tree_problem_is_note(tree_problem_at(tree, i)) ? "note"
								       : "problem",
			tree_problems(tree)->items[i]);
	for (size_t i = 0; i < status->pending.count; i++) {
		const struct script *script =
			&tree_at(tree, status->pending.items[i])->script;
		char *line = alloc_printf("%s %s", script->revision, script->message);

		status_line(out, i == 0 ? "pending" : "", line);
		free(line);
	}
	strlist_free(&heads);
	free(head);
	free(rows);
	free(words);
	free(name);
}

static void
status_look_in_git(const struct setup *setup, const struct status *status,
	struct git_found_list *list)
{
	struct strlist ids = { 0 };

	for (size_t i = 0; i < status->unknown.count && i < LOST_MOST; i++)
		strlist_add(&ids, status->unknown.items[i]);
	if (ids.count != 0)
		git_find_now(&setup->config.version_locations, &ids, list);
	strlist_free(&ids);
}

/* 2 where it can't be told how the database stands. */
static int
status_exit(const struct status *status)
{
	switch (status->kind) {
	case STATUS_IN_SYNC:
		return 0;
	case STATUS_UNKNOWN:
	case STATUS_OTHER_TABLE:
	case STATUS_NOT_PERMITTED:
	case STATUS_SEVERAL_TABLES:
		return 2;
	default:
		return 1;
	}
}

int
command_status(
	const struct setup *setup, bool json, struct str *out, struct str *complaints)
{
	struct tree *tree = setup_load_tree(setup);
	struct status status = { 0 };
	int exit_status = 2;

	if (tree == NULL) {
		str_printf(complaints, "pgrunbook: %s\n", setup->config_problem);
		return 2;
	}
	struct snapshot *snapshot = look_once(setup, complaints);
	if (snapshot != NULL) {
		struct status_table table = { 0 };

		table.note = version_settle(tree, &snapshot->version);
		table.problem =
			version_problem(tree, &snapshot->version, setup->version_table);
		status_make(tree, &snapshot->version, &status);
		exit_status = status_exit(&status);
		status_look_in_git(setup, &status, &table.git);
		if (json)
			status_json(snapshot, tree, &status, &table, out);
		else
			status_text(snapshot, tree, &status, &table, out);
		git_found_list_free(&table.git);
		free(table.note);
		free(table.problem);
		status_free(&status);
	}
	snapshot_free(snapshot);
	tree_free(tree);
	return exit_status;
}

static void
locks_line(const struct snapshot *snapshot, size_t index, struct str *out)
{
	const struct lock_row *row = lock_forest_row(snapshot->locks, index);
	struct str line = { 0 };
	char age[DURATION_TEXT];

	str_printf(&line, "%*s", row->depth * 2, "");
	if (row->pid != 0)
		str_printf(&line, "%d", row->pid);
	else
		str_printf(&line, "prepared %s",
			row->prepared == NULL ? "transaction" : row->prepared->gid);
	if (row->session != NULL && row->session->user != NULL)
		str_printf(&line, " %s", row->session->user);
	if (row->session != NULL && row->session->application != NULL &&
		*row->session->application != '\0')
		str_printf(&line, " (%s)", row->session->application);
	if (row->wait != NULL)
		str_printf(&line, " waits %s for %s on %s",
			row->wait->since_us == 0
				? "?"
				: duration_format(
					  snapshot->server_now_us - row->wait->since_us,
					  age),
			row->wait->mode == NULL ? "a lock" : row->wait->mode,
			row->wait->object == NULL ? "?" : row->wait->object);
	if (row->held_up != 0)
		str_printf(&line, " holds up %zu", row->held_up);
	if (row->session != NULL && row->session->query != NULL)
		str_printf(&line, ": %s", row->session->query);
	char *clean = text_sanitized(str_text(&line) + row->depth * 2);
	str_printf(out, "%*s%s\n", row->depth * 2, "", clean);
	free(clean);
	str_free(&line);
}

int
command_locks(
	const struct setup *setup, bool json, struct str *out, struct str *complaints)
{
	struct snapshot *snapshot = look_once(setup, complaints);

	if (snapshot == NULL)
		return 2;
	if (json) {
		evidence_print(evidence_locks(snapshot, snapshot->server_now_us), out);
	} else if (lock_forest_rows(snapshot->locks) == 0) {
		str_add(out, "nobody waits for a lock\n");
	} else {
		for (size_t row = 0; row < lock_forest_rows(snapshot->locks); row++)
			locks_line(snapshot, row, out);
	}
	snapshot_free(snapshot);
	return 0;
}
