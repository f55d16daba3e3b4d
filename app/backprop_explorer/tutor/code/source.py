"""The syntax of a student's source: the statement of a line, and the values of its parts."""

from __future__ import annotations

import ast
import linecache
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property, lru_cache
from typing import Any

import numpy as np


@lru_cache(maxsize=64)
def _parsed(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except SyntaxError:
        return None


class SourceFile:
    """The source of one file or cell."""

    def __init__(self, filename: str) -> None:
        self.filename = filename
        self.lines = linecache.getlines(filename)
        self.tree = _parsed("".join(self.lines)) if self.lines else None

    @cached_property
    def _statements(self) -> dict[int, ast.stmt]:
        """The innermost statement of each line."""
        found: dict[int, ast.stmt] = {}
        for node in ast.walk(self.tree) if self.tree is not None else ():
            if not isinstance(node, ast.stmt) or node.end_lineno is None:
                continue
            end = node.end_lineno
            if isinstance(node, ast.For | ast.While | ast.If | ast.With | ast.FunctionDef):
                end = max(node.lineno, node.body[0].lineno - 1)
            for line in range(node.lineno, end + 1):
                if line not in found or node.lineno >= found[line].lineno:
                    found[line] = node
        return found

    def statement(self, line: int) -> ast.stmt | None:
        """Return the innermost statement that covers a line; compound ones have only their head."""
        return self._statements.get(line)

    def first_line(self, line: int) -> int:
        """Return the first line of the statement that covers ``line``."""
        statement = self.statement(line)
        return line if statement is None else statement.lineno

    def loop(self, line: int) -> ast.For | None:
        """Return the innermost ``for`` statement around a line."""
        found: ast.For | None = None
        for node in ast.walk(self.tree) if self.tree is not None else ():
            if isinstance(node, ast.For) and node.lineno < line <= (node.end_lineno or 0):
                found = node if found is None or node.lineno >= found.lineno else found
        return found

    @cached_property
    def _functions(self) -> dict[int, ast.FunctionDef]:
        """The innermost function of each line."""
        found: dict[int, ast.FunctionDef] = {}
        for node in ast.walk(self.tree) if self.tree is not None else ():
            if isinstance(node, ast.FunctionDef):
                for line in range(node.lineno, (node.end_lineno or 0) + 1):
                    if line not in found or node.lineno >= found[line].lineno:
                        found[line] = node
        return found

    def function(self, line: int) -> ast.FunctionDef | None:
        """Return the innermost function that contains a line."""
        return self._functions.get(line)

    def constant(self, name: str, number: float) -> int | None:
        """Return the line that gives a variable of the file this number, or None."""
        for node in self.tree.body if self.tree is not None else ():
            if isinstance(node, ast.Assign | ast.AnnAssign) and is_number(node.value, number):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                if any(isinstance(each, ast.Name) and each.id == name for each in targets):
                    return node.lineno
        return None


def is_number(node: ast.AST | None, number: float) -> bool:
    """Whether an expression is this number."""
    return (
        isinstance(node, ast.Constant)
        and isinstance(node.value, int | float)
        and node.value == number
    )


class UnknownValueError(Exception):
    """The value of an expression is not known without running the student's code again."""


_OPERATORS: Mapping[type, Callable[[Any, Any], Any]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
    ast.MatMult: lambda a, b: a @ b,
    ast.Pow: lambda a, b: a**b,
    ast.FloorDiv: lambda a, b: a // b,
    ast.Mod: lambda a, b: a % b,
}
_PURE_METHODS = frozenset(
    {"dot", "sum", "mean", "transpose", "reshape", "ravel", "flatten", "copy", "astype", "outer"}
)
_IMPURE_FUNCTIONS = frozenset({"fill_diagonal", "put", "place", "copyto", "seed", "save", "load"})


class Evaluator:
    """Computes expressions again from the variables before a line.

    Only arithmetic and NumPy's functions are computed. ``call`` returns what a call of a student's
    function returned, or raises UnknownValueError.
    """

    def __init__(
        self,
        variables: Mapping[str, Any],
        scope: Mapping[str, Any],
        call: Callable[[ast.Call], Any],
    ) -> None:
        self.variables = variables
        self.scope = scope
        self.call = call
        self._known: dict[ast.AST, Any] = {}

    def value(self, node: ast.expr) -> Any:
        """Return the value of an expression. Raises UnknownValueError, or what NumPy raises."""
        if node not in self._known:
            self._known[node] = self._compute(node)
        return self._known[node]

    def known(self, node: ast.expr) -> Any:
        """Return the value of an expression, None if it is unknown or raises."""
        try:
            with np.errstate(all="ignore"):
                return self.value(node)
        except Exception:  # noqa: BLE001 - a student's objects may raise anything
            return None

    def _compute(self, node: ast.expr) -> Any:  # noqa: C901 - one branch for each kind of node
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.Name):
            for names in (self.variables, self.scope):
                if node.id in names:
                    return names[node.id]
            builtin = {"len": len, "range": range, "float": float, "int": int, "sum": sum}
            if node.id in builtin:
                return builtin[node.id]
            raise UnknownValueError(node.id)
        if isinstance(node, ast.Attribute):
            return getattr(self.value(node.value), node.attr)
        if isinstance(node, ast.Subscript):
            return self.value(node.value)[self.value(node.slice)]
        if isinstance(node, ast.Slice):
            parts = (node.lower, node.upper, node.step)
            return slice(*(None if part is None else self.value(part) for part in parts))
        if isinstance(node, ast.Tuple | ast.List):
            items = [self.value(each) for each in node.elts]
            return tuple(items) if isinstance(node, ast.Tuple) else items
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return -self.value(node.operand)
        if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
            return _OPERATORS[type(node.op)](self.value(node.left), self.value(node.right))
        if isinstance(node, ast.Call):
            return self._computed_call(node)
        raise UnknownValueError(ast.dump(node)[:40])

    def _computed_call(self, node: ast.Call) -> Any:
        function = self.value(node.func)
        module = str(getattr(function, "__module__", "") or type(function).__module__)
        numpy_function = module.split(".")[0] in ("numpy", "autograd") or isinstance(
            function, np.ufunc
        )
        name = getattr(function, "__name__", "")
        bound = getattr(function, "__self__", None)
        if isinstance(bound, np.ndarray):
            numpy_function = name in _PURE_METHODS
        if function in (len, float, int, range) or (
            numpy_function and name not in _IMPURE_FUNCTIONS and "random" not in module
        ):
            arguments = [self.value(each) for each in node.args]
            keywords = {each.arg: self.value(each.value) for each in node.keywords if each.arg}
            return function(*arguments, **keywords)
        return self.call(node)


def expressions(statement: ast.AST) -> Iterator[ast.expr]:
    """Yield the expressions of a statement, inner ones before outer ones; no inner functions."""
    for child in ast.iter_child_nodes(statement):
        if isinstance(child, ast.stmt | ast.Lambda | ast.comprehension):
            continue
        yield from expressions(child)
        if isinstance(child, ast.expr) and not isinstance(getattr(child, "ctx", None), ast.Store):
            yield child
