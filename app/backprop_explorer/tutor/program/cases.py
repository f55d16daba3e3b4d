"""A check in detail: on the own input and on others the arrays of each line, yours beside right.

Of a result that is written entry by entry it has every write in order, of a gradient with a path
too few the parts that come back along each path.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from backprop_explorer.engine.ops import OPS
from backprop_explorer.engine.ops.operation import Array
from backprop_explorer.texts import tutor_program as texts
from backprop_explorer.tutor.program.alignment import Alignment, Outcome
from backprop_explorer.tutor.program.check import ProgramResult, check_run
from backprop_explorer.tutor.program.other_inputs import parameter_names, tried_inputs
from backprop_explorer.tutor.program.recording import ProgramCall, Recorded
from backprop_explorer.tutor.program.report import result_of
from backprop_explorer.tutor.program.result import CodeResult, SourceLine
from backprop_explorer.tutor.program.steps import Run, Step
from backprop_explorer.tutor.program.truth import Truth

# Larger arrays have only their shape.
MAX_OF_LINE, MAX_OF_RESULT, MAX_WRITES, MAX_PATHS = 400, 4_096, 600, 40
_NEW_NAMES = frozenset({"copy", "astype"})


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

    ``added`` says that it added to what was there: ``numbers`` are then what was added.
    """

    run: dict[str, int | str]
    entries: tuple[int, ...]
    numbers: tuple[float, ...]
    added: bool


@dataclass(frozen=True, slots=True)
class PathPart:
    """What comes back along one path: through which variable, in which line, and whether it is in
    the result that was checked."""

    through: str
    line: int | None
    missing: bool
    array: ShownArray


@dataclass(frozen=True, slots=True)
class CheckedResult:
    """A result beside the gradient of ``parameter``; ``right`` is None where answers are hidden.

    ``parts`` are those of the gradient of ``parts_of``.
    """

    path: str
    parameter: str
    file: str | None
    line: int | None
    is_right: bool
    mine: ShownArray
    right: ShownArray | None
    writes: tuple[OrderedWrite, ...] = ()
    parts_of: str = ""
    parts: tuple[PathPart, ...] = ()


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
    program: ProgramCall, result: CodeResult, *, answers: bool, exercise: bool = False
) -> list[CheckedCase]:
    """Return the check on the own input, then on others. ``result`` is what was said of it.

    ``answers``: with the true gradients. ``exercise``: only what the program computed.
    """
    with np.errstate(all="ignore"):
        recorded = Recorded(program)
        found = None
        if not exercise and recorded.run.limit is None:
            found = check_run(recorded.run, recorded.root, program.cost)
        is_pair = program.forward is not None
        given = program.of_forward if is_pair else program.arguments
        function = program.forward or program.function
        own = _case(texts.YOURS, _about(function, given), recorded, found, answers=answers)
        own = replace(
            own,
            verdict=result.verdict,
            summary=result.summary,
            file=result.file,
            first_wrong=result.first_wrong,
            lines=result.lines,
        )
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
    name: str, about: str, recorded: Recorded, found: ProgramResult | None, *, answers: bool
) -> CheckedCase:
    run = recorded.run
    arrays = tuple(_line_arrays(run))
    if found is None:
        return CheckedCase(name, about, "unclear", "", None, None, arrays=arrays)
    said = result_of(run, found, answers=False)
    results: tuple[CheckedResult, ...] = ()
    if found.alignment is not None:
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
        made = CheckedResult(
            path=each.path,
            parameter=run.steps[each.source].path or "",
            file=step.line[0] if step.line else None,
            line=step.line[1] if step.line else None,
            is_right=each.state == "right",
            mine=_shown(value, MAX_OF_RESULT),
            right=_shown(each.wanted, MAX_OF_RESULT) if answers else None,
            writes=tuple(_writes(recorded, run, each.index)),
        )
        if answers and each.state not in ("right", "dead", "missing") and not each.is_update:
            made = _with_parts(made, alignment, each, value)
        yield made


def _writes(recorded: Recorded, run: Run, at: int) -> Iterator[OrderedWrite]:
    """Yield the writes into a result in the order in which the program made them."""
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
        record = recorded.recorder.records[step.index]
        loops = record.calls[0].runs if record.calls else ()
        yield OrderedWrite(
            {loop.name: loop.value for loop in loops},
            tuple(map(int, entries)),
            tuple(float(each) if np.isfinite(each) else 0.0 for each in numbers),
            added,
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

    The gradient is computed again without each path of a fan-out that leads to the parameter.
    """
    run, truth, source = alignment.run, alignment.truth, outcome.source
    counts: dict[int, int] = {}
    for share in truth.shares:
        counts[share.of] = counts.get(share.of, 0) + 1
    forked = [each for each in truth.shares if counts[each.of] > 1 and each.value.any()]
    forked = [each for each in forked if source in run.ancestors([each.of])]
    forked.sort(key=lambda each: (each.of != source, each.of))
    for share in forked[:MAX_PATHS]:
        factors = {(share.reader, share.position): 0.0}
        without = Truth(run, alignment.fit.root.seeds, factors).gradients.get(source or 0)
        if without is None:
            without = np.zeros(value.shape)
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
            return replace(result, parts=parts, parts_of=of.path or of.name)
    return result


def _reader(run: Run, at: int) -> tuple[str, int | None]:
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
