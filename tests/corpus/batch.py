"""Students who work on batches, with samples as rows: W is (n_in, n_out)."""

from __future__ import annotations

import numpy as np

from tests.corpus.students import student
from tests.corpus.tools import sigmoid, sigmoid_der, softmax

BATCHES = ("batch", "batch deep")


@student("bias_gradient_not_summed", *BATCHES)
def whole_array_for_the_bias(p):
    zs, acts, out = [], [p.x], {}
    for W, b, f in zip(p.W, p.b, p.f, strict=True):
        zs.append(acts[-1] @ W + b)
        acts.append(f(zs[-1]))
    dC_da = 2 * (acts[-1] - p.y) / p.y.size
    for i in range(p.L, 0, -1):
        dC_dz = dC_da * p.df[i - 1](zs[i - 1])
        out[f"dC_dz{i}"] = dC_dz
        out[f"dC_dW{i}"] = acts[i - 1].T @ dC_dz
        out[f"dC_db{i}"] = dC_dz  # deriv wrt b is 1
        dC_da = dC_dz @ p.W[i - 1].T
    return out


@student("bias_gradient_not_summed", *BATCHES, "batch square")
def mean_for_the_bias(p):
    zs, acts, out = [], [p.x], {}
    for k in range(p.L):
        zs.append(acts[k] @ p.W[k] + p.b[k])
        acts.append(p.f[k](zs[k]))
    delta = 2 / p.y.size * (acts[-1] - p.y) * p.df[-1](zs[-1])
    for k in reversed(range(p.L)):
        out[f"dC_dW{k + 1}"] = acts[k].T @ delta
        out[f"dC_db{k + 1}"] = np.mean(delta, axis=0)
        if k:
            delta = delta @ p.W[k].T * p.df[k - 1](zs[k - 1])
    return out


@student("bias_gradient_not_summed", "batch", "batch square")
def first_row_for_the_bias(p):
    zs, acts, out = [], [p.x], {}
    for k in range(p.L):
        zs.append(acts[k] @ p.W[k] + p.b[k])
        acts.append(p.f[k](zs[k]))
    delta = 2 / p.y.size * (acts[-1] - p.y) * p.df[-1](zs[-1])
    for k in reversed(range(p.L)):
        out[f"dC_dW{k + 1}"], out[f"dC_db{k + 1}"] = acts[k].T @ delta, delta[0]
        if k:
            delta = delta @ p.W[k].T * p.df[k - 1](zs[k - 1])
    return out


@student("bias_gradient_not_summed", "batch", "batch square")
def bias_summed_along_the_wrong_axis(p):
    zs, acts, out = [], [p.x], {}
    for k in range(p.L):
        zs.append(acts[k] @ p.W[k] + p.b[k])
        acts.append(p.f[k](zs[k]))
    delta = 2 / p.y.size * (acts[-1] - p.y) * p.df[-1](zs[-1])
    for k in reversed(range(p.L)):
        out[f"dC_dW{k + 1}"], out[f"dC_db{k + 1}"] = acts[k].T @ delta, np.sum(delta, axis=1)
        if k:
            delta = delta @ p.W[k].T * p.df[k - 1](zs[k - 1])
    return out


@student("slope_as_matrix", "batch square", "batch as wide")
def diagonal_of_the_slopes(p):
    zs, acts, out = [], [p.x], {}
    for k in range(p.L):
        zs.append(acts[k] @ p.W[k] + p.b[k])
        acts.append(p.f[k](zs[k]))
    dC_da = 2 / p.y.size * (acts[-1] - p.y)
    for k in reversed(range(p.L)):
        delta = dC_da * np.diag(p.df[k](zs[k]))
        out[f"dC_dz{k + 1}"] = delta
        out[f"dC_dW{k + 1}"], out[f"dC_db{k + 1}"] = acts[k].T @ delta, delta.sum(axis=0)
        dC_da = delta @ p.W[k].T
    return out


@student("slope_as_matrix", "batch as wide")
def slopes_in_a_matrix_product(p):
    zs, acts, out = [], [p.x], {}
    for k in range(p.L):
        zs.append(acts[k] @ p.W[k] + p.b[k])
        acts.append(p.f[k](zs[k]))
    dC_da = 2 / p.y.size * (acts[-1] - p.y)
    for k in reversed(range(p.L)):
        delta = dC_da @ p.df[k](zs[k])
        out[f"dC_dz{k + 1}"] = delta
        out[f"dC_dW{k + 1}"], out[f"dC_db{k + 1}"] = acts[k].T @ delta, delta.sum(axis=0)
        dC_da = delta @ p.W[k].T
    return out


@student("batch_scale", "batch", "batch deep", "iris mean", "batch square")
def divided_by_n_again(p):
    zs, acts, out = [], [p.x], {}
    n = len(p.x)
    for W, b, f in zip(p.W, p.b, p.f, strict=True):
        zs.append(acts[-1] @ W + b)
        acts.append(f(zs[-1]))
    if p.cost == "cross_entropy":
        dC_dz = (acts[-1] - p.y) / n
    else:
        dC_dz = 2 * (acts[-1] - p.y) / p.y.size * p.df[-1](zs[-1])
    for i in range(p.L, 0, -1):
        out[f"dC_dz{i}"] = dC_dz
        out[f"dC_dW{i}"] = acts[i - 1].T @ dC_dz / n
        out[f"dC_db{i}"] = np.sum(dC_dz, axis=0) / n
        if i > 1:
            dC_dz = dC_dz @ p.W[i - 1].T * p.df[i - 2](zs[i - 2])
    return out


@student("batch_scale", "batch columns", handed_in=("all",))
def sums_multiplied_up(p):
    W1, W2 = p.W
    n = len(p.x)
    z1 = p.x @ W1.T + p.b[0]
    a1 = sigmoid(z1)
    z2 = a1 @ W2.T + p.b[1]
    dC_dz2 = 2 * (z2 - p.y) / n
    dC_dz1 = dC_dz2 @ W2 * sigmoid_der(z1)
    return {
        "a1": a1, "a2": z2, "dC_dz2": dC_dz2, "dC_dz1": dC_dz1,
        "dC_dW2": n * dC_dz2.T @ a1, "dC_db2": n * dC_dz2.sum(axis=0),
        "dC_dW1": n * dC_dz1.T @ p.x, "dC_db1": n * dC_dz1.sum(axis=0),
    }  # fmt: skip


@student("cost_gradient_scale", "batch", "batch square", handed_in=("all", "backward"))
def mean_over_outputs_only(p):
    zs, acts, out = [], [p.x], {}
    for i, (W, b, f) in enumerate(zip(p.W, p.b, p.f, strict=True), start=1):
        zs.append(acts[-1] @ W + b)
        acts.append(f(zs[-1]))
        out[f"z{i}"], out[f"a{i}"] = zs[-1], acts[-1]
    out["C"] = np.mean((acts[-1] - p.y) ** 2)
    dC_da = 2 / p.y.shape[1] * (acts[-1] - p.y)
    for i in range(p.L, 0, -1):
        dC_dz = dC_da * p.df[i - 1](zs[i - 1])
        out[f"dC_da{i}"], out[f"dC_dz{i}"] = dC_da, dC_dz
        out[f"dC_dW{i}"], out[f"dC_db{i}"] = acts[i - 1].T @ dC_dz, dC_dz.sum(axis=0)
        dC_da = dC_dz @ p.W[i - 1].T
    return out


@student("weight_gradient_not_summed", "batch", "batch square")
def gradient_of_the_last_sample(p):
    zs, acts, out = [], [p.x], {}
    for W, b, f in zip(p.W, p.b, p.f, strict=True):
        zs.append(acts[-1] @ W + b)
        acts.append(f(zs[-1]))
    delta = 2 * (acts[-1] - p.y) / p.y.size * p.df[-1](zs[-1])
    for i in range(p.L, 0, -1):
        for n in range(len(p.x)):
            out[f"dC_dW{i}"] = np.outer(acts[i - 1][n], delta[n])  # overwritten, not added up
        out[f"dC_db{i}"] = delta.sum(axis=0)
        if i > 1:
            delta = delta @ p.W[i - 1].T * p.df[i - 2](zs[i - 2])
    return out


@student("missing_activation_derivative", *BATCHES, "batch square")
def batch_without_derivatives(p):
    zs, acts, out = [], [p.x], {}
    for W, b, f in zip(p.W, p.b, p.f, strict=True):
        zs.append(acts[-1] @ W + b)
        acts.append(f(zs[-1]))
    delta = 2 * (acts[-1] - p.y) / p.y.size
    for i in range(p.L, 0, -1):
        out[f"dC_dW{i}"], out[f"dC_db{i}"] = acts[i - 1].T @ delta, delta.sum(axis=0)
        delta = delta @ p.W[i - 1].T
    return out


@student("weights_transposed_backward", "batch square", "batch deep")
def batch_with_w_on_the_way_back(p):
    zs, acts, out = [], [p.x], {}
    for W, b, f in zip(p.W, p.b, p.f, strict=True):
        zs.append(acts[-1] @ W + b)
        acts.append(f(zs[-1]))
    delta = 2 * (acts[-1] - p.y) / p.y.size * p.df[-1](zs[-1])
    for i in range(p.L, 0, -1):
        out[f"dC_dz{i}"] = delta
        out[f"dC_dW{i}"], out[f"dC_db{i}"] = acts[i - 1].T @ delta, delta.sum(axis=0)
        if i > 1:
            W = p.W[i - 1]
            back = delta @ W if W.shape[0] == W.shape[1] else delta @ W.T
            delta = back * p.df[i - 2](zs[i - 2])
    return out


@student("gradient_transposed", "batch", "batch square")
def delta_transposed_times_a(p):
    zs, acts, out = [], [p.x], {}
    for W, b, f in zip(p.W, p.b, p.f, strict=True):
        zs.append(acts[-1] @ W + b)
        acts.append(f(zs[-1]))
    delta = 2 * (acts[-1] - p.y) / p.y.size * p.df[-1](zs[-1])
    for i in range(p.L, 0, -1):
        out[f"dC_dW{i}"], out[f"dC_db{i}"] = delta.T @ acts[i - 1], delta.sum(axis=0)
        if i > 1:
            delta = delta @ p.W[i - 1].T * p.df[i - 2](zs[i - 2])
    return out


@student("missing_bias", "batch", "iris")
def batch_without_bias(p):
    acts, zs, out = [p.x], [], {}
    for W, f in zip(p.W, p.f, strict=True):
        zs.append(acts[-1] @ W)
        acts.append(f(zs[-1]))
        out[f"z{len(zs)}"], out[f"a{len(zs)}"] = zs[-1], acts[-1]
    if p.cost == "cross_entropy":
        delta = acts[-1] - p.y
    else:
        delta = 2 * (acts[-1] - p.y) / p.y.size * p.df[-1](zs[-1])
    for i in range(p.L, 0, -1):
        out[f"dC_dW{i}"], out[f"dC_db{i}"] = acts[i - 1].T @ delta, delta.sum(axis=0)
        if i > 1:
            delta = delta @ p.W[i - 1].T * p.df[i - 2](zs[i - 2])
    return out


@student("softmax_wrong_axis", "iris", "iris mean", handed_in=("all", "gradients", "forward"))
def softmax_of_the_course(p):
    def softmax(z):
        e_z = np.exp(z - np.max(z, axis=0))
        return e_z / np.sum(e_z, axis=1)[:, np.newaxis]

    z1 = p.x @ p.W[0] + p.b[0]
    a1 = p.f[0](z1)
    z2 = a1 @ p.W[1] + p.b[1]
    predict = softmax(z2)
    dC_dz2 = predict - p.y
    if p.reduction == "batch_mean":
        dC_dz2 = dC_dz2 / len(p.x)
    dC_dz1 = dC_dz2 @ p.W[1].T * p.df[0](z1)
    return {
        "z1": z1, "a1": a1, "z2": z2, "a2": predict, "dC_dz2": dC_dz2,
        "dC_dW2": a1.T @ dC_dz2, "dC_db2": dC_dz2.sum(axis=0),
        "dC_dW1": p.x.T @ dC_dz1, "dC_db1": dC_dz1.sum(axis=0),
    }  # fmt: skip


@student("softmax_wrong_axis", "iris", handed_in=("all", "gradients"))
def softmax_summed_over_the_batch(p):
    zs, acts, out = [], [p.x], {}
    for W, b in zip(p.W, p.b, strict=True):
        zs.append(acts[-1] @ W + b)
        last = len(zs) == p.L
        acts.append(np.exp(zs[-1]) / np.exp(zs[-1]).sum(axis=0) if last else sigmoid(zs[-1]))
        out[f"z{len(zs)}"], out[f"a{len(zs)}"] = zs[-1], acts[-1]
    delta = acts[-1] - p.y
    for i in range(p.L, 0, -1):
        out[f"dC_dW{i}"], out[f"dC_db{i}"] = acts[i - 1].T @ delta, delta.sum(axis=0)
        if i > 1:
            delta = delta @ p.W[i - 1].T * p.df[i - 2](zs[i - 2])
    return out


@student("softmax_not_normalised", "iris", "one flower", handed_in=("all",))
def only_the_exponential(p):
    rows = p.samples is not None
    z1 = p.x @ p.W[0] + p.b[0] if rows else p.W[0] @ p.x + p.b[0]
    a1 = p.f[0](z1)
    z2 = a1 @ p.W[1] + p.b[1] if rows else p.W[1] @ a1 + p.b[1]
    a2 = np.exp(z2)
    return {"z1": z1, "a1": a1, "z2": z2, "a2": a2, "dC_dz2": a2 - p.y}


@student("softmax_derivative_elementwise", "iris apart", "softmax mse")
def p_times_one_minus_p(p):
    rows = p.samples is not None
    z1 = p.x @ p.W[0] + p.b[0] if rows else p.W[0] @ p.x + p.b[0]
    a1 = p.f[0](z1)
    z2 = a1 @ p.W[1] + p.b[1] if rows else p.W[1] @ a1 + p.b[1]
    q = softmax(z2)
    dC_da2 = -p.y / q if p.cost == "cross_entropy" else 2 * (q - p.y) / q.size
    dC_dz2 = dC_da2 * q * (1 - q)
    if rows:
        dC_dz1 = dC_dz2 @ p.W[1].T * p.df[0](z1)
        params = {
            "dC_dW2": a1.T @ dC_dz2, "dC_db2": dC_dz2.sum(axis=0),
            "dC_dW1": p.x.T @ dC_dz1, "dC_db1": dC_dz1.sum(axis=0),
        }  # fmt: skip
    else:
        dC_dz1 = p.W[1].T @ dC_dz2 * p.df[0](z1)
        params = {
            "dC_dW2": np.outer(dC_dz2, a1), "dC_db2": dC_dz2,
            "dC_dW1": np.outer(dC_dz1, p.x), "dC_db1": dC_dz1,
        }  # fmt: skip
    return {"a2": q, "dC_da2": dC_da2, "dC_dz2": dC_dz2, "dC_dz1": dC_dz1, **params}
