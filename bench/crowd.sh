#!/usr/bin/env bash
# Sourced: a server with 521 sessions of which 107 wait, in $dir, until the script ends.
# $top is the source; `run` is for what takes its time.

: "${top:?}"
dir=$(mktemp -d "${TMPDIR:-/tmp}/pgr-b.XXXXXX")
sessions=
job=

clean_up()
{
	local rc=$?

	trap '' INT TERM HUP
	for process in "$job" "$sessions"; do
		[[ -z $process ]] || kill "$process" 2>/dev/null || true
		[[ -z $process ]] || wait "$process" 2>/dev/null || true
	done
	"$top/demo/cluster" stop "$dir" || true
	rm -rf "$dir"
	exit "$rc"
}

# In the background, because bash looks at a signal only after a foreground command.
run()
{
	local rc=0

	"$@" &
	job=$!
	wait "$job" || rc=$?
	job=
	return "$rc"
}

trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

# Room for those that are watched, and for those who watch.
export CONNECTIONS=600
run "$top/demo/cluster" start "$dir"
run "$top/demo/load" "$dir"
# shellcheck source=/dev/null
. "$dir/env"
export PYTHONDONTWRITEBYTECODE=1 LC_ALL=C.UTF-8

/usr/bin/python3 "$top/bench/sessions.py" >"$dir/pids" &
sessions=$!
until [[ -s $dir/pids ]]; do
	kill -0 "$sessions" 2>/dev/null || exit 1
	sleep 0.1
done
