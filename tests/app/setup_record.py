"""Writes tests/app/setup.json: where Alembic finds the scripts, for tests/app/setup.c.

Run once, with Alembic 1.19.2 and nothing else in the way:

    PYTHONPATH=/path/to/alembic-1.19.2 /usr/bin/python3 tests/app/setup_record.py

Each situation is a directory with files, made anew, in which Alembic's own command line is
parsed and its ScriptDirectory made, as `python3 -m alembic.config` does it: with the working
directory on sys.path.  {root} stands for that directory.  `ours` says why we answer otherwise
on purpose: an error instead of an answer, or an answer of our own.
"""

import json
import os
import sys
import tempfile

import alembic
from alembic.config import CommandLine, Config
from alembic.script import ScriptDirectory

INI = "[alembic]\nscript_location = m\n"
TOML = "[tool.alembic]\nscript_location = 'm'\n"


def situation(name, files, args=(), cwd=".", env=None, links=None, ours=None):
    return {"name": name, "files": files, "args": list(args), "cwd": cwd, "env": env or {},
            "links": links or {}, "ours": ours}


def with_files(directories, files):
    """The files of several script directories, and others with their text."""
    out = {}
    for directory in directories:
        out[directory + "/env.py"] = ""
        out[directory + "/versions/a.py"] = ""
    return {**out, **files}


SITUATIONS = [
    situation("alembic.ini", with_files(["m"], {"alembic.ini": INI})),
    situation("nothing at all", with_files(["m"], {})),
    situation("pyproject.toml alone", with_files(["m"], {"pyproject.toml": TOML})),
    situation("a pyproject.toml of others", with_files(["m"], {"pyproject.toml": "[project]\nname = 'm'\n"})),
    situation("both, the ini wins", with_files(["m", "n"], {
        "alembic.ini": INI, "pyproject.toml": "[tool.alembic]\nscript_location = 'n'\n"})),
    situation("both, each has something", with_files(["m"], {
        "alembic.ini": INI, "pyproject.toml": "[tool.alembic]\nversion_locations = ['a', 'b']\n"
        "recursive_version_locations = true\n", "a/1.py": "", "b/1.py": ""})),
    situation("an empty version_locations in the ini", with_files(["m"], {
        "alembic.ini": INI + "version_locations =\n",
        "pyproject.toml": "[tool.alembic]\nversion_locations = ['a']\n", "a/1.py": ""})),
    situation("a boolean of the ini beside the TOML's", with_files(["m"], {
        "alembic.ini": INI + "sourceless = false\n", "pyproject.toml": "[tool.alembic]\nsourceless = true\n"})),
    situation("a broken pyproject.toml", with_files(["m"], {"alembic.ini": INI, "pyproject.toml": "a = \n"})),
    situation("a boolean that is a string", with_files(["m"], {
        "alembic.ini": INI, "pyproject.toml": "[tool.alembic]\nsourceless = 'true'\n"})),
    situation("[tool.alembic] that is no table", with_files(["m"], {
        "alembic.ini": INI, "pyproject.toml": "[tool]\nalembic = 1\n"})),
    situation("dotted keys", with_files(["m"], {"pyproject.toml": "[tool]\nalembic.script_location = \"m\"\n"})),
    situation("here in the TOML", with_files(["x/m"], {
        "x/pyproject.toml": "[tool.alembic]\nscript_location = '%(here)s/m'\n"}), ["-c", "x/pyproject.toml"]),
    situation("a percent sign in the TOML", with_files(["m%"], {
        "pyproject.toml": "[tool.alembic]\nscript_location = 'm%%'\n"})),
    situation("a bare percent sign in the TOML", with_files(["m%"], {
        "pyproject.toml": "[tool.alembic]\nscript_location = 'm%'\n"})),
    situation("a bare percent sign in the ini", with_files(["m%"], {
        "alembic.ini": "[alembic]\nscript_location = m%\n"})),
    situation("relative to the working directory, not to the TOML's", with_files(["m", "x/m"], {
        "x/pyproject.toml": TOML}), ["-c", "x/pyproject.toml"]),
    situation("relative to the working directory, not to the ini's", with_files(["m", "x/m"], {
        "x/alembic.ini": INI}), ["-c", "x/alembic.ini"]),
    situation("only relative to the ini's", with_files(["x/m"], {"x/alembic.ini": INI}), ["-c", "x/alembic.ini"]),
    situation("-c names the ini, ./pyproject.toml is read all the same", with_files(["m"], {
        "x/alembic.ini": "[alembic]\n", "pyproject.toml": TOML}), ["-c", "x/alembic.ini"]),
    situation("the pyproject.toml beside the ini isn't", with_files(["m"], {
        "x/alembic.ini": "[alembic]\n", "x/pyproject.toml": TOML}), ["-c", "x/alembic.ini"]),
    situation("-c names the TOML, ./alembic.ini is read all the same", with_files(["m", "n"], {
        "alembic.ini": INI, "x/pyproject.toml": "[tool.alembic]\nscript_location = 'n'\n"}),
        ["-c", "x/pyproject.toml"]),
    situation("-c twice", with_files(["m"], {
        "x/my.ini": "[alembic]\nversion_locations = %(here)s/v\n", "x/v/1.py": "", "y/pyproject.toml": TOML}),
        ["-c", "y/pyproject.toml", "-c", "x/my.ini"]),
    situation("another name is an ini's", with_files(["m"], {"my.toml": INI}), ["-c", "my.toml"]),
    situation("a file that isn't there", with_files(["m"], {"pyproject.toml": TOML}), ["-c", "none.ini"],
              ours="a file that was named has to be there"),
    situation("a directory", with_files(["m"], {"alembic.ini": INI}), ["-c", "m"]),
    situation("an empty file", with_files(["m"], {"alembic.ini": ""})),
    situation("the environment names the ini", with_files(["m"], {"x/a.ini": INI}),
              env={"ALEMBIC_CONFIG": "x/a.ini"}),
    situation("the environment names the TOML", with_files(["m"], {"x/pyproject.toml": TOML}),
              env={"ALEMBIC_CONFIG": "{root}/x/pyproject.toml"}),
    situation("which leaves ./alembic.ini", with_files(["m", "n"], {
        "alembic.ini": "[alembic]\nscript_location = n\n", "x/pyproject.toml": TOML}),
        env={"ALEMBIC_CONFIG": "x/pyproject.toml"}),
    situation("-c beats the environment", with_files(["m", "n"], {
        "a.ini": INI, "b.ini": "[alembic]\nscript_location = n\n"}), ["-c", "b.ini"],
        env={"ALEMBIC_CONFIG": "a.ini"}),
    situation("-c of the ini leaves the environment's TOML", with_files(["m"], {
        "a.ini": "[alembic]\n", "x/pyproject.toml": TOML}), ["-c", "a.ini"],
        env={"ALEMBIC_CONFIG": "x/pyproject.toml"}),
    situation("the environment's file isn't there", with_files(["m"], {"pyproject.toml": TOML}),
              env={"ALEMBIC_CONFIG": "none.ini"}, ours="a file that was named has to be there"),
    situation("an empty environment", with_files(["m"], {"alembic.ini": INI}), env={"ALEMBIC_CONFIG": ""}),
    situation("a section", with_files(["m", "n"], {
        "alembic.ini": INI + "[b]\nscript_location = n\n"}), ["-n", "b"]),
    situation("a section that isn't there", with_files(["m"], {"alembic.ini": INI}), ["-n", "b"]),
    situation("and the TOML has scripts", with_files(["m"], {"alembic.ini": INI, "pyproject.toml": TOML}),
              ["-n", "b"], ours="a section that was named has to be there"),
    situation("a section without its key, the TOML has it", with_files(["m"], {
        "alembic.ini": INI + "[b]\n", "pyproject.toml": TOML}), ["-n", "b"]),
    situation("[DEFAULT]", with_files(["m"], {
        "alembic.ini": "[DEFAULT]\nscript_location = m\n[alembic]\n"})),
    situation("[DEFAULT] alone", with_files(["m"], {"alembic.ini": "[DEFAULT]\nscript_location = m\n"})),
    situation("two dots in -c", with_files(["x/m"], {
        "x/alembic.ini": "[alembic]\nscript_location = %(here)s/m\n", "y/z": ""}),
        ["-c", "../x/alembic.ini"], cwd="y"),
    situation("a link to the ini", with_files(["m"], {
        "x/real.ini": "[alembic]\nscript_location = %(here)s/m\n"}), links={"alembic.ini": "x/real.ini"}),
    situation("a link to the scripts", with_files(["x/real"], {"alembic.ini": INI}), links={"m": "x/real"}),
    situation("the script_location is empty", {"alembic.ini": "[alembic]\nscript_location =\n", "env.py": "",
                                              "versions/1.py": ""}),
    situation("an absolute one", with_files(["m"], {"alembic.ini": "[alembic]\nscript_location = {root}/m\n"})),
    situation("with dots", with_files(["m"], {"alembic.ini": "[alembic]\nscript_location = ./x/.././m/\n", "x/1": ""})),
    situation("versions of old", with_files(["m"], {
        "alembic.ini": INI + "version_locations = a, b  c,none\n", "a/1": "", "b/1": "", "c/1": ""})),
    situation("versions of old with an empty part", with_files(["m"], {
        "alembic.ini": INI + "version_locations = a , b\n", "a/1": "", "b/1": ""})),
    situation("versions of old on lines", with_files(["m"], {
        "alembic.ini": INI + "version_locations =\n  a\n  b\n", "a/1": "", "b/1": ""})),
    situation("versions with path_separator os", with_files(["m"], {
        "alembic.ini": INI + "path_separator = os\nversion_locations = a: b c ::d\n",
        "a/1": "", "b c/1": "", "d/1": ""})),
    situation("versions with path_separator newline", with_files(["m"], {
        "alembic.ini": INI + "path_separator = newline\nversion_locations =\n  a\n  b c\n",
        "a/1": "", "b c/1": ""})),
    situation("versions with path_separator space", with_files(["m"], {
        "alembic.ini": INI + "path_separator = space\nversion_locations = a   b,c\n", "a/1": "", "b,c/1": ""})),
    situation("versions with the old separator", with_files(["m"], {
        "alembic.ini": INI + "version_path_separator = ;\nversion_locations = a;b c\n", "a/1": "", "b c/1": ""})),
    situation("both separators", with_files(["m"], {
        "alembic.ini": INI + "version_path_separator = ;\npath_separator = :\nversion_locations = a;b:c\n",
        "a;b/1": "", "c/1": ""})),
    situation("a separator that is none", with_files(["m"], {
        "alembic.ini": INI + "path_separator = ,\nversion_locations = a\n", "a/1": ""})),
    situation("which nobody needs", with_files(["m"], {"alembic.ini": INI + "path_separator = ,\n"})),
    situation("an empty separator", with_files(["m"], {
        "alembic.ini": INI + "path_separator =\nprepend_sys_path = .\n"})),
    situation("the TOML's separator isn't asked for", with_files(["m"], {
        "alembic.ini": INI + "version_locations = a:b c\n",
        "pyproject.toml": "[tool.alembic]\npath_separator = 'os'\n", "a:b/1": "", "c/1": ""})),
    situation("versions in the TOML with blanks and colons", with_files(["m"], {
        "pyproject.toml": TOML + "version_locations = ['a b', '%(here)s/c:d']\n", "a b/1": "", "c:d/1": ""})),
    situation("versions in the TOML, none", with_files(["m"], {"pyproject.toml": TOML + "version_locations = []\n"})),
    situation("versions in the TOML as a string", with_files(["m"], {
        "pyproject.toml": TOML + "version_locations = 'ab'\n", "ab/1": "", "a/1": ""}),
        ours="each letter a directory: nobody means that"),
    situation("the same directory twice", with_files(["m"], {
        "alembic.ini": INI + "version_locations = a a ./a\n", "a/1": ""})),
    situation("Recursive in capitals", with_files(["m"], {
        "alembic.ini": INI + "recursive_version_locations = True\nsourceless = true\n"})),
    situation("a package", with_files(["app/m"], {
        "app/__init__.py": "", "alembic.ini": "[alembic]\nscript_location = app:m\n"})),
    situation("a package in a package", with_files(["src/app/db/m"], {
        "src/app/__init__.py": "", "src/app/db/__init__.py": "",
        "alembic.ini": "[alembic]\nscript_location = app.db:m\nprepend_sys_path = . src\n"})),
    situation("the first of several", with_files(["b/app/m", "c/app/m"], {
        "b/app/__init__.py": "", "c/app/__init__.py": "",
        "alembic.ini": "[alembic]\nscript_location = app:m\nprepend_sys_path = a:b:c\n"})),
    situation("a package goes before a namespace", with_files(["b/app/m", "c/app/m"], {
        "c/app/__init__.py": "",
        "alembic.ini": "[alembic]\nscript_location = app:m\nprepend_sys_path = b:c\n"})),
    situation("a namespace package", with_files(["app/db/m"], {
        "alembic.ini": "[alembic]\nscript_location = app.db:m\n"})),
    situation("a namespace in two places", with_files(["b/app/m"], {
        "a/app/1.py": "", "alembic.ini": "[alembic]\nscript_location = app:m\nprepend_sys_path = a:b\n"})),
    situation("a package within one of them", with_files(["b/app/db/m"], {
        "a/app/1.py": "", "b/app/db/__init__.py": "",
        "alembic.ini": "[alembic]\nscript_location = app.db:m\nprepend_sys_path = a:b\n"})),
    situation("several colons", with_files(["app/db/m"], {
        "app/__init__.py": "", "alembic.ini": "[alembic]\nscript_location = app:db:m\n"})),
    situation("a package that isn't there", with_files(["m"], {
        "alembic.ini": "[alembic]\nscript_location = nowhere_app:m\n"})),
    situation("prepend_sys_path in the TOML", with_files(["src/app/m"], {
        "src/app/__init__.py": "",
        "pyproject.toml": "[tool.alembic]\nscript_location = 'app:m'\nprepend_sys_path = ['.', '%(here)s/src']\n"})),
    situation("PYTHONPATH", with_files(["src/app/m"], {
        "src/app/__init__.py": "", "alembic.ini": "[alembic]\nscript_location = app:m\n"}),
        env={"PYTHONPATH": "{root}/src"}),
    situation("versions in packages", with_files(["m"], {
        "app/__init__.py": "", "app/v/1.py": "",
        "alembic.ini": INI + "path_separator = space\nversion_locations = app:v m/versions\n"})),
    situation("no scripts there", {"alembic.ini": INI}),
    situation("neither env.py nor versions", {"alembic.ini": INI, "m/README": ""},
              ours="no command could run there: it is another directory"),
    situation("env.py alone", {"alembic.ini": INI, "m/env.py": ""}),
    situation("versions alone", {"alembic.ini": INI, "m/versions/1.py": ""}),
    situation("a file instead of a directory", {"alembic.ini": INI, "m": ""},
              ours="a file holds no scripts"),
    situation("a mistake in the ini", with_files(["m"], {"alembic.ini": INI + "nonsense\n"})),
    situation("a key twice", with_files(["m"], {"alembic.ini": INI + INI[10:]})),
]


def fill(text, root):
    return text.replace("{root}", root)


def ask(one, root):
    """In a process of its own: sys.path and what is imported are changed."""
    for name, text in one["files"].items():
        os.makedirs(os.path.dirname(os.path.join(root, name)), exist_ok=True)
        with open(os.path.join(root, name), "w") as file:
            file.write(fill(text, root))
    for name, target in one["links"].items():
        os.symlink(target, os.path.join(root, name))
    os.chdir(os.path.join(root, one["cwd"]))
    for name, value in one["env"].items():
        os.environ[name] = fill(value, root)
    sys.path[0] = os.getcwd()
    if "PYTHONPATH" in one["env"]:
        sys.path.insert(1, os.environ["PYTHONPATH"])
    line = CommandLine()
    options = line.parser.parse_args(one["args"] + ["heads"])
    toml, ini = line._inis_from_config(options)
    config = Config(file_=ini, toml_file=toml, ini_section=options.name, cmd_opts=options)
    script = ScriptDirectory.from_config(config)
    locations = [str(path) for path in script._version_locations if path.exists()]
    return {
        "script_location": os.path.abspath(script.dir),
        "version_locations": [os.path.abspath(path) for path in locations],
        "recursive": script.recursive_version_locations,
        "sourceless": script.sourceless,
    }


def record(one):
    with tempfile.TemporaryDirectory() as root:
        root = os.path.realpath(root)
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                text = json.dumps(ask(one, root)).replace(root, "{root}")
            except BaseException as error:
                print("%s: %s: %s" % (one["name"], type(error).__name__, str(error).split("\n")[0]), file=sys.stderr)
                text = "null"
            os.write(write, text.encode())
            os._exit(0)
        os.close(write)
        with os.fdopen(read) as pipe:
            answer = json.loads(pipe.read())
        os.waitpid(child, 0)
        return {**one, "answer": answer}


def main():
    os.environ.pop("ALEMBIC_CONFIG", None)
    document = {"alembic": alembic.__version__, "situations": [record(one) for one in SITUATIONS]}
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "setup.json")
    with open(path, "w") as file:
        json.dump(document, file, indent=1)
        file.write("\n")


main()
