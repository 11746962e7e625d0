/*
 * The reading of Python held against Python's own: every name that the modules of
 * Debian's python3 packages bind at their top level, their docstrings and what their
 * functions do, by its `ast`; then random modules, which Python runs.
 */
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/model/python_module.h"
#include "pgrunbook/model/python_source.h"
#include "tests/model/python_answers.h"
#include "tests/tap/tap.h"

enum { EVERY_NAME = 1 << 16 };

/* What was compared. */
static struct {
	size_t files, newer, bindings, known, unknown, functions, docstrings, explained;
	size_t run, equal; /* modules that ran, bindings that were held against that */
} seen;

/* The value as python_ast.py writes it. */
static json_t *
value_json(const struct python_value *value)
{
	static const char *const kinds[] = { "absent", "unknown", "function", "other",
		"none", "text", "list" };
	json_t *out = json_array();

	json_array_append_new(out, json_string(kinds[value->kind]));
	if (value->kind == PYTHON_TEXT)
		json_array_append_new(out, json_string(value->text));
	if (value->kind == PYTHON_LIST) {
		json_t *items = json_array();

		for (size_t i = 0; i < value->items.count; i++)
			json_array_append_new(
				items, json_string(value->items.items[i]));
		json_array_append_new(out, json_stringn(&value->open, 1));
		json_array_append_new(out, items);
		json_array_append_new(out, json_boolean(value->none));
	}
	return out;
}

static char *
differ_text(const char *what, const json_t *ours, const json_t *theirs)
{
	char *left = json_dumps(ours, JSON_ENCODE_ANY);
	char *right = json_dumps(theirs, JSON_ENCODE_ANY);
	char *why = alloc_printf("%s is %.300s instead of %.300s", what,
		left ? left : "nothing", right ? right : "nothing");

	free(left);
	free(right);
	return why;
}

/* `named`: some characters are given by their names.  *taken: how many were found. */
static char *
differ_binding(const struct python_binding *binding, const json_t *names, bool named,
	size_t *taken)
{
	char *name = alloc_copy_bytes(binding->name, binding->length);
	json_t *ours = value_json(&binding->value);
	const json_t *theirs = json_object_get(names, name);
	bool allowed = named && theirs && binding->value.kind == PYTHON_UNKNOWN &&
		       !json_equal(ours, theirs);
	char *why = NULL;

	if (theirs) {
		++*taken;
		seen.bindings++;
		seen.known += binding->value.kind != PYTHON_UNKNOWN;
		seen.unknown += binding->value.kind == PYTHON_UNKNOWN;
		seen.explained += allowed;
	}
	if (!theirs &&
		(binding->value.kind == PYTHON_ABSENT || strcmp(name, "\xEF\xBD\x92"
								      "evision") == 0))
		; /* it was deleted, or is a name for many */
	else if (!allowed && !json_equal(ours, theirs))
		why = differ_text(name, ours, theirs);
	json_decref(ours);
	free(name);
	return why;
}

static char *
differ_functions(const struct python_scope *scope, const json_t *functions)
{
	static const char *const bodies[] = {
		[BODY_EMPTY] = "empty", [BODY_RAISES] = "raises", [BODY_REAL] = "real"
	};
	size_t at = 0;

	for (size_t i = 0; i < scope->function_count; i++) {
		const struct python_function *function = &scope->functions[i];
		const json_t *theirs = json_array_get(functions, at);

		if (function->class)
			continue;
		at++;
		seen.functions++;
		const char *body = bodies[function->body.body];
		const char *want = json_string_value(json_array_get(theirs, 1));
		json_int_t line = json_integer_value(json_array_get(theirs, 0));
		if (!want || line != function->body.line || strcmp(want, body) != 0)
			return alloc_printf("the function at line %d is %s, not %s "
					    "(line %d)",
				function->body.line, body, want ? want : "there",
				(int)line);
	}
	return at == json_array_size(functions) ? NULL
						: alloc_copy("a function is missing");
}

static char *
differ_module(const struct python_module *module, const json_t *answer)
{
	const json_t *names = json_object_get(answer, "names");
	const json_t *doc = json_object_get(answer, "doc");
	size_t taken = 0;
	char *why = NULL;

	if (module->problem)
		return alloc_printf(
			"line %d: %s", module->problem_line, module->problem);
	for (size_t i = 0; !why && i < module->scope.count; i++)
		why = differ_binding(&module->scope.items[i], names,
			json_is_true(json_object_get(answer, "named")), &taken);
	if (!why && taken != json_object_size(names))
		why = alloc_printf(
			"%zu names are bound, not %zu", taken, json_object_size(names));
	if (!why)
		why = differ_functions(
			&module->scope, json_object_get(answer, "functions"));
	json_t *ours = module->docstring ? json_string(module->docstring) : json_null();
	seen.docstrings += module->docstring != NULL;
	if (!why && !json_is_true(doc) && !json_equal(ours, doc))
		why = differ_text("the docstring", ours, doc);
	json_decref(ours);
	return why;
}

/* What we know must be so after the module was run. */
static char *
differ_run(const struct python_module *module, const json_t *run)
{
	char *why = NULL;

	for (size_t i = 0; !why && i < module->scope.count; i++) {
		const struct python_binding *binding = &module->scope.items[i];
		char *name = alloc_copy_bytes(binding->name, binding->length);
		const json_t *theirs = json_object_get(run, name);
		json_t *ours = value_json(&binding->value);

		if (binding->value.kind == PYTHON_ABSENT
				? theirs != NULL
				: binding->value.kind != PYTHON_UNKNOWN &&
					  !json_equal(ours, theirs) &&
					  !(binding->value.open == '{' && theirs &&
						  json_array_size(
							  json_array_get(theirs, 2)) ==
							  binding->value.items.count))
			why = differ_text(name, ours, theirs);
		seen.equal += binding->value.kind != PYTHON_UNKNOWN;
		json_decref(ours);
		free(name);
	}
	seen.run++;
	return why;
}

/* What ast and running it make of a module; an answer of null: it is too new. */
static char *
differ(const char *bytes, size_t length, const json_t *answer, bool random)
{
	struct python_module module = { .scope = { .most = EVERY_NAME,
						.remembers = true } };
	struct python_source source;
	char *why = NULL;

	python_source_open(bytes, length, &source);
	python_module_read(source.text, source.length, 0, &module);
	seen.files++;
	/* Encodings that we don't read are made at random, no package has one. */
	if (json_is_null(answer))
		seen.newer++;
	else if (source.problem && !(random && strstr(source.problem, "is read")))
		why = alloc_printf("line %d: %s", source.problem_line, source.problem);
	else
		why = differ_module(&module, answer);
	if (!why && json_is_object(json_object_get(answer, "run")))
		why = differ_run(&module, json_object_get(answer, "run"));
	python_module_free(&module);
	python_source_free(&source);
	return why;
}

static char *
differ_file(const char *bytes, size_t length, const json_t *answer)
{
	return differ(bytes, length, answer, false);
}

static char *
differ_random(const char *bytes, size_t length, const json_t *answer)
{
	return differ(bytes, length, answer, true);
}

static void
report(const char *what)
{
	tap_diag("%s: %zu files, of which %zu are newer than this Python; %zu "
		 "bindings, of "
		 "which %zu are known, %zu unknown (%zu of these by rule); %zu "
		 "functions, "
		 "%zu docstrings",
		what, seen.files, seen.newer, seen.bindings, seen.known, seen.unknown,
		seen.explained, seen.functions, seen.docstrings);
}

int
main(void)
{
	python_answers("python_ast.py", differ_file);
	report("python3 packages");
	memset(&seen, 0, sizeof(seen));
	python_answers("python_run.py", differ_random);
	report("random modules");
	tap_diag("%zu of them ran, and %zu bindings were what they had been read to be",
		seen.run, seen.equal);
	return tap_done();
}
