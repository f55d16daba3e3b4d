"""Find where a right value gets the name of another quantity."""

from __future__ import annotations

import ast

import numpy as np

from backprop_explorer.tutor.checker.variants import Mistake
from backprop_explorer.tutor.code.explanations import Explanation
from backprop_explorer.tutor.code.naming import is_equal, means_quantity, quantity_of, reads
from backprop_explorer.tutor.code.program import Program
from backprop_explorer.tutor.code.recorder import RETURN, Binding


class Aliases:
    """Finds the lines of one program that use a right value as something else."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.observed = program.observed
        self.recording = program.recording

    def is_other_line(self, key: int, line: str, mistake: Mistake) -> bool:
        """Whether the value is rightly that of another line, such as z used as a."""
        lines = [label for label in self.program.labels(key) if label.line]
        if mistake.name.endswith("_not_summed") and any(each.sample is not None for each in lines):
            return not means_quantity(self.observed.creations[key].path, quantity_of(line)) or (
                self._loops_over_samples()
            )
        return bool(lines) and all(label.name != line for label in lines)

    def _loops_over_samples(self) -> bool:
        """Whether the program computes something for each sample alone."""
        seen: dict[tuple[str, int, str], int] = {}
        for binding in self.recording.made():
            if not np.any(self.recording.values[binding.key]):
                continue
            for label in self.program.labels(binding.key):
                if label.sample is not None:
                    place = (binding.visit.file, binding.visit.line, label.name)
                    if seen.setdefault(place, binding.key) != binding.key and label.sample > 0:
                        return True
        return False

    def find(
        self, key: int, line: str, mistake: Mistake, explanation: Explanation
    ) -> Binding | None:
        """Return where a right value of another line gets the name of this line."""
        bindings = [each for each in self.recording.bindings if each.key == key]
        if mistake.name.endswith("_not_summed") and any(
            label.sample is not None for label in self.program.labels(key)
        ):
            ends = [each for each in bindings if not each.path.startswith(RETURN)]
            return ends[-1] if ends else None
        letter = quantity_of(line)
        creation, others = bindings[0], bindings[1:]
        if means_quantity(creation.path, letter):
            return creation
        named = [each for each in others if means_quantity(each.path, letter)]
        plain = [each for each in others if self.program.is_plain_assignment(each)]
        stored = [each for each in others if self.program.is_plain_assignment(each, stored=True)]
        for group in (
            [each for each in named if each in plain],
            [each for each in others if self._is_handed_back(each)],
            named,
            [each for each in plain if self._makes_something_wrong(each, explanation)],
            plain,
            [creation] if letter == "dC_dz" else [],
            stored if letter in ("dC_dW", "dC_db") else [],
        ):
            if group:
                return group[0]
        return None

    def _makes_something_wrong(self, binding: Binding, explanation: Explanation) -> bool:
        """Whether a wrong value is computed from the variable that a line assigns."""
        right = explanation.variant.without_mistakes()
        for line in explanation.variant.reference.steps:
            value = explanation.variant.value(line)
            if is_equal(value, right.value(line)):
                continue
            for key in self.observed.find(value):
                made = self.observed.creations[key]
                if made.visit.order > binding.visit.order and not self.observed.is_right(key):
                    statement = self.program.statement(made.visit)
                    if statement is not None and reads(statement, binding.path):
                        return True
        return False

    def _is_handed_back(self, binding: Binding) -> bool:
        """Whether a function returns a variable alone or twice, as in ``return z, z``."""
        if binding.visit.frame.visit is None or not binding.path.startswith(RETURN):
            return False
        statement = self.program.statement(binding.visit)
        if not isinstance(statement, ast.Return):
            return False
        if isinstance(statement.value, ast.Name | ast.Subscript | ast.Attribute):
            return binding.path == RETURN
        names = [
            node.id for node in getattr(statement.value, "elts", ()) if isinstance(node, ast.Name)
        ]
        return len(set(names)) < len(names)
