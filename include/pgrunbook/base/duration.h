/* Durations and instants as people write and read them.  No clock is read here. */
#ifndef PGRUNBOOK_BASE_DURATION_H
#define PGRUNBOOK_BASE_DURATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DURATION_TEXT = 24, INSTANT_TEXT = 32, BYTES_TEXT = 24 };

/*
 * "0.4s", "7s", "4m12s", "14h02m", "3d04h" (below 10 s with a tenth); "-" for a
 * negative one, which stands for "unknown".  Writes into `out` and returns it.
 */
const char *duration_format(int64_t microseconds, char out[DURATION_TEXT]);

/* The same, but "2s" for whole seconds: how often something happens. */
const char *duration_every(int64_t microseconds, char out[DURATION_TEXT]);

/*
 * "500ms", "2s", "1.5 s", "10min", "5m", "1h", "2d", or a bare number of seconds;
 * whole words too: "15 minutes".
 */
bool duration_parse(const char *text, int64_t *microseconds);

/* "14:02:31Z" and "2026-01-06T03:12:09.412345Z" (RFC 3339, UTC, microseconds). */
const char *instant_clock(int64_t unix_microseconds, char out[INSTANT_TEXT]);
const char *instant_format(int64_t unix_microseconds, char out[INSTANT_TEXT]);
bool instant_parse(const char *text, int64_t *unix_microseconds);

/* "0 B", "812 B", "41 MB", "1.2 GB" (steps of 1024); "unknown" when negative. */
const char *bytes_format(int64_t bytes, char out[BYTES_TEXT]);
/* "64MB", "1.5 GB", "16 MiB", "4kB", "1g", or a bare number of bytes. */
bool bytes_parse(const char *text, int64_t *bytes);

/* "0", "9,999", "41 k", "1.2 M" (steps of 1000); "unknown" when negative. */
const char *count_format(int64_t count, char out[BYTES_TEXT]);

#endif
