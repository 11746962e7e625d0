#include "src/drive/git_run.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"

void
git_run_arguments(bool messages, struct strlist *argv)
{
	static const char *const safe[] = { "git", "--no-pager", "-c",
		"core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c",
		"log.showSignature=false", "-c", "gpg.program=false", "-c",
		"gpg.ssh.program=false", "-c", "gpg.x509.program=false", "-c",
		"core.quotePath=false" };

	if (!messages) {
		strlist_add(argv, "sh");
		strlist_add(argv, "-c");
		strlist_add(argv, "exec \"$@\" 2>/dev/null");
		strlist_add(argv, "sh");
	}
	for (size_t i = 0; i < sizeof(safe) / sizeof(safe[0]); i++)
		strlist_add(argv, safe[i]);
}

void
git_run_environment(struct strlist *environment)
{
	/* A bare name takes ours away: the directory alone says which repository. */
	static const char *const all[] = { "LC_ALL=C", "GIT_OPTIONAL_LOCKS=0",
		"GIT_TERMINAL_PROMPT=0", "GIT_NO_LAZY_FETCH=1",
		"GIT_ALLOW_PROTOCOL=none", "GIT_SSH_COMMAND=false", "GIT_ASKPASS=false",
		"GIT_PAGER=cat", "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE",
		"GIT_OBJECT_DIRECTORY", "GIT_NAMESPACE", "GIT_PREFIX",
		"GIT_EXTERNAL_DIFF", "GIT_TRACE", "GIT_LITERAL_PATHSPECS",
		"GIT_GLOB_PATHSPECS", "GIT_NOGLOB_PATHSPECS", "GIT_ICASE_PATHSPECS" };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		strlist_add(environment, all[i]);
}

bool
git_run_locations(
	const char *top, const struct strlist *directories, struct strlist *argv)
{
	size_t length = strlen(top);
	bool any = false;

	for (size_t i = 0; i < directories->count; i++) {
		char directory[PATH_MAX];

		if (realpath(directories->items[i], directory) == NULL ||
			strncmp(directory, top, length) != 0 ||
			directory[length] != '/')
			continue;
		strlist_add_owned(
			argv, alloc_printf(":(top,literal)%s", directory + length + 1));
		any = true;
	}
	return any;
}
