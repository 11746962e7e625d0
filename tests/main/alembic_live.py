"""What the installed Alembic answers about a tree, for tests/main/alembic_live.test.

    alembic_live.py ALEMBIC_INI DIRECTORY

writes for each command N.args (one a line), N.out and N.status into the directory.
"""

import contextlib
import io
import os
import re
import sys

# Alembic 1.8 loads the files as the directory lists them, 1.10 and later sorted by name:
# heads and history follow that order.
listdir = os.listdir
os.listdir = lambda *arguments: sorted(listdir(*arguments))

# Alembic keeps the standard output that it finds when it is imported.
output = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="")
sys.stdout = output

from alembic.config import Config, main  # noqa: E402
from alembic.script import ScriptDirectory  # noqa: E402


def in_order(text):
    """The children of a branch point come in the order of hashes: here by their ids."""
    text = re.sub(r"(?m)^(Branches into: )(.*)$",
                  lambda found: found[1] + ", ".join(sorted(found[2].split(", "))), text)
    return re.sub(r"(?m)(^ +-> .*\n)+", lambda found: "".join(sorted(found[0].splitlines(True))), text)


def answer(ini, arguments):
    status = 0
    output.seek(0)
    output.truncate()
    with contextlib.redirect_stderr(io.StringIO()):
        try:
            main(["-c", ini] + arguments)
        except SystemExit as left:
            status = left.code or 0
        except Exception:  # its assertions
            status = 1
    output.flush()
    # A refusal is printed on standard output; what it says is not compared.
    text = output.buffer.getvalue().decode("utf-8")
    return (in_order(text), 0) if status == 0 else ("", 1)


def commands(ini):
    directory = ScriptDirectory.from_config(Config(ini))
    ids = [script.revision for script in directory.walk_revisions()]
    for command in ["heads", "branches", "history"]:
        yield [command]
        yield [command, "-v"]
    yield ["heads", "--resolve-dependencies"]
    for name in ids + ["head", "heads", "base", "nosuch", ids[0][:-1]]:
        yield ["show", name]
    for start in ["", "base", ids[-1]] + ids[::3]:
        for end in ["", "head", "heads"] + ids[::4]:
            yield ["history", "-r", "%s:%s" % (start, end)]
    yield ["history", "--rev-range=-3:head"]
    yield ["show", "-1"]
    yield ["history", "-v", "-r", ":+2"]
    yield ["history", "-r", ":head-2"]


def write():
    ini, directory = sys.argv[1:]
    for number, arguments in enumerate(commands(ini)):
        out, status = answer(ini, arguments)
        for suffix, text in [("args", "\n".join(arguments) + "\n"), ("out", out),
                             ("status", "%d\n" % status)]:
            with open(os.path.join(directory, "%d.%s" % (number, suffix)), "w", encoding="utf-8") as file:
                file.write(text)


write()
