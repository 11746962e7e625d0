from typing import Union, cast; import io; N = io.StringIO(); D = {'k': 1}
def f(*a): return object()
class M:
    def __enter__(self): return 1, 2, 3
    def __exit__(self, *a): return None
if f: größe = {Rb'h	i',}; y = 1
else:
	größe = 'no'  # depends_on = 'comment'
down_revision =	not 'a'
q  =  R'j\nk'
q *= 2
