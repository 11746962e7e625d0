"""Create invoices and their lines

Revision ID: 0003
Revises: 0002
Create Date: 2025-03-25 10:01:55.902113
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "invoices",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column(
            "customer_id",
            sa.BigInteger,
            sa.ForeignKey("customers.id"),
            nullable=False,
            index=True,
        ),
        sa.Column("issued_on", sa.Date, nullable=False),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("total_cents", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "invoice_lines",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column(
            "invoice_id",
            sa.BigInteger,
            sa.ForeignKey("invoices.id"),
            nullable=False,
            index=True,
        ),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("amount_cents", sa.BigInteger, nullable=False),
    )


def downgrade():
    op.drop_table("invoice_lines")
    op.drop_table("invoices")
