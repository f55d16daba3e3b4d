"""Small training programs whose printed numbers are pasted: what they compute, right or wrong.

A program is one of ``PROGRAMS``, with at most one of ``MISTAKES``. ``steps`` runs it for a few
updates and gives all arrays of each update in the program's own shapes. Nothing of the checker is
used here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tests.corpus.tools import ACTIVATIONS, softmax

Arrays = dict[str, np.ndarray]


@dataclass(frozen=True)
class Program:
    """One program. ``rows``: samples are rows and W is (n_in, n_out), else the other way round.

    ``vectors``: one sample without an axis of samples. ``factor`` multiplies the gradient of
    Σ (a − y)² / 2, or of the sum of the logarithms: "1", "2/Nn", "1/N", …; with ``late`` it
    multiplies ∂C/∂W and ∂C/∂b only. ``printed_cost`` multiplies the cost that is printed, of
    Σ (a − y)² or of that sum. ``added``: the error is target − prediction, the step is added.
    ``rate`` is the learning rate, ``digits`` the decimals that are printed.
    """

    sizes: tuple[int, ...]
    activations: tuple[str, ...]
    cost: str
    factor: str
    printed_cost: str
    samples: int = 5
    rows: bool = True
    vectors: bool = False
    late: bool = False
    added: bool = False
    biases: bool = True
    rate: float = 0.1
    digits: int = 8


PROGRAMS = {
    "xor": Program((2, 3, 1), ("sigmoid", "sigmoid"), "mse", "1", "1/Nn", 4, added=True, rate=0.5),
    "xor without biases": Program(
        (3, 4, 1), ("sigmoid", "sigmoid"), "mse", "1", "1/Nn", 4, added=True, biases=False, rate=1.0
    ),
    "chain": Program((2, 3, 2), ("tanh", "sigmoid"), "mse", "2/n", "1/n", 1, False, True),
    "lecture": Program((3, 3, 3), ("sigmoid", "sigmoid"), "mse", "1", "1/2", 1, False, True),
    "regression": Program((3, 4, 1), ("relu", "identity"), "mse", "2/Nn", "1/Nn", 6),
    "regression, half": Program((2, 4, 2), ("tanh", "identity"), "mse", "1/N", "1/2N", 5),
    "two samples summed": Program((2, 3, 2), ("sigmoid", "identity"), "mse", "1", "1/2", 2),
    "classes": Program((4, 5, 3), ("relu", "softmax"), "cross_entropy", "1/N", "1/N", 6),
    "classes summed": Program((3, 3, 3), ("tanh", "softmax"), "cross_entropy", "1", "1", 4),
    "columns": Program(
        (2, 4, 1), ("tanh", "sigmoid"), "binary_cross_entropy", "1/N", "1/N", 6, False, late=True
    ),
    "columns, relu": Program(
        (3, 4, 1), ("relu", "sigmoid"), "binary_cross_entropy", "1/N", "1/N", 5, False, late=True
    ),
    "deep": Program((3, 4, 4, 2), ("relu", "relu", "identity"), "mse", "2/Nn", "1/Nn", 4),
    "deep tanh": Program((2, 3, 3, 3), ("tanh", "tanh", "sigmoid"), "mse", "2/N", "1/N", 5),
    "leaky": Program((3, 4, 2), ("leaky_relu", "sigmoid"), "mse", "2/Nn", "1/Nn", 4),
    "four digits": Program((3, 4, 2), ("sigmoid", "identity"), "mse", "2/Nn", "1/Nn", 4, digits=4),
    "one layer": Program((3, 2), ("sigmoid",), "mse", "2/Nn", "1/Nn", 4),
}

# What a program gets wrong, and the programs in which the numbers show it.
MISTAKES = {
    "hidden slope left out": ("xor", "chain", "regression", "columns", "deep", "leaky"),
    "slope taken of a": ("chain", "regression, half", "columns", "deep tanh", "lecture"),
    "function for its slope": ("xor", "chain", "columns", "leaky", "two samples summed"),
    "output slope left out": ("chain", "leaky", "deep tanh", "one layer"),
    "weights not turned": ("lecture", "deep tanh", "deep", "classes summed"),
    "weights after the update": ("xor", "chain", "regression, half", "columns", "classes"),
    "weights left out": ("lecture", "classes summed", "deep tanh"),
    "bias not summed": ("regression", "classes", "two samples summed", "deep"),
    "bias averaged": ("two samples summed", "classes summed", "xor"),
    "z for a": ("chain", "regression, half", "columns", "classes summed", "deep tanh"),
    "own output for input": ("lecture", "classes summed"),
    "first gradient divided again": ("regression", "classes", "deep", "columns"),
    "sign of the first layer": ("xor", "chain", "columns", "classes", "deep tanh"),
    "step uphill": ("chain", "regression", "classes", "columns", "deep"),
    "one rate left out": ("regression, half", "classes", "two samples summed", "leaky"),
    "softmax over samples": ("classes", "classes summed"),
    "bias missing in z": ("chain", "regression", "columns", "deep tanh"),
    "softmax entry by entry": ("classes", "classes summed"),
    "last sample only": ("regression", "classes", "deep", "two samples summed"),
    "gradient made up": ("xor", "chain", "classes", "deep"),
}


def factor_of(name: str, samples: int, outputs: int) -> float:
    """The number that "2/Nn" stands for."""
    top, _, bottom = name.partition("/")
    sizes = {"": 1, "N": samples, "n": outputs, "Nn": samples * outputs, "2": 2, "2N": 2 * samples}
    return float(top) / sizes[bottom]


def steps(program: Program, mistake: str, seed: int, count: int) -> Iterator[Arrays]:
    """Yield the arrays of ``count`` updates, by x, y, W1, b1, z1, a1, C, e, dz1, dW1, db1, …

    ``e`` is the difference of prediction and target, ``W1_next`` the weights after the update.
    """
    rng = np.random.default_rng([seed, *mistake.encode(), *program.sizes])
    shapes = list(zip(program.sizes, program.sizes[1:], strict=False))
    W = [rng.normal(size=shape) for shape in shapes]
    b = [0.5 * rng.normal(size=shape[1]) * program.biases for shape in shapes]
    if program.digits != 8:
        W, b = [w.round(program.digits) for w in W], [v.round(program.digits) for v in b]
    x = rng.normal(size=(program.samples, program.sizes[0])).round(2)
    y = _targets(program, rng)
    for _ in range(count):
        arrays, W, b = _update(program, mistake, rng, W, b, x, y)
        yield {name: _shaped(program, name, value) for name, value in arrays.items()}


def _targets(program: Program, rng: np.random.Generator) -> np.ndarray:
    shape = (program.samples, program.sizes[-1])
    if program.cost == "cross_entropy":
        return np.eye(shape[1])[rng.integers(shape[1], size=shape[0])]
    if program.cost == "binary_cross_entropy" or program.added:
        return rng.integers(2, size=shape).astype(float)
    return rng.random(size=shape).round(2)


def _update(program, mistake, rng, W, b, x, y):  # noqa: C901 - one whole program
    """Compute one update with samples as rows; return all arrays, and the next W and b."""
    depth, samples = len(W), len(x)
    f = [ACTIVATIONS[name][0] for name in program.activations]
    slope = [ACTIVATIONS[name][1] for name in program.activations]
    made: Arrays = {"x": x, "y": y}
    a, z = [x], [np.empty(0)]
    for k in range(depth):
        left_out = mistake == "bias missing in z" and k == 0
        z.append(a[k] @ W[k] + (0.0 if left_out else b[k]))
        if program.activations[k] == "softmax" and mistake == "softmax over samples":
            a.append(softmax(z[-1].T).T)
        else:
            a.append(f[k](z[-1]))
    e = a[-1] - y
    scale = factor_of(program.factor, samples, y.shape[1])
    made["C"] = np.asarray(_cost(program, a[-1], y))
    made["e"] = -e if program.added else e
    early, late = (1.0, scale) if program.late else (scale, 1.0)
    early = -early if program.added else early
    next_W, next_b = list(W), list(b)
    dz = np.empty(0)
    for k in reversed(range(depth)):
        if k == depth - 1:
            dz = early * _output_gradient(program, mistake, e, a[-1], z[-1], slope[-1])
        else:
            back = next_W[k + 1] if mistake == "weights after the update" else W[k + 1]
            if mistake == "weights left out" and dz.shape[1] == back.shape[0]:
                da = dz
            elif mistake == "weights not turned" and back.shape[0] == back.shape[1]:
                da = dz @ back
            else:
                da = dz @ back.T
            made[f"da{k + 1}"] = da
            dz = da * _hidden_slope(mistake, f[k], slope[k], z[k + 1], a[k + 1])
        below = a[k]
        if mistake == "z for a" and k:
            below = z[k]
        if mistake == "own output for input" and a[k + 1].shape == a[k].shape:
            below = a[k + 1]
        dW, db = late * below.T @ dz, late * dz.sum(axis=0)
        if mistake == "bias not summed":
            db = late * dz
        if mistake == "bias averaged":
            db = late * dz.mean(axis=0)
        if mistake == "last sample only":
            dW = late * np.outer(below[-1], dz[-1])
        if k == 0 and mistake == "first gradient divided again":
            dW = dW / samples
        if k == 0 and mistake == "sign of the first layer":
            dW, db = -dW, -db
        if k == 0 and mistake == "gradient made up":
            dW = rng.normal(size=dW.shape)
        sign = 1.0 if program.added != (mistake == "step uphill") else -1.0
        first = mistake == "one rate left out" and k == 0
        rate = sign * (1.0 if first else program.rate)
        summed = db.sum(axis=0) if db.ndim == 2 else db
        next_W[k], next_b[k] = W[k] + rate * dW, b[k] + rate * summed
        made |= {f"dz{k + 1}": dz, f"dW{k + 1}": dW, f"db{k + 1}": db}
        made |= {f"W{k + 1}_next": next_W[k], f"b{k + 1}_next": next_b[k]}
    for k in range(depth):
        made |= {f"W{k + 1}": W[k], f"b{k + 1}": b[k], f"z{k + 1}": z[k + 1], f"a{k + 1}": a[k + 1]}
    if not program.biases:
        made = {n: v for n, v in made.items() if n[0] != "b" and n[:2] != "db"}
    return made, next_W, next_b


def _output_gradient(program, mistake, e, a, z, slope):
    """∂C/∂z of the last layer, without the factor."""
    if program.cost == "mse":
        if mistake == "output slope left out":
            return e
        if mistake == "function for its slope":
            return e * a
        return e * slope(z)
    if mistake == "softmax entry by entry":
        return e * a * (1 - a)
    return e


def _hidden_slope(mistake, f, slope, z, a):
    if mistake == "hidden slope left out":
        return 1.0
    if mistake == "slope taken of a":
        return slope(a)
    return f(z) if mistake == "function for its slope" else slope(z)


def _cost(program, a, y):
    scale = factor_of(program.printed_cost, len(a), y.shape[1])
    if program.cost == "mse":
        return scale * np.sum((a - y) ** 2)
    if program.cost == "binary_cross_entropy":
        return -scale * np.sum(y * np.log(a) + (1 - y) * np.log(1 - a))
    return -scale * np.sum(y * np.log(a))


def _shaped(program: Program, name: str, value: np.ndarray) -> np.ndarray:
    """An array in the program's own shape."""
    if program.vectors and value.ndim == 2 and name.lstrip("d")[0] != "W":
        return value[0]
    if program.rows or value.ndim == 0:
        return value
    if value.ndim == 2:
        return value.T
    return value if program.vectors else value[:, None]
