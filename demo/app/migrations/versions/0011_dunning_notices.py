"""Send dunning notices

Revision ID: 0011
Revises: 0010
Create Date: 2025-07-15 12:44:20.618339
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "dunning_notices",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column(
            "invoice_id",
            sa.BigInteger,
            sa.ForeignKey("invoices.id"),
            nullable=False,
            index=True,
        ),
        sa.Column("level", sa.SmallInteger, nullable=False),
        sa.Column("sent_on", sa.Date, nullable=False),
        sa.CheckConstraint("level BETWEEN 1 AND 3", name="dunning_notices_level_known"),
    )


def downgrade():
    op.drop_table("dunning_notices")
