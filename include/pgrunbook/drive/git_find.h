/*
 * Looks for revisions in the whole history of the repository that the version files are
 * in: branches, tags, stashes, and what only the reflog still has.  Runs git, reads
 * only, never blocks, and ends after 10 seconds in any case.
 *
 * The repository's own configuration may be anybody's: nothing that it names is run (no
 * hooks, fsmonitor, external diff, textconv, pager, signature check), and nothing is
 * fetched.
 */
#ifndef PGRUNBOOK_DRIVE_GIT_FIND_H
#define PGRUNBOOK_DRIVE_GIT_FIND_H

#include "pgrunbook/base/strlist.h"
#include "pgrunbook/drive/loop.h"
#include "pgrunbook/model/git_found.h"

struct git_find;

/*
 * `directories` are the version locations, `ids` what is looked for.  `done` is called
 * once, never from within this call, and is given the answers, an item for each id;
 * they are its to free.
 */
struct git_find *git_find_start(struct loop *loop, const struct strlist *directories,
	const struct strlist *ids,
	void (*done)(void *context, struct git_found_list *list), void *context);
/* Needed after `done` as well; before it, gives up. */
void git_find_free(struct git_find *find);

/* The same, waiting for it. */
void git_find_now(const struct strlist *directories, const struct strlist *ids,
	struct git_found_list *list);

#endif
