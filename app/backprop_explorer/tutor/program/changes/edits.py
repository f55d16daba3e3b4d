"""Changes of one place in a statement, each the inverse of a mistake that students make."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import chain, combinations
from typing import Any

from backprop_explorer.tutor.mistakes import ids
from backprop_explorer.tutor.program.changes.kinds import (
    LEFT_OUT_KINDS,
    RARE_KINDS,
    TARGET_KINDS,
    USUAL_KINDS,
    Kind,
)
from backprop_explorer.tutor.program.changes.places import (
    ExpressionPlace,
    OtherExpression,
    Scope,
    SourceEdit,
    StatementEdit,
    loaded,
    parsed,
    placed_at,
    places_of,
)

_INVERSES = ({ast.Add, ast.Sub}, {ast.Mult, ast.Div})


def edits_of(
    statement: ast.stmt, scope: Scope, kinds: Sequence[Kind] = (*USUAL_KINDS, *RARE_KINDS)
) -> Iterator[SourceEdit]:
    """Yield the changes of one statement."""
    for place in places_of(statement):
        for kind in kinds if place.kind != "target" else set(TARGET_KINDS).intersection(kinds):
            for change in kind(place, scope):
                if not _contains_itself(place, change):
                    yield _ExpressionEdit(place, change)


def _contains_itself(place: ExpressionPlace, change: OtherExpression) -> bool:
    """Whether a list is put into itself: an array of it takes all memory."""
    called = getattr(place.owner, "func", None)
    appends = isinstance(called, ast.Attribute) and called.attr == "append"
    return appends and ast.unparse(change.new()) == ast.unparse(called.value)  # type: ignore[union-attr]


def edit_of(statement: ast.stmt, change: OtherExpression) -> SourceEdit:
    """Return a change of the whole value of a statement."""
    return _ExpressionEdit(next(places_of(statement)), change)


class _ExpressionEdit(SourceEdit):
    """Another expression in a place."""

    def __init__(self, place: ExpressionPlace, change: OtherExpression) -> None:
        self._place, self._change, self._old = place, change, place.expression
        self.line, self.name, self.price = self._old.lineno, change.name, change.price
        if place.kind == "index" and not isinstance(self._old, ast.Tuple | ast.Compare):
            self.name = ids.WRONG_OPERAND  # whatever the change is, it is another entry
        elif _is_case(place) and self.name in (ids.WRONG_OPERAND, ids.GRADIENT_SIGN):
            self.name = ids.WRONG_ACTIVATION_DERIVATIVE
        self.replaced = None if place.kind == "target" else self._replaced
        op = getattr(place.owner, "op", None)
        self.is_elementwise = op is not None and not isinstance(op, ast.MatMult)
        self.divides = isinstance(op, ast.Div) and place.field in ("right", "value")

    def make(self) -> None:
        new, old = copy.copy(self._change.new()), self._old
        if self._place.kind == "target" and isinstance(old.ctx, ast.Store):  # type: ignore[attr-defined]
            new.ctx = ast.Store()  # type: ignore[attr-defined]
        self._place.put(placed_at(new, old))

    def undo(self) -> None:
        self._place.put(self._old)

    def text(self) -> str:
        return f"{ast.unparse(self._old)} -> {ast.unparse(self._change.new())}"

    def _replaced(self) -> tuple[ast.expr, ast.expr]:
        return self._old, self._change.new()


def _is_case(place: ExpressionPlace) -> bool:
    """Whether an expression is a number that np.where gives: a slope below zero."""
    owner, node = place.owner, place.expression
    inner = node.operand if isinstance(node, ast.UnaryOp) else node
    is_where = isinstance(owner, ast.Call) and ast.unparse(owner.func) in (
        "np.where",
        "numpy.where",
    )
    return is_where and bool(place.at) and isinstance(inner, ast.Constant | ast.Name)


def _other_assignments(block: list[ast.stmt], at: int) -> Iterator[SourceEdit]:
    statement: Any = block[at]
    for op in (ast.Add, ast.Sub, ast.Mult, ast.Div):
        if not isinstance(statement.op, op):
            is_sign = {type(statement.op), op} == {ast.Add, ast.Sub}
            name, price = (ids.GRADIENT_SIGN, 0.7) if is_sign else (ids.GRADIENT_SCALE, 1.5)
            new = partial(ast.AugAssign, statement.target, op(), statement.value)
            value = statement.value
            other = parsed("-(x)" if is_sign else "1 / (x)", x=value)
            linear = {type(statement.op), op} in _INVERSES
            replaced = (lambda value=value, other=other: (value, other())) if linear else None
            yield StatementEdit(block, at, name, price, new, replaced)


def in_place_of_pass(
    block: list[ast.stmt], at: int, scope: Scope, targets: Sequence[ast.expr]
) -> Iterator[SourceEdit]:
    """Yield statements that change the value of one of ``targets``, in the place of one that does
    nothing.
    """
    statement = block[at]
    for target in targets:
        read = loaded(target)
        stored: Any = copy.copy(read)
        stored.ctx = ast.Store()
        new = ast.Assign([stored], read)
        ast.fix_missing_locations(ast.copy_location(new, statement))
        place = ExpressionPlace(new, "value", None, read)
        for change in chain.from_iterable(kind(place, scope) for kind in LEFT_OUT_KINDS):
            name = ids.MISSING_PATH if change.name == ids.WRONG_OPERAND else change.name
            yield StatementEdit(
                *(block, at, name, change.price - 0.2),
                lambda stored=stored, change=change: ast.Assign([stored], change.new()),  # type: ignore[misc]
                lambda target=target, change=change: (target, change.new()),  # type: ignore[misc]
            )


def _other_ends(call: ast.Call) -> Iterator[ast.stmt]:
    """Yield statements that put a value at the other end of a list."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    if name == "append" and len(call.args) == 1:
        text, value = "a.insert(0, v)", call.args[0]
    elif name == "insert" and len(call.args) == 2:
        text, value = "a.append(v)", call.args[1]
    else:
        return
    yield ast.Expr(parsed(text, a=call.func.value, v=value)())  # type: ignore[attr-defined]


def other_statements(
    block: list[ast.stmt], at: int, before: ast.expr | None
) -> Iterator[SourceEdit]:
    """Yield statements in the place of an assignment: it should add up, or change an array.

    ``before`` reads what it assigns to.
    """
    statement, found = block[at], list[tuple[ast.stmt, str, float]]()
    new: ast.stmt
    if isinstance(statement, ast.AugAssign):
        yield from _other_assignments(block, at)
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        found += [(each, ids.WRONG_OPERAND, 1.3) for each in _other_ends(statement.value)]
        for each in statement.value.args:
            if isinstance(each, ast.Name | ast.Attribute):
                stored: Any = copy.copy(each)
                stored.ctx = ast.Store()
                new = ast.Assign([stored], statement.value)
                found.append((new, ids.MISSING_PATH, 1.1))
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target, value = statement.targets[0], statement.value
        names = target.elts if isinstance(target, ast.Tuple) else []
        for one, two in combinations(range(len(names[:4])), 2):
            order = list(names)
            order[one], order[two] = order[two], order[one]
            new = ast.Assign([ast.Tuple(order, ast.Store())], value)
            found.append((new, ids.WRONG_OPERAND, 1.2))
        if isinstance(target, ast.Name | ast.Attribute | ast.Subscript):
            new = ast.AugAssign(target, ast.Add(), value)
            added = parsed("t + (v)", t=before or target, v=value)
            yield StatementEdit(
                *(block, at, ids.GRADIENT_OVERWRITTEN, 1.0),
                lambda: ast.Assign([target], added()),
                lambda: (value, added()),
            )
            found.append((new, ids.GRADIENT_OVERWRITTEN, 0.85))  # of an array with two names
            if isinstance(value, ast.BinOp) and ast.unparse(value.left) == ast.unparse(target):
                new = ast.AugAssign(target, value.op, value.right)
                found.append((new, ids.PARAMETER_NOT_UPDATED, 1.4))
    elif isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Subscript):
        signs = {ast.Add: "v", ast.Sub: "-(v)"}
        if type(statement.op) in signs:
            where = statement.target
            text = f"np.add.at(a, (i), {signs[type(statement.op)]})"
            call = parsed(text, a=where.value, i=where.slice, v=statement.value)()
            found.append((ast.Expr(call), ids.GRADIENT_OVERWRITTEN, 1.6))
    for other, name, price in found:
        yield StatementEdit(block, at, name, price, partial(copy.copy, other))
