"""Random submissions for follow-through: honest ones with one mistake, and gaming ones.

An honest submission has one wrong line; every later line is the correct operation on the student's
own numbers. A gaming submission has one wrong line; later lines are zeros, constants, copies of
other lines, random numbers, or a mixture of these. A line is carried if it is marked ``follows``.
"""

from __future__ import annotations

import itertools
import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from backprop_explorer.tutor.checker import CheckResult
from tests.corpus.marks import as_list, as_rounded_list, as_text, mark
from tests.corpus.problems import Problem
from tests.corpus.right import (
    COST_DERIVATIVES,
    COSTS,
    computed,
    draw_problem,
    factor_of,
    right_lines,
    slope,
)
from tests.corpus.tools import ACTIVATIONS

# The largest share of the later lines of gaming submissions that may be carried.
MAX_GAMING_SHARE = 0.01

# Closer to 0 or 1 than this, eight decimals of a probability do not determine its gradient.
POLE = 1e-6

Lines = dict[str, Any]
Change = Callable[[Any], Any]
FORMATS = (as_list, as_text, as_rounded_list)


def worked_lines(p: Problem, wrong: str, change: Change) -> Lines:
    """Compute every line, with ``change`` applied to the line ``wrong`` before it is used."""
    row_weights = p.convention != "column"
    weights = [w if row_weights else w.T for w in p.W]
    target = np.atleast_2d(p.y)
    depth, factor = len(weights), factor_of(p, *target.shape)
    l1, l2 = p.penalty.get("l1", 0.0), p.penalty.get("l2", 0.0)
    lines: Lines = {}

    def write(name: str, value: Any) -> Any:
        lines[name] = change(value) if name == wrong else value
        return lines[name]

    acts, sums = [np.atleast_2d(p.x)], []
    for k, (w, b, name) in enumerate(zip(weights, p.b, p.activations, strict=True), 1):
        sums.append(write(f"z{k}", acts[-1] @ w + b))
        acts.append(write(f"a{k}", computed(ACTIVATIONS[name][0], sums[-1])))
    cost = factor * np.sum(COSTS[p.cost](acts[-1], target))
    write("C", cost + sum(l1 * np.abs(w).sum() + l2 / 2 * np.sum(w * w) for w in weights))
    gradient = write(f"dC_da{depth}", factor * COST_DERIVATIVES[p.cost](acts[-1], target))
    for k in range(depth, 0, -1):
        back = _backward(p.activations[k - 1], gradient, sums[k - 1], acts[k])
        delta = write(f"dC_dz{k}", back)
        penalty = l1 * np.sign(weights[k - 1]) + l2 * weights[k - 1]
        write(f"dC_dW{k}", acts[k - 1].T @ delta + penalty)
        write(f"dC_db{k}", delta.sum(axis=0))
        if k > 1:
            gradient = write(f"dC_da{k - 1}", delta @ weights[k - 1].T)
    if p.optimizer:
        for k, (w, b) in enumerate(zip(weights, p.b, strict=True), 1):
            write(f"W{k}_next", w - 0.1 * lines[f"dC_dW{k}"])
            write(f"b{k}_next", b - 0.1 * lines[f"dC_db{k}"])
    return {name: _in_convention(p, name, value) for name, value in lines.items()}


def _backward(name: str, gradient: Any, z: Any, a: Any) -> Any:
    if name == "softmax":
        return a * (gradient - np.sum(gradient * a, axis=1, keepdims=True))
    return np.array([slope(name, row).T @ g for row, g in zip(z, gradient, strict=True)])


def _in_convention(p: Problem, name: str, value: Any) -> Any:
    """Convert a line to the problem's convention; one sample becomes a vector."""
    if name.startswith(("dC_dW", "W")):
        return value.T if p.convention == "column" else value
    per_sample = name[0] in "za" or name.startswith(("dC_da", "dC_dz"))
    return value[0] if per_sample and p.samples is None else value


# ----------------------------------------------------------------- one wrong line


def _noise(rng: np.random.Generator) -> Change:
    return lambda value: value + rng.normal(size=np.shape(value))


def _factor(rng: np.random.Generator) -> Change:
    factor = float(rng.choice([-3.0, -1.0, 0.5, 3.0]))
    return lambda value: factor * value


def _lowered(rng: np.random.Generator) -> Change:
    """Subtract so much that a ReLU gives 0."""
    return lambda value: value - 1.5 * np.abs(value).max() - rng.random()


def _one_entry(rng: np.random.Generator) -> Change:
    def change(value: Any) -> Any:
        changed = np.array(value, dtype=float)
        changed.flat[int(rng.integers(changed.size))] += 1.0 + rng.random()
        return changed

    return change


MISTAKES = (_noise, _factor, _lowered, _one_entry)


# ------------------------------------------------------------- fillings of gaming submissions

# Returns the content of a line, from its shape and the earlier lines.
Filling = Callable[[tuple[int, ...], Lines], Any]


def _zeros(rng: np.random.Generator) -> Filling:
    return lambda shape, earlier: np.zeros(shape)


def _constant(rng: np.random.Generator) -> Filling:
    constant = float(rng.choice([1.0, -1.0, 0.5, 0.1, rng.normal()]))
    return lambda shape, earlier: np.full(shape, constant)


def _numbers(rng: np.random.Generator) -> Filling:
    return lambda shape, earlier: rng.normal(size=shape)


def _copied(shape: tuple[int, ...], earlier: Lines, pick: Callable[[int], int]) -> Any:
    size = int(np.prod(shape))
    alike = [value for value in earlier.values() if np.size(value) == size]
    return np.reshape(alike[pick(len(alike))], shape) if alike else np.zeros(shape)


def _last_copied(rng: np.random.Generator) -> Filling:
    return lambda shape, earlier: _copied(shape, earlier, lambda count: count - 1)


def _any_copied(rng: np.random.Generator) -> Filling:
    return lambda shape, earlier: _copied(shape, earlier, lambda n: int(rng.integers(n)))


def _mixture(rng: np.random.Generator) -> Filling:
    ways = [way(rng) for way in (_zeros, _constant, _numbers, _last_copied, _any_copied)]

    def fill(shape: tuple[int, ...], earlier: Lines) -> Any:
        return ways[int(rng.integers(len(ways)))](shape, earlier)

    return fill


GAMES = {
    "zeros": _zeros,
    "constants": _constant,
    "random numbers": _numbers,
    "copies of the line before": _last_copied,
    "copies of any line": _any_copied,
    "a mixture": _mixture,
}


def _gamed(p: Problem, wrong: str, rng: np.random.Generator, filling: Filling) -> Lines:
    """Correct lines, a wrong line with random numbers or the filling, then only the filling."""
    lines: Lines = {}
    after = False
    for name, value in worked_lines(p, "", lambda value: value).items():
        if name == wrong and rng.random() < 0.5:
            lines[name] = rng.normal(size=np.shape(value))
        elif after or name == wrong:
            lines[name] = filling(np.shape(value), {**_givens(p), **lines})
        else:
            lines[name] = value
        after = after or name == wrong
    return lines


def _givens(p: Problem) -> Lines:
    weights = {f"W{k}": w for k, w in enumerate(p.W, 1)}
    biases = {f"b{k}": b for k, b in enumerate(p.b, 1)}
    return {"x": p.x, "target": p.y, **weights, **biases}


# ---------------------------------------------------------------------- checker results


@dataclass(frozen=True)
class FollowThrough:
    """A submission with one wrong line, and the checker's result."""

    name: str
    wrong: str
    later: tuple[str, ...]
    result: CheckResult = field(repr=False)

    def _of(self, *verdicts: str) -> list[str]:
        return [name for name in self.later if self.result.lines[name].verdict in verdicts]

    @property
    def carried(self) -> list[str]:
        """The later lines marked ``follows``."""
        return self._of("follows")

    @property
    def refused(self) -> list[str]:
        """The later lines marked ``wrong``."""
        return self._of("wrong")


def _problem(rng: np.random.Generator, index: int) -> Problem:
    """Draw a problem. In one of four all hidden layers are ReLU, which may be dead."""
    problem = draw_problem(rng, index)
    if rng.random() < 0.25:
        hidden = ("relu",) * (len(problem.activations) - 1)
        problem = Problem(**{**problem.__dict__, "activations": (*hidden, problem.activations[-1])})
    return problem


def _handed_in(problem: Problem, lines: Lines, wrong: str, rng: np.random.Generator) -> Lines:
    """Return all lines, or a random part that includes the wrong one."""
    trace, _, _ = problem.working({})
    known = {line.node.id for line in trace.lines}
    lines = {name: value for name, value in lines.items() if name in known}
    if rng.random() < 0.6:
        return lines
    return {name: v for name, v in lines.items() if name == wrong or rng.random() < 0.5}


def _submission(
    rng: np.random.Generator, index: int, make: Callable[[Problem, str], Lines]
) -> tuple[Problem, str, Lines] | None:
    """Make one submission; None if its numbers overflow or the wrong line is not wrong."""
    problem = _problem(rng, index)
    with np.errstate(all="ignore"):
        truth = right_lines(problem)
        wrong = str(rng.choice([name for name in truth if not name.endswith("_next")]))
        lines = make(problem, wrong)
    handed_in = _handed_in(problem, lines, wrong, rng)
    if wrong not in handed_in:
        return None
    if not all(np.isfinite(value).all() for value in (*truth.values(), *lines.values())):
        return None
    if np.abs(lines[wrong] - truth[wrong]).max() < 1e-3 * np.abs(truth[wrong]).max() + 1e-6:
        return None
    return problem, wrong, handed_in


def _marked(
    name: str, problem: Problem, wrong: str, lines: Lines, rng: np.random.Generator
) -> FollowThrough:
    write = FORMATS[int(rng.integers(len(FORMATS)))]
    result, _ = mark(problem, {line: write(value) for line, value in lines.items()})
    order = list(lines)
    later = tuple(order[order.index(wrong) + 1 :])
    return FollowThrough(f"{name}, {write.__name__}", wrong, later, result)


def honest_submission(index: int) -> FollowThrough | None:
    """Make an honest submission; None if its numbers are unsuitable."""
    rng = np.random.default_rng([index, 1])
    mistake = MISTAKES[int(rng.integers(len(MISTAKES)))]
    change = mistake(rng)
    found = _submission(rng, index, lambda p, wrong: worked_lines(p, wrong, change))
    # A wrong line of zeros looks like an unfilled one.
    if found is None or not np.any(found[2][found[1]]) or _near_a_pole(*found):
        return None
    return _marked(f"{index} {mistake.__name__[1:]} in {found[1]}", *found, rng)


def _near_a_pole(problem: Problem, wrong: str, lines: Lines) -> bool:
    """Whether a printed probability is 0 or 1, where the cost's gradient is not finite."""
    a = lines.get(f"a{len(problem.W)}")
    if not problem.cost.endswith("cross_entropy") or a is None:
        return False
    return bool(np.any(np.abs(a) < POLE) or np.any(np.abs(1.0 - a) < POLE))


def gaming_submission(index: int) -> FollowThrough | None:
    """Make a gaming submission; None if its numbers are unsuitable."""
    rng = np.random.default_rng([index, 2])
    game = list(GAMES)[index % len(GAMES)]
    filling = GAMES[game](rng)
    found = _submission(rng, index, lambda p, wrong: _gamed(p, wrong, rng, filling))
    return None if found is None else _marked(f"{index} {game} from {found[1]}", *found, rng)


def submissions(
    make: Callable[[int], FollowThrough | None], count: int, processes: int = 1
) -> list[FollowThrough]:
    """Return the first ``count`` submissions that are not None.

    Raises ValueError if too many are None.
    """
    with ExitStack() as stack:
        made: Iterator[FollowThrough | None] = map(make, itertools.count())
        if processes > 1:
            pool = stack.enter_context(multiprocessing.get_context("spawn").Pool(processes))
            # Fewer than half of the submissions are None.
            made = pool.imap(make, range(2 * count + 100), chunksize=10)
        found = list(itertools.islice((one for one in made if one is not None), count))
    if len(found) < count:
        raise ValueError(f"only {len(found)} of {count} submissions have suitable numbers")
    return found


def share_carried(gaming: Iterable[FollowThrough]) -> float:
    """Return the share of carried lines among the later lines that are not correct."""
    carried = lines = 0
    for one in gaming:
        carried += len(one.carried)
        lines += len(one.carried) + len(one.refused)
    return carried / max(lines, 1)
