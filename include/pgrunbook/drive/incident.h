/*
 * Incidents on disk: one directory each below the state directory, with log.jsonl,
 * output/ and report.md.  This is the durable side of the incident log: mode 0600,
 * O_APPEND, an exclusive lock, one write a line, fdatasync, the directory synced when
 * it is made.  A failed write or sync is sticky until writing works again.
 */
#ifndef PGRUNBOOK_DRIVE_INCIDENT_H
#define PGRUNBOOK_DRIVE_INCIDENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pgrunbook/base/error.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/base/strlist.h"
#include "pgrunbook/model/entry.h"
#include "pgrunbook/model/redact.h"

struct incident;

/*
 * What the directory holds besides: "writer" says who has the log open (a message, the
 * lock is the log's own), "report.md" is written at the close.
 */

/* $XDG_STATE_HOME/pgrunbook/incidents, or ~/.local/state/...; the caller owns it. */
char *incident_root(struct error *error);

/*
 * Makes a new incident directory "2026-11-20T140231Z-NAME" below `root` (made if
 * missing) and opens its log.  `resource` (copied) goes with every entry; `redact`
 * must outlive the incident.  No entry is written yet.
 */
struct incident *incident_create(const char *root, const char *name, int64_t now_us,
	json_t *resource, const struct redact *redact, struct error *error);

/*
 * Opens an existing one for more entries: refused by name while another process has it.
 * Reads and checks the chain first; a torn last line is kept and marked with a
 * log.recovered entry.
 */
struct incident *incident_open(const char *root, const char *id, json_t *resource,
	const struct redact *redact, struct error *error);
void incident_free(struct incident *incident);

const char *incident_id(const struct incident *incident);
const char *incident_directory(const struct incident *incident);
const char *incident_head_hash(const struct incident *incident);

/*
 * Appends one entry and makes it durable before it returns.  `attributes` is an object
 * whose reference is taken over (NULL: none); its strings and `body` are redacted.
 * False with an error that names file and reason if it is not on disk; nothing that
 * changes anything may start then.  `written` (may be NULL) receives the entry.
 */
bool incident_append(struct incident *incident, enum entry_event event,
	enum entry_severity severity, const char *body, json_t *attributes,
	struct entry *written, struct error *error);

/* Why the log can't be written since the last append that failed; NULL: it can. */
const char *incident_problem(const struct incident *incident);

/* A new file output/NNNN.txt for a step's redacted output: its descriptor (the
 * caller's) or -1; *path is relative to the directory, the caller owns it. */
int incident_output(struct incident *incident, char **path, struct error *error);

/* The names of all incidents below `root`, newest first.  An absent root has none. */
bool incident_names(const char *root, struct strlist *names, struct error *error);

/* What is on disk. */
struct incident_summary {
	char *id;
	int64_t opened_us;
	int64_t last_us;
	char *database, *environment, *runbook; /* NULL: not recorded */
	char *address, *port, *system_identifier;
	char *title; /* body of the opening entry */
	size_t entries;
	bool closed;
	bool in_use;  /* another process has it open now */
	bool damaged; /* the chain doesn't hold */
};
struct incident_list {
	struct incident_summary *items; /* newest first */
	size_t count, capacity;
};
/* An absent root is an empty list. */
bool incident_list(const char *root, struct incident_list *list, struct error *error);
void incident_list_free(struct incident_list *list);

/* Entries in order; those lines that parse.  The log's bytes go to `raw` if not NULL.
 */
struct entry_list {
	struct entry *items;
	size_t count, capacity;
};
bool incident_read(const char *root, const char *id, struct entry_list *entries,
	struct str *raw, struct error *error);
void entry_list_free(struct entry_list *entries);

/* The report for the review (model/report.h), made from the log as it is on disk. */
bool incident_markdown(
	const char *root, const char *id, struct str *out, struct error *error);
/* The same, written to report.md in the incident's directory, mode 0600: whole, or the
 * old one stays. */
bool incident_report(const char *root, const char *id, struct error *error);

#endif
