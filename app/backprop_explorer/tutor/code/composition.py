"""Find where a program composes its functions: which line hands a value from one to another."""

from __future__ import annotations

import ast
from collections.abc import Container

from backprop_explorer.tutor.code.explanations import Explanation
from backprop_explorer.tutor.code.naming import is_equal, means_quantity, quantity_of, reads_path
from backprop_explorer.tutor.code.program import ProgramRun
from backprop_explorer.tutor.code.quantities import same_entries
from backprop_explorer.tutor.code.recorder import RETURN, Binding, Frame, Visit


class Composition:
    """Finds the lines of one program that hand a value from one function to another."""

    def __init__(self, program: ProgramRun) -> None:
        self.program = program
        self.observed = program.observed
        self.recording = program.recording

    def listed(self, creation: Binding, line: str, explanation: Explanation) -> Binding | None:
        """Return where the list of layers is made in which an activation is missing.

        One line of a loop over them makes z, and in its next turn uses it.
        """
        made, used = self._composition(creation, line, explanation)
        if made.frame is creation.visit.frame or used is None or made.line != used.line:
            return None
        loop = self.program.source(made.file).loop(made.line)
        if loop is None:
            return None
        names = {
            ast.unparse(node)
            for node in ast.walk(loop.iter)
            if isinstance(node, ast.Name | ast.Attribute)
        }
        visit = self._filled(names, made)
        return None if visit is None else Binding(visit, creation.path, creation.key, first=False)

    def _filled(self, names: set[str], before: Visit) -> Visit | None:
        """Return where a list of one of these names is made, through arguments and attributes."""
        for visit in reversed(self.recording.visits[: before.order]):
            statement = self.program.statement(visit)
            if not isinstance(statement, ast.Assign) or not any(
                ast.unparse(target) in names for target in statement.targets
            ):
                continue
            if isinstance(statement.value, ast.List | ast.Tuple):
                return visit
            given = isinstance(statement.value, ast.Name | ast.Call) and any(
                isinstance(node, ast.Name) and node.id in visit.before
                for node in ast.walk(statement.value)
            )
            if given and visit.frame.visit is not None:
                return visit.frame.visit  # Sequential(Linear(…), …)
            return visit
        if before.frame.visit is not None and names & set(before.frame.parameters):
            return before.frame.visit
        return None

    def _composition(
        self, creation: Binding, line: str, explanation: Explanation
    ) -> tuple[Visit, Visit | None]:
        """Return the lines of one function that make a value and use it, directly or in calls."""
        wrong = min(
            self.wrong_visits(explanation, quantity_of(line)),
            key=lambda each: each.order,
            default=None,
        )
        users: dict[Frame, Visit] = {}
        at = wrong
        while at is not None:
            users[at.frame] = at
            at = at.frame.visit
        visit = creation.visit
        while wrong is not None and visit.frame not in users and visit.frame.visit is not None:
            visit = visit.frame.visit
        return visit, users.get(visit.frame)

    def _is_used_where_made(self, creation: Binding) -> bool:
        """Whether the function that makes a value goes on with it, and not only returns it."""
        for visit in self.recording.visits[creation.visit.order + 1 :]:
            if visit.frame is not creation.visit.frame:
                continue
            statement = self.program.statement(visit)
            if statement is None or isinstance(statement, ast.Return):
                continue
            if reads_path(statement, creation.path):
                return True
        return False

    def composed(self, creation: Binding, line: str, explanation: Explanation) -> Binding:
        """Return where a value that one function makes is handed to another one that uses it.

        The line that calls the first; that which calls the second if the right value of ``line``
        is known by then, but not used.
        """
        if self._is_used_where_made(creation):
            return creation
        visit, user = self._composition(creation, line, explanation)
        right = self.observed.find(explanation.variant.without_mistakes().value(line))
        if (
            user is not None
            and line.startswith("dC_dz")
            and any(self.observed.creations[key].visit.order < user.order for key in right)
        ):
            visit = user
        return Binding(visit, creation.path, creation.key, first=False)

    def given(self, creation: Binding, keys: Container[int], letter: str) -> list[Binding]:
        """Return where a function hands its value to another one that takes it for the quantity.

        It returns the value, or calls the other one with it.
        """
        frame = creation.visit.frame
        takers = [
            each
            for each in self.recording.frames
            if each is not frame
            and any(
                key in keys and means_quantity(path, letter) for path, key in each.arguments.items()
            )
        ]
        calls = [each.visit for each in takers if each.visit is not None]
        found = [
            Binding(visit, creation.path, creation.key, first=False)
            for visit in calls
            if visit.frame is frame
        ]
        received = takers or any(
            each.key in keys
            and means_quantity(each.path, letter)
            and each.key in each.visit.frame.arguments.values()
            for each in self.recording.bindings
        )
        ends = (
            each
            for each in self.recording.bindings
            if each.key in keys and each.visit.frame is frame and each.path.startswith(RETURN)
        )
        return found or (list(ends) if received else [])

    def wrong_visits(self, explanation: Explanation, letter: str) -> list[Visit]:
        """Return where values are made that are wrong because of the mistake.

        ∂C/∂b is ∂C/∂z, so that storing it is right where ∂C/∂z is.
        """
        right = explanation.variant.without_mistakes()
        return [
            self.observed.creations[key].visit
            for line in explanation.variant.reference.nodes
            if not (letter == "dC_dz" and line.startswith("dC_db"))
            and not is_equal(explanation.variant.value(line), right.value(line))
            for key in self.observed.find(explanation.variant.value(line))
            if not self.observed.is_right(key)
        ]

    def without_penalty(self, visit: Visit) -> Visit:
        """Go from a function that knows no λ to the caller that does."""
        rates = [self.observed.values.get(name) for name in ("l1", "l2")]
        at = visit
        while at.frame.visit is not None and not any(
            rate and self._knows(at.frame, float(rate)) for rate in rates
        ):
            at = at.frame.visit
        known = any(rate and self._knows(at.frame, float(rate)) for rate in rates)
        return at if known else visit

    def _knows(self, frame: Frame, number: float) -> bool:
        """Whether a function has a number among its arguments or variables."""
        keys = (*frame.arguments.values(), *frame.last.values())
        return any(same_entries(self.recording.values[key], number) for key in keys)
