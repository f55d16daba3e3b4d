"""Find where a right value gets the name of another quantity."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from typing import Any

from backprop_explorer.tutor.checker.variants import Mistake
from backprop_explorer.tutor.code.arrays import numbers
from backprop_explorer.tutor.code.composition import Composition
from backprop_explorer.tutor.code.explanations import Explanation
from backprop_explorer.tutor.code.naming import means_quantity, quantity_of, reads_path, stores
from backprop_explorer.tutor.code.program import ProgramRun
from backprop_explorer.tutor.code.quantities import same_entries
from backprop_explorer.tutor.code.recorder import ARGUMENT, RETURN, Binding, Frame
from backprop_explorer.tutor.code.uses import Uses

CONSTRUCTORS = frozenset({"__init__", "__new__", "__post_init__"})


class Aliases:
    """Finds the lines of one program that use a right value as something else."""

    def __init__(self, program: ProgramRun, uses: Uses) -> None:
        self.program = program
        self.observed = program.observed
        self.recording = program.recording
        self._uses = uses
        self._composition = Composition(program)

    def is_other_line(self, key: int, line: str, mistake: Mistake) -> bool:
        """Whether the value is rightly that of another line, such as z used as a."""
        lines = [label for label in self.program.labels(key) if label.line]
        if mistake.name.endswith("_not_summed") and any(each.sample is not None for each in lines):
            return not means_quantity(self.observed.creations[key].path, quantity_of(line)) or (
                self._uses.loops_over_samples()
            )
        if any(each.factor == 1.0 for each in lines):
            return all(each.name != line for each in lines)
        # A multiple of another line by chance: 2(a − y) is twice ∂C/∂z of a fused output.
        multiple = not mistake.name.startswith("wrong_cost")
        return multiple and bool(lines) and all(each.name != line for each in lines)

    def find(
        self, keys: Sequence[int], line: str, mistake: Mistake, explanation: Explanation
    ) -> Binding | None:
        """Return where a right value of another line gets the name of this line.

        ``keys`` are those of the value and of its copies.
        """
        wanted = set(keys)
        bindings = [each for each in self.recording.bindings if each.key in wanted]
        # An object that is made of a value only holds it.
        bindings = [
            each for each in bindings if each.visit.frame.code.co_name not in CONSTRUCTORS
        ] or bindings
        bindings = [bindings[0], *(each for each in bindings[1:] if not self._is_only_seen(each))]
        if mistake.name.endswith("_not_summed") and any(
            label.sample is not None for label in self.program.labels(min(keys))
        ):
            if self._has_whole_batch(bindings[0].visit.frame):
                return bindings[0]
            ends = [each for each in bindings if not each.path.startswith(RETURN)]
            return ends[-1] if ends else None
        letter = quantity_of(line)
        creation, others = bindings[0], bindings[1:]
        if letter == "dC_dz":
            # ∂C/∂b is ∂C/∂z of one sample.
            others = [each for each in others if not means_quantity(each.path, "dC_db")]
        # Without an activation in any layer, but with its derivative, the function of a layer is
        # wrong, and not the list of layers.
        everywhere = len(mistake.lines) == self.observed.depth > 1
        if mistake.name == "missing_activation" and not (
            everywhere and len(explanation.mistakes) == 1
        ):
            listed = self._composition.listed(creation, line, explanation)
            if listed is not None:
                return listed
        if means_quantity(creation.path, letter):
            return creation
        named = [each for each in others if means_quantity(each.path, letter)]
        given: list[Binding] = []
        if mistake.name == "missing_activation":
            named = [each for each in named if each.key not in each.visit.frame.arguments.values()]
            given = self._composition.given(creation, wanted, letter)
        plain = [each for each in others if self.program.is_plain_assignment(each)]
        stored = [each for each in others if self.program.is_plain_assignment(each, stored=True)]
        copied = [each for each in others if each.first and self._is_assignment(each)]
        if letter == "dC_dz":
            copied = self._not_right_elsewhere(copied)
        suspects = [*plain, *stored, *copied, *self._put(others)]
        harmful = self._harmful(list(dict.fromkeys(suspects)), explanation, letter)
        if letter == "dC_dz" and all(each.first for each in harmful):
            # The chain rule copies on after the first wrong copy: z is a sum.
            harmful = sorted(harmful, key=lambda each: each.visit.order)
        for group in (
            [each for each in named if each in plain],
            [each for each in map(self._handed_back, others) if each is not None],
            [each for each in [self.without_effect(creation)] if each is not None],
            named,
            given,
            self._put_twice(others),
            self._renamed(creation, plain) if mistake.name == "missing_activation" else [],
            harmful,
            sorted([*plain, *self._appended(others)], key=lambda each: each.visit.order),
            copied if letter in ("dC_dW", "dC_db") else [],
            stored if letter in ("a", "dC_dW", "dC_db") else [],
            [self._composition.composed(creation, line, explanation)]
            if letter in ("a", "dC_dz", "C")
            else [],
            self._not_summed(creation, others) if mistake.name.endswith("_not_summed") else [],
        ):
            if group:
                return self._returned(group[0], explanation.variant.without_mistakes().value(line))
        return None

    def _renamed(self, creation: Binding, plain: Sequence[Binding]) -> list[Binding]:
        """Return where the variable of a value is assigned to another variable: ``out = z``."""
        found = []
        for each in plain:
            statement = self.program.statement(each.visit)
            if each.visit.frame is creation.visit.frame and isinstance(statement, ast.Assign):
                value = statement.value
                parts = [value.body, value.orelse] if isinstance(value, ast.IfExp) else [value]
                if creation.path in map(ast.unparse, parts):
                    found.append(each)
        return found

    @staticmethod
    def _not_summed(creation: Binding, others: Sequence[Binding]) -> list[Binding]:
        """Return where ∂C/∂z is returned as ∂C/∂b, or where it is made for that alone."""
        parts = [each for each in others if each.path.startswith(f"{RETURN}[")]
        is_gradient = any(means_quantity(creation.path, each) for each in ("dC_dz", "dC_da"))
        if creation.path.startswith((RETURN, ARGUMENT)) or is_gradient:
            return parts
        return [creation]

    def _is_only_seen(self, binding: Binding) -> bool:
        """Whether a line only moves, or calls, an object that has the value already."""
        statement = self.program.statement(binding.visit)
        if not re.search(r"\.\w+$", binding.path) or not isinstance(statement, ast.Expr):
            return False
        return not isinstance(statement.value, ast.Call) or not any(
            isinstance(part, ast.Call | ast.Tuple | ast.List | ast.Dict)
            for part in (*statement.value.args, *statement.value.keywords)
        )

    def _not_right_elsewhere(self, bindings: Sequence[Binding]) -> list[Binding]:
        """Leave out lines that rightly copy a gradient of another layer, if others are left."""
        places = {
            (other.visit.file, other.visit.line)
            for other in self.recording.made()
            if any(
                label.line and label.factor == 1.0 and label.name.startswith("dC_d")
                for label in self.program.labels(other.key)
            )
            and all(other.key != each.key for each in bindings)
        }
        left = [each for each in bindings if (each.visit.file, each.visit.line) not in places]
        return left or list(bindings)

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
            path = _changed_in_place(statement)
            if path is not None:
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
        wrong = self._composition.wrong_visits(explanation, letter)
        found = [
            each
            for each in bindings
            if any(
                visit.order > each.visit.order
                and (visit.file, visit.line) != (each.visit.file, each.visit.line)
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

    def _handed_back(self, binding: Binding) -> Binding | None:
        """Return where a function returns a variable alone or twice, as in ``return z, z``.

        If this variable was assigned from another one, that is where it got its wrong value.
        """
        frame = binding.visit.frame
        if frame.visit is None or not binding.path.startswith(RETURN):
            return None
        statement = self.program.statement(binding.visit)
        if not isinstance(statement, ast.Return):
            return None
        same = [each for each in self.recording.bindings if each.key == binding.key]
        if isinstance(statement.value, ast.Name | ast.Subscript | ast.Attribute):
            name = ast.unparse(statement.value)
            for each in same:
                if (
                    each.path == name
                    and each.visit.frame is frame
                    and any(
                        self.program.is_plain_assignment(each, stored=stored)
                        for stored in (False, True)
                    )
                ):
                    return each
            return binding if binding.path == RETURN else None
        names = [
            node.id for node in getattr(statement.value, "elts", ()) if isinstance(node, ast.Name)
        ]
        twice = len(set(names)) < len(names)
        return binding if twice else None


def _changed_in_place(statement: ast.stmt | None) -> str | None:
    """Return the variable that ``d *= 2`` or ``np.negative(d, out=d)`` changes, else None."""
    if isinstance(statement, ast.AugAssign):
        return ast.unparse(statement.target)
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        return next(
            (ast.unparse(each.value) for each in statement.value.keywords if each.arg == "out"),
            None,
        )
    return None


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
