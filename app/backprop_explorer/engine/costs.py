"""Cost functions and reductions: each cost has a loss, its derivative and the formulas.

C = c · Σ loss(a, y), summed over all samples and outputs. The reduction gives the factor ``c``.
To add a cost, add one entry to COSTS. A cost with a stable common form with an output activation
(log of a softmax, log of a sigmoid) also has a ``fused`` entry for that activation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.engine.activations import softplus
from backprop_explorer.engine.registry import Registry

Array = NDArray[np.float64]
Loss = Callable[[Array, Array], Array]


class LossDerivative(Protocol):
    """The derivative of a loss by its first argument. It may write its result into ``buffer``."""

    def __call__(self, a: Array, target: Array, buffer: Array | None = None, /) -> Array: ...


HUBER_DELTA = 1.0
# Lower bound of the argument of log and of divisors, far below any probability of interest.
_TINY = 1e-300


@dataclass(frozen=True, slots=True)
class Fused:
    """A cost combined with an output activation, as functions of z or of a = f(z)."""

    loss: Loss  # of (z, target)
    gradient: LossDerivative  # ∂ loss / ∂z of (a, target)
    formula: str
    derivative_formula: str
    loss_entry: str
    gradient_entry: str


@dataclass(frozen=True, slots=True)
class Cost:
    """One cost function. ``loss`` and ``derivative`` are elementwise in (a, target), shape (N, n).

    ``term`` is the loss of one entry in LaTeX. ``gradient`` is its derivative without the constant
    factor ``gradient_factor``.
    """

    name: str
    title: str
    description: str
    term: str
    gradient: str
    gradient_factor: int
    loss: Loss
    derivative: LossDerivative
    default_reduction: str
    tasks: tuple[Literal["classification", "regression"], ...]
    suits: tuple[str, ...]  # suitable output activations
    loss_entry: str
    gradient_entry: str
    smooth: bool = True
    # Distance of each a from the nearest pole of the loss; only for costs with a logarithm.
    pole_distance: Callable[[Array], Array] | None = None
    fused: Mapping[str, Fused] = field(default_factory=dict)


def _mse_derivative(a: Array, target: Array, buffer: Array | None = None) -> Array:
    difference: Array = np.subtract(a, target, out=buffer)
    return np.multiply(difference, 2.0, out=difference)


def _huber(a: Array, target: Array) -> Array:
    d = np.abs(a - target)
    inner = np.minimum(d, HUBER_DELTA)
    loss: Array = inner * (d - 0.5 * inner)
    return loss


def _huber_derivative(a: Array, target: Array, buffer: Array | None = None) -> Array:
    return np.minimum(np.maximum(a - target, -HUBER_DELTA), HUBER_DELTA)


def _bounded_log(p: Array) -> Array:
    return np.log(np.maximum(p, _TINY))


def _bounded_reciprocal(p: Array) -> Array:
    """The derivative of the bounded log: 1/p, and 0 where p is below the bound."""
    inside = p > _TINY
    return np.where(inside, 1.0 / np.where(inside, p, 1.0), 0.0)


def _bce_derivative(a: Array, target: Array, buffer: Array | None = None) -> Array:
    return (1.0 - target) * _bounded_reciprocal(1.0 - a) - target * _bounded_reciprocal(a)


def _bce_of_logits(z: Array, target: Array) -> Array:
    loss: Array = target * softplus(-z) + (1.0 - target) * softplus(z)
    return loss


def _cross_entropy_of_logits(z: Array, target: Array) -> Array:
    shifted = z - z.max(axis=1, keepdims=True)
    log_sum = np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss: Array = target * (log_sum - shifted)
    return loss


def _softmax_minus_target(a: Array, target: Array, buffer: Array | None = None) -> Array:
    # The general form for any Σy. For one-hot targets Σy = 1, so the product is exact.
    total: Array = target.sum(axis=1, keepdims=True)
    return np.subtract(np.multiply(a, total, out=buffer), target, out=buffer)


COSTS: Registry[Cost] = Registry(
    "cost",
    Cost(
        name="mse",
        title="squared error",
        description="The squared distance between prediction and target.",
        term=r"\left(a - y\right)^2",
        gradient=r"\left(a - y\right)",
        gradient_factor=2,
        loss=lambda a, target: np.square(a - target),
        derivative=_mse_derivative,
        default_reduction="mean",
        tasks=("classification", "regression"),
        suits=("identity", "sigmoid", "tanh", "softmax"),
        loss_entry="({0} − {1})²",
        gradient_entry="2·({0} − {1})",
    ),
    Cost(
        name="mae",
        title="absolute error",
        description="The absolute difference: the gradient is the same for small and large errors.",
        term=r"\left|a - y\right|",
        gradient=r"\mathrm{sign}\left(a - y\right)",
        gradient_factor=1,
        loss=lambda a, target: np.abs(a - target),
        derivative=lambda a, target, buffer=None: np.sign(a - target),
        default_reduction="mean",
        tasks=("regression",),
        suits=("identity", "sigmoid", "tanh"),
        loss_entry="|{0} − {1}|",
        gradient_entry="sign({0} − {1})",
        smooth=False,
    ),
    Cost(
        name="huber",
        title="Huber (δ = 1)",
        description="½d² for an error d of up to 1, |d| − ½ beyond: bounded gradient.",
        term=r"\mathrm{huber}\left(a - y\right)",
        gradient=r"\mathrm{clip}\left(a - y,\, -1,\, 1\right)",
        gradient_factor=1,
        loss=_huber,
        derivative=_huber_derivative,
        default_reduction="mean",
        tasks=("regression",),
        suits=("identity", "sigmoid", "tanh"),
        loss_entry="huber({0} − {1})",
        gradient_entry="clip({0} − {1}, −1, 1)",
    ),
    Cost(
        name="binary_cross_entropy",
        title="binary cross-entropy",
        description="−log of the probability of the target, yes or no. For a sigmoid output.",
        term=r"-\left(y \log a + (1 - y) \log(1 - a)\right)",
        gradient=r"\left(\frac{1 - y}{1 - a} - \frac{y}{a}\right)",
        gradient_factor=1,
        loss=lambda a, target: -(target * _bounded_log(a) + (1.0 - target) * _bounded_log(1.0 - a)),
        derivative=_bce_derivative,
        default_reduction="mean",
        tasks=("classification",),
        suits=("sigmoid",),
        loss_entry="−({1}·log {0} + (1 − {1})·log(1 − {0}))",
        gradient_entry="((1 − {1})/(1 − {0}) − {1}/{0})",
        pole_distance=lambda a: np.abs(np.minimum(a, 1.0 - a)),
        fused={
            "sigmoid": Fused(
                loss=_bce_of_logits,
                gradient=lambda a, target, buffer=None: np.subtract(a, target, out=buffer),
                formula=r"\left(y \log(1 + e^{-z}) + (1 - y) \log(1 + e^{z})\right)",
                derivative_formula=r"\left(a - y\right)",
                loss_entry="({1}·log(1 + exp(−{0})) + (1 − {1})·log(1 + exp({0})))",
                gradient_entry="({0} − {1})",
            )
        },
    ),
    Cost(
        name="cross_entropy",
        title="cross-entropy",
        description="−log of the predicted probability of the target class. For softmax.",
        term=r"-y \log a",
        gradient=r"-\frac{y}{a}",
        gradient_factor=1,
        loss=lambda a, target: -target * _bounded_log(a),
        derivative=lambda a, target, buffer=None: -target * _bounded_reciprocal(a),
        default_reduction="batch_mean",
        tasks=("classification",),
        suits=("softmax",),
        loss_entry="−{1}·log {0}",
        gradient_entry="(−{1}/{0})",
        pole_distance=np.abs,
        fused={
            "softmax": Fused(
                loss=_cross_entropy_of_logits,
                gradient=_softmax_minus_target,
                formula=r"y \left(\log \sum_k e^{z_k} - z\right)",
                derivative_formula=r"\left(a - y\right)",
                loss_entry="{1}·(log(Σ[exp({0:nk})]) − {0})",
                gradient_entry="({0} − {1})",
            )
        },
    ),
)


@dataclass(frozen=True, slots=True, eq=False)  # One object per entry, so compare by identity.
class Reduction:
    """How the losses of N samples × n outputs become one number: a factor times their sum."""

    name: str
    title: str
    description: str
    formula: str
    factor: Callable[[int, int], float]  # of (N, n)

    def coefficient(self, constant: int, single: bool) -> str:
        """``constant`` × the factor in LaTeX; empty if that is 1."""
        outputs = r"n_{\mathrm{out}}"
        below = {
            "mean": outputs if single else rf"N\,{outputs}",
            "batch_mean": "" if single else "N",
        }
        denominator = below.get(self.name.removeprefix("half_"), "")
        if self.name.startswith("half_"):
            if constant % 2:
                if not denominator:
                    return r"\tfrac12" if constant == 1 else rf"\tfrac{{{constant}}}{{2}}"
                denominator = rf"2\,{denominator}"
            else:
                constant //= 2
        if denominator:
            return rf"\frac{{{constant}}}{{{denominator}}}"
        return "" if constant == 1 else str(constant)


REDUCTIONS: Registry[Reduction] = Registry(
    "reduction",
    Reduction(
        name="mean",
        title="mean over all entries",
        description="Divides by samples × outputs, as np.mean and the exercises' mse do.",
        formula=r"C = \frac{1}{N\,n_{\mathrm{out}}} \sum \ell",
        factor=lambda samples, outputs: 1.0 / (samples * outputs),
    ),
    Reduction(
        name="half_sum",
        title="half the sum",
        description="½ Σ, the textbook form in which the 2 of the square cancels.",
        formula=r"C = \tfrac12 \sum \ell",
        factor=lambda samples, outputs: 0.5,
    ),
    Reduction(
        name="sum",
        title="sum",
        description="Adds everything up; gradients grow with the batch.",
        formula=r"C = \sum \ell",
        factor=lambda samples, outputs: 1.0,
    ),
    Reduction(
        name="batch_mean",
        title="mean over the batch",
        description="Divides by the samples only, as most libraries do for cross-entropy.",
        formula=r"C = \frac{1}{N} \sum \ell",
        factor=lambda samples, outputs: 1.0 / samples,
    ),
    Reduction(
        name="half_mean",
        title="half the mean over all entries",
        description="½ of the mean: the 2 of the square cancels, and the scale does not grow.",
        formula=r"C = \frac{1}{2 N\,n_{\mathrm{out}}} \sum \ell",
        factor=lambda samples, outputs: 0.5 / (samples * outputs),
    ),
    Reduction(
        name="half_batch_mean",
        title="half the mean over the batch",
        description="1/(2N) Σ, the mean of ½‖a − y‖² over the samples.",
        formula=r"C = \frac{1}{2N} \sum \ell",
        factor=lambda samples, outputs: 0.5 / samples,
    ),
)
