"""compare.py PIDS NAME=COMMAND...: runs each in a terminal and prints what it costs.

PIDS is a file with the pids of the sessions on the server: a screen is full when one of
them stands on it.  The first NAME is compared with the others.
"""

import fcntl
import os
import pty
import re
import select
import shlex
import signal
import statistics
import struct
import sys
import tempfile
import termios
import time

import psycopg2
from relay import Relay

ROWS, COLUMNS = 40, 120
SECONDS = float(os.environ.get("BENCH_SECONDS", "20"))
STARTS = int(os.environ.get("BENCH_STARTS", "7"))
REFRESH = 2
WARM_UP = 2 * REFRESH  # two refreshes: caches and first allocations are made
DEADLINE = 30
SEQUENCE = re.compile(rb"\x1b(\[[0-9;?]*[ -/]*[@-~]|\([0-9A-B]|\][^\a\x1b]*(\a|\x1b\\)|[=>78M])")


class Failed(Exception):
    pass


class Program:
    """A program in a terminal of its own."""

    def __init__(self, command, pids, environment=None):
        self.seen = bytearray()
        self.bytes = 0
        self.marker = re.compile(rb"(?<![0-9])(" + b"|".join(pids) + rb")(?![0-9])")
        self.started = time.monotonic()
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            # Of the size it is to have before it looks.
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
            try:
                os.environ.update(environment or {})
                os.execvp(command[0], command)
            except OSError as error:
                os.write(2, f"{command[0]}: {error.strerror}\n".encode())
            os._exit(127)

    def take(self, until):
        """One piece of output, if there is any until then."""
        ready, _, _ = select.select([self.master], [], [], max(0, until - time.monotonic()))
        if not ready:
            return
        try:
            piece = os.read(self.master, 65536)
        except OSError:
            piece = b""
        if not piece:
            raise Failed(f"it ended by itself, with: {self.words()[-400:]!r}")
        self.bytes += len(piece)
        if self.seen is not None:
            self.seen += piece

    def words(self):
        return SEQUENCE.sub(b" ", bytes(self.seen or b"")).decode(errors="replace").strip()

    def wait_first_screen(self):
        """Seconds from its start until a session stands on the screen."""
        while not self.marker.search(SEQUENCE.sub(b" ", bytes(self.seen))):
            if time.monotonic() > self.started + DEADLINE:
                raise Failed(f"no session on its screen in {DEADLINE} s: {self.words()[-400:]!r}")
            self.take(self.started + DEADLINE)
        return time.monotonic() - self.started

    def let_run(self, seconds):
        self.seen = None
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.take(end)

    def stop(self):
        """Ends it and reads what it says on leaving, lest it blocks."""
        end = time.monotonic() + 5
        os.kill(self.pid, signal.SIGTERM)
        while os.waitpid(self.pid, os.WNOHANG) == (0, 0):
            if time.monotonic() > end:
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
                break
            try:
                self.take(time.monotonic() + 0.01)
            except Failed:
                time.sleep(0.01)
        os.close(self.master)


def family(pid):
    """A process and all that descend from it."""
    found = [pid]
    for one in found:
        try:
            for task in os.listdir(f"/proc/{one}/task"):
                with open(f"/proc/{one}/task/{task}/children") as children:
                    found += map(int, children.read().split())
        except FileNotFoundError:
            pass
    return found


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


def memory_kb(pid, name, file):
    total = 0
    for one in family(pid):
        try:
            with open(f"/proc/{one}/{file}") as lines:
                for line in lines:
                    if line.startswith(name + ":"):
                        total += int(line.split()[1])
        except PermissionError:
            return None
    return total


def own_backends(observer, known):
    """Pids of the server processes that serve the program being watched."""
    observer.execute(
        "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'"
        " AND pid <> pg_backend_pid() AND pid <> ALL (%s)",
        (known,),
    )
    return [row[0] for row in observer.fetchall()]


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
        return {
            "first full screen, median (ms)": statistics.median(starts) * 1000,
            f"CPU over {SECONDS:g} s (ms)": used,
            f"CPU of its server processes over {SECONDS:g} s (ms)": sum(
                map(scheduled_ms, backends)
            )
            - served,
            "resident memory (MB)": memory_kb(program.pid, "VmRSS", "status") / 1024,
            "of that its share, Pss (MB)": (
                memory_kb(program.pid, "Pss", "smaps_rollup") or 0
            )
            / 1024,
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
