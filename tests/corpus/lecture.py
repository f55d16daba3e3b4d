"""Students who use the deltas of the lecture: W is (n_in, n_out), half the sum of squares."""

from __future__ import annotations

import numpy as np

from tests.corpus.students import student
from tests.corpus.tools import sigmoid, tanh


@student("activation_instead_of_weights", "scalar chain", "lecture square")
def a_where_w_belongs(p):
    (W1, W2), (b1, b2) = p.W, p.b
    f = p.f[0]
    z1 = W1.T @ p.x + b1
    a1 = f(z1)
    z2 = W2.T @ a1 + b2
    a2 = f(z2)
    error = a2 - p.y if p.reduction == "half_sum" else 2 / len(p.y) * (a2 - p.y)
    delta2 = error * p.df[1](z2)
    delta1 = a1 * delta2 * p.df[0](z1)
    turn = (lambda M: M.T) if p.convention == "column" else (lambda M: M)
    return {
        "z1": z1, "a1": a1, "z2": z2, "a2": a2, "dC_dz2": delta2, "dC_dz1": delta1,
        "dC_dW2": turn(np.outer(a1, delta2)), "dC_db2": delta2,
        "dC_dW1": turn(np.outer(p.x, delta1)), "dC_db1": delta1,
    }  # fmt: skip


@student("weights_transposed_backward", "lecture square")
def recursion_against_its_own_definition(p):
    z1 = p.W[0].T @ p.x + p.b[0]
    a1 = tanh(z1)
    z2 = p.W[1].T @ a1 + p.b[1]
    a2 = tanh(z2)
    delta2 = 2 / 3 * (a2 - p.y) * (1 - a2**2)
    delta1 = p.W[1].T @ delta2 * (1 - a1**2)
    return {
        "a1": a1, "a2": a2, "dC_dz2": delta2, "dC_dz1": delta1,
        "dC_dW2": np.outer(a1, delta2), "dC_db2": delta2,
        "dC_dW1": np.outer(p.x, delta1), "dC_db1": delta1,
    }  # fmt: skip


@student("activation_of_wrong_layer", "lecture", handed_in=("all", "gradients"))
def delta_one_times_a_one(p):
    z1 = p.W[0].T @ p.x + p.b[0]
    a1 = sigmoid(z1)
    z2 = p.W[1].T @ a1 + p.b[1]
    a2 = sigmoid(z2)
    delta2 = (a2 - p.y) * a2 * (1 - a2)
    delta1 = p.W[1] @ delta2 * a1 * (1 - a1)
    return {
        "a1": a1, "a2": a2, "dC_dz2": delta2, "dC_dz1": delta1,
        "dC_dW2": np.outer(a1, delta2), "dC_db2": delta2,
        "dC_dW1": np.outer(a1, delta1), "dC_db1": delta1,
    }  # fmt: skip


@student("cost_gradient_sign", "lecture", "lecture square", handed_in=("all", "gradients"))
def wrong_sign_of_the_error(p):
    acts, out = [p.x], {}
    for W, b, f in zip(p.W, p.b, p.f, strict=True):
        acts.append(f(W.T @ acts[-1] + b))
    a1, a2 = acts[1:]
    slope = [a * (1 - a) if p.activations[0] == "sigmoid" else 1 - a**2 for a in (a1, a2)]
    delta2 = (p.y - a2) * (1 if p.reduction == "half_sum" else 2 / len(p.y)) * slope[1]
    delta1 = p.W[1] @ delta2 * slope[0]
    for k, (a, delta) in enumerate(((p.x, delta1), (a1, delta2)), start=1):
        out[f"dC_dW{k}"], out[f"dC_db{k}"] = np.outer(a, delta), delta
    return out


@student("missing_weights_backward", "lecture square", "scalar chain")
def delta_without_weights(p):
    z1 = p.W[0].T @ p.x + p.b[0]
    a1 = p.f[0](z1)
    z2 = p.W[1].T @ a1 + p.b[1]
    a2 = p.f[1](z2)
    delta2 = (a2 - p.y) * p.df[1](z2)
    if p.reduction == "mean":
        delta2 = 2 * delta2 / len(p.y)
    delta1 = delta2 * p.df[0](z1)
    turn = (lambda M: M.T) if p.convention == "column" else (lambda M: M)
    return {
        "dC_dW2": turn(np.outer(a1, delta2)), "dC_db2": delta2,
        "dC_dW1": turn(np.outer(p.x, delta1)), "dC_db1": delta1,
    }  # fmt: skip


@student("updated_weights_backward", "descent", handed_in=("all", "gradients"))
def updates_inside_the_loop(p):
    eta = 0.1
    W, b = [w.copy() for w in p.W], [v.copy() for v in p.b]
    zs, acts, out = [], [p.x], {}
    for k in range(p.L):
        zs.append(W[k] @ acts[-1] + b[k])
        acts.append(p.f[k](zs[-1]))
    dC_da = 2 * (acts[-1] - p.y) / len(p.y)
    for k in reversed(range(p.L)):
        dC_dz = dC_da * p.df[k](zs[k])
        out[f"dC_dW{k + 1}"], out[f"dC_db{k + 1}"] = np.outer(dC_dz, acts[k]), dC_dz
        W[k] -= eta * out[f"dC_dW{k + 1}"]
        b[k] -= eta * dC_dz
        out[f"W{k + 1}_next"], out[f"b{k + 1}_next"] = W[k], b[k]
        dC_da = W[k].T @ dC_dz
    return out


@student("updated_weights_backward", "descent batch", handed_in=("gradients", "update"))
def updates_inside_the_loop_of_batches(p):
    W = [w.copy() for w in p.W]
    zs, acts, out = [], [p.x], {}
    for w, b, f in zip(W, p.b, p.f, strict=True):
        zs.append(acts[-1] @ w + b)
        acts.append(f(zs[-1]))
    delta = 2 * (acts[-1] - p.y) / p.y.size
    for k in reversed(range(p.L)):
        out[f"dC_dW{k + 1}"], out[f"dC_db{k + 1}"] = acts[k].T @ delta, delta.sum(axis=0)
        W[k] = W[k] - 0.1 * out[f"dC_dW{k + 1}"]
        out[f"W{k + 1}_next"] = W[k]
        out[f"b{k + 1}_next"] = p.b[k] - 0.1 * out[f"dC_db{k + 1}"]
        if k:
            delta = delta @ W[k].T * p.df[k - 1](zs[k - 1])
    return out


@student("sign_lost_backward", "two layers", "lecture", handed_in=("all", "gradients"))
def minus_on_the_way_back(p):
    column = p.convention == "column"
    (W1, W2), (b1, b2) = ([W.T for W in p.W] if column else p.W), p.b
    z1 = p.x @ W1 + b1
    a1 = sigmoid(z1)
    a2 = sigmoid(a1 @ W2 + b2)
    delta2 = (a2 - p.y) * a2 * (1 - a2)
    if p.reduction == "mean":
        delta2 *= 2 / len(p.y)
    delta1 = -(W2 @ delta2) * a1 * (1 - a1)
    dW2, dW1 = np.outer(a1, delta2), np.outer(p.x, delta1)
    return {
        "dC_dW2": dW2.T if column else dW2, "dC_db2": delta2,
        "dC_dW1": dW1.T if column else dW1, "dC_db1": delta1,
    }  # fmt: skip
