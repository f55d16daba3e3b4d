"""The class of the entries of MISCONCEPTIONS, and the data of a line that they compute with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.engine.activation_parameters import split_name
from backprop_explorer.engine.activations import ACTIVATIONS, Activation
from backprop_explorer.engine.graph import Node
from backprop_explorer.engine.network import Network
from backprop_explorer.engine.objective import Objective
from backprop_explorer.engine.ops import Family
from backprop_explorer.texts import tutor_misconceptions as texts

Array = NDArray[np.float64]
# Slopes of leaky ReLU for negative z that programs use.
LEAKY_SLOPES = (0.01, 0.1, 0.2, 0.05, 0.001, 0.3, 0.25)
# α of ELU that programs use.
ELU_ALPHAS = (1.0, 0.5, 0.1, 0.2, 0.01, 2.0)


# In place of a detail: what was computed is none of the known slips.
UNKNOWN = texts.ANOTHER_FUNCTION


@dataclass(frozen=True, slots=True)
class Situation:
    """The data that all lines of one working share.

    ``factors`` are the constants that a gradient of the cost may be off by, ``offsets`` constants
    that may be added to a gradient of the weights, ``limits`` the ways in which gradients may be
    clipped, such as "entries 0.5", and ``slopes`` the slopes for negative z, or α, that the
    submitted activations show.
    """

    network: Network
    objective: Objective
    samples: int
    factors: tuple[float, ...] = ()
    offsets: tuple[float, ...] = ()
    limits: tuple[str, ...] = ()
    slopes: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Context:
    """A line of a student's working.

    ``inputs`` are the inputs of its operation, in the engine's row convention. ``read`` returns
    another value of the student's working by its id, None for an unknown id. ``right`` returns the
    correct result with these inputs. ``node`` is the node of the line. If cost and output
    activation are fused, it is the fused node for mistakes in the cost, and the backward node of
    the activation for mistakes in the activation.
    """

    situation: Situation
    node: Node
    inputs: tuple[Any, ...]
    read: Callable[[str], Any]
    right: Callable[[], Any]
    fused: bool = False

    @property
    def layer(self) -> int:
        """The layer of the line, from 1; 0 for a line without a layer."""
        return self.node.layer or 0

    @property
    def activation(self) -> Activation:
        """The activation of the line's layer."""
        return self.activation_at(self.layer)

    @property
    def base_name(self) -> str:
        """The name of the line's activation without its parameter."""
        name = self.activation.name
        parts = split_name(name)
        return name if parts is None else parts[0]

    def activation_at(self, layer: int) -> Activation:
        """Return the activation of ``layer``, counted from 1."""
        return ACTIVATIONS[self.situation.network.layers[layer - 1].activation]

    @property
    def depth(self) -> int:
        """The number of layers."""
        return self.situation.network.depth


def _one_detail(context: Context) -> Sequence[str]:
    return ("",)


def _unchanged(detail: str) -> str:
    return detail


def _no_doubt(context: Context, detail: str) -> float:
    return 0.0


def _as_given(given: str, detail: str) -> str | None:
    return None


@dataclass(frozen=True, slots=True)
class Misconception:
    """One mistake: an alternative computation of the operations of ``families``.

    ``compute(context, detail)`` returns the line's value with the mistake, None if the mistake is
    not possible in this line. ``details`` lists the variants of the mistake, and ``words`` returns
    the words for one of them. ``did`` and ``why`` are the two sentences of a diagnosis; ``did`` may
    contain ``{detail}``. ``on_result`` marks mistakes that change a finished result, such as a
    transposition: they can follow another mistake. ``doubt`` is added to the price of a detail that
    is less likely than usual, from 0 to 1. ``activation(given, detail)`` names the activation that
    a layer was computed with, None if that is not what is wrong.
    """

    name: str
    title: str
    did: str
    why: str
    families: tuple[Family, ...]
    compute: Callable[[Context, str], Any]
    details: Callable[[Context], Sequence[str]] = _one_detail
    words: Callable[[str], str] = _unchanged
    on_result: bool = False
    doubt: Callable[[Context, str], float] = _no_doubt
    activation: Callable[[str, str], str | None] = _as_given

    @property
    def description(self) -> str:
        """Both sentences, with "…" instead of a detail."""
        return self.message("…")

    def message(self, detail: str) -> str:
        """Return the diagnosis: what was done, why it is wrong, and what to check."""
        words = detail if detail in ("…", UNKNOWN) else self.words(detail)
        return f"{self.did.format(detail=words)} {self.why}"


def same_shape(value: Any, shape: tuple[int, ...]) -> Any:
    """Return ``value`` if it has ``shape``, else None."""
    return value if value is not None and np.shape(value) == shape else None


@lru_cache(maxsize=4096)
def simple_fraction(factor: float) -> Fraction | None:
    """Return ``factor`` as a fraction with a denominator up to 4096, None if it is not one."""
    fraction = Fraction(factor).limit_denominator(4096)
    near = abs(float(fraction) - factor) <= 1e-12 * abs(factor)
    return fraction if near and fraction else None


def format_factor(factor: float) -> str:
    """Format a factor for a sentence: "3", "1.5", "1/3", "−2"."""
    fraction = simple_fraction(factor)
    short = fraction is None or round(factor, 2) == factor
    return (f"{factor:.4g}" if short else str(fraction)).replace("-", "−")
