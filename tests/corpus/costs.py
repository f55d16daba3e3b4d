"""Students with a mistake in the cost, its gradient, or prediction minus target."""

from __future__ import annotations

import numpy as np

from tests.corpus.students import student
from tests.corpus.tools import mse_der, relu, relu_der, sigmoid, sigmoid_der, softmax, tanh_der


@student("wrong_cost", "binary apart", handed_in=("all", "gradients", "backward"))
def cross_entropy_with_mse_gradient(p):
    a1 = np.tanh(p.W[0] @ p.x + p.b[0])
    a2 = sigmoid(p.W[1] @ a1 + p.b[1])
    C = -np.mean(p.y * np.log(a2) + (1 - p.y) * np.log(1 - a2))
    dC_da2 = mse_der(a2, p.y)
    dC_dz2 = dC_da2 * a2 * (1 - a2)
    dC_da1 = p.W[1].T @ dC_dz2
    dC_dz1 = dC_da1 * (1 - a1**2)
    return {
        "C": C, "dC_da2": dC_da2, "dC_dz2": dC_dz2, "dC_dz1": dC_dz1,
        "dC_dW2": np.outer(dC_dz2, a1), "dC_db2": dC_dz2,
        "dC_dW1": np.outer(dC_dz1, p.x), "dC_db1": dC_dz1,
    }  # fmt: skip


@student("wrong_cost", "binary", handed_in=("all", "gradients"))
def mse_gradient_for_binary_batch(p):
    z1 = p.x @ p.W[0] + p.b[0]
    a1 = np.tanh(z1)
    z2 = a1 @ p.W[1] + p.b[1]
    a2 = sigmoid(z2)
    dC_dz2 = 2 * (a2 - p.y) / a2.size * sigmoid_der(z2)
    dC_dz1 = dC_dz2 @ p.W[1].T * tanh_der(z1)
    return {
        "z1": z1, "a1": a1, "z2": z2, "a2": a2, "dC_dz2": dC_dz2, "dC_dz1": dC_dz1,
        "dC_dW2": a1.T @ dC_dz2, "dC_db2": dC_dz2.sum(axis=0),
        "dC_dW1": p.x.T @ dC_dz1, "dC_db1": dC_dz1.sum(axis=0),
    }  # fmt: skip


@student("wrong_cost", "two layers", "deep", handed_in=("all", "gradients"))
def gradient_of_the_absolute_error(p):
    zs, acts, out = [], [p.x], {}
    for W, b, f in zip(p.W, p.b, p.f, strict=True):
        zs.append(W @ acts[-1] + b)
        acts.append(f(zs[-1]))
    dC_da = np.sign(acts[-1] - p.y) / len(p.y)
    for i in range(p.L, 0, -1):
        dC_dz = dC_da * p.df[i - 1](zs[i - 1])
        out[f"dC_da{i}"] = dC_da
        out[f"dC_dW{i}"], out[f"dC_db{i}"] = np.outer(dC_dz, acts[i - 1]), dC_dz
        dC_da = p.W[i - 1].T @ dC_dz
    return out


@student("wrong_cost", "huber", handed_in=("all", "gradients"))
def huber_without_the_bend(p):
    z1 = p.W[0] @ p.x + p.b[0]
    a1 = np.tanh(z1)
    a2 = p.W[1] @ a1 + p.b[1]
    dC_da2 = 2 * (a2 - p.y)
    dC_dz1 = p.W[1].T @ dC_da2 * tanh_der(z1)
    return {
        "dC_da2": dC_da2, "dC_dz2": dC_da2, "dC_dz1": dC_dz1,
        "dC_dW2": np.outer(dC_da2, a1), "dC_db2": dC_da2,
        "dC_dW1": np.outer(dC_dz1, p.x), "dC_db1": dC_dz1,
    }  # fmt: skip


@student("cost_gradient_sign", "iris", "iris mean", handed_in=("all", "gradients"))
def target_minus_softmax(p):
    z1 = p.x @ p.W[0] + p.b[0]
    a1 = p.f[0](z1)
    z2 = a1 @ p.W[1] + p.b[1]
    a2 = softmax(z2)
    dC_dz2 = p.y - a2
    if p.reduction == "batch_mean":
        dC_dz2 /= p.x.shape[0]
    dC_dz1 = dC_dz2 @ p.W[1].T * p.df[0](z1)
    return {
        "a2": a2, "dC_dz2": dC_dz2, "dC_dz1": dC_dz1,
        "dC_dW2": a1.T @ dC_dz2, "dC_db2": dC_dz2.sum(axis=0),
        "dC_dW1": p.x.T @ dC_dz1, "dC_db1": dC_dz1.sum(axis=0),
    }  # fmt: skip


@student("cost_gradient_sign", "binary apart", handed_in=("all", "gradients"))
def sign_of_the_binary_gradient(p):
    a1 = np.tanh(p.W[0] @ p.x + p.b[0])
    a2 = sigmoid(p.W[1] @ a1 + p.b[1])
    dC_da2 = (p.y / a2 - (1 - p.y) / (1 - a2)) / len(p.y)
    dC_dz2 = dC_da2 * a2 * (1 - a2)
    dC_dz1 = (p.W[1].T @ dC_dz2) * (1 - a1**2)
    return {
        "dC_da2": dC_da2, "dC_dz2": dC_dz2,
        "dC_dW2": np.outer(dC_dz2, a1), "dC_db2": dC_dz2,
        "dC_dW1": np.outer(dC_dz1, p.x), "dC_db1": dC_dz1,
    }  # fmt: skip


@student("output_derivative_twice", "binary", handed_in=("all", "gradients"))
def prediction_minus_target_times_sigmoid_der(p):
    z1 = p.x @ p.W[0] + p.b[0]
    a1 = np.tanh(z1)
    z2 = a1 @ p.W[1] + p.b[1]
    a2 = sigmoid(z2)
    delta2 = (a2 - p.y) / a2.size * sigmoid_der(z2)
    delta1 = delta2 @ p.W[1].T * tanh_der(z1)
    return {
        "a2": a2, "dC_dz2": delta2, "dC_dz1": delta1,
        "dC_dW2": a1.T @ delta2, "dC_db2": delta2.sum(axis=0),
        "dC_dW1": p.x.T @ delta1, "dC_db1": delta1.sum(axis=0),
    }  # fmt: skip


@student("missing_activation_derivative", "iris apart", handed_in=("all", "gradients"))
def cross_entropy_gradient_taken_for_dz(p):
    z1 = p.x @ p.W[0] + p.b[0]
    a1 = p.f[0](z1)
    q = softmax(a1 @ p.W[1] + p.b[1])
    dC_dz2 = -p.y / q
    dC_dz1 = dC_dz2 @ p.W[1].T * p.df[0](z1)
    return {
        "a2": q, "dC_da2": dC_dz2, "dC_dz2": dC_dz2, "dC_dz1": dC_dz1,
        "dC_dW2": a1.T @ dC_dz2, "dC_db2": dC_dz2.sum(axis=0),
        "dC_dW1": p.x.T @ dC_dz1, "dC_db1": dC_dz1.sum(axis=0),
    }  # fmt: skip


@student("batch_scale", "iris mean", handed_in=("gradients",))
def iris_with_means_of_means(p):
    n = len(p.x)
    z1 = p.x @ p.W[0] + p.b[0]
    a1 = relu(z1)
    q = softmax(a1 @ p.W[1] + p.b[1])
    dC_dz2 = (q - p.y) / n
    dC_dz1 = (dC_dz2 @ p.W[1].T) * relu_der(z1)
    return {
        "dC_dW2": a1.T @ dC_dz2 / n, "dC_db2": dC_dz2.mean(axis=0),
        "dC_dW1": p.x.T @ dC_dz1 / n, "dC_db1": dC_dz1.mean(axis=0),
    }  # fmt: skip


@student("cost_scale", "two layers", "batch", handed_in=("all",))
def half_of_the_mean(p):
    rows = p.samples is not None
    a = p.x
    for W, b, f in zip(p.W, p.b, p.f, strict=True):
        a = f(a @ W + b) if rows else f(W @ a + b)
    return {f"a{p.L}": a, "C": 0.5 * np.mean((a - p.y) ** 2)}


@student("cost_sign", "iris", "binary", handed_in=("all",))
def logarithm_without_minus(p):
    a = p.f[0](p.x @ p.W[0] + p.b[0])
    q = p.f[1](a @ p.W[1] + p.b[1])
    if p.cost == "cross_entropy":
        return {"a1": a, "a2": q, "C": np.sum(p.y * np.log(q))}
    return {"a1": a, "a2": q, "C": np.mean(p.y * np.log(q) + (1 - p.y) * np.log(1 - q))}


@student("wrong_cost_value", "iris", "huber", handed_in=("all",))
def squared_error_as_the_cost(p):
    rows = p.samples is not None
    a = p.x
    for W, b, f in zip(p.W, p.b, p.f, strict=True):
        a = f(a @ W + b) if rows else f(W @ a + b)
    return {f"a{p.L}": a, "C": np.sum((a - p.y) ** 2)}


@student("bias_subtracted", "two layers", "square", handed_in=("all", "gradients"))
def minus_b(p):
    zs, acts, out = [], [p.x], {}
    for W, b, f in zip(p.W, p.b, p.f, strict=True):
        zs.append(W @ acts[-1] - b)
        acts.append(f(zs[-1]))
        out[f"z{len(zs)}"], out[f"a{len(zs)}"] = zs[-1], acts[-1]
    dC_da = mse_der(acts[-1], p.y)
    for i in range(p.L, 0, -1):
        dC_dz = dC_da * p.df[i - 1](zs[i - 1])
        out[f"dC_dW{i}"], out[f"dC_db{i}"] = np.outer(dC_dz, acts[i - 1]), dC_dz
        dC_da = p.W[i - 1].T @ dC_dz
    return out


@student("activation_sign", "two layers", "square", handed_in=("all", "gradients"))
def sigmoid_without_the_minus(p):
    def sigmoid(z):
        return 1 / (1 + np.exp(z))

    zs, acts, out = [], [p.x], {}
    for W, b, name, f in zip(p.W, p.b, p.activations, p.f, strict=True):
        zs.append(W @ acts[-1] + b)
        acts.append(sigmoid(zs[-1]) if name == "sigmoid" else f(zs[-1]))
        out[f"z{len(zs)}"], out[f"a{len(zs)}"] = zs[-1], acts[-1]
    dC_da = mse_der(acts[-1], p.y)
    for i in range(p.L, 0, -1):
        dC_dz = dC_da * p.df[i - 1](zs[i - 1])
        out[f"dC_dW{i}"], out[f"dC_db{i}"] = np.outer(dC_dz, acts[i - 1]), dC_dz
        dC_da = p.W[i - 1].T @ dC_dz
    return out


@student("z_passed_on", "two layers", "deep", handed_in=("all",))
def next_layer_fed_with_z(p):
    a, out = p.x, {}
    for i, (W, b, f) in enumerate(zip(p.W, p.b, p.f, strict=True), start=1):
        z = W @ a + b
        out[f"z{i}"], out[f"a{i}"] = z, f(z)
        a = z
    return out
