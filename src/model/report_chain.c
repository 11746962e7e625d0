#include <inttypes.h>

#include "pgrunbook/model/report.h"

static void
add_verdict(const struct log_check *check, struct str *out)
{
	if (check->bad_line != 0)
		str_printf(out,
			"Line %zu doesn't hold: %s. It and what follows prove "
			"nothing.\n",
			check->bad_line, check->why);
	else if (!log_check_holds(check))
		str_printf(out,
			"Line %zu is no entry, and nothing says that a write was cut "
			"short there.\n",
			check->tail[0].line);
	else
		str_printf(out,
			"All %zu entries hold: each has the hash of the one before it, "
			"so none was changed, moved or taken out while the head hash "
			"is this one.\n",
			check->entries);
}

static void
add_torn(const struct log_check *check, struct str *out)
{
	if (check->torn > 0)
		str_printf(out,
			"%zu torn %s accounted for by the entry after it: a write was "
			"cut short there.\n",
			check->torn, check->torn == 1 ? "line is" : "lines are");
	if (log_check_holds(check) && check->tail_count > 0)
		str_add(out,
			"The last line is torn, as a crash leaves it: an entry may "
			"be missing there.\n");
}

static void
add_limits(const struct log_check *check, struct str *out)
{
	str_add(out, "The chain alone doesn't show that entries were cut off at the "
		     "end, or that all of it was written anew.");
	if (check->bad_line != 0) {
		str_add(out,
			" What stood in the lines that don't hold, only a copy can "
			"say whose closing entry has the hash that was shown at the "
			"close, and handed to the system log.\n");
		return;
	}
	if (check->closed_seq == 0) {
		str_add(out, " The incident was never closed, so no hash of it was "
			     "given to anybody yet.\n");
		return;
	}
	str_printf(out,
		" For that, compare the hash of the closing entry, number %" PRIu64
		", with what was shown when the incident was closed, and handed to the "
		"system log: %s.",
		check->closed_seq, check->closed_head);
	if (check->last_seq > check->closed_seq)
		str_printf(out,
			" What was added after it (%" PRIu64 " of the entries) is in "
			"neither.",
			check->last_seq - check->closed_seq);
	str_add(out, "\n");
}

void
report_chain(const struct log_check *check, struct str *out)
{
	add_verdict(check, out);
	if (check->bad_line == 0)
		str_printf(out, "Head hash: %s\n", check->head);
	else if (check->last_seq > 0)
		str_printf(out, "Hash of the last entry before it: %s\n", check->head);
	add_torn(check, out);
	add_limits(check, out);
}
