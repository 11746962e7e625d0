"""Give every invoice a state

Revision ID: 0006
Revises: 0005
Create Date: 2025-05-06 11:09:48.013865
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column(
        "invoices",
        sa.Column("state", sa.Text, nullable=False, server_default="open"),
    )
    op.create_check_constraint(
        "invoices_state_known", "invoices", "state IN ('draft', 'open', 'paid', 'void')"
    )
    op.execute(
        "UPDATE invoices SET state = 'paid'"
        " WHERE id IN (SELECT invoice_id FROM payments)"
    )


def downgrade():
    op.drop_constraint("invoices_state_known", "invoices")
    op.drop_column("invoices", "state")
