"""keys.py PIDS NAME=COMMAND...: how long each takes from a key to the screen.

Arrow keys are sent one by one, and the time to the first byte that comes of each is
taken: while the server answers, and while the server's processes that serve the program
are stopped (SIGSTOP), so that it waits for them.  Then it is told to quit.  PIDS is as for
compare.py.
"""

import os
import shlex
import signal
import sys
import time

import psycopg2
from program import COLUMNS, ROWS, Failed, Program, own_backends

PRESSES = int(os.environ.get("BENCH_KEYS", "200"))
REFRESH = 2
PATIENCE = 2  # seconds for one key
GIVE_UP = 3  # keys without any answer
UP, DOWN = b"\x1b[A", b"\x1b[B"


def press(program, key):
    """Seconds to the first byte; None: none came."""
    program.let_run(0.02)  # what is under way
    begun, before = time.monotonic(), program.bytes
    os.write(program.master, key)
    while program.bytes == before:
        if time.monotonic() > begun + PATIENCE:
            return None
        program.take(begun + PATIENCE)
    return time.monotonic() - begun


def press_all(program):
    times = []
    for number in range(PRESSES):
        times.append(press(program, UP if number % 2 else DOWN))
        if times[-GIVE_UP:] == [None] * GIVE_UP:
            return None
    return sorted(PATIENCE if one is None else one for one in times)


def quit_by(program, key):
    """Seconds to its end; None: it doesn't come."""
    begun = time.monotonic()
    os.write(program.master, key)
    while time.monotonic() < begun + PATIENCE:
        if os.waitpid(program.pid, os.WNOHANG) != (0, 0):
            program.pid = None
            return time.monotonic() - begun
        try:
            program.take(time.monotonic() + 0.001)
        except Failed:
            time.sleep(0.001)
    return None


def measure(command, pids, observer):
    program = Program(command, [pid.encode() for pid in pids])
    stopped = []
    results = {}
    try:
        program.wait_first_screen()
        program.let_run(2 * REFRESH)
        served = press_all(program)
        stopped = own_backends(observer, [int(pid) for pid in pids])
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        program.let_run(2 * REFRESH)
        waiting = press_all(program)
        for name, times in (("server answers", served), ("server stopped", waiting)):
            results[f"{name}, median (ms)"] = times and times[len(times) // 2] * 1000
            results[f"{name}, 99th percentile (ms)"] = (
                times and times[len(times) - 1 - len(times) // 100] * 1000
            )
        gone = quit_by(program, b"q")
        results["server stopped, from q to its end (ms)"] = gone and gone * 1000
        return results
    finally:
        for pid in stopped:
            try:
                os.kill(pid, signal.SIGCONT)
            except ProcessLookupError:
                pass
        program.stop()


def main():
    with open(sys.argv[1]) as file:
        pids = file.read().split()
    connection = psycopg2.connect("application_name=observer")
    connection.autocommit = True
    tools = [argument.partition("=")[::2] for argument in sys.argv[2:]]
    results = {}
    for name, command in tools:
        try:
            results[name] = measure(shlex.split(command), pids, connection.cursor())
        except Failed as failure:
            print(f"{name}: could not be measured: {failure}", file=sys.stderr)
    print(f"\n{PRESSES} keys each, terminal {COLUMNS}x{ROWS}; none: no answer within {PATIENCE} s")
    print(f"{'':48}" + "".join(f"{name:>14}" for name in results))
    for row in next(iter(results.values()), []):
        values = [results[name][row] for name in results]
        print(f"{row:48}" + "".join(f"{'none':>14}" if value is None else f"{value:14.2f}" for value in values))
    return 0 if len(results) == len(tools) else 1


sys.exit(main())
