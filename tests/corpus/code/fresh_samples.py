"""Programs for samples one by one, as columns, and of two classes, written after the check and not used to build it."""

from __future__ import annotations

from tests.corpus.code.program import Program
from tests.corpus.problems import Problem

PER_SAMPLE = Program(
    "sums over the samples",
    """\
import numpy as np

def sig(a):
    return 1 / (1 + np.exp(-a))

def one(W, b, V, c, x, t):
    z = W @ x + b
    h = sig(z)
    o = V @ h + c
    e = o - t
    gV = np.outer(e, h)
    dh = V.T @ e
    dz = dh * h * (1 - h)
    gW = np.outer(dz, x)
    return gW, dz, gV, e

def total(W, b, V, c, X, T):
    N = len(X)
    sW = np.zeros(W.shape)
    sb = np.zeros(b.shape)
    sV = np.zeros(V.shape)
    sc = np.zeros(c.shape)
    for n in range(N):
        gW, gb, gV, gc = one(W, b, V, c, X[n], T[n])
        sW += gW
        sb += gb
        sV += gV
        sc += gc
    sW *= 2 / N
    sb *= 2 / N
    sV *= 2 / N
    sc *= 2 / N
    return sW, sb, sV, sc
""",
    "total",
    Problem("fresh samples", (3, 4, 4), ("sigmoid", "identity"), 5, "mse", "batch_mean", "column"),
    lambda p, _: (p.W[0], p.b[0], p.W[1], p.b[1], p.x, p.y),
    (
        ("missing_bias", "z = W @ x + b", "z = W @ x"),
        ("bias_subtracted", "o = V @ h + c", "o = V @ h - c"),
        ("z_passed_on|missing_activation", "o = V @ h + c", "o = V @ z + c"),
        ("missing_activation|z_passed_on", "h = sig(z)", "h = z"),
        ("transposed_weights", "o = V @ h + c", "o = V.T @ h + c"),
        ("cost_gradient_sign", "e = o - t", "e = t - o"),
        ("missing_activation_derivative", "dz = dh * h * (1 - h)", "dz = dh"),
        ("wrong_activation_derivative", "dz = dh * h * (1 - h)", "dz = dh * (1 - h)"),
        ("activation_instead_of_derivative", "dz = dh * h * (1 - h)", "dz = dh * h"),
        ("weights_transposed_backward", "dh = V.T @ e", "dh = V @ e"),
        ("missing_weights_backward", "dh = V.T @ e", "dh = e"),
        ("z_instead_of_activation", "gV = np.outer(e, h)", "gV = np.outer(e, z)"),
        ("gradient_transposed", "gV = np.outer(e, h)", "gV = np.outer(h, e)"),
        ("dC_da_instead_of_dC_dz", "gW = np.outer(dz, x)", "gW = np.outer(dh, x)"),
        ("batch_scale", "sV *= 2 / N", "sV *= 2"),
    ),
)

CROSS_ENTROPY_COLUMNS = Program(
    "softmax with samples as columns",
    """\
import numpy as np

def softmax(z):
    z = z - z.max(axis=0)
    return np.exp(z) / np.exp(z).sum(axis=0)

def relu(z):
    out = z.copy()
    out[out < 0] = 0
    return out

def loss_and_grads(theta, x, y):
    (w1, c1), (w2, c2), (w3, c3) = theta
    n = x.shape[1]
    z1 = np.dot(w1, x) + c1[:, None]
    a1 = relu(z1)
    z2 = np.dot(w2, a1) + c2[:, None]
    a2 = relu(z2)
    z3 = np.dot(w3, a2) + c3[:, None]
    p = softmax(z3)
    loss = -(y * np.log(p)).sum() / n
    d3 = (p - y) / n
    g3, k3 = np.dot(d3, a2.T), d3.sum(axis=1)
    d2 = np.dot(w3.T, d3)
    d2[z2 <= 0] = 0
    g2, k2 = np.dot(d2, a1.T), d2.sum(axis=1)
    d1 = np.dot(w2.T, d2)
    d1[z1 <= 0] = 0
    g1, k1 = np.dot(d1, x.T), d1.sum(axis=1)
    return loss, [(g1, k1), (g2, k2), (g3, k3)]
""",
    "loss_and_grads",
    Problem(
        "fresh columns",
        (4, 5, 5, 3),
        ("relu", "relu", "softmax"),
        9,
        "cross_entropy",
        "batch_mean",
        "column",
        "class",
    ),
    lambda p, _: (list(zip(p.W, p.b, strict=True)), p.x.T, p.y.T),
    (
        ("missing_bias", "z2 = np.dot(w2, a1) + c2[:, None]", "z2 = np.dot(w2, a1)"),
        (
            "bias_subtracted",
            "z3 = np.dot(w3, a2) + c3[:, None]",
            "z3 = np.dot(w3, a2) - c3[:, None]",
        ),
        ("z_passed_on|missing_activation", "z3 = np.dot(w3, a2)", "z3 = np.dot(w3, z2)"),
        ("transposed_weights", "z2 = np.dot(w2, a1)", "z2 = np.dot(w2.T, a1)"),
        ("softmax_wrong_axis", "np.exp(z).sum(axis=0)", "np.exp(z).sum(axis=1, keepdims=True)"),
        ("cost_gradient_sign", "d3 = (p - y) / n", "d3 = (y - p) / n"),
        ("cost_gradient_scale|batch_scale", "d3 = (p - y) / n", "d3 = p - y"),
        ("missing_activation_derivative", "d2[z2 <= 0] = 0", "pass"),
        ("wrong_activation_derivative", "d1[z1 <= 0] = 0", "d1[z1 >= 0] = 0"),
        ("derivative_of_wrong_layer", "d1[z1 <= 0] = 0", "d1[z2 <= 0] = 0"),
        ("weights_transposed_backward", "d1 = np.dot(w2.T, d2)", "d1 = np.dot(w2, d2)"),
        ("gradient_transposed", "g2, k2 = np.dot(d2, a1.T)", "g2, k2 = np.dot(a1, d2.T)"),
        ("activation_of_wrong_layer", "g2, k2 = np.dot(d2, a1.T)", "g2, k2 = np.dot(d2, a2.T)"),
        ("bias_gradient_not_summed", "d3.sum(axis=1)", "d3.mean(axis=1)"),
        ("sign_lost_backward", "d2 = np.dot(w3.T, d3)", "d2 = np.dot(w3.T, y - p) / n"),
        ("z_instead_of_activation", "np.dot(d3, a2.T)", "np.dot(d3, z2.T)"),
    ),
)

BINARY = Program(
    "two classes, derivatives apart",
    """\
import numpy as np

eps = 0.0

def expit(v): return np.exp(v) / (np.exp(v) + 1)
def dexpit(v): return expit(v) * expit(-v)

def bce(yhat, ytrue): return -np.mean(ytrue * np.log(yhat + eps) + (1 - ytrue) * np.log(1 - yhat + eps))
def dbce(yhat, ytrue): return (yhat - ytrue) / (yhat * (1 - yhat) * len(ytrue))

def layer(inp, W, b, act=np.tanh):
    pre = inp @ W + b
    return pre, act(pre)

def fit_step(params, X, ytrue):
    W1, b1, W2, b2 = params
    pre1, h = layer(X, W1, b1)
    pre2, yhat = layer(h, W2, b2, expit)
    loss = bce(yhat, ytrue)
    dyhat = dbce(yhat, ytrue)
    dpre2 = dyhat * dexpit(pre2)
    dW2 = h.T @ dpre2
    db2 = dpre2.sum(axis=0)
    dh = np.outer(dpre2, W2)
    dpre1 = dh * (1 - h ** 2)
    dW1 = X.T @ dpre1
    db1 = dpre1.sum(axis=0)
    return loss, (dW1, db1, dW2, db2)
""",
    "fit_step",
    Problem(
        "fresh binary",
        (3, 4, 1),
        ("tanh", "sigmoid"),
        6,
        "binary_cross_entropy",
        "mean",
        "row",
        "bits",
    ),
    lambda p, _: ((p.W[0], p.b[0], p.W[1], p.b[1]), p.x, p.y),
    (
        ("missing_bias", "pre = inp @ W + b", "pre = inp @ W"),
        (
            "missing_activation|z_passed_on",
            "pre2, yhat = layer(h, W2, b2, expit)",
            "pre2, yhat = layer(pre1, W2, b2, expit)",
        ),
        ("wrong_activation", "pre1, h = layer(X, W1, b1)", "pre1, h = layer(X, W1, b1, expit)"),
        ("cost_gradient_sign", "return (yhat - ytrue) /", "return (ytrue - yhat) /"),
        (
            "cost_gradient_scale|batch_scale",
            "(yhat * (1 - yhat) * len(ytrue))",
            "(yhat * (1 - yhat))",
        ),
        (
            "missing_activation_derivative|dC_dz_used_as_dC_da",
            "dpre2 = dyhat * dexpit(pre2)",
            "dpre2 = dyhat",
        ),
        (
            "derivative_at_activation",
            "dpre2 = dyhat * dexpit(pre2)",
            "dpre2 = dyhat * dexpit(yhat)",
        ),
        (
            "activation_instead_of_derivative",
            "dpre2 = dyhat * dexpit(pre2)",
            "dpre2 = dyhat * expit(pre2)",
        ),
        ("wrong_activation_derivative", "dpre1 = dh * (1 - h ** 2)", "dpre1 = dh * h * (1 - h)"),
        ("wrong_activation_derivative", "expit(v) * expit(-v)", "expit(v) * (1 + expit(v))"),
        ("dC_da_passed_back", "dh = np.outer(dpre2, W2)", "dh = np.outer(dyhat, W2)"),
        ("z_instead_of_activation", "dW2 = h.T @ dpre2", "dW2 = pre1.T @ dpre2"),
        ("dC_da_instead_of_dC_dz", "db1 = dpre1.sum(axis=0)", "db1 = dh.sum(axis=0)"),
        ("bias_gradient_not_summed", "db1 = dpre1.sum(axis=0)", "db1 = dpre1.mean(axis=0)"),
    ),
)

PROGRAMS = (PER_SAMPLE, CROSS_ENTROPY_COLUMNS, BINARY)
