"""How the working is shown: conventions, symbols, and the turning of arrays between them.

The core computes in batch rows (``network``). A *convention* changes what is written and which way
round a matrix of weights stands, never a number:

==========  ===============  ==================================  ============================
convention  W                one sample                          a batch (samples are rows)
==========  ===============  ==================================  ============================
column      (n_out, n_in)    z = W a + b                         z = a Wᵀ + b
row         (n_in, n_out)    z = a W + b                         z = a W + b
lecture     (n_in, n_out)    z = Wᵀ a + b                        z = a W + b
==========  ===============  ==================================  ============================

Axes are named by letters, as in ``numpy.einsum``: ``n`` a sample, ``i`` a unit of the layer below,
``j`` a unit of this layer, ``k`` another unit of this layer: ``"ij"`` is a matrix of weights.
Where W stands the other way round, so do the axes of what has its shape: see ``OF_WEIGHTS``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.engine.costs import REDUCTIONS, Reduction
from backprop_explorer.engine.registry import Registry

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)  # each is there once: found again by identity
class Convention:
    """Which way round W stands, and how z is written."""

    name: str
    title: str
    description: str
    transposed: bool  # W is shown as (n_out, n_in)
    forward_single: str
    forward_batch: str
    weight_gradient_single: str
    weight_gradient_batch: str
    input_gradient_single: str
    input_gradient_batch: str


CONVENTIONS: Registry[Convention] = Registry(
    "convention",
    Convention(
        name="column",
        title="column vectors, z = W a + b",
        description="W is (n_out, n_in). Most textbooks, single samples, PyTorch's weights.",
        transposed=True,
        forward_single="{W}\\,{a} + {b}",
        forward_batch="{a}\\,{W}^T + {b}",
        weight_gradient_single="{dz}\\,{a}^T",
        weight_gradient_batch="{dz}^T\\,{a}",
        input_gradient_single="{W}^T\\,{dz}",
        input_gradient_batch="{dz}\\,{W}",
    ),
    Convention(
        name="row",
        title="row vectors, z = a W + b",
        description="W is (n_in, n_out). Batches in NumPy, and what this program computes in.",
        transposed=False,
        forward_single="{a}\\,{W} + {b}",
        forward_batch="{a}\\,{W} + {b}",
        weight_gradient_single="{a}^T\\,{dz}",
        weight_gradient_batch="{a}^T\\,{dz}",
        input_gradient_single="{dz}\\,{W}^T",
        input_gradient_batch="{dz}\\,{W}^T",
    ),
    Convention(
        name="lecture",
        title="lecture notes, z = Wᵀ a + b",
        description="W is (n_in, n_out), samples are columns, so W is transposed in use.",
        transposed=False,
        forward_single="{W}^T\\,{a} + {b}",
        forward_batch="{a}\\,{W} + {b}",
        weight_gradient_single="{a}\\,{dz}^T",
        weight_gradient_batch="{a}^T\\,{dz}",
        input_gradient_single="{W}\\,{dz}",
        input_gradient_batch="{dz}\\,{W}^T",
    ),
)

# A matrix of weights and its gradient, and ∂z/∂W: the last two axes are those of W.
OF_WEIGHTS = ("ij", "njik")

_LAYERED = re.compile(r"^(z|a|W|b)(\d+)$")
_GRADIENT = re.compile(r"^dC_d(z|a|W|b)(\d+)$")
_JACOBIAN = re.compile(r"^d(z|a)(\d+)_d(z|a|W|b)(\d+)$")
_STATE = re.compile(r"^(velocity|sum|square|m|v|m_hat|v_hat)_((?:W|b)\d+)(_next)?$")
_STATE_LETTER = {
    "velocity": "v",
    "sum": "s",
    "square": "s",
    "m": "m",
    "v": "v",
    "m_hat": r"\hat{m}",
    "v_hat": r"\hat{v}",
}
_PLAIN = {
    "x": "x",
    "target": "y",
    "C": "C",
    "C_data": r"C_{\mathrm{data}}",
    "cost_factor": "c",
    "l1": r"\lambda_1",
    "l2": r"\lambda_2",
    "learning_rate": r"\eta",
    "base_learning_rate": r"\eta_0",
    "step": r"\tau",
    "momentum": r"\mu",
    "rho": r"\rho",
    "beta1": r"\beta_1",
    "beta2": r"\beta_2",
    "epsilon": r"\epsilon",
    "update_count": "t",
    "every": "k",
    "factor": r"\gamma",
    "steps": "T",
    "floor": "f",
}


def _layered(letter: str, layer: str) -> str:
    return f"{letter}^{{({layer})}}"


@lru_cache(maxsize=8192)
def symbol(name: str) -> str:
    """The LaTeX symbol of a line or given, from its id: "dC_dz2" → ∂C/∂z⁽²⁾."""
    if name in _PLAIN:
        return _PLAIN[name]
    if match := _LAYERED.match(name):
        return _layered(*match.groups())
    if match := _GRADIENT.match(name):
        return rf"\frac{{\partial C}}{{\partial {_layered(*match.groups())}}}"
    if match := _JACOBIAN.match(name):
        above, below = _layered(*match.group(1, 2)), _layered(*match.group(3, 4))
        return rf"\frac{{\partial {above}}}{{\partial {below}}}"
    if name.startswith("penalty"):
        return f"R^{{({name.removeprefix('penalty')})}}"
    if match := _STATE.match(name):
        kind, parameter, following = match.groups()
        letter = _STATE_LETTER[kind]
        mark = r",\,\mathrm{new}" if following else ""
        return f"{letter}_{{{symbol(parameter)}{mark}}}"
    if name.endswith("_next"):
        return f"{symbol(name.removesuffix('_next'))}_{{\\mathrm{{new}}}}"
    raise ValueError(f"no symbol for {name!r}")


class Way(NamedTuple):
    """How a value is shown: its first sample alone, and its last two axes changed round."""

    first: bool
    turns: bool

    def shown(self, value: Any) -> Any:
        """An array as it is shown; numbers pass through. A view."""
        if not isinstance(value, np.ndarray):
            return value
        return self.turned(value[0] if self.first else value)

    def turned(self, value: Array) -> Array:
        """All of it, from one way round to the other."""
        return value.swapaxes(-1, -2) if self.turns and value.ndim > 1 else value


@dataclass(frozen=True, slots=True)
class Notation:
    """A convention, applied to one sample (``single``: vectors) or to a batch (rows)."""

    convention: Convention
    single: bool
    reduction: Reduction

    @classmethod
    def of(cls, convention: str, *, single: bool, reduction: str) -> Notation:
        """Look the names up. Raises UnknownName."""
        return cls(
            CONVENTIONS.find(convention, "convention"),
            single,
            REDUCTIONS.find(reduction, "reduction"),
        )

    def letters(self, letters: str) -> str:
        """The axes of a value as shown: no ``n`` for one sample, ``ji`` for a column's weights."""
        if self.convention.transposed and letters in OF_WEIGHTS:
            letters = letters[:-2] + letters[:-3:-1]
        return letters.replace("n", "") if self.single else letters

    def signature(self, signature: str) -> str:
        """The axes of all inputs and of the output, as shown."""
        inputs, output = signature.split("->")
        shown = ",".join(self.letters(part) for part in inputs.split(","))
        return f"{shown}->{self.letters(output)}"

    def entry(self, template: str) -> str:
        """An entry template with its explicit axes as shown: ``{0:nk}`` → ``{0:k}``."""
        return re.sub(r"\{(\d+):([a-z]+)\}", lambda m: f"{{{m[1]}:{self.letters(m[2])}}}", template)

    def way(self, letters: str) -> Way:
        """How a value of these axes is shown."""
        return Way(
            self.single and letters.startswith("n"),
            self.convention.transposed and letters in OF_WEIGHTS,
        )

    def show(self, value: Any, letters: str) -> Any:
        """An array of the core, turned as shown. Numbers pass through. A view where possible."""
        return self.way(letters).shown(value)

    def turned(self, value: Array, letters: str) -> Array:
        """What has the axes of W, from the core's way round to this convention's or back."""
        return self.way(letters).turned(value)

    def read_weights(self, W: Array) -> Array:
        """A matrix of weights as given in this convention, turned to the core's (n_in, n_out)."""
        return W.T if self.convention.transposed else W
