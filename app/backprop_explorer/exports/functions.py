"""Activations and costs as NumPy source, readable and with the explorer's results bit for bit.

Every function works on the last axis, so it takes one sample (a vector) or a batch (rows). A test
compares each with the engine, bit for bit. To export a new activation or cost, add it here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from backprop_explorer.engine.activation_parameters import identifier, split_name

FUNCTIONS: dict[str, str] = {
    "identity": """\
def identity(z):
    return z


def identity_slope(z):
    return np.ones_like(z)
""",
    "sigmoid": """\
def sigmoid(z):
    # 1 / (1 + exp(-z)), written so that no exponent is positive.
    return np.exp(np.minimum(z, 0)) / (1 + np.exp(-np.abs(z)))


def sigmoid_slope(z):
    a = sigmoid(z)
    e = np.exp(-np.abs(z))
    # Where 1 - a has lost its digits, the other form keeps them.
    return np.where(1 - a < 1e-6, e / (1 + e) ** 2, a * (1 - a))
""",
    "tanh": """\
def tanh(z):
    return np.tanh(z)


def tanh_slope(z):
    slope = 1 - np.tanh(z) ** 2
    e = np.exp(-2 * np.minimum(np.abs(z), 400))
    # Where 1 - a² has lost its digits, the other form keeps them.
    return np.where(slope < 1e-6, 4 * e / (1 + e) ** 2, slope)
""",
    "relu": """\
def relu(z):
    return np.maximum(z, 0)


def relu_slope(z):
    return (z > 0).astype(float)
""",
    "leaky_relu": """\
def leaky_relu(z):
    return np.maximum(z, 0.01 * z)


def leaky_relu_slope(z):
    return np.where(z > 0, 1.0, 0.01)
""",
    "elu": """\
def elu(z):
    return np.maximum(z, 0) + np.expm1(np.minimum(z, 0))


def elu_slope(z):
    return np.exp(np.minimum(z, 0))
""",
    "softplus": """\
def softplus(z):
    # log(1 + exp(z)), written so that no exponent is positive.
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))


def softplus_slope(z):
    return sigmoid(z)
""",
    "gelu": """\
def gelu_inner(z):
    return 2 * np.sqrt(2 / np.pi) * (z + 0.044715 * z**3)


def gelu(z):
    # z/2 (1 + tanh(u)) with (1 + tanh(u)) / 2 = sigmoid(2u); beyond ±40 nothing changes.
    return np.maximum(z, -40) * sigmoid(gelu_inner(np.clip(z, -40, 40)))


def gelu_slope(z):
    z = np.clip(z, -40, 40)
    inner = gelu_inner(z)
    slope = 2 * np.sqrt(2 / np.pi) * (1 + 3 * 0.044715 * z**2)
    return sigmoid(inner) * (1 + z * sigmoid(-inner) * slope)
""",
    "silu": """\
def silu(z):
    return np.maximum(z, -800) * sigmoid(z)


def silu_slope(z):
    z = np.clip(z, -800, 800)
    return sigmoid(z) * (1 + z * sigmoid(-z))
""",
    "softmax": """\
def softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def softmax_back(dC_da, a):
    # a_j (dC_da_j - sum_k dC_da_k a_k). Taking one number off all dC_da of a sample changes
    # nothing, and that of the most likely class keeps the digits.
    likely = np.expand_dims(a.argmax(axis=-1), -1)
    d = dC_da - np.take_along_axis(dC_da, likely, axis=-1)
    return (d - (d * a).sum(axis=-1, keepdims=True)) * a
""",
    "log_softmax": """\
def log_softmax(z):
    shifted = z - z.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
""",
    "huber": """\
def huber(d):
    inner = np.minimum(np.abs(d), 1)
    return inner * (np.abs(d) - 0.5 * inner)
""",
    "safe_log": """\
def safe_log(p):
    return np.log(np.maximum(p, 1e-300))
""",
    "safe_inverse": """\
def safe_inverse(p):
    # The derivative of safe_log: 1/p, and 0 where the bound holds.
    return np.where(p > 1e-300, 1 / np.where(p > 1e-300, p, 1), 0)
""",
}


@dataclass(frozen=True, slots=True)
class Loss:
    """A cost line and its gradient as expressions of the prediction {a} and the target {y}.

    Of a cost that is computed together with the output activation, the loss is a function of z,
    which it reads as {a}.
    """

    loss: str
    gradient: str


LOSSES: dict[str, Loss] = {
    "mse": Loss("({a} - {y}) ** 2", "2 * ({a} - {y})"),
    "mae": Loss("np.abs({a} - {y})", "np.sign({a} - {y})"),
    "huber": Loss("huber({a} - {y})", "np.clip({a} - {y}, -1, 1)"),
    "binary_cross_entropy": Loss(
        "-({y} * safe_log({a}) + (1 - {y}) * safe_log(1 - {a}))",
        "((1 - {y}) * safe_inverse(1 - {a}) - {y} * safe_inverse({a}))",
    ),
    "cross_entropy": Loss("-{y} * safe_log({a})", "(-{y} * safe_inverse({a}))"),
    "sigmoid_binary_cross_entropy": Loss(
        "{y} * softplus(-{a}) + (1 - {y}) * softplus({a})", "({a} - {y})"
    ),
    "softmax_cross_entropy": Loss(
        "-{y} * log_softmax({a})", "({a} * {y}.sum(axis=-1, keepdims=True) - {y})"
    ),
}


def _source(name: str) -> str:
    """Return the source of a function; that of an activation with a parameter is made."""
    parts = split_name(name)
    if parts is None:
        return FUNCTIONS[name]
    base, value = parts
    python = identifier(name)
    if base == "leaky_relu":
        return (
            f"def {python}(z):\n    return np.maximum(z, {value!r} * z)\n\n\n"
            f"def {python}_slope(z):\n    return np.where(z > 0, 1.0, {value!r})\n"
        )
    return (
        f"def {python}(z):\n    return np.maximum(z, 0) + {value!r} * np.expm1(np.minimum(z, 0))\n"
        f"\n\ndef {python}_slope(z):\n"
        f"    return np.where(z > 0, 1.0, {value!r} * np.exp(np.minimum(z, 0)))\n"
    )


def called(source: str) -> list[str]:
    """Return the functions of the table that ``source`` calls."""
    code = re.sub("#.*", "", source)
    return [name for name in FUNCTIONS if re.search(rf"(?<![\w.]){name}\(", code)]


def sources(names: Iterable[str]) -> str:
    """Return the source of these functions and of all that they call; callees come first."""
    found: dict[str, str] = {}

    def add(name: str) -> None:
        if name not in found:
            source = _source(name)
            for needed in called(source):
                if needed != name:
                    add(needed)
            found[name] = source

    for name in names:
        add(name)
    return "\n\n".join(found.values())
