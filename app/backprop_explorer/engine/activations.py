"""Activation functions: each entry holds the function, its derivative and both formulas.

To add one, add one entry to ACTIVATIONS, and an independent forward function to
``proof.autograd_functions``. The operations, the catalog, the menus of the page, the formulas and
the gradient tests are derived from the entry.

All functions take pre-activations ``z`` of shape (N, n), float64. They write into ``out`` of the
same shape if it is given. None of them overflows or warns for any finite ``z``.
"""

from __future__ import annotations

import numpy as np

from backprop_explorer.engine.activation import Activation, Array, Mixing, backward_of, jacobian_of
from backprop_explorer.engine.activation_parameters import activation_with_parameter
from backprop_explorer.engine.registry import Registry
from backprop_explorer.tape import repair


def softmax(z: Array, /, *, out: Array | None = None) -> Array:
    """a_j = exp(z_j) / Σ_k exp(z_k) within each row.

    The maximum of each row is subtracted first, so that exp does not overflow. The maximum over the
    batch (``axis=0``) would be wrong: for a batch of one, all probabilities would be equal.
    """
    # The difference of two very large numbers may be −inf; exp(−inf) = 0 is the correct result.
    with np.errstate(over="ignore"):
        out = np.subtract(z, z.max(axis=1, keepdims=True), out=out)
    np.exp(out, out=out)
    total: Array = out.sum(axis=1, keepdims=True)
    return np.divide(out, total, out=out)


def softmax_backward(g: Array, a: Array, /, *, out: Array | None = None) -> Array:
    """∂C/∂z_j = a_j (∂C/∂a_j − Σ_k ∂C/∂a_k a_k): ∂C/∂a times the full Jacobian.

    Since Σa = 1, subtracting one number from all ∂C/∂a of a row does not change the result. We
    subtract that of the most likely class: no digits then cancel when its probability is near 1.
    """
    likely = a.argmax(axis=1)[:, None]
    out = np.subtract(g, np.take_along_axis(g, likely, axis=1), out=out)
    inner = np.einsum("nk,nk->n", out, a)
    np.subtract(out, inner[:, None], out=out)
    return np.multiply(out, a, out=out)


def softmax_jacobian(a: Array, /) -> Array:
    """∂a_j/∂z_k = a_j (δ_jk − a_k), shape (N, n, n)."""
    eye = np.eye(a.shape[1])
    jacobian: Array = a[:, :, None] * (eye[None, :, :] - a[:, None, :])
    return jacobian


__all__ = ["ACTIVATIONS", "Activation", "Array", "backward_of", "jacobian_of"]

LEAKY_SLOPE = 0.01
ELU_ALPHA = 1.0
# If a is so close to ±1 that 1 − a (or 1 − a²) is below this limit, the subtraction has cancelled
# most of its digits. A second formula without cancellation then replaces it. Its exponential is
# computed only if some entry needs it.
_CANCELLED = 1e-6
# Beyond ±these, GELU and SiLU equal 0 or z, and their slopes 0 or 1, to the last digit.
_GELU_MAX = 40.0
_SILU_MAX = 800.0
_GELU_C = float(np.sqrt(2.0 / np.pi))
_GELU_K = 0.044715


def identity(z: Array, /, *, out: Array | None = None) -> Array:
    """a = z."""
    return np.positive(z, out=out)


def identity_derivative(z: Array, /, *, a: Array | None = None, out: Array | None = None) -> Array:
    """f'(z) = 1."""
    out = np.empty_like(z) if out is None else out
    return np.positive(1.0, out=out)


def sigmoid(z: Array, /, *, out: Array | None = None) -> Array:
    """a = 1 / (1 + exp(-z)), to full relative precision for every z.

    Computed as exp(min(z, 0)) / (1 + exp(−|z|)): no exponent is positive, so nothing overflows.
    """
    below = np.exp(-np.abs(z))
    np.add(below, 1.0, out=below)
    out = np.exp(np.minimum(z, 0.0), out=out)
    return np.divide(out, below, out=out)


def sigmoid_derivative(z: Array, /, *, a: Array | None = None, out: Array | None = None) -> Array:
    """f'(z) = σ(z) (1 − σ(z)); near saturation as exp(−|z|) / (1 + exp(−|z|))²."""
    a = sigmoid(z) if a is None else a
    rest = np.subtract(1.0, a)
    out = np.multiply(rest, a, out=out)
    return repair(out, rest, _CANCELLED, _sigmoid_slope_of_z, z)


def _sigmoid_slope_of_z(z: Array) -> Array:
    e = np.exp(-np.abs(z))
    return e / np.square(1.0 + e)


def tanh_derivative(z: Array, /, *, a: Array | None = None, out: Array | None = None) -> Array:
    """f'(z) = 1 − tanh²(z); near saturation as 4 exp(−2|z|) / (1 + exp(−2|z|))²."""
    a = np.tanh(z) if a is None else a
    out = np.multiply(a, a, out=out)
    out = np.subtract(1.0, out, out=out)
    return repair(out, out, _CANCELLED, _tanh_slope_of_z, z)


def _tanh_slope_of_z(z: Array) -> Array:
    # Beyond |z| = 400 the slope is 0; the bound keeps 2|z| from overflowing.
    e = np.exp(-2.0 * np.minimum(np.abs(z), 400.0))
    return 4.0 * e / np.square(1.0 + e)


def relu(z: Array, /, *, out: Array | None = None) -> Array:
    """a = max(0, z)."""
    return np.maximum(z, 0.0, out=out)


def relu_derivative(z: Array, /, *, a: Array | None = None, out: Array | None = None) -> Array:
    """f'(z) = 1 where z > 0, else 0. At the corner it is 0, as in autograd and PyTorch."""
    return np.heaviside(z, 0.0, out=out)


def leaky_relu(z: Array, /, *, out: Array | None = None) -> Array:
    """a = z where z > 0, else 0.01 z."""
    return np.maximum(z, LEAKY_SLOPE * z, out=out)


def leaky_relu_derivative(
    z: Array, /, *, a: Array | None = None, out: Array | None = None
) -> Array:
    """f'(z) = 1 where z > 0, else 0.01."""
    return np.maximum(np.heaviside(z, 0.0, out=out), LEAKY_SLOPE, out=out)


def elu(z: Array, /, *, out: Array | None = None) -> Array:
    """a = z where z > 0, else exp(z) − 1 (Clevert et al. 2016, α = 1)."""
    low = np.expm1(np.minimum(z, 0.0))
    return np.add(np.maximum(z, 0.0), ELU_ALPHA * low, out=out)


def elu_derivative(z: Array, /, *, a: Array | None = None, out: Array | None = None) -> Array:
    """f'(z) = 1 where z > 0, else exp(z)."""
    return np.exp(np.minimum(z, 0.0), out=out)


def softplus(z: Array, /, *, out: Array | None = None) -> Array:
    """a = log(1 + exp(z)), as max(z, 0) + log1p(exp(−|z|))."""
    return np.add(np.maximum(z, 0.0), np.log1p(np.exp(-np.abs(z))), out=out)


def softplus_derivative(z: Array, /, *, a: Array | None = None, out: Array | None = None) -> Array:
    """f'(z) = σ(z)."""
    return sigmoid(z, out=out)


def _gelu_inner(bounded: Array) -> Array:
    """2u of the formula. (1 + tanh u) / 2 = σ(2u), which does not cancel where tanh u ≈ −1."""
    inner: Array = 2.0 * _GELU_C * (bounded + _GELU_K * bounded**3)
    return inner


def gelu(z: Array, /, *, out: Array | None = None) -> Array:
    """a = z/2 (1 + tanh(√(2/π) (z + 0.044715 z³))), the tanh form of Hendrycks & Gimpel 2016.

    It is PyTorch's ``GELU(approximate="tanh")``. NumPy has no error function for the exact form.
    """
    # Bounded because the cube would overflow for |z| > 1e102.
    bounded = np.minimum(np.maximum(z, -_GELU_MAX), _GELU_MAX)
    gate = sigmoid(_gelu_inner(bounded))
    return np.multiply(np.maximum(z, -_GELU_MAX), gate, out=out)


def gelu_derivative(z: Array, /, *, a: Array | None = None, out: Array | None = None) -> Array:
    """f'(z), the exact derivative of the tanh form."""
    bounded = np.minimum(np.maximum(z, -_GELU_MAX), _GELU_MAX)
    inner = _gelu_inner(bounded)
    slope = 2.0 * _GELU_C * (1.0 + 3.0 * _GELU_K * np.square(bounded))
    return np.multiply(sigmoid(inner), 1.0 + bounded * sigmoid(-inner) * slope, out=out)


def silu(z: Array, /, *, out: Array | None = None) -> Array:
    """a = z σ(z), also called swish (Elfwing et al. 2018)."""
    return np.multiply(np.maximum(z, -_SILU_MAX), sigmoid(z), out=out)


def silu_derivative(z: Array, /, *, a: Array | None = None, out: Array | None = None) -> Array:
    """f'(z) = σ(z) (1 + z (1 − σ(z)))."""
    bounded = np.minimum(np.maximum(z, -_SILU_MAX), _SILU_MAX)
    return np.multiply(sigmoid(bounded), 1.0 + bounded * sigmoid(-bounded), out=out)


_INF = float("inf")

ACTIVATIONS: Registry[Activation] = Registry(
    "activation",
    Activation(
        name="identity",
        title="identity",
        description="Passes z on unchanged. Layers of it collapse to one affine map.",
        symbol=r"\mathrm{id}",
        formula=r"f(z) = z",
        derivative_formula=r"f'(z) = 1",
        compute=identity,
        derivative=identity_derivative,
        range=(-_INF, _INF),
        entry="{0}",
        derivative_entry="1",
    ),
    Activation(
        name="sigmoid",
        title="sigmoid",
        description="Maps z into (0, 1). Its slope is at most ¼, so deep gradients vanish.",
        symbol=r"\sigma",
        formula=r"\sigma(z) = \frac{1}{1 + e^{-z}}",
        derivative_formula=r"\sigma'(z) = \sigma(z)\,(1 - \sigma(z))",
        compute=sigmoid,
        derivative=sigmoid_derivative,
        range=(0.0, 1.0),
        trouble="saturates",
        entry="1 / (1 + exp(−{0}))",
        derivative_entry="σ({1})·(1 − σ({1}))",
    ),
    Activation(
        name="tanh",
        title="tanh",
        description="Maps z into (−1, 1), centred on 0. Its slope is at most 1.",
        symbol=r"\tanh",
        formula=r"\tanh(z) = \frac{e^{z} - e^{-z}}{e^{z} + e^{-z}}",
        derivative_formula=r"\tanh'(z) = 1 - \tanh^2(z)",
        compute=np.tanh,
        derivative=tanh_derivative,
        range=(-1.0, 1.0),
        trouble="saturates",
        entry="tanh({0})",
        derivative_entry="(1 − tanh²({1}))",
    ),
    Activation(
        name="relu",
        title="ReLU",
        description="Keeps positive z and sets the rest to 0. Cheap; a unit can die at 0.",
        symbol=r"\mathrm{ReLU}",
        formula=r"\mathrm{ReLU}(z) = \max(0, z)",
        derivative_formula=r"\mathrm{ReLU}'(z) = [z > 0]",
        compute=relu,
        derivative=relu_derivative,
        range=(0.0, _INF),
        smooth=False,
        trouble="dies",
        entry="max(0, {0})",
        derivative_entry="[{1} > 0]",
    ),
    Activation(
        name="leaky_relu",
        title="leaky ReLU",
        description="ReLU with slope 0.01 for negative z, so that no unit dies.",
        symbol=r"\mathrm{lReLU}",
        formula=r"\mathrm{lReLU}(z) = \max(z,\; 0.01\,z)",
        derivative_formula=r"\mathrm{lReLU}'(z) = 1 \text{ if } z > 0 \text{ else } 0.01",
        compute=leaky_relu,
        derivative=leaky_relu_derivative,
        range=(-_INF, _INF),
        smooth=False,
        entry="max({0}, 0.01·{0})",
        derivative_entry="(1 if {1} > 0 else 0.01)",
    ),
    Activation(
        name="elu",
        title="ELU",
        description="Like ReLU for positive z; bends smoothly down to −1 below.",
        symbol=r"\mathrm{ELU}",
        formula=r"\mathrm{ELU}(z) = z \text{ if } z > 0 \text{ else } e^{z} - 1",
        derivative_formula=r"\mathrm{ELU}'(z) = 1 \text{ if } z > 0 \text{ else } e^{z}",
        compute=elu,
        derivative=elu_derivative,
        range=(-1.0, _INF),
        entry="({0} if {0} > 0 else exp({0}) − 1)",
        derivative_entry="(1 if {1} > 0 else exp({1}))",
    ),
    Activation(
        name="softplus",
        title="softplus",
        description="A smooth ReLU; its slope is the sigmoid.",
        symbol=r"\mathrm{softplus}",
        formula=r"\mathrm{softplus}(z) = \log(1 + e^{z})",
        derivative_formula=r"\mathrm{softplus}'(z) = \sigma(z)",
        compute=softplus,
        derivative=softplus_derivative,
        range=(0.0, _INF),
        entry="log(1 + exp({0}))",
        derivative_entry="σ({1})",
    ),
    Activation(
        name="gelu",
        title="GELU",
        description="z times the probability that a normal variable is below z (tanh form).",
        symbol=r"\mathrm{GELU}",
        formula=r"\mathrm{GELU}(z) = \tfrac{z}{2}\,(1 + \tanh u),\;"
        r" u = \sqrt{2/\pi}\,(z + 0.044715\,z^3)",
        derivative_formula=r"\mathrm{GELU}'(z) = \tfrac12 (1 + \tanh u)"
        r" + \tfrac{z}{2}\,(1 - \tanh^2 u)\,\sqrt{2/\pi}\,(1 + 0.134145\,z^2)",
        compute=gelu,
        derivative=gelu_derivative,
        range=(-0.17, _INF),
        entry="GELU({0})",
        derivative_entry="GELU′({1})",
    ),
    Activation(
        name="silu",
        title="SiLU",
        description="z times its own sigmoid, also called swish.",
        symbol=r"\mathrm{SiLU}",
        formula=r"\mathrm{SiLU}(z) = z\,\sigma(z)",
        derivative_formula=r"\mathrm{SiLU}'(z) = \sigma(z)\,(1 + z\,(1 - \sigma(z)))",
        compute=silu,
        derivative=silu_derivative,
        range=(-0.28, _INF),
        entry="{0}·σ({0})",
        derivative_entry="σ({1})·(1 + {1}·(1 − σ({1})))",
    ),
    Activation(
        name="softmax",
        title="softmax",
        description="Turns a row of z into probabilities that sum to 1. For the output layer.",
        symbol=r"\mathrm{softmax}",
        formula=r"\mathrm{softmax}(z)_j = \frac{e^{z_j}}{\sum_k e^{z_k}}",
        derivative_formula=r"\frac{\partial a_j}{\partial z_k} = a_j\,(\delta_{jk} - a_k)",
        compute=softmax,
        derivative=None,
        range=(0.0, 1.0),
        entry="exp({0:nj}) / Σ[exp({0:nk})]",
        mixing=Mixing(softmax_backward, softmax_jacobian),
    ),
    derive=activation_with_parameter,
)
