"""Where a wrong result comes from: the steps behind it that no true array explains."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from backprop_explorer.engine.ops.operation import Array
from backprop_explorer.tutor.program.alignment import Alignment
from backprop_explorer.tutor.program.outcome import Outcome
from backprop_explorer.tutor.program.source import loop_around
from backprop_explorer.tutor.program.steps import COPIES, VIEWS, SourceFrame
from backprop_explorer.tutor.program.truth import multiple

_ARRANGES = VIEWS | {"", "stack", "concatenate", "pad", "setitem", "add_at"}


def region_of(alignment: Alignment, outcomes: list[Outcome]) -> list[int]:
    """Return the steps behind wrong results, back to those with right inputs, in order."""
    run, found = alignment.run, set[int]()
    right = [
        each.index
        for each in alignment.outcomes
        if each.state == "right" and not alignment.is_dead(each.wanted)
    ]
    useful, of_forward = run.ancestors(right), alignment.truth.forward | _kept(alignment)
    for outcome in outcomes:
        waiting, seen = [outcome.index], set[int]()
        while waiting:
            at = waiting.pop()
            step = run.steps[at]
            if at in seen or not step.op or at < run.start or at in of_forward:
                continue
            seen.add(at)
            # A number may be equal to the gradient of something else by chance.
            chance = step.value.size == 1 and at not in useful
            # A wrong factor may be that of any gradient of its parameter.
            own = outcome.state == "factor" and outcome.rate is None and at not in useful
            own = own and any(m.label.of == outcome.source for m in alignment.labels(at))
            known = own or at == outcome.index
            if not known and _is_right(alignment, at, outcome.source if chance else None):
                found |= {at} if is_entry(alignment, at) else set()
                continue
            waiting += read_of(alignment, at)
            found.add(at)
    return sorted(found)


def _kept(alignment: Alignment) -> set[int]:
    """Return the arrays in which the forward pass keeps its values for the backward pass."""
    run, forward, found = alignment.run, alignment.truth.forward, set[int]()
    for step in run.steps[: max(forward, default=0)]:
        known = (each in forward or each in found or not run.moves[each] for each in step.inputs)
        if step.op and step.op in _ARRANGES and step.index not in forward and all(known):
            found.add(step.index)
    return found


def _is_right(alignment: Alignment, at: int, source: int | None) -> bool:
    """Whether a value is right; of a gradient also, whether that of ``source`` comes of it."""
    run = alignment.run
    if not alignment.is_right(at):
        return False
    if source not in run.sources:
        return True
    bit = 1 << run.sources.index(source)
    gradients = [m.label for m in alignment.labels(at) if m.label.kind in ("gradient", "share")]
    return not gradients or any(run.depends[label.of] & bit for label in gradients)


def parts_of(alignment: Alignment, outcome: Outcome, *, inside: bool = False) -> list[Outcome]:
    """Return the wrong parts of a wrong result that is put together: θ of W and b, in a row.

    ``inside``: of a part, what is only in another form is looked through.
    """
    run, step, whole = alignment.run, alignment.run.steps[outcome.index], outcome.wanted
    if outcome.is_update and outcome.state == "wrong":
        return _rows_of(alignment, outcome) or [outcome]
    if step.op not in ("concatenate", "reshape", "copy", "transpose") or outcome.is_update:
        return [outcome]
    inside |= step.op == "concatenate"
    if not inside or whole is None or outcome.state != "wrong" or whole.shape != step.value.shape:
        return [outcome]
    sizes = [run.steps[each].value.size for each in step.inputs]
    ends = np.cumsum(sizes)
    entries = [
        np.arange(end - size, end).reshape(run.steps[each].value.shape)
        for each, size, end in zip(step.inputs, sizes, ends, strict=True)
    ]
    wanted = np.zeros(ends[-1])
    wanted[np.ravel(run.compute(step, entries))] = whole.ravel()
    found = []
    for each, of in zip(step.inputs, entries, strict=True):
        value, part = run.steps[each].value, wanted[of]
        factor = multiple(value, part, alignment.tolerance)
        if factor is not None and abs(factor - (alignment.main or 1.0)) <= 1e-4 * abs(factor):
            continue
        if alignment.run.steps[each].op == "" or each in alignment.truth.forward:
            return [outcome]
        gradients = alignment.truth.gradients.items()
        same = (k for k, g in gradients if g.shape == part.shape and np.allclose(g, part, 1e-9, 0))
        source = next(same, outcome.source)
        made = replace(outcome, index=each, source=source, wanted=part)
        found += parts_of(alignment, made, inside=True)
    return found or [outcome]


def _rows_of(alignment: Alignment, outcome: Outcome) -> list[Outcome]:
    """Return the wrong changes of an update that is made row by row, each row once."""
    run, at, source = alignment.run, outcome.index, outcome.source
    seen: Any = False
    rows = list[tuple[int, Array, Array]]()
    while source is not None and run.steps[at].op == "setitem" and outcome.wanted is not None:
        step, shape = run.steps[at], run.steps[at].value.shape
        indices = [run.steps[each].value for each in step.inputs[2:]]
        marked = run.compute(step, [np.zeros(shape), 1.0, *indices]) > 0
        change = run.steps[step.inputs[1]]
        if (seen & marked).any() or change.op not in ("add", "subtract"):
            return []
        seen = seen | marked
        before = run.steps[source].value[marked]
        rows.append((change.inputs[1], step.value[marked] - before, outcome.wanted[marked]))
        at = step.inputs[0]
    if at != source or len(rows) < 2:
        return []
    factors = [multiple(moved, wanted, alignment.tolerance) for _, moved, wanted in rows]
    known = [each for each in factors if each is not None and each < 0]
    main = alignment.mains.get(True) or max(known, key=known.count, default=None)
    return [
        replace(outcome, index=index, is_update=False, factor=factor, wanted=wanted)
        for (index, _, wanted), factor in zip(rows, factors, strict=True)
        if main is None or factor is None or abs(factor - main) > 1e-4 * abs(main)
    ]


def read_of(alignment: Alignment, at: int) -> list[int]:
    """Return the steps that a step reads: of an array written entry by entry, what was written.

    The write itself is one of them only if all that was written is right.
    """
    run, step = alignment.run, alignment.run.steps[at]
    if step.op != "getitem" or run.steps[step.inputs[0]].op != "setitem":
        return list(step.inputs)
    others = [run.steps[each].value for each in step.inputs[1:]]
    taken = np.unique(run.compute(step, [run.writers(step.inputs[0]), *others]))
    found = [int(each) for each in taken[::-1]]
    writes = [each for each in found if run.steps[each].op == "setitem"]
    written = [run.steps[each].inputs[1] for each in writes]
    written += [each for each in found if run.steps[each].op != "setitem"]
    right = all(alignment.is_right(each) for each in written)
    return [*writes, *(() if right else written), *step.inputs[1:]]


def origins(alignment: Alignment, region: list[int]) -> list[int]:
    """Return the steps of a region of which all inputs are right."""
    region = [at for at in region if not is_entry(alignment, at)]
    right = _rightly_written(alignment, region)
    region = [at for at in region if at not in right]
    inside = set(region)
    return [at for at in region if not inside.intersection(read_of(alignment, at))]


def _rightly_written(alignment: Alignment, region: list[int]) -> set[int]:
    """Return the steps that set entries of an array to right values, where other entries are set
    to wrong ones in the same way: both are products, or neither is. A product with a slope is
    ∂C/∂z and what is none is ∂C/∂a, so that of two kinds one may be right for another array.
    """
    run, found = alignment.run, set[int]()
    written, begins = dict[int, list[tuple[int, bool, bool]]](), dict[int, int]()
    for step in run.steps:
        if step.op == "setitem":
            begins[step.index] = begins.get(step.inputs[0], step.inputs[0])
    for at in (at for at in region if at in begins):
        value = run.whole_of(run.steps[at].inputs[1])
        is_right = alignment.is_right(run.steps[at].inputs[1])
        made = (at, is_right, run.steps[value].op == "multiply")
        written.setdefault(begins[at], []).append(made)
    for some in written.values():
        wrong = {is_product for _, is_right, is_product in some if not is_right}
        found |= {at for at, is_right, is_product in some if is_right and is_product in wrong}
    return found


def is_entry(alignment: Alignment, at: int) -> bool:
    """Whether a step takes a number out of a right array: another one may belong there."""
    step = alignment.run.steps[at]
    return step.op == "getitem" and step.value.size == 1 and alignment.is_right(step.inputs[0])


def blamed_frame(
    alignment: Alignment, at: int, *, carries: bool = True, arranges: bool = False
) -> SourceFrame | None:
    """Return the frame of a step that is to blame: not a helper that is right in another call.

    ``carries``: the step is computed from a gradient. A helper that computes only a derivative
    may be right, and called with a wrong argument. ``arranges``: a helper that only arranges
    entries lacks no factor.
    """
    run, frames = alignment.run, alignment.run.steps[at].frames
    level = 0
    while level < len(frames) - 1:
        frame = frames[level]
        inside = [s.op for s in run.steps if any(f.call == frame.call for f in s.frames)]
        if arranges and _ARRANGES.issuperset(inside) and not COPIES.issuperset({*inside} - {""}):
            level += 1
            continue
        others = [
            step.index
            for step in run.steps
            if step.op == run.steps[at].op
            # A number may be right by chance.
            if step.value.size > 1 or run.steps[at].value.size == 1
            if [f[:3] for f in step.frames[: level + 1]] == [f[:3] for f in frames[: level + 1]]
            if step.frames[0].place == frames[0].place
            if step.frames[level].call != frame.call
        ]
        if carries or not any(alignment.is_right(each) for each in others):
            break
        level += 1
    return frames[level] if frames else None


def zeros_of(alignment: Alignment, outcome: Outcome) -> int | None:
    """Return the array of zeros that a wrong result is, to which nothing was ever added."""
    run, at = alignment.run, outcome.index
    moved = run.steps[at].value
    if outcome.is_update and outcome.source is not None:
        moved = moved - run.steps[outcome.source].value
    if outcome.state != "wrong" or moved.any():
        return None
    behind = run.ancestors([at]) - alignment.truth.forward
    arrays = [each for each in behind if run.steps[each].value.size > 1]
    made = [each for each in arrays if not run.steps[each].op and not run.steps[each].value.any()]
    steps = [run.steps[each] for each in arrays if not outcome.is_update or each != at]
    carries = any(run.depends[step.index] and step.value.any() for step in steps)
    return max(made) if made and not carries else None


def loop_of_gradients(alignment: Alignment) -> tuple[str, int] | None:
    """Return the line of the loop in which gradients of parameters are computed."""
    run, forward = alignment.run, alignment.truth.forward
    right = [each.index for each in alignment.outcomes if each.state == "right"]
    for at in sorted(run.ancestors(right) - forward):
        line, label = run.steps[at].line, alignment.carried(at)
        loop = None if line is None else loop_around(*line)
        if line and loop and label is not None and not run.steps[label.label.of].op:
            return line[0], loop
    return None
