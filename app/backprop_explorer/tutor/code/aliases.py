"""Find where a right value gets the name of another quantity."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

import numpy as np

from backprop_explorer.tutor.checker.variants import Mistake
from backprop_explorer.tutor.code.arrays import numbers
from backprop_explorer.tutor.code.explanations import Explanation
from backprop_explorer.tutor.code.naming import (
    is_equal,
    means_quantity,
    quantity_of,
    reads_path,
    stores,
)
from backprop_explorer.tutor.code.program import ProgramRun
from backprop_explorer.tutor.code.quantities import same_entries
from backprop_explorer.tutor.code.recorder import RETURN, Binding, Frame, Visit


class Aliases:
    """Finds the lines of one program that use a right value as something else."""

    def __init__(self, program: ProgramRun) -> None:
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
        self, keys: Sequence[int], line: str, mistake: Mistake, explanation: Explanation
    ) -> Binding | None:
        """Return where a right value of another line gets the name of this line.

        ``keys`` are those of the value and of its copies.
        """
        wanted = set(keys)
        bindings = [each for each in self.recording.bindings if each.key in wanted]
        if mistake.name.endswith("_not_summed") and any(
            label.sample is not None for label in self.program.labels(min(keys))
        ):
            if self._has_whole_batch(bindings[0].visit.frame):
                return bindings[0]
            ends = [each for each in bindings if not each.path.startswith(RETURN)]
            return ends[-1] if ends else None
        letter = quantity_of(line)
        creation, others = bindings[0], bindings[1:]
        if means_quantity(creation.path, letter):
            return creation
        named = [each for each in others if means_quantity(each.path, letter)]
        plain = [each for each in others if self.program.is_plain_assignment(each)]
        stored = [each for each in others if self.program.is_plain_assignment(each, stored=True)]
        copied = [each for each in others if each.first and self._is_assignment(each)]
        suspects = [*plain, *stored, *copied, *self._put(others)]
        harmful = self._harmful(list(dict.fromkeys(suspects)), explanation, letter)
        for group in (
            [each for each in named if each in plain],
            [each for each in others if self._is_handed_back(each)],
            [each for each in [self.without_effect(creation)] if each is not None],
            named,
            self._put_twice(others),
            harmful,
            sorted([*plain, *self._appended(others)], key=lambda each: each.visit.order),
            copied if letter in ("dC_dW", "dC_db") else [],
            stored if letter in ("a", "dC_dW", "dC_db") else [],
            [creation] if letter in ("a", "dC_dz") else [],
        ):
            if group:
                return self._returned(group[0], explanation.variant.without_mistakes().value(line))
        return None

    def _returned(self, binding: Binding, right: Any) -> Binding:
        """Go from a call to the ``return`` that hands back the wrong one of its variables."""
        for frame in self.recording.children(binding.visit):
            found = frame.returned_object
            if not isinstance(found, tuple) or any(
                value is not None and same_entries(value, right) for value in map(numbers, found)
            ):
                continue
            for each in self.recording.bindings:
                if (
                    each.key == binding.key
                    and each.visit.frame is frame
                    and each.path.startswith(RETURN)
                ):
                    return each
        return binding

    def _has_whole_batch(self, frame: Frame) -> bool:
        """Whether a function got values of all samples, not only of one."""
        labels = [each for key in frame.arguments.values() for each in self.program.labels(key)]
        return any(each.line and each.sample is None and each.name[0] in "xad" for each in labels)

    def _put_twice(self, bindings: Sequence[Binding]) -> list[Binding]:
        """Return the bindings that put one variable twice into a container: ``add((z, z))``."""
        found = []
        for each in bindings:
            statement = self.program.statement(each.visit)
            if isinstance(statement, ast.Expr | ast.Assign) and any(
                _is_repeated(node) for node in ast.walk(statement)
            ):
                found.append(each)
        return found

    def _is_assignment(self, binding: Binding) -> bool:
        """Whether a line assigns one variable or entry; unpacking makes no copies."""
        statement = self.program.statement(binding.visit)
        if isinstance(statement, ast.Assign):
            return not isinstance(statement.targets[0], ast.Tuple | ast.List)
        return isinstance(statement, ast.AnnAssign)

    def _put(self, bindings: Sequence[Binding]) -> list[Binding]:
        """Return the bindings that put an array into a list: ``acts.append(z)``."""
        return [
            each
            for each in bindings
            if not each.path.startswith(RETURN)
            and isinstance(self.program.statement(each.visit), ast.Expr)
        ]

    def _appended(self, bindings: Sequence[Binding]) -> list[Binding]:
        """Return the bindings that copy an array entry by entry: ``g.append(h[j])``."""
        return [each for each in self._put(bindings) if each.first]

    def without_effect(self, creation: Binding) -> Binding | None:
        """Return an update of the variable in place that changes nothing, such as ``d *= 1``."""
        frame = creation.visit.frame
        paths = {
            each.path
            for each in self.recording.bindings
            if each.key == creation.key and each.visit.frame is frame
        }
        same = self.observed.find(self.recording.values[creation.key])
        copies = [each for each in self.recording.made() if each.key in same]
        for visit in self.recording.visits[creation.visit.order + 1 :]:
            if visit.frame is not frame:
                continue
            again = [each for each in copies if each.visit is visit and each.path in paths]
            if again:
                return again[0]
            statement = self.program.statement(visit)
            if isinstance(statement, ast.AugAssign):
                path = ast.unparse(statement.target)
                if path in paths and not any(
                    each.path == path and each.visit is visit for each in self.recording.bindings
                ):
                    return Binding(visit, path, creation.key, first=False)
            elif statement is not None and any(stores(statement, path) for path in paths):
                break
        return None

    def _harmful(
        self, bindings: Sequence[Binding], explanation: Explanation, letter: str
    ) -> list[Binding]:
        """Return the bindings from which a wrong value is computed, the last before it first."""
        wrong = self._wrong_visits(explanation, letter)
        found = [
            each
            for each in bindings
            if any(
                visit.order > each.visit.order
                and (statement := self.program.statement(visit)) is not None
                and reads_path(statement, each.path)
                for visit in wrong
            )
        ]
        first = min((visit.order for visit in wrong), default=0)
        before = [each for each in found if each.visit.order < first]
        return sorted(before, key=lambda each: -each.visit.order) or sorted(
            found, key=lambda each: each.visit.order
        )

    def _wrong_visits(self, explanation: Explanation, letter: str) -> list[Visit]:
        """Return where values are made that are wrong because of the mistake.

        ∂C/∂b is ∂C/∂z, so that storing it is right where ∂C/∂z is.
        """
        right = explanation.variant.without_mistakes()
        return [
            self.observed.creations[key].visit
            for line in explanation.variant.reference.steps
            if not (letter == "dC_dz" and line.startswith("dC_db"))
            and not is_equal(explanation.variant.value(line), right.value(line))
            for key in self.observed.find(explanation.variant.value(line))
            if not self.observed.is_right(key)
        ]

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


def _is_repeated(node: ast.AST) -> bool:
    """Whether a tuple, list, dict or call has the same variable twice."""
    if isinstance(node, ast.Tuple | ast.List):
        parts = node.elts
    elif isinstance(node, ast.Dict):
        parts = node.values
    elif isinstance(node, ast.Call):
        parts = node.args
    else:
        return False
    names = [ast.unparse(each) for each in parts if isinstance(each, ast.Name | ast.Subscript)]
    return len(set(names)) < len(names)
