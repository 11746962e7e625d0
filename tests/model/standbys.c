/* Standbys that were there and are not any more. */
#include "pgrunbook/model/standbys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"
#include "tests/tap/tap.h"

enum { SECOND = 1000000 };

struct scene {
	struct standbys standbys;
	int64_t now_us;
	const char *host; /* that is watched */
	const char *problem;
};

static void
scene_replica(struct replication *list, char *words)
{
	char *rest, *application = strtok_r(words, "/", &rest);
	const char *client = strtok_r(NULL, "/", &rest);
	const char *slot = strtok_r(NULL, "/", &rest);
	bool own = strcmp(client, "own") == 0;
	struct replica *replica = replication_add(list, application);

	replica->kind =
		strcmp(client, "logical") == 0 ? REPLICA_LOGICAL : REPLICA_STANDBY;
	replica->direct = own;
	replica->from_primary = !own;
	replica->application = alloc_copy(application);
	replica->client = alloc_copy(client);
	replica->slot = alloc_copy(slot);
}

/* So much later the server shows those ("name/address/slot ..."); those that are
 * missing then, gone ones with a "!". */
static void
shows(struct scene *scene, int seconds, const char *replicas, const char *want,
	const char *about)
{
	struct snapshot snapshot = { .server = { .host = (char *)scene->host,
					     .role = SERVER_PRIMARY } };
	char *words = alloc_copy(replicas), *rest = words, *one;
	struct str got = { 0 };

	scene->now_us += (int64_t)seconds * SECOND;
	snapshot.server_now_us = scene->now_us;
	while ((one = strsep(&rest, " ")) != NULL) {
		if (*one != '\0')
			scene_replica(&snapshot.replication, one);
	}
	snapshot.replication.problem = alloc_copy(scene->problem);
	standbys_note(&scene->standbys, &snapshot);
	for (size_t i = 0; i < scene->standbys.count; i++) {
		const struct standbys_one *known = &scene->standbys.items[i];

		if (known->missing_us != 0)
			str_printf(&got, "%s%s%s%d", got.length ? " " : "",
				standbys_is_gone(known, scene->now_us) ? "!" : "",
				known->name,
				(int)((scene->now_us - known->missing_us) / SECOND));
	}
	tap_is_text(str_text(&got), want, "%s", about);
	str_free(&got);
	free(words);
	replication_free(&snapshot.replication);
}

int
main(void)
{
	struct scene scene = { .now_us = 1000 * INT64_C(1000000), .host = "db1" };

	shows(&scene, 0, "", "", "none was ever there");
	shows(&scene, 1, "r1/a r2/b/s2 sub/logical", "", "all are there");
	shows(&scene, 1, "r1/a", "r20", "one is missing");
	shows(&scene, 14, "r1/a", "r214", "which may be a restart");
	shows(&scene, 1, "r1/a", "!r215", "and then is none");
	shows(&scene, 60, "r1/a r2/elsewhere/s2", "", "until its slot is used again");
	shows(&scene, 1, "r1/c r2/b/s2", "", "another address is no other standby");
	shows(&scene, 1, "r1/c r1/d r2/b/s2", "", "a second one of a name");
	shows(&scene, 1, "r1/c r2/b/s2", "r10", "is missed for itself");
	shows(&scene, 1, "r1/d r2/b/s2", "r10",
		"but for who has its address it is the other");
	shows(&scene, 1, "r1/c r1/d r2/b/s2", "", "both");
	scene.problem = "not permitted";
	shows(&scene, 20, "", "", "who can't be seen is not missing");
	scene.problem = NULL;
	shows(&scene, 1, "r1/own r2/b/s2", "",
		"a direct connection says itself what is wrong");
	shows(&scene, 1, "", "r20", "nobody at all");
	shows(&scene, 20, "", "!r220", "for long enough");
	tap_ok(standbys_see(&scene.standbys, scene.now_us), "that was seen");
	tap_ok(!standbys_see(&scene.standbys, scene.now_us), "once");
	shows(&scene, 1, "", "", "and is not missed");
	shows(&scene, 1, "r3/e", "", "another one");
	shows(&scene, 1, "", "r30", "goes");
	shows(&scene, 24 * 3600, "", "!r386400", "is missed for a day");
	shows(&scene, 1, "", "", "and no longer");
	shows(&scene, 1, "r3/e", "", "a server with a standby");
	scene.host = "db2";
	shows(&scene, 1, "", "", "of which another server knows nothing");
	standbys_free(&scene.standbys);
	return tap_done();
}
