"""Marking a submission: what is right, what follows from an own mistake, and what that was."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from app.core.checker.alternatives import (
    Alternative,
    convention_message,
    find_alternative,
    scaling_message,
)
from app.core.checker.marking import Marker, diagnoses, entries_right, error_of, is_right
from app.core.checker.result import CheckResult, LineMark, Note
from app.core.checker.runs import Problem, Run
from app.core.checker.search import Budget, Search, State
from app.core.checker.submission import SAMPLES_AS_COLUMNS, Submitted, read_submission
from app.core.checker.tolerance import SINGLE, TIGHT, Tolerance
from app.core.checker.wording import (
    finding_notes,
    incomplete_summary,
    right_summary,
    wrong_summary,
)
from app.core.notation import Notation
from app.core.printed import Printed
from app.core.trace import Trace

# Guesses per search. One costs some 50 µs in a small network, and more where matrices are large.
GUESSES = 2_000
FEWEST_GUESSES = 40
GUESS_SECONDS = 60e-6
MULTIPLICATIONS_PER_SECOND = 2e9


def check(trace: Trace, notation: Notation, submitted: Mapping[str, Printed]) -> CheckResult:
    """Mark ``submitted`` against ``trace``; arrays stand as ``notation`` shows them.

    Raises InvalidInput naming ``submitted.<id>`` for a line that the working does not have.
    """
    with np.errstate(all="ignore"):
        return _Check(trace, notation, submitted).result()


class _Check:
    def __init__(self, trace: Trace, notation: Notation, printed: Mapping[str, Printed]) -> None:
        self.trace = trace
        self.notation = notation
        self.submitted = read_submission(trace, notation, printed)
        self.blanks = len(printed) - len(self.submitted)
        plain = Problem(trace)
        self.problem = Problem(trace, _factors(plain, self.submitted))

    def result(self) -> CheckResult:
        if all(is_right(self.problem, s, TIGHT) for s in self.submitted.values()):
            return self._right(self._layout_notes(Run(self.problem), TIGHT), TIGHT)
        alternative = find_alternative(self.problem, self.submitted, TIGHT)
        notes = self._alternative_notes(alternative)
        if alternative is not None and alternative.certain:
            return self._right_otherwise(alternative, notes)
        states, tolerance = self._search()
        if not states[0].run.mistakes and not states[0].unexplained:
            note = "Your numbers agree to about seven digits, as single precision gives them."
            return self._right((Note("single_precision", note),), tolerance)
        return self._wrong(states, tolerance, notes)

    def _search(self) -> tuple[list[State], Tolerance]:
        """The explanations, and how exactly the numbers were taken."""
        budget = Budget(_guesses(self.trace))
        states = Search(self.problem, self.submitted, TIGHT, budget).states()
        if states[0].unexplained and all(s.single_precision for s in self.submitted.values()):
            budget = Budget(_guesses(self.trace))
            loose = Search(self.problem, self.submitted, SINGLE, budget).states()
            if len(loose[0].unexplained) < len(states[0].unexplained):
                return loose, SINGLE
        return states, TIGHT

    def _right(self, notes: tuple[Note, ...], tolerance: Tolerance) -> CheckResult:
        marks = {
            name: LineMark(
                "correct",
                error_of(self.submitted[name], self.problem.truth[name]),
                None,
                entries_right(self.problem, self.submitted[name], self.notation, tolerance),
            )
            if name in self.submitted
            else LineMark("missing")
            for name in self.problem.steps
        }
        if not self.submitted or self.blanks:
            summary = incomplete_summary(len(self.submitted), self.blanks)
            return CheckResult("incomplete", None, summary, (), marks, notes)
        return CheckResult("correct", None, right_summary(marks, notes), (), marks, notes)

    def _right_otherwise(self, alternative: Alternative, notes: tuple[Note, ...]) -> CheckResult:
        marks = {
            name: LineMark("correct", 0.0) if name in self.submitted else LineMark("missing")
            for name in self.problem.steps
        }
        return CheckResult("correct", None, right_summary(marks, notes), (), marks, notes)

    def _wrong(
        self, states: list[State], tolerance: Tolerance, notes: tuple[Note, ...]
    ) -> CheckResult:
        marker = Marker(self.problem, self.submitted, self.notation, tolerance)
        marks = marker.marks(states[0])
        found = diagnoses(states, self.problem, self.submitted)
        first = next((name for name, mark in marks.items() if mark.verdict == "wrong"), None)
        findings = finding_notes(self.problem, self.submitted, marks)
        notes = (*notes, *findings, *self._layout_notes(states[0].run, tolerance))
        summary = wrong_summary(first, marks, found, notes)
        return CheckResult("wrong", first, summary, found, marks, notes)

    def _layout_notes(self, run: Run, tolerance: Tolerance) -> tuple[Note, ...]:
        turned = []
        for name, given in self.submitted.items():
            reading = given.matches(run.value(name), run.slack(name), tolerance)
            if reading is not None and reading.layout == SAMPLES_AS_COLUMNS:
                turned.append(name)
        if not turned:
            return ()
        message = f"You have samples as columns; here they are rows: {', '.join(turned)}."
        return (Note("other_convention", message),)

    def _alternative_notes(self, alternative: Alternative | None) -> tuple[Note, ...]:
        if alternative is None:
            return ()
        notes: list[Note] = []
        if alternative.turned:
            message = convention_message(self.notation.convention.transposed)
            notes.append(Note("other_convention", message))
        if alternative.reduction is not None:
            asked = self.problem.situation.objective.reduction
            message = scaling_message(alternative, asked)
            notes.append(Note("other_scaling", message, factor=alternative.factor))
        return tuple(notes)


def _guesses(trace: Trace) -> int:
    multiplications = 6.0 * trace.samples * trace.network.parameter_count
    seconds = GUESS_SECONDS + multiplications / MULTIPLICATIONS_PER_SECOND
    return max(FEWEST_GUESSES, int(GUESSES * GUESS_SECONDS / seconds))


def _factors(problem: Problem, submitted: Mapping[str, Submitted]) -> tuple[float, ...]:
    """The constants that a gradient of the cost may be off by, the likelier first."""
    samples, outputs = map(float, problem.givens["target"].shape)
    likely = [
        0.5,
        outputs,
        samples,
        2.0,
        1.0 / outputs,
        1.0 / samples,
        outputs / 2.0,
        samples * outputs / 2.0,
        samples * outputs,
        2.0 / outputs,
        1.0 / (samples * outputs),
        2.0 / (samples * outputs),
        samples / 2.0,
        2.0 / samples,
        outputs / samples,
        samples / outputs,
        4.0,
    ]
    fitted = _fitted(problem, submitted)
    factors: list[float] = []
    for factor in [*likely, *fitted]:
        if all(abs(factor - other) > 1e-6 * abs(factor) for other in (1.0, *factors)):
            factors.append(factor)
    return tuple(factors)


def _fitted(problem: Problem, submitted: Mapping[str, Submitted]) -> list[float]:
    """The one factor between all submitted gradients and the right ones, if there is one."""
    above = below = 0.0
    numbers = 0
    for name, given in submitted.items():
        truth = problem.truth[name]
        reading = given.like(truth) if name.startswith("dC_d") else None
        if reading is None or not np.isfinite(reading.value).all():
            continue
        weight = float(np.clip(np.mean(reading.quantum), 1e-18, 1e100)) ** -2
        above += weight * float(np.vdot(truth, reading.value))
        below += weight * float(np.vdot(truth, truth))
        numbers += int(np.count_nonzero(truth))
    if numbers < 2 or not 0.0 < below < np.inf or not np.isfinite(above):
        return []
    factor = above / below
    for bottom in range(1, 129):
        top = round(factor * bottom)
        if top and abs(factor - top / bottom) < 1e-6 * abs(factor):
            return [top / bottom]
    return [factor] if abs(factor) > 1e-12 else []
