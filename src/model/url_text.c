#include "pgrunbook/model/url_text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "pgrunbook/base/alloc.h"
#include "pgrunbook/base/str.h"
#include "pgrunbook/base/strlist.h"

static int
url_digit(char c)
{
	return isdigit((unsigned char)c)    ? c - '0'
	       : isxdigit((unsigned char)c) ? (c | 0x20) - 'a' + 10
					    : -1;
}

/* What is encoded in one way or another, encoded as urllib's quote_plus() does. */
static void
url_add_encoded(struct str *out, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c == '%' && i + 2 < length && url_digit(text[i + 1]) >= 0 &&
			url_digit(text[i + 2]) >= 0) {
			c = (unsigned char)(url_digit(text[i + 1]) * 16 +
					    url_digit(text[i + 2]));
			i += 2;
		} else if (c == '+') {
			c = ' ';
		}
		if (c == ' ')
			str_add_char(out, '+');
		else if (c < 0x80 && (isalnum(c) || strchr("_.-~", c)))
			str_add_char(out, (char)c);
		else
			str_printf(out, "%%%02X", c);
	}
}

/* By their names; the same name in the order that was given. */
static void
url_sort(struct strlist *arguments)
{
	for (size_t i = 1; i < arguments->count; i++) {
		char *moving = arguments->items[i];
		size_t length = strcspn(moving, "="), at = i;

		for (; at > 0; at--) {
			const char *before = arguments->items[at - 1];
			size_t other = strcspn(before, "=");
			int order =
				memcmp(before, moving, other < length ? other : length);

			if (order < 0 || (order == 0 && other <= length))
				break;
			arguments->items[at] = arguments->items[at - 1];
		}
		arguments->items[at] = moving;
	}
}

static void
url_add_arguments(struct str *out, const char *query)
{
	struct strlist arguments = { 0 };

	while (*query) {
		size_t length = strcspn(query, "&");
		size_t name = strcspn(query, "=&");
		struct str argument = { 0 };

		if (name + 1 < length) {
			url_add_encoded(&argument, query, name);
			str_add_char(&argument, '=');
			url_add_encoded(&argument, query + name + 1, length - name - 1);
			strlist_add_owned(&arguments, str_take(&argument));
		}
		query += length + (query[length] == '&');
	}
	url_sort(&arguments);
	for (size_t i = 0; i < arguments.count; i++)
		str_printf(out, "%c%s", i ? '&' : '?', arguments.items[i]);
	strlist_free(&arguments);
}

char *
url_text(const char *url)
{
	const char *rest = strstr(url, "://");
	struct str out = { 0 };

	if (!rest)
		return alloc_copy(url);
	rest += 3;
	str_add_bytes(&out, url, (size_t)(rest - url));
	/* USER:PASSWORD@ */
	size_t user = strcspn(rest, ":/");
	const char *end = rest[user] == ':' ? strchr(rest + user, '@') : NULL;
	if (end) {
		str_add_bytes(&out, rest, user);
		str_add(&out, ":***");
		rest = end;
	}
	size_t place = strcspn(rest, "?");
	str_add_bytes(&out, rest, place);
	if (rest[place])
		url_add_arguments(&out, rest + place + 1);
	return str_take(&out);
}
