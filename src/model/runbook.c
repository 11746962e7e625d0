#include "pgrunbook/model/runbook.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/model/placeholder.h"
#include "pgrunbook/model/runbook_reader.h"
#include "pgrunbook/model/runbook_text.h"

struct block *
runbook_add_block(struct runbook_reader *reader, enum block_kind kind, int level,
	char *text, int line)
{
	struct runbook *runbook = reader->runbook;
	struct block *block;

	runbook->blocks = alloc_room(runbook->blocks, runbook->block_count,
		&runbook->block_capacity, sizeof(*runbook->blocks));
	block = &runbook->blocks[runbook->block_count++];
	*block = (struct block){
		.kind = kind, .level = level, .text = text, .step = -1, .line = line
	};
	return block;
}

void
runbook_add_note(struct runbook_reader *reader, int line, const char *format, ...)
{
	struct str note = { 0 };
	va_list arguments;

	str_printf(&note, "line %d: ", line);
	va_start(arguments, format);
	str_vprintf(&note, format, arguments);
	va_end(arguments);
	strlist_add_owned(&reader->runbook->notes, str_take(&note));
}

/* "2. Roll Back (Emergency)" is "roll-back-emergency": numbers move, names stay. */
static char *
slug_of(const char *text)
{
	struct str slug = { 0 };
	size_t digits = strspn(text, "0123456789");

	if (digits > 0 && (text[digits] == '.' || text[digits] == ')'))
		text += digits;
	for (; *text != '\0'; text++) {
		if (isalnum((unsigned char)*text))
			str_add_char(&slug, (char)tolower((unsigned char)*text));
		else if (slug.length > 0 && slug.bytes[slug.length - 1] != '-')
			str_add_char(&slug, '-');
	}
	while (slug.length > 0 && slug.bytes[slug.length - 1] == '-')
		slug.bytes[--slug.length] = '\0';
	if (slug.length == 0)
		str_add(&slug, "section");
	return str_take(&slug);
}

/* The id, with a number behind it if another step has it already. */
static char *
unique_id(const struct runbook *runbook, char *wanted)
{
	char *id = alloc_copy(wanted);
	int number = 1;

	while (runbook_find_step(runbook, id) >= 0) {
		/* Beyond reason it leaps: a file can't make this take long. */
		number += number < 50 ? 1 : (int)runbook->step_count;
		free(id);
		id = alloc_printf("%s-%d", wanted, number);
	}
	free(wanted);
	return id;
}

/* Named by its heading when its first step needs it; a second "Staging" is staging-2.
 */
static void
section_name(struct runbook_reader *reader, struct runbook_section *section)
{
	const char *text = section->heading >= 0
				   ? reader->runbook->blocks[section->heading].text
				   : "start";
	char *slug = slug_of(text);
	int uses = 1;

	for (size_t i = 0; i < reader->section_count; i++)
		uses += reader->sections[i].heading_slug != NULL &&
			strcmp(reader->sections[i].heading_slug, slug) == 0;
	section->heading_slug = slug;
	section->slug = uses > 1 ? alloc_printf("%s-%d", slug, uses) : alloc_copy(slug);
}

struct step *
runbook_add_step(struct runbook_reader *reader, enum step_kind kind, char *title,
	char *command, int line, const char *name)
{
	struct runbook *runbook = reader->runbook;
	struct runbook_section *section = &reader->sections[reader->section_count - 1];
	struct step *step;

	if (runbook->step_count == RUNBOOK_STEPS_MAX) {
		free(title);
		free(command);
		return NULL;
	}
	if (section->slug == NULL)
		section_name(reader, section);
	section->steps++;
	runbook->steps = alloc_room(runbook->steps, runbook->step_count,
		&runbook->step_capacity, sizeof(*runbook->steps));
	step = &runbook->steps[runbook->step_count];
	*step = (struct step){
		.id = unique_id(runbook,
			name != NULL
				? slug_of(name)
				: alloc_printf("%s-%d", section->slug, section->steps)),
		.number = (int)runbook->step_count + 1,
		.kind = kind,
		.title = title,
		.command = command,
		.line = line,
		.section = section->heading,
		.optional = section->optional,
	};
	runbook_add_block(reader, BLOCK_STEP, 0, NULL, line)->step =
		(int)runbook->step_count++;
	return step;
}

/* Opens the section of a heading; -1: what stands before the first one. */
static void
section_open(struct runbook_reader *reader, int heading, int level, const char *text)
{
	struct runbook_section section = { .heading = heading,
		.level = level,
		.parent = (int)reader->section_count - 1,
		.optional = runbook_text_is_optional(text),
		.option = runbook_text_is_option(text) };

	while (section.parent >= 0 && reader->sections[section.parent].level >= level)
		section.parent = reader->sections[section.parent].parent;
	if (section.parent >= 0) {
		const struct runbook_section *around =
			&reader->sections[section.parent];

		section.optional = section.optional || around->optional;
		section.option = section.option || around->option;
	}
	reader->sections = alloc_room(reader->sections, reader->section_count,
		&reader->section_capacity, sizeof(*reader->sections));
	reader->sections[reader->section_count++] = section;
}

static void
read_heading(struct runbook_reader *reader, const struct markdown_block *heading)
{
	runbook_add_block(reader, BLOCK_HEADING, heading->level,
		alloc_copy(heading->text), heading->line);
	section_open(reader, (int)reader->runbook->block_count - 1, heading->level,
		heading->text);
}

/* A heading above that makes checklists of the lists below it. */
static bool
stands_under_checklist(const struct runbook_reader *reader)
{
	int at = (int)reader->section_count - 1;

	for (; at >= 0; at = reader->sections[at].parent) {
		int heading = reader->sections[at].heading;

		if (heading >= 0 && runbook_text_is_checklist(
					    reader->runbook->blocks[heading].text))
			return true;
	}
	return false;
}

static bool
section_describes(const struct runbook_reader *reader)
{
	int heading = reader->sections[reader->section_count - 1].heading;

	return heading >= 0 &&
	       runbook_text_describes(reader->runbook->blocks[heading].text);
}

/* Is the item a thing that a person does and ticks?  runbooks.md's rule. */
static bool
is_attestation(const struct runbook_reader *reader, const struct markdown_block *item)
{
	if (item->item == ITEM_TASK)
		return true;
	if (item->has_code || item->is_listing || item->parent >= 0 ||
		item->text[0] == '\0')
		return false;
	if (item->item == ITEM_BULLET)
		return runbook_text_is_checklist(item->lead) ||
		       stands_under_checklist(reader);
	return !runbook_text_describes(item->lead) && !section_describes(reader);
}

/* An empty contact is noticed when it is needed, unless it is said before. */
static void
note_empty_contact(struct runbook_reader *reader, const struct markdown_block *block)
{
	struct strlist names = { 0 };

	placeholder_find(block->text, &names);
	for (size_t i = 0; i < names.count; i++) {
		if (strcasestr(names.items[i], "contact") != NULL)
			runbook_add_note(reader, block->line,
				"nobody to call is filled in: %s", block->text);
	}
	strlist_free(&names);
}

static void
read_text(struct runbook_reader *reader, const struct markdown_block *block)
{
	note_empty_contact(reader, block);
	if (block->kind == MARKDOWN_ITEM && is_attestation(reader, block) &&
		runbook_add_step(reader, STEP_ATTEST, alloc_copy(block->text), NULL,
			block->line, NULL) != NULL)
		return;
	runbook_add_block(
		reader, BLOCK_TEXT, block->level, alloc_copy(block->text), block->line);
}

static bool
read_blocks(struct runbook_reader *reader)
{
	section_open(reader, -1, 0, NULL);
	for (size_t i = 0; i < reader->markdown->count; i++) {
		const struct markdown_block *block = &reader->markdown->blocks[i];

		switch (block->kind) {
		case MARKDOWN_HEADING:
			read_heading(reader, block);
			break;
		case MARKDOWN_TEXT:
		case MARKDOWN_ITEM:
			read_text(reader, block);
			break;
		case MARKDOWN_CODE:
			if (!runbook_read_fence(reader, block))
				return false;
			break;
		}
	}
	return true;
}

static void
reader_free(struct runbook_reader *reader)
{
	for (size_t i = 0; i < reader->section_count; i++) {
		free(reader->sections[i].slug);
		free(reader->sections[i].heading_slug);
		free(reader->sections[i].state);
	}
	for (size_t i = 0; i < reader->fence_count; i++)
		free(reader->fences[i].choice);
	free(reader->sections);
	free(reader->fences);
}

char *
runbook_name_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;
	size_t length = strlen(name);

	if (length > 3 && strcmp(name + length - 3, ".md") == 0)
		length -= 3;
	return alloc_copy_bytes(name, length);
}

static char *
title_of(const struct markdown *markdown, const struct runbook *runbook)
{
	if (markdown->title != NULL)
		return alloc_copy(markdown->title);
	for (size_t i = 0; i < runbook->block_count; i++) {
		if (runbook->blocks[i].kind == BLOCK_HEADING)
			return alloc_copy(runbook->blocks[i].text);
	}
	return alloc_copy(runbook->name);
}

static void
note_rest(struct runbook_reader *reader)
{
	if (reader->markdown->unused_settings != NULL)
		runbook_add_note(reader, 1, "not used from the front matter: %s",
			reader->markdown->unused_settings);
	if (reader->runbook->step_count == RUNBOOK_STEPS_MAX)
		runbook_add_note(reader, 1,
			"more than %d steps: the rest is only shown",
			RUNBOOK_STEPS_MAX);
}

struct runbook *
runbook_read(const char *path, const char *bytes, size_t length, struct error *error)
{
	struct runbook *runbook;
	struct markdown markdown;
	struct runbook_reader reader = { .markdown = &markdown, .error = error };

	if (length > 0 && memchr(bytes, '\0', length) != NULL) {
		error_set(error, "%s is no text: it holds NUL bytes", path);
		return NULL;
	}
	runbook = alloc_zeroed(1, sizeof(*runbook));
	runbook->path = alloc_copy(path);
	runbook->name = runbook_name_of(path);
	sha256_hex(bytes, length, runbook->sha256);
	markdown_read(bytes, length, &markdown);
	reader.runbook = runbook;
	if (read_blocks(&reader)) {
		runbook_mark_choices(&reader);
		note_rest(&reader);
		runbook->title = title_of(&markdown, runbook);
	} else {
		error_prefix(error, "%s", path);
		runbook_free(runbook);
		runbook = NULL;
	}
	reader_free(&reader);
	markdown_free(&markdown);
	return runbook;
}

void
runbook_free(struct runbook *runbook)
{
	if (runbook == NULL)
		return;
	for (size_t i = 0; i < runbook->block_count; i++)
		free(runbook->blocks[i].text);
	for (size_t i = 0; i < runbook->step_count; i++) {
		struct step *step = &runbook->steps[i];

		free(step->id);
		free(step->title);
		free(step->command);
		free(step->by_hand);
		action_free(&step->action);
		strlist_free(&step->inputs);
	}
	free(runbook->blocks);
	free(runbook->steps);
	strlist_free(&runbook->notes);
	free(runbook->path);
	free(runbook->name);
	free(runbook->title);
	free(runbook);
}

int
runbook_find_step(const struct runbook *runbook, const char *id)
{
	for (size_t i = 0; i < runbook->step_count; i++) {
		if (strcmp(runbook->steps[i].id, id) == 0)
			return (int)i;
	}
	return -1;
}

const char *
step_kind_name(enum step_kind kind)
{
	static const char *const names[] = {
		[STEP_ATTEST] = "attest",
		[STEP_SHELL] = "shell",
		[STEP_SQL] = "sql",
		[STEP_ACTION] = "action",
	};

	return names[kind];
}
