#include "tests/cluster/scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/tap/tap.h"

void
scene_watch(struct scene *scene, struct loop *loop)
{
	char conninfo[64];

	snprintf(conninfo, sizeof(conninfo), "port=%s", PQport(scene->control));
	watching_start(&scene->all, loop, conninfo, NULL, NULL);
	snprintf(conninfo, sizeof(conninfo), "port=%s user=plain",
		PQport(scene->control));
	watching_start(&scene->few, loop, conninfo, NULL, NULL);
	watching_next(&scene->all, 1);
	watching_next(&scene->few, 1);
	scene->watching = &scene->all;
	scene->plain = &scene->few;
}

void
scene_end(struct scene *scene)
{
	watching_stop(&scene->all);
	watching_stop(&scene->few);
	PQfinish(scene->control);
}

void
scene_name(struct scene *scene, const char *name, int pid)
{
	scene->connections[scene->count] = NULL;
	scene->names[scene->count++] = (struct watching_name){ name, pid };
}

PGconn *
scene_open_in(struct scene *scene, const char *name, const char *database)
{
	char settings[96];
	PGconn *connection;

	snprintf(settings, sizeof(settings), "application_name=%s dbname=%s", name,
		database);
	connection = cluster_connect(scene->cluster,
		scene->port ? scene->port : CLUSTER_PRIMARY_PORT, settings);
	scene_name(scene, name, PQbackendPID(connection));
	scene->connections[scene->count - 1] = connection;
	return connection;
}

PGconn *
scene_open(struct scene *scene, const char *name)
{
	return scene_open_in(scene, name, "billing");
}

PGconn *
scene_holds(struct scene *scene, const char *name, const char *sql)
{
	PGconn *connection = scene_open(scene, name);

	cluster_run(connection, "BEGIN");
	cluster_run(connection, sql);
	return connection;
}

static void
scene_sends(struct scene *scene, PGconn *connection, const char *name, const char *sql)
{
	cluster_send(connection, sql);
	if (!cluster_wait_blocked(scene->control, connection))
		tap_ok(false, "%s does not wait", name);
}

PGconn *
scene_waits(struct scene *scene, const char *name, const char *sql)
{
	PGconn *connection = scene_open(scene, name);

	cluster_run(connection, "BEGIN");
	scene_sends(scene, connection, name, sql);
	return connection;
}

PGconn *
scene_waits_alone(struct scene *scene, const char *name, const char *sql)
{
	PGconn *connection = scene_open(scene, name);

	scene_sends(scene, connection, name, sql);
	return connection;
}

void
scene_prepare(struct scene *scene, const char *gid, const char *sql)
{
	char prepare[64];

	snprintf(prepare, sizeof(prepare), "PREPARE TRANSACTION '%s'", gid);
	cluster_run(scene->control, "BEGIN");
	cluster_run(scene->control, sql);
	cluster_run(scene->control, prepare);
}

void
scene_unprepare(struct scene *scene, const char *gid)
{
	char rollback[64];

	snprintf(rollback, sizeof(rollback), "ROLLBACK PREPARED '%s'", gid);
	cluster_run(scene->control, rollback);
}

/* `want` without its kinds: " [startup]" and the like. */
static char *
scene_without_kinds(const char *want)
{
	struct str out = { 0 };

	for (const char *end; (end = strstr(want, " [")) != NULL;) {
		str_add_bytes(&out, want, (size_t)(end - want));
		want = strchr(end, ']') + 1;
	}
	str_add(&out, want);
	return str_take(&out);
}

static bool
scene_shows(const struct scene *scene, struct watching *watching, bool kinds,
	const char *want)
{
	struct str got = { 0 };
	bool same;

	/* The next snapshot has it: all waits were seen before. */
	watching_next(watching, 2);
	watching_forest(watching->snapshot, scene->names, scene->count, kinds, &got);
	same = strcmp(str_text(&got), want) == 0;
	if (!same)
		tap_diag("got:  %s\nwant: %s", str_text(&got), want);
	str_free(&got);
	return same;
}

void
scene_settle(struct scene *scene, const char *what, const char *want)
{
	char *plain = scene_without_kinds(want);
	bool same = scene_shows(scene, scene->watching, true, want);

	if (scene->plain && !scene_shows(scene, scene->plain, false, plain)) {
		tap_diag("as a role without rights");
		same = false;
	}
	tap_ok(same, "%s", what);
	free(plain);
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
