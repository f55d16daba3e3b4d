"""How a working is displayed: conventions, symbols, and the conversion of arrays between them.

The engine computes with samples as rows (``network``). A *convention* changes the formulas and
whether weight matrices are transposed, but no number:

==========  ===============  ==================================  ============================
convention  W                one sample                          a batch (samples are rows)
==========  ===============  ==================================  ============================
column      (n_out, n_in)    z = W a + b                         z = a Wᵀ + b
row         (n_in, n_out)    z = a W + b                         z = a W + b
lecture     (n_in, n_out)    z = Wᵀ a + b                        z = a W + b
==========  ===============  ==================================  ============================

Letters name the axes, as in ``numpy.einsum``: ``n`` a sample, ``i`` a unit of the layer below,
``j`` a unit of this layer, ``k`` another unit of this layer. ``"ij"`` is a weight matrix. If W is
transposed, so are the values in ``OF_WEIGHTS``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.engine.costs import REDUCTIONS, Reduction
from backprop_explorer.engine.registry import Registry

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)  # One object per entry, so compare by identity.
class Convention:
    """The orientation of W, and the formulas of z and its gradients, of one sample and a batch."""

    name: str
    title: str
    description: str
    transposed: bool  # W is shown as (n_out, n_in)
    forward: tuple[str, str]
    weight_gradient: tuple[str, str]
    input_gradient: tuple[str, str]


CONVENTIONS: Registry[Convention] = Registry(
    "convention",
    Convention(
        name="column",
        title="column vectors, z = W a + b",
        description="A sample stands upright; a row of W is a unit. Textbooks, PyTorch's weights.",
        transposed=True,
        forward=("{W}\\,{a} + {b}", "{a}\\,{W}^T + {b}"),
        weight_gradient=("{dz}\\,{a}^T", "{dz}^T\\,{a}"),
        input_gradient=("{W}^T\\,{dz}", "{dz}\\,{W}"),
    ),
    Convention(
        name="row",
        title="row vectors, z = a W + b",
        description="A sample lies flat, as NumPy prints it; a column of W is a unit.",
        transposed=False,
        forward=("{a}\\,{W} + {b}", "{a}\\,{W} + {b}"),
        weight_gradient=("{a}^T\\,{dz}", "{a}^T\\,{dz}"),
        input_gradient=("{dz}\\,{W}^T", "{dz}\\,{W}^T"),
    ),
    Convention(
        name="lecture",
        title="lecture notes, z = Wᵀ a + b",
        description="A sample stands upright; a column of W is a unit, so W is transposed in use.",
        transposed=False,
        forward=("{W}^T\\,{a} + {b}", "{a}\\,{W} + {b}"),
        weight_gradient=("{a}\\,{dz}^T", "{a}^T\\,{dz}"),
        input_gradient=("{W}\\,{dz}", "{dz}\\,{W}^T"),
    ),
)

# Axes of a weight matrix and its gradient, and of ∂z/∂W. The last two axes are those of W.
OF_WEIGHTS = ("ij", "njik")


class Orientation(NamedTuple):
    """How a value is displayed: its first sample only, and its last two axes swapped."""

    first: bool
    turns: bool

    def shown(self, value: Any) -> Any:
        """Return an array as displayed, as a view. Numbers pass through."""
        if not isinstance(value, np.ndarray):
            return value
        return self.reorient(value[0] if self.first else value)

    def reorient(self, value: Array) -> Array:
        """Return the whole array with its last two axes swapped if ``turns``."""
        return value.swapaxes(-1, -2) if self.turns and value.ndim > 1 else value


@dataclass(frozen=True, slots=True)
class Notation:
    """A convention for one sample (``single``: vectors) or for a batch (rows)."""

    convention: Convention
    single: bool
    reduction: Reduction

    @classmethod
    def of(cls, convention: str, *, single: bool, reduction: str) -> Notation:
        """Look up the names. Raises UnknownName."""
        return cls(
            CONVENTIONS.find(convention, "convention"),
            single,
            REDUCTIONS.find(reduction, "reduction"),
        )

    def letters(self, letters: str) -> str:
        """The axes of a value as displayed: no ``n`` for one sample, ``ji`` for transposed W."""
        if self.convention.transposed and letters in OF_WEIGHTS:
            letters = letters[:-2] + letters[:-3:-1]
        return letters.replace("n", "") if self.single else letters

    def index(self, letter: str) -> str:
        """The index of one entry in LaTeX: that of its unit, and of its sample in a batch."""
        return f"_{letter}" if self.single else f"_{{n{letter}}}"

    def signature(self, signature: str) -> str:
        """The axes of all inputs and of the output, as displayed."""
        inputs, output = signature.split("->")
        shown = ",".join(self.letters(part) for part in inputs.split(","))
        return f"{shown}->{self.letters(output)}"

    def product(self, which: str) -> str:
        """The formula of "forward", "weight_gradient" or "input_gradient", with {a}, {W}, …"""
        template: str = getattr(self.convention, which)[not self.single]
        return template

    def entry(self, template: str) -> str:
        """An entry template with its explicit axes as displayed: ``{0:nk}`` → ``{0:k}``."""
        return re.sub(r"\{(\d+):([a-z]+)\}", lambda m: f"{{{m[1]}:{self.letters(m[2])}}}", template)

    def orientation(self, letters: str) -> Orientation:
        """How a value with these axes is displayed."""
        return Orientation(
            self.single and letters.startswith("n"),
            self.convention.transposed and letters in OF_WEIGHTS,
        )

    def show(self, value: Any, letters: str) -> Any:
        """Convert an array of the engine for display, as a view. Numbers pass through."""
        return self.orientation(letters).shown(value)

    def reorient(self, value: Array, letters: str) -> Array:
        """Convert an array with the axes of W between the engine's and this convention."""
        return self.orientation(letters).reorient(value)
