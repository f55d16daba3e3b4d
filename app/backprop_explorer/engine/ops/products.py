"""Products that sum over axes, for recorded programs: matmul, dot, einsum, tensordot.

``einsum`` has subscripts with a letter for each axis, so that the gradient of an input is again an
``einsum`` of the gradient and the other inputs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from backprop_explorer.engine.ops.operation import (
    Operation,
    Place,
    Rule,
    Shape,
    grouped,
    letters,
    of_program,
    same_rank,
)
from backprop_explorer.texts import engine as texts


def _matmul_copies(a: Any, b: Any) -> Any:
    left, right = a.ndim == 2, b.ndim == 2  # vectors
    a, b = same_rank((a[:, None] if left else a, b[..., None] if right else b))
    product = np.matmul(a, b)
    product = product[..., 0] if right else product
    return (product[..., 0] if right else product[..., 0, :]) if left else product


def _matmul_left(g: Any, b: Any, *, rank: int) -> Any:
    """∂C/∂a of a @ b: g bᵀ. ``rank`` is that of a; a vector has the axis of the sum only."""
    if np.ndim(b) == 1:
        return np.asarray(g)[..., None] * b if rank > 1 else g * b
    return np.matmul(b, g[..., None])[..., 0] if rank == 1 else np.matmul(g, _swapped(b))


def _matmul_right(a: Any, g: Any, *, rank: int) -> Any:
    """∂C/∂b of a @ b: aᵀ g. ``rank`` is that of b; a vector has the axis of the sum only."""
    if np.ndim(a) == 1:
        return a[:, None] * g[..., None, :] if rank > 1 else g * a
    return np.matmul(_swapped(a), g[..., None])[..., 0] if rank == 1 else np.matmul(_swapped(a), g)


def _before_sum(place: Place) -> Shape:
    """The shape of an input's gradient with all batch axes of the product."""
    vectors = sum(len(shape) == 1 for shape in place.shapes)
    batch = place.shape[: max(0, len(place.shape) - (2 - vectors))]
    return (*batch, *place.own[-2:])


def matmul_signature(a: Shape, b: Shape) -> str:
    """Return the subscripts of a @ b, with "1" for a batch axis along which one is repeated."""
    rank = max(len(a), len(b), 2)
    batch = letters((1,) * (rank - 2))
    row, column, inner = "xyz"
    left = inner if len(a) == 1 else _batch(batch, a, b) + row + inner
    right = inner if len(b) == 1 else _batch(batch, b, a) + inner + column
    out = (
        (batch if max(len(a), len(b)) > 2 else "")
        + ("" if len(a) == 1 else row)
        + ("" if len(b) == 1 else column)
    )
    names = dict(zip("xyz", (c for c in "ijklmpqrst" if c not in batch), strict=False))
    return "".join(names.get(c, c) for c in f"{left},{right}->{out}")


def _batch(batch: str, own: Shape, other: Shape) -> str:
    lead = own[:-2]
    padded = other[:-2] if len(other) > 2 else ()
    named = batch[len(batch) - len(lead) :]
    full = (1,) * (len(lead) - len(padded)) + padded[max(0, len(padded) - len(lead)) :]
    return "".join(
        "1" if size == 1 and length != 1 else letter
        for letter, size, length in zip(named, lead, full, strict=True)
    )


def _summed(signature: str) -> tuple[str, str]:
    inputs, output = signature.split("->")
    return signature, "Σ[{0}·{1}]" if set(inputs) - {",", "1"} - set(output) else "{0}·{1}"


def _matmul_written(shapes: Sequence[Shape], shape: Shape, /, **_: Any) -> tuple[str, str]:
    return _summed(matmul_signature(*shapes))


def _left_written(shapes: Sequence[Shape], shape: Shape, /, *, rank: int) -> tuple[str, str]:
    a, b, g = _parts(shape[-1:] if rank == 1 else shape, shapes[1])
    return _summed(f"{g},{b}->{g[: len(shape) - 1] if rank == 1 else ''}{a}")


def _right_written(shapes: Sequence[Shape], shape: Shape, /, *, rank: int) -> tuple[str, str]:
    a, b, g = _parts(shapes[0], shape[-1:] if rank == 1 else shape)
    return _summed(f"{a},{g}->{g[: len(shape) - 1] if rank == 1 else ''}{b}")


def _parts(a: Shape, b: Shape) -> list[str]:
    return matmul_signature(a, b).replace("->", ",").split(",")


def _product_spread(compute: Any) -> Any:
    """The spread of a bilinear function: |a| Δb + Δa (|b| + Δb)."""

    def spread(inputs: Sequence[Any], spreads: Sequence[Any], **attributes: Any) -> Any:
        a, b = map(np.abs, inputs)
        return compute(a, spreads[1], **attributes) + compute(
            spreads[0], b + spreads[1], **attributes
        )

    return spread


def _einsum(*inputs: Any, subscripts: str) -> Any:
    return np.einsum(subscripts, *inputs)


def _einsum_backward(g: Any, *others: Any, subscripts: str, shape: Shape) -> Any:
    """The gradient of an input of ``shape`` with the letters after "->".

    A letter that no other input has was summed alone, so its entries are equal. A letter that
    stands twice was a diagonal.
    """
    parts, output = subscripts.split("->")
    known = set(parts) - {","}
    unique = "".join(dict.fromkeys(output))
    reached = "".join(letter for letter in unique if letter in known)
    gradient = np.einsum(f"{parts}->{reached}", g, *others)
    sizes = dict(zip(output, shape, strict=True))
    gradient = np.reshape(gradient, [sizes[each] if each in known else 1 for each in unique])
    gradient = np.broadcast_to(gradient, [sizes[each] for each in unique])
    if unique == output:
        return np.array(gradient)
    whole = np.zeros(shape, dtype=gradient.dtype)
    np.einsum(f"{output}->{unique}", whole)[...] = gradient
    return whole


def _einsum_rule(place: Place) -> dict[str, Any]:
    parts, out = subscripts_of(place).split("->")
    each = parts.split(",")
    others = [*each[: place.input], *each[place.input + 1 :]]
    return {"subscripts": f"{','.join([out, *others])}->{each[place.input]}", "shape": place.own}


def subscripts_of(place: Place) -> str:
    """Return the subscripts of einsum, or those that tensordot stands for."""
    if "subscripts" in place.attributes:
        return str(place.attributes["subscripts"])
    return tensordot_subscripts(place.shapes, place.attributes["axes"])


def tensordot_subscripts(shapes: Sequence[Shape], axes: tuple[tuple[int, ...], ...]) -> str:
    """Return tensordot's sum as subscripts of einsum."""
    names = iter("ijklmpqrstuvwabcdefgh")
    a = [next(names) for _ in shapes[0]]
    of_b = dict(zip(axes[1], (a[k] for k in axes[0]), strict=True))
    b = [of_b[k] if k in of_b else next(names) for k in range(len(shapes[1]))]
    out = [a[k] for k in range(len(a)) if k not in axes[0]]
    out += [b[k] for k in range(len(b)) if k not in axes[1]]
    return f"{''.join(a)},{''.join(b)}->{''.join(out)}"


def _tensordot(a: Any, b: Any, *, axes: tuple[tuple[int, ...], ...]) -> Any:
    return np.tensordot(a, b, axes)  # type: ignore[arg-type]


def _subscripts_written(shapes: Sequence[Shape], shape: Shape, /, **attributes: Any) -> Any:
    place = Place(attributes, tuple(shapes), shape, 0, ())
    subscripts = subscripts_of(place)
    factors = "·".join(f"{{{k}}}" for k in range(len(shapes)))
    inputs, out = subscripts.split("->")
    return subscripts, f"Σ[{factors}]" if set(inputs) - {","} - set(out) else factors


def _einsum_spread(inputs: Sequence[Any], spreads: Sequence[Any], *, subscripts: str) -> Any:
    whole = [np.abs(x) + s for x, s in zip(inputs, spreads, strict=True)]
    total: Any = 0.0
    for k, spread in enumerate(spreads):
        total = total + np.einsum(subscripts, *whole[:k], spread, *whole[k + 1 :])
    return total


def _swapped(x: Any) -> Any:
    return np.swapaxes(x, -1, -2)


def _side_by_side(inputs: tuple[Any, ...], notation: Any, **_: Any) -> str:
    return r"\,".join(grouped(each.latex) for each in inputs)


def _product(
    name: str, compute: Any, latex: Any, entry: str, written: Any, *backward: Rule, **more: Any
) -> Operation:
    back = "backward" in name or name.startswith("matmul_")
    return of_program(
        *(name, "product_backward" if back else "product", compute, latex, entry, written),
        texts.SUM_OF_PRODUCTS_BACKWARD if back else texts.SUM_OF_PRODUCTS,
        *backward,
        **more,
    )


def _rank(place: Place) -> dict[str, Any]:
    return {"rank": len(place.own)}


PRODUCTS = (
    _product(
        *("matmul", np.matmul, r"%0\,%1", "Σ[{0}·{1}]", _matmul_written),
        Rule(0, "matmul_left", ("g", 1), None, _rank),
        Rule(1, "matmul_right", (0, "g"), None, _rank),
        terms=lambda inputs, value, **_: np.matmul(np.abs(inputs[0]), np.abs(inputs[1])),
        spread=_product_spread(np.matmul),
        stretches=_before_sum,
        copies=_matmul_copies,
    ),
    _product(
        *("matmul_left", _matmul_left, r"%0\,%1^T", "Σ[{0}·{1}]", _left_written),
        spread=_product_spread(_matmul_left),
        terms=lambda inputs, value, rank: _matmul_left(*map(np.abs, inputs), rank=rank),
    ),
    _product(
        *("matmul_right", _matmul_right, r"%0^T\,%1", "Σ[{0}·{1}]", _right_written),
        spread=_product_spread(_matmul_right),
        terms=lambda inputs, value, rank: _matmul_right(*map(np.abs, inputs), rank=rank),
    ),
    _product(
        *("einsum", _einsum, _side_by_side, "Σ[{0}·{1}]", _subscripts_written),
        Rule(-1, "einsum_backward", ("g", "others"), None, _einsum_rule),
        terms=lambda inputs, value, *, subscripts: np.einsum(subscripts, *map(np.abs, inputs)),
        spread=_einsum_spread,
    ),
    _product(
        *("einsum_backward", _einsum_backward, _side_by_side, "Σ[{0}·{1}]", _subscripts_written)
    ),
    _product(
        *("tensordot", _tensordot, _side_by_side, "Σ[{0}·{1}]", _subscripts_written),
        Rule(-1, "einsum_backward", ("g", "others"), None, _einsum_rule),
        terms=lambda inputs, value, axes: _tensordot(*map(np.abs, inputs), axes=axes),
        spread=_product_spread(_tensordot),
    ),
)
