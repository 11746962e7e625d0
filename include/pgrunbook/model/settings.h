/*
 * The sections [pgrunbook] and [thresholds] of pgrunbook.ini or alembic.ini.  A key
 * that isn't known is an error with file and line: a misspelt `environment` must not
 * pass in silence.
 */
#ifndef PGRUNBOOK_MODEL_SETTINGS_H
#define PGRUNBOOK_MODEL_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "pgrunbook/base/error.h"
#include "pgrunbook/base/strlist.h"
#include "pgrunbook/model/ini.h"
#include "pgrunbook/model/thresholds.h"

/* Texts are NULL where nothing is set. */
struct settings {
	char *environment; /* "production", shown in capitals */
	bool protect;	   /* `protected`: true unless the settings say no */
	char *database;	   /* name, conninfo or URL */
	struct strlist replica_names, replica_databases; /* replica.NAME = conninfo */
	char *alembic; /* the command, split as a shell does; default "alembic" */
	char *alembic_section; /* of alembic.ini */
	char *backup_dir;
	char *version_table;
	struct strlist runbooks; /* folders, separated by blanks or ':' */
	int64_t interval_us;	 /* 0: not set */
	bool bell;		 /* true unless the settings say no */
	struct thresholds thresholds;
};

void settings_init(struct settings *settings);
/*
 * Adds what the ini says to what is set already.  A missing section changes nothing.
 * `path` is for messages.
 */
bool settings_read(struct settings *settings, const struct ini *ini, const char *path,
	struct error *error);
/* Whether it has one of the sections. */
bool settings_has_section(const struct ini *ini);
void settings_free(struct settings *settings);

/* Adds the folders of a list that is separated by blanks or colons. */
void settings_folders(const char *value, struct strlist *folders);

#endif
