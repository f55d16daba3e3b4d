"""Compares the updates of one step: a state, a rate or a root that one lacks and others have.

The update of Adam, RMSprop or AdaGrad is divided by the size of its gradient, so it does not tell a
wrong factor: the gradient does of which its averages are computed.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from backprop_explorer.engine.ops.operation import Array
from backprop_explorer.tutor.mistakes import ids
from backprop_explorer.tutor.program.cost_roots import Fit
from backprop_explorer.tutor.program.outcome import Outcome
from backprop_explorer.tutor.program.steps import Run, owner_of
from backprop_explorer.tutor.program.truth import Truth, multiple
from backprop_explorer.tutor.program.updates import (
    Average,
    Averages,
    close,
    counterpart,
    lone_share,
    near,
)

FEW = 3  # entries of which no sum of two or three arrays tells its parts


class Aligned(Protocol):
    """What is needed of an alignment; ``scale`` is set."""

    run: Run
    truth: Truth
    fit: Fit
    outcomes: list[Outcome]
    tolerance: float
    scale: float
    mains: dict[bool, float]

    def is_rate(self, factor: float) -> bool:
        """Whether a factor is a learning rate of the program."""

    def is_bias(self, source: int) -> bool:
        """Whether a source is added to each row of something."""

    def depth(self, outcome: Outcome) -> int:
        """Return where the forward pass reads a parameter."""

    def has_velocity(self, outcome: Outcome) -> bool:
        """Whether an update multiplies an array of its shape that is no parameter."""

    def scaled_in(self, outcome: Outcome) -> list[int]:
        """Return the products that an update is made of."""


class DividedUpdates:
    """Compares the updates of one alignment."""

    def __init__(self, alignment: Aligned) -> None:
        self.alignment, self.run = alignment, alignment.run
        self.truth, self.outcomes = alignment.truth, alignment.outcomes

    def compare(self) -> None:
        """Mark updates that lack what others have, and those by the line of a right one."""
        right = [each for each in self.outcomes if each.is_update and each.state == "right"]
        for each in self.outcomes:
            if each.is_update and each.state == "rule":
                like = [e for e in right if self._line(e) == self._line(each) is not None]
                like = [e for e in like if _size(e) > _size(each) and not is_of_one_size(e)]
                # Of so few entries the rule is not known.
                known = [e for e in like if e.averages is not None and e.averages.own is not None]
                is_right = any(self._is_like(each, e) for e in known) if known else bool(like)
                each.state = "right" if is_right else "rule"
            elif each.is_update and each.state == "wrong" and 0 < _size(each) <= FEW:
                like = [e for e in right if self._line(e) == self._line(each) is not None]
                known = [e for e in like if _size(e) > FEW and self._is_made_alike(each, e)]
                if known:
                    each.state, each.factor = "right", known[0].factor
        self._compare_rates()
        self._compare_velocities()

    def _compare_velocities(self) -> None:
        """Mark updates without a velocity, where most have one, and one with as many axes, or all
        biases have one; or that leave more zeros unread than those with one do, which are its
        state.
        """
        steps = self.run.steps
        found = {
            each: self.alignment.has_velocity(each)
            for each in self.outcomes
            if each.is_update and each.wanted is not None and each.wanted.size > 1
        }
        most = sum(found.values()) * 2 > len(found)
        having = [each for each, known in found.items() if known]
        having = having if len(having) * 2 >= len(found) else []
        having = [each for each in having if each.state != "rule"]
        axes = {self._kind(each) for each in having if most}
        usual = max((self._unread_zeros(each) for each in having), default=0.0)
        # Some keep velocities of weights alone, but nobody of biases alone.
        biases = {each: self.alignment.is_bias(each.source or 0) for each in found}
        of_biases = bool(having) and all(known is biases[each] for each, known in found.items())
        for each, known in found.items():
            kind = self._kind(each)
            if each.state != "right":
                continue
            gradient = self.truth.gradients[each.source or 0]
            behind = [steps[at] for at in sorted(self.run.ancestors([each.index]))]
            behind = [step for step in behind if step.index not in self.truth.forward]
            left = self._unread_zeros(each)
            share = lone_share(
                *(self.run, behind, gradient, self.alignment.tolerance), has_zeros=bool(left)
            )
            if not known and (
                of_biases
                or (having and left > usual)
                or (kind in axes and self._leaves_out(gradient))
            ):
                name = ids.STATE_NOT_KEPT if of_biases or left > usual else ids.MISSING_PATH
                each.state, each.cause = "wrong", (*self._without_state(each, gradient, name), None)
            elif share is not None and not self._is_added_later(share):
                each.state, each.cause = "wrong", (ids.STATE_NOT_KEPT, share, None)

    def _is_added_later(self, share: int) -> bool:
        """Whether a later round adds what it computes in the place of a share of a gradient to
        something: the first round may begin an average with the share itself.
        """
        run = self.run.whole or self.run
        later = run.sites.get(self.run.steps[share].site, ())[1:]
        return any(run.steps[k].op in ("add", "subtract") for at in later for k in run.readers[at])

    def _leaves_out(self, gradient: Array) -> bool:
        """Whether a multiple of a gradient is computed that no update is made of, such as a
        velocity: gains and shifts may have plain updates beside the others.
        """
        run, inside = self.run, self.truth.forward
        behind = run.ancestors([each.index for each in self.outcomes]) | inside
        left = (e.value for e in run.steps[: run.recorded] if e.op and e.index not in behind)
        return any(
            value.size == gradient.size
            and multiple(value.reshape(gradient.shape), gradient, self.alignment.tolerance)
            for value in left
        )

    def _without_state(self, outcome: Outcome, gradient: Array, name: str) -> tuple[str, int]:
        """Return the name of the mistake and the step where an update lacks its velocity: a share
        of the gradient that is assigned to a variable there, as ``v = (1 - beta) * g``, or else
        the last product with the gradient.
        """
        steps, tolerance = self.run.steps, self.alignment.tolerance
        scaled = sorted(self.alignment.scaled_in(outcome))
        own = [k for k in scaled if multiple(steps[k].value, gradient, tolerance)]
        at = max(own, default=outcome.index)
        call = [frame.call for frame in steps[outcome.index].frames[:1]]
        shares = [k for k in own if steps[k].name and steps[k].line != steps[at].line]
        shares = [k for k in shares if [f.call for f in steps[k].frames[:1]] == call]
        if shares and not self._is_gradient(shares[-1], gradient):
            return ids.STATE_NOT_KEPT, shares[-1]
        return name, at

    def _is_gradient(self, at: int, gradient: Array) -> bool:
        """Whether a step is a gradient itself, with the factor that most have."""
        mains = (1.0, *filter(None, self.alignment.mains.values()))
        factor = multiple(self.run.steps[at].value, gradient, self.alignment.tolerance)
        return any(near(factor, each) for each in mains)

    def _kind(self, outcome: Outcome) -> tuple[int, str, str]:
        """Return what parameters have in common that one optimizer updates."""
        step = self.run.steps[outcome.index]
        return step.value.ndim, self._owner(outcome), step.frames[0].function if step.frames else ""

    def _unread_zeros(self, outcome: Outcome) -> float:
        """Return how many arrays of zeros nothing reads for each updated parameter of a shape."""
        steps = self.run.steps
        shape = np.squeeze(steps[outcome.index].value).shape
        alike = [e for e in self.outcomes if e.is_update]
        alike = [e for e in alike if np.squeeze(steps[e.index].value).shape == shape]
        zeros = (e for e in steps if not e.op and not self.run.readers[e.index])
        zeros = (e for e in zeros if e.index not in self.run.spent)
        unread = [e for e in zeros if np.squeeze(e.value).shape == shape and not e.value.any()]
        return len(unread) / len(alike)

    def _compare_rates(self) -> None:
        """Mark updates whose rate differs from that of most others."""
        rated = [each for each in self.outcomes if each.rate is not None]
        rates = [abs(each.rate or 0.0) for each in rated]
        counts = [(sum(close(a, b) for b in rates), int(self.alignment.is_rate(a))) for a in rates]
        most = rates[counts.index(max(counts))] if len(rates) > 2 else None
        if len(rates) == 2 and sorted(is_rate for _, is_rate in counts) == [0, 1]:
            most = rates[counts.index(max(counts))]
        if most and max(counts)[0] * 2 > len(rates) - max(counts)[1]:
            for each, rate in zip(rated, rates, strict=True):
                own = _rate_by_size(each)
                same = close(rate, most) or (own is not None and close(own, most))
                if not same and not self._is_unknown(each, rate, most):
                    each.state, each.factor = "factor", (each.rate or 0.0) / most
        known = [(each, abs(each.averages.scale), each.averages) for each in rated if each.averages]
        self._compare_numbers(rated, known)
        self._compare_rules()
        scales = [scale for _, scale, _ in known]
        sizes = [0 if each.wanted is None else each.wanted.size for each, _, _ in known]
        most_of = [
            (sum(near(a, b) for b in scales), self.alignment.depth(each), size)
            for (each, a, _), size in zip(known, sizes, strict=True)
        ]
        main = scales[most_of.index(max(most_of))] if known else 1.0
        if self.alignment.fit.root.kind == "own" and any(near(scale, 1.0) for scale in scales):
            main = 1.0
        self.alignment.scale = main
        for each, scale, averages in known:
            # The rate does not tell the factor of the gradient.
            if each.state == "right" and not near(scale, main):
                each.state, each.factor, each.rate = "factor", scale / main, None
                each.own = averages.own
            else:
                rate = each.rate or 0.0
                # Of two parameters of one object, both averaged, each has the rate.
                beside = [e for e, _, a in known if a.mean and self._owner(e) == self._owner(each)]
                differs = each.state == "factor" or not all(
                    close(abs(rate), abs(e.rate or 0.0)) for e in beside
                )
                cause = _swapped(averages, [a for _, _, a in known])
                cause = cause or averages.mistake(rate, self.alignment.is_rate, differs=differs)
                if cause is not None:
                    each.state, each.factor, each.cause = "factor", each.factor or 1.0, cause

    def _is_made_alike(self, outcome: Outcome, other: Outcome) -> bool:
        """Whether an update is made of its gradient as another one of its line is: a velocity that
        does not begin at 0 leaves of two entries nothing that tells the rule.
        """
        run, tolerance = self.run, self.alignment.tolerance
        gradients = [self.truth.gradients[each.source or 0] for each in (outcome, other)]
        back = run.ancestors([other.index]) - self.truth.forward
        factors = ((at, multiple(run.steps[at].value, gradients[1], tolerance)) for at in back)
        at, factor = max(((k, f) for k, f in factors if f), default=(0, 0.0))
        own = counterpart(run, outcome.index, other.index, at) if factor else None
        value = None if own is None else run.steps[own].value
        same = None if value is None else multiple(value, gradients[0], tolerance)
        return near(same, factor)

    def _is_like(self, outcome: Outcome, other: Outcome) -> bool:
        """Whether an update is made as another one of its line, of its gradient."""
        averages, gradient = other.averages, self.truth.gradients[outcome.source or 0]
        assert averages is not None
        assert averages.own is not None
        own = counterpart(self.run, outcome.index, other.index, averages.own)
        value = None if own is None else self.run.steps[own].value
        factor = None if value is None else multiple(value, gradient, self.alignment.tolerance)
        return factor is not None and near(abs(factor), abs(averages.scale))

    def _is_unknown(self, outcome: Outcome, rate: float, most: float) -> bool:
        """Whether a rate depends on what is added to a square, which makes a step smaller: of one
        size of entries, or of two entries, it is not known how much that is.
        """
        few = outcome.wanted is not None and np.count_nonzero(outcome.wanted) < 3
        known = (rate, most / rate) if rate else ()  # the learning rate may be missing
        odd = not any(map(self.alignment.is_rate, known)) and not close(rate, 1.0)
        return (few and odd) or (rate < most and is_of_one_size(outcome))

    def _compare_rules(self) -> None:
        """Mark plain updates where nothing reads a value that is made of a root, and of the
        gradient, and is as large as the parameter.
        """
        run, steps = self.run, self.run.steps
        roots = {e.index for e in steps if e.op == "sqrt"} - self.truth.forward
        by_root, results = run.made_of(frozenset(roots)), {e.index for e in self.outcomes}
        unread = [e for e in steps if by_root[e.index] and not run.readers[e.index]]
        # What comes after the updates belongs to the next round.
        unread = [e for e in unread if e.index not in results and e.index < max(results, default=0)]
        for each in self.outcomes if unread else ():
            is_plain = each.is_update and not by_root[each.index] and each.state == "right"
            shape = np.squeeze(steps[each.index].value).shape
            wanted = each.wanted
            # A single number is a multiple of the gradient of any other.
            is_plain &= wanted is not None and wanted.size > 1
            for left in unread if is_plain else ():
                behind = run.ancestors([left.index]) & run.ancestors([each.index])
                made = [steps[at].value for at in behind - self.truth.forward]
                if np.squeeze(left.value).shape == shape and any(
                    wanted is not None
                    and value.size == wanted.size
                    and multiple(value, wanted, self.alignment.tolerance)
                    for value in made
                ):
                    each.state, each.cause = "wrong", (ids.MISSING_FACTOR, each.index, None)

    def _compare_numbers(
        self, rated: list[Outcome], known: list[tuple[Outcome, float, Averages]]
    ) -> None:
        """Mark updates of a single number, which is divided by its size, whose gradient has another
        factor than those of arrays that are updated alike.
        """
        for each in rated:
            gradient = None if each.averages else self.truth.gradients[each.source or 0]
            if gradient is None or each.state != "right":
                continue
            for like, scale, averages in known:
                own = averages.own and counterpart(self.run, each.index, like.index, averages.own)
                value = None if not own else self.run.steps[own].value
                factor = (
                    None if value is None else multiple(value, gradient, self.alignment.tolerance)
                )
                if factor is not None and not near(abs(factor), scale):
                    each.state, each.factor, each.rate = "factor", factor / scale, None
                    each.own = own
                if own:
                    break

    def _line(self, outcome: Outcome) -> tuple[str, int] | None:
        return self.run.steps[outcome.index].line

    def _owner(self, outcome: Outcome) -> str:
        return owner_of(self.run.steps[outcome.source or 0].path)


def _swapped(averages: Averages, others: list[Averages]) -> tuple[str, int, int] | None:
    """Return the mistake of an average that has β g where those of other parameters have (1 - β) g,
    with where it is, and the step of the average.
    """
    for k in (1, 2):
        own, beside = averages[k], [each[k] for each in others]
        parts = [each.part for each in beside if isinstance(each, Average)]
        less = 1.0 - own.part if isinstance(own, Average) and 0.5 < own.part < 1.0 else None
        if isinstance(own, Average) and any(near(each, less) for each in parts):
            return ids.WRONG_OPERAND, own.term, own.at
    return None


def _rate_by_size(outcome: Outcome) -> float | None:
    """Return the rate of an update without an average of the gradient, as RMSprop has it: its
    first average of squares is 1 - ρ of the square.
    """
    averages = outcome.averages
    if averages is None or averages.mean is not None or averages.square is None:
        return None
    return abs(outcome.rate or 0.0) * float(np.sqrt(averages.square.part))


def _size(outcome: Outcome) -> int:
    return 0 if outcome.wanted is None else int(outcome.wanted.size)


def is_of_one_size(outcome: Outcome) -> bool:
    """Whether all entries of a gradient that are not 0 have one size."""
    sizes = np.abs(outcome.wanted[outcome.wanted != 0.0]) if outcome.wanted is not None else ()
    return len(sizes) > 0 and bool(np.ptp(sizes) <= 1e-6 * np.max(sizes))
