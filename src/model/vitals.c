#include "pgrunbook/model/vitals.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/model/server.h"
#include "pgrunbook/model/snapshot.h"

void
vitals_free(struct vitals *vitals)
{
	free(vitals->xid_database);
	free(vitals->multixact_database);
	free(vitals->prepared_gid);
	*vitals = (struct vitals){ 0 };
}

/*
 * A role that isn't shown a session's type sees its database and user all the same:
 * the server's own processes lack one of them.
 */
bool
vitals_is_client(const struct session *session)
{
	if (session->backend_type != NULL)
		return strcmp(session->backend_type, "client backend") == 0;
	return session->database != NULL && session->user != NULL;
}

void
vitals_count(const struct snapshot *snapshot, struct vitals_sessions *counts)
{
	const struct session_list *list = &snapshot->sessions;

	*counts = (struct vitals_sessions){ 0 };
	for (size_t i = 0; i < list->count; i++) {
		const struct session *session = &list->items[i];

		/* Also those of autovacuum wait, and are waited for. */
		counts->waiting += session->waiting && !session->own;
		if (!vitals_is_client(session))
			continue;
		counts->clients++;
		if (session->own)
			continue;
		counts->hidden += session_is_hidden(session);
		counts->idle_in_transaction += session_is_idle_in_transaction(session);
		counts->active += session->state == SESSION_ACTIVE ||
				  session->state == SESSION_FASTPATH;
	}
}

int64_t
vitals_most_connections(const struct vitals *vitals)
{
	if (!vitals->read || vitals->max_connections < 0 ||
		vitals->reserved_connections < 0 ||
		vitals->reserved_connections >= vitals->max_connections)
		return -1;
	return vitals->max_connections - vitals->reserved_connections;
}

/* Vacuum keeps neither rows nor other vacuums waiting for its snapshot. */
static bool
session_is_autovacuum(const struct session *session)
{
	return session->backend_type != NULL &&
	       strcmp(session->backend_type, "autovacuum worker") == 0;
}

static bool
session_is_vacuum(const struct session *session)
{
	return session_is_autovacuum(session) && session->query != NULL &&
	       strncmp(session->query, "autovacuum: VACUUM", 18) == 0;
}

static bool
session_is_walsender(const struct session *session)
{
	return session->backend_type != NULL &&
	       strcmp(session->backend_type, "walsender") == 0;
}

struct holder
vitals_oldest_transaction(const struct snapshot *snapshot, int64_t server_now_us)
{
	const struct session_list *list = &snapshot->sessions;
	const struct vitals *vitals = &snapshot->vitals;
	struct holder oldest = { .kind = HOLDER_NONE, .age = -1 };

	for (size_t i = 0; i < list->count; i++) {
		const struct session *session = &list->items[i];
		int64_t age = session_transaction_age_us(session, server_now_us);

		/* A vacuum is long by nature and stands under Progress. */
		if (session->own || session_is_autovacuum(session) || age <= oldest.age)
			continue;
		oldest = (struct holder){ HOLDER_SESSION, session, session->application,
			age };
	}
	if (vitals->prepared_gid != NULL && vitals->prepared_us != 0 &&
		server_now_us - vitals->prepared_us > oldest.age)
		oldest = (struct holder){ HOLDER_PREPARED, NULL, vitals->prepared_gid,
			server_now_us - vitals->prepared_us };
	return oldest;
}

struct holder
vitals_oldest_xmin(const struct snapshot *snapshot)
{
	const struct session_list *list = &snapshot->sessions;
	const struct vitals *vitals = &snapshot->vitals;
	struct holder oldest = { .kind = HOLDER_NONE, .age = -1 };

	for (size_t i = 0; i < list->count; i++) {
		const struct session *session = &list->items[i];

		if (session->own || session_is_vacuum(session) ||
			session->xmin_age <= oldest.age)
			continue;
		oldest =
			(struct holder){ session_is_walsender(session) ? HOLDER_FEEDBACK
								       : HOLDER_SESSION,
				session, session->application, session->xmin_age };
	}
	for (size_t i = 0; i < snapshot->replication.slot_count; i++) {
		const struct slot *slot = &snapshot->replication.slots[i];

		if (slot->xmin_age > oldest.age)
			oldest = (struct holder){ HOLDER_SLOT, NULL, slot->name,
				slot->xmin_age };
	}
	if (vitals->prepared_gid != NULL && vitals->prepared_xid_age > oldest.age)
		oldest = (struct holder){ HOLDER_PREPARED, NULL, vitals->prepared_gid,
			vitals->prepared_xid_age };
	return oldest;
}

char *
holder_words(const struct holder *holder)
{
	const char *name = holder->name == NULL ? "" : holder->name;

	switch (holder->kind) {
	case HOLDER_SESSION:
		return alloc_printf("session %d%s%s%s", holder->session->pid,
			*name == '\0' ? "" : " (", name, *name == '\0' ? "" : ")");
	case HOLDER_FEEDBACK:
		return alloc_printf("standby %s, by hot_standby_feedback",
			*name == '\0' ? "without a name" : name);
	case HOLDER_PREPARED:
		return alloc_printf("prepared transaction %s", name);
	case HOLDER_SLOT:
		return alloc_printf("slot %s", name);
	case HOLDER_NONE:
		break;
	}
	return NULL;
}

const char *
holder_remedy(const struct holder *holder)
{
	switch (holder->kind) {
	case HOLDER_SESSION:
		return "Have its client end its transaction, or end the session from "
		       "the pane Sessions.";
	case HOLDER_FEEDBACK:
		return "A query on the standby is that old: end it there, or turn "
		       "hot_standby_feedback off there.";
	case HOLDER_PREPARED:
		return "COMMIT PREPARED or ROLLBACK PREPARED in its database ends it; "
		       "nothing else does.";
	case HOLDER_SLOT:
		return "Have its consumer go on, or drop the slot if nobody will use "
		       "it again.";
	case HOLDER_NONE:
		break;
	}
	return NULL;
}

/* -1 is what the server didn't tell. */
static double
known(int64_t value)
{
	return value < 0 ? SERIES_UNKNOWN : (double)value;
}

/* Nothing old is there: that is the age 0, unless somebody's can't be seen. */
static double
held(const struct holder *holder, const struct vitals_sessions *counts)
{
	if (counts->hidden != 0)
		return SERIES_UNKNOWN;
	return holder->kind == HOLDER_NONE ? 0 : (double)holder->age;
}

double
vital_value(enum vital vital, const struct snapshot *snapshot, int64_t server_now_us)
{
	const struct vitals *vitals = &snapshot->vitals;
	struct vitals_sessions counts;
	struct holder holder;

	if (snapshot->sessions.count == 0 && vital <= VITAL_XMIN)
		return SERIES_UNKNOWN; /* we are one ourselves: they weren't read */
	vitals_count(snapshot, &counts);
	switch (vital) {
	case VITAL_ACTIVE:
		return counts.hidden != 0 ? SERIES_UNKNOWN : (double)counts.active;
	case VITAL_IDLE_IN_TRANSACTION:
		return counts.hidden != 0 ? SERIES_UNKNOWN
					  : (double)counts.idle_in_transaction;
	case VITAL_WAITING:
		return (double)counts.waiting;
	case VITAL_CONNECTIONS:
		return (double)counts.clients;
	case VITAL_TRANSACTION:
		holder = vitals_oldest_transaction(snapshot, server_now_us);
		return held(&holder, &counts);
	case VITAL_XMIN:
		holder = vitals_oldest_xmin(snapshot);
		return held(&holder, &counts);
	case VITAL_XID:
		return vitals->read ? known(vitals->xid_age) : SERIES_UNKNOWN;
	case VITAL_MULTIXACT:
		return vitals->read ? known(vitals->multixact_age) : SERIES_UNKNOWN;
	case VITAL_WAL:
	case VITAL_COMMITS:
	case VITAL_ROLLBACKS:
	case VITAL_TEMP:
	case VITAL_DEADLOCKS:
	case VITAL_COUNT:
		break;
	}
	return SERIES_UNKNOWN;
}

const char *
vital_missing(enum vital vital, const struct snapshot *snapshot)
{
	struct vitals_sessions counts;

	vitals_count(snapshot, &counts);
	switch (vital) {
	case VITAL_ACTIVE:
	case VITAL_IDLE_IN_TRANSACTION:
	case VITAL_TRANSACTION:
	case VITAL_XMIN:
		return counts.hidden != 0 ? SERVER_NEEDS_MONITOR : NULL;
	case VITAL_WAITING:
	case VITAL_CONNECTIONS:
	case VITAL_COUNT:
		return NULL;
	case VITAL_WAL:
		return snapshot->replication.problem;
	default:
		return snapshot->vitals.read ? NULL : "could not be read";
	}
}
