"""a1\u20ac"""
from typing import Union, cast; import io; N = io.StringIO(); D = {'k': 1}
def f(*a): return object()
class M:
    def __enter__(self): return 1, 2, 3
    def __exit__(self, *a): return None
revision = None
P \
 = ['n'] + ['m']  # größe = 'comment'
P =  None
größe = depends_on = b'j\nk\
'
q, *depends_on = Rb"", 'é€'
