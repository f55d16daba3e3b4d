"""Programs for batches with classes and tables, written after the check and not used to build it."""

from __future__ import annotations

from tests.corpus.code.program import Program
from tests.corpus.problems import Problem

TORCH_LIKE = Program(
    "modules as in torch",
    """\
import numpy as np

class Module:
    def __call__(self, *args):
        return self.forward(*args)

class Linear(Module):
    def __init__(self, weight, bias):
        self.weight = weight
        self.bias = bias

    def forward(self, input):
        self.saved = input
        return input @ self.weight.T + self.bias

    def backward(self, grad_output):
        self.weight_grad = grad_output.T @ self.saved
        self.bias_grad = grad_output.sum(0)
        return grad_output @ self.weight

class Sigmoid(Module):
    def forward(self, input):
        self.out = 1 / (1 + np.exp(-input))
        return self.out

    def backward(self, grad_output):
        return grad_output * self.out * (1 - self.out)

class MSELoss(Module):
    def forward(self, pred, target):
        self.diff = pred - target
        return (self.diff ** 2).mean()

    def backward(self):
        return 2 * self.diff / self.diff.size

class Sequential(Module):
    def __init__(self, *modules):
        self.modules = modules

    def forward(self, input):
        for m in self.modules:
            input = m(input)
        return input

    def backward(self, grad):
        for m in self.modules[::-1]:
            grad = m.backward(grad)
        return grad

def train(w1, b1, w2, b2, x, y):
    model = Sequential(Linear(w1, b1), Sigmoid(), Linear(w2, b2), Sigmoid())
    criterion = MSELoss()
    loss = criterion(model(x), y)
    model.backward(criterion.backward())
    grads = []
    for m in model.modules:
        if isinstance(m, Linear):
            grads += [m.weight_grad, m.bias_grad]
    return loss, grads
""",
    "train",
    Problem("fresh torch", (3, 4, 4), ("sigmoid", "sigmoid"), 6, convention="column"),
    lambda p, _: (p.W[0], p.b[0], p.W[1], p.b[1], p.x, p.y),
    (
        (
            "missing_bias",
            "return input @ self.weight.T + self.bias",
            "return input @ self.weight.T",
        ),
        (
            "bias_subtracted",
            "return input @ self.weight.T + self.bias",
            "return input @ self.weight.T - self.bias",
        ),
        ("activation_sign", "1 / (1 + np.exp(-input))", "1 / (1 + np.exp(input))"),
        (
            "wrong_activation_derivative",
            "return grad_output * self.out * (1 - self.out)",
            "return grad_output * (1 - self.out)",
        ),
        (
            "activation_instead_of_derivative",
            "return grad_output * self.out * (1 - self.out)",
            "return grad_output * self.out",
        ),
        (
            "missing_activation_derivative",
            "return grad_output * self.out * (1 - self.out)",
            "return grad_output",
        ),
        (
            "cost_gradient_sign|cost_sign",
            "return 2 * self.diff / self.diff.size",
            "return -2 * self.diff / self.diff.size",
        ),
        (
            "cost_gradient_scale",
            "return 2 * self.diff / self.diff.size",
            "return self.diff / self.diff.size",
        ),
        (
            "cost_gradient_scale|batch_scale",
            "return 2 * self.diff / self.diff.size",
            "return 2 * self.diff / len(self.diff)",
        ),
        ("gradient_transposed", "grad_output.T @ self.saved", "self.saved.T @ grad_output"),
        ("bias_gradient_not_summed", "grad_output.sum(0)", "grad_output.mean(0)"),
        ("bias_gradient_not_summed", "grad_output.sum(0)", "grad_output.sum(1)"),
        (
            "batch_scale",
            "grad_output.T @ self.saved",
            "grad_output.T @ self.saved / len(self.saved)",
        ),
        (
            "missing_activation|z_passed_on",
            "Sequential(Linear(w1, b1), Sigmoid(), Linear",
            "Sequential(Linear(w1, b1), Linear",
        ),
        (
            "sign_lost_backward",
            "return grad_output @ self.weight\n",
            "return -(grad_output @ self.weight)\n",
        ),
    ),
)

DATACLASS = Program(
    "dataclasses, samples as columns",
    """\
from dataclasses import dataclass
import numpy as np

@dataclass
class Lag:
    vekt: np.ndarray
    bias: np.ndarray
    inn: np.ndarray = None
    z: np.ndarray = None
    dvekt: np.ndarray = None
    dbias: np.ndarray = None

    def frem(self, a):
        self.inn = a
        self.z = self.vekt @ a + self.bias
        return leaky(self.z)

    def bak(self, da):
        m = da.shape[1]
        dz = da * leaky_d(self.z)
        self.dvekt = dz @ self.inn.T / m
        self.dbias = np.sum(dz, axis=1, keepdims=True) / m
        return self.vekt.T @ dz

def leaky(z):
    return np.maximum(z, 0.01 * z)

def leaky_d(z):
    d = np.ones(z.shape)
    d[z < 0] = 0.01
    return d

def loss_d(a, y):
    return 2 * (a - y)

def tren(lag, x, y):
    a = x
    for l in lag:
        a = l.frem(a)
    da = loss_d(a, y)
    for l in reversed(lag):
        da = l.bak(da)
    return {f"d{navn}{i}": verdi
            for i, l in enumerate(lag, start=1)
            for navn, verdi in (("W", l.dvekt), ("b", l.dbias))}

def start(weights, biases, x, y):
    return tren([Lag(W, b) for W, b in zip(weights, biases)], x, y)
""",
    "start",
    Problem("fresh dataclass", (3, 4, 4, 4), ("leaky_relu",) * 3, 7, "mse", "batch_mean", "column"),
    lambda p, _: (p.W, [b[:, None] for b in p.b], p.x.T, p.y.T),
    (
        ("missing_bias", "self.z = self.vekt @ a + self.bias", "self.z = self.vekt @ a"),
        (
            "transposed_weights",
            "self.z = self.vekt @ a + self.bias",
            "self.z = (self.vekt.T if self.vekt.shape[0] == self.vekt.shape[1] else self.vekt) @ a + self.bias",
        ),
        ("missing_activation|z_passed_on", "return leaky(self.z)", "return self.z"),
        (
            "wrong_activation|slope_below_zero",
            "return np.maximum(z, 0.01 * z)",
            "return np.maximum(z, 0)",
        ),
        ("wrong_activation_derivative", "d[z < 0] = 0.01", "d[z < 0] = 0"),
        (
            "activation_instead_of_derivative",
            "dz = da * leaky_d(self.z)",
            "dz = da * leaky(self.z)",
        ),
        ("missing_activation_derivative", "dz = da * leaky_d(self.z)", "dz = da"),
        ("cost_gradient_sign", "return 2 * (a - y)", "return 2 * (y - a)"),
        ("cost_gradient_scale", "return 2 * (a - y)", "return (a - y)"),
        ("batch_scale", "self.dvekt = dz @ self.inn.T / m", "self.dvekt = dz @ self.inn.T"),
        ("batch_scale", "keepdims=True) / m", "keepdims=True)"),
        ("gradient_transposed", "dz @ self.inn.T / m", "self.inn @ dz.T / m"),
        (
            "dC_da_instead_of_dC_dz",
            "self.dvekt = dz @ self.inn.T / m",
            "self.dvekt = da @ self.inn.T / m",
        ),
        ("dC_da_passed_back", "return self.vekt.T @ dz", "return self.vekt.T @ da"),
        ("bias_gradient_not_summed", "np.sum(dz, axis=1, keepdims=True) / m", "np.sum(dz) / m"),
    ),
)

LAMBDAS = Program(
    "a dictionary of lambdas",
    """\
import numpy as np

relu = lambda t: t * (t > 0)
ACT = {"relu": relu, "sigmoid": lambda t: 1 / (1 + np.exp(-t)), "tanh": np.tanh}
DER = {
    "relu": lambda t: 1.0 * (t > 0),
    "sigmoid": lambda t: ACT["sigmoid"](t) * (1 - ACT["sigmoid"](t)),
    "tanh": lambda t: 1 - np.tanh(t) ** 2,
}

def pass_forward(net, data):
    memory = [(None, data)]
    for layer in net:
        lin = memory[-1][1].dot(layer["weights"]) + layer["bias"]
        memory.append((lin, ACT[layer["kind"]](lin)))
    return memory

def pass_backward(net, memory, wanted):
    rows, cols = wanted.shape
    flow = (memory[-1][1] - wanted) * 2.0 / (rows * cols)
    updates = {}
    for n in range(len(net), 0, -1):
        flow = flow * DER[net[n - 1]["kind"]](memory[n][0])
        updates[n] = {
            "weights": memory[n - 1][1].T.dot(flow),
            "bias": flow.sum(axis=0),
        }
        flow = flow.dot(net[n - 1]["weights"].T)
    return updates

def everything(net, data, wanted):
    return pass_backward(net, pass_forward(net, data), wanted)
""",
    "everything",
    Problem("fresh lambdas", (4, 4, 4, 4), ("relu", "tanh", "sigmoid"), 5, convention="row"),
    lambda p, _: (
        [
            {"weights": W, "bias": b, "kind": kind}
            for W, b, kind in zip(p.W, p.b, p.activations, strict=True)
        ],
        p.x,
        p.y,
    ),
    (
        ("missing_bias", 'dot(layer["weights"]) + layer["bias"]', 'dot(layer["weights"])'),
        (
            "transposed_weights",
            'dot(layer["weights"]) + layer["bias"]',
            'dot(layer["weights"].T) + layer["bias"]',
        ),
        (
            "missing_activation|z_passed_on",
            'memory.append((lin, ACT[layer["kind"]](lin)))',
            "memory.append((lin, lin))",
        ),
        ("activation_sign", "1 / (1 + np.exp(-t))", "1 / (1 + np.exp(t))"),
        ("cost_gradient_sign", "(memory[-1][1] - wanted)", "(wanted - memory[-1][1])"),
        ("cost_gradient_scale", "* 2.0 / (rows * cols)", "/ (rows * cols)"),
        ("cost_gradient_scale|batch_scale", "* 2.0 / (rows * cols)", "* 2.0 / rows"),
        ("wrong_activation_derivative", "1 - np.tanh(t) ** 2", "1 - t ** 2"),
        ("wrong_activation_derivative", '(1 - ACT["sigmoid"](t))', '(1 + ACT["sigmoid"](t))'),
        ("derivative_at_activation", '["kind"]](memory[n][0])', '["kind"]](memory[n][1])'),
        (
            "missing_activation_derivative",
            'flow = flow * DER[net[n - 1]["kind"]](memory[n][0])',
            "flow = flow + 0",
        ),
        ("activation_of_wrong_layer", "memory[n - 1][1].T.dot(flow)", "memory[n][1].T.dot(flow)"),
        ("gradient_transposed", "memory[n - 1][1].T.dot(flow)", "flow.T.dot(memory[n - 1][1])"),
        ("bias_gradient_not_summed", "flow.sum(axis=0)", "flow.mean(axis=0)"),
        ("batch_scale", "memory[n - 1][1].T.dot(flow)", "memory[n - 1][1].T.dot(flow) / rows"),
        (
            "weights_transposed_backward",
            'flow = flow.dot(net[n - 1]["weights"].T)',
            'flow = flow.dot(net[n - 1]["weights"])',
        ),
    ),
)

PROGRAMS = (TORCH_LIKE, DATACLASS, LAMBDAS)
