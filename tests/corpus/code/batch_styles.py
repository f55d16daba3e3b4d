"""Programs for batches: softmax, a loop over the samples, a class for each layer."""

from __future__ import annotations

from tests.corpus.code.program import Program
from tests.corpus.problems import Problem

IRIS = Program(
    "softmax and cross-entropy",
    """\
import numpy as np

def softmax(z):
    e_z = np.exp(z - np.max(z, axis=1, keepdims=True))
    return e_z / np.sum(e_z, axis=1, keepdims=True)

def sigmoid(z):
    return 1 / (1 + np.exp(-z))

def one_layer(a, W, b, f):
    z = a @ W + b
    return f(z)

def gradients(inputs, targets, W1, b1, W2, b2):
    hidden = one_layer(inputs, W1, b1, sigmoid)
    predictions = one_layer(hidden, W2, b2, softmax)
    error = predictions - targets
    dW2 = hidden.T @ error
    db2 = error.sum(0)
    error_hidden = error @ W2.T
    error_hidden *= hidden * (1 - hidden)
    dW1 = inputs.T @ error_hidden
    db1 = error_hidden.sum(0)
    return [(dW1, db1), (dW2, db2)]
""",
    "gradients",
    Problem(
        "code iris", (4, 5, 3), ("sigmoid", "softmax"), 7, "cross_entropy", "sum", "row", "class"
    ),
    lambda p, _: (p.x, p.y, p.W[0], p.b[0], p.W[1], p.b[1]),
    (
        (
            "softmax_wrong_axis",
            "return e_z / np.sum(e_z, axis=1, keepdims=True)",
            "return e_z / np.sum(e_z, axis=0, keepdims=True)",
        ),
        ("missing_bias", "z = a @ W + b", "z = a @ W"),
        ("cost_gradient_sign", "error = predictions - targets", "error = targets - predictions"),
        (
            "cost_gradient_scale",
            "error = predictions - targets",
            "error = 2 * (predictions - targets)",
        ),
        (
            "cost_gradient_scale|batch_scale",
            "error = predictions - targets",
            "error = (predictions - targets) / len(targets)",
        ),
        (
            "output_derivative_twice",
            "error = predictions - targets",
            "error = (predictions - targets) * predictions * (1 - predictions)",
        ),
        (
            "z_instead_of_activation|activation_of_wrong_layer",
            "dW2 = hidden.T @ error",
            "dW2 = (inputs @ W1 + b1).T @ error",
        ),
        ("bias_gradient_not_summed", "db2 = error.sum(0)", "db2 = error.mean(0)"),
        ("bias_gradient_not_summed", "db1 = error_hidden.sum(0)", "db1 = error_hidden[0]"),
        (
            "wrong_activation_derivative",
            "error_hidden *= hidden * (1 - hidden)",
            "error_hidden *= 1 - hidden",
        ),
        (
            "wrong_activation_derivative",
            "error_hidden *= hidden * (1 - hidden)",
            "error_hidden *= 1 - hidden ** 2",
        ),
        (
            "activation_instead_of_derivative",
            "error_hidden *= hidden * (1 - hidden)",
            "error_hidden *= hidden",
        ),
        ("activation_sign", "np.exp(-z)", "np.exp(z)"),
        (
            "wrong_activation",
            "hidden = one_layer(inputs, W1, b1, sigmoid)",
            "hidden = one_layer(inputs, W1, b1, np.tanh)",
        ),
        (
            "weight_gradient_not_summed",
            "dW1 = inputs.T @ error_hidden",
            "dW1 = np.outer(inputs[0], error_hidden[0])",
        ),
        ("sign_lost_backward", "error_hidden = error @ W2.T", "error_hidden = -error @ W2.T"),
    ),
)

NIELSEN = Program(
    "sum over the samples in a loop",
    """\
import numpy as np

def sigmoid(z):
    return 1.0/(1.0+np.exp(-z))

def sigmoid_prime(z):
    return sigmoid(z)*(1-sigmoid(z))

class Network(object):

    def __init__(self, weights, biases):
        self.weights = weights
        self.biases = [b.reshape(-1, 1) for b in biases]
        self.num_layers = len(weights) + 1

    def update(self, batch):
        nabla_b = [np.zeros(b.shape) for b in self.biases]
        nabla_w = [np.zeros(w.shape) for w in self.weights]
        for x, y in batch:
            delta_nabla_b, delta_nabla_w = self.backprop(x, y)
            nabla_b = [nb+dnb for nb, dnb in zip(nabla_b, delta_nabla_b)]
            nabla_w = [nw+dnw for nw, dnw in zip(nabla_w, delta_nabla_w)]
        return nabla_w, nabla_b

    def backprop(self, x, y):
        nabla_b = [np.zeros(b.shape) for b in self.biases]
        nabla_w = [np.zeros(w.shape) for w in self.weights]
        activation = x
        activations = [x]
        zs = []
        for b, w in zip(self.biases, self.weights):
            z = np.dot(w, activation)+b
            zs.append(z)
            activation = sigmoid(z)
            activations.append(activation)
        delta = self.cost_derivative(activations[-1], y) * sigmoid_prime(zs[-1])
        nabla_b[-1] = delta
        nabla_w[-1] = np.dot(delta, activations[-2].transpose())
        for l in range(2, self.num_layers):
            z = zs[-l]
            sp = sigmoid_prime(z)
            delta = np.dot(self.weights[-l+1].transpose(), delta) * sp
            nabla_b[-l] = delta
            nabla_w[-l] = np.dot(delta, activations[-l-1].transpose())
        return (nabla_b, nabla_w)

    def cost_derivative(self, output_activations, y):
        return (output_activations-y)

def run(weights, biases, X, Y):
    batch = [(x.reshape(-1, 1), y.reshape(-1, 1)) for x, y in zip(X, Y)]
    return Network(weights, biases).update(batch)
""",
    "run",
    Problem(
        "code nielsen",
        (3, 3, 3),
        ("sigmoid", "sigmoid"),
        4,
        reduction="half_sum",
        convention="column",
    ),
    lambda p, _: (p.W, p.b, p.x, p.y),
    (
        ("missing_bias", "z = np.dot(w, activation)+b", "z = np.dot(w, activation)"),
        ("transposed_weights", "z = np.dot(w, activation)+b", "z = np.dot(w.T, activation)+b"),
        ("activation_sign", "return 1.0/(1.0+np.exp(-z))", "return 1.0/(1.0+np.exp(z))"),
        ("missing_activation|z_passed_on", "activation = sigmoid(z)", "activation = z"),
        ("wrong_activation_derivative", "return sigmoid(z)*(1-sigmoid(z))", "return z*(1-z)"),
        ("wrong_activation_derivative", "return sigmoid(z)*(1-sigmoid(z))", "return 1-sigmoid(z)"),
        ("cost_gradient_sign", "return (output_activations-y)", "return (y-output_activations)"),
        ("cost_gradient_scale", "return (output_activations-y)", "return 2*(output_activations-y)"),
        (
            "weights_transposed_backward",
            "np.dot(self.weights[-l+1].transpose(), delta)",
            "np.dot(self.weights[-l+1], delta)",
        ),
        (
            "weights_of_wrong_layer",
            "np.dot(self.weights[-l+1].transpose(), delta)",
            "np.dot(self.weights[-l].transpose(), delta)",
        ),
        ("missing_activation_derivative", "transpose(), delta) * sp", "transpose(), delta)"),
        ("derivative_of_wrong_layer", "z = zs[-l]\n", "z = zs[-l+1]\n"),
        (
            "activation_of_wrong_layer",
            "np.dot(delta, activations[-l-1].transpose())",
            "np.dot(delta, activations[-l].transpose())",
        ),
        (
            "gradient_transposed",
            "np.dot(delta, activations[-l-1].transpose())",
            "np.dot(activations[-l-1], delta.transpose())",
        ),
        (
            "z_instead_of_activation",
            "np.dot(delta, activations[-2].transpose())",
            "np.dot(delta, zs[-2].transpose())",
        ),
        (
            "weight_gradient_not_summed|bias_gradient_not_summed",
            "nabla_w = [nw+dnw for",
            "nabla_w = [dnw for",
        ),
        ("bias_gradient_not_summed", "nabla_b = [nb+dnb for", "nabla_b = [dnb for"),
    ),
)

LAYERS = Program(
    "a class for each layer",
    """\
import numpy as np

class Sigmoid:
    def __call__(self, z):
        return 1 / (1 + np.exp(-z))

    def derivative(self, z):
        s = self(z)
        return s * (1 - s)

class Identity:
    def __call__(self, z):
        return z

    def derivative(self, z):
        return np.ones_like(z)

class Dense:
    def __init__(self, W, b, activation):
        self.W = W
        self.b = b
        self.activation = activation

    def forward(self, inputs):
        self.inputs = inputs
        self.z = inputs @ self.W + self.b
        self.output = self.activation(self.z)
        return self.output

    def backward(self, grad_output):
        grad_z = grad_output * self.activation.derivative(self.z)
        self.grad_W = self.inputs.T @ grad_z
        self.grad_b = grad_z.sum(axis=0)
        return grad_z @ self.W.T

class MLP:
    def __init__(self, layers):
        self.layers = layers

    def train_step(self, x, y, lr):
        out = x
        for layer in self.layers:
            out = layer.forward(out)
        loss = np.mean(np.sum((out - y) ** 2, axis=1))
        grad = 2 * (out - y) / len(y)
        for layer in reversed(self.layers):
            grad = layer.backward(grad)
        return loss

def fit(W1, b1, W2, b2, x, y):
    model = MLP([Dense(W1, b1, Sigmoid()), Dense(W2, b2, Identity())])
    model.train_step(x, y, 0.1)
    return [(layer.grad_W, layer.grad_b) for layer in model.layers]
""",
    "fit",
    Problem(
        "code layers",
        (3, 4, 2),
        ("sigmoid", "identity"),
        5,
        reduction="batch_mean",
        convention="row",
    ),
    lambda p, _: (p.W[0], p.b[0], p.W[1], p.b[1], p.x, p.y),
    (
        ("missing_bias", "self.z = inputs @ self.W + self.b", "self.z = inputs @ self.W"),
        ("activation_sign", "np.exp(-z)", "np.exp(z)"),
        ("wrong_activation_derivative", "return s * (1 - s)", "return s * (1 + s)"),
        ("wrong_activation_derivative", "return s * (1 - s)", "return z * (1 - z)"),
        ("cost_gradient_sign", "grad = 2 * (out - y) / len(y)", "grad = 2 * (y - out) / len(y)"),
        (
            "cost_gradient_scale|batch_scale",
            "grad = 2 * (out - y) / len(y)",
            "grad = 2 * (out - y)",
        ),
        ("cost_gradient_scale", "grad = 2 * (out - y) / len(y)", "grad = (out - y) / len(y)"),
        (
            "derivative_at_activation",
            "self.activation.derivative(self.z)",
            "self.activation.derivative(self.output)",
        ),
        (
            "missing_activation_derivative",
            "grad_z = grad_output * self.activation.derivative(self.z)",
            "grad_z = grad_output",
        ),
        (
            "gradient_transposed",
            "self.grad_W = self.inputs.T @ grad_z",
            "self.grad_W = grad_z.T @ self.inputs",
        ),
        (
            "dC_da_instead_of_dC_dz",
            "self.grad_W = self.inputs.T @ grad_z",
            "self.grad_W = self.inputs.T @ grad_output",
        ),
        (
            "bias_gradient_not_summed",
            "self.grad_b = grad_z.sum(axis=0)",
            "self.grad_b = grad_z.mean(axis=0)",
        ),
        (
            "batch_scale",
            "self.grad_W = self.inputs.T @ grad_z",
            "self.grad_W = self.inputs.T @ grad_z / len(grad_z)",
        ),
        ("sign_lost_backward", "return grad_z @ self.W.T", "return -grad_z @ self.W.T"),
        (
            "missing_activation|z_passed_on",
            "self.output = self.activation(self.z)",
            "self.output = self.z",
        ),
    ),
)

PROGRAMS = (IRIS, NIELSEN, LAYERS)
