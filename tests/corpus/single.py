"""Students who work on one sample, with column vectors: W is (n_out, n_in)."""

from __future__ import annotations

import numpy as np

from tests.corpus.students import student
from tests.corpus.tools import mse_der, sigmoid

ANY = ("two layers", "sigmoid then relu", "deep")


@student("missing_bias", "two layers", "deep", "square")
def forgot_the_bias(p):
    grads, a, zs, inputs = {}, p.x, [], []
    for i in range(p.L):
        inputs.append(a)
        z = p.W[i] @ a
        a = p.f[i](z)
        zs.append(z)
        grads[f"z{i + 1}"], grads[f"a{i + 1}"] = z, a
    dC_da = mse_der(a, p.y)
    for i in reversed(range(p.L)):
        dC_dz = dC_da * p.df[i](zs[i])
        grads[f"dC_dW{i + 1}"] = np.outer(dC_dz, inputs[i])
        grads[f"dC_db{i + 1}"] = dC_dz
        dC_da = p.W[i].T @ dC_dz
    return grads


@student("transposed_weights", "square", "square relu")
def weights_the_wrong_way_round(p):
    out, a, zs, inputs = {}, p.x, [], []
    for i, (W, b) in enumerate(zip(p.W, p.b, strict=True), start=1):
        inputs.append(a)
        z = W.T @ a + b
        a = p.f[i - 1](z)
        zs.append(z)
        out[f"z{i}"], out[f"a{i}"] = z, a
    dC_da = mse_der(a, p.y)
    for i in range(p.L, 0, -1):
        dC_dz = dC_da * p.df[i - 1](zs[i - 1])
        out[f"dC_dz{i}"] = dC_dz
        out[f"dC_dW{i}"] = np.outer(dC_dz, inputs[i - 1])
        out[f"dC_db{i}"] = dC_dz
        dC_da = p.W[i - 1].T @ dC_dz
    return out


@student("missing_activation", "two layers", "deep", handed_in=("all", "gradients", "forward"))
def first_layer_stays_linear(p):
    z1 = p.W[0] @ p.x + p.b[0]
    activations, zs = [p.x, z1], [z1]  # forgot f[0] here
    for W, b, f in zip(p.W[1:], p.b[1:], p.f[1:], strict=True):
        zs.append(W @ activations[-1] + b)
        activations.append(f(zs[-1]))
    result = {f"z{k + 1}": z for k, z in enumerate(zs)}
    result |= {f"a{k}": a for k, a in enumerate(activations) if k}
    delta = mse_der(activations[-1], p.y) * p.df[-1](zs[-1])
    for k in range(p.L - 1, -1, -1):
        result[f"dC_dz{k + 1}"] = delta
        result[f"dC_dW{k + 1}"] = np.outer(delta, activations[k])
        result[f"dC_db{k + 1}"] = delta
        if k > 0:
            delta = (p.W[k].T @ delta) * p.df[k - 1](zs[k - 1])
    return result


@student("wrong_activation", "deep", "sigmoid then relu", "gates")
def sigmoid_everywhere(p):
    zs, acts, out = [], [p.x], {}
    for W, b in zip(p.W, p.b, strict=True):
        zs.append(W @ acts[-1] + b)
        acts.append(sigmoid(zs[-1]))  # all layers had been sigmoid in the exercise before
        out[f"z{len(zs)}"], out[f"a{len(zs)}"] = zs[-1], acts[-1]
    dC_da = 2 * (acts[-1] - p.y) / (len(p.y) if p.reduction == "mean" else 1)
    for i in range(p.L, 0, -1):
        dC_dz = dC_da * p.df[i - 1](zs[i - 1])
        out[f"dC_dW{i}"], out[f"dC_db{i}"] = np.outer(dC_dz, acts[i - 1]), dC_dz
        dC_da = p.W[i - 1].T @ dC_dz
    return out


@student("cost_gradient_sign", *ANY, "one layer", handed_in=("all", "gradients", "backward"))
def target_minus_prediction(p):
    a, zs, inputs, out = p.x, [], [], {}
    for W, b, f in zip(p.W, p.b, p.f, strict=True):
        inputs.append(a)
        zs.append(W @ a + b)
        a = f(zs[-1])
    dC_da = 2 / len(a) * (p.y - a)
    for i in range(p.L - 1, -1, -1):
        out[f"dC_da{i + 1}"] = dC_da
        dC_dz = dC_da @ np.diag(p.df[i](zs[i]))
        out[f"dC_dz{i + 1}"] = dC_dz
        out[f"dC_dW{i + 1}"] = dC_dz @ np.tensordot(np.eye(len(dC_dz)), inputs[i], axes=0)
        out[f"dC_db{i + 1}"] = dC_dz
        dC_da = dC_dz @ p.W[i]
    return out


@student("cost_gradient_scale", *ANY, "one layer", handed_in=("all", "gradients", "backward"))
def lost_the_two_of_the_square(p):
    def cost_der(predict, target):
        return (predict - target) / len(predict)

    a, zs, inputs, out = p.x, [], [], {}
    for W, b, f in zip(p.W, p.b, p.f, strict=True):
        inputs.append(a)
        zs.append(W @ a + b)
        a = f(zs[-1])
    out["C"] = np.mean((a - p.y) ** 2)
    dC_da = cost_der(a, p.y)
    for i in range(p.L - 1, -1, -1):
        out[f"dC_da{i + 1}"] = dC_da
        dC_dz = dC_da * p.df[i](zs[i])
        out[f"dC_dz{i + 1}"] = dC_dz
        out[f"dC_dW{i + 1}"] = np.outer(dC_dz, inputs[i])
        out[f"dC_db{i + 1}"] = dC_dz
        dC_da = dC_dz @ p.W[i]
    return out


@student("cost_gradient_scale", "two layers", "square relu", "deep")
def forgot_to_divide_by_the_outputs(p):
    acts, zs, out = [p.x], [], {}
    for k in range(p.L):
        zs.append(p.W[k] @ acts[-1] + p.b[k])
        acts.append(p.f[k](zs[-1]))
        out[f"z{k + 1}"], out[f"a{k + 1}"] = zs[-1], acts[-1]
    out["C"] = np.mean((acts[-1] - p.y) ** 2)
    dC_da = 2 * (acts[-1] - p.y)
    for k in reversed(range(p.L)):
        out[f"dC_da{k + 1}"] = dC_da
        dC_dz = dC_da * p.df[k](zs[k])
        out[f"dC_dz{k + 1}"], out[f"dC_db{k + 1}"] = dC_dz, dC_dz
        out[f"dC_dW{k + 1}"] = dC_dz[:, None] * acts[k][None, :]
        dC_da = p.W[k].T @ dC_dz
    return out


@student("missing_activation_derivative", *ANY, "one layer", "square")
def no_derivative_of_the_activation(p):
    a, inputs, out = p.x, [], {}
    for i, (W, b, f) in enumerate(zip(p.W, p.b, p.f, strict=True), start=1):
        inputs.append(a)
        z = W @ a + b
        a = f(z)
        out[f"z{i}"], out[f"a{i}"] = z, a
    dC_da = mse_der(a, p.y)
    for i in range(p.L, 0, -1):
        out[f"dC_da{i}"] = dC_da
        dC_dz = dC_da
        out[f"dC_dz{i}"] = dC_dz
        out[f"dC_dW{i}"] = np.outer(dC_dz, inputs[i - 1])
        out[f"dC_db{i}"] = dC_dz
        dC_da = p.W[i - 1].T @ dC_dz
    return out


@student("missing_activation_derivative", *ANY)
def no_derivative_in_hidden_layers(p):
    acts, zs, out = [p.x], [], {}
    for W, b, f in zip(p.W, p.b, p.f, strict=True):
        zs.append(W @ acts[-1] + b)
        acts.append(f(zs[-1]))
    delta = mse_der(acts[-1], p.y) * p.df[-1](zs[-1])
    for k in range(p.L, 0, -1):
        out[f"dC_dz{k}"] = delta
        out[f"dC_dW{k}"], out[f"dC_db{k}"] = np.outer(delta, acts[k - 1]), delta
        delta = p.W[k - 1].T @ delta
    return out


@student("activation_instead_of_derivative", *ANY, "one layer", "square relu")
def multiplied_by_the_activation(p):
    a, zs, inputs, out = p.x, [], [], {}
    for W, b, f in zip(p.W, p.b, p.f, strict=True):
        inputs.append(a)
        zs.append(W @ a + b)
        a = f(zs[-1])
    dC_da = mse_der(a, p.y)
    for i in reversed(range(p.L)):
        dC_dz = dC_da * p.f[i](zs[i])
        out[f"dC_dz{i + 1}"], out[f"dC_da{i + 1}"] = dC_dz, dC_da
        out[f"dC_dW{i + 1}"], out[f"dC_db{i + 1}"] = np.outer(dC_dz, inputs[i]), dC_dz
        dC_da = p.W[i].T @ dC_dz
    return out


@student("activation_instead_of_derivative", "regression", "square relu", "batch columns")
def linear_output_multiplied_by_itself(p):
    X, Y = np.atleast_2d(p.x), np.atleast_2d(p.y)
    acts, zs, out = [X], [], {}
    for W, b, f in zip(p.W, p.b, p.f, strict=True):
        zs.append(acts[-1] @ W.T + b)
        acts.append(f(zs[-1]))
    factor = {"half_sum": 1.0, "batch_mean": 2.0 / len(Y)}.get(p.reduction, 2.0 / Y.size)
    dC_dz = factor * (acts[-1] - Y) * acts[-1]
    for i in reversed(range(p.L)):
        dC_dW, dC_db = dC_dz.T @ acts[i], dC_dz.sum(axis=0)
        lines = {"dC_dz": dC_dz if p.samples else dC_dz[0], "dC_dW": dC_dW, "dC_db": dC_db}
        out |= {f"{name}{i + 1}": value for name, value in lines.items()}
        if i:
            dC_dz = dC_dz @ p.W[i] * p.df[i - 1](zs[i - 1])
    return out


@student("derivative_at_activation", "two layers", "deep", "one layer", "square")
def derivative_of_a(p):
    acts, out = [p.x], {}
    for W, b, f in zip(p.W, p.b, p.f, strict=True):
        acts.append(f(W @ acts[-1] + b))
    dC_da = mse_der(acts[-1], p.y)
    for i in range(p.L, 0, -1):
        dC_dz = dC_da * p.df[i - 1](acts[i])
        out[f"dC_da{i}"], out[f"dC_dz{i}"] = dC_da, dC_dz
        out[f"dC_dW{i}"], out[f"dC_db{i}"] = np.outer(dC_dz, acts[i - 1]), dC_dz
        dC_da = p.W[i - 1].T @ dC_dz
    return out
