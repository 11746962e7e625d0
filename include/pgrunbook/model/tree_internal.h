/* What model/tree*.c share; nobody else includes this. */
#ifndef PGRUNBOOK_MODEL_TREE_INTERNAL_H
#define PGRUNBOOK_MODEL_TREE_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>

#include "pgrunbook/model/tree.h"
#include "pgrunbook/model/tree_problems.h"

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
	int *slots;		 /* names by hash: index + 1, 0 is free */
	size_t slot_count;	 /* a power of two, at least twice the names */
	struct strlist problems; /* the texts of problem_items, in their order */
	struct tree_problem *problem_items;
	size_t problem_capacity;
	struct strlist broken; /* the files that are no revisions */
	char *directory;       /* that all files are in, with its '/' */
	struct tree_list heads, order;
	struct tree_list upward; /* each after its parents; none of circles */
	struct strlist **label_sets;
	size_t label_set_count, label_set_capacity;
	struct strlist no_labels; /* empty */
	bool cyclic;		  /* by parents and dependencies */
};

__attribute__((format(printf, 4, 5))) void tree_report(struct tree *tree,
	enum tree_problem_kind kind, int revision, const char *format, ...);
void tree_report_missing_parent(struct tree *tree, int index, const char *name);
void tree_report_missing_dependency(struct tree *tree, int index, const char *name);
void tree_report_self(struct tree *tree, int index, bool dependency);
/* `second` was loaded later. */
void tree_report_twins(struct tree *tree, int first, int second);
void tree_report_label(struct tree *tree, int first, int second, const char *label);
/* More labels reach more revisions than are held. */
void tree_report_labels(struct tree *tree);
/* An illegal id, computed bindings. */
void tree_check_script(struct tree *tree, int index);

/* Adds a name; returns the revision that has it already, or TREE_NONE. */
int tree_names_add(struct tree *tree, const char *text, int revision);
/* The entry of a name; NULL if there is none. */
struct tree_name *tree_names_find(const struct tree *tree, const char *text);
void tree_names_free(struct tree *tree);

/* The steps of tree_seal, in this order. */
void tree_find_directory(struct tree *tree);
void tree_link(struct tree *tree);
/* The part of tree_link that leaves out what an ancestor declares. */
void tree_link_own(struct tree *tree);
void tree_find_cycles(struct tree *tree);
void tree_spread_labels(struct tree *tree);

#endif
