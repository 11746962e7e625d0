/* `pgrunbook locks`: who waits for whom. */
#include "pgrunbook/app/command_look.h"
#include "pgrunbook/app/evidence.h"
#include "pgrunbook/base/duration.h"

static void
locks_line(const struct snapshot *snapshot, size_t index, struct str *out)
{
	const struct lock_row *row = lock_forest_row(snapshot->locks, index);
	struct str line = { 0 };
	char age[DURATION_TEXT];

	if (row->pid != 0)
		str_printf(&line, "%d", row->pid);
	else
		str_printf(&line, "prepared %s",
			row->prepared == NULL ? "transaction" : row->prepared->gid);
	if (row->session != NULL && row->session->user != NULL)
		str_printf(&line, " %s", row->session->user);
	if (row->session != NULL && row->session->application != NULL &&
		*row->session->application != '\0')
		str_printf(&line, " (%s)", row->session->application);
	if (row->wait != NULL)
		str_printf(&line, " waits %s for %s on %s",
			row->wait->since_us == 0
				? "?"
				: duration_format(
					  snapshot->server_now_us - row->wait->since_us,
					  age),
			row->wait->mode == NULL ? "a lock" : row->wait->mode,
			row->wait->object == NULL ? "?" : row->wait->object);
	if (row->held_up != 0)
		str_printf(&line, " holds up %zu", row->held_up);
	if (row->session != NULL && row->session->query != NULL)
		str_printf(&line, ": %s", row->session->query);
	look_line(out, row->depth * 2, str_text(&line));
	str_free(&line);
}

static int
locks_answer(void *kept, struct snapshot *snapshot, json_t **value, struct str *out)
{
	(void)kept;
	/* That nobody waits would be a guess. */
	if (snapshot->problem != NULL)
		return 2;
	if (value != NULL) {
		*value = evidence_locks(snapshot, snapshot->server_now_us);
	} else if (lock_forest_rows(snapshot->locks) == 0) {
		str_add(out, "nobody waits for a lock\n");
	} else {
		for (size_t row = 0; row < lock_forest_rows(snapshot->locks); row++)
			locks_line(snapshot, row, out);
	}
	return 0;
}

const struct look look_locks = {
	.list = "locks",
	.answer = locks_answer,
};
