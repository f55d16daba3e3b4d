"""The proof: every gradient of a trace against autograd and against finite differences.

Two oracles that share no derivative with the working:

* **autograd** differentiates its own forward pass, written here a second time on purpose, in
  autograd's NumPy. Zero arrays added to every z and a give ∂C/∂z and ∂C/∂a as well.
* **finite differences** perturb one number at a time and run the working's *forward* operations
  again: (C(p + h) − C(p − h)) / 2h, all perturbations of an array stacked into one batch.

The error of an array is ‖p − q‖ / (‖p‖ + ‖q‖), so that a vanishing gradient that is wrong by a half
does not pass for being small. An oracle that cannot resolve a gradient in float64 says so
(``BELOW_RESOLUTION``) instead of passing it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import autograd.numpy as anp
import numpy as np
from autograd import grad
from numpy.typing import NDArray

from app.core.activations import ACTIVATIONS, ELU_ALPHA, LEAKY_SLOPE
from app.core.backprop import Objective, forward_steps, run
from app.core.costs import HUBER_DELTA
from app.core.network import Network
from app.core.operations import OPS
from app.core.trace import Trace

Array = NDArray[np.float64]

BELOW_RESOLUTION = "below_resolution"
AUTOGRAD_TOLERANCE = 1e-9
DIFFERENCES_TOLERANCE = 1e-5
# Entries that finite differences try per array; of larger arrays, evenly spread ones.
MAX_ENTRIES = 256
# Rows (perturbations × samples) that one stacked forward pass may have.
MAX_ROWS = 65_536

_EPS = float(np.finfo(np.float64).eps)
_TINY = float(np.finfo(np.float64).tiny)
# The step that balances truncation (h²) against cancellation (ε/h) for a value of order 1.
_STEP = float(np.cbrt(_EPS))


@dataclass(frozen=True, slots=True)
class Check:
    """One oracle's verdict: the relative error of every gradient line, or BELOW_RESOLUTION.

    ``checked`` tells, for lines of which only some entries were tried, how many.
    """

    oracle: str
    tolerance: float
    by_line: dict[str, float | str]
    checked: dict[str, int]

    @property
    def max_relative_error(self) -> float:
        """The largest error among the lines that could be resolved."""
        return max((e for e in self.by_line.values() if isinstance(e, float)), default=0.0)

    @property
    def passed(self) -> bool:
        """Whether no line that could be resolved is off by more than the tolerance."""
        return self.max_relative_error <= self.tolerance


def relative_error(p: Array, q: Array) -> float:
    """‖p − q‖ / max(‖p‖ + ‖q‖, tiny), scaled first so that no square over- or underflows.

    NaN or inf in either gives inf.
    """
    p, q = np.asarray(p, dtype=np.float64).ravel(), np.asarray(q, dtype=np.float64).ravel()
    largest = max(np.abs(p).max(initial=0.0), np.abs(q).max(initial=0.0))
    if not np.isfinite(largest):
        return float("inf")
    if largest < _TINY:
        return 0.0
    # Two divisions: 1/largest overflows for subnormal numbers.
    p, q = p / largest, q / largest
    return float(np.linalg.norm(p - q) / (np.linalg.norm(p) + np.linalg.norm(q)))


# ----------------------------------------------------------------------------------------- autograd

_FORWARD: dict[str, Callable[[Any], Any]] = {
    "identity": lambda z: z,
    "sigmoid": lambda z: anp.exp(-anp.logaddexp(0.0, -z)),
    "tanh": anp.tanh,
    "relu": lambda z: anp.where(z > 0, z, 0.0),
    "leaky_relu": lambda z: anp.where(z > 0, z, LEAKY_SLOPE * z),
    "elu": lambda z: anp.where(
        z > 0, z, ELU_ALPHA * (anp.exp(anp.where(z > 0, 0.0, z)) - 1.0)
    ),
    "softplus": lambda z: anp.logaddexp(0.0, z),
    "gelu": lambda z: 0.5 * z * (1.0 + anp.tanh(_gelu_inner(anp.clip(z, -30.0, 30.0)))),
    "silu": lambda z: z * anp.exp(-anp.logaddexp(0.0, -z)),
    "softmax": lambda z: anp.exp(_log_softmax(z)),
}


def _gelu_inner(z: Any) -> Any:
    return anp.sqrt(2.0 / anp.pi) * (z + 0.044715 * z * z * z)


def _log_softmax(z: Any) -> Any:
    shifted = z - anp.max(z, axis=1, keepdims=True)
    return shifted - anp.log(anp.sum(anp.exp(shifted), axis=1, keepdims=True))


def _bounded_log(p: Any) -> Any:
    return anp.log(anp.where(p > 1e-300, p, 1e-300))


def _huber(d: Any) -> Any:
    size = anp.abs(d)
    return anp.where(
        size <= HUBER_DELTA, 0.5 * d * d, HUBER_DELTA * (size - 0.5 * HUBER_DELTA)
    )


_LOSS: dict[str, Callable[[Any, Any], Any]] = {
    "mse": lambda a, y: (a - y) ** 2,
    "mae": lambda a, y: anp.abs(a - y),
    "huber": lambda a, y: _huber(a - y),
    "binary_cross_entropy": lambda a, y: (
        -y * _bounded_log(a) - (1.0 - y) * _bounded_log(1.0 - a)
    ),
    "cross_entropy": lambda a, y: -y * _bounded_log(a),
}

_FUSED_LOSS: dict[tuple[str, str], Callable[[Any, Any], Any]] = {
    ("sigmoid", "binary_cross_entropy"): lambda z, y: (
        y * anp.logaddexp(0.0, -z) + (1.0 - y) * anp.logaddexp(0.0, z)
    ),
    ("softmax", "cross_entropy"): lambda z, y: -y * _log_softmax(z),
}


def _oracle_cost(
    weights: dict[str, Any],
    nudges: dict[str, Any],
    x: Array,
    target: Array,
    network: Network,
    objective: Objective,
) -> Any:
    a = x
    z = x
    for index, layer in enumerate(network.layers, start=1):
        z = anp.dot(a, weights[f"W{index}"]) + weights[f"b{index}"] + nudges[f"z{index}"]
        a = _FORWARD[layer.activation](z) + nudges[f"a{index}"]
    if objective.fuses(network):
        losses = _FUSED_LOSS[network.layers[-1].activation, objective.cost](z, target)
    else:
        losses = _LOSS[objective.cost](a, target)
    cost = objective.factor(*target.shape) * anp.sum(losses)
    for index in range(1, network.depth + 1):
        W = weights[f"W{index}"]  # noqa: N806
        if objective.l1:
            cost = cost + objective.l1 * anp.sum(anp.abs(W))
        if objective.l2:
            cost = cost + 0.5 * objective.l2 * anp.sum(W * W)
    return cost


_oracle_gradient = grad(_oracle_cost, (0, 1))


def _output_resolution(trace: Trace) -> float:
    """How well ∂C/∂z of the last layer is known: prediction − target loses digits when they agree.

    All gradients inherit this relative uncertainty, in whichever way they are computed.
    """
    last, objective = trace.network.depth, trace.objective
    fused = objective.fuses(trace.network)
    gradient = trace[f"dC_dz{last}" if fused else f"dC_da{last}"]
    prediction, target = trace[f"a{last}"], trace["target"]
    if not fused and objective.entry.room is not None:
        # 1/a and 1/(1 − a) know as many digits as a and 1 − a do.
        room = np.maximum(objective.entry.room(prediction), _TINY)
        operands = np.linalg.norm(gradient * np.maximum(1.0, np.abs(prediction) / room))
    else:
        operands = trace["cost_factor"] * np.linalg.norm(np.abs(prediction) + np.abs(target))
    size = np.linalg.norm(gradient)
    return float(64.0 * _EPS * operands / max(size, _TINY)) if size > 0 else 0.0


def check_autograd(trace: Trace) -> Check:
    """Compare every gradient line of ``trace`` with autograd."""
    network = trace.network
    weights = {k: v for k, v in trace.givens.items() if k[0] in "Wb" and k[1:].isdigit()}
    samples = trace.samples
    nudges = {
        f"{letter}{index}": np.zeros((samples, units))
        for index, (_, units) in enumerate(network.shapes, start=1)
        for letter in "za"
    }
    with np.errstate(all="ignore"):
        by_weight, by_nudge = _oracle_gradient(
            weights, nudges, trace["x"], trace["target"], network, trace.objective
        )
        resolution = _output_resolution(trace)
    oracle = {**by_weight, **by_nudge}
    by_line: dict[str, float | str] = {}
    for name in trace.gradient_lines():
        error = relative_error(trace[name], oracle[name.removeprefix("dC_d")])
        hidden = AUTOGRAD_TOLERANCE < error <= resolution
        by_line[name] = BELOW_RESOLUTION if hidden else error
    return Check("autograd", AUTOGRAD_TOLERANCE, by_line, {})


# ------------------------------------------------------------------------------- finite differences


class _Costs:
    """C for many perturbed copies of one layer's values at once, by the working's own operations."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.samples = trace.samples
        self.network = trace.network
        self.values = trace.values()
        objective = trace.objective
        self.factor = objective.factor(*trace["target"].shape)
        if objective.fuses(self.network):
            self.reads = f"z{self.network.depth}"
            activation = self.network.layers[-1].activation
            self.loss = objective.entry.fused[activation].loss
        else:
            self.reads = f"a{self.network.depth}"
            self.loss = objective.entry.loss
        # log a and log(1 − a) carry the rounding of a and of 1 − a, magnified by the slope.
        self.rounding = 0.0
        if not objective.fuses(self.network) and objective.entry.room is not None:
            slope, a = trace[f"dC_da{self.network.depth}"], trace[self.reads]
            self.rounding = _EPS * float(np.abs(slope * a).sum())
        self.penalty = sum(
            float(line.value) for line in trace.lines if line.id.startswith("penalty")
        )

    def of(self, name: str, copies: Array) -> Array:
        """C of each copy, (P,), where ``copies`` (P, N, n) replaces the value ``name`` (z2, a1)."""
        count, samples, units = copies.shape
        chunk = max(1, MAX_ROWS // samples)
        return np.concatenate(
            [
                self._chunk(name, copies[k : k + chunk].reshape(-1, units))
                for k in range(0, count, chunk)
            ]
        )

    def _chunk(self, name: str, rows: Array) -> Array:
        values: dict[str, Any] = dict(self.values)
        values[name] = rows
        steps = forward_steps(self.network)
        after = next(k for k, step in enumerate(steps) if step.id == name) + 1
        prediction = run(steps[after:], values)[self.reads]
        copies = len(rows) // self.samples
        target = np.tile(self.trace["target"], (copies, 1))
        losses = self.loss(prediction, target)
        total: Array = losses.reshape(copies, -1).sum(axis=1)
        return self.factor * total + self.penalty


def _chosen(size: int) -> NDArray[np.intp]:
    """The flat indices of the entries to try: all, or MAX_ENTRIES spread evenly."""
    if size <= MAX_ENTRIES:
        return np.arange(size)
    return np.unique(np.linspace(0, size - 1, MAX_ENTRIES).astype(np.intp))


@dataclass(frozen=True, slots=True)
class _Differences:
    """Slopes of C in chosen entries of one array, with what float64 leaves uncertain."""

    central: Array
    forward: Array
    backward: Array
    noise: Array


def _differences(costs: _Costs, plus: Array, minus: Array, h: Array) -> _Differences:
    centre = costs.trace.cost
    scale = np.maximum(np.abs(plus), np.maximum(np.abs(minus), abs(centre)))
    return _Differences(
        central=(plus - minus) / (2.0 * h),
        forward=(plus - centre) / h,
        backward=(centre - minus) / h,
        # A sum of many terms is rounded a few times over.
        noise=8.0 * (_EPS * scale + costs.rounding) / h,
    )


def _nudged(
    costs: _Costs, name: str, chosen: NDArray[np.intp], relative_step: float
) -> _Differences:
    """Differences in the ``chosen`` entries of z or a themselves."""
    value: Array = costs.values[name]
    h = relative_step * np.maximum(1.0, np.abs(value.ravel()[chosen]))
    room = costs.trace.objective.entry.room
    if name == costs.reads and name[0] == "a" and room is not None:
        # Next to the pole of a logarithm the step has to shrink with the distance to it.
        h = np.maximum(relative_step * room(value.ravel()[chosen]), 1e-305)

    def copies(sign: float) -> Array:
        stack = np.repeat(value.reshape(1, -1), len(chosen), axis=0)
        stack[np.arange(len(chosen)), chosen] += sign * h
        return stack.reshape(len(chosen), *value.shape)

    plus, minus = costs.of(name, copies(1.0)), costs.of(name, copies(-1.0))
    return _differences(costs, plus, minus, h)


def _parameter(
    costs: _Costs, name: str, chosen: NDArray[np.intp], relative_step: float
) -> _Differences:
    """Differences in the ``chosen`` entries of W or b of a layer.

    A weight touches one column of z, so each perturbed layer computes that column anew with
    ``affine`` from the perturbed weights, and the rest of the network follows.
    """
    values, objective, index = costs.values, costs.trace.objective, int(name[1:])
    a: Array = values["x" if index == 1 else f"a{index - 1}"]
    W, b, z = values[f"W{index}"], values[f"b{index}"], values[f"z{index}"]  # noqa: N806
    weights = name.startswith("W")
    rows, columns = np.divmod(chosen, W.shape[1]) if weights else (None, chosen)
    current = (W if weights else b).ravel()[chosen]
    h = relative_step * np.maximum(1.0, np.abs(current))
    if weights:
        # z moves by h·a: keep that as small for large inputs as for small ones.
        h = h / np.maximum(1.0, np.abs(a).max(axis=0)[rows])
    span = np.arange(len(chosen))

    def costs_of(sign: float) -> Array:
        moved_W, moved_b = W[:, columns].copy(), b[columns].copy()  # noqa: N806
        if weights:
            moved_W[rows, span] += sign * h
        else:
            moved_b += sign * h
        copies = np.repeat(z[None, :, :], len(chosen), axis=0)
        copies[span, :, columns] = OPS["affine"].compute(a, moved_W, moved_b).T
        total = costs.of(f"z{index}", copies)
        if weights and objective.penalized:
            moved = moved_W[rows, span]
            total = total + objective.l1 * (np.abs(moved) - np.abs(current))
            total = total + 0.5 * objective.l2 * (np.square(moved) - np.square(current))
        return total

    return _differences(costs, costs_of(1.0), costs_of(-1.0), h)


def _has_corners(trace: Trace) -> bool:
    smooth = all(ACTIVATIONS[layer.activation].smooth for layer in trace.network.layers)
    return not (smooth and trace.objective.entry.smooth and trace.objective.l1 == 0)


def _slope(gradient: Array, found: _Differences, corners: bool) -> Array:
    """The slope to compare with: the central difference, save at a corner."""
    if not corners:
        return found.central
    # At a corner (ReLU at 0) any value between the two one-sided slopes is a derivative, and a
    # step across a corner nearby sees a mixture of both.
    low = np.minimum(found.forward, found.backward)
    high = np.maximum(found.forward, found.backward)
    split = high - low > 1e-3 * np.maximum(np.abs(low), np.abs(high)) + 4.0 * found.noise
    return np.where(split, np.clip(gradient, low, high), found.central)


def _compare(
    gradient: Array, differences: Callable[[float], _Differences], corners: bool
) -> float | str:
    """The relative error, or BELOW_RESOLUTION where the differences are all rounding.

    Only where the usual step disagrees is a second, shorter one taken, which tells a wrong
    gradient from a cost so curved that the usual step was too long.
    """
    usual = differences(_STEP)
    slope = _slope(gradient, usual, corners)
    error = relative_error(gradient, slope)
    if error <= DIFFERENCES_TOLERANCE:
        return error
    short = differences(_STEP / 32.0)
    short_slope = _slope(gradient, short, corners)
    unsure = float(np.linalg.norm(usual.noise) + np.linalg.norm(slope - short_slope))
    short_unsure = float(np.linalg.norm(short.noise) + np.linalg.norm(slope - short_slope) / 500.0)
    if not unsure < short_unsure:
        slope, unsure = short_slope, short_unsure
    error = relative_error(gradient, slope)
    size = float(np.linalg.norm(gradient) + np.linalg.norm(slope))
    difference = float(np.linalg.norm(gradient - slope))
    hidden = DIFFERENCES_TOLERANCE * size < unsure and (difference <= unsure or size < unsure)
    return BELOW_RESOLUTION if error > DIFFERENCES_TOLERANCE and hidden else error


def check_finite_differences(trace: Trace) -> Check:
    """Compare every gradient line of ``trace`` with central differences of its own forward pass."""
    costs = _Costs(trace)
    corners = _has_corners(trace)
    by_line: dict[str, float | str] = {}
    checked: dict[str, int] = {}
    with np.errstate(all="ignore"):
        for line in trace.lines:
            if not line.id.startswith("dC_d"):
                continue
            name = line.id.removeprefix("dC_d")
            chosen = _chosen(line.value.size)
            find = _parameter if name[0] in "Wb" else _nudged
            by_line[line.id] = _compare(
                line.value.ravel()[chosen], partial(find, costs, name, chosen), corners
            )
            if len(chosen) < line.value.size:
                checked[line.id] = len(chosen)
    return Check("finite_differences", DIFFERENCES_TOLERANCE, by_line, checked)
