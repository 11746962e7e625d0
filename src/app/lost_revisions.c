#include "pgrunbook/app/lost_revisions.h"

#include <stdlib.h>

void
lost_revisions_init(struct lost_revisions *lost, struct app *app, struct loop *loop,
	const struct setup *setup)
{
	*lost = (struct lost_revisions){ .app = app, .loop = loop, .setup = setup };
}

void
lost_revisions_free(struct lost_revisions *lost)
{
	git_find_free(lost->find);
	strlist_free(&lost->looked);
	*lost = (struct lost_revisions){ 0 };
}

static void
lost_revisions_done(void *context, struct git_found_list *list)
{
	struct lost_revisions *lost = context;

	git_find_free(lost->find);
	lost->find = NULL;
	app_take_git(lost->app, list);
}

void
lost_revisions_follow(struct lost_revisions *lost)
{
	const struct app *app = lost->app;
	const struct strlist *unknown = &app->status.unknown;
	struct git_found_list list = { 0 };
	struct strlist ids = { 0 };

	if (app->tree == NULL || app->snapshot == NULL ||
		strlist_equal(unknown, &lost->looked))
		return;
	git_find_free(lost->find);
	lost->find = NULL;
	strlist_copy(&lost->looked, unknown);
	for (size_t i = 0; i < unknown->count && i < LOST_MOST; i++)
		strlist_add(&ids, unknown->items[i]);
	git_found_list_make(&ids, &list);
	app_take_git(lost->app, &list);
	if (ids.count != 0)
		lost->find = git_find_start(lost->loop,
			&lost->setup->config.version_locations, &ids,
			lost_revisions_done, lost);
	strlist_free(&ids);
}

void
lost_revisions_again(struct lost_revisions *lost)
{
	strlist_free(&lost->looked);
}
