"""Gradients of values that are read more than once, and of costs inside a larger expression."""

from __future__ import annotations

from typing import Any

import numpy as np

from backprop_explorer.engine.ops.operation import Array, Operation
from backprop_explorer.tape import unboxed
from backprop_explorer.texts import engine as texts


def add_shares(*shares: Array, out: Array | None = None) -> Any:
    """∂C/∂v, the sum of its shares through each place that reads v; all of the shape of v."""
    total: Any = np.add(shares[0], shares[1], out=out)
    for share in shares[2:]:
        total = np.add(total, share, out=out)
    return unboxed(total)


def chain(g: float, derivative: Array, /, *, out: Array | None = None) -> Array:
    """∂C/∂v = g · ∂r/∂v for a number r: () and an array of the shape of v."""
    return np.multiply(g, derivative, out=out)


def one(*, out: Array | None = None) -> float:
    """∂C/∂C = 1, where backpropagation starts."""
    return unboxed(np.positive(1.0, out=out))


def same(g: Array, /, *, out: Array | None = None) -> Any:
    """∂C/∂v = g of a value v that was added to others."""
    return unboxed(np.positive(g, out=out))


ACCUMULATE = (
    Operation(
        name="one",
        family="sum",
        title=texts.START,
        compute=one,
        formula=lambda inputs, notation: "1",
        signature="->",
        entry="1",
        text=texts.START_TEXT,
    ),
    Operation(
        name="same",
        family="sum",
        title=texts.SAME,
        compute=same,
        formula=lambda inputs, notation: inputs[0].latex,
        signature="*->*",
        entry="{0}",
        text=texts.SAME_TEXT,
    ),
    Operation(
        name="add_shares",
        family="sum",
        title=texts.ADD_SHARES,
        compute=add_shares,
        formula=lambda inputs, notation: " + ".join(name.latex for name in inputs),
        signature="*,…->*",
        entry="{0} + …",
        text=texts.ADD_SHARES_TEXT,
        terms=lambda inputs, value: sum(map(np.abs, inputs)),
    ),
    Operation(
        name="chain",
        family="sum",
        title=texts.CHAIN,
        compute=chain,
        formula=lambda inputs, notation: rf"{inputs[0].latex}\,{inputs[1].latex}",
        signature=",*->*",
        entry="{0}·{1}",
        text=texts.CHAIN_TEXT,
    ),
)
