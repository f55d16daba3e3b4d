"""Programs for one sample: a function for each step, and a forward pass alone."""

from __future__ import annotations

from tests.corpus.code.program import Program
from tests.corpus.problems import Problem

FUNCTIONS = Program(
    "one function for each step",
    """\
import numpy as np

def relu(u):
    return np.maximum(0, u)

def relu_prime(u):
    return (u > 0).astype(float)

def layer_forward(W, b, inp, f):
    s = W.dot(inp) + b
    return s, f(s)

def output_error(out, y):
    n = y.size
    return 2.0 * (out - y) / n

def through_activation(grad_out, s, f_prime):
    return grad_out * f_prime(s)

def through_weights(grad_s, W):
    return W.T.dot(grad_s)

def weight_grad(grad_s, inp):
    return grad_s.reshape(-1, 1) * inp.reshape(1, -1)

def compute(params, x, y):
    s1, h1 = layer_forward(params['W1'], params['b1'], x, relu)
    s2, h2 = layer_forward(params['W2'], params['b2'], h1, np.tanh)
    g_h2 = output_error(h2, y)
    g_s2 = through_activation(g_h2, s2, lambda u: 1 - np.tanh(u) ** 2)
    grads = {}
    grads['W2'] = weight_grad(g_s2, h1)
    grads['b2'] = g_s2
    g_h1 = through_weights(g_s2, params['W2'])
    g_s1 = through_activation(g_h1, s1, relu_prime)
    grads['W1'] = weight_grad(g_s1, x)
    grads['b1'] = g_s1
    return grads
""",
    "compute",
    Problem("code functions", (3, 4, 4), ("relu", "tanh")),
    lambda p, _: ({"W1": p.W[0], "b1": p.b[0], "W2": p.W[1], "b2": p.b[1]}, p.x, p.y),
    (
        ("missing_bias", "s = W.dot(inp) + b", "s = W.dot(inp)"),
        ("bias_subtracted", "s = W.dot(inp) + b", "s = W.dot(inp) - b"),
        ("cost_gradient_sign", "return 2.0 * (out - y) / n", "return 2.0 * (y - out) / n"),
        ("cost_gradient_sign", "output_error(h2, y)", "output_error(y, h2)"),
        ("cost_gradient_scale", "return 2.0 * (out - y) / n", "return (out - y) / n"),
        (
            "cost_gradient_scale",
            "    n = y.size\n    return 2.0 * (out - y) / n",
            "    n = y.size\n    return 2.0 * (out - y)",
        ),
        ("missing_activation_derivative", "return grad_out * f_prime(s)", "return grad_out"),
        (
            "derivative_at_activation",
            "through_activation(g_h2, s2,",
            "through_activation(g_h2, h2,",
        ),
        (
            "derivative_of_wrong_layer",
            "through_activation(g_h1, s1, relu_prime)",
            "through_activation(g_h1, s2, relu_prime)",
        ),
        ("sign_lost_backward", "return W.T.dot(grad_s)", "return -W.T.dot(grad_s)"),
        (
            "dC_da_passed_back",
            "through_weights(g_s2, params['W2'])",
            "through_weights(g_h2, params['W2'])",
        ),
        ("z_instead_of_activation", "weight_grad(g_s2, h1)", "weight_grad(g_s2, s1)"),
        ("activation_of_wrong_layer", "weight_grad(g_s2, h1)", "weight_grad(g_s2, h2)"),
        ("dC_da_instead_of_dC_dz", "weight_grad(g_s1, x)", "weight_grad(g_h1, x)"),
        ("dC_da_instead_of_dC_dz", "grads['b1'] = g_s1", "grads['b1'] = g_h1"),
        (
            "wrong_activation_derivative",
            "lambda u: 1 - np.tanh(u) ** 2)",
            "lambda u: 1 + np.tanh(u) ** 2)",
        ),
        (
            "wrong_activation_derivative",
            "return (u > 0).astype(float)",
            "return (u < 0).astype(float)",
        ),
        (
            "z_passed_on|missing_activation",
            "params['b2'], h1, np.tanh)",
            "params['b2'], s1, np.tanh)",
        ),
        ("missing_activation", "return s, f(s)", "return s, s"),
        (
            "gradient_transposed",
            "return grad_s.reshape(-1, 1) * inp.reshape(1, -1)",
            "return inp.reshape(-1, 1) * grad_s.reshape(1, -1)",
        ),
    ),
)

FORWARD = Program(
    "forward pass only",
    """\
import numpy as np

def sigmoid(z):
    return 1 / (1 + np.exp(-z))

def feed_forward(layers, x):
    a = x
    for W, b in layers:
        z = W @ a + b
        a = sigmoid(z)
    return a
""",
    "feed_forward",
    Problem("code forward", (3, 3, 3), ("sigmoid", "sigmoid")),
    lambda p, _: (list(zip(p.W, p.b, strict=True)), p.x),
    (
        ("missing_bias", "z = W @ a + b", "z = W @ a"),
        ("bias_subtracted", "z = W @ a + b", "z = W @ a - b"),
        ("transposed_weights", "z = W @ a + b", "z = W.T @ a + b"),
        ("activation_sign", "np.exp(-z)", "np.exp(z)"),
        ("z_passed_on|missing_activation", "a = sigmoid(z)", "a = z"),
        ("wrong_activation", "a = sigmoid(z)", "a = np.tanh(z)"),
    ),
)

PROGRAMS = (FUNCTIONS, FORWARD)
