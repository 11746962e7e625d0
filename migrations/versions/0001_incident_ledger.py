"""Create the incident ledger

The shared copy of the incident logs, where more people can read them than on the
host that wrote them.  The log's file stays the record: an incident is a directory there
and a row here, an entry is a line there and a row here.

An entry's columns are the members of its line, an OpenTelemetry log record.  `line` is
the line itself, since a hash covers its exact bytes and jsonb doesn't keep them: the
chain can be verified from the ledger alone.  Each entry names the hash of the one
before it, which has to be here already, and no two name the same one.

Rows are only ever added.  A trigger refuses anything else, to a superuser as well and
while replicating, until somebody drops it: against that helps only the head hash that
the console shows at the close of an incident, kept elsewhere.

Revision ID: 0001
Revises:
Create Date: 2026-11-20 12:00:00.000000
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SCHEMA = "pgrunbook"


def sha256(name, **options):
    """A column for a SHA-256 as the log writes it, 64 lower-case hexadecimal digits."""
    check = sa.CheckConstraint(f"{name} ~ '^[0-9a-f]{{64}}$'", f"entries_{name}_sha256")
    return sa.Column(name, sa.Text, check, **options)


def create_incidents():
    op.create_table(
        "incidents",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        # The name of the incident's directory, unique on the host that has it.
        sa.Column("host_name", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("environment", sa.Text),
        sa.Column("database", sa.Text, nullable=False),
        sa.Column("system_identifier", sa.Numeric(20, 0)),
        # By the ledger's own clock and login, whatever the host believes.
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            nullable=False,
            server_default=sa.text("clock_timestamp()"),
        ),
        sa.Column(
            "recorded_by",
            sa.Text,
            nullable=False,
            server_default=sa.text("session_user"),
        ),
        sa.CheckConstraint("name <> ''", name="incidents_name_given"),
        sa.UniqueConstraint("host_name", "name", name="incidents_name_key"),
        schema=SCHEMA,
    )


def create_entries():
    op.create_table(
        "entries",
        sa.Column(
            "incident_id",
            sa.BigInteger,
            sa.ForeignKey(f"{SCHEMA}.incidents.id", name="entries_incident_id_fkey"),
            primary_key=True,
        ),
        sa.Column("seq", sa.BigInteger, primary_key=True),
        sa.Column("timestamp", sa.DateTime(timezone=True), nullable=False),
        sa.Column("observed_mono_ns", sa.BigInteger, nullable=False),
        sa.Column("event_name", sa.Text, nullable=False),
        sa.Column("severity_number", sa.SmallInteger, nullable=False),
        sa.Column("severity_text", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("resource", JSONB, nullable=False),
        sa.Column("attributes", JSONB, nullable=False),
        # The first entry of an incident has no other before it.
        sha256("prev"),
        sha256("hash", nullable=False),
        sa.Column("line", sa.Text, nullable=False),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            nullable=False,
            server_default=sa.text("clock_timestamp()"),
        ),
        sa.CheckConstraint("seq >= 0", name="entries_seq_counts"),
        sa.CheckConstraint("observed_mono_ns >= 0", name="entries_mono_counts"),
        sa.CheckConstraint("event_name <> ''", name="entries_event_named"),
        sa.CheckConstraint(
            "severity_number BETWEEN 1 AND 24", name="entries_severity_known"
        ),
        sa.CheckConstraint(
            "jsonb_typeof(resource) = 'object'", name="entries_resource_object"
        ),
        sa.CheckConstraint(
            "jsonb_typeof(attributes) = 'object'", name="entries_attributes_object"
        ),
        sa.CheckConstraint("prev <> hash", name="entries_not_before_itself"),
        sa.UniqueConstraint("incident_id", "hash", name="entries_hash_key"),
        sa.UniqueConstraint("incident_id", "prev", name="entries_prev_key"),
        sa.ForeignKeyConstraint(
            ["incident_id", "prev"],
            [f"{SCHEMA}.entries.incident_id", f"{SCHEMA}.entries.hash"],
            name="entries_prev_fkey",
        ),
        schema=SCHEMA,
    )
    # prev is NULL where an incident begins, and it begins once.
    op.create_index(
        "entries_one_first",
        "entries",
        ["incident_id"],
        unique=True,
        schema=SCHEMA,
        postgresql_where=sa.text("prev IS NULL"),
    )
    op.create_index("entries_timestamp", "entries", ["timestamp"], schema=SCHEMA)


def enforce_append_only():
    op.execute(
        f"""
        CREATE FUNCTION {SCHEMA}.refuse_change() RETURNS trigger
        LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '% of %.%: the incident ledger is append-only',
                TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
                USING ERRCODE = 'insufficient_privilege',
                HINT = 'Add an entry that corrects the earlier one.';
        END
        $$
        """
    )
    for table in ("incidents", "entries"):
        op.execute(
            f"""
            CREATE TRIGGER append_only
            BEFORE UPDATE OR DELETE OR TRUNCATE ON {SCHEMA}.{table}
            FOR EACH STATEMENT EXECUTE FUNCTION {SCHEMA}.refuse_change()
            """
        )
        # ALWAYS: session_replication_role = replica doesn't get around it.
        op.execute(f"ALTER TABLE {SCHEMA}.{table} ENABLE ALWAYS TRIGGER append_only")


def upgrade():
    create_incidents()
    create_entries()
    enforce_append_only()


def downgrade():
    op.drop_table("entries", schema=SCHEMA)
    op.drop_table("incidents", schema=SCHEMA)
    op.execute(f"DROP FUNCTION {SCHEMA}.refuse_change()")
