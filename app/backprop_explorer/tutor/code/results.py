"""Find the results of a program, and the lines of the working that they should be."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, permutations
from typing import Any

import numpy as np

from backprop_explorer.engine.trace import Trace
from backprop_explorer.tutor.code.arrays import Array, numbers
from backprop_explorer.tutor.code.parts import assembled, likeness, without_bias_row
from backprop_explorer.tutor.code.recorder import RETURN, Assigned, Recording, leaves

# Programs that return more arrays are matched by name and size only.
MAX_ORDERED = 24
_GRADIENT_NAME = re.compile(
    r"(?:d[CLJE]?_?d?|grad(?:ient)?s?_?|nabla_?|delta_?|g)_?([Wwb]|weights?|bias(?:es)?)_?(\d*)$"
)


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """One array that the program hands back, and the line of the working that it should be."""

    path: str
    value: Array
    line: str
    guessed: bool = False  # by its size or place alone


class ResultFinder:
    """Maps the arrays that a program hands back to lines.

    ``gives`` tells whether a result is the right value of a line, ``shown`` returns a value of the
    engine in the orientation of the program.
    """

    def __init__(
        self,
        recording: Recording,
        trace: Trace,
        values: Mapping[str, Any],
        gives: Callable[[Result, Any], bool],
        shown: Callable[[str, Any], Any],
    ) -> None:
        self._recording = recording
        self._trace = trace
        self._values = values
        self._gives = gives
        self._shown = shown
        self._depth = trace.network.depth

    def find(self, returned: Any) -> tuple[Result, ...]:
        """Find the results among what is returned, else among the last values of variables."""
        found = [
            part
            for path, value, listed in self._returned(returned)
            for part in self._parts(path, value, listed=listed)
        ]
        lines = [f"dC_d{p}{k}" for k in range(1, self._depth + 1) for p in "Wb"]
        gradients = {line: np.asarray(self._shown(line, self._values[line])) for line in lines}
        if len(found) > 1 or not any(self._is_right(value) for _, value in found):
            found = assembled(found, gradients)
        results = self._named(found)
        known = {result.line for result in results}
        if not self._recording.frames or any(
            line.startswith("dC_d") or line.endswith("_next") for line in known
        ):
            return results
        own = self._recording.frames[0]
        histories = self._recording.histories()[own]
        named = [
            (path, self._recording.values[self._first_turn(histories[path])])
            for path, key in own.last.items()
            if own.arguments.get(path) != key and _GRADIENT_NAME.search(_stem(path))
        ]
        others = self._named(named) if named else ()
        return (*results, *(each for each in others if each.line not in known))

    def _first_turn(self, history: Sequence[Assigned]) -> int:
        """Return the right value that a variable has until a loop runs again, or its last value.

        In later epochs the gradients are those of other parameters.
        """
        for at, (change, after) in enumerate(pairwise(history), start=1):
            again = after.line in {each.line for each in history[:at]}
            if again and self._is_right(self._recording.values[change.key]):
                return change.key
        return history[-1].key

    def _returned(self, returned: Any) -> list[tuple[str, Array | None, bool]]:
        """Return (path, value, whether it is a list) of each array that is returned.

        An argument that is returned has its old content again by now: what was recorded counts.
        """
        now = [(path, value) for path, value in leaves(RETURN, returned)]
        lists = {path for path, value in now if isinstance(value, list | tuple)}
        frames = self._recording.frames
        if frames and frames[0].returned_object is returned:
            recorded = {
                each.path: self._recording.values[each.key]
                for each in self._recording.bindings
                if each.visit.frame is frames[0] and each.path.startswith(RETURN)
            }
            return [(path, value, path in lists) for path, value in recorded.items()]
        return [(path, numbers(value), path in lists) for path, value in now]

    def _named(self, found: Sequence[tuple[str, Array]]) -> tuple[Result, ...]:
        """Map arrays to the lines of the working that they should be."""
        updated = self._updated(found)
        if not updated:
            return self._mapped(found)
        slots = [f"dC_d{p}{k}" for k in range(1, self._depth + 1) for p in "Wb"]
        named = any(_GRADIENT_NAME.match(_stem(path)) for path, _ in found)
        if not named and not any(self._right_line(value, {}, slots) for _, value in found):
            return self._mapped(found, "{}{}_next")
        results = self._mapped(updated, "{}{}_next")
        others = [each for each in found if each not in updated]
        return (*results, *self._mapped(others)) if others else results

    def _updated(self, found: Sequence[tuple[str, Array]]) -> list[tuple[str, Array]]:
        """Return the arrays that are parameters after an update.

        The arrays of one container are of one kind, if most of them are.
        """
        kinds = {
            path: not _GRADIENT_NAME.match(_stem(path)) and self._is_updated(value)
            for path, value in found
        }
        containers: dict[str, list[str]] = {}
        for path in kinds:
            place = re.match(r"\w+(\[[^\]]*\]|\.\w+)(?=.)", path)
            containers.setdefault(place[0] if place else path, []).append(path)
        for paths in containers.values():
            votes = sum(kinds[path] for path in paths)
            if len(paths) > 2 and votes * 2 != len(paths):
                kinds |= dict.fromkeys(paths, votes * 2 > len(paths))
        return [each for each in found if kinds[each[0]]]

    def _is_updated(self, value: Array) -> bool:
        """Whether an array is nearer to parameters after an update than to a gradient."""
        if "W1_next" not in self._values or value.ndim == 0:
            return False
        names = [(p, k) for k in range(1, self._depth + 1) for p in "Wb"]
        updated = [self._values[f"{p}{k}_next"] for p, k in names]
        # The step alone, in place of the parameter after it.
        steps = [new - self._values[f"{p}{k}"] for (p, k), new in zip(names, updated, strict=True)]
        gradients = [self._values[f"dC_d{p}{k}"] for p, k in names]
        own, step, gradient = (
            min(_distance(value, sign * each) for each in some for sign in signs)
            for some, signs in ((updated, (1,)), (steps, (1, -1)), (gradients, (1,)))
        )
        return min(own, step) < gradient

    def _mapped(
        self, found: Sequence[tuple[str, Array]], slot: str = "dC_d{}{}"
    ) -> tuple[Result, ...]:
        """Map arrays to lines, of which ``slot`` gives those of the parameters."""
        slots = [slot.format(p, k) for k in range(1, self._depth + 1) for p in "Wb"]
        by_line: dict[str, Result] = {}
        rest: list[tuple[str, Array]] = []
        for path, value in found:
            line = self._right_line(value, by_line, slots)
            if line is None:
                rest.append((path, value))
            else:
                by_line[line] = Result(path, value, line)
        open_slots = [slot for slot in slots if slot not in by_line]
        gradients = len(open_slots) < len(slots) or any(self._may_be_gradient(v) for _, v in rest)
        if gradients and rest and open_slots:
            rest = self._assign_rest(found, rest, slots, open_slots, by_line)
        other = []
        for path, value in rest:
            line = self._right_line(value, by_line)
            if line is None:
                other.append((path, value))
            else:
                by_line[line] = Result(path, value, line)
        if gradients:
            return tuple(by_line.values())
        if not by_line and len(other) == 1:
            self._assign_single(other[0], by_line)
        elif other:
            self._assign_forward(other, by_line)
        return tuple(by_line.values())

    def _parts(self, path: str, value: Array | None, *, listed: bool) -> list[tuple[str, Array]]:
        """Split a list of the gradients of all b, of equal lengths, or W with b among its rows."""
        if value is None:
            return []
        whole = [(path, value)]
        if value.ndim == 2 and not listed and not self._is_right(value):
            return (
                without_bias_row(
                    path, value, self._trace.network.shapes, self._values, self._recording.values
                )
                or whole
            )
        if not listed or value.ndim != 2 or len(value) != self._depth or self._is_right(value):
            return whole
        biases = [self._values[f"dC_db{k}"] for k in range(1, self._depth + 1)]
        alike = max(
            min(likeness(row, bias) for row, bias in zip(value, order, strict=True))
            for order in (biases, biases[::-1])
        )
        weights = [self._values[f"dC_dW{k}"] for k in range(1, self._depth + 1)]
        if alike <= max(likeness(value, each) for each in weights):
            return whole
        return [(f"{path}[{index}]", row) for index, row in enumerate(value)]

    def _is_right(self, value: Array) -> bool:
        return self._right_line(value, {}, list(self._values)) is not None

    def _right_line(
        self, value: Array, taken: dict[str, Result], lines: Sequence[str] | None = None
    ) -> str | None:
        """Return the line that the value is: one of ``lines``, or any but a gradient."""
        return next(
            (
                name
                for name, wanted in self._values.items()
                if np.size(wanted) == value.size
                and name not in taken
                and name not in ("cost_factor", "l1", "l2", "learning_rate")
                and (not name.startswith(("dC_dW", "dC_db")) if lines is None else name in lines)
                and self._gives(Result("", value, name), wanted)
            ),
            None,
        )

    def _may_be_gradient(self, value: Array) -> bool:
        return value.ndim == 2 and any(
            sorted(value.shape) == sorted(shape) for shape in self._trace.network.shapes
        )

    def _assign_rest(
        self,
        found: Sequence[tuple[str, Array]],
        rest: Sequence[tuple[str, Array]],
        slots: Sequence[str],
        open_slots: list[str],
        by_line: dict[str, Result],
    ) -> list[tuple[str, Array]]:
        """Map wrong arrays to the gradients that are missing: by name, by place, by size.

        Return the arrays that are left.
        """
        left = []
        for path, value in rest:
            line = self._by_name(path, open_slots)
            if line is None:
                left.append((path, value))
            else:
                by_line[line] = Result(path, value, line)
                open_slots.remove(line)
        taken = {result.path: result.line for result in by_line.values()}
        order = self._order(found, taken, slots)
        unnamed, left = left, []
        for path, value in unnamed:
            line = order.get(path)
            if line is None and self._right_line(value, by_line) is None:
                fitting = [s for s in open_slots if np.size(self._values[s]) == value.size]
                alike = [likeness(value, self._values[s]) for s in fitting]
                line = fitting[int(np.argmax(alike))] if fitting else None
            if line in open_slots:
                by_line[line] = Result(path, value, line, guessed=True)
                open_slots.remove(line)
            else:
                left.append((path, value))
        return left

    def _by_name(self, path: str, open_slots: Sequence[str]) -> str | None:
        match = _GRADIENT_NAME.search(_stem(path))
        if match is None:
            return None
        letter, number = match.groups()
        index = re.findall(r"\[(\d+)\]", path)
        layer = int(number) if number else (int(index[-1]) + 1 if index else 1)
        line = f"dC_d{letter[0].lower() if letter[0] in 'bB' else 'W'}{layer}"
        return line if line in open_slots else None

    def _order(
        self, found: Sequence[tuple[str, Array]], taken: dict[str, str], slots: Sequence[str]
    ) -> dict[str, str]:
        """Return the line of each path in the order of results that fits the known ones best."""
        paths = [path for path, value in found if value.ndim > 0 or value.size == 1]
        if len(paths) > 2 * self._depth:
            paths = [path for path, value in found if value.ndim > 0]
        depth = self._depth
        if len(paths) != 2 * depth or depth > MAX_ORDERED:
            return {}
        of_W, of_b = slots[::2], slots[1::2]
        orders: list[list[str]] = []
        for step in (1, -1):
            for first, second in permutations((of_W[::step], of_b[::step])):
                orders.append([each for pair in zip(first, second, strict=True) for each in pair])
                orders.append([*first, *second])
        values = dict(found)

        def fit(order: Iterable[str]) -> tuple[int, int, float]:
            pairs = dict(zip(paths, order, strict=True))
            known = sum(pairs.get(path) == line for path, line in taken.items())
            sizes = sum(values[p].size == np.size(self._values[s]) for p, s in pairs.items())
            alike = sum(likeness(values[p], self._values[s]) for p, s in pairs.items())
            return known, sizes, round(alike, 9)

        return dict(zip(paths, max(orders, key=fit), strict=True))

    def _assign_single(self, rest: tuple[str, Array], by_line: dict[str, Result]) -> None:
        """Map the only result: a number is the cost, another array the output of the network."""
        path, value = rest
        if value.size == 1 and np.size(self._values[f"a{self._depth}"]) != 1:
            by_line["C"] = Result(path, value, "C", guessed=True)
        elif value.size == np.size(self._values[f"a{self._depth}"]):
            output = f"a{self._depth}"
            by_line[output] = Result(path, value, output)

    def _assign_forward(
        self, rest: Sequence[tuple[str, Array]], by_line: dict[str, Result]
    ) -> None:
        """Map wrong arrays of a forward pass to missing z and a of the same size, in order."""
        missing = [
            f"{letter}{k}"
            for k in range(1, self._depth + 1)
            for letter in "za"
            if f"{letter}{k}" not in by_line
        ]
        for path, value in rest:
            line = next((m for m in missing if np.size(self._values[m]) == value.size), None)
            if line is not None:
                by_line[line] = Result(path, value, line)
                missing.remove(line)


def _distance(value: Array, expected: Any) -> float:
    """Return how far two arrays are apart, relative to the second, in the better orientation."""
    wanted = np.asarray(expected, dtype=np.float64)
    length = float(np.linalg.norm(wanted))
    if value.size != wanted.size or not length or not np.isfinite(value).all():
        return np.inf
    forms = (wanted.ravel(), wanted.T.ravel())
    return min(float(np.linalg.norm(value.ravel() - form)) for form in forms) / length


def _stem(path: str) -> str:
    """Return the last name in a path: grads["dW1"] → dW1, self.layers[0].dW → dW."""
    names = re.findall(r"[A-Za-z_]\w*", path)
    return names[-1] if names else ""
