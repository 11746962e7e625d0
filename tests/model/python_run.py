"""Random modules in every spelling, with what ast says of them and what running them gives.

Each line is a JSON object: the module's bytes as `hex`, and the `answer`: null if Python
takes it for no module, else that of python_ast.py and under `run` the value of each name
after the module was run, ["computed"] where it is nothing that can be written down; no
`run` if it failed.  What newer Pythons alone can read is written in their way for us,
and in an old way that binds the same for this one.
"""

import json
import random
import warnings

from python_ast import answer

SEEDS = 3000

NAMES = ["revision", "down_revision", "branch_labels", "depends_on", "P", "q", "gr\xf6\xdfe"]
TEXTS = ["a1", "", "b2'c", 'd"e', "x\\y", "{f}", "#g", "h\ti", "\xe9\u20ac", "j\nk"]
PREFIXES = ["", "", "", "r", "R", "u", "U", "f", "F", "rf", "fR", "b", "Rb"]
ESCAPES = ["\\x41", "\\101", "\\0", "\\u20ac", "\\U0001f600", "\\N{DASH}", "\\\n", "\\q", "\\'",
           '\\"', "\\\\", "\\n", "\\ud800", "{{", "}}", "{1}", "{'a'}"]
COMPUTED = ["f('x')", "'a' 'b' % ()", "'%s' % 'x'", "'x'.upper()", "None or 'x'", "'a' if 1 else 'b'",
            "lambda a='p', b=1: a", "'abc'[:2]", "('a',) * 2", "[x for x in 'ab']", "not 'a'", "{**{}}",
            "cast(str, 'x')", "f'{1}{{'", "1if 0else 'z'", "(yes := 'w')", "'a' < 'b'", "-1", "+1", "1_0.e1j",
            "0x1f", "...", "True", "tuple('ab')", "list(set())", "{'k': 'v'}", "{'k'}", "()", "[]", "(None,)",
            "[None]", "(None, 'x')", "{}", "tuple()", "list(('m', 'n',),)", "tuple(('o',))", "('n',) + ('m',)",
            "['n'] + ['m']", "'n' + 'm' 'o'", "('n') + 'm'", "('a' + 'b', 'c')", "(*('a', 'b'), 'c')", "f",
            "str()", "1..hex()", "print", "'a' + str()"]
ANNOTATIONS = ["str", "'str'", "Union[str, None]", "'a = b'", "(lambda: 3)", "{'x': 1}['x']"]
# Python takes it for `revision`; to us that may be any name.
WIDE = "\uff52evision = 'wide'"
# Ours, and what binds the same in an old Python.
NEWER = [("type T[X] = list[X]", "T = f()"), ("type type = int", "type = f()"),
         ("def g[T: int](x: T) -> T: ...", "def g(x) : ..."), ("class C[T](f): pass", "class C: pass"),
         ("z = f\"{D[\"k\"]}{'}'}\"", "z = f''.format()"), ("z = f'{f'{1}'}'", "z = f''.format()")]


class Writer:
    def __init__(self, rng):
        self.rng = rng
        self.bound = []

    def name(self):
        return self.rng.choice(NAMES)

    def string(self):
        rng = self.rng
        prefix = rng.choice(PREFIXES)
        quote = rng.choice(["'", '"', "'''", '"""'])
        text = rng.choice(TEXTS)
        if rng.random() < 0.3:
            text += rng.choice(ESCAPES) + rng.choice(TEXTS[:2])
        if "b" in prefix.lower():
            text = text.encode("ascii", "replace").decode()
        if len(quote) == 1:
            text = text.replace("\n", "\\n").replace("\\\\n", "\\\n")
        return prefix + quote + text.replace(quote, "") + quote

    def strings(self):
        first = self.string()
        if self.rng.random() < 0.2 and "b" not in first[:2].lower():
            second = "u'z'" if self.rng.random() < 0.5 else '"z"'
            return first + self.space() + second
        return first

    def space(self):
        return self.rng.choice([" ", "  ", "\t", " \\\n ", " \f"])

    def value(self, depth=0):
        rng = self.rng
        kind = rng.random()
        if kind < 0.35 or depth > 2:
            return self.strings()
        if kind < 0.45:
            return "None"
        if kind < 0.55 and self.bound:
            return rng.choice(self.bound)
        if kind < 0.7:
            return rng.choice(COMPUTED)
        if kind < 0.75:
            return self.value(depth + 1) + " + " + self.value(depth + 1)
        line = rng.choice(["", "", "\n    ", " # no = 'x'\n  "])
        if kind < 0.8:
            return "(" + line + self.value(depth + 1) + line + ")"
        opening, closing = rng.choice(["()", "()", "[]", "{}"])
        items = [self.value(depth + 1) for _ in range(rng.randint(1, 3))]
        return opening + line + ("," + line).join(items) + rng.choice([",", ""]) + line + closing

    def plain(self):
        name = self.name()
        self.bound.append(name)
        return name

    def target(self):
        name = self.plain()
        return self.rng.choice([name] * 6 + ["(%s)" % name])

    def statement(self):
        rng = self.rng
        kind = rng.randint(0, 33)
        name, value = self.name(), self.value()
        known = rng.choice(self.bound) if self.bound else "f"
        if kind < 9:
            return self.target() + self.space() + "=" + self.space() + value
        if kind < 12:
            return "%s: %s = %s" % (self.target(), rng.choice(ANNOTATIONS), value)
        simple = {
            12: lambda: "%s = %s = %s" % (self.target(), self.target(), value),
            13: lambda: "%s, %s = %s, %s" % (self.plain(), self.plain(), value, self.value()),
            14: lambda: "(%s, [%s]) = %s, [%s]" % (self.plain(), self.plain(), value, self.value()),
            15: lambda: "%s, *%s = %s, %s" % (self.plain(), self.plain(), value, self.value()),
            16: lambda: "%s: %s" % (name, rng.choice(ANNOTATIONS)),
            17: lambda: "%s %s= %s" % (known, rng.choice("+*"), rng.choice(["'x'", "('x',)", "['x']", "2"])),
            18: lambda: "del " + known,
            19: lambda: "if %s: %s = %s; y = 1\nelse:\n\t%s = 'no'" % (known, name, value, name),
            20: lambda: "try:\n    %s = %s\nexcept NameError as %s: pass\nfinally:\n  ok = 1" % (name, value, name),
            21: lambda: "for %s in ('x', 'y'):\n  %s = %s" % (name, self.name(), value),
            22: lambda: "for D[%s], (%s) in [('k', 1)]: pass" % ("'k'", name),
            23: lambda: "with M() as (%s, D['k'], y): %s = 1" % (name, self.name()),
            24: lambda: "def h(%s='no', x=(%s := %s)):\n  %s = 'no'\n  return x" % (name, self.name(), value, name),
            25: lambda: "def h():\n  global %s; %s = 'changed'\n%s" % (name, name, rng.choice(["h()", ""])),
            26: lambda: "class C:\n  %s = 'no'\n  def x(self): %s = 'no'" % (name, name),
            27: lambda: "match %s:\n  case [%s, *_] if 1: pass\n  case {'k': %s, **q}: pass\n  case _: pass"
            % (known, name, name),
            28: lambda: "%s.append('more')" % known if rng.random() < 0.5 else "D[%s] = M.a = 'x'" % known,
            29: lambda: "%s = %s\n%s\n%s.append('more')" % (
                self.target(), known, rng.choice(["", "x = 1"]), known),
            30: lambda: rng.choice(["import os as %s", "from os import path as %s", "import %s.x if 0 else os"
                                    ]).split(" if 0")[0] % name if rng.random() < 0.8 else "from os import *",
            31: lambda: rng.choice(["exec(\"%s = 'exec'\")", "globals()['%s'] = 'g'", "vars().update(%s='v')",
                                    "def h(): globals()['%s'] = 'g'\nh()", "print(f\"{(%s := 'w')}\", file=N)",
                                    "import sys; setattr(sys.modules[__name__], '%s', 's')"]) % name,
            32: lambda: "%s, %s = %s, %s" % (name, known, known, known),
            33: lambda: "%s = '\xff'; case = match = type = 'soft'; %s" % (name, WIDE),
        }
        return simple[kind]()

    def module(self):
        rng = self.rng
        lines = ["from typing import Union, cast; import io; N = io.StringIO(); D = {'k': 1}",
                 "def f(*a): return object()",
                 "class M:\n    def __enter__(self): return 1, 2, 3\n    def __exit__(self, *a): return None"]
        if rng.random() < 0.5:
            lines.insert(0, self.strings())
        old = list(lines)
        for _ in range(rng.randint(2, 9)):
            one = self.statement()
            pair = rng.choice(NEWER) if rng.random() < 0.04 else (one, one)
            lines.append(pair[0])
            old.append(pair[1])
            old[-1] = old[-1].replace(WIDE, "exec(\"revision = 'wide'\")")
            if rng.random() < 0.2:
                lines[-1] += "  # %s = 'comment'" % self.name()
        return "\n".join(lines) + "\n", "\n".join(old) + "\n"


def encoded(rng, texts):
    kind = rng.random()
    cookie, codec, mark, end = "", "utf-8", b"", "\n"
    if kind < 0.05:
        end = "\r\n"
    elif kind < 0.1:
        end = "\r"
    elif kind < 0.14:
        mark = b"\xef\xbb\xbf"
    elif kind < 0.22 and WIDE not in texts[0]:
        codec = rng.choice(["latin-1", "ISO_8859-1", "iso-8859-1-unix", "utf8"])
        cookie = rng.choice(["# -*- coding: %s -*-\n", "#!/usr/bin/python\n# vim: fileencoding=%s :\n"]) % codec
    out = []
    for text in texts:
        text = (cookie + text).replace("\n", end)
        if cookie and "utf" not in codec:
            out.append(text.replace("\u20ac", "\xa4").encode("latin-1"))
        else:
            out.append(mark + text.encode())
    return out


def plain(value):
    if isinstance(value, str) and "\0" not in value and not any("\ud800" <= c <= "\udfff" for c in value):
        return ["text", value]
    if value is None:
        return ["none"]
    if type(value) in (tuple, list, set):
        opening = {tuple: "(", list: "[", set: "{"}[type(value)]
        if list(value) == [None]:
            return ["list", opening, [], True]
        if all(plain(item)[0] == "text" for item in value):
            return ["list", opening, list(value), False]
    if isinstance(value, type) or type(value).__name__ == "function":
        return ["function"]
    if type(value) in (int, float, complex, bool, bytes, type(...)) or value == {}:
        return ["other"]
    return ["computed"]


def run(bytes_):
    space = {"__name__": "generated"}
    import sys, types

    sys.modules["generated"] = module = types.ModuleType("generated")
    try:
        exec(compile(bytes_, "generated", "exec"), module.__dict__)
    except Exception:
        return None
    return {name: plain(value) for name, value in module.__dict__.items() if name not in ("__builtins__",)}


def main():
    warnings.simplefilter("ignore")
    for seed in range(SEEDS):
        rng = random.Random(seed)
        ours, old = encoded(rng, Writer(rng).module())
        out = answer(old)
        if out is not None:
            out["run"] = run(old)
        print(json.dumps({"hex": ours.hex(), "answer": out}))


main()
