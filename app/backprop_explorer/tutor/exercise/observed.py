"""What a recorded run computed, compared with the working of the givens.

``Observed`` knows of every step which line of the working its value is: in any orientation and
shape, up to the factors of reductions, and for one sample of a batch.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.engine import names
from backprop_explorer.engine.activations import ACTIVATIONS
from backprop_explorer.engine.notation import Notation
from backprop_explorer.engine.trace import Trace
from backprop_explorer.texts import tutor_code as texts
from backprop_explorer.tutor.checker.variants import Variant
from backprop_explorer.tutor.mistakes import ids
from backprop_explorer.tutor.program.steps import Run
from backprop_explorer.tutor.program.truth import KnownArrays

Array = NDArray[np.float64]
# float64 with another order of operations; float32, as from torch.
RELATIVE, SINGLE = 1e-8, 2e-6
MAX_SAMPLES = 32
_COSTS = (names.COST, names.COST_OF_DATA)


@dataclass(frozen=True, slots=True)
class Label:
    """What an array is: the id of a line or given, or another quantity (``line`` is False).

    ``factor`` is what the line must be multiplied by. ``sample`` is set if it is the part of one
    sample of a batch.
    """

    name: str
    factor: float = 1.0
    sample: int | None = None
    line: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """An array that the program hands back, and the line of the working that it should be.

    ``index`` is its step, ``sign`` −1.0 if it is subtracted from what it should be added to.
    """

    path: str
    value: Array
    line: str
    index: int = -1
    guessed: bool = False  # by its size or place alone


def _orientations(array: Array) -> list[Array]:
    forms = [array.ravel()]
    if array.ndim > 1:
        turned = array.swapaxes(-1, -2).ravel()
        if not np.array_equal(turned, forms[0]):
            forms.append(turned)
    return forms


def same_entries(value: Array, expected: Any, relative: float = RELATIVE) -> bool:
    """Whether both arrays have the same entries in row or column order, whatever their shape."""
    wanted = np.asarray(expected, dtype=np.float64)
    if value.size != wanted.size or not wanted.size:
        return False
    bound = relative * (np.abs(wanted).max() + 1e-300)
    given = value.ravel()
    return bool(
        np.isfinite(bound)
        and any((np.abs(given - form) <= bound).all() for form in _orientations(wanted))
    )


def line_values(traces: tuple[Trace, ...]) -> dict[str, Any]:
    """Return the givens and lines of all traces by id; the first has priority."""
    values: dict[str, Any] = {}
    for trace in traces:
        for name, value in trace.values().items():
            values.setdefault(name, value)
    return {name: value for name, value in values.items() if np.size(value) and name != "step"}


def right_arrays(traces: tuple[Trace, ...], relative: float) -> KnownArrays:
    """Return what a right program may compute."""
    index, values, trace = KnownArrays(relative), line_values(traces), traces[0]
    factors = _factors(trace)
    for name, value in values.items():
        if name not in ("cost_factor", "l1", "l2", "learning_rate"):
            index.add(value, Label(name))
    for name, value in values.items():
        for factor in factors if names.named(name).gradient_of or name in _COSTS else ():
            index.add(factor * np.asarray(value), Label(name, factor))
    for name, value in _between(trace, values):
        index.add(value, Label(name, line=False))
    if trace.samples > 1:
        _add_samples(index, trace, values, factors)
    return index


def _factors(trace: Trace) -> list[float]:
    """Return the factors by which a right program's gradients may differ until the end."""
    samples, outputs = trace.givens["target"].shape
    sizes = {1.0, 2.0, float(samples), float(outputs), float(samples * outputs)}
    found = {a / b for a in sizes for b in sizes} | {a * b for a in sizes for b in sizes}
    scale = 1.0 / float(trace.givens["cost_factor"])
    found |= {scale, scale / 2.0, scale * 2.0}
    return [each for each in sorted(found) if abs(each - 1.0) > 1e-12]


def _between(trace: Trace, values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield quantities that are no lines of the working, but on the way to one."""
    for k, layer in enumerate(trace.network.layers, start=1):
        below = values[names.activation(k - 1)]
        z = values[names.weighted_sum(k)]
        yield texts.times_input(names.weights(k)), below @ values[names.weights(k)]
        yield f"1 − {names.activation(k)}", 1.0 - values[names.activation(k)]
        if layer.activation == "softmax":
            yield f"exp({names.weighted_sum(k)})", np.exp(z)
            yield f"exp({names.weighted_sum(k)})", np.exp(z - z.max(axis=1, keepdims=True))
        elif layer.activation == "sigmoid":
            yield f"exp(−{names.weighted_sum(k)})", np.exp(-z)
            yield f"exp(−{names.weighted_sum(k)})", np.exp(-np.abs(z))
            yield f"1 + exp(−{names.weighted_sum(k)})", 1.0 + np.exp(-z)
            carried, a = values.get(names.gradient(names.activation(k))), 1.0 / (1.0 + np.exp(-z))
            for factor in (a, 1.0 - a) if carried is not None else ():
                yield texts.first_factor(k), carried * factor
        derivative = ACTIVATIONS[layer.activation].derivative
        if derivative is not None:
            slope = derivative(z)
            if np.ptp(slope) or slope.size == 1:
                yield f"f'({names.weighted_sum(k)})", slope
            if trace.samples == 1:
                yield f"∂{names.activation(k)}/∂{names.weighted_sum(k)}", np.diag(slope[0])
        if trace.objective.penalized:
            W = names.gradient(names.weights(k))
            yield W, below.T @ values[names.gradient(names.weighted_sum(k))]
    error = values[names.activation(trace.network.depth)] - values["target"]
    yield texts.PREDICTION_MINUS_TARGET, error
    yield texts.TARGET_MINUS_PREDICTION, -error


def _add_samples(
    index: KnownArrays, trace: Trace, values: Mapping[str, Any], factors: list[float]
) -> None:
    """Add the rows of each sample, and what each sample contributes to the gradients."""
    count = min(trace.samples, MAX_SAMPLES)
    forward = [n for n in values if names.named(n).kind in (names.X, names.TARGET, "a", "z")]
    rows = [(Label(n, sample=s), values[n][s]) for n in forward for s in range(count)]
    rows += [
        (Label(name, sample=s, line=False), value[s])
        for name, value in _between(trace, values)
        if name.startswith("f'")
        for s in range(count)
    ]
    for label, row in rows:
        index.add(row, label)
    for k in range(1, trace.network.depth + 1):
        below = values[names.activation(k - 1)]
        z, W = names.weighted_sum(k), names.weights(k)
        dz = values[names.gradient(z)]
        for s in range(count):
            for factor in (1.0, *factors):
                for name in (names.gradient(z), names.gradient(names.activation(k))):
                    if name in values:
                        index.add(factor * values[name][s], Label(name, factor, s))
                part = factor * np.outer(below[s], dz[s])
                index.add(part, Label(names.gradient(W), factor, s))


class Observed:
    """The steps of a run, recognised, and the results of the program.

    ``labels[k]`` lists what a right program would call the value of step k. ``turned`` is whether
    the program's weights are the transposes of those in ``notation``.
    """

    def __init__(self, run: Run, traces: tuple[Trace, ...], notation: Notation) -> None:
        self.run, self.traces, self.notation = run, traces, notation
        self.depth = traces[0].network.depth
        self.relative = SINGLE if run.single_precision else RELATIVE
        self.lines = line_values(traces)
        self._right = right_arrays(traces, self.relative)
        self.values = [np.asarray(each.value, dtype=np.float64) for each in run.steps]
        self.made = [bool(each.op) and each.value.dtype.kind == "f" for each in run.steps]
        self._joined = self._joined_layers()
        self.labels = [self._labels(value) for value in self.values]
        self.turned = self._weights_are_turned()
        self.results: tuple[Result, ...] = ()

    def _labels(self, value: Array) -> list[Label]:
        return next((found for each in self.forms(value) if (found := self.recognise(each))), [])

    def recognise(self, value: Array) -> list[Label]:
        """Return what a right program would call an array."""
        found = (each for each in self._right.find(value) if abs(each.factor - 1.0) < self.relative)
        return list(dict.fromkeys(each.label for each in found))

    # W with b as one more row, and what has a 1 for it

    def _joined_layers(self) -> list[tuple[int, int]]:
        """Return the shapes (n_in, n_out) of the layers whose W has b as one more row here."""
        return [
            (n_in, n_out)
            for k, (n_in, n_out) in enumerate(self.traces[0].network.shapes, start=1)
            if any(
                form.shape == (n_in + 1, n_out)
                and any(np.array_equal(e, self.lines[names.weights(k)]) for e in _without_row(form))
                for each in self.values
                if each.ndim == 2
                for form in (each, each.T)
            )
        ]

    def forms(self, value: Array) -> list[Array]:
        """Return an array, and what it holds without the entries that are for b."""
        found = [value]
        for axis in range(value.ndim - 1, -1, -1) if 0 < value.ndim < 3 else ():
            for end, rest in ((0, slice(1, None)), (-1, slice(None, -1))):
                if min(value.shape) > 1 and np.all(value.take(end, axis=axis) == 1.0):
                    found.append(value[(slice(None),) * axis + (rest,)])
        if any(value.shape == (n_in + 1, n_out) for n_in, n_out in self._joined):
            found += _without_row(value)
        if any(value.shape == (n_out, n_in + 1) for n_in, n_out in self._joined):
            found += [each.T for each in _without_row(value.T)]
        return found

    # Finding values

    @cached_property
    def _by_size(self) -> dict[int, tuple[Array, Array]]:
        sizes: dict[int, list[tuple[int, Array]]] = {}
        for key, value in enumerate(self.values):
            if self.made[key] and np.isfinite(value).all():
                for each in self.forms(value):
                    sizes.setdefault(each.size, []).append((key, each.ravel()))
        return {
            size: (np.array([key for key, _ in some]), np.stack([each for _, each in some]))
            for size, some in sizes.items()
        }

    def find(self, expected: Any) -> list[int]:
        """Return the steps of the run with the entries of ``expected``, in order."""
        wanted = np.asarray(expected, dtype=np.float64)
        if wanted.size not in self._by_size or not np.isfinite(wanted).all():
            return []
        keys, stacked = self._by_size[wanted.size]
        bound = self.relative * (np.abs(wanted).max(initial=0.0) + 1e-300)
        hits = np.zeros(len(keys), dtype=bool)
        for form in _orientations(wanted):
            hits |= (np.abs(stacked - form) <= bound).all(axis=1)
        return list(dict.fromkeys(keys[hits].tolist()))

    def is_right(self, key: int) -> bool:
        """Whether a right program computes this value, and not only a multiple of it."""
        return any(label.factor == 1.0 for label in self.labels[key])

    def is_right_line(self, key: int) -> bool:
        """Whether the value is a line of the working, and not only on the way to one."""
        return any(label.line and label.factor == 1.0 for label in self.labels[key])

    @cached_property
    def support(self) -> frozenset[int]:
        """The steps that right lines of the working are computed from."""
        right = [
            key
            for key, made in enumerate(self.made)
            if made
            and (self.is_right_line(key) if self.values[key].size > 1 else self.is_entry(key))
        ]
        return self.run.ancestors(right)

    def is_known(self, key: int) -> bool:
        """Whether a right program computes this value, or a multiple of it."""
        return bool(self.labels[key]) or key in self.support

    @cached_property
    def scales(self) -> tuple[float, ...]:
        """Factors of ∂C/∂z and ∂C/∂a in this program, which may divide by N only at the end."""
        samples, outputs = self.traces[0].givens["target"].shape
        scale = 1.0 / float(self.traces[0].givens["cost_factor"])
        found = (1.0, scale, 2.0 * scale, scale / 2.0, samples, outputs, samples * outputs)
        kept = tuple(dict.fromkeys(map(float, found)))
        # With target minus prediction and a step that is added, all gradients have the other sign.
        dC_dz = np.asarray(self.lines[names.gradient(names.weighted_sum(self.depth))])
        forms = [dC_dz, dC_dz[0]] if len(dC_dz) > 1 else [dC_dz]
        known = {label.name for labels in self.labels for label in labels}
        turned = (
            texts.TARGET_MINUS_PREDICTION in known and texts.PREDICTION_MINUS_TARGET not in known
        ) or any(self.find(-each * form) for each in kept for form in forms if np.any(form))
        return (*kept, *(-each for each in kept)) if turned else kept

    def appearances(self, line: str, variant: Variant) -> Iterator[tuple[list[int], float]]:
        """Yield (steps, factor) of the value of a line, of multiples of it, and of its samples."""
        value = np.asarray(variant.value(line), dtype=np.float64)
        forms = [value]
        over_samples = any(each.name == ids.SOFTMAX_WRONG_AXIS for each in variant.mistakes)
        if over_samples and line == names.activation(self.depth):
            forms.append(np.log(value))  # softmax with the logarithm in one step
        rows = self.traces[0].graph.axes.get(line, "") == "nj" and value.ndim == 2
        if rows and self.traces[0].samples > 1:
            forms.append(value[0])  # what the first sample contributes
        # The part of a sample is computed before the sum over the samples.
        for scale in self.scales if names.named(line).gradient_of else (1.0,):
            yield sorted({key for form in forms for key in self.find(scale * form)}), scale

    def partial(self, line: str, value: Any, right: Any) -> list[int]:
        """Return the steps that hold a part of a wrong value, in order.

        A part is one entry, or an array that is filled entry by entry and is 0 elsewhere.
        """
        wrong, good = np.asarray(value, dtype=np.float64), np.asarray(right, dtype=np.float64)
        if wrong.shape != good.shape or wrong.size < 2:
            return []
        if any(label.line and label.factor == 1.0 for label in self.recognise(wrong)):
            return []
        bound = self.relative * (np.abs(wrong).max(initial=0.0) + 1e-300)
        rows = [(wrong, good)]
        if self.traces[0].samples > 1 and self.traces[0].graph.axes.get(line, "") == "nj":
            rows.append((wrong[:1], good[:1]))
        found: set[int] = set()
        for scale in self.scales if names.named(line).gradient_of else (1.0,):
            for values, others in rows:
                differs = np.abs(values - others) > bound
                for entries, changed in ((values, differs), (values.T, differs.T)):
                    found |= self._filled(scale * entries.ravel(), changed.ravel(), scale * bound)
            entry = (wrong[0] if wrong.ndim > 1 else wrong).flat[0]
            if differs.flat[0] and self.is_telling(scale * entry):
                found |= set(self.find(np.array(scale * entry)))
        return sorted(found)

    def _filled(self, entries: Array, changed: Array, bound: float) -> set[int]:
        """Return the steps whose arrays hold some of the entries and 0 elsewhere."""
        if entries.size not in self._by_size:
            return set()
        keys, stacked = self._by_size[entries.size]
        same = (np.abs(stacked - entries) <= bound) & (stacked != 0.0)
        hits = (same | (stacked == 0.0)).all(axis=1) & (same & changed).any(axis=1)
        return {int(key) for key in keys[hits & ~same.all(axis=1)]}

    def is_telling(self, entry: float) -> bool:
        """Whether a number is no entry of a right value, and none that occurs by chance."""
        if not np.isfinite(entry) or abs(entry - round(entry)) < 1e-9:
            return False
        return not bool((np.abs(self._entries - entry) <= 1e-9 * abs(entry)).any())

    def is_entry(self, key: int) -> bool:
        """Whether a number is an entry of a right value, or 1/N or N times one."""
        number = float(self.values[key].ravel()[0])
        if not np.isfinite(number) or abs(number - round(number)) < 1e-9:
            return False
        known = self._sorted_entries
        at = int(np.searchsorted(known, number))
        near = known[max(0, at - 1) : at + 1]
        return bool((np.abs(near - number) <= 1e-9 * abs(number)).any())

    @cached_property
    def _sorted_entries(self) -> Array:
        between = [np.ravel(value) for _, value in _between(self.traces[0], self.lines)]
        gradients = [
            scale * np.ravel(value)
            for name, value in self.lines.items()
            if names.named(name).kind in (names.OF_A, names.OF_Z)
            for scale in self.scales[1:]
        ]
        return np.sort(np.concatenate([self._entries, *between, *gradients]))

    @cached_property
    def _entries(self) -> Array:
        """All entries of right values, one after the other."""
        return np.concatenate([np.ravel(value) for value in self.lines.values()])

    # The orientation of the program

    def shown(self, line: str, value: Any) -> Any:
        """Return a value of the engine in the orientation of the program."""
        axes = self.traces[0].graph.axes.get(line, "")
        array = self.notation.show(value, axes) if np.ndim(value) else value
        return (
            np.asarray(array).T if self.turned and axes == "ij" and np.ndim(array) == 2 else array
        )

    def gives(self, result: Result, value: Any) -> bool:
        """Whether a result is ``value`` of the engine, in the program's orientation."""
        wanted = np.asarray(self.shown(result.line, value), dtype=np.float64)
        given = result.value
        rows = self.traces[0].graph.axes.get(result.line, "") == "nj"
        if rows or wanted.ndim < 2 or given.ndim < 2:
            squeezed = [n for n in given.shape if n != 1] == [n for n in wanted.shape if n != 1]
            exact = given.size == 1 or squeezed or given.ndim < wanted.ndim
            return exact and same_entries(given, wanted, self.relative)
        bound = self.relative * (np.abs(wanted).max(initial=0.0) + 1e-300)
        return given.shape == wanted.shape and bool((np.abs(given - wanted) <= bound).all())

    def _weights_are_turned(self) -> bool:
        """Whether the program works with the transposes of the given weights."""
        straight = turned = False
        for value in self.values:
            for k in range(1, self.depth + 1):
                W = np.asarray(self.notation.show(self.lines[names.weights(k)], "ij"))
                if W.shape == W.T.shape and np.allclose(W, W.T):
                    continue
                straight |= value.shape == W.shape and np.array_equal(value, W)
                turned |= value.shape == W.T.shape and np.array_equal(value, W.T)
        return turned and not straight


def _without_row(value: Array) -> list[Array]:
    """Return an array without its first and without its last row."""
    return [value[1:], value[:-1]]
