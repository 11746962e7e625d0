/*
 * Alembic's version table as it was found and read: which one it is of several, what
 * it says.  The texts are the server's: hostile until they are sanitised.
 */
#ifndef PGRUNBOOK_MODEL_VERSION_H
#define PGRUNBOOK_MODEL_VERSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pgrunbook/base/strlist.h"

enum {
	/* Rows that are read of one table: each is a head, and nobody has that many. */
	VERSION_ROWS_MOST = 1000,
	/* What is read of each to tell several tables apart. */
	VERSION_CANDIDATES_READ = 50,
	VERSION_CANDIDATE_ROWS = 100
};

enum version_table {
	VERSION_TABLE_NOT_READ, /* no connection yet, or locked since we came */
	VERSION_TABLE_MISSING,
	VERSION_TABLE_OTHER,	     /* of that name, without a column version_num */
	VERSION_TABLE_NOT_PERMITTED, /* it is there; SELECT is not granted */
	VERSION_TABLE_UNSAFE,	     /* it is there; enum version_hazard says why not */
	VERSION_TABLE_SEVERAL,	     /* several candidates and none configured */
	VERSION_TABLE_READ
};

/*
 * What speaks against reading a table.  But for the first, it is what its owner could
 * have run with our rights; that our own role and superusers own counts as safe.
 */
enum version_hazard {
	VERSION_SAFE,
	VERSION_HAZARD_POLICY,	   /* row security could hide rows from us */
	VERSION_HAZARD_VIEW,	   /* or a foreign table */
	VERSION_HAZARD_TYPE,	   /* ids of a type that isn't PostgreSQL's own */
	VERSION_HAZARD_EXPRESSION, /* indexed or in statistics: planning computes it */
	VERSION_HAZARD_PARTS	   /* partitions or children, with all of these */
};

/* A table that may be the one. */
struct version_candidate {
	char *name;  /* quoted, with schema */
	char *oid;   /* as the server prints it */
	char *grant; /* SQL that would let us read it; "" if we may */
	bool view;   /* or foreign: never read unless it is named */
	enum version_hazard hazard;
	bool column;	     /* it has version_num */
	bool visible;	     /* on the search path */
	bool locked;	     /* a look would have to wait */
	bool read;	     /* `rows` are its rows */
	int id_length;	     /* the longest id that fits, in characters; 0: any */
	struct strlist rows; /* sorted */
	size_t null_rows;    /* rows without an id */
	bool more;	     /* there are more rows than were read */
};

struct version_rows {
	enum version_table table;
	char *name; /* quoted, with schema; NULL unless it is known which it is */
	struct strlist rows; /* sorted; empty: base */
	size_t null_rows;    /* rows without an id: somebody's mistake */
	bool more;	     /* there are more than VERSION_ROWS_MOST */
	int id_length;	     /* the longest id that fits, in characters; 0: any */
	char *grant;	     /* SQL that is missing, of NOT_PERMITTED */
	enum version_hazard hazard; /* of UNSAFE */
	/* SEVERAL: all of them.  MISSING: views and foreign tables that have the name.
	 */
	struct version_candidate *candidates;
	size_t candidate_count;
	int64_t read_us; /* when, by our clock: older than the snapshot while the table
			  * is locked, because a look would have to wait */
};

/* "is a view ...": why it isn't read, and what to do; NULL for none.  Static. */
const char *version_hazard_words(enum version_hazard hazard);

void version_rows_copy(struct version_rows *to, const struct version_rows *from);
void version_rows_free(struct version_rows *rows);

void version_candidate_copy(
	struct version_candidate *to, const struct version_candidate *from);
void version_candidate_free(struct version_candidate *candidate);
/* Makes `rows` those of the candidate, whatever they were before. */
void version_rows_take(
	struct version_rows *rows, const struct version_candidate *candidate);

/*
 * The parts of "schema.name" or "name", each perhaps in double quotes as PostgreSQL
 * writes them; without quotes a name keeps its case, as in Alembic's settings.
 * *schema is NULL if there is none.  False if it is neither.  The caller owns both.
 */
bool version_name_parse(const char *text, char **schema, char **name);
/* The other way, with quotes around both; `schema` may be NULL.  The caller owns it. */
char *version_name_make(const char *schema, const char *name);

#endif
