/* What came of ending many sessions, in a line. */
#include "pgrunbook/model/end_summary.h"

#include <stdlib.h>

#include "tests/tap/tap.h"

static void
says(const struct end_summary *summary, bool terminate, const char *want)
{
	char *words = end_summary_words(summary, terminate);

	tap_is_text(words, want, "%s", want);
	free(words);
}

int
main(void)
{
	struct end_summary summary = { .asked = 9 };

	says(&summary, true, "0 of 9 sessions were terminated");
	end_summary_add(&summary, 1, true, "was terminated");
	end_summary_add(&summary, 2, true, "was terminated");
	says(&summary, false, "2 of 9 sessions had their query cancelled");
	end_summary_add(&summary, 3, false, "not permitted");
	end_summary_add(&summary, 4, false, "is gone already");
	end_summary_add(&summary, 5, false, "not permitted");
	says(&summary, true,
		"2 of 9 sessions were terminated; 3, 5: not permitted; 4: is gone "
		"already");
	end_summary_add(&summary, 6, false, "not permitted");
	end_summary_add(&summary, 7, false, "not permitted");
	end_summary_add(&summary, 8, false, "not permitted");
	says(&summary, true,
		"2 of 9 sessions were terminated; 3, 5, 6 and 2 more: not permitted; "
		"4: is gone already");
	tap_is_int((int)summary.told, 8, "how many were told");
	end_summary_free(&summary);
	return tap_done();
}
