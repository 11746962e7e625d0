"""add a column

Revision ID: a1
"""
from typing import Sequence, Union
from alembic import op as ops
import sqlalchemy as sa

P = ("b2", u'c3', R"d\4")
revision: str = (
    "a" # one
    '1'
)
down_revision: Union[str, Sequence[str], None] = P
branch_labels = ["x", 'y',]
depends_on = {f"e5"}
a, (b, c) = x = "1", None; del a
if x := f"{y!r:>{w}} {{ {z["k"]} \N{DASH}": depends_on = None
type T[X: int] = list[X]


@deco(1)
async def helper(x: int = lambda: 3) -> None: ...


def upgrade():
    ops.add_column(
        't', # why
        sa.Column('n', sa.Integer()),
    )
    with ops.batch_alter_table('t') as batch_op:
        batch_op.drop_column('''a
           b''')
    return


def downgrade(): raise NotImplementedError()
