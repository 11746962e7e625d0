"""Index invoices by due date

Revision ID: 0009a
Revises: 0008
Create Date: 2025-06-17 15:03:36.409918
"""

from alembic import op

revision = "0009a"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade():
    op.create_index("invoices_due_on", "invoices", ["due_on"])


def downgrade():
    op.drop_index("invoices_due_on", "invoices")
