/*
 * Where a revision that the tree doesn't have was found in the repository's history:
 * what drive/git_find.h brings, and how it is told.  Names from git are hostile bytes
 * until they are sanitised.
 */
#ifndef PGRUNBOOK_MODEL_GIT_FOUND_H
#define PGRUNBOOK_MODEL_GIT_FOUND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pgrunbook/base/strlist.h"

enum git_outcome {
	GIT_LOOKING,
	GIT_FOUND,   /* at the tips of `refs` */
	GIT_STASHED, /* in the stash refs[0] */
	GIT_REMOVED, /* `refs` had it once; their tips don't */
	GIT_DROPPED, /* in a commit that no branch or tag has any more */
	GIT_NOWHERE,
	GIT_NO_REPOSITORY,
	GIT_NOT_INSTALLED,
	GIT_FAILED /* `problem` says why */
};

struct git_found {
	char *id;
	enum git_outcome outcome;
	struct strlist refs; /* full names, "refs/heads/feature/tax"; "stash@{0}" */
	char *commit;	     /* the one that has the file, in full */
	char *path;	     /* of the file, from the repository's top */
	char *author;	     /* of the commit */
	int64_t time_us;     /* of the commit */
	char *removed_by;    /* the commit that took it away; NULL: not known */
	char *problem;	     /* of GIT_FAILED */
	size_t looked_at;    /* refs there are */
	bool shallow;	     /* older commits aren't here */
};

struct git_found_list {
	struct git_found *items;
	size_t count;
};

/* An item for each id, GIT_LOOKING. */
void git_found_list_make(const struct strlist *ids, struct git_found_list *list);
void git_found_list_free(struct git_found_list *list);

/* "branch", "remote branch", "tag", "stash" or "ref". */
const char *git_found_kind(const char *ref);
/* "feature/tax" of "refs/heads/feature/tax". */
const char *git_found_short(const char *ref);

/*
 * A sentence: "0099 is in versions/0099_x.py on branch feature/tax (1a2b3c4d5e, Ann,
 * 2d03h ago)".  The caller owns it.
 */
char *git_found_words(const struct git_found *found, int64_t now_us);
/* What brings the file here, quoted for a shell: "git checkout 1a2b3c4d5e -- ...";
 * NULL: there is nothing. */
char *git_found_command(const struct git_found *found);

/* What git log -z --name-status --format='commit %H %at' says, in its order. */
struct git_change {
	char *commit, *path;
	int64_t time_us;
	char status; /* 'A', 'M', 'D', ... */
};
struct git_changes {
	struct git_change *items;
	size_t count, capacity;
};
void git_changes_read(const char *bytes, size_t length, struct git_changes *changes);
void git_changes_free(struct git_changes *changes);

/*
 * The extended regular expression for a string literal that is the id, for git's
 * pickaxe; NULL if an id can't be looked for (empty, a line break, far too long).
 */
char *git_found_pattern(const char *id);

#endif
