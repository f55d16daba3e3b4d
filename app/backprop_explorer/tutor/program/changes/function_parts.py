"""The parts of the expressions of a student's function, from its syntax tree."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from backprop_explorer.tutor.program.changes.places import is_pure
from backprop_explorer.tutor.program.changes.rerun import SourceFunction
from backprop_explorer.tutor.program.changes.slope_kinds import OF_SLOPE

MAX_KEYS, MAX_SLOPES, MAX_WORDS, MAX_CALLS = 30, 6, 8, 6
_MODULES = ("np.", "numpy.", "math.")
# What makes an array of a size, or of a list.
_MAKERS = (
    *("np.random", "np.zeros", "np.ones", "np.array", "np.arange", "np.empty", "np.eye"),
    *("np.full", "np.identity", "np.ndarray"),
)
_NO_CALLS = frozenset(
    {
        *("range", "len", "print", "zip", "enumerate", "super", "int", "float", "str", "list"),
        *("isinstance", "reversed", "tuple", "dict", "set"),
    }
)


@dataclass(eq=False)
class FunctionParts:
    """Expressions of a function by their source: what it reads or sets, its factors, the functions
    of one argument that are called near it, its indices and slices; and the variables that nothing
    reads.
    """

    reads: dict[str, ast.expr]
    factors: dict[str, ast.expr]
    calls: dict[str, ast.expr]
    indices: dict[str, ast.expr]
    slices: dict[str, ast.expr]
    unread: list[str]


def parts_of(function: SourceFunction) -> FunctionParts:
    """Return the expressions of a function, as expressions that are read."""
    node = function.node
    return FunctionParts(
        *(_detached(_reads(node)), _detached(_factors(node))),
        *(_detached(_calls(function.outer, node)), _detached(_indices(node))),
        *(_detached(_slices(node)), _unread(node)),
    )


def detached(node: ast.expr) -> ast.expr:
    """Return an expression as one that is read, which is no part of its tree."""
    found = copy.deepcopy(node)
    for each in ast.walk(found):
        if hasattr(each, "ctx"):
            each.ctx = ast.Load()
    return found


def keys_of(functions: Iterable[SourceFunction]) -> list[str]:
    """Return the strings in the indices of functions, and the keys that they give."""
    found = dict[str, None]()
    for function in functions:
        for node in ast.walk(function.node):
            inside = list(ast.walk(node.slice)) if isinstance(node, ast.Subscript) else []
            inside += node.keys if isinstance(node, ast.Dict) else []  # type: ignore[arg-type]
            for each in inside:
                if isinstance(each, ast.Constant) and isinstance(each.value, str):
                    found[each.value] = None
    return list(found)[:MAX_KEYS]


def words_of(functions: Iterable[SourceFunction]) -> list[str]:
    """Return the strings that functions are given, or that they compare with."""
    found = dict[str, None]()
    for function in functions:
        for node in ast.walk(function.node):
            given: list[ast.expr] = []
            if isinstance(node, ast.Compare):
                given = [node.left, *node.comparators]
            elif isinstance(node, ast.Call):
                given = [*node.args, *(each.value for each in node.keywords)]
            for each in given:
                if isinstance(each, ast.Constant) and isinstance(each.value, str):
                    found[each.value] = None
    return [each for each in found if each.isidentifier()][:MAX_WORDS]


def slopes_of(functions: Iterable[SourceFunction]) -> list[str]:
    """Return the names of functions that give derivatives, by their names."""
    names = (each.function.__name__ for each in functions)
    found = dict.fromkeys(each for each in names if OF_SLOPE.search(each) and each.isidentifier())
    return list(found)[:MAX_SLOPES]


def other_calls_of(functions: Iterable[SourceFunction]) -> dict[str, ast.expr]:
    """Return the functions of NumPy, and those of a program that have a name of its module, which
    it calls with one argument, by their source.
    """
    found, functions = dict[str, ast.expr](), list(functions)
    own = {each.function.__name__ for each in functions}
    for each in functions:
        for node in _calls(each.node, each.node):
            is_own = (
                isinstance(node, ast.Name) and node.id in own & each.function.__globals__.keys()
            )
            if is_own or ast.unparse(node).startswith(_MODULES):
                found.setdefault(ast.unparse(node), node)
    return dict(list(found.items())[:MAX_CALLS])


def flags_of(functions: Iterable[SourceFunction]) -> dict[str, tuple[str, bool]]:
    """Return the first parameter of functions that is True or False if it is not given."""
    found = dict[str, tuple[str, bool]]()
    for each in functions:
        given = each.node.args
        usual = zip(given.args[::-1], given.defaults[::-1], strict=False)
        for parameter, default in usual:
            if isinstance(default, ast.Constant) and isinstance(default.value, bool):
                found[each.function.__name__] = parameter.arg, default.value
    return found


def siblings_of(functions: Iterable[SourceFunction]) -> dict[str, list[str]]:
    """Return the attributes that are set in the same functions as each attribute."""
    found = dict[str, dict[str, None]]()
    for function in functions:
        nodes = (each for each in ast.walk(function.node) if isinstance(each, ast.Attribute))
        names = dict.fromkeys(each.attr for each in nodes if isinstance(each.ctx, ast.Store))
        for name in names:
            found.setdefault(name, {}).update(names)
    return {name: [e for e in others if e != name] for name, others in found.items()}


def keyed_part(node: ast.expr) -> ast.Subscript | None:
    """Return the first part of an expression that is an entry with a string as its key."""
    for each in ast.walk(node):
        key = each.slice if isinstance(each, ast.Subscript) else None
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            return each  # type: ignore[return-value]
    return None


def blocks_of(node: ast.AST) -> Iterator[list[ast.stmt]]:
    """Yield the blocks of statements of a function, not those of functions in it."""
    for name in ("body", "orelse", "finalbody"):
        block = getattr(node, name, None)
        if isinstance(block, list) and block and isinstance(block[0], ast.stmt):
            yield block
            for each in block:
                if not isinstance(each, ast.FunctionDef | ast.ClassDef):
                    yield from blocks_of(each)


def names_at(function: ast.FunctionDef) -> dict[int, set[str]]:
    """Return the source of the variables, attributes and entries that are read, by line."""
    found: dict[int, set[str]] = {}
    for block in blocks_of(function):
        for statement in block:
            inner = getattr(statement, "body", None)
            own = [statement] if inner is None else _headers(statement)
            read = {
                ast.unparse(each)
                for node in own
                for each in ast.walk(node)
                if isinstance(each, ast.Name | ast.Attribute | ast.Subscript)
            }
            end = statement.end_lineno or statement.lineno
            last = end if inner is None else inner[0].lineno - 1
            for line in range(statement.lineno, max(last, statement.lineno) + 1):
                found.setdefault(line, set()).update(read)
    return found


def passed_on(function: ast.FunctionDef) -> set[str]:
    """Return the source of what gets another name as it is, or is returned."""
    found = set[str]()
    for node in ast.walk(function):
        value = node.value if isinstance(node, ast.Assign | ast.Return) else None
        whole = value.elts if isinstance(value, ast.Tuple | ast.List) else [value]
        for each in value.values if isinstance(value, ast.Dict) else whole:
            if isinstance(each, ast.Name | ast.Attribute | ast.Subscript):
                found.add(ast.unparse(each))
    return found


def _headers(statement: ast.stmt) -> list[ast.expr]:
    return [each for each in ast.iter_child_nodes(statement) if isinstance(each, ast.expr)]


def _detached(nodes: Iterable[ast.expr]) -> dict[str, ast.expr]:
    return {ast.unparse(each): each for each in map(detached, nodes)}


def _reads(function: ast.FunctionDef) -> Iterator[ast.expr]:
    called = {id(each.func) for each in ast.walk(function) if isinstance(each, ast.Call)}
    for node in ast.walk(function):
        is_read = isinstance(node, ast.Name | ast.Attribute | ast.Subscript)
        if is_read and id(node) not in called and not ast.unparse(node).startswith(_MODULES):
            yield node  # type: ignore[misc]


def _indices(function: ast.FunctionDef) -> Iterator[ast.expr]:
    for node in ast.walk(function):
        if isinstance(node, ast.Subscript):
            of_axes = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            for each in of_axes:
                if isinstance(each, ast.Name | ast.BinOp | ast.UnaryOp) and is_pure(each):
                    yield each


def _slices(function: ast.FunctionDef) -> Iterator[ast.expr]:
    for node in ast.walk(function):
        if isinstance(node, ast.Slice) and (node.lower or node.upper) and is_pure(node):
            yield node


def _unread(function: ast.FunctionDef) -> list[str]:
    names = [each for each in ast.walk(function) if isinstance(each, ast.Name)]
    read = {each.id for each in names if isinstance(each.ctx, ast.Load)} | {"self"}
    given = [each.arg for each in (*function.args.posonlyargs, *function.args.args)]
    return [e for e in dict.fromkeys([*given, *(e.id for e in names)]) if e not in read]


def _factors(function: ast.FunctionDef) -> Iterator[ast.expr]:
    for node in ast.walk(function):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div):
            for each in (node.right, node.left):
                if len(ast.unparse(each)) < 60 and is_pure(each):
                    yield each


def _calls(outer: ast.stmt, function: ast.FunctionDef) -> Iterator[ast.expr]:
    for tree in (function, outer):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords:
                text = ast.unparse(node.func)
                named = isinstance(node.func, ast.Name | ast.Attribute)
                if named and text not in _NO_CALLS and not text.startswith(_MAKERS):
                    yield node.func
