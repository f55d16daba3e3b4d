"""Programs with nested helpers, buffers and all kinds of products, written after the check and not used to build it."""

from __future__ import annotations

from tests.corpus.code.program import Program
from tests.corpus.problems import Problem

NESTED = Program(
    "nested helpers",
    """\
import numpy as np

def gradient(theta1, theta2, bias1, bias2, features, labels):
    hidden_in = None
    hidden_out = None

    def squash(v):
        return 2 / (1 + np.exp(-2 * v)) - 1

    def affine(v, theta, bias):
        return np.add(np.matmul(v, theta), bias)

    def predict():
        nonlocal hidden_in, hidden_out
        hidden_in = affine(features, theta1, bias1)
        hidden_out = squash(hidden_in)
        return affine(hidden_out, theta2, bias2)

    def slope(v):
        return np.subtract(1, np.square(v))

    prediction = predict()
    residual = np.subtract(prediction, labels)

    def layer2():
        return hidden_out.T @ residual, np.ones(len(residual)) @ residual

    def layer1():
        inner = residual @ theta2.T
        inner = np.multiply(inner, slope(hidden_out))
        return features.T @ inner, np.ones(len(inner)) @ inner

    return layer1() + layer2()
""",
    "gradient",
    Problem(
        "fresh nested", (3, 4, 4), ("tanh", "identity"), 6, reduction="half_sum", convention="row"
    ),
    lambda p, _: (p.W[0], p.W[1], p.b[0], p.b[1], p.x, p.y),
    (
        ("missing_bias", "return np.add(np.matmul(v, theta), bias)", "return np.matmul(v, theta)"),
        (
            "bias_subtracted",
            "return np.add(np.matmul(v, theta), bias)",
            "return np.subtract(np.matmul(v, theta), bias)",
        ),
        (
            "z_passed_on|missing_activation",
            "return affine(hidden_out, theta2, bias2)",
            "return affine(hidden_in, theta2, bias2)",
        ),
        (
            "missing_activation|z_passed_on",
            "hidden_out = squash(hidden_in)",
            "hidden_out = hidden_in",
        ),
        (
            "transposed_weights",
            "return affine(hidden_out, theta2, bias2)",
            "return affine(hidden_out, theta2.T, bias2)",
        ),
        (
            "cost_gradient_sign",
            "residual = np.subtract(prediction, labels)",
            "residual = np.subtract(labels, prediction)",
        ),
        (
            "cost_gradient_scale",
            "residual = np.subtract(prediction, labels)",
            "residual = 2 * np.subtract(prediction, labels)",
        ),
        (
            "wrong_activation_derivative",
            "return np.subtract(1, np.square(v))",
            "return np.subtract(1, v)",
        ),
        (
            "derivative_at_activation|wrong_activation_derivative",
            "slope(hidden_out)",
            "slope(squash(hidden_out))",
        ),
        (
            "activation_instead_of_derivative",
            "np.multiply(inner, slope(hidden_out))",
            "np.multiply(inner, hidden_out)",
        ),
        ("missing_activation_derivative", "inner = np.multiply(inner, slope(hidden_out))", "pass"),
        ("weights_transposed_backward", "inner = residual @ theta2.T", "inner = residual @ theta2"),
        ("missing_weights_backward", "inner = residual @ theta2.T", "inner = residual.copy()"),
        (
            "z_instead_of_activation",
            "return hidden_out.T @ residual",
            "return hidden_in.T @ residual",
        ),
        ("gradient_transposed", "return hidden_out.T @ residual", "return residual.T @ hidden_out"),
        (
            "bias_gradient_not_summed",
            "np.ones(len(inner)) @ inner",
            "np.ones(len(inner)) @ inner / len(inner)",
        ),
    ),
)

BUFFERS = Program(
    "buffers that are filled again",
    """\
import numpy as np

class Workspace:
    def __init__(self, Ws, bs, n):
        self.Ws = Ws
        self.bs = bs
        sizes = [Ws[0].shape[0]] + [W.shape[1] for W in Ws]
        self.acts = [np.empty((n, s)) for s in sizes]
        self.buf = np.empty((n, max(sizes)))
        self.gW = [np.zeros_like(W) for W in Ws]
        self.gb = [np.zeros_like(b) for b in bs]

    def up(self, x):
        self.acts[0][...] = x
        for i, (W, b) in enumerate(zip(self.Ws, self.bs)):
            out = self.acts[i + 1]
            np.dot(self.acts[i], W, out=out)
            out += b
            np.negative(out, out=out)
            np.exp(out, out=out)
            out += 1
            np.reciprocal(out, out=out)

    def down(self, y):
        last = len(self.Ws)
        d = self.buf[:, :y.shape[1]]
        np.subtract(self.acts[last], y, out=d)
        d *= 2.0 / y.size
        for i in range(last, 0, -1):
            o = self.acts[i]
            d *= o * (1 - o)
            self.gW[i - 1][:] = self.acts[i - 1].T @ d
            self.gb[i - 1][:] = np.add.reduce(d, 0)
            if i > 1:
                e = d @ self.Ws[i - 1].T
                d = self.buf[:, :e.shape[1]]
                d[:] = e

def work(Ws, bs, x, y):
    ws = Workspace(Ws, bs, len(x))
    ws.up(x)
    ws.down(y)
    return ws.gW, ws.gb
""",
    "work",
    Problem("fresh buffers", (3, 4, 4, 2), ("sigmoid",) * 3, 5, convention="row"),
    lambda p, _: (p.W, p.b, p.x, p.y),
    (
        ("bias_subtracted", "out += b", "out -= b"),
        ("activation_sign", "np.negative(out, out=out)", "np.positive(out, out=out)"),
        (
            "cost_gradient_sign",
            "np.subtract(self.acts[last], y, out=d)",
            "np.subtract(y, self.acts[last], out=d)",
        ),
        ("cost_gradient_scale", "d *= 2.0 / y.size", "d *= 1.0 / y.size"),
        ("wrong_activation_derivative", "d *= o * (1 - o)", "d *= 1 - o"),
        ("activation_instead_of_derivative", "d *= o * (1 - o)", "d *= o"),
        ("missing_activation_derivative", "d *= o * (1 - o)", "d *= 1"),
        ("bias_gradient_not_summed", "np.add.reduce(d, 0)", "d[0]"),
        ("batch_scale", "self.acts[i - 1].T @ d", "self.acts[i - 1].T @ d / len(d)"),
        ("sign_lost_backward", "e = d @ self.Ws[i - 1].T", "e = -d @ self.Ws[i - 1].T"),
        ("missing_bias", "out += b", "out += 0 * b"),
    ),
)

MIXTURE = Program(
    "all kinds of products",
    """\
import numpy as np

class FFNN:
    def __init__(self, *params):
        self.params = params
        self.depth = len(params) // 2

    @staticmethod
    def sigma(u):
        return 0.5 * (1 + np.tanh(u / 2))

    @staticmethod
    def dsigma(u):
        e = np.exp(-np.abs(u))
        return e / (1 + e) ** 2

    def feed_forward(self, r0):
        self.u, self.r = {}, {0: r0}
        for l in range(1, self.depth + 1):
            M, v = self.params[2 * l - 2], self.params[2 * l - 1]
            match l % 4:
                case 0: self.u[l] = np.inner(self.r[l - 1], M) + v
                case 1: self.u[l] = M @ self.r[l - 1] + v
                case 2: self.u[l] = np.matmul(M, self.r[l - 1]) + v
                case 3: self.u[l] = M.dot(self.r[l - 1]) + v
            self.r[l] = self.sigma(self.u[l])
        return self.r[self.depth]

    def back_propagate(self, goal):
        l = self.depth
        eta = 2 / goal.size * (self.r[l] - goal)
        self.gM, self.gv = {}, {}
        while l >= 1:
            kappa = eta * self.dsigma(self.u[l])
            self.gM[l] = np.tensordot(kappa, self.r[l - 1], axes=0)
            self.gv[l] = kappa
            eta = np.vdot(kappa, 1) if False else kappa.dot(self.params[2 * l - 2])
            l -= 1

def all_gradients(r0, goal, *params):
    net = FFNN(*params)
    net.feed_forward(r0)
    net.back_propagate(goal)
    return [g for l in sorted(net.gM) for g in (net.gM[l], net.gv[l])]
""",
    "all_gradients",
    Problem("fresh mixture", (4, 4, 4, 4), ("sigmoid",) * 3),
    lambda p, _: (p.x, p.y, *(a for pair in zip(p.W, p.b, strict=True) for a in pair)),
    (
        (
            "missing_bias",
            "self.u[l] = np.matmul(M, self.r[l - 1]) + v",
            "self.u[l] = np.matmul(M, self.r[l - 1])",
        ),
        (
            "transposed_weights",
            "self.u[l] = M.dot(self.r[l - 1]) + v",
            "self.u[l] = self.r[l - 1].dot(M) + v",
        ),
        (
            "missing_activation|z_passed_on",
            "self.r[l] = self.sigma(self.u[l])",
            "self.r[l] = self.u[l]",
        ),
        ("cost_gradient_sign", "(self.r[l] - goal)", "(goal - self.r[l])"),
        ("cost_gradient_scale", "eta = 2 / goal.size *", "eta = 1 / goal.size *"),
        ("wrong_activation_derivative", "return e / (1 + e) ** 2", "return e / (1 + e)"),
        ("missing_activation_derivative", "kappa = eta * self.dsigma(self.u[l])", "kappa = eta"),
        ("derivative_at_activation", "self.dsigma(self.u[l])", "self.dsigma(self.r[l])"),
        (
            "activation_instead_of_derivative",
            "eta * self.dsigma(self.u[l])",
            "eta * self.sigma(self.u[l])",
        ),
        ("activation_instead_of_derivative", "eta * self.dsigma(self.u[l])", "eta * self.r[l]"),
        (
            "gradient_transposed",
            "np.tensordot(kappa, self.r[l - 1], axes=0)",
            "np.tensordot(self.r[l - 1], kappa, axes=0)",
        ),
        (
            "activation_of_wrong_layer",
            "np.tensordot(kappa, self.r[l - 1], axes=0)",
            "np.tensordot(kappa, self.r[l], axes=0)",
        ),
        (
            "dC_da_instead_of_dC_dz",
            "np.tensordot(kappa, self.r[l - 1], axes=0)",
            "np.tensordot(eta, self.r[l - 1], axes=0)",
        ),
        (
            "weights_transposed_backward",
            "else kappa.dot(self.params[2 * l - 2])",
            "else self.params[2 * l - 2].dot(kappa)",
        ),
        (
            "dC_da_passed_back",
            "else kappa.dot(self.params[2 * l - 2])",
            "else eta.dot(self.params[2 * l - 2])",
        ),
        ("missing_weights_backward", "else kappa.dot(self.params[2 * l - 2])", "else kappa"),
        (
            "weights_of_wrong_layer",
            "else kappa.dot(self.params[2 * l - 2])",
            "else kappa.dot(self.params[2 * l - 4])",
        ),
    ),
)

PROGRAMS = (NESTED, BUFFERS, MIXTURE)
