#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/model/fence_info.h"
#include "pgrunbook/model/placeholder.h"
#include "pgrunbook/model/runbook_reader.h"
#include "pgrunbook/model/runbook_text.h"
#include "pgrunbook/model/shell_hand.h"
#include "pgrunbook/model/shell_split.h"
#include "pgrunbook/model/sql_split.h"

static char *
first_line(const char *text)
{
	size_t length = strcspn(text, "\n");

	while (length > 0 && strchr(" \t\\", text[length - 1]) != NULL)
		length--;
	return alloc_copy_bytes(text, length);
}

/* The comment above a command, the name its author gave, or how it begins. */
static char *
title_of(const char *comment, const struct fence_info *info, const char *text)
{
	if (comment != NULL)
		return alloc_copy(comment);
	return info->name != NULL ? alloc_copy(info->name) : first_line(text);
}

static void
by_hand(struct step *step, char *reason)
{
	if (step->by_hand == NULL)
		step->by_hand = reason;
	else
		free(reason);
}

static struct runbook_fence *
fence_open(struct runbook_reader *reader)
{
	struct runbook_fence *fence;

	reader->fences = alloc_room(reader->fences, reader->fence_count,
		&reader->fence_capacity, sizeof(*reader->fences));
	fence = &reader->fences[reader->fence_count++];
	*fence = (struct runbook_fence){
		.first = reader->runbook->step_count,
		.section = (int)reader->section_count - 1,
	};
	return fence;
}

/* The author's word raises a danger; it lowers one only if nothing is known of it. */
static void
apply_danger(
	struct runbook_reader *reader, struct step *step, const struct fence_info *info)
{
	if (!info->has_danger || info->danger == step->danger)
		return;
	if (info->danger > step->danger || step->danger == DANGER_CHANGE)
		step->danger = info->danger;
	else
		runbook_add_note(reader, step->line, "danger=%s is not believed: %s",
			danger_name(info->danger), step->title);
}

static void
apply_info(
	struct runbook_reader *reader, struct step *step, const struct fence_info *info)
{
	apply_danger(reader, step, info);
	if (info->interactive)
		by_hand(step,
			alloc_copy("interactive: it needs a terminal of its own"));
	if (info->background)
		by_hand(step, alloc_copy("goes on in the background"));
}

static bool
is_prompt(const char *line)
{
	line += strspn(line, " \t");
	return line[0] == '$' && line[1] == ' ';
}

static bool
has_prompts(const char *text)
{
	for (const char *line = text; *line != '\0'; line += strcspn(line, "\n")) {
		line += *line == '\n';
		if (is_prompt(line))
			return true;
	}
	return false;
}

/*
 * A session at a prompt: the lines behind "$ " and those that continue them are the
 * commands; the rest, what they printed, becomes empty lines.
 */
static char *
without_prompts(const char *text)
{
	struct str out = { 0 };
	bool continued = false;

	while (*text != '\0') {
		size_t length = strcspn(text, "\n");
		const char *line = text;

		if (is_prompt(line))
			line = strchr(line, '$') + 2;
		else if (continued && strncmp(line, "> ", 2) == 0)
			line += 2;
		else if (!continued)
			line = text + length;
		str_add_bytes(&out, line, length - (size_t)(line - text));
		continued =
			length > 0 && line < text + length && text[length - 1] == '\\';
		text += length;
		if (*text == '\n')
			str_add_char(&out, *text++);
	}
	return str_take(&out);
}

/* Comments that belong to no command: something to do if it has a number, else text. */
static void
add_remarks(struct runbook_reader *reader, const char *remarks, int line)
{
	while (remarks != NULL && *remarks != '\0') {
		size_t length = strcspn(remarks, "\n");
		char *text = alloc_copy_bytes(remarks, length);

		if (runbook_text_is_numbered(text) && !runbook_text_says_or(text))
			runbook_add_step(reader, STEP_ATTEST, text, NULL, line, NULL);
		else
			runbook_add_block(reader, BLOCK_TEXT, 0, text, line);
		remarks += length + (remarks[length] == '\n');
	}
}

/* Counts what moves the database, and says what a person has to run. */
static void
judge_shell(struct runbook_reader *reader, struct step *step,
	const struct shell_command *command)
{
	struct runbook_section *section = &reader->sections[reader->section_count - 1];

	if (command->doubtful)
		by_hand(step, alloc_copy("not understood: kept whole"));
	if (runbook_text_is_request(step->command))
		by_hand(step, alloc_copy("a request, not a command"));
	by_hand(step, shell_by_hand(step->command, step->danger));
	if (shell_changes_state(step->command)) {
		free(section->state);
		section->state = first_line(step->command);
	} else if (section->state != NULL) {
		by_hand(step,
			alloc_printf("needs what stands above it: %s", section->state));
	}
	if (step->danger > DANGER_READ && runbook_text_is_conditional(command->title))
		by_hand(step,
			alloc_printf("only under a condition: %s", command->title));
}

static void
count_moves(struct runbook_fence *fence, const char *command)
{
	struct shell_words words;
	struct migration_call *calls;
	size_t count;

	shell_words_read(command, &words);
	count = migration_calls(&words, &calls);
	for (size_t i = 0; i < count; i++) {
		if (!calls[i].offline)
			fence->moves[calls[i].verb]++;
	}
	migration_calls_free(calls, count);
	shell_words_free(&words);
}

static void
fence_choice(struct runbook_fence *fence, const char *reason)
{
	if (fence->choice == NULL && reason != NULL)
		fence->choice = alloc_copy(reason);
}

/* Comments that offer another way make alternatives of all that is in the fence. */
static void
look_for_or(struct runbook_fence *fence, const char *title, const char *remarks)
{
	if (title != NULL && runbook_text_says_or(title))
		fence_choice(fence, title);
	while (remarks != NULL && *remarks != '\0') {
		size_t length = strcspn(remarks, "\n");
		char *text = alloc_copy_bytes(remarks, length);

		if (runbook_text_says_or(text))
			fence_choice(fence, text);
		free(text);
		remarks += length + (remarks[length] == '\n');
	}
}

/* Installers of different systems are never all meant. */
static void
look_for_installers(struct runbook_fence *fence, const char *command)
{
	static const char *const names[] = { "apk", "apt", "apt-get", "brew", "choco",
		"dnf", "pacman", "winget", "yum", "zypper" };
	struct shell_words words;

	shell_words_read(command, &words);
	for (size_t i = 0; i < words.count; i++) {
		const struct strlist *list = &words.items[i].words;
		const char *name = shell_words_name(list, shell_words_inner(list));

		for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
			if (strcmp(name, names[k]) != 0)
				continue;
			if (fence->installer != NULL && fence->installer != names[k])
				fence_choice(fence, "installers of different systems");
			fence->installer = names[k];
		}
	}
	shell_words_free(&words);
}

static void
add_shell_step(struct runbook_reader *reader, const struct markdown_block *code,
	const struct fence_info *info, const struct shell_command *command)
{
	struct runbook_fence *fence = &reader->fences[reader->fence_count - 1];
	int line = code->line + command->line - 1;
	struct step *step;

	look_for_or(fence, command->title, command->remarks);
	add_remarks(reader, command->remarks, line);
	step = runbook_add_step(reader, STEP_SHELL,
		title_of(command->title, info, command->text),
		alloc_copy(command->text), line, info->name);
	if (step == NULL) {
		runbook_add_block(
			reader, BLOCK_CODE, 0, alloc_copy(command->text), line);
		return;
	}
	step->danger = danger_of_shell(step->command);
	placeholder_find(step->command, &step->inputs);
	count_moves(fence, step->command);
	look_for_installers(fence, step->command);
	apply_info(reader, step, info);
	judge_shell(reader, step, command);
}

static void
add_code(struct runbook_reader *reader, const struct markdown_block *code)
{
	runbook_add_block(
		reader, BLOCK_CODE, code->level, alloc_copy(code->text), code->line);
}

static bool
all_are_requests(const struct shell_split *split)
{
	for (size_t i = 0; i < split->count; i++) {
		if (!runbook_text_is_request(split->commands[i].text))
			return false;
	}
	return true;
}

static void
read_shell(struct runbook_reader *reader, const struct markdown_block *code,
	const struct fence_info *info)
{
	char *text = info->language == FENCE_CONSOLE || has_prompts(code->text)
			     ? without_prompts(code->text)
			     : alloc_copy(code->text);
	struct shell_split split;

	shell_split(text, strlen(text), &split);
	if (all_are_requests(&split)) { /* also when there is no command at all */
		add_code(reader, code);
	} else {
		struct runbook_fence *fence = fence_open(reader);

		for (size_t i = 0; i < split.count; i++)
			add_shell_step(reader, code, info, &split.commands[i]);
		look_for_or(fence, NULL, split.remarks);
		add_remarks(reader, split.remarks, code->line);
		fence->count = reader->runbook->step_count - fence->first;
	}
	shell_split_free(&split);
	free(text);
}

static bool
controls_transaction(const char *statement)
{
	static const char *const words[] = { "abort", "begin", "commit", "end",
		"prepare", "release", "rollback", "savepoint", "start" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t length = strlen(words[i]);

		if (strncasecmp(statement, words[i], length) == 0 &&
			strchr(" \t\n;", statement[length]) != NULL)
			return true;
	}
	return false;
}

static void
judge_sql(struct step *step, const struct sql_statement *statement, bool transaction)
{
	if (statement->meta)
		by_hand(step, alloc_copy("a command of psql"));
	if (statement->doubtful)
		by_hand(step, alloc_copy("not understood: kept whole"));
	if (!shell_text_is_visible(step->command))
		by_hand(step, alloc_copy("has characters that don't show"));
	if (transaction)
		by_hand(step,
			alloc_copy("part of a transaction over several statements"));
	if (strncasecmp(step->command, "set ", 4) == 0 ||
		strncasecmp(step->command, "reset ", 6) == 0)
		by_hand(step, alloc_copy("changes the session's own state"));
	if (step->danger > DANGER_READ && runbook_text_is_conditional(statement->title))
		by_hand(step,
			alloc_printf("only under a condition: %s", statement->title));
}

static void
read_sql(struct runbook_reader *reader, const struct markdown_block *code,
	const struct fence_info *info)
{
	struct runbook_fence *fence = fence_open(reader);
	struct sql_split split;
	bool transaction = false;

	sql_split(code->text, strlen(code->text), &split);
	for (size_t i = 0; i < split.count; i++)
		transaction =
			transaction || controls_transaction(split.statements[i].text);
	for (size_t i = 0; i < split.count; i++) {
		const struct sql_statement *statement = &split.statements[i];
		int line = code->line + statement->line - 1;
		struct step *step = runbook_add_step(reader, STEP_SQL,
			title_of(statement->title, info, statement->text),
			alloc_copy(statement->text), line, info->name);

		if (step == NULL)
			break;
		look_for_or(fence, statement->title, NULL);
		step->danger = danger_of_sql(step->command);
		placeholder_find(step->command, &step->inputs);
		apply_info(reader, step, info);
		judge_sql(step, statement, transaction);
	}
	fence->count = reader->runbook->step_count - fence->first;
	sql_split_free(&split);
}

/* One action; its comment, or what it asks or says, is its title. */
static bool
add_action(struct runbook_reader *reader, const struct fence_info *info,
	const char *text, const char *comment, int line)
{
	struct action action;
	struct step *step;

	if (!action_parse(text, &action, reader->error))
		return error_prefix(reader->error, "line %d", line);
	step = runbook_add_step(reader, STEP_ACTION,
		alloc_copy(comment[0] != '\0'	 ? comment
			   : action.text != NULL ? action.text
						 : text),
		alloc_copy(text), line, info->name);
	if (step == NULL) {
		action_free(&action);
		return true;
	}
	step->action = action;
	step->danger = danger_of_action(&action);
	if (action.target != NULL)
		placeholder_find(action.target, &step->inputs);
	apply_info(reader, step, info);
	if (!shell_text_is_visible(text))
		by_hand(step, alloc_copy("has characters that don't show"));
	return true;
}

static bool
read_actions(struct runbook_reader *reader, const struct markdown_block *code,
	const struct fence_info *info)
{
	struct str comment = { 0 };
	const char *at = code->text;
	bool good = true;

	for (int line = code->line; good && *at != '\0'; line++) {
		size_t length = strcspn(at, "\n"), blanks = strspn(at, " \t");
		char *text;

		blanks = blanks < length ? blanks : length;
		text = alloc_copy_bytes(at + blanks, length - blanks);
		if (text[0] == '#') {
			if (comment.length > 0)
				str_add_char(&comment, ' ');
			str_add(&comment, text + strspn(text, "# "));
		} else if (text[0] == '\0') {
			str_clear(&comment);
		} else {
			good = add_action(reader, info, text, str_text(&comment), line);
			str_clear(&comment);
		}
		free(text);
		at += length + (at[length] == '\n');
	}
	str_free(&comment);
	return good;
}

/* One of several ways by its heading, an item it stands in, or what leads to it. */
static void
look_for_choice(struct runbook_reader *reader, const struct markdown_block *code)
{
	struct runbook_fence *fence = &reader->fences[reader->fence_count - 1];
	const struct runbook_section *section = &reader->sections[fence->section];
	const char *heading = section->heading >= 0
				      ? reader->runbook->blocks[section->heading].text
				      : NULL;

	if (runbook_text_is_collection(heading))
		fence_choice(fence, heading);
	if (runbook_text_is_collection(code->lead))
		fence_choice(fence, code->lead);
	for (int at = code->parent; at >= 0; at = reader->markdown->blocks[at].parent) {
		if (runbook_text_is_option(reader->markdown->blocks[at].text))
			fence_choice(fence, reader->markdown->blocks[at].text);
	}
	for (int at = fence->section; at >= 0; at = reader->sections[at].parent) {
		int block = reader->sections[at].heading;

		if (block >= 0 &&
			runbook_text_is_option(reader->runbook->blocks[block].text))
			fence_choice(fence, reader->runbook->blocks[block].text);
	}
	if (!runbook_text_says_or(code->lead))
		return;
	fence_choice(fence, code->lead); /* and what it is the other way of */
	if (reader->fence_count > 1 && fence[-1].section == fence->section)
		fence_choice(&fence[-1], code->lead);
}

static bool
is_shown_only(const struct markdown_block *code, const struct fence_info *info)
{
	return info->language == FENCE_SHOWN || info->ignore ||
	       strlen(code->text) > RUNBOOK_FENCE_MAX ||
	       (info->language != FENCE_ACTIONS && runbook_text_is_sample(code->lead));
}

bool
runbook_read_fence(struct runbook_reader *reader, const struct markdown_block *code)
{
	size_t fences = reader->fence_count;
	struct fence_info info;
	bool good = true;

	fence_info_read(code->info, &info);
	for (size_t i = 0; i < info.problems.count; i++)
		runbook_add_note(reader, code->line, "%s", info.problems.items[i]);
	if (is_shown_only(code, &info))
		add_code(reader, code);
	else if (info.language == FENCE_ACTIONS)
		good = read_actions(reader, code, &info);
	else if (info.language == FENCE_SQL)
		read_sql(reader, code, &info);
	else
		read_shell(reader, code, &info);
	if (reader->fence_count > fences)
		look_for_choice(reader, code);
	fence_info_free(&info);
	return good;
}
