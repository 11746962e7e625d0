#include "pgrunbook/drive/resolve.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/base/strlist.h"

/* One of the hosts; libuv writes to it until its callback has run. */
struct resolve_host {
	uv_getaddrinfo_t request;
	struct resolve *resolve;
	struct strlist addresses;
	char *name, *port;
	int status; /* libuv's */
};

struct resolve {
	struct loop_timer *ready; /* calls `done` when nothing has to be asked */
	struct resolve_host *hosts;
	size_t count, capacity;
	size_t pending; /* requests that libuv still works on */
	bool cancelled;
	void (*done)(void *context, const struct resolved *resolved);
	void *context;
};

static void
resolve_free(struct resolve *resolve)
{
	for (size_t i = 0; i < resolve->count; i++) {
		strlist_free(&resolve->hosts[i].addresses);
		free(resolve->hosts[i].name);
		free(resolve->hosts[i].port);
	}
	free(resolve->hosts);
	loop_timer_free(resolve->ready);
	free(resolve);
}

static void
resolve_add(struct str *list, bool first, const char *text)
{
	if (!first)
		str_add_char(list, ',');
	str_add(list, text);
}

static void
resolve_finish(struct resolve *resolve)
{
	struct str hosts = { 0 }, addresses = { 0 }, ports = { 0 }, problems = { 0 };
	struct resolved resolved = { 0 };
	bool first = true;

	for (size_t i = 0; i < resolve->count; i++) {
		const struct resolve_host *host = &resolve->hosts[i];

		if (host->status < 0)
			str_printf(&problems, "%scannot resolve host \"%s\": %s",
				problems.length ? "; " : "", host->name,
				uv_strerror(host->status));
		for (size_t at = 0; at < host->addresses.count; at++) {
			resolve_add(&hosts, first, host->name);
			resolve_add(&addresses, first, host->addresses.items[at]);
			resolve_add(&ports, first, host->port);
			first = false;
		}
	}
	resolved.hosts = str_text(&hosts);
	resolved.addresses = str_text(&addresses);
	resolved.ports = str_text(&ports);
	if (first)
		resolved.error =
			problems.length ? str_text(&problems) : "no host to connect to";
	resolve->done(resolve->context, &resolved);
	str_free(&hosts);
	str_free(&addresses);
	str_free(&ports);
	str_free(&problems);
	resolve_free(resolve);
}

static void
resolve_answered(uv_getaddrinfo_t *request, int status, struct addrinfo *found)
{
	struct resolve_host *host = request->data;
	struct resolve *resolve = host->resolve;

	host->status = status;
	for (const struct addrinfo *at = found; at && status == 0; at = at->ai_next) {
		char text[NI_MAXHOST];

		if (getnameinfo(at->ai_addr, at->ai_addrlen, text, sizeof(text), NULL,
			    0, NI_NUMERICHOST) == 0 &&
			!strlist_has(&host->addresses, text))
			strlist_add(&host->addresses, text);
	}
	uv_freeaddrinfo(found);
	if (--resolve->pending > 0)
		return;
	if (resolve->cancelled)
		resolve_free(resolve);
	else
		resolve_finish(resolve);
}

static bool
resolve_is_address(const char *name)
{
	struct in6_addr address;

	return inet_pton(AF_INET, name, &address) == 1 ||
	       inet_pton(AF_INET6, name, &address) == 1;
}

static void
resolve_ask(struct resolve *resolve, struct resolve_host *host, uv_loop_t *uv)
{
	struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM };

	host->resolve = resolve;
	host->request.data = host;
	/* A path, or '@' for an abstract socket, as libpq tells them from names. */
	if (host->name[0] == '/' || host->name[0] == '@' || host->name[0] == '\0') {
		strlist_add(&host->addresses, "");
		return;
	}
	if (resolve_is_address(host->name)) {
		strlist_add(&host->addresses, host->name);
		return;
	}
	host->status = uv_getaddrinfo(
		uv, &host->request, resolve_answered, host->name, NULL, &hints);
	if (host->status == 0)
		resolve->pending++;
}

/* The next item of a comma-separated list; the caller owns it. */
static char *
resolve_next(const char **list)
{
	size_t length = strcspn(*list, ",");
	char *item = alloc_copy_bytes(*list, length);

	*list += length;
	if (**list == ',')
		(*list)++;
	return item;
}

static void
resolve_ready(void *context)
{
	resolve_finish(context);
}

struct resolve *
resolve_start(struct loop *loop, const char *hosts, const char *ports,
	void (*done)(void *context, const struct resolved *resolved), void *context)
{
	struct resolve *resolve = alloc_zeroed(1, sizeof(*resolve));
	const char *names = hosts ? hosts : "";
	const char *numbers = ports ? ports : "";
	bool one_port = !strchr(numbers, ',');
	bool more;

	resolve->done = done;
	resolve->context = context;
	do {
		more = strchr(names, ',') != NULL;
		resolve->hosts = alloc_room(resolve->hosts, resolve->count,
			&resolve->capacity, sizeof(*resolve->hosts));
		resolve->hosts[resolve->count++] =
			(struct resolve_host){ .name = resolve_next(&names),
				.port = one_port ? alloc_copy(numbers)
						 : resolve_next(&numbers) };
	} while (more);

	/* From here on the array doesn't move: libuv has pointers into it. */
	for (size_t i = 0; i < resolve->count; i++)
		resolve_ask(resolve, &resolve->hosts[i], loop_uv(loop));
	if (resolve->pending == 0) {
		resolve->ready = loop_timer_new(loop, resolve_ready, resolve);
		loop_timer_start(resolve->ready, 0, 0);
	}
	return resolve;
}

void
resolve_cancel(struct resolve *resolve)
{
	if (!resolve)
		return;
	if (resolve->pending == 0) {
		resolve_free(resolve);
		return;
	}
	resolve->cancelled = true;
	for (size_t i = 0; i < resolve->count; i++)
		uv_cancel((uv_req_t *)&resolve->hosts[i].request);
}
