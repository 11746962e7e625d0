/* What the files of the TOML reader share: src/model/toml*.c. */
#ifndef PGRUNBOOK_MODEL_TOML_INTERNAL_H
#define PGRUNBOOK_MODEL_TOML_INTERNAL_H

#include "pgrunbook/base/str.h"
#include "pgrunbook/model/toml.h"

struct toml {
	enum toml_kind kind;
	int line;
	struct str key;	 /* in the table that has it */
	struct str text; /* of a string */
	bool truth;
	bool frozen; /* written inline: nothing can be added */
	bool closed; /* had its header, or is another section's: can't be opened */
	struct toml **items;
	size_t count, capacity;
};

/* Where the reader stands.  The text has no zero byte but the one at its end. */
struct toml_reader {
	const char *path;
	const char *at;
	const char *counted; /* up to where `line` was counted */
	int line;
	struct error *error;
};

/* The names between the dots. */
struct toml_path {
	struct str names[TOML_DEEPEST];
	size_t count;
};

struct toml *toml_new(struct toml_reader *reader, enum toml_kind kind);
/* The line of `at`. */
int toml_count_lines(struct toml_reader *reader);
/* Puts file and line before it; returns false. */
bool toml_fail(struct toml_reader *reader, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

struct toml *toml_find(const struct toml *table, const char *key, size_t length);
/* Takes over `item`. */
void toml_append(struct toml *array, struct toml *item);
/* Takes over `value`, also after an error, such as a name that is there already. */
bool toml_add(struct toml_reader *reader, struct toml *table, struct str *name,
	struct toml *value);
/* One name further, into the table that has it: made if it isn't there, NULL and an
 * error if it is none. */
struct toml *toml_open(
	struct toml_reader *reader, struct toml *table, struct str *name);

void toml_skip_blanks(struct toml_reader *reader);
bool toml_skip_comment(struct toml_reader *reader);
/* A string that begins at `at`; multi-line ones only if `lines`. */
bool toml_read_string(struct toml_reader *reader, bool lines, struct str *out);
/* Free the path with toml_path_free, also after an error. */
bool toml_read_path(struct toml_reader *reader, struct toml_path *path);
void toml_path_free(struct toml_path *path);
/* `depth`: inside how many arrays and inline tables.  NULL with an error. */
struct toml *toml_read_value(struct toml_reader *reader, int depth);

/* How long the date or time is that the text begins with: 0 if it is none.  *valid says
 * whether the calendar has that day. */
size_t toml_match_date(const char *text, bool *valid);
/* The same for a number. */
size_t toml_match_number(const char *text);

#endif
