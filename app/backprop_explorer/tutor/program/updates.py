"""Rules of updates: what the difference of a parameter is made of, besides its gradient.

Momentum, Nesterov's and weight decay are linear in the gradient, the state and the parameter.
Adagrad, RMSprop and Adam divide by the root of an average of squares. The coefficients are those of
the program; only their signs are fixed.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np

from backprop_explorer.engine.ops.operation import Array
from backprop_explorer.tutor.mistakes import ids
from backprop_explorer.tutor.program.source import operand_of
from backprop_explorer.tutor.program.steps import Run, Step
from backprop_explorer.tutor.program.truth import multiple

# By how much two factors that are one may differ.
SAME_FACTOR = 1e-4
# The part of a parameter that decays in one step; all of it means that a step replaces it.
MOST_DECAY = 0.99
MIN_PART = 1e-4  # of an update that is the gradient, and not a decay
MIN_OF_BOTH = 4  # entries of a parameter that L1 and L2 are known by
_OF_AVERAGES = re.compile(r"beta|momentum|rho|\bmu\b", re.IGNORECASE)
_RULES = frozenset({"sqrt", "square", "power", "maximum", "clip", "norm", "sign", "absolute"})


class UpdateRule(NamedTuple):
    """``factor`` is that of the gradient. ``divides``: by the root of an average of squares; then
    only the sign counts, or where the averages began at 0 (``averages``), the rate of g / √g².
    """

    factor: float
    divides: bool
    averages: Averages | None = None


class Average(NamedTuple):
    """A sum at step ``at`` of a ``term``, that is ``part`` · g, and ``kept`` times what was before.

    ``scales``: by what each later step multiplies it, as the correction of a bias does.
    """

    at: int
    term: int
    kept: float | None
    part: float
    scales: dict[int, float]

    @property
    def is_sum_corrected(self) -> bool:
        """Whether a term has no factor, so that it is no average, but is corrected like one."""
        kept = self.kept or 0.0
        is_sum = abs(self.part - 1.0) < 1e-6 and 0.0 < kept < 1.0
        return is_sum and self.scaled(1.0 / (1.0 - kept)) is not None

    def scaled(self, by: float) -> int | None:
        """Return the later step that multiplies it by a number, nearly."""
        found = (at for at, each in self.scales.items() if abs(each / by - 1.0) < 1e-4)
        return next(found, None)


class Averages(NamedTuple):
    """The averages of a gradient and of its square in the first update.

    ``scale`` is the factor that the program's gradient has, of which they are computed; ``own`` is
    its step.
    """

    scale: float
    mean: Average | None
    square: Average | None
    own: int | None = None

    def mistake(
        self, rate: float, is_rate: Callable[[float], bool], *, differs: bool
    ) -> tuple[str, int, int] | None:
        """Return the name of a mistake in an average or its correction, where it is, and the step
        of the average. ``rate`` is that of the update, ``is_rate`` says which numbers may be one;
        ``differs``: the update is another one than those of other parameters.
        """
        mean, square = self.mean, self.square
        if square is None:
            return None
        for each in (mean, square):
            if each is not None and each.is_sum_corrected:
                return ids.MISSING_FACTOR, each.at, each.at
        kept = square.kept or 1.0
        if 1.0 not in (kept, square.part):
            # Both averages may be of a gradient that they divide by a count.
            counts = [1.0]
            if mean is not None and mean.kept not in (None, 1.0):
                counts.append(mean.part / (1.0 - (mean.kept or 0.0)))
            if all(abs(square.part / each**2 + kept - 1.0) > 1e-6 for each in counts if each):
                return ids.WRONG_OPERAND, square.term, square.at
        if mean is None or 1.0 in (mean.part, square.part):
            return None
        whole = mean.part + (mean.kept or 1.0 - mean.part)
        if abs(square.part + kept - 1.0) <= 1e-6 < abs(whole - 1.0) and mean.kept != 1.0:
            return ids.WRONG_OPERAND, mean.term, mean.at
        corrected = [each.scaled(1.0 / each.part) is not None for each in (mean, square)]
        if corrected[0] is corrected[1]:
            return None
        lacking, other = (square, mean) if corrected[0] else (mean, square)
        at, same = lacking.scaled(1.0 / other.part), lacking.scaled(1.0)
        if at is not None:
            return ids.WRONG_OPERAND, at, lacking.at
        part = lacking.part if lacking is mean else lacking.part**-0.5
        # A rate by a schedule is no number that the program begins with.
        own = any(abs(abs(rate / part) - each) <= 1e-6 * each for each in other.scales.values())
        # A rate that equals 1 - β is no learning rate, although the program has this number.
        by_chance = any(abs(abs(rate) - each.part) <= 1e-9 for each in (mean, square))
        usual = (is_rate(rate) and not by_chance) or not (own or is_rate(rate / part))
        if same is None and not differs and usual:
            return None  # the rate may be corrected in its place
        at = min(lacking.scales, default=lacking.at) if same is None else same
        return ids.BIAS_CORRECTION_MISSING, at, lacking.at


def rule_of(
    run: Run,
    source: int,
    after: int,
    gradient: Array,
    behind: Sequence[Step],
    tolerance: float,
    values: Mapping[int, Array] | None = None,
    *,
    decays: bool = True,
) -> UpdateRule | None:
    """Return the known rule by which a parameter is updated with its gradient, if it is one.

    ``behind`` are the steps that it is computed from, but not those of the forward pass.
    ``values`` differ from the recorded ones. ``decays``: a multiple of the parameter may be part
    of the update.
    """
    known, before = values or {}, run.steps[source].value
    moved = known.get(after, run.steps[after].value)
    if moved.size != before.size or moved.size < 2 or np.array_equal(moved.ravel(), before.ravel()):
        return None
    moved = moved.reshape(before.shape) - before
    same = [(each, known.get(each.index, each.value)) for each in behind]
    # A row for a bias may have one axis more than its gradient.
    axes = np.squeeze(moved).shape
    same = [(each, e.reshape(moved.shape)) for each, e in same if np.squeeze(e).shape == axes]
    states = [value for each, value in same if not each.op and value.any()]
    kinds = _kinds_of_decay(before, gradient) if decays else [[]]
    kinds += [[]] if decays and states else []  # few entries do not tell a velocity and a decay
    is_linear = False
    for kind in kinds:
        found = linear(moved, [gradient, *states[:3], *kind], tolerance)
        size = 0.0 if found is None else abs(found[0]) * np.linalg.norm(gradient)
        # A first step of Adam by one sign is a multiple of a parameter that is all ones.
        if found is None or size <= MIN_PART * np.linalg.norm(moved):
            continue
        # Weights decay; nothing is left of them where the step alone is assigned. A velocity of
        # ones may look like a decay that makes them larger.
        less, is_linear = found[1 + len(states[:3]) :], True
        shrinks = (less * np.sign(found[0]) >= -tolerance).all()
        if not decays or (shrinks and (abs(less) < 1.0 - tolerance).all()):
            return UpdateRule(float(found[0]), divides=False)
    if is_linear:
        return None
    sizes = (run.steps[e.inputs[1]].value.size for e, _ in same if e.op in ("divide", "power"))
    divides = any(each.op == "sqrt" for each, _ in same) or any(size > 1 for size in sizes)
    own = [(each, value) for each, value in same if source in each.inputs]
    shrunk = _shrunk(own, same, moved, before, tolerance) if divides and decays else []
    rules = (
        _averaged(run, moved - less * before, same, states, gradient, before, tolerance)
        for less in ((0.0, *shrunk) if divides else ())
    )
    return next((each for each in rules if each is not None), None)


def _shrunk(
    own: list[tuple[Step, Array]],
    same: list[tuple[Step, Array]],
    moved: Array,
    before: Array,
    tolerance: float,
) -> list[float]:
    """Return by which multiples of itself a parameter may be made smaller beside its gradient, as
    AdamW does: in a product of its own, or as a term of what the rate multiplies.

    ``own`` read the parameter.
    """
    found = list[float]()
    for each, value in own if moved.size > 2 else ():
        known = each.op in ("multiply", "subtract")
        factor = multiple(value, before, tolerance) if known else None
        if factor is not None and 0.5 < factor < 1.0:
            found.append(factor - 1.0)
        for total, added in same if factor is not None else ():
            rate = multiple(moved, added, tolerance) if each.index in total.inputs else None
            if rate is not None and rate * factor < 0:  # type: ignore[operator]
                found.append(rate * factor)  # type: ignore[operator]
    return found


def _averaged(
    run: Run,
    moved: Array,
    same: list[tuple[Step, Array]],
    states: list[Array],
    gradient: Array,
    before: Array,
    tolerance: float,
) -> UpdateRule | None:
    """Return the rule of an update that divides by the root of an average of squares."""
    # What is computed before the gradient is no average of it.
    known = _are_multiples(same, (gradient, gradient**2), tolerance)
    begin = next(
        (
            at
            for at, (each, value) in enumerate(same)
            if known[at]
            or (each.op == "add" and penalised(value, gradient, before, tolerance) is not None)
        ),
        len(same),
    )
    same = same[begin:]
    means, squares, scale = [gradient], list[Array](), 1.0
    for each, value in same:
        # A penalty of the weights may be added to the gradient first.
        is_multiple = multiple(value, gradient, tolerance) is not None
        own = None if is_multiple else penalised(value, gradient, before, tolerance)
        if each.op == "add" and own:
            gradient, scale = value, own * scale
            means.append(value)
            continue
        if _is_average(value, gradient, states, tolerance):
            means.append(value)
        if (value >= 0).all() and _is_average(value, gradient**2, states, tolerance):
            squares.append(value)
    for mean in means[:8]:
        for square in squares:
            sign = _divided(moved, mean, square, tolerance)
            of_mean, of_square = (
                multiple(mean, gradient, tolerance),
                multiple(square, gradient**2, tolerance),
            )
            if sign and of_mean is not None and of_square is not None:
                rate = sign * abs(of_mean) / np.sqrt(of_square)
                averages = _averages(run, same, gradient, tolerance)
                averages = averages._replace(scale=averages.scale * scale)
                return UpdateRule(float(rate), divides=True, averages=averages)
            if sign:
                return UpdateRule(float(np.sign(sign)), divides=True)
    sizes = [e for _, e in same if multiple(e, np.abs(gradient), tolerance)]
    for mean, size in product(means[:8], sizes):  # Adamax divides by the largest |g|
        if (size >= 0).all() and (sign := _divided(moved, mean, size**2, tolerance)):
            return UpdateRule(float(np.sign(sign)), divides=True)
    return None


def _are_multiples(
    values: Sequence[tuple[Step, Array]], of: Iterable[Array], tolerance: float
) -> Array:
    """Return which values are multiples of one of some arrays, as ``multiple`` says of one."""
    found = np.zeros(len(values), bool)
    rows = np.array([value.ravel() for _, value in values], float)
    for each in of if len(values) else ():
        row = each.ravel()
        square = float(row @ row)
        factors = rows @ row / square if square else np.zeros(len(values))
        off = rows - factors[:, None] * row
        near = (off * off).sum(axis=1) <= tolerance**2 * (rows * rows).sum(axis=1)
        found |= near & (factors != 0.0)
    return found


def _averages(
    run: Run, same: list[tuple[Step, Array]], gradient: Array, tolerance: float
) -> Averages:
    """Return the averages of a gradient and its square that an update is made of."""
    factors = [
        {e.index: f for e, value in same if (f := multiple(value, of, tolerance)) is not None}
        for of in (gradient, gradient**2)
    ]
    last = max(factors[1])
    read = run.ancestors([last])
    beside = [at for at in factors[0] if at not in read and last not in run.ancestors([at])]
    # Without an average of the gradient it is divided as it is.
    both = run.ancestors(beside) & read if beside else read
    # (1 - β) g · g is the square of g, not of (1 - β) g.
    squared = [k for k in run.steps[min(factors[1])].inputs if k in factors[0]]
    before = [run.ancestors([each]) for each in squared]
    own = max(
        (at for at in factors[0] if at in both and all(at in each for each in before)), default=None
    )
    # Of entries of a larger array that is squared, it is not known which gradient was squared.
    if own is None or (not squared and run.steps[min(factors[1])].op == "getitem"):
        return Averages(1.0, None, None)
    scale = factors[0][own]
    mean, square = (
        _average(run, {at: f / scale**power for at, f in kind.items() if at > own})
        for power, kind in enumerate(factors, 1)
    )
    return Averages(scale, mean, square, own)


def _average(run: Run, factors: Mapping[int, float]) -> Average | None:
    """Return the average that some multiples of one array belong to, with their factors."""
    for at, part in factors.items():
        step = run.steps[at]
        zeros = [run.steps[k] for k in step.inputs if not run.steps[k].value.any()]
        if step.op != "add" or len(zeros) != 1 or part < 0:
            continue
        term = next(k for k in step.inputs if run.steps[k].value.any())
        numbers = [run.steps[k].value for k in zeros[0].inputs if zeros[0].op == "multiply"]
        kept = next((float(each.ravel()[0]) for each in numbers if each.size == 1), None)
        later = {k: f for k, f in factors.items() if at in run.ancestors([k]) - {k}}
        scales = {
            k: f / factors[given]
            for k, f in later.items()
            for given in run.steps[k].inputs
            if given == at or given in later
        }
        return Average(at, term, kept, part, scales)
    return None


def lone_share(
    run: Run, behind: Sequence[Step], gradient: Array, tolerance: float, *, has_zeros: bool
) -> int | None:
    """Return the step of (1 - β) g in an update to which no state is added.

    ``has_zeros``: zeros that may be this state are unread; else β must have its usual name.
    """
    inside = {each.index for each in behind}
    for step in behind:
        of = multiple(step.value, gradient, tolerance) if step.op == "multiply" else None
        shares = (
            _is_share(operand_of(step.text, k), has_zeros=has_zeros)
            # 1 - a, where a is one unit's activation, belongs to a slope.
            and all(run.steps[at].value.size == 1 for at in run.ancestors([step.inputs[k]]))
            for k in (0, 1)
        )
        if of and any(shares):
            later = [step.index]  # with what it is multiplied by
            for at in later:
                reads = [run.steps[k] for k in run.readers[at] if k in inside]
                # What is subtracted from a state that begins with 0.
                states = (k for k in reads if k.op == "subtract")
                empty = any(not run.steps[k.inputs[0]].value.any() for k in states)
                if empty or any(each.op == "add" for each in reads):
                    return None
                products = (k.index for k in reads if k.op in ("multiply", "divide"))
                later += [k for k in products if k not in later]
            return step.index
    return None


def _is_share(node: ast.expr | None, *, has_zeros: bool) -> bool:
    """Whether an expression is 1 - β."""
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Sub):
        return False
    one = isinstance(node.left, ast.Constant) and node.left.value == 1
    known = isinstance(node.right, ast.Name | ast.Attribute | ast.Subscript)
    return one and known and (has_zeros or bool(_OF_AVERAGES.search(ast.unparse(node.right))))


def counterpart(run: Run, at: int, like: int, of: int) -> int | None:
    """Follow two computations that do the same operations, of ``at`` and of ``like``, back to the
    step ``of`` of the second one; return which step the first one has there, None if they differ.
    """
    pairs, seen = [(like, at)], {(like, at)}
    while pairs:
        one, other = pairs.pop()
        if one == of:
            return other
        first, second = run.steps[one], run.steps[other]
        if first.op != second.op or len(first.inputs) != len(second.inputs):
            continue
        new = {pair for pair in zip(first.inputs, second.inputs, strict=True) if pair[0] >= of}
        pairs += new - seen
        seen |= new
    return None


def divided_by_own_size(moved: Array, gradient: Array | None, tolerance: float) -> bool:
    """Whether an update goes down by g / (√g² + ε) times a rate, as the first of averages does."""
    if gradient is None or gradient.size < 3 or gradient.shape != moved.shape:
        return False
    sizes = np.abs(gradient[gradient != 0.0])
    if sizes.size < 3 or np.ptp(sizes) <= 1e-6 * sizes.max():
        return False
    moves = np.abs(moved[gradient != 0.0])
    if np.ptp(moves) > 0.1 * moves.max(initial=0.0):
        return False
    return _divided(moved, gradient, gradient**2, tolerance) < 0


def has_own_rule(
    run: Run, after: int, gradient: Array, inside: frozenset[int], tolerance: float
) -> bool:
    """Whether an update is made of the right gradient in a way that is not known here."""
    behind = run.ancestors([after])
    right = [
        each
        for each in sorted(behind - inside)
        if run.steps[each].op and multiple(run.steps[each].value, gradient, tolerance)
    ]
    right = right or _entries(run, behind - inside, gradient, tolerance)
    made = set(right)  # and what is computed from it
    for each in sorted(behind):
        made |= {each} if made.intersection(run.steps[each].inputs) else set()
    later = (run.steps[each] for each in made - run.ancestors(right))
    # A gradient that is clipped where it is small stays as it is.
    return bool(right) and any(
        each.op in _RULES
        and not any(np.array_equal(each.value, run.steps[k].value) for k in each.inputs)
        for each in later
    )


def _entries(run: Run, behind: frozenset[int], gradient: Array, tolerance: float) -> list[int]:
    """Return the single numbers that are the entries of a gradient; none if one is lacking."""
    numbers = [at for at in sorted(behind) if run.steps[at].op and run.steps[at].value.size == 1]
    values = np.array([float(run.steps[at].value.ravel()[0]) for at in numbers])
    found = list[int]()
    for entry in gradient[gradient != 0.0] if numbers and gradient.size > 1 else ():
        near = np.abs(values - entry) <= tolerance * abs(entry)
        if not near.any():
            return []
        found.append(numbers[int(near.argmax())])
    return found


def penalised(value: Array, gradient: Array, before: Array, tolerance: float) -> float | None:
    """Return the factor of a gradient to which a multiple of the parameter was added, or of its
    sign, or both.
    """
    signs = np.sign(before)
    kinds = [[before], [signs], [before, signs]] if value.size > 2 else []
    for kind in kinds if value.size > MIN_OF_BOTH else kinds[:1]:
        found = linear(value, [gradient, *kind], tolerance)
        if found is not None:
            # What is a multiple of the parameter has a part of any gradient, by rounding.
            is_part = abs(found[0]) * np.abs(gradient).max() > tolerance * np.abs(value).max()
            return float(found[0]) if is_part and (found > 0).all() else None
    return None


def decayed(moved: Array, gradient: Array, before: Array, tolerance: float) -> float | None:
    """Return the factor of a gradient by which a parameter moved that also decays."""
    columns = [[gradient, each] for each in _decays(before, gradient)] if moved.size > 2 else []
    found = _first_linear(moved, columns, tolerance)
    if found is None or not -0.5 < found[1] <= 0 <= -found[0]:
        return None
    # Of what a divided update leaves of the gradient the rate is not known.
    is_part = abs(found[0]) * np.abs(gradient).max() > MIN_PART * np.abs(moved).max()
    return float(found[0]) if is_part else None


def decay_of(value: Array, gradient: Array, before: Array, tolerance: float) -> float | None:
    """Return the strength of a decay that is part of a gradient; 0 without one, None if that is
    not known.
    """
    if multiple(value, gradient, tolerance) is not None:
        return 0.0
    columns = [[gradient, each] for each in _decays(before, gradient)] if value.size > 2 else []
    found = _first_linear(value, columns, tolerance)
    return None if found is None or not found[0] else float(found[1] / found[0])


def _kinds_of_decay(before: Array, gradient: Array) -> list[list[Array]]:
    """Return what may be subtracted from a parameter besides its gradient: by L2, L1, or both."""
    both = [[before, np.sign(before)]] if before.size > MIN_OF_BOTH else []
    return [*([each] for each in _decays(before, gradient)), *both]


def decays_of_both(
    moved: Array, gradient: Array | None, before: Array, tolerance: float
) -> tuple[float, float] | None:
    """Return the strengths of L2 and L1 by which a parameter decays beside its gradient."""
    if gradient is None or moved.size <= MIN_OF_BOTH or moved.shape != gradient.shape:
        return None
    single = (linear(moved, [gradient, e], tolerance) for e in _decays(before, gradient))
    if any(each is not None for each in single):
        return None
    found = linear(moved, [gradient, before, np.sign(before)], tolerance)
    return None if found is None else (found[1] / found[0], found[2] / found[0])


def decays_alone(
    moved: Array, gradient: Array, before: Array, strengths: Iterable[float], tolerance: float
) -> bool:
    """Whether what is left of an update without its gradient makes the parameter smaller: all of
    it, or each row as often as it was used; of single entries by one of some strengths.

    ``gradient`` is that of the update with its factor. Of two entries no sum of two tells this.
    """
    left = moved - gradient
    if moved.ndim <= 2 and moved.size > 1:
        rows = [(a, b) for a, b in zip(left, before, strict=True) if np.any(a)]
        of = [multiple(np.atleast_1d(a), np.atleast_1d(b), tolerance) for a, b in rows]
        known = [each for each in of if each is not None and -MOST_DECAY < each < 0.0]
        least = max(known, default=-1.0)
        times = [each / least for each in known]
        wide = moved.ndim == 2 and moved.shape[1] > 1
        wide = wide or any(near(-least, abs(each)) for each in strengths)
        if wide and len(known) == len(rows) > 0 and all(abs(e - round(e)) < 1e-3 for e in times):
            return True
    of = [multiple(left, each, tolerance) for each in _decays(before, gradient)]
    return moved.size > 1 and any(each is not None and -MOST_DECAY < each < 0.0 for each in of)


def _decays(before: Array, gradient: Array) -> list[Array]:
    """Return what is subtracted from a parameter besides its gradient: by L2, or by L1; by L2
    perhaps not of the first or last row, column or entry, which is that of the biases, nor of
    entries that the gradient does not change.
    """
    found = [before, np.sign(before), np.where(before > 0, 1.0, -1.0)]
    for axis, size in enumerate(before.shape if before.ndim <= 2 < before.size else ()):
        for bias in (0, size - 1) if size > 1 else ():
            weights = np.moveaxis(before.copy(), axis, 0)
            weights[bias] = 0.0
            found.append(np.moveaxis(weights, 0, axis))
    if gradient.shape == before.shape and not gradient.all():
        found.append(np.where(gradient != 0.0, before, 0.0))
    return found


def _first_linear(value: Array, columns: list[list[Array]], tolerance: float) -> Array | None:
    found = (linear(value, each, tolerance) for each in columns)
    return next((each for each in found if each is not None), None)


def linear(value: Array, columns: list[Array], tolerance: float) -> Array | None:
    """Return the coefficients of a sum of arrays, if it is one and they are known by it."""
    whole = np.stack([np.ravel(each).astype(float) for each in columns], axis=1)
    # Entries that are 0 in all tell nothing.
    if np.count_nonzero(whole.any(axis=1)) <= len(columns):
        whole = whole[:, :1]
    lengths = np.linalg.norm(whole, axis=0)
    if not lengths.all() or not value.any():
        return None  # what is 0 is a multiple of everything
    if not np.isfinite(lengths).all() or not np.isfinite(value).all():
        return None
    found = np.linalg.lstsq(whole / lengths, np.ravel(value), rcond=None)[0] / lengths
    off = np.linalg.norm(whole @ found - np.ravel(value))
    near = off <= tolerance * np.linalg.norm(value)
    if not near:
        return None
    return np.append(found, 0.0) if len(found) == 1 else np.asarray(found)


def _is_average(value: Array, of: Array, states: list[Array], tolerance: float) -> bool:
    if multiple(value, of, tolerance) is not None:
        return True
    return any(
        (found := linear(value, [of, each], tolerance)) is not None and (found > 0).all()
        for each in states
    )


def _divided(moved: Array, mean: Array, square: Array, tolerance: float) -> float:
    """Return ± the rate in rate · mean / (√square + ε) or rate · mean / √(square + ε), else 0."""
    # Small differences of parameters are not exact.
    seen = (np.abs(moved) > 1e-4 * np.abs(moved).max(initial=0.0)) & (mean != 0.0)
    if seen.sum() < 2 or (np.abs(mean[~seen]) > 1e-4 * np.abs(mean).max()).any():
        return 0.0
    inverse, root = mean[seen] / moved[seen], np.sqrt(square[seen])
    fits = []
    for value, column, power in ((inverse, root, 1.0), (inverse**2, root**2, 0.5)):
        columns = np.stack([column, np.ones(column.size)], axis=1)
        found = np.linalg.lstsq(columns, value, rcond=None)[0]
        off = np.linalg.norm(columns @ found - value) / np.linalg.norm(value)
        if off <= max(tolerance, 1e-6) and found[0] * value[0] > 0:
            fits.append((off, float(np.sign(inverse[0]) / np.abs(found[0]) ** power)))
    return min(fits, default=(0.0, 0.0))[1]


def near(a: float | None, b: float | None) -> bool:
    return a is not None and b is not None and abs(a - b) <= SAME_FACTOR * max(abs(a), abs(b))


def close(a: float, b: float) -> bool:
    """Whether two rates are one: ε hides their last digits."""
    return abs(a - b) <= 1e-2 * max(a, b)
