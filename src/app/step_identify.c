/* identify: the operator confirms that this is the database that is meant. */
#include <stdlib.h>

#include "pgrunbook/app/evidence.h"
#include "pgrunbook/app/runner_parts.h"
#include "pgrunbook/base/alloc.h"

void
step_identify_begin(struct runner *runner)
{
	const struct app *app = runner->app;
	const struct server *server = &app->snapshot->server;
	char *words = status_words(&app->status);
	struct ask ask = {
		.kind = ASK_YES,
		.title = alloc_printf(
			"Is this the database you mean: %s?", server->database),
	};

	ask_fact(&ask, "against tree", "%s", words);
	ask_fact(&ask, "server", "PostgreSQL %s, system %s", server->version,
		server->system_identifier == NULL ? "identifier not permitted"
						  : server->system_identifier);
	if (server->role == SERVER_STANDBY)
		ask_warn(&ask, "this is a standby: nothing can be changed here");
	free(words);
	step_ask(runner, &ask);
}

static void
identify_read(struct runner *runner, struct identity *identity, const char *why)
{
	json_t *attributes;

	if (identity == NULL) {
		step_fail(runner, NULL, "the server's identity can't be read: %s", why);
		return;
	}
	char *name = server_name(&identity->server);
	char *difference = NULL;
	if (!server_same(
		    &runner->app->snapshot->server, &identity->server, &difference)) {
		step_fail(runner, NULL, "the screen and the run see two servers: %s",
			difference);
	} else {
		attributes = json_object();
		json_object_set_new(attributes, "alembic.revision.before",
			evidence_list(&identity->rows));
		step_succeed(runner, attributes, "target confirmed: %s", name);
	}
	free(difference);
	free(name);
}

void
step_identify_accepted(struct runner *runner)
{
	step_set_phase(runner, RUNNER_READING_BACK, "reading the target back");
	identity_read(runner, identify_read);
}
