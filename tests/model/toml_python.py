"""Random TOML documents with what tomllib says of them, for tests/model/toml_python.c.

Each line is a JSON object: the file's bytes as `hex`, and the `answer`: null for an error,
else the document, with 0 for a number, null for a date or time, and a table as the list of
its keys and values.
"""

import tomllib

from python_cases import write

CASES = 200  # a seed

NAMES = ["a", "b", "c", "tool", "alembic", "script_location", "1", "-_", '"a"', "'b'", '"a.b"',
         '""', "''", '"\\u0061"', '"\\u0000"', '"\xe9"']
ODD_NAMES = ["\xe9", "a b", '"""a"""', "'''b'''", '"\n"', "", "+", '"\\q"']
BASIC = ["x", "%(here)s", "\\n", "\\t", '\\"', "\\\\", "\\u00e9", "\\U0001F600", "\\b\\f\\r", "'", "#",
         "\xe9", "\u20ac", " ", "\t", "\\u0000", "%%", ":", "="]
ODD_BASIC = ["\\u12", "\\ud800", "\\U00110000", "\\q", "\\ ", "\\x41", "\x00", "\x07", "\x7f", '"', "\n",
             "\\e", "\\u00 9", "\\uFFFG"]
LINES = ["\n", '"', '""', "\\\n   ", "\\  \n\n  ", "\\\t\n", "'''", "\r\n"]
LITERAL = ["x", "%(here)s", '"', "\\", "\\n", "#", "\xe9", " ", "\t"]
SCALARS = ["true", "false", "1", "0", "-1", "+1", "1_000", "0xdead_BEEF", "0o17", "0b1_0", "1.5", "-0.0",
           "1e5", "1E-5", "1_0.0_1e+1_0", "inf", "-inf", "+nan", "nan", "+0", "-0", "0e0",
           "1979-05-27", "1979-05-27T07:32:00Z", "1979-05-27 07:32:00.999999999+01:30", "07:32:00",
           "07:32:00.5", "1979-05-27t07:32:00z", "2000-02-29", "9999-12-31", "0001-01-01"]
ODD_SCALARS = ["True", "tru", "01", "1__0", "_1", "1_", "0x", "0x_1", "0b2", "+0x1", "1.", ".5", "1e", "1.e5",
               "infinity", "-infx", "1979-02-30", "1900-02-29", "0000-01-01", "1979-13-01", "24:00:00",
               "07:32", "1979-05-27T07:32", "1979-05-27T", "07:32:60", "07:32:00.", "1979-05-27T07:32:00+24:00",
               "1979-05-27T07:32:00+1:00", "", "abc", "1 2", "=", "1979-05-27  07:32:00", "--1", "1979-5-27",
               "falsee", "0.0.0", "++1", "\xe9", "1979-05-27 07:32:00Zx", "0_1", "0o8", "00"]


def odd(rng, good, bad, often=0.01):
    return rng.choice(bad) if rng.random() < often else rng.choice(good)


def blank(rng):
    return rng.choice(["", "", "", " ", "\t", "  "])


def several(rng, good, bad, most=4):
    return "".join(odd(rng, good, bad) for _ in range(rng.randrange(most + 1)))


def string(rng):
    kind = rng.random()
    if kind < 0.5:
        return '"' + several(rng, BASIC, ODD_BASIC) + '"'
    if kind < 0.7:
        return "'" + several(rng, LITERAL, ["'", "\n", "\x01", "\r"]) + "'"
    if kind < 0.88:
        return '"""' + several(rng, BASIC + LINES, ODD_BASIC[:9]) + rng.choice(['"""'] * 6 + ['""""', '"""""', '""""""'])
    return "'''" + several(rng, LITERAL + ["\n", "\r\n", "'", "''"], ["\x01"]) + rng.choice(["'''"] * 6 + ["''''", "'''''", "''"])


def gap(rng):
    return rng.choice(["", "", " ", "\n", " # c\n", "\n\t\n"]) if rng.random() < 0.9 else "# \x01\n" if rng.random() < 0.1 else ""


def key(rng):
    count = rng.choice([1, 1, 1, 2, 2, 3])
    return (blank(rng) + "." + blank(rng)).join(odd(rng, NAMES[:5] * 3 + NAMES, ODD_NAMES) for _ in range(count))


def pair(rng, depth):
    return key(rng) + blank(rng) + odd(rng, ["="], ["", "==", ":", "\n="]) + blank(rng) + value(rng, depth)


def value(rng, depth=0):
    kind = rng.random()
    if kind < 0.45:
        return string(rng)
    if kind < 0.75 or depth > 3:
        return odd(rng, SCALARS, ODD_SCALARS, 0.04)
    if kind < 0.88:
        items = [gap(rng) + value(rng, depth + 1) + gap(rng) for _ in range(rng.randrange(4))]
        return "[" + ",".join(items) + rng.choice(["", "", gap(rng), "," + gap(rng) if items else ""]) + odd(rng, ["]"], ["", ",]", "}"])
    items = [blank(rng) + pair(rng, depth + 1) + blank(rng) for _ in range(rng.randrange(4))]
    return "{" + ",".join(items) + odd(rng, ["}"], ["", ",}", "\n}", "]"])


def line(rng):
    kind = rng.random()
    if kind < 0.55:
        text = pair(rng, 0)
    elif kind < 0.75:
        text = "[" + blank(rng) + key(rng) + blank(rng) + odd(rng, ["]"], ["", "]]", "] ]"])
    elif kind < 0.85:
        text = "[[" + blank(rng) + key(rng) + blank(rng) + odd(rng, ["]]"], ["]", "] ]"])
    else:
        text = ""
    return blank(rng) + text + blank(rng) + odd(rng, ["", "", "", "# \xe9 c"], ["x", "# \x02", "\r", "\x0b"], 0.01)


def document(rng):
    end = rng.choice(["\n", "\n", "\n", "\r\n"])
    text = end.join(line(rng) for _ in range(rng.randrange(1, 8)))
    data = (text + rng.choice(["", end])).encode()
    if rng.random() < 0.005:
        data = b"\xef\xbb\xbf" + data
    if rng.random() < 0.01:
        at = rng.randrange(len(data) + 1)
        data = data[:at] + rng.choice([b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xc0\xaf"]) + data[at:]
    return data


def plain(value):
    if isinstance(value, (str, bool)):
        return value
    if isinstance(value, (int, float)):
        return 0
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {"table": [[name, plain(item)] for name, item in value.items()]}
    return None


def answer(data):
    try:
        return plain(tomllib.loads(data.decode()))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        return None


write(CASES, document, answer)
