"""A recorded program runs once more, recorded again, and each line is looked at before it runs:
what the variables are, and at which step of the run.
"""

from __future__ import annotations

import ast
import contextlib
import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, islice, product
from types import CodeType, FrameType, ModuleType
from typing import Any

import numpy as np

from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.record.array import RecordedArray, plain
from backprop_explorer.tutor.program.changes.expression_values import (
    READ,
    Execution,
    UnknownValueError,
    attribute_of,
)
from backprop_explorer.tutor.program.changes.function_parts import detached, keyed_part
from backprop_explorer.tutor.program.changes.rerun import SourceFunction
from backprop_explorer.tutor.program.recording import Recorded
from backprop_explorer.tutor.program.steps import Run
from backprop_explorer.tutor.program.time_limit import LimitReached, is_own_code

# A statement that runs more often than the first number is noted with the values that it reads, not
# with all of its function; one that runs more often than the second is not replayed.
MAX_EXECUTIONS, MOST_EXECUTIONS = 12, 200
MAX_ENTRIES, MAX_OTHERS, MAX_KEPT = 30, 60, 100
# Functions in an index that are not recorded.
_INDEX_CALLS = frozenset({"str", "len", "int", "range", "max", "min"})
_NUMBERS = (bool, int, float, np.number)


@dataclass(eq=False)
class StudentStatement:
    """A statement of a student's function, and its executions."""

    function: SourceFunction
    node: ast.stmt
    block: list[ast.stmt]
    at: int
    price: float = 1.0
    executions: list[Execution] = field(default_factory=list)
    is_often: bool = False  # it runs more often than is kept

    @property
    def file(self) -> str:
        """The file of the function."""
        return self.function.function.__code__.co_filename

    @property
    def last(self) -> int:
        """The last line that is the statement's own."""
        inner = getattr(self.node, "body", None)
        end = self.node.end_lineno or self.node.lineno
        return max(self.node.lineno, inner[0].lineno - 1) if inner else end

    @cached_property
    def own_reads(self) -> list[tuple[str, ast.expr]]:
        """The variables, attributes and entries that the statement reads, by their source."""
        own = [detached(e) for e in ast.iter_child_nodes(self.node) if isinstance(e, ast.expr)]
        read = (each for node in own for each in ast.walk(node) if isinstance(each, READ))
        return list({ast.unparse(each): each for each in read}.items())

    @property
    def target(self) -> ast.expr | None:
        """What it assigns to, if that is one variable, entry or attribute."""
        targets = self.node.targets if isinstance(self.node, ast.Assign) else []
        return targets[0] if len(targets) == 1 and isinstance(targets[0], READ) else None


def _copied(container: list[Any] | dict[Any, Any]) -> list[Any] | dict[Any, Any]:
    if isinstance(container, dict):
        return {key: _copied_entry(each) for key, each in container.items()}
    return list(map(_copied_entry, container))


def _copied_entry(value: Any) -> Any:
    return plain(value).copy() if isinstance(value, np.ndarray) else value


def _has_no_array(value: Any) -> bool:
    """Whether a container has just numbers and strings in it, if anything."""
    items = value.values() if isinstance(value, dict) else value
    known = (*_NUMBERS, str)
    return isinstance(value, list | tuple | dict | set) and all(isinstance(e, known) for e in items)


def _is_of_numbers(value: Any) -> bool:
    numbers = (np.ndarray, np.number, int, float)
    items = value if isinstance(value, list) else ()
    return bool(items) and all(isinstance(e, numbers) and np.ndim(e) == 0 for e in items)


class _PlainNames(Mapping[str, Any]):
    """The variables where a statement runs, with arrays that are not recorded."""

    def __init__(self, execution: Execution) -> None:
        self._execution = execution

    def __getitem__(self, name: str) -> Any:
        try:
            return plain(self._execution.named(name))
        except UnknownValueError:
            raise KeyError(name) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._execution.here)

    def __len__(self) -> int:
        return len(self._execution.here)


class WatchedRun:
    """Keeps the executions of statements, up to the end of a run.

    ``read`` are the variables, attributes and entries of each function.
    """

    def __init__(
        self,
        run: Run,
        statements: Sequence[StudentStatement],
        read: Mapping[SourceFunction, Sequence[tuple[str, ast.expr]]],
    ) -> None:
        assert run.program is not None
        self.run, self._read = run, read
        self._at_line: dict[tuple[str, int], list[StudentStatement]] = {}
        steps = (run.steps[of[0]] for of in run.places.values() if len(of) > MOST_EXECUTIONS)
        often = {(each.line, each.frames[0].function) for each in steps if each.frames}
        for each in statements:
            for n in range(each.node.lineno, each.last + 1):
                self._at_line.setdefault((each.file, n), []).append(each)
                name = each.function.function.__name__
                each.is_often |= ((each.file, n), name) in often
        self._open: dict[int, tuple[StudentStatement, Execution]] = {}
        self._indices: dict[ast.expr, CodeType | None] = {}
        self._recorder: Any = None
        with contextlib.suppress(InvalidInput):
            Recorded(run.program, watch=self._tracer)

    def _tracer(self, recorder: Any) -> Callable[..., Any]:
        """Return the trace function for a run with a recorder."""
        self._recorder = recorder

        def local(frame: FrameType, event: str, _: Any) -> Any:
            if event == "line":
                self._on_line(frame)
            elif event == "return":
                self._close(frame)
            return local

        def tracer(frame: FrameType, event: str, _: Any) -> Any:
            return local if is_own_code(frame.f_code.co_filename) else None

        return tracer

    @property
    def _now(self) -> int:
        """The next step of the run, -1 before it begins."""
        return self.run.next_of(len(self._recorder.records))

    def _on_line(self, frame: FrameType) -> None:
        now = self._now
        if now >= len(self.run.steps) and self.run.end is not None:
            # The run was cut here; what ran last has ended.
            around: FrameType | None = frame
            while around is not None:
                self._close(around)
                around = around.f_back
            raise LimitReached
        if now < 0:
            return
        code = frame.f_code
        found = next(
            (
                each
                for each in self._at_line.get((code.co_filename, frame.f_lineno), ())
                if each.function.function.__name__ == code.co_name
            ),
            None,
        )
        known = self._open.get(id(frame))
        if known is not None and known[0] is found and found.last > found.node.lineno:
            return  # another line of the same statement
        self._close(frame)
        if found is None or (found.is_often and found.executions):
            return
        often = len(found.executions) >= MAX_EXECUTIONS
        if len(found.executions) >= MOST_EXECUTIONS:
            found.is_often = True
            del found.executions[1:]
            return
        execution = Execution(frame.f_globals, dict(frame.f_locals), now, id(frame))
        for text, node in found.own_reads if often else self._read[found.function]:
            self._note(execution, text, node)
        first = found.executions[0] if found.executions else None
        execution.entries = first.entries if first else self._entries_of(found, execution)
        for text, node in execution.entries if not often else ():
            self._note(execution, text, node)
        found.executions.append(execution)
        self._open[id(frame)] = found, execution

    def _close(self, frame: FrameType) -> None:
        """Note when the statement of a frame has ended, and what it assigned."""
        known = self._open.pop(id(frame), None)
        if known is None:
            return
        statement, execution = known
        execution.end = self._now
        if statement.target is not None:
            after = Execution(frame.f_globals, frame.f_locals, self._now, id(frame))
            self._note(after, "target", statement.target)
            execution.assigned = after.known.get("target")
            if execution.assigned is None:
                execution.gives_no_array = _has_no_array(self._found(statement.target, after))

    def _note(self, execution: Execution, text: str, node: ast.expr) -> None:
        found, step = self._found(node, execution), None
        if isinstance(found, RecordedArray):
            key = self._recorder.known_key(found)
            step = None if key is None else self.run.step_of(key)
            step = step if step is not None and step < len(self.run.steps) else None
            if key is None and self._recorder.is_known(found):
                key, view = self._recorder.known_view(found)
                root = self.run.step_of(key)
                if root is not None and root < len(self.run.steps):
                    execution.views[text] = root, view
            found = plain(found).copy()
        elif isinstance(found, np.ndarray):
            found = found.copy()
        elif isinstance(found, list | dict) and len(found) <= MAX_KEPT:
            # After the run plain arrays are as before it, but recorded ones are not.
            execution.containers[text] = _copied(found)
            return
        elif not isinstance(found, _NUMBERS):
            return
        execution.known[text] = found, step

    def _value(self, node: ast.expr, execution: Execution) -> Any:
        """Return what a variable, attribute or entry is, without a record of it."""
        if isinstance(node, ast.Name):
            return execution.named(node.id)
        if isinstance(node, ast.Attribute):
            return attribute_of(self._value(node.value, execution), node.attr)
        if not isinstance(node, ast.Subscript):
            raise UnknownValueError
        whole = self._value(node.value, execution)
        if node not in self._indices:
            calls = (e.func for e in ast.walk(node.slice) if isinstance(e, ast.Call))
            records = any(not isinstance(e, ast.Name) or e.id not in _INDEX_CALLS for e in calls)
            made = compile(ast.Expression(node.slice), "<index>", "eval")
            self._indices[node] = None if records else made
        code = self._indices[node]
        if code is None:
            raise UnknownValueError
        index = plain(eval(code, {}, _PlainNames(execution)))  # noqa: S307 - their source
        parts = index if isinstance(index, tuple) else (index,)
        if any(isinstance(each, np.ndarray | list) for each in parts):
            whole = plain(whole)  # what it gives is no view
        elif isinstance(whole, RecordedArray) and np.ndim(plain(whole)[index]) == 0:
            raise UnknownValueError  # a number that is read would be recorded
        return whole[index]

    def _entries_of(
        self, statement: StudentStatement, execution: Execution
    ) -> list[tuple[str, ast.expr]]:
        """Return the variables and entries that a function could read."""
        others = islice(self._beside(statement, execution), MAX_OTHERS)
        return [*self._entries(execution), *others]

    def _beside(
        self, statement: StudentStatement, execution: Execution
    ) -> Iterator[tuple[str, ast.expr]]:
        """Yield the arrays beside those that a statement and then its function reads: of another
        key, another attribute or another object, as cache["Z"] of cache["A"], layer.z of layer.a,
        drop.dx of dense.dx; and other arrays at the places of the statement, as a[t] of z[t].
        """
        read, own = self._read[statement.function], statement.own_reads
        known, nodes = {text for text, _ in read}, dict([*own, *read]).values()
        found = chain(
            *(self._of_other_arrays(node, execution) for _, node in own),
            *(self._with_other_parts(node, execution) for node in nodes),
            self._items_of_lists(statement, execution),
        )
        for text, other in found:
            if text not in known:
                known.add(text)
                if isinstance(self._found(other, execution), np.ndarray | float):
                    yield text, other

    def _items_of_lists(
        self, statement: StudentStatement, execution: Execution
    ) -> Iterator[tuple[str, ast.expr]]:
        """Yield the numbers that lists, also of dictionaries, have at the places of loops."""
        loops = (e for e in ast.walk(statement.function.node) if isinstance(e, ast.For))
        counted = {e.target.id for e in loops if isinstance(e.target, ast.Name)}
        here = execution.here.items()
        counters = [name for name, value in here if name in counted and type(value) is int]
        lists: list[ast.expr] = []
        lists += [ast.Name(name, ast.Load()) for name, value in here if _is_of_numbers(value)]
        for name, value in here:
            for key in list(value)[:MAX_ENTRIES] if isinstance(value, dict) else ():
                if isinstance(key, str) and _is_of_numbers(value[key]):
                    whole = ast.Name(name, ast.Load())
                    lists.append(ast.Subscript(whole, ast.Constant(key), ast.Load()))
        for each, counter in product(lists[:MAX_ENTRIES], counters):
            other = ast.Subscript(each, ast.Name(counter, ast.Load()), ast.Load())
            yield ast.unparse(other), ast.fix_missing_locations(other)

    def _with_other_parts(
        self, node: ast.expr, execution: Execution
    ) -> Iterator[tuple[str, ast.expr]]:
        place = keyed_part(node)
        owner = None if place is None else self._found(place.value, execution)
        for key in list(owner)[:MAX_ENTRIES] if isinstance(owner, dict) else ():
            if isinstance(key, str):
                yield from _with_key(node, key)
        if isinstance(node, ast.Subscript):
            yield from self._of_other_lists(node, execution)
        if not isinstance(node, ast.Attribute):
            return
        owner = self._found(node.value, execution)
        own = () if isinstance(owner, ModuleType | type) else getattr(owner, "__dict__", ())
        for name in list(own)[:MAX_ENTRIES]:
            if name != node.attr and name.isidentifier():
                other = ast.Attribute(node.value, name, ast.Load())
                yield ast.unparse(other), other
        if isinstance(node.value, ast.Name):
            for name, value in [*execution.here.items(), *execution.globals.items()]:
                if node.attr in getattr(value, "__dict__", {}) and name.isidentifier():
                    other = ast.Attribute(ast.Name(name, ast.Load()), node.attr, ast.Load())
                    yield ast.unparse(other), other

    def _of_other_lists(
        self, node: ast.Subscript, execution: Execution
    ) -> Iterator[tuple[str, ast.expr]]:
        """Yield the same entry of other lists: a[i] of z[i]."""
        lists: list[ast.expr] = []
        if isinstance(node.value, ast.Name):
            names = [e for e, value in execution.here.items() if isinstance(value, list)]
            lists = [ast.Name(name, ast.Load()) for name in names]
        elif isinstance(node.value, ast.Attribute):
            owner = self._found(node.value.value, execution)
            own = getattr(owner, "__dict__", {}) if owner is not None else {}
            names = [e for e, value in own.items() if isinstance(value, list) and e.isidentifier()]
            lists = [ast.Attribute(node.value.value, name, ast.Load()) for name in names]
        for each in lists[:MAX_ENTRIES]:
            other = ast.Subscript(each, node.slice, ast.Load())
            yield ast.unparse(other), other

    def _of_other_arrays(
        self, node: ast.expr, execution: Execution
    ) -> Iterator[tuple[str, ast.expr]]:
        """Yield the same part of other arrays of the function: a[t] of z[t]."""
        whole = self._found(node.value, execution) if isinstance(node, ast.Subscript) else None
        if not isinstance(node, ast.Subscript) or not isinstance(whole, np.ndarray):
            return
        for name, value in list(execution.here.items()):
            is_array = isinstance(value, np.ndarray) and name.isidentifier()
            if is_array and value.shape == whole.shape and value is not whole:
                other = ast.Subscript(ast.Name(name, ast.Load()), node.slice, ast.Load())
                yield ast.unparse(other), other

    def _found(self, node: ast.expr, execution: Execution) -> Any:
        try:
            return self._value(node, execution)
        except Exception:  # noqa: BLE001 - it may not be there
            return None

    @staticmethod
    def _entries(execution: Execution) -> Iterator[tuple[str, ast.expr]]:
        """Yield the arrays and numbers among the variables, of an object, and in dictionaries."""
        for name, value in execution.here.items():
            if isinstance(value, np.ndarray | np.number | int | float) and name != "_":
                yield name, ast.Name(name, ast.Load())
            elif isinstance(value, dict):
                for key in [e for e in value if isinstance(e, str)][:MAX_ENTRIES]:
                    yield f"{name}[{key!r}]", ast.parse(f"{name}[{key!r}]", mode="eval").body
        own = getattr(execution.here.get("self"), "__dict__", {})
        for name, value in list(own.items()):
            if isinstance(value, np.ndarray | np.number | int | float | list | dict):
                text = f"self.{name}"
                if name.isidentifier():
                    yield text, ast.parse(text, mode="eval").body


def _with_key(node: ast.expr, key: str) -> Iterator[tuple[str, ast.expr]]:
    """Yield an expression with another key in its entry."""
    found = copy.deepcopy(node)
    place = keyed_part(found)
    if place is not None:
        place.slice = ast.copy_location(ast.Constant(key), place.slice)
        yield ast.unparse(found), found
