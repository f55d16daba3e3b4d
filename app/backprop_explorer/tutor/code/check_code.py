"""Run a student's function and say what each of its source lines computes."""

from __future__ import annotations

import contextlib
import io
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from backprop_explorer.engine.costs import COSTS, REDUCTIONS
from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.engine.trace import Trace
from backprop_explorer.texts import tutor_code as texts
from backprop_explorer.tutor.code.annotate import annotated, program_files
from backprop_explorer.tutor.code.broadcasts import silent_broadcast
from backprop_explorer.tutor.code.cost_value import wrong_cost
from backprop_explorer.tutor.code.coverage import Coverage
from backprop_explorer.tutor.code.explain import explain
from backprop_explorer.tutor.code.explanations import Explanation, mistakes_in_order
from backprop_explorer.tutor.code.locate import Locator
from backprop_explorer.tutor.code.observed import Observed
from backprop_explorer.tutor.code.other_numbers import CodeGivens
from backprop_explorer.tutor.code.program import ProgramRun
from backprop_explorer.tutor.code.quantities import same_entries
from backprop_explorer.tutor.code.recorder import (
    MAX_SECONDS,
    RETURN,
    LimitReached,
    Recorder,
    Recording,
    Visit,
)
from backprop_explorer.tutor.code.result import (
    CodeDiagnosis,
    CodeResult,
    CodeVerdict,
    ErrorExplanation,
)
from backprop_explorer.tutor.code.results import Result
from backprop_explorer.tutor.code.saved_state import saved_state
from backprop_explorer.tutor.code.shape_errors import Failure, explain_error
from backprop_explorer.tutor.code.time_limit import TimeLimit
from backprop_explorer.tutor.code.tracing import traced
from backprop_explorer.tutor.code.turned import WrongShape, turned_value
from backprop_explorer.tutor.code.unknown import UnknownValues
from backprop_explorer.tutor.code.words import file_title, symbol_text
from backprop_explorer.tutor.mistakes import MISCONCEPTIONS, UNKNOWN

MAX_PRINTED = 10_000  # characters


class _Printed(io.StringIO):
    """The beginning of what a program prints, without control characters."""

    def write(self, text: str, /) -> int:
        kept = "".join(each for each in text if each.isprintable() or each in "\n\t")
        super().write(kept[: max(0, MAX_PRINTED - self.tell())])
        return len(text)


def record(
    function: Callable[..., Any],
    arguments: Sequence[Any],
    keywords: Mapping[str, Any],
    *,
    monitoring: bool | None = None,
    recorder: Recorder | None = None,
    prepare: Callable[[Sequence[Any]], bool] | None = None,
) -> tuple[Recording, Any, BaseException | None]:
    """Run ``function`` under the tracer; return the recording, its result and its exception.

    Its globals, arguments and the random state are put back. ``prepare`` gets the arrays and lists
    that can be reached from them, and may change them; the function runs unless it returns False.
    Raises InvalidInput if it ends the interpreter.
    """
    recorder = recorder or Recorder()
    returned, raised, printed = None, None, _Printed()
    with (
        saved_state(*arguments, *keywords.values(), function) as found,
        contextlib.redirect_stdout(printed),
        np.errstate(all="ignore"),
    ):
        if prepare is not None and not prepare(found):
            return recorder.recording, None, None
        try:
            with traced(recorder, monitoring=monitoring), TimeLimit(recorder.max_seconds):
                returned = function(*arguments, **keywords)
        except LimitReached as error:
            limit = str(error) or texts.most_seconds(recorder.max_seconds)
            recorder.recording.limit = limit
        except Exception as error:  # noqa: BLE001 - a student's function may raise anything
            raised = error
        except (SystemExit, GeneratorExit) as error:
            raise InvalidInput("function", texts.exits(type(error).__name__)) from None
    recorder.recording.printed = printed.getvalue()
    return recorder.recording, returned, raised


def check_program(
    function: Callable[..., Any],
    arguments: Sequence[Any],
    keywords: Mapping[str, Any],
    given: CodeGivens,
    *,
    monitoring: bool | None = None,
    max_seconds: float = MAX_SECONDS,
) -> CodeResult:
    """Check one call of a student's function against the working.

    Nothing of the answer's numbers is in the result. Where the given numbers hide mistakes, the
    function runs again with others.
    """
    end = time.monotonic() + max_seconds

    def recorded(**options: Any) -> tuple[Recording, Any, BaseException | None]:
        recorder = Recorder(max_seconds=max(0.0, end - time.monotonic()))
        return record(
            function, arguments, keywords, monitoring=monitoring, recorder=recorder, **options
        )

    run = recorded()
    with np.errstate(all="ignore"):
        checker = _CodeChecker(*run, given, given.traces)
        result = replace(checker.result(), printed=run[0].printed)
        hidden = given.blind_spots()
    if result.verdict not in ("correct", "incomplete") or not hidden:
        return result
    traces: list[tuple[Trace, ...] | None] = []

    def prepare(holders: Sequence[Any]) -> bool:
        traces.append(given.replaced(holders))
        return traces[0] is not None

    why = ", ".join(hidden)
    if not checker.reads_the_working and run[0].limit is None:
        run = recorded(prepare=prepare)
        if traces[0] is not None:
            with np.errstate(all="ignore"):
                again = _CodeChecker(*run, given, traces[0]).result()
            if again.verdict in ("correct", "incomplete") or again.diagnoses:
                notes = (*again.notes, texts.other_numbers(why))
                return replace(again, notes=notes, printed=result.printed)
    lines = [*result.not_checked, *(line for some in hidden.values() for line in some)]
    missing = tuple(dict.fromkeys(lines))
    summary = checker.right_summary(missing)
    notes = (*result.notes, texts.hidden_mistakes(why))
    return replace(result, verdict="incomplete", summary=summary, not_checked=missing, notes=notes)


class _CodeChecker:
    def __init__(
        self,
        recording: Recording,
        returned: Any,
        raised: BaseException | None,
        given: CodeGivens,
        traces: tuple[Trace, ...],
    ) -> None:
        """``traces``: first with cost and output activation together if possible, then apart."""
        self.recording = recording
        self.raised = raised
        self.traces = traces
        self.notation = notation = given.problem.notation
        single = recording.single_precision
        self.observed = Observed(recording, traces, notation, returned, single_precision=single)
        self.program = ProgramRun(self.observed)
        self.locator = Locator(self.program)
        self.unknown = UnknownValues(self.program)
        self.coverage = Coverage(self.program, given.parameters)
        self.shapes: WrongShape | None = None

    def result(self) -> CodeResult:
        notes = self._notes()
        if not self.recording.visits:
            return CodeResult("unclear", None, None, texts.NO_PYTHON_LINE)
        if self.raised is None:
            updated = self._judge_updates()
            seen = updated or self.observed.results or self.observed.computes_everything
            if seen and self._all_right():
                return self._right(notes)
        failure = None
        if self.raised is not None:
            failure = explain_error(self.raised, self.program, self.notation)
        explanation = self._explanation(failure)
        if failure is None and self.observed.guessed and not (explanation and explanation.complete):
            # What the program hands back may be no line of the working at all.
            guessed, self.observed.results = self.observed.results, ()
            if self.observed.computes_everything:
                return self._right(notes, guessed)
            explanation = self._explanation(failure)
            if explanation is None:
                self.observed.results = guessed
        self.shapes = self._wrong_shape(None if failure is None else failure.visit)
        if failure is not None and explanation is not None and self._shape_before(explanation):
            explanation = None
        if explanation is not None:
            return self._explained(explanation, failure, notes)
        if failure is not None:
            return self._failed(failure, notes)
        return self._unexplained(notes)

    @property
    def reads_the_working(self) -> bool:
        """Whether the program gets lines of the working, which belong to the given numbers."""
        trace = self.traces[0]
        for key, labels in enumerate(self.observed.labels):
            names = {label.name for label in labels if label.factor == 1.0}
            made = key in self.observed.creations or not np.ptp(self.recording.values[key])
            if not made and names & set(trace.line_values) and not names & set(trace.givens):
                return True
        return False

    # Verdicts

    def _right(self, notes: tuple[str, ...], unread: Sequence[Result] = ()) -> CodeResult:
        """Return the result of a program of which nothing is wrong; ``unread``: no known lines."""
        if found := wrong_cost(self.observed):
            explanation, self.observed.results = found
            return self._explained(explanation, None, notes)
        lines = annotated(self.program, None, None)
        file = program_files(self.recording)[0]
        if self.recording.limit is not None:
            return CodeResult("unclear", None, file, notes[0], (), lines)
        missing = self.coverage.not_checked(unread)
        verdict: CodeVerdict = "incomplete" if missing else "correct"
        summary = self.right_summary(missing)
        return CodeResult(verdict, None, file, summary, (), lines, None, notes, missing)

    def _judge_updates(self) -> bool:
        """Take the new values of parameters for results; return whether all of them are right."""
        # What a stopped program would have updated is not known.
        if self.recording.limit is not None or not self.coverage.updates:
            return False
        results = self.observed.results
        wrong = self.coverage.wrong_updates()
        updated = not wrong and not self.coverage.not_checked()
        if wrong or updated:
            # Gradients that are only variables may lack a factor that the update has.
            returned = [each for each in results if each.path.startswith(RETURN)]
            results = tuple(each for each in returned if not each.guessed)
        self.observed.results = (*results, *wrong)
        return updated

    def _all_right(self) -> bool:
        return all(
            self.observed.gives(result, self.observed.values[result.line])
            for result in self.observed.results
        )

    def right_summary(self, missing: Sequence[str]) -> str:
        """Return the sentence of a program of which nothing is wrong."""
        names = [symbol_text(result.line) for result in self.observed.results]
        shown = ", ".join(names[:8]) + (", …" if len(names) > 8 else "")
        if missing:
            return texts.incomplete(shown, ", ".join(map(symbol_text, missing)))
        return texts.correct(shown) if names else texts.ALL_CORRECT

    def _explanation(self, failure: Failure | None) -> Explanation | None:
        """Return the best explanation over both ways to compute the output's gradient."""
        found = explain(self.observed, self.traces)
        if not found:
            return None
        best = max(found, key=lambda each: each.score)
        other = self.locator.names.better_name(best)
        if other is not None:
            named = [each for each in found if each.mistakes[0].name == other]
            best = next((each for each in named if each.complete), best)
        # Without results, a value must be there that no right program computes.
        seen = best.results[0] > 0 or (failure is not None and self._is_seen(best))
        doubtful = best.score < 0 or (failure is not None and not seen)
        if doubtful and not (best.complete and seen):
            return next((each for each in found if each.forward), None)
        return best if failure is None or best.values or best.complete else None

    def _is_seen(self, explanation: Explanation) -> bool:
        """Whether a wrong value was recorded that is none of a right program's."""
        variant = explanation.variant
        lines = {line for mistake in explanation.mistakes for line in mistake.lines}
        keys = [key for line in lines for key in self.observed.find(variant.value(line))]
        return any(not self.observed.labels[key] for key in keys)

    def _wrong_shape(self, until: Visit | None) -> WrongShape | None:
        """Return the first value of a wrong shape: transposed, or made by silent broadcasting."""
        found = (
            turned_value(self.observed, self.notation, until),
            silent_broadcast(self.program, self.notation, until),
        )
        return min(filter(None, found), key=lambda each: each.visit.order, default=None)

    def _shape_diagnoses(self) -> tuple[CodeDiagnosis, ...]:
        if self.shapes is None or self.shapes.misconception is None:
            return ()
        entry = MISCONCEPTIONS[self.shapes.misconception]
        message = f"{entry.message('')} {self.shapes.message}"
        line = self.program.first_line(self.shapes.visit)
        return (CodeDiagnosis(entry.name, message, (f"dC_da{self.observed.depth}",), line),)

    def _shape_before(self, explanation: Explanation) -> bool:
        """Whether a value has a wrong shape no later than where the first mistake is made."""
        place = self.locator.locate(explanation)
        if self.shapes is None or place is None:
            return self.shapes is not None
        return self.shapes.visit.order <= place[0].order

    def _explained(
        self, explanation: Explanation, failure: Failure | None, notes: tuple[str, ...]
    ) -> CodeResult:
        reference = explanation.variant.reference
        place = self.locator.locate(explanation)
        visit, number = place if place is not None else (None, None)
        if visit is None and failure is not None:
            visit, number = failure.visit, failure.line
        diagnoses = []
        for at, mistake in enumerate(mistakes_in_order(explanation, reference)):
            made = tuple(n for n in reference.nodes if n in mistake.lines)
            source_line = number if at == 0 else None
            message = mistake.misconception.message(mistake.detail)
            if mistake.name.startswith("broadcast_columns") and self.shapes is not None:
                visit, message = self.shapes.visit, f"{message} {self.shapes.message}"
                number = source_line = self.program.first_line(visit)
            diagnoses.append(CodeDiagnosis(mistake.name, message, made, source_line))
        lines = annotated(self.program, explanation, (visit, number))
        where = self._where(visit, number)
        return CodeResult(
            "wrong",
            number,
            None if visit is None else visit.file,
            f"{where}{diagnoses[0].message}",
            tuple(diagnoses),
            lines,
            self._error(failure),
            notes,
        )

    def _failed(self, failure: Failure, notes: tuple[str, ...]) -> CodeResult:
        """Return the result of a program that raised before it computed something wrong."""
        visit, number, message = failure.visit, failure.line, failure.message
        if self.shapes is not None:
            visit = self.shapes.visit
            number = self.program.first_line(visit)
            message = f"{self.shapes.message} {message}"
        diagnoses = self._shape_diagnoses()
        if failure.misconception is not None and self.shapes is None:
            entry = MISCONCEPTIONS[failure.misconception]
            lines = () if failure.of_line is None else (failure.of_line,)
            diagnoses = (CodeDiagnosis(entry.name, entry.message(""), lines, number),)
        where = self._where(visit, number)
        return CodeResult(
            "wrong",
            number,
            None if visit is None else visit.file,
            f"{where}{message}",
            diagnoses,
            annotated(self.program, None, (visit, number)),
            self._error(failure),
            notes,
        )

    def _where(self, visit: Visit | None, number: int | None) -> str:
        """Return "Line 2: ", with the cell or file if the program ran in more than one."""
        if visit is None or number is None:
            return ""
        several = len(program_files(self.recording)) > 1
        return texts.at_line(number, file_title(visit.file) if several else "")

    def _error(self, failure: Failure | None) -> ErrorExplanation | None:
        if failure is None or self.raised is None:
            return None
        text = f"{type(self.raised).__name__}: {self.raised}"[:400]
        return ErrorExplanation(text, failure.message, failure.line)

    def _unexplained(self, notes: tuple[str, ...]) -> CodeResult:
        """Return the result of a program with wrong or unknown results and no known mistake."""
        wrong = [
            result
            for result in self.observed.results
            if not self.observed.gives(result, self.observed.values[result.line])
        ]
        if not wrong:
            lines = annotated(self.program, None, None)
            summary = texts.NO_LINES
            files = program_files(self.recording)
            return CodeResult("unclear", None, files[0], summary, (), lines, None, notes)
        shapes = self.shapes
        visit = shapes.visit if shapes is not None else self.unknown.first_unknown(wrong)
        number = None if visit is None else self.program.first_line(visit)
        names = ", ".join(symbol_text(result.line) for result in wrong[:6])
        diagnoses = self._shape_diagnoses() or self._other_cost(wrong, number)
        name, step = "wrong_activation", None
        if shapes is None:
            step = self.unknown.unknown_activation()
        if shapes is None and step is None:
            name, step = "wrong_activation_derivative", self.unknown.unknown_slope()
        if step is not None:
            visit, line = step
            number = self.program.first_line(visit)
            entry = MISCONCEPTIONS[name]
            message = entry.message(UNKNOWN)
            diagnoses = (CodeDiagnosis(entry.name, message, (line,), number),)
        summary = texts.wrong(names)
        if shapes is not None:
            summary = f"{self._where(visit, number)}{shapes.message}"
        elif number is not None:
            summary = f"{self._where(visit, number)}{texts.line_differs(names)}"
        if diagnoses:
            summary = f"{self._where(visit, number)}{diagnoses[0].message}"
        return CodeResult(
            "wrong",
            number,
            None if visit is None else visit.file,
            summary,
            diagnoses,
            annotated(self.program, None, (visit, number)),
            None,
            notes,
        )

    def _other_cost(self, wrong: Sequence[Result], number: int | None) -> tuple[CodeDiagnosis, ...]:
        """Return the diagnosis if the cost is another one, in any scaling."""
        values = [result.value for result in wrong if result.line in ("C", "C_data")]
        trace = self.traces[0]
        a, target = trace[f"a{trace.network.depth}"], trace.givens["target"]
        for value in values:
            for cost in COSTS.values():
                total = float(np.sum(cost.loss(a, target)))
                for reduction in REDUCTIONS.values():
                    if same_entries(value, np.array(reduction.factor(*target.shape) * total)):
                        entry = MISCONCEPTIONS["wrong_cost_value"]
                        message = entry.message(cost.name)
                        return (CodeDiagnosis(entry.name, message, ("C",), number),)
        return ()

    def _notes(self) -> tuple[str, ...]:
        if self.recording.limit is None:
            return ()
        return (texts.stopped(self.recording.limit),)
