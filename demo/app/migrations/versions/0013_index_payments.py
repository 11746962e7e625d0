"""Index payments by day, without stopping them

Revision ID: 0013
Revises: 0012
Create Date: 2025-09-16 08:33:41.127795
"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade():
    # Not in a transaction: what came before in the same command is committed by this.
    with op.get_context().autocommit_block():
        op.create_index(
            "payments_paid_at", "payments", ["paid_at"], postgresql_concurrently=True
        )


def downgrade():
    with op.get_context().autocommit_block():
        op.drop_index("payments_paid_at", "payments", postgresql_concurrently=True)
