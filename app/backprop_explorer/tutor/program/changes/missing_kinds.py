"""Kinds of changes of what is missing in an expression: factors, slopes, weights and terms."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from math import prod

import numpy as np

from backprop_explorer.tutor.mistakes import ids
from backprop_explorer.tutor.program.changes.places import (
    ExpressionPlace,
    OtherExpression,
    Scope,
    Value,
    as_it_is,
    is_operand,
    parsed,
)
from backprop_explorer.tutor.program.changes.slope_kinds import less_than_one
from backprop_explorer.tutor.program.source import OF_RATE

_TAKEN_OFF = (
    "g - x * (x * g).mean(k, keepdims=True)",
    "g - x * (x * g).sum(k, keepdims=True)",
    "g - (x * g).sum(k, keepdims=True)",
)
_OF_MASK = re.compile(r"mask|drop|keep", re.IGNORECASE)
MAX_FACTORS, MAX_CALLS, MAX_EXCHANGED, MAX_PRODUCTS, MAX_AXES = 24, 8, 8, 60, 16
_OF_ARRAYS = frozenset({"T", "dot", "sum", "mean", "reshape", "transpose"})


def missing_factors(place: ExpressionPlace, scope: Scope) -> Iterator[OtherExpression]:
    """A missing factor that other values of the function are multiplied by."""
    if not is_whole(place) or not _may_be_scaled(place):
        return
    yield from _by_factors(place, scope, 1.2)


def _by_factors(place: ExpressionPlace, scope: Scope, price: float) -> Iterator[OtherExpression]:
    node = place.expression
    value = scope.value(node)
    for each in scope.factors[:MAX_FACTORS]:
        known = scope.value(each)
        if known is not None and value is not None and not _fits(known.shape, value.shape):
            continue
        scalar = known is not None and not known.shape
        is_rate = scalar and OF_RATE.search(scope.text(each))
        scale = ids.LEARNING_RATE_MISSING if is_rate else ids.GRADIENT_SCALE
        name = scale if scalar else ids.MISSING_FACTOR
        yield OtherExpression(parsed("(x) * (f)", x=node, f=each), name, price)
        if scalar or known is None:
            correction = _correction(each)
            scale = ids.GRADIENT_SCALE if correction is None else ids.BIAS_CORRECTION_MISSING
            yield OtherExpression(parsed("(x) / (f)", x=node, f=each), scale, price)
            if correction is not None:
                for other in scope.operands:
                    if (rate := scope.value(other)) is not None and not rate.shape:
                        new = parsed("(x) / (1 - r ** t)", x=node, r=other, t=correction)
                        yield OtherExpression(new, scale, price)


def _correction(factor: ast.expr) -> ast.expr | None:
    """Return t of 1 - beta ** t, which corrects an average that began at 0."""
    power = less_than_one(factor)
    is_power = isinstance(power, ast.BinOp) and isinstance(power.op, ast.Pow)
    return power.right if is_power else None  # type: ignore[union-attr]


def is_whole(place: ExpressionPlace) -> bool:
    """Whether a statement computes just this, or this in one case, or a list of it and others."""
    owner = place.owner
    branch = isinstance(owner, ast.IfExp) and place.field != "test"
    whole = branch or isinstance(owner, ast.Tuple | ast.List | ast.stmt)
    return whole and place.kind == "value"


def _may_be_scaled(place: ExpressionPlace) -> bool:
    method = place.owner.attr if isinstance(place.owner, ast.Attribute) else ""
    if place.kind != "value" and method not in ("T", "dot", "reshape", "sum", "mean"):
        return False
    return not isinstance(place.expression, ast.Constant | ast.Tuple | ast.List | ast.Compare)


def more_factors(place: ExpressionPlace, scope: Scope) -> Iterator[OtherExpression]:
    """A factor that is missing: a number, an array, a slope; within an expression."""
    node, outer = place.expression, is_whole(place)
    method = place.owner.attr if isinstance(place.owner, ast.Attribute) else ""
    if not _may_be_scaled(place):
        return
    value = scope.value(node)
    if not outer:
        yield from _by_factors(place, scope, 1.4)
    inner = isinstance(place.owner, ast.BinOp | ast.Call) or method in ("sum", "mean")
    if not outer and not inner:
        return
    for number in (2, *scope.sizes) if outer or value is not None else ():
        for text in ("(x) * {}", "(x) / {}"):
            yield OtherExpression(
                parsed(text.format(number), x=node), ids.GRADIENT_SCALE, 1.5 if outer else 1.8
            )
    yield from _slopes(place, scope, value, 1.4 if outer else 1.6)


def _slopes(
    place: ExpressionPlace, scope: Scope, value: Value | None, price: float
) -> Iterator[OtherExpression]:
    node, name = place.expression, ids.MISSING_ACTIVATION_DERIVATIVE
    for each in scope.operands:
        known = scope.value(each)
        of_rows = known is not None and value is not None and _is_of_rows(known.shape, value.shape)
        if of_rows and known is not None and known.shape != value.shape[1:]:  # type: ignore[union-attr]
            new = parsed("(x) * n[:, None]", x=node, n=each)
            yield OtherExpression(new, ids.MISSING_FACTOR, price)
        if known is not None and value is not None and _widens(known.shape, value.shape):
            new = parsed("(x) * (n)", x=node, n=each)
            yield OtherExpression(new, ids.MISSING_FACTOR, price)
        if known is None or (value is not None and not _fits(known.shape, value.shape)):
            continue
        if not known.shape:
            is_rate = OF_RATE.search(scope.text(each)) is not None
            scale = ids.LEARNING_RATE_MISSING if is_rate else ids.GRADIENT_SCALE
            yield OtherExpression(parsed("(x) * (n)", x=node, n=each), scale, price)
            for text in ("(x) / (n)", "(x) / np.sqrt(n)"):
                yield OtherExpression(parsed(text, x=node, n=each), ids.GRADIENT_SCALE, price)
            # A network in lists has numbers for activations.
            for text in ("n * (1 - n)", "1 - n ** 2") if isinstance(each, ast.Subscript) else ():
                yield OtherExpression(parsed(f"(x) * ({text})", x=node, n=each), name, price + 0.2)
            continue
        is_mask = _OF_MASK.search(scope.text(each)) is not None
        factor = ids.MASK_MISSING if is_mask else ids.MISSING_FACTOR
        yield OtherExpression(parsed("(x) * (n)", x=node, n=each), factor, price - 0.4 * is_mask)
        if value is not None and known.shape != value.shape:
            yield OtherExpression(parsed("(x) / (n)", x=node, n=each), factor, price)
            continue
        for text in ("n * (1 - n)", "1 - n ** 2", "n > 0", "1 - n", "1 - np.tanh(n) ** 2"):
            own = ids.MASK_MISSING if is_mask else name
            yield OtherExpression(parsed(f"(x) * ({text})", x=node, n=each), own, price)
        for call in scope.calls[:MAX_CALLS]:
            yield OtherExpression(parsed("(x) * f(n)", x=node, n=each, f=call), name, price)


def factors_of_sums(place: ExpressionPlace, scope: Scope) -> Iterator[OtherExpression]:
    """A factor that is missing where what is added to an array has fewer entries: the input of a
    layer, or of a unit.
    """
    node, owner = place.expression, place.owner
    if not isinstance(owner, ast.AugAssign) or place.field != "value":
        return
    whole, value = scope.value(owner.target), scope.value(node)
    if whole is None or value is None or len(whole.shape) != len(value.shape) + 1:
        return
    for each in scope.operands:
        known = scope.value(each)
        if known is None or len(known.shape) != 1:
            continue
        texts = ("(x) * n[:, None]", "(x)[:, None] * n") if value.shape else ("(x) * n",)
        shapes = (known.shape + value.shape, value.shape + known.shape)
        for text, shape in zip(texts, shapes, strict=False):
            if shape == whole.shape:
                yield OtherExpression(parsed(text, x=node, n=each), ids.MISSING_FACTOR, 1.0)


def missing_terms(place: ExpressionPlace, scope: Scope) -> Iterator[OtherExpression]:
    """A term that is missing: what goes another path, an error without its target."""
    node, value = place.expression, scope.value(place.expression)
    if not is_whole(place) or place.kind != "value":
        return
    for text in ("(x) - 1", "(x) + 1"):
        yield OtherExpression(parsed(text, x=node), ids.MISSING_PATH, 1.6)
    for each in scope.operands:
        known = scope.value(each)
        if known is not None and value is not None and _is_of_rows(known.shape, value.shape):
            new = parsed(f"(x) - np.eye({value.shape[1]})[n]", x=node, n=each)  # classes
            yield OtherExpression(new, ids.MISSING_PATH, 1.6)
        if known is not None and value is not None and known.shape == value.shape and known.shape:
            yield OtherExpression(parsed("(x) + n", x=node, n=each), ids.MISSING_PATH, 1.4)
            yield OtherExpression(parsed("(x) - n", x=node, n=each), ids.MISSING_PATH, 1.5)
            for factor in scope.factors[:MAX_FACTORS]:
                scalar = scope.value(factor)
                if scalar is not None and not scalar.shape:
                    new = parsed("(x) + (f) * n", x=node, n=each, f=factor)
                    yield OtherExpression(new, ids.PENALTY_GRADIENT_MISSING, 2.0)
            continue
        if known is not None and value is not None and known.shape:
            yield from _by_statistics(node, value, each, known, scope, 2.0)


def missing_weights(place: ExpressionPlace, scope: Scope) -> Iterator[OtherExpression]:
    """A product with weights that is missing: of the whole value, or of a factor of it."""
    node, value, owner = place.expression, scope.value(place.expression), place.owner
    is_factor = isinstance(owner, ast.BinOp) and isinstance(owner.op, ast.Mult)
    is_factor |= isinstance(owner, ast.Call) and ast.unparse(owner.func).endswith("multiply")
    if place.kind != "value" or not (is_whole(place) or (is_factor and is_operand(node))):
        return
    for each in scope.operands if value is not None and value.shape else ():
        known = scope.value(each)
        if known is None or len(known.shape) != 2:
            continue
        for text in ("(x) @ n", "(x) @ n.T", "n @ (x)", "n.T @ (x)"):
            sides = known.shape[::-1] if ".T" in text else known.shape
            at_end = text.startswith("(")
            if sides[0 if at_end else 1] == value.shape[-1 if at_end else 0]:  # type: ignore[union-attr]
                new = parsed(text, x=node, n=each)
                yield OtherExpression(new, ids.MISSING_WEIGHTS_BACKWARD, 1.8)


def errors_alone(place: ExpressionPlace, scope: Scope) -> Iterator[OtherExpression]:
    """An error without its target, or without its prediction, within an expression."""
    node, value = place.expression, scope.value(place.expression)
    method = place.owner.attr if isinstance(place.owner, ast.Attribute) else ""
    inner = isinstance(place.owner, ast.BinOp | ast.Call) and place.kind == "value"
    if not (inner or method in _OF_ARRAYS) or not is_operand(node) or not value or not value.shape:
        return
    for each in scope.operands:
        known = scope.value(each)
        if known is not None and known.shape == value.shape and known.bits != value.bits:
            for text in ("(x) - n", "n - (x)"):
                yield OtherExpression(parsed(text, x=node, n=each), ids.MISSING_PATH, 1.5)


def centred_values(place: ExpressionPlace, scope: Scope) -> Iterator[OtherExpression]:
    """What a mean, a norm or a softmax takes from a gradient: g - x mean(x g), g - mean(g)."""
    node, owner, value = place.expression, place.owner, scope.value(place.expression)
    scaled = isinstance(owner, ast.BinOp) and isinstance(owner.op, ast.Mult | ast.Div)
    if not (scaled or is_whole(place)) or place.kind != "value":
        return
    if value is None or not 1 <= len(value.shape) <= 3 or isinstance(node, ast.Constant):
        return
    for axis in (-1, 0)[: len(value.shape)]:
        along = ast.Constant(axis)
        new = parsed("g - g.mean(k, keepdims=True)", g=node, k=along)
        yield OtherExpression(new, ids.MISSING_PATH, 1.8)
        for each in scope.operands:
            known = scope.value(each)
            if known is not None and known.shape == value.shape and known.bits != value.bits:
                for text in _TAKEN_OFF:
                    new = parsed(text, g=node, x=each, k=along)
                    yield OtherExpression(new, ids.MISSING_PATH, 1.9)


def missing_products(place: ExpressionPlace, scope: Scope) -> Iterator[OtherExpression]:
    """A missing term: the product of two matrices or vectors."""
    node, value = place.expression, scope.value(place.expression)
    if not is_whole(place) or place.kind != "value":
        return
    known = [(each, scope.value(each)) for each in scope.operands]
    axes = [(each, v.shape) for each, v in known if v is not None and 1 <= len(v.shape) <= 2]
    found = 0
    for one, first in axes if value is not None and value.shape else ():
        for other, second in axes:
            for text, a, b in (
                *(("a @ b", first, second), ("a.T @ b", first[::-1], second)),
                ("a @ b.T", first, second[::-1]),
            ):
                fits = a[-1] == b[0] and a[:-1] + b[1:] == value.shape  # type: ignore[union-attr]
                if fits and found < MAX_PRODUCTS and (text == "a @ b" or len(a) == len(b) == 2):
                    found += 1
                    new = parsed(f"(x) + {text}", x=node, a=one, b=other)
                    yield OtherExpression(new, ids.MISSING_PATH, 1.8)


def _is_of_rows(shape: tuple[int, ...], of: tuple[int, ...]) -> bool:
    """Whether an array has a number for each row of a matrix."""
    return len(of) == 2 and shape == of[:1]


def unread_values(place: ExpressionPlace, scope: Scope) -> Iterator[OtherExpression]:
    """A term or a factor that is computed, but nothing reads it."""
    node, value = place.expression, scope.value(place.expression)
    inner = isinstance(place.owner, ast.BinOp | ast.Call) or is_whole(place)
    is_read = place.kind == "value" and (is_operand(node) or isinstance(node, ast.Constant))
    for each in scope.unread if is_read else ():
        yield OtherExpression(as_it_is(each), ids.WRONG_OPERAND, 0.9)
    if place.kind != "value" or not inner or isinstance(node, ast.Constant | ast.Tuple | ast.List):
        return
    for each in scope.unread:
        known = scope.value(each)
        if known is None or value is None or (known.shape and not value.shape):
            continue
        yield from _by_statistics(node, value, each, known, scope, 1.6)
        if _fits(known.shape, value.shape):
            yield OtherExpression(parsed("(x) + n", x=node, n=each), ids.MISSING_PATH, 1.0)
            yield OtherExpression(parsed("(x) - n", x=node, n=each), ids.MISSING_PATH, 1.0)
            yield OtherExpression(parsed("(x) * n", x=node, n=each), ids.MISSING_FACTOR, 1.0)
            divided = ids.MISSING_FACTOR if known.shape else ids.GRADIENT_SCALE
            yield OtherExpression(parsed("(x) / n", x=node, n=each), divided, 1.1)
            for other in scope.operands if is_whole(place) and not known.shape else ():
                if (beside := scope.value(other)) is not None and beside.shape == value.shape:
                    new = parsed("(x) + n * o", x=node, n=each, o=other)
                    yield OtherExpression(new, ids.PENALTY_GRADIENT_MISSING, 1.6)
            for factor in scope.factors[:MAX_FACTORS]:
                scalar = scope.value(factor)
                for text in ("(x) + n * f", "(x) + n / f") if scalar and not scalar.shape else ():
                    new = parsed(text, x=node, n=each, f=factor)
                    yield OtherExpression(new, ids.MISSING_PATH, 1.6)


def _by_statistics(
    node: ast.expr, value: Value, each: ast.expr, known: Value, scope: Scope, price: float
) -> Iterator[OtherExpression]:
    """What a mean or a variance adds to a gradient: + 2 n (x - mean) / N."""
    if not _fits(known.shape, value.shape) or known.shape == value.shape:
        return
    count = prod(value.shape) // max(1, prod(known.shape))
    for factor in scope.factors[:MAX_FACTORS]:
        array = scope.value(factor)
        if array is not None and array.shape == value.shape:
            for scale in (f" * (2 / {count})", f" / {count}", "", " * 2"):
                new = parsed(f"(x) + n * (f){scale}", x=node, n=each, f=factor)
                yield OtherExpression(new, ids.MISSING_PATH, price)


def arrays_for_numbers(place: ExpressionPlace, scope: Scope) -> Iterator[OtherExpression]:
    """An array in the place of a number: a mask for 1 / 4, the target for 1."""
    node = place.expression
    if not isinstance(node, ast.BinOp):
        return
    text = {ast.Add: "(x) + n", ast.Sub: "(x) - n"}.get(type(node.op), "(x) * n")
    value, number = scope.value(node.left), scope.value(node.right)
    if isinstance(node.right, ast.Constant) or (number is not None and not number.shape):
        for each in scope.operands:
            known = scope.value(each)
            if known and value and known.shape == value.shape and known.shape:
                is_mask = _OF_MASK.search(scope.text(each)) is not None
                name = ids.MASK_MISSING if is_mask else ids.MISSING_FACTOR
                name = name if text == "(x) * n" else ids.WRONG_OPERAND
                yield OtherExpression(
                    parsed(text, x=node.left, n=each), name, 0.9 if is_mask else 1.5
                )


def _fits(shape: tuple[int, ...], into: tuple[int, ...]) -> bool:
    """Whether a product of two shapes has the second one."""
    return joined_shape(shape, into) == into


def joined_shape(one: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...] | None:
    """Return the shape of a product entry by entry, None if there is none."""
    try:
        return np.broadcast_shapes(one, other)
    except ValueError:
        return None


def _widens(shape: tuple[int, ...], of: tuple[int, ...]) -> bool:
    """Whether a shape is that of a product with an array that was summed over an axis."""
    return shape != of and 1 in of and len(shape) == len(of) and _fits(of, shape)
