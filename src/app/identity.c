/* Who the server says it is: read before the first question and again after it. */
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/app/runner_parts.h"
#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/duration.h"
#include "pgrunbook/drive/clock.h"

enum { PATIENCE_US = 10 * 1000000 }; /* from the confirmation to the command */

/* The right to the second is checked before a CASE could keep it from being called. */
static const char identity_sql[] =
	"SELECT current_database(), current_user, pg_is_in_recovery(), NULL";
static const char identity_system_sql[] =
	"SELECT current_database(), current_user, pg_is_in_recovery(), "
	"system_identifier FROM pg_control_system()";

static void
identity_answered(struct runner *runner, const struct pg_answer *answer)
{
	struct identity identity = { 0 };

	if (answer->error != NULL) {
		runner->identity_then(runner, NULL, answer->error);
		return;
	}
	const struct pg_result *who = answer->results[0];
	identity.server = (struct server){
		.host = alloc_copy(pg_host(runner->pg)),
		.port = alloc_copy(pg_port(runner->pg)),
		.database = alloc_copy(pg_result_text(who, 0, 0)),
		.user = alloc_copy(pg_result_text(who, 0, 1)),
		.role = pg_result_bool(who, 0, 2) ? SERVER_STANDBY : SERVER_PRIMARY,
		.system_identifier = alloc_copy(pg_result_text(who, 0, 3)),
	};
	for (int row = 0; answer->count > 1 && row < pg_result_rows(answer->results[1]);
		row++)
		strlist_add(&identity.rows, pg_result_text(answer->results[1], row, 0));
	strlist_sort(&identity.rows);
	runner->identity_then(runner, &identity, NULL);
	identity_free(&identity);
}

void
identity_read(struct runner *runner,
	void (*then)(struct runner *runner, struct identity *identity, const char *why))
{
	const struct snapshot *snapshot =
		runner->app->latest ? runner->app->latest : runner->app->snapshot;
	struct error error = { 0 };
	struct str sql = { 0 };

	/* The screen has it where the role may ask for it. */
	str_add(&sql, snapshot->server.system_identifier == NULL ? identity_sql
								 : identity_system_sql);
	/* The name comes quoted from the server itself. */
	if (snapshot->version.table == VERSION_TABLE_READ)
		str_printf(
			&sql, "; SELECT version_num FROM %s", snapshot->version.name);
	if (runner_query(runner, str_text(&sql), NULL, 0, identity_answered, &error)) {
		runner->identity_then = then;
		runner->identity_us = clock_now_us();
	} else {
		then(runner, NULL, error.message);
		error_clear(&error);
	}
	str_free(&sql);
}

void
identity_give_up(struct runner *runner, const char *why)
{
	runner->ticket++;
	runner->identity_then(runner, NULL, why);
}

void
identity_free(struct identity *identity)
{
	server_free(&identity->server);
	strlist_free(&identity->rows);
	*identity = (struct identity){ 0 };
}

char *
identity_rows(const struct strlist *rows)
{
	return rows->count == 0 ? alloc_copy("base") : strlist_join(rows, ", ");
}

char *
identity_difference(const struct identity *asked, const struct identity *now)
{
	char *why = NULL;

	if (!server_same(&asked->server, &now->server, &why))
		return why;
	free(why);
	if (strlist_equal(&asked->rows, &now->rows))
		return NULL;
	char *before = identity_rows(&asked->rows);
	char *after = identity_rows(&now->rows);
	why = alloc_printf("the revision was %s and is now %s", before, after);
	free(before);
	free(after);
	return why;
}

char *
identity_refusal(
	const struct runner *runner, const struct identity *identity, const char *why)
{
	int64_t took = clock_now_us() - runner->identity_us;
	char words[DURATION_TEXT];

	if (identity == NULL)
		return alloc_printf("the target can't be read back: %s",
			why == NULL ? "no reason given" : why);
	if (!runner->guarded)
		return alloc_copy("the lock for runs went with its session: begin the "
				  "step again");
	if (took > PATIENCE_US)
		return alloc_printf("the server took %s to say who it is: look again "
				    "and begin the step anew",
			duration_format(took, words));
	return NULL;
}

bool
identity_stands(struct runner *runner, const struct identity *identity, const char *why)
{
	char *refusal = identity_refusal(runner, identity, why);
	char *difference = NULL;

	/* A read that nobody was asked about has nothing to be held against. */
	if (refusal == NULL && runner->asked.server.database != NULL &&
		!server_same(&runner->asked.server, &identity->server, &difference))
		refusal = alloc_printf(
			"the target moved between question and answer: %s", difference);
	if (refusal != NULL)
		step_drop(runner, true, "nothing was run: %s", refusal);
	free(difference);
	bool stands = refusal == NULL;
	free(refusal);
	return stands;
}
