"""Find where a program uses, hands back or overwrites a value that it made."""

from __future__ import annotations

import ast
import re

import numpy as np

from backprop_explorer.tutor.checker.variants import Variant
from backprop_explorer.tutor.code.naming import OUTPUT_NAME, reads_path, stores
from backprop_explorer.tutor.code.program import ProgramRun
from backprop_explorer.tutor.code.quantities import same_entries
from backprop_explorer.tutor.code.recorder import ARGUMENT, RETURN, Binding, Visit

_SLOPE_NAME = re.compile(
    r"der|prim|grad|slope|jac|strich|abl|pend|pent|delta|diff|local|^d|^j(_|\d|$)|^sp?_?\d*p$|_d$|^g\d*$|^sp\d*$",
    re.IGNORECASE,
)


class Uses:
    """Finds the lines of one program that use a value of another line."""

    def __init__(self, program: ProgramRun) -> None:
        self.program = program
        self.observed = program.observed
        self.recording = program.recording

    def loops_over_samples(self) -> bool:
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

    def is_repeated(self, visit: Visit) -> bool:
        """Whether a function executes the line of a visit more than once."""
        return len(self._same_line(visit)) > 1

    def _same_line(self, visit: Visit) -> list[Visit]:
        """Return all visits of a line in one call of its function."""
        return [
            each
            for each in self.recording.visits
            if each.frame is visit.frame and each.line == visit.line
        ]

    def overwritten(self, end: Binding, line: str) -> Binding:
        """Return where a loop over the samples replaces the sum of ``line`` that ``end`` reads.

        ``end`` itself if there is no such line.
        """
        statement = self.program.statement(end.visit)
        if statement is None:
            return end
        # The line may be the head of a loop over the layers, after that over the samples.
        begin = min(each.order for each in self._same_line(end.visit))
        for each in reversed(self.recording.bindings):
            if (
                each.visit.frame is end.visit.frame
                and each.visit.order < begin
                and any(
                    label.sample and label.name in (line, line.replace("dC_db", "dC_dz"))
                    for label in self.program.labels(each.key)
                )
                and isinstance(self.program.statement(each.visit), ast.Assign)
                and reads_path(statement, each.path)
            ):
                return each
        return self._copied_by_entries(end)

    def _copied_by_entries(self, end: Binding) -> Binding:
        """Return where a loop copies all entries to another array, ``end`` itself if none does."""
        same = set(self.observed.find(self.recording.values[end.key]))
        for each in self.recording.bindings:
            statement = self.program.statement(each.visit)
            if (
                each.key in same
                and each.visit.order > end.visit.order
                and each.visit.frame is end.visit.frame
                and each.path != end.path
                and isinstance(statement, ast.Assign)
                and isinstance(statement.targets[0], ast.Subscript)
                and isinstance(statement.value, ast.Subscript)
                and ast.unparse(statement.targets[0].value) == each.path
            ):
                return each
        return end

    def used(self, visit: Visit, output: Binding) -> Visit:
        """Return where a function uses an output as a derivative, if its name is no derivative's.

        ``s = sigmoid(z)`` is right in a function that goes on with s(1 − s).
        """
        same = self.observed.find(self.recording.values[output.key])
        paths = [
            each.path
            for each in self.recording.bindings
            if each.visit is visit and each.key in same
        ]
        named = [path for path in paths if not path.startswith((RETURN, ARGUMENT))]
        if not named:
            return visit
        slope = _SLOPE_NAME.search(re.findall(r"[^\W\d]\w*", named[0])[-1])
        for later in self.recording.visits[visit.order + 1 :]:
            statement = self.program.statement(later) if later.frame is visit.frame else None
            if statement is not None and reads_path(statement, named[0]):
                handed = isinstance(statement, ast.Return) and isinstance(statement.value, ast.Name)
                return later if handed or not slope else visit
        return visit

    def named_slope(self, binding: Binding, output: np.ndarray) -> Visit | None:
        """Return where a function gives an output the name of a derivative: ``dodv = o``."""
        for each in self.recording.bindings:
            if (
                each.visit.frame is binding.visit.frame
                and each.visit.order < binding.visit.order
                and _SLOPE_NAME.search(each.path)
                and self.program.is_plain_assignment(each)
                and same_entries(self.recording.values[each.key], output)
            ):
                return each.visit
        return None

    def started(self, end: Binding) -> Visit:
        """Return where a sum over the inputs of a unit starts, or is used: there b is added."""
        visit, statement = end.visit, self.program.statement(end.visit)
        if not isinstance(statement, ast.AugAssign) or not isinstance(statement.target, ast.Name):
            return visit
        if self.recording.values[end.key].size > 1:
            return visit
        name = statement.target.id
        later = [
            each
            for each in self.recording.bindings
            if each.key == end.key
            and each.visit.order > visit.order
            and self.program.is_plain_assignment(each)
        ]
        if later:
            return later[0].visit
        for before in reversed(self.recording.visits[: visit.order]):
            found = self.program.statement(before) if before.frame is visit.frame else None
            if isinstance(found, ast.Assign) and stores(found, name):
                return before
        return visit

    def after_penalty(self, binding: Binding, variant: Variant) -> Visit | None:
        """Return where the cost without its penalty goes on after the penalty was computed."""
        penalty = np.asarray(variant.without_mistakes().value("C")) - variant.value("C_data")
        keys = self.observed.find(penalty)
        begin = min((self.observed.creations[key].visit.order for key in keys), default=None)
        same = self.observed.find(self.recording.values[binding.key])
        for each in self.recording.bindings:
            if begin is not None and each.key in same and each.visit.order > begin:
                return each.visit
        return None

    def handed_back_elsewhere(self, binding: Binding) -> Binding | None:
        """Return the ``return`` of another function that hands back a stored value as it is."""
        for each in self.recording.bindings:
            statement = self.program.statement(each.visit)
            if (
                each.key == binding.key
                and each.path == RETURN
                and each.visit.frame is not binding.visit.frame
                and isinstance(statement, ast.Return)
                and isinstance(statement.value, ast.Attribute)
            ):
                return each
        return None

    def renamed(self, binding: Binding) -> Binding | None:
        """Return where a sum that a loop added up gets its final name, if it gets another one."""
        if not self.is_repeated(binding.visit):
            return None
        same = self.observed.find(self.recording.values[binding.key])
        return next(
            (
                each
                for each in self.recording.bindings
                if each.key in same
                and each.visit.order > binding.visit.order
                and each.visit.frame is binding.visit.frame
                and self.program.is_plain_assignment(each)
            ),
            None,
        )

    def handed_back(self, binding: Binding) -> Binding:
        """Return where the function that made a value, or filled an array, hands it back."""
        frame = binding.visit.frame
        if not self.is_repeated(binding.visit):
            return binding
        same = self.observed.find(self.recording.values[binding.key])
        for each in self.recording.bindings:
            if each.key in same and each.visit.frame is frame and each.path.startswith(RETURN):
                return each
        return binding

    def passed_on(self, creation: Binding) -> Binding:
        """Return where a function hands back a value, or gives it a second name."""
        same = self.observed.find(self.recording.values[creation.key])
        later = [
            each
            for each in self.recording.bindings
            if each.key in same
            and each.visit.frame is creation.visit.frame
            and each.visit.order > creation.visit.order
        ]
        end = later[0] if later else creation
        if OUTPUT_NAME.search(creation.path):
            return creation  # prob = np.exp(z) means the output
        if end.path.startswith(RETURN + "["):
            return creation
        return end
