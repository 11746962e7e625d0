"""Merge the invoice index and the audit trail

Revision ID: 0010
Revises: 0009a, 0009b
Create Date: 2025-06-24 09:15:52.230674
"""

revision = "0010"
down_revision = ("0009a", "0009b")
branch_labels = None
depends_on = None


def upgrade():
    pass


def downgrade():
    pass
