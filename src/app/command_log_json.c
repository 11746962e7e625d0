#include <stdlib.h>
#include <string.h>

#include "pgrunbook/app/command_log_parts.h"

static json_t *
chain_json(const struct log_check *check)
{
	json_t *chain = json_object();

	json_object_set_new(chain, "holds", json_boolean(log_check_holds(check)));
	json_object_set_new(chain, "lines", json_integer((json_int_t)check->lines));
	json_object_set_new(chain, "entries", json_integer((json_int_t)check->entries));
	json_object_set_new(chain, "torn_lines", json_integer((json_int_t)check->torn));
	json_object_set_new(chain, "torn_end", json_boolean(check->tail_count > 0));
	json_object_set_new(chain, "bad_line",
		check->bad_line > 0 ? json_integer((json_int_t)check->bad_line)
				    : json_null());
	json_object_set_new(chain, "why",
		check->why ? entry_json_text(check->why, strlen(check->why))
			   : json_null());
	json_object_set_new(chain, "head", json_string(check->head));
	json_object_set_new(chain, "closed", json_boolean(check->closed));
	json_object_set_new(chain, "closed_head",
		check->closed_seq > 0 ? json_string(check->closed_head) : json_null());
	return chain;
}

/* The entries as their lines have them, and the numbers of the lines that are none. */
static void
add_lines(json_t *document, const struct str *raw)
{
	json_t *entries = json_array(), *unreadable = json_array();
	const char *at = str_text(raw), *end = at + raw->length;

	for (json_int_t number = 1; at < end; number++) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		struct error error = { 0 };
		struct entry entry;
		size_t length = (size_t)((stop ? stop : end) - at);

		if (entry_parse(at, length, &entry, &error)) {
			json_array_append_new(entries, json_loadb(at, length, 0, NULL));
			entry_free(&entry);
		} else {
			json_array_append_new(unreadable, json_integer(number));
		}
		error_clear(&error);
		at = stop ? stop + 1 : end;
	}
	json_object_set_new(document, "entries", entries);
	json_object_set_new(document, "unreadable_lines", unreadable);
}

void
log_export_json(const char *id, const struct str *raw, const struct log_check *check,
	struct str *out)
{
	json_t *document = json_object();
	char *text;

	json_object_set_new(document, "incident", entry_json_text(id, strlen(id)));
	json_object_set_new(document, "chain", chain_json(check));
	add_lines(document, raw);
	/* In ASCII no character of the log's can act on a terminal. */
	text = json_dumps(document, JSON_INDENT(2) | JSON_ENSURE_ASCII);
	json_decref(document);
	if (!text)
		abort(); /* no memory */
	str_add(out, text);
	str_add_char(out, '\n');
	free(text);
}
