"""Activations and their derivatives in 60-digit decimal arithmetic, written from the definitions.

The floating-point functions of the project rearrange the definitions so that nothing overflows and
no digits cancel. With 60 digits none of that is needed where |z| is moderate; far out, where even
60 digits cancel, the leading term of the series is exact to more digits than a float has.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Context, Decimal, localcontext

_CONTEXT = Context(prec=60, Emin=-10_000_000, Emax=10_000_000)
_ONE, _TWO = Decimal(1), Decimal(2)
# √(2/π) to 50 digits.
_GELU_C = Decimal("0.79788456080286535587989211986876373695171726232986")
_GELU_K = Decimal("0.044715")
_LEAK = Decimal("0.01")
# Below this the first term of the series is all that a float can hold.
_SMALL = Decimal("1e-17")
# exp of less than this is 0 in a float many times over.
_FAR = Decimal(-5000)


def _exp(z: Decimal) -> Decimal:
    return max(z, _FAR).exp()


def _sigmoid(z: Decimal) -> Decimal:
    return _ONE / (_ONE + _exp(-z)) if z > 0 else _exp(z) / (_ONE + _exp(z))


def _log1p(e: Decimal) -> Decimal:
    return (_ONE + e).ln() if e > Decimal("1e-30") else e - e * e / _TWO


def _gelu_inner(z: Decimal) -> Decimal:
    """2u, of which σ is (1 + tanh u)/2."""
    return _TWO * _GELU_C * (z + _GELU_K * z**3)


def _gelu_derivative(z: Decimal) -> Decimal:
    w = _gelu_inner(z)
    slope = _TWO * _GELU_C * (_ONE + 3 * _GELU_K * z * z)
    return _sigmoid(w) + z * _sigmoid(w) * _sigmoid(-w) * slope


def _tanh(z: Decimal) -> Decimal:
    return z if abs(z) < _SMALL else _TWO * _sigmoid(_TWO * z) - _ONE


def _expm1(z: Decimal) -> Decimal:
    return z if abs(z) < _SMALL else _exp(z) - _ONE


VALUE: dict[str, Callable[[Decimal], Decimal]] = {
    "identity": lambda z: z,
    "sigmoid": _sigmoid,
    "tanh": _tanh,
    "relu": lambda z: max(z, Decimal(0)),
    "leaky_relu": lambda z: z if z > 0 else z * _LEAK,
    "elu": lambda z: z if z > 0 else _expm1(z),
    "softplus": lambda z: max(z, Decimal(0)) + _log1p(_exp(-abs(z))),
    "gelu": lambda z: z * _sigmoid(_gelu_inner(z)),
    "silu": lambda z: z * _sigmoid(z),
}

DERIVATIVE: dict[str, Callable[[Decimal], Decimal]] = {
    "identity": lambda z: _ONE,
    "sigmoid": lambda z: _sigmoid(z) * _sigmoid(-z),
    "tanh": lambda z: 4 * _sigmoid(_TWO * z) * _sigmoid(-_TWO * z),
    "relu": lambda z: _ONE if z > 0 else Decimal(0),
    "leaky_relu": lambda z: _ONE if z > 0 else _LEAK,
    "elu": lambda z: _ONE if z > 0 else _exp(z),
    "softplus": _sigmoid,
    "gelu": _gelu_derivative,
    "silu": lambda z: _sigmoid(z) * (_ONE + z * _sigmoid(-z)),
}


def exact(function: Callable[[Decimal], Decimal], z: float) -> float:
    """The float nearest to ``function(z)``."""
    with localcontext(_CONTEXT):
        return float(function(Decimal(z)))
