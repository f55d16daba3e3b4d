"""Find the part of a program that makes a value wrong: a factor, or a function that it calls."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

import numpy as np

from backprop_explorer.engine.costs import COSTS
from backprop_explorer.texts import tutor_code as texts
from backprop_explorer.tutor.checker.variants import Mistake, Variant
from backprop_explorer.tutor.code.arrays import Array, without_ones
from backprop_explorer.tutor.code.naming import reads_path
from backprop_explorer.tutor.code.program import ProgramRun
from backprop_explorer.tutor.code.quantities import same_entries
from backprop_explorer.tutor.code.recorder import Binding, Frame, Visit
from backprop_explorer.tutor.code.source import is_number


class Causes:
    """Finds the causes of the wrong values of one program."""

    def __init__(self, program: ProgramRun) -> None:
        self.program = program
        self.observed = program.observed
        self.recording = program.recording

    def of_cost(self, mistake: Mistake, variant: Variant) -> Visit | None:
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

    def of_number(self, visit: Visit, number: float) -> tuple[Visit, int] | None:
        """Return the line that has a number which a function computed with.

        The number may be in the function, the default of a parameter, given by a caller, or a
        variable of the file.
        """
        at: Visit | None = visit
        while at is not None:
            statement, source = self.program.statement(at), self.program.source(at.file)
            for node in ast.walk(statement) if statement is not None else ():
                if isinstance(node, ast.Constant) and is_number(node, number):
                    return at, node.lineno
            function = source.function(at.line)
            if function is not None:
                for default in (*function.args.defaults, *function.args.kw_defaults):
                    if default is not None and is_number(default, number):
                        return at, default.lineno
            for name in at.frame.code.co_names:
                line = source.constant(name, number)
                if line is not None:
                    return at, line
            at = at.frame.visit
        return None

    def wrong_part(
        self, binding: Binding, mistake: Mistake, line: str, variant: Variant
    ) -> Binding | None:
        """Return the binding of the part that makes the value of a line wrong."""
        before = [each for each in self.recording.made() if each.key < binding.key]
        if mistake.name == "cost_gradient_sign" or mistake.detail.startswith("-"):
            for each in before:
                if any(
                    n.name == texts.TARGET_MINUS_PREDICTION for n in self.program.labels(each.key)
                ):
                    return each
        if "activation_backward" in mistake.misconception.families and line.startswith("dC_dz"):
            return self._wrong_slope(before, binding, line, variant)
        if mistake.name in ("softmax_wrong_axis", "activation_sign") and line[0] == "a":
            return self._wrong_exponential(before, mistake, line, variant)
        if mistake.name in ("penalty_scale_in_cost", "penalty_gradient_scale"):
            data = self._without_penalty(line, variant)
            penalty = np.asarray(variant.value(line)) - data
            return next(
                (each for each in before if same_entries(self.recording.values[each.key], penalty)),
                None,
            )
        if mistake.name == "wrong_cost_value":
            return self._wrong_loss(before, binding, mistake, variant)
        node, value = variant.reference.nodes[line], np.asarray(variant.value(line))
        if mistake.name in ("missing_bias", "bias_subtracted") and (
            column := self._without_one(before, line, variant)
        ):
            return column
        if node.op == "affine" and value.ndim == 2:
            return self._wrong_product(before, line, value, variant)
        return None

    @staticmethod
    def _without_penalty(line: str, variant: Variant) -> Any:
        """Return the cost, or a gradient, without its penalty."""
        if not line.startswith("dC_dW"):
            return variant.value("C_data")
        k = int(line[5:])
        below = np.asarray(variant.read("x" if k == 1 else f"a{k - 1}"))
        return below.T @ np.asarray(variant.read(f"dC_dz{k}"))

    def _wrong_loss(
        self, before: Sequence[Binding], binding: Binding, mistake: Mistake, variant: Variant
    ) -> Binding | None:
        """Return where the losses of another cost are passed to the line that adds them up."""
        cost = COSTS[mistake.detail.split("/")[0]]
        prediction = variant.read(f"a{variant.reference.trace.network.depth}")
        losses = cost.loss(np.asarray(prediction), np.asarray(variant.read("target")))
        statement = self.program.statement(binding.visit)
        return next(
            (
                each
                for each in before
                if each.visit is not binding.visit
                and (
                    self.program.is_called_from(each.visit, binding.visit)
                    or (statement is not None and reads_path(statement, each.path))
                )
                and any(
                    self.program.is_value(self.recording.values[each.key], form)
                    for form in (losses, -losses)
                )
            ),
            None,
        )

    def _without_one(
        self, before: Sequence[Binding], line: str, variant: Variant
    ) -> Binding | None:
        """Return where a layer's input gets a column of 0 or −1 in place of the 1 that b is for."""
        k = variant.reference.nodes[line].layer or 1
        below = variant.read("x" if k == 1 else f"a{k - 1}")
        for each in before:
            value = self.recording.values[each.key]
            found = (without_ones(value, one) for one in (0.0, -1.0))
            if any(rest is not None and self.program.is_value(rest, below) for rest in found):
                return each
        return None

    def _wrong_exponential(
        self, before: Sequence[Binding], mistake: Mistake, line: str, variant: Variant
    ) -> Binding | None:
        """Return the binding of the part of softmax that is wrong, or of what it is used in."""
        layer = variant.reference.nodes[line].layer or 1
        z = np.asarray(variant.value(f"z{layer}"))
        parts: list[Array] = []
        if mistake.name == "activation_sign":
            if variant.reference.trace.network.layers[layer - 1].activation == "softmax":
                parts += [np.exp(top - z) for top in (0.0, z.max(), z.max(axis=1, keepdims=True))]
        elif mistake.detail != "sum":
            top = z.max(axis=0)
            parts += [top, z - top, np.exp(z - top)]
        else:
            for top in (0.0, z.max(), z.max(axis=1, keepdims=True)):
                parts.append(np.exp(z - top).sum(axis=0))
        for each in before:
            found = self.recording.values[each.key]
            right = self.observed.is_right(each.key) and mistake.name != "activation_sign"
            if not right and any(same_entries(found, part) for part in parts):
                return each
        return None

    def _wrong_product(
        self, before: Sequence[Binding], line: str, value: Array, variant: Variant
    ) -> Binding | None:
        """Return the binding of a wrong weighted sum, before the bias is added."""
        b = np.asarray(variant.read(f"b{variant.reference.nodes[line].layer}"))
        right = np.asarray(variant.without_mistakes().value(line))
        parts = {
            key
            for sign in (-1.0, 1.0)
            if not self.observed.recognise(value + sign * b)
            for key in self.observed.partial(line, value + sign * b, right + sign * b)
        }
        for each in before:
            found = self.recording.values[each.key]
            if each.key in parts or (
                not self.observed.is_right(each.key)
                and (same_entries(found, value - b) or same_entries(found, value + b))
            ):
                return each
        return None

    def _wrong_slope(
        self, before: Sequence[Binding], binding: Binding, line: str, variant: Variant
    ) -> Binding | None:
        """Return the binding of the factor that makes ∂C/∂z wrong."""
        pairs = self._gradients(line, variant)
        again: Binding | None = None
        known: set[str] = set()
        for each in before:
            found = self.recording.values[each.key]
            if not any(self._is_wrong_slope(found, *pair, each.key, line) for pair in pairs):
                continue
            names = {
                label.name
                for label in self.program.labels(each.key)
                if label.line or label.name.startswith("f'")
            }
            if not names:
                return each
            # A right quantity, used wrongly: it counts where it is computed once more.
            if names & known or self.program.is_called_from(each.visit, binding.visit):
                again = each
            known |= names
        return again

    @staticmethod
    def _gradients(line: str, variant: Variant) -> list[tuple[Array, Array]]:
        """Return ∂C/∂a and ∂C/∂z of a layer, and of the first sample."""
        value = np.asarray(variant.value(line))
        dC_da = np.asarray(variant.value(f"dC_da{variant.reference.nodes[line].layer}"))
        first = [(dC_da[:1], value[:1])] if len(value) > 1 else []
        return [(dC_da, value), *first]

    def slope_alone(self, mistake: Mistake, line: str, variant: Variant) -> Binding | None:
        """Return the binding of an unknown f' whose product with ∂C/∂a has no name."""
        families = mistake.misconception.families
        if "activation_backward" not in families or not line.startswith("dC_dz"):
            return None
        pairs = self._gradients(line, variant)
        for each in self.recording.made():
            found = self.recording.values[each.key]
            if not self.program.labels(each.key) and any(
                self._is_wrong_slope(found, *pair, each.key, line) for pair in pairs
            ):
                return each
        return None

    def handed_back_slope(
        self, binding: Binding, mistake: Mistake, line: str, variant: Variant
    ) -> Binding | None:
        """Return the ``return`` of a right value, or of ones, in place of a derivative."""
        if not line.startswith("dC_dz"):
            return None
        value = np.asarray(variant.value(line))
        dC_da = np.asarray(variant.value(f"dC_da{variant.reference.nodes[line].layer}"))
        for frame in self.recording.children(binding.visit):
            if frame.returned is None or frame.return_line is None:
                continue
            found = self.recording.values[frame.returned]
            end = [each for each in self.recording.bindings if each.visit.frame is frame][-1:]
            ones = mistake.name == "missing_activation_derivative" and bool(np.all(found == 1.0))
            source = self.program.source(frame.code.co_filename)
            statement = source.statement(frame.return_line)
            named = isinstance(statement, ast.Return) and isinstance(
                statement.value, ast.Name | ast.Attribute
            )
            if end and (
                (ones and found.size > 1)
                or (
                    named
                    and mistake.name == "activation_instead_of_derivative"
                    and not self._returned_before(frame)
                    and (
                        self._is_wrong_slope(found, dC_da, value, frame.returned, line)
                        or same_entries(found * dC_da.flat[0], value.flat[0])
                    )
                )
            ):
                return end[0]
        return None

    def _is_wrong_slope(
        self, found: Array, dC_da: Array, value: Array, key: int, line: str
    ) -> bool:
        """Whether a recorded value is the factor that makes ∂C/∂z wrong."""
        layer = line.removeprefix("dC_dz")
        if any(label.name in (f"f'(z{layer})", line) for label in self.observed.labels[key]):
            return False
        if value.shape != dC_da.shape:
            return False
        if found.size == 1 and value.size > 1 and len(value) == 1:
            # Entry by entry, in a loop.
            given, first = float(found.flat[0]), (float(dC_da.flat[0]), float(value.flat[0]))
            return self.observed.is_telling(given) and abs(given * first[0] - first[1]) <= (
                self.observed.relative * abs(first[1])
            )
        if found.size == value.size:
            for form in (found.ravel(), found.T.ravel()):
                slope = form.reshape(value.shape)
                if same_entries(slope * dC_da, value):
                    return not np.allclose(slope[dC_da != 0.0], 1.0, rtol=1e-12)
        n = value.shape[-1]
        if len(value) == 1 and found.shape == (n, n) and n > 1:
            return same_entries(dC_da @ found, value) or same_entries(dC_da @ found.T, value)
        return False

    def returned_an_output(self, frame: Frame) -> bool:
        """Whether another call of the function computed the output of a layer."""
        return any(
            other.code is frame.code and other is not frame and self._computed_an_output(other)
            for other in self.recording.frames
        )

    def _returned_before(self, frame: Frame) -> bool:
        """Whether the same ``return`` has the output of a layer before."""
        return any(
            other.code is frame.code
            and other.return_line == frame.return_line
            and other.number < frame.number
            and self._computed_an_output(other)
            for other in self.recording.frames
        )

    def _computed_an_output(self, frame: Frame) -> bool:
        """Whether a call returned the output of a layer that was not known before."""
        key = frame.returned
        return (
            key is not None
            and any(label.line and label.name[0] == "a" for label in self.program.labels(key))
            and min(self.observed.find(self.recording.values[key]), default=key) == key
        )
