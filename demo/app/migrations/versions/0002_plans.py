"""Add plans and subscriptions

Revision ID: 0002
Revises: 0001
Create Date: 2025-03-11 14:30:02.640177
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "plans",
        sa.Column("code", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("monthly_cents", sa.Integer, nullable=False),
    )
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column(
            "customer_id",
            sa.BigInteger,
            sa.ForeignKey("customers.id"),
            nullable=False,
            index=True,
        ),
        sa.Column("plan_code", sa.Text, sa.ForeignKey("plans.code"), nullable=False),
        sa.Column("started_on", sa.Date, nullable=False),
        sa.Column("ended_on", sa.Date),
    )


def downgrade():
    op.drop_table("subscriptions")
    op.drop_table("plans")
