"""The rounds of a training loop, and the fits of one call."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import takewhile

import numpy as np

from backprop_explorer.engine.ops.operation import Array
from backprop_explorer.tutor.program.source import function_of, parameters_of
from backprop_explorer.tutor.program.steps import COPIES, Run, Step
from backprop_explorer.tutor.program.versions import (
    CHANGING,
    SHOWN,
    array_shown,
    may_take,
    versions_of,
)


def end_of_first_join(run: Run) -> int | None:
    """Return where the round begins that reads parameters which the first one joins for an
    optimizer, after it has read them one by one; None if no update reads joined parameters.
    """
    updates = [at for base, at in run.created.items() if base in run.joined]
    return 1 + max(updates) if updates and len(updates) == len(run.created) else None


def widen_numbers(run: Run) -> None:
    """Make arrays of the numbers that a run replaces with arrays, where nothing else changes.

    After ``beta = 0.0`` and ``beta -= rate * dbeta``, beta has an entry for each channel.
    """
    for source, after in run.after.items():
        step, shape = run.steps[source], run.steps[after].value.shape
        kind = run.steps[after].value.dtype.kind
        if step.value.dtype.kind not in "fi" or step.value.shape or not shape or kind != "f":
            continue
        readers = [run.steps[at] for at in run.readers[source] if at != after]
        if all(may_take(run, e, e.inputs.index(source), shape) for e in readers):
            step.value = np.full(shape, step.value, dtype=float)
            run.forget()


def stop_velocities(run: Run) -> None:
    """Set the numbers of earlier updates that a momentum adds to an update to 0.

    Of an array it is seen how much of it an update has; of up to three numbers it is not.
    """
    stopped = {}
    updated = {after for source, after in run.after.items() if after != source}
    for source in run.sources if not run.start else ():
        step = run.steps[source]
        if step.value.size <= 3 and step.value.dtype.kind == "f" and step.value.any():
            made = _multiples_of(run, source)
            if made & updated - {run.after.get(source)}:
                stopped[source] = lambda step, inputs, values: np.zeros_like(step.value)
    for index, value in (run.replayed(stopped) or {}).items():
        run.steps[index].value = value


def _multiples_of(run: Run, source: int) -> set[int]:
    """Return the steps that are made of a number by sums, and products with what is no result."""
    found, waiting = {source}, [source]
    while waiting:
        at = waiting.pop()
        for reader in run.readers[at]:
            step = run.steps[reader]
            # The strength of a penalty multiplies a parameter.
            scales = step.op == "multiply" and all(
                k == at or (not run.steps[k].op and run.steps[k].value.size == 1)
                for k in step.inputs
            )
            if step.op not in ("add", "subtract", *COPIES) and not scales:
                return set()
            waiting += [reader] if reader not in found else []
            found.add(reader)
    return found


def first_round(run: Run, *, once: bool = False) -> Run | None:
    """Return the run up to where a place reads the update of what it read before, or None.

    A recurrent state is read again like an update, so the result is only one of two readings of a
    program. An update is the parameter plus something. ``once``: the round ends where the place
    that first read a parameter runs again, though the entries that it reads are not updated.
    """
    versions = versions_of(run)
    end = min(_read_again(run, versions), default=None) if versions else None
    if end is None:
        return None
    end = _updated_again(run, {at: of for at, of in versions.items() if at < end}) or end
    # Steps of the same line before it belong to the second round, too.
    line = [each[:4] for each in run.steps[end].frames[:1]]
    while [each[:4] for each in run.steps[end - 1].frames[:1]] == line:
        end -= 1
    # The next round may first read entries that no update has changed.
    some = [each for each in versions if each < end]
    last = min(some, default=end) if once else max(some, default=end)
    reads = [at for each in versions.values() for at in run.readers[each][:1]]
    if once:
        readers = (at for each in {*versions.values()} for at in run.readers_through(each, COPIES))
        reads = [at for at in readers if len(run.sites[run.steps[at].site]) > 1]
    begin = min(reads, default=end)
    again = (at for at in range(last + 1, end) if run.steps[at].site == run.steps[begin].site)
    end = next(again, end)
    found = {source: version for version, source in versions.items() if version < end}
    # Updates come last in a round: none of the first round is made after the second has begun.
    if not found:
        return None
    first = run.until(end, found)
    for version, source in sorted(versions.items()):
        if version >= end and source not in first.after:
            _add_view(first, run, version, source)
    return first


def _updated_again(run: Run, versions: Mapping[int, int]) -> int | None:
    """Return the end of the first updates, where a line updates a parameter again by what depends
    on its first update: a loop may compute the error for its next round.
    """
    firsts = dict[int, int]()
    for version, source in sorted(versions.items()):
        step, first = run.steps[version], firsts.setdefault(source, version)
        if step.op not in ("add", "subtract") or step.site != run.steps[first].site:
            continue
        if version != first and first in run.ancestors(step.inputs[1:]):
            return 1 + max(firsts.values())
    return None


def next_fit(run: Run, waiting: Collection[int]) -> int | None:
    """Return where the fit of other parameters begins: after the last update of others before the
    first one of ``waiting``, which are sources of the whole run. None if there is none.
    """
    versions = versions_of(run)
    updates = ((at, run.origin_of(source)) for at, source in sorted(versions.items()))
    before = takewhile(lambda each: each[1] not in waiting, updates)
    last = max((at for at, _ in before), default=None)
    is_updated = any(run.origin_of(source) in waiting for source in versions.values())
    return None if last is None or not is_updated else last + 1


def first_fit(run: Run) -> Run:
    """Return a round up to where another fit makes parameters of its own."""
    versions = versions_of(run)
    first = min(versions, default=run.recorded)
    later = [source for source in versions.values() if source > first]
    end = 1 + max((at for at in versions if at < min(later)), default=0) if later else run.recorded
    after = {source: at for source, at in run.after.items() if at < end}
    return run.until(end, after) if end < run.recorded else run


def _add_view(first: Run, run: Run, version: int, source: int) -> None:
    """Add to a round what a parameter is replaced with, if it is a part of an array that is made in
    the round: such a part is recorded where it is first read.
    """
    end, step, inputs = first.recorded, run.steps[version], list[int]()
    if step.op not in SHOWN or step.inputs[0] >= end:
        return
    for each in map(run.steps.__getitem__, step.inputs):
        if each.index >= end and each.op:
            return
        if each.index >= end:
            first.steps.append(replace(each, index=len(first.steps)))
        inputs.append(each.index if each.index < end else len(first.steps) - 1)
    first.after[source] = len(first.steps)
    first.steps.append(replace(step, index=len(first.steps), inputs=tuple(inputs)))


def _read_again(run: Run, versions: dict[int, int]) -> Iterator[int]:
    """Yield the steps that read another version of a source than the same place did before."""
    updating = {run.steps[each].line for each in versions}
    for steps in _places(run, versions):
        first = run.steps[steps[0]]
        # An update of one row after the other reads what it has changed.
        if len(steps) < 2 or (first.line in updating and first.op in {*CHANGING, "getitem"}):
            continue
        if first.op in SHOWN:
            # After each row of W.T that is updated, W.T is read anew.
            readers = ([run.steps[k].line for k in run.readers[at]] for at in steps)
            read_by = dict(zip(steps, readers, strict=True))
            steps = [at for at in steps if not updating.issuperset(read_by[at])]
        for position in range(len(first.inputs)):
            before: dict[int, int] = {}
            for at in steps:
                inputs = run.steps[at].inputs
                if position >= len(inputs):
                    continue
                source, read = _read(run, run.steps[at], inputs[position], versions)
                # V[i] -= rate * (a - b * V[i]) reads the entry that it replaces.
                size = run.steps[inputs[position]].value.size
                if first.line in updating and size < run.steps[read].value.size:
                    continue
                if before.setdefault(source, read) != read:
                    yield at


def _places(run: Run, versions: dict[int, int]) -> Iterable[list[int]]:
    """Return the steps of each place in the source.

    A method is one place, whatever calls it; a function of arrays that are passed is not. A row of
    new weights is recorded where it is first read, so there the place alone does not tell.
    """
    whole = any(run.steps[each].op == "getitem" for each in versions)
    places, methods = dict[tuple[object, ...], list[int]](), dict[object, bool]()
    for step in run.steps:
        if step.op and step.frames:
            if step.line not in methods:
                function = function_of(step.frames[0])
                given = [] if function is None else parameters_of(function)
                methods[step.line] = given[:1] == ["self"]
            depth = None if whole else 2 if methods[step.line] else 3
            places.setdefault(step.site[:depth], []).append(step.index)
    return places.values()


def _read(run: Run, step: Step, at: int, versions: dict[int, int]) -> tuple[int, int]:
    """Return the source of an input of a step, and which version of it the step reads.

    Of entries that no update has changed yet, that is the source itself.
    """
    read = array_shown(run, at, versions)
    source = versions.get(read, read)
    if source != read and any(_is_unchanged(run, each, source) for each in (step, run.steps[at])):
        read = source
    return source, read


def _is_unchanged(run: Run, part: Step, source: int) -> bool:
    """Whether a step reads entries of a later version that are those of the source."""
    value = _entries_of(run, part, run.steps[source].value)
    return value is not None and np.array_equal(value, part.value)


def _entries_of(run: Run, part: Step, whole: Array) -> Array | None:
    """Return the entries of an array that a step reads of a version of it, perhaps of a row."""
    if part.op in COPIES:
        return _entries_of(run, run.steps[part.inputs[0]], whole)
    if part.op in ("transpose", "reshape"):
        array = _entries_of(run, run.steps[part.inputs[0]], whole)
        return None if array is None else np.asarray(run.compute(part, [array]))
    if part.op != "getitem":
        return None
    of = run.steps[part.inputs[0]]
    array = whole if of.value.shape == whole.shape else _entries_of(run, of, whole)
    indices = [run.steps[each].value for each in part.inputs[1:]]
    return None if array is None else np.asarray(run.compute(part, [array, *indices]))
