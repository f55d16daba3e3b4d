"""The shapes of what an operation could not combine, in words."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from backprop_explorer.texts import tutor_code as texts
from backprop_explorer.tutor.program.source import held_by, statement_at
from backprop_explorer.tutor.program.steps import Run, Step
from backprop_explorer.tutor.program.words import shape_words, symbol_text

SIGNS = {"matmul": "@", "multiply": "*", "add": "+", "subtract": "−", "divide": "/"}


@dataclass(frozen=True, slots=True)
class Operand:
    """What an operation combines: its source, its shape and its id in the working."""

    text: str
    shape: tuple[int, ...]
    name: str | None  # id in the working

    def words(self) -> str:
        """Return the source with the shape."""
        known = f" = {symbol_text(self.name)}" if self.name else ""
        return f"{self.text}{known} {shape_words(self.shape)}"


def refused_shapes(run: Run) -> str | None:
    """Return the shapes of what the operation that raised ValueError combined, None without."""
    failed = run.failed
    if failed is None or failed[0] not in SIGNS or len(failed[1]) != 2:
        return None
    left, right = (plain_operand(run.steps[at]) for at in failed[1])
    return not_computable(failed[0], left, right) if isinstance(run.raised, ValueError) else None


def not_computable(op: str, left: Operand, right: Operand) -> str:
    """Return the sentence that two values cannot be combined."""
    sign, why = SIGNS.get(op, "with"), texts.NOT_ELEMENTWISE
    if sign == "@" and left.shape and right.shape:
        why = texts.axes_differ(left.shape[-1], right.shape[-2:][0])
    return texts.not_computable(left.words(), sign, right.words(), why)


def plain_operand(step: Step, name: str | None = None) -> Operand:
    """Return a value by its name in the program. ``name``: its id in the working."""
    text = step.path or step.name or _of_caller(step) or step.text or texts.A_VALUE
    return Operand(text, step.value.shape, name)


def _of_caller(step: Step) -> str | None:
    """Return the variable that gets what a function returned: a2 of ``a2 = sigmoid(z2)``."""
    for frame in step.frames[1:] if step.returned else ():
        statement = statement_at(frame.file, frame.line)
        if not isinstance(getattr(statement, "value", None), ast.Call):
            return None
        if not isinstance(statement, ast.Return):
            return held_by(statement, None) if isinstance(statement, ast.Assign) else None
    return None
