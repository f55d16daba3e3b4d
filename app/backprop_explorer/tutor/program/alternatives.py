"""Which single wrong rule of the way back gives all results of a program.

The other side of a replay: the gradient of the forward pass is computed with one mistake in one
rule, at one place of the source, and must equal every result.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from backprop_explorer.engine.ops import OPS
from backprop_explorer.engine.ops.operation import Array
from backprop_explorer.tutor.mistakes import ids
from backprop_explorer.tutor.program.alignment import Alignment
from backprop_explorer.tutor.program.cost_roots import ADDS_UP
from backprop_explorer.tutor.program.outcome import Outcome
from backprop_explorer.tutor.program.region import is_entry
from backprop_explorer.tutor.program.steps import Run
from backprop_explorer.tutor.program.truth import (
    KnownArrays,
    Truth,
    is_elementwise,
    multiple,
    pull,
    rules_of,
)

# Steps of the forward pass that are differentiated, for all wrong rules.
MAX_PLACES, MAX_STEPS = 60, 100_000
# In longer programs a wrong rule must give a value that is computed, in one of some rounds.
FEW_STEPS, MAX_ROUNDS = 300, 6
# Twice the derivative of a part of a function is no derivative of the function.
_OF_PART = {ids.ACTIVATION_DERIVATIVE_TWICE: ids.WRONG_ACTIVATION_DERIVATIVE}
_CHOICES = ("where", "maximum", "minimum")
_COUNTS = (ids.COUNT_LESS_ONE, ids.PENALTY_GRADIENT_SCALE)


class WrongGradient(NamedTuple):
    """A wrong rule: the name of the mistake, and the gradient with it.

    ``at`` are the values whose gradient it makes wrong, where that is certain.
    """

    name: str
    truth: Truth
    at: tuple[int, ...] = ()


def explain(
    alignment: Alignment, judged: list[Outcome], region: list[int], *, slopes: bool
) -> tuple[WrongGradient, int | None] | None:
    """Return the wrong rule that gives all results, and the first step that it explains.

    ``slopes``: counts and derivatives of functions; else paths and constant factors. Of several
    along one path, that which explains the earliest step.
    """
    concerned = _Concerned(alignment, judged, region)
    kinds = [_paths(concerned), _factors(alignment, judged)]
    if slopes:
        counts = (each for each in _factors(alignment, judged) if each.name in _COUNTS)
        kinds = [counts, _slopes(concerned)]
    for kind in kinds:
        found = []
        for each in kind:
            if alignment.all_right({}, judged, each.truth):
                at = first_explained(alignment, each.truth, region)
                found.append((each, at))
                if slopes and each.at:
                    return each, at
        if found:
            return min(found, key=lambda pair: (pair[1] is None, pair[1]))
    return None


class _Concerned:
    """Which values a mistake can be at: all wrong results come of their gradient, no right one."""

    def __init__(self, alignment: Alignment, judged: list[Outcome], region: list[int]) -> None:
        self.alignment, run = alignment, alignment.run
        self._computed = KnownArrays(alignment.tolerance)
        read = {each for at in region for each in (at, *run.steps[at].inputs)}
        for at in read - alignment.truth.forward if len(run.steps) > FEW_STEPS else ():
            self._computed.add(run.steps[at].value, at)
        self._is_short = len(run.steps) <= FEW_STEPS
        self._right = {each.source for each in judged if each.state == "right"}
        self._wrong = {
            each.source
            for each in judged
            if each.state != "right" and len(alignment.same_shape(each)) < 2
        }
        self.left = MAX_STEPS // max(len(run.steps), 1)

    def __call__(self, values: Iterable[int]) -> bool:
        """Whether a mistake may be at the gradients of some values."""
        before = self.alignment.run.ancestors(values)
        self.left -= 1
        return self.left > 0 and not before & self._right and self._wrong <= before

    def computes(self, values: Iterable[Any]) -> bool:
        """Whether a long program computes one of some values; of a short one all is tried."""
        return self._is_short or any(map(self._computed.knows, values))


def first_explained(alignment: Alignment, truth: Truth, region: list[int]) -> int | None:
    """Return the first step that a gradient with a mistake explains."""
    known = KnownArrays(alignment.tolerance)
    for index, gradient in truth.gradients.items():
        right = alignment.truth.gradients.get(index)
        if right is None or not np.allclose(right, gradient, rtol=1e-9, atol=0.0):
            known.add(gradient, index)
    for each in truth.shares:
        known.add(each.value, each.of)
    computed = (at for at in region if not is_entry(alignment, at))
    return next((at for at in computed if known.knows(alignment.run.steps[at].value)), None)


# Slopes


def _slopes(concerned: _Concerned) -> Iterator[WrongGradient]:
    """Yield gradients with a wrong derivative of an elementwise function, or of softmax."""
    alignment = concerned.alignment
    run, truth = alignment.run, alignment.truth
    places: dict[Any, list[tuple[int, int]]] = {}
    for z, a in _functions(alignment):
        last = run.steps[a]
        for place in {last.site, (last.place,)}:
            begin = run.steps[z].place if place == (last.place,) else run.steps[z].site
            places.setdefault((begin or z, place), []).append((z, a))
    for pairs in [list(each) for each in {tuple(pairs): 0 for pairs in places.values()}][
        : 2 * MAX_PLACES
    ]:
        if not concerned([z for z, _ in pairs]):
            continue
        values = [run.steps[a].value for _, a in pairs]
        slopes: list[Any] = [truth.slopes.get(pair) for pair in pairs]
        others: list[tuple[str, list[Any]]] = []
        if all(_is_softmax(alignment, z, a) for z, a in pairs):
            others += [
                (ids.SOFTMAX_DERIVATIVE_ELEMENTWISE, [v * (1 - v) for v in values]),
                (ids.MISSING_ACTIVATION_DERIVATIVE, [np.ones(v.shape) for v in values]),
            ]
        elif all(each is not None for each in slopes):
            others += [
                (ids.MISSING_ACTIVATION_DERIVATIVE, [np.ones(v.shape) for v in values]),
                (ids.ACTIVATION_INSTEAD_OF_DERIVATIVE, values),
                (ids.DERIVATIVE_AT_ACTIVATION, [slope_at(alignment, z, a) for z, a in pairs]),
                (ids.ACTIVATION_DERIVATIVE_TWICE, [s * s for s in slopes]),
                (ids.WRONG_ACTIVATION_DERIVATIVE, [v * (1 - v) for v in values]),
                (ids.WRONG_ACTIVATION_DERIVATIVE, [1 - v * v for v in values]),
                (ids.WRONG_ACTIVATION_DERIVATIVE, [1 - v for v in values]),
                (ids.WRONG_ACTIVATION_DERIVATIVE, [1 - s for s in slopes]),
                (ids.WRONG_ACTIVATION_DERIVATIVE, [run.steps[z].value for z, _ in pairs]),
            ]
            inputs = [run.steps[z].value for z, _ in pairs]
            others += [
                (ids.WRONG_ACTIVATION_DERIVATIVE, [v * (1 - v) for v in inputs]),
                (ids.WRONG_ACTIVATION_DERIVATIVE, [1 - v * v for v in inputs]),
            ]
        if any(is_penalty_of(alignment, z, at) for z, _ in pairs for at in run.readers[z]):
            others = [(ids.PENALTY_GRADIENT_SCALE, found) for _, found in others]
        elif any(run.steps[z].op and not _is_whole(alignment, z) for z, _ in pairs):
            others = [(_OF_PART.get(name, name), found) for name, found in others]
        for name, found in others:
            if all(each is not None for each in found) and concerned.computes(
                _with_slope(truth, pair, slope)
                for pair, slope in zip(pairs[:MAX_ROUNDS], found, strict=False)
            ):
                bridges: dict[int, dict[int, Array]] = {}
                for (z, a), slope in zip(pairs, found, strict=True):
                    bridges.setdefault(a, {})[z] = slope
                concerned.left -= 1
                with np.errstate(all="ignore"):
                    other = Truth(run, alignment.fit.root.seeds, bridges=bridges)
                yield WrongGradient(name, other, tuple(z for z, _ in pairs))


def _with_slope(truth: Truth, pair: tuple[int, int], slope: Any) -> Array:
    """Return the gradient of z with another slope of the function from z to a."""
    z, a = pair
    right = truth.slopes.get(pair)
    wrong: Array = truth.gradients[a] * slope
    return wrong if right is None else truth.gradients[z] - truth.gradients[a] * right + wrong


def _functions(alignment: Alignment) -> Iterator[tuple[int, int]]:
    """Yield (z, a) of each function between values that are not elementwise: activations."""
    run, truth = alignment.run, alignment.truth
    for a in sorted(truth.forward):
        step = run.steps[a]
        if not step.op or a not in truth.gradients:
            continue
        starts = [z for (z, by) in truth.slopes if by == a and z in truth.gradients]
        starts = [z for z in starts if _is_function(alignment, z, a)]
        if step.op == "add":  # a sum is no function of a term
            starts = [z for z in starts if not (truth.slopes[z, a] == 1.0).all()]
        if starts:
            # The whole function, and its last part.
            yield from {(min(starts), a), (max(starts), a)}
        if step.op == "divide" and len(step.inputs) == 2:
            exponential = run.steps[step.inputs[0]]
            if exponential.op == "exp":
                z = exponential.inputs[0]
                while run.steps[z].op == "subtract" and run.steps[z].inputs[0] in truth.gradients:
                    z = run.steps[z].inputs[0]
                if z in truth.gradients and _is_softmax(alignment, z, a):
                    yield z, a


def _is_whole(alignment: Alignment, z: int) -> bool:
    """Whether a function begins at a value: it is not computed elementwise of one other."""
    step = alignment.run.steps[z]
    moving = [each for each in step.inputs if alignment.run.moves[each]]
    return len(moving) != 1 or OPS[step.op].family != "elementwise"


def is_within_function(alignment: Alignment, z: int, *, cases: bool = True) -> bool:
    """Whether only one function reads a value, in several places; ``cases``: that chooses."""
    run, gradients = alignment.run, alignment.truth.gradients
    return any(
        np.allclose(gradients[z], gradients[a] * slope, rtol=1e-9, atol=1e-300)
        for (of, a), slope in alignment.truth.slopes.items()
        if of == z and a in gradients
        if (run.steps[a].op in _CHOICES if cases else _is_function(alignment, z, a))
    )


def _is_function(alignment: Alignment, z: int, a: int) -> bool:
    """Whether a is computed from z and constants alone."""
    run, inside = alignment.run, {z}
    for index in range(z + 1, a + 1):
        step = run.steps[index]
        moving = [each for each in step.inputs if run.moves[each]]
        if not step.op or not moving or not all(each in inside for each in moving):
            continue
        if is_elementwise(run, step) or step.op in ("stretch", "copy"):
            inside.add(index)
    return a in inside


def _is_softmax(alignment: Alignment, z: int, a: int) -> bool:
    value = alignment.run.steps[a].value
    shape = alignment.run.steps[z].value.shape
    sums = [value.sum(axis) for axis in range(value.ndim)]
    return value.shape == shape and any(np.allclose(each, 1.0) for each in sums)


def slope_at(alignment: Alignment, z: int, a: int) -> Array | None:
    """Return the slope of the function from z to a, taken at a instead of z."""
    run = alignment.run
    if run.steps[z].value.shape != run.steps[a].value.shape:
        return None
    replaced: dict[int, Array] = {z: run.steps[a].value}
    reached: dict[int, Array] = {z: np.ones(run.steps[z].value.shape)}
    for index in range(z + 1, a + 1):
        step = run.steps[index]
        if not step.op or not any(each in replaced for each in step.inputs):
            continue
        try:
            inputs = [replaced.get(each, run.steps[each].value) for each in step.inputs]
            with np.errstate(all="ignore"):
                replaced[index] = run.compute(step, inputs)
        except (ValueError, TypeError, IndexError):
            return None
        terms = []
        for rule, position in rules_of(step):
            slope = reached.get(step.inputs[position])
            if slope is not None:
                share = pull(run, step, rule, position, np.ones(slope.shape), replaced)
                terms += [] if share is None or share.shape != slope.shape else [share * slope]
        if terms:
            reached[index] = sum(terms[1:], start=terms[0])
    return reached.get(a)


# Shares


def _edges(alignment: Alignment) -> dict[Any, list[tuple[int, int]]]:
    """Return the readers and positions of the shares, by place in the source."""
    places: dict[Any, list[tuple[int, int]]] = {}
    for each in alignment.truth.shares:
        reader = alignment.run.steps[each.reader]
        for place in {reader.site, (reader.place,)}:
            places.setdefault((place, each.position), []).append((each.reader, each.position))
    distinct = {tuple(edges): place for place, edges in places.items()}
    return {place: list(edges) for edges, place in list(distinct.items())[: 2 * MAX_PLACES]}


def _paths(concerned: _Concerned) -> Iterator[WrongGradient]:
    """Yield gradients without one share, where a value is read in several places."""
    alignment = concerned.alignment
    run, truth, readers = alignment.run, alignment.truth, dict[int, int]()
    for each in truth.shares:
        readers[each.of] = readers.get(each.of, 0) + 1
    found = {(each.reader, each.position): each for each in truth.shares}
    # What is subtracted from all scores changes nothing, and nobody differentiates it.
    dead = [
        (s.reader, s.position) for s in alignment.truth.shares if run.steps[s.reader].op == "max"
    ]
    dead = [edge for edge in dead if _is_shift(run, edge[0])]
    for whole in _edges(alignment).values():
        if not concerned([run.steps[r].inputs[k] for r, k in whole]):
            continue
        edges = [(r, k) for r, k in whole if readers[run.steps[r].inputs[k]] > 1]
        shares = [found[edge] for edge in edges[:MAX_ROUNDS]]
        if edges and concerned.computes(truth.gradients[s.of] - s.value for s in shares):
            without = Truth(run, alignment.fit.root.seeds, dict.fromkeys([*edges, *dead], 0.0))
            of = tuple(dict.fromkeys(run.steps[r].inputs[k] for r, k in edges))
            yield WrongGradient(_name_of_factor(alignment, edges[0], 0.0), without, of)
        shares = [found[edge] for edge in whole[:MAX_ROUNDS]]
        if len(whole) > 1 and concerned.computes(
            truth.gradients[s.of] - 2 * s.value for s in shares
        ):
            turned = Truth(run, alignment.fit.root.seeds, dict.fromkeys(whole, -1.0))
            yield WrongGradient(ids.GRADIENT_SIGN, turned)


def _is_shift(run: Run, at: int) -> bool:
    return all(run.steps[each].op == "subtract" for each in run.readers[at])


def is_count(run: Run, factor: float) -> bool:
    """Whether a factor is n/(n − 1) or (n − 1)/n of the length of an axis."""
    lengths = {n for at in run.sources for n in run.steps[at].value.shape if n > 2}
    ratios = [r for n in lengths for r in (n / (n - 1), (n - 1) / n)]
    return any(abs(abs(factor) - each) < 1e-6 for each in ratios)


def is_penalty_of(alignment: Alignment, source: int, reader: int) -> bool:
    """Whether a share comes from a term of the cost that has one parameter alone."""
    run = alignment.run
    if run.start or run.depends[source].bit_count() != 1:
        return False
    at, seen = reader, set[int]()
    while run.depends[at].bit_count() == 1 and at not in seen:
        seen.add(at)
        following = [each for each in run.readers[at] if each in alignment.truth.forward]
        if not following:
            return False
        at = following[0]
        # The strength of the penalty may be an argument.
        if run.steps[at].op == "multiply" and run.depends[at].bit_count() == 2:
            following = [each for each in run.readers[at] if each in alignment.truth.forward]
            at = following[0] if following else at
            break
    return run.steps[at].op == "add" and _adds_to_cost(alignment, at)


def _adds_to_cost(alignment: Alignment, at: int) -> bool:
    """Whether a number is one that the cost adds up, and not z = w * x + b of a single unit."""
    run, waiting = alignment.run, list(alignment.truth.roots)
    for each in waiting if alignment.fit.root.kind == "own" else ():
        step = run.steps[each]
        if each == at:
            return step.value.size == 1
        if step.op in ADDS_UP and step.value.size == 1:
            waiting += [k for k in step.inputs if run.moves[k] and k not in waiting]
    return False


def _is_part_of_cost(alignment: Alignment, of: int, reader: int) -> bool:
    """Whether a number is added to the cost that is made of some of its arrays: of parameters."""
    run, step, floats = alignment.run, alignment.run.steps[reader], alignment.float_bits
    others = [run.depends[each] & floats for each in step.inputs if each != of]
    own = run.depends[of] & floats
    added = step.op == "add" and _adds_to_cost(alignment, reader)
    return added and any(own | other == other != own for other in others)


def _name_of_factor(alignment: Alignment, edge: tuple[int, int], factor: float) -> str:
    """Return the name of a wrong factor of one share."""
    run = alignment.run
    of = run.steps[edge[0]].inputs[edge[1]]
    is_penalty = is_penalty_of(alignment, of, edge[0]) or _is_part_of_cost(alignment, of, edge[0])
    if is_penalty and run.steps[edge[0]].inputs.count(of) > 1:
        return ids.PENALTY_GRADIENT_SCALE
    if abs(factor) < 1e-6:
        if is_penalty:
            return ids.PENALTY_GRADIENT_MISSING
        if is_within_function(alignment, of):
            return ids.WRONG_ACTIVATION_DERIVATIVE
        share = next(e.value for e in alignment.truth.shares if (e.reader, e.position) == edge)
        known = KnownArrays(alignment.tolerance)
        known.add(share, 0)
        dead = any(
            step.op and not run.readers[step.index] and known.knows(step.value)
            for step in run.steps[run.start :]
            if step.index not in alignment.truth.forward
            and all(step.index != each.index for each in alignment.outcomes)
        )
        return ids.GRADIENT_OVERWRITTEN if dead else ids.MISSING_PATH
    if is_penalty:
        return ids.PENALTY_GRADIENT_SCALE
    if is_count(run, factor):
        return ids.COUNT_LESS_ONE
    return ids.GRADIENT_SIGN if abs(factor + 1.0) < 1e-6 else ids.GRADIENT_SCALE


def _factors(alignment: Alignment, judged: list[Outcome]) -> Iterator[WrongGradient]:
    """Yield the wrong factor of one share: what it adds is in proportion to the differences."""
    run, truth = alignment.run, alignment.truth
    main = alignment.main or (1.0 if alignment.exact else None)
    differences: dict[int, Array] = {}
    for each in judged:
        if each.source is None or main is None:
            return
        value, gradient = run.steps[each.index].value, truth.gradients[each.source]
        if each.is_update:
            value = value - run.steps[each.source].value
        if value.size != gradient.size:
            return
        value = value.reshape(gradient.shape) / main - gradient
        near = alignment.tolerance * float(np.abs(gradient).max(initial=0.0))
        differences[each.source] = np.where(np.abs(value) <= near, 0.0, value)
    shares = {(each.reader, each.position): each for each in truth.shares}
    for edges in _edges(alignment).values():
        if len(edges) > 1:
            continue
        share = shares[edges[0]]
        part = Truth(run, {share.of: share.value})
        factor = _proportion(differences, part.gradients, alignment.tolerance)
        # Any number is some multiple of another.
        by_chance = share.value.size == 1 and not alignment.is_reduction(1.0 + (factor or 0.0))
        if factor is not None and abs(factor) > 1e-6 and not by_chance:
            name = _name_of_factor(alignment, edges[0], 1.0 + factor)
            scaled = Truth(run, alignment.fit.root.seeds, {edges[0]: 1.0 + factor})
            yield WrongGradient(name, scaled)


def _proportion(
    differences: Mapping[int, Array], parts: Mapping[int, Array], tolerance: float
) -> float | None:
    """Return c with every difference = c · part, else None."""
    left, right = [], []
    for source, difference in differences.items():
        left.append(difference.ravel())
        part = parts.get(source)
        right.append(np.zeros(difference.size) if part is None else part.ravel())
    return multiple(np.concatenate(left), np.concatenate(right), max(tolerance, 1e-5))
