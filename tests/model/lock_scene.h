/* Waits and sessions for a forest, and the forest as text. */
#ifndef PGRUNBOOK_TESTS_LOCK_SCENE_H
#define PGRUNBOOK_TESTS_LOCK_SCENE_H

#include "pgrunbook/model/locks.h"

struct lock_scene {
	struct session_list sessions;
	struct lock_wait_list waits;
	struct lock_forest *forest;
};

/* An active client. */
struct session *lock_scene_session(struct lock_scene *scene, int pid);
struct session *lock_scene_worker(struct lock_scene *scene, int pid, int leader);
/* `pid` waits since `since` for the pids that follow, up to -1. */
struct lock_wait *lock_scene_waits(
	struct lock_scene *scene, int pid, int64_t since, ...);
/* A prepared transaction that holds up `waiter`; 0: nobody. */
void lock_scene_prepared(struct lock_scene *scene, const char *transaction, int waiter);
void lock_scene_hold(struct lock_scene *scene, int pid, const char *transaction,
	const char *mode, const char *object);
/* One test: the forest, "1 +2; . 2 < 1 +1; . . 3 < 1 2": depth, pid, whom it waits for,
 * how many it holds up. */
void lock_scene_is(struct lock_scene *scene, const char *want, const char *what);
void lock_scene_end(struct lock_scene *scene);

#endif
