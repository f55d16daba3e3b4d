"""Recognise arrays by their values, in any orientation, shape and scaling."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from backprop_explorer.engine.activations import ACTIVATIONS
from backprop_explorer.engine.trace import Trace
from backprop_explorer.texts import tutor_code as texts
from backprop_explorer.tutor.code.arrays import Array

# float64 with another order of operations; float32, as from torch.
RELATIVE = 1e-8
SINGLE = 2e-6


@dataclass(frozen=True, slots=True)
class Label:
    """What a recorded array is: the id of a line or given, or an intermediate quantity.

    ``factor`` is what the line must be multiplied by. ``sample`` is set if it is the part of one
    sample of a batch. ``line`` is whether ``name`` is the id of a line or given.
    """

    name: str
    factor: float = 1.0
    sample: int | None = None
    line: bool = True


class Index:
    """Arrays by name, found by their entries in row or column order."""

    def __init__(self) -> None:
        self._labels: dict[int, list[Label]] = {}
        self._rows: dict[int, list[Array]] = {}
        self._stacked: dict[int, Array] = {}

    def add(self, label: Label, value: Any) -> None:
        """Add an array, in both orientations of its last two axes."""
        array = np.asarray(value, dtype=np.float64)
        if not array.size or not np.isfinite(array).all():
            return
        forms = [array.ravel()]
        if array.ndim > 1:
            turned = array.swapaxes(-1, -2).ravel()
            if not np.array_equal(turned, forms[0]):
                forms.append(turned)
        for form in forms:
            self._labels.setdefault(array.size, []).append(label)
            self._rows.setdefault(array.size, []).append(form)
            self._stacked.pop(array.size, None)

    def find(self, value: Array, relative: float = RELATIVE) -> list[Label]:
        """Return the labels of all arrays that have the entries of ``value``, in order."""
        size = value.size
        if size not in self._rows or not np.isfinite(value).all():
            return []
        if size not in self._stacked:
            self._stacked[size] = np.stack(self._rows[size])
        stacked = self._stacked[size]
        given = value.ravel()
        bound = relative * (np.abs(stacked).max(axis=1) + 1e-300)
        hits = np.flatnonzero((np.abs(stacked - given) <= bound[:, None]).all(axis=1))
        found = [self._labels[size][at] for at in hits.tolist()]
        return list(dict.fromkeys(found))


def same_entries(value: Array, expected: Any, relative: float = RELATIVE) -> bool:
    """Whether both arrays have the same entries in row or column order, whatever their shape."""
    wanted = np.asarray(expected, dtype=np.float64)
    if value.size != wanted.size or not wanted.size:
        return False
    bound = relative * (np.abs(wanted).max() + 1e-300)
    if not np.isfinite(bound):
        return False
    given = value.ravel()
    if (np.abs(given - wanted.ravel()) <= bound).all():
        return True
    if wanted.ndim < 2:
        return False
    return bool((np.abs(given - wanted.swapaxes(-1, -2).ravel()) <= bound).all())


def line_values(traces: tuple[Trace, ...]) -> dict[str, Any]:
    """Return the givens and lines of all traces by id; the first has priority."""
    values: dict[str, Any] = {}
    for trace in traces:
        for name, value in trace.values().items():
            values.setdefault(name, value)
    return {name: value for name, value in values.items() if np.size(value) and name != "step"}


def right_index(traces: tuple[Trace, ...]) -> Index:
    """Return an index of everything that a right program may compute."""
    index = Index()
    values = line_values(traces)
    scalars = {"cost_factor", "l1", "l2", "learning_rate"}
    for name, value in values.items():
        if name not in scalars:
            index.add(Label(name), value)
    factors = _factors(traces[0])
    for name, value in values.items():
        if name.startswith("dC_d") or name in ("C", "C_data"):
            for factor in factors:
                index.add(Label(name, factor), factor * np.asarray(value))
    for name, value in _intermediates(traces[0], values):
        index.add(Label(name, line=False), value)
    if traces[0].samples > 1:
        _add_samples(index, traces[0], values, factors)
        for name, value in _intermediates(traces[0], values):
            if name.startswith("f'"):
                for sample, row in enumerate(value[:32]):
                    index.add(Label(name, sample=sample, line=False), row)
    return index


def _factors(trace: Trace) -> list[float]:
    """Return the factors by which a right program's gradients may differ until the end."""
    samples, outputs = trace.givens["target"].shape
    sizes = {1.0, 2.0, float(samples), float(outputs), float(samples * outputs)}
    found = {a / b for a in sizes for b in sizes} | {a * b for a in sizes for b in sizes}
    scale = 1.0 / float(trace.givens["cost_factor"])
    found |= {scale, scale / 2.0, scale * 2.0}
    return [each for each in sorted(found) if abs(each - 1.0) > 1e-12]


def _add_samples(
    index: Index, trace: Trace, values: Mapping[str, Any], factors: list[float]
) -> None:
    """Add the rows of each sample, and what each sample contributes to the gradients."""
    depth = trace.network.depth
    for name, value in values.items():
        if name in ("x", "target") or (name[0] in "az" and name[1:].isdigit()):
            for sample, row in enumerate(value[:32]):
                index.add(Label(name, sample=sample), row)
    for k in range(1, depth + 1):
        below = values["x"] if k == 1 else values[f"a{k - 1}"]
        dz = values[f"dC_dz{k}"]
        for sample in range(min(trace.samples, 32)):
            for factor in (1.0, *factors):
                for name in (f"dC_dz{k}", f"dC_da{k}"):
                    if name in values:
                        index.add(Label(name, factor, sample), factor * values[name][sample])
                part = factor * np.outer(below[sample], dz[sample])
                index.add(Label(f"dC_dW{k}", factor, sample), part)


def _intermediates(trace: Trace, values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield quantities that are no lines of the working, but on the way to one."""
    for k, layer in enumerate(trace.network.layers, start=1):
        below = values["x"] if k == 1 else values[f"a{k - 1}"]
        z, a = values[f"z{k}"], values[f"a{k}"]
        yield texts.times_input(k), below @ values[f"W{k}"]
        activation = ACTIVATIONS[layer.activation]
        if activation.derivative is not None:
            slope = activation.derivative(z)
            yield f"f'(z{k})", slope
            if trace.samples == 1:
                yield f"∂a{k}/∂z{k}", np.diag(slope[0])
        with np.errstate(all="ignore"):
            yield from _parts_of_activation(k, z, a)
    error = values[f"a{trace.network.depth}"] - values["target"]
    yield texts.PREDICTION_MINUS_TARGET, error
    yield texts.TARGET_MINUS_PREDICTION, -error
    yield texts.SQUARED_ERROR, error**2


def _parts_of_activation(k: int, z: Array, a: Array) -> Iterator[tuple[str, Any]]:
    shifted = np.exp(z - z.max(axis=1, keepdims=True))
    yield from (
        (f"exp(−z{k})", np.exp(-z)),
        (f"exp(z{k})", np.exp(z)),
        (f"1 + exp(−z{k})", 1.0 + np.exp(-z)),
        (f"1 + exp(z{k})", 1.0 + np.exp(z)),
        (f"exp(z{k} − max)", shifted),
        (f"z{k} − max", z - z.max(axis=1, keepdims=True)),
        (texts.sum_of_exp(k), shifted.sum(axis=1)),
        (f"1 − a{k}", 1.0 - a),
        (f"a{k}²", a**2),
        (f"a{k}(1 − a{k})", a * (1.0 - a)),
        (f"1 − a{k}²", 1.0 - a**2),
        (f"log a{k}", np.log(np.abs(a) + 1e-300)),
    )
