#include "pgrunbook/base/error.h"

#include <stdarg.h>
#include <stdlib.h>

#include "pgrunbook/base/alloc.h"

bool
error_set(struct error *error, const char *format, ...)
{
	va_list arguments;

	/* The old message may be among the arguments: free it last. */
	va_start(arguments, format);
	char *message = alloc_vprintf(format, arguments);
	va_end(arguments);
	free(error->message);
	error->message = message;
	return false;
}

bool
error_prefix(struct error *error, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	char *context = alloc_vprintf(format, arguments);
	va_end(arguments);
	error_set(error, "%s: %s", context, error->message ? error->message : "");
	free(context);
	return false;
}

void
error_clear(struct error *error)
{
	free(error->message);
	error->message = NULL;
}
