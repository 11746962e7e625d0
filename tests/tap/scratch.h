/* A directory for a test's files. */
#ifndef PGRUNBOOK_TESTS_SCRATCH_H
#define PGRUNBOOK_TESTS_SCRATCH_H

/* A new one, empty; ended by scratch_remove. */
char *scratch_make(void);
/* Removes it with everything in it, and frees the path. */
void scratch_remove(char *path);

#endif
