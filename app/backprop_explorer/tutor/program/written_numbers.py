"""Numbers that a program writes down itself, as values that it starts from: ``w1 = 0.15``."""

from __future__ import annotations

import ast
import dis
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import CodeType, FunctionType
from typing import Any

from backprop_explorer.tutor.program.source import nodes_of

# First line, last line, first column, last column.
Position = tuple[int | None, ...]
Start = Callable[[float, str], Any]
# The index of a constant in the code of a function has one byte.
MAX_CONSTANTS = 256


@contextmanager
def written_numbers(functions: Iterable[FunctionType], start: Start) -> Iterator[None]:
    """Replace the floats that functions assign, alone or in a list, tuple or dictionary, or pass to
    a class, by what ``start`` returns for the number and its name: "w1", "weights[0]".
    """
    before = [(each, each.__code__) for each in functions]
    try:
        for function, code in before:
            function.__code__ = _with_numbers(code, start)
        yield
    finally:
        for function, code in before:
            function.__code__ = code


def _with_numbers(code: CodeType, start: Start) -> CodeType:
    places = {_position(value): (target, value) for target, value in _assigned(code.co_filename)}
    constants = [
        _with_numbers(each, start) if isinstance(each, CodeType) else each
        for each in code.co_consts
    ]
    instructions = bytearray(code.co_code)
    for each in dis.get_instructions(code):
        place = places.get(tuple(each.positions)) if each.positions else None
        is_constant = each.opname == "LOAD_CONST" and isinstance(each.argval, float | tuple)
        if not is_constant or place is None or len(constants) >= MAX_CONSTANTS:
            continue
        # Equal numbers are one constant, but not one parameter.
        instructions[each.offset + 1] = len(constants)
        constants.append(_started(each.argval, *place, start))
    return code.replace(co_code=bytes(instructions), co_consts=tuple(constants))


def _started(constant: Any, target: ast.expr, value: ast.expr, start: Start) -> Any:
    """Return a constant with its floats replaced."""
    if isinstance(constant, tuple):
        parts = _parts(target, value) if isinstance(value, ast.Tuple | ast.List) else []
        if len(parts) != len(constant):
            return constant  # such as the keys of a dictionary
        pairs = zip(constant, parts, strict=True)
        return tuple(_started(each, *part, start) for each, part in pairs)
    return start(constant, ast.unparse(target)) if isinstance(constant, float) else constant


def _assigned(file: str) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Yield the targets and values of assignments, of the items of lists, tuples and dictionaries
    there, and of the arguments of a file's own classes.
    """
    waiting = list[tuple[ast.expr, ast.expr]]()
    parameters = _parameters_of_classes(file)
    for node in nodes_of(file):
        if isinstance(node, ast.Assign):
            waiting.append((node.targets[0], node.value))
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            waiting.append((node.target, node.value))
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in parameters:
            passed = zip(parameters[ast.unparse(node.func)], node.args, strict=False)
            waiting += [(ast.Name(name), value) for name, value in passed]
            waiting += [(ast.Name(each.arg), each.value) for each in node.keywords if each.arg]
    for target, value in waiting:
        yield target, value
        waiting += _parts(target, value)


def _parameters_of_classes(file: str) -> dict[str, list[str]]:
    """Return the names of the parameters of __init__, by the name of each class of a file."""
    return {
        node.name: [each.arg for each in method.args.args[1:]]
        for node in nodes_of(file)
        if isinstance(node, ast.ClassDef)
        for method in node.body
        if isinstance(method, ast.FunctionDef) and method.name == "__init__"
    }


def _parts(target: ast.expr, value: ast.expr) -> list[tuple[ast.expr, ast.expr]]:
    """Return the items of a display with what each is assigned to."""
    if isinstance(value, ast.Dict):
        pairs = zip(value.keys, value.values, strict=True)
        return [(_item(target, key), each) for key, each in pairs if key is not None]
    if not isinstance(value, ast.Tuple | ast.List):
        return []
    names = getattr(target, "elts", [])
    if len(names) != len(value.elts):
        names = [_item(target, ast.Constant(k)) for k in range(len(value.elts))]
    return list(zip(names, value.elts, strict=True))


def _item(target: ast.expr, key: ast.expr) -> ast.expr:
    return ast.Subscript(target, key, ast.Load())


def _position(node: ast.expr) -> Position:
    return node.lineno, node.end_lineno, node.col_offset, node.end_col_offset
