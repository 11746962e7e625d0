/* URLs as SQLAlchemy's URL.render_as_string(hide_password=True) prints them. */
#include "pgrunbook/model/url_text.h"

#include <stdlib.h>

#include "tests/tap/tap.h"

static const struct {
	const char *url, *want;
} cases[] = {
	{ "postgresql://u:p@h/d", "postgresql://u:***@h/d" },
	{ "postgresql+psycopg2://u:p%40x@h:5432/d?sslmode=require",
		"postgresql+psycopg2://u:***@h:5432/d?sslmode=require" },
	{ "postgresql://u:a/b?c@h/d", "postgresql://u:***@h/d" },
	{ "postgresql://u:@h/d", "postgresql://u:***@h/d" },
	{ "postgresql://u@h:5432/d", "postgresql://u@h:5432/d" },
	{ "postgresql:///d", "postgresql:///d" },
	{ "postgresql://h", "postgresql://h" },
	{ "postgresql://u@/d?host=/tmp/a b", "postgresql://u@/d?host=%2Ftmp%2Fa+b" },
	{ "postgresql:///d?port=5&host=%2ftmp&host=b&ho=1",
		"postgresql:///d?ho=1&host=%2Ftmp&host=b&port=5" },
	{ "postgresql:///d?a=&b&c=x=y", "postgresql:///d?c=x%3Dy" },
	{ "postgresql:///d?", "postgresql:///d" },
	{ "postgresql://[::1]:5432/d", "postgresql://[::1]:5432/d" },
	{ "dbname=billing", "dbname=billing" },
};

int
main(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *got = url_text(cases[i].url);

		tap_is_text(got, cases[i].want, "%s", cases[i].url);
		free(got);
	}
	return tap_done();
}
