"""A program checked as an exercise: the working of the givens, and its own gradient.

The working says whether the forward pass is that of the exercise. Where it finds nothing that it
knows, or speaks against gradients that are right for the program's own forward pass, the
program's own gradient decides.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace

from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.tutor.code.result import CodeResult
from backprop_explorer.tutor.misconceptions import MISCONCEPTIONS
from backprop_explorer.tutor.program.recording import Program
from backprop_explorer.tutor.program.report import check_recorded


def joined(
    working: CodeResult, program: Program, told: Set[str], *, answers: bool = False
) -> CodeResult:
    """Return the result of both checks. ``told``: the options that the caller gave."""
    if working.verdict == "correct" or working.error is not None:
        return working
    named = [each for each in working.diagnoses if each.misconception in MISCONCEPTIONS]
    if working.verdict == "wrong" and named:
        return working
    try:
        own = check_recorded(program, answers=answers, variants=False)
    except InvalidInput:
        return working
    if own.verdict == "unclear":
        return working
    if own.verdict in ("correct", "incomplete") and working.verdict in ("wrong", "incomplete"):
        return working
    return replace(own, notes=(*own.notes, *working.notes))
