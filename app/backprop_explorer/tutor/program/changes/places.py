"""Places of expressions in a statement, and what may stand in them."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple, Protocol, TypeVar

import numpy as np

_Node = TypeVar("_Node", bound=ast.AST)

# Of calls with other functions in them nothing is known before they run.
_PURE = frozenset({"T", "sum", "mean", "dot", "reshape", "transpose", "copy", "astype", "shape"})


class Value(NamedTuple):
    """What is known of an expression where its line first runs; ``bits`` tell values apart."""

    shape: tuple[int, ...]
    bits: int


class OtherExpression(NamedTuple):
    """Another expression in a place: what is built, the name of the mistake, and its price."""

    new: Callable[[], ast.expr]
    name: str
    price: float


@dataclass(eq=False)
class ExpressionPlace:
    """A place of an expression in a syntax tree."""

    owner: ast.AST
    field: str
    at: int | None
    expression: ast.expr
    kind: str = "value"  # "called", "index", "owner" of an attribute, "target"

    def put(self, new: ast.expr) -> None:
        """Put another expression there."""
        if self.at is None:
            setattr(self.owner, self.field, new)
        else:
            getattr(self.owner, self.field)[self.at] = new


class SourceEdit(Protocol):
    """One change of the source; ``line`` is that of what changes.

    ``replaced`` gives the expression that changes and what stands there then; None of a statement.
    """

    line: int
    name: str
    price: float
    replaced: Callable[[], tuple[ast.expr, ast.expr]] | None
    is_elementwise: bool = False  # what changes is an operand of +, -, *, / or **
    divides: bool = False  # it is what a value is divided by

    def make(self) -> None:
        """Change the syntax tree."""

    def undo(self) -> None:
        """Change the syntax tree back."""

    def text(self) -> str:
        """Return what changes, as source."""


@dataclass(eq=False)
class StatementEdit(SourceEdit):
    """Another statement in the place of one in a block."""

    block: list[ast.stmt]
    at: int
    name: str
    price: float
    new: Callable[[], ast.stmt]
    replaced: Callable[[], tuple[ast.expr, ast.expr]] | None = None

    def __post_init__(self) -> None:
        """Keep the statement that stands there."""
        self._old = self.block[self.at]
        self.line = self._old.lineno

    def _made(self) -> ast.stmt:
        return placed_at(self.new(), self._old)

    def make(self) -> None:
        self.block[self.at] = self._made()

    def undo(self) -> None:
        self.block[self.at] = self._old

    def text(self) -> str:
        return f"{ast.unparse(self._old)} -> {ast.unparse(self._made())}"


@dataclass(eq=False)
class Scope:
    """What may stand in the expressions of a statement, and what is known of their values."""

    values: Mapping[str, Value]
    operands: Sequence[ast.expr]
    factors: Sequence[ast.expr]  # what the function multiplies or divides by
    calls: Sequence[ast.expr]  # functions of one argument that the program calls
    sizes: Sequence[int] = ()
    keys: Sequence[str] = ()  # strings by which the program reads entries
    words: Sequence[str] = ()  # strings that functions are given or compare with
    slopes: Sequence[str] = ()  # names of functions that give derivatives
    flags: Mapping[str, tuple[str, bool]] = field(default_factory=dict)  # of functions, by name
    unread: Sequence[ast.expr] = ()  # variables that nothing reads
    siblings: Mapping[str, Sequence[str]] = field(default_factory=dict)  # other attributes
    indices: Sequence[ast.expr] = ()  # by which the function reads or sets entries
    slices: Sequence[ast.expr] = ()
    other_calls: Sequence[ast.expr] = ()  # what other functions call with one argument
    beside: Sequence[ast.expr] = ()  # functions of objects of which a statement calls others
    # Kept with its text: the id of an expression that is gone can be that of another one.
    texts: dict[int, tuple[ast.expr, str]] = field(default_factory=dict)

    def value(self, node: ast.expr) -> Value | None:
        """Return what is known of an expression."""
        return self.values.get(self.text(node))

    def text(self, node: ast.expr) -> str:
        """Return the source of an expression."""
        if id(node) not in self.texts:
            self.texts[id(node)] = node, source_of(node)
        return self.texts[id(node)][1]


def source_of(node: ast.AST) -> str:
    """Return the source of an expression, quickly that of a variable or an attribute."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return f"{node.value.id}.{node.attr}"
    return ast.unparse(node)


def is_pure(node: ast.AST) -> bool:
    """Whether to compute an expression changes nothing."""
    for each in ast.walk(node):
        if isinstance(each, ast.Call):
            function = each.func
            known = isinstance(function, ast.Attribute) and (
                function.attr in _PURE
                or (isinstance(function.value, ast.Name) and function.value.id in ("np", "numpy"))
            )
            random = "random" in ast.unparse(function)
            if not known or random:
                return False
        elif isinstance(each, ast.NamedExpr | ast.Await | ast.Yield | ast.YieldFrom | ast.Lambda):
            return False
    return True


def is_operand(node: ast.expr) -> bool:
    """Whether an expression is a variable, an attribute or an entry."""
    return isinstance(node, ast.Name | ast.Attribute | ast.Subscript)


def value_of(found: Any) -> Value | None:
    """Return what is kept of a value; None of what is no number or array."""
    if isinstance(found, np.ndarray | int | float | np.number) and not isinstance(found, bool):
        array = np.asarray(found)
        if array.dtype.kind in "fiub":
            return Value(array.shape, hash(array.tobytes()))
    return None


def places_of(statement: ast.stmt) -> Iterator[ExpressionPlace]:
    """Yield the expressions of a statement, but not those of statements in it."""
    if isinstance(statement, ast.For):
        yield from _inside(ExpressionPlace(statement, "iter", None, statement.iter))
    elif isinstance(statement, ast.If | ast.While):
        yield from _inside(ExpressionPlace(statement, "test", None, statement.test))
    elif isinstance(statement, ast.Assign | ast.AugAssign | ast.Return | ast.Expr | ast.AnnAssign):
        value = statement.value
        if value is not None:
            yield from _inside(ExpressionPlace(statement, "value", None, value))
        targets = statement.targets if isinstance(statement, ast.Assign) else ()
        for at, target in enumerate(targets):
            yield from _target(ExpressionPlace(statement, "targets", at, target, "target"))
        if isinstance(statement, ast.AugAssign):
            yield from _target(
                ExpressionPlace(statement, "target", None, statement.target, "target")
            )


def _target(place: ExpressionPlace) -> Iterator[ExpressionPlace]:
    target = place.expression
    if isinstance(target, ast.Subscript):
        yield ExpressionPlace(target, "value", None, target.value, "target")
        yield from _inside(ExpressionPlace(target, "slice", None, target.slice, "index"))
    elif not isinstance(target, ast.Tuple | ast.List):
        yield place


def _inside(place: ExpressionPlace) -> Iterator[ExpressionPlace]:
    yield place
    node, fields = place.expression, ast.iter_fields(place.expression)
    for name, value in fields:
        for at, each in enumerate(value) if isinstance(value, list) else ((None, value),):
            kind = "index" if place.kind == "index" else "value"
            if isinstance(node, ast.Call) and name == "func":
                kind = "called"
            elif isinstance(node, ast.Subscript) and name == "slice":
                kind = "index"
            elif isinstance(node, ast.Attribute) or (
                isinstance(node, ast.Subscript) and name == "value"
            ):
                kind = "owner"
            if isinstance(each, ast.FormattedValue):
                yield from _inside(ExpressionPlace(each, "value", None, each.value, kind))
            elif isinstance(each, ast.expr) and not isinstance(node, ast.JoinedStr):
                yield from _inside(ExpressionPlace(node, name, at, each, kind))
            elif isinstance(each, ast.keyword):
                yield from _inside(ExpressionPlace(each, "value", None, each.value, kind))
            elif isinstance(each, ast.comprehension):
                yield from _inside(ExpressionPlace(each, "iter", None, each.iter, kind))


def loaded(node: ast.expr) -> ast.expr:
    """Return an expression as one that is read. Trees share what does not change."""
    if isinstance(getattr(node, "ctx", None), ast.Store):
        node = copy.copy(node)
        node.ctx = ast.Load()  # type: ignore[attr-defined]
    return node


def parsed(pattern: str, **parts: ast.expr) -> Callable[[], ast.expr]:
    """Return what builds the expression of a pattern with other expressions in it."""

    return lambda: _filled(tree_of(pattern), parts)


def placed_at(new: _Node, old: ast.AST) -> _Node:
    """Return a copy of a tree, all in the place of another one: operands have the lines where
    they were found, and what counts how often a line runs would count them there.
    """
    found = copy.deepcopy(new)
    for each in ast.walk(found):
        if "lineno" in each._attributes:
            ast.copy_location(each, old)
    return found


@lru_cache(1024)
def tree_of(pattern: str) -> ast.expr:
    return ast.parse(pattern, mode="eval").body


def _filled(node: Any, parts: Mapping[str, ast.expr]) -> Any:
    """Return a copy of a tree with expressions in the place of names."""
    if isinstance(node, ast.Name) and node.id in parts:
        return loaded(parts[node.id])
    if isinstance(node, list):
        return [_filled(each, parts) for each in node]
    if not isinstance(node, ast.AST) or not node._fields:
        return node
    found = copy.copy(node)
    for name in node._fields:
        setattr(found, name, _filled(getattr(node, name), parts))
    return found


def as_it_is(node: ast.expr) -> Callable[[], ast.expr]:
    return lambda: loaded(node)


def with_others(node: Any, instead: Mapping[str, ast.expr], scope: Scope) -> Any:
    """Return a copy of a tree with other expressions for those of some sources."""
    if isinstance(node, list):
        return [with_others(each, instead, scope) for each in node]
    if not isinstance(node, ast.AST) or not node._fields:
        return node
    if isinstance(node, ast.expr) and scope.text(node) in instead:
        return instead[scope.text(node)]
    found = copy.copy(node)
    for name in node._fields:
        setattr(found, name, with_others(getattr(node, name), instead, scope))
    return found
