#!/usr/bin/python
# vim: fileencoding=utf8 :
b"""x\y"""
from typing import Union, cast; import io; N = io.StringIO(); D = {'k': 1}
def f(*a): return object()
class M:
    def __enter__(self): return 1, 2, 3
    def __exit__(self, *a): return None
down_revision, f = f, f  # P = 'comment'
match f:
  case [revision, *_] if 1: pass
  case {'k': revision, **q}: pass
  case _: pass
class C:
  P = 'no'
  def x(self): P = 'no'
revision \
 = (
    Rb'h	i\\' + """d"e\
a1""",
    )
depends_on: 'a = b' = None
revision += ('x',)
for branch_labels in ('x', 'y'):
  q = (
    'b2c'
    )
depends_on, *größe = (depends_on,(yes := 'w'),), None  # branch_labels = 'comment'
down_revision \
 = R'#g\ud800a1'
