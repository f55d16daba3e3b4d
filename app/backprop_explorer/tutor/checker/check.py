"""Marking a submission: what is right, what follows from an own mistake, and what that was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from backprop_explorer.engine.notation import Notation
from backprop_explorer.engine.trace import Trace
from backprop_explorer.tutor.checker.alternatives import (
    Alternative,
    convention_message,
    find_alternative,
    scaling_message,
)
from backprop_explorer.tutor.checker.budget import Budget
from backprop_explorer.tutor.checker.factors import factors
from backprop_explorer.tutor.checker.marking import Marker, diagnoses, entries_right, error_of
from backprop_explorer.tutor.checker.reference import Problem
from backprop_explorer.tutor.checker.result import CheckResult, LineMark, Note
from backprop_explorer.tutor.checker.rounding_bounds import rounded_givens
from backprop_explorer.tutor.checker.search import Search, State
from backprop_explorer.tutor.checker.submission import (
    SAMPLES_AS_COLUMNS,
    Submitted,
    read_submission,
)
from backprop_explorer.tutor.checker.tolerance import SINGLE, TIGHT, Tolerance, close
from backprop_explorer.tutor.checker.variants import Run
from backprop_explorer.tutor.checker.wording import (
    finding_notes,
    incomplete_summary,
    right_summary,
    wrong_summary,
)
from backprop_explorer.tutor.reading.printed_array import Printed


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
        self.problem = Problem(trace)
        self.submitted = _in_one_layout(self.problem, self.submitted)
        self.problem.try_factors(factors(self.problem, self.submitted))

    def result(self) -> CheckResult:
        if all(self.problem.is_right(s, TIGHT) for s in self.submitted.values()):
            return self._right(self._layout_notes(Run(self.problem), TIGHT), TIGHT)
        other = self.problem.other_way()
        if other and all(other.is_right(s, TIGHT) for s in self.submitted.values()):
            self.problem = other
            return self._right((), TIGHT)
        if self._is_worked_on(self.problem, TIGHT):
            return self._right((self._digits_note(),), TIGHT)
        alternative = find_alternative(self.problem, self.submitted, TIGHT)
        notes = self._alternative_notes(alternative)
        if alternative is not None and alternative.certain:
            return self._right_otherwise(alternative, notes)
        single = None
        if all(given.single_precision for given in self.submitted.values()):
            single = self.problem.in_single_precision()
            if self._is_worked_on(single, SINGLE):
                # Even where a mistake gives them too: it makes less difference than the precision.
                self.problem = single
                return self._right((self._precision_note(),), SINGLE)
        states, tolerance = self._search(single)
        if not states[0].run.mistakes and not states[0].unexplained:
            return self._right((self._precision_note(),), tolerance)
        return self._wrong(states, tolerance, notes)

    def _is_worked_on(self, problem: Problem, tolerance: Tolerance) -> bool:
        """Whether all is right, or worked on rightly from right numbers as they were rounded."""
        marks = Marker(problem, self.submitted, self.notation, tolerance).marks(State(Run(problem)))
        return all(marks[name].verdict == "correct" for name in self.submitted)

    def _search(self, single: Problem | None) -> tuple[list[State], Tolerance]:
        """The explanations, and how exactly the numbers were taken.

        ``single`` is the problem in single precision, if all numbers can be that.
        """
        problem, submitted = self.problem, self.submitted
        unused = Marker(problem, submitted, self.notation, TIGHT).unused()
        states = Search(problem, submitted, TIGHT, Budget(problem), unused).states()
        if states[0].unexplained:
            # Nobody makes a mistake in the eighth digit: somewhere there was a float32 number, or
            # the givens were printed.
            looser = single or problem
            loose = Search(looser, submitted, SINGLE, Budget(looser), unused).states()
            if len(loose[0].unexplained) < len(states[0].unexplained):
                self.problem = looser
                return loose, SINGLE
        return states, TIGHT

    def _digits_note(self) -> Note:
        message = "Your lines agree with one another as far as their digits go."
        return Note("rounded_lines", message)

    def _precision_note(self) -> Note:
        if rounded_givens(self.problem.givens):
            message = "Your numbers agree as far as the printed digits of the givens go."
            return Note("rounded_givens", message)
        message = "Your numbers agree to about seven digits, as far as single precision goes."
        return Note("single_precision", message)

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


def _in_one_layout(problem: Problem, submitted: Mapping[str, Submitted]) -> dict[str, Submitted]:
    """Where as many samples as units could stand either way: nobody has some lines turned."""

    def shows_rows(given: Submitted) -> bool:
        truth, noise = problem.truth[given.id], problem.noise.get(given.id)
        return [
            close(reading.value, reading.quantum, truth, noise, TIGHT) for reading in given.readings
        ] == [True, False]

    if not any(shows_rows(given) for given in submitted.values()):
        return dict(submitted)
    return {
        name: replace(given, readings=given.readings[:1])
        if given.shape == given.shape[::-1]
        else given
        for name, given in submitted.items()
    }
