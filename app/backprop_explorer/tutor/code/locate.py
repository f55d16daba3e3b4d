"""Find the source line in which a mistake is made.

The value that the mistake gives first appears on some source line. The mistake is made there, or in
a part that this line uses: a function that computes a wrong slope, a list that was filled with the
wrong arrays. It is the caller's, not the function's, if a right function is called with something
else than it needs.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from backprop_explorer.texts import tutor_code as texts
from backprop_explorer.tutor.checker.variants import Mistake, Variant
from backprop_explorer.tutor.code.aliases import Aliases
from backprop_explorer.tutor.code.arrays import Array, numbers
from backprop_explorer.tutor.code.causes import Causes
from backprop_explorer.tutor.code.explanations import Explanation, mistakes_in_order
from backprop_explorer.tutor.code.naming import is_equal, reads, wrong_operands
from backprop_explorer.tutor.code.operands import Operands
from backprop_explorer.tutor.code.program import ProgramRun
from backprop_explorer.tutor.code.quantities import same_entries
from backprop_explorer.tutor.code.recorder import RETURN, Binding, Visit
from backprop_explorer.tutor.code.results import Result
from backprop_explorer.tutor.code.source import expressions

# Names of variables that hold an error, of which a gradient is computed later.
_ERROR_NAME = re.compile(
    r"^(err(or)?s?|diff(erence)?|e|r|resid(ual)?s?|delta_?y)\d*$", re.IGNORECASE
)
_BY_NAME = frozenset(
    {"wrong_activation", "wrong_activation_derivative", "activation_instead_of_derivative"}
)


class Locator:
    """Finds the source lines of the mistakes of one program."""

    def __init__(self, program: ProgramRun) -> None:
        self.program = program
        self.observed = program.observed
        self.recording = program.recording
        self._aliases = Aliases(program)
        self._causes = Causes(program)
        self._operands = Operands(program)

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
                visit = self._causes.of_cost(mistake, variant) or visit
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

    def unknown_slope(self) -> tuple[Visit, str] | None:
        """Return where a factor of ∂C/∂z is made that is not f'(z), and the line that it spoils.

        For slips that the catalog does not list: a factor that is unknown, and its product with
        ∂C/∂a.
        """
        values = self.recording.values
        unknown = [each for each in self.recording.made() if not self.program.labels(each.key)]
        for k in range(self.observed.depth, 0, -1):
            dC_da = self.observed.values.get(f"dC_da{k}")
            if dC_da is None:
                continue
            for each in unknown:
                found = values[each.key]
                if found.size != np.size(dC_da) or found.size < 2 or not np.isfinite(found).all():
                    continue
                for form in (found.ravel(), found.T.ravel()):
                    product = form.reshape(np.shape(dC_da)) * dC_da
                    keys = self.observed.find(product)
                    if any(not self.program.labels(key) and key > each.key for key in keys):
                        return each.visit, f"dC_dz{k}"
        return None

    # The line where the value appears

    def _binding(self, line: str, value: Any, explanation: Explanation) -> Binding | None:
        """Return the first binding of the wrong value of a line."""
        mistake = mistakes_in_order(explanation, explanation.variant.reference)[0]
        parts = self._sample_parts(line, mistake, explanation.variant)
        found = [
            ([key for key in keys if np.any(self.recording.values[key])] or keys, scale)
            for keys, scale in self.observed.appearances(line, explanation.variant, parts)
        ]
        right = explanation.variant.without_mistakes().value(line)
        for fresh in self._fresh(found, line, mistake, self.observed.partial(line, value, right)):
            binding = self.observed.creations[min(fresh)]
            if mistake.name.startswith("missing_"):
                binding = self._aliases.without_effect(binding) or binding
            return self._after_error(binding, line, mistake)
        for keys, _ in found:
            alias = self._aliases.find(keys, line, mistake, explanation) if keys else None
            if alias is not None:
                return alias
        return None

    def _fresh(
        self,
        found: Sequence[tuple[Sequence[int], float]],
        line: str,
        mistake: Mistake,
        partial: Sequence[int],
    ) -> Iterator[list[int]]:
        """Yield the keys that are no other line's value, first without multiples of the right one.

        A multiple of the right value may be rightly computed in a program that divides by N later.
        """
        turned = mistake.name == "gradient_transposed"
        keys = [
            [key for key in some if not self._aliases.is_other_line(key, line, mistake)]
            for some, _ in found
        ]
        first = [*partial]
        for some, (_, scale) in zip(keys, found, strict=True):
            first += [
                key
                for key in some
                if scale == 1.0
                or turned
                or all(label.name != line for label in self.program.labels(key))
            ]
        yield from (some for some in (first, *keys) if some)

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

    def _after_error(self, binding: Binding, line: str, mistake: Mistake) -> Binding:
        """Skip a variable with the error, which is no gradient yet: return where it is used."""
        labels = {label.name for label in self.program.labels(binding.key)}
        if (
            mistake.name != "cost_gradient_scale"
            or not line.startswith("dC_da")
            or texts.PREDICTION_MINUS_TARGET not in labels
            or not _ERROR_NAME.match(binding.path)
        ):
            return binding
        for other in self.recording.made():
            if other.visit.order > binding.visit.order and binding.path in other.visit.before:
                statement = self.program.statement(other.visit)
                if statement is not None and reads(statement, binding.path):
                    return other
        return binding

    # The part that is wrong

    def _origin(self, binding: Binding, mistake: Mistake, line: str, variant: Variant) -> Visit:
        part = self._causes.wrong_part(binding, mistake, line, variant)
        binding = part or binding
        operand = wrong_operands(mistake, line, variant)
        if operand is not None:
            return self._operands.origin(binding.visit, mistake, *operand)
        if mistake.name in _BY_NAME and not binding.path.startswith(RETURN):
            return binding.visit
        return self._causes.of_caller(binding.visit, mistake, line, variant)

    def _exact_line(self, visit: Visit, binding: Binding, value: Any) -> int:
        """Return the line of the part of a long statement that computes the value."""
        if visit.frame.code.co_name == "<lambda>":
            return visit.line
        statement = self.program.statement(visit)
        if statement is None or statement.end_lineno == statement.lineno:
            return visit.line if statement is None else statement.lineno
        evaluator = self.program.evaluator(visit)
        for node in expressions(statement):
            if isinstance(node, ast.BinOp | ast.Call | ast.Name | ast.Attribute):
                found = numbers(evaluator.known(node))
                if found is not None and same_entries(found, value):
                    return node.lineno
        return statement.lineno
