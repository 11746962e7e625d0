from typing import Union, cast; import io; N = io.StringIO(); D = {'k': 1}
def f(*a): return object()
class M:
    def __enter__(self): return 1, 2, 3
    def __exit__(self, *a): return None
f += ['x']
f.append('more')
branch_labels  = \
 None
for D['k'], (P) in [('k', 1)]: pass
def h(größe='no', x=(P := ((yes := 'w')))):
  größe = 'no'
  return x
