#include <stdlib.h>
#include <string.h>

#include "pgrunbook/app/command_log_parts.h"
#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/strlist.h"
#include "pgrunbook/base/text.h"

enum { LISTED = 8, NEAR = 3 };

/* The length of the longest run of characters that both have. */
static size_t
common_run(const char *a, const char *b)
{
	size_t longest = 0;

	for (const char *from = a; *from; from++) {
		for (const char *at = b; *at; at++) {
			size_t run = 0;

			while (from[run] && from[run] == at[run])
				run++;
			if (run > longest)
				longest = run;
		}
	}
	return longest;
}

static void
list_names(const struct strlist *names, struct str *complaints)
{
	for (size_t i = 0; i < names->count && i < LISTED; i++) {
		char *name = text_sanitized(names->items[i]);

		str_printf(complaints, "  %s\n", name);
		free(name);
	}
	if (names->count > LISTED)
		str_printf(complaints, "  and %zu more: `pgrunbook log` lists all\n",
			names->count - LISTED);
}

/* The names that have the most in common with `part`, or the newest. */
static void
complain_unknown(const struct strlist *names, const char *part, struct str *complaints)
{
	struct strlist near = { 0 };
	size_t longest = NEAR;
	char *clean = text_sanitized(part);

	for (size_t i = 0; i < names->count; i++) {
		size_t run = common_run(part, names->items[i]);

		if (run > longest) {
			strlist_free(&near);
			longest = run;
		}
		if (run == longest)
			strlist_add(&near, names->items[i]);
	}
	str_printf(complaints, "pgrunbook log: there is no incident \"%s\".", clean);
	if (near.count > 0)
		str_add(complaints, "  Is it one of these?\n");
	else if (names->count > 0)
		str_add(complaints, "  The newest are:\n");
	else
		str_add(complaints, "  There is none at all.\n");
	list_names(near.count > 0 ? &near : names, complaints);
	strlist_free(&near);
	free(clean);
}

static char *
find_among(const struct strlist *names, const char *part, struct str *complaints)
{
	struct strlist found = { 0 };
	char *id = NULL;

	for (size_t i = 0; i < names->count; i++) {
		if (strcmp(names->items[i], part) == 0 ||
			(i == 0 && strcmp(part, "last") == 0)) {
			strlist_free(&found);
			return alloc_copy(names->items[i]);
		}
		if (*part && strstr(names->items[i], part))
			strlist_add(&found, names->items[i]);
	}
	if (found.count == 1) {
		id = alloc_copy(found.items[0]);
	} else if (found.count > 1) {
		char *clean = text_sanitized(part);

		str_printf(complaints,
			"pgrunbook log: \"%s\" could be any of %zu incidents:\n", clean,
			found.count);
		list_names(&found, complaints);
		free(clean);
	} else {
		complain_unknown(names, part, complaints);
	}
	strlist_free(&found);
	return id;
}

char *
log_find(const char *root, const char *part, struct str *complaints)
{
	struct strlist names = { 0 };
	struct error error = { 0 };
	char *id = NULL;

	if (incident_names(root, &names, &error)) {
		id = find_among(&names, part, complaints);
	} else {
		str_printf(complaints, "pgrunbook log: %s\n", error.message);
		error_clear(&error);
	}
	strlist_free(&names);
	return id;
}
