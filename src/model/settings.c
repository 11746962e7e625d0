#include "pgrunbook/model/settings.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/duration.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/model/session.h"
#include "pgrunbook/model/version.h"

enum section { SECTION_PGRUNBOOK, SECTION_THRESHOLDS, SECTIONS };

static const int64_t SECOND_US = 1000000;

static const char *const sections[SECTIONS] = { "pgrunbook", "thresholds" };

enum kind {
	KIND_TEXT,
	KIND_BOOLEAN,
	KIND_DURATION,
	KIND_BYTES,
	KIND_PERCENT,
	KIND_FOLDERS,
	KIND_TABLE
};

static const struct {
	enum section section;
	const char *key;
	enum kind kind;
	size_t offset;
} keys[] = {
	{ SECTION_PGRUNBOOK, "alembic", KIND_TEXT, offsetof(struct settings, alembic) },
	{ SECTION_PGRUNBOOK, "alembic_section", KIND_TEXT,
		offsetof(struct settings, alembic_section) },
	{ SECTION_PGRUNBOOK, "backup_dir", KIND_TEXT,
		offsetof(struct settings, backup_dir) },
	{ SECTION_PGRUNBOOK, "bell", KIND_BOOLEAN, offsetof(struct settings, bell) },
	{ SECTION_PGRUNBOOK, "database", KIND_TEXT,
		offsetof(struct settings, database) },
	{ SECTION_PGRUNBOOK, "environment", KIND_TEXT,
		offsetof(struct settings, environment) },
	{ SECTION_PGRUNBOOK, "interval", KIND_DURATION,
		offsetof(struct settings, interval_us) },
	/* What is in [thresholds] now; that one is read later and wins. */
	{ SECTION_PGRUNBOOK, "lock_wait", KIND_DURATION,
		offsetof(struct settings, thresholds.lock_wait_us) },
	{ SECTION_PGRUNBOOK, "protected", KIND_BOOLEAN,
		offsetof(struct settings, protect) },
	{ SECTION_PGRUNBOOK, "replica_lag", KIND_BYTES,
		offsetof(struct settings, thresholds.replica_lag_bytes) },
	{ SECTION_PGRUNBOOK, "runbooks", KIND_FOLDERS,
		offsetof(struct settings, runbooks) },
	{ SECTION_PGRUNBOOK, "version_table", KIND_TABLE,
		offsetof(struct settings, version_table) },
	{ SECTION_THRESHOLDS, "connections", KIND_PERCENT,
		offsetof(struct settings, thresholds.connections) },
	{ SECTION_THRESHOLDS, "idle_in_transaction", KIND_DURATION,
		offsetof(struct settings, thresholds.idle_in_transaction_us) },
	{ SECTION_THRESHOLDS, "lock_wait", KIND_DURATION,
		offsetof(struct settings, thresholds.lock_wait_us) },
	{ SECTION_THRESHOLDS, "migration", KIND_DURATION,
		offsetof(struct settings, thresholds.migration_us) },
	{ SECTION_THRESHOLDS, "replica_delay", KIND_DURATION,
		offsetof(struct settings, thresholds.replica_lag_us) },
	{ SECTION_THRESHOLDS, "replica_lag", KIND_BYTES,
		offsetof(struct settings, thresholds.replica_lag_bytes) },
	{ SECTION_THRESHOLDS, "slot_wal", KIND_BYTES,
		offsetof(struct settings, thresholds.slot_wal_bytes) },
	{ SECTION_THRESHOLDS, "transaction", KIND_DURATION,
		offsetof(struct settings, thresholds.transaction_us) },
	{ SECTION_THRESHOLDS, "wraparound", KIND_PERCENT,
		offsetof(struct settings, thresholds.wraparound) },
};

enum { KEYS = sizeof(keys) / sizeof(keys[0]) };

void
settings_init(struct settings *settings)
{
	*settings = (struct settings){
		.protect = true,
		.bell = true,
		.thresholds = {
			.lock_wait_us = 10 * SECOND_US,
			.transaction_us = SESSION_LONG_TRANSACTION_US,
			.idle_in_transaction_us = SESSION_LONG_IDLE_US,
			.migration_us = 5 * 60 * SECOND_US,
			.replica_lag_bytes = INT64_C(16) << 20,
			.replica_lag_us = 30 * SECOND_US,
			.slot_wal_bytes = INT64_C(256) << 20,
			.connections = 90,
			.wraparound = 25,
		},
	};
}

static bool
settings_boolean(const char *value, bool *out)
{
	static const char *const words[] = { "no", "yes", "false", "true", "off", "on",
		"0", "1" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcasecmp(value, words[i]) == 0) {
			*out = i % 2 == 1;
			return true;
		}
	}
	return false;
}

/* "90%", "90" or, doubled as ConfigParser wants it, "90%%". */
static bool
settings_percent(const char *value, int64_t *out)
{
	char *end;
	long number = strtol(value, &end, 10);

	if (*value < '0' || *value > '9' || number > 100)
		return false;
	end += strspn(end, " ");
	end += strspn(end, "%");
	if (*end != '\0')
		return false;
	*out = number;
	return true;
}

/* A number of the section [thresholds]; *out is left alone where it is none. */
static bool
settings_number(enum kind kind, const char *value, int64_t *out)
{
	if (kind == KIND_DURATION)
		return duration_parse(value, out);
	return kind == KIND_BYTES ? bytes_parse(value, out)
				  : settings_percent(value, out);
}

void
settings_folders(const char *value, struct strlist *folders)
{
	while (*value != '\0') {
		size_t length = strcspn(value, ": \t\n");

		if (length != 0)
			strlist_add_owned(folders, alloc_copy_bytes(value, length));
		value += length + (value[length] != '\0');
	}
}

static bool
settings_is_table(const char *value)
{
	char *schema, *name;
	bool good = version_name_parse(value, &schema, &name);

	free(schema);
	free(name);
	return good;
}

/* The older spellings of [pgrunbook] are thresholds as well. */
static bool
settings_is_threshold(size_t key)
{
	return keys[key].offset >= offsetof(struct settings, thresholds) &&
	       keys[key].offset < offsetof(struct settings, thresholds) +
					  sizeof(struct thresholds);
}

/* Takes over nothing; a text that was set before stays. */
static bool
settings_set(struct settings *settings, size_t key, const char *value)
{
	void *field = (char *)settings + keys[key].offset;

	switch (keys[key].kind) {
	case KIND_TABLE:
		if (!settings_is_table(value))
			return false;
		/* fall through */
	case KIND_TEXT:
		if (*(char **)field == NULL)
			*(char **)field = alloc_copy(value);
		return true;
	case KIND_BOOLEAN:
		return settings_boolean(value, field);
	case KIND_DURATION:
	case KIND_BYTES:
	case KIND_PERCENT:
		if (settings_is_threshold(key) && strcasecmp(value, "off") == 0) {
			*(int64_t *)field = THRESHOLD_OFF;
			return true;
		}
		return settings_number(keys[key].kind, value, field);
	case KIND_FOLDERS:
		settings_folders(value, field);
		return true;
	}
	return false;
}

static size_t
settings_key(enum section section, const char *key)
{
	for (size_t i = 0; i < KEYS; i++) {
		if (keys[i].section == section && strcmp(keys[i].key, key) == 0)
			return i;
	}
	return KEYS;
}

static bool
settings_unknown(const char *path, int line, enum section section, const char *key,
	struct error *error)
{
	struct str known = { 0 };

	for (size_t i = 0; i < KEYS; i++) {
		if (keys[i].section == section)
			str_printf(&known, "%s%s", known.length == 0 ? "" : ", ",
				keys[i].key);
	}
	error_set(error, "%s:%d: unknown key \"%s\" in [%s]; known are %s%s", path,
		line, key, sections[section], str_text(&known),
		section == SECTION_PGRUNBOOK ? ", replica.NAME" : "");
	str_free(&known);
	return false;
}

/* What would be a value, for the message that says that this is none. */
static const char *
settings_example(size_t key)
{
	switch (keys[key].kind) {
	case KIND_BOOLEAN:
		return ": yes or no";
	case KIND_DURATION:
		return settings_is_threshold(key) ? ": a time such as 10s or 15min, "
						    "or off"
						  : ": a time such as 2s";
	case KIND_BYTES:
		return ": a size such as 64MB, or off";
	case KIND_PERCENT:
		return ": a share such as 90%, or off";
	default:
		return "";
	}
}

static bool
settings_one(struct settings *settings, const struct ini *ini, const char *path,
	enum section section, const char *key, struct error *error)
{
	static const char replica[] = "replica.";
	int line = ini_line(ini, sections[section], key);
	size_t known = settings_key(section, key);
	bool is_replica = section == SECTION_PGRUNBOOK &&
			  strncmp(key, replica, sizeof(replica) - 1) == 0 &&
			  key[sizeof(replica) - 1] != '\0';

	if (known == KEYS && !is_replica)
		return settings_unknown(path, line, section, key, error);
	/* Nobody doubles the % of a share, and nothing in there needs another key. */
	char *value = section == SECTION_THRESHOLDS
			      ? alloc_copy(ini_raw(ini, sections[section], key))
			      : ini_get(ini, sections[section], key, error);
	if (value == NULL)
		return error_prefix(error, "%s:%d: %s", path, line, key);
	bool good = true;
	if (is_replica) {
		strlist_add(&settings->replica_names, key + sizeof(replica) - 1);
		strlist_add(&settings->replica_databases, value);
	} else {
		good = settings_set(settings, known, value);
	}
	if (!good)
		error_set(error, "%s:%d: \"%s\" is no value for %s%s", path, line,
			value, key, settings_example(known));
	free(value);
	return good;
}

bool
settings_has_section(const struct ini *ini)
{
	for (size_t i = 0; i < SECTIONS; i++) {
		if (ini_has_section(ini, sections[i]))
			return true;
	}
	return false;
}

bool
settings_read(struct settings *settings, const struct ini *ini, const char *path,
	struct error *error)
{
	const char *key;

	for (enum section section = 0; section < SECTIONS; section++) {
		if (!ini_has_section(ini, sections[section]))
			continue;
		for (size_t i = 0; (key = ini_key(ini, sections[section], i)) != NULL;
			i++) {
			if (!settings_one(settings, ini, path, section, key, error))
				return false;
		}
	}
	return true;
}

void
settings_free(struct settings *settings)
{
	free(settings->environment);
	free(settings->database);
	strlist_free(&settings->replica_names);
	strlist_free(&settings->replica_databases);
	free(settings->alembic);
	free(settings->alembic_section);
	free(settings->backup_dir);
	free(settings->version_table);
	strlist_free(&settings->runbooks);
	*settings = (struct settings){ 0 };
}
