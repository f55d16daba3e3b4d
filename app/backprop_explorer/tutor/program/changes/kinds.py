"""Kinds of changes of an expression, each the inverse of a mistake that students make.

One more kind: a function that yields ``OtherExpression`` for an expression, in ``USUAL_KINDS`` or
``RARE_KINDS``.
"""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import combinations, permutations
from math import prod
from typing import Any

from backprop_explorer.tutor.mistakes import ids
from backprop_explorer.tutor.program.changes.index_kinds import (
    indices,
    other_entries,
    other_indices,
    previous_entries,
    shifted_parts,
)
from backprop_explorer.tutor.program.changes.missing_kinds import (
    MAX_AXES,
    MAX_EXCHANGED,
    arrays_for_numbers,
    centred_values,
    errors_alone,
    factors_of_sums,
    is_whole,
    joined_shape,
    missing_factors,
    missing_products,
    missing_terms,
    missing_weights,
    more_factors,
    unread_values,
)
from backprop_explorer.tutor.program.changes.places import (
    ExpressionPlace,
    OtherExpression,
    Scope,
    Value,
    as_it_is,
    is_operand,
    loaded,
    parsed,
    tree_of,
    with_others,
)
from backprop_explorer.tutor.program.changes.sibling_kinds import sibling_terms
from backprop_explorer.tutor.program.changes.slope_kinds import (
    NOT_CHANGED,
    derivatives,
    factors_in,
    functions_of_others,
    is_module,
    less_than_one,
    multiplies,
    other_exponents,
    other_flags,
    other_functions,
    repeated_operands,
    slopes_in_products,
    slopes_of_called,
    slopes_of_kinks,
)

_REVERSED: dict[type, type] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.FloorDiv: ast.Mod,
}
_OF_ENTRIES = frozenset(
    f"np.{each}" for each in ("power", "square", "tanh", "exp", "multiply", "sqrt", "abs")
)
_RANGES = frozenset({"range", "np.arange"})
_OF_SHAPE = frozenset({"shape", "T", "size", "ndim", "dtype"})
_TURNS = frozenset({"transpose", "swapaxes", "moveaxis", "rollaxis"})
MAX_SIBLINGS = 6
Kind = Callable[[ExpressionPlace, Scope], Iterator[OtherExpression]]


def _signs(place: ExpressionPlace, scope: Scope) -> Iterator[OtherExpression]:
    node = place.expression
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield OtherExpression(as_it_is(node.operand), ids.GRADIENT_SIGN, 1.0)
    elif place.kind == "value" and not isinstance(node, ast.Constant | ast.Tuple | ast.List):
        yield OtherExpression(parsed("-(x)", x=node), ids.GRADIENT_SIGN, 1.0)
    if isinstance(node, ast.BinOp):
        other = _REVERSED.get(type(node.op))
        if other in (ast.Add, ast.Sub):
            new = lambda: ast.BinOp(loaded(node.left), other(), loaded(node.right))  # noqa: E731
            of_slope = _is_complement(place, scope)
            name = ids.WRONG_ACTIVATION_DERIVATIVE if of_slope else ids.GRADIENT_SIGN
            yield OtherExpression(new, name, 1.0)
        elif other is not None:
            new = lambda: ast.BinOp(loaded(node.left), other(), loaded(node.right))  # noqa: E731
            scales = isinstance(node.op, ast.Mult | ast.Div)
            yield OtherExpression(new, ids.GRADIENT_SCALE if scales else ids.WRONG_OPERAND, 1.3)


def _is_complement(place: ExpressionPlace, scope: Scope) -> bool:
    """Whether an expression is 1 - a or 1 + a for an array a, as in the derivatives of the sigmoid
    and tanh; in a quotient, as in that of the cross-entropy, it is none.
    """
    node: Any = place.expression
    is_one = isinstance(node.left, ast.Constant) and node.left.value == 1
    in_quotient = isinstance(getattr(place.owner, "op", None), ast.Div)
    value = scope.value(node.right)
    return is_one and not in_quotient and value is not None and prod(value.shape) > 1


def _arrangements(place: ExpressionPlace, scope: Scope) -> Iterator[OtherExpression]:
    """Transposed, swapped, along another axis, in the reverse order."""
    node = place.expression
    if isinstance(node, ast.Attribute) and node.attr == "T":
        yield OtherExpression(as_it_is(node.value), ids.OPERAND_TRANSPOSED, 1.0)
    elif place.kind == "value" and is_operand(node):
        yield from _turned(node, scope.value(node))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult | ast.Sub | ast.Div):
        op = node.op
        name = ids.OPERAND_TRANSPOSED if isinstance(op, ast.MatMult) else ids.GRADIENT_SIGN
        new = lambda: ast.BinOp(loaded(node.right), op, loaded(node.left))  # noqa: E731
        yield OtherExpression(new, name, 1.3 if place.kind == "index" else 0.8)
        if isinstance(op, ast.MatMult):
            yield OtherExpression(parsed("b.T @ a.T", a=node.left, b=node.right), name, 1.1)
    several = node.args if isinstance(node, ast.Call) else getattr(node, "elts", [])
    if len(several) > 1 and not isinstance(node, ast.Set):
        for one in range(len(several) - 1):
            for other in range(one + 1, min(len(several), one + 3)):
                yield OtherExpression(_swapped(node, one, other), ids.WRONG_OPERAND, 1.1)
    if isinstance(node, ast.Call):
        yield from _axes(node, scope)


def _turned(node: ast.expr, value: Value | None) -> Iterator[OtherExpression]:
    if value is None or len(value.shape) > 1:
        yield OtherExpression(parsed("x.T", x=node), ids.OPERAND_TRANSPOSED, 1.0)
    if value is not None and len(value.shape) > 2:
        new = parsed("np.swapaxes(x, -1, -2)", x=node)
        yield OtherExpression(new, ids.OPERAND_TRANSPOSED, 1.0)
    if value is None or value.shape:
        axes = len(value.shape) if value is not None else 1
        turned = {(at,) for at in range(axes)} | {tuple(range(axes))}
        turned |= set(combinations(range(axes), 2))
        for each in sorted(turned):
            text = ", ".join("::-1" if at in each else ":" for at in range(axes))
            name = ids.KERNEL_FLIPPED if len(each) > 1 or axes != 2 else ids.WRONG_OPERAND
            yield OtherExpression(parsed(f"x[{text}]", x=node), name, 1.5)
        yield OtherExpression(parsed("x.copy()", x=node), ids.UPDATED_WEIGHTS_BACKWARD, 2.2)


def _swapped(node: ast.expr, one: int, other: int) -> Callable[[], ast.expr]:
    def build() -> ast.expr:
        found: Any = copy.copy(loaded(node))
        name = "args" if isinstance(found, ast.Call) else "elts"
        items = list(getattr(found, name))
        items[one], items[other] = items[other], items[one]
        setattr(found, name, items)
        return found  # type: ignore[no-any-return]

    return build


def _axes(node: ast.Call, scope: Scope) -> Iterator[OtherExpression]:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    of = node.args[0] if node.args else getattr(node.func, "value", None)
    is_method = isinstance(node.func, ast.Attribute) and not (
        isinstance(node.func.value, ast.Name) and node.func.value.id in ("np", "numpy")
    )
    value = scope.value(node.func.value if is_method else of) if of is not None else None  # type: ignore[attr-defined]
    if name not in ("sum", "mean", "max", "argmax", "repeat", "concatenate", "flip"):
        return
    axes = len(value.shape) if value is not None else 2
    choices: list[Any] = [None, *range(axes)]
    choices += [each for n in range(2, axes) for each in combinations(range(axes), n)]
    for axis in choices[:MAX_AXES]:
        for keepdims in (False, True):
            yield OtherExpression(_with_axis(node, axis, keepdims), ids.WRONG_AXIS, 0.75)


def _summed(place: ExpressionPlace, scope: Scope) -> Iterator[OtherExpression]:
    """The sum over an axis along which a value was stretched; over all entries for one of them."""
    node = place.expression
    whole = is_whole(place) or isinstance(place.owner, ast.Dict)
    if not (whole or isinstance(place.owner, ast.BinOp)) or place.kind != "value":
        return
    for each in [node, node.value] if isinstance(node, ast.Subscript) else [node]:
        value = scope.value(each)
        axes = len(value.shape) if value is not None else 0
        choices = [*range(axes), tuple(range(axes - 1)), (0, *range(2, axes))]
        for axis in choices if axes else ():
            for kept in ("", ", keepdims=True")[not whole : axes]:
                new = parsed(f"(x).sum({axis}{kept})", x=each)
                price = 1.6 if whole else 1.7
                yield OtherExpression(new, ids.BROADCAST_NOT_SUMMED, price)


def _with_axis(node: ast.Call, axis: Any, keepdims: bool) -> Callable[[], ast.expr]:
    def build() -> ast.expr:
        found: Any = copy.copy(node)
        kept = [each for each in found.keywords if each.arg not in ("axis", "keepdims")]
        if axis is not None:
            kept.append(ast.keyword("axis", tree_of(repr(axis))))
        if keepdims:
            kept.append(ast.keyword("keepdims", ast.Constant(value=True)))
        found.keywords = kept
        return found  # type: ignore[no-any-return]

    return build


def _exchanged(place: ExpressionPlace, scope: Scope) -> Iterator[OtherExpression]:
    """Two operands of one shape in each other's place, wherever they stand in a statement."""
    if isinstance(place.owner, ast.expr | ast.keyword) or place.kind != "value":
        return
    found: dict[str, ast.expr] = {}
    for node in ast.walk(place.expression):
        if isinstance(node, ast.expr) and is_operand(node) and scope.value(node):
            found.setdefault(scope.text(node), node)
    for one, other in combinations(list(found)[:MAX_EXCHANGED], 2):
        values = scope.value(found[one]), scope.value(found[other])
        if values[0].shape == values[1].shape and values[0] != values[1]:  # type: ignore[union-attr]
            replaced = {one: found[other], other: found[one]}
            new = partial(with_others, place.expression, replaced, scope)
            yield OtherExpression(new, ids.WRONG_OPERAND, 0.85)


def _permuted(place: ExpressionPlace, scope: Scope) -> Iterator[OtherExpression]:
    """The axes in another order, where there are more than two of them."""
    node, function = place.expression, getattr(place.expression, "func", None)
    name = function.attr if isinstance(function, ast.Attribute) else ""
    if not isinstance(node, ast.Call) or not isinstance(function, ast.Attribute):
        return
    of_module = is_module(function.value)
    if of_module and not node.args:
        return
    array = node.args[0] if of_module else function.value
    value = scope.value(array)
    if name in ("reshape", "ravel", "flatten") and value is not None and len(value.shape) in (3, 4):
        whole = copy.copy(node)
        for axes in _orders(len(value.shape)):
            turned = parsed(f"x.transpose{axes}", x=array)()
            if of_module:
                new: Any = ast.Call(function, [turned, *node.args[1:]], node.keywords)
            else:
                new = ast.Call(ast.Attribute(turned, name, ast.Load()), whole.args, whole.keywords)
            yield OtherExpression(partial(as_it_is(new)), ids.OPERAND_TRANSPOSED, 1.0)
    elif name == "transpose" and (axes_of := _numbers_in(node.args[of_module:])):
        for axes in _orders(len(axes_of)):
            if axes != axes_of:
                new = parsed(f"x.transpose{axes}", x=array)
                yield OtherExpression(new, ids.OPERAND_TRANSPOSED, 0.8)


def _orders(axes: int) -> Iterator[tuple[int, ...]]:
    """Yield the orders of axes; of more than four those with two exchanged."""
    usual = tuple(range(axes))
    for each in permutations(usual) if axes <= 4 else ():
        if each != usual:
            yield each


def _numbers_in(nodes: Sequence[ast.expr]) -> tuple[int, ...]:
    """Return the numbers of a tuple, or of arguments; none if one of them is no number."""
    if len(nodes) == 1 and isinstance(nodes[0], ast.Tuple | ast.List):
        nodes = nodes[0].elts
    found = [each.value for each in nodes if isinstance(each, ast.Constant)]
    is_whole = len(found) == len(nodes) and all(isinstance(each, int) for each in found)
    return tuple(found) if is_whole else ()  # type: ignore[arg-type]


def _subscripts(place: ExpressionPlace, scope: Scope) -> Iterator[OtherExpression]:
    """Two exchanged letters of np.einsum, or its result with a letter less."""
    node, owner = place.expression, place.owner
    text = node.value if isinstance(node, ast.Constant) else None
    if not isinstance(text, str) or not isinstance(owner, ast.Call) or "->" not in text:
        return
    begin = 0
    for part in re.split(r"(,|->)", text):
        for one, other in combinations(range(len(part)), 2) if part.isalpha() else ():
            letters = list(part)
            letters[one], letters[other] = letters[other], letters[one]
            new = text[:begin] + "".join(letters) + text[begin + len(part) :]
            yield OtherExpression(partial(ast.Constant, new), ids.OPERAND_TRANSPOSED, 1.2)
        begin += len(part)
    given, result = text.split("->")
    for at in range(len(result)):
        new = f"{given}->{result[:at]}{result[at + 1 :]}"
        yield OtherExpression(partial(ast.Constant, new), ids.BROADCAST_NOT_SUMMED, 1.2)


def _removals(place: ExpressionPlace, scope: Scope) -> Iterator[OtherExpression]:
    """A factor, a term or a call that is too much."""
    node = place.expression
    if isinstance(node, ast.BinOp):
        scales = isinstance(node.op, ast.Mult | ast.Div | ast.Pow | ast.FloorDiv)
        for kept, left in ((node.left, node.right), (node.right, node.left)):
            if kept is node.right and isinstance(node.op, ast.Div | ast.Pow):
                continue
            value = scope.value(left)
            name = ids.EXTRA_TERM
            if isinstance(node.op, ast.Pow):
                name = _name_of_power(node, scope)
            elif scales:
                name = ids.EXTRA_FACTOR if value is None or value.shape else ids.GRADIENT_SCALE
                inner = less_than_one(left)
                if inner is not None and scope.text(inner) in scope.text(kept):
                    name = ids.WRONG_ACTIVATION_DERIVATIVE  # x is left of x (1 - x)
            price = 0.75 if name == ids.GRADIENT_SCALE else 0.9
            yield OtherExpression(as_it_is(kept), name, price)
    factors = factors_in(node) if multiplies(node) else []
    for each in factors if len(factors) > 2 else ():
        yield OtherExpression(as_it_is(each), ids.EXTRA_FACTOR, 0.7)
    if isinstance(node, ast.Subscript) and "::-1" in scope.text(node.slice):
        yield OtherExpression(as_it_is(node.value), ids.KERNEL_FLIPPED, 0.6)
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        name, price = (ids.OPERAND_TRANSPOSED, 0.6) if name in _TURNS else (ids.WRONG_OPERAND, 1.1)
        for each in node.args[:3]:
            yield OtherExpression(as_it_is(each), name, price)
        if isinstance(node.func, ast.Attribute) and not is_module(node.func.value):
            yield OtherExpression(as_it_is(node.func.value), name, price)


def _name_of_power(node: ast.BinOp, scope: Scope) -> str:
    """Return the name of another exponent: that of a number is a factor."""
    value = scope.value(node.left)
    is_number = value is not None and not value.shape
    return ids.GRADIENT_SCALE if is_number else ids.WRONG_ACTIVATION_DERIVATIVE


def _operands(place: ExpressionPlace, scope: Scope) -> Iterator[OtherExpression]:
    """Another variable, entry or attribute of the same shape."""
    node, own = place.expression, scope.value(place.expression)
    known = isinstance(node, ast.Constant) or (
        own is not None and isinstance(node, ast.BinOp | ast.Call)
    )
    if place.kind == "called" or not (is_operand(node) or known):
        return
    if isinstance(node, ast.Name) and node.id in NOT_CHANGED:
        return
    price = 1.0 if is_operand(node) else 1.15
    price += 0.25 * isinstance(node, ast.Constant)
    price += 0.2 if place.kind in ("target", "owner") else 0.0
    for each in scope.operands:
        if place.kind == "target" and getattr(each, "attr", None) in _OF_SHAPE:
            continue  # to set it would give an array another shape
        if scope.text(each) != scope.text(node) and _may_stand(place, own, each, scope):
            yield OtherExpression(as_it_is(each), ids.WRONG_OPERAND, price)


def _siblings(place: ExpressionPlace, scope: Scope) -> Iterator[OtherExpression]:
    """Another attribute that is set beside one, and that this function does not read."""
    node = place.expression
    others = scope.siblings.get(node.attr, ()) if isinstance(node, ast.Attribute) else ()
    for name in others[:MAX_SIBLINGS] if place.kind in ("value", "owner") else ():
        new = ast.Attribute(node.value, name, ast.Load())  # type: ignore[attr-defined]
        if scope.value(new) is None:
            yield OtherExpression(as_it_is(new), ids.WRONG_OPERAND, 1.0)


def _may_stand(place: ExpressionPlace, own: Value | None, each: ast.expr, scope: Scope) -> bool:
    """Whether an operand may stand in a place, by what both are: of one shape, but not equal, or
    of the shape of what they are multiplied with.
    """
    other, owner = scope.value(each), place.owner
    if own is None or other is None:
        return place.kind in ("owner", "index", "target") and own is other
    if own.shape == other.shape:
        return own.bits != other.bits
    if isinstance(owner, ast.BinOp) and not isinstance(owner.op, ast.MatMult):
        beside = owner.left if place.field == "right" else owner.right
        known = scope.value(beside)
        alike = known is not None and joined_shape(known.shape, other.shape) in (
            *(known.shape, joined_shape(known.shape, own.shape)),
        )
        return alike and bool(other.shape) and place.kind == "value"
    outer = not isinstance(owner, ast.expr | ast.keyword)
    called = isinstance(owner, ast.Call) and len(own.shape) == len(other.shape)
    function = scope.text(owner.func) if called else ""  # type: ignore[attr-defined]
    given = called and (
        function in _OF_ENTRIES or any(function == scope.text(e) for e in scope.calls)
    )
    return place.kind == "value" and (_product(place) or outer or given)


def _product(place: ExpressionPlace) -> bool:
    owner = place.owner
    if isinstance(owner, ast.BinOp):
        return isinstance(owner.op, ast.MatMult)
    if isinstance(owner, ast.Attribute):
        return owner.attr == "T"
    return isinstance(owner, ast.Call) and "dot" in ast.unparse(owner.func)


def _constants(place: ExpressionPlace, scope: Scope) -> Iterator[OtherExpression]:
    """Another number, another key of an entry."""
    node = place.expression
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and place.kind == "index":
        for key in scope.keys:
            if key != node.value:
                yield OtherExpression(partial(ast.Constant, key), ids.WRONG_OPERAND, 1.1)
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        number = node.value
        if isinstance(number, bool):
            yield OtherExpression(lambda: ast.Constant(not number), ids.WRONG_OPERAND, 1.2)
            return
        name = ids.WRONG_OPERAND if place.kind == "index" else ids.GRADIENT_SCALE
        owner = place.owner
        usual = 1.1
        if isinstance(owner, ast.BinOp) and isinstance(owner.op, ast.Pow):
            name, usual = _name_of_power(owner, scope), 1.1
        elif isinstance(owner, ast.Call) and isinstance(owner.func, ast.Attribute):
            name = ids.WRONG_AXIS if owner.func.attr in ("sum", "mean", "max") else name
            usual = 1.1 if owner.func.attr == "power" else usual
        for other in dict.fromkeys((0, 1, 2, -1, 0.5, number + 1, number - 1, -number)):
            if other != number:
                begins = scope.text(getattr(owner, "func", node)) in _RANGES
                price = usual if other != 0 or place.kind == "index" or begins else 1.5
                name = ids.MISSING_PATH if begins else name
                yield OtherExpression(partial(ast.Constant, other), name, price)


def _words(place: ExpressionPlace, scope: Scope) -> Iterator[OtherExpression]:
    """Another string that says which function is meant: "relu" for "sigmoid"."""
    node = place.expression
    given = isinstance(node, ast.Constant) and isinstance(place.owner, ast.Call | ast.keyword)
    for word in scope.words if given and node.value in scope.words else ():  # type: ignore[attr-defined]
        if word != node.value:  # type: ignore[attr-defined]
            new = partial(ast.Constant, word)
            yield OtherExpression(new, ids.WRONG_ACTIVATION_DERIVATIVE, 1.2)


def _loops(place: ExpressionPlace, scope: Scope) -> Iterator[OtherExpression]:
    """A loop that runs the other way, or one round more."""
    node = place.expression
    if isinstance(place.owner, ast.For):
        last_first = isinstance(node, ast.Call) and scope.text(node.func) == "reversed"
        new = as_it_is(node.args[0]) if last_first else parsed("reversed(x)", x=node)  # type: ignore[attr-defined]
        yield OtherExpression(new, ids.MISSING_PATH, 0.9)
    elif isinstance(place.owner, ast.Call) and scope.text(place.owner.func) in _RANGES:
        for text in ("(x) + 1", "(x) - 1") if not isinstance(node, ast.Constant) else ():
            yield OtherExpression(parsed(text, x=node), ids.MISSING_PATH, 1.0)


def _operations(place: ExpressionPlace, scope: Scope) -> Iterator[OtherExpression]:
    """A difference or a sum for a product, and the other way round."""
    node = place.expression
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub | ast.Mult | ast.Div):
        linear = isinstance(node.op, ast.Add | ast.Sub)
        for op in (ast.Mult(), ast.Div()) if linear else (ast.Sub(), ast.Add()):
            new = partial(ast.BinOp, loaded(node.left), op, loaded(node.right))
            yield OtherExpression(new, ids.WRONG_OPERAND, 1.7)


# The kinds that are tried first, and those of which a statement has many.
USUAL_KINDS = (
    *(_signs, _arrangements, _summed, _operands, indices, _constants, other_functions, derivatives),
    *(
        slopes_of_called,
        other_flags,
        other_exponents,
        _words,
        slopes_of_kinks,
        slopes_in_products,
        _removals,
    ),
    *(missing_factors, unread_values, _exchanged, _permuted, _subscripts, other_indices),
    *(_siblings, sibling_terms, _loops, factors_of_sums),
)
RARE_KINDS = (
    *(
        more_factors,
        missing_terms,
        missing_weights,
        errors_alone,
        repeated_operands,
        shifted_parts,
        missing_products,
        arrays_for_numbers,
    ),
    *(_operations, centred_values, other_entries, previous_entries, functions_of_others),
)
# What may be assigned to, and what a statement that is left out may do to a value.
TARGET_KINDS = (_operands,)
LEFT_OUT_KINDS = (
    missing_factors,
    more_factors,
    missing_terms,
    missing_weights,
    other_functions,
    _arrangements,
    _operands,
)
