"""Students with two mistakes at once."""

from __future__ import annotations

import numpy as np

from tests.corpus.students import student
from tests.corpus.tools import mse_der, sigmoid


@student("missing_bias missing_weights_backward", "square", "square relu")
def no_bias_and_no_weights_back(p):
    acts, zs, out = [p.x], [], {}
    for W, f in zip(p.W, p.f, strict=True):
        zs.append(W @ acts[-1])
        acts.append(f(zs[-1]))
    delta = mse_der(acts[-1], p.y) * p.df[-1](zs[-1])
    for i in range(p.L, 0, -1):
        out[f"dC_dW{i}"], out[f"dC_db{i}"] = np.outer(delta, acts[i - 1]), delta
        if i > 1:
            delta = delta * p.df[i - 2](zs[i - 2])
    return out


@student("cost_gradient_sign derivative_at_activation", "two layers", "deep")
def sign_and_derivative(p):
    acts, out = [p.x], {}
    for W, b, f in zip(p.W, p.b, p.f, strict=True):
        acts.append(f(W @ acts[-1] + b))
    dC_da = 2 / len(p.y) * (p.y - acts[-1])
    for i in range(p.L, 0, -1):
        dC_dz = dC_da * p.df[i - 1](acts[i])
        out[f"dC_dW{i}"], out[f"dC_db{i}"] = np.outer(dC_dz, acts[i - 1]), dC_dz
        dC_da = p.W[i - 1].T @ dC_dz
    return out


@student("missing_activation_derivative gradient_transposed", "two layers", "deep")
def no_derivative_and_outer_turned(p):
    acts, out = [p.x], {}
    for W, b, f in zip(p.W, p.b, p.f, strict=True):
        acts.append(f(W @ acts[-1] + b))
    delta = mse_der(acts[-1], p.y)
    for i in range(p.L, 0, -1):
        out[f"dC_dW{i}"], out[f"dC_db{i}"] = np.outer(acts[i - 1], delta), delta
        delta = p.W[i - 1].T @ delta
    return out


@student("missing_activation_derivative bias_gradient_not_summed", "batch", "batch deep")
def no_derivative_and_bias_as_a_mean(p):
    acts, out = [p.x], {}
    for W, b, f in zip(p.W, p.b, p.f, strict=True):
        acts.append(f(acts[-1] @ W + b))
    delta = 2 * (acts[-1] - p.y) / p.y.size
    for i in range(p.L, 0, -1):
        out[f"dC_dW{i}"], out[f"dC_db{i}"] = acts[i - 1].T @ delta, delta.mean(axis=0)
        delta = delta @ p.W[i - 1].T
    return out


@student("missing_bias gradient_ascent", "descent", handed_in=("all", "update"))
def no_bias_and_uphill(p):
    acts, zs, out = [p.x], [], {}
    for i, W in enumerate(p.W, start=1):
        zs.append(W @ acts[-1])
        acts.append(sigmoid(zs[-1]))
        out[f"z{i}"], out[f"a{i}"] = zs[-1], acts[-1]
    dC_da = mse_der(acts[-1], p.y)
    for i in range(p.L, 0, -1):
        dC_dz = dC_da * p.df[i - 1](zs[i - 1])
        out[f"dC_dW{i}"], out[f"dC_db{i}"] = np.outer(dC_dz, acts[i - 1]), dC_dz
        out[f"W{i}_next"] = p.W[i - 1] + 0.1 * out[f"dC_dW{i}"]
        out[f"b{i}_next"] = p.b[i - 1] + 0.1 * dC_dz
        dC_da = p.W[i - 1].T @ dC_dz
    return out
