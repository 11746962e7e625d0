#include "pgrunbook/app/revision_json.h"

#include "pgrunbook/app/evidence.h"
#include "pgrunbook/drive/tree_load.h"
#include "pgrunbook/model/operation.h"

json_t *
revision_json_ids(const struct tree *tree, const struct tree_list *list)
{
	json_t *ids = json_array();

	for (size_t i = 0; i < list->count; i++)
		json_array_append_new(ids,
			evidence_text(tree_at(tree, list->items[i])->script.revision));
	return ids;
}

json_t *
revision_json(const struct tree *tree, int revision)
{
	const struct revision *at = tree_at(tree, revision);
	const struct script *script = &at->script;
	json_t *value = json_object();

	json_object_set_new(value, "revision", evidence_text(script->revision));
	json_object_set_new(
		value, "down_revision", evidence_list(&script->down_revision));
	json_object_set_new(value, "depends_on", evidence_list(&script->depends_on));
	json_object_set_new(value, "branch_labels", evidence_list(at->labels));
	json_object_set_new(value, "children", revision_json_ids(tree, &at->children));
	json_object_set_new(value, "head", json_boolean(at->head));
	json_object_set_new(
		value, "effective_head", json_boolean(at->head && !at->real_head));
	json_object_set_new(value, "base", json_boolean(at->base));
	json_object_set_new(value, "branch_point", json_boolean(at->branch_point));
	json_object_set_new(value, "merge_point", json_boolean(at->merge_point));
	json_object_set_new(value, "message", evidence_text(script->message));
	json_object_set_new(value, "doc", evidence_text(script->docstring));
	json_object_set_new(value, "path", evidence_text(script->path));
	return value;
}

json_t *
revision_json_list(
	const struct tree *tree, const struct tree_list *list, const bool *current)
{
	json_t *array = json_array();

	for (size_t i = 0; i < list->count; i++) {
		json_t *value = revision_json(tree, list->items[i]);

		if (current)
			json_object_set_new(value, "current",
				json_boolean(current[list->items[i]]));
		json_array_append_new(array, value);
	}
	return array;
}

static json_t *
calls_json(const struct script_calls *calls)
{
	json_t *array = json_array();

	for (size_t i = 0; i < calls->count; i++) {
		const struct script_call *call = &calls->items[i];
		json_t *value = json_object();

		json_object_set_new(value, "name", evidence_text(call->name));
		json_object_set_new(
			value, "table", evidence_text(script_call_table(call)));
		json_object_set_new(
			value, "column", evidence_text(script_call_column(call)));
		json_object_set_new(value, "line", json_integer(call->line));
		json_object_set_new(value, "via", evidence_text(call->via));
		json_object_set_new(value, "text", evidence_text(call->text));
		json_array_append_new(array, value);
	}
	return array;
}

json_t *
revision_json_operations(const struct tree *tree, int revision)
{
	struct script_operations operations;
	struct error error = { 0 };
	json_t *value = NULL;

	if (tree_load_operations(
		    tree_at(tree, revision)->script.path, &operations, &error)) {
		value = json_object();
		json_object_set_new(value, "upgrade", calls_json(&operations.upgrade));
		json_object_set_new(
			value, "downgrade", calls_json(&operations.downgrade));
	}
	script_operations_free(&operations);
	error_clear(&error);
	return value ? value : json_null();
}
