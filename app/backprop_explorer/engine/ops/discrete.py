"""Functions without a gradient, for recorded programs: comparisons, rounding, argmax, sort orders.

Their derivative is 0 or not defined everywhere, so no rule leads back through them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from backprop_explorer.engine.ops.operation import (
    Operation,
    broadcast,
    by_order,
    entry_by_entry,
    of_program,
)
from backprop_explorer.texts import engine as texts

_RELATIONS = {
    "greater": ">",
    "greater_equal": r"\ge",
    "less": "<",
    "less_equal": r"\le",
    "equal": "=",
    "not_equal": r"\ne",
    "logical_and": r"\land",
    "logical_or": r"\lor",
    "logical_xor": r"\oplus",
    "bitwise_and": r"\land",
    "bitwise_or": r"\lor",
    "bitwise_xor": r"\oplus",
    "floor_divide": r"\mathbin{/\!/}",
    "left_shift": r"\ll",
    "right_shift": r"\gg",
    "heaviside": r"\mathbin{H}",
    "gcd": r"\gcd",
    "lcm": r"\mathrm{lcm}",
}
_SIGNS = {
    "logical_not": "¬",
    "invert": "¬",
    "isnan": "isnan",
    "isfinite": "isfinite",
    "isinf": "isinf",
    "signbit": "signbit",
    "sign": "sign",
    "floor": "floor",
    "ceil": "ceil",
    "trunc": "trunc",
    "rint": "round",
}


def _axes_of(name: str) -> Callable[..., Any]:
    function = getattr(np, name)

    def compute(x: Any, *, axis: Any, keepdims: bool) -> Any:
        if axis is not None and name.startswith(("argm", "nanarg")):
            (axis,) = axis
        return function(x, axis=axis, keepdims=keepdims)

    return compute


def _discrete(
    name: str, compute: Callable[..., Any], latex: str, entry: str, written: Any, **more: Any
) -> Operation:
    return of_program(
        *(name, "discrete", compute, latex, entry, written, texts.WITHOUT_GRADIENT),
        spread=lambda values, spreads, **_: 0.0,
        **more,
    )


def _of_one(name: str) -> str:
    return rf"\mathrm{{{name.replace('_', ' ')}}}\left(%0\right)"


_SYMBOLS = {r"\ge": "≥", r"\le": "≤", r"\ne": "≠", r"\land": "and", r"\lor": "or", r"\oplus": "xor"}
DISCRETE = (
    *(
        _discrete(
            *(name, getattr(np, name), f"%0 {relation} %1"),
            *(entry := f"[{{0}} {_SYMBOLS.get(relation, relation.strip(chr(92)))} {{1}}]",),
            broadcast(entry),
            copies=entry_by_entry(getattr(np, name)),
        )
        for name, relation in _RELATIONS.items()
    ),
    *(
        _discrete(
            *(name, getattr(np, name), _of_one(sign), f"{sign}({{0}})"),
            broadcast(f"{sign}({{0}})"),
            copies=getattr(np, name),
        )
        for name, sign in _SIGNS.items()
    ),
    *(
        _discrete(name, _axes_of(name), _of_one(name), f"{name}({{0}})", by_order(f"{name}({{0}})"))
        for name in ("argmax", "argmin", "any", "all", "count_nonzero")
    ),
    _discrete(
        "argsort",
        lambda x, *, axis: np.argsort(x, axis=axis),
        *(_of_one("argsort"), "argsort({0})", by_order("argsort({0})")),
    ),
    _discrete(
        "to_whole",
        lambda x, *, dtype: np.asarray(x).astype(dtype),
        *(r"\left\lfloor %0 \right\rfloor", "⌊{0}⌋", broadcast("⌊{0}⌋")),
    ),
)
