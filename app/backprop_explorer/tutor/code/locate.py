"""Find the source line in which a mistake is made.

The value that the mistake gives first appears on some source line. The mistake is made there, or in
a part that this line uses: a function that computes a wrong slope, a list that was filled with the
wrong arrays. It is the caller's, not the function's, if a right function is called with something
else than it needs.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from backprop_explorer.engine.activations import ACTIVATIONS
from backprop_explorer.engine.costs import COSTS
from backprop_explorer.engine.notation import Notation
from backprop_explorer.tutor.checker.variants import Mistake, Variant
from backprop_explorer.tutor.code.arrays import Array, numbers
from backprop_explorer.tutor.code.explanations import Explanation, mistakes_in_order
from backprop_explorer.tutor.code.naming import (
    container_items,
    is_equal,
    is_index,
    means_quantity,
    names_entry,
    quantity_of,
    reads,
    stores,
    wrong_operands,
)
from backprop_explorer.tutor.code.observed import Observed, Result
from backprop_explorer.tutor.code.quantities import Label, same_entries
from backprop_explorer.tutor.code.recorder import RETURN, Binding, Frame, Visit
from backprop_explorer.tutor.code.source import (
    Evaluator,
    SourceFile,
    UnknownValueError,
    expressions,
)

# Names of variables that hold an error, of which a gradient is computed later.
_ERROR_NAME = re.compile(
    r"^(err(or)?s?|diff(erence)?|e|r|resid(ual)?s?|delta_?y)\d*$", re.IGNORECASE
)
_DERIVATIVE_NAME = re.compile(
    r"der|prime|grad|deriv|slope|backward|jacobian|^d[_A-Z]|_d$", re.IGNORECASE
)
_OTHER_LAYER = frozenset(
    {"derivative_of_wrong_layer", "weights_of_wrong_layer", "activation_of_wrong_layer"}
)
_BY_NAME = frozenset(
    {"wrong_activation", "wrong_activation_derivative", "activation_instead_of_derivative"}
)
_TARGET_NAME = re.compile(r"target|true|label|^[ty]s?$|^y_?(?!hat|pred)", re.IGNORECASE)


class Locator:
    """Finds the source lines of the mistakes of one program."""

    def __init__(self, observed: Observed, notation: Notation) -> None:
        self.observed = observed
        self.notation = notation
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

    def locate(self, explanation: Explanation) -> tuple[Visit, int] | None:
        """Return the visit and the line of the first mistake, None if it left no trace."""
        order = explanation.variant.reference.order
        mistake = mistakes_in_order(explanation, explanation.variant.reference)[0]
        variant = explanation.variant
        right = variant.without_mistakes()
        lines = sorted(variant.reference.steps, key=order.__getitem__)
        begin = min(order[name] for name in mistake.lines)
        for line in lines[begin:]:
            value = variant.value(line)
            if is_equal(value, right.value(line)):
                continue
            binding = self._binding(line, value, explanation)
            if binding is None:
                continue
            visit = self._origin(binding, mistake, line, variant)
            if self.observed.automatic and mistake.name.startswith(("cost_", "wrong_cost")):
                visit = self._of_cost(mistake, variant) or visit
            return visit, self._exact_line(visit, binding, value)
        return None

    def first_unknown(self, wrong: Sequence[Result]) -> Visit | None:
        """Return the first line whose value is no quantity of the working, on the way to a result.

        For programs whose mistake is not in the catalog.
        """
        paths = {result.path for result in wrong}
        sizes = {np.size(value) for value in self.observed.values.values()}
        for binding in self.recording.made():
            value = self.recording.values[binding.key]
            if value.size in sizes and value.ndim > 0 and not self.observed.is_right(binding.key):
                return binding.visit
        ends = [each for each in self.recording.bindings if each.path in paths]
        return ends[-1].visit if ends else None

    # The line where the value appears

    def _binding(self, line: str, value: Any, explanation: Explanation) -> Binding | None:
        """Return the first binding of the wrong value of a line."""
        mistake = mistakes_in_order(explanation, explanation.variant.reference)[0]
        parts = self._sample_parts(line, mistake, explanation.variant)
        for keys in self.observed.appearances(line, explanation.variant, parts):
            keys = [key for key in keys if np.any(self.recording.values[key])] or keys
            fresh = [key for key in keys if not self._is_other_line(key, line, mistake)]
            if fresh:
                binding = self.observed.creations[min(fresh)]
                return self._after_error(binding, line, mistake)
            for key in keys:
                alias = self._alias(key, line, mistake, explanation)
                if alias is not None:
                    return alias
        return None

    def _sample_parts(self, line: str, mistake: Mistake, variant: Variant) -> list[Array]:
        """Return what the first sample contributes to a ∂C/∂W in which a mistake is made."""
        if not line.startswith("dC_dW") or self.observed.traces[0].samples == 1:
            return []
        k = int(line[5:])
        below = np.asarray(variant.value("x" if k == 1 else f"a{k - 1}"))
        dz = np.asarray(variant.value(f"dC_dz{k}"))
        operands = wrong_operands(mistake, line, variant)
        if operands is None:
            return [np.outer(below[0], dz[0])] if mistake.name == "gradient_transposed" else []
        wrong = np.asarray(operands[0])
        if mistake.name == "dC_da_instead_of_dC_dz":
            return [np.outer(below[0], wrong[0])]
        return [np.outer(wrong[0], dz[0])]

    def _is_other_line(self, key: int, line: str, mistake: Mistake) -> bool:
        """Whether the value is rightly that of another line, such as z used as a."""
        lines = [label for label in self._labels(key) if label.line]
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
            for label in self._labels(binding.key):
                if label.sample is not None:
                    place = (binding.visit.file, binding.visit.line, label.name)
                    if seen.setdefault(place, binding.key) != binding.key and label.sample > 0:
                        return True
        return False

    def _labels(self, key: int) -> Sequence[Label]:
        return self.observed.labels[key]

    def _alias(
        self, key: int, line: str, mistake: Mistake, explanation: Explanation
    ) -> Binding | None:
        """Return where a right value of another line gets the name of this line."""
        bindings = [each for each in self.recording.bindings if each.key == key]
        if mistake.name.endswith("_not_summed") and any(
            label.sample is not None for label in self._labels(key)
        ):
            ends = [each for each in bindings if not each.path.startswith(RETURN)]
            return ends[-1] if ends else None
        letter = quantity_of(line)
        creation, others = bindings[0], bindings[1:]
        if means_quantity(creation.path, letter):
            return creation
        named = [each for each in others if means_quantity(each.path, letter)]
        plain = [each for each in others if self._is_plain_assignment(each)]
        stored = [each for each in others if self._is_plain_assignment(each, stored=True)]
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
                    statement = self.source(made.visit.file).statement(made.visit.line)
                    if statement is not None and reads(statement, binding.path):
                        return True
        return False

    def _is_handed_back(self, binding: Binding) -> bool:
        """Whether a function returns a variable alone or twice, as in ``return z, z``."""
        if binding.visit.frame.visit is None or not binding.path.startswith(RETURN):
            return False
        statement = self.source(binding.visit.file).statement(binding.visit.line)
        if not isinstance(statement, ast.Return):
            return False
        if isinstance(statement.value, ast.Name | ast.Subscript | ast.Attribute):
            return binding.path == RETURN
        names = [
            node.id for node in getattr(statement.value, "elts", ()) if isinstance(node, ast.Name)
        ]
        return len(set(names)) < len(names)

    def _is_plain_assignment(self, binding: Binding, *, stored: bool = False) -> bool:
        """Whether the statement assigns a variable to a variable, or with ``stored`` an entry."""
        statement = self.source(binding.visit.file).statement(binding.visit.line)
        return (
            isinstance(statement, ast.Assign)
            and isinstance(
                statement.targets[0], ast.Subscript if stored else ast.Name | ast.Attribute
            )
            and isinstance(statement.value, ast.Name | ast.Subscript | ast.Attribute)
        )

    def _after_error(self, binding: Binding, line: str, mistake: Mistake) -> Binding:
        """Skip a variable with the error, which is no gradient yet: return where it is used."""
        labels = {label.name for label in self._labels(binding.key)}
        if (
            mistake.name != "cost_gradient_scale"
            or not line.startswith("dC_da")
            or "prediction minus target" not in labels
            or not _ERROR_NAME.match(binding.path)
        ):
            return binding
        for other in self.recording.made():
            if other.visit.order > binding.visit.order and binding.path in other.visit.before:
                statement = self.source(other.visit.file).statement(other.visit.line)
                if statement is not None and reads(statement, binding.path):
                    return other
        return binding

    def _of_cost(self, mistake: Mistake, variant: Variant) -> Visit | None:
        """Return where a program that differentiates automatically computes its wrong cost."""
        right = np.asarray(variant.without_mistakes().value("C"))
        for binding in self.recording.made():
            value = self.recording.values[binding.key]
            if value.size != 1 or self.observed.is_right(binding.key):
                continue
            factor = -1.0 if mistake.name.endswith("sign") else None
            if mistake.name == "cost_gradient_scale":
                factor = float(mistake.detail)
            if factor is None or same_entries(value, factor * right):
                return binding.visit
        return None

    # The part that is wrong

    def _origin(self, binding: Binding, mistake: Mistake, line: str, variant: Variant) -> Visit:
        part = self._wrong_part(binding, mistake, line, variant)
        binding = part or binding
        operand = wrong_operands(mistake, line, variant)
        if operand is not None:
            return self._of_operand(binding.visit, mistake, *operand)
        if mistake.name in _BY_NAME and not binding.path.startswith(RETURN):
            return binding.visit
        return self._of_caller(binding.visit, mistake, line, variant)

    def _wrong_part(
        self, binding: Binding, mistake: Mistake, line: str, variant: Variant
    ) -> Binding | None:
        """Return the binding of the part that makes the value of a line wrong."""
        before = [each for each in self.recording.made() if each.key < binding.key]
        if mistake.name == "cost_gradient_sign" or mistake.detail.startswith("-"):
            for each in before:
                if any(n.name == "target minus prediction" for n in self._labels(each.key)):
                    return each
        if "activation_backward" in mistake.misconception.families and line.startswith("dC_dz"):
            return self._wrong_slope(before, binding, line, variant)
        step, value = variant.reference.steps[line], np.asarray(variant.value(line))
        if step.op == "affine" and value.ndim == 2:
            b = np.asarray(variant.read(f"b{step.layer}"))
            for each in before:
                found = self.recording.values[each.key]
                if not self.observed.is_right(each.key) and (
                    same_entries(found, value - b) or same_entries(found, value + b)
                ):
                    return each
        return None

    def _wrong_slope(
        self, before: Sequence[Binding], binding: Binding, line: str, variant: Variant
    ) -> Binding | None:
        """Return the binding of the factor that makes ∂C/∂z wrong."""
        value = np.asarray(variant.value(line))
        dC_da = np.asarray(variant.value(f"dC_da{variant.reference.steps[line].layer}"))
        pairs = [(dC_da, value)]
        if len(value) > 1:
            pairs.append((dC_da[:1], value[:1]))
        again: Binding | None = None
        known: set[str] = set()
        for each in before:
            found = self.recording.values[each.key]
            if not any(self._is_wrong_slope(found, *pair, each.key, line) for pair in pairs):
                continue
            names = {
                label.name
                for label in self._labels(each.key)
                if label.line or label.name.startswith("f'")
            }
            if not names:
                return each
            # A right quantity, used wrongly: it counts where it is computed once more.
            if names & known or self.is_called_from(each.visit, binding.visit):
                again = each
            known |= names
        return again

    def is_called_from(self, visit: Visit, caller: Visit) -> bool:
        """Whether ``visit`` is in a function that ``caller`` called, directly or indirectly."""
        at: Visit | None = visit
        while at is not None:
            if at is caller:
                return True
            at = at.frame.visit
        return False

    def _is_wrong_slope(
        self, found: Array, dC_da: Array, value: Array, key: int, line: str
    ) -> bool:
        """Whether a recorded value is the factor that makes ∂C/∂z wrong."""
        layer = line.removeprefix("dC_dz")
        if any(label.name in (f"f'(z{layer})", line) for label in self.observed.labels[key]):
            return False
        if value.shape != dC_da.shape:
            return False
        if found.size == value.size:
            for form in (found.ravel(), found.T.ravel()):
                if same_entries(form.reshape(value.shape) * dC_da, value):
                    return not same_entries(found, np.ones_like(found))
        n = value.shape[-1]
        if len(value) == 1 and found.shape == (n, n) and n > 1:
            return same_entries(dC_da @ found, value) or same_entries(dC_da @ found.T, value)
        return False

    def _of_caller(self, visit: Visit, mistake: Mistake, line: str, variant: Variant) -> Visit:
        """Return the caller's visit while the function is right and called for the wrong thing."""
        while visit.frame.visit is not None and self._is_right_function(
            visit.frame, mistake, line, variant
        ):
            visit = visit.frame.visit
            if mistake.name == "activation_instead_of_derivative":
                break
        return visit

    def _is_right_function(
        self, frame: Frame, mistake: Mistake, line: str, variant: Variant
    ) -> bool:
        name = frame.code.co_name.lower()
        if mistake.name in ("wrong_activation", "wrong_activation_derivative") and (
            self._calls_a_parameter(frame)
        ):
            return True
        detail = mistake.detail.split("/")[0]
        if mistake.name in ("wrong_activation", "wrong_activation_derivative"):
            own = variant.reference.situation.network.layers[
                (variant.reference.steps[line].layer or 1) - 1
            ].activation
            return (
                detail in ACTIVATIONS and names_entry(name, detail) and not names_entry(name, own)
            )
        if mistake.name in ("wrong_cost", "wrong_cost_value"):
            cost = variant.reference.situation.objective.cost
            return detail in COSTS and names_entry(name, detail) and not names_entry(name, cost)
        if mistake.name == "activation_instead_of_derivative":
            return not _DERIVATIVE_NAME.search(frame.code.co_name)
        if mistake.name in ("cost_gradient_sign", "cost_sign"):
            return self._arguments_are_swapped(frame, variant)
        return False

    def _calls_a_parameter(self, frame: Frame) -> bool:
        """Whether the last line of a function calls a function that it was given."""
        source = self.source(frame.code.co_filename)
        statement = source.statement(frame.return_line or frame.code.co_firstlineno)
        return statement is not None and any(
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in frame.parameters
            for node in ast.walk(statement)
        )

    def _arguments_are_swapped(self, frame: Frame, variant: Variant) -> bool:
        """Whether a function of prediction and target got the target for the prediction."""
        depth = variant.reference.situation.network.depth
        prediction, target = variant.read(f"a{depth}"), variant.read("target")
        roles = []
        for name in frame.parameters:
            key = frame.arguments.get(name)
            if key is None:
                continue
            value = self.recording.values[key]
            if same_entries(value, target):
                roles.append((name, "target"))
            elif same_entries(value, prediction):
                roles.append((name, "prediction"))
        if len(roles) != 2:
            return False
        (first, role), (second, _) = roles
        named_target_first = bool(_TARGET_NAME.search(first)) and not _TARGET_NAME.search(second)
        return (role == "target") != named_target_first

    # Wrong operands

    def _of_operand(self, visit: Visit, mistake: Mistake, wrong: Any, right: Any) -> Visit:
        """Follow a wrong operand to the call or the container that it comes from."""
        while visit.frame.visit is not None and self._is_given(visit, wrong, right):
            visit = visit.frame.visit
        if mistake.name in ("z_instead_of_activation", "z_passed_on"):
            named = self._named_as_output(wrong)
            if named is not None:
                return named
            return self._filled_wrongly(visit, wrong, right) or visit
        if mistake.name in _OTHER_LAYER:
            return self._chosen_wrongly(visit, wrong) or visit
        return visit

    def _named_as_output(self, wrong: Any) -> Visit | None:
        """Return the line that assigns a z to a variable that is named as an output."""
        for binding in self.recording.bindings:
            if (
                not binding.first
                and self._is(self.recording.values[binding.key], wrong)
                and means_quantity(binding.path, "a")
                and self._is_plain_assignment(binding)
            ):
                return binding.visit
        return None

    def _chosen_wrongly(self, visit: Visit, wrong: Any) -> Visit | None:
        """Return the line that took the wrong entry of a list into a variable of this frame."""
        statement = self.source(visit.file).statement(visit.line)
        if statement is None:
            return None
        evaluator = self.evaluator(visit)
        for node in expressions(statement):
            value = numbers(evaluator.known(node)) if isinstance(node, ast.Name) else None
            if value is None or not self._is(value, wrong):
                continue
            assert isinstance(node, ast.Name)
            bound = self._last_assignment(visit, node.id)
            if bound is None or isinstance(bound[1].value, ast.Name):
                return None
            parts = list(ast.walk(bound[1].value))
            chosen = any(isinstance(part, ast.Subscript) for part in parts)
            made = any(
                isinstance(part, ast.Call | ast.BinOp)
                for part in parts
                if not is_index(part, parts)
            )
            return bound[0] if chosen and not made else None
        return None

    def _last_assignment(self, visit: Visit, name: str) -> tuple[Visit, ast.Assign] | None:
        """Return the last visit of the frame before ``visit`` that assigns a variable."""
        for before in reversed(self.recording.visits[: visit.order]):
            if before.frame is not visit.frame:
                continue
            statement = self.source(before.file).statement(before.line)
            if statement is not None and stores(statement, name):
                return (before, statement) if isinstance(statement, ast.Assign) else None
        return None

    def _is_given(self, visit: Visit, wrong: Any, right: Any) -> bool:
        """Whether a line reads the wrong operand from a parameter of its function."""
        frame = visit.frame
        own = [
            self.recording.values[each.key]
            for each in self.recording.bindings
            if each.visit.frame is frame
        ]
        statement = self.source(visit.file).statement(visit.line)
        evaluator = self.evaluator(visit)
        for node in expressions(statement) if statement is not None else ():
            value = numbers(evaluator.known(node))
            if value is not None and self._is(value, wrong):
                if isinstance(node, ast.Name) and node.id in frame.arguments:
                    return not any(self._is(value, right) for value in own)
                return False
        values = [
            (path, self.recording.values[key])
            for path, key in frame.arguments.items()
            if path.split("[")[0].split(".")[0] in frame.code.co_varnames
        ]
        has_wrong = any(
            self._is(value, wrong) for path, value in values if path in frame.parameters
        )
        others = [*(value for _, value in values), *own]
        return has_wrong and not any(self._is(value, right) for value in others)

    def _is(self, value: Array, wanted: Any) -> bool:
        """Whether a value is the wanted one, or the part of its first sample."""
        wanted = np.asarray(wanted)
        if same_entries(value, wanted):
            return True
        return wanted.ndim == 2 and len(wanted) > 1 and same_entries(value, wanted[0])

    def _filled_wrongly(self, visit: Visit, wrong: Any, right: Any) -> Visit | None:
        """Return the line that put the wrong operand into a list or object, None if it was right.

        A list of the inputs of the layers that holds x and z, but no a, was filled wrongly; a list
        of all z was not.
        """
        statement = self.source(visit.file).statement(visit.line)
        if statement is None:
            return None
        evaluator = self.evaluator(visit)
        for node in expressions(statement):
            value = numbers(evaluator.known(node))
            if value is None or not self._is(value, wrong):
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
                return self._filled_wrongly(binding.visit, wrong, right)
        return None

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
            stem = node.attr
            bindings = [b for b in self.recording.bindings if b.path.endswith(f".{stem}")]
            if means_quantity(stem, "z"):
                return None
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

    # The line within a statement

    def _exact_line(self, visit: Visit, binding: Binding, value: Any) -> int:
        """Return the line of the part of a long statement that computes the value."""
        source = self.source(visit.file)
        statement = source.statement(visit.line)
        if statement is None or statement.end_lineno == statement.lineno:
            return visit.line if statement is None else statement.lineno
        evaluator = self.evaluator(visit)
        for node in expressions(statement):
            if isinstance(node, ast.BinOp | ast.Call | ast.Name | ast.Attribute):
                found = numbers(evaluator.known(node))
                if found is not None and same_entries(found, value):
                    return node.lineno
        return statement.lineno
