"""What the source of a program says of a line: its function, statement, names of quantities."""

from __future__ import annotations

import ast
import linecache
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from backprop_explorer.engine import names
from backprop_explorer.tutor.program.steps import SourceFrame

Place = tuple[str, int]
# A function with more statements is no helper that only gets its operands.
MAX_HELPER = 8
OF_RATE = re.compile(r"rate|learning|(^|[\W_])(lr|alpha|eta)\b|step_?size", re.IGNORECASE)
_RESETS = re.compile(r"zero|reset|clear", re.IGNORECASE)


@lru_cache(maxsize=64)
def _parsed(source: str) -> tuple[ast.AST, ...]:
    try:
        return tuple(ast.walk(ast.parse(source)))
    except (SyntaxError, ValueError):
        return (ast.Module([], []),)


def nodes_of(file: str) -> tuple[ast.AST, ...]:
    """Return the nodes of the syntax tree of a source file; one if it cannot be read."""
    return _parsed("".join(linecache.getlines(file)))


_GOES_BACK = re.compile(r"back|grad", re.IGNORECASE)


def function_of(frame: SourceFrame) -> ast.FunctionDef | ast.Lambda | None:
    """Return the innermost function around a line."""
    found: ast.FunctionDef | ast.Lambda | None = None
    for node in nodes_of(frame.file):
        if isinstance(node, ast.FunctionDef | ast.Lambda):
            named = getattr(node, "name", "<lambda>") == frame.function
            if named and node.lineno <= frame.line <= (node.end_lineno or 0):
                found = node
    return found


def statement_at(file: str, line: int) -> ast.stmt | None:
    """Return the innermost statement that covers a line."""
    found: ast.stmt | None = None
    for node in nodes_of(file):
        inside = isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or 0)
        if isinstance(node, ast.stmt) and inside and (not found or node.lineno >= found.lineno):
            found = node
    return found


def line_of(file: str, line: int) -> str:
    """Return the text of a line."""
    return linecache.getline(file, line)


def reads_rate(line: Place) -> bool:
    """Whether a line of the source reads a learning rate, by its name."""
    return OF_RATE.search(line_of(*line)) is not None


def parameters_of(function: ast.FunctionDef | ast.Lambda) -> list[str]:
    """Return the names of the parameters of a function."""
    given = function.args
    return [each.arg for each in (*given.posonlyargs, *given.args, *given.kwonlyargs)]


def loaded(tree: ast.AST) -> set[str]:
    """Return the names whose values an expression reads: not functions, not z of z[k] or z.a."""
    called = {id(e.func) for e in ast.walk(tree) if isinstance(e, ast.Call)}
    inside = set(called)
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript):
            inside |= {id(e) for e in ast.walk(node.slice)}
        if (isinstance(node, ast.Subscript) and not _adds_axis(node)) or (
            isinstance(node, ast.Attribute) and node.attr != "T" and id(node) not in called
        ):
            inside.add(id(node.value))
    return {
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and id(node) not in inside
    } - {"np", "numpy"}


def is_passed(frame: SourceFrame) -> bool:
    """Whether a line reads parameters of its function."""
    function, statement = function_of(frame), statement_at(frame.file, frame.line)
    if function is None or statement is None:
        return False
    return not loaded(statement).isdisjoint(parameters_of(function))


def _adds_axis(node: ast.Subscript) -> bool:
    """Whether a subscript is one such as ``z[:, None]``."""
    text = ast.unparse(node.slice)
    return ":" in text and bool(re.fullmatch(r"[\s,:()]*(None|np\.newaxis)[\s,:()]*", text))


def class_of(frame: SourceFrame) -> str:
    """Return the name of the class that a line is in, or ""."""
    for node in nodes_of(frame.file):
        if isinstance(node, ast.ClassDef) and node.lineno <= frame.line <= (node.end_lineno or 0):
            return node.name
    return ""


def last_assignment(function: ast.AST, name: str, line: int) -> ast.Assign | None:
    """Return the last assignment of a variable before a line of its function runs again.

    In a loop that is a later line of it, if none before the line is in the loop.
    """
    found = [node for node in ast.walk(function) if isinstance(node, ast.Assign)]
    found = [node for node in found if name in targets_of(node)]
    before = [node for node in found if node.lineno < line]
    last = max(before, key=lambda node: node.lineno, default=None)
    for loop in ast.walk(function):
        if isinstance(loop, ast.For | ast.While) and covers(loop, line):
            later = [node for node in found if covers(loop, node.lineno) and node not in before]
            if later and (last is None or not covers(loop, last.lineno)):
                last = max(later, key=lambda node: node.lineno)
    return last


def targets_of(statement: ast.stmt | None) -> list[str]:
    """Return the variables that an assignment sets."""
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    return [ast.unparse(e) for t in targets for e in getattr(t, "elts", [t])]


def covers(node: ast.stmt, line: int) -> bool:
    """Whether a line is in the body of a statement."""
    return node.lineno < line <= (node.end_lineno or 0)


def loop_around(file: str, line: int) -> int | None:
    """Return the line of the innermost loop around a line."""
    loops = [e for e in nodes_of(file) if isinstance(e, ast.For | ast.While) and covers(e, line)]
    return max((each.lineno for each in loops), default=None)


def yielding_line(file: str, line: int, owner: SourceFrame | None) -> int | None:
    """Return the last line that yields what a loop around ``line`` goes through: in the class
    around the frame of an owner, or in the only function that does.
    """
    nodes = nodes_of(file)
    loops = (each for each in nodes if isinstance(each, ast.For) and covers(each, line))
    calls = (e for loop in loops for e in ast.walk(loop.iter) if isinstance(e, ast.Call))
    names = {ast.unparse(each.func).rpartition(".")[2] for each in calls}
    functions = (e for e in nodes if isinstance(e, ast.FunctionDef) and e.name in names)
    yields = {
        each: [e.lineno for e in ast.walk(each) if isinstance(e, ast.Yield)] for each in functions
    }
    found = {each: lines for each, lines in yields.items() if lines}
    if owner is not None:
        classes = [e for e in nodes if isinstance(e, ast.ClassDef) and covers(e, owner.line)]
        found = {e: k for e, k in found.items() if any(e in each.body for each in classes)}
    return max(next(iter(found.values()))) if len(found) == 1 else None


def _nodes_around(file: str, line: int) -> Iterator[ast.AST]:
    """Yield the nodes of the innermost function around a line."""
    around = [e for e in nodes_of(file) if isinstance(e, ast.FunctionDef) and covers(e, line)]
    function = max(around, key=lambda each: each.lineno, default=None)
    return ast.walk(function) if function is not None else iter(())


def idle_line(file: str, line: int) -> int | None:
    """Return the line of a ``pass`` among other statements, or alone in a loop, in the function
    around a line: there a statement is missing.
    """
    return _idle_line(_nodes_around(file, line))


def _idle_line(nodes: Iterable[ast.AST]) -> int | None:
    for node in nodes:
        for name in ("body", "orelse"):
            block = getattr(node, name, None)
            idle = [e for e in block if isinstance(e, ast.Pass)] if isinstance(block, list) else []
            if idle and isinstance(block, list) and (len(block) > 1 or isinstance(node, ast.For)):
                return idle[0].lineno
    return None


def resetting_line(frame: SourceFrame) -> int | None:
    """Return the line of the function that should set to 0 what a frame adds to, by its name: a
    ``pass`` in it, else its first statement. That of the same class, if it has one.
    """
    nodes = nodes_of(frame.file)
    functions = [e for e in nodes if isinstance(e, ast.FunctionDef) and _RESETS.search(e.name)]
    classes = (e for e in nodes if isinstance(e, ast.ClassDef) and covers(e, frame.line))
    own = [each for around in classes for each in functions if each in around.body]
    found = next(iter(own or functions), None)
    return None if found is None else _idle_line(ast.walk(found)) or found.body[0].lineno


def is_returned_back(frame: SourceFrame) -> bool:
    """Whether a line gives what a function returns whose name says that it goes backward."""
    function, statement = function_of(frame), statement_at(frame.file, frame.line)
    if not isinstance(function, ast.FunctionDef) or not _GOES_BACK.search(function.name):
        return False
    returns = [e.value for e in ast.walk(function) if isinstance(e, ast.Return)]
    names = {each.id for each in returns if isinstance(each, ast.Name)}
    if isinstance(statement, ast.Return):
        return not isinstance(statement.value, ast.Tuple | ast.Dict)
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    return any(isinstance(each, ast.Name) and each.id in names for each in targets)


def is_optional(file: str, line: int) -> bool:
    """Whether a line stands in an ``if`` that reads a flag: ``if self.use_bias:``. A test for an
    optimizer, ``if self.optimizer is not None:``, is no flag: it decides about all updates.
    """
    conditions = (each for each in _nodes_around(file, line) if isinstance(each, ast.If))
    return any(covers(each, line) and _is_flag(each.test) for each in conditions)


def _is_flag(test: ast.expr) -> bool:
    """Whether a condition is a variable or an attribute, perhaps compared with True or None."""
    if isinstance(test, ast.Compare) and len(test.comparators) == 1:
        other = test.comparators[0]
        is_known = isinstance(other, ast.Constant) and any(
            other.value is each for each in (True, False, None)
        )
        test = test.left if is_known else test
    is_name = isinstance(test, ast.Name | ast.Attribute)
    return is_name and "optim" not in ast.unparse(test).lower()


def assigned_from_itself(file: str, line: int, name: str) -> int | None:
    """Return where the function around a line assigns a variable that is made of itself."""
    found = [
        node.lineno
        for node in _nodes_around(file, line)
        if isinstance(node, ast.Assign) and name in targets_of(node) and name in loaded(node.value)
    ]
    return min(found, key=lambda each: abs(each - line), default=None)


def operand_of(text: str, position: int) -> ast.expr | None:
    """Return the expression of an operand of ``a @ b``, ``f(a, b)`` or ``a.dot(b)``."""
    try:
        tree = ast.parse(f"({text})", mode="eval").body
    except SyntaxError:
        return None
    found: list[ast.expr] = []
    if isinstance(tree, ast.BinOp):
        found = [tree.left, tree.right]
    elif isinstance(tree, ast.UnaryOp):
        found = [tree.operand]
    elif isinstance(tree, ast.Attribute) and tree.attr == "T":
        found = [tree.value]
    elif isinstance(tree, ast.Compare):
        found = [tree.left, *tree.comparators]
    elif isinstance(tree, ast.Call):
        function = tree.func
        method = isinstance(function, ast.Attribute) and ast.unparse(function.value) not in _NUMPY
        own = [function.value] if method and isinstance(function, ast.Attribute) else []
        found = [*own, *(each for each in tree.args if not _is_text(each))]
    return found[position] if position < len(found) else None


def _is_text(expression: ast.expr) -> bool:
    """Whether an argument is a text, such as the indices of an einsum."""
    return isinstance(expression, ast.Constant) and isinstance(expression.value, str)


def shown_by(expression: ast.expr | None) -> ast.expr | None:
    """Return what an expression shows in another form, or the absolute value of."""
    if isinstance(expression, ast.Call) and isinstance(expression.func, ast.Attribute):
        if expression.func.attr not in _FORMS:
            return expression
        owner = expression.func.value
        numpy = ast.unparse(owner) in _NUMPY
        return shown_by(expression.args[0] if numpy and expression.args else owner)
    if (isinstance(expression, ast.Attribute) and expression.attr == "T") or (
        isinstance(expression, ast.Subscript) and _adds_axis(expression)
    ):
        return shown_by(expression.value)
    return expression


def passed_name(frame: SourceFrame, expression: ast.expr | None) -> str | None:
    """Return the parameter that an expression of a helper is: a, a.T or a.reshape(1, -1)."""
    expression = shown_by(expression)
    function = function_of(frame)
    if not isinstance(expression, ast.Name) or function is None:
        return None
    if isinstance(function, ast.FunctionDef) and len(function.body) > MAX_HELPER:
        return None
    made = last_assignment(function, expression.id, frame.line)
    return expression.id if made is None and expression.id in parameters_of(function) else None


def argument_of(outer: SourceFrame, inner: SourceFrame, name: str) -> ast.expr | None:
    """Return what a line of ``outer`` passes to the parameter of the function it calls."""
    statement, function = statement_at(outer.file, outer.line), function_of(inner)
    if statement is None or function is None:
        return None
    given = [each for each in parameters_of(function) if each not in ("self", "cls")]
    calls = [each for each in ast.walk(statement) if isinstance(each, ast.Call)]
    named = [e for e in calls if ast.unparse(e.func).rpartition(".")[2] == inner.function]
    fitting = [e for e in calls if len(e.args) + len(e.keywords) == len(given)]
    found: dict[str, ast.expr | None] = {}
    for each in named or fitting:
        at = given.index(name) if name in given else len(each.args)
        passed = [*each.args[at : at + 1], *(key.value for key in each.keywords if key.arg == name)]
        found |= {ast.unparse(expression): expression for expression in passed[:1]}
    return found.popitem()[1] if len(found) == 1 else None


def renamed_at(frame: SourceFrame, expression: ast.expr | None) -> Place | None:
    """Return the first line that gave a value only the name that an expression has for it."""
    function, line, found = function_of(frame), frame.line, None
    while function is not None:
        expression = shown_by(expression)
        if not isinstance(expression, ast.Name | ast.Subscript):
            break
        made = last_assignment(function, ast.unparse(expression), line)
        if made is None or (found is not None and made.lineno >= line):
            break
        if isinstance(made.targets[0], ast.Tuple):
            packed = packing_line(frame, made.targets[0], ast.unparse(expression))
            if packed is not None or not isinstance(made.value, ast.Subscript):
                return found if packed is None else (frame.file, packed)
        value = made.value
        values = (value.body, value.orelse) if isinstance(value, ast.IfExp) else (value,)
        plain = [e for e in values if isinstance(e, ast.Name | ast.Subscript | ast.Attribute)]
        if not plain or re.search(r"\.(shape|size)\b", ast.unparse(value)):
            break
        expression, line, found = plain[0], made.lineno, (frame.file, made.lineno)
    return found


def packing_line(frame: SourceFrame, targets: ast.Tuple, name: str) -> int | None:
    """Return where a tuple is made whose entry has another name when it is taken apart.

    ``A_prev, W, b, Z = cache`` of ``return A, (A, W, b, Z)``, where the function computes A.
    """
    names = [ast.unparse(each) for each in targets.elts]
    for function in nodes_of(frame.file):
        for node in ast.walk(function) if isinstance(function, ast.FunctionDef) else ():
            if not isinstance(node, ast.Tuple) or not isinstance(node.ctx, ast.Load):
                continue
            made = [ast.unparse(each) for each in node.elts]
            if len(made) != len(names) or len(names) < 3:
                continue
            other = [one for one, two in zip(made, names, strict=True) if one != two]
            fits = len(other) == 1 and other[0] == made[names.index(name)]
            if fits and last_assignment(function, other[0], node.lineno) is not None:
                return node.lineno
    return None


def unread_line(loop: ast.AST) -> int | None:
    """Return where a comprehension in a loop does not read what it goes through.

    ``sums = [new for old, new in zip(sums, parts)]`` adds nothing up.
    """
    for node in ast.walk(loop):
        if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.ListComp):
            continue
        made = {e.id for e in ast.walk(node.value.elt) if isinstance(e, ast.Name)}
        for each in node.value.generators:
            targets = {e.id for e in ast.walk(each.target) if isinstance(e, ast.Name)}
            if targets - made and any(e in ast.unparse(each.iter) for e in targets_of(node)):
                return node.lineno
    return None


def default_line(frame: SourceFrame, number: float) -> int | None:
    """Return where a parameter that a line reads has a number as its default."""
    function, statement = function_of(frame), statement_at(frame.file, frame.line)
    if not isinstance(function, ast.FunctionDef) or statement is None:
        return None
    given = function.args.args[len(function.args.args) - len(function.args.defaults) :]
    for each, default in zip(given, function.args.defaults, strict=True):
        if isinstance(default, ast.Constant) and default.value == number:
            return default.lineno if each.arg in loaded(statement) else None
    return None


_FORMS = ("reshape", "transpose", "ravel", "flatten", "squeeze", "copy", "array", "asarray", "abs")
_NUMPY = ("np", "numpy", "np.linalg", "math")


def position_in(value: ast.expr | None, text: str) -> int | None:
    """Return the place of an expression in a tuple, None if it is none of one."""
    parts = [ast.unparse(each) for each in getattr(value, "elts", ())]
    return parts.index(normal(text)) if normal(text) in parts else None


def held_by(
    statement: ast.stmt | None, text: str | None, place_in: int | None = None
) -> str | None:
    """Return what a statement gives a value to: a target, or "zs[-1]" of ``zs.append(…)``.

    ``text`` is the source of the value; None if it is what a called function returned, at
    ``place_in`` of a tuple.
    """
    value, target = None, ""
    if isinstance(statement, ast.Assign):
        value, target = statement.value, ast.unparse(statement.targets[0])
        several = targets_of(statement)
        if place_in is not None and place_in < len(several) > 1 and text is None:
            target = several[place_in]
    elif isinstance(statement, ast.AugAssign):
        return ast.unparse(statement.target)
    elif isinstance(statement, ast.Expr) and (added := _appended(statement)) is not None:
        value, target = added[1], f"{added[0]}[-1]"
    if value is None:
        return None
    parts = [value, value.elt] if isinstance(value, ast.ListComp) else [value]
    if text is None or normal(text) in map(ast.unparse, parts):
        return target
    return None


def container_of(file: str, line: int, text: str) -> tuple[str, str]:
    """Return the last name of what the statement in a line puts an expression into, and the word
    that its key begins with: "params" and "W" of ``params["W" + str(l)] = x``.
    """
    statement = statement_at(file, line)
    if isinstance(statement, ast.Assign) and (key := _key_of(statement.value, line, text)):
        return ast.unparse(statement.targets[0]).rpartition(".")[2], key
    held = None if isinstance(statement, ast.AugAssign) else held_by(statement, text)
    whole, key = ast.parse(held or "_", mode="eval").body, ""
    while isinstance(whole, ast.Subscript):
        words = (e.value for e in ast.walk(whole.slice) if isinstance(e, ast.Constant))
        whole, key = whole.value, next((each for each in words if isinstance(each, str)), key)
    return ("", "") if held is None else (ast.unparse(whole).rpartition(".")[2], key)


def _key_of(value: ast.expr, line: int, text: str) -> str | None:
    """Return the key of an expression in a line of ``{"W1": x, "b1": y}`` or ``dict(W1=x)``."""
    pairs = list[tuple[str, ast.expr]]()
    if isinstance(value, ast.Dict):
        known = zip(value.keys, value.values, strict=True)
        pairs = [(str(k.value), e) for k, e in known if isinstance(k, ast.Constant)]
    elif isinstance(value, ast.Call) and ast.unparse(value.func) == "dict":
        pairs = [(each.arg, each.value) for each in value.keywords if each.arg]
    own = (k for k, e in pairs if e.lineno <= line <= (e.end_lineno or e.lineno))
    return next((k for k in own if normal(text) == ast.unparse(dict(pairs)[k])), None)


def _appended(statement: ast.AST) -> tuple[str, ast.expr] | None:
    """Return the list and the value of ``list.append(value)``."""
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        call = statement.value
        if isinstance(call.func, ast.Attribute) and call.func.attr == "append" and call.args:
            return ast.unparse(call.func.value), call.args[0]
    return None


def normal(text: str) -> str:
    try:
        return ast.unparse(ast.parse(text.strip(), mode="eval"))
    except SyntaxError:
        return text


def plain_uses(
    frame: SourceFrame, function: ast.AST, name: str, letter: str
) -> Iterator[tuple[Place, str]]:
    """Yield (place, target) of what gives a variable another name after a line."""
    base = name.partition("[")[0] if "[" in name else None

    def is_it(value: ast.expr) -> bool:
        if isinstance(value, ast.ListComp) and isinstance(value.elt, ast.Name):
            return any(name in ast.unparse(each.iter) for each in value.generators)
        if isinstance(value, ast.Tuple):
            return [ast.unparse(each) for each in value.elts].count(name) > 1
        if isinstance(value, ast.IfExp):
            return is_it(value.body) or is_it(value.orelse)
        text = ast.unparse(value)
        return text == name or (
            base is not None and isinstance(value, ast.Subscript) and text.startswith(f"{base}[")
        )

    found = [n for n in ast.walk(function) if getattr(n, "lineno", 0) > frame.line]
    for node in sorted(found, key=lambda n: getattr(n, "lineno", 0)):
        place = (frame.file, getattr(node, "lineno", 0))
        added = _appended(node)
        if isinstance(node, ast.Assign) and is_it(node.value):
            yield place, ast.unparse(node.targets[0])
        elif added is not None and is_it(added[1]):
            yield place, f"{added[0]}[]"
        elif isinstance(node, ast.Return) and node.value is not None:
            parts = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
            if (len(parts) < 3 or letter in "az") and any(map(is_it, parts)):
                yield place, ""


def means_quantity(path: str, letter: str) -> bool:
    """Whether the last name in a path means the quantity: acts[1] and a1 mean a, zs[0] means z."""
    found = re.findall(r"[A-Za-z_]\w*", re.sub(r"\[[^'\"\]]*\]", "", path))
    name = (found[-1] if found else "").lower().strip("_0123456789")
    layer = re.fullmatch(r"(d[az])_?(?:l|prev|last)", name)  # dAL, dA_prev
    name = layer[1] if layer else name
    if letter == names.OF_A and re.fullmatch(r"d[clje]_?d(p|y|yhat|o|out|pred|prob)s?", name):
        return True  # dL_dp
    words = {
        "z": ("z", "zs", "pre", "net", "linear", "weighted"),
        "a": ("a", "as", "act", "acts", "activation", "activations", "h", "out", "output"),
        names.OF_Z: ("dz", "delta", "deltas", "dc_dz", "dcdz"),
        names.OF_A: ("da", "dc_da", "dcda"),
        names.OF_B: ("b", "db", "dc_db", "grad_b", "gb", "dbias", "nabla_b"),
        names.OF_W: ("w", "dw", "dc_dw", "grad_w", "gw", "nabla_w"),
    }.get(letter, ())
    return name in words


# Names of variables that hold an error, of which a gradient is computed later.
ERROR_NAME = re.compile(
    r"(^|[._])(err(or)?s?|diff(erence)?|e|r|resid(ual)?s?|delta_?y)\d*$", re.IGNORECASE
)
TARGET_NAME = re.compile(r"t|y|w|true|y_true|ytrue|target|targets|label|labels|onehot|fasit")
OUTPUT_NAME = re.compile(
    r"(^|[._])(p|a|y|o|f|h|fx|out\w*|prob\w*|soft\w*|pred\w*)\d*$", re.IGNORECASE
)


def names_entry(function: str, entry: str) -> bool:
    """Whether the name of a function contains that of an activation."""
    plain, short = function.replace("_", ""), entry.replace("_", "")
    if short in ("relu", "elu"):
        # Not leakyrelu or lrelu, and not the end of relu.
        return "leaky" not in plain and bool(re.search(rf"(?<![a-z]){short}", function))
    return short in plain or (short == "identity" and "linear" in plain)
