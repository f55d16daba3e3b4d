"""Which single change of a program makes all its results right: its mistake, by replay.

The backward part is replayed with one place of the source changed: another operand, a factor,
a sum, a transposition, ``+=`` for ``=``. A missing path is found from the other side: the gradient
without one share of it gives all wrong results.
"""

from __future__ import annotations

import ast
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property, partial
from itertools import chain as chain_of
from itertools import combinations, islice, permutations
from math import gcd
from typing import Any, NamedTuple

import numpy as np

from backprop_explorer.engine.ops import OPS
from backprop_explorer.engine.ops.operation import Array
from backprop_explorer.tutor.mistakes import ids
from backprop_explorer.tutor.program.aliases import (
    dropping_line,
    handing_line,
    kept_line,
    loaded_at,
    renaming_line,
)
from backprop_explorer.tutor.program.alignment import Alignment, TruthLabel
from backprop_explorer.tutor.program.alternatives import (
    explain,
    is_count,
    is_penalty_of,
    is_within_function,
)
from backprop_explorer.tutor.program.needed import NeededValues
from backprop_explorer.tutor.program.outcome import Outcome
from backprop_explorer.tutor.program.region import origins, parts_of, region_of
from backprop_explorer.tutor.program.source import function_of, operand_of, parameters_of
from backprop_explorer.tutor.program.steps import Change, Run, Step
from backprop_explorer.tutor.program.truth import (
    DOUBLE,
    KnownArrays,
    Matches,
    Truth,
    multiple,
    pull,
    rules_of,
)
from backprop_explorer.tutor.program.updates import SAME_FACTOR
from backprop_explorer.tutor.program.versions import versions_of

# Steps that are computed again, for all replays of one program, and the time for them.
BUDGET, SHARES, SECONDS = 20_000, 6, 4.0
MAX_SITES, MAX_SWAPS, MAX_LABELS = 40, 60, 200
# In a region of more steps, the next ones must be right before the whole is computed again.
FEW_STEPS, MAX_AHEAD = 12, 8
_REDUCTIONS = ("sum", "mean")
_PRODUCTS = ("matmul", "einsum", "tensordot")
_SCALES = ("multiply", "divide")
DERIVATIVES = frozenset(
    {
        ids.WRONG_ACTIVATION_DERIVATIVE,
        ids.ACTIVATION_INSTEAD_OF_DERIVATIVE,
        ids.DERIVATIVE_AT_ACTIVATION,
        ids.MISSING_ACTIVATION_DERIVATIVE,
    }
)
# What is there as a factor is not missing.
_OF_FACTOR = {ids.MISSING_ACTIVATION_DERIVATIVE: ids.WRONG_ACTIVATION_DERIVATIVE}
_VIEWS = ("transpose", "reshape", "getitem", "copy", "astype", "strided")


class SourceRepair(NamedTuple):
    """A change that makes all results right: the name of the mistake, and the step it is made in.

    ``line`` is another line than the step's, where a value only got another name. ``calls``: it is
    made in several calls of the function of the step, so it is the function's.
    """

    name: str
    step: int
    line: int | None = None
    calls: bool = False


class Series(NamedTuple):
    """Arrays of one kind of place in the forward pass, in order: of each round of a loop."""

    label: TruthLabel
    values: list[Array]
    shapes: set[tuple[int, ...]]


class RepairSearch:
    """The search for the one change that explains the wrong results of a program."""

    def __init__(self, alignment: Alignment) -> None:
        self.alignment, self.run = alignment, alignment.run
        self.judged = [
            each
            for each in alignment.outcomes
            if each.state not in ("dead", "rule", "missing") and not alignment.is_dead(each.wanted)
        ]
        wrong = [e for e in self.judged if e.state != "right"]
        self.wrong = [part for each in wrong for part in parts_of(alignment, each)]
        self.region = region_of(alignment, self.wrong)
        self.origins = origins(alignment, self.region)
        # What the forward pass keeps for the way back is seldom wrong.
        later = [at for at in self.origins if at > max(alignment.truth.roots)]
        self.origin = next(iter((*later, *self.origins)), None)
        self._left = 0
        self._read_by: dict[tuple[int, ...], dict[int, list[int]]] = {}
        self._tried: set[tuple[float, ...]] = set()
        self._before: dict[int, tuple[frozenset[int], set[int]]] = {}

    def first(self) -> SourceRepair | None:
        """Return the first change that makes all results right, the simplest kinds first."""
        first, later = self._sites()
        kinds: tuple[Iterator[Any], ...] = (
            self._dropped(),
            self._own_shares() if self._is_share() else iter(()),
            chain_of.from_iterable(self._rules(each) for each in self.wrong if each.is_update),
            self._each(first, self._writes),
            self._departures(),
            self._updated(),
            self._swaps(lambda name: name == ids.MISSING_PATH),
            self._alternatives(slopes=True),
            self._each(first, self._structure),
            self._swaps(lambda name: name not in (ids.MISSING_PATH, ids.WRONG_OPERAND)),
            self._other_gradients(rounds=True),
            self._alternatives(slopes=False),
            self._solved(),
            self._each(later, self._writes),
            self._each(later, self._structure),
        )
        until = time.thread_time() + SECONDS
        for kind in kinds if self.wrong else ():
            # No kind may use up what the later ones need.
            least = self._left - BUDGET // SHARES
            for repair, changes in kind:
                if changes is None:
                    return repair  # type: ignore[no-any-return]
                if self._left <= least or time.thread_time() > until:
                    break
                if self._repairs(changes):
                    # The name is found out only then: it takes longer than a replay.
                    found = repair() if callable(repair) else repair
                    if found is not None:
                        calls = found.calls or self._has_calls(changes)
                        return self._renamed(found._replace(calls=calls))
        return None

    def of_rule(self, outcome: Outcome) -> SourceRepair | None:
        """Return the change that makes an update by a rule of its own one by a known rule."""
        for repair, changes in self._rules(outcome):
            values = self.run.replayed(changes)
            if values is not None and self.alignment.all_right(values, [outcome]):
                return repair
        return None

    def _rules(self, outcome: Outcome) -> Iterator[tuple[SourceRepair, dict[int, Change]]]:
        """A square or a root that an update by averages of squares lacks."""
        run, shape = self.run, self.run.steps[outcome.index].value.shape
        behind = sorted(run.ancestors([outcome.index]) - self.alignment.truth.forward)
        if run.steps[outcome.index].value.size < 3:
            return  # a few numbers fit any rule
        if not any(run.steps[at].op in ("divide", "sqrt") for at in behind):
            return
        steps = [run.steps[at] for at in behind if run.steps[at].value.shape == shape]
        for step in reversed(steps):
            if step.op in ("multiply", "divide", "add") and (step.value >= 0).all():
                rooted: dict[int, Change] = {step.index: partial(_rooted, run.compute)}
                yield SourceRepair(ids.ROOT_MISSING, step.index), rooted
        for step in steps:
            for given in step.inputs if step.op == "multiply" else ():
                factor = run.steps[given].value
                if factor.shape == shape and given != outcome.source:
                    squared: dict[int, Change] = {step.index: partial(_scaled, run.compute, factor)}
                    yield SourceRepair(ids.GRADIENT_NOT_SQUARED, step.index), squared

    def _dropped(self) -> Iterator[tuple[SourceRepair, dict[int, Change]]]:
        """Shares that nothing reads: of all rounds for the last one, and of another path."""
        run = self.run
        results = {each.index for each in self.alignment.outcomes}
        for at in self.region if len(self.wrong) == 1 else ():
            same = [k for k in run.sites[run.steps[at].site] if at in results and k <= at]
            lost = [k for k in same if not run.readers[k] and k not in results]
            if lost and self._labels_of(lost[0]):
                total: dict[int, Change] = {at: partial(_with_others, run, lost)}
                line = handing_line(run, at)
                yield SourceRepair(ids.GRADIENT_OVERWRITTEN, at, line=line), total
        unread = [at for at in self.carrying if not run.readers[at] and at not in results]
        lost_of: dict[int, list[int]] = {}
        for at in sorted(unread):
            values = {each.of for each in self._labels_of(at) if each.kind == "share"}
            if values:
                lost_of.setdefault(min(values), []).append(at)
        for of, lost in lost_of.items():
            for at in self.region:
                read = [k for k in run.steps[at].inputs if k not in self._inside]
                for given in [*read, *([at] if at in results else [])]:
                    known = self._labels_of(given)
                    if any(each.of == of and each.kind == "share" for each in known):
                        yield from self._added(lost, given, at)

    def _added(
        self, lost: list[int], given: int, at: int
    ) -> Iterator[tuple[SourceRepair, dict[int, Change]]]:
        """Add shares that nothing reads where another one is read, in each round."""
        run, rounds = self.run, self.run.sites[self.run.steps[given].site]
        line = handing_line(run, at) if given == at else dropping_line(run, given, at)
        sites = list({tuple(run.sites[run.steps[each].site]) for each in lost})
        added = [(given, lost)]
        if all(len(each) == len(rounds) for each in sites):
            added = list(zip(rounds, map(list, zip(*sites, strict=True)), strict=True))
        changes: dict[int, Change] = {k: _as_it_is(run.compute) for _, some in added for k in some}
        changes |= {k: partial(_with_others, run, some) for k, some in added}
        yield SourceRepair(ids.MISSING_PATH, at, line=line), changes

    def _is_share(self) -> bool:
        """Whether each wrong result is a share of its gradient."""
        if len(self.wrong) > 1 and not all(each.is_update for each in self.wrong):
            return False
        return all(each.state == "wrong" and any(self._shares_of(each)) for each in self.wrong)

    def _shares_of(self, wrong: Outcome) -> Iterator[tuple[int, int, TruthLabel]]:
        """Yield the last and the first step with only a share of a wrong result's gradient."""
        run, found = self.run, self.alignment.labels(wrong.index)
        if wrong.is_update:
            moved = run.steps[wrong.index].value - run.steps[wrong.source or 0].value
            found = self.alignment.library.find(moved) if moved.size > 1 else Matches()
        shares = [
            m.label
            for m in found
            if m.label.kind == "share" and m.label.of == wrong.source
            if wrong.is_update or abs(m.factor / self._usual_factor - 1.0) < 1e-6
        ]
        inputs = [each for at in self.region for each in run.steps[at].inputs]
        for label in shares:
            for at in inputs if wrong.is_update else [wrong.index]:
                made = at >= run.start and run.steps[at].op and not self._is_forward(at)
                last = at
                if made and any(m.label == label for m in self.alignment.labels(at)):
                    while len(run.steps[at].inputs) == 1 or run.steps[at].op in _SCALES:
                        back = [
                            k
                            for k in run.steps[at].inputs
                            if any(each.kind == "share" for each in self._labels_of(k))
                        ]
                        arrays = [
                            k for b in back for k in run.readers[b] if run.steps[k].value.ndim
                        ]
                        if not back or len(arrays) > 1:
                            break
                        at = back[0]
                    yield last, at, label

    def shares_read(self, at: int, *, whole: bool = False) -> list[int]:
        """Return the shares that a step of the way back reads; ``whole``: also those that are the
        whole gradient of another value.
        """
        inputs = [each for each in self.run.steps[at].inputs if each >= self.run.start]
        kinds = {each: {label.kind for label in self._labels_of(each)} for each in inputs}
        found = [k for k, each in kinds.items() if "share" in each]
        return [k for k in found if whole or "gradient" not in kinds[k]]

    def before_share(self, at: int) -> int | None:
        """Return the one input of a step that is only a share of a gradient."""
        inputs = self.run.steps[at].inputs
        kinds = {k: {each.kind for each in self._labels_of(k)} for k in inputs}
        found = [k for k, each in kinds.items() if "share" in each and "gradient" not in each]
        return found[0] if len(found) == 1 else None

    def _labels_of(self, at: int) -> list[TruthLabel]:
        forward = self._is_forward(at) or not self.run.steps[at].op
        return [] if forward else [m.label for m in self.alignment.labels(at)]

    def _sites(self) -> tuple[list[list[int]], list[list[int]]]:
        """Return the places of steps with right inputs, and the other wrong ones."""
        run, found = self.run, dict[tuple[Any, ...], list[int]]()
        first = {run.steps[at].site for at in self.origins}
        last = max(self.alignment.truth.roots)
        for at in (*sorted(self.origins, key=lambda at: at < last), *self.region):
            site, place = run.steps[at].site, run.steps[at].place
            if site in found:
                continue
            steps = [each for each in run.sites[site] if each >= run.start]
            # A helper may be wrong in all its calls.
            same = self._backward(run.places[place])
            if len(same) > len(steps):
                found.setdefault((place,), same)
                first |= {(place,)} if site in first else set()
            found.setdefault(site, steps)
            wrong = [each for each in same if each in self._inside]
            if len(wrong) not in (len(steps), len(same)):
                found.setdefault((place, None), wrong)
                first |= {(place, None)} if site in first else set()
        sites = list(found.items())[:MAX_SITES]
        return (
            [steps for site, steps in sites if site in first],
            [steps for site, steps in sites if site not in first],
        )

    def _backward(self, steps: Sequence[int]) -> list[int]:
        return [at for at in steps if at >= self.run.start and not self._is_forward(at)]

    def _each(self, sites: list[list[int]], changes: Callable[..., Any]) -> Iterator[Any]:
        for steps in sites:
            yield from changes(steps)

    def _alternatives(self, *, slopes: bool) -> Iterator[tuple[SourceRepair, None]]:
        found = explain(self.alignment, self.judged, self.region, slopes=slopes)
        if found is None:
            return
        (name, truth, of), at = found
        is_penalty = name == ids.PENALTY_GRADIENT_SCALE
        given = None if is_penalty else self._standing_for(truth, of)
        carrying = [each for each in self.origins if each in self.carrying]
        if given is not None:
            repair = self._swapped(name, *given, of=of)
        elif (slopes or is_penalty) and self.origin is not None:
            behind = self.run.ancestors([at]) if at is not None else frozenset()
            at = next((each for each in self.origins if each in behind), self.origin)
            # A derivative that is put together of constants stands beside the gradient.
            beside = [k for k in self.run.steps[at].inputs if k not in self.carrying]
            at = next((k for k in beside if self.run.depends[k] and self._is_unknown(k)), at)
            if is_penalty:
                added = [k for r in self.region if (k := self._penalty_step(r)) != r]
                shares = [k for k in added if any(m.kind == "share" for m in self._labels_of(k))]
                at = next(iter((*shares[-1:], *added[-1:], at)))
            repair = SourceRepair(name, at)
        elif self.origins and self.origins[0] not in self.carrying:
            repair = self._renamed(SourceRepair(name, self.origins[0]))
        else:
            first = carrying or self.region or [self.wrong[0].index]
            repair = SourceRepair(name, min(first[0], at or first[0]))
        yield repair._replace(calls=self._has_calls(of)), None

    def _is_unknown(self, at: int) -> bool:
        """Whether a step of the way back computes no true array."""
        made = self.run.steps[at].op and at >= self.run.start and not self._is_forward(at)
        return bool(made) and not self._labels_of(at)

    def _standing_for(self, truth: Truth, of: Sequence[int]) -> tuple[int, int] | None:
        """Return the right value that stands for a wrong gradient, and who first reads it."""
        known = KnownArrays(self.alignment.tolerance)
        for each in of:
            known.add(truth.gradients.get(each, 0.0), each)
        inside = set(self.region)
        for reader in self.region:
            for given in self.run.steps[reader].inputs:
                step = self.run.steps[given]
                if given not in inside and step.op and known.knows(step.value):
                    return given, reader
        return None

    def _swapped(self, name: str, given: int, reader: int, of: Sequence[int] = ()) -> SourceRepair:
        """Return the repair of a reader that reads one right gradient instead of another.

        The reader is to blame if others rightly read what it reads, or if what it should read was
        computed before; else what made the value, or gave it another name.
        """
        run, whole = self.run, self._chain(given)[-1]
        made = self._backward([whole]) and run.steps[whole].op
        if whole != given and made and not self._outside(whole):
            given = whole
        outside, inside = self._outside(given), self._inside
        beside = [each for each in run.steps[reader].inputs if self._is_unknown(each)]
        if name in DERIVATIVES and run.steps[reader].op == "multiply" and beside:
            right = any(map(self._labels_of, run.places[run.steps[beside[0]].place]))
            name = _OF_FACTOR.get(name, name)
            return SourceRepair(name, reader if right else beside[0])
        computed = any(
            match.label.kind == "gradient" and match.label.of in of
            for at in range(run.start, reader)
            if run.steps[at].op and not self._is_forward(at) and at not in inside
            for match in self.alignment.labels(at)
        )
        # Not missing, but wrong: a factor that carries no gradient was multiplied.
        factors = run.steps[given].inputs if run.steps[given].op == "multiply" else ()
        made = self._backward([k for k in factors if run.steps[k].op and run.depends[k]])
        own = [k for k in made if k not in self.carrying]
        within = (is_within_function(self.alignment, each, cases=False) for each in of)
        if own and name == ids.MISSING_PATH and any(within):
            return SourceRepair(name, own[0])
        line = renaming_line(run, given, reader) if run.steps[given].op else None
        if line is not None:
            return SourceRepair(name, given, line=line)
        if outside or not run.steps[given].op or given < run.start:
            several = self._is_argument(given, reader)
            line = self._calling_line(given, reader, several=True) if several else None
            return SourceRepair(name, reader, line=line)
        if computed and name == ids.MISSING_ACTIVATION_DERIVATIVE:
            return SourceRepair(ids.DC_DA_INSTEAD_OF_DC_DZ, reader)
        if own and name in DERIVATIVES:
            return SourceRepair(_OF_FACTOR.get(name, name), own[0])
        return SourceRepair(name, given)

    def _begun(self, *steps: int) -> int:
        """Return the first step with the gradient, or a share of it, that steps hand on."""
        labels = {each.of for each in self._labels_of(steps[-1])}
        for each in self.run.steps[steps[-1]].inputs:
            same = labels.intersection(e.of for e in self._labels_of(each))
            if same and set(self._outside(each)).issubset(steps):
                return self._begun(*steps, each)
        return steps[-1]

    def _outside(self, given: int) -> list[int]:
        """Return the steps that rightly read a value."""
        run = self.run
        right, found, waiting = self._results.keys() & self.useful, list[int](), [given]
        while waiting:
            at = waiting.pop()
            if at in right or run.steps[at].op in ("concatenate", "stack"):
                found.append(at)
            elif at == given or (run.steps[at].op in _VIEWS and at not in self._inside):
                waiting += run.readers[at]
            elif at not in self._inside and (
                at in self.useful or any(map(self._labels_of, (at, *run.readers[at])))
            ):
                found.append(at)
        return found

    def _updated(self) -> Iterator[tuple[SourceRepair, dict[int, Change]]]:
        """A parameter as it was before its update, where the way back reads the new one."""
        run = self.run
        updates = {after: source for source, after in run.after.items() if after != source}
        versions = {**updates, **self._versions}
        for given, source in versions.items():
            after = [k for k in run.readers[given] if k not in versions and not self._is_forward(k)]
            read = partial(_with_operands, run.compute, {given: run.steps[source].value})
            if after:
                line = self._calling_line(given, after[0])
                found = SourceRepair(ids.UPDATED_WEIGHTS_BACKWARD, after[0], line=line)
                yield found, dict.fromkeys(after, read)

    def _departures(self) -> Iterator[tuple[SourceRepair, dict[int, Change]]]:
        """A constant factor or sign of a value on the way, which is else right."""
        for usual in dict.fromkeys([self._usual_factor, *self._factors_seen]):
            yield from self._departing_from(usual)

    def _departing_from(self, usual: float) -> Iterator[tuple[SourceRepair, dict[int, Change]]]:
        run, seen = self.run, set[int]()
        starts = {each.index for each in self.wrong if each.state in ("factor", "sign")}
        waiting = [*starts, *(each for at in self.region for each in run.steps[at].inputs)]
        found: list[tuple[int, float]] = []
        while waiting:
            at = waiting.pop(0)
            if at in seen or not run.steps[at].op or at < run.start:
                continue
            seen.add(at)
            carries = at in self.carrying or any(m.kind == "share" for m in self._labels_of(at))
            if self._is_forward(at) or not (carries or at in starts) or at in self.useful - starts:
                continue
            labels = list(self.alignment.labels(at))
            again = any(m.label.kind == "forward" for m in labels)
            factors = [m.factor / usual for m in labels if m.label.kind in ("gradient", "share")]
            factors = factors or [m.factor for m in labels if m.label.kind == "slope"]
            if not again and factors and all(abs(each - 1.0) > 1e-6 for each in factors):
                found.append((at, factors[0]))
                waiting += run.steps[at].inputs
            elif not factors and at in self.carrying:
                waiting += run.steps[at].inputs  # e · a in e · a · (1 − a)
        for at, factor in sorted(found):
            name = ids.GRADIENT_SCALE
            if run.steps[at].op == "mean":
                name = ids.MEAN_FOR_SUM
            elif is_count(run, factor):
                name = ids.COUNT_LESS_ONE
            given = [each for each in run.steps[at].inputs if each in self.carrying]
            line = renaming_line(run, self._chain(given[0])[-1], at) if len(given) == 1 else None
            same = self._backward(run.places[run.steps[at].place])
            scales = {-1.0: ids.GRADIENT_SIGN} if factor < 0 else {}
            scales |= {} if abs(factor + 1.0) < 1e-6 else {1.0 / factor: name}
            for scale, name in scales.items():
                for steps in [[at], same][: 1 + (len(same) > 1)]:
                    scaled = partial(_scaled, run.compute, scale)
                    yield SourceRepair(name, at, line=line), dict.fromkeys(steps, scaled)

    def _own_shares(self) -> Iterator[tuple[SourceRepair, None]]:
        """A result that is only one share of its gradient: without a penalty, or a path."""
        run, shares = self.run, self.alignment.truth.shares
        if len(self.wrong) > 1:
            _, at, label = next(self._shares_of(self.wrong[0]))
            places = [run.steps[each.reader].place for each in shares if each.of == label.of]
            if len(places) > len(set(places)) == 1:  # what other rounds add
                made = [k for k in run.steps[at].inputs if k in self.carrying]
                line = kept_line(run, made[0], at) if made else None
                yield SourceRepair(ids.GRADIENT_OVERWRITTEN, at, line=line), None
            return
        for last, at, label in self._shares_of(self.wrong[0]):
            others = [
                each.reader
                for each in self.alignment.truth.shares
                if each.of == label.of
                and self.run.steps[each.reader].place != self.run.steps[label.by].place
            ]
            name = ids.MISSING_PATH
            value, wanted = run.steps[last].value, np.asarray(self.wrong[0].wanted)
            scaled = None
            if wanted.shape == value.shape and not self.wrong[0].is_update:
                scaled = self._scaled_term(last, self._usual_factor * wanted - value)
            if scaled is not None:
                yield scaled, None
            elif any(is_penalty_of(self.alignment, label.of, each) for each in others):
                name, at = ids.PENALTY_GRADIENT_MISSING, self._finished(at, last)
            elif is_within_function(self.alignment, label.of):
                name = ids.WRONG_ACTIVATION_DERIVATIVE
            yield SourceRepair(name, at), None

    def _scaled_term(self, at: int, lacking: Array) -> SourceRepair | None:
        """Return the term of a sum of which a sum lacks a multiple: it has another factor."""
        run, terms = self.run, [(at, lacking)]
        while terms:
            each, lacks = terms.pop()
            step = run.steps[each]
            if step.op == "setitem" and lacks.shape == step.value.shape:
                others = [run.steps[k].value for k in step.inputs[2:]]
                written = run.compute(step, [np.zeros(lacks.shape), 1.0, *others]) > 0
                inner = run.steps[step.inputs[1]].value
                if not lacks[~written].any() and lacks[written].size == inner.size:
                    terms.append((step.inputs[1], lacks[written].reshape(inner.shape)))
                continue
            present = step.value
            if present.size < 2 or present.shape != lacks.shape or not run.moves[each]:
                continue
            lacked = multiple(lacks, present, DOUBLE) if each != at else None
            if lacked is not None and abs(lacked) > 1e-6 and abs(lacked + 1.0) > 1e-6:
                return SourceRepair(self._name_of_scale(each, 1.0 + lacked), each)
            if step.op in ("add", "subtract"):
                signs = (1.0, -1.0 if step.op == "subtract" else 1.0)
                terms += [(k, c * lacks) for k, c in zip(step.inputs, signs, strict=True)]
        return None

    def _name_of_scale(self, at: int, factor: float) -> str:
        """Return the name of a factor that a value lacks: a number, that of a penalty, a sign."""
        run, arrays = self.run, self.run.depends[at] & self.alignment.float_bits
        numbers = (e.value.item() for e in run.steps if e.value.size == 1 and run.moves[e.index])
        if any(abs(each - factor) < 1e-9 * abs(factor) for each in numbers):
            return ids.MISSING_FACTOR
        if arrays.bit_count() == 1 and at not in self.carrying:
            return ids.PENALTY_GRADIENT_SCALE
        return ids.GRADIENT_SIGN if abs(factor + 1.0) < 1e-9 else ids.GRADIENT_SCALE

    def _finished(self, first: int, last: int) -> int:
        """Return the last step from one to another that has the usual factor, else the last one."""
        found, at = last if self.run.steps[last].op != "multiply" else first, last
        while at >= first:
            label = self.alignment.carried(at)
            if label is not None and abs(label.factor / self._usual_factor - 1.0) < 1e-6:
                return at
            back = [k for k in self.run.steps[at].inputs if first <= k and self._labels_of(k)]
            if not back:
                break
            at = back[0]
        return found

    def _renamed(self, repair: SourceRepair) -> SourceRepair:
        """Return a change of what does not carry a gradient as that of a derivative."""
        is_other = repair.name in (ids.WRONG_OPERAND, ids.GRADIENT_TRANSPOSED)
        if is_other and repair.line is None and repair.step in self.carrying:
            repair = repair._replace(step=self._begun(repair.step))
        while repair.name == ids.MISSING_PATH and repair.line is None:
            read, back = self.run.steps[repair.step], self.before_share(repair.step)
            if read.name or back is None or read.op not in (*_SCALES, *_VIEWS, "negative"):
                break
            repair = repair._replace(step=back)
        constant = (ids.GRADIENT_SIGN, ids.COUNT_LESS_ONE, ids.GRADIENT_SCALE, ids.EXTRA_TERM)
        if repair.name not in (*constant, ids.MISSING_PATH):
            return repair
        step = self._penalty_step(repair.step)
        kinds_read = [e.kind for k in self.run.steps[step].inputs for e in self._labels_of(k)]
        if step in self.carrying or "share" in kinds_read:
            return repair
        arrays = self.run.depends[step] & self.alignment.float_bits
        for share in self.alignment.truth.shares:
            alone = arrays and not arrays & ~self.run.depends[share.of]
            if alone and is_penalty_of(self.alignment, share.of, share.reader):
                return SourceRepair(ids.PENALTY_GRADIENT_SCALE, step)
        if step != repair.step or self.run.steps[step].op in _PRODUCTS:
            return repair
        decays = arrays.bit_count() == 1 and any(each.is_update for each in self.wrong)
        source = self.run.sources[arrays.bit_length() - 1]
        if decays and self.run.steps[source].value.shape == self.run.steps[step].value.shape:
            return SourceRepair(ids.PENALTY_GRADIENT_SCALE, step)  # rows or weights that decay
        return repair._replace(name=ids.WRONG_ACTIVATION_DERIVATIVE)

    def _penalty_step(self, at: int) -> int:
        """Return what a sum adds to a gradient, if that is made of a parameter alone."""
        run = self.run
        for each in run.steps[at].inputs if run.steps[at].op in ("add", "subtract") else ():
            one = run.depends[each].bit_count() == 1 or not run.depends[each] & ~run.depends[at]
            made = bool(self._backward([each])) and bool(run.steps[each].op)
            labels = self.alignment.labels(each) if made else Matches()
            # It is right, or computed again.
            made &= not any(
                m.label.kind == "forward"
                or (m.label.kind == "share" and abs(m.factor / self._usual_factor - 1.0) < 1e-6)
                for m in labels
            )
            if one and made and each not in self.carrying and run.moves[each]:
                return each
        return at

    @cached_property
    def carrying(self) -> set[int]:
        """The steps that are computed from a gradient, or from the upstream of a pair."""
        run, found = self.run, set[int]()
        upstream = {each for each in run.sources if run.start and not self._is_forward(each)}
        bits = self.alignment.target_bits
        floats = self.alignment.float_bits
        whole = run.depends[max(self.alignment.truth.roots)] & floats
        is_own = self.alignment.fit.root.kind == "own"
        for step in run.steps:
            if not step.op or self._is_forward(step.index):
                continue
            inputs = any(each in found or each in upstream for each in step.inputs)
            if run.start and not upstream:
                inputs = True
            elif not run.start and not bits:
                # Targets that are no arrays: a gradient begins at what depends on all.
                inputs |= any(
                    run.moves[each] and run.depends[each] & floats == whole
                    for each in step.inputs
                    if self._is_forward(each)
                )
            depends = run.depends[step.index]
            inputs |= is_own and depends & whole == whole
            if inputs or (not run.start and depends & bits):
                found.add(step.index)
        return found

    @cached_property
    def useful(self) -> frozenset[int]:
        """The steps that right results are computed from."""
        right = [each.index for each in self.judged if each.state == "right"]
        return self.run.ancestors(right) - self.alignment.truth.forward

    def _is_forward(self, index: int) -> bool:
        return index in self.alignment.truth.forward

    def _repairs(self, changes: Mapping[int, Change]) -> bool:
        reached = 0
        for at in changes:
            reached |= self._leads[at]
        if ~reached & self._needed:
            return False  # it changes nothing of a wrong result
        many = len(changes) > 1 or len(self.region) > FEW_STEPS
        # A replay of which the first entries can be judged is the shorter test.
        if many and not self._last_writes and not self._begins_well(changes):
            return False
        values = self.run.replayed(changes, self._leads, self._stays_right)
        self._left -= 10
        if values is None or not self.alignment.all_right(values, self.judged):
            return False
        return not (many and self._last_writes and not self._begins_well(changes))

    def _stays_right(self, at: int, values: Mapping[int, Array]) -> bool:
        """Whether a step is no result, or one that is right by the values of a replay so far."""
        self._left -= 1
        if at in self._results and not self.alignment.all_right(values, self._results[at]):
            return False
        value = values[at]
        if at not in self._last_writes or value.shape != self.run.steps[at].value.shape:
            return True
        entries, wanted, bounds = self._last_writes[at]
        return bool((abs(value.ravel()[entries] - wanted) <= bounds).all())

    @cached_property
    def _results(self) -> dict[int, list[Outcome]]:
        found: dict[int, list[Outcome]] = {}
        for each in self.judged:
            found.setdefault(each.index, []).append(each)
        return found

    @cached_property
    def _last_writes(self) -> dict[int, tuple[Array, Array, Array]]:
        """The entries of a result that a write is the last one of, what they should be, and how
        far they may be off.
        """
        run, found = self.run, dict[int, tuple[Array, Array, Array]]()
        main = self.alignment.mains.get(False, 1.0 if self.alignment.exact else 0.0)
        for each in self.judged if main else ():
            if each.is_update or each.wanted is None or len(self.alignment.same_shape(each)) > 1:
                continue
            views, at = list[Step](), each.index
            while run.steps[at].op in _VIEWS:
                views.insert(0, run.steps[at])
                at = run.steps[at].inputs[0]
            shape = run.steps[at].value.shape
            places: Any = np.arange(np.prod(shape)).reshape(shape)
            for step in views:
                others = [run.steps[k].value for k in step.inputs[1:]]
                places = run.compute(step, [places, *others])
            if places.size != each.wanted.size or run.steps[at].op != "setitem":
                continue
            entries, wanted = places.ravel().astype(int), main * each.wanted.ravel()
            # As far as the whole may be off.
            near = 2 * self.alignment.tolerance * np.linalg.norm(wanted)
            bounds = near + 2 * SAME_FACTOR * abs(wanted)
            writers = run.writers(at).ravel()[entries]
            for write in map(int, np.unique(writers)):
                if run.steps[write].op == "setitem":
                    own = writers == write
                    found[write] = entries[own], wanted[own], bounds[own]
        return found

    @cached_property
    def _leads(self) -> list[int]:
        """The results that each step leads to, as bits by their position."""
        found = [0] * len(self.run.steps)
        for position, outcome in enumerate(self.judged):
            found[outcome.index] |= 1 << position
        for step in reversed(self.run.steps):
            for each in step.inputs:
                found[each] |= found[step.index]
        return found

    @cached_property
    def _needed(self) -> int:
        """The results that are not right as they are."""
        return sum(
            1 << position
            for position, each in enumerate(self.judged)
            if not self.alignment.all_right({}, [each])
        )

    def _begins_well(self, changes: Mapping[int, Change]) -> bool:
        """Whether changed steps with right inputs, or the next after them, give true arrays.

        What adds up is only right in the end, and is not judged here.
        """
        first, run = min(changes), self.run
        self._left -= 4
        values: dict[int, Array] = {}
        for start in sorted(changes):
            waiting, seen = [start], 0
            while waiting and seen < MAX_AHEAD:
                at = waiting.pop(0)
                seen += 1
                step = run.steps[at]
                if start != first and self._inside.intersection(step.inputs) - values.keys():
                    break  # it reads what the changes make right
                inputs = [values.get(each, run.steps[each].value) for each in step.inputs]
                try:
                    with np.errstate(all="ignore"):
                        found = changes.get(at, _as_it_is(run.compute))(step, inputs, values)
                except (ValueError, TypeError, IndexError, KeyError, ZeroDivisionError):
                    return False
                values[at] = found = np.asarray(found)
                if step.op in ("setitem", "add_at") or not found.any():
                    break
                if at in self._results or any(True for _ in self.alignment.known(found)):
                    break
                waiting += [each for each in run.readers[at] if each in self._inside]
            else:
                if waiting:
                    return False
        return True

    def _has_calls(self, steps: Iterable[int]) -> bool:
        """Whether steps of one place are of several lines that call its function."""
        sites = {self.run.steps[at].site for at in steps}
        return len(sites) > 1 and len({site[:2] for site in sites}) == 1

    @cached_property
    def _inside(self) -> frozenset[int]:
        return frozenset(self.region)

    # What a value should be

    def _solved(self) -> Iterator[tuple[Any, dict[int, Change]]]:
        """A true array in the place of an input, a factor or a term: what is needed there."""
        run = self.run
        needed = NeededValues(self.alignment, self.region, self.wrong)
        sites = dict.fromkeys(run.steps[at].site for at in (*self.origins, *self.region))
        for site in list(sites)[:MAX_SITES]:
            steps = [at for at in run.sites[site] if at in needed.values and at in self._inside]
            if not steps or run.steps[steps[0]].op in _VIEWS:
                continue
            first = run.steps[steps[0]]
            for position, given in enumerate(first.inputs):
                values = [needed.operand(at, position) for at in steps]
                known = [each for each in values if each is not None]
                label = self._true(given, known) if len(known) == len(steps) else None
                if label is not None and given not in self._inside and run.depends[given]:
                    changes: dict[int, Change] = {
                        at: self._input(position, partial(_instead, value))
                        for at, value in zip(steps, known, strict=True)
                    }
                    yield partial(self._of_operand, given, label, known[0], first.index), changes
            wholes = [needed.values[at] for at in steps]
            changes = {k: partial(_constant, whole) for k, whole in zip(steps, wholes, strict=True)}
            label = self._true(first.index, wholes)
            if label is not None and label.kind in ("gradient", "share"):
                self.carrying.update(steps)  # as it should
            # In its first round a loop may begin with zeros.
            present = ((needed.present(at), at) for at in steps)
            own, at = next((each for each in present if each[0].any()), (first.value, steps[0]))
            whole = needed.values[at]
            for name in self._missing_parts(at, own, whole, self._true(at, [whole])):
                yield partial(SourceRepair, name, at), changes
            if label is not None:
                yield partial(self._of_value, first.index, label, wholes[0]), changes

    def _true(self, given: int, values: Sequence[Array]) -> TruthLabel | None:
        """Return which true array the first of some values is, if all are true arrays."""
        found = None
        for value in [each for each in values[::-1] if each.any()]:
            matches = self.alignment.library.find(value) if value.size > 1 else Matches()
            exact = [m for m in matches if abs(m.factor - 1.0) < 1e-6]
            exact += [m for m in matches if m.label.kind in ("gradient", "share")]
            if not exact or _is(self.run.steps[given].value, value):
                return None
            forward = (m.label for m in exact if m.label.kind == "forward")
            found = next(forward, exact[0].label)
        return found

    def _missing_parts(
        self, at: int, present: Array, whole: Array, label: TruthLabel | None
    ) -> Iterator[str]:
        """Yield the names of a factor and of a term that a step lacks to be what is needed."""
        find = self.alignment.library.find
        with np.errstate(all="ignore"):
            factor, term = whole / present, whole - present
        if np.isfinite(factor).all() and np.ptp(factor):
            exact = [m.label for m in find(factor) if abs(m.factor - 1.0) < 1e-6]
            kinds = {each.kind for each in exact}
            slope = next((e for e in exact if e.kind == "slope" and not self._is_factor(e)), None)
            if slope is not None and "forward" not in kinds:
                mask = np.isin(factor, (0.0, 1.0)).all()
                yield ids.MASK_MISSING if mask else ids.MISSING_ACTIVATION_DERIVATIVE
            elif kinds & {"forward", "slope"}:
                yield ids.MISSING_FACTOR
        scaled = self._scaled_term(at, term)
        if scaled is not None:
            yield scaled.name
        elif term.size > 1 and (self._is_share_of_all(term) or self._is_part(at, term, label)):
            yield ids.MISSING_PATH

    def _is_share_of_all(self, value: Array) -> bool:
        return any(m.label.kind == "share" for m in self.alignment.library.find(value))

    def _is_part(self, at: int, term: Array, label: TruthLabel | None) -> bool:
        """Whether a term is what single shares further on contribute to a gradient that a step
        should be.
        """
        found, truth = KnownArrays(self.alignment.tolerance), self.alignment.truth
        source = next((each.source for each in self.wrong if each.index == at), None)
        is_result = source is not None
        if not is_result and label is not None and label.kind in ("gradient", "share"):
            source = label.of
        depth = [0] * len(self.run.steps)  # fewer than the steps behind
        for step in self.run.steps:
            depth[step.index] = 1 + max((depth[each] for each in step.inputs), default=0)
        for share in truth.shares if source is not None else ():
            few = depth[share.of] < MAX_LABELS
            before = self.run.ancestors([share.of]) if few else frozenset[int]()
            if share.of != source and source in before and len(before) < MAX_LABELS:
                part = Truth(self.run, {share.of: share.value})
                found.add(part.gradients.get(source, 0.0), share)
                for each in part.shares:
                    if label and each[0::2] == (label.by, label.of):
                        found.add(each.value, share)
        # On the way, a multiple of it may stand there with another factor.
        factors = [match.factor / self._usual_factor for match in found.find(term)]
        return any(is_result or abs(factor - 1.0) < 1e-6 for factor in factors)

    def _groups(self, places: Sequence[tuple[Any, ...]]) -> Iterator[list[int]]:
        """Yield the steps of places: of all calls of a function, then of each line that calls."""
        for place in places:
            steps = self._backward(self.run.places[place])
            sites = {self.run.steps[at].site for at in steps}
            yield steps
            for site in sites if len(sites) > 1 else ():
                yield self._backward(self.run.sites[site])

    def _of_value(self, at: int, label: TruthLabel, value: Array) -> SourceRepair | None:
        name = self._name_of_value(at, label, value)
        return None if name is None else SourceRepair(name, at)

    def _name_of_value(self, at: int, label: TruthLabel, value: Array) -> str | None:
        """Return the mistake that a step has its value where ``value`` belongs, if it is known."""
        run, step = self.run, self.run.steps[at]
        known = {m.label for m in self.alignment.labels(at)}
        gradients = {each for each in known if each.kind in ("gradient", "share")}
        if label.kind == "gradient" and gradients:
            return self._name_of_swap(gradients, value, moved=True)
        if label.kind == "slope":
            return ids.WRONG_ACTIVATION_DERIVATIVE
        masked = np.where(value, step.value, 0.0)
        if label.kind == "gradient" and np.allclose(masked, value, rtol=1e-9, atol=0.0):
            return ids.MASK_MISSING
        begins = not set(self.origins).isdisjoint(run.sites[step.site])
        masks = any(run.steps[each].value.dtype == bool for each in step.inputs)
        elsewhere = ((step.value != 0.0) != (value != 0.0)).any()
        if step.op == "setitem" and begins and not masks and elsewhere:
            return ids.WRONG_OPERAND  # into other entries
        return self._name_of_ratio(at, value)

    # Changes

    @cached_property
    def swaps(self) -> list[tuple[SourceRepair, dict[int, Change]]]:
        """The changes that put one right gradient in the place of another."""
        return list(islice(self._other_gradients(rounds=False), MAX_SWAPS))

    def _swaps(
        self, named: Callable[[str], bool]
    ) -> Iterator[tuple[SourceRepair, dict[int, Change]]]:
        yield from (each for each in self.swaps if named(each[0].name))

    @cached_property
    def _usual_factor(self) -> float:
        """The factor that gradients of right results have, before the rate of an update."""
        alignment = self.alignment
        if alignment.exact or False in alignment.mains:
            return alignment.mains.get(False, 1.0)
        found = Counter(
            float(f"{match.factor:.9g}")
            for at in self.useful
            if self.run.steps[at].value.size > 1
            for match in alignment.labels(at).first
            if match.label.kind == "gradient"
        )
        return found.most_common(1)[0][0] if found else 1.0

    @cached_property
    def _factors_seen(self) -> list[float]:
        """The factors that gradients have in the program, the most frequent first."""
        found = Counter[float]()
        read = {each for at in self.region for each in self.run.steps[at].inputs}
        for at in list(self.useful | (read - set(self.region)))[:MAX_LABELS]:
            if self.run.steps[at].value.size > 1 and not self._is_forward(at):
                for match in self.alignment.labels(at).first:
                    if match.label.kind == "gradient":
                        found[float(f"{match.factor:.12g}")] += 1
        factors = [factor for factor, _ in found.most_common(3)]
        return factors or [self.alignment.main or 1.0]

    def _other_gradients(self, *, rounds: bool) -> Iterator[tuple[SourceRepair, dict[int, Change]]]:
        """A right gradient, or a forward value, that stands in the place of another one."""
        run, inside = self.run, self._inside
        inputs = dict.fromkeys(
            each for at in self.region for each in run.steps[at].inputs if each not in inside
        )
        for given in list(inputs)[:MAX_SWAPS]:
            step = run.steps[given]
            if not run.depends[given] or step.value.dtype.kind != "f":
                continue
            found = self.alignment.library.find(step.value)
            labels = [m for m in found if m.label.kind in ("gradient", "share")]
            if not labels:
                continue
            known = {m.label for m in labels}
            found_in = self._swapped_rounds if rounds else self._swapped_once
            for gradient, changes in found_in(given, labels[0].factor, known):
                matches = self.alignment.library.find(gradient)
                of = [m.label.of for m in matches if m.label.kind == "gradient"]
                name = self._name_of_swap(known, gradient, moved=True)
                repair = self._swapped(name, given, min(changes), of)
                if repair.name == name and repair.step != given:
                    name = self._name_of_swap(known, gradient, moved=False)
                    repair = repair._replace(name=name)
                if repair.name == ids.WRONG_OPERAND:
                    name = self._name_of_ratio(given, gradient) or name
                    repair = repair._replace(name=name)
                yield repair, changes

    def _swapped_once(
        self, given: int, factor: float, known: set[TruthLabel]
    ) -> Iterator[tuple[Array, dict[int, Change]]]:
        """Yield the gradients that may belong in the place of a value."""
        step = self.run.steps[given]
        of = {each.of for each in known if each.kind == "gradient"}
        for other, gradient in self.alignment.distinct.get(np.squeeze(step.value).shape, [])[
            :MAX_SWAPS
        ]:
            if other not in of:
                changes = self._scaled_swap(factor, [given], [gradient])
                if changes:
                    yield gradient, changes

    def _swapped_rounds(
        self, given: int, factor: float, known: set[TruthLabel]
    ) -> Iterator[tuple[Array, dict[int, Change]]]:
        """Yield the gradients that may belong in the place of a value in all rounds or calls."""
        run, step = self.run, self.run.steps[given]
        place = [step.place] if step.op and self._backward([given]) else []
        for steps in self._groups(place):
            tried = (*steps, factor)
            if given not in steps or len(steps) < 2 or tried in self._tried:
                continue
            self._tried.add(tried)
            shapes = [self.run.steps[each].value.shape for each in steps]
            for label, values in self._fitting(shapes, calls=self._has_calls(steps)):
                if label.kind == "gradient":
                    changes = self._scaled_swap(factor, steps, values)
                    # That later rounds begin with wrong values is not their mistake.
                    read = {each for at in changes for each in run.steps[at].inputs}
                    if not read.isdisjoint(set(steps) - self._inside):
                        yield values[steps.index(given)], changes

    def _scaled_swap(
        self, factor: float, steps: Sequence[int], values: Sequence[Array]
    ) -> dict[int, Change]:
        """Return the changes by which wrong steps read gradients in the place of some values."""
        readers = self._readers(tuple(steps))
        for scale in dict.fromkeys([factor, *self._factors_seen]):
            changes = (
                (at, partial(_with_operands, self.run.compute, others))
                for at, places in readers.items()
                if (others := self._others(steps, values, places, scale))
            )
            first = next(changes, None)
            # Most are not promising: the first tells.
            if first is not None and self._is_promising(*first):
                return dict([first, *changes])
        return {}

    def _readers(self, steps: tuple[int, ...]) -> dict[int, list[int]]:
        """Return the steps that wrongly read some, in order, with the places of what they read."""
        if steps not in self._read_by:
            found: dict[int, list[int]] = {}
            for place, given in enumerate(steps):
                for at in self.run.readers[given]:
                    # A multiple of which no right result is made is read wrongly, too.
                    step, whole = self.run.steps[at], self.run.steps[given].value
                    copied = step.op in _SCALES and at not in self.useful
                    if at in self._inside or (copied and multiple(step.value, whole, DOUBLE)):
                        found.setdefault(at, []).append(place)
            self._read_by[steps] = dict(sorted(found.items()))
        return self._read_by[steps]

    def _others(
        self, steps: Sequence[int], values: Sequence[Array], places: list[int], scale: float
    ) -> dict[int, Array]:
        """Return by step the values at some places that are other ones than it has."""
        found: dict[int, Array] = {}
        for place in places:
            value = self.run.steps[steps[place]].value
            other = (scale * values[place]).reshape(value.shape)
            if (other != value).any():
                found[steps[place]] = other
        return found

    def _name_of_swap(self, known: set[TruthLabel], gradient: Array, *, moved: bool) -> str:
        """Return the mistake that a known gradient stands where another one belongs."""
        truth, run = self.alignment.truth, self.run
        found = [m.label for m in self.alignment.library.find(gradient)]
        others = {each.of for each in found if each.kind == "gradient"}
        for each in known:
            if each.kind == "share" and each.of in others:
                within = is_within_function(self.alignment, each.of)
                return ids.WRONG_ACTIVATION_DERIVATIVE if within else ids.MISSING_PATH
        own = {each.of for each in known}
        if any(not own.isdisjoint(self._slope_ends.get(other, ())) for other in others):
            return ids.MISSING_ACTIVATION_DERIVATIVE if moved else ids.DC_DA_INSTEAD_OF_DC_DZ
        summed = set[Any]()
        for of in own:
            site = run.steps[of].site
            rounds = run.sites[site] if run.steps[of].op and site not in summed else ()
            summed.add(site)
            values = [truth.gradients.get(at, np.zeros(0)) for at in rounds]
            same = len(values) > 1 and all(value.shape == gradient.shape for value in values)
            if same and multiple(sum(values), gradient, self.alignment.tolerance):
                return ids.GRADIENT_OVERWRITTEN
            present = truth.gradients.get(of, gradient)
            masked = present.shape == gradient.shape and present[gradient == 0.0].any()
            if masked and multiple(np.where(gradient, present, 0.0), gradient, DOUBLE):
                return ids.MASK_MISSING
        for of in own - self._before.keys():
            behind = run.ancestors([of])
            self._before[of] = behind, {k for k in behind if run.steps[k].op in _PRODUCTS}
        for other in others:
            for of in own:
                if (of, other) in truth.slopes:
                    return ids.OUTPUT_DERIVATIVE_TWICE
                behind, products = self._before[of]
                if other in behind and products - {other}:
                    return ids.MISSING_WEIGHTS_BACKWARD if moved else ids.WRONG_OPERAND
        return ids.WRONG_OPERAND

    @cached_property
    def _slope_ends(self) -> dict[int, set[int]]:
        """The values that each value has a slope to."""
        found: dict[int, set[int]] = {}
        for of, by in self.alignment.truth.slopes:
            found.setdefault(of, set()).add(by)
        return found

    def _change(self, steps: list[int]) -> Callable[..., tuple[SourceRepair, dict[int, Change]]]:
        at = next((each for each in steps if each in self.region), steps[0])

        def change(name: str, function: Callable[[Step, Sequence[Array], Array], Any]) -> Any:
            changes = {each: partial(_applied, self.run.compute, function) for each in steps}
            return SourceRepair(name, at), changes

        return change

    def _writes(self, steps: list[int]) -> Iterator[tuple[SourceRepair, dict[int, Change]]]:
        """Yield changes of = into +=, in all rounds of loops."""
        change = self._change(steps)
        if self.run.steps[steps[0]].op == "setitem":
            yield change(ids.GRADIENT_OVERWRITTEN, _accumulated)
            yield change(ids.GRADIENT_OVERWRITTEN, _accumulated_once)

    def _input(self, position: int, function: Callable[..., Any]) -> Change:
        return partial(_of_input, self.run.compute, position, function)

    def _structure(self, steps: list[int]) -> Iterator[tuple[SourceRepair, dict[int, Change]]]:
        """Yield changes of an operation itself, in all rounds of loops."""
        run, first, change = self.run, self.run.steps[steps[0]], self._change(steps)
        if first.op == "getitem":
            yield from self._one_of_many(first, change)
        for position in [k for k, e in enumerate(first.inputs) if run.steps[e].value.dtype == bool]:
            inverted = self._input(position, np.logical_not)
            yield change(ids.WRONG_ACTIVATION_DERIVATIVE, inverted)
        if first.op in _REDUCTIONS:
            yield from self._reductions(first, change)
        if first.op in _PRODUCTS or first.value.ndim > 1:
            yield from self._transpositions(first, change)
        yield from self._sums(first, change)
        yield from self._terms_and_factors(first, change)
        yield change(ids.GRADIENT_SIGN, lambda step, inputs, value: -value)

    def _terms_and_factors(self, first: Step, change: Callable[..., Any]) -> Iterator[Any]:
        """Signs of operands, operands left out, and sums of them over an axis."""
        run = self.run
        for position in range(len(first.inputs)):
            if first.op in ("add", "subtract", "setitem", *_PRODUCTS, *_SCALES) and position < 2:
                yield change(ids.GRADIENT_SIGN, self._input(position, np.negative))
            if first.op in ("add", "subtract", "multiply", "divide"):
                name = ids.EXTRA_FACTOR if first.op in _SCALES else ids.EXTRA_TERM
                if name == ids.EXTRA_FACTOR and not run.depends[first.inputs[1 - position]]:
                    name = ids.GRADIENT_SCALE
                other = run.steps[first.inputs[1 - position]].value
                of = [m.of for m in self._labels_of(first.inputs[position]) if m.kind == "gradient"]
                if name == ids.EXTRA_FACTOR and any(_is(run.steps[a].value, other) for a in of):
                    name = ids.ACTIVATION_INSTEAD_OF_DERIVATIVE
                yield change(name, lambda step, inputs, value, k=position: inputs[k])
            given = self.run.steps[first.inputs[position]].value
            for axis in range(given.ndim if first.op in ("add", "subtract", *_SCALES) else 0):
                if given.shape[axis] > 1 and given.dtype.kind == "f":
                    total = partial(np.sum, axis=axis, keepdims=True)
                    yield change(ids.BROADCAST_NOT_SUMMED, self._input(position, total))

    def _one_of_many(self, first: Step, change: Callable[..., Any]) -> Iterator[Any]:
        """The sum over an axis of which one entry is taken, and other entries of as many."""
        whole = self.run.steps[first.inputs[0]].value
        for axis, (n, m) in enumerate(zip(whole.shape, first.value.shape, strict=False)):
            same = [*first.value.shape[:axis], n, *first.value.shape[axis + 1 :]]
            for begin in (
                range(n - m + 1)[:MAX_AHEAD] if list(whole.shape) == same and m < n else ()
            ):
                taken = np.arange(begin, begin + m)
                yield change(ids.WRONG_OPERAND, partial(_taken, taken, axis))
        for axis in range(whole.ndim):
            for keepdims in (False, True):
                shape = np.sum(whole, axis=axis, keepdims=keepdims).shape
                for op in _REDUCTIONS if shape == first.value.shape else ():
                    yield change(ids.BROADCAST_NOT_SUMMED, partial(_reduced, op, axis, keepdims))
        for one, other in combinations(range(len(first.keywords["index"])), 2):
            yield change(ids.WRONG_OPERAND, partial(_entries, one, other))

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
                    name = ids.WRONG_AXIS if not same else ids.MEAN_FOR_SUM
                    if op == first.op and axis is not None and set(axis) < set(axes):
                        name = ids.BROADCAST_NOT_SUMMED
                    yield change(name, partial(_reduced, op, axes, keepdims))

    def _transpositions(self, first: Step, change: Callable[..., Any]) -> Iterator[Any]:
        if first.value.ndim > 1:
            yield change(
                ids.GRADIENT_TRANSPOSED, lambda step, inputs, value: value.swapaxes(-1, -2)
            )
        for position, each in enumerate(first.inputs):
            if first.op in _PRODUCTS and self.run.steps[each].value.ndim > 1:
                yield change(ids.OPERAND_TRANSPOSED, self._input(position, _turned))
        for position, each in enumerate(first.inputs):
            if first.op in ("multiply", "einsum") and self.run.steps[each].value.ndim > 1:
                yield change(
                    ids.KERNEL_FLIPPED, self._input(position, partial(np.flip, axis=(-2, -1)))
                )
        whole = self.run.steps[first.inputs[0]].value if first.op == "reshape" else None
        for order in permutations(range(whole.ndim)) if whole is not None else ():
            if len(order) <= 4 and order != tuple(sorted(order)):
                yield change(ids.WRONG_AXIS, partial(_reordered, order))

    def _sums(self, first: Step, change: Callable[..., Any]) -> Iterator[Any]:
        """Sums over axes that a wrong result, or a value on the way, still has."""
        axes = [(k, keep) for k in range(first.value.ndim) for keep in (True, False)]
        for axis, keep in axes:
            total = first.value.sum(axis, keepdims=keep)
            if first.value.shape[axis] > 1 and self.alignment.library.knows(total):
                yield change(ids.BROADCAST_NOT_SUMMED, partial(_value_summed, axis, keep))

    # Operands

    @cached_property
    def series(self) -> list[Series]:
        """The true arrays by place in the source: slopes, values and gradients."""
        return self._series(lambda at: self.run.steps[at].site)

    @cached_property
    def series_of_calls(self) -> list[Series]:
        """The true arrays by place in the source, of all calls of a function together."""
        return self._series(lambda at: self.run.steps[at].place)

    def _series(self, place: Callable[[int], Any]) -> list[Series]:
        truth, run = self.alignment.truth, self.run
        grouped: dict[Any, Series] = {}

        def key(at: int) -> Any:
            return place(at) if run.steps[at].op else at

        def add(label: TruthLabel, kind: Any, value: Array) -> None:
            found = grouped.setdefault(kind, Series(label, [], set()))
            found.values.append(value)
            found.shapes.add(value.shape)

        for (of, by), slope in truth.slopes.items():
            add(TruthLabel("slope", of, by), ("slope", key(of), key(by)), slope)
        for index in sorted(truth.forward):
            step = run.steps[index]
            if step.op in ("max", "min"):
                for rule, position in rules_of(step):
                    mask = pull(run, step, rule, position, np.ones(step.value.shape))
                    if mask is not None:
                        label = TruthLabel("slope", step.inputs[position], index)
                        add(label, ("slope", key(index), position), mask)
            if step.op or run.depends[index]:
                add(TruthLabel("forward", index), ("forward", key(index)), step.value)
        for index, gradient in sorted(truth.gradients.items()):
            if gradient.any():
                add(TruthLabel("gradient", index), ("gradient", key(index)), gradient)
        for label, value in self.alignment.stacked:
            add(label, ("stack", label), value)
        return list(grouped.values())

    def _fitting(
        self, shapes: list[tuple[int, ...]], *, calls: bool = False
    ) -> Iterator[tuple[TruthLabel, list[Array]]]:
        """Yield true arrays of the shapes that are read in the rounds of a place.

        The rounds may be those of a loop in a loop: in each of ``outer`` ones, the values of some
        rounds of the forward pass, in their order or backwards. ``calls``: of all calls.
        """
        n = len(shapes)
        for series in self.series_of_calls if calls and n > 1 else self.series:
            if not series.shapes.isdisjoint(shapes):
                for chosen in self._rounds(series.values, shapes):
                    if all(v.shape == shape for v, shape in zip(chosen, shapes, strict=True)):
                        yield series.label, chosen

    def _rounds(self, values: list[Array], shapes: list[tuple[int, ...]]) -> Iterator[list[Array]]:
        n, m = len(shapes), len(values)
        if n == 1:
            yield from ([value] for value in values[:8])
        elif m == 1:
            yield values * n
        for outer in divisors(gcd(n, m)) if n > 1 < m else ():
            wide, narrow = m // outer, n // outer
            for begin in range(wide - narrow + 1)[:4]:
                rounds = [values[k : k + narrow] for k in range(begin, m, wide)]
                yield [each for some in rounds for each in some[::-1]]
                yield [each for some in rounds for each in some]
        if m == n > 1:
            for initial in self._initials(shapes[-1]):
                yield [*values[::-1][1:], initial]
            yield [np.zeros(shapes[0]), *values[:0:-1]]

    def _initials(self, shape: tuple[int, ...]) -> Iterator[Array]:
        """Yield what a loop may begin with: zeros, and the first sources of the shape."""
        forward = (e for e in self.run.steps if not e.op and self._is_forward(e.index))
        sources = (each.value for each in forward if each.value.shape == shape)
        yield from chain_of([np.zeros(shape)], islice(sources, 3))

    def _of_operand(self, given: int, label: TruthLabel, value: Array, at: int) -> SourceRepair:
        name = self._name_of_operand(given, label, value)
        own = self.run.steps[given].value
        if label.kind == "gradient" and own.shape == value.shape:
            name = ids.MISSING_PATH if self._is_share_of_all(value - own) else name
        if label.kind == "gradient" and not self._is_forward(self._chain(given)[-1]):
            return self._swapped(name, given, at, [label.of])
        step = self.run.steps[at]
        function = function_of(step.frames[0])
        read = operand_of(step.text, step.inputs.index(given)) if given in step.inputs else None
        if function is not None and isinstance(read, ast.Name):
            # What the function itself chose is not its argument.
            inner = read.id not in parameters_of(function)
            return SourceRepair(name, at, line=self._calling_line(given, at), calls=inner)
        return SourceRepair(name, at, line=self._calling_line(given, at))

    def _calling_line(self, given: int, at: int, *, several: bool = False) -> int | None:
        """Return the line that passes a value to a function that is right in other calls."""
        run, (inner, *outer) = self.run, self.run.steps[at].frames
        function = function_of(inner)
        made = any(frame.call == inner.call for frame in run.steps[given].frames)
        if function is None or made or not outer:
            return None
        same = self._backward(run.places[run.steps[at].place])
        others = any(each not in self._inside and self._labels_of(each) for each in same)
        read = loaded_at(inner.file, inner.line) & set(parameters_of(function))
        return outer[0].line if (others or several) and read else None

    def _is_argument(self, given: int, at: int) -> bool:
        """Whether several places of the function of a step read a value."""
        run, call = self.run, self.run.steps[at].frames[0].call
        read = (run.steps[k] for k in run.readers[given] if k in self._inside)
        return len({step.place for step in read if step.frames[0].call == call}) > 1

    @cached_property
    def _versions(self) -> dict[int, int]:
        return {} if self.run.start else versions_of(self.run)

    def _chain(self, at: int) -> list[int]:
        """Return a view, what it is a view of, and so on to a value that is none."""
        found = [at]
        while self.run.steps[at].op in _VIEWS:
            if self._is_forward(at) and self.run.steps[at].op != "transpose":
                break
            at = self.run.steps[at].inputs[0]
            found.append(at)
        return found

    def _is_promising(self, at: int, change: Change) -> bool:
        """Whether the first step gives a true array with a change."""
        run, step = self.run, self.run.steps[at]
        try:
            with np.errstate(all="ignore"):
                found = change(step, [self.run.steps[each].value for each in step.inputs], {})
        except (ValueError, TypeError, IndexError):
            return False
        if np.array_equal(found, step.value):
            return False
        last = any(each.index == at and each.is_update for each in self.wrong)
        last |= step.op == "add" and any(run.steps[k].op == "getitem" for k in step.inputs)
        # Of one round of several, what is added up is a share.
        few = len(self.region) <= FEW_STEPS and len(self.run.sites[step.site]) == 1
        return last or few or self.alignment.library.knows(found)

    def _is_factor(self, label: TruthLabel) -> bool:
        """Whether a slope is the other factor of a product, not the derivative of a function."""
        by = self.run.steps[label.by]
        if by.op == "multiply" and label.of in by.inputs:
            return True
        slope = self.alignment.truth.slopes.get((label.of, label.by))
        found = Matches() if slope is None else self.alignment.library.find(slope)
        return any(m.label.kind == "forward" and abs(m.factor - 1) < 1e-9 for m in found)

    def _name_of_operand(self, given: int, label: TruthLabel, value: Array) -> str:
        """Return the name of the mistake that ``label`` is right in the place of an input."""
        found = [each.label for each in self.alignment.labels(given)]
        kinds = {each.kind for each in found}
        if self._is_forward(self._chain(given)[-1]):
            kinds = {"forward"}
            found = [TruthLabel("forward", given)]
        if label.kind == "forward" and self._versions.get(given) == label.of:
            return ids.UPDATED_WEIGHTS_BACKWARD
        if "updated" in kinds:
            return ids.UPDATED_WEIGHTS_BACKWARD
        name = None
        if label.kind == "gradient" and kinds & {"gradient", "share"}:
            name = self._name_of_swap(set(found), value, moved=False)
        if label.kind == "slope" and "forward" in kinds and not self._is_factor(label):
            present = self.run.steps[given].value
            if any(_is(self.run.steps[k].value, present) for k in (label.of, label.by)):
                return ids.ACTIVATION_INSTEAD_OF_DERIVATIVE
        # Another value that has a name is another operand, not one with a factor.
        stored = label.kind == "forward" and bool(self.run.steps[label.of].name)
        if name in (None, ids.WRONG_OPERAND) and not stored:
            name = self._name_of_ratio(given, value) or name
        if name is None and label.kind == "slope" and not self._is_factor(label):
            if "slope" in kinds:
                # The slope by a source may be that of another round.
                whole = bool(self.run.steps[label.of].op)
                same = any(label.by == e.by or (whole and label.of == e.of) for e in found)
                return ids.WRONG_ACTIVATION_DERIVATIVE if same else ids.DERIVATIVE_OF_WRONG_LAYER
            if "forward" in kinds:
                return ids.ACTIVATION_INSTEAD_OF_DERIVATIVE
            return ids.WRONG_ACTIVATION_DERIVATIVE
        return name or ids.WRONG_OPERAND

    def _name_of_ratio(self, given: int, value: Array) -> str | None:
        """Return the mistake that a known factor is missing, or too many, or entries are moved."""
        own = self.run.steps[given].value
        if own.shape != value.shape or own.size < 2:
            return None
        scale = multiple(value, own, DOUBLE)
        if scale is not None:
            return self._name_of_scale(given, scale)
        if np.allclose(np.sort(own, axis=None), np.sort(value, axis=None), rtol=1e-9, atol=0.0):
            return ids.WRONG_AXIS
        for at in sorted(self.alignment.truth.forward.union(self.run.sources)):
            factor, fits = self.run.steps[at].value, False
            if self.run.depends[at] and factor.dtype.kind == "f" and 1 < factor.size <= own.size:
                with suppress(ValueError):
                    fits = np.broadcast_shapes(factor.shape, own.shape) == own.shape
            if fits and multiple(own * factor, value, DOUBLE):
                return ids.MISSING_FACTOR
            if fits and multiple(value * factor, own, DOUBLE):
                # It is the reciprocal of a column or row that a value is divided by, too.
                return ids.EXTRA_FACTOR if factor.shape == own.shape else ids.MISSING_FACTOR
        return None


def _is(one: Array, other: Array) -> bool:
    return one.shape == other.shape and np.array_equal(one, other)


def divisors(n: int) -> list[int]:
    """Return the divisors of a whole number, 1 first."""
    return [each for each in range(1, n + 1) if n % each == 0]


def _as_it_is(compute: Any) -> Change:
    return lambda step, inputs, values: compute(step, inputs)


def _constant(value: Any, step: Step, inputs: Any, values: Any) -> Any:
    return value


def _with_operands(
    compute: Any, others: Mapping[int, Array], step: Step, inputs: Any, values: Any
) -> Any:
    chosen = [others.get(k, v) for k, v in zip(step.inputs, inputs, strict=True)]
    return compute(step, chosen)


def _applied(compute: Any, function: Any, step: Step, inputs: Any, values: Any) -> Any:
    return function(step, inputs, compute(step, inputs))


def _with_others(run: Run, others: list[int], step: Step, inputs: Any, values: Any) -> Any:
    return sum((values.get(k, run.steps[k].value) for k in others), run.compute(step, inputs))


def _accumulated(step: Step, inputs: Any, value: Any) -> Any:
    return OPS["add_at"].compute(*inputs, **step.keywords)


def _accumulated_once(step: Step, inputs: Any, value: Any) -> Any:
    """What was added entry by entry and written back, added for each repeated index."""
    whole, written, *arrays = inputs
    reading = {"index": step.keywords["index"]}
    before = OPS["getitem"].compute(whole, *arrays, **reading)
    return OPS["add_at"].compute(whole, written - before, *arrays, **step.keywords)


def _reduced(op: str, axis: Any, keepdims: bool, step: Step, inputs: Any, value: Any) -> Any:
    return OPS[op].compute(inputs[0], axis=axis, keepdims=keepdims)


def _taken(entries: Any, axis: int, step: Step, inputs: Any, value: Any) -> Any:
    return np.take(inputs[0], entries, axis)


def _entries(one: int, other: int, step: Step, inputs: Any, value: Any) -> Any:
    """Take the entries of exchanged indices."""
    index = list(step.keywords["index"])
    index[one], index[other] = index[other], index[one]
    return OPS["getitem"].compute(*inputs, index=tuple(index)).reshape(value.shape)


def _value_summed(axis: int, keepdims: bool, step: Step, inputs: Any, value: Any) -> Any:
    return value.sum(axis, keepdims=keepdims)


def _turned(value: Array) -> Array:
    return np.swapaxes(value, -1, -2)


def _instead(other: Array, value: Array) -> Array:
    return other


def _of_input(
    compute: Any, position: int, function: Any, step: Step, inputs: Any, values: Any
) -> Any:
    """Compute a step from another value of one input."""
    changed = list(inputs)
    changed[position] = function(changed[position])
    return compute(step, changed)


def _reordered(order: tuple[int, ...], step: Step, inputs: Any, value: Any) -> Any:
    moved = inputs[0].transpose(order)
    return moved.reshape(value.shape)


def _rooted(compute: Any, step: Step, inputs: Any, values: Any) -> Any:
    return np.sqrt(compute(step, inputs))


def _scaled(compute: Any, factor: Any, step: Step, inputs: Any, values: Any) -> Any:
    return compute(step, inputs) * factor


__all__ = ["Outcome", "RepairSearch", "SourceRepair"]
