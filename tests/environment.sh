# Sourced before every test, by `make check` and by `./dev test`: what a test may rely on.
# srcdir and builddir are set and absolute; PGRUNBOOK is the console that was built.
# shellcheck shell=sh disable=SC2154

PGRUNBOOK=$builddir/pgrunbook
LC_ALL=C.UTF-8
TZ=UTC
TERM=xterm-256color
PYTHONDONTWRITEBYTECODE=1 # Alembic's environments lie in the source tree
# A test that forgets to have its own incidents writes into no operator's log.
XDG_STATE_HOME=$builddir/tests/state
# A leak is a failure; the first finding ends the program, with a status of its own.
ASAN_OPTIONS=detect_leaks=1:abort_on_error=0:exitcode=99:detect_stack_use_after_return=1:strict_string_checks=1
LSAN_OPTIONS=suppressions=$srcdir/tests/lsan.supp:print_suppressions=0
UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
export PGRUNBOOK LC_ALL PYTHONDONTWRITEBYTECODE TERM TZ XDG_STATE_HOME
export ASAN_OPTIONS LSAN_OPTIONS UBSAN_OPTIONS

# Nothing of the caller's own servers, settings and habits.
unset ALEMBIC_CONFIG COLUMNS DATABASE_URL LINES NO_COLOR PGRUNBOOK_RUNBOOKS
unset PGAPPNAME PGDATABASE PGHOST PGHOSTADDR PGOPTIONS PGPASSFILE PGPASSWORD PGPORT
unset PGSERVICE PGSERVICEFILE PGSSLMODE PGUSER
unset PYTHONPATH VIRTUAL_ENV
