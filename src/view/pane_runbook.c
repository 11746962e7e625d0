/*
 * The runbook as its document: headings, text and code stand between the steps.  The
 * cursor stands on steps; the page is scrolled so that the selected one is in view.
 */
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/duration.h"
#include "pgrunbook/model/placeholder.h"
#include "pgrunbook/view/draw.h"
#include "pgrunbook/view/pane.h"
#include "pgrunbook/view/parts.h"

enum { STEP_INDENT = 5, TAIL_LEAST_ROWS = 9, TAIL_MOST_ROWS = 12 };

static enum step_state
step_state(const struct app *app, int step)
{
	const struct run_step *run = run_step(&app->run, app->runbook->steps[step].id);

	if (step == app->step_running)
		return STEP_RUNNING;
	return run == NULL ? STEP_OPEN : run->state;
}

/* How the run stands, before a comma; the step that needs the operator by its number.
 */
static char *
runbook_trouble(const struct app *app)
{
	if (app->run.aborted)
		return alloc_copy("aborted, ");
	for (size_t i = 0; i < app->runbook->step_count; i++) {
		enum step_state state = step_state(app, (int)i);

		if (state == STEP_FAILED || state == STEP_OUTCOME_UNKNOWN)
			return alloc_printf("step %d %s, ",
				app->runbook->steps[i].number,
				state == STEP_FAILED ? "failed" : "unknown");
		if (state == STEP_RUNNING)
			return alloc_printf(
				"step %d runs, ", app->runbook->steps[i].number);
	}
	return alloc_copy(app->run.finished ? "finished, " : "");
}

static char *
runbook_summary(const struct app *app)
{
	size_t done = 0, all = 0;

	if (app->runbook == NULL)
		return NULL;
	for (size_t i = 0; i < app->runbook->step_count; i++) {
		enum step_state state = step_state(app, (int)i);

		if (app->runbook->steps[i].optional)
			continue;
		all++;
		done += state == STEP_DONE || state == STEP_SKIPPED;
	}
	char *trouble = runbook_trouble(app);
	char *words = alloc_printf(
		"%s%zu of %zu done, %s", trouble, done, all, app->runbook->name);
	free(trouble);
	return words;
}

static const char *
step_mark(const struct canvas *canvas, enum step_state state, enum role *role)
{
	switch (state) {
	case STEP_DONE:
		*role = ROLE_GOOD;
		return canvas_ascii(canvas) ? "[x]" : "[✓]";
	case STEP_FAILED:
		*role = ROLE_ALERT;
		return "[!]";
	case STEP_SKIPPED:
		*role = ROLE_DIM;
		return "[-]";
	case STEP_OUTCOME_UNKNOWN:
		*role = ROLE_ALERT;
		return "[?]";
	case STEP_RUNNING:
		*role = ROLE_WARNING;
		return "[>]";
	case STEP_OPEN:
		break;
	}
	*role = ROLE_TEXT;
	return "[ ]";
}

/* What became of it, in a line beneath; nothing while it is open. */
static void
step_outcome(const struct app *app, int step, enum step_state state, enum role role,
	struct flow *flow)
{
	const struct run_step *run = run_step(&app->run, app->runbook->steps[step].id);
	const char *result = run == NULL || run->result == NULL ? "" : run->result;
	char age[DURATION_TEXT];

	switch (state) {
	case STEP_RUNNING:
		flow_printf(flow, role, STEP_INDENT, "running for %s%s%s",
			duration_format(app->now_us - app->step_started_us, age),
			app->step_phase == NULL ? "" : ": ",
			app->step_phase == NULL ? "" : app->step_phase);
		break;
	case STEP_FAILED:
		flow_printf(flow, role, STEP_INDENT, "failed: %s", result);
		break;
	case STEP_OUTCOME_UNKNOWN:
		flow_text(flow, role, STEP_INDENT,
			"outcome unknown: it was started, and no end was written; "
			"look at the database before anything else");
		break;
	case STEP_SKIPPED:
		flow_printf(flow, role, STEP_INDENT, "skipped: %s", result);
		break;
	case STEP_DONE:
		if (*result != '\0' &&
			strcmp(result, app->runbook->steps[step].title) != 0)
			flow_text(flow, ROLE_DIM, STEP_INDENT, result);
		break;
	case STEP_OPEN:
		break;
	}
}

/* The command with what is known of its inputs filled in; as written if that fails. */
static char *
step_command(const struct app *app, const struct step *step)
{
	struct error error = { 0 };
	char *filled = placeholder_fill(step->command, &app->run.input_names,
		&app->run.input_values, step->kind == STEP_SHELL, &error);

	error_clear(&error);
	return filled != NULL ? filled : alloc_copy(step->command);
}

/* The title, and the command below it unless the title is the command. */
static void
step_flow_words(
	const struct app *app, const struct step *step, bool quiet, struct flow *flow)
{
	char *command = step->command == NULL ? NULL : step_command(app, step);
	const char *title = step->title == NULL ? "" : step->title;
	bool same = command != NULL && strcmp(title, step->command) == 0;

	flow_printf(flow, quiet ? ROLE_DIM : ROLE_TEXT, STEP_INDENT, "%d %s",
		step->number, same ? command : title);
	/* A question's command says no more than its title. */
	bool question = step->kind == STEP_ACTION && step->action.kind == ACTION_ASK &&
			step->title != NULL && strcmp(title, step->action.text) == 0;
	if (command != NULL && !same && !question)
		flow_text(
			flow, quiet ? ROLE_DIM : ROLE_INPUT, STEP_INDENT + 2, command);
	free(command);
}

static void
step_flow(const struct app *app, int index, struct flow *flow)
{
	const struct step *step = &app->runbook->steps[index];
	enum role role;
	enum step_state state = step_state(app, index);
	const char *mark = step_mark(flow->area.canvas, state, &role);
	bool quiet = state == STEP_DONE || state == STEP_SKIPPED || step->optional;

	area_put(flow->area, flow->row, 1, role, mark);
	step_flow_words(app, step, quiet, flow);
	if (step->by_hand != NULL && state == STEP_OPEN)
		flow_printf(flow, ROLE_WARNING, STEP_INDENT + 2, "by hand: %s",
			step->by_hand);
	step_outcome(app, index, state, role, flow);
}

/* The end of the section that a heading opens: the next heading of its level. */
static size_t
section_end(const struct runbook *runbook, size_t heading)
{
	size_t at = heading + 1;

	while (at < runbook->block_count &&
		(runbook->blocks[at].kind != BLOCK_HEADING ||
			runbook->blocks[at].level > runbook->blocks[heading].level))
		at++;
	return at;
}

/*
 * Whether a section is shown as its heading only: all its steps are optional, and the
 * cursor is elsewhere.  *steps counts what is in it.
 */
static bool
section_folded(const struct app *app, size_t heading, size_t end, size_t *steps)
{
	const struct runbook *runbook = app->runbook;

	*steps = 0;
	for (size_t at = heading + 1; at < end; at++) {
		const struct block *block = &runbook->blocks[at];

		if (block->kind != BLOCK_STEP)
			continue;
		if (!runbook->steps[block->step].optional ||
			block->step == app_selected_step(app))
			return false;
		++*steps;
	}
	return *steps != 0;
}

static void
block_flow(const struct app *app, const struct block *block, struct flow *flow)
{
	switch (block->kind) {
	case BLOCK_HEADING:
		flow_text(flow, block->level == 1 ? ROLE_TITLE : ROLE_HEADING, 0,
			block->text);
		break;
	case BLOCK_TEXT:
		flow_text(flow, ROLE_TEXT, 1 + 2 * block->level, block->text);
		break;
	case BLOCK_CODE:
		flow_text(flow, ROLE_DIM, 4, block->text);
		break;
	case BLOCK_STEP:
		step_flow(app, block->step, flow);
		break;
	}
}

/* Lays out all; *from and *to are the rows that the selected step takes. */
static void
runbook_flow(
	const struct app *app, bool unfolded, struct flow *flow, int *from, int *to)
{
	const struct runbook *runbook = app->runbook;
	int selected = app_selected_step(app);
	size_t steps;

	*from = *to = 0;
	for (size_t i = 0; i < runbook->block_count; i++) {
		const struct block *block = &runbook->blocks[i];
		bool step = block->kind == BLOCK_STEP;

		/* Steps stand close together, everything else has air around it. */
		if (i > 0 && !(step && runbook->blocks[i - 1].kind == BLOCK_STEP))
			flow_gap(flow);
		if (step && block->step == selected)
			*from = flow->row;
		size_t end = block->kind == BLOCK_HEADING ? section_end(runbook, i) : 0;
		if (end != 0 && !unfolded && section_folded(app, i, end, &steps)) {
			flow_printf(flow, ROLE_DIM, 0, "+ %s (folded: %zu optional)",
				block->text, steps);
			i = end - 1;
			continue;
		}
		block_flow(app, block, flow);
		if (step && block->step == selected)
			*to = flow->row;
	}
}

static void
runbook_draw_page(const struct app *app, struct area area)
{
	struct flow measure = flow_at(area_measure(area), 0);
	int from, to, unused;

	runbook_flow(app, false, &measure, &from, &to);
	/* What leads to the step is above it: a third of the page, and its heading. */
	int top = from - area.rows / 3;
	if (to - top > area.rows)
		top = to - area.rows;
	if (top > from)
		top = from;
	if (top > measure.row - area.rows)
		top = measure.row - area.rows;
	if (top < 0)
		top = 0;
	struct flow flow = flow_at(area, top);
	runbook_flow(app, false, &flow, &unused, &unused);
	if (app_selected_step(app) >= 0)
		draw_cursor(area, from - top, app->focus == PANE_RUNBOOK);
}

/* The step's output below the page, while it runs, when it went wrong, and until the
 * next one begins if it answers a question. */
static struct area
runbook_draw_tail(const struct app *app, struct area area)
{
	size_t lines = output_lines(&app->output);
	int selected = app_selected_step(app);
	bool wanted = app->step_running >= 0 || app->output.answer ||
		      (selected >= 0 && step_state(app, selected) == STEP_FAILED);
	int rows = area.rows / 3;

	if (!wanted || lines == 0 || area.rows < TAIL_LEAST_ROWS)
		return area;
	rows = rows > TAIL_MOST_ROWS ? TAIL_MOST_ROWS : rows;
	if ((size_t)rows > lines + 1)
		rows = (int)lines + 1;
	struct area tail = area_part(area, area.rows - rows, 0, rows, area.columns);
	for (int column = 0; column < tail.columns; column++)
		area_glyph(tail, 0, column, ROLE_BORDER, GLYPH_HORIZONTAL);
	area_put(tail, 0, 2, ROLE_TITLE, " output ");
	output_draw_tail(app, area_part(tail, 1, 1, rows - 1, tail.columns), lines - 1);
	return area_part(area, 0, 0, area.rows - rows, area.columns);
}

static void
runbook_draw(const struct app *app, struct area area)
{
	if (app->runbook == NULL) {
		draw_empty(area, "no runbook is open: R chooses one");
		return;
	}
	area = runbook_draw_tail(app, area);
	runbook_draw_page(app, area);
}

static int
runbook_detail(const struct app *app, struct area area, int top)
{
	struct flow flow = flow_at(area, top);
	int unused;

	if (app->runbook == NULL)
		flow_text(&flow, ROLE_DIM, 0, "no runbook is open: R chooses one");
	else
		runbook_flow(app, true, &flow, &unused, &unused);
	return flow.row + top;
}

const struct pane pane_runbook = {
	.id = PANE_RUNBOOK,
	.summary = runbook_summary,
	.draw = runbook_draw,
	.detail = runbook_detail, /* all of it, what is folded included */
};
