"""The class of the entries of OPS, and a helper for their formulas."""

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
    """How one kind of line is computed and displayed.

    ``compute`` is a function of the inputs' values. Operations that training uses also take
    ``out``. ``formula`` returns the right-hand side in LaTeX from the ids of the inputs and the
    notation. In ``signature``, ``*`` stands for the axes of the line's parameter, and a trailing
    ``…`` repeats the last part for any number of inputs. ``text`` is a sentence for the user.
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
    """Group ``latex`` so that an exponent or index can follow; a fraction gets brackets."""
    return rf"\left({latex}\right)" if latex.startswith(r"\frac") else f"{{{latex}}}"
