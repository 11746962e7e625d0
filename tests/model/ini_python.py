"""Random ini files with what ConfigParser says of them, for tests/model/ini_python.c.

Each line is a JSON object: the file's bytes as `hex`, and the `answer`: null for an error,
else [DEFAULT] and the sections in order, each with its own keys and the value of every
key that can be asked for there, null where that is an error.
"""

import configparser
import io

from python_cases import write

CASES = 150  # a seed

SPACE = [" ", "  ", "\t", "    ", "\xa0", "\u2003", "\x0b", "\x0c", "\x1c", "\x85", "\u3000"]
NAMES = ["a", "B", "script_location", "Here", "here", "x.y", "long key", "gr\xf6\xdfe", "url", ""]
SECTIONS = ["alembic", "s", "DEFAULT", "default", "a]b", " padded ", "", "]", "b\xe4r"]
PIECES = ["value", "%", "%%", "%%%%", "%(", "%()s", "%(a)", "%(no name)s", "%(\n)s", " ", ",", ":",
          "=", "#", ";", "# no comment", "[", "]", "\xe9", "\u20ac", "%%(here)s", "%(here)s/m",
          "\u200b", "/srv", "%d", "%s", "\\", "'", '"', "\ufeff"]


def space(rng, often=0.3):
    return rng.choice(SPACE[:4] if rng.random() < 0.9 else SPACE) if rng.random() < often else ""


def value(rng):
    parts = []
    for _ in range(rng.choice([0, 1, 1, 1, 2, 3])):
        if rng.random() < 0.35:
            parts.append("%%(%s)s" % rng.choice(NAMES[:-1] + ["A", "URL", "absent"]))
        else:
            parts.append(rng.choice(PIECES[:1] * 12 + PIECES))
    return "".join(parts)


def line(rng):
    kind = rng.random()
    if kind < 0.08:
        return space(rng, 0.1) + "[%s]" % rng.choice(SECTIONS[:3] + SECTIONS) + rng.choice(
            [""] * 12 + [" ", "x", " # c", "]", " ]"])
    if kind < 0.62:
        return (space(rng, 0.12) + rng.choice(NAMES[:9] * 5 + NAMES) + str(rng.choice(["", rng.randrange(30), rng.randrange(30)]))
               + space(rng) + rng.choice("===:") + space(rng) + value(rng) + space(rng, 0.1))
    if kind < 0.76:
        return (space(rng, 1.0) + rng.choice(["", "", "  "]) + value(rng))
    if kind < 0.86:
        return space(rng)
    if kind < 0.95:
        return space(rng) + rng.choice("#;") + value(rng)
    return value(rng) if rng.random() < 0.3 else ""


def chain(rng):
    """Names that refer to each other, up to and beyond the ten levels that Python goes."""
    depth = rng.randrange(7, 14)
    lines = ["k%d = %s%%(k%d)s" % (i, rng.choice(["", "-"]), i + 1) for i in range(depth)]
    lines.append("k%d = %s" % (depth, rng.choice(["end", "100%%", "%(here)s", "%(k0)s"])))
    rng.shuffle(lines)
    return ["[s]"] + lines


def document(rng):
    kind = rng.random()
    if kind < 0.08:
        lines = chain(rng)
    else:
        lines = [line(rng) for _ in range(rng.randrange(1, 9 if kind < 0.6 else 25))]
        if rng.random() < 0.95:
            lines.insert(0, "[%s]" % rng.choice(SECTIONS[:3]))
    end = rng.choice(["\n"] * 6 + ["\r\n", "\r"])
    data = (end.join(lines) + rng.choice(["", end])).encode()
    if rng.random() < 0.01:
        data = b"\xef\xbb\xbf" + data
    if rng.random() < 0.02:
        at = rng.randrange(len(data) + 1)
        data = data[:at] + rng.choice([b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xc0\xaf", b"\xf4\x90\x80\x80"]) + data[at:]
    return data


def get(parser, section, key):
    try:
        return parser.get(section, key)
    except configparser.Error:
        return None


def answer(data):
    parser = configparser.ConfigParser({"here": "/here"})
    try:
        # As open() reads it: UTF-8, universal newlines.
        parser.read_file(io.TextIOWrapper(io.BytesIO(data), encoding="utf-8"))
    except (configparser.Error, UnicodeDecodeError):
        return None
    sections = []
    for name in ["DEFAULT"] + parser.sections():
        own = list(parser.defaults() if name == "DEFAULT" else parser._sections[name])
        every = dict.fromkeys(own + list(parser.defaults()))
        sections.append({
            "section": name,
            "own": own,
            "values": {key: get(parser, name, key) for key in every},
        })
    return sections


write(CASES, document, answer)
