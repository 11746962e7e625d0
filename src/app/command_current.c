#include <stdlib.h>
#include <string.h>

#include "pgrunbook/app/command_tree.h"
#include "pgrunbook/base/alloc.h"
#include "pgrunbook/model/redact.h"
#include "pgrunbook/model/tree_answer.h"
#include "pgrunbook/model/url_text.h"

/* The database as a URL, without its password. */
static char *
current_url(const struct setup *setup)
{
	char *user = pg_params_value(&setup->params, "user");
	char *host = pg_params_value(&setup->params, "host");
	char *port = pg_params_value(&setup->params, "port");
	char *database = pg_params_value(&setup->params, "dbname");
	bool network = host != NULL && *host != '/';
	struct str url = { 0 };

	str_add(&url, "postgresql://");
	if (user != NULL)
		str_printf(&url, "%s@", user);
	if (network)
		str_printf(&url, "%s:%s", host, port != NULL ? port : "");
	str_printf(&url, "/%s", database != NULL ? database : "");
	if (host != NULL && !network)
		str_printf(&url, "?host=%s&port=%s", host, port != NULL ? port : "");
	free(user);
	free(host);
	free(port);
	free(database);
	return str_take(&url);
}

/* Alembic's line, with whatever else may be a secret masked, too. */
static void
current_title(const struct setup *setup, const struct tree_question *question,
	struct str *out)
{
	char *url = question->at != NULL ? alloc_printf("--at %s", question->at)
		    : setup->url != NULL ? url_text(setup->url)
					 : current_url(setup);
	struct redact *redact = redact_new(NULL);

	str_add(out, "Current revision(s) for ");
	redact_text(redact, url, strlen(url), out);
	str_add(out, ":\n");
	redact_free(redact);
	free(url);
}

/* `--check-heads`: 0, or 1 with a sentence. */
static int
current_check_heads(const struct tree *tree, const struct strlist *rows,
	struct str *complaints, struct error *error)
{
	struct tree_list missing = { 0 };
	struct str ids = { 0 };
	bool good = tree_answer_missing_heads(tree, rows, &missing, error);

	for (size_t i = 0; i < missing.count; i++)
		str_printf(&ids, "%s%s", i ? ", " : "",
			tree_at(tree, missing.items[i])->script.revision);
	int status = good && missing.count == 0 ? 0 : good ? 1 : 2;
	if (good && missing.count) {
		error_set(error, "the database is not at every head: %s %s applied",
			str_text(&ids), missing.count == 1 ? "isn't" : "aren't");
		command_complain(complaints, error);
	}
	tree_list_free(&missing);
	str_free(&ids);
	return status;
}

bool
command_current_asks(const struct tree_question *question)
{
	return question->at == NULL;
}

int
command_current(const struct setup *setup, const struct tree_question *question,
	struct str *out, struct str *complaints)
{
	int status = 0;
	struct tree *tree = command_load_tree(setup, complaints, &status);
	struct strlist rows = { 0 };
	struct error error = { 0 };
	struct tree_ask ask = {
		.verb = TREE_CURRENT, .rows = &rows, .verbose = question->verbose
	};

	if (tree == NULL)
		return status;
	if (command_read_rows(setup, tree, question, &rows, &error)) {
		int at_heads = 0;

		if (question->verbose && !question->json)
			current_title(setup, question, out);
		if (question->check_heads)
			at_heads = current_check_heads(tree, &rows, complaints, &error);
		/* As with Alembic nothing follows a "no"; a program is told. */
		if (error.message == NULL && (at_heads == 0 || question->json))
			command_print(tree, &ask, question->json, out, &error);
		status = status == 0 ? at_heads : status;
	}
	return command_end(tree, question, &rows, &error, complaints) ? status : 2;
}
