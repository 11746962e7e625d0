/* Looking for revisions in real repositories, made here. */
#include "pgrunbook/drive/git_find.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"
#include "tests/tap/scratch.h"
#include "tests/tap/tap.h"

/* What each script begins with: a repository, and writing version files. */
static const char prelude[] =
	"set -eu; cd \"$1\"; "
	"export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1; "
	"export GIT_AUTHOR_NAME=Ann GIT_AUTHOR_EMAIL=ann@x GIT_COMMITTER_NAME=Ann; "
	"export GIT_COMMITTER_EMAIL=ann@x; "
	"revision() { printf '\"\"\"%s\"\"\"\\nrevision = \"%s\"\\ndown_revision = "
	"\"%s\"\\n' \"$2\" \"$2\" \"$3\" >\"$1\"; }; "
	"commit() { git add -A; git commit -q -m \"$1\"; }; "
	"start() { git init -q -b main \"$1\"; cd \"$1\"; mkdir -p app/versions; "
	"revision app/versions/a.py a b; commit one; }; ";

static void
script(const char *folder, const char *text)
{
	char *whole = alloc_printf("%s%s", prelude, text);
	pid_t pid = fork();
	int status = -1;

	if (pid == 0) {
		execlp("bash", "bash", "-c", whole, "bash", folder, (char *)NULL);
		_exit(127);
	}
	if (waitpid(pid, &status, 0) != pid || status != 0)
		tap_ok(false, "the script runs: %s", text);
	free(whole);
}

static struct git_found_list list;

static const struct git_found *
find(const char *folder, const char *below, const char *id)
{
	struct strlist directories = { 0 }, ids = { 0 };

	strlist_add_owned(&directories, alloc_printf("%s/%s", folder, below));
	strlist_add(&ids, id);
	git_found_list_free(&list);
	git_find_now(&directories, &ids, &list);
	strlist_free(&directories);
	strlist_free(&ids);
	return &list.items[0];
}

static void
check(const char *folder, const char *below, const char *id, enum git_outcome outcome,
	const char *ref, const char *path, const char *what)
{
	const struct git_found *found = find(folder, below, id);

	if (!tap_is_int(found->outcome, outcome, "%s", what) && found->problem)
		tap_diag("%s", found->problem);
	tap_is_text(
		found->refs.count ? found->refs.items[0] : "", ref, "%s: where", what);
	tap_is_text(found->path ? found->path : "", path, "%s: which file", what);
}

static void
test_places(const char *folder)
{
	script(folder,
		"start places; git checkout -q -b feature/tax; "
		"revision app/versions/0099_x.py 0099 a; commit two; "
		"revision app/versions/0100_x.py 0100 0099; commit three; "
		"git checkout -q -b later; git rm -q app/versions/0099_x.py; "
		"git commit -q -m gone; git checkout -q main; "
		"git checkout -q -b old; revision app/versions/t.py tagged a; commit "
		"t; "
		"git tag v1.0; git checkout -q main; git branch -q -D old; "
		"revision app/versions/s.py staged a; git add -A; git stash -q; "
		"revision app/versions/u.py untracked a; git stash -q -u; "
		"git checkout -q -b removed; revision app/versions/r.py gone a; commit "
		"r; "
		"git rm -q app/versions/r.py; git commit -q -m removes; "
		"git checkout -q main; "
		"revision app/versions/d.py dropped a; commit d; git reset -q --hard "
		"HEAD^; "
		"git checkout -q -b moved; mkdir elsewhere; "
		"revision elsewhere/m.py moved a; commit m; git checkout -q main; "
		"echo 'x = \"mention\"' >app/versions/n.py; commit n; "
		"git rm -q app/versions/n.py; git commit -q -m n2");
	check(folder, "places/app/versions", "0099", GIT_FOUND,
		"refs/heads/feature/tax", "app/versions/0099_x.py", "another branch");
	tap_is_text(list.items[0].author, "Ann", "whose it is");
	tap_ok(list.items[0].time_us > 0 && list.items[0].refs.count == 1,
		"when, and no branch that has lost it");
	check(folder, "places/app/versions", "0100", GIT_FOUND,
		"refs/heads/feature/tax", "app/versions/0100_x.py", "two branches");
	tap_is_int((int64_t)list.items[0].refs.count, 2, "both of them");
	check(folder, "places/app/versions", "tagged", GIT_FOUND, "refs/tags/v1.0",
		"app/versions/t.py", "a tag");
	check(folder, "places/app/versions", "untracked", GIT_STASHED, "stash@{0}",
		"app/versions/u.py", "the last stash, an untracked file");
	check(folder, "places/app/versions", "staged", GIT_STASHED, "stash@{1}",
		"app/versions/s.py", "an older stash");
	check(folder, "places/app/versions", "gone", GIT_REMOVED, "refs/heads/removed",
		"app/versions/r.py", "removed again");
	tap_ok(list.items[0].removed_by != NULL, "by whom");
	check(folder, "places/app/versions", "dropped", GIT_DROPPED, "",
		"app/versions/d.py", "a commit that was thrown away");
	check(folder, "places/app/versions", "moved", GIT_FOUND, "refs/heads/moved",
		"elsewhere/m.py", "another folder");
	check(folder, "places/app/versions", "mention", GIT_NOWHERE, "", "",
		"a mention is no revision");
	tap_is_int((int64_t)list.items[0].looked_at, 7, "of so many refs");
	check(folder, "places/app/versions", "00", GIT_NOWHERE, "", "",
		"a part of an id is no id");
	check(folder, "places/app/versions", "", GIT_FAILED, "", "", "an empty id");
	check(folder, "places/app/versions", "a.*'\"\\`$(touch oops)", GIT_NOWHERE, "",
		"", "an id that means something to others");
}

static void
test_repositories(const char *folder)
{
	script(folder,
		"start origin; git checkout -q -b feature; "
		"revision app/versions/f.py far a; commit f; git checkout -q main; "
		"cd ..; git clone -q origin clone; "
		"git clone -q --depth 1 \"file://$1/origin\" shallow; "
		"cd origin; git worktree add -q ../worktree main --force; cd ..; "
		"git init -q outer; cd outer; mkdir -p lib; "
		"git -c protocol.file.allow=always submodule --quiet add "
		"\"$1/origin\" lib/sub; mkdir ../none");
	check(folder, "clone/app/versions", "far", GIT_FOUND,
		"refs/remotes/origin/feature", "app/versions/f.py",
		"a remote's branch");
	check(folder, "shallow/app/versions", "far", GIT_NOWHERE, "", "",
		"a shallow clone");
	tap_ok(list.items[0].shallow, "which is said");
	check(folder, "worktree/app/versions", "far", GIT_FOUND, "refs/heads/feature",
		"app/versions/f.py", "from a worktree");
	check(folder, "outer/lib/sub/app/versions", "far", GIT_FOUND,
		"refs/remotes/origin/feature", "app/versions/f.py", "from a submodule");
	check(folder, "none", "far", GIT_NO_REPOSITORY, "", "", "no repository");
	check(folder, "not there", "far", GIT_NO_REPOSITORY, "", "", "no folder");
}

static void
test_hostile(const char *folder)
{
	script(folder,
		"start hostile; "
		"printf '#!/bin/sh\\ntouch %s/ran\\nexec cat\\n' \"$1\" >\"$1/evil\"; "
		"chmod +x \"$1/evil\"; git checkout -q -b "
		"\"x;touch\\${IFS}ran'\\\"&\"; "
		"mkdir \"app/versions/-d\"; "
		"revision \"app/versions/it's; \"$'\\e'\"[2J.py\" evil a; commit "
		"\"$(printf "
		"'a\\nb\\033[2J')\"; git checkout -q main; "
		"for key in core.fsmonitor diff.external core.pager gpg.program "
		"diff.x.textconv diff.x.command core.sshCommand "
		"core.alternateRefsCommand "
		"pager.log alias.log log.showSignature; do git config \"$key\" "
		"\"$1/evil\"; done; git config log.showSignature true; "
		"git config core.hooksPath \"$1\"; "
		"echo '*.py diff=x' >.git/info/attributes; rm -f \"$1/ran\"");
	check(folder, "hostile/app/versions", "evil", GIT_FOUND,
		"refs/heads/x;touch${IFS}ran'\"&", "app/versions/it's; \x1b[2J.py",
		"hostile names");
	char *ran = alloc_printf("%s/ran", folder);
	tap_ok(access(ran, F_OK) != 0, "nothing that the configuration names was run");
	script(folder,
		"cd hostile; git log -p --ext-diff --textconv >/dev/null 2>&1 || :; "
		"git status >/dev/null 2>&1 || :; test -e \"$1/ran\"");
	tap_ok(access(ran, F_OK) == 0, "which git itself would have done");
	free(ran);
	tap_ok(git_found_command(&list.items[0]) == NULL,
		"and no command is made of such a name");
}

static void
test_environment(const char *folder)
{
	char *path = alloc_copy(getenv("PATH"));
	char *elsewhere = alloc_printf("%s/origin/.git", folder);

	setenv("GIT_DIR", elsewhere, 1);
	check(folder, "places/app/versions", "0099", GIT_FOUND,
		"refs/heads/feature/tax", "app/versions/0099_x.py",
		"GIT_DIR of our own leads nowhere else");
	unsetenv("GIT_DIR");
	setenv("PATH", "/nonexistent", 1);
	check(folder, "places/app/versions", "0099", GIT_NOT_INSTALLED, "", "",
		"without git");
	setenv("PATH", path, 1);
	free(elsewhere);
	free(path);
}

/* Given up in the middle of it. */
static void
never(void *context, struct git_found_list *unused)
{
	(void)context;
	tap_ok(false, "nobody is told any more");
	git_found_list_free(unused);
}

static void
test_given_up(const char *folder)
{
	struct loop *loop = loop_new();
	struct strlist directories = { 0 }, ids = { 0 };

	strlist_add_owned(&directories, alloc_printf("%s/places/app/versions", folder));
	strlist_add(&ids, "0099");
	struct git_find *given = git_find_start(loop, &directories, &ids, never, NULL);
	loop_turn(loop, true);
	git_find_free(given);
	tap_ok(loop_free(loop), "given up, nothing is left behind");
	strlist_free(&directories);
	strlist_free(&ids);
}

int
main(void)
{
	char *folder = scratch_make();

	setenv("GIT_CEILING_DIRECTORIES", folder, 1);
	test_places(folder);
	test_repositories(folder);
	test_hostile(folder);
	test_environment(folder);
	test_given_up(folder);
	git_found_list_free(&list);
	scratch_remove(folder);
	return tap_done();
}
