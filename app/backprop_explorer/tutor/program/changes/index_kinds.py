"""Kinds of changes of what an array is read or set at: indices, slices, parts and entries."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import partial
from itertools import combinations, permutations

from backprop_explorer.tutor.mistakes import ids
from backprop_explorer.tutor.program.changes.places import (
    ExpressionPlace,
    OtherExpression,
    Scope,
    as_it_is,
    is_operand,
    parsed,
)

_OF_STRIDE = re.compile(r"strid|step|pool|factor|size|(^|[._])s\d?$", re.IGNORECASE)
MAX_INDICES = 8


def indices(place: ExpressionPlace, scope: Scope) -> Iterator[OtherExpression]:
    node = place.expression
    if place.kind == "index" and not isinstance(node, ast.Tuple | ast.Slice):
        yield OtherExpression(parsed("x + 1", x=node), ids.WRONG_OPERAND, 1.0)
        yield OtherExpression(parsed("x - 1", x=node), ids.WRONG_OPERAND, 1.0)
        yield OtherExpression(lambda: ast.Constant(-1), ids.WRONG_OPERAND, 1.15)
        for each in scope.operands if isinstance(node, ast.Constant) else ():
            if isinstance(each, ast.Name) and scope.value(each) and not scope.value(each).shape:  # type: ignore[union-attr]
                for text in ("n", "-n", "n - 1"):
                    yield OtherExpression(parsed(text, n=each), ids.WRONG_OPERAND, 1.15)
        for each in scope.operands if isinstance(node, ast.Name) else ():
            known = scope.value(each)
            if known is not None and not known.shape and _OF_STRIDE.search(scope.text(each)):
                yield OtherExpression(parsed("x * n", x=node, n=each), ids.WRONG_OPERAND, 1.3)
    elif place.kind == "index" and isinstance(node, ast.Slice):
        yield from _slices(node, scope)


def _slices(node: ast.Slice, scope: Scope) -> Iterator[OtherExpression]:
    whole = node.lower is None and node.upper is None and node.step is None
    for each in scope.operands if whole else ():
        value = scope.value(each)
        if value is not None and len(value.shape) <= 1:
            yield OtherExpression(as_it_is(each), ids.WRONG_OPERAND, 1.25)
    bounds = [each for each in (node.lower, node.upper) if each is not None]
    for step in ("+ 1", "- 1") if len(bounds) == 2 else ():
        ends = [parsed(f"x {step}", x=each)() for each in bounds]
        moved = partial(ast.Slice, ends[0], ends[1], node.step)
        yield OtherExpression(moved, ids.WRONG_OPERAND, 1.1)
    for lower, upper in _other_ends(node):
        new = partial(ast.Slice, lower, upper, node.step)
        yield OtherExpression(new, ids.WRONG_OPERAND, 0.9)
    for each in scope.slices[:MAX_INDICES] if bounds else ():
        if scope.text(each) != scope.text(node):
            yield OtherExpression(as_it_is(each), ids.WRONG_OPERAND, 0.95)
    for size in scope.sizes if whole else ():
        yield OtherExpression(parsed(f"range({size})"), ids.WRONG_OPERAND, 1.25)


def _other_ends(node: ast.Slice) -> Iterator[tuple[ast.expr | None, ast.expr | None]]:
    """Yield the bounds of the other part of an array: n: and -n: for :n, n: for :-n."""
    bound = node.lower or node.upper
    if bound is None or (node.lower and node.upper):
        return
    if isinstance(bound, ast.UnaryOp) and isinstance(bound.op, ast.USub):
        yield (bound.operand, None) if node.upper else (None, bound.operand)
    elif node.upper:
        yield from ((bound, None), (ast.UnaryOp(ast.USub(), bound), None))
    else:
        yield from ((None, bound), (None, ast.UnaryOp(ast.USub(), bound)))


def shifted_parts(place: ExpressionPlace, scope: Scope) -> Iterator[OtherExpression]:
    """A part of an array that begins elsewhere, along some axes: x[p : p + n] for x[:n]."""
    node = place.expression
    if not isinstance(node, ast.Subscript):
        return
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    own, whole = scope.value(node), scope.value(node.value)
    slices = [k for k, each in enumerate(parts) if isinstance(each, ast.Slice)]
    if own is None or whole is None or len(slices) < len(parts) or len(own.shape) < len(parts):
        return
    cut = [k for k in slices if own.shape[k] < whole.shape[k]]
    found = {tuple((k, begin) for k in cut) for begin in (0, 1, 2) if cut}
    found |= {tuple((k, (whole.shape[k] - own.shape[k]) // 2) for k in cut)} if cut else set()
    for k in cut:
        left = whole.shape[k] - own.shape[k]
        found |= {((k, begin),) for begin in (0, left // 2, left)}
    for begins_at in sorted(found):
        if all(begin + own.shape[k] <= whole.shape[k] for k, begin in begins_at):
            ends = {k: f"{begin}:{begin + own.shape[k]}" for k, begin in begins_at}
            kept = [ends.get(k) or ast.unparse(each) for k, each in enumerate(parts)]
            new = parsed(f"x[{', '.join(kept)}]", x=node.value)
            yield OtherExpression(new, ids.WRONG_OPERAND, 1.4)


def other_entries(place: ExpressionPlace, scope: Scope) -> Iterator[OtherExpression]:
    """An entry that the function does not read elsewhere: w[f] for another array of its shape."""
    node, own = place.expression, scope.value(place.expression)
    if place.kind != "value" or own is None or not is_operand(node):
        return
    for each in scope.operands:
        known = scope.value(each)
        if known is not None and known.shape and known.shape[1:] == own.shape:
            for at in scope.indices[:MAX_INDICES]:
                new = parsed("n[i]", n=each, i=at)
                yield OtherExpression(new, ids.WRONG_OPERAND, 1.3)


def previous_entries(place: ExpressionPlace, scope: Scope) -> Iterator[OtherExpression]:
    """The entry before, but in the first round another array: h[t - 1] if t > 0 else h0."""
    node, own = place.expression, scope.value(place.expression)
    if place.kind != "value" or own is None or not isinstance(node, ast.Subscript):
        return
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    for k, at in enumerate(parts):
        if isinstance(at, ast.Name):
            before = [*parts[:k], parsed("t - 1", t=at)(), *parts[k + 1 :]]
            index = before[0] if len(parts) == 1 else ast.Tuple(before, ast.Load())
            entry = ast.Subscript(node.value, index, ast.Load())
            for each in scope.operands:
                known = scope.value(each)
                if isinstance(each, ast.Name) and known and known.shape == own.shape != ():
                    new = parsed("x if t > 0 else n", x=entry, t=at, n=each)
                    yield OtherExpression(new, ids.WRONG_OPERAND, 1.3)


def other_indices(place: ExpressionPlace, scope: Scope) -> Iterator[OtherExpression]:
    """Another index of the function; one that runs the other way."""
    node, owner = place.expression, place.owner
    if place.kind != "index" or isinstance(node, ast.Slice):
        return
    if not isinstance(node, ast.Tuple) and isinstance(owner, ast.Subscript | ast.Tuple):
        for each in scope.indices[:MAX_INDICES]:
            if scope.text(each) != scope.text(node):
                yield OtherExpression(as_it_is(each), ids.WRONG_OPERAND, 0.9)
    elif isinstance(node, ast.Tuple) and isinstance(owner, ast.Subscript):
        turned = [_turned_index(each) for each in node.elts]
        if any(turned):
            items = [new or old for new, old in zip(turned, node.elts, strict=True)]
            new = partial(ast.Tuple, items, ast.Load())
            yield OtherExpression(new, ids.KERNEL_FLIPPED, 0.6)
        for one, two in combinations(range(len(node.elts)), 2):
            for first, second in permutations(scope.unread[:4], 2):
                items = list(node.elts)
                items[one], items[two] = first, second
                new = partial(ast.Tuple, items, ast.Load())
                yield OtherExpression(new, ids.WRONG_OPERAND, 1.1)


def _turned_index(node: ast.expr) -> ast.expr | None:
    """Return i of n - 1 - i."""
    is_difference = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub)
    last = node.right if is_difference else None  # type: ignore[attr-defined]
    return last if isinstance(last, ast.Name) else None
