revision = 'a1'
down_revision = 'b2'

revision = 'b2'
down_revision = 'a1'

revision = 'b2'
down_revision = 'nowhere'
depends_on = 'a1'

revision = 'c3'
down_revision = f()

revision = 'd4
