"""Costs of predictions and targets that meet, of programs that compute none."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, permutations
from typing import Any

import numpy as np

from backprop_explorer.engine.ops.operation import Array
from backprop_explorer.tutor.program.compared_numbers import (
    COMPARES,
    is_less_than,
    is_margin,
    is_tested,
)
from backprop_explorer.tutor.program.cost_roots import (
    INFINITE,
    LINEAR,
    SHOWS,
    CostRoot,
    Kind,
    changes_in,
)
from backprop_explorer.tutor.program.sampled_costs import sampled_costs
from backprop_explorer.tutor.program.steps import Run, Step
from backprop_explorer.tutor.program.truth import Truth
from backprop_explorer.tutor.program.versions import versions_of

_ARRANGES = SHOWS | {"stack", "concatenate", "stretch", "setitem"}

MAX_DELTAS = 3

MAX_ASSUMED = 24

MAX_LINES = 4

MIN_WRITTEN = 2  # entries that are written one after the other


def assumed_costs(run: Run) -> Iterator[CostRoot]:
    """Yield the costs of each prediction and target that meet; those of all samples together."""
    places: dict[tuple[object, ...], list[tuple[int, Array, int]]] = {}
    for prediction, target, at in _meetings(run):
        shape = run.steps[prediction].value.shape
        places.setdefault((run.steps[at].site, shape), []).append((prediction, target, at))
    # The two steps of a sequence may each have a line of their own.
    shapes: dict[object, list[list[tuple[int, Array, int]]]] = {}
    for (_, of), group in places.items():
        shapes.setdefault(of, []).append(group)
    together = [list(chain(*some)) for some in shapes.values() if 1 < len(some) <= MAX_LINES]
    # What is made of an error is no prediction.
    together = [
        some
        for some in together
        if run.ancestors([each for each, _, _ in some]).isdisjoint([at for _, _, at in some])
    ]
    groups = [*places.values(), *together, *_constant_meetings(run)]
    for meetings in groups[:MAX_ASSUMED]:
        numbers = list(_numbers_of(run, meetings))
        weights = [each for each in (_weights(run, meetings), *numbers) if each is not None]
        # A number that changes its sign from round to round decides the sign of the gradient.
        is_reward = len(meetings) == 1 and bool(numbers)
        for each in weights if is_reward else [*weights, None]:
            yield from _costs_of(run, meetings, each)
    for written, known in _written_meetings(run):
        yield from _costs_of(run, written, known)
    yield from _hinges(run)
    yield from _logistic(run)
    yield from sampled_costs(run)


def _written_meetings(run: Run) -> Iterator[tuple[list[tuple[int, Array, int]], list[Array]]]:
    """Yield predictions of whose copy, or multiple, entries become errors one by one, as
    p[i, class] -= 1 in a loop, with weights: rows that are set to 0 are not known.
    """
    places, several = dict[object, list[tuple[tuple[int, Array, int], Array]]](), set[object]()
    for step in run.steps:
        readers = (run.steps[k] for k in run.readers[step.index])
        if step.op != "setitem" or any(each.op == "setitem" for each in readers):
            continue
        base, times = step, 0
        while base.op == "setitem":
            base, times = run.steps[base.inputs[0]], times + 1
        at, count = _multiple_of(run, base)
        p, error = run.steps[at].value, step.value
        if not (run.moves[at] and run.steps[at].op and p.ndim) or p.shape != error.shape:
            continue
        if not ((p > 0) & (p < 1)).all():
            continue
        known = np.broadcast_to(error.any(axis=-1, keepdims=True), p.shape).astype(float)
        target = np.round((count * p - error) * known, 9)
        whole = target.any() and (target == np.round(target)).all()
        if whole and target.min() >= 0.0 and target.max() <= count:
            met = (at, target / count, step.index)
            places.setdefault(step.site, []).append((met, count * known))
            several |= {step.site} if times >= MIN_WRITTEN or count != 1.0 else set()
    for site, some in places.items():
        if site in several:
            yield [met for met, _ in some], [weight for _, weight in some]


def _multiple_of(run: Run, step: Step) -> tuple[int, float]:
    """Return what a step is a copy of, or a multiple by a number, with that number."""
    if step.op in ("copy", "astype"):
        return step.inputs[0], 1.0
    for one, other in permutations(step.inputs) if step.op == "multiply" else ():
        number = run.steps[one]
        if number.value.size == 1 and not run.moves[one] and float(number.value.item()) > 0:
            return other, float(number.value.item())
    return step.index, 1.0


def _logistic(run: Run) -> Iterator[CostRoot]:
    """Yield log(1 + exp(-m)) of each m = target · prediction whose exponential is taken, with
    targets of -1 and 1.
    """
    places = dict[object, list[int]]()
    for step in run.steps:
        for target, prediction in permutations(step.inputs) if step.op == "multiply" else ():
            signs = run.steps[target].value
            is_sign = bool((abs(signs) == 1).all()) and not run.depends[target] & _updated_bits(run)
            if not is_sign or not run.moves[prediction] or not run.steps[prediction].op:
                continue
            readers = list(run.readers_through(step.index, {"negative"}))
            if readers and all(run.steps[each].op == "exp" for each in readers):
                places.setdefault(step.site, []).append(step.index)
    for steps in places.values():
        margins = {at: run.steps[at].value for at in steps}
        seeds = {at: -1.0 / (1.0 + np.exp(m)) for at, m in margins.items()}
        yield CostRoot("binary_cross_entropy", seeds, tuple(steps))


def _hinges(run: Run) -> Iterator[CostRoot]:
    """Yield max(0, 1 - m) and max(0, -m) of each m = target · prediction that is only compared."""
    places = dict[object, list[int]]()
    for step in run.steps:
        pairs = (step.inputs, step.inputs[::-1]) if step.op == "multiply" else ()
        for target, prediction in pairs:
            is_target = bool(run.steps[prediction].op) and (
                _is_target(run, target, prediction) or is_margin(step) or is_tested(step)
            )
            is_sign = run.moves[prediction] and (abs(run.steps[target].value) == 1).all()
            readers = [run.steps[each] for each in run.readers[step.index]]
            only = all(each.op in COMPARES or is_less_than(run, each) for each in readers)
            if is_target and is_sign and only:
                places.setdefault(step.site, []).append(step.index)
    for steps in places.values():
        for limit in (1.0, 0.0):
            values = {at: run.steps[at].value for at in steps}
            seeds = {at: -((m < limit) | (m == 0.0)).astype(float) for at, m in values.items()}
            yield CostRoot("hinge", seeds, tuple(steps))


def _costs_of(
    run: Run, meetings: list[tuple[int, Array, int]], weights: list[Array] | None
) -> Iterator[CostRoot]:
    """Yield the costs of predictions that meet targets, perhaps weighted."""
    pairs = [(run.steps[p].value.astype(float), t) for p, t, _ in meetings]
    where = tuple(each for _, _, each in meetings)

    def root(kind: Kind, seeds: list[Array]) -> CostRoot:
        summed: dict[int, Array] = {}
        for k, ((index, _, _), seed) in enumerate(zip(meetings, seeds, strict=True)):
            seed = seed if weights is None else seed * weights[k]
            summed[index] = summed[index] + seed if index in summed else seed
        return CostRoot(kind, summed, where)

    # A reward alone weighs the choice of an action.
    if weights is None or len(meetings) > 1 or weights[0].size > 1:
        yield root("mse", [p - t for p, t in pairs])
    if weights is None:
        yield root("mae", [np.sign(p - t) for p, t in pairs])
        for delta in _deltas(run):
            yield root("huber", [np.clip(p - t, -delta, delta) for p, t in pairs])
        if all(run.steps[p].op == "exp" for p, _, _ in meetings):
            yield root("poisson", [1.0 - t / p for p, t in pairs])
    if all(((p > 0) & (p < 1)).all() and ((t >= 0) & (t <= 1)).all() for p, t in pairs):
        yield root("binary_cross_entropy", [(p - t) / (p * (1 - p)) for p, t in pairs])
        yield root("cross_entropy", [-t / p for p, t in pairs])


def _deltas(run: Run) -> list[float]:
    """Return the given numbers that something else is compared with: a δ of the Huber loss."""
    given = {
        abs(float(run.steps[at].value.item()))
        for step in run.steps
        if step.op in (*COMPARES, "clip", "minimum")
        for at in map(run.whole_of, step.inputs)
        if not run.steps[at].op and run.steps[at].value.size == 1
    }
    return sorted(each for each in given if 0.0 < each < INFINITE)[:MAX_DELTAS]


def _weights(run: Run, meetings: list[tuple[int, Array, int]]) -> list[Array] | None:
    """Return by what errors are multiplied that no prediction is made of: an advantage, or which
    targets are known.
    """
    errors, prediction = [at for _, _, at in meetings], meetings[0][0]
    before = run.ancestors([each for each, _, _ in meetings])
    made, found = set(errors), list[int]()
    for at in range(min(errors) + 1, len(run.steps)):
        step = run.steps[at]
        carrying = [each for each in step.inputs if each in made]
        if not carrying:
            continue
        if step.op in _ARRANGES:
            made.add(at)
        elif step.op in ("multiply", "divide") and len(carrying) == 1:
            others = [each for each in step.inputs if each not in made]
            of_error, of_prediction = run.depends[errors[0]], run.depends[prediction]
            bits = (of_error if run.moves[each] else of_prediction for each in others)
            depends = any(run.depends[each] & bit for each, bit in zip(others, bits, strict=True))
            varies = any(np.ptp(run.steps[each].value.astype(float)) for each in others)
            depends |= any(run.whole_of(each) in before for each in others)
            # One line multiplies those of each episode.
            same = not found or run.steps[found[0]].site == step.site
            if not depends and varies and same:
                found.append(at)
    if not found:
        return None
    seeds = {at: np.ones(run.steps[at].value.shape) for at in found}
    gradients = Truth(run, seeds).gradients
    # Of -returns * (target - prediction) the sign belongs to the gradient.
    others = [k for k in run.steps[found[0]].inputs if k not in made]
    sign = -1.0 if any(_is_negated(run, k) for k in others) else 1.0
    if not run.ancestors(found).issuperset(errors):
        return None
    none = (np.zeros(run.steps[at].value.shape) for at in errors)  # of a weight that is 0
    known = [gradients.get(at, zeros) for at, zeros in zip(errors, none, strict=True)]
    return [sign * each for each in known]


def _is_negated(run: Run, at: int) -> bool:
    """Whether a value is -a, or -2 * a."""
    step = run.steps[at]
    scales = step.op in ("multiply", "divide")
    numbers = [run.steps[k] for k in step.inputs if scales and run.steps[k].value.size == 1]
    return step.op == "negative" or any(not e.op and not e.path and e.value < 0 for e in numbers)


def _numbers_of(run: Run, meetings: list[tuple[int, Array, int]]) -> Iterator[list[Array]]:
    """Yield the numbers, another for each error, by which one line multiplies what is made of each
    alone and no prediction is made of: the returns of a policy, that weigh its samples.
    """
    owner = {at: k for k, (_, _, at) in enumerate(meetings)}
    if len(owner) < len(meetings):
        return
    first, found, several = min(owner), dict[tuple[Any, ...], dict[int, float]](), set[object]()
    positions = dict[tuple[Any, ...], int]()
    before = [run.ancestors([prediction]) for prediction, _, _ in meetings]
    rows = dict[int, list[int]]()  # of the errors of an episode in one array, whose each row is
    updated = _updated_bits(run)
    for step in run.steps[first + 1 :]:
        of = {owner[each] for each in step.inputs if each in owner}
        if step.op == "stack" and len(of) == len(step.inputs) == len(meetings):
            rows[step.index] = [owner[each] for each in step.inputs]
        elif step.op == "getitem" and step.inputs[0] in rows:
            whole, owners = run.steps[step.inputs[0]].value, rows[step.inputs[0]]
            same = [np.array_equal(each, step.value) for each in whole]
            owner |= {step.index: owners[same.index(True)]} if sum(same) == 1 else {}
        if len(of) != 1 or step.index in owner or step.op not in LINEAR:
            continue
        (k,) = of
        numbers = [
            each
            for each in step.inputs
            if each not in owner and run.steps[each].value.size == 1
            if step.op in ("multiply", "divide")
            # The error of one output is multiplied by its inputs, too.
            if not before[k] & run.ancestors([each])
            # A reward may be an entry of the state; the only input is none.
            or (
                step.value.size > 1
                and run.steps[run.whole_of(each)].value.size > 1
                and not run.depends[each] & updated
            )
        ]
        rest = [each for each in step.inputs if each not in owner]
        if step.op in ("multiply", "divide", "matmul") or not any(run.moves[e] for e in rest):
            owner[step.index] = k
        for each in numbers:
            number = float(run.steps[each].value.ravel()[0])
            weight = number if step.op == "multiply" or not number else 1.0 / number
            positions[step.site] = step.inputs.index(each)
            if found.setdefault(step.site, {}).setdefault(k, weight) != weight:
                several.add(step.site)
    seen = set[tuple[float, ...]]()
    for site, known in found.items():
        weights = [known.get(k, 0.0) for k in range(len(meetings))]
        scale = max(map(abs, weights))
        key = tuple(round(each / scale, 9) for each in weights) if scale else ()
        is_one_for_each = len(known) == len(meetings) and site not in several
        one = len(meetings) == 1
        varies = _changes_sign(run, site, positions[site]) if one else len({*key}) > 1
        if is_one_for_each and varies and key not in seen:
            seen.add(key)
            yield [np.asarray(each) for each in weights]


def _changes_sign(run: Run, site: tuple[Any, ...], position: int) -> bool:
    """Whether the number that a line multiplies by has another sign in another round, as the
    reward of a policy that is updated after each action.
    """
    whole = run.whole or run
    read = (whole.steps[at].inputs[position] for at in whole.sites.get(site, ()))
    numbers = [float(whole.steps[at].value.ravel()[0]) for at in read]
    return min(numbers, default=0.0) < 0.0 < max(numbers, default=0.0)


def _constant_meetings(run: Run) -> list[list[tuple[int, Array, int]]]:
    """Return the meetings of numbers of one place with constants: 0.9 of the right class, else 0.1.

    The 1 of a · (1 − a) is none; 0 and 1 in the rounds of one line are.
    """
    places: dict[object, dict[int, tuple[int, Array, int]]] = {}
    constants: dict[object, set[float]] = {}
    whole = run.whole or run
    changes = changes_in(whole)
    for step in whole.steps:
        is_met = step.op == "subtract" and whole.moves[step.index]
        if not is_met or step.value.size != 1 or step.index in changes:
            continue
        for prediction, other in (step.inputs, step.inputs[::-1]):
            target = whole.steps[other]
            if whole.steps[prediction].op and not target.op and not whole.depends[other]:
                met = (prediction, target.value.astype(float).reshape(()), step.index)
                constants.setdefault(step.site, set()).add(float(met[1]))
                if step.index < len(run.steps):
                    places.setdefault(step.site, {}).setdefault(prediction, met)
    by_prediction: dict[object, dict[int, tuple[int, Array, int]]] = {}
    for site, group in places.items():
        for at, met in group.items() if constants[site] - {1.0} else ():
            by_prediction.setdefault(run.steps[at].site, {}).setdefault(at, met)
    return [list(group.values()) for group in by_prediction.values()]


def _meetings(run: Run) -> Iterator[tuple[int, Array, int]]:
    """Yield (step of a prediction, target, step where they meet)."""
    updates = {*versions_of(run), *run.after.values(), *changes_in(run)}
    for step in run.steps:
        if not step.op or not run.moves[step.index] or step.index in updates:
            continue
        if step.op == "divide":
            yield from _met_by_entry(run, step)
        for position, at in enumerate(step.inputs):
            prediction = run.steps[at]
            if not prediction.op or not run.moves[at] or prediction.value.size != step.value.size:
                continue
            if prediction.op == "multiply" and _scales_source(run, at):
                continue  # a decay
            if "-=" in step.text and (position == 1 or "-=" in prediction.text):
                continue  # a parameter, less its average
            yield from _met(run, step, position)


def _met_by_entry(run: Run, step: Step) -> Iterator[tuple[int, Array, int]]:
    """Yield where what is made of probabilities is divided by one of them, as in the gradient of
    log p[action]: that entry is the target.
    """
    slope, entry = step.inputs
    read = run.steps[entry]
    of = run.steps[read.inputs[0]] if read.op == "getitem" else read
    slopes, waiting = [slope], [step.index] if not run.moves[slope] else []
    for each in waiting:  # in rate * (1 / p[action]) * slope the slope comes afterwards
        for reader in map(run.steps.__getitem__, run.readers[each]):
            others = [k for k in reader.inputs if run.moves[k] and k != each]
            slopes += others
            waiting += [reader.index] if reader.op == "multiply" and not others else []
    if read is of or read.value.size > 1 or not of.op:
        return
    p = of.value
    is_softmax = (p > 0).all() and np.allclose(p.sum(axis=-1), 1.0)
    if is_softmax and of.index in run.ancestors(slopes):
        indices = [run.steps[each].value for each in read.inputs[1:]]
        places = np.arange(p.size).reshape(p.shape)
        at = run.compute(read, [places, *indices])
        yield of.index, (places == at.ravel()[0]).astype(float), step.index


def _met(run: Run, step: Step, position: int) -> Iterator[tuple[int, Array, int]]:
    """Yield where the input of a step, a prediction, meets a target in it."""
    at = step.inputs[position]
    prediction, value = run.steps[at], run.steps[at].value.astype(float)
    other = step.inputs[1 - position] if len(step.inputs) == 2 else None
    negated = other is not None and step.op == "add" and run.steps[other].op == "negative"
    if other is not None and (step.op == "subtract" or negated):
        other = run.steps[other].inputs[0] if negated else other  # -target + prediction
        if _is_target(run, other, at):
            wanted = np.broadcast_to(run.steps[other].value, step.value.shape).astype(float)
            error, more = _shifted(run, step)
            wanted = wanted - more if position == 0 or negated else wanted + more
            yield at, wanted.reshape(value.shape), error
    elif step.op == "divide" and position == 1 and _is_target(run, step.inputs[0], at):
        wanted = np.broadcast_to(run.steps[step.inputs[0]].value, step.value.shape)
        yield at, np.abs(wanted.reshape(value.shape)).astype(float), step.index
    elif (
        value.shape == step.value.shape
        and position == 0
        and len(step.inputs) > 1
        and (abs(value) <= 1).all()
    ):
        off = value - step.value
        if (opposite := _opposite(run, prediction)) is not None:
            at, off = opposite, -off  # the target minus the prediction
        if off.size > 1 and off.any() and np.isin(np.round(off, 12), (0.0, 1.0)).all():
            yield at, np.round(off), step.index


def _shifted(run: Run, error: Step) -> tuple[int, float]:
    """Return where a number that nothing updates is added to an error, and that number: the mean of
    the targets, from which the prediction differs.
    """
    readers = [run.steps[each] for each in run.readers[error.index]]
    sums = [each for each in readers if each.op == "add" and each.inputs[0] == error.index]
    if len(readers) != 1 or len(sums) != 1:
        return error.index, 0.0
    number = run.steps[sums[0].inputs[1]]
    is_number = number.value.size == 1 < error.value.size
    is_number = is_number and not run.depends[number.index] & _updated_bits(run)
    return (sums[0].index, float(number.value.item())) if is_number else (error.index, 0.0)


def _opposite(run: Run, step: Step) -> int | None:
    """Return p of -p, or of -1 * p."""
    if step.op == "negative":
        return step.inputs[0]
    for one, other in permutations(step.inputs) if step.op == "multiply" else ():
        if not run.moves[other] and (run.steps[other].value == -1).all():
            return one
    return None


def _scales_source(run: Run, at: int) -> bool:
    """Whether a product is that of a source of several entries and a number."""
    return any(
        not run.steps[one].op and run.steps[one].value.size > 1 == run.steps[other].value.size
        for one, other in permutations(run.steps[at].inputs)
    )


def _is_target(run: Run, index: int, prediction: int) -> bool:
    """Whether a step is a source, or made of one or of fewer than the prediction is made of."""
    step, sources, others = run.steps[index], run.depends[index], run.depends[prediction]
    if step.op == "add" and is_reward_and_value(run, index, prediction):
        return True
    is_more = sources & others or sources.bit_count() >= others.bit_count()
    if step.op and sources.bit_count() > 1 and is_more:
        return False
    if step.op and sources & others and sources & _updated_bits(run):
        return False  # a penalty
    if not step.op and step.value.size == 1 and sources & _updated_bits(run):
        return False  # a bias that is subtracted
    # A number alone, such as the 1 of 1 - a, is none; an entry of an array is one.
    return sources > 0 or run.steps[run.whole_of(index)].value.size > 1


def is_reward_and_value(run: Run, target: int, prediction: int) -> bool:
    """Whether a target is a number that is given plus what the parameters say of other data, as
    that of temporal differences.
    """
    inputs = run.steps[target].inputs if run.steps[target].op == "add" else ()
    if len({run.moves[k] for k in inputs}) < 2:
        return False
    sources, own = {*run.sources}, run.ancestors([target]) - run.ancestors([prediction])
    return any(
        run.steps[k].op == "matmul" and sources.intersection(run.ancestors(run.steps[k].inputs))
        for k in own
    )


def _updated_bits(run: Run) -> int:
    """The sources that are updated."""
    updated = {source for source, after in run.after.items() if after != source}
    return sum(1 << k for k, source in enumerate(run.sources) if source in updated)
