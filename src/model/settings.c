#include "pgrunbook/model/settings.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/duration.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/model/version.h"

static const char section[] = "pgrunbook";

enum kind {
	KIND_TEXT,
	KIND_BOOLEAN,
	KIND_DURATION,
	KIND_BYTES,
	KIND_FOLDERS,
	KIND_TABLE
};

static const struct {
	const char *key;
	enum kind kind;
	size_t offset;
} keys[] = {
	{ "alembic", KIND_TEXT, offsetof(struct settings, alembic) },
	{ "alembic_section", KIND_TEXT, offsetof(struct settings, alembic_section) },
	{ "backup_dir", KIND_TEXT, offsetof(struct settings, backup_dir) },
	{ "database", KIND_TEXT, offsetof(struct settings, database) },
	{ "environment", KIND_TEXT, offsetof(struct settings, environment) },
	{ "interval", KIND_DURATION, offsetof(struct settings, interval_us) },
	{ "lock_wait", KIND_DURATION, offsetof(struct settings, lock_wait_us) },
	{ "protected", KIND_BOOLEAN, offsetof(struct settings, protect) },
	{ "replica_lag", KIND_BYTES, offsetof(struct settings, replica_lag_bytes) },
	{ "runbooks", KIND_FOLDERS, offsetof(struct settings, runbooks) },
	{ "version_table", KIND_TABLE, offsetof(struct settings, version_table) },
};

enum { KEYS = sizeof(keys) / sizeof(keys[0]) };

void
settings_init(struct settings *settings)
{
	*settings = (struct settings){
		.protect = true,
		.lock_wait_us = 2000000,
		.replica_lag_bytes = INT64_C(16) << 20,
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

static bool
settings_bytes(const char *value, int64_t *out)
{
	static const char units[] = "kMGT";
	char *end;
	long long number = strtoll(value, &end, 10);
	int64_t scale = 1;

	if (end == value || number < 0)
		return false;
	end += strspn(end, " ");
	const char *unit = *end == '\0' ? NULL : strchr(units, *end);
	if (unit != NULL) {
		scale = INT64_C(1) << 10 * (unit - units + 1);
		end++;
	}
	if (*end == 'B')
		end++;
	if (*end != '\0' || number > INT64_MAX / scale)
		return false;
	*out = number * scale;
	return true;
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
		return duration_parse(value, field);
	case KIND_BYTES:
		return settings_bytes(value, field);
	case KIND_FOLDERS:
		settings_folders(value, field);
		return true;
	}
	return false;
}

static size_t
settings_key(const char *key)
{
	for (size_t i = 0; i < KEYS; i++) {
		if (strcmp(keys[i].key, key) == 0)
			return i;
	}
	return KEYS;
}

static bool
settings_unknown(const char *path, int line, const char *key, struct error *error)
{
	struct str known = { 0 };

	for (size_t i = 0; i < KEYS; i++)
		str_printf(&known, "%s, ", keys[i].key);
	error_set(error,
		"%s:%d: unknown key \"%s\" in [pgrunbook]; known are %sreplica.NAME",
		path, line, key, str_text(&known));
	str_free(&known);
	return false;
}

static bool
settings_one(struct settings *settings, const struct ini *ini, const char *path,
	const char *key, struct error *error)
{
	static const char replica[] = "replica.";
	int line = ini_line(ini, section, key);
	size_t known = settings_key(key);
	bool is_replica = strncmp(key, replica, sizeof(replica) - 1) == 0 &&
			  key[sizeof(replica) - 1] != '\0';

	if (known == KEYS && !is_replica)
		return settings_unknown(path, line, key, error);
	char *value = ini_get(ini, section, key, error);
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
		error_set(error, "%s:%d: \"%s\" is no value for %s", path, line, value,
			key);
	free(value);
	return good;
}

bool
settings_read(struct settings *settings, const struct ini *ini, const char *path,
	struct error *error)
{
	const char *key;

	if (!ini_has_section(ini, section))
		return true;
	for (size_t i = 0; (key = ini_key(ini, section, i)) != NULL; i++) {
		if (!settings_one(settings, ini, path, key, error))
			return false;
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
