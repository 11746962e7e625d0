/*
 * Keeps the app's tree as the files are: alembic.ini, pyproject.toml and the version
 * files are read again when they change.  A configuration that became unreadable is
 * told, and the scripts are read by the last good one.
 */
#ifndef PGRUNBOOK_APP_TREE_FOLLOW_H
#define PGRUNBOOK_APP_TREE_FOLLOW_H

#include "pgrunbook/app/app.h"
#include "pgrunbook/app/setup.h"
#include "pgrunbook/drive/loop.h"

struct tree_follow;

/* Reads the tree before it returns; `setup` and `app` must outlive it. */
struct tree_follow *tree_follow_new(
	struct loop *loop, struct app *app, const struct setup *setup);
void tree_follow_free(struct tree_follow *follow);
/* Reads everything again now. */
void tree_follow_read(struct tree_follow *follow);

#endif
