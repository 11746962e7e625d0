/*
 * measure TIMES COMMAND...: runs the commands by turns, TIMES each, and prints a line
 * for each: the least and the median of their wall time and the least CPU time (us),
 * and the most memory that one held (KB).  A command is split at blanks; its output
 * goes nowhere.  One that is slow may be run less often: a number before it says how
 * often.
 *
 * A small program, because a child's peak memory counts from its parent's.
 */
#define _POSIX_C_SOURCE 200809L
#define _DEFAULT_SOURCE

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

enum { WORDS = 32, STEPS = 1000 };

extern char **environ;

struct command {
	char *words[WORDS + 1];
	long times, wall[STEPS], cpu[STEPS];
	long memory;
};

static long
now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static long
time_us(const struct timeval *time)
{
	return time->tv_sec * 1000000 + time->tv_usec;
}

static int
run(struct command *command, long step)
{
	posix_spawn_file_actions_t actions;
	struct rusage usage;
	pid_t child;
	int status;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	long start = now_us();
	int failed = posix_spawnp(
		&child, command->words[0], &actions, NULL, command->words, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (failed || wait4(child, &status, 0, &usage) < 0 || status != 0) {
		fprintf(stderr, "measure: %s failed\n", command->words[0]);
		return 1;
	}
	command->wall[step] = now_us() - start;
	command->cpu[step] = time_us(&usage.ru_utime) + time_us(&usage.ru_stime);
	if (usage.ru_maxrss > command->memory)
		command->memory = usage.ru_maxrss;
	return 0;
}

static int
compare(const void *a, const void *b)
{
	long left = *(const long *)a, right = *(const long *)b;

	return (left > right) - (left < right);
}

static void
split(char *line, long times, struct command *command)
{
	char *word = strtok(line, " "), *end;
	long fewer = word ? strtol(word, &end, 10) : 0;

	command->times = times;
	if (fewer > 0 && *end == '\0') {
		command->times = fewer < times ? fewer : times;
		word = strtok(NULL, " ");
	}
	for (int k = 0; word && k < WORDS; k++, word = strtok(NULL, " "))
		command->words[k] = word;
}

static void
tell(struct command *command)
{
	size_t times = (size_t)command->times;

	qsort(command->wall, times, sizeof(long), compare);
	qsort(command->cpu, times, sizeof(long), compare);
	printf("%ld %ld %ld %ld\n", command->wall[0], command->wall[times / 2],
		command->cpu[0], command->memory);
}

int
main(int argc, char **argv)
{
	long times = argc > 2 ? strtol(argv[1], NULL, 10) : 0;
	int count = argc - 2;

	if (times < 1 || times > STEPS) {
		fputs("usage: measure TIMES COMMAND...\n", stderr);
		return 2;
	}
	struct command *commands = calloc((size_t)count, sizeof(*commands));
	if (!commands)
		return 1;
	for (int i = 0; i < count; i++)
		split(argv[2 + i], times, &commands[i]);
	/* The first turn fills the caches, and isn't counted. */
	for (long step = -1; step < times; step++)
		for (int i = 0; i < count; i++)
			if (step < commands[i].times &&
				run(&commands[i], step < 0 ? 0 : step) != 0)
				return 1;
	for (int i = 0; i < count; i++)
		tell(&commands[i]);
	free(commands);
	return 0;
}
