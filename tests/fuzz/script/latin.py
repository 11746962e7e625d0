# -*- coding: latin-1 -*-
revision = 'aé'
down_revision = ('b',) + ('c',)
P = ['d']
depends_on = tuple(P)
from app import *
def upgrade(n):
    globals()['upgrade_%s' % n]()
downgrade = upgrade
