"""The array class of recorded programs, and the recorder: what is computed, in order.

Every array in memory has a *root*, the object that owns the memory. A root has a present version, a
record. A view is found by its place in the memory of its root, and gets a record when it is read. A
write gives its root a new version. So slices, masks, ``+=`` and ``out=`` need no cases of their
own.
"""

from __future__ import annotations

import inspect
import math
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import CodeType, FrameType
from typing import Any, NamedTuple

import numpy as np

from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.engine.graph import contiguous
from backprop_explorer.engine.ops import OPS
from backprop_explorer.record.source import LoopSite, Sources, SourceSite, file_title
from backprop_explorer.texts import record as texts

MAX_OPERATIONS = 20_000
MAX_BYTES = 1 << 30
MAX_SECONDS = 60.0
# Positions of frames further out say little about an operation.
_MAX_FRAMES = 24
_GENERATORS = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR

ViewKey = tuple[int, tuple[int, ...], tuple[int, ...]]  # offset, shape, strides; in entries


class TooManyAxesError(ValueError):
    """The values for np.add.at have more axes than the entries that they are added to.

    NumPy 2.4 then reads beyond the array, which crashes Python, so the program must not run without
    the recorder either.
    """


class LoopRun(NamedTuple):
    """One run of a loop: the call and line of the loop, its variable and that one's value.

    ``named`` says that the value is a whole number or a word; else it counts the runs from 0.
    """

    frame: int
    line: int
    name: str
    value: int | str
    named: bool


class ActiveCall(NamedTuple):
    """One function of the program that was running: the frame's number, code and instruction.

    ``runs`` are those of the loops around the instruction, the outermost first.
    """

    frame: int
    code: CodeType
    instruction: int
    runs: tuple[LoopRun, ...]


@dataclass(slots=True, eq=False)
class Record:
    """One value: an operation's result, or a value that the program starts from (no ``op``).

    ``calls`` are the running functions of the program, the innermost first. ``name`` is that of an
    argument or constant, ``named`` the variable and the call that it was assigned in. ``previous``
    is the version before a write to the same memory. ``operand`` says that it was first seen as an
    input of an operation, at the place of which it is recorded.
    """

    key: int
    op: str | None
    inputs: tuple[int, ...]
    attributes: dict[str, Any]
    value: Any
    calls: tuple[ActiveCall, ...] = ()
    name: str = ""
    named: tuple[str, ActiveCall] | None = None
    previous: int | None = None
    operand: bool = False


@dataclass(slots=True, eq=False)
class Root:
    """Memory that the program uses. ``buffer`` is contiguous; ``key`` is its present version."""

    buffer: Any
    key: int
    whole: ViewKey
    views: dict[ViewKey, tuple[int, int]] = field(default_factory=dict)
    recipes: dict[ViewKey, tuple[ViewKey, str, dict[str, Any], tuple[ActiveCall, ...]]] = field(
        default_factory=dict
    )
    assigned: dict[ViewKey, tuple[str, ActiveCall]] = field(default_factory=dict)


def plain(value: Any) -> Any:
    """Return an array as NumPy's own class, on the same memory; tuples and lists of them too."""
    if isinstance(value, RecordedArray):
        return np.ndarray.view(value, np.ndarray)
    if type(value) in (tuple, list):
        return type(value)(plain(each) for each in value)
    if type(value) is dict:
        return {name: plain(each) for name, each in value.items()}
    return value


def base_of(array: Any) -> Any:
    """Return the array that owns the memory."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def _strides(shape: Sequence[int]) -> tuple[int, ...]:
    found, step = [], 1
    for size in reversed(shape):
        found.append(step)
        step *= max(size, 1)
    return tuple(reversed(found))


class ProgramRecorder:
    """What one run records. ``globals_ids`` are the ids of the program's own modules."""

    def __init__(
        self,
        *,
        operations: int = MAX_OPERATIONS,
        nbytes: int = MAX_BYTES,
        seconds: float = MAX_SECONDS,
    ) -> None:
        self.records: list[Record] = []
        self.sources = Sources()
        self.globals_ids: set[int] = set()
        self.moving: set[int] = set()
        self.drawn: set[int] = set()  # by a random generator
        # Places where a value left the recording, with what was done there.
        self.lost: dict[tuple[str, SourceSite], None] = {}
        # Constants that functions which are not recorded make of arrays that are, and why.
        self.unknown: dict[int, str] = {}
        self.keeps_unknown = False
        # The operation that raised an error last, and its inputs.
        self.failed: tuple[str, tuple[int, ...]] | None = None
        # Names of axes by record, of the program's variables with their lengths.
        self.axes: dict[int, dict[int, str]] = {}
        self.active = True
        # The code of the function that runs the program: its callers are not the program.
        self.boundary: CodeType | None = None
        self._roots: dict[int, Root] = {}
        self._numbers: dict[tuple[str, str], int] = {}
        self._frames: dict[int, tuple[FrameType, int]] = {}
        self._callers: dict[int, tuple[ActiveCall, ...]] = {}
        self._runs: dict[tuple[int, int], tuple[Any, int]] = {}
        self._operations, self._bytes, self._max_bytes = operations, 0, nbytes
        self._seconds, self._deadline = seconds, math.inf

    # Where the program is.

    def _program_frames(self) -> Iterator[FrameType]:
        frame: FrameType | None = sys._getframe(2)
        found = 0
        while frame is not None and frame.f_code is not self.boundary and found < _MAX_FRAMES:
            if id(frame.f_globals) in self.globals_ids:
                found += 1
                yield frame
            frame = frame.f_back

    def calls(self) -> tuple[ActiveCall, ...]:
        """Return the functions of the program that are running, the innermost first."""
        frames = self._program_frames()
        inner = next(frames, None)
        if inner is None:
            return ()
        call, callers = self.call_of(inner), self._callers.get(id(inner))
        if callers is None:
            callers = tuple(map(self.call_of, frames))
            # Until a function returns, its callers stay where they are; a generator has others.
            if not inner.f_code.co_flags & _GENERATORS:
                self._callers[id(inner)] = callers
        return (call, *callers)

    def call_of(self, frame: FrameType) -> ActiveCall:
        """Return where a running function of the program is."""
        known = self._frames.get(id(frame))
        if known is None:
            # The recorder keeps the frame, so that its id is not used again.
            known = self._frames[id(frame)] = (frame, len(self._frames))
        site = self.sources.site(frame.f_code, frame.f_lasti)
        values = frame.f_locals if site.loops else {}
        runs = tuple(self._run(values, known[1], loop) for loop in site.loops)
        return ActiveCall(known[1], frame.f_code, frame.f_lasti, runs)

    def _run(self, values: Mapping[str, Any], number: int, loop: LoopSite) -> LoopRun:
        """Which run of a loop this is: by a variable that is a whole number or a short string."""
        line = loop.span[0]
        for name in loop.names:
            value = values.get(name)
            if isinstance(value, int | np.integer) and not isinstance(value, bool):
                return LoopRun(number, line, name, int(value), named=True)
            if isinstance(value, str) and len(value) <= 20 and value.isidentifier():
                return LoopRun(number, line, name, value, named=True)
        name = loop.names[0] if loop.names else ""
        # Each run has another object; the recorder keeps it, so that its id is not used again.
        value, (last, count) = values.get(name), self._runs.get((number, line), (None, -1))
        if value is not last or count < 0:
            count += 1
            self._runs[number, line] = value, count
        return LoopRun(number, line, name, count, named=False)

    def site(self) -> SourceSite:
        """Return the place in the program's source that is running."""
        for frame in self._program_frames():
            return self.sources.site(frame.f_code, frame.f_lasti)
        return SourceSite("", 0)

    def refuse(self, message: str) -> InvalidInput:
        """Return an error that names the place in the program."""
        site = self.site()
        return InvalidInput("f", texts.at_line(message, site.line, file_title(site.file)))

    def release(self) -> None:
        """Forget the frames and the memory of the program."""
        self._frames.clear()
        self._callers.clear()
        self._roots.clear()
        self._runs.clear()

    def lose(self, what: str, value: Any) -> None:
        """Note that a value with a gradient leaves the recording here."""
        root = self._roots.get(id(base_of(value)))
        if self.active and root is not None and root.key in self.moving:
            site = self.site()
            if not site.printed:
                self.lost[what, site] = None

    # Values.

    def push(
        self,
        op: str | None,
        inputs: tuple[int, ...],
        attributes: dict[str, Any],
        value: Any,
        calls: tuple[ActiveCall, ...],
        name: str = "",
    ) -> Record:
        """Add a record. Raises InvalidInput at a limit."""
        record = Record(len(self.records), op, inputs, attributes, value, calls, name)
        self.records.append(record)
        if op is not None:
            kind = getattr(getattr(value, "dtype", None), "kind", "f")
            if kind == "f" and OPS[op].backward and not self.moving.isdisjoint(inputs):
                self.moving.add(record.key)
        self._bytes += getattr(value, "nbytes", 8)
        if len(self.records) > self._operations:
            raise self.refuse(texts.too_many_operations(self._operations))
        if self._bytes > self._max_bytes:
            raise self.refuse(texts.too_many_bytes(self._max_bytes >> 20))
        if time.monotonic() > self._deadline:
            raise self.refuse(texts.too_long(self._seconds))
        return record

    def start_clock(self) -> None:
        """Begin the program's time: what was prepared before it does not count."""
        self._deadline = time.monotonic() + self._seconds

    def start(self, array: Any, name: str = "", *, moving: bool = False) -> RecordedArray:
        """Return an array that the program starts from, with its own contiguous memory."""
        value = np.array(plain(array), order="C", copy=True)
        record = self.push(None, (), {}, value, () if name else self.calls(), name)
        if moving:
            self.moving.add(record.key)
        return self._own(record, value)

    def adopt(self, array: Any) -> RecordedArray:
        """Return an array that the program made, on the same memory."""
        self._root(array)
        return self._tracked(array)

    def _tracked(self, array: Any, *, scalar: bool = False) -> RecordedArray:
        found: RecordedArray = np.ndarray.view(array, RecordedArray)
        found.recorder, found.scalar = self, scalar
        return found

    def _own(self, record: Record, buffer: Any, *, scalar: bool = False) -> RecordedArray:
        """Give a record its memory."""
        shape = buffer.shape
        root = Root(buffer, record.key, (0, shape, _strides(shape)))
        self._roots[id(buffer)] = root
        return self._tracked(buffer, scalar=scalar)

    def _root(self, array: Any, *, operand: bool = False) -> Root:
        base = base_of(array)
        root = self._roots.get(id(base))
        if root is None:
            if not base.flags.c_contiguous:
                raise self.refuse(texts.MEMORY_ORDER)
            base = plain(base)
            record = self.push(None, (), {}, base, self.calls())
            record.operand = operand
            root = Root(base, record.key, (0, base.shape, _strides(base.shape)))
            self._roots[id(base_of(array))] = root
        return root

    def known_key(self, array: Any) -> int | None:
        """Return the key of an array's present record, None for a view that nothing has read."""
        root = self._roots.get(id(base_of(array)))
        if root is None or array.dtype != root.buffer.dtype:
            return None
        view = self._view_key(array, root)
        if view == root.whole:
            return root.key
        known = root.views.get(view)
        return known[1] if known is not None and known[0] == root.key else None

    def known_view(self, array: Any) -> tuple[int, dict[str, Any]]:
        """Return the key of the memory of a view that nothing has read, and what ``strided`` needs
        to make the view of it.
        """
        root = self._roots[id(base_of(array))]
        offset, shape, strides = self._view_key(array, root)
        return root.key, {"offset": offset, "shape": shape, "strides": strides}

    def assign(self, array: Any, name: str, inner: int, outer: ActiveCall) -> None:
        """Name an array made inside the call ``inner`` after a variable of its caller."""
        root = self._roots.get(id(base_of(array)))
        if root is None or array.dtype != root.buffer.dtype:
            return
        view = self._view_key(array, root)
        key = self.known_key(array)
        if key is None:
            root.assigned[view] = (name, outer)
        elif any(call.frame == inner for call in self.records[key].calls):
            self.records[key].named = (name, outer)

    def is_known(self, array: Any) -> bool:
        """Whether the array's memory is recorded."""
        return id(base_of(array)) in self._roots

    def _view_key(self, array: Any, root: Root) -> ViewKey:
        size = root.buffer.itemsize
        if array.dtype != root.buffer.dtype:
            raise self.refuse(texts.view_as(str(array.dtype)))
        if array.size == 0:
            return 0, array.shape, _strides(array.shape)
        begin = array.__array_interface__["data"][0] - root.buffer.__array_interface__["data"][0]
        # Axes of length 1 have any stride: give them the one of a contiguous array.
        strides = tuple(
            own // size if length != 1 else usual
            for own, length, usual in zip(
                array.strides, array.shape, _strides(array.shape), strict=True
            )
        )
        return begin // size, array.shape, strides

    def read(self, value: Any) -> int:
        """Return the key of the record that an input stands for."""
        if isinstance(value, np.ndarray):
            if value.dtype.kind not in "fiub":
                raise self.refuse(texts.dtype(str(value.dtype)))
            if not self.is_known(value) and not base_of(value).flags.c_contiguous:
                value = np.array(plain(value), order="C")
            root = self._root(value, operand=True)
            return self._read_view(root, self._view_key(value, root))
        if isinstance(value, list | tuple):
            return self.read(self.array(value))
        if isinstance(value, bool | int | float | np.generic):
            return self._number(value)
        raise self.refuse(texts.value(type(value).__name__))

    def _read_view(self, root: Root, view: ViewKey) -> int:
        if view == root.whole:
            return root.key
        known = root.views.get(view)
        if known is not None and known[0] == root.key:
            return known[1]
        recipe = root.recipes.get(view)
        if recipe is not None:
            parent, op, attributes, calls = recipe
            inputs = (self._read_view(root, parent),)
        else:
            inputs, calls, (offset, shape, strides) = (root.key,), self.calls(), view
            op, attributes = "strided", {"offset": offset, "shape": shape, "strides": strides}
            if offset == 0 and strides == _strides(shape) and view_size(view) == root.buffer.size:
                op, attributes = "reshape", {"shape": shape}
        value = self._compute(op, inputs, attributes)
        record = self.push(op, inputs, attributes, value, calls)
        record.named = root.assigned.pop(view, None)
        root.views[view] = (root.key, record.key)
        return record.key

    def _number(self, value: Any) -> int:
        known = (type(value).__name__, repr(value))
        if known not in self._numbers:
            self._numbers[known] = self.push(None, (), {}, value, (), repr(value)).key
        return self._numbers[known]

    def _compute(self, op: str, inputs: Sequence[int], attributes: Mapping[str, Any]) -> Any:
        values = [self.records[key].value for key in inputs]
        self.failed = (op, tuple(inputs))
        found = contiguous(OPS[op].compute(*values, **attributes))
        self.failed = None
        # A root is known by the object that owns the memory.
        return found.copy() if getattr(found, "base", None) is not None else found

    def value(self, value: Any) -> Any:
        """Return what an input holds at present, as the recording keeps it."""
        return self.records[self.read(value)].value

    def is_moving(self, value: Any) -> bool:
        """Whether an array, or one of a list or dict, depends on what gradients are computed of."""
        if isinstance(value, np.ndarray):
            root = self._roots.get(id(base_of(value)))
            return root is not None and root.key in self.moving
        if isinstance(value, list | tuple):
            return any(map(self.is_moving, value))
        return isinstance(value, dict) and any(map(self.is_moving, value.values()))

    # Operations.

    def apply(self, op: str, *inputs: Any, **attributes: Any) -> Any:
        """Compute an operation, record it, and return its result as the program sees it."""
        keys = tuple(map(self.read, inputs))
        value = self._compute(op, keys, attributes)
        if isinstance(value, np.generic | int | float) and np.asarray(value).dtype.kind != "f":
            # A whole number or truth value steers the program, or is a constant.
            return value
        record = self.push(op, keys, attributes, value, self.calls())
        if isinstance(value, np.ndarray):
            return self._own(record, value)
        return self._own(record, np.array(value), scalar=True)

    def view(self, source: Any, found: Any, op: str, **attributes: Any) -> Any:
        """Return ``found``, which NumPy made of ``source``: a view, or a copy with a record."""
        root = self._root(source)
        if not isinstance(found, np.ndarray) or base_of(found) is not base_of(source):
            return self.apply(op, source, **attributes)
        key = self._view_key(found, root)
        parent = self._view_key(source, root)
        if key != root.whole and not self._is_made_of(root, parent, key):
            root.recipes[key] = (parent, op, attributes, self.calls())
        return self._tracked(found)

    @staticmethod
    def _is_made_of(root: Root, view: ViewKey, other: ViewKey) -> bool:
        """Whether a view is another one, or made of it: x.T.T is x."""
        while view != other and view in root.recipes:
            view = root.recipes[view][0]
        return view == other

    def array(self, value: Any) -> Any:
        """Return a list, nested to any depth, as one array."""
        if isinstance(value, np.ndarray):
            return value
        if isinstance(value, list | tuple) and any(
            isinstance(each, RecordedArray) for each in flat(value)
        ):
            return self.apply("stack", *map(self.array, value), axis=0)
        return value if np.isscalar(value) else np.asarray(value)

    # Writes.

    def _keep(self, root: Root) -> None:
        """Copy the present version, whose value is the memory itself, before a write."""
        present = self.records[root.key]
        if present.value is root.buffer:
            present.value = root.buffer.copy()

    def _new_version(self, root: Root, record: Record) -> None:
        record.previous = root.key
        root.key = record.key

    def write(self, target: Any, index: Any, value: Any, op: str = "setitem") -> None:
        """Do ``target[index] = value``, or ``np.add.at`` (op "add_at"), and record it."""
        root = self._root(target)
        view = self._view_key(target, root)
        template, arrays = self.index(index)
        place, key = plain(target), plain(index)
        region, sets = np.shape(place[key]), op == "setitem"
        if sets and self._is_same_memory(target, index, value, region):
            return
        source = self.read(self.array(value))
        keys = (source, *map(self.read, arrays))
        held = self.records[source].value
        self._keep(root)
        if sets:
            place[key] = held
        else:
            if np.ndim(held) > len(region):
                raise TooManyAxesError(texts.too_many_axes(np.shape(held), region))
            np.add.at(place, key, held)
        whole = view == root.whole
        seen = None if whole else view
        attributes: dict[str, Any] = {"index": template, "view": seen, "region": region}
        inputs = (root.key, *keys)
        covers = sets and whole and not arrays and region == root.buffer.shape
        if covers and np.ndim(held) <= root.buffer.ndim:
            op, inputs = "stretch", (source,)
            attributes = {"shape": root.buffer.shape, "dtype": str(root.buffer.dtype)}
        self._new_version(root, self.push(op, inputs, attributes, root.buffer, self.calls()))

    def _is_same_memory(self, target: Any, index: Any, value: Any, region: Any) -> bool:
        """Whether a view is assigned to itself, as the last part of ``x[i] += v`` does."""
        if not isinstance(value, np.ndarray) or value.shape != region:
            return False
        if base_of(value) is not base_of(target):
            return False
        place = plain(target)[plain(index)]
        return (
            isinstance(place, np.ndarray)
            and base_of(place) is base_of(target)
            and place.__array_interface__["data"] == value.__array_interface__["data"]
            and place.strides == value.strides
        )

    def replace(self, target: Any, value: Any) -> None:
        """Do ``target[...] = value`` for the result of an operation with ``out=target``."""
        root = self._root(target)
        if self._view_key(target, root) != root.whole or not isinstance(value, RecordedArray):
            self.write(target, Ellipsis, value)
            return
        key = self.read(value)
        record = self.records[key]
        fits = np.shape(record.value) == root.buffer.shape
        if not fits or record.value.dtype != root.buffer.dtype or record.key < root.key:
            self.write(target, Ellipsis, value)
            return
        self._keep(root)
        if isinstance(record.value, np.ndarray):
            record.value = record.value.copy()
        root.buffer[...] = record.value
        self._new_version(root, record)

    def index(self, index: Any) -> tuple[tuple[Any, ...], list[Any]]:
        """Return an index as the attribute ``index``, and its arrays."""
        parts: list[Any] = []
        arrays: list[Any] = []
        for each in index if isinstance(index, tuple) else (index,):
            if each is None:
                parts.append(None)
            elif each is Ellipsis:
                parts.append("...")
            elif isinstance(each, slice):
                ends = (each.start, each.stop, each.step)
                parts.append(("slice", *(None if end is None else int(end) for end in ends)))
            elif isinstance(each, np.ndarray | list | tuple | range | bool | np.bool_):
                found = each if isinstance(each, RecordedArray) else np.array(each)
                if found.size == 0 and found.dtype.kind == "f":
                    found = found.astype(np.intp)
                if found.dtype.kind == "f":
                    raise self.refuse(texts.FLOAT_INDEX)
                parts.append(("array", len(arrays)))
                arrays.append(found)
            else:
                parts.append(int(each))
        return tuple(parts), arrays

    def getitem(self, source: Any, index: Any) -> Any:
        """Return ``source[index]``."""
        template, arrays = self.index(index)
        found = plain(source)[plain(index)]
        if arrays:
            return self.apply("getitem", source, *arrays, index=template)
        return self.view(source, found, "getitem", index=template)


def view_size(view: ViewKey) -> int:
    """Return the number of entries of a view."""
    return int(np.prod(view[1], dtype=np.int64))


def flat(values: Any) -> Iterator[Any]:
    """Iterate over the entries of nested lists and tuples."""
    for each in values:
        if isinstance(each, list | tuple):
            yield from flat(each)
        else:
            yield each


def _method(name: str) -> Any:
    """Return a method that is NumPy's function of the same name."""

    def method(self: RecordedArray, *args: Any, **keywords: Any) -> Any:
        if hasattr(self.recorder, name):
            return self.recorder.invoke(name, (self, *args), keywords)
        return self.recorder.call(getattr(np, name), (self, *args), keywords)

    method.__name__ = name
    return method


class RecordedArray(np.ndarray):
    """An array of a recorded program. NumPy's functions of it are recorded by its recorder.

    ``scalar`` marks what NumPy would return as a number (``x[0]``, ``x.sum()``).
    """

    recorder: Any  # a NumpyRecorder
    scalar: bool

    def __array_finalize__(self, source: Any) -> None:
        self.recorder = getattr(source, "recorder", None)
        self.scalar = False

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **keywords: Any) -> Any:
        return _recorder_of(inputs, keywords).ufunc(ufunc, method, *inputs, **keywords)

    def __array_function__(self, function: Any, types: Any, args: Any, keywords: Any) -> Any:
        return _recorder_of(args, keywords).call(function, args, keywords)

    def __getitem__(self, index: Any) -> Any:
        return self.recorder.getitem(self, index)

    def __setitem__(self, index: Any, value: Any) -> None:
        if self.scalar:
            raise TypeError(texts.NO_ASSIGNMENT)
        self.recorder.write(self, index, value)

    def __iter__(self) -> Iterator[Any]:
        if self.ndim == 0:
            raise TypeError(texts.NO_ITERATION)
        return (self[k] for k in range(len(self)))

    def __float__(self) -> float:
        self.recorder.lose("float()", self)
        return float(plain(self))

    def __complex__(self) -> complex:
        self.recorder.lose("complex()", self)
        return complex(plain(self))

    def __round__(self, digits: int | None = None) -> Any:
        return round(float(plain(self)), digits)

    def __hash__(self) -> int:  # type: ignore[override]
        if not self.scalar:
            raise TypeError(texts.NO_HASH)
        return hash(plain(self)[()])

    def __repr__(self) -> str:
        return repr(plain(self)[()] if self.scalar else plain(self))

    def __str__(self) -> str:
        return str(plain(self)[()] if self.scalar else plain(self))

    def __format__(self, form: str) -> str:
        return format(plain(self)[()] if self.ndim == 0 else plain(self), form)

    def __copy__(self) -> Any:
        return self.recorder.apply("copy", self)

    def __deepcopy__(self, memo: Any) -> Any:
        return self.recorder.apply("copy", self)

    def __reduce__(self) -> Any:
        self.recorder.lose("pickle", self)
        return plain(self).__reduce__()

    def __reduce_ex__(self, protocol: Any) -> Any:
        return self.__reduce__()

    @property
    def T(self) -> Any:  # noqa: N802 - NumPy's name
        return self.recorder.transpose(self)

    @property
    def mT(self) -> Any:  # noqa: N802
        return self.recorder.swapaxes(self, -1, -2)

    @property
    def flat(self) -> Any:
        return self.recorder.ravel(self)

    def astype(self, dtype: Any, *args: Any, copy: Any = True, **keywords: Any) -> Any:
        return self.recorder.astype(self, dtype, copy=copy)

    def copy(self, order: Any = "C") -> Any:
        return self.recorder.apply("copy", self)

    def flatten(self, order: Any = "C") -> Any:
        return self.recorder.ravel(self.recorder.apply("copy", self), order)

    def fill(self, value: Any) -> None:
        self[...] = value

    def put(self, indices: Any, values: Any, mode: str = "raise") -> None:
        self.recorder.put(self, indices, values)

    def sort(self, axis: Any = -1, *args: Any, **keywords: Any) -> None:
        self[...] = self.recorder.sort(self, axis)

    def item(self, *index: Any) -> Any:
        if index:
            return self[index[0] if len(index) == 1 else index]
        if self.dtype.kind != "f":
            return plain(self).item()
        found = self.recorder.reshape(self, ())
        copied = self.recorder.apply("copy", found)
        copied.scalar = True
        return copied

    def tolist(self) -> Any:
        if self.dtype.kind != "f":
            return plain(self).tolist()
        return self.item() if self.ndim == 0 else [each.tolist() for each in self]

    def view(self, *args: Any, **keywords: Any) -> Any:
        kind = args[0] if args else keywords.get("type", keywords.get("dtype"))
        if kind is None or kind == self.dtype:
            return np.ndarray.view(self)
        if isinstance(kind, type) and issubclass(kind, np.ndarray):
            return np.ndarray.view(self)
        raise self.recorder.refuse(texts.view_as(str(kind)))

    def tobytes(self, *args: Any) -> bytes:
        self.recorder.lose("tobytes()", self)
        found: bytes = plain(self).tobytes(*args)
        return found


# Methods that are NumPy's functions of the same name.
for _name in (
    *("all", "any", "argmax", "argmin", "argsort", "choose", "clip", "compress", "conj"),
    *("conjugate", "cumprod", "cumsum", "diagonal", "dot", "max", "mean", "min", "nonzero"),
    *("partition", "prod", "ravel", "repeat", "reshape", "round", "searchsorted", "squeeze", "std"),
    *("sum", "swapaxes", "take", "trace", "transpose", "var"),
):
    setattr(RecordedArray, _name, _method(_name))


def _deferring(name: str, reflected: str) -> Any:
    """Return a binary operator that leaves an object of another class with ``reflected`` to it."""
    own = getattr(np.ndarray, name)

    def operator(self: RecordedArray, other: Any) -> Any:
        kind = type(other)
        # As NumPy's numbers do; its arrays would apply the operator to each entry.
        if self.scalar and kind.__module__ not in _KNOWN and hasattr(kind, reflected):
            return NotImplemented
        return own(self, other)

    operator.__name__ = name
    return operator


# Of whose objects a recorded number knows the operators.
_KNOWN = frozenset({"builtins", "numpy", __name__})
for _name in ("add", "sub", "mul", "truediv", "pow"):
    setattr(RecordedArray, f"__{_name}__", _deferring(f"__{_name}__", f"__r{_name}__"))


def _recorder_of(args: Any, keywords: Mapping[str, Any]) -> Any:
    """Return the recorder of the first recorded array among arguments."""
    for each in flat((*args, *keywords.values())):
        if isinstance(each, RecordedArray):
            return each.recorder
    raise RuntimeError("no recorded array among the arguments")
