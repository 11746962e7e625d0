/*
 * readall DIRECTORY...: opens, reads and closes every .py file, and does nothing else:
 * no program that looks into them can be faster.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int
read_all(const char *path)
{
	static char buffer[1 << 16];
	DIR *directory = opendir(path);
	struct dirent *entry;

	if (!directory) {
		perror(path);
		return 1;
	}
	while ((entry = readdir(directory))) {
		size_t length = strlen(entry->d_name);
		ssize_t got;

		if (length < 3 || strcmp(entry->d_name + length - 3, ".py") != 0)
			continue;
		int file = openat(dirfd(directory), entry->d_name, O_RDONLY);
		if (file < 0) {
			perror(entry->d_name);
			return 1;
		}
		while ((got = read(file, buffer, sizeof(buffer))) ==
			(ssize_t)sizeof(buffer))
			;
		close(file);
		if (got < 0) {
			perror(entry->d_name);
			return 1;
		}
	}
	closedir(directory);
	return 0;
}

int
main(int argc, char **argv)
{
	int status = 0;

	for (int i = 1; i < argc; i++)
		status |= read_all(argv[i]);
	return status;
}
