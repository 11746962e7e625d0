#include "src/drive/pg_library.h"

#include <dlfcn.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Hidden, so that libpq goes on calling its own functions. */
#pragma GCC visibility push(hidden)
#include <libpq-fe.h>
#pragma GCC visibility pop

/* The ABI of every libpq since 8.2. */
static const char library_file[] = "libpq.so.5";

struct library {
	void *handle; /* never closed: libpq's own libraries don't bear it */
#define FUNCTION(type, name, parameters, arguments) type(*name) parameters;
#define PROCEDURE(name, parameters, arguments) void(*name) parameters;
#include "src/drive/pg_library.def"
#undef FUNCTION
#undef PROCEDURE
};

struct library_symbol {
	const char *name;
	size_t offset; /* of its pointer in struct library */
};

static const struct library_symbol library_symbols[] = {
#define FUNCTION(type, name, parameters, arguments)                                    \
	{ #name, offsetof(struct library, name) },
#define PROCEDURE(name, parameters, arguments) FUNCTION(void, name, , )
#include "src/drive/pg_library.def"
#undef FUNCTION
#undef PROCEDURE
};

/* What the system's linker would keep; written once, by pg_library_open. */
static struct library library;

bool
pg_library_open(struct error *error)
{
	struct library found = { 0 };

	if (library.handle)
		return true;
	found.handle = dlopen(library_file, RTLD_LAZY | RTLD_LOCAL);
	if (!found.handle)
		return error_set(error,
			"can't load PostgreSQL's client library: %s; install it "
			"(Debian: libpq5)",
			dlerror());
	for (size_t i = 0; i < sizeof(library_symbols) / sizeof(*library_symbols);
		i++) {
		const struct library_symbol *symbol = &library_symbols[i];
		void *function = dlsym(found.handle, symbol->name);

		if (!function)
			return error_set(error,
				"PostgreSQL's client library is too old: %s; version "
				"13 or a later one is needed",
				dlerror());
		/* ISO C has no conversion to a pointer to a function; POSIX has. */
		memcpy((char *)&found + symbol->offset, &function, sizeof(function));
	}
	library = found;
	return true;
}

/* Whoever could tell the operator has opened it before. */
static const struct library *
library_opened(void)
{
	struct error error = { 0 };

	if (!pg_library_open(&error)) {
		fprintf(stderr, "pgrunbook: %s\n", error.message);
		abort();
	}
	return &library;
}

#define FUNCTION(type, name, parameters, arguments)                                    \
	type name parameters                                                           \
	{                                                                              \
		return library_opened()->name arguments;                               \
	}
#define PROCEDURE(name, parameters, arguments)                                         \
	void name parameters                                                           \
	{                                                                              \
		library_opened()->name arguments;                                      \
	}
#include "src/drive/pg_library.def"
