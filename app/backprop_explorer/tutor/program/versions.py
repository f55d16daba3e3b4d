"""The values that stand for a parameter after each of its updates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from backprop_explorer.engine.ops import OPS
from backprop_explorer.tutor.program.source import container_of
from backprop_explorer.tutor.program.steps import COPIES, Run, Step, last_name

CHANGING = frozenset({"add", "subtract", "setitem", "add_at", "copy", "astype", "where"})
# How many inputs of an operation its result may be an updated version of.
_ADDS = dict[str, int | None](add=2, subtract=1, multiply=2, divide=1, setitem=2, add_at=1)
_ADDS |= dict.fromkeys(("stretch", "gather"), 1) | dict.fromkeys(("stack", "concatenate"))
SHOWN = frozenset({"transpose", "reshape", "copy", "astype", "getitem", "strided"})


def is_decay(run: Run, step: Step) -> bool:
    """Whether an array is made smaller by a number, as weights that decay before their update."""
    numbers = [run.steps[each].value for each in step.inputs if run.steps[each].value.size == 1]
    return step.op == "multiply" and len(numbers) == 1 and 0.5 < numbers[0].item() <= 1.0


def may_take(run: Run, step: Step, position: int, shape: tuple[int, ...]) -> bool:
    """Whether a step has the same shape with an array of some shape in the place of a number."""
    if shape == ():
        return True
    shapes = [run.steps[each].value.shape for each in step.inputs]
    shapes[position] = shape
    return OPS[step.op].family == "elementwise" and _broadcast(shapes) == step.value.shape


def kept_in(step: Step) -> tuple[str, str]:
    """Return the list or the kind of entry that the line of a step puts it into."""
    return container_of(*step.line, step.text) if step.line is not None else ("", "")


def terms_written(run: Run, step: Step, base: int, wholes: Sequence[int]) -> list[int]:
    """Return what an assignment into an array adds to the entries that it had there."""
    change = run.steps[step.inputs[1]]
    if change.op not in ("add", "subtract"):
        return []
    read = [wholes[array_shown(run, without_factor(run, each))] for each in change.inputs[:2]]
    return [change.inputs[1 - k] for k, each in enumerate(read) if each == base]


def without_factor(run: Run, at: int) -> int:
    """Return what a value is a multiple of, by a number: entries that decay."""
    step = run.steps[at]
    arrays = [each for each in step.inputs if run.steps[each].value.size > 1]
    return arrays[0] if step.op == "multiply" and len(arrays) == 1 else at


def is_made_of(run: Run, at: int, source: int) -> bool:
    """Whether a value is that of a source plus something: all of it, entries, or a multiple."""
    return source in sums_behind(run, at)


def sums_behind(run: Run, at: int) -> set[int]:
    """Return what a value is plus something, and the value itself."""
    waiting, seen = [at], set[int]()
    while waiting:
        step = run.steps[waiting.pop()]
        if step.index not in seen and (step.op in _ADDS or step.op in SHOWN):
            waiting += step.inputs[: _ADDS.get(step.op, 1)]
            if step.op == "setitem":  # entries that are replaced are not added to
                waiting.remove(step.inputs[0])
        seen.add(step.index)
    return seen


def first_written(run: Run, made: Sequence[bool] = ()) -> list[int]:
    """Return for each step the array that was the first of which entries were replaced; or the last
    one that is ``made`` of constants, as weights that are drawn one by one.
    """
    found = list[int]()
    for step in run.steps:
        at = step.index
        is_written = step.op in ("setitem", "add_at") and not (made and made[at])
        is_same = is_written or _op(run, at) in COPIES
        found.append(found[step.inputs[0]] if is_same else at)
    return found


def before_decays(run: Run, at: int) -> list[int]:
    """Return an array, and what it is a multiple or copy of: by its name or by a usual decay."""
    found = [without_zeros(run, source_of(run, at))]
    while (step := run.steps[found[-1]]).op in ("multiply", "divide"):
        arrays = [each for each in step.inputs if run.steps[each].value.size > 1]
        if len(arrays) != 1:
            break
        same = bool(step.name) and run.steps[source_of(run, arrays[0])].name == step.name
        if not (same or (step.value.any() and is_decay(run, step))):
            break  # a velocity begins with zeros
        found.append(source_of(run, arrays[0]))
    return found


def without_zeros(run: Run, at: int) -> int:
    """Return the array to which only zeros were added, as a velocity that begins with 0."""
    step = run.steps[at]
    while step.op in ("add", "subtract") and not run.moves[step.inputs[1]]:
        # What is added to a number may be 0 for this sample.
        if run.steps[step.inputs[1]].value.any() or step.value.ndim == 0:
            break
        step = run.steps[source_of(run, step.inputs[0])]
    return step.index


def _broadcast(shapes: list[tuple[int, ...]]) -> tuple[int, ...] | None:
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        return None


def versions_of(run: Run) -> dict[int, int]:
    """Return the source of each step that is this source plus something, and stands for it."""
    found = (run.after, run.created, run.replaced)
    known = (len(run.steps), *(tuple(each.items()) for each in found))
    if run.versions is None or run.versions[0] != known:
        run.versions = known, _versions(run)
    return dict(run.versions[1])


def _versions(run: Run) -> dict[int, int]:  # noqa: C901 - sources of three kinds
    found: dict[int, int] = {}
    before: dict[int, int] = {}
    chained = _chained(run)
    places = {
        source: {
            run.steps[at].site
            for at in (
                first,
                run.steps[first].inputs[0],
                *before_decays(run, run.steps[first].inputs[0]),
            )
        }
        for source, first in run.created.items()
        if run.steps[first].inputs  # else it is taken for a parameter itself
    }
    order = {source: k for k, source in enumerate(run.sources)}
    sums = set[tuple[int, Any]]()  # z that is summed in a copy of a bias, which it does not change
    wholes = first_written(run) if places else []
    for step in run.steps if places else ():
        # Weights and a bias may be entries of one array.
        base = wholes[step.inputs[0]] if step.op in ("setitem", "add_at") else -1
        added = (
            terms_written(run, step, base, wholes)
            if base in places and step.op == "setitem"
            else []
        )
        is_first = bool(added) and step.site not in places[base]
        # A velocity is 0 in the first round.
        is_state = not any(run.steps[each].value.any() for each in added)
        depends = any(run.depends[each] >> order[base] & 1 for each in added)
        if is_first and not depends and not is_state:
            sums.add((base, step.site))
        if base in places and (step.op == "add_at" or added) and (base, step.site) not in sums:
            places[base].add(step.site)
    for step in run.steps:
        if not run.moves[step.index]:
            continue
        # A decay before the update: W *= 1 - rate * decay.
        scales = step.op in ("multiply", "divide") and step.value.size > 1
        if _op(run, step.index) not in CHANGING and not scales:
            continue
        for each in step.inputs[:2]:
            base = source_of(run, each)
            source = found.get(base, found.get(each, without_zeros(run, base)))
            origin = run.steps[source]
            if origin.op or origin.path is None or origin.value.dtype.kind != "f":
                continue
            if source in run.replaced:
                continue
            if source >= run.start > 0:
                continue
            # What is added to a bias may have another shape than it.
            turned = run.steps[each].op == "transpose" and _is_row_of(step, origin)
            if origin.value.shape != step.value.shape and not (
                source in run.created
                or (step.op in ("add", "subtract") and (turned or _has_name(step, origin)))
            ):
                continue
            if source in run.created:
                # In each round an update, or a decay before it, stands in the same place.
                # A second update follows the first one, or a decay.
                goes_on = base in found and (
                    is_decay(run, step)
                    or (
                        last_name(step.name)
                        in (last_name(origin.path), last_name(run.steps[base].name))
                        and any(run.depends[k] >> order[source] & 1 for k in step.inputs[1:])
                        and base not in run.ancestors(step.inputs[1:])
                    )
                )
                if step.site not in places.get(source, ()) and not goes_on:
                    continue
            elif (
                run.after.get(source, source) == source
                and step.index not in chained
                and not _has_name(step, origin)
            ):
                continue
            others = [k for k in step.inputs if k != each]
            # The costs of a batch are added to those of the batches before.
            is_sum = run.is_later and origin.value.size == 1 and step.op == "add"
            readers = (*run.readers[source], *run.readers[step.index]) if is_sum else ()
            is_sum = is_sum and all(run.steps[k].value.size == 1 for k in readers)
            if is_sum and not any(run.depends[k] >> order[source] & 1 for k in others):
                continue
            made = (is_made_of(run, step.inputs[1], at) for at in (base, source))
            if step.op == "setitem" and not any(made):
                continue
            # Data are divided by their own largest entry.
            is_scaled = scales and run.after.get(source, source) == source not in run.created
            if is_scaled and any(run.depends[k] >> order[source] & 1 for k in others):
                continue
            number = all(run.steps[k].value.size == 1 for k in others)
            if number if scales else any(run.moves[k] for k in others):
                found[step.index], before[step.index] = source, each
                break
    found |= {new: base for base, new in run.replaced.items()}
    # What a source was replaced with at the end is its last version: others are no updates.
    for source, last in run.after.items():
        if source in run.created or source in run.replaced or last == source:
            continue
        chain = set[int]()
        while last in before:
            chain.add(last)
            last = source_of(run, before[last])
        others = [at for at, of in found.items() if of == source and at not in chain]
        for at in others:
            # A difference from a state that the next one is not made of is no update of it.
            if chain or not is_made_of(run, last, at):
                del found[at]
        if source not in before.values() and not others and run.steps[last].op:
            found |= dict.fromkeys(_in_place_of(run, source, last), source)
    return found


def _in_place_of(run: Run, source: int, last: int) -> list[int]:
    """Return the values that stood in the place of a source in each round, up to the last one.

    They are made by one line of what the source was before, as a row of a new matrix.
    """
    step, behind, shown = run.steps[last], run.ancestors([last]), _shown_by(run, last)
    return [
        at
        for at in run.sites[step.site]
        if shown and at in behind and run.steps[at].value.shape == step.value.shape
        if _shown_by(run, at) == shown and is_made_of(run, at, source)
    ]


def _shown_by(run: Run, at: int) -> list[tuple[object, ...]]:
    """Return by which views a value is made of the last sum, with their entries."""
    found = list[tuple[object, ...]]()
    while _op(run, at) in SHOWN:
        step = run.steps[at]
        entries = [run.steps[each].value.tobytes() for each in step.inputs[1:]]
        found.append((step.op, repr(step.keywords), *entries))
        at = step.inputs[0]
    return found


def _chained(run: Run) -> set[int]:
    """Return the sums of a line that are added to in the next round, the first to sources."""
    found = set[int]()
    for steps in run.sites.values():
        for position in updated_inputs(run.steps[steps[0]].op) if len(steps) > 1 else ():
            terms = [source_of(run, run.steps[at].inputs[position]) for at in steps]
            # Of weights that decay first, what decays.
            read = [_begun_with(run, without_factor(run, each), steps) for each in terms]
            begun = {at for at in read if at not in steps}
            if len({*read}) == len(steps) > len(begun) and all(run.steps[at].path for at in begun):
                found.update(steps, (at for at in terms if run.steps[at].op == "multiply"))
    return found


def _begun_with(run: Run, at: int, steps: list[int]) -> int:
    """Return which of some sums a value adds to, in two terms of an update; else the source that
    it adds to, if it is such a sum.
    """
    if at in steps or run.steps[at].op not in ("add", "subtract"):
        return at
    before = sorted(sums_behind(run, at).intersection(steps) - {at})
    first = at
    while run.steps[first].op in ("add", "subtract"):
        first = source_of(run, run.steps[first].inputs[0])
    return before[-1] if before else first if run.steps[first].path else at


def updated_inputs(op: str) -> range:
    """Return the inputs of which a sum may be an update."""
    return range({"add": 2, "subtract": 1}.get(op, 0))


def _is_row_of(step: Step, source: Step) -> bool:
    """Whether a value is a row of as many entries as a column of a source, or the reverse."""
    shape = source.value.shape
    return 1 in shape and step.value.shape == shape[::-1]


def _has_name(step: Step, source: Step) -> bool:
    """Whether a value has the name of a source, or of the list that this is an item of."""
    path = source.path or ""
    listed = path.rpartition("[")[0] if path.endswith("]") else path
    name = last_name(step.name) or kept_in(step)[0]
    return name in (last_name(path), last_name(listed))


def source_of(run: Run, at: int) -> int:
    """Return what a value is a copy of."""
    while _op(run, at) in COPIES:
        at = run.steps[at].inputs[0]
    return at


def _op(run: Run, at: int) -> str:
    """Return the operation of a step; a value that is assigned to all of an array is a copy."""
    step = run.steps[at]
    whole = step.op == "stretch" and step.value.shape == run.steps[step.inputs[0]].value.shape
    return "copy" if whole else step.op


def array_shown(run: Run, at: int, versions: Mapping[int, int] | None = None) -> int:
    """Return the array that a view or transposition shows, or the version of a source."""
    while _op(run, at) in SHOWN and at not in (versions or {}):
        at = run.steps[at].inputs[0]
    return at
