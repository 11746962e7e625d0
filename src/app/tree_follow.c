#include "pgrunbook/app/tree_follow.h"

#include <stdlib.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/drive/file_watch.h"
#include "pgrunbook/drive/python_path.h"
#include "pgrunbook/drive/tree_load.h"

struct tree_follow {
	struct loop *loop;
	struct app *app;
	const struct setup *setup; /* as it was at the start */
	struct setup now;	   /* of the tree alone: what was read last */
	bool good;		   /* `now` has a configuration */
	struct file_watch *watch;
};

static void
follow_changed(void *context)
{
	tree_follow_read(context);
}

/* Where the configuration is: the files that were named, else where it is looked for.
 */
static void
follow_add_configuration(const struct tree_follow *follow, struct strlist *paths)
{
	const struct alembic_choice *choice = &follow->setup->choice;

	strlist_copy(paths, &choice->files);
	if (follow->setup->config_path != NULL)
		strlist_add(paths, follow->setup->config_path);
	if (!choice->named) {
		strlist_add(paths, "alembic.ini");
		strlist_add(paths, "pyproject.toml");
	}
}

/*
 * Before anything is read: what changes from then on is read once more.  A directory
 * that was replaced since has to be watched anew, too.
 */
static void
follow_watch(struct tree_follow *follow)
{
	struct strlist paths = { 0 };

	follow_add_configuration(follow, &paths);
	if (follow->good)
		tree_load_directories(&follow->now.config, &paths);
	file_watch_free(follow->watch);
	follow->watch = file_watch_new(follow->loop, &paths, follow_changed, follow);
	strlist_free(&paths);
}

/* What the command line and the settings said of it. */
static bool
follow_options(const struct tree_follow *follow, struct setup_options *options,
	struct error *error)
{
	const struct alembic_choice *choice = &follow->setup->choice;
	bool good = true;

	*options = (struct setup_options){ .section = choice->section };
	for (size_t i = 0; good && choice->named && i < choice->files.count; i++)
		good = setup_options_config(options, choice->files.items[i], error);
	return good;
}

/* The configuration as it is now; what is wrong with it, for free(), or NULL. */
static char *
follow_configuration(struct tree_follow *follow)
{
	struct error error = { 0 };
	struct setup_options options;
	struct setup anew = { 0 };
	char *problem;

	if (follow_options(follow, &options, &error) &&
		setup_make_tree(&options, &anew, &error))
		problem = alloc_copy(anew.config_problem);
	else
		problem = alloc_copy(error.message);
	error_clear(&error);
	if (problem != NULL) {
		setup_free(&anew);
		return problem;
	}
	setup_free(&follow->now);
	follow->now = anew;
	follow->good = true;
	return NULL;
}

/* NULL: there is none, and the configuration's problem says so. */
static struct tree *
follow_load(const struct tree_follow *follow)
{
	const char *location = follow->now.config.script_location;

	return follow->good && python_path_look(location) == PYTHON_DIRECTORY
		       ? setup_load_tree(&follow->now)
		       : NULL;
}

void
tree_follow_read(struct tree_follow *follow)
{
	char *problem = follow_configuration(follow);

	follow_watch(follow);
	app_take_tree(follow->app, follow_load(follow), problem);
	free(problem);
}

struct tree_follow *
tree_follow_new(struct loop *loop, struct app *app, const struct setup *setup)
{
	struct tree_follow *follow = alloc_zeroed(1, sizeof(*follow));

	follow->loop = loop;
	follow->app = app;
	follow->setup = setup;
	tree_follow_read(follow);
	return follow;
}

void
tree_follow_free(struct tree_follow *follow)
{
	if (follow == NULL)
		return;
	file_watch_free(follow->watch);
	setup_free(&follow->now);
	free(follow);
}
