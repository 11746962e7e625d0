#include "pgrunbook/drive/child_ports.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"

struct process {
	int pid, parent, session;
	bool ours;
};

struct processes {
	struct process *items;
	size_t count, capacity;
};

/* Inodes of sockets. */
struct sockets {
	unsigned long *inodes;
	size_t count, capacity;
};

/* Cuts a line at its blanks; how many fields there were, at most `most`. */
static size_t
fields_cut(char *line, char **fields, size_t most)
{
	size_t count = 0;

	while (count < most && *(line += strspn(line, " \n"))) {
		fields[count++] = line;
		line += strcspn(line, " \n");
		if (*line)
			*line++ = '\0';
	}
	return count;
}

/* All of the text, as a number that isn't negative. */
static bool
number_read(const char *text, int base, unsigned long *number)
{
	char *end;

	*number = strtoul(text, &end, base);
	return isxdigit((unsigned char)*text) && *end == '\0';
}

/* "PID (NAME) STATE PARENT GROUP SESSION ...": a name may have blanks and parentheses.
 */
static void
processes_add(struct processes *processes, int pid)
{
	enum { PARENT = 1, SESSION = 3, FIELDS }; /* counted from the state */
	char path[64], line[512], *end, *fields[FIELDS];
	unsigned long parent, session;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "re");
	if (!file)
		return; /* it has just ended */
	if (!fgets(line, sizeof(line), file))
		line[0] = '\0';
	fclose(file);
	end = strrchr(line, ')');
	if (!end || fields_cut(end + 1, fields, FIELDS) != FIELDS ||
		!number_read(fields[PARENT], 10, &parent) ||
		!number_read(fields[SESSION], 10, &session))
		return;
	processes->items = alloc_room(processes->items, processes->count,
		&processes->capacity, sizeof(*processes->items));
	processes->items[processes->count++] = (struct process){
		.pid = pid, .parent = (int)parent, .session = (int)session
	};
}

static void
processes_read(struct processes *processes)
{
	DIR *folder = opendir("/proc");
	const struct dirent *entry;

	while (folder && (entry = readdir(folder))) {
		char *end;
		long pid = strtol(entry->d_name, &end, 10);

		if (pid > 0 && *end == '\0')
			processes_add(processes, (int)pid);
	}
	if (folder)
		closedir(folder);
}

static bool
processes_has_parent(const struct processes *processes, int parent)
{
	for (size_t i = 0; i < processes->count; i++) {
		if (processes->items[i].pid == parent)
			return processes->items[i].ours;
	}
	return false;
}

/*
 * A child of ours leads a session of its own, which its descendants share, even those
 * whose parents are gone; those that begin another one have a parent.
 */
static void
processes_mark(struct processes *processes, int pid)
{
	bool more = true;

	while (more) {
		more = false;
		for (size_t i = 0; i < processes->count; i++) {
			struct process *process = &processes->items[i];

			if (process->ours)
				continue;
			process->ours =
				process->pid == pid || process->session == pid ||
				processes_has_parent(processes, process->parent);
			more = more || process->ours;
		}
	}
}

/* "socket:[INODE]", which is what a descriptor of a socket is a link to. */
static bool
socket_read(const char *target, unsigned long *inode)
{
	static const char prefix[] = "socket:[";
	char *end;

	if (strncmp(target, prefix, sizeof(prefix) - 1) != 0)
		return false;
	*inode = strtoul(target + sizeof(prefix) - 1, &end, 10);
	return strcmp(end, "]") == 0;
}

static void
sockets_add(struct sockets *sockets, int pid)
{
	char path[300], target[64];
	const struct dirent *entry;
	unsigned long inode;
	DIR *folder;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	folder = opendir(path);
	while (folder && (entry = readdir(folder))) {
		ssize_t length;

		snprintf(path, sizeof(path), "/proc/%d/fd/%s", pid, entry->d_name);
		length = readlink(path, target, sizeof(target) - 1);
		if (length <= 0)
			continue;
		target[length] = '\0';
		if (!socket_read(target, &inode))
			continue;
		sockets->inodes = alloc_room(sockets->inodes, sockets->count,
			&sockets->capacity, sizeof(*sockets->inodes));
		sockets->inodes[sockets->count++] = inode;
	}
	if (folder)
		closedir(folder);
}

static bool
sockets_have(const struct sockets *sockets, unsigned long inode)
{
	for (size_t i = 0; i < sockets->count; i++) {
		if (sockets->inodes[i] == inode)
			return true;
	}
	return false;
}

/* "ADDRESS:PORT" of /proc/net/tcp, both in hexadecimal; cuts the address off. */
static bool
port_read(char *address, unsigned long *port)
{
	char *colon = strchr(address, ':');

	if (!colon)
		return false;
	*colon = '\0';
	return number_read(colon + 1, 16, port);
}

/* An address of /proc/net/tcp: words of 32 bits in this machine's order. */
static bool
port_address(const char *hex, char out[46])
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
	unsigned char bytes[16];
	size_t words = strlen(hex) / 8;

	for (size_t i = 0; i < words && i < 4; i++) {
		char word[9] = { 0 };
		uint32_t value;

		memcpy(word, hex + i * 8, 8);
		value = (uint32_t)strtoul(word, NULL, 16);
		memcpy(bytes + i * 4, &value, 4);
	}
	if (words == 1)
		return inet_ntop(AF_INET, bytes, out, 46) != NULL;
	if (words != 4)
		return false;
	/* What speaks IPv4 over such a socket is seen by that address. */
	if (memcmp(bytes, mapped, sizeof(mapped)) == 0)
		return inet_ntop(AF_INET, bytes + 12, out, 46) != NULL;
	return inet_ntop(AF_INET6, bytes, out, 46) != NULL;
}

/* The connections of one table that belong to the sockets. */
static size_t
ports_read(const char *path, const struct sockets *sockets, int server_port,
	struct session_port **ports, size_t count, size_t *capacity)
{
	enum { LOCAL = 1, REMOTE = 2, INODE = 9, FIELDS };
	FILE *file = fopen(path, "re");
	char line[512], *fields[FIELDS];
	unsigned long local_port, remote_port, inode;

	while (file && fgets(line, sizeof(line), file)) {
		if (fields_cut(line, fields, FIELDS) != FIELDS ||
			!port_read(fields[LOCAL], &local_port) ||
			!port_read(fields[REMOTE], &remote_port) ||
			!number_read(fields[INODE], 10, &inode))
			continue; /* the heading */
		if ((int)remote_port != server_port || !sockets_have(sockets, inode))
			continue;
		*ports = alloc_room(*ports, count, capacity, sizeof(**ports));
		(*ports)[count] = (struct session_port){ .port = (int)local_port };
		if (port_address(fields[LOCAL], (*ports)[count].address))
			count++;
	}
	if (file)
		fclose(file);
	return count;
}

size_t
child_ports(int pid, int server_port, struct session_port **ports)
{
	struct processes processes = { 0 };
	struct sockets sockets = { 0 };
	size_t count = 0, capacity = 0;

	*ports = NULL;
	processes_read(&processes);
	processes_mark(&processes, pid);
	for (size_t i = 0; i < processes.count; i++) {
		if (processes.items[i].ours)
			sockets_add(&sockets, processes.items[i].pid);
	}
	if (sockets.count != 0) {
		count = ports_read("/proc/net/tcp", &sockets, server_port, ports, count,
			&capacity);
		count = ports_read("/proc/net/tcp6", &sockets, server_port, ports,
			count, &capacity);
	}
	free(processes.items);
	free(sockets.inodes);
	return count;
}
