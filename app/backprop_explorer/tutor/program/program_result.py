"""What is found of a program."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from backprop_explorer.texts import tutor_program as texts
from backprop_explorer.tutor.program.alignment import Alignment
from backprop_explorer.tutor.program.outcome import Outcome
from backprop_explorer.tutor.program.repairs import RepairSearch

Verdict = Literal["correct", "wrong", "incomplete", "unclear"]


@dataclass
class ProgramResult:
    """What is known of a program.

    ``line`` and ``other_lines`` are (file, line) of the mistake: a flipped sign has two places.
    ``name`` is that of the mistake, shown only if the replay with this change makes all right.
    """

    verdict: Verdict
    summary: str
    line: tuple[str, int] | None = None
    name: str | None = None
    message: str = ""
    other_lines: tuple[tuple[str, int], ...] = ()
    not_checked: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    outcomes: Sequence[Outcome] = ()
    alignment: Alignment | None = field(default=None, repr=False)
    search: RepairSearch | None = field(default=None, repr=False)
    is_certain: bool = False  # the rules are seldom wrong here
    # Everything is right except a term that may be the gradient of a penalty.
    has_penalty: bool = False


def wrong_result(
    alignment: Alignment, line: tuple[str, int] | None, name: str | None, wrong: list[Outcome]
) -> ProgramResult:
    paths = ", ".join(dict.fromkeys(each.path for each in wrong[:6]))
    message = texts.MISTAKES.get(name or "", "")
    summary = message or texts.wrong(paths)
    return ProgramResult("wrong", summary, line, name, message)
