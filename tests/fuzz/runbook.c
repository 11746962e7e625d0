/* Any file is a runbook or an error; its steps are whole and have names of their own.
 */
#include "pgrunbook/model/runbook.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const struct runbook *runbook)
{
	size_t shown = 0;

	if (runbook->title == NULL || runbook->name == NULL)
		abort();
	for (size_t i = 0; i < runbook->block_count; i++) {
		const struct block *block = &runbook->blocks[i];

		if (block->kind == BLOCK_STEP && block->step != (int)shown++)
			abort();
		if (block->kind != BLOCK_STEP && block->text == NULL)
			abort();
	}
	if (shown != runbook->step_count)
		abort();
	for (size_t i = 0; i < runbook->step_count; i++) {
		const struct step *step = &runbook->steps[i];
		struct strlist revisions = { 0 };

		if (step->title == NULL || step->line < 1 ||
			runbook_find_step(runbook, step->id) != (int)i ||
			(step->command == NULL) != (step->kind == STEP_ATTEST))
			abort();
		runbook_literal_revisions(step, &revisions);
		strlist_free(&revisions);
		if (step->command != NULL &&
			runbook_filled_danger(step, step->command) < step->danger)
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error error = { 0 };
	struct runbook *runbook =
		runbook_read("fuzz.md", (const char *)data, size, &error);

	if (runbook != NULL)
		check(runbook);
	else if (error.message == NULL)
		abort();
	runbook_free(runbook);
	error_clear(&error);
	return 0;
}
