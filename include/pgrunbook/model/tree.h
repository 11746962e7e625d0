/*
 * The revision tree: the graph of an Alembic environment's scripts, and Alembic's rules
 * about heads, branches, labels and dependencies.  Pure: scripts come in as values
 * (model/script.h), nothing is read from disk here.
 *
 * A tree is built by tree_add and finished by tree_seal; after that it is immutable,
 * and indexes and pointers that it hands out live as long as the tree.
 */
#ifndef PGRUNBOOK_MODEL_TREE_H
#define PGRUNBOOK_MODEL_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pgrunbook/base/error.h"
#include "pgrunbook/base/strlist.h"
#include "pgrunbook/model/script.h"

struct tree;

enum { TREE_NONE = -1 };

/* A list of revisions by index; free() its items. */
struct tree_list {
	int *items;
	size_t count, capacity;
};

struct revision {
	struct script script;	       /* id, message, file, bodies */
	struct tree_list parents;      /* by down_revision, declared order, each once */
	struct tree_list children;     /* sorted by id */
	struct tree_list dependencies; /* by depends_on, resolved */
	struct tree_list own_dependencies; /* those that no ancestor declares already */
	struct tree_list dependents;
	const struct strlist *labels; /* all that apply, sorted; shared, the tree's */
	bool head;		      /* nothing comes after it by down_revision */
	bool real_head;		      /* nothing depends on it either */
	bool base;		      /* no parent */
	bool branch_point;	      /* more than one child by down_revision */
	bool merge_point;	      /* more than one parent */
};

struct tree *tree_new(void);
void tree_free(struct tree *tree);

/* Takes over *script (empties it).  Scripts in Alembic's load order. */
void tree_add(struct tree *tree, struct script *script);
/* A problem that loading met and that belongs to no script (a missing directory). */
void tree_add_problem(struct tree *tree, const char *problem);
/* Resolves names and marks heads, branches, labels; finds what is broken. */
void tree_seal(struct tree *tree);

size_t tree_count(const struct tree *tree);
const struct revision *tree_at(const struct tree *tree, int index);
/* By full id; TREE_NONE if there is none. */
int tree_find(const struct tree *tree, const char *id);
/* By full id, or by a label: the revision that declares it. */
int tree_find_name(const struct tree *tree, const char *name);
/* The ids and then the labels, in load order: what a partial name is held against. */
size_t tree_name_count(const struct tree *tree);
const char *tree_name_at(const struct tree *tree, size_t index, int *revision);

/*
 * What is wrong with the tree, one sentence each with revisions and files: unreadable
 * files, missing parents, duplicate ids, cycles.  Empty for a sound tree.
 */
const struct strlist *tree_problems(const struct tree *tree);

/* The heads in Alembic's order (load order). */
const struct tree_list *tree_heads(const struct tree *tree);

/*
 * All revisions in the order of `alembic history`: newest first.  Broken trees list
 * every readable revision too.
 */
const struct tree_list *tree_order(const struct tree *tree);

/* Whether `ancestor` is reached from `of` by parents and dependencies (itself too). */
bool tree_is_ancestor(const struct tree *tree, int ancestor, int of);

/*
 * Sets marks[index] of what is reached from `from`, itself included, by parents or
 * children, and by dependencies if `dependencies`.  Stops at what is marked already.
 */
void tree_mark_ancestors(
	const struct tree *tree, int from, bool dependencies, bool *marks);
void tree_mark_descendants(
	const struct tree *tree, int from, bool dependencies, bool *marks);

/*
 * The revisions with wanted[index] in the order of `alembic history`, as it walks down
 * from `heads`.
 */
void tree_sort(const struct tree *tree, const bool *wanted,
	const struct tree_list *heads, struct tree_list *order);

void tree_list_add(struct tree_list *list, int index);
bool tree_list_has(const struct tree_list *list, int index);
void tree_list_free(struct tree_list *list);

#endif
