#include "pgrunbook/model/redact.h"

#include <string.h>

#include "tests/tap/tap.h"

static const struct {
	const char *in, *want;
} cases[] = {
	/* URLs */
	{ "postgresql://bob:s3cret@db1:5432/billing",
		"postgresql://bob:***@db1:5432/billing" },
	{ "postgresql+asyncpg://bob:p@ss@db1/x", "postgresql+asyncpg://bob:***@db1/x" },
	{ "postgres://bob:a/b@db1/x", "postgres://bob:***@db1/x" },
	{ "postgres://:pw@db1/x", "postgres://:***@db1/x" },
	{ "postgres://bob:p%40ss@h1:5432,h2:5433/x",
		"postgres://bob:***@h1:5432,h2:5433/x" },
	{ "see http://health:8080/ready or ask ops@example.org",
		"see http://health:8080/ready or ask ops@example.org" },
	{ "{\"url\":\"http://h:8080\",\"to\":\"a@b\"}",
		"{\"url\":\"http://h:8080\",\"to\":\"a@b\"}" },
	{ "postgres://bob@db1/x", "postgres://bob@db1/x" },
	{ "postgresql:///x?user=bob&password=s3cret&sslmode=require",
		"postgresql:///x?user=bob&password=***&sslmode=require" },
	{ "a postgres://u:one@h and postgres://u:two@h",
		"a postgres://u:***@h and postgres://u:***@h" },
	/* settings */
	{ "PGPASSWORD=hunter2 psql -h db1", "PGPASSWORD=*** psql -h db1" },
	{ "PGPASSWORD= psql -h db1", "PGPASSWORD= psql -h db1" },
	{ "export PGPASSWORD='it is' ; psql", "export PGPASSWORD='***' ; psql" },
	{ "PGPASSWORD='it'\"'\"'s' psql", "PGPASSWORD='*** psql" },
	{ "host=h password=ab,cd&e dbname=x", "host=h password=*** dbname=x" },
	{ "host=h password = 'a \\' b' dbname=x", "host=h password = '***' dbname=x" },
	{ "psql \"host=h password=s3cret\"", "psql \"host=h password=***\"" },
	{ "psql \"password='s3cret' host=h\"", "psql \"password='***' host=h\"" },
	{ "connect(password='s3cret')", "connect(password='***')" },
	{ "{\"password\": \"s3 cret\", \"user\": \"bob\"}",
		"{\"password\": \"***\", \"user\": \"bob\"}" },
	{ "{\\\"password\\\":\\\"s3cret\\\",\\\"a\\\":1}",
		"{\\\"password\\\":\\\"***\\\",\\\"a\\\":1}" },
	{ "db_password: hunter2\nnext: line", "db_password: ***\nnext: line" },
	{ "AWS_SECRET_ACCESS_KEY=abc/def", "AWS_SECRET_ACCESS_KEY=***" },
	{ "Authorization: Bearer abc.def ghi\nHost: x", "Authorization: ***\nHost: x" },
	{ "ALTER ROLE bob PASSWORD 's3''cret' VALID",
		"ALTER ROLE bob PASSWORD '***' VALID" },
	{ "password=\nuser=bob", "password=\nuser=bob" },
	{ "password='unfinished\nnext", "password='***\nnext" },
	{ "password authentication failed for user \"bob\"",
		"password authentication failed for user \"bob\"" },
	{ "password_encryption = scram-sha-256",
		"password_encryption = scram-sha-256" },
	{ "PGPASSWORD=*** psql", "PGPASSWORD=*** psql" },
	/* marked values */
	{ "it is correct horse, twice: correct horse", "it is ***, twice: ***" },
	{ "as %63orrect or correct%20horse", "as %63orrect or ***" },
	{ "xq7 q7 y", "xq7 *** y" },
	/* patterns */
	{ "key AKIA1234 and id=[77]", "key *** and id=[***]" },
};

enum { CASES = sizeof(cases) / sizeof(cases[0]) };

static struct redact *
make_redact(bool patterns)
{
	struct redact *redact = redact_new(NULL);
	struct error error = { 0 };

	redact_add_secret(redact, "correct horse");
	redact_add_secret(redact, "q7");
	redact_add_secret(redact, "");
	if (!patterns)
		return redact;
	tap_ok(redact_add_pattern(redact, "AKIA[0-9]+", &error), "a pattern is taken");
	tap_ok(redact_add_pattern(redact, "id=\\[([0-9]+)\\]", &error),
		"a pattern with a group is taken");
	tap_ok(!redact_add_pattern(redact, "a(b", &error) && error.message,
		"a wrong one is refused: %s", error.message);
	error_clear(&error);
	return redact;
}

static void
test_text(const struct redact *redact)
{
	for (size_t i = 0; i < CASES; i++) {
		struct str out = { 0 };

		redact_text(redact, cases[i].in, strlen(cases[i].in), &out);
		tap_is_text(str_text(&out), cases[i].want, "%s", cases[i].want);
		str_free(&out);
	}
}

/* Whether a stream in pieces of `first` and then of `piece` bytes ends as `want`. */
static bool
streams(const struct redact *redact, const char *in, size_t first, size_t piece,
	const char *want)
{
	struct redact_stream stream = { .redact = redact };
	struct str out = { 0 };
	size_t length = strlen(in), at = first;
	bool same;

	redact_stream_add(&stream, in, first, false, &out);
	for (; at + piece <= length; at += piece)
		redact_stream_add(&stream, in + at, piece, false, &out);
	redact_stream_add(&stream, in + at, length - at, true, &out);
	same = strcmp(str_text(&out), want) == 0;
	if (!same)
		tap_diag("%zu, %zu: %s", first, piece, str_text(&out));
	str_free(&out);
	redact_stream_free(&stream);
	return same;
}

static void
test_stream(const struct redact *redact, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *in = cases[i].in, *want = cases[i].want;
		bool same = streams(redact, in, 0, 1, want);

		for (size_t cut = 0; cut <= strlen(in); cut++)
			same = streams(redact, in, cut, strlen(in), want) && same;
		tap_ok(same, "in pieces: %s", want);
	}
}

static void
test_held(void)
{
	struct redact *redact = redact_new(NULL);
	struct redact_stream stream = { .redact = redact };
	struct str out = { 0 };

	redact_stream_add(&stream, "Continue? [y/N] ", 16, false, &out);
	tap_is_text(str_text(&out), "Continue? [y/N] ", "a question isn't held back");
	str_clear(&out);
	redact_stream_add(&stream, "password=", 9, false, &out);
	tap_is_text(str_text(&out), "", "the beginning of a secret is");
	for (int i = 0; i < 3 * REDACT_HELD / 1000; i++) {
		char block[1000];

		memset(block, 'x', sizeof(block));
		redact_stream_add(&stream, block, sizeof(block), false, &out);
	}
	tap_ok(stream.held.length <= REDACT_HELD, "but not without end");
	redact_stream_free(&stream);
	redact_free(redact);
	str_free(&out);
}

static void
test_count(const struct redact *redact)
{
	static const char text[] = "PGPASSWORD=a psql postgres://u:p@h password=***";
	struct str out = { 0 };
	struct str again = { 0 };

	tap_is_int((int64_t)redact_text(redact, text, strlen(text), &out), 2,
		"what was redacted before isn't counted again");
	redact_text(redact, out.bytes, out.length, &again);
	tap_is_text(again.bytes, out.bytes, "redacting twice changes nothing");
	str_free(&out);
	str_free(&again);
	redact_text(redact, "a\0password=x\0b", 14, &out);
	tap_ok(out.length == 16 && memcmp(out.bytes, "a\0password=***\0b", 16) == 0,
		"bytes with NUL among them");
	str_free(&out);
}

int
main(void)
{
	struct redact *redact = make_redact(true);
	struct redact *plain = make_redact(false);

	test_text(redact);
	test_stream(redact, CASES);
	test_stream(plain, CASES - 1); /* the last one is about patterns */
	test_held();
	test_count(redact);
	redact_free(redact);
	redact_free(plain);
	return tap_done();
}
