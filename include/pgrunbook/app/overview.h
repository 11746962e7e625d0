/* The rows of the pane Overview: the numbers, then what is an alert. */
#ifndef PGRUNBOOK_APP_OVERVIEW_H
#define PGRUNBOOK_APP_OVERVIEW_H

#include <stdbool.h>
#include <stddef.h>

#include "pgrunbook/model/alerts.h"
#include "pgrunbook/model/vitals.h"

struct app;

size_t app_overview_rows(const struct app *app);
/* Whether the row is a number's, and which; else it is an alert's. */
bool app_overview_vital(const struct app *app, size_t row, enum vital *vital);
/* The index in app->alerts of an alert's row. */
size_t app_overview_alert(size_t row);
/* What a row is, whatever row it moves to; the caller owns it. */
char *app_overview_identity(const struct app *app, size_t row);
/* Goes to what the selected alert is about; false: a number is selected. */
bool app_overview_open(struct app *app);
/* Up to which instant the picture goes: it stands still while paused. */
int64_t app_overview_until_us(const struct app *app);
/* The number now; SERIES_UNKNOWN. */
double app_overview_value(const struct app *app, enum vital vital);

#endif
