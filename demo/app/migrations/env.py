"""How Alembic reaches the billing database.

The URL is the one given with `-x url=...`, else DATABASE_URL.  Everything else about the
connection is left to libpq: PGAPPNAME and PGOPTIONS reach the server, so that whoever
watches it can tell which session the migration is.
"""

import os
import re
from logging.config import fileConfig

from alembic import context
from alembic.util import CommandError
from sqlalchemy import create_engine, pool
from sqlalchemy.engine import make_url

if context.config.config_file_name is not None:
    fileConfig(context.config.config_file_name, disable_existing_loggers=False)


def database_url():
    """Return the URL, through psycopg2 whatever driver the application itself uses."""
    url = context.get_x_argument(as_dictionary=True).get("url")
    url = url or os.environ.get("DATABASE_URL")
    if not url:
        raise CommandError("set DATABASE_URL, or give -x url=postgresql://...")
    return make_url(re.sub(r"^postgres(ql)?(\+\w+)?:", "postgresql+psycopg2:", url))


def run_offline():
    """Print the SQL (`--sql`); needs no server and no URL."""
    context.configure(
        dialect_name="postgresql",
        # psycopg2's own parameter style would double every % that is printed.
        dialect_opts={"paramstyle": "named"},
        literal_binds=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def run_online():
    """Run in one transaction: a failure undoes the whole command."""
    engine = create_engine(database_url(), poolclass=pool.NullPool)
    with engine.connect() as connection:
        context.configure(connection=connection)
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    run_offline()
else:
    run_online()
