"""More styles: column vectors, closures, in-place updates, einsum, autograd, costs."""

from __future__ import annotations

from tests.corpus.code.program import Program
from tests.corpus.problems import Problem

COLUMN_VECTORS = Program(
    "column vectors and a dict",
    """\
import numpy as np

def forward(net, x):
    cache = {}
    cache['A0'] = x
    for i in (1, 2):
        cache[f'Z{i}'] = net[f'W{i}'] @ cache[f'A{i-1}'] + net[f'b{i}']
        if i == 1:
            cache[f'A{i}'] = np.maximum(cache[f'Z{i}'], 0)
        else:
            cache[f'A{i}'] = cache[f'Z{i}']
    return cache

def cost(a, y):
    return 0.5 * np.sum((a - y) ** 2)

def backward(net, cache, y):
    out = {}
    d = cache['A2'] - y
    out['W2'] = d @ cache['A1'].T
    out['b2'] = d
    e = net['W2'].T @ d
    e = e * (cache['Z1'] > 0)
    out['W1'] = e @ cache['A0'].T
    out['b1'] = e
    return out

def go(W1, b1, W2, b2, x, y):
    net = {'W1': W1, 'b1': b1.reshape(-1, 1), 'W2': W2, 'b2': b2.reshape(-1, 1)}
    cache = forward(net, x.reshape(-1, 1))
    c = cost(cache['A2'], y.reshape(-1, 1))
    return c, backward(net, cache, y.reshape(-1, 1))
""",
    "go",
    Problem("code vectors", (3, 9, 2), ("relu", "identity"), reduction="half_sum"),
    lambda p, _: (p.W[0], p.b[0], p.W[1], p.b[1], p.x, p.y),
    (
        ("missing_bias", " + net[f'b{i}']", ""),
        ("bias_subtracted", "+ net[f'b{i}']", "- net[f'b{i}']"),
        ("cost_gradient_sign", "d = cache['A2'] - y", "d = y - cache['A2']"),
        ("cost_gradient_scale", "d = cache['A2'] - y", "d = 2 * (cache['A2'] - y)"),
        ("gradient_transposed", "out['W2'] = d @ cache['A1'].T", "out['W2'] = cache['A1'] @ d.T"),
        ("z_instead_of_activation", "d @ cache['A1'].T", "d @ cache['Z1'].T"),
        ("sign_lost_backward", "e = net['W2'].T @ d", "e = -net['W2'].T @ d"),
        ("wrong_activation_derivative", "(cache['Z1'] > 0)", "(cache['Z1'] < 0)"),
        ("activation_instead_of_derivative", "(cache['Z1'] > 0)", "cache['A1']"),
        ("missing_activation|z_passed_on", "np.maximum(cache[f'Z{i}'], 0)", "cache[f'Z{i}']"),
    ),
)

IN_PLACE = Program(
    "training step that changes the weights",
    """\
import numpy as np

class NN:
    def __init__(self, weights, biases, eta):
        self.weights = [w.copy() for w in weights]
        self.biases = [b.copy() for b in biases]
        self.eta = eta

    def sig(self, v):
        return 1.0 / (1.0 + np.exp(-v))

    def step(self, x, t):
        outs = [x]
        for w, b in zip(self.weights, self.biases):
            outs.append(self.sig(outs[-1] @ w + b))
        n = len(x)
        grad = 2 * (outs[-1] - t) / n
        grad *= outs[-1] * (1 - outs[-1])
        self.dws = []
        self.dbs = []
        for k in reversed(range(len(self.weights))):
            self.dws.insert(0, outs[k].T @ grad)
            self.dbs.insert(0, grad.sum(axis=0))
            if k > 0:
                grad = grad @ self.weights[k].T
                grad *= outs[k] * (1 - outs[k])
        for k in range(len(self.weights)):
            self.weights[k] -= self.eta * self.dws[k]
            self.biases[k] -= self.eta * self.dbs[k]

def train(weights, biases, x, t):
    nn = NN(weights, biases, 0.1)
    for epoch in range(3):
        nn.step(x, t)
    return nn

def first(weights, biases, x, t):
    nn = NN(weights, biases, 0.1)
    nn.step(x, t)
    return nn.dws, nn.dbs
""",
    "first",
    Problem(
        "code in place",
        (3, 4, 3, 2),
        ("sigmoid", "sigmoid", "sigmoid"),
        6,
        "mse",
        "batch_mean",
        "row",
    ),
    lambda p, _: (p.W, p.b, p.x, p.y),
    (
        ("missing_bias", "outs[-1] @ w + b", "outs[-1] @ w"),
        ("activation_sign", "np.exp(-v)", "np.exp(v)"),
        ("cost_gradient_sign", "grad = 2 * (outs[-1] - t) / n", "grad = 2 * (t - outs[-1]) / n"),
        ("cost_gradient_scale", "grad = 2 * (outs[-1] - t) / n", "grad = (outs[-1] - t) / n"),
        (
            "wrong_activation_derivative",
            "        grad *= outs[-1] * (1 - outs[-1])",
            "        grad *= 1 - outs[-1]",
        ),
        (
            "activation_instead_of_derivative",
            "        grad *= outs[-1] * (1 - outs[-1])",
            "        grad *= outs[-1]",
        ),
        (
            "wrong_activation_derivative",
            "grad *= outs[k] * (1 - outs[k])",
            "grad *= outs[k] * (1 + outs[k])",
        ),
        ("bias_gradient_not_summed", "grad.sum(axis=0)", "grad.mean(axis=0)"),
        ("batch_scale", "outs[k].T @ grad)", "outs[k].T @ grad / n)"),
        (
            "sign_lost_backward",
            "grad = grad @ self.weights[k].T",
            "grad = -grad @ self.weights[k].T",
        ),
    ),
)
CLOSURE = Program(
    "closures and einsum",
    """\
import numpy as np

def make(W, b):
    state = {}
    def fwd(h):
        state['h'] = h
        state['z'] = np.einsum('ni,io->no', h, W) + b
        return np.tanh(state['z'])
    def bwd(g):
        gz = np.einsum('no,no->no', g, 1 - np.tanh(state['z']) ** 2)
        gW = np.einsum('ni,no->io', state['h'], gz)
        gb = np.einsum('no->o', gz)
        gh = np.einsum('no,io->ni', gz, W)
        return gh, gW, gb
    return fwd, bwd

def grads(layers, x, y):
    made = [make(W, b) for W, b in layers]
    h = x
    for fwd, _ in made:
        h = fwd(h)
    g = 2 * (h - y)
    result = []
    for _, bwd in made[::-1]:
        g, gW, gb = bwd(g)
        result.append((gW, gb))
    return result[::-1]
""",
    "grads",
    Problem("code closure", (3, 3, 3), ("tanh", "tanh"), 4, reduction="sum", convention="row"),
    lambda p, _: (list(zip(p.W, p.b, strict=True)), p.x, p.y),
    (
        ("missing_bias", "np.einsum('ni,io->no', h, W) + b", "np.einsum('ni,io->no', h, W)"),
        ("transposed_weights", "np.einsum('ni,io->no', h, W)", "np.einsum('ni,oi->no', h, W)"),
        ("missing_activation|z_passed_on", "return np.tanh(state['z'])", "return state['z']"),
        ("wrong_activation_derivative", "1 - np.tanh(state['z']) ** 2", "1 - np.tanh(state['z'])"),
        (
            "missing_activation_derivative",
            "gz = np.einsum('no,no->no', g, 1 - np.tanh(state['z']) ** 2)",
            "gz = g",
        ),
        ("gradient_transposed", "'ni,no->io'", "'ni,no->oi'"),
        (
            "dC_da_instead_of_dC_dz",
            "np.einsum('ni,no->io', state['h'], gz)",
            "np.einsum('ni,no->io', state['h'], g)",
        ),
        (
            "z_instead_of_activation|activation_of_wrong_layer",
            "np.einsum('ni,no->io', state['h'], gz)",
            "np.einsum('ni,no->io', np.tanh(state['z']), gz)",
        ),
        ("bias_gradient_not_summed", "gb = np.einsum('no->o', gz)", "gb = gz.mean(0)"),
        ("weights_transposed_backward", "'no,io->ni'", "'no,oi->ni'"),
        (
            "dC_da_passed_back",
            "gh = np.einsum('no,io->ni', gz, W)",
            "gh = np.einsum('no,io->ni', g, W)",
        ),
        ("cost_gradient_sign", "g = 2 * (h - y)", "g = 2 * (y - h)"),
        ("cost_gradient_scale", "g = 2 * (h - y)", "g = h - y"),
        ("cost_gradient_scale", "g = 2 * (h - y)", "g = 2 * (h - y) / y.size"),
    ),
)

AUTOGRAD = Program(
    "autograd",
    """\
import autograd.numpy as np
from autograd import grad

def cost(layers, x, y):
    a = x
    for W, b in layers:
        z = W @ a + b
        a = 1 / (1 + np.exp(-z))
    return np.mean((a - y) ** 2)

def gradients(layers, x, y):
    return grad(cost, 0)(layers, x, y)
""",
    "gradients",
    Problem("code autograd", (3, 3, 3), ("sigmoid", "sigmoid")),
    lambda p, _: (list(zip(p.W, p.b, strict=True)), p.x, p.y),
    (
        ("missing_bias", "z = W @ a + b", "z = W @ a"),
        ("transposed_weights", "z = W @ a + b", "z = W.T @ a + b"),
        ("activation_sign", "np.exp(-z)", "np.exp(z)"),
        ("cost_scale|cost_gradient_scale", "np.mean((a - y) ** 2)", "np.sum((a - y) ** 2)"),
        ("missing_activation|z_passed_on", "a = 1 / (1 + np.exp(-z))", "a = z"),
    ),
)

COSTS = Program(
    "cost only",
    """\
import numpy as np

def predict(layers, X):
    for W, b in layers:
        X = np.tanh(X @ W + b)
    return X

def cost(layers, X, Y):
    P = predict(layers, X)
    return np.mean((P - Y) ** 2)
""",
    "cost",
    Problem("code cost", (3, 3, 2), ("tanh", "tanh"), 5, convention="row"),
    lambda p, _: (list(zip(p.W, p.b, strict=True)), p.x, p.y),
    (
        ("missing_bias", "np.tanh(X @ W + b)", "np.tanh(X @ W)"),
        ("cost_scale", "return np.mean((P - Y) ** 2)", "return np.sum((P - Y) ** 2)"),
        ("wrong_cost_value", "return np.mean((P - Y) ** 2)", "return np.mean(np.abs(P - Y))"),
        ("missing_activation|z_passed_on", "np.tanh(X @ W + b)", "X @ W + b"),
    ),
)

PROGRAMS = (COLUMN_VECTORS, IN_PLACE, CLOSURE, AUTOGRAD, COSTS)
