"""The modules of Debian's python3 packages with what ast says of them.

Each line is a JSON object: the path of a `file`, and the `answer`: null if it is newer
than this Python, else

  names      the value of each name that the top level binds, as far as it is written
             down, by the rules of include/pgrunbook/model/python_module.h
  doc        the docstring; true if it needs the names of characters
  named      whether it has characters by their names, which aren't known to us
  functions  of every function of the top level its line and what its body does
"""

import ast
import glob
import io
import json
import os
import re
import sys
import tokenize
import unicodedata

sys.setrecursionlimit(20000)

LARGEST, SOURCE, NESTING = 16 << 10, 1 << 20, 60
BUILTINS = {"exec", "eval", "globals", "locals", "vars", "setattr", "delattr"}
ATTRIBUTES = {"__dict__", "__setattr__", "modules", "_getframe", "currentframe"}
HARMLESS = {"__future__", "alembic", "sqlalchemy", "typing", "datetime"}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
DEFINITIONS = FUNCTIONS + (ast.ClassDef,)
UNKNOWN = ["unknown"]


def size(value):
    if value[0] == "text":
        return len(value[1].encode())
    if value[0] == "list":
        return sum(len(item.encode()) + 8 for item in value[2])
    return 0


def is_mutable(value):
    return value[0] == "list" and value[1] != "("


def normal(name):
    return unicodedata.normalize("NFKC", name)


def written(text):
    """What a C string and UTF-8 can hold."""
    return UNKNOWN if "\0" in text or re.search("[\ud800-\udfff]", text) else ["text", text]


class Module:
    def __init__(self, text):
        self.text = text
        self.lines = text.split("\n")
        self.names = {}  # to values
        self.targets = {}
        self.reached = set()
        self.functions = []
        self.own_builtins = False
        self.exposed = False
        self.mentions = None

    # Values

    def eval(self, node):
        if isinstance(node, ast.Constant):
            value = node.value
            if value is None:
                return ["none"]
            if not isinstance(value, str):
                return ["other"]
            return written(value)
        if isinstance(node, ast.JoinedStr):
            if all(isinstance(part, ast.Constant) for part in node.values):
                return written("".join(part.value for part in node.values))
            return UNKNOWN
        if isinstance(node, (ast.Tuple, ast.List, ast.Set)):
            return self.eval_list(node)
        if isinstance(node, ast.Dict) and not node.keys:
            return ["other"]
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            value = getattr(node.operand, "value", None)
            return ["other"] if type(value) in (int, float, complex) else UNKNOWN
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            return self.add(self.eval(node.left), self.eval(node.right))
        if isinstance(node, ast.Name):
            value = self.names.get(normal(node.id), UNKNOWN)
            if value == ["absent"]:
                return UNKNOWN
            if size(value) > LARGEST or (is_mutable(value) and self.shares(normal(node.id), 1)):
                return UNKNOWN
            return value
        if isinstance(node, ast.Call):
            return self.convert(node)
        return UNKNOWN

    def eval_list(self, node):
        open_ = {ast.Tuple: "(", ast.List: "[", ast.Set: "{"}[type(node)]
        items, nones = [], 0
        for element in node.elts:
            starred = isinstance(element, ast.Starred)
            value = self.eval(element.value if starred else element)
            if starred:
                if value[0] != "list" or value[3] or (value[1] == "{" and len(value[2]) > 1):
                    return UNKNOWN
                items += value[2]
            elif value[0] == "text":
                if open_ != "{" or value[1] not in items:
                    items.append(value[1])
            elif value[0] == "none":
                nones += 1
            else:
                return UNKNOWN
        if nones and (nones > 1 or items):
            return UNKNOWN
        return ["list", open_, items, nones > 0]

    def convert(self, node):
        function = getattr(node.func, "id", None)
        if function not in ("tuple", "list") or self.own_builtins or node.keywords:
            return UNKNOWN
        open_ = "(" if function == "tuple" else "["
        if not node.args:
            return ["list", open_, [], False]
        value = self.eval(node.args[0])
        if len(node.args) > 1 or value[0] != "list" or (value[1] == "{" and len(value[2]) > 1):
            return UNKNOWN
        return ["list", open_] + value[2:]

    def add(self, left, right):
        if size(left) + size(right) > LARGEST:
            return UNKNOWN
        if left[0] == right[0] == "text":
            return ["text", left[1] + right[1]]
        if left[0] == right[0] == "list" and left[1] == right[1] != "{":
            if not left[3] and not right[3]:
                return ["list", left[1], left[2] + right[2], False]
        return UNKNOWN

    def mention(self):
        """Counts the names that are more than bound: see python_scope_rebinds."""
        self.mentions, self.formatted, self.plain = {}, [], set()
        depth, begins = 0, True
        ignored = (tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT)
        tokens = tokenize.generate_tokens(io.StringIO(self.text).readline)
        tokens = [token for token in tokens if token.type not in ignored]
        for token, after in zip(tokens, tokens[1:] + tokens[-1:]):
            depth += (token.string in "([{") - (token.string in ")]}") if token.string else 0
            if token.type == tokenize.NAME:
                word = normal(token.string)
                if depth == 0 and (after.string == "=" or begins and after.string == ":"):
                    self.plain.add(token.start)
                else:
                    self.mentions[word] = self.mentions.get(word, 0) + 1
            elif token.type == tokenize.STRING and re.match("[rR]?[fF]", token.string):
                self.formatted.append(token.string)
            begins = token.type == tokenize.NEWLINE

    def shares(self, name, reads):
        if len(self.text.encode()) > SOURCE:
            return True
        if self.mentions is None:
            self.mention()
        seen = self.mentions.get(name, 0) + sum(text.count(name) for text in self.formatted)
        return seen != self.targets.get(name, 0) + reads

    def count_target(self, node):
        if self.mentions is None:
            self.mention()
        line = self.lines[node.lineno - 1].encode()[: node.col_offset].decode()
        if (node.lineno, len(line)) not in self.plain:
            self.targets[normal(node.id)] = self.targets.get(normal(node.id), 0) + 1

    # Bindings

    def bind(self, name, value):
        name = normal(name)
        self.names[name] = UNKNOWN if name in self.reached else value
        if name in ("tuple", "list"):
            self.own_builtins = True

    def forget(self, name):
        self.bind(name, UNKNOWN)

    def forget_all(self):
        for name in self.names:
            self.names[name] = UNKNOWN
        self.own_builtins = True

    def target(self, node, value):
        if isinstance(node, ast.Name):
            self.bind(node.id, value)
            self.count_target(node)
        elif isinstance(node, (ast.Tuple, ast.List)):
            for element in node.elts:
                self.target(element, UNKNOWN)
        elif isinstance(node, ast.Starred):
            self.target(node.value, UNKNOWN)

    def assign(self, node, shared, value):
        names = getattr(node, "elts", [])
        values = getattr(value, "elts", [])
        if (
            1 < len(names) == len(values) or len(names) == 1 == len(values)
        ) and all(isinstance(name, ast.Name) for name in names):
            if not any(isinstance(each, ast.Starred) for each in values):
                if not isinstance(value, ast.Set):
                    values = [self.eval(each) for each in values]
                    for name, each in zip(names, values):
                        self.target(name, UNKNOWN if shared and is_mutable(each) else each)
                    return
        whole = self.eval(value)
        self.target(node, UNKNOWN if shared and is_mutable(whole) else whole)

    # What hides in expressions

    def scan(self, *nodes):
        for node in nodes:
            for each in ast.walk(node):
                if isinstance(each, ast.NamedExpr):
                    self.forget(each.target.id)
                elif self.is_backdoor(each):
                    self.forget_all()
                elif isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load):
                    if self.exposed and self.names.get(normal(each.id)) == ["function"]:
                        self.forget_all()

    @staticmethod
    def is_backdoor(node):
        if isinstance(node, ast.Name):
            return node.id in BUILTINS and isinstance(node.ctx, ast.Load)
        return isinstance(node, ast.Attribute) and node.attr in ATTRIBUTES

    # Statements

    def run(self, statements, sure):
        for statement in statements:
            self.statement(statement, sure)

    def statement(self, node, sure):
        if isinstance(node, DEFINITIONS):
            self.definition(node)
            return
        header = [
            child
            for field, child in ast.iter_fields(node)
            if field not in ("body", "orelse", "finalbody", "handlers", "cases")
        ]
        for child in header:
            for each in child if isinstance(child, list) else [child]:
                if isinstance(each, ast.AST):
                    self.scan(each)
        kind = type(node).__name__
        getattr(self, "do_" + kind, self.do_other)(node, sure)

    def do_other(self, node, sure):
        pass

    def do_Assign(self, node, sure):
        if len(node.targets) > 16:
            raise NotImplementedError
        value = None if sure else UNKNOWN
        for target in node.targets:
            if sure:
                self.assign(target, len(node.targets) > 1, node.value)
            else:
                self.target(target, value)

    def do_AnnAssign(self, node, sure):
        if node.value is not None:
            self.target(node.target, self.eval(node.value) if sure else UNKNOWN)

    def do_AugAssign(self, node, sure):
        self.target(node.target, UNKNOWN)

    def do_Delete(self, node, sure):
        for target in node.targets:
            names = target.elts if isinstance(target, (ast.Tuple, ast.List)) else [target]
            for name in names:
                if isinstance(name, ast.Name):
                    if sure and normal(name.id) not in self.reached:
                        self.names[normal(name.id)] = ["absent"]
                        self.count_target(name)
                    else:
                        self.target(name, UNKNOWN)

    def do_Import(self, node, sure):
        for alias in node.names:
            self.forget(alias.asname or alias.name.split(".")[0])

    def do_ImportFrom(self, node, sure):
        for alias in node.names:
            if alias.name == "*":
                self.forget_all()
            else:
                self.forget(alias.asname or alias.name)

    def do_block(self, node, sure):
        self.run(node.body, False)
        for handler in getattr(node, "handlers", []):
            if handler.type is not None:
                self.scan(handler.type)
            if handler.name is not None:
                self.forget(handler.name)
                self.targets[normal(handler.name)] = self.targets.get(normal(handler.name), 0) + 1
            self.run(handler.body, False)
        self.run(getattr(node, "orelse", []), False)
        self.run(getattr(node, "finalbody", []), False)

    do_If = do_While = do_Try = do_TryStar = do_block

    def do_For(self, node, sure):
        self.target(node.target, UNKNOWN)
        self.do_block(node, sure)

    def do_With(self, node, sure):
        for item in node.items:
            if item.optional_vars is not None:
                self.target(item.optional_vars, UNKNOWN)
        self.run(node.body, False)

    def do_Match(self, node, sure):
        for case in node.cases:
            for pattern in ast.walk(case.pattern):
                for field in ("name", "rest"):
                    if isinstance(getattr(pattern, field, None), str):
                        self.forget(getattr(pattern, field))
            self.run(case.body, False)

    def definition(self, node):
        decorated = bool(node.decorator_list)
        self.scan(*node.decorator_list)
        if isinstance(node, ast.ClassDef):
            self.scan(*node.bases, *node.keywords)
        else:
            self.scan(node.args, *([node.returns] if node.returns else []))
            self.functions.append([node.lineno, body(node)])
        backdoor = False
        for statement in node.body:
            for each in ast.walk(statement):
                backdoor = backdoor or self.is_backdoor(each)
                if isinstance(each, ast.Global):
                    for name in each.names:
                        self.reached.add(normal(name))
                        self.forget(name)
        self.exposed = self.exposed or backdoor
        if backdoor and (decorated or isinstance(node, ast.ClassDef)):
            self.forget_all()
        self.bind(node.name, ["function"])

    def answer(self, tree):
        self.run(tree.body, True)
        for name, value in self.names.items():
            if is_mutable(value) and self.shares(name, 0):
                self.names[name] = UNKNOWN


def body(node):
    def is_constant(value):
        if isinstance(value, ast.JoinedStr):
            return all(isinstance(part, ast.Constant) for part in value.values)
        if isinstance(value, (ast.Tuple, ast.List, ast.Set)):
            return Module("").eval(value) != UNKNOWN
        return isinstance(value, ast.Constant) or Module("").eval(value) != UNKNOWN

    for statement in node.body:
        if isinstance(statement, (ast.Pass, ast.Import, ast.ImportFrom, ast.Global, ast.Nonlocal)):
            continue
        if isinstance(statement, ast.Expr) and is_constant(statement.value):
            continue
        if isinstance(statement, ast.Raise):
            return "raises"
        if isinstance(statement, ast.Return):
            value = statement.value
            if value is None or isinstance(value, ast.Constant) and value.value is None:
                return "empty"
        return "real"
    return "empty"


def docstring(tree):
    doc = ast.get_docstring(tree, clean=False)
    return True if doc is not None and UNKNOWN == Module("").eval(ast.Constant(doc)) else doc


def answer(bytes_):
    try:
        tree = ast.parse(bytes_)
    except (SyntaxError, ValueError):
        return None
    encoding, _ = tokenize.detect_encoding(io.BytesIO(bytes_).readline)
    text = io.TextIOWrapper(io.BytesIO(bytes_), encoding, newline=None).read()
    module = Module(text)
    module.answer(tree)
    doc = docstring(tree)
    if doc is not None and "\\N{" in "\n".join(module.lines[: tree.body[0].end_lineno]):
        doc = True
    names = {name: value for name, value in module.names.items() if value[0] != "absent"}
    return {
        "names": names,
        "doc": doc,
        "functions": module.functions,
        "named": "\\N{" in text,
    }


def main():
    roots = sys.argv[1:] or glob.glob("/usr/lib/python3*") + ["/usr/share"]
    for root in roots:
        for directory, directories, names in os.walk(root):
            directories.sort()
            for name in sorted(names):
                path = os.path.join(directory, name)
                if name.endswith(".py") and os.path.isfile(path):
                    with open(path, "rb") as file:
                        out = {"file": path, "answer": answer(file.read())}
                    print(json.dumps(out))


if __name__ == "__main__":
    main()
