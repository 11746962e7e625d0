"""A relay before a PostgreSQL socket that counts what a client asks of the server.

What is counted is the protocol's own bookkeeping, so no client can hide any of it: an
answered statement is a CommandComplete (or an EmptyQueryResponse), a round trip ends with
a ReadyForQuery.  Nothing is changed on the way.
"""

import os
import socket
import threading

MESSAGE_HEAD = 5
COMPLETE = (ord("C"), ord("I"))
READY = ord("Z")


class Counts:
    def __init__(self, connections=0, statements=0, round_trips=0, bytes_in=0, bytes_out=0):
        self.connections = connections
        self.statements = statements
        self.round_trips = round_trips
        self.bytes_in = bytes_in
        self.bytes_out = bytes_out

    def since(self, earlier):
        return Counts(**{name: value - getattr(earlier, name) for name, value in vars(self).items()})


class Answers:
    """Cuts what the server sends into messages, however it was cut on its way."""

    def __init__(self):
        self.rest = bytearray()
        self.skip = 0

    def take(self, piece):
        """The types of the messages that begin in it."""
        self.rest += piece
        types = []
        at = min(self.skip, len(self.rest))
        self.skip -= at
        while not self.skip and len(self.rest) - at >= MESSAGE_HEAD:
            types.append(self.rest[at])
            whole = 1 + int.from_bytes(self.rest[at + 1 : at + MESSAGE_HEAD], "big")
            here = min(whole, len(self.rest) - at)
            self.skip = whole - here
            at += here
        del self.rest[:at]
        return types


class Relay:
    """Listens on a socket of its own in `directory` for the server at `server`."""

    def __init__(self, directory, server, port):
        self.directory = directory
        self.server = os.path.join(server, f".s.PGSQL.{port}")
        self.lock = threading.Lock()
        self.counts = Counts()
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(os.path.join(directory, f".s.PGSQL.{port}"))
        self.listener.listen(16)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            server = socket.socket(socket.AF_UNIX)
            server.connect(self.server)
            with self.lock:
                self.counts.connections += 1
            for source, target, count in (
                (client, server, self.count_asked),
                (server, client, self.counter_of_answers()),
            ):
                threading.Thread(target=self.pump, args=(source, target, count), daemon=True).start()

    def pump(self, source, target, count):
        try:
            while piece := source.recv(65536):
                count(piece)
                target.sendall(piece)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # one of the two is gone, and so is the other soon

    def count_asked(self, piece):
        with self.lock:
            self.counts.bytes_out += len(piece)

    def counter_of_answers(self):
        answers = Answers()

        def count(piece):
            types = answers.take(piece)
            with self.lock:
                self.counts.bytes_in += len(piece)
                self.counts.statements += sum(kind in COMPLETE for kind in types)
                self.counts.round_trips += types.count(READY)

        return count

    def so_far(self):
        with self.lock:
            return self.counts.since(Counts())
