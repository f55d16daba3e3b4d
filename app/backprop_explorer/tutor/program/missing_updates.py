"""Where the update of a parameter is missing, or stands in a wrong form."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from backprop_explorer.tutor.mistakes import ids
from backprop_explorer.tutor.program.alignment import Alignment
from backprop_explorer.tutor.program.changes.handed_values import naming_line
from backprop_explorer.tutor.program.outcome import Outcome
from backprop_explorer.tutor.program.region import loop_of_gradients
from backprop_explorer.tutor.program.source import (
    assigned_from_itself,
    function_of,
    loop_around,
    operand_of,
    statement_at,
    yielding_line,
)
from backprop_explorer.tutor.program.steps import COPIES, Run, Step, last_name
from backprop_explorer.tutor.program.truth import multiple
from backprop_explorer.tutor.program.versions import is_made_of, versions_of

_SUMS = ("add", "subtract")
# The operations that make a state of an update.
_OF_STATES = frozenset({"", "add", "subtract", "negative", "multiply", "divide"})


def replaced_at(alignment: Alignment, missing: Outcome) -> tuple[tuple[str, int], str] | None:
    """Return where a parameter may get the change of its update in the place of its sum, or the sum
    with another one; and the name of this mistake.
    """
    if (alone := alignment.steps_alone().get(missing.index)) is not None:
        line = alignment.run.steps[alone].line
        return (line, ids.STEP_INSTEAD_OF_PARAMETERS) if line is not None else None
    run, main = alignment.run.whole or alignment.run, alignment.mains.get(True)
    if (line := _line_that_replaces(run, missing.index)) is not None:
        return line, ids.STEP_INSTEAD_OF_PARAMETERS
    wanted = missing.wanted
    if main is None or wanted is None or wanted.size < 3:
        return None
    for step in run.steps:
        if step.op and step.line and step.value.shape == wanted.shape:
            factor = multiple(step.value, wanted, alignment.tolerance)
            reads = (run.steps[each].inputs for each in run.readers[step.index])
            added = any(missing.source in each for each in reads)
            if factor is not None and abs(abs(factor / main) - 1.0) < 1e-4 and not added:
                statement = statement_at(*step.line)
                targets = statement.targets if isinstance(statement, ast.Assign) else []
                if any(_array_name(ast.unparse(e)) == _array_name(missing.path) for e in targets):
                    readers = [run.steps[each] for each in run.readers[step.index]]
                    others = any(e.op in _SUMS and e.line == step.line for e in readers)
                    is_alone = ids.STEP_INSTEAD_OF_PARAMETERS
                    return step.line, ids.WRONG_OPERAND if others else is_alone
    return None


def _line_that_replaces(run: Run, source: int) -> tuple[str, int] | None:
    """Return the line that gives the name of a parameter to a state of its update, which the next
    round reads in its place.
    """
    for reader in run.readers[source]:
        position = run.steps[reader].inputs.index(source)
        for again in run.sites[run.steps[reader].site]:
            given = run.steps[again].inputs[position] if again > reader else source
            behind, made = run.ancestors([given]), run.steps[given]
            if given != source and made.op in _OF_STATES and reader in behind:
                line = naming_line(run, given, again)
                if line is not None and not is_made_of(run, given, source):
                    return run.steps[again].frames[0].file, line
    return None


def _array_name(path: str) -> str:
    """Return the array of a path, without its object and indices: "b" of "net.b[0]"."""
    return re.sub(r"(\[[^\]]*\])+$", "", path).rpartition(".")[2]


def line_of_missing(alignment: Alignment, missing: Outcome) -> tuple[str, int] | None:
    """Return the line where an update should stand: of the gradient, or of a neighbour's update."""
    run = alignment.run
    made = run.steps[missing.index]
    if made.op in _SUMS and made.line is not None:
        # An update that nothing reads.
        return made.line[0], _line_that_keeps(made) or made.line[1]
    if (dropped := _line_that_drops(run, missing.index)) is not None:
        return dropped
    if (other := _line_of_other(run, missing)) is not None:
        return other
    updates = [e for e in alignment.outcomes if e.is_update and e.state != "missing"]
    order = sorted([*updates, missing], key=lambda each: each.source or 0)
    at = order.index(missing)
    neighbours = [*order[max(0, at - 1) : at], *order[at + 1 : at + 2]]
    calling = (_calling_line(run, each, updates) for each in neighbours if each is not missing)
    if (called := next(filter(None, calling), None)) is not None:
        return called
    axes, lines = run.steps[missing.index].value.ndim, [run.steps[e.index].line for e in updates]
    for place in filter(None, lines):
        if (yields := yielding_line(*place, next(iter(made.frames), None))) is not None:
            return place[0], yields
    for each, line in zip(updates, lines, strict=True):
        # What other rounds update is left out by the loop.
        if lines.count(line) > 1 and line and run.steps[each.index].value.ndim == axes:
            steps = (at for at in range(len(run.steps)) if at not in alignment.truth.forward)
            labels = (match.label for at in steps for match in alignment.labels(at))
            known = any(each[:2] == ("gradient", missing.source) for each in labels)
            loop = loop_around(*line)
            return (line[0], loop) if known and loop else loop_of_gradients(alignment) or line
    line = next((line for e in neighbours if (line := run.steps[e.index].line)), None)
    own = line and assigned_from_itself(*line, last_name(missing.path))
    return (line[0], own) if line and own else line


def _line_of_other(run: Run, missing: Outcome) -> tuple[str, int] | None:
    """Return the line that updates another parameter again, in the place of a missing one."""
    found = set[tuple[str, int]]()
    for at, source in versions_of(run).items():
        first = run.steps[at]
        for each in map(run.steps.__getitem__, run.readers[at]):
            again = each.op in _SUMS and each.inputs[0] == at and each.line != first.line
            again = again and source != missing.source and bool(run.depends[each.index])
            if again and each.line and each.value.ndim == run.steps[missing.index].value.ndim:
                found.add(each.line)
    return found.pop() if len(found) == 1 else None


def _line_that_drops(run: Run, source: int) -> tuple[str, int] | None:
    """Return the call that updates a source and whose result nothing takes, or the line that keeps
    the source in place of the result.
    """
    for at in run.readers_through(source, COPIES):
        step = run.steps[at]
        if step.op not in _SUMS or run.readers[at] or not step.frames:
            continue
        if (kept := _line_that_keeps(step)) is not None:
            return step.frames[0].file, kept
        for frame in step.frames:
            if isinstance(statement_at(frame.file, frame.line), ast.Expr):
                return frame.file, frame.line
    return None


def _line_that_keeps(step: Step) -> int | None:
    """Return the line after a sum that assigns what it adds to, and not the sum."""
    function, kept = function_of(step.frames[0]), operand_of(step.text, 0)
    if function is None or kept is None or not step.name:
        return None
    line, text = step.frames[0].line, ast.unparse(kept)
    nodes = (e for e in ast.walk(function) if isinstance(e, ast.Assign) and e.lineno > line)
    return min((e.lineno for e in nodes if ast.unparse(e.value) == text), default=None)


def _calling_line(run: Run, update: Outcome, others: Sequence[Outcome]) -> tuple[str, int] | None:
    """Return the line of the call that makes an update, if others are made by other calls of the
    same function.
    """
    own = run.steps[update.index].frames
    same = [run.steps[e.index].frames for e in others if e is not update]
    same = [each for each in same if own and each and each[0][:2] == own[0][:2]]
    for depth, frame in enumerate(own[1:], 1):
        if any(len(each) > depth and each[depth][:2] != frame[:2] for each in same):
            return frame.file, frame.line
    return None
