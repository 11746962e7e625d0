"""Add refunds, each with its entry in the audit trail

Revision ID: 0012
Revises: 0011
Create Date: 2025-08-26 14:18:09.842056
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = "0009b"


def upgrade():
    op.create_table(
        "refunds",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column(
            "payment_id",
            sa.BigInteger,
            sa.ForeignKey("payments.id"),
            nullable=False,
            index=True,
        ),
        sa.Column(
            "audit_id",
            sa.BigInteger,
            sa.ForeignKey("audit_trail.id"),
            nullable=False,
            index=True,
        ),
        sa.Column("amount_cents", sa.BigInteger, nullable=False),
    )


def downgrade():
    op.drop_table("refunds")
