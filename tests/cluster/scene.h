/* Sessions that hold and want locks, and the forest that a watch makes of them. */
#ifndef PGRUNBOOK_TESTS_SCENE_H
#define PGRUNBOOK_TESTS_SCENE_H

#include "tests/cluster/watching.h"

enum { SCENE_SESSIONS = 16 };

/* A test's sessions; the names appear in the forest. */
struct scene {
	const struct cluster *cluster;
	PGconn *control;	   /* not one of the scene, on the same server */
	int port;		   /* 0: the primary */
	struct watching *watching; /* the watch that is asked */
	struct watching *plain;	   /* one as a role without rights; NULL: none */
	struct watching all, few;  /* of scene_watch */
	PGconn *connections[SCENE_SESSIONS];
	struct watching_name names[SCENE_SESSIONS];
	size_t count;
};

/* Watches the server of `control` as a superuser and as the role "plain". */
void scene_watch(struct scene *scene, struct loop *loop);
/* Ends that, and `control`. */
void scene_end(struct scene *scene);

/* A name for a process of the server's own. */
void scene_name(struct scene *scene, const char *name, int pid);
PGconn *scene_open(struct scene *scene, const char *name);
PGconn *scene_open_in(struct scene *scene, const char *name, const char *database);
/* A session in a transaction that holds what `sql` takes. */
PGconn *scene_holds(struct scene *scene, const char *name, const char *sql);
/* A session that is seen to wait, in a transaction, for what `sql` wants. */
PGconn *scene_waits(struct scene *scene, const char *name, const char *sql);
/* As before, for what can't run in a transaction. */
PGconn *scene_waits_alone(struct scene *scene, const char *name, const char *sql);
/* Nobody's transaction that holds what `sql` takes; ended by scene_unprepare. */
void scene_prepare(struct scene *scene, const char *gid, const char *sql);
void scene_unprepare(struct scene *scene, const char *gid);
/*
 * One test: the next snapshot's forest, as watching_forest tells it.  Where there is a
 * watch without rights, it has to see the same, but for what kind everyone is.
 */
void scene_settle(struct scene *scene, const char *what, const char *want);
/* The row of the session with this name; NULL if it has none. */
const struct lock_row *scene_row(const struct scene *scene, const char *name);
/* Ends the sessions and waits until nobody waits for a lock. */
void scene_clear(struct scene *scene);

#endif
