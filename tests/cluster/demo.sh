#!/bin/bash
# The demo's parts against real servers and the real Alembic: the cluster, the billing
# application, its traffic, the incident ledger, and that nothing is left of them.
#
# Prints TAP.  srcdir is the top of the source tree, found from this file when unset.

set -uo pipefail

top=$(cd -- "${srcdir:-${BASH_SOURCE[0]%/*}/../..}" && pwd)
readonly top
dir=$(mktemp -d "${TMPDIR:-/tmp}/pgr-t.XXXXXX")
readonly dir
workload=
count=0
failures=0
export PYTHONDONTWRITEBYTECODE=1

# ok DESCRIPTION COMMAND...: the command succeeds; what it prints is told when it doesn't.
ok()
{
	local description=$1 told

	shift
	count=$((count + 1))
	if told=$("$@" 2>&1); then
		echo "ok $count - $description"
	else
		echo "not ok $count - $description"
		printf '# %s\n' "failed: $*" "${told//$'\n'/$'\n'# }"
		failures=$((failures + 1))
	fi
}

# is DESCRIPTION EXPECTED COMMAND...: the command prints this, now or before the deadline.
# (The command runs in a subshell: it can't `wait` for a job of this one.)
is()
{
	ok "$1" eventually "${@:2}"
}

eventually()
{
	local expected=$1 end=$((SECONDS + 60)) got

	shift
	until got=$("$@" 2>&1) && [[ $got == "$expected" ]]; do
		if ((SECONDS >= end)); then
			printf 'expected: %s\ngot: %s\n' "$expected" "$got"
			return 1
		fi
		sleep 0.05
	done
}

not()
{
	! "$@"
}

bail_out()
{
	echo "Bail out! $*"
	exit 1
}

clean_up()
{
	trap '' INT TERM HUP
	[[ -z $workload ]] || kill "$workload" 2>/dev/null
	"$top/demo/cluster" stop "$dir"
	rm -rf "$dir"
}

cluster()
{
	"$top/demo/cluster" "$1" "$dir" "${@:2}"
}

primary()
{
	"$PSQL" -X -A -t -q -v ON_ERROR_STOP=1 -c "$1"
}

standby()
{
	PGPORT=$STANDBY_PORT primary "$1"
}

billing()
{
	alembic -c "$top/demo/app/alembic.ini" "$@"
}

ledger()
{
	alembic -c "$top/migrations/alembic.ini" "$@"
}

# Who waits, and for whom, by name.
edges()
{
	primary "SELECT w.application_name || ' <- ' || string_agg(DISTINCT
			b.application_name, ' ' ORDER BY b.application_name)
		FROM pg_stat_activity AS w, unnest(pg_blocking_pids(w.pid)) AS u (pid)
		JOIN pg_stat_activity AS b USING (pid)
		GROUP BY w.pid, w.application_name ORDER BY w.application_name"
}

state_of()
{
	primary "SELECT state FROM pg_stat_activity WHERE application_name = '$1'"
}

terminate()
{
	primary "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE application_name = '$1'"
}

# The servers' processes, and whoever has the directory in its command line.
remember_processes()
{
	local of=$1 process args

	primary 'SELECT pid FROM pg_stat_activity' >"$dir/pids"
	standby 'SELECT pid FROM pg_stat_activity' >>"$dir/pids"
	for process in /proc/[0-9]*; do
		mapfile -d '' -t args 2>/dev/null <"$process/cmdline" || continue
		[[ ${args[*]} != *"$of"* ]] || echo "${process#/proc/}" >>"$dir/pids"
	done
}

# Prints those that still run: a zombie doesn't.
remembered_processes()
{
	local pid line

	while read -r pid; do
		[[ $pid != "$$" ]] || continue
		if read -r line 2>/dev/null <"/proc/$pid/stat" && [[ ${line##*) } != Z* ]]; then
			echo "$pid"
		fi
	done <"$dir/pids"
}

gone()
{
	[[ ! -e $1 ]]
}

test_cluster()
{
	local deep

	ok "a cluster starts" cluster start
	# shellcheck source=/dev/null
	. "$dir/env" || bail_out "no cluster"
	is "the primary is one" f primary 'SELECT pg_is_in_recovery()'
	is "the standby is one" t standby 'SELECT pg_is_in_recovery()'
	is "the standby streams as r1" "r1 streaming" primary \
		"SELECT application_name || ' ' || state FROM pg_stat_replication"
	is "the standby has a slot" r1 primary \
		'SELECT slot_name FROM pg_replication_slots WHERE active'
	ok "a second cluster is refused there" not cluster start
	is "which leaves the first alone" 1 primary 'SELECT 1'

	deep=$dir/$(printf 'x%.0s' {1..90})
	mkdir "$deep"
	ok "a path too long for a socket is refused" not "$top/demo/cluster" start "$deep"
	is "and nothing is made there" '' ls -A "$deep"
	rmdir "$deep"
}

test_application()
{
	ok "the application loads" "$top/demo/load" "$dir"
	is "the primary is at 0015" 0015 primary 'TABLE alembic_version'
	is "so is the standby" 0015 standby 'TABLE alembic_version'
	is "there are invoices" 6000 primary 'SELECT count(*) FROM invoices'
	is "0016 is the only head" "0016 (audit) (head)" billing heads
	ok "alembic goes back to 0014" billing downgrade 0014
	is "the column is gone" '' primary "SELECT attname FROM pg_attribute
		WHERE attrelid = 'invoices'::regclass AND attname = 'tax_region'"
	ok "and on to the head" billing upgrade head
	is "which is 0016" 0016 primary 'TABLE alembic_version'
	ok "down to the base" billing downgrade base
	is "nothing is left but the version table" alembic_version primary \
		"SELECT string_agg(relname, ' ') FROM pg_class
		WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
	ok "and loaded again" "$top/demo/load" "$dir"
	is "the standby has followed" 6000 standby 'SELECT count(*) FROM invoices'
}

test_workload()
{
	local migration

	: >"$dir/workload.out"
	"$top/demo/workload" "$dir" >"$dir/workload.out" 2>&1 &
	workload=$!
	is "the workload is ready" "workload ready" cat "$dir/workload.out"
	is "its queue stands" "batch <- web-1 web-2
web-2 <- web-1
web-3 <- batch
web-4 <- batch" edges
	is "the blocker idles in its transaction" "idle in transaction" state_of web-1
	is "so does the report" "idle in transaction" state_of report
	ok "the report can be terminated" terminate report
	is "and comes back" "idle in transaction" state_of report

	PGAPPNAME=migration billing downgrade 0014 >"$dir/downgrade.out" 2>&1 &
	migration=$!
	is "a downgrade, under the name it was given, waits" active state_of migration
	is "behind everybody" "migration <- batch web-1 web-2 web-3 web-4" \
		eval 'edges | grep ^migration'
	ok "the blocker can be terminated" terminate web-1
	wait "$migration"
	is "then the downgrade gets through" 0 echo $?
	is "to 0014" 0014 primary 'TABLE alembic_version'
	is "the blocker is ordinary when it comes back" 1 primary \
		"SELECT count(*) FROM pg_stat_activity
		WHERE application_name = 'web-1' AND state IN ('idle', 'active')"
	ok "upgrades get through as well" billing upgrade head
	kill "$workload"
	wait "$workload"
	is "the traffic ends when told to" 0 echo $?
	workload=
	is "and leaves no session" 0 primary "SELECT count(*) FROM pg_stat_activity
		WHERE application_name ~ '^(web-|batch|report)'"
	is "it has told of nothing else" "workload ready" cat "$dir/workload.out"
}

refuses_changes()
{
	local statement told

	for statement in "UPDATE pgrunbook.entries SET body = ''" \
		"DELETE FROM pgrunbook.entries" "TRUNCATE pgrunbook.entries" \
		"TRUNCATE pgrunbook.incidents CASCADE" "DELETE FROM pgrunbook.incidents" \
		"SET session_replication_role = replica; DELETE FROM pgrunbook.entries"; do
		if told=$(primary "$statement" 2>&1) || [[ $told != *append-only* ]]; then
			echo "$statement: $told"
			return 1
		fi
	done
}

add_entry()
{
	primary "INSERT INTO pgrunbook.entries VALUES ((SELECT id FROM pgrunbook.incidents),
		$1, now(), 1, 'note', 9, 'INFO', 'a note', '{}', '{}', $2, $3, '{}')"
}

test_ledger()
{
	local one two three

	one="repeat('1', 64)" two="repeat('2', 64)" three="repeat('3', 64)"
	ok "the ledger is made" ledger upgrade head
	ok "and taken down" ledger downgrade base
	ok "and made again" ledger upgrade head
	is "beside the application" 0016 primary 'TABLE alembic_version'
	ok "with libpq's variables alone" env -u DATABASE_URL \
		alembic -c "$top/migrations/alembic.ini" current
	ok "an incident is taken" primary "INSERT INTO pgrunbook.incidents
		(host_name, name, opened_at, database) VALUES ('jump1', 'i', now(), 'billing')"
	ok "its first entry" add_entry 1 NULL "$one"
	ok "the next one" add_entry 2 "$one" "$two"
	ok "but not a second first" not add_entry 3 NULL "$three"
	ok "nor a fork" not add_entry 3 "$one" "$three"
	ok "nor one after an entry unknown" not add_entry 3 "repeat('4', 64)" "$three"
	ok "nor what is no hash" not add_entry 3 "$two" "'no hash'"
	ok "nor a number twice" not add_entry 2 "$two" "$three"
	ok "no row is changed or taken away" refuses_changes
	is "all are there" 2 primary 'SELECT count(*) FROM pgrunbook.entries'
}

test_trouble()
{
	ok "the primary is killed" cluster kill primary
	ok "and does not answer" not primary 'SELECT 1'
	ok "it starts again" cluster restart primary
	is "with all its data" 6000 primary 'SELECT count(*) FROM invoices'
	is "and the standby comes back" streaming primary \
		'SELECT state FROM pg_stat_replication'
	ok "the standby is killed" cluster kill standby
	ok "and starts again" cluster restart standby
	is "the standby answers" t standby 'SELECT pg_is_in_recovery()'
	ok "the primary is paused" cluster pause primary
	ok "and keeps silent" not timeout 0.3 "$PSQL" -X -c 'SELECT 1'
	ok "it is resumed" cluster resume primary
	is "and answers" 1 primary 'SELECT 1'

	remember_processes "$dir"
	ok "paused once more" cluster pause primary
	ok "it stops all the same" cluster stop
	is "no process is left" '' remembered_processes
	ok "to stop twice is no error" cluster stop
}

# A console that looks around and leaves with a status of its own.
make_console()
{
	cat >"$dir/console" <<-CONSOLE
		#!/bin/bash
		echo "\${XDG_STATE_HOME%/state}" >"$dir/where"
		[[ \$1 == --settings && \$3 == -c && -f \$4 ]] || exit 1
		url=\$(sed -n 's/^database = //p' "\$2")
		replica=\$(sed -n 's/^replica.r1 = //p' "\$2")
		"$PSQL" -X -A -t -c 'TABLE alembic_version' "\$url" >"$dir/said"
		"$PSQL" -X -A -t -c 'SELECT pg_is_in_recovery()' "\$replica" >>"$dir/said"
		eval "\$(sed -n 's/^alembic = //p' "\$2") current" >>"$dir/said" 2>/dev/null
		"$PSQL" -X -A -t -c 'SELECT pid FROM pg_stat_activity' "\$url" >"$dir/pids"
		exit 7
	CONSOLE
	chmod +x "$dir/console"
}

test_session()
{
	local session where

	make_console
	"$top/demo/session" "$dir/console" </dev/null >"$dir/session.out" 2>&1
	is "a demo ends with the console's status" 7 echo $?
	is "the console had both servers and alembic" $'0015\nt\n0015' cat "$dir/said"
	ok "its directory is gone" gone "$(cat "$dir/where")"
	is "and its processes" '' remembered_processes

	: >"$dir/session.out"
	"$top/demo/session" "$dir/console" --keep </dev/null >"$dir/session.out" 2>&1 &
	session=$!
	is "a demo is kept" 1 grep -c ' stop ' "$dir/session.out"
	where=$(sed -n 's/.* \. \(.*\)\/env; .*/\1/p' "$dir/session.out")
	# shellcheck source=/dev/null
	. "$where/env"
	is "it tells how to connect" 1 eval \
		"$(sed -n 's/^ *psql *\(psql .*\)/\1/p' "$dir/session.out") -X -A -t -c 'SELECT 1'"
	remember_processes "$where"
	ok "it can be stopped" kill "$session"
	wait "$session"
	is "as a signal ends it" 143 echo $?
	ok "its directory is gone, too" gone "$where"
	is "and so are its processes" '' remembered_processes
}

trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

test_cluster
test_application
test_workload
test_ledger
test_trouble
test_session
echo "1..$count"
((failures == 0))
