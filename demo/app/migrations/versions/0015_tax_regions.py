"""Tax invoices by region

The downgrade loses the region of every invoice and needs ACCESS EXCLUSIVE on invoices.

Revision ID: 0015
Revises: 0014
Create Date: 2026-01-05 17:28:14.305561
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

REGIONS = [
    {"code": "at", "name": "Austria", "rate": 0.2},
    {"code": "de", "name": "Germany", "rate": 0.19},
    {"code": "fi", "name": "Finland", "rate": 0.255},
    {"code": "fr", "name": "France", "rate": 0.2},
    {"code": "lu", "name": "Luxembourg", "rate": 0.17},
]


def upgrade():
    regions = op.create_table(
        "tax_regions",
        sa.Column("code", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("rate", sa.Numeric(5, 4), nullable=False),
    )
    op.bulk_insert(regions, REGIONS)
    op.add_column("invoices", sa.Column("tax_region", sa.Text))
    op.create_foreign_key(
        "invoices_tax_region_fkey", "invoices", "tax_regions", ["tax_region"], ["code"]
    )
    op.create_index("invoices_tax_region", "invoices", ["tax_region"])


def downgrade():
    op.drop_column("invoices", "tax_region")
    op.drop_table("tax_regions")
