"""Let invoices be in other currencies

Revision ID: 0014
Revises: 0013
Create Date: 2025-10-21 11:50:33.496182
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column(
        "invoices",
        sa.Column("currency", sa.String(3), nullable=False, server_default="EUR"),
    )
    op.create_check_constraint(
        "invoices_currency_code", "invoices", "currency ~ '^[A-Z]{3}$'"
    )


def downgrade():
    op.drop_constraint("invoices_currency_code", "invoices")
    op.drop_column("invoices", "currency")
