#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/model/runbook_reader.h"
#include "pgrunbook/model/shell_hand.h"

static const enum migration_verb moving[] = { MIGRATION_UPGRADE, MIGRATION_DOWNGRADE,
	MIGRATION_STAMP };

enum { MOVING_COUNT = sizeof(moving) / sizeof(moving[0]) };

static int
fence_moves(const struct runbook_fence *fence)
{
	int moves = 0;

	for (int i = 0; i < MOVING_COUNT; i++)
		moves += fence->moves[moving[i]];
	return moves;
}

static bool
is_alternative(const struct step *step)
{
	return step->by_hand != NULL && strncmp(step->by_hand, "a choice", 8) == 0;
}

static void
mark_step(struct step *step, const char *reason)
{
	if (is_alternative(step) || step->kind == STEP_ATTEST ||
		(step->kind == STEP_SHELL && shell_changes_state(step->command)))
		return;
	free(step->by_hand);
	step->by_hand = alloc_printf("a choice between alternatives: %s", reason);
}

/* Marks the steps of the fence that move the database: by `verb`, or by any. */
static void
mark_moves(struct runbook_reader *reader, const struct runbook_fence *fence,
	enum migration_verb verb, const char *reason)
{
	for (size_t i = fence->first; i < fence->first + fence->count; i++) {
		struct step *step = &reader->runbook->steps[i];
		struct migration_call *calls;
		struct shell_words words;
		bool moves = false;
		size_t count;

		if (step->kind != STEP_SHELL)
			continue;
		shell_words_read(step->command, &words);
		count = migration_calls(&words, &calls);
		for (size_t k = 0; k < count; k++) {
			for (int v = 0; v < MOVING_COUNT; v++)
				moves = moves || (calls[k].verb == moving[v] &&
							 (verb == MIGRATION_NONE ||
								 verb == moving[v]));
		}
		migration_calls_free(calls, count);
		shell_words_free(&words);
		if (moves)
			mark_step(step, reason);
	}
}

/* A fence that offers ways, or says where to go more than once. */
static void
mark_fences(struct runbook_reader *reader)
{
	for (size_t i = 0; i < reader->fence_count; i++) {
		const struct runbook_fence *fence = &reader->fences[i];
		const char *reason = fence->choice;

		if (reason == NULL && fence_moves(fence) > 1)
			reason = "several of these move the database";
		for (size_t k = 0; reason != NULL && k < fence->count; k++)
			mark_step(&reader->runbook->steps[fence->first + k], reason);
	}
}

/* Fences of one section that each move the database. */
static void
mark_sections(struct runbook_reader *reader)
{
	for (size_t i = 0; i < reader->fence_count; i++) {
		int section = reader->fences[i].section, moves = 0;
		size_t end = i;

		for (; end < reader->fence_count &&
			reader->fences[end].section == section;
			end++)
			moves += fence_moves(&reader->fences[end]);
		for (; i < end; i++) {
			if (moves > 1)
				mark_moves(reader, &reader->fences[i], MIGRATION_NONE,
					"several commands of this section move the "
					"database");
		}
		i--;
	}
}

/* The section below `parent` that holds `section`; -1: none. */
static int
child_of(const struct runbook_reader *reader, int parent, int section)
{
	while (section >= 0 && reader->sections[section].parent != parent)
		section = reader->sections[section].parent;
	return section;
}

/*
 * Sections beside each other that do the same are cases to choose from: "last
 * migration" and "specific version", "production" and "staging".  Not those right below
 * a title: a document may well upgrade in two of its chapters.
 */
static void
mark_siblings(struct runbook_reader *reader, enum migration_verb verb)
{
	for (size_t i = 0; i < reader->fence_count; i++) {
		const struct runbook_fence *fence = &reader->fences[i];
		int parent = reader->sections[fence->section].parent;
		bool several = false;

		for (; fence->moves[verb] > 0 && parent >= 0 && !several;
			parent = reader->sections[parent].parent) {
			int own = child_of(reader, parent, fence->section);

			if (reader->sections[parent].level < 2)
				break;
			for (size_t k = 0; k < reader->fence_count && !several; k++) {
				int other = child_of(
					reader, parent, reader->fences[k].section);

				several = reader->fences[k].moves[verb] > 0 &&
					  other >= 0 && other != own;
			}
		}
		if (several)
			mark_moves(reader, fence, verb,
				"another section beside this one does it, too");
	}
}

/* Two downgrades in one document are never a sequence that should just be followed. */
static void
mark_downgrades(struct runbook_reader *reader)
{
	int downgrades = 0;
	char *reason;

	for (size_t i = 0; i < reader->fence_count; i++)
		downgrades += reader->fences[i].moves[MIGRATION_DOWNGRADE];
	if (downgrades < 2)
		return;
	reason = alloc_printf("this runbook downgrades in %d places", downgrades);
	for (size_t i = 0; i < reader->fence_count; i++) {
		if (reader->fences[i].moves[MIGRATION_DOWNGRADE] > 0)
			mark_moves(reader, &reader->fences[i], MIGRATION_DOWNGRADE,
				reason);
	}
	free(reason);
}

void
runbook_mark_choices(struct runbook_reader *reader)
{
	mark_fences(reader);
	mark_sections(reader);
	for (int i = 0; i < MOVING_COUNT; i++)
		mark_siblings(reader, moving[i]);
	mark_downgrades(reader);
}
