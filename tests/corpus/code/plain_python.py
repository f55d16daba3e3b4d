"""Programs with recursion, and with lists instead of NumPy."""

from __future__ import annotations

from tests.corpus.code.program import Program
from tests.corpus.problems import Problem

RECURSIVE = Program(
    "recursion",
    """\
import numpy as np

def leaky(z):
    return np.where(z > 0, z, 0.01 * z)

def leaky_grad(z):
    return np.where(z > 0, 1.0, 0.01)

def backprop(a, weights, biases, y):
    if not weights:
        return 2 * (a - y) / len(y), [], []
    z = weights[0] @ a + biases[0]
    grad_a, grads_W, grads_b = backprop(leaky(z), weights[1:], biases[1:], y)
    delta = grad_a * leaky_grad(z)
    grad_W = np.outer(delta, a)
    below = weights[0].T @ delta
    return below, [grad_W] + grads_W, [delta] + grads_b

def gradients(x, weights, biases, y):
    _, grads_W, grads_b = backprop(x, weights, biases, y)
    return grads_W, grads_b
""",
    "gradients",
    Problem("code recursion", (3, 3, 3, 3), ("leaky_relu", "leaky_relu", "leaky_relu")),
    lambda p, _: (p.x, p.W, p.b, p.y),
    (
        ("missing_bias", "z = weights[0] @ a + biases[0]", "z = weights[0] @ a"),
        ("cost_gradient_sign", "2 * (a - y) / len(y)", "2 * (y - a) / len(y)"),
        ("cost_gradient_scale", "2 * (a - y) / len(y)", "(a - y) / len(y)"),
        (
            "wrong_activation_derivative",
            "return np.where(z > 0, 1.0, 0.01)",
            "return np.where(z > 0, 1.0, 0.0)",
        ),
        (
            "activation_instead_of_derivative",
            "delta = grad_a * leaky_grad(z)",
            "delta = grad_a * leaky(z)",
        ),
        ("missing_activation_derivative", "delta = grad_a * leaky_grad(z)", "delta = grad_a"),
        ("gradient_transposed", "np.outer(delta, a)", "np.outer(a, delta)"),
        ("dC_da_instead_of_dC_dz", "grad_W = np.outer(delta, a)", "grad_W = np.outer(grad_a, a)"),
        (
            "z_instead_of_activation|activation_of_wrong_layer",
            "grad_W = np.outer(delta, a)",
            "grad_W = np.outer(delta, leaky(z))",
        ),
        (
            "weights_transposed_backward",
            "below = weights[0].T @ delta",
            "below = weights[0] @ delta",
        ),
        ("dC_da_passed_back", "below = weights[0].T @ delta", "below = weights[0].T @ grad_a"),
        (
            "transposed_weights",
            "z = weights[0] @ a + biases[0]",
            "z = weights[0].T @ a + biases[0]",
        ),
    ),
)

PURE_PYTHON = Program(
    "lists without NumPy",
    """\
import math

def sigmoid(z):
    return 1 / (1 + math.exp(-z))

def dot(u, v):
    return sum(p * q for p, q in zip(u, v))

def backprop(W1, b1, W2, b2, x, y):
    z1 = [dot(row, x) + b for row, b in zip(W1, b1)]
    a1 = [sigmoid(z) for z in z1]
    z2 = [dot(row, a1) + b for row, b in zip(W2, b2)]
    a2 = [sigmoid(z) for z in z2]
    n = len(y)
    da2 = [2 * (p - t) / n for p, t in zip(a2, y)]
    dz2 = [g * a * (1 - a) for g, a in zip(da2, a2)]
    dW2 = [[g * a for a in a1] for g in dz2]
    da1 = [sum(W2[j][i] * dz2[j] for j in range(n)) for i in range(len(a1))]
    dz1 = [g * a * (1 - a) for g, a in zip(da1, a1)]
    dW1 = [[g * a for a in x] for g in dz1]
    return dW1, dz1, dW2, dz2
""",
    "backprop",
    Problem("code lists", (2, 3, 3), ("sigmoid", "sigmoid")),
    lambda p, _: (
        p.W[0].tolist(),
        p.b[0].tolist(),
        p.W[1].tolist(),
        p.b[1].tolist(),
        p.x.tolist(),
        p.y.tolist(),
    ),
    (
        ("missing_bias", "z1 = [dot(row, x) + b for", "z1 = [dot(row, x) for"),
        ("z_passed_on|missing_activation", "z2 = [dot(row, a1) + b", "z2 = [dot(row, z1) + b"),
        ("cost_gradient_sign", "2 * (p - t) / n", "2 * (t - p) / n"),
        ("cost_gradient_scale", "2 * (p - t) / n", "2 * (p - t)"),
        ("wrong_activation_derivative", "dz1 = [g * a * (1 - a) for", "dz1 = [g * (1 - a) for"),
        ("activation_instead_of_derivative", "dz2 = [g * a * (1 - a) for", "dz2 = [g * a for"),
        ("weights_transposed_backward", "W2[j][i] * dz2[j]", "W2[i][j] * dz2[j]"),
        (
            "activation_of_wrong_layer",
            "dW2 = [[g * a for a in a1] for g in dz2]",
            "dW2 = [[g * a for a in a2] for g in dz2]",
        ),
        ("dC_da_passed_back", "W2[j][i] * dz2[j]", "W2[j][i] * da2[j]"),
    ),
)

PROGRAMS = (RECURSIVE, PURE_PYTHON)
