"""Follow a wrong operand to the call, variable or container that it comes from."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from backprop_explorer.tutor.checker.variants import Mistake
from backprop_explorer.tutor.code.arrays import Array, numbers
from backprop_explorer.tutor.code.naming import (
    container_items,
    is_index,
    is_output_name,
    is_transposition,
    means_quantity,
    stores,
)
from backprop_explorer.tutor.code.program import ProgramRun
from backprop_explorer.tutor.code.quantities import same_entries
from backprop_explorer.tutor.code.recorder import Binding, Frame, Visit
from backprop_explorer.tutor.code.source import Evaluator, expressions

_OTHER_LAYER = frozenset(
    {"derivative_of_wrong_layer", "weights_of_wrong_layer", "activation_of_wrong_layer"}
)
# Names of ∂z/∂W, which is the input of a layer: d_z_out__dw_out.
_DZ_DW = re.compile(r"d_?z\w*_d_?w", re.IGNORECASE)


class Operands:
    """Finds where the wrong operands of one program come from."""

    def __init__(self, program: ProgramRun) -> None:
        self.program = program
        self.observed = program.observed
        self.recording = program.recording

    def origin(self, visit: Visit, mistake: Mistake, wrong: Any, right: Any) -> Visit:
        """Follow a wrong operand to the call or the container that it comes from."""
        if mistake.name == "weights_transposed_backward":
            return self._named_before(visit, wrong, turned=True) or visit
        at_output = mistake.name == "derivative_at_activation"
        while visit.frame.visit is not None and (
            self._is_turned(visit.frame, right)
            if mistake.name == "transposed_weights"
            else self._is_given(visit, wrong, right, at_output=at_output)
            or (at_output and self._knows_neither(visit, wrong, right))
        ):
            visit = visit.frame.visit
        if mistake.name in ("z_instead_of_activation", "z_passed_on"):
            named = self._named_as_output(wrong)
            if named is not None:
                return named
            return self._filled_wrongly(visit, wrong, right) or visit
        if mistake.name in _OTHER_LAYER:
            chosen = self._chosen_wrongly(visit, wrong)
            if chosen is None and mistake.name == "weights_of_wrong_layer":
                chosen = self._named_before(visit, wrong, turned=False)
            if chosen is None and mistake.name == "activation_of_wrong_layer":
                chosen = self._filled_wrongly(visit, wrong, right)
            return chosen or visit
        return visit

    def _named_as_output(self, wrong: Any) -> Visit | None:
        """Return the line that assigns a z to a variable that is named as an output."""
        for binding in self.recording.bindings:
            if (
                not binding.first
                and self.program.is_value(self.recording.values[binding.key], wrong)
                and means_quantity(binding.path, "a")
                and self.program.is_plain_assignment(binding)
            ):
                return binding.visit
        return None

    def _chosen_wrongly(self, visit: Visit, wrong: Any) -> Visit | None:
        """Return the line that took the wrong entry of a list into a variable of this frame."""
        name, bound = self._named(visit, wrong)
        if bound is None:
            return None
        if _DZ_DW.match(name):
            return bound[0]
        if isinstance(bound[1].value, ast.Name):
            return None
        parts = list(ast.walk(bound[1].value))
        chosen = any(isinstance(part, ast.Subscript) for part in parts)
        made = any(
            isinstance(part, ast.Call | ast.BinOp) for part in parts if not is_index(part, parts)
        )
        return bound[0] if chosen and not made else None

    def _named_before(self, visit: Visit, wrong: Any, *, turned: bool) -> Visit | None:
        """Return the line that gave the wrong operand a name of its own: ``J = W1``, ``J = W2.T``.

        Only if no other line reads this name. ``turned``: only if it is transposed there.
        """
        function = self.program.source(visit.file).function(visit.line)
        name, bound = self._named(visit, wrong)
        if function is None or bound is None:
            return None
        readers = sum(
            isinstance(other, ast.Name) and other.id == name and isinstance(other.ctx, ast.Load)
            for other in ast.walk(function)
        )
        is_turned = is_transposition(bound[1].value)
        plain = isinstance(bound[1].value, ast.Name) or is_turned
        return bound[0] if readers <= 1 and plain and (is_turned or not turned) else None

    def _named(self, visit: Visit, value: Any) -> tuple[str, tuple[Visit, ast.Assign] | None]:
        """Return the first name in a statement that has this value, and its last assignment."""
        statement = self.program.statement(visit)
        if statement is None:
            return "", None
        evaluator = self.program.evaluator(visit)
        for node in expressions(statement):
            known = numbers(evaluator.known(node)) if isinstance(node, ast.Name) else None
            if known is not None and self.program.is_value(known, value):
                assert isinstance(node, ast.Name)
                return node.id, self._last_assignment(visit, node.id)
        return "", None

    def _last_assignment(self, visit: Visit, name: str) -> tuple[Visit, ast.Assign] | None:
        """Return the last visit of the frame before ``visit`` that assigns a variable."""
        for before in reversed(self.recording.visits[: visit.order]):
            if before.frame is not visit.frame:
                continue
            statement = self.program.source(before.file).statement(before.line)
            if statement is not None and stores(statement, name):
                return (before, statement) if isinstance(statement, ast.Assign) else None
        return None

    def _is_given(self, visit: Visit, wrong: Any, right: Any, *, at_output: bool) -> bool:
        """Whether a line reads the wrong operand from a parameter of its function.

        ``at_output``: it is an output of which a derivative was computed.
        """
        frame = visit.frame
        own = [
            self.recording.values[each.key]
            for each in self.recording.bindings
            if each.visit.frame is frame
        ]
        statement = self.program.statement(visit)
        evaluator = self.program.evaluator(visit)
        for node in expressions(statement) if statement is not None else ():
            value = numbers(evaluator.known(node))
            if value is not None and self.program.is_value(value, wrong):
                if isinstance(node, ast.Name) and node.id in frame.parameters:
                    if at_output and (is_output_name(node.id) or node.id.startswith("a_")):
                        return False  # it is named as what it is, and used as something else
                    return not any(self.program.is_value(value, right) for value in own)
                return False
        values = [
            (path, self.recording.values[key])
            for path, key in frame.arguments.items()
            if path.split("[")[0].split(".")[0] in frame.code.co_varnames
        ]
        has_wrong = any(
            self.program.is_value(value, wrong)
            for path, value in values
            if path in frame.parameters
        )
        others = [*(value for path, value in values if self._may_read(visit, path)), *own]
        return has_wrong and not any(self.program.is_value(value, right) for value in others)

    def _may_read(self, visit: Visit, path: str) -> bool:
        """Whether a function reads the attribute that holds a value: self.cache of self.cache["z"].

        A method has all values of its object at hand, but most of them are none of its concern.
        """
        function = self.program.source(visit.file).function(visit.line)
        attributes = re.findall(r"\.(\w+)", path)[:1]
        return function is None or all(
            any(
                isinstance(node, ast.Attribute) and node.attr == each for node in ast.walk(function)
            )
            for each in attributes
        )

    def _is_turned(self, frame: Frame, W: Any) -> bool:
        """Whether a function got the transpose of a square W, and not W itself."""
        given = [
            self.recording.values[key]
            for path, key in frame.arguments.items()
            if path in frame.parameters
        ]
        shown = np.asarray(self.observed.shown("W1", W))
        return any(np.array_equal(each, shown.T) for each in given) and not any(
            np.array_equal(each, shown) for each in given
        )

    def _knows_neither(self, visit: Visit, wrong: Any, right: Any) -> bool:
        """Whether a function computes from something made of the wrong operand: f'(f(a))."""
        frame = visit.frame
        keys = {*frame.arguments.values(), *frame.last.values()}
        values = [self.recording.values[key] for key in keys]
        return bool(frame.arguments) and not any(
            self.program.is_value(value, each) for value in values for each in (wrong, right)
        )

    def _filled_wrongly(self, visit: Visit, wrong: Any, right: Any) -> Visit | None:
        """Return the line that put the wrong operand into a list or object, None if it was right.

        A list of the inputs of the layers that holds x and z, but no a, was filled wrongly; a list
        of all z was not.
        """
        statement = self.program.statement(visit)
        if statement is None:
            return None
        evaluator = self.program.evaluator(visit)
        for node in expressions(statement):
            value = numbers(evaluator.known(node))
            if value is None or not self.program.is_value(value, wrong):
                continue
            if isinstance(node, ast.Name):
                found = self._filled_name(visit, node.id, wrong, right)
                if found is not None:
                    return found
            if isinstance(node, ast.Subscript | ast.Attribute):
                return self._filled_container(visit, node, evaluator, wrong, right)
        return None

    def _filled_name(self, visit: Visit, name: str, wrong: Any, right: Any) -> Visit | None:
        """Go on at the line that bound a name, if it took it from a container."""
        for binding in reversed(self.recording.bindings):
            if (
                binding.visit.frame is visit.frame
                and binding.visit.order < visit.order
                and binding.path == name
                and same_entries(self.recording.values[binding.key], wrong)
            ):
                if binding.first:
                    return None
                return self._filled_tuple(
                    binding.visit, name, wrong, right
                ) or self._filled_wrongly(binding.visit, wrong, right)
        return None

    def _filled_tuple(self, visit: Visit, name: str, wrong: Any, right: Any) -> Visit | None:
        """Return the line that made a container of which ``name`` is one of the parts.

        None if the container holds the right value as well: then the wrong part was taken.
        """
        statement = self.program.statement(visit)
        if not isinstance(statement, ast.Assign) or not isinstance(statement.targets[0], ast.Tuple):
            return None
        names = [ast.unparse(each) for each in statement.targets[0].elts]
        container = self.program.evaluator(visit).known(statement.value)
        items = [numbers(each) for each in container_items(container)]
        if name not in names or any(
            each is not None and self.program.is_value(each, right) for each in items
        ):
            return None
        place = f"[{names.index(name)}]"
        for binding in self.recording.bindings:
            if binding.visit.order >= visit.order or not binding.path.endswith(place):
                continue
            made = self.program.statement(binding.visit)
            if (
                isinstance(made, ast.Assign | ast.Return | ast.Expr)
                and self.program.is_value(self.recording.values[binding.key], wrong)
                and self._holds(binding, binding.path.removesuffix(place), items)
            ):
                return binding.visit
        return None

    def _holds(self, binding: Binding, path: str, items: Sequence[Array | None]) -> bool:
        """Whether the container that a line makes at ``path`` has these items."""
        made = {
            each.path: self.recording.values[each.key]
            for each in self.recording.bindings
            if each.visit is binding.visit
        }
        found = [made.get(f"{path}[{index}]") for index in range(len(items))]
        return all(
            one is None or other is None or same_entries(one, other)
            for one, other in zip(found, items, strict=True)
        )

    def _filled_container(
        self,
        visit: Visit,
        node: ast.Subscript | ast.Attribute,
        evaluator: Evaluator,
        wrong: Any,
        right: Any,
    ) -> Visit | None:
        container = evaluator.known(node.value)
        if isinstance(node, ast.Attribute):
            fields = getattr(container, "__dict__", None)
            if isinstance(container, tuple) and hasattr(container, "_asdict"):
                fields = container._asdict()
            held = [numbers(each) for each in container_items(dict(fields or {}))]
            if means_quantity(node.attr, "z") or any(
                each is not None and same_entries(each, right) for each in held
            ):
                return None
            bindings = [
                each
                for each in self.recording.bindings
                if each.path.endswith(f".{node.attr}") and not each.first
            ]
        else:
            items = [numbers(each) for each in container_items(container)]
            arrays = [each for each in items if each is not None]
            x = self.observed.values["x"]
            mixed = any(same_entries(each, x) for each in arrays)
            if not mixed or any(same_entries(each, right) for each in arrays):
                return None
            name = ast.unparse(node.value)
            bindings = [b for b in self.recording.bindings if b.path.startswith(f"{name}[")]
            if not bindings:
                bindings = [b for b in self.recording.bindings if "[" in b.path]
        for binding in bindings:
            if binding.visit.order < visit.order and same_entries(
                self.recording.values[binding.key], wrong
            ):
                return binding.visit
        return None
