#include "pgrunbook/model/git_found.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/duration.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/base/text.h"

enum { COMMIT_SHOWN = 10, ID_LONGEST = 200, HASH_SHORTEST = 40 };

static const char heads[] = "refs/heads/", remotes[] = "refs/remotes/",
		  tags[] = "refs/tags/", stash[] = "stash@{";

static bool
begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

void
git_found_list_make(const struct strlist *ids, struct git_found_list *list)
{
	list->items = alloc_zeroed(ids->count, sizeof(*list->items));
	list->count = ids->count;
	for (size_t i = 0; i < ids->count; i++)
		list->items[i].id = alloc_copy(ids->items[i]);
}

void
git_found_list_free(struct git_found_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		struct git_found *found = &list->items[i];

		free(found->id);
		strlist_free(&found->refs);
		free(found->commit);
		free(found->path);
		free(found->author);
		free(found->removed_by);
		free(found->problem);
	}
	free(list->items);
	*list = (struct git_found_list){ 0 };
}

const char *
git_found_kind(const char *ref)
{
	if (begins(ref, heads))
		return "branch";
	if (begins(ref, remotes))
		return "remote branch";
	if (begins(ref, tags))
		return "tag";
	return begins(ref, stash) ? "stash" : "ref";
}

const char *
git_found_short(const char *ref)
{
	static const char *const folders[] = { heads, remotes, tags };

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		if (begins(ref, folders[i]))
			return ref + strlen(folders[i]);
	}
	return ref;
}

/* A name that would not come out of a terminal as it went in is no part of a command.
 */
static bool
is_plain(const char *text)
{
	char *clean = text_sanitized(text);
	bool plain = strcmp(clean, text) == 0;

	free(clean);
	return plain;
}

/* Whether git would see more in a path than its characters. */
static bool
is_pathspec(const char *path)
{
	return strchr("!^:(/", *path) != NULL || strpbrk(path, "*?[\\") != NULL;
}

char *
git_found_command(const struct git_found *found)
{
	struct str out = { 0 };

	if (found->commit == NULL || found->path == NULL || !is_plain(found->path))
		return NULL;
	/* The commit, not the branch: its name can't be anything else. */
	str_printf(&out, "git checkout %.*s -- ':%s", COMMIT_SHOWN, found->commit,
		is_pathspec(found->path) ? "(top,literal)" : "/");
	for (const char *at = found->path; *at != '\0'; at++) {
		if (*at == '\'')
			str_add(&out, "'\\'");
		str_add_char(&out, *at);
	}
	str_add_char(&out, '\'');
	return str_take(&out);
}

static void
add_refs(const struct git_found *found, struct str *out)
{
	if (found->refs.count == 0)
		return;
	str_printf(out, "%s %s", git_found_kind(found->refs.items[0]),
		git_found_short(found->refs.items[0]));
	if (found->refs.count > 1)
		str_printf(out, " and %zu more", found->refs.count - 1);
}

/* "(1a2b3c4d, Ann, 2d03h ago)" */
static void
add_commit(const struct git_found *found, int64_t now_us, struct str *out)
{
	char age[DURATION_TEXT];

	str_printf(out, " (%.*s", COMMIT_SHOWN, found->commit);
	if (found->author != NULL && *found->author != '\0')
		str_printf(out, ", %s", found->author);
	if (found->time_us > 0 && found->time_us <= now_us)
		str_printf(
			out, ", %s ago", duration_format(now_us - found->time_us, age));
	str_add_char(out, ')');
}

static void
add_place(const struct git_found *found, int64_t now_us, struct str *out)
{
	str_printf(out, "%s ", found->id);
	switch (found->outcome) {
	case GIT_STASHED:
		str_printf(out, "is in %s in ", found->path);
		add_refs(found, out);
		break;
	case GIT_REMOVED:
		str_printf(out, "was in %s on ", found->path);
		add_refs(found, out);
		break;
	case GIT_DROPPED:
		str_printf(out, "was in %s in a commit that no branch or tag has",
			found->path);
		break;
	default:
		str_printf(out, "is in %s on ", found->path);
		add_refs(found, out);
		break;
	}
	add_commit(found, now_us, out);
	if (found->outcome == GIT_REMOVED && found->removed_by != NULL)
		str_printf(out, "; commit %.*s removed it", COMMIT_SHOWN,
			found->removed_by);
}

char *
git_found_words(const struct git_found *found, int64_t now_us)
{
	struct str out = { 0 };

	switch (found->outcome) {
	case GIT_LOOKING:
		str_printf(&out, "%s: still looking for it in git", found->id);
		break;
	case GIT_NOWHERE:
		str_printf(&out,
			"%s is in no commit of this repository (%zu refs looked at)%s",
			found->id, found->looked_at,
			found->shallow ? "; it is a shallow clone: older commits "
					 "aren't here"
				       : "; git fetch may bring it");
		break;
	case GIT_NO_REPOSITORY:
		str_printf(&out,
			"%s can't be looked for: the scripts are in no git repository",
			found->id);
		break;
	case GIT_NOT_INSTALLED:
		str_printf(
			&out, "%s can't be looked for: git isn't installed", found->id);
		break;
	case GIT_FAILED:
		str_printf(&out, "%s can't be looked for: %s", found->id,
			found->problem == NULL ? "git failed" : found->problem);
		break;
	default:
		add_place(found, now_us, &out);
		break;
	}
	return str_take(&out);
}

/* "commit HASH SECONDS", perhaps behind a line break; false if it is none. */
static bool
change_header(const char *text, char **commit, int64_t *time_us)
{
	static const char word[] = "commit ";
	char *end;

	text += *text == '\n';
	if (!begins(text, word))
		return false;
	text += strlen(word);
	size_t length = strspn(text, "0123456789abcdef");
	if (length < HASH_SHORTEST || text[length] != ' ')
		return false;
	long long seconds = strtoll(text + length + 1, &end, 10);
	if (*end != '\0')
		return false;
	free(*commit);
	*commit = alloc_copy_bytes(text, length);
	*time_us = seconds > 0 && seconds < INT64_MAX / 1000000 ? seconds * 1000000 : 0;
	return true;
}

void
git_changes_read(const char *bytes, size_t length, struct git_changes *changes)
{
	const char *at = bytes, *end = bytes + length;
	char *commit = NULL, status = '\0';
	int64_t time_us = 0;

	while (at < end) {
		const char *stop = memchr(at, '\0', (size_t)(end - at));
		size_t size = (size_t)((stop != NULL ? stop : end) - at);
		char *text = alloc_copy_bytes(at, size);

		/* A path follows its status, whatever it looks like. */
		if (status != '\0' && commit != NULL && stop != NULL) {
			changes->items = alloc_room(changes->items, changes->count,
				&changes->capacity, sizeof(*changes->items));
			changes->items[changes->count++] = (struct git_change){
				.commit = alloc_copy(commit),
				.path = text,
				.time_us = time_us,
				.status = status,
			};
			text = NULL;
			status = '\0';
		} else if (!change_header(text, &commit, &time_us)) {
			const char *letter = text + strspn(text, "\n");

			/* Without renames each has one letter and one path. */
			status = '\0';
			if (strlen(letter) == 1 && strchr("ADMT", *letter) != NULL)
				status = *letter;
		}
		free(text);
		at += size + 1;
	}
	free(commit);
}

void
git_changes_free(struct git_changes *changes)
{
	for (size_t i = 0; i < changes->count; i++) {
		free(changes->items[i].commit);
		free(changes->items[i].path);
	}
	free(changes->items);
	*changes = (struct git_changes){ 0 };
}

char *
git_found_pattern(const char *id)
{
	struct str out = { 0 };

	if (*id == '\0' || strlen(id) > ID_LONGEST || strpbrk(id, "\r\n") != NULL)
		return NULL;
	str_add(&out, "['\"]");
	for (const char *at = id; *at != '\0'; at++) {
		/* Before any other character a backslash may have a meaning. */
		if (strchr(".[]()*+?{}|^$\\", *at) != NULL)
			str_add_char(&out, '\\');
		str_add_char(&out, *at);
	}
	str_add(&out, "['\"]");
	return str_take(&out);
}
