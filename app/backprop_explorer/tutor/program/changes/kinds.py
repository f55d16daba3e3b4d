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

import numpy as np

from backprop_explorer.tutor.mistakes import ids
from backprop_explorer.tutor.program.changes.index_kinds import (
    indices,
    other_entries,
    other_indices,
    previous_entries,
    shifted_parts,
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
from backprop_explorer.tutor.program.source import OF_RATE

_TAKEN_OFF = (
    "g - x * (x * g).mean(k, keepdims=True)",
    "g - x * (x * g).sum(k, keepdims=True)",
    "g - (x * g).sum(k, keepdims=True)",
)
_NOT_CHANGED = frozenset({"np", "numpy", "self", "math", "range", "len", "zip", "enumerate"})
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
# The names that students give to derivatives.
OF_SLOPE = re.compile(
    r"prime|deriv|grad|slope|backward|diff|(^|[._])d(?!ot\b|iv|ata|elta|ense|rop|type)[A-Z_]|_d$",
    re.IGNORECASE,
)
_OF_MASK = re.compile(r"mask|drop|keep", re.IGNORECASE)
_OTHER_FUNCTIONS = {
    "sum": "mean",
    "mean": "sum",
    "maximum": "minimum",
    "minimum": "maximum",
    "max": "min",
    "min": "max",
    "argmax": "argmin",
    "argmin": "argmax",
}
_RANGES = frozenset({"range", "np.arange"})
_OF_SHAPE = frozenset({"shape", "T", "size", "ndim", "dtype"})
_TURNS = frozenset({"transpose", "swapaxes", "moveaxis", "rollaxis"})
MAX_FACTORS, MAX_CALLS, MAX_EXCHANGED, MAX_PRODUCTS, MAX_AXES = 24, 8, 8, 60, 16
MAX_SIBLINGS = 6
_OF_ARRAYS = frozenset({"T", "dot", "sum", "mean", "reshape", "transpose"})

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
    whole = _is_whole(place) or isinstance(place.owner, ast.Dict)
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
    of_module = _is_module(function.value)
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
                inner = _less_than_one(left)
                if inner is not None and scope.text(inner) in scope.text(kept):
                    name = ids.WRONG_ACTIVATION_DERIVATIVE  # x is left of x (1 - x)
            price = 0.75 if name == ids.GRADIENT_SCALE else 0.9
            yield OtherExpression(as_it_is(kept), name, price)
    factors = _factors_in(node) if _multiplies(node) else []
    for each in factors if len(factors) > 2 else ():
        yield OtherExpression(as_it_is(each), ids.EXTRA_FACTOR, 0.7)
    if isinstance(node, ast.Subscript) and "::-1" in scope.text(node.slice):
        yield OtherExpression(as_it_is(node.value), ids.KERNEL_FLIPPED, 0.6)
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        name, price = (ids.OPERAND_TRANSPOSED, 0.6) if name in _TURNS else (ids.WRONG_OPERAND, 1.1)
        for each in node.args[:3]:
            yield OtherExpression(as_it_is(each), name, price)
        if isinstance(node.func, ast.Attribute) and not _is_module(node.func.value):
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
    if isinstance(node, ast.Name) and node.id in _NOT_CHANGED:
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
        alike = known is not None and _joined(known.shape, other.shape) in (
            *(known.shape, _joined(known.shape, own.shape)),
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


def _exponents(place: ExpressionPlace, scope: Scope) -> Iterator[OtherExpression]:
    """Another exponent that is computed: 3 / 2 for 1 / 2."""
    node, owner = place.expression, place.owner
    is_power = isinstance(owner, ast.BinOp) and isinstance(owner.op, ast.Pow)
    is_called = isinstance(owner, ast.Call) and scope.text(owner.func) in ("np.power", "pow")
    last = place.field == "right" if is_power else is_called and place.at == 1
    if last and not isinstance(node, ast.Constant):
        for text in ("(x) + 1", "(x) - 1", "-(x)"):
            yield OtherExpression(parsed(text, x=node), ids.WRONG_ACTIVATION_DERIVATIVE, 1.2)


def _functions(place: ExpressionPlace, scope: Scope) -> Iterator[OtherExpression]:
    """Another function, a sum for a mean, another comparison."""
    node = place.expression
    for each in (*scope.calls, *scope.beside) if place.kind == "called" else ():
        if scope.text(each) != scope.text(node):
            yield OtherExpression(as_it_is(each), ids.WRONG_ACTIVATION_DERIVATIVE, 1.1)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        other = _OTHER_FUNCTIONS.get(node.func.attr)
        if other is not None:
            names = {"sum": ids.MEAN_FOR_SUM, "mean": ids.GRADIENT_SCALE}
            name = names.get(other, ids.WRONG_OPERAND)

            def build() -> ast.expr:
                found: Any = copy.copy(node)
                found.func = copy.copy(node.func)
                found.func.attr = other
                return found  # type: ignore[no-any-return]

            yield OtherExpression(build, name, 0.5)
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        for op in (ast.Gt, ast.Lt, ast.GtE, ast.LtE):
            if not isinstance(node.ops[0], op):
                compared = partial(ast.Compare, node.left, [op()], node.comparators)
                yield OtherExpression(compared, ids.WRONG_ACTIVATION_DERIVATIVE, 0.9)
    if place.kind == "value" and not isinstance(node, ast.Constant):
        for each in scope.calls:
            called = isinstance(node, ast.Call) and scope.text(node.func) == scope.text(each)
            if not called:
                is_slope = OF_SLOPE.search(scope.text(each)) is not None
                name = ids.Z_INSTEAD_OF_ACTIVATION
                name = ids.MISSING_ACTIVATION_DERIVATIVE if is_slope else name
                yield OtherExpression(parsed("f(x)", f=each, x=node), name, 1.4)


def _functions_of_others(place: ExpressionPlace, scope: Scope) -> Iterator[OtherExpression]:
    """A function that the program calls elsewhere: exp(x) for x."""
    value = scope.value(place.expression)
    if place.kind == "value" and is_operand(place.expression) and value and value.shape:
        for each in scope.other_calls:
            new = parsed("f(x)", f=each, x=place.expression)
            name = ids.Z_INSTEAD_OF_ACTIVATION if isinstance(each, ast.Name) else ids.WRONG_OPERAND
            is_slope = OF_SLOPE.search(scope.text(each)) is not None
            yield OtherExpression(new, ids.MISSING_ACTIVATION_DERIVATIVE if is_slope else name, 1.5)


def _slopes_of_called(place: ExpressionPlace, scope: Scope) -> Iterator[OtherExpression]:
    """What gives the derivative in the place of the function: f.prime of f or of f.forward."""
    node = place.expression
    if place.kind != "called" or (isinstance(node, ast.Name) and node.id in _NOT_CHANGED):
        return
    owners = [node.value] if isinstance(node, ast.Attribute) else []
    for name in scope.slopes:
        for owner in (node, *(each for each in owners if not _is_module(each))):
            if getattr(node, "attr", None) != name:
                new = partial(ast.Attribute, loaded(owner), name, ast.Load())
                yield OtherExpression(new, ids.ACTIVATION_INSTEAD_OF_DERIVATIVE, 1.6)


def _flags(place: ExpressionPlace, scope: Scope) -> Iterator[OtherExpression]:
    """Another value of a flag of the function that is called: derivative=True."""
    node = place.expression
    if not isinstance(node, ast.Call):
        return
    name = node.func.attr if isinstance(node.func, ast.Attribute) else scope.text(node.func)
    known = [scope.flags[name]] if name in scope.flags else []
    if not known and not isinstance(node.func, ast.Name | ast.Attribute):
        known = list(dict.fromkeys(scope.flags.values()))
    given = {each.arg for each in node.keywords}
    for flag, usual in known:
        if flag not in given:
            word = ast.keyword(flag, ast.Constant(not usual))
            new = partial(ast.Call, node.func, node.args, [*node.keywords, word])
            is_slope = OF_SLOPE.search(flag) is not None
            kind = ids.ACTIVATION_INSTEAD_OF_DERIVATIVE if is_slope else ids.WRONG_OPERAND
            yield OtherExpression(new, kind, 1.1)


def _derivatives(place: ExpressionPlace, scope: Scope) -> Iterator[OtherExpression]:
    """A slope in the place of a value, or that of another function."""
    node, value = place.expression, scope.value(place.expression)
    name, price = ids.WRONG_ACTIVATION_DERIVATIVE, 1.3
    is_read = place.kind == "value" or (place.kind == "owner" and (not value or value.shape))
    called = isinstance(node, ast.Call) and scope.text(node.func) in map(scope.text, scope.calls)
    if is_read and (is_operand(node) or isinstance(node, ast.BinOp) or called):
        for text in ("1 - (x)", "(x) * (1 - (x))", "1 - (x) ** 2", "(x) ** 2", "np.sqrt(x)"):
            own = ids.WRONG_OPERAND if text == "1 - (x)" else name
            own = ids.ROOT_MISSING if text == "np.sqrt(x)" else own
            yield OtherExpression(parsed(text, x=node), own, price)
            price += 0.05
        for text in ("np.abs(x)", "np.sign(x)") if value is None or value.shape else ():
            yield OtherExpression(parsed(text, x=node), ids.WRONG_OPERAND, 1.5)
        yield OtherExpression(parsed("(x) > 0", x=node), name, 1.6)
    for text, x in _squares(node):
        yield OtherExpression(parsed(text, x=x), name, 0.8)
    for pattern, other in _SLOPES if isinstance(node, ast.BinOp) else ():
        match = pattern.fullmatch(scope.text(node))
        if match is not None and len(set(match.groups())) == 1:
            new = parsed(other, x=tree_of(match[1]))
            yield OtherExpression(new, name, 0.8)


def _kinks(place: ExpressionPlace, scope: Scope) -> Iterator[OtherExpression]:
    """The derivative of a function with a kink: 1 for x in np.where(x > 0, x, 0)."""
    node, name = place.expression, ids.ACTIVATION_INSTEAD_OF_DERIVATIVE
    function = scope.text(node.func) if isinstance(node, ast.Call) else ""
    given = node.args if isinstance(node, ast.Call) else []
    if function in ("np.maximum", "numpy.maximum") and len(given) == 2:
        for x, edge in (given, given[::-1]):
            yield OtherExpression(parsed("(x) > (e)", x=x, e=edge), name, 0.8)
    if function in ("np.where", "numpy.where") and len(given) == 3:
        for at in (1, 2):
            for number in (1, 0):
                args = [*given[:at], ast.Constant(number), *given[at + 1 :]]
                new = partial(ast.Call, node.func, args, [])  # type: ignore[attr-defined]
                yield OtherExpression(new, name, 0.8)


def _slopes_in_products(place: ExpressionPlace, scope: Scope) -> Iterator[OtherExpression]:
    """Two factors of a product that are the slope of another function: x (1 - x) for 1 - x²."""
    node, owner = place.expression, place.owner
    if not _multiplies(node) or _multiplies(owner):
        return
    factors = _factors_in(node)
    texts = [scope.text(each) for each in factors]
    for at, each in enumerate(factors):
        other = _less_than_one(each)
        if other is None or len(factors) < 3:
            continue
        for beside, text in enumerate(texts):
            if text == scope.text(other):
                rest = [e for k, e in enumerate(factors) if k not in (at, beside)]
                new = parsed("p * (1 - x ** 2)", p=_product_of(rest), x=other)
                yield OtherExpression(new, ids.WRONG_ACTIVATION_DERIVATIVE, 1.1)
                for axis in (-1, 0):
                    text, along = "x * (p - (x * (p)).sum(k, keepdims=True))", ast.Constant(axis)
                    new = parsed(text, p=_product_of(rest), x=other, k=along)
                    yield OtherExpression(new, ids.SOFTMAX_DERIVATIVE_ELEMENTWISE, 1.1)
                new = as_it_is(_product_of(rest))
                yield OtherExpression(new, ids.EXTRA_FACTOR, 0.6)


def _multiplies(node: ast.AST) -> bool:
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult)


def _factors_in(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.BinOp) and _multiplies(node):
        return [*_factors_in(node.left), *_factors_in(node.right)]
    return [node]


def _product_of(factors: Sequence[ast.expr]) -> ast.expr:
    found = factors[0]
    for each in factors[1:]:
        found = ast.BinOp(found, ast.Mult(), each)
    return found


def _less_than_one(node: ast.expr) -> ast.expr | None:
    """Return x of 1 - x."""
    one = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub)
    if one and isinstance(node.left, ast.Constant) and node.left.value == 1:  # type: ignore[attr-defined]
        return node.right  # type: ignore[attr-defined,no-any-return]
    return None


def _squares(node: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """Yield 1 - x² for (1 - x)², and the other way round."""
    whole, inner = _squared(node), _less_than_one(node)
    if whole is not None and (x := _less_than_one(whole)) is not None:
        yield "1 - x ** 2", x
    if inner is not None and (x := _squared(inner)) is not None:
        yield "(1 - x) ** 2", x


def _squared(node: ast.expr) -> ast.expr | None:
    """Return x of x²."""
    is_power = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow)
    if is_power and isinstance(node.right, ast.Constant) and node.right.value == 2:  # type: ignore[attr-defined]
        return node.left  # type: ignore[attr-defined,no-any-return]
    return None


_SLOPES = [
    (re.compile(r"\(?(.+?)\)? \* \(1(?:\.0)? - (.+)\)"), "1 - x ** 2"),
    (re.compile(r"1(?:\.0)? - (.+) \*\* 2"), "x * (1 - x)"),
]


def _factors(place: ExpressionPlace, scope: Scope) -> Iterator[OtherExpression]:
    """A missing factor that other values of the function are multiplied by."""
    if not _is_whole(place) or not _may_be_scaled(place):
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
    power = _less_than_one(factor)
    is_power = isinstance(power, ast.BinOp) and isinstance(power.op, ast.Pow)
    return power.right if is_power else None  # type: ignore[union-attr]


def _is_whole(place: ExpressionPlace) -> bool:
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


def _more_factors(place: ExpressionPlace, scope: Scope) -> Iterator[OtherExpression]:
    """A factor that is missing: a number, an array, a slope; within an expression."""
    node, outer = place.expression, _is_whole(place)
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


def _stretched(place: ExpressionPlace, scope: Scope) -> Iterator[OtherExpression]:
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


def _terms(place: ExpressionPlace, scope: Scope) -> Iterator[OtherExpression]:
    """A term that is missing: what goes another path, an error without its target."""
    node, value = place.expression, scope.value(place.expression)
    if not _is_whole(place) or place.kind != "value":
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


def _weights(place: ExpressionPlace, scope: Scope) -> Iterator[OtherExpression]:
    """A product with weights that is missing: of the whole value, or of a factor of it."""
    node, value, owner = place.expression, scope.value(place.expression), place.owner
    is_factor = isinstance(owner, ast.BinOp) and isinstance(owner.op, ast.Mult)
    is_factor |= isinstance(owner, ast.Call) and ast.unparse(owner.func).endswith("multiply")
    if place.kind != "value" or not (_is_whole(place) or (is_factor and is_operand(node))):
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


def _errors(place: ExpressionPlace, scope: Scope) -> Iterator[OtherExpression]:
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


def _operations(place: ExpressionPlace, scope: Scope) -> Iterator[OtherExpression]:
    """A difference or a sum for a product, and the other way round."""
    node = place.expression
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub | ast.Mult | ast.Div):
        linear = isinstance(node.op, ast.Add | ast.Sub)
        for op in (ast.Mult(), ast.Div()) if linear else (ast.Sub(), ast.Add()):
            new = partial(ast.BinOp, loaded(node.left), op, loaded(node.right))
            yield OtherExpression(new, ids.WRONG_OPERAND, 1.7)


def _centred(place: ExpressionPlace, scope: Scope) -> Iterator[OtherExpression]:
    """What a mean, a norm or a softmax takes from a gradient: g - x mean(x g), g - mean(g)."""
    node, owner, value = place.expression, place.owner, scope.value(place.expression)
    scaled = isinstance(owner, ast.BinOp) and isinstance(owner.op, ast.Mult | ast.Div)
    if not (scaled or _is_whole(place)) or place.kind != "value":
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


def _products(place: ExpressionPlace, scope: Scope) -> Iterator[OtherExpression]:
    """A missing term: the product of two matrices or vectors."""
    node, value = place.expression, scope.value(place.expression)
    if not _is_whole(place) or place.kind != "value":
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


def _unread(place: ExpressionPlace, scope: Scope) -> Iterator[OtherExpression]:
    """A term or a factor that is computed, but nothing reads it."""
    node, value = place.expression, scope.value(place.expression)
    inner = isinstance(place.owner, ast.BinOp | ast.Call) or _is_whole(place)
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
            for other in scope.operands if _is_whole(place) and not known.shape else ():
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


def _arrays_for_numbers(place: ExpressionPlace, scope: Scope) -> Iterator[OtherExpression]:
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


def _repeated(place: ExpressionPlace, scope: Scope) -> Iterator[OtherExpression]:
    """Another expression in all the places where one stands: s(z) (1 - s(z)) for z (1 - z)."""
    if isinstance(place.owner, ast.expr | ast.keyword) or place.kind != "value":
        return
    found: dict[str, list[ast.expr]] = {}
    for node in ast.walk(place.expression):
        if isinstance(node, ast.Call) or (isinstance(node, ast.expr) and is_operand(node)):
            found.setdefault(scope.text(node), []).append(node)
    whole, value = place.expression, scope.value(place.expression)
    shape = None if value is None else value.shape
    for text, nodes in found.items():
        node, own = nodes[0], scope.value(nodes[0])
        if len(nodes) < 2 or own is None:
            continue
        if isinstance(node, ast.Call) and len(node.args) == 1:
            build = partial(with_others, whole, {text: node.args[0]}, scope)
            yield OtherExpression(build, ids.DERIVATIVE_AT_ACTIVATION, 0.7)
        for each in scope.operands:
            known = scope.value(each)
            alike = known is not None and len(known.shape) == len(own.shape)
            # The slope of one output, a number, multiplies what comes back to a layer.
            alike |= known is not None and not own.shape and known.shape == shape
            if known and known.bits != own.bits and alike:
                build = partial(with_others, whole, {text: each}, scope)
                price = 0.9 if known.shape == own.shape else 1.2
                yield OtherExpression(build, ids.WRONG_OPERAND, price)
        for call in scope.calls if own.shape else ():
            called = parsed("f(x)", f=call, x=node)()
            build = partial(with_others, whole, {text: called}, scope)
            yield OtherExpression(build, ids.WRONG_ACTIVATION_DERIVATIVE, 1.5)


def _fits(shape: tuple[int, ...], into: tuple[int, ...]) -> bool:
    """Whether a product of two shapes has the second one."""
    return _joined(shape, into) == into


def _joined(one: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...] | None:
    """Return the shape of a product entry by entry, None if there is none."""
    try:
        return np.broadcast_shapes(one, other)
    except ValueError:
        return None


def _widens(shape: tuple[int, ...], of: tuple[int, ...]) -> bool:
    """Whether a shape is that of a product with an array that was summed over an axis."""
    return shape != of and 1 in of and len(shape) == len(of) and _fits(of, shape)


def _is_module(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id in ("np", "numpy", "math")


# The kinds that are tried first, and those of which a statement has many.
USUAL_KINDS = (
    *(_signs, _arrangements, _summed, _operands, indices, _constants, _functions, _derivatives),
    *(_slopes_of_called, _flags, _exponents, _words, _kinks, _slopes_in_products, _removals),
    *(_factors, _unread, _exchanged, _permuted, _subscripts, other_indices),
    *(_siblings, sibling_terms, _loops, _stretched),
)
RARE_KINDS = (
    *(
        _more_factors,
        _terms,
        _weights,
        _errors,
        _repeated,
        shifted_parts,
        _products,
        _arrays_for_numbers,
    ),
    *(_operations, _centred, other_entries, previous_entries, _functions_of_others),
)
# What may be assigned to, and what a statement that is left out may do to a value.
TARGET_KINDS = (_operands,)
LEFT_OUT_KINDS = (_factors, _more_factors, _terms, _weights, _functions, _arrangements, _operands)
