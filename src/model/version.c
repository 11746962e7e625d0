#include "pgrunbook/model/version.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"

void
version_candidate_free(struct version_candidate *candidate)
{
	free(candidate->name);
	free(candidate->oid);
	free(candidate->grant);
	strlist_free(&candidate->rows);
	*candidate = (struct version_candidate){ 0 };
}

void
version_candidate_copy(
	struct version_candidate *to, const struct version_candidate *from)
{
	*to = *from;
	to->name = alloc_copy(from->name);
	to->oid = alloc_copy(from->oid);
	to->grant = alloc_copy(from->grant);
	to->rows = (struct strlist){ 0 };
	strlist_copy(&to->rows, &from->rows);
}

void
version_rows_copy(struct version_rows *to, const struct version_rows *from)
{
	*to = *from;
	to->name = alloc_copy(from->name);
	to->grant = alloc_copy(from->grant);
	to->rows = (struct strlist){ 0 };
	strlist_copy(&to->rows, &from->rows);
	to->candidates = alloc_zeroed(from->candidate_count, sizeof(*to->candidates));
	for (size_t i = 0; i < from->candidate_count; i++)
		version_candidate_copy(&to->candidates[i], &from->candidates[i]);
}

void
version_rows_free(struct version_rows *rows)
{
	free(rows->name);
	free(rows->grant);
	strlist_free(&rows->rows);
	for (size_t i = 0; i < rows->candidate_count; i++)
		version_candidate_free(&rows->candidates[i]);
	free(rows->candidates);
	*rows = (struct version_rows){ 0 };
}

const char *
version_hazard_words(enum version_hazard hazard)
{
	switch (hazard) {
	case VERSION_SAFE:
		break;
	case VERSION_HAZARD_POLICY:
		return "has row security that could hide rows from this role: look as "
		       "its owner or as a role with BYPASSRLS";
	case VERSION_HAZARD_VIEW:
		return "is a view or a foreign table of another role's: to read it "
		       "would run what that role wrote, with the rights of this one";
	case VERSION_HAZARD_TYPE:
		return "has a version_num whose type isn't PostgreSQL's own: to read "
		       "it could run another role's code with the rights of this one";
	case VERSION_HAZARD_EXPRESSION:
		return "has an index or statistics on an expression: to read it could "
		       "run another role's code with the rights of this one";
	case VERSION_HAZARD_PARTS:
		return "has partitions or children of another role's: to read them "
		       "could run that role's code with the rights of this one";
	}
	return NULL;
}

static enum version_table
version_candidate_state(const struct version_candidate *candidate)
{
	if (!candidate->column)
		return VERSION_TABLE_OTHER;
	if (*candidate->grant != '\0')
		return VERSION_TABLE_NOT_PERMITTED;
	if (candidate->hazard != VERSION_SAFE)
		return VERSION_TABLE_UNSAFE;
	return candidate->read ? VERSION_TABLE_READ : VERSION_TABLE_NOT_READ;
}

void
version_rows_take(struct version_rows *rows, const struct version_candidate *candidate)
{
	/* The candidate may be one of the rows' own. */
	struct version_rows taken = {
		.table = version_candidate_state(candidate),
		.name = alloc_copy(candidate->name),
		.grant = alloc_copy(candidate->grant),
		.hazard = candidate->hazard,
		.null_rows = candidate->null_rows,
		.more = candidate->more,
		.id_length = candidate->id_length,
		.read_us = rows->read_us,
	};

	strlist_copy(&taken.rows, &candidate->rows);
	version_rows_free(rows);
	*rows = taken;
}

/* One part up to a dot or the end; NULL if there is none.  `text` moves behind it. */
static char *
version_name_part(const char **text)
{
	struct str part = { 0 };
	const char *at = *text;

	if (*at != '"') {
		size_t length = strcspn(at, ".");

		*text = at + length;
		return length == 0 ? NULL : alloc_copy_bytes(at, length);
	}
	for (at++; *at != '\0' && (*at != '"' || at[1] == '"'); at++) {
		at += *at == '"';
		str_add_char(&part, *at);
	}
	if (*at != '"' || part.length == 0) {
		str_free(&part);
		return NULL;
	}
	*text = at + 1;
	return str_take(&part);
}

bool
version_name_parse(const char *text, char **schema, char **name)
{
	*schema = NULL;
	*name = version_name_part(&text);
	if (*name != NULL && *text == '.') {
		text++;
		*schema = *name;
		*name = version_name_part(&text);
	}
	if (*name != NULL && *text == '\0')
		return true;
	free(*schema);
	free(*name);
	*schema = *name = NULL;
	return false;
}

static void
version_name_quote(const char *part, struct str *out)
{
	str_add_char(out, '"');
	for (; *part != '\0'; part++) {
		if (*part == '"')
			str_add_char(out, '"');
		str_add_char(out, *part);
	}
	str_add_char(out, '"');
}

char *
version_name_make(const char *schema, const char *name)
{
	struct str out = { 0 };

	if (schema != NULL) {
		version_name_quote(schema, &out);
		str_add_char(&out, '.');
	}
	version_name_quote(name, &out);
	return str_take(&out);
}
