"""Where a value got the name by which a line reads it: through assignments, attributes and calls.

Nothing is computed in such a line, so no step has it; but another value may belong there.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from backprop_explorer.tutor.program.aliases import chosen, followed
from backprop_explorer.tutor.program.source import function_of, last_assignment, nodes_of, shown_by
from backprop_explorer.tutor.program.steps import Run, Step

MAX_NAMES = 6
_PLAIN = (ast.Name, ast.Attribute, ast.Subscript)


class _Read(NamedTuple):
    """An expression that a line of a function reads."""

    expression: ast.expr | None
    line: int
    function: ast.AST | None


def naming_line(run: Run, made: int, read: int) -> int | None:
    """Return the first line that gave a value only the name by which a step reads it."""
    frame, expression = chosen(run, made, read)
    if frame is None:
        return None
    return _named_at(frame.file, _Read(expression, frame.line, function_of(frame)))


def passing_line(run: Run, made: int) -> int | None:
    """Return the line that passes what a value is made of to the function that makes it."""
    step = run.steps[made]
    for given in step.inputs if step.frames else ():
        frame, _ = chosen(run, given, made) if run.steps[given].value.size > 1 else (None, None)
        if frame is not None and frame.call != step.frames[0].call:
            return naming_line(run, given, made) or frame.line
    return None


def line_of_name(run: Run, step: Step, expression: ast.expr) -> int | None:
    """Return the first line that gave a value only the name that an expression in the line of a
    step has for it, or passed it by the name of a parameter.
    """
    frame, expression_there = followed(run, step, expression)
    if frame is None:
        return None
    found = _named_at(frame.file, _Read(expression_there, frame.line, function_of(frame)))
    return frame.line if found is None and frame != step.frames[0] else found


def _named_at(file: str, read: _Read) -> int | None:
    found: int | None = None
    for _ in range(MAX_NAMES):
        before = _before(file, read)
        if before is None or before.line == found:
            break
        found, read = before.line, before
    return found


def _before(file: str, read: _Read) -> _Read | None:
    """Return the line that gave a value a name, and what it reads there."""
    expression = shown_by(read.expression)
    called = expression.func if isinstance(expression, ast.Call) else None
    if isinstance(called, ast.Attribute) and called.attr in ("pop", "get"):
        expression = called.value
    if not isinstance(expression, _PLAIN):
        return _returned(file, expression, None, read.function)
    given, function = _assignment(file, read, expression)
    if given is None:
        return None
    value, position = given.value, _position(given, ast.unparse(expression))
    if isinstance(value, ast.Tuple) and position is not None:
        value = value.elts[position] if position < len(value.elts) else value
    if isinstance(value, ast.Call):
        return _returned(file, value, position, function)
    if isinstance(value, ast.IfExp):
        value = value.body
    if isinstance(value, ast.List | ast.Tuple | ast.Dict):
        return _Read(None, given.lineno, function)
    return _Read(value, given.lineno, function) if isinstance(value, _PLAIN) else None


def _position(given: ast.Assign, text: str) -> int | None:
    """Return where a variable stands among those that an assignment sets at once."""
    target = given.targets[0]
    if not isinstance(target, ast.Tuple):
        return None
    return next((k for k, each in enumerate(target.elts) if ast.unparse(each) == text), None)


def _assignment(
    file: str, read: _Read, expression: ast.expr
) -> tuple[ast.Assign | None, ast.AST | None]:
    """Return the assignment of what an expression reads, and its function: the last one before in
    the function, or that of an attribute or a key, if only one gives it what has a name already.
    """
    if read.function is not None:
        found = last_assignment(read.function, ast.unparse(expression), read.line)
        if found is not None:
            return found, read.function
    key = _key(expression)
    if key is None:
        return None, None
    # By the innermost function.
    every: dict[ast.Assign, ast.AST] = {
        node: function
        for function in nodes_of(file)
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Assign) and any(_key(each) == key for each in node.targets)
    }
    plain = [each for each in every if isinstance(each.value, _PLAIN)]
    some = plain if len(every) > 1 else list(every)
    return (some[0], every[some[0]]) if len(some) == 1 else (None, None)


def _key(expression: ast.AST) -> tuple[str, str] | None:
    """Return what tells the attribute or entry of an expression, whatever has it."""
    if isinstance(expression, ast.Attribute):
        return "attribute", expression.attr
    if isinstance(expression, ast.Subscript) and isinstance(expression.slice, ast.Constant):
        key = expression.slice.value
        return ("key", key) if isinstance(key, str) else None
    return None


def _returned(
    file: str, called: ast.expr | None, position: int | None, caller: ast.AST | None
) -> _Read | None:
    """Return the line in which a function returns what it has or was given, as it is."""
    if not isinstance(called, ast.Call):
        return None
    owner, _, name = ast.unparse(called.func).rpartition(".")
    functions = [e for e in nodes_of(file) if isinstance(e, ast.FunctionDef) and e.name == name]
    if owner == "self":
        classes = [e for e in nodes_of(file) if isinstance(e, ast.ClassDef) and caller in e.body]
        functions = [each for each in functions if any(each in e.body for e in classes)]
    returns = list(_returns(functions[0])) if len(functions) == 1 else []
    value = returns[0].value if len(returns) == 1 else None
    if isinstance(value, ast.Tuple) and position is not None and position < len(value.elts):
        value = value.elts[position]
    if isinstance(value, ast.List | ast.Tuple):
        return _Read(None, returns[0].lineno, functions[0])
    return _Read(value, returns[0].lineno, functions[0]) if isinstance(value, _PLAIN) else None


def _returns(function: ast.FunctionDef) -> Iterator[ast.Return]:
    return (each for each in ast.walk(function) if isinstance(each, ast.Return))
