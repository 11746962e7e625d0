#include "pgrunbook/model/markdown.h"

#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"

/* Lists in lists in quotes: below this depth only text is read. */
enum { DEPTH_MAX = 40 };

struct reader {
	struct markdown *out;
	const char *bytes; /* without front matter, '\n' at line ends */
	size_t length;
	const char **lines; /* where each line of bytes begins, and the end */
	int line_count;
	int first_line; /* of bytes, in the file */
};

static void read_children(struct reader *reader, cmark_node *parent, int depth,
	int item, const char *lead);

/* Line ends as bash wants them: CR LF and a lone CR become LF. */
static char *
normal_lines(const char *bytes, size_t length)
{
	struct str out = { 0 };

	for (size_t i = 0; i < length; i++) {
		if (bytes[i] != '\r')
			str_add_char(&out, bytes[i]);
		else if (i + 1 == length || bytes[i + 1] != '\n')
			str_add_char(&out, '\n');
	}
	return str_take(&out);
}

static size_t
line_length(const char *line)
{
	return strcspn(line, "\n");
}

static bool
line_is(const char *line, const char *text)
{
	size_t length = line_length(line);

	while (length > 0 && (line[length - 1] == ' ' || line[length - 1] == '\t'))
		length--;
	return length == strlen(text) && memcmp(line, text, length) == 0;
}

/* "key: value", the value without its quotes. */
static void
read_setting(struct markdown *out, const char *line)
{
	size_t length = line_length(line);
	const char *colon = memchr(line, ':', length);
	const char *value, *end = line + length;

	if (colon == NULL || line[0] == ' ' || line[0] == '#' || line[0] == '-')
		return;
	if (colon - line != 5 || memcmp(line, "title", 5) != 0) {
		char *others = out->unused_settings;
		int name = (int)(colon - line);

		out->unused_settings = alloc_printf("%s%s%.*s", others ? others : "",
			others ? ", " : "", name, line);
		free(others);
		return;
	}
	value = colon + 1;
	while (value < end && (*value == ' ' || *value == '"' || *value == '\''))
		value++;
	while (end > value && (end[-1] == ' ' || end[-1] == '"' || end[-1] == '\''))
		end--;
	if (out->title == NULL && end > value)
		out->title = alloc_copy_bytes(value, (size_t)(end - value));
}

/* Takes the front matter off: returns where the Markdown begins. */
static const char *
skip_front_matter(struct markdown *out, const char *text, int *first_line)
{
	const char *line = text;
	int number = 1;

	*first_line = 1;
	if (!line_is(text, "---"))
		return text;
	for (;;) {
		line += line_length(line);
		if (*line == '\0')
			break; /* never closed: it was a rule */
		line++;
		number++;
		if (line_is(line, "---") || line_is(line, "...")) {
			line += line_length(line);
			*first_line = number + 1;
			break;
		}
	}
	if (*first_line == 1)
		return text;
	for (const char *at = text + line_length(text) + 1; at < line;) {
		if (!line_is(at, "---") && !line_is(at, "..."))
			read_setting(out, at);
		at += line_length(at);
		at += *at == '\n';
	}
	return line + (*line == '\n');
}

static void
index_lines(struct reader *reader)
{
	size_t count = 2, at = 0;

	for (size_t i = 0; i < reader->length; i++)
		count += reader->bytes[i] == '\n';
	reader->lines = alloc_zeroed(count, sizeof(*reader->lines));
	reader->lines[0] = reader->bytes;
	for (size_t i = 0; i < reader->length; i++) {
		if (reader->bytes[i] == '\n')
			reader->lines[++at] = reader->bytes + i + 1;
	}
	reader->line_count = (int)at + 1;
}

/* The inlines below a node as plain text on one line. */
static char *
plain_text(cmark_node *node)
{
	struct str out = { 0 };
	cmark_iter *iter = cmark_iter_new(node);
	cmark_event_type event;

	while ((event = cmark_iter_next(iter)) != CMARK_EVENT_DONE) {
		cmark_node *at = cmark_iter_get_node(iter);
		cmark_node_type type = cmark_node_get_type(at);
		const char *literal = cmark_node_get_literal(at);

		if (event != CMARK_EVENT_ENTER)
			continue;
		if (type == CMARK_NODE_SOFTBREAK || type == CMARK_NODE_LINEBREAK)
			str_add_char(&out, ' ');
		else if (literal != NULL)
			str_add(&out, literal);
		else if (strcmp(cmark_node_get_type_string(at), "table_cell") == 0 &&
			 out.length > 0)
			str_add(&out, " | ");
	}
	cmark_iter_free(iter);
	while (out.length > 0 && strchr(" \n\t", out.bytes[out.length - 1]) != NULL)
		out.bytes[--out.length] = '\0';
	for (size_t i = 0; i < out.length; i++)
		out.bytes[i] = out.bytes[i] == '\n' ? ' ' : out.bytes[i];
	return str_take(&out);
}

static struct markdown_block *
block_add(struct reader *reader, enum markdown_kind kind, cmark_node *node, char *text)
{
	struct markdown *out = reader->out;
	struct markdown_block *block;

	out->blocks = alloc_room(
		out->blocks, out->count, &out->capacity, sizeof(*out->blocks));
	block = &out->blocks[out->count++];
	*block = (struct markdown_block){
		.kind = kind,
		.text = text,
		.line = cmark_node_get_start_line(node) + reader->first_line - 1,
		.parent = -1,
	};
	return block;
}

/*
 * The info string as it stands in the file: the parser's own has its backslashes
 * decoded, and attributes may be JSON.
 */
static char *
source_info(const struct reader *reader, cmark_node *node)
{
	int line = cmark_node_get_start_line(node) - 1;
	const char *at, *end;

	if (line < 0 || line >= reader->line_count)
		return NULL;
	end = reader->lines[line] + line_length(reader->lines[line]);
	for (at = reader->lines[line]; at + 2 < end; at++) {
		if ((at[0] == '`' || at[0] == '~') && at[1] == at[0] && at[2] == at[0])
			break;
	}
	if (at + 2 >= end)
		return NULL;
	at += strspn(at, at[0] == '`' ? "`" : "~");
	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
	while (end > at && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	return alloc_copy_bytes(at, (size_t)(end - at));
}

static void
read_code(
	struct reader *reader, cmark_node *node, int depth, int item, const char *lead)
{
	int length, offset;
	char character;
	bool fenced = cmark_node_get_fenced(node, &length, &offset, &character) != 0;
	struct markdown_block *block = block_add(
		reader, MARKDOWN_CODE, node, alloc_copy(cmark_node_get_literal(node)));

	block->level = depth;
	block->parent = item;
	block->lead = alloc_copy(lead);
	if (fenced) {
		block->line++;
		block->info = source_info(reader, node);
	}
	for (int at = item; at >= 0; at = reader->out->blocks[at].parent)
		reader->out->blocks[at].has_code = true;
}

static enum markdown_item
item_kind(cmark_node *item)
{
	if (strcmp(cmark_node_get_type_string(item), "tasklist") == 0)
		return ITEM_TASK;
	return cmark_node_get_list_type(cmark_node_parent(item)) == CMARK_ORDERED_LIST
		       ? ITEM_ORDERED
		       : ITEM_BULLET;
}

static void
read_list(struct reader *reader, cmark_node *list, int depth, int parent,
	const char *lead)
{
	for (cmark_node *item = cmark_node_first_child(list); item != NULL;
		item = cmark_node_next(item)) {
		cmark_node *first = cmark_node_first_child(item);
		bool text = first != NULL &&
			    cmark_node_get_type(first) == CMARK_NODE_PARAGRAPH;
		struct markdown_block *block = block_add(reader, MARKDOWN_ITEM, item,
			text ? plain_text(first) : alloc_copy(""));
		int index = (int)reader->out->count - 1;

		block->level = depth + 1;
		block->parent = parent;
		block->item = item_kind(item);
		block->lead = alloc_copy(lead);
		block->is_listing = text && cmark_node_first_child(first) != NULL &&
				    cmark_node_get_type(cmark_node_first_child(
					    first)) == CMARK_NODE_CODE;
		read_children(reader, item, depth + 1, index, NULL);
	}
}

static void
read_table(struct reader *reader, cmark_node *table, int depth, int item)
{
	for (cmark_node *row = cmark_node_first_child(table); row != NULL;
		row = cmark_node_next(row)) {
		struct markdown_block *block =
			block_add(reader, MARKDOWN_TEXT, row, plain_text(row));

		block->level = depth;
		block->parent = item;
	}
}

/* A block that is neither list nor code; its text, for what may follow it. */
static const char *
read_text(struct reader *reader, cmark_node *node, int depth, int item)
{
	struct markdown_block *block;

	block = block_add(reader, MARKDOWN_TEXT, node, plain_text(node));
	block->level = depth;
	block->parent = item;
	return block->text;
}

/*
 * The children of a document, a quote or an item in order.  The first paragraph of an
 * item is the item's text already; it still leads what follows.  A lead is copied,
 * because the blocks move as they grow.
 */
static void
read_children(struct reader *reader, cmark_node *parent, int depth, int item,
	const char *above)
{
	char *lead = alloc_copy(above);
	bool skip = item >= 0 && cmark_node_get_type(parent) == CMARK_NODE_ITEM;

	for (cmark_node *node = cmark_node_first_child(parent); node != NULL;
		node = cmark_node_next(node)) {
		cmark_node_type type = cmark_node_get_type(node);
		char *text = NULL;

		if (skip && type == CMARK_NODE_PARAGRAPH) {
			text = alloc_copy(reader->out->blocks[item].text);
		} else if (type == CMARK_NODE_HEADING) {
			struct markdown_block *block = block_add(
				reader, MARKDOWN_HEADING, node, plain_text(node));

			block->level = cmark_node_get_heading_level(node);
		} else if (type == CMARK_NODE_CODE_BLOCK) {
			read_code(reader, node, depth, item, lead);
		} else if (type == CMARK_NODE_LIST && depth < DEPTH_MAX) {
			read_list(reader, node, depth, item, lead);
		} else if (type == CMARK_NODE_BLOCK_QUOTE && depth < DEPTH_MAX) {
			read_children(reader, node, depth + 1, item, lead);
		} else if (strcmp(cmark_node_get_type_string(node), "table") == 0) {
			read_table(reader, node, depth, item);
		} else if (type != CMARK_NODE_THEMATIC_BREAK) {
			text = alloc_copy(read_text(reader, node, depth, item));
		}
		skip = false;
		free(lead);
		lead = text;
	}
	free(lead);
}

static cmark_node *
parse(const char *bytes, size_t length)
{
	static const char *const extensions[] = { "tasklist", "table" };
	cmark_parser *parser;
	cmark_node *document;

	cmark_gfm_core_extensions_ensure_registered();
	parser = cmark_parser_new(CMARK_OPT_DEFAULT);
	for (size_t i = 0; i < sizeof(extensions) / sizeof(extensions[0]); i++) {
		cmark_syntax_extension *extension =
			cmark_find_syntax_extension(extensions[i]);

		if (extension != NULL)
			cmark_parser_attach_syntax_extension(parser, extension);
	}
	cmark_parser_feed(parser, bytes, length);
	document = cmark_parser_finish(parser);
	cmark_parser_free(parser);
	return document;
}

void
markdown_read(const char *bytes, size_t length, struct markdown *markdown)
{
	static const char mark[] = "\xEF\xBB\xBF";
	struct reader reader = { .out = markdown };
	cmark_node *document;
	char *text;

	*markdown = (struct markdown){ 0 };
	if (length >= 3 && memcmp(bytes, mark, 3) == 0) {
		bytes += 3;
		length -= 3;
	}
	text = normal_lines(bytes, length);
	reader.bytes = skip_front_matter(markdown, text, &reader.first_line);
	reader.length = strlen(reader.bytes);
	index_lines(&reader);
	document = parse(reader.bytes, reader.length);
	read_children(&reader, document, 0, -1, NULL);
	cmark_node_free(document);
	free(reader.lines);
	free(text);
}

void
markdown_free(struct markdown *markdown)
{
	for (size_t i = 0; i < markdown->count; i++) {
		free(markdown->blocks[i].text);
		free(markdown->blocks[i].lead);
		free(markdown->blocks[i].info);
	}
	free(markdown->blocks);
	free(markdown->title);
	free(markdown->unused_settings);
	*markdown = (struct markdown){ 0 };
}
