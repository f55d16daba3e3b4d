"""A question for all lines of a working at once: hand in what you have, as in the checker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from backprop_explorer.classroom.spec import SEARCH_SECONDS
from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.lessons.given import ANSWER
from backprop_explorer.lessons.questions import Mark
from backprop_explorer.texts import classroom as texts
from backprop_explorer.tutor.checker import CheckResult, check
from backprop_explorer.tutor.checker.readings import resolve_ambiguous
from backprop_explorer.tutor.problem import Problem
from backprop_explorer.tutor.reading.arrays import parse_array
from backprop_explorer.tutor.reading.printed_array import PrintedArray, check_size, from_nested

MAX_LINES = 64


@dataclass(frozen=True, slots=True)
class WholeWorking:
    """Hand in lines of the working, by id. ``entries`` of a mark tells which are right.

    A line that follows from a wrong one counts as right there.
    """

    kind: ClassVar[str] = "working"
    working: Problem
    prompt: str = texts.WORKING_PROMPT
    hint: str = ""
    second_hint: str = ""
    search_seconds: float = SEARCH_SECONDS

    def public(self) -> dict[str, Any]:
        """The ids of the lines in order."""
        return {"lines": [line.node.id for line in self.working.trace.lines]}

    def mark(self, answer: Any) -> Mark:
        """``answer`` is an object of lines by id: nested lists, or text as NumPy prints it."""
        return self.mark_and_line(answer)[0]

    def mark_and_line(self, answer: Any) -> tuple[Mark, str | None]:
        """Return the mark, and the line where a mistake was made: the first one that is wrong."""
        result = self._result(answer)
        handed_in = [mark for mark in result.lines.values() if mark.verdict != "missing"]
        entries = [mark.verdict in ("correct", "follows") for mark in handed_in]
        first = result.diagnoses[0] if result.diagnoses else None
        misconception = first.misconception if first else None
        # Without the summary, which counts, there is nothing to say where no mistake is known.
        message = first.message if first else result.summary
        mark = Mark(result.verdict == "correct", message, entries, misconception)
        return mark, first.lines[0] if first else result.first_wrong

    def solution(self) -> Any:
        """All lines."""
        ids = [str(line.node.id) for line in self.working.trace.lines]
        return {name: _listed(self.working, name) for name in ids}

    def _result(self, answer: Any) -> CheckResult:
        if not isinstance(answer, dict) or not 0 < len(answer) <= MAX_LINES:
            raise InvalidInput(ANSWER, texts.lines_by_id(MAX_LINES))
        submitted = {str(name): _read(str(name), value) for name, value in answer.items()}
        check_size(sum(each.values.size for each in submitted.values()), ANSWER)
        working = self.working.with_lines([*submitted])
        try:
            printed = resolve_ambiguous(submitted, working.trace)
            return check(
                working.trace, working.notation, printed, search_seconds=self.search_seconds
            )
        except InvalidInput as error:
            raise InvalidInput(ANSWER, error.message) from None


def _listed(working: Problem, line: str) -> Any:
    value = working[line]
    return value.tolist() if hasattr(value, "tolist") else value


def _read(name: str, value: Any) -> PrintedArray:
    try:
        return parse_array(value) if isinstance(value, str) else from_nested(value, ANSWER)
    except InvalidInput as error:
        raise InvalidInput(ANSWER, f"{name[:64]}: {error.message}") from None
