"""The class of the entries of ACTIVATIONS, and what follows from any entry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Forward(Protocol):
    """a = f(z)."""

    def __call__(self, z: Array, /, *, out: Array | None = None) -> Array: ...


class Derivative(Protocol):
    """f'(z), elementwise. ``a`` is f(z) where the caller has it already; it only saves time."""

    def __call__(
        self, z: Array, /, *, a: Array | None = None, out: Array | None = None
    ) -> Array: ...


@dataclass(frozen=True, slots=True)
class Mixing:
    """The way back through an activation whose every output depends on every z of its row.

    Both are functions of the activation's own output ``a`` (N, n).
    """

    backward: Callable[..., Array]  # (∂C/∂a, a, *, out) -> ∂C/∂z
    jacobian: Callable[[Array], Array]  # a -> (N, n, n)


@dataclass(frozen=True, slots=True)
class Activation:
    """One activation function and all that is known of it.

    An activation works on each unit alone and has a ``derivative``, or it mixes the units of a
    layer, as softmax does; then it has ``mixing`` instead. ``symbol`` is how the function is
    written in a formula.
    """

    name: str
    title: str
    description: str
    symbol: str
    formula: str
    derivative_formula: str
    compute: Forward
    derivative: Derivative | None
    range: tuple[float, float]
    # Where f has a corner, finite differences see two slopes and any value between them is right.
    smooth: bool = True
    # The share of units that stopped learning is counted by whichever of these applies.
    trouble: Literal["saturates", "dies", None] = None
    entry: str = ""
    derivative_entry: str = ""
    mixing: Mixing | None = None

    def __post_init__(self) -> None:
        if (self.derivative is None) == (self.mixing is None):
            raise ValueError(f"{self.name} needs either a derivative or a way back that mixes")


def _elementwise(activation: Activation) -> Derivative:
    if activation.derivative is None:
        raise ValueError(f"{activation.name} mixes the units of a layer")
    return activation.derivative


def backward_of(activation: Activation) -> Callable[..., Array]:
    """∂C/∂z as a function of (∂C/∂a, z): ∂C/∂a ⊙ f'(z). Of (∂C/∂a, a) where units mix."""
    if activation.mixing is not None:
        return activation.mixing.backward
    derivative = _elementwise(activation)

    def backward(
        dC_da: Array,
        z: Array,
        /,
        *,
        a: Array | None = None,
        out: Array | None = None,
    ) -> Array:
        slope = derivative(z, a=a, out=out)
        return np.multiply(slope, dC_da, out=slope)

    return backward


def jacobian_of(activation: Activation) -> Callable[[Array], Array]:
    """∂a/∂z of shape (N, n, n) as a function of z. Of a where units mix."""
    if activation.mixing is not None:
        return activation.mixing.jacobian
    derivative = _elementwise(activation)

    def jacobian(z: Array, /) -> Array:
        return derivative(z)[:, :, None] * np.eye(z.shape[1])[None, :, :]

    return jacobian
