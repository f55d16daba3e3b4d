"""Where the source gives a value another name: no operation, so no step has the line."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise, takewhile
from typing import NamedTuple

from backprop_explorer.tutor.program.source import (
    argument_of,
    function_of,
    nodes_of,
    operand_of,
    passed_name,
    renamed_at,
    statement_at,
    targets_of,
)
from backprop_explorer.tutor.program.steps import Run, SourceFrame, Step


def alias_frames(run: Run, index: int, path: str) -> tuple[SourceFrame, ...]:
    """Return the frames of the line that hands a value out as result ``path``."""
    step = run.steps[index]
    if not step.frames:
        return ()
    frame = step.frames[0]
    key = path.rpartition("[")[2].rstrip("]").strip("'")
    lines = [
        line
        for line, target, value in plain_assignments(frame.file)
        if line > frame.line and (value == step.name or target.rstrip("]").endswith(f"'{key}'"))
    ]
    return (frame._replace(line=lines[0], place=-1), *step.frames[1:]) if lines else ()


def renaming_line(run: Run, made: int, read: int) -> int | None:
    """Return the line between two steps that only gives a value another name.

    That may be a function that returns what it was given. In a function that gets the value, it is
    a line that gives a parameter the name which is read.
    """
    returned = [frame.line for at, frame in run.passed.get(made, ()) if at <= read]
    if returned:
        return returned[-1]
    frame, expression = chosen(run, made, read)
    place = None if frame is None else renamed_at(frame, expression)
    return None if place is None else place[1]


def chosen(
    run: Run, made: int, read: int, known: Iterable[int] = ()
) -> tuple[SourceFrame | None, ast.expr | None]:
    """Return the frame and the expression of an operand of a step that is no parameter there.

    ``known`` are steps whose calls have the value that is needed.
    """
    step = run.steps[read]
    behind = (at for at, each in enumerate(step.inputs) if made in run.ancestors([each]))
    at = step.inputs.index(made) if made in step.inputs else next(behind, 0)
    return followed(run, step, operand_of(step.text, at), known)


def followed(
    run: Run, step: Step, expression: ast.expr | None, known: Iterable[int] = ()
) -> tuple[SourceFrame | None, ast.expr | None]:
    """Follow an expression of a step that is a parameter to the calls that pass it."""
    calls = {frame.call for each in known for frame in run.steps[each].frames}
    for inner, outer in pairwise(step.frames):
        name = passed_name(inner, expression)
        if expression is None or name is None or inner.call in calls:
            return (None if expression is None else inner), expression
        expression = argument_of(outer, inner, name)
    return (step.frames[-1] if step.frames and expression is not None else None), expression


def handing_line(run: Run, made: int, until: Sequence[SourceFrame] = ()) -> int | None:
    """Return the last line that gives a value another name, in its function or a caller of it."""
    calls = {each.call for each in until}
    levels = takewhile(lambda each: each.frame.call not in calls, _levels(run, made))
    return next((each.named[-1] for each in levels if each.named), None)


def handing_lines(run: Run, made: int) -> Iterator[int]:
    """Yield the lines that give a value another name or return it, in its function and callers."""
    for level in _levels(run, made):
        yield from (*level.named, *level.returned)
        statement = statement_at(level.frame.file, level.frame.line)
        if not level.returned and not isinstance(statement, ast.Return):
            break


class _Level(NamedTuple):
    """The lines of one call that give a value another name, and those that return it."""

    frame: SourceFrame
    named: list[int]
    returned: list[int]


def _levels(run: Run, made: int) -> Iterator[_Level]:
    """Yield where a value goes in the call that makes it and in the calls around that."""
    inner: ast.FunctionDef | ast.Lambda | None = None
    names = {run.steps[made].name or "."}
    for frame in run.steps[made].frames:
        function = function_of(frame)
        if function is None:
            break
        if inner is not None:
            names = _handed_to(statement_at(frame.file, frame.line), inner, names)
        named = list[int]()
        for line, target, value in plain_assignments(frame.file):
            later = frame.line < line <= (function.end_lineno or 0)
            if later and not names.isdisjoint((value, value.partition("[")[0])):
                names.add(target)
                named.append(line)
        returns = (each for each in ast.walk(function) if isinstance(each, ast.Return))
        own = (e.lineno for e in returns if e.value is not None and ast.unparse(e.value) in names)
        yield _Level(frame, named, list(own))
        inner = function


def _handed_to(
    statement: ast.stmt | None, function: ast.FunctionDef | ast.Lambda, names: set[str]
) -> set[str]:
    """Return the variables that a statement sets to what a function returns under some names."""
    targets = targets_of(statement)
    returns = (each.value for each in ast.walk(function) if isinstance(each, ast.Return))
    tuples = (each.elts for each in returns if isinstance(each, ast.Tuple))
    same = next((each for each in tuples if len(each) == len(targets)), None)
    found = {
        one for one, two in zip(targets, same or (), strict=False) if ast.unparse(two) in names
    }
    return found or set(targets)


def dropping_line(run: Run, made: int, read: int) -> int | None:
    """Return the line that takes a value alone, where more should be added to it."""
    return handing_line(run, made, run.steps[read].frames) or renaming_line(run, made, read)


def loaded_at(file: str, line: int) -> set[str]:
    """Return the names that the statement in a line has."""
    statement = statement_at(file, line)
    nodes = ast.walk(statement) if statement is not None else ()
    return {node.id for node in nodes if isinstance(node, ast.Name)}


def kept_line(run: Run, made: int, read: int) -> int | None:
    """Return where a loop keeps of a value only its last one, under a name that is read later."""
    reader, *_ = run.steps[read].frames
    common = [frame for frame in run.steps[made].frames if frame.call == reader.call]
    return assigned_again(common[0], loaded_at(reader.file, reader.line)) if common else None


def assigned_again(frame: SourceFrame, names: set[str]) -> int | None:
    """Return where a loop around a frame only gives a value, or a part of one, some name."""
    for loop in nodes_of(frame.file):
        if isinstance(loop, ast.For) and loop.lineno <= frame.line <= (loop.end_lineno or 0):
            for node in ast.walk(loop):
                targets = node.targets if isinstance(node, ast.Assign) else []
                kinds = ast.Subscript | ast.ListComp | ast.Name
                plain = isinstance(getattr(node, "value", None), kinds)
                if plain and names.intersection(map(ast.unparse, targets)):
                    return targets[0].lineno
    return None


def unread_after(frame: SourceFrame, unread: Mapping[str, bool], *, inner: bool) -> int | None:
    """Return the line where a function should read a name that it sets and nothing reads.

    That is where the name is set again, else the next statement, not before the frame's line.
    ``unread`` has the names of values on the way back that nothing reads, and whether something
    should. ``inner``: any other name, too.
    """
    nodes = list(ast.walk(function_of(frame) or nodes_of(frame.file)[0]))
    parts = ("body", "orelse", "finalbody")
    blocks = [b for e in nodes for k in parts if isinstance(b := getattr(e, k, None), list)]
    lines = sorted({node.lineno for node in nodes if isinstance(node, ast.stmt)})
    assigned = [e for e in nodes if isinstance(e, ast.Assign | ast.AugAssign)]
    named = [(k, e) for e in assigned for k in getattr(e, "targets", [getattr(e, "target", e)])]
    stores = [(each.id, e) for each, e in named if isinstance(each, ast.Name)]
    for name, node in sorted(stores, key=lambda each: each[1].lineno):
        own = [each for other, each in stores if other == name]
        inside = {e for each in own for e in ast.walk(each)}
        names = [e for e in nodes if isinstance(e, ast.Name) and e.id == name]
        read = [each.lineno for each in names if each not in inside]
        later = [each for each in own if each.lineno > node.lineno]
        block = next(each for each in blocks if node in each)
        anew = (e for e in later if isinstance(e, ast.Assign) and e in block)
        again, found = next(anew, None), None
        if again is not None and not any(
            node.lineno < e.lineno <= again.lineno and isinstance(e.ctx, ast.Load) for e in names
        ):
            found = again.lineno if name in unread else None
        # What a loop sets for its next round is read before. To change a value is not to read it.
        elif not (read or later) and (isinstance(node, ast.AugAssign) or set(own) <= set(block)):
            found = next((line for line in lines if line > (node.end_lineno or 0)), None)
        if found is not None and found >= frame.line and unread.get(name, inner):
            return found
    return None


def plain_assignments(file: str) -> list[tuple[int, str, str]]:
    """Return line, target and value of each assignment of a name or attribute, in order."""
    return _plain(nodes_of(file))


@lru_cache(maxsize=64)
def _plain(nodes: tuple[ast.AST, ...]) -> list[tuple[int, str, str]]:
    found = []
    for node in nodes:
        if isinstance(node, ast.Assign) and isinstance(
            node.value, ast.Name | ast.Attribute | ast.Subscript
        ):
            value = ast.unparse(node.value)
            found += [(node.lineno, ast.unparse(each), value) for each in node.targets]
    return sorted(found)


def words_of(path: str) -> set[str]:
    """Return the words of the last name in a path, without numbers: "w" of "net.w1" and "w[2]"."""
    name = path.replace("'", "").split(".")[-1]
    words = re.findall(r"[^\W\d_]+", name.replace("[", " "))
    return set(words[-1:] if "[" in name else words)
