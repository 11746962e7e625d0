"""Write e-mail addresses in lower case

Revision ID: 0004
Revises: 0003
Create Date: 2025-04-02 08:47:19.377046
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("UPDATE customers SET email = lower(email) WHERE email <> lower(email)")


def downgrade():
    # The original spelling is gone.
    pass
