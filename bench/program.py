"""A program in a terminal of its own, and what serves it on the server."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time

ROWS, COLUMNS = 40, 120
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
        if self.pid is not None:
            os.kill(self.pid, signal.SIGTERM)
        while self.pid is not None and os.waitpid(self.pid, os.WNOHANG) == (0, 0):
            if time.monotonic() > end:
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
                break
            try:
                self.take(time.monotonic() + 0.01)
            except Failed:
                time.sleep(0.01)
        self.pid = None
        os.close(self.master)


def own_backends(observer, known):
    """Pids of the server processes that serve the program being watched."""
    observer.execute(
        "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'"
        " AND pid <> pg_backend_pid() AND pid <> ALL (%s)",
        (known,),
    )
    return [row[0] for row in observer.fetchall()]
