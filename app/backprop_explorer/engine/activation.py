"""The class of the entries of ACTIVATIONS; backward pass and Jacobian of an activation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class ActivationFunction(Protocol):
    """a = f(z)."""

    def __call__(self, z: Array, /, *, out: Array | None = None) -> Array: ...


class Derivative(Protocol):
    """f'(z), elementwise. ``a`` is f(z) if the caller already has it; it only saves time."""

    def __call__(
        self, z: Array, /, *, a: Array | None = None, out: Array | None = None
    ) -> Array: ...


@dataclass(frozen=True, slots=True)
class Mixing:
    """Backward pass and Jacobian of an activation that mixes the units of a layer, as softmax does.

    Each output depends on every z of its row. Both functions read the activation's own output ``a``
    (N, n).
    """

    backward: Callable[..., Array]  # (∂C/∂a, a, *, out) -> ∂C/∂z
    jacobian: Callable[[Array], Array]  # a -> (N, n, n)


@dataclass(frozen=True, slots=True)
class Activation:
    """One activation function with its derivative, formulas and properties.

    An elementwise activation has a ``derivative``. One that mixes the units of a layer, as softmax
    does, has ``mixing`` instead. ``symbol`` is the function's LaTeX symbol. Raises ValueError if it
    has both or neither.
    """

    name: str
    title: str
    description: str
    symbol: str
    formula: str
    derivative_formula: str
    compute: ActivationFunction
    derivative: Derivative | None
    range: tuple[float, float]
    # At a corner of f, finite differences give two one-sided slopes, and any value between them is
    # a valid derivative.
    smooth: bool = True
    # How a unit of this activation stops learning; the health report counts such units.
    trouble: Literal["saturates", "dies", None] = None
    entry: str = ""
    derivative_entry: str = ""
    mixing: Mixing | None = None

    def __post_init__(self) -> None:
        if (self.derivative is None) == (self.mixing is None):
            raise ValueError(f"{self.name} needs either a derivative or mixing, not both")


def _elementwise(activation: Activation) -> Derivative:
    if activation.derivative is None:
        raise ValueError(f"{activation.name} mixes the units of a layer: it has no derivative")
    return activation.derivative


def backward_of(activation: Activation) -> Callable[..., Array]:
    """Return the function (∂C/∂a, z) → ∂C/∂z = ∂C/∂a ⊙ f'(z); it reads a, not z, if units mix."""
    if activation.mixing is not None:
        return activation.mixing.backward
    derivative = _elementwise(activation)

    def backward(
        g: Array, z: Array, /, *, a: Array | None = None, out: Array | None = None
    ) -> Array:
        slope = derivative(z, a=a, out=out)
        return np.multiply(slope, g, out=slope)

    return backward


def jacobian_of(activation: Activation) -> Callable[[Array], Array]:
    """Return the function z → ∂a/∂z of shape (N, n, n); it reads a, not z, if units mix."""
    if activation.mixing is not None:
        return activation.mixing.jacobian
    derivative = _elementwise(activation)

    def jacobian(z: Array, /) -> Array:
        return derivative(z)[:, :, None] * np.eye(z.shape[1])[None, :, :]

    return jacobian
