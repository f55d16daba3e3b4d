"""Softmax: the activation of a whole row, whose derivative is a matrix."""

from __future__ import annotations

import numpy as np

from backprop_explorer.engine.activation import Array


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
