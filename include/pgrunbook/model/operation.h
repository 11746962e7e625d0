/*
 * What Alembic's operations work on: which of their arguments names the table, which
 * the column, index or constraint.  From the signatures of alembic.operations
 * (Operations and BatchOperations, 1.19), with the keywords of older ones.
 */
#ifndef PGRUNBOOK_MODEL_OPERATION_H
#define PGRUNBOOK_MODEL_OPERATION_H

#include "pgrunbook/base/str.h"
#include "pgrunbook/model/script.h"

enum operation_part {
	OPERATION_TABLE,
	OPERATION_COLUMN,
	OPERATION_INDEX,
	OPERATION_CONSTRAINT,
	OPERATION_SQL,
	OPERATION_PARTS
};

/* Whether Alembic has an operation of this name. */
bool operation_is_known(const char *name, size_t length);

/*
 * The name that the call gives for this part, or its SQL; NULL if it has none, or
 * computes it, which *computed tells (may be NULL).
 */
const char *script_call_part(
	const struct script_call *call, enum operation_part part, bool *computed);
const char *script_call_table(const struct script_call *call);
const char *script_call_column(const struct script_call *call);

/*
 * What it works on, as it is shown: "invoices.tax_region", "ix_note on invoices",
 * "invoices.(computed)"; "" of a call that names nothing.  The caller owns it.
 */
char *script_call_target(const struct script_call *call);

#endif
