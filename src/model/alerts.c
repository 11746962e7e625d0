#include "pgrunbook/model/alerts.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"

enum { SAME_US = 1000000 };

static void
alert_free(struct alert *alert)
{
	free(alert->name);
	free(alert->text);
	free(alert->advice);
	*alert = (struct alert){ 0 };
}

void
alerts_free(struct alerts *alerts)
{
	for (size_t i = 0; i < alerts->count; i++)
		alert_free(&alerts->items[i]);
	free(alerts->items);
	*alerts = (struct alerts){ 0 };
}

const char *
alert_kind_name(enum alert_kind kind)
{
	static const char *const names[ALERT_KINDS] = {
		[ALERT_LOG] = "incident-log",
		[ALERT_MOVED] = "moved",
		[ALERT_TREE] = "tree",
		[ALERT_LOST] = "connection-lost",
		[ALERT_LOCK] = "lock-wait",
		[ALERT_CONNECTIONS] = "connections",
		[ALERT_WRAPAROUND] = "wraparound",
		[ALERT_REPLICA] = "replica",
		[ALERT_SLOT] = "slot",
		[ALERT_IDLE_IN_TRANSACTION] = "idle-in-transaction",
		[ALERT_TRANSACTION] = "transaction",
		[ALERT_MIGRATION] = "migration",
		[ALERT_VERSION_TABLE] = "version-table",
		[ALERT_REVISION] = "revision",
	};

	return names[kind];
}

bool
alert_is_server(enum alert_kind kind)
{
	return kind >= ALERT_LOST && kind <= ALERT_MIGRATION;
}

char *
alert_subject(const struct alert *alert)
{
	if (alert->pid != 0)
		return alloc_printf("%d", alert->pid);
	return alloc_copy(alert->name == NULL ? "" : alert->name);
}

enum alert_level
alerts_level(int64_t value, int64_t threshold)
{
	if (threshold < 0 || value < 0)
		return ALERT_BELOW;
	if (value >= threshold)
		return ALERT_ABOVE;
	return value >= threshold - threshold / 10 ? ALERT_BETWEEN : ALERT_BELOW;
}

void
alerts_begin(struct alerts *alerts)
{
	for (size_t i = 0; i < alerts->count; i++)
		alerts->items[i].found = false;
	memset(alerts->more, 0, sizeof(alerts->more));
}

static bool
alert_same(const struct alert *a, const struct alert *b)
{
	if (a->kind != b->kind || a->pid != b->pid ||
		a->backend_start_us != b->backend_start_us)
		return false;
	if (a->name == NULL || b->name == NULL)
		return a->name == b->name;
	return strcmp(a->name, b->name) == 0;
}

/* The one that it already is, of those that may come back; NULL: it is new. */
static struct alert *
alerts_find(const struct alerts *alerts, const struct alert *finding)
{
	for (size_t i = 0; i < alerts->count; i++) {
		if (alerts->items[i].phase != ALERT_OVER &&
			alert_same(&alerts->items[i], finding))
			return &alerts->items[i];
	}
	return NULL;
}

static size_t
alerts_of_kind(const struct alerts *alerts, enum alert_kind kind)
{
	size_t count = 0;

	for (size_t i = 0; i < alerts->count; i++)
		count += alerts->items[i].kind == kind &&
			 alerts->items[i].phase == ALERT_RAISED;
	return count;
}

bool
alerts_wants(struct alerts *alerts, const struct alert *finding, enum alert_level level)
{
	const struct alert *known = alerts_find(alerts, finding);

	if (level == ALERT_BELOW)
		return false;
	if (known != NULL && (level == ALERT_ABOVE || known->phase == ALERT_RAISED))
		return true;
	if (known != NULL || level != ALERT_ABOVE)
		return false;
	if (alerts_of_kind(alerts, finding->kind) < ALERTS_EACH)
		return true;
	alerts->more[finding->kind]++;
	return false;
}

/* What it was found to be now, in place of what it was. */
static void
alert_update(struct alert *alert, struct alert *finding)
{
	free(alert->name);
	free(alert->text);
	free(alert->advice);
	alert->name = finding->name;
	alert->text = finding->text;
	alert->advice = finding->advice;
	alert->shown = finding->shown;
	alert->age_us = finding->age_us;
}

void
alerts_add(struct alerts *alerts, struct alert *finding)
{
	struct alert *alert = alerts_find(alerts, finding);

	if (alert == NULL) {
		alerts->items = alloc_room(alerts->items, alerts->count,
			&alerts->capacity, sizeof(*alerts->items));
		alert = &alerts->items[alerts->count++];
		*alert = *finding;
		alert->phase = ALERT_RAISED;
		alert->raised_us = 0; /* alerts_end tells whether it is a new one */
	} else {
		alert_update(alert, finding);
		alert->severe = finding->severe;
		alert->phase = ALERT_RAISED;
	}
	alert->found = true;
	*finding = (struct alert){ 0 };
}

void
alerts_keep(struct alerts *alerts, enum alert_kind kind)
{
	for (size_t i = 0; i < alerts->count; i++) {
		struct alert *alert = &alerts->items[i];

		if (alert->kind != kind || alert->phase != ALERT_RAISED || alert->found)
			continue;
		alert->found = true;
		alert->age_us = 0; /* it has been so since it was found to be */
	}
}

void
alerts_keep_server(struct alerts *alerts)
{
	for (int kind = 0; kind < ALERT_KINDS; kind++) {
		if (alert_is_server((enum alert_kind)kind) && kind != ALERT_LOST)
			alerts_keep(alerts, (enum alert_kind)kind);
	}
}

/*
 * Since when it has been so.  Two clocks are never quite the same: a difference that
 * says nothing must not change the order.
 */
static void
alert_date(struct alert *alert, int64_t now_us)
{
	int64_t since = alert->age_us > 0      ? now_us - alert->age_us
			: alert->since_us != 0 ? alert->since_us
					       : alert->raised_us;
	int64_t moved = since - alert->since_us;

	if (alert->since_us == 0 || moved > SAME_US || moved < -SAME_US)
		alert->since_us = since;
}

static void
alert_step(struct alert *alert, int64_t now_us)
{
	if (alert->found)
		return;
	if (alert->phase == ALERT_RAISED) {
		alert->phase = ALERT_RESTING;
		alert->cleared_us = now_us;
	} else if (alert->phase == ALERT_RESTING &&
		   now_us - alert->cleared_us >= ALERTS_REST_US) {
		alert->phase = ALERT_OVER;
	}
}

/* Where sessions come and go within the same trouble. */
static bool
alert_is_passed_on(enum alert_kind kind)
{
	return kind == ALERT_LOCK || kind == ALERT_IDLE_IN_TRANSACTION ||
	       kind == ALERT_TRANSACTION || kind == ALERT_MIGRATION;
}

/* One that rests and that the new one goes on with; NULL: there is none. */
static struct alert *
alerts_predecessor(struct alerts *alerts, enum alert_kind kind)
{
	for (size_t i = 0; i < alerts->count && alert_is_passed_on(kind); i++) {
		if (alerts->items[i].kind == kind &&
			alerts->items[i].phase == ALERT_RESTING)
			return &alerts->items[i];
	}
	return NULL;
}

static void
alerts_settle_new(struct alerts *alerts, struct alert *alert, int64_t now_us)
{
	struct alert *before = alerts_predecessor(alerts, alert->kind);

	alert->raised_us = now_us;
	alert->was_severe = alert->severe;
	alert->severe_us = alert->severe ? now_us : 0;
	if (before == NULL) {
		alerts->ring |= alert->severe;
		return;
	}
	alert->raised_us = before->raised_us;
	alert->logged = before->logged;
	before->logged = false;
	before->phase = ALERT_OVER;
}

/* A replica that lagged and now is gone is worse than it was. */
static void
alerts_turn_severe(struct alerts *alerts, struct alert *alert, int64_t now_us)
{
	alerts->ring |=
		alert->severe && !alert->was_severe &&
		(alert->severe_us == 0 || now_us - alert->severe_us >= ALERTS_REST_US);
	alert->was_severe = alert->severe;
	if (alert->severe)
		alert->severe_us = now_us;
}

static int
alert_compare(const void *left, const void *right)
{
	const struct alert *a = left, *b = right;

	if (a->phase != b->phase)
		return a->phase < b->phase ? -1 : 1;
	if (a->severe != b->severe)
		return a->severe ? -1 : 1;
	if (a->since_us != b->since_us)
		return a->since_us < b->since_us ? -1 : 1;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->pid != b->pid)
		return a->pid < b->pid ? -1 : 1;
	if (a->name == NULL || b->name == NULL)
		return (a->name != NULL) - (b->name != NULL);
	return strcmp(a->name, b->name);
}

/* Drops what is over; what was logged only if `logged` says so. */
static void
alerts_drop(struct alerts *alerts, bool logged)
{
	size_t kept = 0;

	for (size_t i = 0; i < alerts->count; i++) {
		struct alert *alert = &alerts->items[i];

		if (alert->phase == ALERT_OVER && (logged || !alert->logged))
			alert_free(alert);
		else
			alerts->items[kept++] = *alert;
	}
	alerts->count = kept;
}

void
alerts_end(struct alerts *alerts, int64_t now_us)
{
	for (size_t i = 0; i < alerts->count; i++)
		alert_step(&alerts->items[i], now_us);
	for (size_t i = 0; i < alerts->count; i++) {
		if (alerts->items[i].found && alerts->items[i].raised_us == 0)
			alerts_settle_new(alerts, &alerts->items[i], now_us);
		else if (alerts->items[i].found)
			alerts_turn_severe(alerts, &alerts->items[i], now_us);
		if (alerts->items[i].found)
			alert_date(&alerts->items[i], now_us);
	}
	alerts_drop(alerts, false);
	if (alerts->count > 1)
		qsort(alerts->items, alerts->count, sizeof(*alerts->items),
			alert_compare);
	alerts->raised = 0;
	while (alerts->raised < alerts->count &&
		alerts->items[alerts->raised].phase == ALERT_RAISED)
		alerts->raised++;
}

char *
alerts_text(const struct alerts *alerts, size_t index)
{
	const struct alert *alert = &alerts->items[index];
	size_t more = alerts->more[alert->kind];

	for (size_t i = index + 1; i < alerts->raised; i++) {
		if (alerts->items[i].kind == alert->kind)
			more = 0;
	}
	if (more == 0)
		return alloc_copy(alert->text);
	return alloc_printf("%s (and %zu more like it)", alert->text, more);
}

bool
alerts_take_ring(struct alerts *alerts)
{
	bool ring = alerts->ring;

	alerts->ring = false;
	return ring;
}

void
alerts_drop_over(struct alerts *alerts)
{
	alerts_drop(alerts, true);
}
