"""A check in detail: on the own input and on others the arrays of each line, yours beside right.

Of a result that is written entry by entry it has every write in order, with the window that it
reads, of a gradient with a path too few the parts that come back along each path.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter
from typing import Any

import numpy as np

from backprop_explorer.engine.ops import OPS
from backprop_explorer.engine.ops.operation import Array
from backprop_explorer.texts import tutor_program as texts
from backprop_explorer.tutor.program.alignment import Alignment
from backprop_explorer.tutor.program.check import check_run
from backprop_explorer.tutor.program.other_inputs import parameter_names, tried_inputs
from backprop_explorer.tutor.program.outcome import Outcome
from backprop_explorer.tutor.program.program_result import ProgramResult
from backprop_explorer.tutor.program.recording import ProgramCall, Recorded
from backprop_explorer.tutor.program.report import CheckedRun, result_of
from backprop_explorer.tutor.program.result import CodeResult, SourceLine
from backprop_explorer.tutor.program.steps import Run, Step
from backprop_explorer.tutor.program.truth import Share, Truth, multiple
from backprop_explorer.tutor.program.updates import SAME_FACTOR, near

# Larger arrays have only their shape.
MAX_OF_LINE, MAX_OF_RESULT, MAX_WRITES, MAX_PATHS, MAX_EDGES = 400, 4_096, 600, 40, 24
_NEW_NAMES = frozenset({"copy", "astype"})
_Variable = tuple[str, int | None]  # its name, and the line that computes it


@dataclass(frozen=True, slots=True)
class ShownArray:
    """An array by its shape and its numbers row by row; None for a large one, or not finite."""

    shape: tuple[int, ...]
    numbers: tuple[float | None, ...] | None


@dataclass(frozen=True, slots=True)
class LineArray:
    """What a source line computed at last, under which name, and how often it ran."""

    file: str
    number: int
    name: str
    runs: int
    array: ShownArray


@dataclass(frozen=True, slots=True)
class OrderedWrite:
    """One write: the run of the loops around it, the entries written, and what was written.

    ``added`` says that it added to what was there: ``numbers`` are then what was added. ``reads``
    are the entries of the array ``windows_of`` of the result that this run of the loops reads.
    """

    run: dict[str, int | str]
    entries: tuple[int, ...]
    numbers: tuple[float, ...]
    added: bool
    reads: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class PathPart:
    """What comes back along one path: through which variable, in which line, and whether it is in
    the result that was checked."""

    through: str
    line: int | None
    missing: bool
    array: ShownArray


@dataclass(frozen=True, slots=True)
class PathEdge:
    """An edge on the way from the parameter to the cost: the variable ``to``, computed in ``line``,
    reads ``of``.

    ``array`` is what comes back through this edge of the gradient of the parameter: what comes into
    a variable also leaves it. ``missing``: nothing of it is in the result that was checked.
    """

    of: str
    to: str
    line: int | None
    missing: bool
    array: ShownArray


@dataclass(frozen=True, slots=True)
class CheckedResult:
    """A result beside ``factor`` times the gradient of ``parameter``.

    ``factor`` is minus the learning rate for an update; None where a right result is no multiple
    of the gradient, as with Adam. ``right`` is None where answers are hidden.
    ``parts`` are those of the gradient of ``parts_of``, ``edges`` all paths of the parameter.
    ``windows`` is the array ``windows_of`` whose windows the writes read.
    """

    path: str
    parameter: str
    file: str | None
    line: int | None
    is_right: bool
    mine: ShownArray
    right: ShownArray | None
    factor: float | None = 1.0
    writes: tuple[OrderedWrite, ...] = ()
    windows_of: str = ""
    windows: ShownArray | None = None
    parts_of: str = ""
    parts: tuple[PathPart, ...] = ()
    edges: tuple[PathEdge, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckedCase:
    """The check on one input. ``why`` says why the own input does not show what this one does."""

    name: str
    about: str
    verdict: str
    summary: str
    file: str | None
    first_wrong: int | None
    why: str = ""
    lines: tuple[SourceLine, ...] = ()
    arrays: tuple[LineArray, ...] = ()
    results: tuple[CheckedResult, ...] = ()


def checked_cases(
    program: ProgramCall,
    result: CodeResult,
    kept: CheckedRun | None = None,
    *,
    answers: bool,
    exercise: bool = False,
) -> list[CheckedCase]:
    """Return the check on the own input, then on others. ``result`` is what was said of it.

    ``kept``: its run; else the program runs again. ``answers``: with the true gradients.
    ``exercise``: only what the program computed.
    """
    with np.errstate(all="ignore"):
        recorded, found = kept or (Recorded(program), None)
        if not exercise and found is None and recorded.run.limit is None:
            found = check_run(recorded.run, recorded.root, program.cost)
        is_pair = program.forward is not None
        given = program.of_forward if is_pair else program.arguments
        function = program.forward or program.function
        about = _about(function, given)
        own = _case(texts.YOURS, about, recorded, found, result, answers=answers)
        cases = [own]
        if exercise or recorded.run.raised is not None or result.verdict == "unclear":
            return cases
        for tried in tried_inputs(program, more=True):
            about = _about(function, tried.variant.arguments)
            if tried.recorded is None or tried.found is None:
                verdict = "wrong" if tried.fault else "correct"
                summary = tried.fault.message if tried.fault else ""
                made = CheckedCase(tried.variant.text, about, verdict, summary, None, None)
            else:
                run = tried.recorded, tried.found
                made = _case(tried.variant.text, about, *run, answers=answers)
            if tried.fault is not None and result.verdict in ("correct", "incomplete"):
                made = replace(made, why=_why(tried.variant.kind, own, made))
            cases.append(made)
    return cases


def _about(function: Any, given: Sequence[Any]) -> str:
    """Return the shapes of arrays and the numbers of an input in words."""
    found = []
    for name, value in zip(parameter_names(function, given), given, strict=False):
        if isinstance(value, np.ndarray):
            found.append(f"{name} {'×'.join(map(str, value.shape))}")
        elif isinstance(value, dict):
            found += [f"{key} {each}" for key, each in value.items() if isinstance(each, int)]
        elif isinstance(value, int | float):
            found.append(f"{name} {value:g}")
    return ", ".join(found[:4])


def _case(
    name: str,
    about: str,
    recorded: Recorded,
    found: ProgramResult | None,
    said: CodeResult | None = None,
    *,
    answers: bool,
) -> CheckedCase:
    run = recorded.run
    arrays = tuple(_line_arrays(run))
    if said is None:
        assert found is not None
        said = result_of(run, found, answers=False)
    results: tuple[CheckedResult, ...] = ()
    if found is not None and found.alignment is not None:
        results = tuple(_results(recorded, found.alignment, answers=answers))
    return CheckedCase(
        *(name, about, said.verdict, said.summary, said.file, said.first_wrong),
        lines=said.lines,
        arrays=arrays,
        results=results,
    )


def _why(kind: str, own: CheckedCase, shown: CheckedCase) -> str:
    """Return why the own input does not show what another one does."""
    for each in shown.results:
        mine = next((e for e in own.results if e.path == each.path), None)
        if mine is None or each.is_right or not each.writes or each.line is None:
            continue
        once, often = (max(_counts(e).values(), default=0) for e in (mine, each))
        if once <= 1 < often:
            return texts.why_once(shown.first_wrong or each.line, often)
    return texts.WHY_NOT.get(kind) or texts.why_agrees(shown.name)


def _counts(result: CheckedResult) -> dict[int, int]:
    """Return how often each entry was written over or written first."""
    found: dict[int, int] = {}
    for write in result.writes:
        for entry in write.entries:
            found[entry] = found.get(entry, 0) + (not write.added)
    return found


def _shown(value: Any, most: int) -> ShownArray:
    array = np.asarray(value)
    if array.size > most or array.dtype.kind not in "fiub":
        return ShownArray(array.shape, None)
    numbers = array.astype(float).ravel()
    return ShownArray(
        array.shape, tuple(float(each) if np.isfinite(each) else None for each in numbers)
    )


def _line_arrays(run: Run) -> Iterator[LineArray]:
    """Yield what each source line computed last under a name, in the order of the run."""
    last: dict[tuple[str, int], Step] = {}
    runs: dict[tuple[Any, ...], int] = {}
    for step in run.steps[: run.recorded]:
        if step.op and step.line is not None:
            runs[step.site] = runs.get(step.site, 0) + 1
            before = last.get(step.line)
            if step.name or step.op in ("setitem", "add_at") or before is None or not before.name:
                last[step.line] = step
    for (file, number), step in last.items():
        name = step.name or _written_name(run, step)
        if name:
            shown = _shown(step.value, MAX_OF_LINE)
            yield LineArray(file, number, name, runs[step.site], shown)


def _written_name(run: Run, step: Step) -> str:
    """Return the variable that a write belongs to."""
    while step.op in ("setitem", "add_at"):
        step = run.steps[step.inputs[0]]
    return step.name or step.path or ""


def _results(recorded: Recorded, alignment: Alignment, *, answers: bool) -> Iterator[CheckedResult]:
    run = alignment.run
    for each in alignment.outcomes:
        if each.wanted is None or each.source is None:
            continue
        step = run.steps[each.index]
        value = step.value
        if each.is_update:
            value = value - run.steps[each.source].value
        factor = _factor(alignment, each, value)
        right = each.wanted if factor is None else factor * each.wanted
        made = CheckedResult(
            path=each.path,
            parameter=run.steps[each.source].path or "",
            file=step.line[0] if step.line else None,
            line=step.line[1] if step.line else None,
            is_right=each.state == "right",
            mine=_shown(value, MAX_OF_RESULT),
            right=_shown(right, MAX_OF_RESULT) if answers else None,
            factor=factor if answers else None,
        )
        if writes := dict(_writes(recorded, run, each.index)):
            made = _with_windows(made, recorded, run, writes)
        if answers and each.state not in ("right", "dead", "missing") and not each.is_update:
            made = _with_parts(made, alignment, each, value)
        yield made


def _factor(alignment: Alignment, outcome: Outcome, value: Array) -> float | None:
    """Return the factor by which the gradient is multiplied in a right result of this place."""
    main = alignment.mains.get(outcome.is_update)
    if outcome.state != "right" or outcome.wanted is None:
        rate = None if main is None else -abs(main)
        return rate if outcome.is_update else 1.0
    if outcome.rate is not None or outcome.averages is not None:
        return None
    factor = multiple(value, outcome.wanted, alignment.tolerance)
    if factor is not None and value.size == 1 and main is not None and not near(factor, main):
        return None  # a single number is a multiple of any other one
    return 1.0 if factor is not None and abs(factor - 1.0) < SAME_FACTOR else factor


def _writes(recorded: Recorded, run: Run, at: int) -> Iterator[tuple[int, OrderedWrite]]:
    """Yield the writes into a result, with their steps, as the program made them in order."""
    step = run.steps[at]
    while step.op in _NEW_NAMES:
        step = run.steps[step.inputs[0]]
    found: list[Step] = []
    while step.op in ("setitem", "add_at"):
        found.append(step)
        step = run.steps[step.inputs[0]]
    if not 1 < len(found) <= MAX_WRITES:
        return
    for step in reversed(found):
        before, written = (run.steps[k] for k in step.inputs[:2])
        arrays = (run.steps[k].value for k in step.inputs[2:])
        zeros = np.zeros(before.value.shape)
        ones = OPS["setitem"].compute(zeros, 1.0, *arrays, **step.keywords)
        entries = np.flatnonzero(np.asarray(ones))
        new, old = step.value.ravel()[entries], before.value.ravel()[entries]
        added = step.op == "add_at" or _adds(run, written, before.index)
        numbers = new - old if added else new
        if entries.size > MAX_OF_LINE:
            return
        yield (
            step.index,
            OrderedWrite(
                _loops(recorded, step.index),
                tuple(map(int, entries)),
                tuple(float(each) if np.isfinite(each) else 0.0 for each in numbers),
                added,
            ),
        )


def _loops(recorded: Recorded, at: int) -> dict[str, int | str]:
    """Return the values of the loop variables around a step, the outermost first."""
    record = recorded.recorder.records[at]
    return {loop.name: loop.value for loop in record.calls[0].runs} if record.calls else {}


def _with_windows(
    result: CheckedResult, recorded: Recorded, run: Run, writes: dict[int, OrderedWrite]
) -> CheckedResult:
    """Return the result with its writes, each with the window that its run of the loops reads.

    A window is a part of an array that is read to compute what is written; or, as the place of a
    maximum is no number of the recording, one of an array of the shape of the result, read in the
    same run of the loops (of the forward pass), that has the entry written.
    """
    keys = [tuple(_loops(recorded, at).values()) for at in range(run.recorded)]
    of_run: dict[tuple[int | str, ...], list[Step]] = {}
    for step, key in zip(run.steps, keys, strict=False):
        if step.op != "getitem" or not key or not 1 < step.value.size <= MAX_OF_LINE:
            continue
        if step.value.size < run.steps[step.inputs[0]].value.size:
            of_run.setdefault(key, []).append(step)
    found: dict[int, dict[int, tuple[int, ...]]] = {}
    for at, write in writes.items():
        behind, waiting = set[int](), list(run.steps[at].inputs[1:])
        while waiting:
            each = waiting.pop()
            if each not in behind and each < run.recorded and keys[each] == keys[at]:
                behind.add(each)
                waiting += run.steps[each].inputs
        for step in of_run.get(tuple(write.run.values()), ()):
            of = run.steps[step.inputs[0]]
            arrays = (run.steps[each].value for each in step.inputs[1:])
            places = np.arange(of.value.size).reshape(of.value.shape)
            read = np.ravel(OPS["getitem"].compute(places, *arrays, **step.keywords)).tolist()
            is_like = of.value.shape == result.mine.shape and len(write.entries) == 1
            if (is_like and write.entries[0] in read) or step.index in behind:
                found.setdefault(of.index, {}).setdefault(at, tuple(read))
    whole = [each for each, own in found.items() if len(own) == len(writes)]
    shape = result.mine.shape
    best = min(whole, key=lambda each: (run.steps[each].value.shape != shape, each), default=None)
    if best is None:
        return replace(result, writes=tuple(writes.values()))
    of = run.steps[best]
    return replace(
        result,
        writes=tuple(replace(each, reads=found[best][at]) for at, each in writes.items()),
        windows_of=of.path or of.name or of.text,
        windows=_shown(of.value, MAX_OF_RESULT),
    )


def _adds(run: Run, written: Step, version: int) -> bool:
    """Whether what is written is a sum with what was there."""
    reads = set(written.inputs)
    return written.op == "add" and any(
        each == version
        or (run.steps[each].op == "getitem" and run.steps[each].inputs[0] == version)
        for each in reads
    )


def _with_parts(
    result: CheckedResult, alignment: Alignment, outcome: Outcome, value: Array
) -> CheckedResult:
    """Return a wrong result with the parts of the gradient, if it is the sum of all but one.

    What comes back along each path of a fan-out that leads to the parameter is taken from it.
    """
    run, truth, source = alignment.run, alignment.truth, outcome.source
    counts: dict[int, int] = {}
    for share in truth.shares:
        counts[share.of] = counts.get(share.of, 0) + 1
    forked = [each for each in truth.shares if counts[each.of] > 1 and each.value.any()]
    bit = 1 << run.sources.index(source) if source in run.sources else 0
    forked = [each for each in forked if run.depends[each.of] & bit]
    forked.sort(key=lambda each: (each.of != source, each.of))
    for share in forked[:MAX_PATHS]:
        part = Truth(run, {share.of: share.value}).gradients.get(source or 0, 0.0)
        without = truth.gradients[source or 0] - part
        if without.shape != value.shape:
            continue
        scale = max(float(np.abs(value).max(initial=0.0)), 1e-300)
        if float(np.abs(without - value).max(initial=0.0)) <= alignment.tolerance * scale:
            parts = tuple(
                PathPart(*_reader(run, each.reader), each is share, _shown(each.value, MAX_OF_LINE))
                for each in truth.shares
                if each.of == share.of
            )
            of = run.steps[share.of]
            edges = tuple(_edges(alignment, source or 0, share))
            return replace(result, parts=parts, parts_of=of.path or of.name, edges=edges)
    return result


def _edges(alignment: Alignment, source: int, missing: Share) -> Iterator[PathEdge]:
    """Yield the edges between variables from ``source`` to the cost; none of a program in which
    they run in a circle (the rounds of a loop have one name) or are many.

    What comes back through an edge is the gradient less the gradient without it.
    """
    run, truth = alignment.run, alignment.truth
    own_name = run.steps[source].path or run.steps[source].name
    names: dict[int, _Variable] = {source: (own_name, None)}
    shares: dict[tuple[_Variable, _Variable], list[Share]] = {}
    for share in reversed(truth.shares):  # what is read before what reads it
        if share.of in names:
            names.setdefault(share.reader, _reader(run, share.reader))
            edge = names[share.of], names[share.reader]
            if edge[0] != edge[1]:
                shares.setdefault(edge, []).append(share)
    readers: dict[_Variable, set[_Variable]] = {}
    for of, to in shares:
        readers.setdefault(of, set()).add(to)
    try:
        list(TopologicalSorter(readers).static_order())
    except CycleError:
        return
    if len(shares) > MAX_EDGES:
        return
    lost = {edge for edge, own in shares.items() if any(each is missing for each in own)}
    for _ in shares:  # and what leads only to a missing edge, or only on from one
        for edge in shares:
            before = [other for other in shares if other[1] == edge[0]]
            after = [other for other in shares if other[0] == edge[1]]
            if any(some and lost.issuperset(some) for some in (before, after)):
                lost.add(edge)
    often = Counter(name for name, _ in {each for edge in shares for each in edge})
    whole = truth.gradients[source]
    least = 1e-12 * float(np.abs(whole).max(initial=0.0))
    for edge, own in shares.items():
        factors = {(each.reader, each.position): 0.0 for each in own}
        without = Truth(run, alignment.fit.root.seeds, factors).gradients.get(source)
        through = whole if without is None else whole - without
        through = np.where(np.abs(through) <= least, 0.0, through)
        start, end = (name if often[name] == 1 else f"{name}:{line}" for name, line in edge)
        yield PathEdge(start, end, edge[1][1], edge in lost, _shown(through, MAX_OF_LINE))


def _reader(run: Run, at: int) -> _Variable:
    """Return the variable that a reading step is computed for, and its line."""
    step = run.steps[at]
    line = None if step.line is None else step.line[1]
    while not step.name:
        later = [run.steps[each] for each in run.readers[step.index]]
        step = next((each for each in later if each.line == step.line), step)
        if not later or step.line != run.steps[at].line or step.index == at:
            break
        at = step.index
    return step.name or step.text, line
