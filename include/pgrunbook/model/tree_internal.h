/* What model/tree*.c share; nobody else includes this. */
#ifndef PGRUNBOOK_MODEL_TREE_INTERNAL_H
#define PGRUNBOOK_MODEL_TREE_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>

#include "pgrunbook/model/tree.h"

/* An id, or a label with the revision that declares it. */
struct tree_name {
	const char *text; /* the revision's */
	int revision;
};

struct tree {
	struct revision *items;
	size_t count, capacity;
	struct tree_name *names; /* ids in load order, then labels */
	size_t name_count, name_capacity;
	int *slots;	   /* names by hash: index + 1, 0 is free */
	size_t slot_count; /* a power of two, at least twice the names */
	struct strlist problems;
	struct tree_list heads, order;
	bool cyclic; /* by parents and dependencies */
};

__attribute__((format(printf, 2, 3))) void tree_report(
	struct tree *tree, const char *format, ...);

/* Adds a name; returns the revision that has it already, or TREE_NONE. */
int tree_names_add(struct tree *tree, const char *text, int revision);
/* The entry of a name; NULL if there is none. */
struct tree_name *tree_names_find(const struct tree *tree, const char *text);
void tree_names_free(struct tree *tree);

/* The steps of tree_seal, in this order. */
void tree_link(struct tree *tree);
void tree_find_cycles(struct tree *tree);
void tree_spread_labels(struct tree *tree);

#endif
