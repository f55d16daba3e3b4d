"""Find the source line in which a mistake is made.

The value that the mistake gives first appears on some source line. The mistake is made there, or in
a part that this line uses: a function that computes a wrong slope, a list that was filled with the
wrong arrays. It is the caller's, not the function's, if a right function is called with something
else than it needs.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Container, Iterator, Sequence
from typing import Any

import numpy as np

from backprop_explorer.texts import tutor_code as texts
from backprop_explorer.tutor.checker.variants import Mistake, Variant
from backprop_explorer.tutor.code.aliases import Aliases
from backprop_explorer.tutor.code.arrays import Array, numbers
from backprop_explorer.tutor.code.callers import Callers
from backprop_explorer.tutor.code.causes import Causes
from backprop_explorer.tutor.code.composition import Composition
from backprop_explorer.tutor.code.explanations import Explanation, mistakes_in_order
from backprop_explorer.tutor.code.name_choice import NameChoice
from backprop_explorer.tutor.code.naming import (
    is_equal,
    means_quantity,
    quantity_of,
    reads,
    wrong_operands,
)
from backprop_explorer.tutor.code.operands import Operands
from backprop_explorer.tutor.code.program import ProgramRun
from backprop_explorer.tutor.code.quantities import same_entries
from backprop_explorer.tutor.code.recorder import RETURN, Binding, Visit
from backprop_explorer.tutor.code.source import expressions
from backprop_explorer.tutor.code.uses import Uses

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
        self._uses = Uses(program)
        self._aliases = Aliases(program, self._uses)
        self._causes = Causes(program)
        self._callers = Callers(program)
        self._operands = Operands(program)
        self.names = NameChoice(program, self._uses)

    def locate(self, explanation: Explanation) -> tuple[Visit, int] | None:
        """Return the visit and the line of the first mistake, None if it left no trace."""
        order = explanation.variant.reference.order
        mistake = mistakes_in_order(explanation, explanation.variant.reference)[0]
        variant = explanation.variant
        right = variant.without_mistakes()
        lines = sorted(variant.reference.nodes, key=order.__getitem__)
        begin = min(order[name] for name in mistake.lines)
        for line in lines[begin:]:
            value = variant.value(line)
            if is_equal(value, right.value(line)):
                continue
            binding = self._binding(line, value, explanation)
            if binding is None and line in mistake.lines:
                binding = self._causes.slope_alone(mistake, line, variant)
            if binding is None:
                continue
            visit = self._origin(binding, mistake, line, variant)
            if mistake.name == "slope_below_zero":
                number = self._causes.of_number(visit, float(mistake.detail))
                if number is not None:
                    return number
            if mistake.name == "activation_sign" and line[0] == "a":
                visit = self._unchanged(f"z{line[1:]}", variant) or visit
            if self.observed.automatic and mistake.name.startswith(("cost_", "wrong_cost")):
                visit = self._causes.of_cost(mistake, variant) or visit
            return visit, self._exact_line(visit, binding, value)
        entry = self._entry_of_list(explanation)
        return None if entry is None else (entry.visit, self.program.first_line(entry.visit))

    def _entry_of_list(self, explanation: Explanation) -> Binding | None:
        """Return where a list is made of numbers of several lines, of which one is wrong."""
        variant = explanation.variant
        right = variant.without_mistakes()
        for line in variant.reference.nodes:
            value = np.asarray(variant.value(line))
            if value.size != 1 or is_equal(variant.value(line), right.value(line)):
                continue
            number = float(value.flat[0])
            for each in self.recording.made() if self.observed.is_telling(number) else ():
                found = self.recording.values[each.key]
                if found.ndim == 1 and np.isclose(found, number, rtol=1e-9, atol=0.0).any():
                    return each
        return None

    def _unchanged(self, line: str, variant: Variant) -> Visit | None:
        """Return a statement in place that leaves a value as it is: np.positive(z, out=z)."""
        keys = self.observed.find(variant.value(line))
        found = self._aliases.without_effect(self.observed.creations[keys[0]]) if keys else None
        return None if found is None else found.visit

    # The line where the value appears

    def _binding(self, line: str, value: Any, explanation: Explanation) -> Binding | None:
        """Return the first binding of the wrong value of a line."""
        mistake = mistakes_in_order(explanation, explanation.variant.reference)[0]
        if mistake.name in ("dC_dz_used_as_dC_da", "activation_derivative_twice"):
            stored = self.names.stored_as_gradient(explanation.variant)
            if stored is None and mistake.name == "activation_derivative_twice":
                stored = self.names.multiplied_again(line, explanation.variant)
            if stored is not None:
                return stored
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
            if mistake.name == "softmax_not_normalised":
                binding = self._uses.passed_on(binding)
            binding = self._in_loop(binding, line, mistake)
            if mistake.name == "batch_scale" and self._uses.loops_over_samples():
                binding = self._step(binding, line, explanation.variant)
            return self._after_error(
                binding, line, mistake, {key for keys, _ in found for key in keys}
            )
        keys = self._entry_keys(value, found)
        entry = self._aliases.find(keys, line, mistake, explanation) if keys else None
        if entry is not None and (
            means_quantity(entry.path, quantity_of(line))
            or any(self.program.is_plain_assignment(entry, stored=way) for way in (False, True))
        ):
            return entry
        for keys, _ in found:
            alias = self._aliases.find(keys, line, mistake, explanation) if keys else None
            if alias is not None:
                return self._in_loop(alias, line, mistake)
        return None

    def _step(self, binding: Binding, line: str, variant: Variant) -> Binding:
        """Go from a sum over the samples to where it is returned, or else to the step with it.

        The sum itself is right: a division by N may come after it.
        """
        handed = self._uses.renamed(binding) or self._uses.handed_back(binding)
        if handed is not binding or not self._uses.is_repeated(binding.visit):
            return handed
        after = f"{line.removeprefix('dC_d')}_next"
        keys = self.observed.find(variant.value(after)) if variant.read(after) is not None else ()
        return next((self.observed.creations[key] for key in keys), binding)

    def _entry_keys(self, value: Any, found: Sequence[tuple[Sequence[int], float]]) -> list[int]:
        """Return the keys of the first entry where a vector is computed entry by entry."""
        entry = float(np.ravel(value)[0])
        if np.ndim(value) != 2 or len(value) > 1 or np.size(value) < 2 or not entry:
            return []
        keys = self.observed.find(np.array(entry))
        whole = {key for some, _ in found for key in some}
        orders = [each.visit.order for each in self.recording.bindings if each.key in whole]
        # The first is where the value is rightly made, for another line of the working.
        begin = min((self.observed.creations[key].visit.order for key in keys), default=np.inf)
        return keys if begin < min(orders[1:], default=np.inf) else []

    def _in_loop(self, binding: Binding, line: str, mistake: Mistake) -> Binding:
        """Return the line of the loop that replaces a sum, for the part of the last sample."""
        last = mistake.name.endswith("_not_summed") and mistake.detail == "last"
        return self._uses.overwritten(binding, line) if last else binding

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

    def _after_error(
        self, binding: Binding, line: str, mistake: Mistake, keys: Container[int]
    ) -> Binding:
        """Skip a variable with the error, which is no gradient yet: return where it is used.

        ``keys`` are those of the wrong gradient and its multiples.
        """
        if (
            mistake.name not in ("cost_gradient_scale", "wrong_cost")
            or not line.startswith("dC_da")
            or not self._is_error(binding.key)
        ):
            return binding
        handed = self._uses.handed_back_elsewhere(binding)
        if handed is not None:
            return handed
        names = re.findall(r"\w+", binding.path)
        if not names or not _ERROR_NAME.match(names[-1]):
            return binding
        readers = [
            other
            for other in self.recording.made()
            if other.visit.order > binding.visit.order
            and names[0] in other.visit.before
            and (statement := self.program.statement(other.visit)) is not None
            and reads(statement, names[-1])
        ]
        return next((each for each in readers if each.key in keys), (*readers, binding)[0])

    def _is_error(self, key: int) -> bool:
        """Whether a value is prediction minus target, or an entry of it."""
        if any(each.name == texts.PREDICTION_MINUS_TARGET for each in self.program.labels(key)):
            return True
        values = self.observed.values
        error = values[f"a{self.observed.depth}"] - values["target"]
        found = self.recording.values[key]
        return (
            found.size == 1
            and self.observed.is_telling(float(found.flat[0]))
            and bool(np.any(np.abs(error - found) <= self.observed.relative * np.abs(error)))
        )

    # The part that is wrong

    def _origin(self, binding: Binding, mistake: Mistake, line: str, variant: Variant) -> Visit:
        handed = self._causes.handed_back_slope(binding, mistake, line, variant)
        if handed is not None:
            return handed.visit
        part = self._causes.wrong_part(binding, mistake, line, variant)
        binding = part or binding
        operand = wrong_operands(mistake, line, variant)
        if operand is not None:
            return self._operands.origin(binding.visit, mistake, *operand)
        visit = binding.visit
        if mistake.name not in _BY_NAME or binding.path.startswith(RETURN):
            visit = self._callers.of_caller(visit, mistake, line, variant)
        if part is not None and mistake.name == "activation_instead_of_derivative":
            while visit.frame.visit is not None and self._causes.returned_an_output(visit.frame):
                visit = visit.frame.visit
            return self._uses.used(visit, part)
        if part is None and mistake.name == "activation_instead_of_derivative":
            output = np.asarray(variant.value(f"a{variant.reference.nodes[line].layer}"))
            return self._uses.named_slope(binding, output) or visit
        if mistake.name == "penalty_gradient_missing":
            return Composition(self.program).without_penalty(visit)
        if mistake.name == "penalty_missing_in_cost":
            return self._uses.after_penalty(binding, variant) or visit
        if mistake.name in ("missing_bias", "bias_subtracted") and visit is binding.visit:
            return self._uses.started(binding)
        return visit

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
