#include "pgrunbook/model/git_found.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "tests/tap/tap.h"

#define HASH "0123456789abcdef0123456789abcdef01234567"

static void
check_pattern(const char *id, const char *want)
{
	char *got = git_found_pattern(id);

	tap_is_text(got, want, "the pattern of %s", id);
	free(got);
}

static void
test_changes(void)
{
	static const char text[] =
		"commit " HASH " 1700000000\0\nA\0app/a.py\0M\0commit " HASH " 1\0\n"
		"commit " HASH " -5\0\nD\0\x1b.py\0R100\0x\0A\0cut off";
	struct git_changes changes = { 0 };

	git_changes_read(text, sizeof(text) - 1, &changes);
	tap_is_int((int64_t)changes.count, 3, "three changes");
	tap_ok(changes.items[0].status == 'A' &&
			strcmp(changes.items[0].path, "app/a.py") == 0 &&
			strcmp(changes.items[0].commit, HASH) == 0 &&
			changes.items[0].time_us == INT64_C(1700000000000000),
		"the first");
	tap_is_text(changes.items[1].path, "commit " HASH " 1",
		"a path that looks like a commit is one all the same");
	tap_ok(changes.items[2].status == 'D' && changes.items[2].time_us == 0,
		"a time that can't be");
	git_changes_free(&changes);
	git_changes_read("\0\0x\0A\0p", 7, &changes);
	tap_is_int((int64_t)changes.count, 0, "nothing of what is no commit's");
	git_changes_free(&changes);
}

static struct git_found_list list;

static struct git_found *
sample(enum git_outcome outcome, const char *ref)
{
	struct strlist ids = { 0 };

	git_found_list_free(&list);
	strlist_add(&ids, "0099");
	git_found_list_make(&ids, &list);
	strlist_free(&ids);
	struct git_found *found = &list.items[0];
	found->outcome = outcome;
	found->commit = alloc_copy(HASH);
	found->path = alloc_copy("app/it's.py");
	found->author = alloc_copy("Ann");
	found->time_us = 1000000;
	if (ref != NULL)
		strlist_add(&found->refs, ref);
	return found;
}

static void
check_words(const struct git_found *found, const char *want)
{
	char *got = git_found_words(found, INT64_C(3601) * 1000000);

	tap_is_text(got, want, "in words");
	free(got);
}

static void
test_words(void)
{
	struct git_found *found = sample(GIT_FOUND, "refs/heads/feature/tax");

	check_words(found, "0099 is in app/it's.py on branch feature/tax (0123456789, "
			   "Ann, 1h00m ago)");
	strlist_add(&found->refs, "refs/heads/x");
	check_words(found, "0099 is in app/it's.py on branch feature/tax and 1 more "
			   "(0123456789, Ann, 1h00m ago)");
	char *command = git_found_command(found);
	tap_is_text(command, "git checkout 0123456789 -- ':/app/it'\\''s.py'",
		"what brings it here");
	free(command);
	free(found->path);
	found->path = alloc_copy("!odd*.py");
	command = git_found_command(found);
	tap_is_text(command, "git checkout 0123456789 -- ':(top,literal)!odd*.py'",
		"whatever it is called");
	free(command);
	check_words(sample(GIT_STASHED, "stash@{1}"),
		"0099 is in app/it's.py in stash stash@{1} (0123456789, Ann, 1h00m "
		"ago)");
	check_words(sample(GIT_DROPPED, NULL),
		"0099 was in app/it's.py in a commit that no branch or tag has "
		"(0123456789, Ann, 1h00m ago)");
	found = sample(GIT_REMOVED, "refs/remotes/origin/main");
	found->removed_by = alloc_copy("fedcba9876543210fedcba9876543210fedcba98");
	check_words(found,
		"0099 was in app/it's.py on remote branch origin/main "
		"(0123456789, Ann, 1h00m ago); commit fedcba9876 removed it");
	found = sample(GIT_NOWHERE, NULL);
	found->looked_at = 41;
	check_words(found, "0099 is in no commit of this repository (41 refs looked "
			   "at); git fetch may bring it");
	found->shallow = true;
	check_words(found, "0099 is in no commit of this repository (41 refs looked "
			   "at); it is a shallow clone: older commits aren't here");
	check_words(sample(GIT_NOT_INSTALLED, NULL),
		"0099 can't be looked for: git isn't installed");
	git_found_list_free(&list);
}

int
main(void)
{
	check_pattern("0099", "['\"]0099['\"]");
	check_pattern("a.b*c\\d", "['\"]a\\.b\\*c\\\\d['\"]");
	check_pattern("x'<`", "['\"]x'<`['\"]");
	check_pattern("", NULL);
	check_pattern("a\nb", NULL);
	test_changes();
	test_words();
	return tap_done();
}
