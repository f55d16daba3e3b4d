"""Random correct submissions: shapes, activations, costs, conventions, subsets, and formats.

The implementation here is independent: sample by sample, with outer products and full Jacobians, so
its last digits differ from the program's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from backprop_explorer.tutor.checker import CheckResult
from tests.corpus.marks import as_list, as_repr, as_rounded_list, as_single_text, as_text, mark
from tests.corpus.problems import Problem
from tests.corpus.tools import ACTIVATIONS

ELEMENTWISE = [name for name in ACTIVATIONS if name != "softmax"]
REDUCTIONS = ("mean", "half_sum", "sum", "batch_mean")
COSTS: dict[str, Callable[[Any, Any], Any]] = {
    "mse": lambda a, y: (a - y) ** 2,
    "mae": lambda a, y: np.abs(a - y),
    "huber": lambda a, y: np.where(np.abs(a - y) < 1, (a - y) ** 2 / 2, np.abs(a - y) - 0.5),
    "binary_cross_entropy": lambda a, y: -(y * np.log(a) + (1 - y) * np.log(1 - a)),
    # Only the term of the true class, so that 0 log 0 is not computed.
    "cross_entropy": lambda a, y: np.where(y == 0, 0, -y * np.log(np.where(y == 0, 1, a))),
}
COST_DERIVATIVES: dict[str, Callable[[Any, Any], Any]] = {
    "mse": lambda a, y: 2 * (a - y),
    "mae": lambda a, y: np.where(a > y, 1.0, -1.0),
    "huber": lambda a, y: np.where(np.abs(a - y) < 1, a - y, np.sign(a - y)),
    "binary_cross_entropy": lambda a, y: (1 - y) / (1 - a) - y / a,
    "cross_entropy": lambda a, y: -y / a,
}


@dataclass(frozen=True)
class RightCase:
    """A correct submission and the checker's result."""

    name: str
    result: CheckResult

    @property
    def verdict(self) -> str:
        """The checker's verdict."""
        return self.result.verdict

    @property
    def summary(self) -> str:
        """The checker's summary."""
        return self.result.summary


def draw_problem(rng: np.random.Generator, index: int) -> Problem:
    """Draw a network, cost and convention."""
    depth = int(rng.integers(1, 5))
    sizes = tuple(int(n) for n in rng.integers(1, 7, size=depth + 1))
    activations = [str(rng.choice(ELEMENTWISE)) for _ in range(depth)]
    cost, target = "mse", "numbers"
    kind = rng.random()
    if kind < 0.2 and sizes[-1] > 1:
        cost, target, activations[-1] = "cross_entropy", "class", "softmax"
    elif kind < 0.4:
        cost, target, activations[-1] = "binary_cross_entropy", "bits", "sigmoid"
    elif kind < 0.6:
        cost = str(rng.choice(["mae", "huber"]))
    optimizer = {"name": "sgd", "learning_rate": 0.1} if rng.random() < 0.3 else None
    penalty = {"l2": 0.01, "l1": 0.003} if rng.random() < 0.2 else {}
    return Problem(
        f"random {index}",
        sizes,
        tuple(activations),
        samples=None if rng.random() < 0.5 else int(rng.integers(1, 9)),
        cost=cost,
        reduction=str(rng.choice(REDUCTIONS)),
        convention=str(rng.choice(["column", "row", "lecture"])),
        target=target,
        penalty=penalty,
        optimizer=optimizer,
        fused=bool(rng.random() < 0.7),
        scale=float(rng.choice([0.01, 0.3, 1.0, 1.0, 1.0, 3.0])),
    ).draw(index)


def computed(f: Callable[..., Any], *arguments: np.ndarray) -> np.ndarray:
    """Compute ``f`` in the precision of its first argument."""
    return np.asarray(f(*arguments), dtype=arguments[0].dtype)


def slope(name: str, z: np.ndarray) -> np.ndarray:
    """Return the full Jacobian ∂a/∂z of one sample."""
    f, df = ACTIVATIONS[name]
    if name == "softmax":
        p = computed(f, z)
        return np.diag(p) - np.outer(p, p)
    return np.diag(computed(df, z))


def in_single_precision(p: Problem) -> Problem:
    """Return the problem with float32 numbers, so that the working is float32 as well."""
    x, y = p.x.astype(np.float32), p.y.astype(np.float32)
    W, b = ([array.astype(np.float32) for array in arrays] for arrays in (p.W, p.b))
    return replace(p, W=W, b=b, x=x, y=y)


def factor_of(problem: Problem, samples: int, outputs: int) -> float:
    """Return the factor of the sum in the cost."""
    return {
        "mean": 1 / (samples * outputs),
        "half_sum": 0.5,
        "sum": 1.0,
        "batch_mean": 1 / samples,
    }[problem.reduction]


def right_lines(p: Problem) -> dict[str, Any]:
    """Compute every line, in the convention of the problem."""
    W = [w if p.convention == "column" else w.T for w in p.W]
    xs, ys = np.atleast_2d(p.x), np.atleast_2d(p.y)
    L, factor = len(W), factor_of(p, *ys.shape)
    rows: dict[str, list[Any]] = {}
    dW, db = [np.zeros_like(w) for w in W], [np.zeros_like(b) for b in p.b]
    cost = np.zeros((), dtype=p.x.dtype)
    for x, y in zip(xs, ys, strict=True):
        acts, zs = [x], []
        for w, b, name in zip(W, p.b, p.activations, strict=True):
            zs.append(w @ acts[-1] + b)
            acts.append(computed(ACTIVATIONS[name][0], zs[-1]))
        cost = cost + factor * computed(COSTS[p.cost], acts[-1], y).sum()
        dC_da = factor * computed(COST_DERIVATIVES[p.cost], acts[-1], y)
        for k in range(L, 0, -1):
            dC_dz = slope(p.activations[k - 1], zs[k - 1]).T @ dC_da
            for name, value in ((f"z{k}", zs[k - 1]), (f"a{k}", acts[k]),
                                (f"dC_da{k}", dC_da), (f"dC_dz{k}", dC_dz)):  # fmt: skip
                rows.setdefault(name, []).append(value)
            dW[k - 1] += np.outer(dC_dz, acts[k - 1])
            db[k - 1] += dC_dz
            dC_da = W[k - 1].T @ dC_dz
    single = p.samples is None
    lines: dict[str, Any] = {n: v[0] if single else np.array(v) for n, v in rows.items()}
    l1, l2 = p.penalty.get("l1", 0.0), p.penalty.get("l2", 0.0)
    lines["C"] = cost + sum(l1 * np.abs(w).sum() + l2 / 2 * np.sum(w * w) for w in W)
    for k in range(L):
        gradient = dW[k] + l1 * np.sign(W[k]) + l2 * W[k]
        updated = W[k] - 0.1 * gradient
        turn = (lambda M: M) if p.convention == "column" else np.transpose
        lines[f"dC_dW{k + 1}"], lines[f"dC_db{k + 1}"] = turn(gradient), db[k]
        if p.optimizer:
            lines[f"W{k + 1}_next"], lines[f"b{k + 1}_next"] = turn(updated), p.b[k] - 0.1 * db[k]
    return lines


def as_four_digits(value: Any) -> Any:
    """Lists with four decimals, as rounded by hand."""
    return np.round(np.asarray(value, dtype=float), 4).tolist()


def as_single_precision(value: Any) -> Any:
    """Lists with float32 numbers, as from PyTorch."""
    return np.asarray(value, dtype=np.float32).astype(float).tolist()


FORMATS = (as_list, as_text, as_rounded_list, as_repr)
# The share of students who compute and print in float32.
SINGLE = 0.2


def right_cases(count: int, seed: int = 0) -> Iterator[RightCase]:
    """Run the checker on ``count`` correct submissions."""
    rng = np.random.default_rng(seed)
    index = made = 0
    while made < count:
        index += 1
        problem = draw_problem(rng, index)
        single = rng.random() < SINGLE
        with np.errstate(all="ignore"):
            lines = right_lines(in_single_precision(problem) if single else problem)
        last = len(problem.W)
        subset = rng.random()
        if subset < 0.3:
            lines = {k: v for k, v in lines.items() if k.startswith(("dC_dW", "dC_db"))}
        elif subset < 0.6:
            lines = {k: v for k, v in lines.items() if rng.random() < 0.5} or lines
        if problem.fused and rng.random() < 0.8:
            lines.pop(f"dC_da{last}", None)
        written = as_single_text if single else FORMATS[int(rng.integers(len(FORMATS)))]
        submitted = {name: written(value) for name, value in lines.items()}
        if not submitted or not all(np.isfinite(value).all() for value in lines.values()):
            continue  # log(0): these formulas have no protection against it
        result, _ = mark(problem, submitted)
        made += 1
        yield RightCase(f"{index} {written.__name__}", result)
