"""Where a wrong result comes from: the steps behind it that no true array explains."""

from __future__ import annotations

import ast
import linecache
from collections import defaultdict
from functools import lru_cache

from backprop_explorer.tutor.program.alignment import Alignment, Outcome
from backprop_explorer.tutor.program.steps import Frame


def region_of(alignment: Alignment, outcomes: list[Outcome]) -> list[int]:
    """Return the steps behind wrong results, back to those with right inputs, in order."""
    run, found = alignment.run, set[int]()
    starts = {each.index for each in outcomes}
    waiting = list(starts)
    while waiting:
        at = waiting.pop()
        step = run.steps[at]
        if at in found or not step.op or at < run.start:
            continue
        if at in alignment.truth.forward or (at not in starts and alignment.is_right(at)):
            continue
        found.add(at)
        waiting += step.inputs
    return sorted(found)


def origins(alignment: Alignment, region: list[int]) -> list[int]:
    """Return the steps of a region of which all inputs are right."""
    inside = set(region)
    return [at for at in region if not inside.intersection(alignment.run.steps[at].inputs)]


def blamed_frame(alignment: Alignment, at: int) -> Frame | None:
    """Return the frame of a step that is to blame: not a helper that is right in another call."""
    frames = alignment.run.steps[at].frames
    if not frames:
        return None
    last: dict[tuple[str, str], dict[int, int]] = defaultdict(dict)
    for step in alignment.run.steps:
        for frame in step.frames:
            last[frame.file, frame.function][frame.call] = step.index
    for level, frame in enumerate(frames[:-1]):
        calls = last[frame.file, frame.function]
        others = [end for call, end in calls.items() if call != frame.call]
        if not any(alignment.is_right(end) for end in others):
            return frames[level]
    return frames[-1]


def renaming_line(alignment: Alignment, made: int, read: int) -> int | None:
    """Return the line between two steps of one call that only gives a value another name."""
    first, second = alignment.run.steps[made].frames, alignment.run.steps[read].frames
    if not first or not second:
        return None
    frame = second[0]
    begin = next((f.line for f in first if f.call == frame.call), None)
    if begin is None:
        return None
    names = _assigned(frame.file, begin, begin)
    found = None
    for line, target, value in _plain_assignments(frame.file):
        if begin < line < frame.line and value in names:
            names |= {target}
            found = line
    return found


@lru_cache(maxsize=64)
def _plain_assignments(file: str) -> tuple[tuple[int, str, str], ...]:
    """Line, target and value of each assignment of a name or attribute to a name."""
    found = []
    for node in ast.walk(_tree(file)):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name | ast.Attribute):
            value = ast.unparse(node.value)
            found += [(node.lineno, ast.unparse(each), value) for each in node.targets]
    return tuple(sorted(found))


def _assigned(file: str, begin: int, end: int) -> set[str]:
    return {
        ast.unparse(target)
        for node in ast.walk(_tree(file))
        if isinstance(node, ast.Assign) and node.lineno <= begin and end <= (node.end_lineno or 0)
        for target in node.targets
    }


def _tree(file: str) -> ast.AST:
    try:
        return ast.parse("".join(linecache.getlines(file)))
    except (SyntaxError, ValueError):
        return ast.Module([], [])
