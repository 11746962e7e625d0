/*
 * A Markdown file (CommonMark with GitHub's task lists and tables) as a flat list of
 * what a runbook is made of, in the file's order.  Nothing is judged here.
 */
#ifndef PGRUNBOOK_MODEL_MARKDOWN_H
#define PGRUNBOOK_MODEL_MARKDOWN_H

#include <stdbool.h>
#include <stddef.h>

enum markdown_kind {
	MARKDOWN_HEADING,
	MARKDOWN_TEXT, /* a paragraph, a table's row, raw HTML */
	MARKDOWN_ITEM, /* a list item's first paragraph */
	MARKDOWN_CODE
};

enum markdown_item { ITEM_BULLET, ITEM_ORDERED, ITEM_TASK };

struct markdown_block {
	enum markdown_kind kind;
	int level;  /* of a heading: 1..6; else the depth of lists it stands in */
	int line;   /* from 1; of code: where its first line of content stands */
	char *text; /* plain, one line; of code: the content as it is */
	char *lead; /* of an item: the paragraph above its list; of code: the one above
		       it, if nothing is between; NULL: none */
	char *info; /* of fenced code: all behind the fence as in the file; else NULL */
	enum markdown_item item;
	int parent;	 /* index of the item it stands in; -1: none */
	bool has_code;	 /* of an item: a code block stands in it */
	bool is_listing; /* of an item: it begins with inline code, a name to look up */
};

struct markdown {
	struct markdown_block *blocks;
	size_t count, capacity;
	char *title;	       /* of the front matter; NULL: none */
	char *unused_settings; /* names of the front matter that aren't used; NULL: none
				*/
};

void markdown_read(const char *bytes, size_t length, struct markdown *markdown);
void markdown_free(struct markdown *markdown);

#endif
