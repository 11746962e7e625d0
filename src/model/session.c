#include "pgrunbook/model/session.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/text.h"

const char *
session_state_words(enum session_state state)
{
	switch (state) {
	case SESSION_ACTIVE:
		return "active";
	case SESSION_IDLE:
		return "idle";
	case SESSION_IDLE_IN_TRANSACTION:
		return "idle in tx";
	case SESSION_IDLE_IN_TRANSACTION_ABORTED:
		return "aborted tx";
	case SESSION_FASTPATH:
		return "fastpath";
	case SESSION_DISABLED:
		return "disabled";
	case SESSION_STARTING:
		return "starting";
	case SESSION_STATE_UNKNOWN:
		break;
	}
	return "-";
}

const char *
session_state_name(enum session_state state)
{
	switch (state) {
	case SESSION_IDLE_IN_TRANSACTION:
		return "idle in transaction";
	case SESSION_IDLE_IN_TRANSACTION_ABORTED:
		return "idle in transaction (aborted)";
	case SESSION_FASTPATH:
		return "fastpath function call";
	case SESSION_STATE_UNKNOWN:
		return NULL;
	default:
		return session_state_words(state);
	}
}

struct session_key
session_key_of(const struct session *session)
{
	return (struct session_key){ session->pid, session->backend_start_us };
}

bool
session_key_same(struct session_key a, struct session_key b)
{
	return a.pid == b.pid && a.backend_start_us == b.backend_start_us;
}

/*
 * As the statement that ends sessions has them (src/drive/pg_queries.c).  Workers of
 * extensions and of logical replication are not among them: those can be ended.
 */
bool
session_is_server(const struct session *session)
{
	static const char *const types[] = { "startup", "checkpointer",
		"background writer", "walwriter", "archiver", "walreceiver",
		"walsummarizer", "logger", "io worker", "autovacuum launcher",
		"logical replication launcher", "slotsync worker" };

	/* Hidden, but all that serve somebody have a user or at least a database. */
	if (session->backend_type == NULL)
		return session->user == NULL && session->database == NULL &&
		       session->state == SESSION_STATE_UNKNOWN;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (strcmp(session->backend_type, types[i]) == 0)
			return true;
	}
	return false;
}

bool
session_is_hidden(const struct session *session)
{
	return session->state == SESSION_STATE_UNKNOWN && session->backend_type == NULL;
}

bool
session_is_idle_in_transaction(const struct session *session)
{
	return session->state == SESSION_IDLE_IN_TRANSACTION ||
	       session->state == SESSION_IDLE_IN_TRANSACTION_ABORTED;
}

bool
session_waits_for_lock(const struct session *session)
{
	return session->waiting ||
	       (session->wait_type != NULL && strcmp(session->wait_type, "Lock") == 0);
}

char *
session_who(const struct session *session, int cells)
{
	const char *user = session->user ? session->user : "";
	const char *application = session->application ? session->application : "";
	char *both;

	if (*application == '\0' || strcmp(user, application) == 0)
		return alloc_copy(user);
	both = alloc_printf("%s (%s)", application, user);
	if (text_width(both) <= cells)
		return both;
	free(both);
	return alloc_copy(application);
}

char *
session_name(const struct session *session)
{
	const char *application = session->application ? session->application : "";
	const char *name = *application != '\0' ? application : session->user;

	return name && *name ? alloc_printf("%d (%s)", session->pid, name)
			     : alloc_printf("%d", session->pid);
}

/* The clocks of two reads may be a moment apart: never negative but for "unknown". */
static int64_t
session_since(int64_t then_us, int64_t now_us)
{
	if (then_us == 0)
		return -1;
	return now_us > then_us ? now_us - then_us : 0;
}

int64_t
session_age_us(const struct session *session, int64_t server_now_us)
{
	if (session->state == SESSION_ACTIVE || session->state == SESSION_FASTPATH)
		return session_since(session->query_start_us, server_now_us);
	return session_since(session->state_change_us, server_now_us);
}

int64_t
session_transaction_age_us(const struct session *session, int64_t server_now_us)
{
	return session_since(session->transaction_start_us, server_now_us);
}

static bool
session_is_client(const struct session *session)
{
	return !session->backend_type ||
	       strcmp(session->backend_type, "client backend") == 0;
}

/* Where a session stands in the list; those of the same rank by age. */
static int
session_rank(const struct session *session)
{
	if (session->migration)
		return 0;
	if (session->waiting)
		return 1;
	switch (session->state) {
	case SESSION_IDLE_IN_TRANSACTION:
	case SESSION_IDLE_IN_TRANSACTION_ABORTED:
		return 2;
	case SESSION_ACTIVE:
	case SESSION_FASTPATH:
		return 3;
	case SESSION_IDLE:
		return 4;
	case SESSION_STATE_UNKNOWN:
	case SESSION_DISABLED:
	case SESSION_STARTING:
		break;
	}
	return session_is_client(session) ? 5 : 6;
}

static int
session_compare(const void *left, const void *right, void *now)
{
	const struct session *a = left, *b = right;
	int rank_a = session_rank(a), rank_b = session_rank(b);
	int64_t age_a, age_b;

	if (rank_a != rank_b)
		return rank_a < rank_b ? -1 : 1;
	age_a = session_age_us(a, *(const int64_t *)now);
	age_b = session_age_us(b, *(const int64_t *)now);
	if (age_a != age_b)
		return age_a > age_b ? -1 : 1;
	return (a->pid > b->pid) - (a->pid < b->pid);
}

void
session_sort(struct session_list *list, int64_t server_now_us)
{
	if (list->count > 1)
		qsort_r(list->items, list->count, sizeof(*list->items), session_compare,
			&server_now_us);
}

const struct session *
session_find(const struct session_list *list, int pid)
{
	for (size_t i = 0; i < list->count; i++) {
		if (list->items[i].pid == pid)
			return &list->items[i];
	}
	return NULL;
}

const struct session *
session_find_key(const struct session_list *list, struct session_key key)
{
	const struct session *session = session_find(list, key.pid);

	return session != NULL && session->backend_start_us == key.backend_start_us
		       ? session
		       : NULL;
}

void
session_list_free(struct session_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		struct session *session = &list->items[i];

		free(session->backend_type);
		free(session->database);
		free(session->user);
		free(session->application);
		free(session->client);
		free(session->wait_type);
		free(session->wait_event);
		free(session->query);
	}
	free(list->items);
	*list = (struct session_list){ 0 };
}

/* The statements by which Alembic keeps its version table, as SQLAlchemy words them. */
static bool
session_writes_version(const char *query)
{
	static const struct {
		const char *begins, *holds;
	} writes[] = {
		{ "UPDATE ", " SET version_num=" },
		{ "INSERT INTO ", " (version_num) VALUES " },
		{ "DELETE FROM ", ".version_num =" },
		{ "CREATE TABLE ", "version_num VARCHAR(" },
	};

	while (*query == '\n' || *query == ' ')
		query++;
	for (size_t i = 0; i < sizeof(writes) / sizeof(writes[0]); i++) {
		if (strncmp(query, writes[i].begins, strlen(writes[i].begins)) == 0 &&
			strstr(query, writes[i].holds))
			return true;
	}
	return false;
}

/* Its own end is the client's of the session: the same port from the same address. */
static bool
session_is_child(const struct session *session, const struct session_marks *marks)
{
	for (size_t i = 0; i < marks->port_count; i++) {
		if (session->client_port == marks->ports[i].port && session->client &&
			strcmp(session->client, marks->ports[i].address) == 0)
			return true;
	}
	return false;
}

static bool
session_is_chosen(const struct session *session, const struct session_marks *marks)
{
	for (size_t i = 0; i < marks->chosen_count; i++) {
		if (session_key_same(session_key_of(session), marks->chosen[i]))
			return true;
	}
	return false;
}

static enum session_mark
session_mark_of(const struct session *session, const struct session_marks *marks)
{
	const char *name = session->application;

	if (session->own)
		return SESSION_MARK_NONE;
	if (session_is_chosen(session, marks))
		return SESSION_MARK_CHOSEN;
	if (name && marks->application && strcmp(name, marks->application) == 0)
		return SESSION_MARK_STEP;
	if (session_is_child(session, marks))
		return SESSION_MARK_CHILD;
	if (name &&
		(strncmp(name, "pgrunbook:", 10) == 0 || strcmp(name, "alembic") == 0))
		return SESSION_MARK_NAME;
	/* An idle session shows its last query, which is over. */
	if (session->query &&
		(session->state == SESSION_ACTIVE ||
			session->state == SESSION_IDLE_IN_TRANSACTION) &&
		session_writes_version(session->query))
		return SESSION_MARK_WRITES;
	return SESSION_MARK_NONE;
}

void
session_mark_migration(struct session_list *list, const struct session_marks *marks)
{
	for (size_t i = 0; i < list->count; i++) {
		list->items[i].mark = session_mark_of(&list->items[i], marks);
		list->items[i].migration = list->items[i].mark != SESSION_MARK_NONE;
	}
}

const char *
session_mark_name(enum session_mark mark)
{
	static const char *const names[] = {
		[SESSION_MARK_NONE] = "",
		[SESSION_MARK_CHOSEN] = "chosen",
		[SESSION_MARK_STEP] = "step",
		[SESSION_MARK_CHILD] = "child",
		[SESSION_MARK_NAME] = "name",
		[SESSION_MARK_WRITES] = "writes",
	};

	return names[mark];
}
