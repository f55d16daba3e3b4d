"""Programs for batches, with samples as rows and as columns."""

from __future__ import annotations

from tests.corpus.code.program import Program
from tests.corpus.problems import Problem

ROWS = Program(
    "batch with samples as rows",
    """\
import numpy as np

def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))

def sigmoid_der(z):
    return sigmoid(z) * (1.0 - sigmoid(z))

def relu(z):
    return np.where(z > 0, z, 0)

def relu_der(z):
    return np.where(z > 0, 1, 0)

def forward(X, layers, funcs):
    As = [X]
    Zs = []
    for (W, b), f in zip(layers, funcs):
        Z = As[-1] @ W + b
        Zs.append(Z)
        As.append(f(Z))
    return As, Zs

def backward(X, Y, layers, funcs, ders):
    As, Zs = forward(X, layers, funcs)
    grads = []
    dA = 2 * (As[-1] - Y) / Y.size
    for l in reversed(range(len(layers))):
        dZ = dA * ders[l](Zs[l])
        dW = As[l].T @ dZ
        db = np.sum(dZ, axis=0)
        grads.insert(0, (dW, db))
        dA = dZ @ layers[l][0].T
    return grads
""",
    "backward",
    Problem("code rows", (4, 4, 4, 2), ("relu", "sigmoid", "sigmoid"), 5, convention="row"),
    lambda p, n: (
        p.x,
        p.y,
        list(zip(p.W, p.b, strict=True)),
        [n["relu"], n["sigmoid"], n["sigmoid"]],
        [n["relu_der"], n["sigmoid_der"], n["sigmoid_der"]],
    ),
    (
        ("missing_bias", "Z = As[-1] @ W + b", "Z = As[-1] @ W"),
        ("bias_subtracted", "Z = As[-1] @ W + b", "Z = As[-1] @ W - b"),
        ("missing_activation|z_passed_on", "As.append(f(Z))", "As.append(Z)"),
        ("activation_sign", "return 1.0 / (1.0 + np.exp(-z))", "return 1.0 / (1.0 + np.exp(z))"),
        (
            "wrong_activation_derivative",
            "return sigmoid(z) * (1.0 - sigmoid(z))",
            "return z * (1.0 - z)",
        ),
        (
            "wrong_activation_derivative|activation_instead_of_derivative",
            "return np.where(z > 0, 1, 0)",
            "return np.where(z > 0, z, 0)",
        ),
        ("cost_gradient_sign", "dA = 2 * (As[-1] - Y) / Y.size", "dA = 2 * (Y - As[-1]) / Y.size"),
        ("cost_gradient_scale", "dA = 2 * (As[-1] - Y) / Y.size", "dA = (As[-1] - Y) / Y.size"),
        (
            "cost_gradient_scale|batch_scale",
            "dA = 2 * (As[-1] - Y) / Y.size",
            "dA = 2 * (As[-1] - Y) / len(Y)",
        ),
        ("missing_activation_derivative", "dZ = dA * ders[l](Zs[l])", "dZ = dA"),
        ("derivative_at_activation", "dZ = dA * ders[l](Zs[l])", "dZ = dA * ders[l](As[l + 1])"),
        (
            "activation_instead_of_derivative",
            "dZ = dA * ders[l](Zs[l])",
            "dZ = dA * funcs[l](Zs[l])",
        ),
        (
            "activation_derivative_twice",
            "dZ = dA * ders[l](Zs[l])",
            "dZ = dA * ders[l](Zs[l]) ** 2",
        ),
        ("z_instead_of_activation", "dW = As[l].T @ dZ", "dW = (Zs[l - 1] if l else As[0]).T @ dZ"),
        ("dC_da_instead_of_dC_dz", "dW = As[l].T @ dZ", "dW = As[l].T @ dA"),
        ("gradient_transposed", "dW = As[l].T @ dZ", "dW = dZ.T @ As[l]"),
        ("batch_scale", "dW = As[l].T @ dZ", "dW = As[l].T @ dZ / len(X)"),
        ("bias_gradient_not_summed", "db = np.sum(dZ, axis=0)", "db = np.mean(dZ, axis=0)"),
        ("bias_gradient_not_summed", "db = np.sum(dZ, axis=0)", "db = dZ"),
        ("bias_gradient_not_summed", "db = np.sum(dZ, axis=0)", "db = np.sum(dZ, axis=1)"),
        ("bias_gradient_not_summed", "db = np.sum(dZ, axis=0)", "db = np.sum(dZ)"),
        ("weight_gradient_not_summed", "dW = As[l].T @ dZ", "dW = np.outer(As[l][0], dZ[0])"),
        ("bias_gradient_not_summed", "db = np.sum(dZ, axis=0)", "db = dZ[0]"),
        ("dC_da_passed_back", "dA = dZ @ layers[l][0].T", "dA = dA @ layers[l][0].T"),
        ("sign_lost_backward", "dA = dZ @ layers[l][0].T", "dA = -(dZ @ layers[l][0].T)"),
    ),
)

SQUARE = Program(
    "batch with square weights",
    """\
import numpy as np

class Net:
    def __init__(self, layers):
        self.W = [W for W, b in layers]
        self.b = [b for W, b in layers]

    def act(self, z):
        return np.tanh(z)

    def d_act(self, z):
        return 1 - np.tanh(z)**2

    def forward(self, X):
        self.a = [X]
        self.z = []
        for W, b in zip(self.W, self.b):
            self.z.append(np.dot(self.a[-1], W) + b)
            self.a.append(self.act(self.z[-1]))
        return self.a[-1]

    def backward(self, Y):
        N = Y.shape[0]
        L = len(self.W)
        self.dW = [None] * L
        self.db = [None] * L
        delta = 2 * (self.a[L] - Y) / (N * Y.shape[1])
        delta = delta * self.d_act(self.z[L - 1])
        for i in range(L - 1, -1, -1):
            self.dW[i] = np.dot(self.a[i].T, delta)
            self.db[i] = delta.sum(axis=0)
            if i > 0:
                back = np.dot(delta, self.W[i].T)
                delta = back * self.d_act(self.z[i - 1])

    def gradient(self, X, Y):
        self.forward(X)
        self.backward(Y)
        return self.dW, self.db

def run(layers, X, Y):
    net = Net(layers)
    return net.gradient(X, Y)
""",
    "run",
    Problem("code square", (3, 3, 3), ("tanh", "tanh"), 5, convention="row"),
    lambda p, _: (list(zip(p.W, p.b, strict=True)), p.x, p.y),
    (
        ("transposed_weights", "np.dot(self.a[-1], W) + b", "np.dot(self.a[-1], W.T) + b"),
        ("missing_bias", "np.dot(self.a[-1], W) + b", "np.dot(self.a[-1], W)"),
        (
            "missing_activation|z_passed_on",
            "self.a.append(self.act(self.z[-1]))",
            "self.a.append(self.z[-1])",
        ),
        ("wrong_activation_derivative", "return 1 - np.tanh(z)**2", "return 1 - z**2"),
        ("wrong_activation_derivative", "return 1 - np.tanh(z)**2", "return (1 - np.tanh(z))**2"),
        ("cost_gradient_sign", "delta = 2 * (self.a[L] - Y)", "delta = 2 * (Y - self.a[L])"),
        ("cost_gradient_scale", "delta = 2 * (self.a[L] - Y)", "delta = (self.a[L] - Y)"),
        (
            "derivative_at_activation",
            "delta * self.d_act(self.z[L - 1])",
            "delta * self.d_act(self.a[L])",
        ),
        (
            "weights_transposed_backward",
            "back = np.dot(delta, self.W[i].T)",
            "back = np.dot(delta, self.W[i])",
        ),
        (
            "weights_of_wrong_layer",
            "back = np.dot(delta, self.W[i].T)",
            "back = np.dot(delta, self.W[i - 1].T)",
        ),
        (
            "derivative_of_wrong_layer",
            "delta = back * self.d_act(self.z[i - 1])",
            "delta = back * self.d_act(self.z[i])",
        ),
        (
            "missing_activation_derivative",
            "delta = back * self.d_act(self.z[i - 1])",
            "delta = back",
        ),
        (
            "activation_instead_of_derivative",
            "delta = back * self.d_act(self.z[i - 1])",
            "delta = back * self.act(self.z[i - 1])",
        ),
        (
            "activation_of_wrong_layer",
            "np.dot(self.a[i].T, delta)",
            "np.dot(self.a[i + 1].T, delta)",
        ),
        ("gradient_transposed", "np.dot(self.a[i].T, delta)", "np.dot(delta.T, self.a[i])"),
        ("bias_gradient_not_summed", "delta.sum(axis=0)", "delta.mean(axis=0)"),
        ("bias_gradient_not_summed", "delta.sum(axis=0)", "delta.sum(axis=1)"),
        (
            "slope_as_matrix",
            "delta = back * self.d_act(self.z[i - 1])",
            "delta = back * np.diag(self.d_act(self.z[i - 1]))",
        ),
        (
            "batch_scale",
            "self.dW[i] = np.dot(self.a[i].T, delta)",
            "self.dW[i] = np.dot(self.a[i].T, delta) / N",
        ),
        ("missing_weights_backward", "back = np.dot(delta, self.W[i].T)", "back = delta"),
    ),
)

COLUMNS = Program(
    "batch with samples as columns",
    """\
import numpy as np

def sigmoid(Z):
    return 1 / (1 + np.exp(-Z))

def forward_propagation(X, parameters):
    W1 = parameters["W1"]
    b1 = parameters["b1"]
    W2 = parameters["W2"]
    b2 = parameters["b2"]
    Z1 = np.dot(W1, X) + b1
    A1 = np.tanh(Z1)
    Z2 = np.dot(W2, A1) + b2
    A2 = sigmoid(Z2)
    cache = {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2}
    return A2, cache

def backward_propagation(parameters, cache, X, Y):
    m = X.shape[1]
    W2 = parameters["W2"]
    A1 = cache["A1"]
    A2 = cache["A2"]
    dZ2 = A2 - Y
    dW2 = np.dot(dZ2, A1.T) / m
    db2 = np.sum(dZ2, axis=1, keepdims=True) / m
    dA1 = np.dot(W2.T, dZ2)
    dZ1 = dA1 * (1 - np.power(A1, 2))
    dW1 = np.dot(dZ1, X.T) / m
    db1 = np.sum(dZ1, axis=1, keepdims=True) / m
    grads = {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}
    return grads

def nn_model(parameters, X, Y):
    A2, cache = forward_propagation(X, parameters)
    return backward_propagation(parameters, cache, X, Y)
""",
    "nn_model",
    Problem(
        "code columns",
        (3, 4, 1),
        ("tanh", "sigmoid"),
        6,
        "binary_cross_entropy",
        "mean",
        "column",
        "bits",
    ),
    lambda p, _: (
        {"W1": p.W[0], "b1": p.b[0][:, None], "W2": p.W[1], "b2": p.b[1][:, None]},
        p.x.T,
        p.y.T,
    ),
    (
        ("missing_bias", "Z1 = np.dot(W1, X) + b1", "Z1 = np.dot(W1, X)"),
        ("bias_subtracted", "Z2 = np.dot(W2, A1) + b2", "Z2 = np.dot(W2, A1) - b2"),
        ("z_passed_on|missing_activation", "Z2 = np.dot(W2, A1) + b2", "Z2 = np.dot(W2, Z1) + b2"),
        ("wrong_activation", "A1 = np.tanh(Z1)", "A1 = sigmoid(Z1)"),
        ("activation_sign", "np.exp(-Z)", "np.exp(Z)"),
        ("cost_gradient_sign", "dZ2 = A2 - Y", "dZ2 = Y - A2"),
        ("wrong_activation_derivative", "(1 - np.power(A1, 2))", "(1 - A1)"),
        ("wrong_activation_derivative", "(1 - np.power(A1, 2))", "A1 * (1 - A1)"),
        ("missing_activation_derivative", "dZ1 = dA1 * (1 - np.power(A1, 2))", "dZ1 = dA1"),
        (
            "bias_gradient_not_summed",
            "db1 = np.sum(dZ1, axis=1, keepdims=True) / m",
            "db1 = np.sum(dZ1) / m",
        ),
        (
            "bias_gradient_not_summed",
            "db1 = np.sum(dZ1, axis=1, keepdims=True) / m",
            "db1 = dZ1[:, :1] / m",
        ),
        ("dC_da_instead_of_dC_dz", "dW1 = np.dot(dZ1, X.T) / m", "dW1 = np.dot(dA1, X.T) / m"),
        ("missing_weights_backward", "dA1 = np.dot(W2.T, dZ2)", "dA1 = dZ2 * np.ones((4, 1))"),
        ("sign_lost_backward", "dA1 = np.dot(W2.T, dZ2)", "dA1 = -np.dot(W2.T, dZ2)"),
        (
            "output_derivative_twice|dC_dz_used_as_dC_da",
            "dZ2 = A2 - Y",
            "dZ2 = (A2 - Y) * A2 * (1 - A2)",
        ),
        ("batch_scale", "dW2 = np.dot(dZ2, A1.T) / m", "dW2 = np.dot(dZ2, A1.T)"),
        (
            "batch_scale",
            "db1 = np.sum(dZ1, axis=1, keepdims=True) / m",
            "db1 = np.sum(dZ1, axis=1, keepdims=True)",
        ),
    ),
)

PROGRAMS = (ROWS, SQUARE, COLUMNS)
