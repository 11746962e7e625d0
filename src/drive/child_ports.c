#include "pgrunbook/drive/child_ports.h"

#include <arpa/inet.h>
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

/* "PID (NAME) STATE PARENT GROUP SESSION ...": a name may have blanks and parentheses.
 */
static void
processes_add(struct processes *processes, int pid)
{
	char path[64], line[512], *end;
	struct process process = { .pid = pid };
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "re");
	if (!file)
		return; /* it has just ended */
	if (!fgets(line, sizeof(line), file))
		line[0] = '\0';
	fclose(file);
	end = strrchr(line, ')');
	if (!end ||
		sscanf(end, ") %*c %d %*d %d", &process.parent, &process.session) != 2)
		return;
	processes->items = alloc_room(processes->items, processes->count,
		&processes->capacity, sizeof(*processes->items));
	processes->items[processes->count++] = process;
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
		if (sscanf(target, "socket:[%lu]", &inode) != 1)
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
	FILE *file = fopen(path, "re");
	char line[512], local[40], remote[40];
	unsigned local_port, remote_port;
	unsigned long inode;

	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line,
			    " %*d: %39[0-9A-F]:%x %39[0-9A-F]:%x %*x %*s %*s %*s %*d "
			    "%*d %lu",
			    local, &local_port, remote, &remote_port, &inode) != 5)
			continue;
		if ((int)remote_port != server_port || !sockets_have(sockets, inode))
			continue;
		*ports = alloc_room(*ports, count, capacity, sizeof(**ports));
		(*ports)[count] = (struct session_port){ .port = (int)local_port };
		if (port_address(local, (*ports)[count].address))
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
