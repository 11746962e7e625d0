"""trees.py TOP DIR: measures and prints; DIR has the programs, the trees and a server."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time

TOP, DIR = sys.argv[1:3]
PGRUNBOOK = f"{TOP}/build/pgrunbook"
ALEMBIC = "/usr/bin/alembic"
TIMES = os.environ.get("BENCH_TIMES", "25")
SLOW_TIMES = os.environ.get("BENCH_SLOW_TIMES", "3")  # of Alembic, which takes a second
LINE = "{:42}{:>12}{:>12}{:>9}  {}"


def measure(*commands):
    """For each command: least wall time (ms), least CPU time (ms), most memory (MB)."""
    done = subprocess.run(
        [f"{DIR}/measure", TIMES, *commands], stdout=subprocess.PIPE, check=True, text=True
    )
    for line in done.stdout.splitlines():
        least, _, cpu, memory = map(int, line.split())
        yield least / 1000, cpu / 1000, memory / 1024


def tell(what, ours, peer, ratio, target="", met=None):
    verdict = "" if met is None else "met" if met else "NOT met"
    line = LINE.format(what, ours, peer, ratio, f"{target:24}{verdict}".rstrip())
    print(line, flush=True)


def against(what, ours, peer, least=None):
    """How much faster than a peer we are; `least` times is the target."""
    faster = peer[0] / ours[0]
    if least is not None:
        ratio, target, met = f"{faster:.1f}x", f"at least {least}x", faster >= least
    else:
        ratio, target, met = f"{faster:.1f}x", "", None
    tell(what, f"{ours[0]:.1f} ms", f"{peer[0]:.1f} ms", ratio, target, met)


def limit(what, ours, bare, most):
    """How many times the bare reading of the files we take; the least that can be is 1."""
    ratio = ours[0] / bare[0]
    tell(
        what,
        f"{ours[0]:.1f} ms",
        f"{bare[0]:.1f} ms",
        f"{ratio:.2f}x",
        f"at most {most}x of it" if most else "",
        ratio <= most if most else None,
    )


def commands():
    for tree in ("100", "1000", "5000", "merges"):
        large = tree in ("5000", "merges")
        name = "5001 with 1250 merges" if tree == "merges" else tree
        for command in ("heads", "history"):
            ours, alembic, bare = measure(
                f"{PGRUNBOOK} -c {DIR}/{tree}/alembic.ini {command}",
                f"{SLOW_TIMES} {ALEMBIC} -c {DIR}/{tree}/alembic.ini {command}",
                f"{DIR}/readall {DIR}/{tree}/versions",
            )
            against(f"{command}, {name}: alembic", ours, alembic, 20 if large else None)
            limit(f"{command}, {name}: files read", ours, bare, 2 if large else None)


def growth():
    trees = {"1000": 1000, "5000": 5000, "20000": 20000, "merges": 5001}
    start, *times = measure(
        f"{PGRUNBOOK} --version",
        *(f"{PGRUNBOOK} -c {DIR}/{tree}/alembic.ini history" for tree in trees),
    )
    each = [
        (time[1] - start[1]) * 1000 / count for time, count in zip(times, trees.values())
    ]
    tell("start alone", f"{start[0]:.1f} ms", "", "")
    for tree, us in zip(trees, each):
        ratio = us / each[0]
        tell(
            f"history, CPU a revision, {tree}",
            f"{us:.1f} us",
            f"{each[0]:.1f} us",
            f"{ratio:.2f}x",
            "at most 1.5x of 1000's",
            ratio <= 1.5,
        )


def current():
    ini = f"{TOP}/demo/app/alembic.ini"
    ours, alembic = measure(
        f"{PGRUNBOOK} -c {ini} current", f"{SLOW_TIMES} {ALEMBIC} -c {ini} current"
    )
    against("current, local server: alembic", ours, alembic, 20)


def console_memory(ini):
    """The most memory (MB) of a console that shows this tree, four seconds after its start."""
    pid, master = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        os.execv(PGRUNBOOK, [PGRUNBOOK, "-d", os.environ["PGDATABASE"], "-c", ini])
    end = time.monotonic() + 4
    while time.monotonic() < end:
        if select.select([master], [], [], 0.1)[0] and not os.read(master, 65536):
            break
    with open(f"/proc/{pid}/status") as status:
        peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    os.close(master)
    return peak / 1024


def memory():
    ours, bare = measure(
        f"{PGRUNBOOK} -c {DIR}/merges/alembic.ini heads", f"{PGRUNBOOK} --version"
    )
    tell("heads, 5001: peak memory", f"{ours[2]:.1f} MB", f"{bare[2]:.1f} MB", "")
    large = console_memory(f"{DIR}/merges/alembic.ini")
    small = console_memory(f"{TOP}/demo/app/alembic.ini")
    tell("console, 5001: peak memory", f"{large:.1f} MB", f"{small:.1f} MB", "")


def frames():
    done = subprocess.run([f"{DIR}/frames"], stdout=subprocess.PIPE, check=True, text=True)
    for line in done.stdout.splitlines():
        tree, size, median, p99, most, _ = line.split()
        tell(
            f"frame, 10000 in a {tree}, {size}" if tree == "line" else f"frame, 10000 {tree}, {size}",
            f"{int(median) / 1000:.2f} ms",
            f"{int(p99) / 1000:.2f} p99",
            f"{int(most) / 1000:.1f}",
            "p99 at most 16 ms",
            int(p99) <= 16000,
        )


def main():
    print(
        f"Trees; whole processes, least of {TIMES} by turns ({SLOW_TIMES} of Alembic's), files"
        " in the page cache;"
        f" load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    )
    print(LINE.format("what", "pgrunbook", "peer", "ratio", "target"))
    failed = 0
    for part in (commands, growth, current, memory, frames):
        try:
            part()
        except (subprocess.CalledProcessError, OSError, StopIteration) as problem:
            print(f"{part.__name__}: could not be measured: {problem}", file=sys.stderr)
            failed = 1
    print(
        "The peer of memory is the program alone and the console with the demo's tree; of a\n"
        "frame the 99th percentile stands there, and the longest as the ratio (CPU time, ms)."
    )
    return failed


sys.exit(main())
