"""Record which arrays each source line of a student's program makes.

The recorder gets a call for every line, call and return of the student's own code (``tracing``).
After each line it compares the variables of the frame with those before the line; containers and
the attributes of the student's objects are followed. Every array is copied once.
"""

from __future__ import annotations

import ast
import linecache
import sys
import sysconfig
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import numpy as np

from backprop_explorer.texts import tutor_code as texts
from backprop_explorer.tutor.code.arrays import Array, is_single_precision, numbers

MAX_LINES = 20_000
MAX_BYTES = 64 * 2**20
MAX_SECONDS = 10.0
# How deep containers and objects are followed, and how many entries of one of them.
MAX_DEPTH, MAX_WIDTH = 5, 64

RETURN, ARGUMENT = "return", "argument"


class LimitReached(BaseException):
    """Ends the student's program. ``except Exception`` does not catch it."""


@dataclass(eq=False)
class Frame:
    """One call of a student's function. ``visit`` is the visit of the caller that made the call."""

    number: int
    code: CodeType
    visit: Visit | None
    arguments: dict[str, int] = field(default_factory=dict)  # path -> key
    last: dict[str, int] = field(default_factory=dict)  # the same after the last line
    returned: int | None = None  # key
    returned_object: Any = None
    return_line: int | None = None
    scope: dict[str, Any] = field(default_factory=dict)  # globals

    @property
    def parent(self) -> Frame | None:
        """The frame of the caller."""
        return None if self.visit is None else self.visit.frame

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the parameters, in order."""
        return self.code.co_varnames[: self.code.co_argcount]


@dataclass(eq=False)
class Visit:
    """One execution of one source line. ``before`` holds the variables before it."""

    frame: Frame
    line: int
    order: int
    before: dict[str, Any]

    @property
    def file(self) -> str:
        """The name of the source file."""
        return self.frame.code.co_filename


@dataclass(frozen=True, eq=False)
class Binding:
    """A variable, entry or attribute that a line gave a value. ``path`` is like ``grads["W1"]``.

    ``key`` identifies the value in ``Recording.values``. ``first`` marks the line that made it.
    """

    visit: Visit
    path: str
    key: int
    first: bool


@dataclass(frozen=True, slots=True)
class Assigned:
    """A value that a variable has, and the visit that gave it; None for an argument."""

    key: int
    visit: Visit | None
    first: bool = False

    @property
    def line(self) -> int | None:
        """The source line that gave it."""
        return None if self.visit is None else self.visit.line


@dataclass
class Recording:
    """All lines that ran and the values that they made, in order."""

    frames: list[Frame] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    bindings: list[Binding] = field(default_factory=list)
    values: list[Array] = field(default_factory=list)
    limit: str | None = None  # what was reached
    single_precision: bool = False  # whether a function returned float32
    printed: str = ""

    def made(self) -> Iterator[Binding]:
        """Yield the bindings that are the first of their value."""
        return (each for each in self.bindings if each.first)

    def children(self, visit: Visit) -> list[Frame]:
        """Return the calls that a visit made, in order."""
        return [frame for frame in self.frames if frame.visit is visit]

    def histories(self) -> dict[Frame, dict[str, list[Assigned]]]:
        """Return the values of each variable of each call, both in order; recorded to the end."""
        found = {
            frame: {path: [Assigned(key, None)] for path, key in frame.arguments.items()}
            for frame in self.frames
        }
        for each in self.bindings:
            if each.path != ARGUMENT:
                changes = found[each.visit.frame].setdefault(each.path, [])
                changes.append(Assigned(each.key, each.visit, each.first))
        return found


@lru_cache(maxsize=1)
def _library_folders() -> tuple[str, ...]:
    paths = sysconfig.get_paths()
    names = ("stdlib", "platstdlib", "purelib", "platlib")
    own = Path(__file__).parents[2]
    return (*(str(Path(paths[name])) for name in names), str(own))


@lru_cache(maxsize=4096)
def is_own_code(filename: str) -> bool:
    """Whether a source file is the student's: not of Python, of a library or of this program."""
    if filename.startswith(("<ipython-input", "<cell")):
        return True
    if filename.startswith("<") or "site-packages" in filename or "dist-packages" in filename:
        return filename in ("<stdin>", "<string>")
    return not filename.startswith(_library_folders())


@lru_cache(maxsize=4096)
def makes_empty(filename: str, number: int) -> bool:
    """Whether a line does nothing but assign ``np.empty(…)``, or a list of such arrays."""
    text = linecache.getline(filename, number).strip()
    if "empty" not in text:
        return False
    try:
        (statement,) = ast.parse(text).body
    except (SyntaxError, ValueError):
        return False
    value = statement.value if isinstance(statement, ast.Assign | ast.AnnAssign) else None
    if isinstance(value, ast.ListComp):
        value = value.elt
    return (
        isinstance(value, ast.Call)
        and isinstance(value.func, ast.Name | ast.Attribute)
        and ast.unparse(value.func).split(".")[-1] in ("empty", "empty_like")
    )


class Recorder:
    """Fills a ``Recording`` from the calls of a tracer. Raises LimitReached within them."""

    def __init__(
        self,
        *,
        max_lines: int = MAX_LINES,
        max_bytes: int = MAX_BYTES,
        max_seconds: float = MAX_SECONDS,
    ) -> None:
        self.recording = Recording()
        self.max_seconds = max_seconds
        self._max_lines = max_lines
        self._left = max_bytes
        self._deadline = time.monotonic() + max_seconds
        self._active: dict[int, Frame] = {}
        self._current: dict[int, Visit] = {}  # by id of the Python frame
        self._paths: dict[int, dict[str, int]] = {}
        self._keys: dict[Any, int] = {}
        self._alive: list[Any] = []  # so that no id is used again

    def on_call(self, frame: FrameType) -> None:
        """Note a call of one of the student's functions."""
        if str(frame.f_globals.get("__name__", "")).startswith("namedtuple_"):
            return
        visit = None
        back = frame.f_back
        while back is not None and visit is None:
            visit = self._current.get(id(back))
            back = back.f_back
        made = Frame(len(self.recording.frames), frame.f_code, visit, scope=frame.f_globals)
        self._alive.append(frame)
        self.recording.frames.append(made)
        self._active[id(frame)] = made
        for path, value in self._arrays(frame):
            key, new = self._key(value)
            made.arguments[path] = key
            if new and visit is not None:
                # The caller computed it within the call: f(W @ x + b).
                self.recording.bindings.append(Binding(visit, ARGUMENT, key, first=True))
        self._paths[id(frame)] = made.arguments

    def follows(self, frame: FrameType) -> bool:
        """Whether the call of a frame was noted, and it has not returned."""
        return id(frame) in self._active

    def on_line(self, frame: FrameType) -> None:
        """Note the values of the line before, and the begin of the next."""
        own = self._active.get(id(frame))
        if own is None:
            return
        self._finish_line(frame)
        order = len(self.recording.visits)
        if order >= self._max_lines:
            self._stop(texts.most_lines(self._max_lines))
        if time.monotonic() > self._deadline:
            raise LimitReached
        visit = Visit(own, frame.f_lineno, order, dict(frame.f_locals))
        self._current[id(frame)] = visit
        self.recording.visits.append(visit)

    def on_return(self, frame: FrameType, value: Any) -> None:
        """Note the values of the last line and the returned value."""
        own = self._active.get(id(frame))
        if own is None:
            return
        self._finish_line(frame)
        visit = self._current.get(id(frame))
        own.returned_object = value
        if visit is not None:
            own.return_line = visit.line
            if makes_empty(visit.file, visit.line):
                # The list of a comprehension, which has a frame before Python 3.12.
                self._clear(leaves(RETURN, value))
            for path, array in leaves(RETURN, value, 0):
                self._bind(visit, path, array)
                self.recording.single_precision |= is_single_precision(array)
        found = numbers(value)
        if found is not None:
            own.returned = self._key(value)[0]
        self._active.pop(id(frame))

    def on_yield(self, frame: FrameType, value: Any) -> None:
        """Note the values that a generator hands out; it goes on later."""
        visit = self._current.get(id(frame))
        if id(frame) in self._active and visit is not None:
            self._finish_line(frame)
            for path, array in leaves(RETURN, value, 0):
                self._bind(visit, path, array)

    def on_unwind(self, frame: FrameType) -> None:
        """Note the values of the last line of a frame that an exception leaves."""
        if id(frame) in self._active:
            self._finish_line(frame)

    def _stop(self, what: str) -> None:
        self.recording.limit = what
        raise LimitReached(what)

    def _finish_line(self, frame: FrameType) -> None:
        visit = self._current.get(id(frame))
        before = self._paths[id(frame)]
        after = {}
        if visit is not None and makes_empty(visit.file, visit.line):
            self._clear(self._arrays(frame))
        for path, value in self._arrays(frame):
            key = self._key(value)[0] if visit is None else self._bind(visit, path, value, before)
            after[path] = key
        self._paths[id(frame)] = self._active[id(frame)].last = after

    def _clear(self, made: Iterator[tuple[str, Any]]) -> None:
        """Fill what ``np.empty`` made: memory used before may hold numbers of an earlier run."""
        known = {mark[0] for mark in self._keys if len(mark) == 3}
        for _, value in made:
            if isinstance(value, np.ndarray) and value.dtype.kind == "f" and id(value) not in known:
                value.fill(np.nan)

    def _bind(
        self, visit: Visit, path: str, value: Any, before: dict[str, int] | None = None
    ) -> int:
        key, new = self._key(value)
        if before is None or before.get(path) != key:
            self.recording.bindings.append(Binding(visit, path, key, new))
        return key

    def _key(self, value: Any) -> tuple[int, bool]:
        """Return the key of a value with its present content, and whether it is new."""
        mark: tuple[Any, ...]
        if isinstance(value, np.ndarray):
            mark = (id(value), value.shape, value.tobytes())
        elif isinstance(value, float | np.floating):
            mark = (float(value),)
        else:
            array = numbers(value)
            mark = (id(value), () if array is None else array.tobytes())
        if mark in self._keys:
            return self._keys[mark], False
        array = numbers(value)
        assert array is not None, "only numbers are recorded"
        self._left -= array.nbytes + 200
        if self._left < 0:
            self._stop(texts.MEMORY)
        key = len(self.recording.values)
        self.recording.values.append(array)
        self._keys[mark] = key
        self._alive.append(value)
        return key, True

    @staticmethod
    def _arrays(frame: FrameType) -> Iterator[tuple[str, Any]]:
        """Yield (path, value) of every array in the variables of a frame.

        The frame of a cell has all variables of the notebook: only those that it names count.
        """
        whole = frame.f_locals is not frame.f_globals
        for name, value in list(frame.f_locals.items()):
            if whole or name in frame.f_code.co_names:
                yield from leaves(name, value, 0)
        if not whole:
            return
        for name in frame.f_code.co_names:
            value = frame.f_globals.get(name)
            if isinstance(value, np.ndarray | list | dict):
                yield from leaves(name, value, 0)


def leaves(path: str, value: Any, depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Yield (path, value) of an array, or of the arrays in a container or in a student's object."""
    if numbers(value) is not None:
        yield path, value
        return
    if depth >= MAX_DEPTH:
        return
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        for name, item in zip(value._fields, value, strict=False):
            yield from leaves(f"{path}.{name}", item, depth + 1)
    elif isinstance(value, list | tuple | deque) or _is_array_of_objects(value):
        for index, item in enumerate(islice(value, MAX_WIDTH)):
            yield from leaves(f"{path}[{index}]", item, depth + 1)
    elif isinstance(value, dict):
        for key, item in list(value.items())[:MAX_WIDTH]:
            yield from leaves(f"{path}[{key!r}]", item, depth + 1)
    elif _is_own_object(value):
        for name, item in list(vars(value).items())[:MAX_WIDTH]:
            yield from leaves(f"{path}.{name}", item, depth + 1)


def _is_array_of_objects(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.dtype == object and value.ndim > 0


def _is_own_object(value: Any) -> bool:
    """Whether the value is an object of a class that the student wrote."""
    kind = type(value)
    if not hasattr(value, "__dict__") or isinstance(value, type) or hasattr(value, "__code__"):
        return False
    if kind.__module__ in ("__main__", "types"):
        return kind.__module__ == "__main__" or kind.__name__ == "SimpleNamespace"
    if kind.__module__ in sys.builtin_module_names:
        return False
    source = getattr(sys.modules.get(kind.__module__), "__file__", None)
    if source is not None:
        return is_own_code(source)
    # A module without a file, as a grader makes it from a cell: what its methods come from counts.
    files = [each.__code__.co_filename for each in vars(kind).values() if hasattr(each, "__code__")]
    return all(is_own_code(file) for file in files if not file.startswith("<string>"))
