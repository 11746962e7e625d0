#include "pgrunbook/model/server.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/duration.h"

void
server_copy(struct server *to, const struct server *from)
{
	*to = *from;
	to->host = alloc_copy(from->host);
	to->port = alloc_copy(from->port);
	to->database = alloc_copy(from->database);
	to->user = alloc_copy(from->user);
	to->version = alloc_copy(from->version);
	to->system_identifier = alloc_copy(from->system_identifier);
}

void
server_free(struct server *server)
{
	free(server->host);
	free(server->port);
	free(server->database);
	free(server->user);
	free(server->version);
	free(server->system_identifier);
	*server = (struct server){ 0 };
}

static const char *
server_or(const char *text, const char *otherwise)
{
	return text && *text ? text : otherwise;
}

char *
server_name(const struct server *server)
{
	return alloc_printf("%s on %s:%s", server_or(server->database, "?"),
		server_or(server->host, "?"), server_or(server->port, "?"));
}

static const char *const server_lost_beginnings[] = { "cannot connect to ",
	"lost the connection to " };

char *
server_lost_words(bool was, const char *target, const char *cause)
{
	return alloc_printf("%s%s: %s", server_lost_beginnings[was], target, cause);
}

const char *
server_lost_cause(const char *message)
{
	for (int was = 0; was <= 1; was++) {
		const char *beginning = server_lost_beginnings[was];
		const char *end = strncmp(message, beginning, strlen(beginning)) == 0
					  ? strstr(message, ": ")
					  : NULL;

		if (end)
			return end + 2;
	}
	return message;
}

static const char *
server_role_words(enum server_role role)
{
	switch (role) {
	case SERVER_PRIMARY:
		return "a primary";
	case SERVER_STANDBY:
		return "a standby";
	case SERVER_ROLE_UNKNOWN:
		break;
	}
	return "of unknown role";
}

bool
server_same(const struct server *a, const struct server *b, char **why)
{
	*why = NULL;
	if (a->system_identifier && b->system_identifier &&
		strcmp(a->system_identifier, b->system_identifier) != 0)
		*why = alloc_printf(
			"it is another cluster: system identifier %s, not %s",
			b->system_identifier, a->system_identifier);
	else if (strcmp(server_or(a->database, ""), server_or(b->database, "")) != 0)
		*why = alloc_printf("it is another database: %s, not %s",
			server_or(b->database, "unknown"),
			server_or(a->database, "unknown"));
	else if ((!a->system_identifier || !b->system_identifier) &&
		 (strcmp(server_or(a->host, ""), server_or(b->host, "")) != 0 ||
			 strcmp(server_or(a->port, ""), server_or(b->port, "")) != 0))
		*why = alloc_printf(
			"it is on another server: %s:%s, not %s:%s, and nothing else "
			"tells clusters apart (pg_control_system isn't permitted)",
			server_or(b->host, "?"), server_or(b->port, "?"),
			server_or(a->host, "?"), server_or(a->port, "?"));
	else if (a->role != b->role)
		*why = alloc_printf("it is %s now, not %s", server_role_words(b->role),
			server_role_words(a->role));
	return !*why;
}

/* What `now` is, and that it was something else. */
static char *
server_moved_words(const char *was, const struct server *now, const char *why)
{
	char *name = server_name(now);
	char *words;

	if (strcmp(was, name) != 0)
		words = alloc_printf("another server now: %s, %s; it was %s", name,
			server_role_words(now->role), was);
	else if (why)
		words = alloc_printf("%s is not what it was: %s", name, why);
	else
		words = NULL;
	free(name);
	return words;
}

char *
server_moved(const struct server *before, const struct server *now, bool *badly)
{
	char *was = server_name(before);
	char *why = NULL;
	char at[INSTANT_TEXT];

	server_same(before, now, &why);
	char *words = server_moved_words(was, now, why);
	*badly = words != NULL;
	if (!words && before->started_us != now->started_us)
		words = alloc_printf("%s was restarted at %s", was,
			instant_clock(now->started_us, at));
	free(why);
	free(was);
	return words;
}
