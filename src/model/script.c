#include "pgrunbook/model/script.h"

#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/model/python_module.h"
#include "pgrunbook/model/python_source.h"
#include "pgrunbook/model/python_text.h"
#include "pgrunbook/model/script_quick.h"

/* What else counts in a version file; the scope begins with all, in this order. */
enum {
	FIXED_NAMES = SCRIPT_NAMES, /* these no star import binds that is known */
	NAME_UPGRADE = FIXED_NAMES,
	NAME_DOWNGRADE,
	NAME_DOC,
	NAMES
};

static const char *const script_names[NAMES] = { "revision", "down_revision",
	"branch_labels", "depends_on", "upgrade", "downgrade", "__doc__" };

static void
script_begin_scope(struct python_scope *scope)
{
	for (size_t i = 0; i < NAMES; i++) {
		scope->items = alloc_room(scope->items, scope->count, &scope->capacity,
			sizeof(*scope->items));
		scope->items[scope->count++] =
			(struct python_binding){ .name = script_names[i],
				.length = strlen(script_names[i]) };
	}
}

void
script_take_text(struct script *script, const char *text, size_t length)
{
	python_strip(&text, &length);
	script->docstring = alloc_copy_bytes(text, length);
	const char *blank = strstr(script->docstring, "\n\n");
	script->message = alloc_copy_bytes(script->docstring,
		blank ? (size_t)(blank - script->docstring) : length);
}

/* What `alembic history` tells of a file: __doc__, stripped, and its first paragraph.
 */
static void
script_take_docstring(struct script *script, const struct python_module *module)
{
	const struct python_binding *binding = &module->scope.items[NAME_DOC];
	const char *text = module->docstring ? module->docstring : "";

	if (binding->line)
		text = binding->value.kind == PYTHON_TEXT ? binding->value.text : "";
	script_take_text(script, text, strlen(text));
}

/* Of two functions of which a condition chooses one: what may happen. */
static void
script_merge_function(
	struct script_function *function, const struct script_function *other)
{
	if (other->body == BODY_REAL || function->body == BODY_EMPTY)
		function->body = other->body;
	if (!function->commit_line)
		function->commit_line = other->commit_line;
}

/* What calling the name would run. */
static void
script_take_function(
	const struct python_scope *scope, size_t name, struct script_function *function)
{
	const struct python_binding *binding = &scope->items[name];

	if (binding->value.kind == PYTHON_ABSENT)
		return;
	if (binding->value.kind != PYTHON_FUNCTION) {
		/* It is bound by an import or an assignment; a literal can't be called.
		 */
		function->body = binding->value.kind == PYTHON_UNKNOWN ? BODY_ELSEWHERE
								       : BODY_RAISES;
		if (function->body == BODY_RAISES)
			function->line = binding->line;
		return;
	}
	const struct python_function *found =
		&scope->functions[binding->value.function];
	*function = found->body;
	while (found->other) {
		found = &scope->functions[found->other - 1];
		script_merge_function(function, &found->body);
	}
}

/* The id that a file without a `revision` has: its name, if that is hexadecimal. */
static char *
script_id_of_name(const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	size_t length = strspn(name, "abcdef0123456789");

	return length && strcmp(name + length, ".py") == 0
		       ? alloc_copy_bytes(name, length)
		       : NULL;
}

static void
script_take_revision(struct script *script, const struct python_binding *binding)
{
	switch (binding->value.kind) {
	case PYTHON_TEXT:
		if (*binding->value.text)
			script->revision = alloc_copy(binding->value.text);
		else
			script->problem = alloc_printf("%s:%d: revision is empty",
				script->path, binding->line);
		break;
	case PYTHON_ABSENT:
		script->revision = script_id_of_name(script->path);
		if (!script->revision)
			script->problem = alloc_printf(
				"%s: it binds no `revision`, and its name is no "
				"revision id: if it is no migration, move it out of "
				"here",
				script->path);
		break;
	case PYTHON_UNKNOWN:
		script->problem = alloc_printf(
			"%s:%d: revision is computed; only Python can tell what it is",
			script->path, binding->line);
		break;
	default:
		script->problem = alloc_printf(
			"%s:%d: revision is no string", script->path, binding->line);
		break;
	}
}

/* The strings of down_revision and its kin. */
static void
script_take_list(struct script *script, struct python_binding *binding,
	enum script_name name, struct strlist *list)
{
	switch (binding->value.kind) {
	case PYTHON_ABSENT:
	case PYTHON_NONE:
		break;
	case PYTHON_TEXT:
		strlist_add(list, binding->value.text);
		break;
	case PYTHON_LIST:
		*list = binding->value.items;
		binding->value.items = (struct strlist){ 0 };
		break;
	default:
		script->senses[name] = binding->value.kind == PYTHON_OTHER
					       ? SCRIPT_NO_ID
					       : SCRIPT_COMPUTED;
		break;
	}
}

/* Alembic takes an empty string for nothing, but in a list of several. */
static void
script_take_dependencies(struct script *script, struct python_binding *binding)
{
	struct strlist *list = &script->depends_on;

	script_take_list(script, binding, SCRIPT_DEPENDS_ON, list);
	if (list->count == 1 && !*list->items[0])
		strlist_free(list);
}

static void
script_take_bindings(struct script *script, const struct python_scope *scope)
{
	struct python_binding *bindings = scope->items;

	for (size_t i = 0; i < SCRIPT_NAMES; i++)
		script->lines[i] = bindings[i].line;
	script_take_revision(script, &bindings[SCRIPT_REVISION]);
	script_take_list(script, &bindings[SCRIPT_DOWN_REVISION], SCRIPT_DOWN_REVISION,
		&script->down_revision);
	script_take_list(script, &bindings[SCRIPT_BRANCH_LABELS], SCRIPT_BRANCH_LABELS,
		&script->branch_labels);
	script_take_dependencies(script, &bindings[SCRIPT_DEPENDS_ON]);
	if (!script->problem &&
		bindings[SCRIPT_DOWN_REVISION].value.kind == PYTHON_ABSENT)
		script->problem = alloc_printf(
			"%s: it binds no `down_revision`; a first revision has "
			"`down_revision = None`",
			script->path);
}

static void
script_read_source(const struct python_source *source, struct script *script)
{
	struct python_module module = { 0 };

	script_begin_scope(&module.scope);
	python_module_read(source->text, source->length, FIXED_NAMES, &module);
	script_take_docstring(script, &module);
	script_take_function(&module.scope, NAME_UPGRADE, &script->upgrade);
	script_take_function(&module.scope, NAME_DOWNGRADE, &script->downgrade);
	if (source->problem)
		script->problem = alloc_printf("%s:%d: %s", script->path,
			source->problem_line, source->problem);
	else if (module.problem)
		script->problem = alloc_printf(
			"%s:%d: %s", script->path, module.problem_line, module.problem);
	else
		script_take_bindings(script, &module.scope);
	if (script->problem) {
		free(script->revision);
		script->revision = NULL;
	}
	python_module_free(&module);
}

void
script_read_long(
	const char *path, const char *bytes, size_t length, struct script *script)
{
	struct python_source source;

	*script = (struct script){ .path = alloc_copy(path) };
	python_source_open(bytes, length, &source);
	script_read_source(&source, script);
	python_source_free(&source);
}

void
script_read(const char *path, const char *bytes, size_t length, struct script *script)
{
	struct python_source source;

	*script = (struct script){ .path = alloc_copy(path) };
	python_source_open(bytes, length, &source);
	/* What was recoded may have letters that can't be told. */
	if (source.problem || source.owned.length != 0 ||
		!script_quick_read(source.text, source.length, script))
		script_read_source(&source, script);
	python_source_free(&source);
}

void
script_free(struct script *script)
{
	free(script->path);
	free(script->revision);
	free(script->message);
	free(script->docstring);
	free(script->problem);
	strlist_free(&script->down_revision);
	strlist_free(&script->branch_labels);
	strlist_free(&script->depends_on);
	*script = (struct script){ 0 };
}

const char *
script_name_text(enum script_name name)
{
	return script_names[name];
}

bool
script_is_clear(const struct script *script)
{
	for (size_t i = 0; i < SCRIPT_NAMES; i++)
		if (script->senses[i] != SCRIPT_CLEAR)
			return false;
	return true;
}

/* Alembic's version files end like this, and begin with neither of the two. */
static bool
name_counts(const char *name, const char *end)
{
	size_t length = strlen(name), tail = strlen(end);

	return length >= tail && strcmp(name + length - tail, end) == 0 &&
	       strncmp(name, ".#", 2) != 0 && strncmp(name, "__init__", 8) != 0;
}

bool
script_is_version_file(const char *name)
{
	return name_counts(name, ".py");
}

bool
script_is_compiled_file(const char *name)
{
	return name_counts(name, ".pyc") || name_counts(name, ".pyo");
}
