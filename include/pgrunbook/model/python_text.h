/* What Python does to texts and paths, as far as Alembic's configuration needs it. */
#ifndef PGRUNBOOK_MODEL_PYTHON_TEXT_H
#define PGRUNBOOK_MODEL_PYTHON_TEXT_H

#include <stddef.h>

/*
 * str.strip(): moves *text and *length to what is left between Python's 29 white-space
 * characters.  Returns how many characters (not bytes) went away in front.  The text is
 * valid UTF-8.
 */
int python_strip(const char **text, size_t *length);

/*
 * The offset of the first byte that Python's UTF-8 decoder rejects; `length` if there
 * is none.
 */
size_t python_utf8_valid(const char *bytes, size_t length);

/*
 * pathlib's Path(path).absolute(): below `cwd` unless it is absolute already, without
 * its empty parts and dots; two dots stay.  The caller owns it.
 */
char *python_absolute(const char *cwd, const char *path);

/* os.path.normpath() of an absolute path: without two dots and what they leave. */
char *python_normal(const char *path);

#endif
