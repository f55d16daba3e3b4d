"""The class of the entries of OPS, and how their formulas are put together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.engine.notation import Notation

Array = NDArray[np.float64]
Family = Literal[
    "affine",
    "activation",
    "cost",
    "penalty",
    "cost_gradient",
    "activation_backward",
    "weight_gradient",
    "bias_gradient",
    "input_gradient",
    "jacobian",
    "schedule",
    "update",
]


@dataclass(frozen=True, slots=True)
class Operation:
    """One kind of line.

    ``compute`` is a function of the inputs' values, and where training needs it, of ``out`` too.

    ``formula`` gives the right-hand side in LaTeX from the ids of the inputs and the notation.
    In ``signature`` a ``*`` stands for the axes of whatever parameter the line is about, and a
    signature that ends in ``…`` repeats its last part for any number of inputs.
    """

    name: str
    family: Family
    title: str
    compute: Callable[..., Any]
    formula: Callable[[tuple[str, ...], Notation], str]
    signature: str
    entry: str
    text: str


def grouped(latex: str) -> str:
    """Something that can carry a transposition or an index: a fraction needs brackets for that."""
    return rf"\left({latex}\right)" if latex.startswith(r"\frac") else f"{{{latex}}}"
