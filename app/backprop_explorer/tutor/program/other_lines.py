"""The other lines in which a change makes all results right: where a value gets its name."""

from __future__ import annotations

from collections.abc import Iterator

from backprop_explorer.tutor.mistakes import ids
from backprop_explorer.tutor.program.aliases import handing_line, handing_lines, renaming_line
from backprop_explorer.tutor.program.changes.handed_values import naming_line, passing_line
from backprop_explorer.tutor.program.repairs import DERIVATIVES, RepairSearch, SourceRepair
from backprop_explorer.tutor.program.source import Place
from backprop_explorer.tutor.program.steps import Run, SourceFrame, Step
from backprop_explorer.tutor.program.truth import DOUBLE, multiple

SHARES = frozenset({ids.MISSING_PATH, ids.GRADIENT_OVERWRITTEN})
_OF_OPERANDS = DERIVATIVES | {
    *(ids.WRONG_OPERAND, ids.UPDATED_WEIGHTS_BACKWARD, ids.Z_INSTEAD_OF_ACTIVATION),
    *(ids.DC_DA_INSTEAD_OF_DC_DZ, ids.DERIVATIVE_OF_WRONG_LAYER),
}
_OF_ARGUMENTS = (ids.DERIVATIVE_OF_WRONG_LAYER, ids.DERIVATIVE_AT_ACTIVATION)


def other_lines(
    search: RepairSearch, repair: SourceRepair, frame: SourceFrame | None, result: int
) -> Iterator[Place]:
    """Yield the lines beside that of a repair, of which ``frame`` is to blame; ``result`` is the
    wrong one.
    """
    if repair.name == ids.PENALTY_GRADIENT_MISSING:
        yield from lines_of_bare(search.run, repair.step, result)
    elif frame is not None and repair.name in SHARES:
        yield from _lines_of_share(search, repair.step)
    elif frame is not None and repair.name in _OF_OPERANDS:
        yield from _lines_of_operands(search, repair, frame)


def lines_of_bare(run: Run, at: int, result: int) -> Iterator[Place]:
    """Yield the lines from a gradient to a result that is made of it, with those that only give it
    a name: in each of them a term may be added.
    """
    behind, given = run.ancestors([result]), at
    while True:
        step = run.steps[given]
        same = (
            each
            for each in step.inputs
            if run.steps[each].op and each >= run.start and run.steps[each].value.size > 2
            if multiple(run.steps[each].value, step.value, DOUBLE) is not None
        )
        # Of a sum over samples, what it adds last.
        added = step.inputs[1:2] if step.op == "add" and "+=" in step.text else ()
        before = next(same, next((e for e in added if run.steps[e].op), None))
        if before is None:
            break
        given = before
    if (handed := handing_line(run, given)) is not None:
        yield run.steps[given].frames[0].file, handed
    reader: int | None = given
    while reader is not None:
        given = reader
        line = run.steps[given].line
        yield from [line] if line is not None else ()
        reader = min((e for e in run.readers[given] if e in behind and e > given), default=None)
        if reader is not None and given != result and run.steps[reader].frames:
            named = naming_line(run, given, reader)
            yield from [(run.steps[reader].frames[0].file, named)] if named is not None else ()
        reader = reader if given != result else None


def _lines_of_share(search: RepairSearch, at: int) -> dict[Place, None]:
    """Return the lines that give a share of a gradient a name, in which others are missing."""
    run, found = search.run, dict[Place, None]()
    for each in (*search.shares_read(at, whole=True), at):
        # What another function made, and the lines that hand it on.
        frames = run.steps[each].frames[:1]
        if each != at:
            found |= {frame[:2]: None for frame in frames}
        found |= {(frame.file, line): None for frame in frames for line in handing_lines(run, each)}
    for reader in run.readers[at]:
        frames = run.steps[reader].frames if reader in search.region else ()
        named = {naming_line(run, at, reader), renaming_line(run, at, reader)} if frames else ()
        found |= {(frames[0].file, each): None for each in named if each is not None}
    return found


def _lines_of_operands(
    search: RepairSearch, repair: SourceRepair, frame: SourceFrame
) -> Iterator[Place]:
    """Yield where what a step reads wrongly got its name: there a change does the same. So does
    one in a function that gives a derivative, if the forward pass does not call it.
    """
    run, step = search.run, search.run.steps[repair.step]
    is_slope = repair.name in (*DERIVATIVES, *_OF_ARGUMENTS)
    for given in step.inputs:
        # A slope is made of less than the gradient: not of the target.
        carries = given in search.carrying and run.depends[given] == run.depends[step.index]
        if run.steps[given].value.size == 1 or (is_slope and carries):
            continue
        if (named := naming_line(run, given, step.index)) is not None:
            yield frame.file, named
        made = run.steps[given]
        if not made.op or not made.frames:
            continue
        if made.frames[0].call == step.frames[0].call:
            passing = passing_line(run, given) if repair.name in _OF_ARGUMENTS else None
            yield from [(frame.file, passing)] if passing is not None else ()
            continue
        if is_slope:
            yield from _lines_inside(run, given, step, search.alignment.truth.forward)


def _lines_inside(run: Run, given: int, step: Step, forward: frozenset[int]) -> dict[Place, None]:
    """Return the lines of other functions that make what a step is given, if the forward pass does
    not run them: of those that its line calls, and the one that passes it on.
    """
    made, own = run.steps[given].frames, {frame.call for frame in step.frames}
    inner = [*made, *(frame for _, frame in run.passed.get(given, ()))]
    found = [frame for frame in inner if frame.call not in own] or made[:1]
    used = {frame[:2] for at in forward for frame in run.steps[at].frames}
    return {frame[:2]: None for frame in found if frame[:2] not in used}
