/* A process that connects from below another one is told by its port. */
#include "pgrunbook/drive/child_ports.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/tap/tap.h"

union endpoint {
	struct sockaddr_in6 v6;
	struct sockaddr_in v4;
	struct sockaddr any;
};

static int
listen_somewhere(int family, union endpoint *address, socklen_t *length)
{
	int listener = socket(family, SOCK_STREAM, 0);

	*length = family == AF_INET ? sizeof(address->v4) : sizeof(address->v6);
	if (family == AF_INET)
		address->v4 = (struct sockaddr_in){ .sin_family = AF_INET,
			.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	else
		address->v6 = (struct sockaddr_in6){ .sin6_family = AF_INET6,
			.sin6_addr = in6addr_loopback };
	if (listener < 0 || bind(listener, &address->any, *length) != 0 ||
		listen(listener, 1) != 0 ||
		getsockname(listener, &address->any, length) != 0) {
		close(listener);
		return -1;
	}
	return listener;
}

static int
port_of(const union endpoint *address)
{
	return ntohs(address->any.sa_family == AF_INET ? address->v4.sin_port
						       : address->v6.sin6_port);
}

/* A child whose own child connects, and both wait for their end. */
static int
start_child(const union endpoint *address, socklen_t length, const int hold[2])
{
	int child = fork();

	if (child != 0)
		return child;
	setsid();
	close(hold[1]); /* else nobody hears that we let go */
	if (fork() == 0) {
		int connection = socket(address->any.sa_family, SOCK_STREAM, 0);
		char byte;

		if (connect(connection, &address->any, length) != 0)
			abort();
		while (read(hold[0], &byte, 1) > 0)
			;
		_exit(0);
	}
	wait(NULL);
	_exit(0);
}

static void
test_family(int family, const char *name)
{
	union endpoint address, peer = { 0 };
	socklen_t length, peer_length = sizeof(peer);
	struct session_port *ports;
	char text[46];
	int hold[2], child, connection;
	int listener = listen_somewhere(family, &address, &length);
	size_t count;

	if (listener < 0) {
		tap_skip("there is no %s", name);
		return;
	}
	if (pipe(hold) != 0)
		exit(1);
	child = fork() == 0 ? 0 : 1; /* a stranger, so that pids aren't neighbours */
	if (child == 0)
		_exit(0);
	wait(NULL);
	child = start_child(&address, length, hold);
	close(hold[0]);
	connection = accept(listener, &peer.any, &peer_length);
	count = child_ports(child, port_of(&address), &ports);
	tap_is_int((int64_t)count, 1, "%s: the grandchild's connection", name);
	if (count == 1) {
		tap_is_int(ports[0].port, port_of(&peer), "%s: its port", name);
		inet_ntop(family,
			family == AF_INET ? (void *)&peer.v4.sin_addr
					  : (void *)&peer.v6.sin6_addr,
			text, sizeof(text));
		tap_is_text(ports[0].address, text, "%s: its address", name);
	}
	free(ports);
	count = child_ports(child, port_of(&address) + 1, &ports);
	tap_is_int((int64_t)count, 0, "%s: to that server only", name);
	free(ports);
	close(hold[1]);
	close(connection);
	close(listener);
	waitpid(child, NULL, 0);
	count = child_ports(child, port_of(&address), &ports);
	tap_is_int((int64_t)count, 0, "%s: it is over", name);
	free(ports);
}

int
main(void)
{
	test_family(AF_INET, "IPv4");
	test_family(AF_INET6, "IPv6");
	return tap_done();
}
