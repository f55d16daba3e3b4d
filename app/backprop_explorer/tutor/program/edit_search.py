"""The search for one change of the source with which all results are right."""

from __future__ import annotations

import ast
import contextlib
import copy
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import Any, NamedTuple

import numpy as np

from backprop_explorer.engine.ops.operation import Array
from backprop_explorer.tutor.program.alignment import Alignment, Outcome
from backprop_explorer.tutor.program.edits import (
    Scope,
    SourceEdit,
    Value,
    edits_of,
    is_pure,
    other_statements,
    places_of,
    value_of,
)
from backprop_explorer.tutor.program.rerun import Reruns, SourceFunction
from backprop_explorer.tutor.program.truth import Matched, multiple
from backprop_explorer.tutor.program.updates import divided_by_own_size

# How much dearer than the cheapest one that is found another change may be.
NEAR = 0.35
# What these put together may be right in one part and wrong in another.
JOINS = frozenset({"concatenate", "stack", "setitem", "add_at"})
MAX_OPERANDS, MAX_SIZES = 60, 6
# Statements by price, first those with right inputs and wrong results; until which share of time
# their changes are looked at before they are tried, and until which they are tried.
TIERS = ((0.0, 0.1, 0.25, 0.45), (0.1, 0.5, 0.6, 0.8), (0.5, 9.0, 0.9, 1.0))
_NO_CALLS = frozenset(
    {
        "range",
        "len",
        "print",
        "zip",
        "enumerate",
        "super",
        "int",
        "float",
        "str",
        "list",
        "isinstance",
    }
)


_FAILED = object()


@dataclass(frozen=True, eq=False)
class FoundEdit:
    """A change with which all results are right."""

    file: str
    line: int
    name: str
    price: float
    text: str


@dataclass(eq=False)
class _Seen:
    """What is known of expressions where a line first runs, by their source."""

    globals: dict[str, Any]
    here: dict[str, Any]
    values: dict[str, Value] = field(default_factory=dict)
    operands: dict[str, ast.expr] = field(default_factory=dict)

    def look(self, node: ast.expr, *, keep: bool) -> None:
        """Compute an expression, if that changes nothing. ``keep``: it may stand elsewhere."""
        text = ast.unparse(node)
        if text in self.values or not is_pure(node):
            return
        try:
            with np.errstate(all="ignore"):
                value = value_of(self._computed(text))
        except Exception:  # noqa: BLE001 - it may not be computed there
            return
        if value is not None:
            self.values[text] = value
        if keep:
            self.operands.setdefault(text, node)

    def calls(self, node: ast.expr) -> bool:
        """Whether an expression is a function there."""
        try:
            return is_pure(node) and callable(self._computed(ast.unparse(node)))
        except Exception:  # noqa: BLE001 - it may not stand there
            return False

    def _computed(self, text: str) -> Any:
        return eval(text, self.globals, self.here)  # noqa: S307 - the student's own source


class _Parts(NamedTuple):
    """Expressions of a function: what it reads, its factors, the functions that it calls."""

    loads: list[ast.expr]
    factors: list[ast.expr]
    calls: list[ast.expr]


@dataclass(eq=False)
class _Statement:
    function: SourceFunction
    node: ast.stmt
    block: list[ast.stmt]
    at: int
    price: float = 1.0
    edits: list[tuple[SourceEdit, float]] = field(
        default_factory=list
    )  # and what is added to its price
    seen: bool = False

    @property
    def file(self) -> str:
        return self.function.function.__code__.co_filename

    @property
    def last(self) -> int:
        """The last line that is the statement's own."""
        inner = getattr(self.node, "body", None)
        end = self.node.end_lineno or self.node.lineno
        return max(self.node.lineno, inner[0].lineno - 1) if inner else end


class EditSearch:
    """Tries changes of the statements behind wrong results, the cheapest first."""

    def __init__(
        self,
        alignment: Alignment,
        judged: Sequence[Outcome],
        region: Sequence[int],
        origins: Sequence[int],
        is_right: Callable[[], bool],
        seconds: float,
    ) -> None:
        self.alignment, self.run = alignment, alignment.run
        self.judged = [each for each in judged if each.wanted is not None]
        self.wrong = [each for each in self.judged if each.state != "right"]
        self.region, self.origins, self._is_right = region, origins, is_right
        self._seconds = seconds
        self.tried = self.confirmed = 0
        self._parts: dict[SourceFunction, _Parts] = {}

    def found(self) -> list[FoundEdit]:
        """Return the changes that were found, the most likely first."""
        if not self.wrong or self.run.program is None:
            return []
        steps = [self.run.steps[each.index] for each in self.judged]
        self.reruns = Reruns(self.run, steps)
        self.wrong = [each for each in self.wrong if each.index in self.reruns.known]
        if not self.wrong:
            return []
        self.judged = [each for each in self.judged if each.index in self.reruns.known]
        statements = sorted(self._statements(), key=lambda each: each.price)
        begin, hits = time.perf_counter(), list[FoundEdit]()
        whole = self._seconds
        for near, far, looking, trying in TIERS:
            some = [each for each in statements if near <= each.price < far]
            self._looking_until = begin + looking * whole
            self._trying_until = begin + trying * whole
            self._watch(some)
            edits = [(s, edit, s.price + edit.price + more) for s in some for edit, more in s.edits]
            hits += self._tried(sorted(edits, key=lambda each: each[2]), hits)
        return sorted(hits, key=lambda each: each.price)

    def _tried(
        self, edits: list[tuple[_Statement, SourceEdit, float]], before: list[FoundEdit]
    ) -> list[FoundEdit]:
        """Return which changes make all right, up to a little dearer than the cheapest one."""
        hits = list[FoundEdit]()
        limit = min((each.price for each in before), default=np.inf) + NEAR
        for statement, edit, price in edits:
            if price > limit or time.perf_counter() > self._trying_until:
                break
            if self._repairs(statement, edit) and self._is_confirmed(statement, edit):
                made = FoundEdit(statement.file, edit.line, edit.name, price, edit.text())
                hits.append(made)
                limit = min(limit, price + NEAR)
        return hits

    def _is_confirmed(self, statement: _Statement, edit: SourceEdit) -> bool:
        """Whether the check of the changed program finds nothing wrong."""
        self.confirmed += 1
        with self._changed(statement, edit):
            return self._is_right()

    def _statements(self) -> Iterator[_Statement]:
        """Yield the statements of functions of the way back, but not those that go forward."""
        prices = self._prices()
        helpers = self._helpers()
        for function in self.reruns.functions:
            file = function.function.__code__.co_filename
            own = [
                _Statement(function, node, block, at)
                for block in _blocks(function.node)
                for at, node in enumerate(block)
            ]
            known = [
                statement
                for statement in own
                if any(
                    (file, n) in prices for n in range(statement.node.lineno, statement.last + 1)
                )
            ]
            if not known:
                continue
            for each in own:
                lines = [(file, n) for n in range(each.node.lineno, each.last + 1)]
                found = [prices[line] for line in lines if line in prices]
                if any(line in helpers for line in lines):
                    continue
                each.price = min(found, default=0.7)
                yield each

    def _helpers(self) -> set[tuple[str, int]]:
        """Return the lines that go forward: only that, or in other calls of their function."""
        run, forward = self.run, self.alignment.truth.forward
        ahead, back = dict[tuple[str, int], set[int]](), dict[tuple[str, int], set[int]]()
        for step in run.steps:
            for frame in step.frames[:1] if step.op else ():
                which = ahead if step.index in forward else back
                which.setdefault(frame[:2], set()).add(frame.call)
        return {line for line, calls in ahead.items() if calls - back.get(line, set())}

    def _prices(self) -> dict[tuple[str, int], float]:
        """Return the lines of the way back, those of wrong results and right inputs first."""
        run, found = self.run, dict[tuple[str, int], float]()
        behind = run.ancestors([each.index for each in self.wrong])
        origins, region = set(self.origins), set(self.region)
        right = [each.index for each in self.judged if each.state == "right"]
        useful = run.ancestors(right)  # what is wrong there makes these wrong
        for step in run.steps[run.start :]:
            if not step.op or step.index in self.alignment.truth.forward or not step.frames:
                continue
            price = 0.9
            if step.index in origins:
                price = 0.0
            elif step.index in region:
                price = 0.2
            elif step.index in behind and (step.index not in useful or step.op in JOINS):
                price = 0.3
            for depth, frame in enumerate(step.frames):
                own = min(0.9, price + 0.1 * depth)
                found[frame[:2]] = min(own, found.get(frame[:2], 1.0))
        return found

    # What stands in scope

    def _watch(self, statements: list[_Statement]) -> None:
        at_line: dict[tuple[str, int], list[_Statement]] = {}
        for each in statements:
            for n in range(each.node.lineno, each.last + 1):
                at_line.setdefault((each.file, n), []).append(each)

        left = len(statements)

        def on_line(frame: FrameType) -> bool:
            nonlocal left
            found = at_line.get((frame.f_code.co_filename, frame.f_lineno), ())
            for each in found:
                if not each.seen and frame.f_code.co_name == each.function.function.__name__:
                    left -= 1
                    self._look(each, frame)
            return left > 0 and time.perf_counter() < self._trying_until

        self.reruns.watch(on_line)

    def _look(self, statement: _Statement, frame: FrameType) -> None:
        """Compute what may stand in a statement, where it first runs, and find its changes."""
        statement.seen = True
        parts, here = self._parts_of(statement.function), dict(frame.f_locals)
        seen = _Seen(frame.f_globals, here)
        for node in parts.loads:
            seen.look(node, keep=True)
        for node in _variables(here):
            seen.look(node, keep=True)
        for place in places_of(statement.node):
            if place.kind != "called" and not isinstance(place.expression, ast.Slice):
                seen.look(place.expression, keep=False)
        for node in parts.factors:
            seen.look(node, keep=False)
        methods = _same_method(statement.function, here.get("self"))
        calls = [*methods, *(each for each in parts.calls if seen.calls(each))]
        sizes = list(dict.fromkeys(n for v in seen.values.values() for n in v.shape if n > 1))
        operands = list(seen.operands.values())[:MAX_OPERANDS]
        scope = Scope(seen.values, operands, parts.factors, calls, sizes[:MAX_SIZES])
        edits = (*edits_of(statement.node, scope), *other_statements(statement.block, statement.at))
        statement.edits = list(self._looked_at(statement.node, edits, frame.f_globals, here))

    def _parts_of(self, function: SourceFunction) -> _Parts:
        """Return what the expressions of a function are put together of."""
        if function not in self._parts:
            node = function.node
            found = (_loads(node), _factors_of(node), _calls_of(function.outer, node))
            self._parts[function] = _Parts(*(list(map(_detached, some)) for some in found))
        return self._parts[function]

    def _looked_at(
        self,
        node: ast.stmt,
        edits: Iterable[SourceEdit],
        names: dict[str, Any],
        here: dict[str, Any],
    ) -> Iterator[tuple[SourceEdit, float]]:
        """Yield the changes that can be computed where the statement first runs, dearer or cheaper
        by what they give there: a true array, or none.
        """
        known = isinstance(node, ast.Assign | ast.AugAssign | ast.Return | ast.AnnAssign)
        value: Any = getattr(node, "value", None) if known else None
        before = None if value is None else self._computed(value, names, here)
        seen = set[bytes]()
        for edit in sorted(edits, key=lambda each: each.price):
            if before is None or before is _FAILED or time.perf_counter() > self._looking_until:
                yield edit, 0.0
                continue
            edit.make()
            changed: Any = getattr(node, "value", None)
            found = None if changed is value else self._computed(changed, names, here)
            edit.undo()
            if found is None:
                yield edit, 0.0
                continue
            if found is _FAILED or _is_equal(found, before):
                continue
            key = found.tobytes()
            more = 0.0 if found.shape == before.shape else 0.5
            if key in seen and found.size > 1:
                more += 0.3  # a cheaper change gives the same here
            seen.add(key)
            if found.size > 1 and np.isfinite(found).all():
                with np.errstate(all="ignore"):
                    good = any(map(self._is_true, self.alignment.known(found)))
                more += -0.5 if good else 0.3
            yield edit, more

    def _is_true(self, matched: Matched) -> bool:
        """Whether a true array is there with a factor that is no mistake of its own."""
        of_gradient = matched.label.kind in ("gradient", "share")
        usual = matched.factor > 0 and self.alignment.is_usual(matched.factor)
        return usual if of_gradient else matched.label.kind == "slope" and matched.factor > 0

    @staticmethod
    def _computed(node: ast.expr, names: dict[str, Any], here: dict[str, Any]) -> Any:
        """Return a value; None if computing it may change something, _FAILED if it fails."""
        if not is_pure(node):
            return None
        try:
            with np.errstate(all="ignore"):
                code = compile(ast.Expression(node), "<edit>", "eval")
                return np.asarray(eval(code, names, here), dtype=float)  # noqa: S307
        except Exception:  # noqa: BLE001 - it may not be computed there
            return _FAILED

    # One change

    @contextlib.contextmanager
    def _changed(self, statement: _Statement, edit: SourceEdit) -> Iterator[None]:
        function = statement.function.function
        before = function.__code__
        try:
            edit.make()
            function.__code__ = statement.function.compiled()
            yield
        finally:
            function.__code__ = before
            edit.undo()

    def _repairs(self, statement: _Statement, edit: SourceEdit) -> bool:
        self.tried += 1
        try:
            with self._changed(statement, edit):
                values = self.reruns.values()
        except (SyntaxError, ValueError, TypeError):
            return False
        return values is not None and self._are_right(values)

    def _are_right(self, values: Mapping[int, Array]) -> bool:
        run, left = self.run, list[Outcome]()
        for each in self.judged:
            value = values[each.index]
            if not np.isfinite(value).all():
                return False
            same = np.array_equal(value, run.steps[each.index].value)
            if same and each in self.wrong:
                return False
            if each.is_update and each.source is not None and each.wanted is not None and not same:
                before = run.steps[each.source].value
                if before.size == value.size and divided_by_own_size(
                    value.reshape(before.shape) - before, each.wanted, self.alignment.tolerance
                ):
                    if each in self.wrong and not self._is_kept(each, each.wanted):
                        return False
                    continue
            left.append(each)
        return not left or self.alignment.all_right(values, left)

    def _is_kept(self, outcome: Outcome, wanted: Array) -> bool:
        """Whether the program keeps a multiple of a gradient, or of its square, if it keeps any
        array of that shape: an update that is divided by its size does not tell.
        """
        beside = self.reruns.beside.get(outcome.index, [])
        found = (multiple(a, of, 1e-6) for a in beside for of in (wanted, wanted**2))
        return not beside or any(factor is not None for factor in found)


def _variables(here: Mapping[str, Any]) -> Iterator[ast.expr]:
    """Yield the arrays and numbers among the variables of a function, and those of its object."""
    for name, value in here.items():
        if value_of(value) is not None and name != "_":
            yield ast.Name(name, ast.Load())
    for name, value in list(getattr(here.get("self"), "__dict__", {}).items()):
        if value_of(value) is not None and name.isidentifier():
            yield ast.parse(f"self.{name}", mode="eval").body


def _same_method(function: SourceFunction, owner: Any) -> Iterator[ast.expr]:
    """Yield the methods of the same name of the objects that an object has."""
    name = function.function.__name__
    for attribute, each in list(getattr(owner, "__dict__", {}).items()):
        if callable(getattr(type(each), name, None)) and attribute.isidentifier():
            yield ast.parse(f"self.{attribute}.{name}", mode="eval").body


def _detached(node: ast.expr) -> ast.expr:
    """Return an expression as one that is read, which is no part of its tree."""
    found = copy.deepcopy(node)
    for each in ast.walk(found):
        if hasattr(each, "ctx"):
            each.ctx = ast.Load()
    return found


def _is_equal(one: Any, other: Any) -> bool:
    return isinstance(one, np.ndarray) and one.shape == other.shape and np.array_equal(one, other)


def _blocks(node: ast.AST) -> Iterator[list[ast.stmt]]:
    """Yield the blocks of statements of a function, not those of functions in it."""
    for name in ("body", "orelse", "finalbody"):
        block = getattr(node, name, None)
        if isinstance(block, list) and block and isinstance(block[0], ast.stmt):
            yield block
            for each in block:
                if not isinstance(each, ast.FunctionDef | ast.ClassDef):
                    yield from _blocks(each)


def _loads(function: ast.FunctionDef) -> Iterator[ast.expr]:
    """Yield the variables, entries and attributes that a function reads or sets."""
    called = {id(each.func) for each in ast.walk(function) if isinstance(each, ast.Call)}
    seen = set[str]()
    for node in ast.walk(function):
        if isinstance(node, ast.Name | ast.Attribute | ast.Subscript) and id(node) not in called:
            text = ast.unparse(node)
            if text not in seen and not text.startswith(("np.", "numpy.", "math.")):
                seen.add(text)
                yield node


def _factors_of(function: ast.FunctionDef) -> Iterator[ast.expr]:
    """Yield what a function multiplies by, or divides by."""
    seen = set[str]()
    for node in ast.walk(function):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div):
            for each in (node.right, node.left):
                text = ast.unparse(each)
                if text not in seen and len(text) < 60 and is_pure(each):
                    seen.add(text)
                    yield each


def _calls_of(outer: ast.stmt, function: ast.FunctionDef) -> Iterator[ast.expr]:
    """Yield the functions of one argument that are called near a function."""
    seen = set[str]()
    for tree in (function, outer):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords:
                text = ast.unparse(node.func)
                if text not in seen | _NO_CALLS and isinstance(node.func, ast.Name | ast.Attribute):
                    seen.add(text)
                    if not text.startswith(("np.random", "np.zeros", "np.ones", "np.array")):
                        yield node.func
