"""Which single change of a program makes all its results right: its mistake, by replay.

The backward part is replayed with one place of the source changed: another operand, a factor,
a sum, a transposition, ``+=`` for ``=``. A missing path is found from the other side: the gradient
without one share of it gives all wrong results.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np

from backprop_explorer.engine.ops import OPS
from backprop_explorer.engine.ops.operation import Array
from backprop_explorer.tutor.program.alignment import Alignment, Label, Outcome
from backprop_explorer.tutor.program.alternatives import explain, first_explained
from backprop_explorer.tutor.program.region import origins, region_of, renaming_line
from backprop_explorer.tutor.program.steps import Change, Step

# Steps that are computed again, for all replays of one program.
BUDGET = 60_000
MAX_SITES = 40
_REDUCTIONS = ("sum", "mean")
_PRODUCTS = ("matmul", "einsum", "tensordot")
_SCALES = ("multiply", "divide")


class Repair(NamedTuple):
    """A change that makes all results right: the name of the mistake, and the step it is made in.

    ``line`` is another line than the step's, where a value only got another name.
    """

    name: str
    index: int
    detail: str = ""
    line: int | None = None


class Series(NamedTuple):
    """Arrays of one kind of place in the forward pass, in order: of each round of a loop."""

    label: Label
    values: list[Array]


class Search:
    """The search for the one change that explains the wrong results of a program."""

    def __init__(self, alignment: Alignment) -> None:
        self.alignment, self.run = alignment, alignment.run
        self.judged = [e for e in alignment.outcomes if e.state not in ("dead", "rule", "missing")]
        self.wrong = [e for e in self.judged if e.state != "right"]
        self.region = region_of(alignment, self.wrong)
        self.origins = origins(alignment, self.region)
        self._left = BUDGET

    def first(self) -> Repair | None:
        """Return the first change that makes all results right, the simplest kinds first."""
        first, later = self._sites()
        kinds: tuple[Iterator[Any], ...] = (
            self._each(first, self._structure),
            self._other_gradients(),
            self._alternatives(),
            self._each(first, self._values),
            self._each(later, self._structure),
            self._each(later, self._values),
        )
        for kind in kinds:
            for repair, changes in kind:
                if changes is None:
                    return repair
                if self._left <= 0:
                    return None
                if self._repairs(changes):
                    return self._renamed(repair)
        return None

    def _sites(self) -> tuple[list[list[int]], list[list[int]]]:
        """Return the places of steps with right inputs, and the other wrong ones."""
        found: dict[tuple[Any, ...], list[int]] = {}
        for at in (*self.origins, *self.region):
            site = self.run.steps[at].site
            steps = [each for each in self.run.sites[site] if each >= self.run.start]
            found.setdefault(site, steps)
        first = {self.run.steps[at].site for at in self.origins}
        sites = list(found.items())[:MAX_SITES]
        return (
            [steps for site, steps in sites if site in first],
            [steps for site, steps in sites if site not in first],
        )

    def _each(self, sites: list[list[int]], changes: Callable[..., Any]) -> Iterator[Any]:
        for steps in sites:
            yield from changes(steps)

    def _alternatives(self) -> Iterator[tuple[Repair, None]]:
        found = explain(self.alignment, self.judged)
        if found is not None:
            at = first_explained(self.alignment, found.truth, self.region)
            if at is None:
                at = (self.origins or self.region or [self.wrong[0].index])[0]
            yield Repair(found.name, at), None

    def _renamed(self, repair: Repair) -> Repair:
        """Return a change of what does not carry a gradient as that of a derivative."""
        if repair.name in ("gradient_sign", "count_less_one", "gradient_scale", "extra_term"):
            if repair.index not in self._carrying:
                return repair._replace(name="wrong_activation_derivative")
        return repair

    @cached_property
    def _carrying(self) -> set[int]:
        """The steps that are computed from a gradient, or from the upstream of a pair."""
        run, found = self.run, set[int]()
        upstream = {each for each in run.sources if each >= run.start > 0}
        upstream |= set() if run.start == 0 else {
            at for at in run.sources if at not in self.alignment.truth.forward
        }
        for step in run.steps:
            if not step.op or step.index in self.alignment.truth.forward:
                continue
            labels = () if run.start else self.alignment.labels(step.index)[:1]
            if any(each in found or each in upstream for each in step.inputs) or any(
                each.label.kind in ("gradient", "share") for each in labels
            ):
                found.add(step.index)
        return found

    def _repairs(self, changes: Mapping[int, Change]) -> bool:
        values = self.run.replayed(changes)
        self._left -= len(self.run.steps) - min(changes) if values is None else len(values) + 10
        return values is not None and self.alignment.all_right(values, self.judged)

    # Changes

    def _other_gradients(self) -> Iterator[tuple[Repair, dict[int, Change]]]:
        """A right gradient, or a forward value, that stands in the place of another one."""
        run, inside = self.run, set(self.region)
        inputs = dict.fromkeys(
            each for at in self.region for each in run.steps[at].inputs if each not in inside
        )
        for given in inputs:
            step = run.steps[given]
            if not run.depends[given] or step.value.dtype.kind != "f":
                continue
            labels = self.alignment.labels(given) if given not in self.alignment.truth.forward else []
            if not labels or labels[0].label.kind not in ("gradient", "share"):
                continue
            readers = [at for at in self.region if given in run.steps[at].inputs]
            outside = [
                at
                for at in run.readers[given]
                if at not in inside and at not in self.alignment.truth.forward
            ]
            of, factor = labels[0].label.of, labels[0].factor
            for other, gradient in self.alignment.truth.gradients.items():
                if other == of or gradient.shape != step.value.shape or not gradient.any():
                    continue
                slope = self.alignment.truth.slopes.get((other, of))
                name = "missing_factor"
                if slope is not None:
                    name = "dC_da_instead_of_dC_dz" if outside else "missing_activation_derivative"
                elif self.alignment.truth.slopes.get((of, other)) is not None:
                    name = "output_derivative_twice"
                elif outside:
                    name = "wrong_operand"
                changes: dict[int, Change] = {
                    at: partial(_with_operands, run.compute, {given: gradient * factor})
                    for at in readers
                }
                line = None if outside else renaming_line(self.alignment, given, readers[0])
                at = readers[0] if outside or not step.op or given < run.start else given
                yield Repair(name, at, line=line), changes

    def _change(self, steps: list[int]) -> Callable[..., tuple[Repair, dict[int, Change]]]:
        at = next((each for each in steps if each in self.region), steps[0])

        def change(name: str, function: Callable[[Step, Sequence[Array], Array], Any]) -> Any:
            changes = {each: partial(_applied, self.run.compute, function) for each in steps}
            return Repair(name, at), changes

        return change

    def _structure(self, steps: list[int]) -> Iterator[tuple[Repair, dict[int, Change]]]:
        """Yield changes of an operation itself, in all rounds of loops."""
        run, first, change = self.run, self.run.steps[steps[0]], self._change(steps)
        at = next((each for each in steps if each in self.region), steps[0])
        if first.op == "setitem":
            yield change("gradient_overwritten", _accumulated)
            yield change("gradient_overwritten", _accumulated_once)
        if len(steps) > 1 and any(each.index in steps for each in self.wrong):
            changes: dict[int, Change] = {}
            for before, each in zip(steps, steps[1:], strict=False):
                changes[each] = partial(_summed, run.compute, before, run.steps[before].value)
            yield Repair("gradient_overwritten", at), changes
        if first.op in _REDUCTIONS:
            yield from self._reductions(first, change)
        if first.op in _PRODUCTS or first.value.ndim > 1:
            yield from self._transpositions(first, change)
        yield from self._sums(first, change)
        for position in range(len(first.inputs)):
            if first.op in ("add", "subtract", *_PRODUCTS, *_SCALES):
                yield change("gradient_sign", partial(_negated, run.compute, position))
            if first.op in ("add", "subtract", "multiply", "divide"):
                name = "extra_factor" if first.op in _SCALES else "extra_term"
                yield change(name, lambda step, inputs, value, k=position: inputs[k])
        yield change("gradient_sign", lambda step, inputs, value: -value)

    def _values(self, steps: list[int]) -> Iterator[tuple[Repair, dict[int, Change]]]:
        """Yield changes of what an operation reads."""
        at = next((each for each in steps if each in self.region), steps[0])
        yield from self._operands(steps, at)
        yield from self._factors(steps, at)
        yield from self._constants(self.run.steps[steps[0]], self._change(steps))

    def _reductions(self, first: Step, change: Callable[..., Any]) -> Iterator[Any]:
        axis, other = first.keywords.get("axis"), "mean" if first.op == "sum" else "sum"
        keepdims = first.keywords.get("keepdims", False)
        rank = self.run.steps[first.inputs[0]].value.ndim
        for op in (other, first.op):
            for count in range(1, rank + 1):
                for axes in combinations(range(rank), count):
                    same = axis == axes or (axis is None and count == rank)
                    if op == first.op and same:
                        continue
                    name = "wrong_axis" if not same else "mean_for_sum"
                    if op == first.op and axis is not None and set(axis) < set(axes):
                        name = "broadcast_not_summed"
                    if op == other and not same:
                        continue

                    def reduce(step: Any, inputs: Any, value: Any, op=op, axes=axes) -> Any:
                        return OPS[op].compute(inputs[0], axis=axes, keepdims=keepdims)

                    yield change(name, reduce)

    def _transpositions(self, first: Step, change: Callable[..., Any]) -> Iterator[Any]:
        if first.value.ndim > 1:
            yield change("gradient_transposed", lambda step, inputs, value: value.swapaxes(-1, -2))
        for position, each in enumerate(first.inputs):
            if first.op in _PRODUCTS and self.run.steps[each].value.ndim > 1:
                yield change("operand_transposed", partial(_turned, self.run.compute, position))
        if first.op == "matmul" and first.value.ndim > 1:
            yield change("gradient_transposed", partial(_both_turned, self.run.compute))

    def _sums(self, first: Step, change: Callable[..., Any]) -> Iterator[Any]:
        """Sums over axes that a wrong result still has."""
        for each in self.wrong:
            wanted = each.wanted
            if wanted is None or first.value.size <= wanted.size:
                continue

            def summed(step: Any, inputs: Any, value: Any, shape=wanted.shape) -> Any:
                return OPS["sum_stretched"].compute(value, shape=shape)

            yield change("broadcast_not_summed", summed)
            for keep in (False, True):
                for axis in range(first.value.ndim):
                    yield change(
                        "broadcast_not_summed",
                        lambda step, inputs, value, k=axis, keep=keep: value.sum(k, keepdims=keep),
                    )

    def _constants(self, first: Step, change: Callable[..., Any]) -> Iterator[Any]:
        """Another whole number in the place of a constant: n − 1, an exponent, a factor."""
        for position, each in enumerate(first.inputs):
            step = self.run.steps[each]
            if step.op or self.run.depends[each] or step.value.size != 1:
                continue
            constant = float(step.value.ravel()[0])
            if first.op == "power":
                others = [constant - 1, constant + 1, 2 * constant]
                name = "wrong_activation_derivative"
            else:
                others, name = [constant - 1, constant + 1], "count_less_one"
            for other in others:
                yield change(name, partial(_with_constant, self.run.compute, position, other))
        if first.op in ("multiply", "divide", "subtract", "add", "sum", "mean", *_PRODUCTS):
            for scale in self._scales:
                yield change("gradient_scale", lambda step, inputs, value, c=scale: value * c)

    @property
    def _scales(self) -> list[float]:
        sizes = {2.0, 3.0, 4.0}
        for source in self.run.sources:
            value = self.run.steps[source].value
            sizes.update(float(each) for each in (*value.shape, value.size))
        sizes |= {np.sqrt(each) for each in sizes}
        scales = [each for size in sorted(sizes) if size > 1 for each in (size, 1 / size)]
        return scales[:40]

    # Operands

    @property
    def series(self) -> list[Series]:
        """Return the true arrays by place in the source: slopes, values and gradients."""
        if not hasattr(self, "_series"):
            truth, run = self.alignment.truth, self.run
            grouped: dict[Any, Series] = {}

            def add(label: Label, key: Any, value: Array) -> None:
                grouped.setdefault(key, Series(label, [])).values.append(value)

            for (of, by), slope in truth.slopes.items():
                key = ("slope", run.steps[of].site or of, run.steps[by].site or by)
                add(Label("slope", of, by), key, slope)
            for index in sorted(truth.forward):
                step = run.steps[index]
                if step.op or run.depends[index]:
                    key = ("forward", step.site if step.op else index)
                    add(Label("forward", index), key, step.value)
            for index, gradient in sorted(truth.gradients.items()):
                step = run.steps[index]
                if gradient.any():
                    key = ("gradient", step.site if step.op else index)
                    add(Label("gradient", index), key, gradient)
            self._series = list(grouped.values())
        return self._series

    def _fitting(self, steps: list[int], shape: tuple[int, ...]) -> Iterator[tuple[Label, list]]:
        """Yield a series of true arrays of one shape for the steps of a place, by round."""
        for each in self.series:
            if each.values[0].shape != shape:
                continue
            n, m = len(steps), len(each.values)
            if any(value.shape != shape for value in each.values):
                continue
            if n == 1:
                for value in each.values[:8]:
                    yield each.label, [value]
            elif m == 1:
                yield each.label, each.values * n
            elif m == n:
                yield each.label, each.values[::-1]
                yield each.label, each.values
            elif m == n + 1 or m == n - 1:
                for values in (each.values[::-1], each.values):
                    for shifted in (values[1:], values[:-1]) if m == n + 1 else ():
                        yield each.label, shifted
        for each in self.series:
            n, values = len(steps), each.values
            if values[0].shape == shape and len(values) == n > 1:
                before = self._initial(shape)
                yield each.label, [*values[::-1][1:], before]

    def _initial(self, shape: tuple[int, ...]) -> Array:
        """Return the value before the first round of a loop: a source of the shape, or zeros."""
        for each in self.run.steps:
            if not each.op and each.index in self.alignment.truth.forward:
                if each.value.shape == shape:
                    return each.value
        return np.zeros(shape)

    def _operands(self, steps: list[int], at: int) -> Iterator[tuple[Repair, dict[int, Change]]]:
        """Another true array in the place of one input."""
        run, first = self.run, self.run.steps[steps[0]]
        if first.op in ("getitem", "setitem", "reshape", "transpose", "copy", "astype"):
            positions = [1] if first.op == "setitem" else []
        else:
            positions = list(range(len(first.inputs)))
        for position in positions:
            present = run.steps[first.inputs[position]]
            if present.value.dtype.kind not in "fb" or not run.depends[present.index]:
                continue
            if present.index in self.region:
                continue  # that it is wrong is not this place's mistake
            for label, values in self._fitting(steps, present.value.shape):
                changes: dict[int, Change] = {}
                for each, value in zip(steps, values, strict=True):
                    changes[each] = partial(_operand, run.compute, position, value)
                if self._is_promising(steps[0], position, values[0]):
                    name = self._name_of_operand(first, position, label)
                    yield Repair(name, at), changes

    def _is_promising(self, at: int, position: int, value: Array) -> bool:
        """Whether the first step gives a true array with another operand."""
        step = self.run.steps[at]
        inputs = [self.run.steps[each].value for each in step.inputs]
        inputs[position] = value
        try:
            with np.errstate(all="ignore"):
                found = self.run.compute(step, inputs)
        except (ValueError, TypeError, IndexError):
            return False
        if np.array_equal(found, step.value):
            return False
        last = any(each.index == at and each.is_update for each in self.wrong)
        return last or len(self.region) <= 12 or bool(self.alignment.library.find(found))

    def _name_of_operand(self, step: Step, position: int, label: Label) -> str:
        """Return the name of the mistake that ``label`` is right in the place of an input."""
        given = step.inputs[position]
        found = [each.label for each in self.alignment.labels(given)]
        kinds = {each.kind for each in found}
        truth = self.alignment.truth
        if given in truth.forward:
            kinds.add("forward")
            found = [Label("forward", given)]
        if label.kind == "slope":
            if "slope" in kinds:
                return "derivative_of_wrong_layer"
            if "forward" in kinds:
                return "activation_instead_of_derivative"
            at_value = any(each.of == label.by for each in found)
            return "derivative_at_activation" if at_value else "wrong_activation_derivative"
        if label.kind == "gradient" and kinds & {"gradient", "share"}:
            if any((label.of, each.of) in truth.slopes for each in found):
                return "dC_da_instead_of_dC_dz"
            if any((each.of, label.of) in truth.slopes for each in found):
                return "output_derivative_twice"
            return "wrong_operand"
        if "updated" in kinds:
            return "updated_weights_backward"
        return "wrong_operand"

    def _factors(self, steps: list[int], at: int) -> Iterator[tuple[Repair, dict[int, Change]]]:
        """A missing factor: a slope, or a value of the forward pass, or its reciprocal."""
        run, first = self.run, self.run.steps[steps[0]]
        for shape in dict.fromkeys((first.value.shape, first.value.shape[-1:], ())):
            for label, values in self._fitting(steps, shape):
                if label.kind == "gradient":
                    continue
                for inverse in (False, True):
                    if inverse and label.kind == "slope":
                        continue
                    with np.errstate(all="ignore"):
                        factors = [1.0 / v if inverse else np.asarray(v) for v in values]
                        product = first.value * factors[0]
                    if not np.isfinite(product).all():
                        continue
                    if not self.alignment.library.find(product) and len(self.region) > 12:
                        continue
                    name = "missing_factor"
                    if label.kind == "slope":
                        name = "missing_activation_derivative"
                    changes: dict[int, Change] = {}
                    for each, factor in zip(steps, factors, strict=True):
                        changes[each] = partial(_scaled, run.compute, factor)
                    yield Repair(name, at), changes


def _with_operands(
    compute: Any, others: Mapping[int, Array], step: Step, inputs: Any, values: Any
) -> Any:
    chosen = [others.get(k, v) for k, v in zip(step.inputs, inputs, strict=True)]
    return compute(step, chosen)


def _applied(compute: Any, function: Any, step: Step, inputs: Any, values: Any) -> Any:
    return function(step, inputs, compute(step, inputs))


def _summed(compute: Any, before: int, was: Any, step: Step, inputs: Any, values: Any) -> Any:
    return compute(step, inputs) + values.get(before, was)


def _accumulated(step: Step, inputs: Any, value: Any) -> Any:
    return OPS["add_at"].compute(*inputs, **step.keywords)


def _accumulated_once(step: Step, inputs: Any, value: Any) -> Any:
    """What was added entry by entry and written back, added for each repeated index."""
    whole, written, *arrays = inputs
    reading = {"index": step.keywords["index"]}
    before = OPS["getitem"].compute(whole, *arrays, **reading)
    return OPS["add_at"].compute(whole, written - before, *arrays, **step.keywords)


def _negated(compute: Any, position: int, step: Step, inputs: Any, value: Any) -> Any:
    changed = list(inputs)
    changed[position] = -changed[position]
    return compute(step, changed)


def _turned(compute: Any, position: int, step: Step, inputs: Any, value: Any) -> Any:
    changed = list(inputs)
    changed[position] = np.swapaxes(changed[position], -1, -2)
    return compute(step, changed)


def _both_turned(compute: Any, step: Step, inputs: Any, value: Any) -> Any:
    return compute(step, [np.swapaxes(each, -1, -2) for each in inputs])


def _with_constant(compute: Any, position: int, other: float, step: Step, inputs: Any, value: Any):
    changed = list(inputs)
    changed[position] = np.asarray(other)
    return compute(step, changed)


def _operand(compute: Any, position: int, other: Any, step: Step, inputs: Any, values: Any) -> Any:
    changed = list(inputs)
    changed[position] = other
    return compute(step, changed)


def _scaled(compute: Any, factor: Any, step: Step, inputs: Any, values: Any) -> Any:
    return compute(step, inputs) * factor


__all__ = ["Outcome", "Repair", "Search"]
