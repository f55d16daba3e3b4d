"""Numbers with which a mistake cannot be seen, and others in their place.

With biases of 0 a missing bias changes nothing, with a dead layer any ∂C/∂z below it is 0. Where
the arrays of the program can be found, it runs again with random numbers in them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from backprop_explorer.engine import names
from backprop_explorer.engine.activations import ACTIVATIONS
from backprop_explorer.engine.costs import HUBER_DELTA
from backprop_explorer.engine.names import Name
from backprop_explorer.engine.trace import Trace
from backprop_explorer.texts import tutor_code as texts
from backprop_explorer.tutor.exercise.observed import Array
from backprop_explorer.tutor.problem import Problem

DRAWS = 20


@dataclass(frozen=True)
class CodeGivens:
    """What a program is checked with; ``objects`` has x, W1, b1, … as the caller holds them."""

    problem: Problem
    objects: Mapping[Name, Any]

    @property
    def parameters(self) -> list[Name]:
        """The names of the parameters that the network has: W1, b1, …"""
        return [name for name in self.objects if name != "x"]

    def blind_spots(self) -> dict[str, tuple[str, ...]]:
        """Return why mistakes cannot be seen with these numbers, and the lines of each reason."""
        return _blind_spots(self.problem.traces[0], self.parameters)

    def replaced(self, holders: Sequence[Any]) -> tuple[Trace, ...] | None:
        """Write random numbers into the arrays and lists among ``holders`` that have the givens.

        Return the working with these numbers; None if an array is not found, before anything is
        written. x may stay as it is.
        """
        old = self.problem.traces[0].givens
        places = {name: self._places(name, holders) for name in self.objects}
        used = [id(holder) for some in places.values() for holder in some]
        if len(set(used)) < len(used) or not all(places[name] for name in self.parameters):
            return None
        traces = self._drawn(keep_x=not places[names.X])
        if traces is None:
            return None
        for name, some in places.items():
            for holder in some:
                _fill(holder, self._forms(name, old), self._forms(name, traces[0].givens))
        return traces

    def _drawn(self, *, keep_x: bool) -> tuple[Trace, ...] | None:
        old = self.problem.traces[0].givens
        for seed in range(DRAWS):
            draw = _Draw(seed)
            x = old["x"] if keep_x else draw(old["x"].shape)
            length = max(1.0, float(np.abs(x).max(initial=0.0)))
            layers = []
            for k, (n_in, n_out) in enumerate(self.problem.traces[0].network.shapes, start=1):
                W = draw((n_in, n_out), n_in**-0.5 / (length if k == 1 else 1.0))
                bias = names.biases(k)
                b = draw((n_out,), 0.5) if bias in self.objects else old[bias]
                layers.append((W, b))
            traces = replace(self.problem, layers=layers, x=x).traces
            if not _blind_spots(traces[0], self.parameters):
                return traces
        return None

    def _places(self, name: Name, holders: Sequence[Any]) -> list[Any]:
        """Return the arrays and lists that have the numbers of one given."""
        given = self.objects[name]
        forms = self._forms(name, self.problem.traces[0].givens)
        found = [each for each in holders if _fits(each, forms)]
        same = [each for each in found if each is given or _is_view(each, given)]
        if len(np.unique(forms[0])) > 1:
            return found
        # Other arrays may be filled with the same number.
        return same or (found if len(found) == 1 else [])

    def _forms(self, name: str, givens: Mapping[str, Any]) -> tuple[Array, Array]:
        """Return a given as the exercise shows it, and transposed."""
        shown = np.asarray(
            self.problem.notation.show(givens[name], self.problem.traces[0].graph.axes[name])
        )
        return shown, shown.T


class _Draw:
    """Draws random arrays that a program may hold in single precision."""

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng(seed)

    def __call__(self, shape: tuple[int, ...], size: float = 1.0) -> Array:
        drawn = size * self._rng.normal(size=shape)
        return drawn.astype(np.float32).astype(np.float64)


def _blind_spots(trace: Trace, parameters: Sequence[Name]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    zero = [g for g in map(names.gradient, parameters) if not np.any(trace[g])]
    if zero:
        found[texts.are_zero(", ".join(each.plain for each in zero))] = tuple(zero)
    for k, layer in enumerate(trace.network.layers, start=1):
        z, bias = names.weighted_sum(k), names.biases(k)
        W = trace.givens[names.weights(k)]
        if bias in parameters and not np.any(trace.givens[bias]):
            found[texts.are_zero(bias.plain)] = (z,)
        flat = min(W.shape) > 1 and (_rows_are_equal(W) or _rows_are_equal(W.T))
        if flat or (len(W) > 1 and W.shape == W.T.shape and np.array_equal(W, W.T)):
            found[texts.symmetric(names.weights(k).plain)] = (z,)
        slope = ACTIVATIONS[layer.activation].derivative
        if slope is not None and np.ptp(slope(np.array([-2.0, -0.5, 0.5, 2.0]))):
            slopes = slope(trace[z])
            if slopes.size > 1 and np.any(slopes) and not np.ptp(slopes):
                found[texts.slopes_are_equal(k)] = (names.gradient(z),)
    if trace.samples > 1 and _rows_are_equal(trace.givens["x"]):
        found[texts.SAMPLES_ARE_EQUAL] = (names.gradient(names.weights(1)),)
    if trace.objective.cost == "huber":
        target, output = trace.givens["target"], names.activation(trace.network.depth)
        inside = np.abs(trace[output] - target) < HUBER_DELTA
        if target.size > 1 and np.all(inside == inside.flat[0]):
            found[texts.ONE_PART_OF_HUBER] = (names.COST, names.gradient(output))
    return found


def _rows_are_equal(value: Array) -> bool:
    return bool(np.all(value == value[0]))


def _is_view(holder: Any, given: Any) -> bool:
    arrays = isinstance(holder, np.ndarray) and isinstance(given, np.ndarray)
    return arrays and holder.size == given.size and np.may_share_memory(holder, given)


def _fits(holder: Any, forms: Sequence[Array]) -> bool:
    """Whether an array or a list of floats has the numbers of a given."""
    if isinstance(holder, np.ndarray) and holder.dtype.kind != "f":
        return False
    value = numbers(holder)
    return value is not None and any(
        value.size == form.size and np.array_equal(value.ravel(), form.ravel()) for form in forms
    )


def _fill(holder: Any, forms: Sequence[Array], others: Sequence[Array]) -> None:
    """Write numbers into what holds the first ones, in its shape; both as shown and transposed."""
    value = numbers(holder)
    assert value is not None, "only numbers fit"
    fitting = [
        other
        for form, other in zip(forms, others, strict=True)
        if np.array_equal(value.ravel(), form.ravel())
    ]
    alike = [each for each in fitting if _lengths(each) == _lengths(value)]
    _write(holder, (alike or fitting)[0].reshape(value.shape))


def numbers(value: Any) -> Array | None:
    """Return an array, or a list of numbers of which one is a float, as a new float64 array."""
    if isinstance(value, list | tuple):
        entries = np.array(value, dtype=object) if value else np.empty(0)
        if not any(isinstance(each, float | np.floating) for each in entries.flat):
            return None
        value = entries
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "fiuO":
        return None
    try:
        return value.astype(np.float64)
    except (TypeError, ValueError):
        return None


def _lengths(value: Array) -> list[int]:
    """Return the shape without axes of length 1."""
    return [length for length in value.shape if length != 1]


def _write(holder: Any, value: Array) -> None:
    if isinstance(holder, np.ndarray):
        holder[...] = value
        return
    for index, each in enumerate(value):
        if isinstance(holder[index], list):
            _write(holder[index], each)
        else:
            holder[index] = float(each)
