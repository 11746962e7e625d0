"""How Alembic reaches the incident ledger.

The ledger may share a database with the application whose incidents it keeps, so
everything of it, its version table included, is in the schema `pgrunbook`: the
application's `alembic_version` is another one.
"""

import os
import re
from logging.config import fileConfig

from alembic import context
from sqlalchemy import create_engine, pool
from sqlalchemy.engine import make_url

SCHEMA = "pgrunbook"

if context.config.config_file_name is not None:
    fileConfig(context.config.config_file_name, disable_existing_loggers=False)


def database_url():
    """Return DATABASE_URL, else a URL that leaves everything to libpq's variables."""
    url = os.environ.get("DATABASE_URL") or "postgresql://"
    return make_url(re.sub(r"^postgres(ql)?(\+\w+)?:", "postgresql+psycopg2:", url))


def run(**target):
    context.configure(version_table_schema=SCHEMA, **target)
    with context.begin_transaction():
        # Before the first revision, since Alembic keeps its version table in there; but
        # not for `current` and the like, which Alembic tells to change nothing.
        if not context.get_context().opts.get("dont_mutate"):
            context.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
        context.run_migrations()


if context.is_offline_mode():
    # psycopg2's own parameter style would double every % that is printed.
    named = {"paramstyle": "named"}
    run(dialect_name="postgresql", dialect_opts=named, literal_binds=True)
else:
    engine = create_engine(database_url(), poolclass=pool.NullPool)
    with engine.connect() as connection:
        run(connection=connection)
