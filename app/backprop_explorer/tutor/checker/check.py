"""Mark a submission: correct lines, lines that follow from a mistake, and the mistakes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from backprop_explorer.engine.notation import Notation
from backprop_explorer.engine.trace import Trace
from backprop_explorer.texts import tutor_checker as texts
from backprop_explorer.tutor.checker.check_result import CheckResult, LineMark, Note
from backprop_explorer.tutor.checker.conventions import find_alternative, notes_of, undo_conventions
from backprop_explorer.tutor.checker.evidence import evidence_of
from backprop_explorer.tutor.checker.line_marks import Marker, diagnoses, line_mark
from backprop_explorer.tutor.checker.reference import ReferenceWorking
from backprop_explorer.tutor.checker.search import SEARCH_SECONDS, Budget, Search, SearchState
from backprop_explorer.tutor.checker.submission import (
    SAMPLES_AS_COLUMNS,
    Reading,
    SubmittedLine,
    read_submission,
    with_common_decimals,
)
from backprop_explorer.tutor.checker.tolerance import LOOSE, SINGLE, TIGHT, Tolerance, close
from backprop_explorer.tutor.checker.variants import Variant
from backprop_explorer.tutor.checker.wording import (
    blank_note,
    finding_notes,
    incomplete_summary,
    right_summary,
    wrong_summary,
)
from backprop_explorer.tutor.mistakes.cost import is_fitted
from backprop_explorer.tutor.reading.printed_array import PrintedArray

# Numbers with this many digits tell a mistake from the rounding of givens with few digits.
DIGITS_OF_A_MISTAKE = 7
# An entry that differs by less (relative) is not changed by a mistake.
CHANGED = 1e-3


def check(
    trace: Trace,
    notation: Notation,
    submitted: Mapping[str, PrintedArray],
    *,
    search_seconds: float = SEARCH_SECONDS,
    exact_givens: bool = False,
) -> CheckResult:
    """Compare ``submitted`` with ``trace``.

    ``search_seconds`` limits the search for mistakes, as ``Budget`` estimates it. With
    ``exact_givens`` the student had all digits of the givens. Arrays have the shapes that
    ``notation`` shows. Raises InvalidInput naming ``submitted.<id>`` for an unknown line.
    """
    with np.errstate(all="ignore"):
        checked = _Check(trace, notation, submitted, search_seconds, exact_givens)
        names = {line: given.name for line, given in checked.submitted.items()}
        return replace(checked.result(), names=names)


class _Check:
    def __init__(
        self,
        trace: Trace,
        notation: Notation,
        printed: Mapping[str, PrintedArray],
        search_seconds: float,
        exact_givens: bool,
    ) -> None:
        self.search_seconds = search_seconds
        self.trace = trace
        self.notation = notation
        self.reference = ReferenceWorking(trace, exact_givens=exact_givens)
        lines, self.read_notes = read_submission(trace, notation, printed)
        blank = [name for name, array in printed.items() if array.blank]
        self.blanks = len(blank)
        if blank:
            self.read_notes.append(blank_note(blank))
        lines, zeros = with_common_decimals(lines, self.reference.truth)
        if zeros:
            self.read_notes.append(Note("few_digits", texts.zeros(", ".join(zeros)), zeros[0]))
        self.submitted = _use_one_layout(self.reference, lines)
        self.rounded: ReferenceWorking | None = None
        if not self._all_right():
            self._prepare_for_mistakes()

    def _all_right(self) -> bool:
        return all(self.reference.is_right(s, TIGHT) for s in self.submitted.values())

    def _prepare_for_mistakes(self) -> None:
        """Undo conventions, and collect what the numbers show; right numbers need neither."""
        self.rounded = self.reference.with_rounded_givens()
        self.submitted, notes = undo_conventions(self.reference, self.submitted, self.rounded)
        self.read_notes += notes
        evidence = evidence_of(self.reference, self.submitted)
        for reference in (self.reference, self.rounded):
            if reference is not None:
                reference.evidence = evidence

    def result(self) -> CheckResult:
        if self._all_right():
            return self._right(self._layout_notes(Variant(self.reference), TIGHT), TIGHT)
        if self._is_right_when_rounded(self.reference, TIGHT):
            return self._right((Note("rounded_lines", texts.AGREE_WITH_EACH_OTHER),), TIGHT)
        alternative = find_alternative(self.reference, self.submitted, TIGHT)
        if alternative is None and self.rounded is not None:
            alternative = find_alternative(self.rounded, self.submitted, TIGHT)
        notes = () if alternative is None else tuple(notes_of(alternative, self.notation))
        if alternative is not None and alternative.certain:
            return self._right(notes, None)
        single = None
        if all(given.single_precision for given in self.submitted.values()):
            single = self.reference.in_single_precision()
            if self._is_right_when_rounded(single, SINGLE):
                # A mistake may give them as well, but its effect is smaller than the rounding.
                self.reference = single
                return self._right((self._precision_note(),), SINGLE)
        rounded = self.rounded
        if (
            rounded is not None
            and self._is_right_when_rounded(rounded, TIGHT)
            and not self._is_exactly_a_mistake()
        ):
            self.reference = rounded
            return self._right((Note("rounded_givens", texts.AGREE_WITHIN_GIVENS),), TIGHT)
        states, tolerance = self._search(single, rounded)
        if not states[0].variant.mistakes and not states[0].unexplained:
            return self._right((self._precision_note(),), tolerance)
        return self._wrong(states, tolerance, notes)

    def _is_right_when_rounded(self, reference: ReferenceWorking, tolerance: Tolerance) -> bool:
        """Whether all lines are correct, some of them computed from rounded correct lines."""
        marks = Marker(reference, self.submitted, self.notation, tolerance).marks(
            SearchState(Variant(reference))
        )
        return all(marks[name].verdict == "correct" for name in self.submitted)

    def _is_exactly_a_mistake(self) -> bool:
        """Whether mistakes give the numbers to more digits than the givens have."""
        digits = min(given.printed.digits for given in self.submitted.values())
        if digits < DIGITS_OF_A_MISTAKE:
            return False
        best = self._searched(self.reference, TIGHT)[0]
        return not best.unexplained and not any(is_fitted(*m.key) for m in best.variant.mistakes)

    def _search(
        self, single: ReferenceWorking | None, rounded: ReferenceWorking | None
    ) -> tuple[list[SearchState], Tolerance]:
        """Return the explanations, the best first, and the tolerance that they were found with.

        ``single`` is the reference in single precision, or None if the numbers are not float32.
        ``rounded`` is the reference with rounded givens, or None if the givens have all digits.
        """
        reference = self.reference
        exact = reference.exact_givens
        unused = Marker(reference, self.submitted, self.notation, TIGHT).unused()
        looser = single or reference
        budget = Budget(reference, self.search_seconds)
        search = Search(reference, self.submitted, TIGHT, budget, unused, coarser=looser)
        states = search.states()
        if states[0].unexplained and (search.depends or exact):
            # A difference in the eighth digit is no mistake: a float32 number was used, or the
            # givens were printed.
            # There are so many pairs that one gives any number to seven digits.
            loose = self._searched(looser, SINGLE, unused, pairs=not exact)
            if len(loose[0].unexplained) < len(states[0].unexplained):
                self.reference = looser
                return loose, SINGLE
        if not states[0].unexplained and len(states[0].variant.mistakes) <= 1:
            return states, TIGHT
        if exact:
            # The numbers may be inexact themselves: typed with few digits, or Adam without ε.
            loose = self._searched(reference, LOOSE, unused, pairs=False)
            if _worse(states[0]) > _worse(loose[0]) and self._changes_several(loose[0].variant):
                return loose, LOOSE
        if rounded is not None:
            loose = self._searched(rounded, TIGHT, unused)
            if _worse(states[0]) > _worse(loose[0]):
                self.reference = rounded
                self.read_notes.append(Note("few_digits", texts.FEW_DIGITS))
                return loose, TIGHT
        return states, TIGHT

    def _searched(
        self,
        reference: ReferenceWorking,
        tolerance: Tolerance,
        unused: frozenset[str] = frozenset(),
        *,
        pairs: bool = True,
    ) -> list[SearchState]:
        budget = Budget(reference, self.search_seconds)
        return Search(reference, self.submitted, tolerance, budget, unused, pairs=pairs).states()

    def _changes_several(self, variant: Variant) -> bool:
        """Whether the mistakes change two entries or more: one may be within LOOSE by chance."""
        changed = 0
        for name in self.submitted:
            value, truth = np.asarray(variant.value(name)), self.reference.truth[name]
            off = np.abs(value - truth) > CHANGED * np.abs(truth)
            changed += len(np.unique(np.abs(value[off])))
        return changed > 1

    def _precision_note(self) -> Note:
        if self.reference.rounded_givens:
            return Note("rounded_givens", texts.AGREE_WITHIN_PRINTED)
        return Note("single_precision", texts.FLOAT32)

    def _right(self, notes: tuple[Note, ...], tolerance: Tolerance | None) -> CheckResult:
        """Return the result without a mistake; no tolerance: right in another convention."""
        notes = (*self.read_notes, *notes)
        marks = {name: LineMark("missing") for name in self.reference.nodes}
        for name, given in self.submitted.items():
            marks[name] = LineMark("correct", 0.0)
            if tolerance is not None:
                marks[name] = line_mark(self.reference, given, self.notation, tolerance, "correct")
        if tolerance is not None and (not self.submitted or self.blanks):
            summary = incomplete_summary(len(self.submitted), self.blanks)
            return CheckResult("incomplete", None, summary, (), marks, notes)
        return CheckResult("correct", None, right_summary(marks, notes), (), marks, notes)

    def _wrong(
        self, states: list[SearchState], tolerance: Tolerance, notes: tuple[Note, ...]
    ) -> CheckResult:
        marker = Marker(self.reference, self.submitted, self.notation, tolerance)
        marks = marker.marks(states[0])
        found = diagnoses(states, self.reference, self.submitted)
        first = next((name for name, mark in marks.items() if mark.verdict == "wrong"), None)
        findings = finding_notes(self.reference, self.submitted, marks)
        layout = self._layout_notes(states[0].variant, tolerance)
        notes = (*self.read_notes, *notes, *findings, *layout)
        summary = wrong_summary(first, marks, found, notes)
        return CheckResult("wrong", first, summary, found, marks, notes)

    def _layout_notes(self, variant: Variant, tolerance: Tolerance) -> tuple[Note, ...]:
        transposed = []
        for name, given in self.submitted.items():
            reading = given.matches(variant.value(name), variant.slack(name), tolerance)
            if reading is not None and reading.layout == SAMPLES_AS_COLUMNS:
                transposed.append(name)
        if not transposed:
            return ()
        message = texts.samples_are_columns(", ".join(transposed))
        return (Note("other_convention", message),)


def _worse(state: SearchState) -> tuple[int, int]:
    return len(state.unexplained), len(state.variant.mistakes)


def _use_one_layout(
    reference: ReferenceWorking, submitted: Mapping[str, SubmittedLine]
) -> dict[str, SubmittedLine]:
    """Read all lines in one layout.

    A line with as many samples as units fits both layouts. If another line shows that samples are
    rows, all square lines are read that way.
    """

    def fits(given: SubmittedLine, reading: Reading) -> bool:
        truth, noise = reference.truth[given.id], reference.noise.get(given.id)
        return close(reading.value, reading.quantum, truth, noise, TIGHT)

    if not any(
        [fits(given, reading) for reading in given.readings] == [True, False]
        for given in submitted.values()
    ):
        return dict(submitted)
    return {
        name: replace(given, readings=given.readings[:1])
        if given.shape == given.shape[::-1]
        else given
        for name, given in submitted.items()
    }
