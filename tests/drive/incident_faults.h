/*
 * write(), pwrite() and fdatasync() of a test program, which fail as they are told.
 * Defined in the program they come before the C library's.
 */
#ifndef PGRUNBOOK_TESTS_INCIDENT_FAULTS_H
#define PGRUNBOOK_TESTS_INCIDENT_FAULTS_H

#include <stdbool.h>

struct faults {
	int interrupt; /* so many writes are interrupted by a signal */
	long piece;    /* at most so many bytes at once; 0: no limit */
	int problem;   /* errno after `room` bytes; 0: there is room without end */
	long room;
	int sync; /* errno of every fdatasync; 0: they work */
	bool count_again;
	int again; /* writes at an offset */
};

/* What the next calls do; all zeros: they work. */
extern struct faults faults;

#endif
