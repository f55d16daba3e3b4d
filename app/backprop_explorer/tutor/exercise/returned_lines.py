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
from backprop_explorer.tutor.exercise.observed import Array, Observed, Result
from backprop_explorer.tutor.program.steps import VIEWS, Returned, Run, Step
from backprop_explorer.tutor.program.truth import multiple

Part = tuple[str, Array, int]  # path, value, step
_GRADIENT_NAME = re.compile(
    r"(?:d[CLJE]?_?d?|grad(?:ient)?s?_?|nabla_?|delta_?|g)_?([Wwb]|weights?|bias(?:es)?)_?(\d*)$"
)
_SCALARS = ("cost_factor", "l1", "l2", "learning_rate")
_SUMS = ("add", "subtract")


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
    last = {source: at for source, at in run.after.items() if at != source}
    for at in (*(each.index for each in run.returned), *_changes(run)):
        # b + w x + … is no update of b.
        before = run.steps[at].inputs[0] if run.steps[at].op == "add" else at
        if (source := _base(run, before, ("subtract",))) != at:
            last.setdefault(source, at)
    for source, at in last.items():
        held = {each.name for each in observed.labels[source] if each.factor == 1.0}
        mine = [name for name in parameters if name in held]
        if mine and not run.steps[source].op:
            chain = list(_versions(run, source, at))
            old, new = (run.steps[each].value.ravel() for each in (source, at))
            if not chain and np.array_equal(old, new):
                continue
            first, added = chain[-1] if chain else (at, None)
            gradient, rate = (None, None) if added is None else _scaled(run, first, added)
            found += [ParameterUpdate(n, source, first, at, gradient, rate) for n in mine]
    return found


def _changes(run: Run) -> Iterator[int]:
    """Yield each ``W -= …`` and ``W[:] = W - …``, also of what holds a copy, the last one first."""
    for step in reversed(run.steps):
        name = re.escape(step.name)
        written = step.op in ("setitem", "stretch")
        version = run.steps[_before(step)] if written else step
        if written:
            own = version.op == "subtract"
        else:
            own = bool(name and step.op in _SUMS and re.match(rf"{name}\s*[-+]", step.text))
        of = run.steps[_base(run, version.index)] if own else None
        if of is not None and run.moves[step.index] and step.value.size == of.value.size:
            yield version.index


def _before(step: Step) -> int:
    """Return what a step is a part, a form or a later version of."""
    return step.inputs[step.op == "setitem"]


def _base(run: Run, at: int, sums: Sequence[str] = _SUMS) -> int:
    """Return the first version of an array to which something is added, or its entries set."""
    while run.steps[at].op in (*VIEWS, *sums, "setitem"):
        at = _before(run.steps[at])
    return at


def _versions(run: Run, source: int, at: int) -> Iterator[tuple[int, int | None]]:
    """Yield each step in which a parameter changes and what it adds, the last one first."""
    while at != source:
        step = run.steps[at]
        if step.op in _SUMS:
            before = next((e for e in step.inputs if _base(run, e) == source), step.inputs[0])
            if not np.array_equal(step.value, run.steps[before].value):
                yield at, step.inputs[step.inputs[0] == before]
            at = before
        elif step.op in ("setitem", *VIEWS):
            at = _before(step)
        else:
            yield at, None
            return


def _scaled(run: Run, at: int, added: int) -> tuple[int | None, float | None]:
    """Return the step that a parameter is changed by a multiple of, and minus the factor."""
    before, after = run.steps[run.steps[at].inputs[0]], run.steps[at]
    gradient = added
    while run.steps[gradient].op in ("multiply", "divide", "negative"):
        inputs = run.steps[gradient].inputs
        others = [e for e in inputs if run.steps[e].value.size > 1 or run.steps[e].op]
        gradient = max(others or inputs, key=lambda e: (run.steps[e].value.size, e))
        if sum(run.steps[each].value.size > 1 for each in others) > 1:
            return added, None
    value = run.steps[gradient].value
    moved = np.asarray(after.value - before.value, dtype=float)
    factor = multiple(moved, value, 1e-6) if moved.size == value.size else None
    return gradient, None if factor is None else -factor


class ResultFinder:
    """Maps the arrays that a program hands back to lines of the working."""

    def __init__(self, observed: Observed) -> None:
        self._observed, self._run = observed, observed.run
        self._lines, self._depth = observed.lines, observed.depth
        self._shapes = [sorted(shape) for shape in observed.traces[0].network.shapes]

    def find(self, updates: Sequence[ParameterUpdate]) -> tuple[Result, ...]:
        """Return the results: new values of parameters, what is returned, named variables."""
        told = "learning_rate" in self._lines
        found, taken = dict[str, Result](), set[int]()
        for each in updates:
            taken |= {each.index, each.last}
            line, at = names.updated(each.name), each.index
            if not told:
                line, at = names.gradient(each.name), each.gradient or -1
                right = [k for k in self._observed.find(self._lines[line]) if self._gives(k, line)]
                if right and at not in right:
                    continue  # the gradient is right, and the update has another rule
            if at >= 0:
                path = self._run.steps[each.source].path or ""
                found.setdefault(line, Result(path, self._observed.values[at], line, at))
        returned = [e for e in (*self._run.returned, *self._run.plain) if e.index not in taken]
        parts = assembled(
            list(self._parts(returned)),
            {
                line: np.asarray(self._observed.shown(line, self._lines[line]))
                for line in self._slots(names.gradient)
            },
        )
        found |= {e.line: e for e in self._named(parts) if e.line not in found}
        if not any(names.named(line).quantity in ("gradient", "updated") for line in found):
            state = [e for e in self._run.state if _GRADIENT_NAME.search(_stem(e.path))]
            parts = [*self._parts(state), *self._variables()]
            found |= {e.line: e for e in self._named(parts) if e.line not in found}
        return tuple(found.values())

    def _gives(self, at: int, line: str) -> bool:
        result = Result("", self._observed.values[at], line)
        return self._observed.gives(result, self._lines[line])

    def _slots(self, slot: Callable[[Name], Name]) -> list[Name]:
        """Return the gradients, or the new values, of all W and b in order."""
        layers = range(1, self._depth + 1)
        return [slot(each(k)) for k in layers for each in (names.weights, names.biases)]

    def _variables(self) -> list[Part]:
        """Return the last values of the variables of the outermost call named as gradients."""
        stems = {_stem(each.path) for each in self._run.state}
        return list(
            {
                step.name: (step.name, self._observed.values[step.index], step.index)
                for step in self._run.steps
                if step.op and len(step.frames) == 1 and _stem(step.name) not in stems
                if _GRADIENT_NAME.search(_stem(step.name))
            }.values()
        )

    # Arrays

    def _parts(self, returned: Sequence[Returned]) -> Iterator[Part]:
        """Yield arrays; numbers in lists together, W with b as a row apart."""
        lists: dict[str, dict[tuple[int, ...], int]] = {}
        for each in returned:
            value = self._observed.values[each.index]
            match = re.fullmatch(r"(.*?)((?:\[\d+\])+)", each.path) if value.ndim == 0 else None
            if match is None:
                yield from self._whole(each.path, value, each.index)
            else:
                place = tuple(map(int, re.findall(r"\d+", match[2])))
                lists.setdefault(match[1], {})[place] = each.index
        for prefix, items in lists.items():
            yield from self._of_list(prefix, items)

    def _of_list(self, prefix: str, items: Mapping[tuple[int, ...], int]) -> Iterator[Part]:
        """Yield the arrays that a nested list of numbers holds."""
        numbers = np.array([float(self._observed.values[each]) for each in items.values()])
        first, *_ = items.values()
        shape = tuple(max(at) + 1 for at in zip(*items, strict=False))
        if len({*map(len, items)}) == 1 and np.prod(shape) == len(items) and len(shape) < 3:
            whole = numbers.reshape(shape)
            if self._is_one(whole):
                yield prefix or "return", whole, first
                return
        # The outermost index may be that of a tuple of results.
        groups: dict[int, dict[tuple[int, ...], int]] = {}
        for (at, *rest), index in items.items():
            groups.setdefault(at, {})[tuple(rest)] = index
        for at, some in groups.items():
            if () in some:
                yield f"{prefix}[{at}]", self._observed.values[some[()]], some[()]
            else:
                yield from self._of_list(f"{prefix}[{at}]", some)

    def _is_one(self, value: Array) -> bool:
        """Whether a list is one line, and a list of lists is one W, not the gradients of all b."""
        if value.ndim == 1:
            return value.size > 1 and value.size in map(np.size, self._lines.values())
        if self._is_right(value):
            return True
        if sorted(value.shape) not in self._shapes:
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
        joined = value.ndim == 2 and sorted(value.shape) not in self._shapes
        for k in range(1, self._depth + 1) if joined and not self._is_right(value) else ():
            n_in, n_out = np.shape(self._lines[names.weights(k)])
            for form, turned in ((value, False), (value.T, True)):
                if form.shape != (n_in + 1, n_out) or len(self._observed.forms(value)) < 2:
                    continue
                for W, b in ((form[1:], form[0]), (form[:-1], form[-1])):
                    line = names.gradient(names.weights(k)), names.gradient(names.biases(k))
                    fit = likeness(W, self._lines[line[0]]) + likeness(b, self._lines[line[1]])
                    ways.append((fit, W.T if turned else W, b))
        if ways:
            _, W, b = max(ways, key=lambda way: way[0])
            yield f"{path}.W", W, index
            yield f"{path}.b", b, index
        else:
            yield path, value, index

    # Lines

    def _named(self, found: Sequence[Part]) -> list[Result]:
        """Map arrays to the lines that they should be."""
        updated, rest = list[Part](), list[Part]()
        for part in found:
            (updated if self._is_updated(*part[:2]) else rest).append(part)
        return [*self._mapped(updated, names.updated), *self._mapped(rest, names.gradient)]

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
        """Map right arrays to their lines, then wrong ones: by name, by place, by size."""
        slots, by_line = self._slots(slot), dict[str, Result]()

        def take(parts: Sequence[Part], line_of: Callable[[Part], str | None]) -> list[Part]:
            left = []
            for part in parts:
                line = line_of(part)
                if line is None or line in by_line:
                    left.append(part)
                else:
                    guessed = line_of in (by_place, by_size) and (line in slots or line == "C")
                    by_line[line] = Result(*part[:2], line, part[2], guessed=guessed)
            return left

        def by_place(part: Part) -> str | None:
            line = order.get(part[0])
            if line is None and self._right_line(part[1], by_line) is None:
                fitting = [s for s in slots if s not in by_line and self._has_size(part[1], s)]
                return max(fitting, key=lambda s: likeness(part[1], self._lines[s]), default=None)
            return line

        def by_size(part: Part) -> str | None:
            lines: list[str] = [
                f(k) for k in layers for f in (names.weighted_sum, names.activation)
            ]
            lines = [*lines[-1:], "C"] if len(found) == 1 else lines
            free = (each for each in lines if each not in by_line)
            return next((each for each in free if self._has_size(part[1], each)), None)

        layers = range(1, self._depth + 1)
        rest = take(found, lambda part: self._right_line(part[1], by_line, slots))
        has_gradients = bool(by_line) or slots[0].quantity == "updated"
        if has_gradients or any(sorted(value.shape) in self._shapes for _, value, _ in rest):
            has_gradients = True
            rest = take(rest, lambda part: self._by_name(part, slots))
            order = self._order(found, {r.path: r.line for r in by_line.values()}, slots)
            rest = take(rest, by_place)
        rest = take(rest, lambda part: self._right_line(part[1], by_line))
        if not has_gradients:
            take(rest, by_size)
        return list(by_line.values())

    def _has_size(self, value: Array, line: str) -> bool:
        return bool(np.size(self._lines[line]) == value.size)

    def _is_right(self, value: Array) -> bool:
        return self._right_line(value, {}, list(self._lines)) is not None

    def _right_line(
        self, value: Array, taken: Mapping[str, Result], lines: Sequence[str] | None = None
    ) -> str | None:
        """Return the line that the value is: one of ``lines``, or any but a gradient."""
        for name, wanted in self._lines.items():
            of_parameter = names.named(name).kind in (names.OF_W, names.OF_B)
            asked = name in lines if lines is not None else not of_parameter
            if not asked or name in taken or name in _SCALARS:
                continue
            if self._observed.gives(Result("", value, name), wanted):
                return name
        return None

    def _by_name(self, part: Part, slots: Sequence[Name]) -> str | None:
        """Return the line that a path, or else the variable with a number, is named as."""
        path, _, index = part
        match = _GRADIENT_NAME.search(_stem(path))
        if match is None:
            match = _GRADIENT_NAME.search(_stem(self._run.steps[index].name))
            if match is None or not match[2]:
                return None
        letter, number = match.groups()
        places = re.findall(r"\[(\d+)\]", path)
        layer = int(number) if number else (int(places[-1]) + 1 if places else 1)
        name = names.biases(layer) if letter[0] in "bB" else names.weights(layer)
        return next((each for each in slots if each.variable == name), None)

    def _order(
        self, found: Sequence[Part], taken: Mapping[str, str], slots: Sequence[str]
    ) -> dict[str, str]:
        """Return the line of each path in the order of results that fits the known ones best."""
        values = {path: value for path, value, _ in found}
        paths = list(values)
        if len(paths) > len(slots):
            paths = [path for path in paths if values[path].ndim > 0]
        if len(paths) != len(slots):
            return {}
        orders: list[list[str]] = []
        for step in (1, -1):
            for first, second in permutations((slots[::2][::step], slots[1::2][::step])):
                orders.append([each for pair in zip(first, second, strict=True) for each in pair])
                orders.append([*first, *second])

        def fit(order: list[str]) -> tuple[int, int, float]:
            pairs = dict(zip(paths, order, strict=True))
            known = sum(pairs.get(path) == line for path, line in taken.items())
            sizes = sum(self._has_size(values[p], s) for p, s in pairs.items())
            alike = sum(likeness(values[p], self._lines[s]) for p, s in pairs.items())
            return known, sizes, round(alike, 9)

        best = max(orders, key=fit)
        return dict(zip(paths, best, strict=True))


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
    numbers = np.concatenate([value.ravel() for _, value, _ in found] or [np.empty(0)])
    sizes = [each.size for each in wanted.values()]
    # Numbers, or lists of the numbers of several layers; a pair of lists is read as one array.
    if len(numbers) != sum(sizes) or not all(
        value.size == 1
        or (value.size not in sizes and (value.ndim == 1 or value.shape == (2, len(sizes) // 2)))
        for _, value, _ in found
    ):
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
