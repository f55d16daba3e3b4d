"""Where the source gives a value another name: no operation, so no step has the line."""

from __future__ import annotations

import ast
import linecache
from functools import lru_cache

from backprop_explorer.tutor.program.steps import Run, SourceFrame


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
    """Return the line between two steps of one call that only gives a value another name."""
    first, second = run.steps[made].frames, run.steps[read].frames
    if not first or not second:
        return None
    frame = second[0]
    begin = next((f.line for f in first if f.call == frame.call), None)
    if begin is None:
        return None
    names = _assigned(frame.file, begin)
    found = None
    for line, target, value in plain_assignments(frame.file):
        if begin < line < frame.line and value in names:
            names |= {target}
            found = line
    return found


@lru_cache(maxsize=64)
def _parsed(source: str) -> ast.AST:
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError):
        return ast.Module([], [])


def tree_of(file: str) -> ast.AST:
    """Return the syntax tree of a source file; an empty one if it cannot be read."""
    return _parsed("".join(linecache.getlines(file)))


def plain_assignments(file: str) -> list[tuple[int, str, str]]:
    """Return line, target and value of each assignment of a name or attribute, in order."""
    found = []
    for node in ast.walk(tree_of(file)):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name | ast.Attribute):
            value = ast.unparse(node.value)
            found += [(node.lineno, ast.unparse(each), value) for each in node.targets]
    return sorted(found)


def _assigned(file: str, line: int) -> set[str]:
    return {
        ast.unparse(target)
        for node in ast.walk(tree_of(file))
        if isinstance(node, ast.Assign) and node.lineno <= line <= (node.end_lineno or 0)
        for target in node.targets
    }
