"""Where an operation stands in a program's source: line, span, the variable it is assigned to.

The position of an instruction (``code.co_positions``) is matched with the syntax tree of its file,
so nothing here depends on the instructions of a version of Python.
"""

from __future__ import annotations

import ast
import linecache
import re
import sys
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType
from typing import NamedTuple

from backprop_explorer.record.axes import sizes_named

Span = tuple[int, int, int, int]  # line, end line, first column, column after the last; in bytes
_STATEMENTS = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Return, ast.NamedExpr)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class LoopSite(NamedTuple):
    """A loop around a place: its span and the names that it assigns each time."""

    span: Span
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SourceSite:
    """One place in a source file.

    ``targets`` are the names that the statement assigns: one, or several of a tuple; empty if it
    assigns none. ``direct`` says that the place is the whole assigned value; ``returned`` that it
    is the whole value of ``return``. ``text`` is the source of the place itself. ``printed`` says
    that the place becomes a part of a text.
    """

    file: str
    line: int
    span: Span | None = None
    text: str = ""
    targets: tuple[str, ...] = ()
    direct: bool = False
    returned: bool = False
    loops: tuple[LoopSite, ...] = ()
    function: str = ""
    printed: bool = False


class _File:
    """The syntax tree of a file, by span. A statement at its top is read when it is needed."""

    def __init__(self, source: str) -> None:
        self.lines = source.splitlines()
        self.nodes: dict[Span, ast.AST] = {}
        self.parents: dict[ast.AST, ast.AST] = {}
        self._bytes = [line.encode() for line in source.splitlines(keepends=True)]
        self._unread: list[ast.stmt] = []
        try:
            self._unread = ast.parse(source).body
        except (SyntaxError, ValueError):  # A cell with magics, or another language.
            return

    def find(self, span: Span) -> ast.AST | None:
        """Return the expression or statement of a span."""
        for statement in self._unread:
            if statement.lineno <= span[0] <= (statement.end_lineno or 0):
                self._unread.remove(statement)
                self._read(statement)
                break
        return self.nodes.get(span)

    def _read(self, statement: ast.stmt) -> None:
        for parent in ast.walk(statement):
            self.nodes.setdefault(span_of(parent), parent)
            for child in ast.iter_child_nodes(parent):
                self.parents[child] = parent
                if isinstance(child, ast.expr | ast.stmt):
                    # An expression that is a statement has the same span: keep the expression.
                    self.nodes[span_of(child)] = child

    def text(self, span: Span) -> str:
        """Return the source of a span."""
        begin, end, first, after = span
        lines = self._bytes[begin - 1 : end]
        if not lines:
            return ""
        lines[-1] = lines[-1][:after]
        lines[0] = lines[0][first:]
        return b"".join(lines).decode(errors="replace")


def span_of(node: ast.AST) -> Span:
    """Return the span of a statement or expression."""
    return (
        getattr(node, "lineno", 0),
        getattr(node, "end_lineno", 0),
        getattr(node, "col_offset", 0),
        getattr(node, "end_col_offset", 0),
    )


def target_name(node: ast.AST) -> str:
    """Return what an assignment assigns to: "h", "self.W1", "cache['h']"; "z" for ``z[i, j]``."""
    while isinstance(node, ast.Subscript):
        if isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
            break
        node = node.value
    if isinstance(node, ast.Starred):
        return target_name(node.value)
    if isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
        return ast.unparse(node)
    return ""


def _target_names(node: ast.AST) -> tuple[str, ...]:
    if isinstance(node, ast.Tuple | ast.List):
        return tuple(target_name(each) for each in node.elts)
    return (target_name(node),)


def file_title(filename: str) -> str:
    """Return the name of a source file without folders; ``In[3]`` of a cell of IPython."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    cell = shell.compile.format_code_name(filename) if shell is not None else None
    title: str = re.split(r"[\\/]", filename)[-1] if cell is None else cell[1]
    return title


class Sources:
    """Sites of the instructions of code objects. One object for one recording."""

    def __init__(self) -> None:
        self._files: dict[str, _File] = {}
        self._sites: dict[tuple[CodeType, int], SourceSite] = {}
        self._positions: dict[CodeType, list[tuple[int | None, ...]]] = {}
        self._sizes: dict[CodeType, dict[str, dict[int, str]]] = {}

    def lines(self, codes: Iterable[CodeType]) -> dict[str, list[str | None]]:
        """Return the lines of functions by file; None for each line of other code.

        Of a lambda or generator only its own part of a line is kept, at its place.
        """
        found: dict[str, list[str | None]] = {}
        for code in sorted(codes, key=lambda each: each.co_name.startswith("<")):
            if code.co_name != "<module>":
                text = self._file(code.co_filename).lines
                kept = found.setdefault(code.co_filename, [None] * len(text))
                for number, line in _own_lines(code, text):
                    kept[number] = line if kept[number] is None else kept[number]
        for kept in found.values():
            while kept and kept[-1] is None:
                kept.pop()
        return found

    def sizes(self, code: CodeType) -> dict[str, dict[int, str]]:
        """Return the variables of a function with lengths of axes: {array: {axis: variable}}."""
        if code not in self._sizes:
            text = [line or "" for line in self.lines([code]).get(code.co_filename, [])]
            try:
                tree = ast.parse(textwrap.dedent("\n".join(text)))
            except (SyntaxError, ValueError):
                tree = ast.Module([], [])
            self._sizes[code] = sizes_named(tree)
        return self._sizes[code]

    def _file(self, name: str) -> _File:
        if name not in self._files:
            self._files[name] = _parsed("".join(linecache.getlines(name)))
        return self._files[name]

    def site(self, code: CodeType, instruction: int) -> SourceSite:
        """Return the place of the instruction at the offset ``instruction``."""
        key = (code, instruction)
        if key not in self._sites:
            self._sites[key] = self._find(code, instruction)
        return self._sites[key]

    def _find(self, code: CodeType, instruction: int) -> SourceSite:
        if code not in self._positions:
            self._positions[code] = list(code.co_positions())
        line, end, begin, after = self._positions[code][instruction // 2]
        file = self._file(code.co_filename)
        if line is None or end is None or begin is None or after is None:
            return SourceSite(code.co_filename, line or code.co_firstlineno, function=code.co_name)
        span = (line, end, begin, after)
        node = file.find(span)
        if node is None:
            return SourceSite(code.co_filename, line, span, function=code.co_name)
        return self._describe(file, code, span, node)

    def _describe(self, file: _File, code: CodeType, span: Span, node: ast.AST) -> SourceSite:
        targets: tuple[str, ...] = ()
        direct = returned = found = printed = False
        loops: list[LoopSite] = []
        below, whole = node, True
        here: ast.AST | None = node
        while here is not None:
            if not found and isinstance(here, _STATEMENTS):
                targets, direct, returned = _assigned(here, below, whole, node)
                found = True
            printed = printed or _is_text(here)
            if isinstance(here, ast.For | ast.AsyncFor) and below in here.body:
                loops.append(LoopSite(span_of(here), _names_in(here.target)))
            if isinstance(here, _COMPREHENSIONS) and not isinstance(below, ast.comprehension):
                loops += [
                    LoopSite(span_of(here), _names_in(each.target))
                    for each in reversed(here.generators)
                ]
            if isinstance(here, _FUNCTIONS) and here is not node:
                if isinstance(here, ast.Lambda) and not found:
                    returned = whole
                break
            # In "a if c else b" and (a, b), the part is still the whole of what is assigned.
            whole = whole and (
                here is node or isinstance(here, ast.IfExp | ast.Tuple | ast.Starred)
            )
            below, here = here, file.parents.get(here)
        text = file.text(span)
        return SourceSite(
            *(code.co_filename, span[0], span, text, targets, direct, returned),
            *(tuple(reversed(loops)), code.co_name, printed),
        )


def _own_lines(code: CodeType, text: Sequence[str]) -> Iterator[tuple[int, str]]:
    """(index, text) of each line of a function."""
    spans = list(_spans(code))
    if code.co_name.startswith("<") and spans:
        first, last = min(spans)[0] - 1, max(span[1] for span in spans) - 1
        begin = min(span[2] for span in spans if span[0] - 1 == first)
        after = max(span[3] for span in spans if span[1] - 1 == last)
    else:
        first, begin, after = code.co_firstlineno - 1, 0, None
        last = max([first, *(span[1] - 1 for span in spans)])
    for number, line in enumerate(text[first : last + 1], first):
        cut = line.encode()[: after if number == last else None]
        hidden = begin if number == first else 0
        yield number, " " * hidden + cut[hidden:].decode(errors="replace")


def _spans(code: CodeType) -> Iterator[Span]:
    """The spans of the instructions of a function and of those inside it."""
    for line, end, begin, after in code.co_positions():
        # The first instruction of a function has no width.
        if line and end and begin is not None and after:
            yield line, end, begin, after
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield from _spans(each)


@lru_cache(maxsize=64)
def _parsed(source: str) -> _File:
    return _File(source)


def _assigned(
    statement: ast.AST, below: ast.AST, whole: bool, node: ast.AST
) -> tuple[tuple[str, ...], bool, bool]:
    """Return (targets, direct, returned) of a place below a statement."""
    if isinstance(statement, ast.Return):
        return (), False, whole and statement.value is below
    if isinstance(statement, ast.AugAssign):
        return (target_name(statement.target),), statement is node, False
    if isinstance(statement, ast.Assign):
        value, target = statement.value, statement.targets[0]
        names = _target_names(target)
        if isinstance(value, ast.Tuple) and isinstance(target, ast.Tuple | ast.List):
            at = next((k for k, each in enumerate(value.elts) if _holds(each, node)), None)
            if at is not None and len(value.elts) == len(target.elts):
                names = (names[at],)
        element = isinstance(target, ast.Subscript) and target_name(target) != ast.unparse(target)
        return names, whole and below is value and not element, False
    if isinstance(statement, ast.AnnAssign | ast.NamedExpr):
        return _target_names(statement.target), whole and statement.value is below, False
    return (), False, False


def _is_text(node: ast.AST) -> bool:
    """Whether an expression makes a text of its parts: print, format, an f-string or "%.3f" %."""
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)
        return name in ("print", "format", "str", "write", "set_description", "info")
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
        left = node.left
        return isinstance(left, ast.Constant) and isinstance(left.value, str)
    return isinstance(node, ast.JoinedStr)


def _holds(tree: ast.AST, node: ast.AST) -> bool:
    return any(each is node for each in ast.walk(tree))


def _names_in(target: ast.AST) -> tuple[str, ...]:
    return tuple(each.id for each in ast.walk(target) if isinstance(each, ast.Name))
