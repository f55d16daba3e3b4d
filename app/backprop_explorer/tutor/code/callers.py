"""Find out whether a function is right, and its caller called it for the wrong thing."""

from __future__ import annotations

import ast
import re
from types import CodeType
from typing import Any

import numpy as np

from backprop_explorer.engine.activations import ACTIVATIONS
from backprop_explorer.engine.costs import COSTS
from backprop_explorer.tutor.checker.variants import Mistake, Variant
from backprop_explorer.tutor.code.arrays import numbers
from backprop_explorer.tutor.code.naming import is_output_name, names_entry
from backprop_explorer.tutor.code.program import ProgramRun
from backprop_explorer.tutor.code.quantities import same_entries
from backprop_explorer.tutor.code.recorder import MAX_DEPTH, Frame, Visit, leaves
from backprop_explorer.tutor.mistakes.derivatives import OF_THE_OUTPUT

_DERIVATIVE_NAME = re.compile(
    r"der|prime|grad|deriv|slope|backward|jacobian|^d[_A-Z]|_d$", re.IGNORECASE
)
_TARGET_NAME = re.compile(r"target|true|label|^[ty]s?$|^y_?(?!hat|pred)", re.IGNORECASE)


class Callers:
    """Finds the callers of one program that make a mistake with a right function."""

    def __init__(self, program: ProgramRun) -> None:
        self.program = program
        self.observed = program.observed
        self.recording = program.recording

    def of_caller(self, visit: Visit, mistake: Mistake, line: str, variant: Variant) -> Visit:
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
        if mistake.name in ("missing_bias", "bias_subtracted"):
            b = variant.read(f"b{variant.reference.nodes[line].layer}")
            return self._hands_back(frame, variant.value(line)) and not self._has(frame, b)
        if mistake.name == "wrong_activation" and self._is_right_elsewhere(frame, mistake, variant):
            return True
        if mistake.name in ("wrong_activation", "wrong_activation_derivative") and (
            self._calls_a_parameter(frame)
        ):
            return True
        if self._is_told(frame, mistake, line, variant):
            return True
        detail = mistake.detail.split("/")[0]
        layers = variant.reference.trace.network.layers
        if frame.code.co_name == "<lambda>" and mistake.name == "wrong_activation_derivative":
            return any(layer.activation == detail for layer in layers)
        if mistake.name in ("wrong_activation", "wrong_activation_derivative"):
            own = variant.reference.trace.network.layers[
                (variant.reference.nodes[line].layer or 1) - 1
            ].activation
            return (
                detail in ACTIVATIONS and names_entry(name, detail) and not names_entry(name, own)
            )
        if mistake.name in ("wrong_cost", "wrong_cost_value"):
            cost = variant.reference.trace.objective.cost
            return detail in COSTS and names_entry(name, detail) and not names_entry(name, cost)
        if mistake.name == "activation_instead_of_derivative":
            dC_da = variant.value(f"dC_da{variant.reference.nodes[line].layer}")
            if any(self._has(frame, scale * np.asarray(dC_da)) for scale in self.observed.scales):
                return False  # it multiplies by the slope, and is no activation
            outputs = self._outputs()
            helpers = outputs - {self.recording.frames[0].code}
            if frame.code in outputs or _DERIVATIVE_NAME.search(frame.code.co_name):
                return frame.code in outputs
            return not helpers  # with a function for outputs, another one is for derivatives
        if mistake.name in ("cost_gradient_sign", "cost_sign"):
            return self._arguments_are_swapped(frame, variant)
        return False

    def _is_told(self, frame: Frame, mistake: Mistake, line: str, variant: Variant) -> bool:
        """Whether a function does what an argument says: over an axis, or with an output."""
        if mistake.name == "softmax_wrong_axis":
            code = frame.code
            return "axis" in code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        if mistake.name == "wrong_activation_derivative" and mistake.detail in OF_THE_OUTPUT:
            z = variant.read(f"z{variant.reference.nodes[line].layer}")
            return self._takes_an_output(frame, z)
        return False

    def _takes_an_output(self, frame: Frame, z: Any) -> bool:
        """Whether a function of an output, by the name of its parameter, was called with a z."""
        return any(
            is_output_name(name)
            and name in frame.arguments
            and self.program.is_value(self.recording.values[frame.arguments[name]], z)
            for name in frame.parameters[:1]
        )

    def _hands_back(self, frame: Frame, wanted: Any) -> bool:
        """Whether a function returns a value, or an object with it."""
        found = (numbers(each) for _, each in leaves("", frame.returned_object, MAX_DEPTH - 1))
        return any(each is not None and same_entries(each, wanted) for each in found)

    def _has(self, frame: Frame, wanted: Any) -> bool:
        """Whether a function can use a value: as an argument, in one, or as its own variable."""
        return any(
            same_entries(self.recording.values[key], wanted)
            for key in (*frame.arguments.values(), *frame.last.values())
        )

    def _is_right_elsewhere(self, frame: Frame, mistake: Mistake, variant: Variant) -> bool:
        """Whether the function rightly returned the output of another layer in another call."""
        layers = variant.reference.trace.network.layers
        lines = [
            f"a{k}" for k, layer in enumerate(layers, start=1) if layer.activation == mistake.detail
        ]
        return any(
            other.code is frame.code
            and other.returned is not None
            and any(
                same_entries(self.recording.values[other.returned], each.value(name))
                for name in lines
                for each in (variant, variant.without_mistakes())
            )
            for other in self.recording.frames
        )

    def _outputs(self) -> set[CodeType]:
        """Return the functions in which the output of a layer is computed first."""
        first: dict[str, CodeType] = {}
        for binding in self.recording.made():
            for label in self.program.labels(binding.key):
                if label.line and label.factor == 1.0 and label.name[0] == "a":
                    first.setdefault(label.name, binding.visit.frame.code)
        return set(first.values())

    def _calls_a_parameter(self, frame: Frame) -> bool:
        """Whether the last line of a function calls a function that it was given."""
        source = self.program.source(frame.code.co_filename)
        statement = source.statement(frame.return_line or frame.code.co_firstlineno)
        return statement is not None and any(
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in frame.parameters
            for node in ast.walk(statement)
        )

    def _arguments_are_swapped(self, frame: Frame, variant: Variant) -> bool:
        """Whether a function of prediction and target got the target for the prediction."""
        depth = variant.reference.trace.network.depth
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
