/* The clocks; only drivers and the app read them, models get `now` as a parameter. */
#ifndef PGRUNBOOK_DRIVE_CLOCK_H
#define PGRUNBOOK_DRIVE_CLOCK_H

#include <stdint.h>

int64_t clock_now_us(void);	  /* Unix microseconds */
int64_t clock_monotonic_ns(void); /* since boot */
/* The kernel's boot id, or "unknown"; static for the life of the process's boot. */
const char *clock_boot_id(char out[40]);

#endif
