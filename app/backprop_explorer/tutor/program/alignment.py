"""A recorded run compared with the gradient of its own forward pass.

``Alignment`` judges each result: a returned gradient, or a parameter after its update. It also says
of every step of the backward pass which true array its value is, if any.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import combinations
from typing import Any, Literal, NamedTuple

import numpy as np

from backprop_explorer.engine.ops.operation import Array
from backprop_explorer.tutor.mistakes import ids
from backprop_explorer.tutor.program.aliases import alias_frames, words_of
from backprop_explorer.tutor.program.compared_decays import compare_decays
from backprop_explorer.tutor.program.compared_roots import compare_roots
from backprop_explorer.tutor.program.cost_roots import LINEAR, Fit
from backprop_explorer.tutor.program.divided_updates import DividedUpdates, is_of_one_size
from backprop_explorer.tutor.program.made_parameters import is_called_parameter
from backprop_explorer.tutor.program.outcome import Outcome, State
from backprop_explorer.tutor.program.roots import group_factors
from backprop_explorer.tutor.program.source import is_optional, is_returned_back, reads_rate
from backprop_explorer.tutor.program.steps import (
    VIEWS,
    Returned,
    Run,
    Step,
    groups_of,
    last_name,
    owner_of,
)
from backprop_explorer.tutor.program.truth import (
    DOUBLE,
    SINGLE,
    KnownArrays,
    Matched,
    Matches,
    Share,
    Truth,
    multiple,
)
from backprop_explorer.tutor.program.updates import (
    MIN_OF_BOTH,
    SAME_FACTOR,
    UpdateRule,
    decayed,
    decays_alone,
    decays_of_both,
    divided_by_own_size,
    has_own_rule,
    near,
    penalised,
    rule_of,
)
from backprop_explorer.tutor.program.versions import is_made_of, versions_of

# Of what is computed in double precision.
EXACT = 1e-9
# By how much the rate of an update may decay from one parameter to the next.
DECAYED = 5e-4
MAX_PARTS, MAX_NEIGHBOURS = 4, 12
_BY_ROWS = frozenset({"setitem", "add_at"})
_DIGITS = re.compile(r"\d+")
_JOINS = frozenset({"matmul", "add", "multiply", "einsum", "tensordot"})
_PLACES = re.compile(r"\[(\d+)\]")
_ARRANGES = frozenset({"pad", "stack", "concatenate"})
_CLIPS = frozenset({"clip", "minimum", "maximum"})
_ADDS = frozenset({"add", "subtract", "setitem", "add_at"})
_FREE_SHAPE = frozenset({"getitem", "reshape", "transpose", "gather", "copy", "astype", "stretch"})


class TruthLabel(NamedTuple):
    """What a true array is: of which step's value, and for a slope or share by which step.

    ``kind`` is "gradient", "share" (what ``by`` contributes), "slope" (∂``by``/∂``of``), "forward"
    or "updated".
    """

    kind: Literal["gradient", "share", "slope", "forward", "updated"]
    of: int
    by: int = -1


class Alignment:
    """Everything that is known of one run by one root. ``exact``: factors must be 1."""

    def __init__(self, run: Run, fit: Fit, *, exact: bool) -> None:
        self.run, self.fit, self.truth, self.exact = run, fit, fit.truth, exact
        self.tolerance = SINGLE if run.single_precision else DOUBLE
        self._labels: dict[int, Matches] = {}
        # Of parameters and their updates: the steps between them, and whether it has a penalty.
        self._behind: dict[tuple[int, int], list[Step]] = {}
        self._penalised: dict[int, bool] = {}
        self._computed = KnownArrays(self.tolerance)  # going forward
        self.scale = 1.0  # the factor of the gradients that divided updates are made of
        self.main: float | None = None
        self.mains: dict[bool, float] = {}  # of updates, and of gradients
        self.averaged = 1  # over so many samples, gradients of parameters; those of inputs are not
        self.returned: set[int] = set()  # parameters whose update is returned
        self.decay = 0.0  # of the entries that an update changes
        self.outcomes: list[Outcome] = list(self._updates())
        self._judge_decays()
        self._judge_rows()
        self._judge_numbers()
        self._judge_sizes()
        for each in self._gradients():
            self.outcomes.append(each)
        self._compare_factors()
        self._labels.clear()
        self._add_missing()
        self.outcomes += list(self._dropped())
        self.outcomes.sort(key=lambda each: each.index)
        self._separate()

    # What each step is

    @cached_property
    def library(self) -> KnownArrays:
        """Gradients, shares, slopes and forward values."""
        found, run, truth = KnownArrays(self.tolerance), self.run, self.truth
        # That of −z, as in 1 / (1 + exp(−z)), would hide a wrong sign.
        opposite = {step.index for step in run.steps if step.op == "negative"}
        for index, gradient in truth.gradients.items():
            if index not in opposite:
                found.add(gradient, TruthLabel("gradient", index))
        self._add_shares(found, opposite)
        for (of, by), slope in truth.slopes.items():
            # Of what a cost adds up it is the gradient by a path.
            whole = truth.gradients.get(by, np.zeros(1))
            if slope.size == 1 or not whole.all() or np.ptp(whole) > 0:
                found.add(slope, TruthLabel("slope", of, by))
        computed = [
            (TruthLabel("forward", at), run.steps[at].value)
            for at in truth.forward
            if run.steps[at].value.dtype.kind == "f" and run.depends[at]
        ]
        for label, value in [*computed, *self.stacked]:
            found.add(value, label)
            if label.kind == "forward":
                self._computed.add(value, label)
        return found

    def _add_shares(self, found: KnownArrays, opposite: set[int]) -> None:
        """Add the shares of gradients, and sums of those of one value."""
        run, truth = self.run, self.truth
        for each in truth.shares:
            if each.of not in opposite and each.value.shape == run.steps[each.of].value.shape:
                found.add(each.value, TruthLabel("share", each.of, each.reader))
        groups: dict[Any, list[Share]] = {}
        for each in truth.shares:
            place = (each.of, run.steps[each.reader].place, each.position)
            groups.setdefault(place, []).append(each)  # what a loop adds up
            groups.setdefault(each.of, []).append(each)
        for key, shares in groups.items():
            for some in _parts(shares) if isinstance(key, int) else [shares]:
                total = sum((each.value for each in some[1:]), start=some[0].value)
                if len(some) > 1 and key not in opposite:
                    found.add(total, TruthLabel("share", some[0].of, some[0].reader))

    @cached_property
    def stacked(self) -> list[tuple[TruthLabel, Array]]:
        """What belongs to forward values that the backward part puts into one array, as rows:
        these, their gradients, and the slopes from and to them.
        """
        run, truth, found = self.run, self.truth, dict[TruthLabel, Array]()
        slopes: dict[tuple[int, int], list[tuple[int, Array]]] = {}
        for (of, by), slope in truth.slopes.items():
            slopes.setdefault((of, 0), []).append((by, slope))
            slopes.setdefault((by, 1), []).append((of, slope))
        for step in run.steps:
            parts = tuple(map(self._row, step.inputs))
            if step.op not in ("stack", "concatenate") or not truth.forward.issuperset(parts):
                continue
            if step.index in truth.forward or len(parts) < 2:
                continue

            candidates = [(TruthLabel("forward", parts[0]), [run.steps[k].value for k in parts])]
            if all(k in truth.gradients for k in parts):
                gradients = [truth.gradients[k] for k in parts]
                candidates.append((TruthLabel("gradient", parts[0]), gradients))
            for end in (0, 1):
                columns = zip(*(slopes.get((k, end), []) for k in parts), strict=False)
                for column in columns:
                    pair = (parts[0], column[0][0]) if end == 0 else (column[0][0], parts[0])
                    candidates.append((TruthLabel("slope", *pair), [e for _, e in column]))
                    before = [truth.gradients.get(k) for k, _ in column]
                    known = [each for each in before if each is not None]
                    if len(known) == len(parts):
                        candidates.append((TruthLabel("gradient", column[0][0]), known))
            for label, values in candidates:
                given = [run.steps[k].value for k in step.inputs]
                if all(a.size == b.size for a, b in zip(values, given, strict=True)):
                    rows = [a.reshape(b.shape) for a, b in zip(values, given, strict=True)]
                    found.setdefault(label, run.compute(step, rows))
        return list(found.items())

    def _row(self, at: int) -> int:
        """Return the value of which a view is a row."""
        while at not in self.truth.forward and self.run.steps[at].op in ("reshape", "getitem"):
            at = self.run.steps[at].inputs[0]
        return at

    def labels(self, index: int) -> Matches:
        """Return what the value of a step is, the most telling first; updates come last."""
        if index not in self._labels:
            step = self.run.steps[index]
            found = Matches(self.known(step.value))
            comes_back = any(each.label.kind in ("gradient", "share") for each in found.first)
            if comes_back and self._is_chance(step, found):
                found = Matches()
            for each in self.outcomes if not found else ():
                source = each.source
                if each.is_update and source is not None and self.is_update(index, source):
                    found = Matches([Matched(TruthLabel("updated", source), 1.0, False)])
            self._labels[index] = found
        return self._labels[index]

    @cached_property
    def distinct(self) -> dict[tuple[int, ...], list[tuple[int, Array]]]:
        """The different gradients by shape, each with the first value that has it."""
        found: dict[tuple[int, ...], dict[bytes, tuple[int, Array]]] = {}
        for index, gradient in self.truth.gradients.items():
            if gradient.any():
                group = found.setdefault(np.squeeze(gradient).shape, {})
                group.setdefault(gradient.tobytes(), (index, gradient))
        return {shape: list(group.values()) for shape, group in found.items()}

    def gradients_of(self, shape: tuple[int, ...]) -> list[Array]:
        """Return the different gradients of a shape, or of one with other axes of length 1; and
        those whose transpose has it.
        """
        narrow = tuple(each for each in shape if each != 1)
        found = [gradient.reshape(shape) for _, gradient in self.distinct.get(narrow, [])]
        turned = self.distinct.get(narrow[::-1], []) if len(narrow) > 1 else []
        return found + [gradient.squeeze().T.reshape(shape) for _, gradient in turned]

    def carried(self, index: int) -> Matched | None:
        """Return which gradient or share a step is; None of what it computes again."""
        labels = self.labels(index)
        found = next((m for m in labels if m.label.kind in ("gradient", "share")), None)
        again = self._computed.find(self.run.steps[index].value) if found else ()
        return None if any(abs(abs(each.factor) - 1) < 1e-9 for each in again) else found

    def _is_chance(self, step: Step, found: Matches) -> bool:
        """Whether a gradient has a factor that no constant makes: by a wrong number, or in a row
        of a wrong array.
        """
        run = self.run
        if not step.op or step.value.size < 2:
            return False
        if any(self.is_usual(m.factor) for m in found):
            return False
        made = [each for each in step.inputs if run.steps[each].op and run.moves[each]]
        number = any(run.steps[each].value.size == 1 for each in made)
        number |= np.count_nonzero(step.value) == 1
        return (number and step.op in ("multiply", "divide")) or not all(map(self.is_right, made))

    def is_usual(self, factor: float) -> bool:
        """Whether a factor is one of a reduction, of other results, or of a rate."""
        mains = np.array([*filter(None, self.mains.values())])
        return self.is_of_numbers(factor) or bool(self._are_reductions(factor / mains).any())

    def is_of_numbers(self, factor: float) -> bool:
        """Whether a factor is one of a reduction, or of a rate."""
        return bool(self._are_reductions(factor / np.array([1.0, *self._numbers])).any())

    @cached_property
    def _numbers(self) -> list[float]:
        """The single numbers that the program starts from."""
        steps = (e for e in self.run.steps if not e.op and e.value.size == 1)
        return list({abs(float(each.value.ravel()[0])) for each in steps} - {0.0})

    def known(self, value: Array) -> Iterator[Matched]:
        """Yield which true arrays a value is a multiple of; a forward value must be equal."""
        found = False
        for each in self.library.find(value):
            # Slopes are often multiples of forward values.
            if each.label.kind != "forward" or abs(abs(each.factor) - 1) < 1e-9:
                found = True
                yield each
        if not found and value.size == 1 and self.main:
            # A number is recognised by its value, so the common factor must be known.
            for each in self.library.find(value / self.main):
                if each.label.kind in ("gradient", "share"):
                    yield each._replace(factor=each.factor * self.main)

    def is_update(self, index: int, source: int) -> bool:
        """Whether a value is that of a parameter after its update."""
        value, before = self.run.steps[index].value, self.run.steps[source].value
        gradient = self.truth.gradients.get(source)
        if gradient is None or value.shape != before.shape or self.main is None:
            return False
        factor = multiple(value - before, gradient, 3e-4)
        return factor is not None and factor * self.main > 0 and value.size > 1

    def is_right(self, index: int) -> bool:
        """Whether nothing is wrong with a step's value, as far as can be seen."""
        run = self.run
        step, whole = run.steps[index], run.whole_of(index)
        # What is made of numbers alone is a rate.
        depends = run.depends[index] & ~self._rate_bits
        if not step.op or whole in self.truth.forward or not depends:
            return True
        if step.value.size == 1 and whole != index:
            return self.is_right(whole)  # one entry is not known by its value
        if not run.moves[index] and not any(run.moves[each] for each in step.inputs):
            return all(self.is_right(each) for each in step.inputs)
        return bool(self.labels(index))

    # Results

    def _updates(self) -> Iterator[Outcome]:
        run = self.run
        for source, after in run.after.items():
            if after == source or source not in self.truth.gradients:
                continue
            if after in self.truth.forward:
                continue  # the cost is computed from it: no update, but a part of the program
            before, value = run.steps[source].value, run.steps[after].value
            if value.size == before.size and np.squeeze(value).shape == np.squeeze(before).shape:
                value = value.reshape(before.shape)
            gradient, path = self.truth.gradients[source], run.steps[source].path or ""
            made = Outcome(path, after, source, True, "wrong", wanted=gradient)
            if self.is_dead(gradient):
                # What rounding leaves, such as of a bias before a batch norm, was computed.
                made.state = "right" if gradient.any() and self._is_of_rounding(after) else "dead"
            elif value.shape == before.shape and not self._judge_update(made, before, value):
                continue  # it is replaced, as a state of a recurrence is
            yield made

    def _judge_update(self, made: Outcome, before: Array, value: Array) -> bool:
        """Judge what a parameter is after a step; return whether it is an update at all."""
        source, after, gradient = made.source or 0, made.index, made.wanted
        assert gradient is not None
        made.factor = self._factor_of(value - before, gradient, before)
        if made.factor is not None and self._is_number_by_size(source, after, value - before):
            made.state = "right" if (made.factor > 0) is self.is_maximised else "sign"
            made.rate = made.factor * float(np.abs(gradient).max())
            made.factor = None
        elif made.factor is not None:
            clipped = gradient.size == 1 and self._is_clipped(after)
            made.state = "rule" if clipped else "right"
        elif (rule := self._rule(source, after, gradient)) is not None or (
            rule := self._rule_beside_penalty(source, after, gradient)
        ) is not None:
            made.factor, made.state = None if rule.divides else rule.factor, "right"
            made.averages = rule.averages
            made.rate = rule.factor if rule.averages else None
            if rule.divides and (rule.factor > 0) is not self.is_maximised:
                made.state = "sign"
        elif gradient.size > 2 and multiple(value, gradient, self.tolerance) is not None:
            made.cause = ids.STEP_INSTEAD_OF_PARAMETERS, after, None
        elif self._is_rooted(source, after) and divided_by_own_size(
            value - before, gradient, self.tolerance
        ):
            made.state = "right"  # each row is divided by the root of its own squares
        elif has_own_rule(self.run, after, gradient, self.truth.forward, self.tolerance):
            made.state = "rule"
        else:
            return source in self.returned or self._is_changed(source, after)
        return True

    def _factor_of(self, moved: Array, gradient: Array, before: Array) -> float | None:
        """Return the factor of the gradient in an update. Weights that decay may be nearly parallel
        to it: after a first round in which they were 0.
        """
        factor = multiple(moved, gradient, self.tolerance)
        is_near = factor is not None and multiple(moved, gradient, EXACT) is None
        if is_near and self.fit.root.kind not in ("own", "upstream"):
            exact = penalised(-moved, gradient, before, EXACT)
            return factor if exact is None else -exact
        return factor

    def _rule_beside_penalty(self, source: int, after: int, gradient: Array) -> UpdateRule | None:
        """Return the rule of an update that is made of a gradient and that of a penalty, where the
        cost that the program computes has none.
        """
        before, kind = self.run.steps[source].value, self.fit.root.kind
        known = self._has_penalty(source) or self._is_bias_beside_penalty(source)
        if kind == "upstream" or (kind == "own" and known):
            return None
        for step in self._behind[source, after]:
            if step.op and step.value.shape == gradient.shape:
                factor = penalised(step.value, gradient, before, self.tolerance)
                if factor is not None and (rule := self._rule(source, after, step.value / factor)):
                    return rule if rule.divides else None
        return None

    def _is_number_by_size(self, source: int, after: int, moved: Array) -> bool:
        """Whether the first update of a number is a rate, as that by Adam is, whatever its gradient
        is: it is divided by the root of its square.
        """
        if moved.size > 1:
            return False
        size = abs(float(moved.ravel()[0]))
        # By RMSprop the root is that of (1 - β) times the square.
        roots = [1.0, *(np.sqrt(abs(part)) for e in self._numbers for part in (e, 1.0 - e) if part)]
        if not any(near(size * root, each) for root in roots for each in self._numbers):
            return False
        behind = self.run.ancestors([after]) - self.truth.forward - {source}
        return any(self.run.steps[at].op == "sqrt" for at in behind)

    def _is_clipped(self, after: int) -> bool:
        """Whether an update is made of what a clipping of the backward part has changed."""
        steps = self.run.steps
        return any(
            steps[at].op in _CLIPS and not np.array_equal(steps[at].value, steps[given].value)
            for at in self.run.ancestors([after]) - self.truth.forward
            for given in steps[at].inputs[:1]
        )

    def _is_rooted(self, source: int, after: int) -> bool:
        """Whether an update is written by rows, each divided by a root."""
        size, behind = self.run.steps[source].value.size, self._behind[source, after]
        by_rows = any(e.op in _BY_ROWS and e.value.size == size for e in behind)
        return by_rows and any(e.op == "sqrt" and 1 < e.value.size < size for e in behind)

    def _judge_decays(self) -> None:
        """Judge updates that have too few entries for two kinds of decay, as by L1 and L2, by those
        of a larger parameter.
        """
        moved = {e.index: self._moved(e) for e in self.outcomes if e.wanted is not None}
        known = (
            decays_of_both(value, e.wanted, self.run.steps[e.source or 0].value, self.tolerance)
            for e in self.outcomes
            if e.state == "right" and (value := moved.get(e.index)) is not None
        )
        both = next(filter(None, known), None)
        for each in self.outcomes if both else ():
            value, gradient = moved.get(each.index), each.wanted
            if value is None or gradient is None or value.size > MIN_OF_BOTH or not both:
                continue
            before = self.run.steps[each.source or 0].value
            whole = gradient + both[0] * before + both[1] * np.sign(before)
            factor = multiple(value, whole, self.tolerance)
            if factor is not None:
                each.state, each.factor = "right", factor
        self._judge_few(moved)

    def _judge_few(self, moved: Mapping[int, Array | None]) -> None:
        """Judge updates by the factor of others where something is left that makes the parameter
        smaller: of two entries, or of rows that are used several times, no sum tells it.
        """
        factors = {e.factor for e in self.outcomes if e.state == "right" and e.factor is not None}
        for each in self.outcomes:
            value, gradient = moved.get(each.index), each.wanted
            if each.state != "wrong" or value is None or gradient is None or value.size < 2:
                continue
            before = self.run.steps[each.source or 0].value
            source = each.source or 0
            if value.shape != gradient.shape or self._has_penalty(source):
                continue
            if self._is_bias_beside_penalty(source):
                continue
            for factor in factors:
                strengths = [factor * each for each in self._numbers]
                if decays_alone(value, factor * gradient, before, strengths, self.tolerance):
                    each.state, each.factor = "right", factor

    def _moved(self, outcome: Outcome) -> Array | None:
        """Return by how much an update changes a parameter; None where its shape is another."""
        after, before = (self.run.steps[at].value for at in (outcome.index, outcome.source or 0))
        return after - before if after.shape == before.shape else None

    def _judge_rows(self) -> None:
        """Judge updates of a few entries that may decay together, by one rate and one decay.

        One row alone fits some rate and some decay.
        """
        rows = list[tuple[Outcome, Array]]()
        for each in self.outcomes:
            before, value = (self.run.steps[at].value for at in (each.source or 0, each.index))
            if each.state in ("wrong", "right") and before.shape == value.shape:
                changed = value != before
                if (
                    not changed.all()
                    and each.wanted is not None
                    and not each.wanted[~changed].any()
                ):
                    moved = (value - before)[changed]
                    rows.append((each, np.stack([moved, each.wanted[changed], before[changed]])))
        all_right = all(each.state == "right" for each, _ in rows)
        if len(rows) < 2 or (all_right and all(near(e.factor, rows[0][0].factor) for e, _ in rows)):
            return
        # At most one is wrong; of right ones the factors may be those of other decays.
        for wrong in (None, *(each for each, _ in rows if not all_right)):
            kept = [(each, row) for each, row in rows if each is not wrong]
            one, two, three = np.concatenate([row for _, row in kept], axis=1)
            factor = decayed(one, two, three, self.tolerance)
            if factor is not None:
                at = np.argmax(abs(three))
                self.decay = float((one - factor * two)[at] / three[at])
                for each, _ in rows:
                    each.state = "wrong" if each is wrong else "right"
                    each.factor = None if each is wrong else factor
                return

    def _judge_numbers(self) -> None:
        """Judge single numbers that one line updates by one rate and one decay."""
        lines = dict[object, list[tuple[Outcome, float, float, float]]]()
        for each in self.outcomes:
            before, value = (self.run.steps[at].value for at in (each.source or 0, each.index))
            is_number = each.wanted is not None and before.size == value.size == 1
            if is_number and each.wanted is not None and each.state in ("wrong", "right"):
                row = (each, float((value - before).item()), each.wanted.item(), before.item())
                lines.setdefault(self.run.steps[each.index].line, []).append(row)
        for rows in lines.values():
            moved, wanted, before = np.array([each[1:] for each in rows]).T
            factor = None
            if len(rows) > MIN_OF_BOTH and multiple(moved, wanted, self.tolerance) is None:
                factor = decayed(moved, wanted, before, self.tolerance)
            for each, *_ in rows if factor is not None else ():
                each.state, each.factor = "right", factor

    def _judge_sizes(self) -> None:
        """Judge single numbers that one line updates by their rate alone, of which some go up their
        gradient and some down: those of one kind may have a penalty that the cost lacks.
        """
        lines = dict[object, list[Outcome]]()
        for each in self.outcomes:
            is_number = each.wanted is not None and each.wanted.size == 1
            if each.is_update and is_number and each.rate is not None and each.factor is None:
                lines.setdefault(self.run.steps[each.index].line, []).append(each)
        for rows in lines.values():
            known = [(e.wanted.item(), e.source) for e in rows if e.wanted is not None]
            wanted = np.array([gradient for gradient, _ in known])
            before = np.array([self.run.steps[at or 0].value.item() for _, at in known])
            mixed = {each.state for each in rows} == {"right", "sign"}
            for values in self._common_numbers(rows) if mixed and len(known) == len(rows) else ():
                if penalised(values, wanted, before, self.tolerance) is not None:
                    for each in rows:
                        each.state = "right"
                    break

    def _common_numbers(self, rows: Sequence[Outcome]) -> Iterator[Array]:
        """Yield the numbers that each line computes on the way to some updates, one for each."""
        run, places = self.run, list[dict[object, float]]()
        for each in rows:
            behind = sorted(run.ancestors([each.index]) - self.truth.forward)
            numbers = (run.steps[at] for at in behind if run.steps[at].op)
            places.append({e.site: float(e.value.item()) for e in numbers if e.value.size == 1})
        for site in places[0]:
            if all(site in each for each in places):
                yield np.array([each[site] for each in places])

    def _is_changed(self, source: int, after: int) -> bool:
        """Whether a value is that of a source plus something, written to it or added entry by
        entry.
        """
        return after in self._versions or is_made_of(self.run, after, source)

    @cached_property
    def _largest(self) -> float:
        gradients = self.truth.gradients.values()
        return max((float(np.abs(each).max(initial=0.0)) for each in gradients), default=0.0)

    def is_dead(self, value: Array | None) -> bool:
        """Whether an array, if there is one, is nothing but what rounding left of 0."""
        if value is None:
            return False
        rounding = 1e-6 if self.run.single_precision else 1e-13
        return float(np.abs(value).max(initial=0.0)) <= rounding * self._largest

    def _is_of_rounding(self, after: int) -> bool:
        """Whether an update is made of nothing but what rounding left of 0."""
        run = self.run
        behind = (run.steps[at] for at in run.ancestors([after]) - self.truth.forward)
        shape = run.steps[after].value.shape
        arrays = (each.value for each in behind if each.op and each.value.shape == shape)
        return any(each.any() and self.is_dead(each) for each in arrays)

    def _rule(
        self, source: int, after: int, gradient: Array, values: Mapping[int, Array] | None = None
    ) -> UpdateRule | None:
        run = self.run
        if (source, after) not in self._behind:
            behind = run.ancestors([after]) - self.truth.forward - {source}
            # Nesterov's velocity is read going forward, too.
            products = (run.steps[at].inputs for at in behind if run.steps[at].op == "multiply")
            numbers = (e for e in products if min(run.steps[k].value.size for k in e) == 1)
            behind |= {k for e in numbers for k in e if not run.steps[k].op} - {source}
            self._behind[source, after] = [run.steps[at] for at in sorted(behind)]
        # A decay beside a penalty would hide that the gradient of the penalty is missing.
        return rule_of(
            *(run, source, after, gradient, self._behind[source, after], self.tolerance, values),
            decays=not self._has_penalty(source) and not self._is_bias_beside_penalty(source),
        )

    def _is_bias_beside_penalty(self, source: int) -> bool:
        """Whether a source is a bias, and the cost has a penalty of other parameters."""
        return self.is_bias(source) and any(
            after != each != source and self._has_penalty(each)
            for each, after in self.run.after.items()
            if each in self.truth.gradients and each in self.run.sources
        )

    def _has_penalty(self, source: int) -> bool:
        """Whether the cost has a term of this parameter alone; in exp(−W @ x), −W is none."""
        if source not in self._penalised:
            self._penalised[source] = self._is_penalised(source)
        return self._penalised[source]

    def _is_penalised(self, source: int) -> bool:
        run = self.run
        of_it = {source}  # and of numbers; with arrays of data it is no penalty
        for at in sorted(self.truth.gradients.keys() - {source}):
            inputs = [run.steps[k] for k in run.steps[at].inputs if k not in of_it]
            is_made = len(inputs) < len(run.steps[at].inputs)
            if is_made and all(e.value.size == 1 or e.value.dtype.kind != "f" for e in inputs):
                of_it.add(at)
        alone = (
            run.steps[at]
            for at, gradient in self.truth.gradients.items()
            if gradient.any() and run.depends[at] == run.depends[source] and run.steps[at].op
            if at in of_it
        )
        # Sums of what is linear are: a convolution adds up what it multiplies by.
        return any(
            each.op not in LINEAR | _FREE_SHAPE or sum(run.moves[k] for k in each.inputs) > 1
            for each in alone
            if each.op not in _ARRANGES | _ADDS
        )

    def _gradients(self) -> Iterator[Outcome]:  # noqa: C901 - one pass over the results
        run = self.run
        sources, taken = KnownArrays(self.tolerance), set[int]()
        for index, gradient in self.truth.gradients.items():
            if not run.steps[index].op:
                sources.add(gradient, index)
        updated = {
            each
            for source, each in run.after.items()
            if each != source and source in self.truth.gradients
        }
        waiting: list[Returned] = []
        main = self._common_factor(sources)
        places = {run.steps[index].path for index in self.truth.gradients}
        # What is recognised up to a factor comes first.
        results = sorted(self._results(), key=lambda e: run.steps[e.index].value.size == 1)
        # A velocity, or a gradient that is kept, of which the update is right.
        behind = run.ancestors([e.index for e in self.outcomes if e.state == "right"])
        behind -= {each.index for each in run.returned}
        # The cost of a later round is returned beside that of the first.
        of_cost = [run.steps[root].place for root in self.truth.roots]
        behind |= {at for place in of_cost for at in run.places.get(place, ())}
        for each in results:
            value = run.steps[each.index].value
            if each.index in behind:
                continue
            if each.index in self.truth.forward and each.index not in run.after.values():
                if each.index >= run.start > 0:
                    waiting.append(each)
                continue
            at = each.index
            while run.steps[at].op in _FREE_SHAPE and at not in updated:
                at = run.steps[at].inputs[0]
            is_copy = each in run.state and not run.steps[at].op and at in self.truth.forward
            # The next round may write its data into an array before it reads an update.
            is_replaced = each in run.state and each.path in places
            # Another fit of the same call has other parameters.
            of = self._versions.get(at, at)
            is_other = of != at and of not in self.truth.gradients
            # A gradient may be added to zeros, which nothing else reads.
            is_other &= bool(run.steps[of].value.any()) or len(run.readers[of]) > 1
            if at in updated or is_copy or is_replaced or is_other:
                continue
            found = list(sources.find(value))
            if value.size == 1 and main is not None:
                found = [m._replace(factor=m.factor * main) for m in sources.find(value / main)]
                found += sources.find(value)
            matches = [m for m in found if m.label not in taken | self.targets]
            if value.size == 1:  # those of two classes are opposite numbers
                matches.sort(key=lambda m: m.factor < 0)
            if self.is_dead(value):
                matches = []
            names = self._names(each)
            named = [m for m in matches if _named(names, run.steps[m.label].path or "")]
            match = next(iter(named or matches), None)
            if match is not None and not named and self._is_named_otherwise(names, value, taken):
                match = None
            if match is None:
                waiting.append(each)
                continue
            taken.add(match.label)
            wanted = self.truth.gradients[match.label]
            turned = match.turned and np.squeeze(value).ndim > 1
            state: State = "turned" if turned else "right"
            yield Outcome(each.path, each.index, match.label, False, state, match.factor, wanted)
        waiting = [each for each in waiting if each not in self.of_rounds]
        for each in sorted(waiting, key=lambda e: not self._belonging(e, run.sources)):
            value, names = run.steps[each.index].value, self._names(each)
            dead = self._of_dead(each)
            if dead is not None:  # such as the bias before a batch norm
                judged: State = "right" if self.is_dead(value) else "wrong"
                yield Outcome(each.path, each.index, dead, False, judged)
                continue
            outcome = self._returned_update(each) or self._of_list(each, taken)
            outcome = outcome or self._part_of_gradient(each, sources)
            if outcome is not None:
                taken.add(-1 if outcome.source is None else outcome.source)
                yield outcome
                continue
            source = self._meant(each, taken)
            moved = any(o.is_update and o.source == source for o in self.outcomes)
            if source is None or (moved and each in run.state):
                continue  # a velocity: the update is judged
            taken.add(source)
            wanted = self.truth.gradients[source]
            factor = None
            before, value = run.steps[source].value, run.steps[each.index].value
            if self.fit.root.kind not in ("own", "upstream") and value.shape == before.shape:
                factor = penalised(value, wanted, before, self.tolerance)
            if factor is None and _named(names, run.steps[source].path or ""):
                factor = self._factor_of_namesake(source, value)
            judged = "wrong" if factor is None else "right"
            made = Outcome(each.path, each.index, source, False, judged, factor, wanted)
            if not _named(names, run.steps[source].path or ""):
                made.others = tuple(
                    s for s in self._left(taken) if self.truth.gradients[s].shape == wanted.shape
                )
            yield made

    def _factor_of_namesake(self, source: int, value: Array) -> float | None:
        """Return the factor of the gradient of what the program calls like a source, such as an
        argument with one more row.
        """
        run, name = self.run, last_name(self.run.steps[source].path or "")
        alike = (
            gradient
            for at, gradient in self.truth.gradients.items()
            if run.steps[at].op and last_name(run.steps[at].name) == name
            if gradient.shape == value.shape
        )
        found = (multiple(value, gradient, self.tolerance) for gradient in alike)
        return next((each for each in found if each is not None), None)

    def _names(self, result: Returned) -> tuple[str, str]:
        return result.path, result.name or self.run.steps[result.index].name

    def is_named(self, outcome: Outcome) -> bool:
        """Whether a returned result has the name of the gradient of a source that is not updated,
        as dx has that of x.
        """
        run, of = self.run, outcome.source
        if outcome.is_update or of is None or not run.steps[outcome.index].name:
            return False
        is_returned = any(each.index == outcome.index for each in run.returned)
        path, name = run.steps[of].path or "", run.steps[outcome.index].name
        return is_returned and last_name(name) != last_name(path) and _named([name], path)

    def _common_factor(self, sources: KnownArrays) -> float | None:
        """Return the factor that most results have which are multiples of a gradient."""
        factors = group_factors(self.run, self.truth, self.tolerance)
        for each in self._results():
            value = self.run.steps[each.index].value
            matches = sources.find(value).first if value.size > 1 else []
            factors += [m.factor for m in matches if m.label not in self.targets]
        counts = [(sum(near(a, b) for b in factors), -k) for k, a in enumerate(factors)]
        return factors[-max(counts)[1]] if counts else None

    def _of_list(self, each: Returned, taken: set[int]) -> Outcome | None:
        """Return an array that holds the gradients of a list of numbers."""
        run, gradients = self.run, self.truth.gradients
        value = run.steps[each.index].value
        numbers = [
            (run.steps[at].path or "", at)
            for at in run.sources
            if at in gradients and run.steps[at].value.size == 1 and at not in taken
        ]
        for group in groups_of(numbers):
            if len(group) == value.size > 1:
                wanted = np.array([gradients[at].ravel()[0] for at in group])
                factor = multiple(value, wanted, self.tolerance)
                if factor is not None:
                    taken.update(group)
                    wanted = wanted.reshape(value.shape)
                    return Outcome(each.path, each.index, group[0], False, "right", factor, wanted)
        return None

    def _part_of_gradient(self, each: Returned, sources: KnownArrays) -> Outcome | None:
        """Return a result that is a part of a right gradient, such as a row for the bias."""
        at = each.index
        # A pair returns whole gradients.
        if self.run.start or not self.run.steps[at].value.size:
            return None
        while self.run.steps[at].op in _FREE_SHAPE:
            at = self.run.steps[at].inputs[0]
            match = next(iter(sources.find(self.run.steps[at].value)), None)
            forward = at in self.truth.forward or (match and match.label in self.targets)
            if match is not None and not forward and not match.turned:
                value = self.run.steps[each.index].value
                if value.shape == self.truth.gradients[match.label].shape:
                    return None  # its entries are in another order
                wanted = value / match.factor
                return Outcome(
                    each.path, each.index, match.label, False, "right", match.factor, wanted
                )
        return None

    def _returned_update(self, each: Returned) -> Outcome | None:
        """Return a result that is no gradient, but a parameter minus something."""
        run, source = self.run, self._versions.get(each.index)
        if source is None and not run.start:
            step, value = run.steps[each.index], run.steps[each.index].value
            while value.size == 1 and step.op in ("mean", "astype", "copy", "reshape"):
                step = run.steps[step.inputs[0]]  # the mean of the updates of each sample
            for at in step.inputs[:1] if step.op == "subtract" else step.inputs:
                while run.steps[at].op in ("copy", "astype", "reshape", "getitem"):
                    at = run.steps[at].inputs[0]
                of = run.steps[at]
                if not of.op and of.path is not None and of.value.size == value.size:
                    source = at
                    break
        if source is None or run.after.get(source, source) != source:
            return None
        others = [at for at in run.steps[each.index].inputs if run.whole_of(at) != source]
        bit = 1 << run.sources.index(source)
        if run.steps[source].value.size == 1 and not any(run.depends[e] & bit for e in others):
            return None  # a sum of numbers
        gradient = self.truth.gradients.get(source)
        if gradient is None or not gradient.any():
            return None
        before = run.steps[source].value
        moved = run.steps[each.index].value.reshape(before.shape) - before
        factor = multiple(moved, gradient, self.tolerance)
        if factor is None and run.steps[each.index].op != "subtract":
            return None
        run.after[source] = each.index
        self.returned.add(source)
        return next((e for e in self._updates() if e.source == source), None)

    @cached_property
    def _versions(self) -> dict[int, int]:
        return {} if self.run.start else versions_of(self.run)

    def _results(self) -> Iterator[Returned]:
        """Yield the arrays that are returned or left behind, else what nothing reads."""
        run = self.run
        seen: set[int] = set()
        for each in (*run.returned, *run.state):
            is_float = run.steps[each.index].value.dtype.kind == "f"
            if is_float and each.index >= run.start and each.index not in seen:
                seen.add(each.index)
                yield each

    @cached_property
    def of_rounds(self) -> list[Returned]:
        """What a loop returns of each round but the last, where no sources are in such a list."""
        run, places = self.run, dict[Any, list[Returned]]()
        for each in self._results():
            stem, step = each.path.rpartition("[")[0], run.steps[each.index]
            places.setdefault((stem, step.site, step.value.shape), []).append(each)
        lists = [
            (len(group), run.steps[group[0]].value.shape)
            for group in groups_of((run.steps[s].path or "", s) for s in run.sources)
            if not self.targets.issuperset(group)
        ]
        groups = [
            group
            for (_, _, shape), group in places.items()
            if len(group) > 1 and (len(group), shape) not in lists
        ]
        rounds = [sorted(group, key=lambda e: e.index) for group in groups]
        # Each is computed from the one before.
        states = [g for g in rounds if g[0].index in run.ancestors([g[-1].index])]
        return [e for group in states for e in group[:-1]]

    @cached_property
    def targets(self) -> set[int]:
        """The sources that predictions are subtracted from or by: no gradient of them is meant."""
        run, found = self.run, set[int]()
        if run.start:
            return found
        for last in self.truth.forward:
            step = run.steps[last]
            if step.op == "subtract":
                for one, other in (step.inputs, step.inputs[::-1]):
                    same = run.steps[one].value.shape == run.steps[other].value.shape
                    at, readers = last, set(run.readers[one]) & self.truth.forward
                    while run.steps[one].op in _FREE_SHAPE and readers == {at}:
                        one, at = run.steps[one].inputs[0], one
                        readers = set(run.readers[one]) & self.truth.forward
                    if same and not run.steps[one].op and run.steps[other].op and readers == {at}:
                        found.add(one)
        if self.fit.root.kind == "own":
            found |= {each for each in run.sources if self._is_linear_in(each)}
        return found

    def _is_linear_in(self, source: int) -> bool:
        """Whether the cost is linear in a source: a cross-entropy is, in its targets."""
        run, inside = self.run, {source}
        if source not in self.truth.gradients:
            return False
        for at in sorted(self.truth.forward):
            step = run.steps[at]
            reads = [each for each in step.inputs if each in inside]
            if reads and run.moves[at]:
                divides = step.op == "divide" and step.inputs[-1] in inside
                twice = len(reads) > 1 and step.op not in ("add", "subtract", "stack")
                # The strength of a penalty multiplies what one parameter makes.
                others = [run.depends[each].bit_count() for each in step.inputs if each != source]
                penalises = step.op == "multiply" and source in reads and others == [1]
                if step.op not in LINEAR | {"where"} or divides or twice or penalises:
                    return False
                inside.add(at)
        return True

    def _of_dead(self, result: Returned) -> int | None:
        """Return the source that a result belongs to and that the cost does not depend on."""
        gradients = self.truth.gradients
        dead = [s for s in self.run.sources if s in gradients and self.is_dead(gradients[s])]
        return next(iter(self._belonging(result, dead)), None)

    def _belonging(self, result: Returned, sources: list[int]) -> list[int]:
        """Return which of some sources a result is named after, or belongs to as others do."""
        names = self._names(result)
        named = [s for s in sources if _named(names, self.run.steps[s].path or "")]
        return list(dict.fromkeys([*named, *(s for s in self._alike(result.path) if s in sources)]))

    def _left(self, taken: set[int]) -> list[int]:
        """Return the sources with a gradient that no result is."""
        gradients = self.truth.gradients
        return [
            each
            for each in self.run.sources
            if each in gradients and each not in taken and not self.is_dead(gradients[each])
            if each not in self.targets and not self._is_mask(each) and not self._is_filled(each)
        ]

    def _is_filled(self, source: int) -> bool:
        """Whether the forward pass only sets entries of a source, as data beside a row of ones."""
        readers = [self.run.steps[each] for each in self.run.readers[source]]
        inner = [step for step in readers if step.index in self.truth.forward]
        return all(step.op == "setitem" and step.inputs[0] == source for step in inner)

    def _is_mask(self, source: int) -> bool:
        """Whether a source has 0 and one more number, and is only multiplied, as in dropout."""
        value, readers = self.run.steps[source].value, self.run.readers[source]
        ops = {self.run.steps[each].op for each in readers if each in self.truth.forward}
        return ops == {"multiply"} and len(np.unique(value)) == 2 and not value.all()

    def _is_named_otherwise(self, names: tuple[str, str], value: Array, taken: set[int]) -> bool:
        """Whether a result is named as the gradient of another source of its shape."""
        updated = {each.source for each in self.outcomes if each.is_update}
        return any(
            _named(names, self.run.steps[each].path or "")
            for each in self._left(taken)
            if self.truth.gradients[each].shape == value.shape
            if not updated or each in updated
        )

    def _meant(self, result: Returned, taken: set[int]) -> int | None:
        """Return the source whose gradient a result that is none should be."""
        run, gradients, left = self.run, self.truth.gradients, self._left(taken)
        value, is_state = run.steps[result.index].value, result in run.state
        named = self._belonging(result, left)
        same = [s for s in left if gradients[s].shape == value.shape]
        if [s for s in named if s in same]:
            return next(s for s in named if s in same)
        if named and (not is_state or not self.is_right(result.index)):
            return named[0]
        if not run.start and any(each.is_update for each in self.outcomes):
            return None  # what is returned beside updates is a cost or a prediction
        # What a cell leaves behind is its result; what a function leaves is rarely meant.
        is_result = run.start > 0 or (not run.returned and bool(same))
        if is_state and (self.is_right(result.index) or not is_result):
            return None
        kinds = {each.label.kind for each in self.labels(result.index)}
        if not run.start and kinds and kinds <= {"forward", "slope"}:
            return None
        squeezed = [s for s in left if np.squeeze(gradients[s]).shape == np.squeeze(value).shape]
        turned = [s for s in left if gradients[s].shape == value.shape[::-1] and value.ndim > 1]
        whole = [
            s
            for s in left
            # An array that a layer keeps is not the gradient of a parameter of one number.
            if (gradients[s].size > 1 or not is_state)
            and gradients[s].size < value.size
            and value.shape[value.ndim - gradients[s].ndim :] == gradients[s].shape
        ]
        by_size = sorted(left, key=lambda s: -gradients[s].size)
        found = (*same, *squeezed, *turned, *whole)
        found += tuple(by_size if run.start and not is_state else ())
        return next(iter(found), None)

    def _alike(self, path: str) -> list[int]:
        """Return the sources that belong to a result as others do to theirs: W[0] to [1][0], if
        [1][2] is the gradient of W[2]; k.bias to k.grads['db'], if q.bias is that of q.grads['db'].
        """
        places = {run_path: s for s in self.run.sources if (run_path := self.run.steps[s].path)}
        own, found = _SEPARATORS.split(path), []
        for each in self.outcomes:
            other = _SEPARATORS.split(each.path)
            differing = [k for k, (a, b) in enumerate(zip(own, other, strict=False)) if a != b]
            if len(own) != len(other) or len(differing) != 1 or each.source is None:
                continue
            this, that = own[differing[0]], other[differing[0]]
            of = _TOKENS.findall(self.run.steps[each.source].path or "")
            if that in of:
                found.append(places.get("".join(this if e == that else e for e in of), -1))
        return found

    @cached_property
    def target_bits(self) -> int:
        """The sources that hold targets: class numbers, and what predictions are subtracted by."""
        run = self.run
        found = {at for at in run.sources if run.steps[at].value.dtype.kind != "f"}
        found -= {at for at in found if self._is_row(at)}
        for at in self.fit.root.meets:
            found |= {each for each in run.steps[at].inputs if not run.steps[each].op}
        whole = sum(1 << run.sources.index(at) for at in found & set(run.sources))
        targets = sum(1 << run.sources.index(at) for at in self.targets & set(run.sources))
        return whole | targets & self.float_bits

    @cached_property
    def float_bits(self) -> int:
        """The sources that are arrays of floats: numbers beside them are rates and strengths."""
        floats = [step.value for step in map(self.run.steps.__getitem__, self.run.sources)]
        sizes = [value.size if value.dtype.kind == "f" else 0 for value in floats]
        return sum(1 << at for at, n in enumerate(sizes) if n > 1 or n == max(sizes) == 1)

    @cached_property
    def _rate_bits(self) -> int:
        """The sources that are single floats beside arrays of floats."""
        numbers = [self.run.steps[at].value for at in self.run.sources]
        floats = [value.size == 1 and value.dtype.kind == "f" for value in numbers]
        return sum(1 << at for at, each in enumerate(floats) if each) & ~self.float_bits

    def _is_row(self, source: int) -> bool:
        """Whether a number of a source says which row of a table is taken, such as a word's."""
        run = self.run
        read = [run.steps[at] for at in run.readers[source] if at in self.truth.forward]
        return bool(read) and all(s.op == "getitem" and not run.steps[s.inputs[0]].op for s in read)

    def _compare_factors(self) -> None:
        """Mark results that have another factor than the rest."""
        rated = any(each.rate is not None for each in self.outcomes)
        # Averages that do not begin with 0 tell no rate.
        divides = any(
            e.is_update and e.state == "right" and e.factor is None for e in self.outcomes
        )
        for each in self.outcomes if rated or divides else ():
            # Entries of one size, or a single one, are divided by their size.
            if each.is_update and each.factor is not None and is_of_one_size(each):
                assert each.wanted is not None
                right = (each.factor > 0) is self.is_maximised
                each.state = "right" if right else "sign"
                size = float(np.abs(each.wanted).max())
                each.rate, each.factor = each.factor * size if rated else None, None
        for is_update in (True, False):
            known = [
                (each, each.factor)
                for each in self.outcomes
                if each.is_update is is_update and each.factor is not None
                if each.state == "right"
            ]
            if known:
                self._compare(known, is_update=is_update)
        DividedUpdates(self).compare()
        compare_decays(self)
        compare_roots(self)

    def scaled_in(self, outcome: Outcome) -> list[int]:
        """Return the products that an update is made of."""
        steps = self.run.steps
        return [at for at in self.run.ancestors([outcome.index]) if steps[at].op == "multiply"]

    def has_velocity(self, outcome: Outcome) -> bool:
        """Whether an update multiplies an array of its shape that is no parameter, nor all 1."""
        steps, updated = self.run.steps, {e.source for e in self.outcomes if e.is_update}
        products = (at for at in self.scaled_in(outcome) if at not in self.truth.forward)
        read = {k for at in products for k in steps[at].inputs} - updated - self.truth.forward
        shape = None if outcome.wanted is None else outcome.wanted.shape
        values = [steps[k].value for k in read if not steps[k].op]
        return any(value.shape == shape and (value != 1.0).any() for value in values)

    def _compare(self, known: list[tuple[Outcome, float]], *, is_update: bool) -> None:
        of_samples = [] if is_update else [e for e in known if self._is_of_samples(*e, known)]
        known = [each for each in known if each not in of_samples]
        self.averaged = round(of_samples[0][1] / known[0][1]) if of_samples else self.averaged
        arrays = [f for each, f in known if each.wanted is not None and each.wanted.size > 1]
        others = [e for e in self.outcomes if e.is_update is is_update and e.state == "wrong"]
        numbers = not arrays and any(e.wanted is not None and e.wanted.size > 1 for e in others)
        if numbers or (is_update and self._all_differ(arrays)):
            for each, _ in known:
                each.state = "wrong"  # each number, or row, is some multiple of another
            return
        factors = arrays or [factor for _, factor in known]
        # What goes wrong on the way back leaves the last layers right; weights tell more.
        chosen = [e for e, _ in known if not arrays or (e.wanted is not None and e.wanted.size > 1)]
        counts = [
            (
                sum(near(a, b) for b in factors),
                self.depth(each),
                0 if each.wanted is None else each.wanted.size,
                -at,
            )
            for at, (a, each) in enumerate(zip(factors, chosen, strict=True))
        ]
        is_own = self.fit.root.kind == "own" or self.fit.root.is_told
        main = max(zip(counts, factors, strict=True))[1]
        if is_update:
            main = self._main_of_updates(known, chosen, counts, is_own=is_own)
        updated = {e.source for e in self.outcomes if e.is_update and e.state == "right"}
        exact = (self.exact and not of_samples) or any(near(each, 1.0) for each in factors)
        is_known = is_own and not of_samples
        if not is_update and (exact or (is_known and not self.is_reduction(main))):
            main = 1.0
        self.mains[is_update] = main
        if self.main is None:
            self.main = main
        for each, factor in known:
            if not near(factor, main):
                each.state = self._beside(each, factor, main, is_update and is_own, is_update)
                number = each.wanted is not None and each.wanted.size == 1
                by_chance = number and not any(near(factor, a) for a in arrays)
                if each.state == "factor" and by_chance and not self.is_rate(main / factor):
                    each.state = "wrong"
            if not is_update and main < 0 and not self.exact and factor < 0:
                # Of an update with the right sign, the sign of what is kept of it is a choice.
                each.state = "right" if each.source in updated else "sign"
        if is_update:
            self._judge_unlike(known, main)
            self._judge_directions(known, main)

    def _beside(
        self, outcome: Outcome, factor: float, main: float, rated: bool, is_update: bool
    ) -> State:
        """Return the state of a result that has another factor than most. ``rated``: it may have a
        rate of its own.
        """
        if is_update:
            of = outcome.source or 0, self._moved(outcome), outcome.wanted
            if self._is_decayed_number(outcome, main) or self._decays_after(*of, factor, main):
                return "right"
        if rated and self._has_own_rate(outcome, abs(factor), abs(main)):
            return "right" if factor * main > 0 else "sign"
        return "sign" if near(-factor, main) else "factor"

    def _has_own_rate(self, outcome: Outcome, factor: float, main: float) -> bool:
        """Whether the rate of an update is another number of the program than that of others, not
        by a reduction: one by a schedule, or of another kind of layer.
        """
        array = outcome.wanted is not None and outcome.wanted.size > 1
        rates = self.is_rate(factor) and self.is_rate(main)
        listed = self._is_listed_with(factor, main) or self._is_of_layer(outcome, factor, main)
        return array and rates and (listed or not self.is_reduction(factor / main))

    def _is_of_layer(self, outcome: Outcome, factor: float, main: float) -> bool:
        """Whether an update reads its factor from an object, of which others of the same kind have
        another one: net[2].learning_rate beside net[0].learning_rate.
        """
        run, names = self.run, dict[float, set[str]]()
        behind = run.ancestors([outcome.index])
        for at in run.sources:
            step = run.steps[at]
            if step.value.size == 1 and "." in (step.path or ""):
                value = abs(float(step.value.ravel()[0]))
                if near(value, main) or (near(value, factor) and at in behind):
                    key = main if near(value, main) else factor
                    names.setdefault(key, set()).add(last_name(step.path or ""))
        return not names.get(main, set()).isdisjoint(names.get(factor, set()))

    def _is_decayed_number(self, outcome: Outcome, main: float) -> bool:
        """Whether a strength of the program times the number is part of its update."""
        before, gradient = self.run.steps[outcome.source or 0].value, outcome.wanted
        moved = self._moved(outcome)
        if moved is None or gradient is None or gradient.size > 1 or not before.any() or not main:
            return False
        strength = float(((moved / main - gradient.reshape(moved.shape)) / before).ravel()[0])
        source = outcome.source or 0
        small = 0.0 < strength < 1.0 and not self._has_penalty(source)
        small = small and not self._is_bias_beside_penalty(source)
        return small and any(near(strength, k * each) for each in self._numbers for k in (1.0, 2.0))

    def _decays_after(
        self, source: int, moved: Array | None, gradient: Array | None, factor: float, main: float
    ) -> bool:
        """Whether a parameter decays after its update by the factor of others, so that the update
        decays, too.
        """
        kept = factor / main if main else 0.0
        if moved is None or gradient is None or moved.size < 3 or not 0.5 < kept < 1.0:
            return False
        before = self.run.steps[source].value.reshape(moved.shape)
        value = (before + moved) / kept - before
        known = any(near(kept, k) for e in self._numbers for k in (e, 1.0 - e, 1.0 - abs(main) * e))
        own = multiple(value, gradient.reshape(value.shape), self.tolerance)
        return known and bool(before.any()) and own is not None and near(own, main)

    def _is_listed_with(self, factor: float, main: float) -> bool:
        """Whether the program is given a list with both factors, such as the rates of layers."""
        entries = [
            (step.path.rpartition("[")[0], abs(float(step.value.item())))
            for step in map(self.run.steps.__getitem__, self.run.sources)
            if step.value.size == 1 and step.path is not None and step.path.endswith("]")
        ]
        lists = ({name for name, value in entries if near(value, a)} for a in (factor, main))
        return bool(set.intersection(*lists))

    def _main_of_updates(
        self,
        known: list[tuple[Outcome, float]],
        chosen: list[Outcome],
        counts: list[tuple[int, int, int, int]],
        *,
        is_own: bool,
    ) -> float:
        """Return the factor that updates should have. ``counts`` say of each of the ``chosen`` how
        many have its factor, and what tells more where that does not.
        """
        factors = [factor for each, factor in known if each in chosen]
        most, *_, at = max(counts)
        main = factors[-at]
        rated = [k for k, each in enumerate(factors) if self.is_rate(each)]
        if not rated and not is_own:  # the gradients may be means
            rated = [k for k, e in enumerate(factors) if any(map(self.is_rate, self._summed(e)))]
        # Where some updates have the learning rate and others the factor 1, these lack it.
        lacking = (near(abs(main), 1.0) and len(rated) > 1) or most * 2 <= len(factors)
        # Or a factor is wrong on the way back, from some layer on.
        depths = [self.depth(each) for each in chosen]
        common = [depth for depth, each in zip(depths, factors, strict=True) if near(each, main)]
        lacking |= is_own and bool(rated) and min(depths[k] for k in rated) > max(common)
        if rated and -at not in rated and lacking:
            main = factors[max(rated, key=lambda k: counts[k])]
        # Of as many with the learning rate as without, those lack it whose factor is larger.
        smaller = (each for each in factors if abs(each) < abs(main))
        with_rate = [
            each
            for each in smaller
            if self.is_rate(each / main)
            if not self.is_reduction(each / main) or self._lacks_rate(known, each, main)
        ]
        main = with_rate[0] if with_rate and most * 2 == len(factors) else main
        # Means without the learning rate, where the update of a single number has it.
        is_mean = any(near(abs(each), 1.0) for each in self._summed(main))
        others = (f for e, f in known if e not in chosen and is_mean)
        main = next((f for f in others if self.is_rate(f / main)), main)
        descending = [-at for (*_, at), each in zip(counts, factors, strict=True) if each < 0]
        if main > 0 and most * 2 <= len(factors) and descending:
            main = factors[max(descending, key=lambda at: counts[at])]
        return main

    def _lacks_rate(self, known: list[tuple[Outcome, float]], factor: float, other: float) -> bool:
        """Whether the lines of the updates with one factor read a learning rate by its name, and
        those with another one do not.
        """
        lines = [(self.run.steps[e.index].line, f) for e, f in known]
        rated = [(reads_rate(line), f) for line, f in lines if line is not None]
        ones, others = ([r for r, f in rated if near(f, each)] for each in (factor, other))
        return all(ones) and not any(others)

    def _summed(self, factor: float) -> Iterator[float]:
        """Yield a factor for sums over what has as many entries as a source has rows."""
        known = [*self.run.sources, *self.fit.root.meets]
        counts = {n for at in known for n in self.run.steps[at].value.shape[:1]}
        yield from (factor * n for n in sorted(counts) if n > 1)

    def _judge_unlike(self, known: list[tuple[Outcome, float]], main: float) -> None:
        for each, factor in known:
            if each.state == "factor" and self._is_unlike(each, factor, main):
                each.state = "right"

    def _is_unlike(self, outcome: Outcome, factor: float, main: float) -> bool:
        """Whether an update is a plain one beside averaged ones, whose first step has (1 - β) times
        the rate, or the other way round. ``main`` is the factor of the others.
        """
        updates = (each for each in self.outcomes if each.is_update and each.factor is not None)
        alike = {self.has_velocity(each) for each in updates if near(each.factor, main)}
        if len(alike) != 1 or self.has_velocity(outcome) in alike:
            return False
        average, plain = (factor, main) if alike == {False} else (main, factor)
        shares = (1.0 - number for number in self._numbers)
        return self.is_rate(plain) and any(near(average, plain * each) for each in shares)

    def _judge_directions(self, known: list[tuple[Outcome, float]], main: float) -> None:
        """Judge whether updates go down the cost, or up a log-likelihood."""
        descends = self.is_likelihood and all(factor < 0 for _, factor in known)
        for each, factor in known:
            if main > 0 and not self.is_maximised:
                each.state = "right" if factor < 0 else "sign"
            elif descends and each.state == "right":
                each.state = "sign"

    def _is_of_samples(
        self, outcome: Outcome, factor: float, known: list[tuple[Outcome, float]]
    ) -> bool:
        """Whether a result is the gradient of the input, of N samples without 1 / N, where the
        gradients of the parameters have it.
        """
        others = [(each, f) for each, f in known if each is not outcome]
        shape = () if outcome.wanted is None else outcome.wanted.shape
        return (
            len(others) > 1
            and not (self.exact and near(others[0][1], 1.0))
            and all(near(f, others[0][1]) for _, f in others)
            and any(near(factor, n * others[0][1]) for n in (*shape[:1], *shape[-1:]) if n > 1)
            and all(self.depth(outcome) <= self.depth(each) for each, _ in others)
        )

    def _all_differ(self, factors: list[float]) -> bool:
        """Whether no two of several factors are one, and none is a rate."""
        pairs = combinations(factors, 2)
        rated = any(map(self.is_rate, factors))
        return len(factors) > 2 and not rated and not any(near(a, b) for a, b in pairs)

    def is_rate(self, factor: float) -> bool:
        """Whether a factor is a number that the program starts from: a learning rate."""
        return any(near(abs(factor), e) for e in self._numbers if not near(e, 1.0))

    def are_rates(self, common: Mapping[bool, float]) -> bool:
        """Whether common factors are a number of the program for updates, 1 for gradients."""
        return bool(common) and all(
            self.is_rate(factor) if is_update else abs(factor - 1.0) < SAME_FACTOR
            for is_update, factor in common.items()
        )

    def depth(self, outcome: Outcome) -> int:
        """Return the first step that reads a parameter; what a bias is added to, for a bias."""
        run, source = self.run, outcome.source or 0
        reads = (each for each in run.readers[source] if each in self.truth.forward)
        first = run.steps[min(reads, default=0)]
        others = [each for each in first.inputs if each != source]
        return max(others) if first.op == "add" and others else first.index

    def is_reduction(self, factor: float | None) -> bool:
        """Whether a factor can come from another reduction: a ratio of lengths, 2 or ½."""
        return bool(self._are_reductions(np.array([factor or 0.0])).any())

    def _are_reductions(self, factors: Array) -> Any:
        factors, known = abs(factors), self._reductions
        above = np.searchsorted(known, factors).clip(1, len(known) - 1)
        nearest = [known[each] for each in (above - 1, above)]
        one, other = (abs(e - factors) <= SAME_FACTOR * np.maximum(e, factors) for e in nearest)
        return one | other

    @cached_property
    def _reductions(self) -> Array:
        sizes = {1.0, 2.0}
        for source in self.run.sources:
            sizes.update(float(each) for each in self.run.steps[source].value.shape if each)
        found = {a * b * c for a in sizes for b in sizes for c in (1.0, 2.0)}
        return np.array(sorted(found | {1 / each for each in found}))

    @cached_property
    def is_maximised(self) -> bool:
        """Whether the program climbs its own cost, such as a log-likelihood, which is below 0."""
        root, run = self.fit.root, self.run
        if root.kind != "own" or not all((run.steps[at].value < 0).all() for at in root.seeds):
            return False
        # What is written as −(…) is minimised.
        return not any(
            run.steps[each].op == "negative"
            for at in root.seeds
            for each in (at, *run.steps[at].inputs)
        )

    @cached_property
    def is_likelihood(self) -> bool:
        """Whether the cost is a log-likelihood, maybe less a penalty: it grows with each log(p).

        The log(1 - p) of a discriminator alone is what a generator makes smaller.
        """
        run, gradients = self.run, self.truth.gradients
        logs = [run.steps[at] for at in gradients if run.steps[at].op == "log"]
        values = [(gradients[e.index], run.steps[e.inputs[0]].value) for e in logs]
        made = {run.steps[e.inputs[0]].op for e in logs} - {"subtract", "add"}
        grows = all((g >= 0).all() and (p > 0).all() and (p <= 1).all() for g, p in values)
        return self.is_maximised and bool(made) and grows

    def _add_missing(self) -> None:
        """Add parameters that others of their kind are updated with, but not they."""
        run = self.run
        updated = [each for each in self.outcomes if each.is_update]
        if not updated:
            self.outcomes += [] if self.outcomes else self._unread_updates()
            return
        main = self.mains.get(True)
        for each in self._unread_updates() if main else ():
            step = run.steps[each.index]
            moved = step.value - run.steps[each.source or 0].value
            factor = multiple(moved, np.asarray(each.wanted), self.tolerance)
            judged = any(e.source == each.source for e in updated)
            if factor is not None and near(factor, main or 0.0) and not judged:
                self.outcomes.append(each)
        # A gradient that is only kept is not applied.
        kept = {each.index for each in run.state} - {each.index for each in run.returned}
        known = {e.source for e in self.outcomes if e.is_update or e.index not in kept}
        roles = {role[:2] for each in updated for role in self.roles(each.source)}
        families = set[str]().union(
            *(words_of(run.steps[e.source or 0].path or "") for e in updated)
        )
        computed = {
            match.label.of
            for step in run.steps
            if step.op and not run.readers[step.index] and step.index not in self.truth.forward
            for match in self.labels(step.index)
            if match.label.kind == "gradient" and not run.steps[match.label.of].op
            if _named([step.name], run.steps[match.label.of].path or "")
            or self.is_bias(match.label.of)
        }
        numbers, alone = self._computed_numbers(), self.steps_alone()
        stems = {_DIGITS.sub("", run.steps[e.source or 0].path or "") for e in updated}
        # The next round, or another network's, may update it.
        known |= set(versions_of(run.whole).values()) if run.whole is not None else set()
        for source in run.sources:
            if source in known or source not in self.truth.gradients or source in self.targets:
                continue
            path = run.steps[source].path or ""
            used = {role[:2] for role in self.roles(source) if role[2]}
            alike = bool(roles & used and families & words_of(path))
            # A parameter with a name of its own whose gradient is not computed is not trained.
            alike = alike and (
                not path.isidentifier()
                or _DIGITS.sub("", path) in stems
                or self._is_computed(source)
            )
            # A gradient of the input that nothing reads is no update that is missing.
            is_meant = source in computed and (roles & used or self.is_bias(source))
            is_meant = bool(
                is_meant or source in numbers or source in alone
            ) or self._is_called_parameter(
                source, bool(roles & used), bool(families & words_of(path))
            )
            gradient = self.truth.gradients[source]
            after = run.after.get(source, source)
            unchanged = np.array_equal(run.steps[after].value, run.steps[source].value)
            frozen = self._is_frozen(path) or self.is_optional(source)
            # It is updated in a way that is not known here.
            written = any(
                run.steps[at].op in _BY_ROWS and run.steps[at].inputs[0] == source
                for at in run.readers[source]
            )
            # A number that the program writes down may be a constant.
            written |= run.starts_from_numbers and gradient.size == 1
            frozen = frozen or written
            if (alike or is_meant) and unchanged and gradient.any() and not frozen:
                self.outcomes.append(
                    Outcome(path, source, source, True, "missing", wanted=gradient)
                )

    def steps_alone(self) -> dict[int, int]:
        """Return where the change that an update should add to a parameter is assigned, and not
        added to anything.
        """
        run, main, found = self.run, self.mains.get(True), dict[int, int]()
        for step in run.steps[run.start :] if main else ():
            is_product = step.op in ("multiply", "negative", "divide")
            if not is_product or step.index in self.truth.forward:
                continue
            if any(run.steps[each].op in ("add", "subtract") for each in run.readers[step.index]):
                continue
            for match in self.labels(step.index):
                label, of = match.label, run.steps[match.label.of]
                is_own = label.kind == "gradient" and not of.op and of.value.dtype.kind == "f"
                by_rate = near(abs(match.factor or 0.0), abs(main or 0.0))
                if is_own and by_rate and of.value.shape == step.value.shape:
                    found.setdefault(of.index, step.index)
        return found

    def _computed_numbers(self) -> set[int]:
        """Return the numbers whose gradients are computed under their names, and not read."""
        run = self.run
        unread = [e for e in run.steps if e.op and e.name and not run.readers[e.index]]
        values = [(e, e.value.item()) for e in unread if e.value.size == 1]
        sources = [(s, g.item()) for s, g in self.truth.gradients.items() if g.size == 1]
        return {
            source
            for source, gradient in sources
            if not run.steps[source].op and gradient
            for step, value in values
            if near(value, gradient) and _named([step.name], run.steps[source].path or "")
        }

    def is_optional(self, source: int) -> bool:
        """Whether a condition decides if a parameter is updated, as others of its name are."""
        run, path = self.run, self.run.steps[source].path or ""
        alike = (
            run.steps[each.index].frames
            for each in self.outcomes
            if each.is_update and each.state != "missing" and each.source != source
            if last_name(each.path) == last_name(path)
        )
        return any(is_optional(*frame[:2]) for frames in alike for frame in frames)

    def _is_called_parameter(self, source: int, is_used_alike: bool, is_called_alike: bool) -> bool:
        """Whether a source has the name of a parameter, and its gradient is computed; or it is a
        bias that is 0, which no program needs that does not train it.
        """
        step, is_bias = self.run.steps[source], self.is_bias(source)
        owners = {owner_of(e.path) for e in self.outcomes if e.is_update} - {""}
        if not is_called_parameter(step.path):
            return False
        is_read = is_bias or is_used_alike
        beside = is_read or owner_of(step.path) in owners
        beside |= is_called_alike and step.value.size > 1
        return (is_read and not step.value.any()) or (beside and self._is_computed(source))

    def _is_computed(self, source: int) -> bool:
        """Whether a value on the way back is a multiple of the gradient of a source, and not only
        that of z which a bias has, too.
        """
        run, path = self.run, self.run.steps[source].path or ""
        back = (step for step in run.steps if step.index not in self.truth.forward)
        return any(
            match.label.kind == "gradient" and match.label.of == source
            for step in back
            if step.op and step.value.size == run.steps[source].value.size
            if not run.readers[step.index] or _named([step.name], path) or not self.is_bias(source)
            for match in self.labels(step.index)
        )

    def _dropped(self) -> Iterator[Outcome]:
        """Yield what a function of the backward pass returns that nothing reads and that is no
        gradient: it should be that of an input, as of the first layer.
        """
        run, known = self.run, {each.index for each in (*self.run.returned, *self.run.state)}
        judged = {each.source for each in self.outcomes}
        for step in run.steps[run.start :] if self.outcomes and not run.start else ():
            kept = run.readers[step.index] or step.index in known | self.truth.forward
            if kept or not step.op or step.value.size < 2 or not run.moves[step.index]:
                continue
            if not step.frames or not is_returned_back(step.frames[0]) or self.labels(step.index):
                continue
            alike = [
                (at, gradient)
                for at, gradient in self.truth.gradients.items()
                if gradient.shape == step.value.shape and at not in judged | self.targets
                if not run.steps[at].op and gradient.any() and not self.is_dead(gradient)
            ]
            if alike:
                flat = step.value.ravel()
                sizes = [abs(float(flat @ g.ravel())) / np.linalg.norm(g) for _, g in alike]
                at, wanted = alike[int(np.argmax(sizes))]
                # Inputs may be treated like the outputs of a layer: with a slope too many.
                made = (each.label for k in step.inputs for each in self.labels(k))
                if any(each.kind == "gradient" and each.of == at for each in made):
                    continue
                name = run.steps[at].path or run.steps[at].name
                path = f"∂C/∂{name}" if name else step.name or step.text
                yield Outcome(path, step.index, None, False, "wrong", wanted=wanted)

    def _unread_updates(self) -> Iterator[Outcome]:
        """Yield the parameters of which updates are computed and assigned, but not read again."""
        run, kept = self.run, {each.index for each in (*self.run.returned, *self.run.state)}
        found = dict[int, int]()
        for step in run.steps[run.start :]:
            if step.op not in ("add", "subtract") or not step.name or run.readers[step.index]:
                continue
            source, change = step.inputs[:2]
            is_own = source in self.truth.gradients and not run.steps[source].op
            is_made = run.depends[change] >> run.sources.index(source) & 1 if is_own else 0
            if is_made and step.index not in {*kept, *self.truth.forward} | self.targets:
                found.setdefault(source, step.index)
        for source in found:
            wanted = self.truth.gradients[source]
            if run.steps[found[source]].value.shape == wanted.shape and wanted.any():
                path = run.steps[source].path or ""
                yield Outcome(path, found[source], source, True, "missing", wanted=wanted)

    def _is_frozen(self, path: str) -> bool:
        """Whether a parameter belongs to a network that is not trained: d_W1 of d_W1, d_b1, …

        None of the weights and biases with this prefix is updated. A prefix that ends in a digit
        is that of a layer: one that is not updated was forgotten.
        """
        network, run = path.partition("_")[0], self.run
        of = {s: (run.steps[s].path or "").partition("_")[0] for s in run.sources}
        judged = {each.source for each in self.outcomes if each.state != "missing"}
        updated = {name for source, name in of.items() if source in judged}
        if "_" not in path or network[-1:].isdigit() or network in updated:
            return False
        return {self.is_bias(s) for s, name in of.items() if name == network} == {False, True}

    def is_bias(self, source: int) -> bool:
        """Whether a source is added to each row of something, or to a product of matrices."""
        run, size = self.run, self.run.steps[source].value.size
        waiting = list(run.readers[source])
        for at in waiting:
            step = run.steps[at]
            if step.op in VIEWS and at in self.truth.forward:
                waiting += run.readers[at]
            elif step.op == "add" and at in self.truth.forward:
                beside = {run.steps[each].op for each in step.inputs}
                # What has the shape of a matrix product is a residual, unless that is one vector.
                is_vector = np.squeeze(run.steps[source].value).ndim < 2
                if step.value.size > size or ("matmul" in beside and is_vector):
                    return True
        return False

    def roles(self, source: int | None) -> set[tuple[str, int, int]]:
        """Return how a source is used in the forward pass: operation, position, number of axes."""
        found: set[tuple[str, int, int]] = set()
        waiting, seen = [source], set()
        while waiting:
            at = waiting.pop()
            if at is None or at in seen:
                continue
            seen.add(at)
            for reader in self.run.readers[at]:
                step = self.run.steps[reader]
                if reader not in self.truth.forward:
                    continue
                if step.op in _FREE_SHAPE and step.inputs[0] == at:
                    waiting.append(reader)
                elif step.op in _JOINS and len({self.run.depends[k] for k in step.inputs}) > 1:
                    found.add((step.op, step.inputs.index(at), self.run.steps[at].value.ndim))
        return found

    # Judging other values of the results

    def _separate(self) -> None:
        """Give wrong results that are right as something else a step of their own."""
        run = self.run
        for each in self.outcomes:
            others = [e for e in self.outcomes if e.index == each.index and e is not each]
            used = run.readers[each.index] or others or not run.steps[each.index].op
            if each.state == "wrong" and not each.is_update and used:
                step, at = run.steps[each.index], len(run.steps)
                frames = alias_frames(run, each.index, each.path) or step.frames
                run.steps.append(Step(at, "copy", (each.index,), {}, step.value, frames))
                run.forget()
                each.index = at

    @property
    def wrong(self) -> list[Outcome]:
        """The results that are not right."""
        return [e for e in self.outcomes if e.state not in ("right", "dead", "rule")]

    def same_shape(self, outcome: Outcome) -> list[int]:
        """Return the sources of all wrong results of the shape of a wrong one."""
        if outcome.state != "wrong" or outcome.is_update or outcome.wanted is None:
            return []
        shape = outcome.wanted.shape
        found = [
            e.source
            for e in self.outcomes
            if e.state == "wrong" and e.source is not None
            if e.wanted is not None and e.wanted.shape == shape
        ]
        return [*found, *outcome.others]

    def all_right(
        self, values: Mapping[int, Array], outcomes: list[Outcome], truth: Truth | None = None
    ) -> bool:
        """Whether results are right with the values of a replay, or as gradients of ``truth``."""
        return self.factors_if_right(values, outcomes, truth) is not None

    def factors_if_right(
        self,
        values: Mapping[int, Array],
        outcomes: list[Outcome],
        truth: Truth | None = None,
        *,
        anew: bool = False,
    ) -> dict[bool, float] | None:
        """Return the common factors of updates and of gradients, as ``mains``; None if a result is
        not right. ``anew``: they may be others than now.
        """
        run, mains = self.run, {} if anew else dict(self.mains)
        if mains.get(True, -1.0) > 0 and not self.is_maximised:
            mains[True] *= -1.0  # most updates may have the wrong sign
        for each in outcomes:
            if each.wanted is None or each.source is None:
                if truth is not None:
                    return None
                continue
            value = values.get(each.index, run.steps[each.index].value)
            if each.is_update:
                before = run.steps[each.source].value
                if np.squeeze(value).shape != np.squeeze(before).shape:
                    return None
                before = before.reshape(value.shape)
                value = value - before - self.decay * before * (value != before)
            known = (self.truth if truth is None else truth).gradients
            # Which of several wrong results of one shape is whose may not be known.
            found = [known[s] for s in self.same_shape(each) if s in known]
            own = each.wanted if truth is None else known.get(each.source)
            found = [g for g in (own, *found) if g is not None]
            found = [g for g in found if np.squeeze(g).shape == np.squeeze(value).shape]
            if self.is_dead(each.wanted) or any(not g.any() and not value.any() for g in found):
                continue
            factors = self._factors_of(each, value, found, values)
            if factors is None:
                continue
            is_own = truth is not None and not each.is_update and self.fit.root.kind == "own"
            is_own |= self.exact and not each.is_update
            first = 1.0 if is_own else next(iter(factors), 1.0)
            main = mains.setdefault(each.is_update, first)
            # The rate of an update may decay from one parameter to the next.
            most = DECAYED if each.is_update else SAME_FACTOR
            if not any(abs(factor - main) <= most * abs(main) for factor in factors):
                unlike = each.is_update and any(
                    self._is_unlike(each, f, main)
                    or any(self._decays_after(each.source, value, g, f, main) for g in found)
                    for f in factors
                )
                if not unlike:
                    return None
            if each.is_update and main > 0 and not self.is_maximised:
                return None
        return mains if outcomes else None

    def _factors_of(
        self, outcome: Outcome, value: Array, found: list[Array], values: Mapping[int, Array]
    ) -> list[float] | None:
        """Return the factors that a result has of gradients; None if its rule has no constant one,
        but the right sign.
        """
        multiples = [multiple(value, g, self.tolerance) for g in found]
        factors = [factor for factor in multiples if factor is not None]
        if not factors and outcome.is_update and outcome.source is not None:
            rules = [self._rule(outcome.source, outcome.index, g, values) for g in found]
            if any(r and r.divides and (r.factor > 0) is self.is_maximised for r in rules):
                return None
            factors = [rule.factor for rule in rules if rule and not rule.divides]
        return factors


def _parts(shares: list[Share]) -> Iterator[list[Share]]:
    """Yield what may be added up before the whole: all parts of few shares, else neighbours."""
    n = len(shares)
    for count in range(2, n):
        if n <= MAX_PARTS:
            yield from map(list, combinations(shares, count))
        else:
            ends = (0, n - count) if n > MAX_NEIGHBOURS else range(n - count + 1)
            yield from (shares[k : k + count] for k in ends)


_TOKENS, _SEPARATORS = re.compile(r"\w+|\W"), re.compile(r"\W+")
_PREFIXES = ("d", "g", "_", "grad", "gradient", "nabla", "delta")
_GRADIENTS = frozenset({"grad", "grads", "gradient", "g", "diff"})


def _named(names: Iterable[str], source: str) -> bool:
    """Whether a result is named after a source: "grads['dW1']" or "dW1" after "W1"."""
    own = last_name(source)
    if not own or own.isdigit():
        return False
    for name in names:
        last = last_name(name)
        before = last[: -len(own)]
        if last.endswith(own) and before.lower().endswith(_PREFIXES):
            return True
        places = [_PLACES.findall(each) for each in (name, source)]
        if last == own and last != name and (places[0] == places[1] or not all(places)):
            return True  # grads['W1'] of params['W1']
        # layer.W.grad of layer.W.value
        if last.lower() in _GRADIENTS and name.removesuffix(last) == source.removesuffix(own) != "":
            return True
    return False
