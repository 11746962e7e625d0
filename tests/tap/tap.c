#include "tap.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The count of one test program's run: the only state here, and why it is static. */
static struct {
	int run;
	int failed;
} tap;

static void
tap_print_comment(const char *text)
{
	while (*text) {
		size_t length = strcspn(text, "\n");
		printf("# %.*s\n", (int)length, text);
		text += length + (text[length] == '\n');
	}
	fflush(stdout);
}

/* A '#' in a description would start a directive, a line break would end the test line.
 */
static void
tap_print_description(const char *format, va_list arguments)
{
	char text[1024];
	vsnprintf(text, sizeof(text), format, arguments);
	for (const char *c = text; *c; c++) {
		if (*c == '#')
			putchar('\\');
		putchar(*c == '\n' ? ' ' : *c);
	}
}

static bool
tap_report(bool passed, const char *format, va_list arguments)
{
	tap.run++;
	tap.failed += !passed;
	printf("%s %d - ", passed ? "ok" : "not ok", tap.run);
	tap_print_description(format, arguments);
	putchar('\n');
	fflush(stdout);
	return passed;
}

bool
tap_ok(bool passed, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	tap_report(passed, format, arguments);
	va_end(arguments);
	return passed;
}

/* Shows both texts; long ones only from the first line that differs. */
static void
tap_print_difference(const char *got, const char *want)
{
	int line = 1;
	const char *start_got = got, *start_want = want;
	while (*got && *got == *want) {
		if (*got == '\n') {
			line++;
			start_got = got + 1;
			start_want = want + 1;
		}
		got++;
		want++;
	}
	tap_diag("they differ in line %d", line);
	tap_diag(" got: %.*s", (int)strcspn(start_got, "\n"), start_got);
	tap_diag("want: %.*s", (int)strcspn(start_want, "\n"), start_want);
}

bool
tap_is_text(const char *got, const char *want, const char *format, ...)
{
	bool same = got && want ? strcmp(got, want) == 0 : got == want;
	va_list arguments;
	va_start(arguments, format);
	tap_report(same, format, arguments);
	va_end(arguments);
	if (same)
		return true;
	if (!got || !want || (!strchr(got, '\n') && !strchr(want, '\n'))) {
		tap_diag(" got: %s", got ? got : "(none)");
		tap_diag("want: %s", want ? want : "(none)");
		return false;
	}
	tap_print_difference(got, want);
	tap_diag("--- got\n%s\n--- want\n%s", got, want);
	return false;
}

bool
tap_is_int(int64_t got, int64_t want, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	tap_report(got == want, format, arguments);
	va_end(arguments);
	if (got != want)
		tap_diag("got %" PRId64 ", want %" PRId64, got, want);
	return got == want;
}

void
tap_skip(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	printf("ok %d # SKIP ", ++tap.run);
	tap_print_description(format, arguments);
	putchar('\n');
	fflush(stdout);
	va_end(arguments);
}

void
tap_diag(const char *format, ...)
{
	char *text = NULL;
	va_list arguments;
	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) < 0)
		abort();
	va_end(arguments);
	tap_print_comment(text);
	free(text);
}

int
tap_done(void)
{
	printf("1..%d\n", tap.run);
	if (tap.failed)
		tap_diag("%d of %d failed", tap.failed, tap.run);
	fflush(stdout);
	return tap.failed || !tap.run ? EXIT_FAILURE : EXIT_SUCCESS;
}
