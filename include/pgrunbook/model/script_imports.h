/* By what names a version file knows alembic.op and what is in it. */
#ifndef PGRUNBOOK_MODEL_SCRIPT_IMPORTS_H
#define PGRUNBOOK_MODEL_SCRIPT_IMPORTS_H

#include "pgrunbook/model/python_lex.h"

enum script_import_kind {
	IMPORT_OPERATIONS, /* alembic.op */
	IMPORT_ALEMBIC,	   /* the package, which has it */
	IMPORT_OPERATION   /* one of its functions */
};

struct script_import {
	enum script_import_kind kind;
	struct python_token name;
	struct python_token operation; /* of IMPORT_OPERATION: as alembic calls it */
};

/* More names than these aren't followed. */
enum { SCRIPT_IMPORTS = 64 };

struct script_imports {
	struct script_import items[SCRIPT_IMPORTS];
	size_t count;
	bool star; /* from alembic.op import * */
};

/*
 * Reads the imports of the whole file, those in functions too.  A file that imports
 * nothing of it means the usual `op`.
 */
void script_imports_read(struct python_lexer lexer, struct script_imports *names);
/* NULL: it is none of them. */
const struct script_import *script_imports_find(
	const struct script_imports *names, const struct python_token *name);

/* Whether both tokens are written alike. */
bool python_token_same(const struct python_token *a, const struct python_token *b);

#endif
