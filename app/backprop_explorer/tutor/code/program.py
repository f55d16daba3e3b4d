"""A student's program as it ran: its sources, and the values of its expressions."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

import numpy as np

from backprop_explorer.tutor.code.arrays import Array
from backprop_explorer.tutor.code.observed import Observed
from backprop_explorer.tutor.code.quantities import Label, same_entries
from backprop_explorer.tutor.code.recorder import Binding, Visit
from backprop_explorer.tutor.code.source import Evaluator, SourceFile, UnknownValueError


class ProgramRun:
    """What was observed of one program, with its sources."""

    def __init__(self, observed: Observed) -> None:
        self.observed = observed
        self.recording = observed.recording
        self._sources: dict[str, SourceFile] = {}
        self._evaluators: dict[Visit, Evaluator] = {}

    def source(self, filename: str) -> SourceFile:
        """Return the parsed source of a file."""
        if filename not in self._sources:
            self._sources[filename] = SourceFile(filename)
        return self._sources[filename]

    def evaluator(self, visit: Visit) -> Evaluator:
        """Return the evaluator of the expressions of one visit."""
        if visit not in self._evaluators:
            calls = {
                frame.code.co_name: frame for frame in reversed(self.recording.children(visit))
            }

            def call(node: ast.Call) -> Any:
                name = node.func.attr if isinstance(node.func, ast.Attribute) else None
                function = getattr(self._evaluators[visit].known(node.func), "__name__", name)
                frame = calls.get(str(function))
                if frame is None or frame.return_line is None:
                    raise UnknownValueError(str(function))
                return frame.returned_object

            self._evaluators[visit] = Evaluator(visit.before, visit.frame.scope, call)
        return self._evaluators[visit]

    def first_line(self, visit: Visit) -> int:
        """Return the first line of what a visit executes: a statement, or the line of a lambda."""
        if visit.frame.code.co_name == "<lambda>":
            return visit.line
        return self.source(visit.file).first_line(visit.line)

    def statement(self, visit: Visit) -> ast.stmt | None:
        """Return the statement that a visit executes."""
        return self.source(visit.file).statement(visit.line)

    def labels(self, key: int) -> Sequence[Label]:
        """Return what a right program would call a value."""
        return self.observed.labels[key]

    def is_called_from(self, visit: Visit, caller: Visit) -> bool:
        """Whether ``visit`` is in a function that ``caller`` called, directly or indirectly."""
        at: Visit | None = visit
        while at is not None:
            if at is caller:
                return True
            at = at.frame.visit
        return False

    def is_value(self, value: Array, wanted: Any) -> bool:
        """Whether a value is the wanted one, or the part of its first sample."""
        wanted = np.asarray(wanted)
        if same_entries(value, wanted):
            return True
        return wanted.ndim == 2 and len(wanted) > 1 and same_entries(value, wanted[0])

    def is_plain_assignment(self, binding: Binding, *, stored: bool = False) -> bool:
        """Whether the statement assigns a variable to a variable, or with ``stored`` an entry."""
        statement = self.statement(binding.visit)
        if not isinstance(statement, ast.Assign) or not isinstance(
            statement.targets[0],
            ast.Subscript | ast.Attribute if stored else ast.Name | ast.Attribute,
        ):
            return False
        value = statement.value
        parts = [value.body, value.orelse] if isinstance(value, ast.IfExp) else [value]
        plain = (ast.Name, ast.Subscript, ast.Attribute)
        return any(isinstance(_copied(part), plain) for part in parts)


def _copied(node: ast.expr) -> ast.expr:
    """Return what an expression is a copy of: ``z`` of ``np.array(z)`` and ``z.copy()``."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name | ast.Attribute):
        return node
    name = ast.unparse(node.func).rpartition(".")[2]
    if name == "copy" and not node.args and isinstance(node.func, ast.Attribute):
        return node.func.value
    return node.args[0] if name in ("array", "asarray", "copy", "deepcopy") and node.args else node
