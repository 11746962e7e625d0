/* `pgrunbook status`: how the database and the tree stand to each other. */
#include <stdlib.h>

#include "pgrunbook/app/command_look.h"
#include "pgrunbook/app/evidence.h"
#include "pgrunbook/app/lost_revisions.h"
#include "pgrunbook/app/revision_json.h"
#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/text.h"
#include "pgrunbook/drive/clock.h"
#include "pgrunbook/drive/git_find.h"
#include "pgrunbook/model/tree_problems.h"
#include "pgrunbook/model/version_choose.h"

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

/* An empty list of rows is base, and then all is pending; of others nothing is known.
 */
static bool
status_rows_known(const struct version_rows *version)
{
	return version->table == VERSION_TABLE_READ ||
	       version->table == VERSION_TABLE_MISSING;
}

static json_t *
status_pending(const struct snapshot *snapshot, const struct tree *tree,
	const struct status *status)
{
	if (!status_rows_known(&snapshot->version))
		return json_null();
	return tree == NULL ? json_array() : revision_json_ids(tree, &status->pending);
}

static json_t *
status_json(const struct snapshot *snapshot, const struct tree *tree,
	const struct status *status, const struct status_table *table)
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
	json_object_set_new(value, "current",
		status_rows_known(&snapshot->version)
			? evidence_list(&snapshot->version.rows)
			: json_null());
	json_object_set_new(value, "unknown", evidence_list(&status->unknown));
	json_object_set_new(value, "found_in", status_found_in(&table->git));
	json_object_set_new(value, "heads",
		tree == NULL ? json_array()
			     : revision_json_ids(tree, tree_heads(tree)));
	json_object_set_new(value, "pending", status_pending(snapshot, tree, status));
	json_object_set_new(value, "problems",
		tree == NULL ? json_array() : evidence_list(tree_problems(tree)));
	free(words);
	return value;
}

static void
status_line(struct str *out, const char *label, const char *text)
{
	str_printf(out, "%-10s ", label);
	look_line(out, 0, text);
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
	bool known = status_rows_known(&snapshot->version);
	for (size_t i = 0; known && i < status->pending.count; i++) {
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

static bool
status_open(const struct setup *setup, void **kept, struct str *complaints)
{
	if (setup->config_problem != NULL)
		str_printf(complaints, "pgrunbook: %s\n", setup->config_problem);
	*kept = (void *)setup;
	return setup->config_problem == NULL;
}

/* The tree is read with each look: scripts come and go as rows do. */
static int
status_answer(void *kept, struct snapshot *snapshot, json_t **value, struct str *out)
{
	const struct setup *setup = kept;
	struct tree *tree = setup_load_tree(setup);
	struct status status = { 0 };
	struct status_table table = { 0 };

	table.note = version_settle(tree, &snapshot->version);
	table.problem = version_problem(tree, &snapshot->version, setup->version_table);
	status_make(tree, &snapshot->version, &status);
	status_look_in_git(setup, &status, &table.git);
	if (value != NULL)
		*value = status_json(snapshot, tree, &status, &table);
	else
		status_text(snapshot, tree, &status, &table, out);
	int exit_status = status_exit(&status);
	git_found_list_free(&table.git);
	free(table.note);
	free(table.problem);
	status_free(&status);
	tree_free(tree);
	return exit_status;
}

const struct look look_status = {
	.tells = 1U << SNAPSHOT_OF_TABLES,
	.without = SNAPSHOT_PROGRESS,
	.open = status_open,
	.answer = status_answer,
};
