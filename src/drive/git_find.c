#include "pgrunbook/drive/git_find.h"

#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/drive/child.h"
#include "pgrunbook/model/script.h"
#include "src/drive/git_run.h"

enum {
	PATIENCE_US = 10 * 1000 * 1000,
	OUTPUT_BYTES = 4 << 20, /* of one git command; more is cut off */
	BLOBS_MOST = 30,	/* files that are read for one id */
	REFS_MOST = 20,		/* of those that have a commit */
	TIPS_MOST = 5		/* that are named */
};

/* What the git command under way is for. */
enum git_step {
	STEP_WHERE,   /* the repository's top */
	STEP_COUNT,   /* its refs */
	STEP_LOG,     /* commits that changed how often the id stands somewhere */
	STEP_LOG_ALL, /* the same in every Python file */
	STEP_BLOB,    /* a file of such a commit: is it the revision's? */
	STEP_REFS,    /* who has the commit */
	STEP_TIP,     /* does this one still have the file? */
	STEP_STASHES, /* is the commit a stash's? */
	STEP_AUTHOR,
	STEP_OVER
};

struct git_find {
	struct loop *loop;
	struct loop_timer *timer; /* our patience, and the first step */
	struct child *child;
	struct strlist directories;
	void (*done)(void *context, struct git_found_list *list);
	void *context;

	enum git_step step;
	struct str output;
	char *top;	   /* of the repository */
	size_t refs_count; /* in it */
	bool shallow;
	struct git_found_list list;
	size_t at; /* the id that is looked for */

	/* Of this id. */
	struct git_changes changes;
	size_t change;		/* the one that is looked at */
	size_t blobs;		/* that were read */
	struct strlist holders; /* refs that have the commit */
	size_t holder;
	bool everywhere; /* STEP_LOG_ALL was run */
};

static void find_next_id(struct git_find *find);
static void find_next_change(struct git_find *find);
static void find_next_tip(struct git_find *find);
static void find_ended(void *context, const struct child_exit *exit);

static struct git_found *
find_item(struct git_find *find)
{
	return &find->list.items[find->at];
}

static void
find_take_output(void *context, const char *bytes, size_t length)
{
	struct git_find *find = context;

	if (find->output.length + length <= OUTPUT_BYTES)
		str_add_bytes(&find->output, bytes, length);
	else
		child_signal(find->child, SIGKILL);
}

static void
find_tell(void *context)
{
	struct git_find *find = context;
	struct git_found_list list = find->list;

	find->list = (struct git_found_list){ 0 };
	find->done(find->context, &list);
}

/* From the loop, since a failed start comes from within git_find_start. */
static void
find_finish(struct git_find *find)
{
	find->step = STEP_OVER;
	loop_timer_free(find->timer);
	find->timer = loop_timer_new(find->loop, find_tell, find);
	loop_timer_start(find->timer, 0, 0);
}

/* What is still open ends so. */
static void
find_give_up(struct git_find *find, enum git_outcome outcome, const char *problem)
{
	for (size_t i = find->at; i < find->list.count; i++) {
		struct git_found *found = &find->list.items[i];

		if (found->outcome != GIT_LOOKING)
			continue;
		found->outcome = outcome;
		found->problem = alloc_copy(problem);
	}
	find_finish(find);
}

static void
find_on_patience(void *context)
{
	struct git_find *find = context;

	if (find->child != NULL)
		child_signal(find->child, SIGKILL);
	child_free(find->child);
	find->child = NULL;
	find_give_up(find, GIT_FAILED, "git needed more than 10 s");
}

/* Runs git with the words that are added to `argv`, which is freed. */
static void
find_run(struct git_find *find, enum git_step step, struct strlist *argv,
	const char *directory)
{
	const struct child_handler handler = { find_take_output, find_ended, find };
	struct strlist environment = { 0 };
	struct error error = { 0 };

	find->step = step;
	str_clear(&find->output);
	git_run_environment(&environment);
	find->child = child_start(
		find->loop, argv, &environment, directory, &handler, &error);
	if (find->child == NULL)
		find_give_up(find, step == STEP_WHERE ? GIT_NOT_INSTALLED : GIT_FAILED,
			error.message);
	error_clear(&error);
	strlist_free(&environment);
	strlist_free(argv);
}

static void
find_where(struct git_find *find)
{
	struct strlist argv = { 0 };
	char directory[PATH_MAX];
	const char *there = NULL;

	for (size_t i = 0; i < find->directories.count && there == NULL; i++)
		there = realpath(find->directories.items[i], directory);
	if (there == NULL) {
		find_give_up(find, GIT_NO_REPOSITORY, NULL);
		return;
	}
	git_run_arguments(true, &argv);
	strlist_add(&argv, "rev-parse");
	strlist_add(&argv, "--is-shallow-repository");
	strlist_add(&argv, "--show-toplevel");
	find_run(find, STEP_WHERE, &argv, there);
}

static void
find_on_where(struct git_find *find, bool good)
{
	const char *text = str_text(&find->output);
	const char *line = strchr(text, '\n');
	struct strlist argv = { 0 };

	if (!good || line == NULL || line[1] != '/') {
		char *first = alloc_copy_bytes(text, strcspn(text, "\n"));
		bool none = strstr(text, "not a git repository") != NULL;

		find_give_up(find, none ? GIT_NO_REPOSITORY : GIT_FAILED,
			*first != '\0' ? first : "git rev-parse failed");
		free(first);
		return;
	}
	find->shallow = strncmp(text, "true", 4) == 0;
	find->top = alloc_copy_bytes(line + 1, strcspn(line + 1, "\n"));
	git_run_arguments(false, &argv);
	strlist_add(&argv, "for-each-ref");
	strlist_add(&argv, "--format=%(refname)");
	find_run(find, STEP_COUNT, &argv, find->top);
}

static void
find_log(struct git_find *find, bool everywhere)
{
	static const char *const words[] = { "log", "--all", "--reflog", "-z", "-m",
		"--full-history", "--no-renames", "--name-status", "--no-ext-diff",
		"--no-textconv", "--no-show-signature", "--no-notes", "--no-mailmap",
		"--no-decorate", "--format=commit %H %at", "--pickaxe-regex" };
	char *pattern = git_found_pattern(find_item(find)->id);
	struct strlist argv = { 0 };

	git_run_arguments(false, &argv);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		strlist_add(&argv, words[i]);
	strlist_add_owned(&argv, alloc_printf("-S%s", pattern));
	free(pattern);
	strlist_add(&argv, "--");
	if (everywhere || !git_run_locations(find->top, &find->directories, &argv)) {
		everywhere = true;
		strlist_add(&argv, ":(top)*.py");
	}
	find->everywhere = everywhere;
	find_run(find, everywhere ? STEP_LOG_ALL : STEP_LOG, &argv, find->top);
}

static void
find_next_id(struct git_find *find)
{
	while (find->at < find->list.count) {
		struct git_found *found = find_item(find);
		char *pattern = git_found_pattern(found->id);
		bool good = pattern != NULL;

		free(pattern);
		found->looked_at = find->refs_count;
		found->shallow = find->shallow;
		if (good) {
			find_log(find, false);
			return;
		}
		found->outcome = GIT_FAILED;
		found->problem = alloc_copy("it is no id that Alembic could have made");
		find->at++;
	}
	find_finish(find);
}

static void
find_forget_id(struct git_find *find)
{
	git_changes_free(&find->changes);
	strlist_free(&find->holders);
	find->change = find->blobs = find->holder = 0;
	find->everywhere = false;
}

static void
find_on_log(struct git_find *find)
{
	git_changes_free(&find->changes);
	git_changes_read(str_text(&find->output), find->output.length, &find->changes);
	find->change = find->blobs = 0;
	find_next_change(find);
}

/* All that there is to know about this id is known. */
static void
find_author(struct git_find *find)
{
	struct git_found *found = find_item(find);
	struct strlist argv = { 0 };

	if (found->outcome == GIT_LOOKING && !find->everywhere) {
		find_log(find, true); /* the folder may have another name there */
		return;
	}
	if (found->outcome == GIT_LOOKING) {
		found->outcome = GIT_NOWHERE;
		find_forget_id(find);
		find->at++;
		find_next_id(find);
		return;
	}
	git_run_arguments(false, &argv);
	strlist_add(&argv, "log");
	strlist_add(&argv, "-1");
	strlist_add(&argv, "--no-show-signature");
	strlist_add(&argv, "--format=%an");
	strlist_add(&argv, found->commit);
	find_run(find, STEP_AUTHOR, &argv, find->top);
}

static void
find_on_author(struct git_find *find)
{
	const char *name = str_text(&find->output);

	find_item(find)->author = alloc_copy_bytes(name, strcspn(name, "\n"));
	find_forget_id(find);
	find->at++;
	find_next_id(find);
}

/* "COMMIT:path" for git. */
static void
find_add_object(const char *name, const char *path, struct strlist *argv)
{
	strlist_add_owned(argv, alloc_printf("%s:%s", name, path));
}

/* Reads the next file that may be the revision's. */
static void
find_next_change(struct git_find *find)
{
	while (find->change < find->changes.count && find->blobs < BLOBS_MOST) {
		const struct git_change *change = &find->changes.items[find->change];
		const char *slash = strrchr(change->path, '/');
		struct strlist argv = { 0 };

		if (change->status == 'D' ||
			!script_is_version_file(
				slash == NULL ? change->path : slash + 1)) {
			find->change++;
			continue;
		}
		find->blobs++;
		git_run_arguments(false, &argv);
		strlist_add(&argv, "cat-file");
		strlist_add(&argv, "blob");
		find_add_object(change->commit, change->path, &argv);
		find_run(find, STEP_BLOB, &argv, find->top);
		return;
	}
	find_author(find);
}

static void
find_on_blob(struct git_find *find, bool good)
{
	const struct git_change *change = &find->changes.items[find->change];
	struct script script;
	struct strlist argv = { 0 };

	script_read(
		change->path, str_text(&find->output), find->output.length, &script);
	good = good && script.revision != NULL &&
	       strcmp(script.revision, find_item(find)->id) == 0;
	script_free(&script);
	if (!good) {
		find->change++;
		find_next_change(find);
		return;
	}
	git_run_arguments(false, &argv);
	strlist_add(&argv, "for-each-ref");
	strlist_add_owned(&argv, alloc_printf("--contains=%s", change->commit));
	strlist_add_owned(&argv, alloc_printf("--count=%d", REFS_MOST));
	strlist_add(&argv, "--format=%(refname)");
	strlist_add(&argv, "refs/heads");
	strlist_add(&argv, "refs/remotes");
	strlist_add(&argv, "refs/tags");
	find_run(find, STEP_REFS, &argv, find->top);
}

static void
find_on_refs(struct git_find *find)
{
	const char *at = str_text(&find->output);

	strlist_free(&find->holders);
	find->holder = 0;
	while (*at != '\0') {
		size_t length = strcspn(at, "\n");
		char *ref = alloc_copy_bytes(at, length);
		size_t size = strlen(ref);

		/* A remote's HEAD is another name of one of its branches. */
		if (strncmp(ref, "refs/remotes/", 13) == 0 && size > 5 &&
			strcmp(ref + size - 5, "/HEAD") == 0)
			free(ref);
		else
			strlist_add_owned(&find->holders, ref);
		at += length + (at[length] != '\0');
	}
	find_next_tip(find);
}

/* Keeps what is known of the change, unless something as good is kept. */
static void
find_keep(struct git_find *find, enum git_outcome outcome)
{
	const struct git_change *change = &find->changes.items[find->change];
	struct git_found *found = find_item(find);

	found->outcome = outcome;
	free(found->commit);
	free(found->path);
	found->commit = alloc_copy(change->commit);
	found->path = alloc_copy(change->path);
	found->time_us = change->time_us;
}

/* Some have the commit, and none the file any more. */
static void
find_removed(struct git_find *find)
{
	struct git_found *found = find_item(find);

	if (found->outcome == GIT_LOOKING || found->outcome == GIT_DROPPED ||
		found->outcome == GIT_STASHED) {
		find_keep(find, GIT_REMOVED);
		strlist_free(&found->refs);
		strlist_copy(&found->refs, &find->holders);
		for (size_t i = find->changes.count; i > 0; i--) {
			const struct git_change *change = &find->changes.items[i - 1];

			if (change->status != 'D' ||
				strcmp(change->path, found->path) != 0)
				continue;
			free(found->removed_by);
			found->removed_by = alloc_copy(change->commit);
		}
	}
	find->change++;
	find_next_change(find);
}

static void
find_stashes(struct git_find *find)
{
	struct strlist argv = { 0 };

	git_run_arguments(false, &argv);
	strlist_add(&argv, "log");
	strlist_add(&argv, "-g");
	strlist_add(&argv, "--no-show-signature");
	strlist_add(&argv, "--format=%gd %H %P");
	strlist_add(&argv, "refs/stash");
	strlist_add(&argv, "--");
	find_run(find, STEP_STASHES, &argv, find->top);
}

/* Goes on with the next ref that has the commit, or judges what was seen. */
static void
find_next_tip(struct git_find *find)
{
	struct git_found *found = find_item(find);
	struct strlist argv = { 0 };

	if (find->holders.count == 0) {
		find_stashes(find);
		return;
	}
	if (find->holder < find->holders.count &&
		(found->outcome != GIT_FOUND || found->refs.count < TIPS_MOST)) {
		git_run_arguments(false, &argv);
		strlist_add(&argv, "rev-parse");
		strlist_add(&argv, "--verify");
		strlist_add(&argv, "--quiet");
		find_add_object(find->holders.items[find->holder],
			find->changes.items[find->change].path, &argv);
		find_run(find, STEP_TIP, &argv, find->top);
	} else if (found->outcome == GIT_FOUND) {
		find_author(find);
	} else {
		find_removed(find);
	}
}

static void
find_on_tip(struct git_find *find, bool good)
{
	struct git_found *found = find_item(find);

	if (good) {
		if (found->outcome != GIT_FOUND)
			strlist_free(&found->refs);
		find_keep(find, GIT_FOUND);
		strlist_add(&found->refs, find->holders.items[find->holder]);
	}
	find->holder++;
	find_next_tip(find);
}

/* The stash's own commit, its index, or its untracked files. */
static void
find_on_stashes(struct git_find *find)
{
	struct git_found *found = find_item(find);
	const char *commit = find->changes.items[find->change].commit;
	const char *at = str_text(&find->output);
	char *name = NULL;

	while (*at != '\0' && name == NULL) {
		size_t length = strcspn(at, "\n");
		char *line = alloc_copy_bytes(at, length);

		if (strstr(line, commit) != NULL)
			name = alloc_copy_bytes(line, strcspn(line, " "));
		free(line);
		at += length + (at[length] != '\0');
	}
	if (found->outcome == GIT_LOOKING ||
		(name != NULL && found->outcome == GIT_DROPPED)) {
		find_keep(find, name != NULL ? GIT_STASHED : GIT_DROPPED);
		if (name != NULL)
			strlist_add(&found->refs, name);
	}
	free(name);
	find->change++;
	find_next_change(find);
}

static void
find_on_count(struct git_find *find)
{
	for (const char *at = str_text(&find->output); *at != '\0'; at++)
		find->refs_count += *at == '\n';
	find_next_id(find);
}

static void
find_ended(void *context, const struct child_exit *exit)
{
	struct git_find *find = context;
	bool good = exit->status == 0;

	child_free(find->child);
	find->child = NULL;
	switch (find->step) {
	case STEP_WHERE:
		find_on_where(find, good);
		break;
	case STEP_COUNT:
		find_on_count(find);
		break;
	case STEP_LOG:
	case STEP_LOG_ALL:
		find_on_log(find);
		break;
	case STEP_BLOB:
		find_on_blob(find, good);
		break;
	case STEP_REFS:
		find_on_refs(find);
		break;
	case STEP_TIP:
		find_on_tip(find, good);
		break;
	case STEP_STASHES:
		find_on_stashes(find);
		break;
	case STEP_AUTHOR:
		find_on_author(find);
		break;
	case STEP_OVER:
		break;
	}
}

struct git_find *
git_find_start(struct loop *loop, const struct strlist *directories,
	const struct strlist *ids,
	void (*done)(void *context, struct git_found_list *list), void *context)
{
	struct git_find *find = alloc_zeroed(1, sizeof(*find));

	find->loop = loop;
	find->done = done;
	find->context = context;
	strlist_copy(&find->directories, directories);
	git_found_list_make(ids, &find->list);
	find->timer = loop_timer_new(loop, find_on_patience, find);
	loop_timer_start(find->timer, PATIENCE_US, 0);
	find_where(find);
	return find;
}

void
git_find_free(struct git_find *find)
{
	if (find == NULL)
		return;
	if (find->child != NULL)
		child_signal(find->child, SIGKILL);
	child_free(find->child);
	loop_timer_free(find->timer);
	find_forget_id(find);
	strlist_free(&find->directories);
	git_found_list_free(&find->list);
	str_free(&find->output);
	free(find->top);
	free(find);
}
