"""The results of a program, and the lines of the working that they should be."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Any

import numpy as np

from backprop_explorer.engine import names
from backprop_explorer.engine.names import Name
from backprop_explorer.tutor.program.observed import Array, Observed, Result
from backprop_explorer.tutor.program.rounds import versions_of
from backprop_explorer.tutor.program.steps import VIEWS, Returned, Run
from backprop_explorer.tutor.program.truth import multiple

Part = tuple[str, Array, int]  # path, value, step
# Programs that return more arrays are matched by name and size only.
MAX_ORDERED = 24
_GRADIENT_NAME = re.compile(
    r"(?:d[CLJE]?_?d?|grad(?:ient)?s?_?|nabla_?|delta_?|g)_?([Wwb]|weights?|bias(?:es)?)_?(\d*)$"
)
_SCALARS = ("cost_factor", "l1", "l2", "learning_rate")


@dataclass(frozen=True, eq=False)
class ParameterUpdate:
    """The first update of a parameter: the step with its new value, and what is subtracted.

    ``gradient`` is the step of what is multiplied by a number (``rate``, negative for ascent), or
    None if the update is not of this form. ``last`` is the step that stands there in the end.
    """

    name: Name
    source: int
    index: int
    last: int
    gradient: int | None
    rate: float | None


def parameter_updates(observed: Observed, parameters: Sequence[Name]) -> list[ParameterUpdate]:
    """Return the updates of what holds a parameter of the network, in order."""
    run, found = observed.run, list[ParameterUpdate]()
    versions = versions_of(run)
    last = {s: at for s, at in run.after.items() if at != s}
    for each in run.returned:
        source = versions.get(each.index)
        step = run.steps[each.index]
        if source is None and step.op in ("add", "subtract"):
            # A gradient of a wrong shape gives the parameter another one.
            before = run.steps[step.inputs[0]]
            source = before.index if before.path and not before.op else None
        if source is not None:
            last.setdefault(source, each.index)
    for source, steps in _own_copies(run).items():
        if not list(_versions(run, source, last.get(source, source))):
            last[source] = steps[-1]
    for source, at in last.items():
        held = {each.name for each in observed.labels[source] if each.factor == 1.0}
        mine = [name for name in parameters if name in held]
        if mine and not run.steps[source].op:
            chain = list(_versions(run, source, at))
            if not chain and np.array_equal(
                run.steps[at].value.ravel(), run.steps[source].value.ravel()
            ):
                continue
            first, added = chain[-1] if chain else (at, None)
            gradient, rate = (None, None) if added is None else _scaled(run, source, first, added)
            found += [ParameterUpdate(n, source, first, at, gradient, rate) for n in mine]
    return found


def _own_copies(run: Run) -> dict[int, list[int]]:
    """Return by source the steps ``W -= …`` and ``W = W - …`` for what holds a copy of it."""
    found: dict[int, list[int]] = {}
    held: dict[int, int] = {}
    for step in run.steps:
        before = held.get(step.inputs[0], step.inputs[0]) if step.inputs else -1
        if before < 0 or run.steps[before].op or run.steps[before].path is None:
            continue
        if step.op in ("copy", "astype", "reshape", "setitem", "stretch", "getitem"):
            held[step.index] = before
        elif step.op in ("add", "subtract") and step.value.size == run.steps[before].value.size:
            name = re.escape(step.name)
            if name and re.match(rf"{name}\s*[-+]", step.text) and run.moves[step.index]:
                held[step.index] = before
                found.setdefault(before, []).append(step.index)
    return found


def _versions(run: Run, source: int, at: int) -> Iterator[tuple[int, int | None]]:
    """Yield each step in which a parameter changes and what it adds, the last one first."""
    while at != source and run.steps[at].op:
        step, ahead = run.steps[at], run.ancestors([at])
        if source not in ahead:
            return
        following = [e for e in step.inputs if e == source or source in run.ancestors([e])]
        if step.op in ("add", "subtract") and len(step.inputs) == 2:
            near = [e for e in following if _holds(run, e, source)]
            before = near[0] if near else following[0]
            other = step.inputs[1] if step.inputs[0] == before else step.inputs[0]
            if not np.array_equal(step.value, run.steps[before].value):
                yield at, other
            at = before
        elif step.op in ("setitem", *VIEWS):
            at = step.inputs[1] if step.op == "setitem" else step.inputs[0]
        else:
            yield at, None
            return


def _holds(run: Run, at: int, source: int) -> bool:
    """Whether a step is a parameter or a later version of it, and not computed from it."""
    while run.steps[at].op in (*VIEWS, "add", "subtract", "setitem") and at != source:
        if run.steps[at].op == "setitem":
            at = run.steps[at].inputs[1]
        else:
            at = run.steps[at].inputs[0]
    return at == source


def _scaled(run: Run, source: int, at: int, added: int) -> tuple[int | None, float | None]:
    """Return the step that a parameter is changed by a multiple of, and minus the factor."""
    before, after = run.steps[at].inputs[0], run.steps[at]
    gradient = added
    while run.steps[gradient].op in ("multiply", "divide", "negative"):
        inputs = run.steps[gradient].inputs
        others = [e for e in inputs if run.steps[e].value.size > 1 or run.steps[e].op]
        gradient = max(others or inputs, key=lambda e: (run.steps[e].value.size, e))
        if sum(run.steps[each].value.size > 1 for each in others) > 1:
            return added, None
    value = run.steps[gradient].value
    moved = np.asarray(after.value - run.steps[before].value, dtype=float)
    if moved.size != value.size:
        return gradient, None
    factor = multiple(moved, value, 1e-6)
    return gradient, None if factor is None else -factor


class ResultFinder:
    """Maps the arrays that a program hands back to lines of the working."""

    def __init__(self, observed: Observed) -> None:
        self._observed, self._run = observed, observed.run
        self._lines, self._depth = observed.lines, observed.depth
        self._shapes = observed.traces[0].network.shapes

    def find(self, updates: Sequence[ParameterUpdate]) -> tuple[Result, ...]:
        """Return the results: new values of parameters, what is returned, named variables."""
        told = "learning_rate" in self._lines
        found, taken = list[Result](), set[int]()
        for each in updates:
            taken |= {each.index, each.last}
            line, at = names.updated(each.name), each.index
            if not told:
                line, at = names.gradient(each.name), each.gradient or -1
                if at >= 0 and not self._gives(at, line) and self._is_made(line):
                    continue  # the gradient is right, and the update has another rule
            if at >= 0 and line not in {one.line for one in found}:
                path = self._run.steps[each.source].path or ""
                found.append(Result(path, self._observed.values[at], line, at))
        known = {each.line for each in found}
        returned = [each for each in self._run.returned if each.index not in taken]
        returned += [each for each in self._run.plain if each.index not in taken]
        parts = list(self._parts(returned))
        gradients: dict[str, Array] = {
            line: np.asarray(self._observed.shown(line, self._lines[line]))
            for line in self._slots(names.gradient)
        }
        if len(parts) > 1 or not any(self._is_right(value) for _, value, _ in parts):
            parts = assembled(parts, gradients)
        found += [each for each in self._named(parts) if each.line not in known]
        known = {each.line for each in found}
        if any(names.named(line).quantity in ("gradient", "updated") for line in known):
            return tuple(found)
        left = list(
            self._parts([e for e in self._run.state if _GRADIENT_NAME.search(_stem(e.path))])
        )
        stems = {_stem(each.path) for each in self._run.state}
        left += [each for each in self._variables() if _stem(each[0]) not in stems]
        found += [each for each in self._named(left) if each.line not in known]
        return tuple(found)

    def _gives(self, at: int, line: str) -> bool:
        result = Result("", self._observed.values[at], line)
        return self._observed.gives(result, self._lines[line])

    def _is_made(self, line: str) -> bool:
        """Whether the right value of a line is computed."""
        return any(
            self._gives(at, line)
            for at in self._observed.find(self._lines[line])
            if self._observed.values[at].size == np.size(self._lines[line])
        )

    def _slots(self, slot: Callable[[Name], Name]) -> list[Name]:
        """Return the gradients, or the new values, of all W and b in order."""
        layers = range(1, self._depth + 1)
        return [slot(each(k)) for k in layers for each in (names.weights, names.biases)]

    def _variables(self) -> list[Part]:
        """Return the last values of the variables of the outermost call named as gradients."""
        found: dict[str, Part] = {}
        for step in self._run.steps:
            named = step.op and len(step.frames) == 1 and _GRADIENT_NAME.search(_stem(step.name))
            if named and not (step.name in found and self._is_right(found[step.name][1])):
                value = self._observed.values[step.index]
                found[step.name] = (step.name, value, step.index)
        return list(found.values())

    def _parts(self, returned: Sequence[Returned]) -> Iterator[Part]:
        """Yield arrays; numbers in lists together, W with b as a row apart."""
        values = self._observed.values
        lists: dict[str, list[tuple[tuple[int, ...], int]]] = {}
        order: dict[str, tuple[str, int] | None] = {}
        for each in returned:
            number = values[each.index].size == 1 and values[each.index].ndim == 0
            match = re.fullmatch(r"(.*?)((?:\[\d+\])+)", each.path) if number else None
            if match is None:
                order[each.path] = (each.path, each.index)
                continue
            # The outermost index may be that of a tuple of results.
            at = tuple(map(int, re.findall(r"\d+", match[2])))
            lists.setdefault(match[1], []).append((at, each.index))
        for path, (_, index) in ((k, v) for k, v in order.items() if v is not None):
            yield from self._whole(path, values[index], index)
        for prefix, items in lists.items():
            yield from self._of_list(prefix, items)

    def _of_list(self, prefix: str, items: list[tuple[tuple[int, ...], int]]) -> Iterator[Part]:
        """Yield the arrays that a nested list of numbers holds."""
        values = self._observed.values
        groups: dict[int, list[tuple[tuple[int, ...], int]]] = {}
        depth = max(len(at) for at, _ in items)
        if depth == 1:
            if len(items) == sum(np.size(self._lines[s]) for s in self._slots(names.gradient)):
                yield from ((f"{prefix}[{at[0]}]", values[k], k) for at, k in items)
                return
            sizes = {np.size(v) for v in self._lines.values()}
            if len(items) not in sizes or len(items) == 1:
                yield from ((f"{prefix}[{at[0]}]", values[k], k) for at, k in items)
                return
        lengths = {len(at) for at, _ in items}
        if depth > 1:
            for at, index in items:
                groups.setdefault(at[0], []).append((at[1:], index))
            whole = self._matrix(items) if lengths == {2} else None
            if whole is None or not self._is_one(whole):
                for key, some in groups.items():
                    if some[0][0] == ():
                        yield f"{prefix}[{key}]", values[some[0][1]], some[0][1]
                    else:
                        yield from self._of_list(f"{prefix}[{key}]", some)
                return
            yield prefix or "return", whole, items[0][1]
            return
        yield (prefix or "return", np.array([float(values[k]) for _, k in items]), items[0][1])

    def _matrix(self, items: list[tuple[tuple[int, ...], int]]) -> Array | None:
        rows, columns = (max(at[axis] for at, _ in items) + 1 for axis in (0, 1))
        if rows * columns != len(items):
            return None
        found = np.array([float(self._observed.values[k]) for _, k in items])
        return found.reshape(rows, columns)

    def _is_one(self, value: Array) -> bool:
        """Whether a list of lists is the gradient of one W, and not the gradients of all b."""
        if self._is_right(value):
            return True
        shapes = [sorted(shape) for shape in self._shapes]
        if sorted(value.shape) not in shapes:
            return False
        if len(value) != self._depth:
            return True
        biases = [self._lines[line] for line in self._slots(names.gradient)[1::2]]
        weights = [self._lines[line] for line in self._slots(names.gradient)[::2]]
        alike = max(
            min(likeness(row, bias) for row, bias in zip(value, order, strict=True))
            for order in (biases, biases[::-1])
        )
        return alike <= max(likeness(value, each) for each in weights)

    def _whole(self, path: str, value: Array, index: int) -> Iterator[Part]:
        """Yield an array, or W and b of an array that has both, if the program has such a W."""
        ways = []
        fits = any(sorted(value.shape) == sorted(shape) for shape in self._shapes)
        for k in range(1, self._depth + 1) if value.ndim == 2 and not fits else ():
            shape = np.shape(self._lines[names.weights(k)])
            for form, turned in ((value, False), (value.T, True)):
                if form.shape != (shape[0] + 1, shape[1]) or len(self._observed.forms(value)) < 2:
                    continue
                for W, b in ((form[1:], form[0]), (form[:-1], form[-1])):
                    line = names.gradient(names.weights(k)), names.gradient(names.biases(k))
                    fit = likeness(W, self._lines[line[0]]) + likeness(b, self._lines[line[1]])
                    ways.append((fit, W.T if turned else W, b))
        if ways and not self._is_right(value):
            _, W, b = max(ways, key=lambda way: way[0])
            yield f"{path}.W", W, index
            yield f"{path}.b", b, index
        else:
            yield path, value, index

    # Lines

    def _named(self, found: Sequence[Part]) -> list[Result]:
        """Map arrays to the lines that they should be."""
        updated = [each for each in found if self._is_updated(*each[:2])]
        rest = [each for each in found if not any(each is one for one in updated)]
        made = self._mapped(updated, names.updated) if updated else []
        return [*made, *(self._mapped(rest, names.gradient) if rest else [])]

    def _is_updated(self, path: str, value: Array) -> bool:
        """Whether an array is nearer to a parameter after an update than to a gradient."""
        first = names.updated(names.weights(1))
        if first not in self._lines or not value.ndim or _GRADIENT_NAME.match(_stem(path)):
            return False
        both = list(zip(self._slots(names.updated), self._slots(names.gradient), strict=True))
        new = min(_distance(value, self._lines[name]) for name, _ in both)
        # The step alone, in place of the parameter after it.
        steps = [self._lines[name] - self._lines[name.variable] for name, _ in both]
        new = min(new, *(_distance(value, sign * each) for each in steps for sign in (1, -1)))
        return new < min(_distance(value, self._lines[line]) for _, line in both)

    def _mapped(self, found: Sequence[Part], slot: Callable[[Name], Name]) -> list[Result]:
        slots, by_line = self._slots(slot), dict[str, Result]()
        rest: list[Part] = []
        for path, value, index in found:
            line = self._right_line(value, by_line, slots)
            if line is None:
                rest.append((path, value, index))
            else:
                by_line[line] = Result(path, value, line, index)
        open_slots: list[str] = [each for each in slots if each not in by_line]
        gradients = (
            slots[0].quantity == "updated"
            or len(open_slots) < len(slots)
            or any(
                value.ndim == 2 and any(sorted(value.shape) == sorted(s) for s in self._shapes)
                for _, value, _ in rest
            )
        )
        if gradients and rest and open_slots:
            rest = self._assigned(found, rest, slots, open_slots, by_line)
        other: list[Part] = []
        for path, value, index in rest:
            line = self._right_line(value, by_line)
            if line is None:
                other.append((path, value, index))
            else:
                by_line[line] = Result(path, value, line, index)
        if not gradients and other:
            self._forward(other, by_line)
        return list(by_line.values())

    def _is_right(self, value: Array) -> bool:
        return self._right_line(value, {}, list(self._lines)) is not None

    def _right_line(
        self, value: Array, taken: Mapping[str, Result], lines: Sequence[str] | None = None
    ) -> str | None:
        """Return the line that the value is: one of ``lines``, or any but a gradient."""
        for name, wanted in self._lines.items():
            if np.size(wanted) != value.size or name in taken or name in _SCALARS:
                continue
            of_parameter = names.named(name).kind in (names.OF_W, names.OF_B)
            asked = name in lines if lines is not None else not of_parameter
            if asked and self._observed.gives(Result("", value, name), wanted):
                return name
        return None

    def _assigned(
        self,
        found: Sequence[Part],
        rest: Sequence[Part],
        slots: Sequence[str],
        open_slots: list[str],
        by_line: dict[str, Result],
    ) -> list[Part]:
        """Map wrong arrays to missing gradients: by name, place or size. Return what is left."""
        left: list[Part] = []
        for path, value, index in rest:
            line = self._by_name(path, index, open_slots)
            if line is None:
                left.append((path, value, index))
            else:
                by_line[line] = Result(path, value, line, index)
                open_slots.remove(line)
        order = self._order(found, {r.path: r.line for r in by_line.values()}, slots)
        unnamed, left = left, []
        for path, value, index in unnamed:
            line = order.get(path)
            if line is None and self._right_line(value, by_line) is None:
                fitting = [s for s in open_slots if np.size(self._lines[s]) == value.size]
                alike = [likeness(value, self._lines[s]) for s in fitting]
                line = fitting[int(np.argmax(alike))] if fitting else None
            if line in open_slots:
                by_line[line] = Result(path, value, line, index, guessed=True)
                open_slots.remove(line)
            else:
                left.append((path, value, index))
        return left

    def _by_name(self, path: str, index: int, open_slots: Sequence[str]) -> str | None:
        match = _GRADIENT_NAME.search(_stem(path))
        if match is None and index >= 0:
            match = _GRADIENT_NAME.search(_stem(self._run.steps[index].name))
            match = match if match and match[2] else None
        if match is None:
            return None
        letter, number = match.groups()
        places = re.findall(r"\[(\d+)\]", path)
        layer = int(number) if number else (int(places[-1]) + 1 if places else 1)
        name = names.biases(layer) if letter[0] in "bB" else names.weights(layer)
        return next(
            (s for s in open_slots if s in (names.gradient(name), names.updated(name))), None
        )

    def _order(
        self, found: Sequence[Part], taken: Mapping[str, str], slots: Sequence[str]
    ) -> dict[str, str]:
        """Return the line of each path in the order of results that fits the known ones best."""
        depth, values = self._depth, {path: value for path, value, _ in found}
        paths = list(values)
        if len(paths) > 2 * depth:
            paths = [path for path in paths if values[path].ndim > 0]
        if len(paths) != 2 * depth or depth > MAX_ORDERED:
            return {}
        orders: list[list[str]] = []
        for step in (1, -1):
            for first, second in permutations((slots[::2][::step], slots[1::2][::step])):
                orders.append([each for pair in zip(first, second, strict=True) for each in pair])
                orders.append([*first, *second])

        def fit(order: list[str]) -> tuple[int, int, float]:
            pairs = dict(zip(paths, order, strict=True))
            known = sum(pairs.get(path) == line for path, line in taken.items())
            sizes = sum(values[p].size == np.size(self._lines[s]) for p, s in pairs.items())
            alike = sum(likeness(values[p], self._lines[s]) for p, s in pairs.items())
            return known, sizes, round(alike, 9)

        best = max(orders, key=fit)
        return dict(zip(paths, best, strict=True))

    def _forward(self, rest: Sequence[Part], by_line: dict[str, Result]) -> None:
        """Map wrong arrays of a forward pass: cost, output, or z and a of the same size."""
        output = names.activation(self._depth)
        if not by_line and len(rest) == 1:
            path, value, index = rest[0]
            if value.size == 1 and np.size(self._lines[output]) != 1:
                by_line["C"] = Result(path, value, "C", index, guessed=True)
            elif value.size == np.size(self._lines[output]):
                by_line[output] = Result(path, value, output, index)
            return
        layers = range(1, self._depth + 1)
        missing = [f(k) for k in layers for f in (names.weighted_sum, names.activation)]
        for path, value, index in rest:
            line = next(
                (m for m in missing if m not in by_line and np.size(self._lines[m]) == value.size),
                None,
            )
            if line is not None:
                by_line[line] = Result(path, value, line, index)


def likeness(value: Array, expected: Any) -> float:
    """Return how parallel two arrays are, from 0 to 1, in the better orientation."""
    wanted = np.asarray(expected, dtype=np.float64)
    if value.size != wanted.size:
        return 0.0
    lengths = float(np.linalg.norm(value) * np.linalg.norm(wanted))
    if not np.isfinite(lengths) or lengths == 0.0:
        return 0.0
    given = value.ravel()
    return max(abs(float(given @ form.ravel())) for form in (wanted, wanted.T)) / lengths


def assembled(found: Sequence[Part], wanted: Mapping[str, Array]) -> list[Part]:
    """Put single numbers together to arrays, if there are as many as parameters.

    ``wanted`` has the gradients by line, W and b of each layer in turn, in the orientation of the
    program. The numbers may be in the order of W1, b1, W2, …, of all W and then all b, or unit by
    unit.
    """
    # A pair of lists, with one number for each layer, is read as one array.
    single = len(found) == 1 and (
        found[0][1].ndim == 1 or found[0][1].shape == (2, len(wanted) // 2)
    )
    # Lists of the numbers of several layers: the gradients of all W, then those of all b.
    listed = all(value.ndim == 1 for _, value, _ in found) and not any(
        value.size == each.size for _, value, _ in found for each in wanted.values()
    )
    numbers = np.concatenate([value.ravel() for _, value, _ in found] or [np.empty(0)])
    sizes = [each.size for each in wanted.values()]
    apart = single or listed or len(found) == len(numbers)
    if not apart or len(numbers) != sum(sizes):
        return list(found)
    steps = np.concatenate([np.full(value.size, index) for _, value, index in found])
    places = np.split(np.arange(len(numbers)), np.cumsum(sizes)[:-1])
    shaped = [at.reshape(each.shape) for at, each in zip(places, wanted.values(), strict=True)]
    W, b = shaped[::2], shaped[1::2]
    rows = [
        np.append(row, bias)
        for of_W, of_b in zip(W, b, strict=True)
        for row, bias in zip(of_W if len(of_W) == len(of_b) else of_W.T, of_b, strict=True)
    ]
    orders = [
        np.concatenate([each.ravel() for each in order])
        for order in (shaped, [*W, *b], rows, [*W[::-1], *b[::-1]])
    ]
    right = np.concatenate([each.ravel() for each in wanted.values()])

    def fit(order: Array) -> tuple[int, float]:
        same = np.isclose(numbers, right[order], rtol=1e-8, atol=0.0)
        return int(same.sum()), abs(float(numbers @ right[order]))

    entries, made = np.empty(len(numbers)), np.empty(len(numbers), dtype=int)
    best: Callable[..., Any] = fit
    order = max(orders, key=best)
    entries[order], made[order] = numbers, steps
    return [
        (line, entries[at], int(made[at].min())) for line, at in zip(wanted, shaped, strict=True)
    ]


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
    found = re.findall(r"[A-Za-z_]\w*", path)
    return found[-1] if found else ""
