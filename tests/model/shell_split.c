#include "pgrunbook/model/shell_split.h"

#include <string.h>

#include "pgrunbook/base/str.h"
#include "tests/tap/tap.h"

/* The commands, one a line: "TITLE: TEXT", remarks in brackets, '!' for doubtful. */
static void
splits(const char *text, const char *want)
{
	struct shell_split split;
	struct str got = { 0 };

	shell_split(text, strlen(text), &split);
	for (size_t i = 0; i < split.count; i++) {
		const struct shell_command *command = &split.commands[i];

		if (command->remarks != NULL)
			str_printf(&got, "[%s]\n", command->remarks);
		str_printf(&got, "%d%s ", command->line, command->doubtful ? "!" : "");
		if (command->title != NULL)
			str_printf(&got, "%s: ", command->title);
		str_printf(&got, "%s\n", command->text);
	}
	if (split.remarks != NULL)
		str_printf(&got, "[%s]\n", split.remarks);
	tap_is_text(str_text(&got), want, "split: %.60s", text);
	str_free(&got);
	shell_split_free(&split);
}

static void
test_lines(void)
{
	splits("", "");
	splits("\n\n  \n", "");
	splits("a\nb\n", "1 a\n2 b\n");
	splits("  a b \n\n\tc\n", "1 a b\n3 c\n");
	splits("a; b && c || d\n", "1 a; b && c || d\n");
	splits("a &&\n  b |\n c\nd\n", "1 a &&\n  b |\n c\n4 d\n");
	splits("a \\\n  b\nc\n", "1 a \\\n  b\n3 c\n");
	splits("a 2>&1 >x &\nb\n", "1 a 2>&1 >x &\n2 b\n");
}

static void
test_comments(void)
{
	splits("# first\na\n# second\nb\n", "2 first: a\n4 second: b\n");
	splits("# one\n# two\na\n", "3 one two: a\n");
	splits("# WARNING\n\na\n", "3 WARNING: a\n");
	splits("a # beside\n", "1 beside: a\n");
	splits("# above\na # beside\n", "2 above: a\n");
	splits("a '#' b#c $#\n", "1 a '#' b#c $#\n");
	splits("# 3. Restart now\n\n# 4. Verify\na\n# 5. Investigate\n",
		"[3. Restart now]\n4 4. Verify: a\n[5. Investigate]\n");
	splits("# 1. Look\n# 2. Change\na\n", "[1. Look]\n3 2. Change: a\n");
	splits("a\n# Output: x\n\nb\n", "1 a\n[Output: x]\n4 b\n");
	splits("a\n# Output: x\nb\n", "1 a\n[Output: x]\n3 b\n");
	splits("a\n# then\nb\n", "1 a\n3 then: b\n");
	splits("a\n# said of a\n\nb\n", "1 a\n[said of a]\n4 b\n");
	splits("# only\n", "[only]\n");
}

static void
test_quotes(void)
{
	splits("a 'b\nc'\nd\n", "1 a 'b\nc'\n3 d\n");
	splits("a \"b\n\\\"c\"\nd\n", "1 a \"b\n\\\"c\"\n3 d\n");
	splits("a $(b\nc)\nd\n", "1 a $(b\nc)\n3 d\n");
	splits("a \"$(b \"c\nd\")\"\ne\n", "1 a \"$(b \"c\nd\")\"\n3 e\n");
	splits("a `b\nc`\nd\n", "1 a `b\nc`\n3 d\n");
	splits("a ${b:-c\nd}\ne\n", "1 a ${b:-c\nd}\n3 e\n");
	splits("a $'it\\'s\n'\nb\n", "1 a $'it\\'s\n'\n3 b\n");
	splits("a $((1 + 2)) $((3))\nb\n", "1 a $((1 + 2)) $((3))\n2 b\n");
}

static void
test_heredocs(void)
{
	splits("a <<EOF\nb\n# c\nEOF\nd\n", "1 a <<EOF\nb\n# c\nEOF\n5 d\n");
	splits("a << 'EOF' | b\n$(\nEOF\nd\n", "1 a << 'EOF' | b\n$(\nEOF\n4 d\n");
	splits("a <<-E\n\tb\n\tE\nd\n", "1 a <<-E\n\tb\n\tE\n4 d\n");
	splits("a <<A <<B\n1\nA\n2\nB\nd\n", "1 a <<A <<B\n1\nA\n2\nB\n6 d\n");
	splits("a <<< b\nc\n", "1 a <<< b\n2 c\n");
	splits("a <<EOF\nb\n", "1! a <<EOF\nb\n");
}

static void
test_compounds(void)
{
	splits("if a; then\n b\nfi\nc\n", "1 if a; then\n b\nfi\n4 c\n");
	splits("for x in a b; do\n c $x\ndone | d\ne\n",
		"1 for x in a b; do\n c $x\ndone | d\n4 e\n");
	splits("while a\ndo\n if b\n then c\n fi\ndone\nd\n",
		"1 while a\ndo\n if b\n then c\n fi\ndone\n7 d\n");
	splits("case $x in\na) b ;;\n(c|d) e ;;\nesac\nf\n",
		"1 case $x in\na) b ;;\n(c|d) e ;;\nesac\n5 f\n");
	splits("{\n a\n}\nb\n", "1 {\n a\n}\n4 b\n");
	splits("(\n a\n)\nb\n", "1 (\n a\n)\n4 b\n");
	splits("f() {\n a\n}\nf\n", "1 f() {\n a\n}\n4 f\n");
	splits("f ()\n{\n a\n}\nf\n", "1 f ()\n{\n a\n}\n5 f\n");
	splits("a=(b\nc)\nd\n", "1 a=(b\nc)\n3 d\n");
	splits("diff <(a\nb) c\nd\n", "1 diff <(a\nb) c\n3 d\n");
	splits("((x = 1 << 2))\na\n", "1 ((x = 1 << 2))\n2 a\n");
	splits("[[ a &&\n if ]] && b\nc\n", "1 [[ a &&\n if ]] && b\n3 c\n");
	splits("[[ a ]]b\nc\n", "1! [[ a ]]b\nc\n");
	splits("echo if then done\na\n", "1 echo if then done\n2 a\n");
}

static void
test_doubts(void)
{
	splits("a\nb 'c\nd\n", "1 a\n2! b 'c\nd\n");
	splits("a \"b\nc\n", "1! a \"b\nc\n");
	splits("a $(b\nc\n", "1! a $(b\nc\n");
	splits("if a; then\nb\n", "1! if a; then\nb\n");
	splits("fi\na\n", "1! fi\na\n");
	splits("a )\nb\n", "1! a )\nb\n");
	splits("a &&\n", "1! a &&\n");
	splits("a \\\n", "1! a \\\n");
	splits("#!/bin/sh\na\nb\n", "1! #!/bin/sh\na\nb\n");
}

int
main(void)
{
	test_lines();
	test_comments();
	test_quotes();
	test_heredocs();
	test_compounds();
	test_doubts();
	return tap_done();
}
