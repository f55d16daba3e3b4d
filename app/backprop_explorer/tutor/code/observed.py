"""What a program computed: recorded values with their labels, and the results it hands back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from backprop_explorer.engine.notation import Notation
from backprop_explorer.engine.trace import Trace
from backprop_explorer.texts import tutor_code as texts
from backprop_explorer.tutor.checker.variants import Variant
from backprop_explorer.tutor.code.arrays import Array, without_ones
from backprop_explorer.tutor.code.parts import joined_layers, without_bias_rows
from backprop_explorer.tutor.code.quantities import (
    RELATIVE,
    SINGLE,
    Index,
    Label,
    line_values,
    right_index,
    same_entries,
)
from backprop_explorer.tutor.code.recorder import Binding, Recording
from backprop_explorer.tutor.code.results import Result, ResultFinder

_DIFFERENTIATORS = frozenset(
    {"grad", "elementwise_grad", "value_and_grad", "jacobian", "make_vjp", "GradientTape"}
)


def _is_differentiator(value: Any) -> bool:
    """Whether a function was made by autograd's or JAX's ``grad``."""
    module = str(getattr(value, "__module__", ""))
    return module in ("autograd.wrap_util", "autograd.differential_operators", "jax._src.api")


class Observed:
    """The values of a recording, recognised, and its results.

    ``labels[key]`` lists what a right program would call the value. ``turned`` is whether the
    program's weights are the transposes of those in ``notation``.
    """

    def __init__(
        self,
        recording: Recording,
        traces: tuple[Trace, ...],
        notation: Notation,
        returned: Any,
        *,
        single_precision: bool = False,
    ) -> None:
        self.recording = recording
        self.traces = traces
        self.notation = notation
        self.relative = SINGLE if single_precision else RELATIVE
        self.values = line_values(traces)
        self._right: Index = right_index(traces)
        self._joined = joined_layers(traces[0].network.shapes, self.values, recording.values)
        self.labels: list[list[Label]] = [self._labels(value) for value in recording.values]
        self.turned = self._weights_are_turned()
        finder = ResultFinder(recording, traces[0], self.values, self.gives, self.shown)
        self.results = finder.find(returned)

    def _labels(self, value: Array) -> list[Label]:
        for each in self.forms(value):
            if found := self._right.find(each, self.relative):
                return found
        return []

    def forms(self, value: Array) -> list[Array]:
        """Return an array, and what it holds without the entries that are for b."""
        rest = without_ones(value)
        rows = without_bias_rows(value, self._joined)
        return [value, *([] if rest is None else [rest]), *rows]

    @property
    def depth(self) -> int:
        """The number of layers."""
        return self.traces[0].network.depth

    @cached_property
    def creations(self) -> dict[int, Binding]:
        """The binding that made each value, by key."""
        return {binding.key: binding for binding in self.recording.made()}

    @cached_property
    def _by_size(self) -> dict[int, tuple[Array, Array]]:
        sizes: dict[int, list[tuple[int, Array]]] = {}
        for key, value in enumerate(self.recording.values):
            if np.isfinite(value).all() and key in self.creations:
                for each in self.forms(value):
                    sizes.setdefault(each.size, []).append((key, each.ravel()))
        return {
            size: (np.array([key for key, _ in some]), np.stack([each for _, each in some]))
            for size, some in sizes.items()
        }

    @property
    def guessed(self) -> bool:
        """Whether no result is known by its value or its name."""
        return all(result.guessed for result in self.results)

    @cached_property
    def computes_everything(self) -> bool:
        """Whether all gradients are recorded, or the output if no gradient is computed."""
        lines = [f"dC_d{p}{k}" for k in range(1, self.depth + 1) for p in "Wb"]
        made = [self.recording.values[key] for key in self.creations]
        if all(self._is_recorded(line, made) for line in lines):
            return True
        shapes = {tuple(sorted(shape)) for shape in self.traces[0].network.shapes}
        backward = any(
            value.ndim == 2 and tuple(sorted(value.shape)) in shapes and not self.is_right_line(key)
            for key, value in enumerate(self.recording.values)
        ) or any(
            label.name.startswith("dC_d") and label.sample is None
            for labels in self.labels
            for label in labels
        )
        return not backward and self._is_recorded(f"a{self.depth}", made)

    def _is_recorded(self, line: str, made: Sequence[Array]) -> bool:
        wanted = Result("", np.empty(0), line)
        return any(
            value.size == np.size(self.values[line])
            and self.gives(replace(wanted, value=value), self.values[line])
            for value in made
        )

    def find(self, expected: Any) -> list[int]:
        """Return the keys of recorded values with the entries of ``expected``, in order."""
        wanted = np.asarray(expected, dtype=np.float64)
        if wanted.size not in self._by_size or not np.isfinite(wanted).all():
            return []
        keys, stacked = self._by_size[wanted.size]
        bound = self.relative * (np.abs(wanted).max(initial=0.0) + 1e-300)
        hits = (np.abs(stacked - wanted.ravel()) <= bound).all(axis=1)
        if wanted.ndim > 1:
            turned = wanted.swapaxes(-1, -2).ravel()
            hits |= (np.abs(stacked - turned) <= bound).all(axis=1)
        return [int(key) for key in keys[hits]]

    def recognise(self, value: Array) -> list[Label]:
        """Return what a right program would call a value that was not recorded."""
        return self._right.find(value, self.relative)

    def is_right(self, key: int) -> bool:
        """Whether a right program computes this value, and not only a multiple of it."""
        return any(label.factor == 1.0 for label in self.labels[key])

    def is_right_line(self, key: int) -> bool:
        """Whether the value is a line of the working, and not only on the way to one."""
        return any(label.line and label.factor == 1.0 for label in self.labels[key])

    @cached_property
    def automatic(self) -> bool:
        """Whether a library differentiates the program's cost.

        Then a mistake of the forward pass changes the gradients in another way than in a program
        that computes them line by line.
        """
        results = {result.line for result in self.results}
        return any(line.startswith("dC_d") for line in results) and any(
            name in _DIFFERENTIATORS or _is_differentiator(frame.scope.get(name))
            for frame in self.recording.frames
            for name in frame.code.co_names
        )

    @cached_property
    def scales(self) -> tuple[float, ...]:
        """Factors of ∂C/∂z and ∂C/∂a in this program, which may divide by N only at the end."""
        samples, outputs = self.traces[0].givens["target"].shape
        scale = 1.0 / float(self.traces[0].givens["cost_factor"])
        found = (1.0, scale, 2.0 * scale, scale / 2.0, samples, outputs, samples * outputs)
        kept = tuple(dict.fromkeys(map(float, found)))
        # With target minus prediction and a step that is added, all gradients have the other sign.
        dC_dz = np.asarray(self.values[f"dC_dz{self.depth}"])
        forms = [dC_dz, dC_dz[0]] if len(dC_dz) > 1 else [dC_dz]
        names = {label.name for labels in self.labels for label in labels}
        turned = (
            texts.TARGET_MINUS_PREDICTION in names and texts.PREDICTION_MINUS_TARGET not in names
        ) or any(self.find(-each * form) for each in kept for form in forms if np.any(form))
        return (*kept, *(-each for each in kept)) if turned else kept

    def appearances(
        self, line: str, variant: Variant, parts: Sequence[Array] = ()
    ) -> Iterator[tuple[list[int], float]]:
        """Yield (keys, factor) of the value of a line, of multiples of it, and of its samples.

        ``parts`` are contributions of the first sample to look for as well.
        """
        value = np.asarray(variant.value(line), dtype=np.float64)
        forms = [value]
        over_samples = any(each.name == "softmax_wrong_axis" for each in variant.mistakes)
        if over_samples and line == f"a{self.depth}":
            forms.append(np.log(value))  # softmax with the logarithm in one step
        if self.traces[0].samples > 1:
            forms += [*parts, *self._samples(line, value, variant)]
        # The part of a sample is computed before the sum over the samples.
        for scale in self.scales if line.startswith("dC_d") else (1.0,):
            yield sorted({key for form in forms for key in self.find(scale * form)}), scale

    def partial(self, line: str, value: Any, right: Any) -> list[int]:
        """Return the keys of values that hold a part of a wrong value, in order.

        A part is one entry, or an array that is filled entry by entry and is 0 elsewhere.
        """
        wrong, good = np.asarray(value, dtype=np.float64), np.asarray(right, dtype=np.float64)
        if wrong.shape != good.shape or wrong.size < 2:
            return []
        if any(label.line and label.factor == 1.0 for label in self._right.find(wrong)):
            return []
        bound = self.relative * (np.abs(wrong).max(initial=0.0) + 1e-300)
        rows = [(wrong, good)]
        if self.traces[0].samples > 1 and self.traces[0].graph.axes.get(line, "") == "nj":
            rows.append((wrong[:1], good[:1]))
        found: set[int] = set()
        for scale in self.scales if line.startswith("dC_d") else (1.0,):
            for values, others in rows:
                differs = np.abs(values - others) > bound
                for entries, changed in (
                    (values.ravel(), differs.ravel()),
                    (values.T.ravel(), differs.T.ravel()),
                ):
                    found |= self._filled(scale * entries, changed, scale * bound)
            entry = (wrong[0] if wrong.ndim > 1 else wrong).flat[0]
            if differs.flat[0] and self.is_telling(scale * entry):
                found |= set(self.find(np.array(scale * entry)))
        return sorted(found)

    def _filled(self, entries: Array, changed: Array, bound: float) -> set[int]:
        """Return the keys of arrays that hold some of the entries and 0 elsewhere."""
        if entries.size not in self._by_size:
            return set()
        keys, stacked = self._by_size[entries.size]
        same = (np.abs(stacked - entries) <= bound) & (stacked != 0.0)
        hits = (same | (stacked == 0.0)).all(axis=1) & (same & changed).any(axis=1)
        hits &= ~same.all(axis=1)
        return {int(key) for key in keys[hits]}

    def is_telling(self, entry: float) -> bool:
        """Whether a number is no entry of a right value, and none that occurs by chance."""
        if abs(entry - round(entry)) < 1e-9 or not np.isfinite(entry):
            return False
        bound = 1e-9 * abs(entry)
        return not bool((np.abs(self._right_entries - entry) <= bound).any())

    @cached_property
    def _right_entries(self) -> Array:
        """All entries of right values, one after the other."""
        return np.concatenate([np.ravel(value) for value in self.values.values()])

    def _samples(self, line: str, value: Array, variant: Variant) -> Iterator[Array]:
        """Yield what the first sample contributes to a line."""
        if self.traces[0].graph.axes.get(line, "") == "nj" and value.ndim == 2:
            yield value[0]
        elif line.startswith(("dC_dW", "dC_db")):
            k = int(line[5:])
            below = np.asarray(variant.value("x" if k == 1 else f"a{k - 1}"))
            dz = np.asarray(variant.value(f"dC_dz{k}"))
            if line.startswith("dC_dW") and below.ndim == dz.ndim == 2 and len(below) == len(dz):
                # A mistake in this line cannot be taken apart, only what it was made from.
                fits = value.shape == np.shape(variant.reference.truth[line])
                whole = fits and np.allclose(value, below.T @ dz)
                yield from [np.outer(below[0], dz[0])] if whole else []

    def shown(self, line: str, value: Any) -> Any:
        """Return a value of the engine in the orientation of the program."""
        axes = self.traces[0].graph.axes.get(line, "")
        array = self.notation.show(value, axes) if np.ndim(value) else value
        if self.turned and axes == "ij" and np.ndim(array) == 2:
            return np.asarray(array).T
        return array

    def gives(self, result: Result, value: Any) -> bool:
        """Whether a result is ``value`` of the engine, in the program's orientation."""
        wanted = np.asarray(self.shown(result.line, value), dtype=np.float64)
        given = result.value
        if (
            self.traces[0].graph.axes.get(result.line, "") == "nj"
            or wanted.ndim < 2
            or given.ndim < 2
        ):
            squeezed = [n for n in given.shape if n != 1] == [n for n in wanted.shape if n != 1]
            exact = given.size == 1 or squeezed or given.ndim < wanted.ndim
            return exact and same_entries(given, wanted, self.relative)
        if given.shape != wanted.shape:
            return False
        bound = self.relative * (np.abs(wanted).max(initial=0.0) + 1e-300)
        return bool((np.abs(given - wanted) <= bound).all())

    def _weights_are_turned(self) -> bool:
        """Whether the program works with the transposes of the given weights."""
        straight = turned = False
        for value in self.recording.values:
            for k in range(1, self.depth + 1):
                W = np.asarray(self.notation.show(self.values[f"W{k}"], "ij"))
                if W.shape == W.T.shape and np.allclose(W, W.T):
                    continue
                straight |= value.shape == W.shape and np.array_equal(value, W)
                turned |= value.shape == W.T.shape and np.array_equal(value, W.T)
        return turned and not straight
