"""Find the source line in which a mistake of the catalog is made.

The value that the mistake gives is made by some step. From there the way leads back through steps
that no right value explains, to the earliest whose inputs are right. It is the caller's line, not
the helper's, if the helper is right for another input or gets a wrong one; and the line that gives
a right value another name, if that is the mistake.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from backprop_explorer.engine import names
from backprop_explorer.texts import tutor_code as texts
from backprop_explorer.tutor.checker.variants import Mistake, Variant
from backprop_explorer.tutor.exercise.explanations import (
    Explanation,
    mistakes_in_order,
    quantity_of,
)
from backprop_explorer.tutor.exercise.name_choice import loops_over_samples, stored_as_gradient
from backprop_explorer.tutor.exercise.observed import Observed, Result, same_entries
from backprop_explorer.tutor.exercise.returned_lines import ParameterUpdate
from backprop_explorer.tutor.mistakes import MISCONCEPTIONS, ids
from backprop_explorer.tutor.mistakes.search import changes_nothing, confused
from backprop_explorer.tutor.program.aliases import chosen, followed, plain_assignments
from backprop_explorer.tutor.program.source import (
    ERROR_NAME,
    OUTPUT_NAME,
    TARGET_NAME,
    Place,
    class_of,
    covers,
    default_line,
    function_of,
    held_by,
    is_passed,
    last_assignment,
    line_of,
    means_quantity,
    names_entry,
    nodes_of,
    passed_name,
    plain_uses,
    position_in,
    renamed_at,
    statement_at,
    unread_line,
)
from backprop_explorer.tutor.program.steps import VIEWS, SourceFrame

_BY_NAME = frozenset(
    {ids.WRONG_ACTIVATION, ids.WRONG_ACTIVATION_DERIVATIVE, ids.ACTIVATION_INSTEAD_OF_DERIVATIVE}
)
_COST_VALUES = (ids.COST_SCALE, ids.COST_SIGN)
_OTHER_COSTS = (ids.WRONG_COST, ids.WRONG_COST_VALUE)
_COST_GRADIENTS = (ids.COST_GRADIENT_SIGN, ids.COST_GRADIENT_SCALE, *_OTHER_COSTS)
_PRODUCTS = frozenset({"matmul", "multiply", "einsum", "tensordot", "outer"})
_LETTERS = ("z", "a", names.OF_Z, names.OF_A, names.OF_B, names.OF_W)


class Locator:
    """Finds the source lines of the mistakes of one program."""

    def __init__(self, observed: Observed, updates: Sequence[ParameterUpdate]) -> None:
        self.observed, self.run, self.updates = observed, observed.run, updates
        self._following: frozenset[int] = frozenset()

    # What is right

    def is_right(self, at: int, *, strictly: bool = False) -> bool:
        """Whether nothing is wrong with a step; ``strictly``: it is no multiple of a right one."""
        labels = self.observed.labels[at]
        if not self.run.steps[at].op or at in self.observed.support:
            return True
        # A product with one factor of f' is right only if the other one follows.
        whole = [e for e in labels if e.factor == 1.0 and not e.name.startswith("∂C/∂a")]
        return bool(whole if strictly else labels)

    def region(self, start: int) -> list[int]:
        """Return a step and the steps behind it that are not right, in order."""
        found, waiting = set[int](), [start]
        while waiting:
            at = waiting.pop()
            if at in found or (at != start and self.is_right(at)):
                continue
            found.add(at)
            waiting += self.run.steps[at].inputs
        return sorted(found)

    def origin(self, start: int) -> int:
        """Return the earliest step behind a wrong one that has only right inputs."""
        region = self.region(start)
        inside = set(region)
        return next(at for at in region if not inside.intersection(self.run.steps[at].inputs))

    # Named mistakes

    def locate(self, explanation: Explanation) -> Place | None:
        """Return the file and line of the first mistake, None if it left no trace."""
        variant = explanation.variant
        reference, right = variant.reference, variant.without_mistakes()
        mistake = mistakes_in_order(explanation, reference)[0]
        order = reference.order
        lines = sorted(reference.nodes, key=order.__getitem__)
        begin = min(order[name] for name in mistake.lines)
        observed = self.observed
        self._following = self._consequences(mistake, variant)
        given = {e.line for e in observed.results if observed.gives(e, observed.lines[e.line])}
        for line in lines[begin:]:
            value = variant.value(line)
            if changes_nothing(value, right.value(line)) or line in given:
                continue
            place = self._place(line, value, right.value(line), mistake, variant)
            if place is not None:
                return place
        if self.run.automatic and mistake.name in (*_COST_VALUES, *_COST_GRADIENTS):
            numbers = [step for step in self.run.steps if step.op and step.value.size == 1]
            return numbers[-1].line if numbers else None
        return self.first_unknown(self._wrong_results())

    def _lines_of(self, mistake: Mistake) -> list[str]:
        """Return the lines in which a mistake is made: not where its function is the right one."""
        layers = self.observed.traces[0].network.layers
        return [
            line
            for line in mistake.lines
            if mistake.name != ids.WRONG_ACTIVATION
            or layers[(names.named(line).layer or 1) - 1].activation.partition("(")[0]
            != mistake.detail
        ]

    def _consequences(self, mistake: Mistake, variant: Variant) -> frozenset[int]:
        """Return the steps that are only wrong because of the mistake, which is made before."""
        right, keys = variant.without_mistakes(), (list[int](), list[int]())
        for line in variant.reference.nodes:
            value = variant.value(line)
            if not changes_nothing(value, right.value(line)):
                made = line in self._lines_of(mistake)
                if made or names.named(line).kind in ("z", "a"):
                    found = self.observed.partial(line, value, right.value(line))
                    keys[made].extend([*self.observed.find(value), *found])
        return self.run.ancestors(keys[0]) - self.run.ancestors(keys[1])

    def _place(
        self, line: str, value: Any, right: Any, mistake: Mistake, variant: Variant
    ) -> Place | None:
        observed = self.observed
        if mistake.name == ids.GRADIENT_TRANSPOSED:
            return self._transposed(line)
        if mistake.name in (ids.DC_DZ_USED_AS_DC_DA, ids.ACTIVATION_DERIVATIVE_TWICE):
            # ∂C/∂z is stored as ∂C/∂a, or is multiplied by f'(z) once more.
            stored = stored_as_gradient(observed, variant)
            if stored is not None:
                return self.run.steps[stored].line
        wrong = self._on_the_way

        def on_the_way(keys: Sequence[int]) -> list[int]:
            # A cost may be computed of the same values.
            return [k for k in keys if k in wrong] or list(keys)

        found = [(on_the_way(k), scale) for k, scale in observed.appearances(line, variant)]
        partial = observed.partial(line, value, right)
        fresh = on_the_way(self._fresh(found, line, partial, mistake))
        if fresh:
            slope = self._slope(min(fresh), line, mistake, variant)
            if slope is not None:
                return slope
            start = min(fresh)
            if mistake.name == ids.MISSING_BIAS:
                start = self._last_of(start, fresh)
                begun = self._begun(start)
                if begun is not None:
                    return begun
            return self._of_step(start, line, mistake, variant)
        for keys, scale in found:
            entry = float(np.ravel(value)[0]) * scale
            if not keys and np.size(value) > 1 and entry and abs(entry - round(entry)) > 1e-9:
                keys = observed.find(np.array(entry))
            if keys:
                return self._alias(keys, line, mistake, variant)
        return None

    def _begun(self, at: int) -> Place | None:
        """Return where a sum begins that a loop adds to: ``s = 0``."""
        step = self.run.steps[at]
        frame = step.frames[0]
        function, statement = function_of(frame), statement_at(frame.file, frame.line)
        if function is None or not isinstance(statement, ast.AugAssign):
            return None
        begun = last_assignment(function, ast.unparse(statement.target), frame.line)
        zero = begun is not None and isinstance(begun.value, ast.Constant)
        return (frame.file, begun.lineno) if begun is not None and zero else None

    def _last_of(self, start: int, keys: Sequence[int]) -> int:
        """Return the last of equal values that are made of each other in one call."""
        run = self.run
        for each in sorted(keys):
            same = np.array_equal(run.steps[each].value, run.steps[start].value)
            calls = {frame.call for at in (each, start) for frame in run.steps[at].frames[:1]}
            if start in run.steps[each].inputs and same and len(calls) == 1:
                start = each
        return start

    def _fresh(
        self,
        found: Sequence[tuple[list[int], float]],
        line: str,
        partial: Sequence[int],
        mistake: Mistake,
    ) -> list[int]:
        """Return the steps of a wrong value that are no other line's value.

        A multiple of the right value may be rightly computed in a program that divides by N later.
        """
        labels = self.observed.labels
        # 2(a − y) may be a multiple of ∂C/∂z by chance.
        exactly = mistake.name in _OTHER_COSTS
        fresh = [k for k in partial if not self._is_other(k, line, exactly=exactly)]
        for keys, scale in found:
            fresh += [
                k
                for k in keys
                if not self._is_other(k, line, exactly=exactly)
                and (scale == 1.0 or all(e.name != line for e in labels[k]))
            ]
        return fresh

    def _is_other(self, key: int, line: str, *, exactly: bool = False) -> bool:
        """Whether a value is rightly that of another line, such as z used as a."""
        lines = [label for label in self.observed.labels[key] if label.line]
        exact = [label for label in lines if label.factor == 1.0]
        known = exact if exactly else exact or lines
        return bool(known) and all(label.name != line for label in known)

    def _slope(self, start: int, line: str, mistake: Mistake, variant: Variant) -> Place | None:
        """Return where the wrong derivative of an activation is computed, by its value."""
        if names.named(line).kind != names.OF_Z or "activation_backward" not in (
            MISCONCEPTIONS[mistake.name].families
        ):
            return None
        value = np.asarray(variant.value(line))
        above = names.gradient(names.activation(names.named(line).layer or 1))
        carried = variant.value(above) if above in variant.reference.nodes else None
        if carried is None or np.shape(carried) != value.shape:
            return None
        slope = value / np.asarray(carried)
        if slope.size > 1 and not np.ptp(slope):
            return None
        forms = [slope, slope[0]]
        if self.observed.is_telling(float(slope.flat[0])):
            forms.append(slope.flat[0])
        before = self.run.ancestors([start])
        for form in forms:
            keys = self.observed.find(form) if np.isfinite(form).all() else []
            keys = [k for k in keys if k in before and k not in self._forward]
            if keys:
                return self._of_step(keys[-1], line, mistake, variant)
        return None

    @cached_property
    def _forward(self) -> frozenset[int]:
        """The steps that outputs of the network are computed from."""
        output = names.activation(self.observed.depth)
        found: dict[int | None, int] = {}
        for at, labels in enumerate(self.observed.labels):
            for each in labels:
                if each.name == output and each.factor == 1.0:
                    found.setdefault(each.sample, at)
        return self.run.ancestors(found.values())

    def _transposed(self, line: str) -> Place | None:
        """Return where a gradient is first computed in the other orientation."""
        observed, run = self.observed, self.run
        for each in self._wrong_results():
            for at in sorted(run.ancestors([each.index])):
                value = observed.values[at]
                for label in observed.labels[at] if run.steps[at].op and value.ndim == 2 else ():
                    right = label.factor * np.asarray(observed.lines[line])
                    if label.name == line and not observed.gives(Result("", value, line), right):
                        return run.steps[at].line
        return None

    def _wrong_results(self) -> list[Result]:
        return [
            each
            for each in self.observed.results
            if each.index >= 0 and not self.observed.gives(each, self.observed.lines[each.line])
        ]

    @property
    def _on_the_way(self) -> frozenset[int]:
        """The steps that wrong results are computed from."""
        return self.run.ancestors([each.index for each in self._wrong_results()])

    # From a step to a line

    def _of_step(self, start: int, line: str, mistake: Mistake, variant: Variant) -> Place | None:
        if (
            mistake.name in (ids.COST_GRADIENT_SCALE, ids.WRONG_COST)
            and quantity_of(line) == names.OF_A
        ):
            start = self._after_error(start)
            handed = self._handed_in(start)
            if handed is not None:
                return handed
        operands = self._confused(mistake, line, variant)
        if operands is not None:
            place = self._of_confused(start, *operands)
            if place is not None:
                return place
        at = self._made(start, mistake)
        if mistake.name == ids.SOFTMAX_WRONG_AXIS:
            return self._axis_line(at)
        if not self.run.steps[at].frames:
            return None
        if mistake.name == ids.TRANSPOSED_WEIGHTS:
            return self.run.steps[at].line
        place = self._by_rule(start, at, line, mistake)
        if place is not None:
            return place
        frame = self._frame(at, mistake)
        if re.fullmatch(r"[-\d.e]+", mistake.detail):
            default = default_line(frame, float(mistake.detail))
            if default is not None:
                return frame.file, default
        if self._is_output(start):
            inner = frame == self.run.steps[start].frames[0]
            text = self.run.steps[start].text if inner else None
            return self._handed_on(frame, text) or frame[:2]
        return frame[:2]

    def _of_confused(self, start: int, taken: Any, needed: Any) -> Place | None:
        """Return where another operand is taken than the one that is needed."""
        reader, wrong = self._reader(start, taken), np.asarray(taken)
        if reader is None and self.is_right(start, strictly=True):
            behind = self.run.ancestors([start])
            found = self.observed.find(wrong) or self.observed.find(wrong[0]) or [start]
            pairs = [(each, at) for each in found for at in self.run.readers[each] if at in behind]
            reader = max(pairs, key=lambda pair: pair[1] == start, default=(found[0], start))
        if reader is not None and same_entries(wrong, needed):
            turned, place = self.run.steps[reader[0]], self.run.steps[reader[1]].line
            # A view has the place of its first reader.
            own = place is None or re.search(r"\.T\b|transpose", line_of(*place))
            return turned.line if turned.op == "transpose" and not own else place
        return None if reader is None else self._of_operand(*reader, needed)

    def _made(self, start: int, mistake: Mistake) -> int:
        """Return the step behind a wrong one in which a mistake of this kind is made."""
        ops = {ids.ACTIVATION_SIGN: "exp"}
        if mistake.name == ids.SOFTMAX_WRONG_AXIS:
            ops[mistake.name] = "max" if mistake.detail == "maximum" else "sum"
        found = [e for e in self.region(start) if self.run.steps[e].op == ops.get(mistake.name)]
        if found:
            return found[0]
        return start if mistake.name in _COST_VALUES else self.origin(start)

    def _by_rule(self, start: int, at: int, line: str, mistake: Mistake) -> Place | None:
        """Return the line of a mistake that some programs do not make where they compute."""
        run, name = self.run, mistake.name
        if mistake.detail == "last":
            labels = self.observed.labels
            parts = (
                k for k in run.steps[at].inputs if any(e.sample is not None for e in labels[k])
            )
            at = next(parts, at) if at == start else at
            return self._not_added(at) or self._frame(at, mistake)[:2]
        if name == ids.BATCH_SCALE and loops_over_samples(self.observed):
            return self._of_scale(start, line)
        if name == ids.SOFTMAX_NOT_NORMALISED:
            named = OUTPUT_NAME.search(run.steps[start].name)
            return run.steps[start].line if named else self._last_place(start)
        if name in (ids.ACTIVATION_INSTEAD_OF_DERIVATIVE, ids.MISSING_ACTIVATION_DERIVATIVE):
            inputs = run.steps[start].inputs
            handed = (self._handed_in(each, start) for each in inputs)
            renamed = (self._renamed(each, start) for each in inputs if self._is_output(each))
            return self._used_here(start) or next(filter(None, (*handed, *renamed)), None)
        return None

    def _of_scale(self, start: int, line: str) -> Place | None:
        """Return where sums over the samples are divided by their number, or should be."""
        steps = [each.index for each in self.updates if start in (each.gradient, each.index)]
        steps += [
            each.index
            for each in self._wrong_results()
            if each.line == line and self.run.steps[each.index].op in ("multiply", "divide")
        ]
        return self.run.steps[steps[0]].line if steps else self._last_place(start)

    def _last_place(self, at: int, letter: str = "a") -> Place | None:
        """Return where a value that is ready gets its name, or is handed back."""
        found = list(self._assignments(at, letter))
        named = [place for place, target in found if target]
        named += [place for place, _ in found if "," not in line_of(*place)]
        handed = self._handed_back(at) if letter == "a" and not named else None
        return next(iter(named), handed) or self.run.steps[at].line

    def _axis_line(self, at: int) -> Place | None:
        """Return where the axis of a step is chosen: not in a helper that it is passed to."""
        step = self.run.steps[at]
        found = re.search(r"\baxis\s*=\s*(\w+)", step.text)
        frame, _ = followed(self.run, step, ast.Name(found[1]) if found else None)
        return frame[:2] if frame else step.line

    def _is_output(self, at: int) -> bool:
        """Whether a step is an output of a layer, also one computed again."""
        return any(quantity_of(label.name) == "a" for label in self.observed.labels[at])

    def _used_here(self, start: int) -> Place | None:
        """Return where an output that a function computes again stands for a derivative there."""
        step = self.run.steps[start]
        for at in self._spoilt(start)[:1] if self._is_output(start) else ():
            reader = self.run.steps[at]
            if reader.frames[0].call == step.frames[0].call:
                return reader.line
        return None

    def _not_added(self, at: int) -> Place | None:
        """Return where a loop takes the part of a sample in place of adding it."""
        step = self.run.steps[at]
        if step.op in ("multiply", "divide"):
            steps = self.run.steps
            return self._not_added(
                max(step.inputs, key=lambda e: (steps[e].value.size, bool(steps[e].op)))
            )
        base = self._base(at)
        for level, frame in enumerate(step.frames):
            function = function_of(frame)
            for loop in ast.walk(function) if function is not None else ():
                if not isinstance(loop, ast.For) or not covers(loop, frame.line):
                    continue
                line = unread_line(loop)
                if line is not None:
                    return frame.file, line
                for node in ast.walk(loop):
                    if not isinstance(node, ast.Assign) or node.lineno <= frame.line:
                        continue
                    value = node.value
                    part = isinstance(value, ast.Subscript) and base == ast.unparse(value.value)
                    adds = any(isinstance(each, ast.Add) for each in ast.walk(value))
                    if part if level != 1 else not adds:
                        return frame.file, node.lineno
        taken = re.search(r"\[-?\d+\]$", step.text) and step.op == "getitem"
        return step.line if taken else None

    def _base(self, at: int) -> str:
        """Return the variable that a step makes, or fills: dz of ``dz[k] = …``."""
        step = self.run.steps[at]
        statement = statement_at(*step.line) if step.line and step.op == "setitem" else None
        target = statement.targets[0] if isinstance(statement, ast.Assign) else None
        return re.split(r"[\[.]", step.name if target is None else ast.unparse(target))[0]

    def _handed_on(self, frame: SourceFrame, text: str | None) -> Place | None:
        """Return where a function hands back what it called another function for."""
        function, statement = function_of(frame), statement_at(frame.file, frame.line)
        held = held_by(statement, text)
        called = isinstance(getattr(statement, "value", None), ast.Call)
        if held is None or function is None or (text is None and not called):
            return None
        found = plain_uses(frame, function, held, "a")
        return next((place for place, target in found if not target), None)

    def _handed_back(self, at: int) -> Place | None:
        """Return the last ``return`` of the function that adds up the samples."""
        frame = self.run.steps[at].frames[0]
        function = function_of(frame)
        lines = (
            [n.lineno for n in ast.walk(function) if isinstance(n, ast.Return)] if function else []
        )
        return (frame.file, max(lines)) if lines and max(lines) > frame.line else None

    def _after_error(self, start: int) -> int:
        """Return the step that reads prediction minus target, which is no gradient yet."""
        observed = self.observed
        error = observed.lines[names.activation(observed.depth)] - observed.lines["target"]
        value, step = observed.values[start], self.run.steps[start]
        known = {texts.PREDICTION_MINUS_TARGET, texts.TARGET_MINUS_PREDICTION}
        is_error = any(each.name in known for each in observed.labels[start]) or (
            value.size == 1 and np.isclose(np.abs(error), np.abs(value), rtol=1e-9, atol=0.0).any()
        )
        held = held_by(statement_at(*step.line), step.text) if step.line else None
        readers = [at for at in self.run.readers[start] if not self.is_right(at, strictly=True)]
        if step.returned or (held is not None and not ERROR_NAME.search(held)):
            return start
        return readers[0] if is_error and readers else start

    def _confused(self, mistake: Mistake, line: str, variant: Variant) -> tuple[Any, Any] | None:
        """Return the value used wrongly and the one that is needed; None for other mistakes."""
        order = variant.reference.order
        made = [name for name in mistake.lines if order[name] <= order[line]]
        for site in variant.sites(max(made, key=order.__getitem__)) if made else ():
            found = confused(site, MISCONCEPTIONS[mistake.name], mistake.detail)
            if found is not None:
                return found
        return None

    def _reader(self, start: int, taken: Any) -> tuple[int, int] | None:
        """Return (operand, reader) where the wrong operand enters a wrong value."""
        taken = np.asarray(taken)
        forms = [taken, taken[:1]] if taken.ndim > 1 else [taken]
        region = self.region(start)
        for at in region:
            for each in self.run.steps[at].inputs:
                value = self.observed.values[each]
                if each not in region and any(same_entries(value, form) for form in forms):
                    return each, at
        return None

    def _of_operand(self, operand: int, reader: int, needed: Any) -> Place | None:
        """Return the line that hands a wrong operand to a step."""
        known = self.observed.find(needed)[:1]
        return self._renamed(operand, reader, known) or self._entry(operand, reader, known)

    def _renamed(self, operand: int, reader: int, known: Sequence[int] = ()) -> Place | None:
        """Return where an operand got the name by which a step reads it, if nothing is computed."""
        frame, expression = chosen(self.run, operand, reader, known)
        if frame is None or expression is None:
            return None
        taken, needed = (
            {quantity_of(each.name) for at in steps for each in self.observed.labels[at]}
            for steps in ([operand], known)
        )
        # A name that says what a value is is no wrong one where another quantity is needed.
        right = needed and any(means_quantity(ast.unparse(expression), e) for e in taken - needed)
        return None if right else renamed_at(frame, expression)

    def _handed_in(self, at: int, reader: float = np.inf) -> Place | None:
        """Return where a function hands out a value that it did not compute, once."""
        handed = [call[:2] for done, call in self.run.passed.get(at, ()) if done <= reader]
        return handed[-1] if handed and handed.count(handed[-1]) == 1 else None

    def _entry(self, operand: int, reader: int, known: Sequence[int]) -> Place | None:
        """Return the line in which an operand is chosen: not of helpers that it is passed to.

        ``known`` are steps of the value that is needed.
        """
        run = self.run
        frame, _ = chosen(run, operand, reader, known)
        if frame is not None:
            return frame[:2]
        made = min([operand, *self.observed.find(self.observed.values[operand])])
        places = [made, *(each for each in known if each < reader)]
        calls = {frame.call for each in places for frame in run.steps[each].frames}
        frames = run.steps[reader].frames
        for frame in frames[:-1]:
            if frame.call in calls or not is_passed(frame):
                break
            frames = frames[1:]
        return frames[0][:2] if frames else None

    def _frame(self, at: int, mistake: Mistake) -> SourceFrame:
        """Return the frame to blame for a step: not of a helper that is right in another call."""
        run, frames = self.run, self.run.steps[at].frames
        alike = run.places[run.steps[at].place]
        of_slope = "activation_backward" in MISCONCEPTIONS[mistake.name].families
        of_forward = of_slope and at not in self._forward and not self._forward.isdisjoint(alike)
        called = re.match(r"\w+(?=\()", run.steps[at].text)
        kinds = {quantity_of(line) for line in mistake.lines}
        everywhere = len(self._lines_of(mistake)) > len(kinds)
        for level, frame in enumerate(frames[:-1]):
            by_name = mistake.name in _BY_NAME and (
                (mistake.detail and names_entry(frame.function.lower(), mistake.detail))
                or (level == 0 and called and passed_name(frame, ast.Name(called[0])))
            )
            swapped = mistake.name == ids.COST_GRADIENT_SIGN and self._is_swapped(frame)
            if by_name or swapped or (level == 0 and of_forward):
                continue
            if (level == 0 and everywhere) or mistake.name in (
                *_COST_GRADIENTS,
                ids.ACTIVATION_SIGN,
            ):
                return frame  # the helper is wrong in each call
            others = (
                each
                for each in alike
                if any(f.call != frame.call and f[:3] == frame[:3] for f in run.steps[each].frames)
            )
            if not any(self._is_right_for(each, mistake) for each in others):
                return frame
        return frames[-1]

    def _is_swapped(self, frame: SourceFrame) -> bool:
        """Whether a helper subtracts what it calls the target, but got the prediction for it."""
        tree = statement_at(frame.file, frame.line)
        for node in ast.walk(tree) if tree is not None else ():
            if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Sub):
                continue
            if TARGET_NAME.fullmatch(ast.unparse(node.right)):
                return isinstance(node.left, ast.Name) and is_passed(frame)
        return False

    def _is_right_for(self, at: int, mistake: Mistake) -> bool:
        """Whether a helper is right in another call: a derivative is no output of a layer."""
        if at in self._following or at in self._forward:
            return True
        labels = [each.name for each in self.observed.labels[at]]
        if labels and "activation_backward" in MISCONCEPTIONS[mistake.name].families:
            return any(quantity_of(each) != "a" for each in labels)
        return self.is_right(at, strictly=True)

    # Right values with a wrong name

    def _alias(
        self, keys: Sequence[int], line: str, mistake: Mistake, variant: Variant
    ) -> Place | None:
        """Return where a right value of another line is used as this line."""
        letter = quantity_of(line)
        first = next((k for k in keys if self._spoilt(k)), keys[0])
        if mistake.name == ids.PENALTY_MISSING_IN_COST:
            return self._last_place(max(keys), "C")
        right = variant.without_mistakes().value(line)
        return (
            self._used_for(keys, first, letter, mistake)
            or self._named_otherwise(first, letter, right)
            or self._read_as(keys, first, letter, mistake, right)
        )

    def _used_for(
        self, keys: Sequence[int], first: int, letter: str, mistake: Mistake
    ) -> Place | None:
        """Return the line that uses a value as another one, by how the mistake is made."""
        run, step = self.run, self.run.steps[first]
        inputs = [e for k in keys if letter == names.OF_Z for e in run.steps[k].inputs]
        constant = next(filter(self._is_constant_array, inputs), None)
        if constant is not None:
            return run.steps[constant].line
        if mistake.name.endswith("_not_summed") and mistake.detail in ("first", "last"):
            taken = self._not_added(first)
            if taken is not None:
                return taken
        if letter in (names.OF_Z, names.OF_A):
            entered = (self._entered(each) for each in (first, *run.readers[first]))
            copies = [run.steps[k].line for k in keys if self._copies(k, keys)]
            place = next((e for e in (*entered, *copies[-1:]) if e is not None), None)
            if place is not None:
                return place
        of_cost = mistake.name in _COST_GRADIENTS
        if means_quantity(step.name, letter) or of_cost:
            return step.line
        renamed = self._renamed_as(letter) if letter in (names.OF_B, names.OF_W) else None
        if renamed is None and letter == "a" and step.returned:
            renamed = self._listed(step.frames)
        return renamed

    def _named_otherwise(self, first: int, letter: str, right: Any) -> Place | None:
        """Return the line that gives a value the name of another one."""
        step = self.run.steps[first]
        for reader in self._spoilt(first)[:1]:
            known = self.observed.find(right)[:1]
            renamed = self._handed_in(first, reader) or self._renamed(first, reader, known)
            if renamed is not None:
                return renamed
        own = {quantity_of(each.name) for each in self.observed.labels[first] if each.line}
        aliases = [
            (place, target)
            for place, target in self._assignments(first, letter)
            if not any(means_quantity(target, e) for e in _LETTERS if e != letter)
            and (
                target
                or not step.name
                or any(means_quantity(step.name, e) for e in own)
                or line_of(*place).count(f"{step.name}") > 1
            )
        ]
        named = [place for place, target in aliases if means_quantity(target, letter)]
        # zs.append(z) comes before the list of the outputs.
        added = [place for place, target in aliases if target.endswith("[]")]
        return next(iter((*named, *added[-1:], *(place for place, _ in aliases))), None)

    def _read_as(
        self, keys: Sequence[int], first: int, letter: str, mistake: Mistake, right: Any
    ) -> Place | None:
        """Return the line that reads a value as another one, or the one that makes it."""
        run, step, spoilt = self.run, self.run.steps[first], self._spoilt(first)
        if step.op not in VIEWS and step.line != run.steps[keys[0]].line:
            return step.line
        known = self.observed.find(right)[:1]
        entry = self._entry(first, spoilt[0], known) if letter == "a" and spoilt else None
        useful = any(map(self._is_useful, run.readers[first])) or self.observed.find(right)
        if spoilt and (useful or mistake.name == ids.MISSING_WEIGHTS_BACKWARD):
            return run.steps[spoilt[0]].line if entry is None else entry
        return step.line

    def _entered(self, at: int) -> Place | None:
        """Return where an array, or the number put into one, got its name: ``d1 = dh``."""
        step = self.run.steps[at]
        if step.op not in ("setitem", "getitem") or not step.frames:
            return None
        statement = statement_at(*step.frames[0][:2])
        if step.op == "setitem":
            return renamed_at(step.frames[0], getattr(statement, "value", None))
        return renamed_at(step.frames[0], ast.Name(re.split(r"[\[.]", step.text)[0]))

    def _copies(self, at: int, keys: Sequence[int]) -> bool:
        """Whether a step on the way to wrong results gives one of equal values again: ``d * 1``."""
        run, step = self.run, self.run.steps[at]
        others = [e for e in step.inputs if e not in keys]
        wrong = self._on_the_way
        return (
            step.op in ("copy", "astype", "multiply", "divide")
            and len(others) < len(step.inputs)
            and all(run.steps[each].value.size == 1 for each in others)
            and any(e in wrong and run.steps[e].op not in VIEWS for e in run.readers[at])
        )

    def _spoilt(self, at: int) -> list[int]:
        """Return the steps that wrongly read a value, on the way to wrong results."""
        run = self.run
        wrong = self._on_the_way
        used = [e for e in run.readers[at] if e in wrong and not self._is_useful(e)]
        views = [e for e in used if run.steps[e].op in VIEWS]
        through = [e for view in views for e in self._spoilt(view)]
        return sorted([e for e in used if e not in views] + through) or views

    def _renamed_as(self, letter: str) -> Place | None:
        """Return the one line of the files that gives a variable such a name: ``db = dout``."""
        files = {step.frames[0].file for step in self.run.steps if step.frames}
        found = {
            (file, line)
            for file in files
            for line, target, _ in plain_assignments(file)
            if "," not in target and means_quantity(target, letter)
        }
        return found.pop() if len(found) == 1 else None

    def _is_useful(self, at: int) -> bool:
        return self.is_right(at, strictly=True) and self.run.steps[at].op not in VIEWS

    def _holders(self, at: int) -> Iterator[tuple[int, SourceFrame, str]]:
        """Yield (level, frame, variable) of the call in which the value of a step gets a name."""
        text, position = self.run.steps[at].text, None
        for level, frame in enumerate(self.run.steps[at].frames):
            statement = statement_at(frame.file, frame.line)
            held = held_by(statement, None if level else text, position)
            if held is not None:
                yield level, frame, held
            if held is not None or not isinstance(statement, ast.Return):
                return
            position = position if level else position_in(statement.value, text)

    def _assignments(self, at: int, letter: str = "a") -> Iterator[tuple[Place, str]]:
        """Yield (place, target) of the statements that give the value of a step another name."""
        for level, frame, held in self._holders(at):
            function = function_of(frame)
            if function is None:
                return
            if level and means_quantity(held, letter):
                yield frame[:2], held
            for place, target in plain_uses(frame, function, held, letter):
                yield place, target
                if target.endswith("[]"):
                    further = frame._replace(line=place[1])
                    yield from plain_uses(further, function, f"{target[:-2]}[-1]", letter)

    def _is_constant_array(self, at: int) -> bool:
        """Whether a step is an array of ones, or an identity, that depends on nothing."""
        value = self.run.steps[at].value
        diagonal = value.ndim == 2 and np.array_equal(value, np.eye(*value.shape))
        constant = not self.run.depends[at] and value.size > 1
        return constant and bool(diagonal or np.all(value == 1.0))

    def _listed(self, frames: Sequence[SourceFrame]) -> Place | None:
        """Return where objects of the class of a method are put together, twice or more."""
        for frame in frames[:1]:
            owner = class_of(frame)
            for node in nodes_of(frame.file) if owner else ():
                calls = [
                    each
                    for each in ast.walk(node)
                    if isinstance(each, ast.Call) and ast.unparse(each.func) == owner
                ]
                if isinstance(node, ast.Assign | ast.Return) and len(calls) > 1:
                    return frame.file, node.lineno
        return None

    # Without a name

    def first_unknown(self, wrong: Sequence[Result]) -> Place | None:
        """Return the line of the earliest step with right inputs behind the first wrong result."""
        starts = [each.index for each in wrong if each.index >= 0]
        found = [self.origin(at) for at in starts if self.run.steps[at].op]
        return self.run.steps[min(found)].line if found else None

    def unknown_function(self) -> tuple[str, str, Place | None] | None:
        """Return the name of the mistake if an unknown function stands for f or f' of a layer.

        With it the line of the working that it spoils, and its place.
        """
        known = {label.name for labels in self.observed.labels for label in labels if label.line}
        layers = [
            (names.weighted_sum(k), names.activation(k)) for k in range(1, self.observed.depth + 1)
        ]
        pairs = [(z, a, ids.WRONG_ACTIVATION) for z, a in layers]
        pairs += [
            (names.gradient(a), names.gradient(z), ids.WRONG_ACTIVATION_DERIVATIVE)
            for z, a in reversed(layers)
        ]
        for given, made, name in pairs:
            if made not in known:
                place = self.first_unknown(self._wrong_results())
                return (name, made, place) if given in known else None
        return None
