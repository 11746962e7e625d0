"""compare.py PIDS NAME=COMMAND...: runs each in a terminal and prints what it costs.

PIDS is a file with the pids of the sessions on the server: a screen is full when one of
them stands on it.  The first NAME is compared with the others.
"""

import os
import shlex
import statistics
import sys
import tempfile
import time

import psycopg2
from memory import family, memory
from program import COLUMNS, ROWS, Failed, Program, own_backends
from relay import Relay

SECONDS = float(os.environ.get("BENCH_SECONDS", "20"))
STARTS = int(os.environ.get("BENCH_STARTS", "7"))
REFRESH = 2
WARM_UP = 2 * REFRESH  # two refreshes: caches and first allocations are made


def cpu_ms(pid):
    """User and system time of a process and of its children, dead or alive."""
    ticks = 0
    for one in family(pid):
        with open(f"/proc/{one}/stat") as stat:
            ticks += sum(map(int, stat.read().rpartition(")")[2].split()[11:15]))
    return ticks * 1000 / os.sysconf("SC_CLK_TCK")


def scheduled_ms(pid):
    """As cpu_ms, for one process without children, in nanoseconds if the kernel keeps them."""
    try:
        total = 0
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/schedstat") as schedstat:
                total += int(schedstat.read().split()[0])
        return total / 1e6
    except (FileNotFoundError, PermissionError):
        return cpu_ms(pid)


def traffic(command, pids):
    """What one refresh asks of the server; in a run of its own, as a relay takes time."""
    with tempfile.TemporaryDirectory(prefix="pgr-r.") as directory:
        relay = Relay(directory, os.environ["PGHOST"], os.environ["PGPORT"])
        program = Program(command, pids, {"PGHOST": directory})
        try:
            program.wait_first_screen()
            program.let_run(WARM_UP)
            before = relay.so_far()
            program.let_run(SECONDS)
            used = relay.so_far().since(before)
        finally:
            program.stop()
    refreshes = SECONDS / REFRESH
    return {
        "connections made after the start": used.connections,
        "statements a refresh": used.statements / refreshes,
        "round trips a refresh": used.round_trips / refreshes,
        "from the server a refresh (bytes)": used.bytes_in / refreshes,
    }


def measure(command, pids, observer):
    encoded = [pid.encode() for pid in pids]
    starts = []
    for _ in range(STARTS):
        program = Program(command, encoded)
        try:
            starts.append(program.wait_first_screen())
        finally:
            program.stop()

    asked = traffic(command, encoded)
    program = Program(command, encoded)
    try:
        program.wait_first_screen()
        first = program.bytes
        program.let_run(WARM_UP)
        backends = own_backends(observer, [int(pid) for pid in pids])
        served = sum(map(scheduled_ms, backends))
        used, sent = cpu_ms(program.pid), program.bytes
        alone = len(family(program.pid)) == 1 and scheduled_ms(program.pid)
        program.let_run(SECONDS)
        used, sent = cpu_ms(program.pid) - used, program.bytes - sent
        if alone and len(family(program.pid)) == 1 and used < 1000:
            # Short bursts: ticks of 10 ms are too coarse for them.
            used = scheduled_ms(program.pid) - alone
        held = memory(program.pid)
        return {
            "first full screen, median (ms)": statistics.median(starts) * 1000,
            f"CPU over {SECONDS:g} s (ms)": used,
            f"CPU of its server processes over {SECONDS:g} s (ms)": sum(
                map(scheduled_ms, backends)
            )
            - served,
            "resident memory (MB)": held["resident"],
            "of that its share, Pss (MB)": held["share"],
            "of that private to it (MB)": held["private"],
            "of that libraries (MB)": held["libraries"],
            "of those libpq and what it brings (MB)": held["libpq"],
            "first screen (bytes)": first,
            f"to the terminal over {SECONDS:g} s (bytes)": sent,
            **asked,
        }
    finally:
        program.stop()


def main():
    with open(sys.argv[1]) as file:
        pids = file.read().split()
    connection = psycopg2.connect("application_name=observer")
    connection.autocommit = True
    observer = connection.cursor()

    tools = [argument.partition("=")[::2] for argument in sys.argv[2:]]
    results = {}
    for name, command in tools:
        try:
            results[name] = measure(shlex.split(command), pids, observer)
        except Failed as failure:
            print(f"{name}: could not be measured: {failure}", file=sys.stderr)

    names = list(results)
    print(f"{len(pids)} sessions, terminal {COLUMNS}x{ROWS}, read every {REFRESH} s, {STARTS} starts")
    print(f"{'':48}" + "".join(f"{name:>14}" for name in names) + f"{'ratio':>10}" * (len(names) > 1))
    for row in results[names[0]] if names else []:
        values = [results[name][row] for name in names]
        line = f"{row:48}" + "".join(
            f"{value:14.1f}" if isinstance(value, float) else f"{value:14d}" for value in values
        )
        for value in values[1:]:
            line += f"{value / values[0]:9.1f}x" if values[0] else f"{'-':>10}"
        print(line)
    print(
        "One run on this machine, with everything else that ran on it: times vary by tens of\n"
        "per cent from run to run, the ratios less.  CPU and bytes are counted after a warm-up."
    )
    return 0 if len(results) == len(tools) else 1


sys.exit(main())
