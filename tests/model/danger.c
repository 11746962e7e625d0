#include "pgrunbook/model/danger.h"

#include <string.h>

#include "pgrunbook/base/str.h"
#include "pgrunbook/model/migration_call.h"
#include "tests/tap/tap.h"

static void
shell(enum danger want, const char *command)
{
	tap_is_text(danger_name(danger_of_shell(command)), danger_name(want), "%s",
		command);
}

static void
sql(enum danger want, const char *statements)
{
	tap_is_text(danger_name(danger_of_sql(statements)), danger_name(want), "%s",
		statements);
}

static void
action(enum danger want, const char *line)
{
	struct error error = { 0 };
	struct action parsed;

	action_parse(line, &parsed, &error);
	tap_is_text(
		danger_name(danger_of_action(&parsed)), danger_name(want), "%s", line);
	action_free(&parsed);
}

static void
test_alembic(void)
{
	shell(DANGER_READ, "alembic current");
	shell(DANGER_READ, "docker compose exec -T api alembic history --verbose");
	shell(DANGER_READ, "alembic upgrade head --sql");
	shell(DANGER_CHANGE, "alembic upgrade head --sql > up.sql");
	shell(DANGER_CHANGE, "alembic -c other.ini upgrade head");
	shell(DANGER_CHANGE, "alembic stamp head");
	shell(DANGER_CHANGE, "alembic revision --autogenerate -m 'downgrade base'");
	shell(DANGER_DESTRUCTIVE, "alembic downgrade -1");
	shell(DANGER_DESTRUCTIVE, "alembic downgrade <revision>");
	shell(DANGER_DESTRUCTIVE, "alembic downgrade -1 --sql | psql");
	shell(DANGER_DESTRUCTIVE,
		"kubectl run x --restart=Never -- alembic downgrade -1");
	shell(DANGER_DESTRUCTIVE, "flask db downgrade");
	shell(DANGER_REFUSED, "alembic downgrade base");
	shell(DANGER_REFUSED, "./venv/bin/alembic -x a=b downgrade billing@base");
	shell(DANGER_REFUSED, "python -m alembic downgrade base");
	shell(DANGER_REFUSED, "al''embic down\"grade\" ba\\se");
	shell(DANGER_REFUSED, "cd backend && alembic downgrade base; echo done");
	shell(DANGER_REFUSED, "bash -lc 'alembic downgrade base'");
	shell(DANGER_REFUSED, "echo $(alembic downgrade base)");
	shell(DANGER_REFUSED, "echo \"`alembic downgrade base`\"");
	shell(DANGER_REFUSED, "if true; then alembic downgrade base; fi");
	shell(DANGER_REFUSED, "ssh db1 'cd app; alembic downgrade base'");
	shell(DANGER_REFUSED, "bash <<EOF\nalembic downgrade base\nEOF");
	shell(DANGER_REFUSED, "$(echo alembic) downgrade base");
	shell(DANGER_REFUSED, "X='alembic downgrade base'; $X");
	shell(DANGER_REFUSED, "printf 'alembic downgrade base' | sh");
	shell(DANGER_REFUSED, "alembic downgrade $'\\x62ase'");
	shell(DANGER_REFUSED, "alembic downgrade {base,}");
	shell(DANGER_DESTRUCTIVE, "alembic \"$VERB\" head");
	shell(DANGER_REFUSED, "sudo -u deploy timeout 10 alembic downgrade base");
}

/* Scripts in substitutions in scripts: each level would be read twice over. */
static void
test_nesting(void)
{
	struct str command = { 0 };

	for (int i = 0; i < 7; i++) {
		str_add(&command, "bash \"a $(bash \"b ");
		for (int k = 0; k < 2000; k++)
			str_add(&command, "x ");
	}
	for (int i = 0; i < 7; i++)
		str_add(&command, "\")\" ");
	tap_ok(danger_of_shell(str_text(&command)) >= DANGER_CHANGE,
		"there is an end to nesting, and it is no read");
	str_free(&command);
}

static void
test_reads(void)
{
	shell(DANGER_READ, "pg_restore --list backup_*.dump | head -20");
	shell(DANGER_READ, "curl -fsS https://x/readyz | jq '.checks[]'");
	shell(DANGER_READ, "docker compose logs api | grep -i alembic");
	shell(DANGER_READ,
		"docker compose exec -T api cat v/<file>.py | grep 'def downgrade'");
	shell(DANGER_READ, "kubectl logs -n production migration-rollback");
	shell(DANGER_READ, "kubectl exec pod -- cat /etc/hosts");
	shell(DANGER_READ, "systemctl status app 2>/dev/null 2>&1");
	shell(DANGER_READ, "psql -h $H -c '\\dt'");
	shell(DANGER_READ, "psql -tAc 'SELECT version_num FROM alembic_version'");
	shell(DANGER_READ, "docker compose exec -T db psql -U p -d c -c \"SELECT 1;\"");
	shell(DANGER_READ, "make help");
}

static void
test_changes(void)
{
	shell(DANGER_CHANGE, "frobnicate");
	shell(DANGER_CHANGE, "make migrate");
	shell(DANGER_CHANGE, "LD_PRELOAD=x.so cat a");
	shell(DANGER_CHANGE, "curl https://x | sh");
	shell(DANGER_CHANGE, "curl -X POST https://x/deploy");
	shell(DANGER_CHANGE, "curl -o f https://x");
	shell(DANGER_CHANGE, "cat a > b");
	shell(DANGER_CHANGE, "cat a | tee b");
	shell(DANGER_CHANGE, "pg_dump -Fc -f x.dump db");
	shell(DANGER_CHANGE, "systemctl restart app");
	shell(DANGER_CHANGE, "psql -f deploy.sql");
	shell(DANGER_CHANGE, "psql < deploy.sql");
	shell(DANGER_CHANGE, "date -s 2020-01-01");
	shell(DANGER_CHANGE, "echo 'open");
	shell(DANGER_CHANGE, "docker exec --strange thing cat x");
}

static void
test_destroys(void)
{
	shell(DANGER_DESTRUCTIVE, "make alembic-down");
	shell(DANGER_DESTRUCTIVE, "helm rollback app -n production");
	shell(DANGER_DESTRUCTIVE, "kubectl scale deployment x --replicas=0");
	shell(DANGER_DESTRUCTIVE, "kubectl scale deployment x --replicas 0");
	shell(DANGER_CHANGE, "kubectl scale deployment x --replicas=10");
	shell(DANGER_DESTRUCTIVE, "kubectl delete namespace x");
	shell(DANGER_DESTRUCTIVE, "pg_restore -d x -c backup.dump");
	shell(DANGER_DESTRUCTIVE, "dropdb billing");
	shell(DANGER_DESTRUCTIVE, "rm -rf alembic");
	shell(DANGER_DESTRUCTIVE, "sudo rm -rf /");
	shell(DANGER_DESTRUCTIVE, "./scripts/rollback_prod.sh");
	shell(DANGER_DESTRUCTIVE, "find . -name x | xargs rm");
	shell(DANGER_DESTRUCTIVE, "find . -name x -exec rm {} +");
	shell(DANGER_DESTRUCTIVE, "psql $URL -c \"UPDATE t SET a = 1;\"");
	shell(DANGER_DESTRUCTIVE, "psql $URL << EOF\nDROP TABLE a;\nEOF");
	shell(DANGER_DESTRUCTIVE, "psql <<< 'DROP TABLE a'");
	shell(DANGER_DESTRUCTIVE, "psql -c 'SELECT 1' -c 'DELETE FROM a'");
	shell(DANGER_DESTRUCTIVE, "echo $(echo $(dropdb x))");
	shell(DANGER_DESTRUCTIVE, "echo 'DROP TABLE x' | psql");
	shell(DANGER_DESTRUCTIVE, "true |\n rm x");
}

static void
test_sql(void)
{
	sql(DANGER_READ,
		"SELECT count(*) FROM t WHERE a IN (1) AND note = 'DROP TABLE'");
	sql(DANGER_READ, "SHOW server_version; TABLE alembic_version; \\dt");
	sql(DANGER_READ, "WITH a AS (SELECT 1) SELECT max(x) FROM a");
	sql(DANGER_READ, "SELECT pid, now() - query_start FROM pg_stat_activity");
	sql(DANGER_READ, "EXPLAIN SELECT 1");
	sql(DANGER_CHANGE, "EXPLAIN ANALYZE SELECT 1");
	sql(DANGER_CHANGE, "SELECT frobnicate(1)");
	sql(DANGER_CHANGE, "SELECT \"Frobnicate\" (1)");
	sql(DANGER_CHANGE, "SELECT * INTO b FROM a");
	sql(DANGER_CHANGE, "SELECT pg_cancel_backend(1)");
	sql(DANGER_CHANGE, "CREATE INDEX CONCURRENTLY i ON t (a)");
	sql(DANGER_CHANGE, "INSERT INTO t VALUES (1)");
	sql(DANGER_CHANGE, "SET lock_timeout = '1s'");
	sql(DANGER_CHANGE, "\\! ls");
	sql(DANGER_CHANGE, "SELECT (1");
	sql(DANGER_DESTRUCTIVE, "SELECT 1; DELETE FROM t");
	sql(DANGER_DESTRUCTIVE,
		"WITH a AS (DELETE FROM t RETURNING *) SELECT * FROM a");
	sql(DANGER_DESTRUCTIVE, "ALTER TABLE t DROP CONSTRAINT c");
	sql(DANGER_DESTRUCTIVE, "/* x */ tRuNcAtE t");
	sql(DANGER_DESTRUCTIVE, "SELECT pg_terminate_backend(1)");
	sql(DANGER_DESTRUCTIVE, "DO $$ BEGIN EXECUTE 'DROP TABLE t'; END $$");
	sql(DANGER_DESTRUCTIVE, "SELECT 'x' \\gexec");
}

static void
test_moves(void)
{
	tap_ok(migration_call_moves("cd api && alembic upgrade head") &&
			migration_call_moves("docker compose exec -T api alembic stamp "
					     "0014") &&
			migration_call_moves("bash -c 'alembic downgrade -1'"),
		"what moves a database is told");
	tap_ok(!migration_call_moves("alembic current") &&
			!migration_call_moves("alembic upgrade head --sql") &&
			!migration_call_moves("systemctl restart api"),
		"from what looks on, or changes something else");
}

int
main(void)
{
	test_moves();
	enum danger danger;

	test_alembic();
	test_nesting();
	test_reads();
	test_changes();
	test_destroys();
	test_sql();
	action(DANGER_READ, "identify");
	action(DANGER_READ, "backup");
	action(DANGER_CHANGE, "upgrade head");
	action(DANGER_DESTRUCTIVE, "downgrade <target>");
	action(DANGER_REFUSED, "downgrade base");
	tap_ok(danger_parse("destructive", &danger) && danger == DANGER_DESTRUCTIVE,
		"an author may say destructive");
	tap_ok(!danger_parse("refused", &danger), "but not refused");
	return tap_done();
}
