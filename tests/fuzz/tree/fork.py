revision = 'a1'
down_revision = None
def upgrade():
    op.x()


def downgrade():
    pass

revision = 'b2'
down_revision = 'a1'
branch_labels = 'x'
def upgrade():
    op.x()


def downgrade():
    pass

revision = 'c3'
down_revision = 'a1'
depends_on = 'x'
def upgrade():
    op.x()


def downgrade():
    pass

revision = 'm4'
down_revision = ('b2', 'c3')
def upgrade():
    op.x()


def downgrade():
    pass
