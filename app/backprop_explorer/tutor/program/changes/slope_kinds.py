"""Kinds of changes of the function, or the slope, that stands in an expression."""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from backprop_explorer.tutor.mistakes import ids
from backprop_explorer.tutor.program.changes.places import (
    ExpressionPlace,
    OtherExpression,
    Scope,
    as_it_is,
    is_operand,
    loaded,
    parsed,
    tree_of,
    with_others,
)

NOT_CHANGED = frozenset({"np", "numpy", "self", "math", "range", "len", "zip", "enumerate"})
# The names that students give to derivatives.
OF_SLOPE = re.compile(
    r"prime|deriv|grad|slope|backward|diff|(^|[._])d(?!ot\b|iv|ata|elta|ense|rop|type)[A-Z_]|_d$",
    re.IGNORECASE,
)
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
_SLOPES = [
    (re.compile(r"\(?(.+?)\)? \* \(1(?:\.0)? - (.+)\)"), "1 - x ** 2"),
    (re.compile(r"1(?:\.0)? - (.+) \*\* 2"), "x * (1 - x)"),
]


def other_exponents(place: ExpressionPlace, scope: Scope) -> Iterator[OtherExpression]:
    """Another exponent that is computed: 3 / 2 for 1 / 2."""
    node, owner = place.expression, place.owner
    is_power = isinstance(owner, ast.BinOp) and isinstance(owner.op, ast.Pow)
    is_called = isinstance(owner, ast.Call) and scope.text(owner.func) in ("np.power", "pow")
    last = place.field == "right" if is_power else is_called and place.at == 1
    if last and not isinstance(node, ast.Constant):
        for text in ("(x) + 1", "(x) - 1", "-(x)"):
            yield OtherExpression(parsed(text, x=node), ids.WRONG_ACTIVATION_DERIVATIVE, 1.2)


def other_functions(place: ExpressionPlace, scope: Scope) -> Iterator[OtherExpression]:
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


def functions_of_others(place: ExpressionPlace, scope: Scope) -> Iterator[OtherExpression]:
    """A function that the program calls elsewhere: exp(x) for x."""
    value = scope.value(place.expression)
    if place.kind == "value" and is_operand(place.expression) and value and value.shape:
        for each in scope.other_calls:
            new = parsed("f(x)", f=each, x=place.expression)
            name = ids.Z_INSTEAD_OF_ACTIVATION if isinstance(each, ast.Name) else ids.WRONG_OPERAND
            is_slope = OF_SLOPE.search(scope.text(each)) is not None
            yield OtherExpression(new, ids.MISSING_ACTIVATION_DERIVATIVE if is_slope else name, 1.5)


def slopes_of_called(place: ExpressionPlace, scope: Scope) -> Iterator[OtherExpression]:
    """What gives the derivative in the place of the function: f.prime of f or of f.forward."""
    node = place.expression
    if place.kind != "called" or (isinstance(node, ast.Name) and node.id in NOT_CHANGED):
        return
    owners = [node.value] if isinstance(node, ast.Attribute) else []
    for name in scope.slopes:
        for owner in (node, *(each for each in owners if not is_module(each))):
            if getattr(node, "attr", None) != name:
                new = partial(ast.Attribute, loaded(owner), name, ast.Load())
                yield OtherExpression(new, ids.ACTIVATION_INSTEAD_OF_DERIVATIVE, 1.6)


def other_flags(place: ExpressionPlace, scope: Scope) -> Iterator[OtherExpression]:
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


def derivatives(place: ExpressionPlace, scope: Scope) -> Iterator[OtherExpression]:
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


def slopes_of_kinks(place: ExpressionPlace, scope: Scope) -> Iterator[OtherExpression]:
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


def slopes_in_products(place: ExpressionPlace, scope: Scope) -> Iterator[OtherExpression]:
    """Two factors of a product that are the slope of another function: x (1 - x) for 1 - x²."""
    node, owner = place.expression, place.owner
    if not multiplies(node) or multiplies(owner):
        return
    factors = factors_in(node)
    texts = [scope.text(each) for each in factors]
    for at, each in enumerate(factors):
        other = less_than_one(each)
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


def multiplies(node: ast.AST) -> bool:
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult)


def factors_in(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.BinOp) and multiplies(node):
        return [*factors_in(node.left), *factors_in(node.right)]
    return [node]


def _product_of(factors: Sequence[ast.expr]) -> ast.expr:
    found = factors[0]
    for each in factors[1:]:
        found = ast.BinOp(found, ast.Mult(), each)
    return found


def less_than_one(node: ast.expr) -> ast.expr | None:
    """Return x of 1 - x."""
    one = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub)
    if one and isinstance(node.left, ast.Constant) and node.left.value == 1:  # type: ignore[attr-defined]
        return node.right  # type: ignore[attr-defined,no-any-return]
    return None


def _squares(node: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """Yield 1 - x² for (1 - x)², and the other way round."""
    whole, inner = _squared(node), less_than_one(node)
    if whole is not None and (x := less_than_one(whole)) is not None:
        yield "1 - x ** 2", x
    if inner is not None and (x := _squared(inner)) is not None:
        yield "(1 - x) ** 2", x


def _squared(node: ast.expr) -> ast.expr | None:
    """Return x of x²."""
    is_power = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow)
    if is_power and isinstance(node.right, ast.Constant) and node.right.value == 2:  # type: ignore[attr-defined]
        return node.left  # type: ignore[attr-defined,no-any-return]
    return None


def repeated_operands(place: ExpressionPlace, scope: Scope) -> Iterator[OtherExpression]:
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


def is_module(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id in ("np", "numpy", "math")
