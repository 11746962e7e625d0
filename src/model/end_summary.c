#include "pgrunbook/model/end_summary.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"

enum { PIDS_TOLD = 3 }; /* of each outcome: the log has them all */

void
end_summary_add(struct end_summary *summary, int pid, bool ended, const char *outcome)
{
	struct end_outcome *other = NULL;

	summary->told++;
	if (ended) {
		summary->ended++;
		return;
	}
	for (size_t i = 0; i < summary->other_count; i++) {
		if (strcmp(summary->others[i].words, outcome) == 0)
			other = &summary->others[i];
	}
	if (other == NULL) {
		summary->others = alloc_room(summary->others, summary->other_count,
			&summary->other_capacity, sizeof(*summary->others));
		other = &summary->others[summary->other_count++];
		*other = (struct end_outcome){ .words = alloc_copy(outcome) };
	}
	other->pids = alloc_room(
		other->pids, other->count, &other->capacity, sizeof(*other->pids));
	other->pids[other->count++] = pid;
}

char *
end_summary_words(const struct end_summary *summary, bool terminate)
{
	struct str words = { 0 };

	str_printf(&words, "%zu of %zu sessions %s", summary->ended, summary->asked,
		terminate ? "were terminated" : "had their query cancelled");
	for (size_t i = 0; i < summary->other_count; i++) {
		const struct end_outcome *other = &summary->others[i];

		for (size_t pid = 0; pid < other->count && pid < PIDS_TOLD; pid++)
			str_printf(&words, "%s%d", pid == 0 ? "; " : ", ",
				other->pids[pid]);
		if (other->count > PIDS_TOLD)
			str_printf(&words, " and %zu more", other->count - PIDS_TOLD);
		str_printf(&words, ": %s", other->words);
	}
	return str_take(&words);
}

void
end_summary_free(struct end_summary *summary)
{
	for (size_t i = 0; i < summary->other_count; i++) {
		free(summary->others[i].words);
		free(summary->others[i].pids);
	}
	free(summary->others);
	*summary = (struct end_summary){ 0 };
}
