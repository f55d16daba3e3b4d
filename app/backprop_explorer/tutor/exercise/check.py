"""A program checked as an exercise: its recorded run is compared with the working of the givens."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import replace
from typing import Any

import numpy as np

from backprop_explorer.engine import names
from backprop_explorer.engine.trace import Trace
from backprop_explorer.record.source import file_title
from backprop_explorer.texts import tutor_code as texts
from backprop_explorer.tutor.exercise.blame import Locator
from backprop_explorer.tutor.exercise.cost_value import wrong_cost
from backprop_explorer.tutor.exercise.coverage import Coverage
from backprop_explorer.tutor.exercise.explanations import Explanation, explain, mistakes_in_order
from backprop_explorer.tutor.exercise.name_choice import better_name
from backprop_explorer.tutor.exercise.observed import Label, Observed, Result
from backprop_explorer.tutor.exercise.other_numbers import CodeGivens
from backprop_explorer.tutor.exercise.returned_lines import ResultFinder, parameter_updates
from backprop_explorer.tutor.exercise.shapes import Failure, WrongShape, explain_error, wrong_shape
from backprop_explorer.tutor.mistakes import MISCONCEPTIONS, UNKNOWN, ids
from backprop_explorer.tutor.mistakes.search import changes_nothing
from backprop_explorer.tutor.program.recording import ProgramCall, Recorded
from backprop_explorer.tutor.program.report import judged, source_lines
from backprop_explorer.tutor.program.result import (
    CodeDiagnosis,
    CodeResult,
    CodeVerdict,
    ErrorExplanation,
    LineStatus,
    SourceLine,
)
from backprop_explorer.tutor.program.steps import VIEWS, Run
from backprop_explorer.tutor.program.words import symbol_text

Place = tuple[str, int]


# Mistakes for which the working takes another convention, such as another reduction, and the
# options that decide about it.
_CONVENTIONS = {
    ids.BIAS_GRADIENT_NOT_SUMMED: (),
    ids.WEIGHT_GRADIENT_NOT_SUMMED: ("reduction",),
    ids.COST_GRADIENT_SCALE: ("reduction", "learning_rate"),
    ids.BATCH_SCALE: ("reduction", "learning_rate"),
}
_BROADCASTS = (ids.BROADCAST_COLUMNS, ids.BROADCAST_COLUMNS_IN_COST)


def check_exercise(program: ProgramCall, given: CodeGivens, told: Set[str]) -> CodeResult:
    """Check one call of a student's function against the working.

    Nothing of the answer's numbers is in the result. Where the given numbers hide mistakes, the
    function runs again with others. The gradient of the program's own forward pass decides where
    the working knows nothing of the program, and about conventions that were not told; ``told``
    are the options of the caller.
    """
    recorded = Recorded(program)
    run = recorded.run
    with np.errstate(all="ignore"):
        check = _Exercise(run, given, given.problem.traces)
        result = replace(check.result(), printed=run.printed)
        if run.limit is None and run.raised is None and check.leaves_open(result, told):
            result = _by_own_gradient(result, judged(recorded, None)[0])
        hidden = given.blind_spots()
    if result.verdict not in ("correct", "incomplete") or not hidden:
        return result
    traces: list[tuple[Trace, ...] | None] = []

    def prepare(holders: Sequence[Any]) -> bool:
        traces.append(given.replaced(holders))
        return traces[0] is not None

    why = ", ".join(hidden)
    if not check.reads_the_working and run.limit is None:
        other = Recorded(replace(program, prepare=prepare)).run
        if traces and traces[0] is not None:
            with np.errstate(all="ignore"):
                again = _Exercise(other, given, traces[0]).result()
            if again.verdict in ("correct", "incomplete") or again.diagnoses:
                notes = (*again.notes, texts.other_numbers(why))
                return replace(again, notes=notes, printed=result.printed)
    lines = [*result.not_checked, *(line for some in hidden.values() for line in some)]
    missing = tuple(dict.fromkeys(lines))
    summary = check.right_summary(missing)
    notes = (*result.notes, texts.hidden_mistakes(why))
    return replace(result, verdict="incomplete", summary=summary, not_checked=missing, notes=notes)


def _by_own_gradient(working: CodeResult, own: CodeResult) -> CodeResult:
    """Return the result that counts of one that leaves the question open, and the program's own."""
    if working.verdict == "unclear" and own.verdict != "unclear":
        return replace(own, notes=(*own.notes, *working.notes))
    return own if own.verdict == "correct" and not own.assumed else working


class _Exercise:
    def __init__(self, run: Run, given: CodeGivens, traces: tuple[Trace, ...]) -> None:
        """``traces``: first with cost and output activation together if possible, then apart."""
        self.run, self.traces = run, traces
        self.observed = Observed(run, traces, given.problem.notation)
        self.updates = parameter_updates(self.observed, given.parameters)
        self.observed.results = ResultFinder(self.observed).find(self.updates)
        self.coverage = Coverage(self.observed, self.updates, given.parameters)
        self.locator = Locator(self.observed, self.updates)
        self.explanation: Explanation | None = None
        self.shape: WrongShape | None = None

    def result(self) -> CodeResult:
        notes = () if self.run.limit is None else (self.run.limit,)
        observed = self.observed
        if not self.run.is_own or (self.run.limit and not any(observed.made)):
            return CodeResult("unclear", None, None, self.run.limit or texts.NO_PYTHON_LINE)
        if self.run.raised is None:
            seen = observed.results or self.computes_everything
            if seen and self._all_right():
                return self._right(notes)
        failure = None
        if self.run.raised is not None:
            failure = explain_error(self.run.raised, observed)
        explanation = self._explanation()
        guessed = observed.results
        doubtful = self.run.raised is None and all(each.guessed for each in guessed)
        if doubtful and not (explanation and explanation.complete):
            # What the program hands back may be no line of the working at all.
            observed.results = ()
            if self.computes_everything:
                return self._right(notes, guessed)
            explanation = self._explanation()
            if explanation is None:
                observed.results = guessed
        self.shape = wrong_shape(observed)
        if explanation is not None and not (failure and self._shape_before(explanation)):
            return self._explained(explanation, notes)
        return self._unexplained(failure, notes)

    @property
    def computes_everything(self) -> bool:
        """Whether all gradients are recorded."""
        layers = range(1, self.observed.depth + 1)
        return all(self._is_recorded(names.gradient(f(k))) for k in layers for f in _PARAMETERS)

    def _is_recorded(self, line: str) -> bool:
        wanted = self.observed.lines[line]
        return any(
            made
            and value.size == np.size(wanted)
            and self.observed.gives(Result("", value, line), wanted)
            for value, made in zip(self.observed.values, self.observed.made, strict=True)
        )

    @property
    def reads_the_working(self) -> bool:
        """Whether the program gets lines of the working, which belong to the given numbers."""
        trace, observed = self.traces[0], self.observed
        for key, labels in enumerate(observed.labels):
            found = {label.name for label in labels if label.factor == 1.0}
            given = not self.run.steps[key].op and np.ptp(observed.values[key], axis=None) > 0
            if given and found & set(trace.line_values) and not found & set(trace.givens):
                return True
        return False

    # Verdicts

    def leaves_open(self, result: CodeResult, told: Set[str]) -> bool:
        """Whether the working does not decide: of an unknown program or an untold convention."""
        if result.verdict == "unclear":
            return self.run.is_own
        made = {each.misconception for each in result.diagnoses}
        lines = [line for each in result.diagnoses for line in each.lines]
        return (
            bool(made)
            and made <= _CONVENTIONS.keys()
            and not any(told & set(_CONVENTIONS[name]) for name in made)
            and all(names.named(line).quantity in ("gradient", "updated") for line in lines)
        )

    def _all_right(self) -> bool:
        return all(
            self.observed.gives(result, self.observed.lines[result.line])
            for result in self.observed.results
        )

    def _right(self, notes: tuple[str, ...], unread: Sequence[Result] = ()) -> CodeResult:
        """Return the result of a program of which nothing is wrong; ``unread``: no known lines."""
        if found := wrong_cost(self.observed):
            explanation, self.observed.results = found
            return self._explained(explanation, notes)
        if self.run.limit is not None:
            lines = self._lines(None)
            return CodeResult("unclear", None, self._file, notes[0], lines=lines, notes=notes)
        missing = self.coverage.not_checked(unread)
        verdict: CodeVerdict = "incomplete" if missing else "correct"
        summary = self.right_summary(missing)
        lines, file = self._lines(None), self._file
        return CodeResult(
            verdict, None, file, summary, lines=lines, notes=notes, not_checked=missing
        )

    @property
    def _file(self) -> str | None:
        return next((step.frames[-1].file for step in self.run.steps if step.frames), None)

    def right_summary(self, missing: Sequence[str]) -> str:
        """Return the sentence of a program of which nothing is wrong."""
        found = [symbol_text(result.line) for result in self.observed.results]
        shown = ", ".join(found[:8]) + (", …" if len(found) > 8 else "")
        if missing:
            return texts.incomplete(shown, ", ".join(map(symbol_text, missing)))
        return texts.correct(shown) if found else texts.ALL_CORRECT

    def _explanation(self) -> Explanation | None:
        """Return the best explanation over both ways to compute the output's gradient."""
        found = explain(self.observed, self.traces)
        if not found:
            return None
        best = max(found, key=lambda each: each.score)
        other = better_name(self.observed, best)
        if other is not None:
            named = [each for each in found if each.variant.mistakes[0].name == other]
            best = next((each for each in named if each.complete), best)
        failed = self.run.raised is not None
        # Without results, a value must be there that no right program computes.
        seen = best.results[0] > 0 or (failed and self._is_seen(best))
        doubtful = best.score < 0 or (failed and not seen)
        if doubtful and not (best.complete and seen):
            return next((each for each in found if each.forward), None)
        return best if not failed or best.values or best.complete else None

    def _is_seen(self, explanation: Explanation) -> bool:
        """Whether a wrong value was recorded that is none of a right program's."""
        lines = {line for mistake in explanation.variant.mistakes for line in mistake.lines}
        keys = [k for n in lines for k in self.observed.find(explanation.variant.value(n))]
        return not all(map(self.observed.is_known, keys))

    def _shape_before(self, explanation: Explanation) -> bool:
        """Whether a value has a wrong shape no later than where the first mistake is made."""
        place = self.locator.locate(explanation)
        if self.shape is None or place is None:
            return self.shape is not None
        return self.shape.index <= next(s.index for s in self.run.steps if s.line == place)

    def _explained(self, explanation: Explanation, notes: tuple[str, ...]) -> CodeResult:
        reference = explanation.variant.reference
        place, diagnoses = self.locator.locate(explanation), list[CodeDiagnosis]()
        for at, mistake in enumerate(mistakes_in_order(explanation, reference)):
            made = tuple(n for n in reference.nodes if n in mistake.lines)
            about = ""
            if mistake.name in _BROADCASTS and self.shape is not None:
                place, about = self.run.steps[self.shape.index].line, self.shape.message
            first = place if at == 0 else None
            diagnoses.append(_diagnosis(mistake.name, mistake.detail, made, first, about))
        self.explanation = explanation
        return self._wrong(place, diagnoses[0].message, diagnoses, notes)

    def _wrong(
        self,
        place: Place | None,
        message: str,
        diagnoses: Sequence[CodeDiagnosis],
        notes: tuple[str, ...],
    ) -> CodeResult:
        file, number = (None, None) if place is None else place
        files = {step.frames[0].file for step in self.run.steps if step.frames}
        where = ""
        if place is not None:
            where = texts.at_line(number, file_title(place[0]) if len(files) > 1 else "")
        error = None
        if self.run.raised is not None:
            text = f"{type(self.run.raised).__name__}: {self.run.raised}"[:400]
            at = None if self.run.raised_at is None else self.run.raised_at[1]
            error = ErrorExplanation(
                text, explain_error(self.run.raised, self.observed).message, at
            )
        lines = self._lines(place)
        summary = f"{where}{message}"
        return CodeResult("wrong", number, file, summary, tuple(diagnoses), lines, error, notes)

    def _unexplained(self, failure: Failure | None, notes: tuple[str, ...]) -> CodeResult:
        """Return the result of a program with an error or a wrong result, and no known mistake."""
        wrong = [
            result
            for result in self.observed.results
            if not self.observed.gives(result, self.observed.lines[result.line])
        ]
        if failure is None and not wrong:
            lines = self._lines(None)
            return CodeResult("unclear", None, None, texts.NO_LINES, lines=lines, notes=notes)
        diagnoses: tuple[CodeDiagnosis, ...] = ()
        if self.shape is not None:
            place, message = self.run.steps[self.shape.index].line, self.shape.message
            if self.shape.misconception is not None:
                line = names.gradient(names.activation(self.observed.depth))
                diagnoses = (_diagnosis(self.shape.misconception, "", (line,), place, message),)
                message = message if failure else diagnoses[0].message
            message = f"{message} {failure.message}" if failure else message
        elif failure is not None:
            place, message = self.run.raised_at, failure.message
            if failure.misconception is not None:
                lines_of = () if failure.of_line is None else (failure.of_line,)
                diagnoses = (_diagnosis(failure.misconception, "", lines_of, place),)
        elif (unknown := self.locator.unknown_function()) is not None:
            name, of_line, place = unknown
            diagnoses = (_diagnosis(name, UNKNOWN, (of_line,), place),)
            message = diagnoses[0].message
        else:
            place = self.locator.first_unknown(wrong)
            message = texts.line_differs(", ".join(symbol_text(each.line) for each in wrong[:6]))
        return self._wrong(place, message, diagnoses, notes)

    # Source lines

    def _lines(self, wrong: Place | None) -> tuple[SourceLine, ...]:
        """Return every line of the functions that ran, with what it computes."""
        mistaken = self._mistaken()
        done: set[str] = set()

        def status_of(steps: list[int]) -> tuple[LineStatus, tuple[str, ...], str]:
            computes, follows, other = list[str](), list[str](), list[str]()
            for at in steps:
                if self.run.steps[at].op in VIEWS:
                    continue
                if at in mistaken:
                    follows.append(mistaken[at])
                    continue
                label = _best(self.observed.labels[at], done)
                if label is None or names.named(label.name).kind in _GIVEN:
                    if label is not None and not label.line:
                        other.append(label.name)
                elif label.line and label.sample is None:
                    done.add(label.name)
                    computes.append(label.name)
                elif label.line:
                    other.append(texts.of_one_sample(symbol_text(label.name)))
                else:
                    other.append(label.name)
            status: LineStatus = "follows" if follows else "right" if computes else "other"
            found = tuple(dict.fromkeys(follows or computes))
            words = ", ".join(map(symbol_text, found[:SHOWN]))
            return status, found, words or ", ".join(dict.fromkeys(other[:2]))

        return tuple(source_lines(self.run, status_of, wrong))

    def _mistaken(self) -> dict[int, str]:
        """Return the line of each step that is wrong because of the mistakes."""
        if self.explanation is None:
            return {}
        variant = self.explanation.variant
        right, found = variant.without_mistakes(), dict[int, str]()
        for line in variant.reference.nodes:
            value = variant.value(line)
            if not changes_nothing(value, right.value(line)):
                for key in self.observed.find(value):
                    if not self.observed.is_right(key):
                        found.setdefault(key, line)
        return found


def _diagnosis(
    name: str, detail: str, lines: tuple[str, ...], place: Place | None, about: str = ""
) -> CodeDiagnosis:
    message = f"{MISCONCEPTIONS[name].message(detail)} {about}".rstrip()
    return CodeDiagnosis(name, message, lines, None if place is None else place[1])


_PARAMETERS = (names.weights, names.biases)
_GIVEN = (names.X, names.TARGET, "W", "b")
# A line that runs in a loop may compute many lines of the working.
SHOWN = 6


def _best(labels: Sequence[Label], done: set[str]) -> Label | None:
    """Return the label that fits best: a line that has not been computed before, unscaled."""
    lines = [each for each in labels if each.line and each.sample is None]
    exact = [each for each in lines if each.factor == 1.0]
    for group in (
        [each for each in exact if each.name not in done],
        exact,
        [each for each in labels if each.line and each.factor == 1.0],
        [each for each in labels if not each.line],
        [each for each in labels if each.line],
    ):
        if group:
            return group[0]
    return None
