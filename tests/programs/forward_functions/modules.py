"""Modules with dicts of parameters (UvA DL 1), layers with caches by name (TUM I2DL)."""

from __future__ import annotations

import numpy as np

from tests.programs.forward_functions.case import Case


class LinearModule:
    def __init__(self, weight, bias):
        self.params = {"weight": weight, "bias": bias}
        self.grads = {"weight": np.zeros_like(weight), "bias": np.zeros_like(bias)}

    def forward(self, x):
        self.x = x
        return x @ self.params["weight"].T + self.params["bias"]


class ELUModule:
    def __init__(self, alpha):
        self.alpha = alpha

    def forward(self, x):
        self.out = np.where(x > 0, x, self.alpha * (np.exp(x) - 1))
        return self.out


class SoftMaxModule:
    def forward(self, x):
        b = x.max(axis=1, keepdims=True)
        y = np.exp(x - b)
        return y / y.sum(axis=1, keepdims=True)


class CrossEntropyModule:
    def forward(self, x, y):
        chosen = np.zeros(x.shape)
        chosen[np.arange(len(y)), y] = 1
        return -np.sum(chosen * np.log(x)) / x.shape[0]


class MLP:
    def __init__(self, weights, biases):
        self.hidden = [
            (LinearModule(W, b), ELUModule(1.0)) for W, b in zip(weights, biases, strict=True)
        ][:-1]
        self.linear_out = LinearModule(weights[-1], biases[-1])
        self.softmax = SoftMaxModule()

    def forward(self, x):
        x = x.reshape(len(x), -1)
        for linear, act in self.hidden:
            x = act.forward(linear.forward(x))
        return self.softmax.forward(self.linear_out.forward(x))


def uva_mlp(weights, biases, x, y):
    return CrossEntropyModule().forward(MLP(weights, biases).forward(x), y)


def uva_elu(x):
    return ELUModule(0.7).forward(x)


class ClassificationNet:
    def __init__(self, params, num_layer):
        self.params, self.num_layer = params, num_layer
        self.cache = {}
        self.memory = 0

    def forward(self, X):
        X = X.reshape(X.shape[0], -1)
        for i in range(self.num_layer - 1):
            X, self.cache[f"affine{i + 1}"] = affine_layer(
                X, self.params["W" + str(i + 1)], self.params["b" + str(i + 1)]
            )
            X, self.cache[f"act{i + 1}"] = sigmoid_layer(X)
        out, self.cache["last"] = affine_layer(
            X, self.params["W" + str(self.num_layer)], self.params["b" + str(self.num_layer)]
        )
        return out

    __call__ = forward


def affine_layer(x, w, b):
    N = x.shape[0]
    out = np.dot(np.reshape(x, (N, -1)), w) + b
    return out, (x, w, b)


def sigmoid_layer(x):
    out = np.divide(1.0, np.add(1.0, np.exp(np.negative(x))))
    return out, out


def tum_network(params, X, y_truth):
    y_out = ClassificationNet(params, 2)(X)
    exp = np.exp(y_out - np.max(y_out, axis=1, keepdims=True))
    p = exp / exp.sum(axis=1)[:, None]
    one_hot = np.zeros_like(p)
    one_hot[np.arange(y_truth.size), y_truth] = 1
    return np.mean(-np.log(p[np.arange(y_truth.size), y_truth]))


def tum_bce(y_out, y_truth):
    p = 1 / (1 + np.exp(-y_out))
    each = -(y_truth * np.log(p) + (1 - y_truth) * np.log(1 - p))
    return each.mean()


def tum_l1(y_out, y_truth):
    return np.abs(y_out - y_truth).mean()


class L2:
    def __call__(self, y_out, y_truth):
        return np.square(y_out - y_truth).sum(axis=-1).mean()


def tum_l2(y_out, y_truth):
    return L2()(y_out, y_truth)


CASES = [
    Case(
        uva_mlp,
        lambda r: (
            [r.normal(size=(4, 6)), r.normal(size=(3, 4)), r.normal(size=(3, 3))],
            [r.normal(size=4), r.normal(size=3), r.normal(size=3)],
            r.normal(size=(4, 2, 3)),
            np.array([0, 2, 1, 1]),
        ),
    ),
    Case(uva_elu, lambda r: (r.normal(size=(3, 4)),)),
    Case(
        tum_network,
        lambda r: (
            {
                "W1": r.normal(size=(6, 4)),
                "b1": r.normal(size=4),
                "W2": r.normal(size=(4, 3)),
                "b2": r.normal(size=3),
            },
            r.normal(size=(4, 2, 3)),
            np.array([0, 2, 1, 1]),
        ),
    ),
    Case(tum_bce, lambda r: (r.normal(size=(4, 1)), np.array([[0], [1], [1], [0]]))),
    Case(tum_l1, lambda r: (r.normal(size=(4, 2)), r.normal(size=(4, 2)))),
    Case(tum_l2, lambda r: (r.normal(size=(4, 2)), r.normal(size=(4, 2)))),
]
