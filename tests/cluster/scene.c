#include "tests/cluster/scene.h"

#include <stdio.h>
#include <string.h>

#include "tests/tap/tap.h"

void
scene_name(struct scene *scene, const char *name, int pid)
{
	scene->connections[scene->count] = NULL;
	scene->names[scene->count++] = (struct watching_name){ name, pid };
}

PGconn *
scene_open(struct scene *scene, const char *name)
{
	char settings[64];
	PGconn *connection;

	snprintf(settings, sizeof(settings), "application_name=%s", name);
	connection = cluster_connect(scene->cluster,
		scene->port ? scene->port : CLUSTER_PRIMARY_PORT, settings);
	scene_name(scene, name, PQbackendPID(connection));
	scene->connections[scene->count - 1] = connection;
	return connection;
}

PGconn *
scene_holds(struct scene *scene, const char *name, const char *sql)
{
	PGconn *connection = scene_open(scene, name);

	cluster_run(connection, "BEGIN");
	cluster_run(connection, sql);
	return connection;
}

PGconn *
scene_waits(struct scene *scene, const char *name, const char *sql)
{
	PGconn *connection = scene_open(scene, name);

	cluster_run(connection, "BEGIN");
	cluster_send(connection, sql);
	if (!cluster_wait_blocked(scene->control, connection))
		tap_ok(false, "%s does not wait", name);
	return connection;
}

struct scene_expectation {
	const struct scene *scene;
	const char *want;
};

static bool
scene_forest_is(const struct snapshot *snapshot, const void *context)
{
	const struct scene_expectation *expectation = context;
	struct str got = { 0 };
	bool same;

	watching_forest(
		snapshot, expectation->scene->names, expectation->scene->count, &got);
	same = strcmp(str_text(&got), expectation->want) == 0;
	str_free(&got);
	return same;
}

void
scene_settle(struct scene *scene, const char *what, const char *want)
{
	struct scene_expectation expectation = { scene, want };
	struct str got = { 0 };

	/* The next snapshot has it: all waits were seen before. */
	watching_next(scene->watching, 2);
	tap_ok(scene_forest_is(scene->watching->snapshot, &expectation), "%s", what);
	watching_forest(scene->watching->snapshot, scene->names, scene->count, &got);
	if (strcmp(str_text(&got), want) != 0)
		tap_diag("got:  %s\nwant: %s", str_text(&got), want);
	str_free(&got);
}

void
scene_clear(struct scene *scene)
{
	for (size_t i = 0; i < scene->count; i++) {
		char sql[64];

		if (!scene->connections[i])
			continue;
		snprintf(sql, sizeof(sql), "SELECT pg_terminate_backend(%d)",
			scene->names[i].pid);
		cluster_run(scene->control, sql);
		PQfinish(scene->connections[i]);
	}
	scene->count = 0;
	cluster_wait_for(
		scene->control, "SELECT count(*) = 0 FROM pg_locks WHERE NOT granted");
}

const struct lock_row *
scene_row(const struct scene *scene, const char *name)
{
	const struct lock_forest *forest = scene->watching->snapshot->locks;

	for (size_t i = 0; i < lock_forest_rows(forest); i++) {
		const struct lock_row *row = lock_forest_row(forest, i);

		for (size_t at = 0; at < scene->count; at++) {
			if (scene->names[at].pid == row->pid &&
				strcmp(scene->names[at].name, name) == 0)
				return row;
		}
	}
	return NULL;
}
