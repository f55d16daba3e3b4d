"""The class of the entries of MISCONCEPTIONS, and what an entry is told about the line it is on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.engine.activations import ACTIVATIONS, Activation
from backprop_explorer.engine.backprop import Objective, Step
from backprop_explorer.engine.network import Network
from backprop_explorer.engine.operations import Family

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Situation:
    """What is the same for all lines of one working.

    ``factors`` are the constants that a gradient of the cost is tried to be off by.
    """

    network: Network
    objective: Objective
    samples: int
    factors: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Context:
    """A line as a student came to it: the inputs of its operation, in the core's row convention.

    ``read`` gives any other value of the student's working by its id (None where there is none),
    ``right`` what the operation makes of these inputs when it is done right. ``step`` is the line's
    own; where cost and output activation are computed together, it is theirs for mistakes in the
    cost, and the one that goes back through the activation alone for mistakes in the activation.
    """

    situation: Situation
    step: Step
    inputs: tuple[Any, ...]
    read: Callable[[str], Any]
    right: Callable[[], Any]
    fused: bool = False

    @property
    def layer(self) -> int:
        """The line's layer, counted from 1; 0 for a line that belongs to none."""
        return self.step.layer or 0

    @property
    def activation(self) -> Activation:
        """The activation of the line's layer."""
        return self.activation_at(self.layer)

    def activation_at(self, layer: int) -> Activation:
        """The activation of ``layer``, counted from 1."""
        return ACTIVATIONS[self.situation.network.layers[layer - 1].activation]

    @property
    def depth(self) -> int:
        """The number of layers."""
        return self.situation.network.depth


def _one_way(context: Context) -> Sequence[str]:
    return ("",)


def _plain(detail: str) -> str:
    return detail


def _no_doubt(context: Context, detail: str) -> float:
    return 0.0


@dataclass(frozen=True, slots=True)
class Misconception:
    """One mistake: an alternative ``compute`` of the operations of some families.

    ``compute`` returns what a student gets who makes the mistake in this line, or None where it
    cannot be made there. A mistake that comes in several ways lists them in ``details``; ``detail``
    is then one of them, and ``words`` says it in a sentence. ``did`` and ``why`` are the two
    sentences of a diagnosis; ``did`` may hold ``{detail}``. ``on_result`` is for mistakes made with
    a result that is right so far, such as turning it round: they can follow another one. ``doubt``
    says how much less likely than usual a detail is, from 0 to 1.
    """

    name: str
    title: str
    did: str
    why: str
    families: tuple[Family, ...]
    compute: Callable[[Context, str], Any]
    details: Callable[[Context], Sequence[str]] = _one_way
    words: Callable[[str], str] = _plain
    on_result: bool = False
    doubt: Callable[[Context, str], float] = _no_doubt

    @property
    def description(self) -> str:
        """Both sentences, with a detail left open."""
        return self.message("…")

    def message(self, detail: str) -> str:
        """The diagnosis: what was done, why it is wrong and what to look at."""
        words = detail if detail == "…" else self.words(detail)
        return f"{self.did.format(detail=words)} {self.why}"


def same_shape(value: Any, shape: tuple[int, ...]) -> Any:
    """``value`` if it has ``shape``, else None: where NumPy would have refused to go on."""
    return value if value is not None and np.shape(value) == shape else None


@lru_cache(maxsize=4096)
def simple_fraction(factor: float) -> Fraction | None:
    """The fraction of small numbers that ``factor`` is, or None."""
    fraction = Fraction(factor).limit_denominator(4096)
    near = abs(float(fraction) - factor) <= 1e-12 * abs(factor)
    return fraction if near and fraction else None


def format_factor(factor: float) -> str:
    """A factor as one would say it: "3", "1.5", "1/3", "−2"."""
    fraction = simple_fraction(factor)
    short = fraction is None or round(factor, 2) == factor
    return (f"{factor:.4g}" if short else str(fraction)).replace("-", "−")
