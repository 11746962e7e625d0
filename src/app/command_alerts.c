/* `pgrunbook alerts`: what needs the operator now. */
#include <stdlib.h>

#include "pgrunbook/app/command_look.h"
#include "pgrunbook/app/evidence.h"
#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/duration.h"
#include "pgrunbook/model/alert_rules.h"

/* With --watch an alert lasts from look to look. */
struct alerts_kept {
	struct thresholds thresholds;
	struct alerts alerts;
	struct standbys standbys;
	int64_t first_us; /* of a single look, by the server's clock; 0: not yet */
};

static bool
alerts_open(const struct setup *setup, void **kept, struct str *complaints)
{
	struct alerts_kept *own = alloc_zeroed(1, sizeof(*own));

	(void)complaints;
	own->thresholds = setup->settings.thresholds;
	*kept = own;
	return true;
}

static void
alerts_close(void *kept)
{
	struct alerts_kept *own = kept;

	if (own == NULL)
		return;
	alerts_free(&own->alerts);
	standbys_free(&own->standbys);
	free(own);
}

/* Of a wait whose beginning the server doesn't tell, the look waits for the end. */
static bool
alerts_settled(void *kept, const struct snapshot *snapshot)
{
	struct alerts_kept *own = kept;

	if (own->first_us == 0)
		own->first_us = snapshot->server_now_us;
	return !alert_rules_lock_unknown(snapshot, &own->thresholds, own->first_us);
}

static json_t *
alerts_node(const struct alerts *alerts, size_t index)
{
	const struct alert *alert = &alerts->items[index];
	char *subject = alert_subject(alert);
	char *text = alerts_text(alerts, index);
	char since[INSTANT_TEXT];
	json_t *node = json_object();

	json_object_set_new(node, "kind", json_string(alert_kind_name(alert->kind)));
	json_object_set_new(node, "subject", evidence_text(subject));
	json_object_set_new(
		node, "pid", alert->pid == 0 ? json_null() : json_integer(alert->pid));
	json_object_set_new(node, "known", json_true());
	json_object_set_new(node, "severe", json_boolean(alert->severe));
	json_object_set_new(
		node, "since", json_string(instant_format(alert->since_us, since)));
	json_object_set_new(node, "text", evidence_text(text));
	json_object_set_new(node, "advice", evidence_text(alert->advice));
	free(text);
	free(subject);
	return node;
}

/* What nobody knows, as one that may be. */
static json_t *
alerts_unknown_node(enum alert_kind kind, const char *why)
{
	json_t *node = json_object();

	json_object_set_new(node, "kind", json_string(alert_kind_name(kind)));
	json_object_set_new(node, "subject", json_string(""));
	json_object_set_new(node, "pid", json_null());
	json_object_set_new(node, "known", json_false());
	json_object_set_new(node, "severe", json_false());
	json_object_set_new(node, "since", json_null());
	json_object_set_new(node, "text", evidence_text(why));
	json_object_set_new(node, "advice", json_null());
	return node;
}

/* Tells the kinds that aren't known, in the list or else in lines; how many. */
static size_t
alerts_unknown(const struct alerts_kept *own, const struct snapshot *snapshot,
	json_t *list, struct str *out)
{
	size_t unknown = 0;

	for (int kind = 0; kind < ALERT_KINDS; kind++) {
		char *why = alert_rules_unknown(
			snapshot, &own->thresholds, (enum alert_kind)kind);

		if (why == NULL)
			continue;
		unknown++;
		if (list != NULL) {
			json_array_append_new(
				list, alerts_unknown_node((enum alert_kind)kind, why));
		} else {
			char *line = alloc_printf("unknown: %s: %s",
				alert_kind_name((enum alert_kind)kind), why);

			look_line(out, 0, line);
			free(line);
		}
		free(why);
	}
	return unknown;
}

static void
alerts_lines(const struct alerts *alerts, struct str *out)
{
	for (size_t i = 0; i < alerts->raised; i++) {
		char *text = alerts_text(alerts, i);
		char *line = alloc_printf(
			"%s%s", alerts->items[i].severe ? "severe: " : "", text);

		look_line(out, 0, line);
		if (alerts->items[i].advice != NULL)
			look_line(out, 2, alerts->items[i].advice);
		free(line);
		free(text);
	}
}

static int
alerts_answer(void *kept, struct snapshot *snapshot, json_t **value, struct str *out)
{
	struct alerts_kept *own = kept;
	struct alerts *alerts = &own->alerts;

	alerts_begin(alerts);
	standbys_note(&own->standbys, snapshot);
	alert_rules_apply(alerts, snapshot, &own->standbys, &own->thresholds,
		snapshot->server_now_us);
	alerts_end(alerts, snapshot->taken_us);
	if (value == NULL)
		alerts_lines(alerts, out);
	else
		*value = json_array();
	for (size_t i = 0; value != NULL && i < alerts->raised; i++)
		json_array_append_new(*value, alerts_node(alerts, i));
	size_t unknown =
		alerts_unknown(own, snapshot, value == NULL ? NULL : *value, out);
	if (value == NULL && alerts->raised == 0 && unknown == 0)
		look_line(out, 0, "no alerts");
	return alerts->raised != 0 ? 1 : unknown != 0 ? 2 : 0;
}

const struct look look_alerts = {
	.list = "alerts",
	.open = alerts_open,
	.close = alerts_close,
	.complete = look_replicas_complete, /* not asked yet is not down */
	.settled = alerts_settled,
	.answer = alerts_answer,
};
