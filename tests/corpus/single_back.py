"""More students with one sample: mistakes in slopes, in the backward pass and in ∂C/∂W."""

from __future__ import annotations

import numpy as np

from tests.corpus.students import student
from tests.corpus.tools import mse_der, sigmoid_der


@student("wrong_activation_derivative", "two layers", "sigmoid then relu", "one layer", "deep")
def times_two_instead_of_squared(p):
    def sigmoid_der(z):
        return np.exp(-z) / (1 + np.exp(-z)) * 2

    der = [sigmoid_der if name == "sigmoid" else df
           for name, df in zip(p.activations, p.df, strict=True)]  # fmt: skip
    a, zs, inputs, out = p.x, [], [], {}
    for W, b, f in zip(p.W, p.b, p.f, strict=True):
        inputs.append(a)
        zs.append(W @ a + b)
        a = f(zs[-1])
    dC_da = mse_der(a, p.y)
    for i in reversed(range(p.L)):
        dC_dz = dC_da @ np.diag(der[i](zs[i]))
        out[f"dC_dz{i + 1}"] = dC_dz
        out[f"dC_dW{i + 1}"], out[f"dC_db{i + 1}"] = np.outer(dC_dz, inputs[i]), dC_dz
        dC_da = dC_dz @ p.W[i]
    return out


@student("wrong_activation_derivative", "square", "regression", "huber")
def square_of_tanh_forgotten(p):
    ders = {"tanh": lambda z: 1 - np.tanh(z), "sigmoid": sigmoid_der, "identity": np.ones_like}
    acts, zs, out = [p.x], [], {}
    for W, b, f in zip(p.W, p.b, p.f, strict=True):
        zs.append(W @ acts[-1] + b)
        acts.append(f(zs[-1]))
    error = acts[-1] - p.y
    if p.cost == "huber":
        dC_da = np.where(np.abs(error) < 1, error, np.sign(error))
    else:
        dC_da = error if p.reduction == "half_sum" else 2 * error / error.size
    for i in range(p.L, 0, -1):
        dC_dz = dC_da * ders[p.activations[i - 1]](zs[i - 1])
        out[f"dC_dz{i}"] = dC_dz
        out[f"dC_dW{i}"], out[f"dC_db{i}"] = np.outer(dC_dz, acts[i - 1]), dC_dz
        dC_da = p.W[i - 1].T @ dC_dz
    return out


@student("wrong_activation_derivative", "sigmoid then relu", "deep", "gates")
def tanh_derivative_for_all(p):
    acts, zs, out = [p.x], [], {}
    for W, b, f in zip(p.W, p.b, p.f, strict=True):
        zs.append(W @ acts[-1] + b)
        acts.append(f(zs[-1]))
    dC_da = 2 * (acts[-1] - p.y)
    if p.reduction == "mean":
        dC_da = dC_da / len(p.y)
    for i in range(p.L, 0, -1):
        dC_dz = dC_da * (1 - np.tanh(zs[i - 1]) ** 2)
        out[f"dC_dz{i}"] = dC_dz
        out[f"dC_dW{i}"], out[f"dC_db{i}"] = np.outer(dC_dz, acts[i - 1]), dC_dz
        dC_da = p.W[i - 1].T @ dC_dz
    return out


@student("derivative_of_wrong_layer", "square", "deep", "square relu")
def index_of_z_off_by_one(p):
    acts, zs, out = [p.x], [], {}
    for W, b, f in zip(p.W, p.b, p.f, strict=True):
        zs.append(W @ acts[-1] + b)
        acts.append(f(zs[-1]))
    delta = mse_der(acts[-1], p.y) * p.df[-1](zs[-1])
    for l in range(p.L - 1, -1, -1):  # noqa: E741
        out[f"dC_dz{l + 1}"] = delta
        out[f"dC_dW{l + 1}"], out[f"dC_db{l + 1}"] = np.outer(delta, acts[l]), delta
        if l > 0:
            z = zs[l] if zs[l].shape == zs[l - 1].shape else zs[l - 1]
            delta = (p.W[l].T @ delta) * p.df[l - 1](z)
    return out


@student("activation_derivative_twice", "two layers", "square")
def derivative_multiplied_in_again(p):
    (W1, W2), (b1, b2) = p.W, p.b
    z1 = W1 @ p.x + b1
    a1 = p.f[0](z1)
    z2 = W2 @ a1 + b2
    a2 = p.f[1](z2)
    delta2 = mse_der(a2, p.y) * p.df[1](z2)
    delta2 = delta2 * p.df[1](z2)
    delta1 = W2.T @ delta2 * p.df[0](z1)
    delta1 = delta1 * p.df[0](z1)
    return {
        "z1": z1, "a1": a1, "z2": z2, "a2": a2, "dC_dz2": delta2, "dC_dz1": delta1,
        "dC_dW2": np.outer(delta2, a1), "dC_db2": delta2,
        "dC_dW1": np.outer(delta1, p.x), "dC_db1": delta1,
    }  # fmt: skip


@student("weights_transposed_backward", "square", "square relu", "deep")
def the_same_weights_on_the_way_back(p):
    acts, zs, out = [p.x], [], {}
    for W, b, f in zip(p.W, p.b, p.f, strict=True):
        zs.append(W @ acts[-1] + b)
        acts.append(f(zs[-1]))
    dC_da = mse_der(acts[-1], p.y)
    for i in range(p.L, 0, -1):
        out[f"dC_da{i}"] = dC_da
        dC_dz = dC_da * p.df[i - 1](zs[i - 1])
        out[f"dC_dW{i}"], out[f"dC_db{i}"] = np.outer(dC_dz, acts[i - 1]), dC_dz
        W = p.W[i - 1]
        dC_da = W @ dC_dz if W.shape[0] == W.shape[1] else W.T @ dC_dz
    return out


@student("weights_of_wrong_layer", "square", "square relu")
def weights_of_the_layer_itself(p):
    acts, zs, out = [p.x], [], {}
    for W, b, f in zip(p.W, p.b, p.f, strict=True):
        zs.append(W @ acts[-1] + b)
        acts.append(f(zs[-1]))
    for i in reversed(range(p.L)):
        if i == p.L - 1:
            dC_da = mse_der(acts[-1], p.y)
        else:
            dC_da = dC_dz @ p.W[i]  # noqa: F821
        dC_dz = dC_da * p.df[i](zs[i])
        out[f"dC_da{i + 1}"], out[f"dC_dz{i + 1}"] = dC_da, dC_dz
        out[f"dC_dW{i + 1}"], out[f"dC_db{i + 1}"] = np.outer(dC_dz, acts[i]), dC_dz
    return out


@student("missing_weights_backward", "square", "square relu", "regression", "scalar chain")
def no_weights_on_the_way_back(p):
    acts, zs, out = [p.x], [], {}
    for W, b, f in zip(p.W, p.b, p.f, strict=True):
        zs.append(W @ acts[-1] + b)
        acts.append(f(zs[-1]))
    error = acts[-1] - p.y
    delta = (error if p.reduction == "half_sum" else 2 / error.size * error) * p.df[-1](zs[-1])
    for i in range(p.L, 0, -1):
        out[f"dC_dz{i}"] = delta
        out[f"dC_dW{i}"], out[f"dC_db{i}"] = np.outer(delta, acts[i - 1]), delta
        if i > 1:
            delta = delta * p.df[i - 2](zs[i - 2])
    return out


@student("dC_da_passed_back", "two layers", "square", "deep")
def recursion_through_dc_da(p):
    acts, zs, out = [p.x], [], {}
    for W, b, f in zip(p.W, p.b, p.f, strict=True):
        zs.append(W @ acts[-1] + b)
        acts.append(f(zs[-1]))
    dC_da = mse_der(acts[-1], p.y)
    for i in range(p.L, 0, -1):
        dC_dz = dC_da * p.df[i - 1](zs[i - 1])
        out[f"dC_da{i}"], out[f"dC_dz{i}"] = dC_da, dC_dz
        out[f"dC_dW{i}"], out[f"dC_db{i}"] = np.outer(dC_dz, acts[i - 1]), dC_dz
        dC_da = p.W[i - 1].T @ dC_da
    return out


@student("activation_of_wrong_layer", "square", "square relu", "scalar chain")
def own_activation_in_the_weights_gradient(p):
    acts, zs, out = [p.x], [], {}
    for W, b, f in zip(p.W, p.b, p.f, strict=True):
        zs.append(W @ acts[-1] + b)
        acts.append(f(zs[-1]))
    error = acts[-1] - p.y
    dC_da = error if p.reduction == "half_sum" else 2 * error / len(error)
    for i in range(p.L, 0, -1):
        dC_dz = dC_da * p.df[i - 1](zs[i - 1])
        out[f"dC_dz{i}"] = dC_dz
        out[f"dC_dW{i}"], out[f"dC_db{i}"] = np.outer(dC_dz, acts[i]), dC_dz
        dC_da = p.W[i - 1].T @ dC_dz
    return out


@student("z_instead_of_activation", "two layers", "deep")
def saved_z_as_the_layers_input(p):
    layer_inputs, zs, a, out = [p.x], [], p.x, {}
    for W, b, f in zip(p.W, p.b, p.f, strict=True):
        z = W @ a + b
        a = f(z)
        zs.append(z)
        layer_inputs.append(z)
    dC_da = mse_der(a, p.y)
    for i in reversed(range(p.L)):
        dC_dz = dC_da * p.df[i](zs[i])
        out[f"dC_dW{i + 1}"], out[f"dC_db{i + 1}"] = np.outer(dC_dz, layer_inputs[i]), dC_dz
        dC_da = p.W[i].T @ dC_dz
    return out


@student("dC_da_instead_of_dC_dz", "two layers", "deep", "sigmoid then relu")
def parameters_from_dc_da(p):
    acts, zs, out = [p.x], [], {}
    for W, b, f in zip(p.W, p.b, p.f, strict=True):
        zs.append(W @ acts[-1] + b)
        acts.append(f(zs[-1]))
    dC_da = mse_der(acts[-1], p.y)
    for i in reversed(range(p.L)):
        dC_dz = dC_da * p.df[i](zs[i])
        out[f"dC_da{i + 1}"], out[f"dC_dz{i + 1}"] = dC_da, dC_dz
        out[f"dC_dW{i + 1}"], out[f"dC_db{i + 1}"] = np.outer(dC_da, acts[i]), dC_da
        dC_da = p.W[i].T @ dC_dz
    return out


@student("gradient_transposed", "two layers", "one layer", "deep", "square")
def outer_product_turned_round(p):
    acts, zs, out = [p.x], [], {}
    for W, b, f in zip(p.W, p.b, p.f, strict=True):
        zs.append(W @ acts[-1] + b)
        acts.append(f(zs[-1]))
    dC_da = mse_der(acts[-1], p.y)
    for i in reversed(range(p.L)):
        dC_dz = dC_da * p.df[i](zs[i])
        out[f"dC_dW{i + 1}"], out[f"dC_db{i + 1}"] = np.outer(acts[i], dC_dz), dC_dz
        dC_da = p.W[i].T @ dC_dz
    return out
