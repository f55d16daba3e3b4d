"""Functions that students define first: activations, derivatives and costs."""

from __future__ import annotations

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def sigmoid_der(z):
    return sigmoid(z) * (1 - sigmoid(z))


def tanh(z):
    return np.tanh(z)


def tanh_der(z):
    return 1 - np.tanh(z) ** 2


def relu(z):
    return np.where(z > 0, z, 0)


def relu_der(z):
    return np.where(z > 0, 1.0, 0.0)


def leaky_relu(z):
    return np.where(z > 0, z, 0.01 * z)


def leaky_relu_der(z):
    return np.where(z > 0, 1, 0.01)


def elu(z):
    return np.where(z > 0, z, np.exp(z) - 1)


def elu_der(z):
    return np.where(z > 0, 1, np.exp(z))


def softplus(z):
    return np.log(1 + np.exp(z))


def softplus_der(z):
    return 1 / (1 + np.exp(-z))


def silu(z):
    return z / (1 + np.exp(-z))


def silu_der(z):
    s = 1 / (1 + np.exp(-z))
    return s + z * s * (1 - s)


def gelu(z):
    return 0.5 * z * (1 + np.tanh(np.sqrt(2 / np.pi) * (z + 0.044715 * z**3)))


def gelu_der(z):
    c = np.sqrt(2 / np.pi)
    t = np.tanh(c * (z + 0.044715 * z**3))
    return 0.5 * (1 + t) + 0.5 * z * (1 - t**2) * c * (1 + 3 * 0.044715 * z**2)


def identity(z):
    return z


def identity_der(z):
    return np.ones_like(z)


def softmax(z):
    """Softmax of a vector, or of each row of a matrix."""
    e = np.exp(z - np.max(z, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)


ACTIVATIONS = {
    "sigmoid": (sigmoid, sigmoid_der),
    "tanh": (tanh, tanh_der),
    "relu": (relu, relu_der),
    "leaky_relu": (leaky_relu, leaky_relu_der),
    "elu": (elu, elu_der),
    "softplus": (softplus, softplus_der),
    "silu": (silu, silu_der),
    "gelu": (gelu, gelu_der),
    "identity": (identity, identity_der),
    "softmax": (softmax, None),
}


def mse(predict, target):
    return np.mean((predict - target) ** 2)


def mse_der(predict, target):
    return 2 / predict.size * (predict - target)


def cross_entropy(predict, target):
    return np.sum(-target * np.log(predict))


def binary_cross_entropy(predict, target):
    return np.mean(-target * np.log(predict) - (1 - target) * np.log(1 - predict))
