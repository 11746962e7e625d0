"""Add the audit trail

Revision ID: 0009b
Revises: 0008
Create Date: 2025-06-18 10:26:04.955730
"""

import sqlalchemy as sa
from alembic import op

revision = "0009b"
down_revision = "0008"
branch_labels = ("audit")
depends_on = None


def upgrade():
    op.create_table(
        "audit_trail",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            nullable=False,
            server_default=sa.func.now(),
        ),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
    )


def downgrade():
    op.drop_table("audit_trail")
