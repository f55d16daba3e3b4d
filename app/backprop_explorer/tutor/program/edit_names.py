"""What a change of the source is called: by its kind, and by the values before and after it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from backprop_explorer.engine.ops import OPS
from backprop_explorer.engine.ops.operation import Array
from backprop_explorer.tutor.mistakes import ids
from backprop_explorer.tutor.program.alignment import Alignment, Outcome
from backprop_explorer.tutor.program.edit_places import SourceEdit
from backprop_explorer.tutor.program.edit_replays import FAILED, EditReplays
from backprop_explorer.tutor.program.truth import multiple
from backprop_explorer.tutor.program.watched_run import StudentStatement

MAX_STEPS = 8  # from z to its activation
_LINEAR = frozenset({"add", "subtract", "negative", "copy", "multiply", "divide"})
_REVERSING = ("::-1", "flip", "rot90")
_OF_COUNT = re.compile(r"shape|len\(|size|\b(self\.)?(m|n|num_\w+|n_\w+)$", re.IGNORECASE)
_BY_FACTOR = (ids.GRADIENT_SCALE, ids.MISSING_FACTOR)


class EditNames:
    """Names changes of one program. ``judged`` are its results."""

    def __init__(
        self, alignment: Alignment, judged: Sequence[Outcome], replays: EditReplays
    ) -> None:
        self.alignment, self.run = alignment, alignment.run
        self.judged, self.replays = judged, replays

    def of(self, statement: StudentStatement, edit: SourceEdit) -> str:
        """Return the name of a change. What another operand is called depends on both operands,
        and what a factor is called on the value that it scales.
        """
        if edit.name == ids.GRADIENT_OVERWRITTEN:
            at = statement.file, edit.line
            wrong = [each for each in self.judged if each.state != "right"]
            own = all(e.is_update and self.run.steps[e.index].line == at for e in wrong)
            return ids.STEP_INSTEAD_OF_PARAMETERS if own else edit.name
        if edit.replaced is None or edit.name not in (*_BY_FACTOR, ids.WRONG_OPERAND):
            return edit.name
        execution = statement.executions[0]
        found = [self.replays.value(each, execution) for each in _wholes(*edit.replaced())]
        if edit.name == ids.WRONG_OPERAND and edit.is_elementwise and _are_counts(found, edit):
            return ids.GRADIENT_SCALE
        if any(each is FAILED or not isinstance(each, np.ndarray) for each in found):
            return edit.name
        if edit.name in _BY_FACTOR:
            return ids.PENALTY_GRADIENT_SCALE if self._decays(found[0]) else edit.name
        reverses = any(word in edit.text() for word in _REVERSING)
        name = _name_of_order(found[0], found[1], reverses=reverses)
        name = name or self._name_of_operand(found[0], found[1], edit)
        return edit.name if name is None else name

    def _decays(self, value: Array) -> bool:
        """Whether a value is a multiple of a parameter, or of a part of one."""
        sources = {each.source for each in self.judged if each.source is not None}
        values = (self.run.steps[each].value for each in sources)
        if any(multiple(value, each, 1e-9) for each in values if each.size > 2):
            return True
        labels = (each.label for each in self.alignment.known(value))
        return any(e.kind == "forward" and self.run.whole_of(e.of) in sources for e in labels)

    def _name_of_operand(self, one: Array, other: Array, edit: SourceEdit) -> str | None:
        """Return the name by what two values are: gradients, or values of the forward pass."""
        old, new = (list(self.alignment.known(each)) for each in (one, other))
        pairs = ((a.label, b.label) for a in old for b in new if a.label.kind == b.label.kind)
        for before, after in pairs:
            is_activation = self._is_activation(before.of, after.of)
            if before.kind == "gradient" and is_activation:
                return ids.DC_DA_INSTEAD_OF_DC_DZ
            if before.kind == "forward" and is_activation:
                return ids.DERIVATIVE_AT_ACTIVATION
            if before.kind == "forward" and self._is_activation(after.of, before.of):
                if any(each.label.kind == "slope" for each in new):
                    return None  # the other factor of a product
                slope = ids.WRONG_ACTIVATION_DERIVATIVE
                return slope if edit.is_elementwise else ids.Z_INSTEAD_OF_ACTIVATION
        return None

    def _is_activation(self, at: int, of: int) -> bool:
        """Whether a value is an elementwise function of another alone, and not a linear one."""
        ops = self._ops_between(at, of, MAX_STEPS)
        return ops is not None and not ops <= _LINEAR

    def _ops_between(self, at: int, of: int, depth: int) -> set[str] | None:
        """Return the operations by which a value is made of another alone, entry by entry; None if
        it is not.
        """
        step, shape = self.run.steps[at], self.run.steps[of].value.shape
        if at == of:
            return set()
        if not step.op or OPS[step.op].family not in ("elementwise", "discrete") or not depth:
            return None
        found = {step.op}
        inputs = [each for each in step.inputs if self.run.steps[each].value.size > 1]
        for each in inputs:
            ops = self._ops_between(each, of, depth - 1)
            if ops is None or self.run.steps[each].value.shape != shape:
                return None
            found |= ops
        return found if inputs else None


def _are_counts(found: Sequence[Any], edit: SourceEdit) -> bool:
    """Whether one number of samples, classes or entries stands in the place of another one."""
    whole = all(isinstance(each, int | np.integer) and each > 1 for each in found)
    return whole and all(_OF_COUNT.search(each) for each in edit.text().split(" -> ", 1))


def _name_of_order(old: Array, new: Array, *, reverses: bool) -> str | None:
    """Return the name if only the order of the entries is another one. ``reverses``: the source
    says so; else it is another variable.
    """
    if old.size < 3 or np.array_equal(old, new):
        return None
    if old.ndim > 1 and np.array_equal(old.T, new):
        return ids.GRADIENT_TRANSPOSED
    if not reverses:
        return None
    some: Iterator[tuple[int, ...]] = (
        axes for n in range(1, old.ndim + 1) for axes in combinations(range(old.ndim), n)
    )
    flipped = any(np.array_equal(np.flip(old, axes), new) for axes in some)
    return ids.KERNEL_FLIPPED if flipped else None


def _wholes(one: ast.expr, other: ast.expr) -> tuple[ast.expr, ast.expr]:
    """Return the arrays of which two expressions are the same entries."""
    while (
        isinstance(one, ast.Subscript)
        and isinstance(other, ast.Subscript)
        and ast.unparse(one.slice) == ast.unparse(other.slice)
    ):
        one, other = one.value, other.value
    return one, other
