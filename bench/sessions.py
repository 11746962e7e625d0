"""521 sessions, of which 107 wait: half for a row, half for a table.

Prints their pids in one line once all stand, and holds them until it is ended.
"""

import threading
import time

import psycopg2

TOTAL = 521
WAITING_FOR_ROW = 54
WAITING_FOR_TABLE = 53
ACTIVE = 40
IDLE_IN_TRANSACTION = 20
DEADLINE = 30


def connect():
    connection = psycopg2.connect("application_name=bench")
    return connection, connection.cursor()


def run_in_background(cursor, statement):
    def run():
        try:
            cursor.execute(statement)
        except psycopg2.Error:
            pass  # the server is stopped under it

    threading.Thread(target=run, daemon=True).start()


def main():
    sessions = [connect() for _ in range(TOTAL)]
    cursors = iter(cursor for _, cursor in sessions)

    setup = next(cursors)
    setup.execute("CREATE TABLE bench_rows AS SELECT g AS id, 0 AS n FROM generate_series(1, 100) g")
    setup.execute("CREATE TABLE bench_table AS SELECT 1 AS id")
    setup.connection.commit()

    next(cursors).execute("UPDATE bench_rows SET n = 1 WHERE id = 1")
    next(cursors).execute("LOCK TABLE bench_table IN ACCESS EXCLUSIVE MODE")
    for _ in range(WAITING_FOR_ROW):
        run_in_background(next(cursors), "UPDATE bench_rows SET n = n + 1 WHERE id = 1")
    for _ in range(WAITING_FOR_TABLE):
        run_in_background(next(cursors), "SELECT count(*) FROM bench_table")
    for _ in range(ACTIVE):
        run_in_background(next(cursors), "SELECT pg_sleep(3600), 'a report of many columns'")
    for _ in range(IDLE_IN_TRANSACTION):
        next(cursors).execute("SELECT count(*) FROM invoices")

    # The rest idles, the one that made the tables among them.
    end = time.monotonic() + DEADLINE
    waiting = 0
    while waiting < WAITING_FOR_ROW + WAITING_FOR_TABLE:
        if time.monotonic() > end:
            raise SystemExit(f"sessions: only {waiting} wait")
        setup.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
        waiting = setup.fetchone()[0]
        setup.connection.commit()
        time.sleep(0.05)
    print(*(connection.info.backend_pid for connection, _ in sessions), flush=True)
    threading.Event().wait()


main()
