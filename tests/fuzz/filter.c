/* Any text is a filter or is told why not; `not` turns the answer of one term round. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/model/session_filter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
check(const char *text, const struct session *session, bool *fits)
{
	struct error error = { 0 };
	struct session_filter *filter = session_filter_parse(text, &error);

	if ((filter == NULL) != (error.message != NULL))
		abort();
	if (filter != NULL)
		*fits = session_filter_matches(filter, session, INT64_C(1) << 40);
	bool parsed = filter != NULL;
	error_clear(&error);
	session_filter_free(filter);
	return parsed;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = alloc_copy_bytes((const char *)data, size);
	char *negated = alloc_printf("not %s", text);
	char *twice = alloc_printf("%s %s", text, text);
	char *against = alloc_printf("%s not %s", text, text);
	struct session session = { .pid = 4312,
		.state = SESSION_IDLE_IN_TRANSACTION,
		.query_start_us = 1,
		.state_change_us = 1,
		.user = text,
		.query = text,
		.wait_type = text,
		.wait_event = text,
		.backend_type = (char[]){ "client backend" },
		.xmin_age = 7 };
	struct session_list list = { .items = &session, .count = 1 };
	struct strlist candidates = { 0 };
	bool fits = false, other = false;

	if (check(text, &session, &fits)) {
		if (!check(twice, &session, &other) || other != fits)
			abort();
		/* Whatever the terms are, they and the opposite of the first aren't. */
		if (check(against, &session, &other) && other)
			abort();
	}
	check(negated, &session, &other);
	session_filter_complete(text, &list, &candidates);
	strlist_free(&candidates);
	free(text);
	free(negated);
	free(twice);
	free(against);
	return 0;
}
