"""Students with a mistake in a penalty or in the update."""

from __future__ import annotations

import numpy as np

from tests.corpus.students import student

UPDATE = ("all", "update")


def gradients(p):
    """Compute correct gradients: the mistakes of these students come later."""
    column = p.convention == "column"
    W = [w.T for w in p.W] if column else p.W
    zs, acts, dW, db = [], [np.atleast_2d(p.x)], [None] * p.L, [None] * p.L
    for w, b, f in zip(W, p.b, p.f, strict=True):
        zs.append(acts[-1] @ w + b)
        acts.append(f(zs[-1]))
    delta = 2 * (acts[-1] - p.y) / np.size(p.y) * p.df[-1](zs[-1])
    for k in reversed(range(p.L)):
        dW[k], db[k] = acts[k].T @ delta, delta.sum(axis=0)
        if column:
            dW[k] = dW[k].T
        if k:
            delta = delta @ W[k].T * p.df[k - 1](zs[k - 1])
    return dW, db


@student("penalty_gradient_missing", "ridge", "lasso", handed_in=("all", "gradients"))
def penalty_only_in_the_cost(p):
    column = p.convention == "column"
    a, zs, acts, out = p.x, [], [p.x], {}
    for W, b, f in zip(p.W, p.b, p.f, strict=True):
        zs.append(W @ a + b if column else a @ W + b)
        a = f(zs[-1])
        acts.append(a)
    l1, l2 = p.penalty.get("l1", 0), p.penalty.get("l2", 0)
    C = np.mean((a - p.y) ** 2)
    C += sum(l1 * np.abs(W).sum() + l2 / 2 * (W**2).sum() for W in p.W)
    out["C"] = C
    delta = 2 * (a - p.y) / p.y.size * p.df[-1](zs[-1])
    for k in reversed(range(p.L)):
        out[f"dC_dW{k + 1}"] = np.outer(delta, acts[k]) if column else acts[k].T @ delta
        out[f"dC_db{k + 1}"] = delta if column else delta.sum(axis=0)
        if k:
            back = p.W[k].T @ delta if column else delta @ p.W[k].T
            delta = back * p.df[k - 1](zs[k - 1])
    return out


@student("penalty_gradient_scale", "ridge", handed_in=("all", "gradients"))
def two_lambda_w(p):
    lam = p.penalty["l2"]
    z1 = p.x @ p.W[0] + p.b[0]
    a1 = np.tanh(z1)
    a2 = a1 @ p.W[1] + p.b[1]
    delta2 = 2 * (a2 - p.y) / p.y.size
    delta1 = delta2 @ p.W[1].T * (1 - a1**2)
    return {
        "dC_dW2": a1.T @ delta2 + 2 * lam * p.W[1], "dC_db2": delta2.sum(axis=0),
        "dC_dW1": p.x.T @ delta1 + 2 * lam * p.W[0], "dC_db1": delta1.sum(axis=0),
    }  # fmt: skip


@student("penalty_on_bias", "ridge", "lasso", handed_in=("all", "gradients"))
def biases_penalised_too(p):
    dW, db = gradients(p)
    l1, l2 = p.penalty.get("l1", 0), p.penalty.get("l2", 0)
    out = {}
    for k in range(p.L):
        out[f"dC_dW{k + 1}"] = dW[k] + l1 * np.sign(p.W[k]) + l2 * p.W[k]
        out[f"dC_db{k + 1}"] = db[k] + l1 * np.sign(p.b[k]) + l2 * p.b[k]
    return out


@student("penalty_missing_in_cost", "ridge", "lasso", handed_in=("all",))
def cost_of_the_data_alone(p):
    a = p.x
    for W, b, f in zip(p.W, p.b, p.f, strict=True):
        a = f(W @ a + b) if p.convention == "column" else f(a @ W + b)
    return {f"a{p.L}": a, "C": np.mean((a - p.y) ** 2)}


@student("gradient_ascent", "descent", "descent batch", handed_in=UPDATE)
def plus_eta_times_gradient(p):
    dW, db = gradients(p)
    eta, out = 0.1, {}
    for k in range(p.L):
        out[f"dC_dW{k + 1}"], out[f"dC_db{k + 1}"] = dW[k], db[k]
        out[f"W{k + 1}_next"] = p.W[k] + eta * dW[k]
        out[f"b{k + 1}_next"] = p.b[k] + eta * db[k]
    return out


@student("gradient_ascent", "adam", handed_in=("update",))
def adam_uphill(p):
    dW, db = gradients(p)
    out = {}
    for name, params, grads in (("W", p.W, dW), ("b", p.b, db)):
        for k, (w, g) in enumerate(zip(params, grads, strict=True), start=1):
            m, v = 0.1 * g, 0.001 * g**2
            m_hat, v_hat = m / (1 - 0.9), v / (1 - 0.999)
            out[f"{name}{k}_next"] = w + 0.01 * m_hat / (np.sqrt(v_hat) + 1e-8)
    return out


@student("learning_rate_missing", "descent", "descent batch", handed_in=UPDATE)
def gradient_subtracted_as_it_is(p):
    dW, db = gradients(p)
    out = {}
    for k in range(p.L):
        out[f"dC_dW{k + 1}"], out[f"dC_db{k + 1}"] = dW[k], db[k]
        out[f"W{k + 1}_next"], out[f"b{k + 1}_next"] = p.W[k] - dW[k], p.b[k] - db[k]
    return out


@student("learning_rate_missing", "momentum", handed_in=("update",))
def momentum_without_a_rate(p):
    dW, db = gradients(p)
    out = {}
    for name, params, grads in (("W", p.W, dW), ("b", p.b, db)):
        for k in range(p.L):
            velocity = 0.9 * np.zeros_like(params[k]) + grads[k]
            out[f"{name}{k + 1}_next"] = params[k] - velocity
    return out


@student("bias_correction_missing", "adam", handed_in=("update", "all"))
def adam_without_hats(p):
    dW, db = gradients(p)
    rate, beta1, beta2, eps, out = 0.01, 0.9, 0.999, 1e-8, {}
    for name, params, grads in (("W", p.W, dW), ("b", p.b, db)):
        for k, (w, g) in enumerate(zip(params, grads, strict=True), start=1):
            m = (1 - beta1) * g
            v = (1 - beta2) * g**2
            out[f"m_{name}{k}_next"], out[f"v_{name}{k}_next"] = m, v
            out[f"{name}{k}_next"] = w - rate * m / (np.sqrt(v) + eps)
    return out


@student("root_missing", "adagrad", "rmsprop", handed_in=("update",))
def divided_by_the_squares(p):
    dW, db = gradients(p)
    rate, out = p.optimizer["learning_rate"], {}
    eps = 1e-10 if p.optimizer["name"] == "adagrad" else 1e-8
    for name, params, grads in (("W", p.W, dW), ("b", p.b, db)):
        for k, (w, g) in enumerate(zip(params, grads, strict=True), start=1):
            s = g**2 if p.optimizer["name"] == "adagrad" else 0.1 * g**2
            out[f"{name}{k}_next"] = w - rate * g / (s + eps)
    return out


@student("gradient_not_squared", "rmsprop", "adagrad", handed_in=("all",))
def collected_the_gradient_itself(p):
    dW, _ = gradients(p)
    adagrad = p.optimizer["name"] == "adagrad"
    state = "sum" if adagrad else "square"
    return {
        f"{state}_W{k + 1}_next": dW[k] if adagrad else 0.9 * 0.0 + (1 - 0.9) * dW[k]
        for k in range(p.L)
    }


@student("step_instead_of_parameters", "descent", handed_in=UPDATE)
def only_the_step(p):
    dW, db = gradients(p)
    out = {}
    for k in range(p.L):
        out[f"dC_dW{k + 1}"], out[f"dC_db{k + 1}"] = dW[k], db[k]
        out[f"W{k + 1}_next"], out[f"b{k + 1}_next"] = -0.1 * dW[k], -0.1 * db[k]
    return out


@student("step_instead_of_parameters", "momentum", "nesterov", handed_in=("update",))
def only_the_velocity(p):
    dW, db = gradients(p)
    rate, nesterov = p.optimizer["learning_rate"], p.optimizer["name"] == "nesterov"
    out = {}
    for name, grads in (("W", dW), ("b", db)):
        for k, g in enumerate(grads, start=1):
            velocity = rate * g
            step = 0.9 * velocity + rate * g if nesterov else velocity
            out[f"{name}{k}_next"] = -step
    return out
