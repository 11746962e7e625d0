/* Any lines are settings, or an error that says where; a threshold is in its range. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/duration.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/model/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_thresholds(const struct thresholds *of)
{
	const int64_t all[] = { of->lock_wait_us, of->transaction_us,
		of->idle_in_transaction_us, of->migration_us, of->replica_lag_bytes,
		of->replica_lag_us, of->slot_wal_bytes, of->connections,
		of->wraparound };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (all[i] < 0 && all[i] != THRESHOLD_OFF)
			abort();
	}
	if (of->connections > 100 || of->wraparound > 100)
		abort();
}

/* In a section of its own, so that not each input has to find that out. */
static void
check_settings(const char *section, const uint8_t *data, size_t size)
{
	struct error error = { 0 };
	struct settings settings;
	struct str text = { 0 };

	str_printf(&text, "[%s]\n", section);
	str_add_bytes(&text, (const char *)data, size);
	settings_init(&settings);
	struct ini *ini =
		ini_parse("pgrunbook.ini", "/", str_text(&text), text.length, &error);
	if (ini && settings_read(&settings, ini, "pgrunbook.ini", &error) ==
			   (error.message != NULL))
		abort();
	check_thresholds(&settings.thresholds);
	error_clear(&error);
	settings_free(&settings);
	ini_free(ini);
	str_free(&text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = alloc_copy_bytes((const char *)data, size);
	int64_t value;

	if (duration_parse(text, &value) && value < 0)
		abort();
	if (bytes_parse(text, &value) && value < 0)
		abort();
	check_settings("pgrunbook", data, size);
	check_settings("thresholds", data, size);
	free(text);
	return 0;
}
