"""Note when an invoice is disputed

Revision ID: 0016
Revises: 0015
Create Date: 2026-01-06 10:05:58.661290
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("invoices", sa.Column("disputed_at", sa.DateTime(timezone=True)))
    op.create_index(
        "invoices_disputed",
        "invoices",
        ["disputed_at"],
        postgresql_where=sa.text("disputed_at IS NOT NULL"),
    )


def downgrade():
    op.drop_index("invoices_disputed", "invoices")
    op.drop_column("invoices", "disputed_at")
