"""Run an unmodified NumPy program once and return its graph, values and source lines.

The program runs on copies of its arguments and of the globals that it reads; ``np`` in its modules
is a stand-in for the time of the run. Afterwards all is as before, the random states as well.
"""

from __future__ import annotations

import copy
import functools
import inspect
import sys
import sysconfig
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Any

import numpy as np
from numpy import random as numpy_random

from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.record.array import RecordedArray
from backprop_explorer.record.numpy_functions import NumpyRecorder
from backprop_explorer.record.numpy_proxy import (
    DrawnArrays,
    builtin_stand_ins,
    is_library,
    is_replaced,
    recorded_imports,
    stand_in,
)
from backprop_explorer.record.recording import ProgramRecording, build
from backprop_explorer.texts import record as texts

# How deep arrays are looked for inside lists, dicts and objects.
_DEPTH = 8
# What is inside a callable that is not a plain function.
_INSIDE: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (types.MethodType, ("__func__", "__self__")),
    ((staticmethod, classmethod), ("__func__",)),
    (property, ("fget",)),
    (functools.partial, ("func", "args", "keywords")),
    (functools.cached_property, ("func",)),
)
_ATOMS = (str, bytes, int, float, bool, complex, type(None), type, types.ModuleType, FunctionType)
_GENERATORS = (numpy_random.Generator, numpy_random.RandomState)
# Folders of code that is not the program's, also as a link names them.
_FOLDERS = [
    *(sysconfig.get_paths()[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")),
    str(Path(__file__).parents[1]),
]
_INSTALLED = tuple({*_FOLDERS, *(str(Path(each).resolve()) for each in _FOLDERS)})


def record(
    f: Callable[..., Any],
    args: Sequence[Any] = (),
    keywords: Mapping[str, Any] | None = None,
    *,
    wrt: Sequence[str | int] | str | int | None = None,
    upstream: Any = None,
    axes_of: Mapping[str, Sequence[str | None]] | None = None,
    **limits: Any,
) -> ProgramRecording:
    """Run ``f(*args, **keywords)`` once and return what it computed, with its gradients.

    ``wrt`` has names ("W1", "self.W1", "params['W1']") or positions of what gradients are computed
    of; None for every float array of the arguments. ``upstream`` is ∂C/∂out of a result that is an
    array, or a sequence with one for each float array of a tuple. ``axes_of`` names the axes of
    arguments and variables, {"x": ("sample", "feature")}. ``limits`` are ``operations``, ``nbytes``
    and ``seconds``. Raises InvalidInput, also where the program cannot be recorded;
    what the program itself raises is not changed.
    """
    if not callable(f):
        raise InvalidInput("f", texts.NOT_CALLABLE)
    recorder = NumpyRecorder(**limits)
    run = _Run(recorder, f, tuple(args), dict(keywords or {}), wrt)
    result = run.execute()
    recorder.active = False
    recorder.globals_ids.clear()
    found = build(
        recorder,
        result,
        function=getattr(f, "__name__", type(f).__name__),
        arguments=run.records,
        variables=run.aliases,
        upstream=upstream,
        axes_of=axes_of,
    )
    recorder.release()
    return found


class _Run:
    """One run of a program on copies of what it reads."""

    def __init__(
        self,
        recorder: NumpyRecorder,
        f: Callable[..., Any],
        args: tuple[Any, ...],
        keywords: dict[str, Any],
        wrt: Any,
    ) -> None:
        self.recorder, self.f = recorder, f
        self.memo: dict[int, Any] = {}
        self.alive: list[Any] = [f, args, keywords]
        # The variables of the program's outermost function when it returned, by name.
        self.aliases: dict[str, int] = {}
        self.program = _Program(f, (*args, *keywords.values()))
        recorder.globals_ids.update(map(id, self.program.globals))
        found = list(self._arguments(f, args, keywords))
        self.names = [name for name, _, _ in found]
        self.wrt = _chosen(wrt, found, _parameter_names(f, len(args), keywords))
        self.records: dict[str, int] = {}
        for name, value, _ in found:
            self._start(name, value, moving=name in self.wrt)
        self.args = self._copied(args, top=True)
        self.keywords = self._copied(keywords, top=True)
        self.copied_f = self._copied(f)
        floats = {name.split(".")[0].split("[")[0]: name for name in self.wrt}
        self._replace_numbers(floats)

    def _arguments(
        self, f: Any, args: tuple[Any, ...], keywords: dict[str, Any]
    ) -> Iterator[tuple[str, Any, int | None]]:
        """(name, array or number, position) of everything in the arguments."""
        names = _parameter_names(f, len(args), keywords)
        seen: set[int] = set()
        owner = getattr(f, "__self__", None)
        if isinstance(f, types.MethodType) and owner is not None:
            yield from ((name, value, None) for name, value in _arrays("self", owner, seen))
        elif not isinstance(f, FunctionType | type) and hasattr(f, "__dict__"):
            yield from ((name, value, None) for name, value in _arrays("self", f, seen))
        given = (*zip(names, args, range(len(args)), strict=False),)
        for name, value, position in given:
            yield from ((inner, each, position) for inner, each in _arrays(name, value, seen))
        for name, value in keywords.items():
            yield from ((inner, each, None) for inner, each in _arrays(name, value, seen))

    def _start(self, name: str, value: Any, *, moving: bool = False) -> None:
        if isinstance(value, _GENERATORS):
            self.memo[id(value)] = DrawnArrays(self.recorder, copy.deepcopy(value))
        elif isinstance(value, np.ndarray) and id(value) not in self.memo:
            array = self.recorder.start(value, name, moving=moving)
            self.memo[id(value)] = array
            self.records[name] = self.recorder.read(array)
        self.alive.append(value)

    def _replace_numbers(self, wanted: Mapping[str, str]) -> None:
        """Make numbers that gradients are wanted of recorded numbers."""
        names = _parameter_names(self.f, len(self.args), {})

        def recorded(name: str, value: Any) -> Any:
            if name not in wanted or not isinstance(value, float | np.floating):
                return value
            array = self.recorder.start(np.asarray(value), name, moving=True)
            self.records[name] = self.recorder.read(array)
            array.scalar = True
            return array

        self.args = tuple(
            recorded(name, value) for name, value in zip(names, self.args, strict=False)
        )
        self.keywords = {name: recorded(name, value) for name, value in self.keywords.items()}

    def _copied(self, value: Any, *, top: bool = False) -> Any:
        """Copy an object with its arrays replaced by recorded ones; as it is if that fails."""
        if top:
            if isinstance(value, tuple):
                return tuple(self._copied(each) for each in value)
            return {name: self._copied(each) for name, each in value.items()}
        if isinstance(value, FunctionType):
            return value
        try:
            return copy.deepcopy(value, self.memo)
        except Exception:  # noqa: BLE001 - any class may refuse to be copied, in any way
            return value

    def execute(self) -> Any:
        """Run the program and return its result."""
        self.recorder.boundary = sys._getframe().f_code
        self.recorder.start_clock()
        with ExitStack() as stack:
            stack.enter_context(_random_states())
            for names, scope in self.program.scopes():
                stack.enter_context(self._scope(names, scope))
            for cell in self.program.cells:
                stack.enter_context(self._cell(cell))
            stack.enter_context(recorded_imports(self.recorder))
            stack.enter_context(returns(self.program.codes.__contains__, self._returned))
            return self.copied_f(*self.args, **self.keywords)

    def _replaced(self, name: str, value: Any) -> Any:
        """Return what stands for a global or closed-over value during the run."""
        if is_replaced(value) or (is_library(value) and value is not self.f):
            return stand_in(self.recorder, value)
        if isinstance(value, _ATOMS):
            return value
        if not isinstance(value, list | dict | set) and not _holds_arrays(value):
            return value
        for inner, each in _arrays(name, value, set()):
            self._start(inner, each)
        return self._copied(value)

    @contextmanager
    def _scope(self, names: set[str], scope: dict[str, Any]) -> Iterator[None]:
        before = dict(scope)
        try:
            for name in names & scope.keys():
                scope[name] = self._replaced(name, scope[name])
            for name, value in builtin_stand_ins(self.recorder).items():
                if name in names:
                    scope.setdefault(name, value)
            yield
        finally:
            for name in [name for name in scope if name not in before]:
                del scope[name]
            scope.update(before)

    @contextmanager
    def _cell(self, cell: Any) -> Iterator[None]:
        before = cell.cell_contents
        try:
            cell.cell_contents = self._replaced("closure", before)
            yield
        finally:
            cell.cell_contents = before

    def _returned(self, frame: FrameType, value: Any) -> None:
        """Name the values that a function returns after the variables of its caller."""
        if id(frame.f_globals) not in self.recorder.globals_ids:
            return
        self._name_axes(frame)
        caller = frame.f_back
        if caller is None or caller.f_code is self.recorder.boundary:
            self._keep_variables(frame)
            return
        if id(caller.f_globals) not in self.recorder.globals_ids:
            return
        values = value if isinstance(value, tuple) else (value,)
        if not any(isinstance(each, RecordedArray) for each in values):
            return
        site = self.recorder.sources.site(caller.f_code, caller.f_lasti)
        if not site.direct or len(site.targets) != len(values):
            return
        inner = self.recorder.call_of(frame).frame
        outer = self.recorder.call_of(caller)
        for name, each in zip(site.targets, values, strict=True):
            if name and isinstance(each, RecordedArray):
                self.recorder.assign(each, name, inner, outer)

    def _name_axes(self, frame: FrameType) -> None:
        """Name axes after variables with their lengths, as in ``N, D = x.shape``."""
        for name, axes in self.recorder.sources.sizes(frame.f_code).items():
            array = frame.f_locals.get(name)
            key = self.recorder.known_key(array) if isinstance(array, RecordedArray) else None
            if array is None or key is None:
                continue
            for axis, size in axes.items():
                named = texts.axis_of_size(size)
                if named and array.shape[axis : axis + 1] == (frame.f_locals.get(size),):
                    self.recorder.axes.setdefault(key, {}).setdefault(axis, named)

    def _keep_variables(self, frame: FrameType) -> None:
        for name, value in frame.f_locals.items():
            if isinstance(value, RecordedArray):
                key = self.recorder.known_key(value)
                if key is not None:
                    self.aliases[name] = key


def _parameter_names(f: Any, count: int, keywords: Mapping[str, Any]) -> list[str]:
    """Return the names of the positional arguments."""
    try:
        parameters = list(inspect.signature(f).parameters.values())
    except (TypeError, ValueError):
        return [f"args[{k}]" for k in range(count)]
    names = [
        each.name
        for each in parameters
        if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)
    ]
    rest = next((each.name for each in parameters if each.kind == each.VAR_POSITIONAL), "args")
    return [*names, *(f"{rest}[{k}]" for k in range(count - len(names)))][:count]


def _arrays(name: str, value: Any, seen: set[int], depth: int = 0) -> Iterator[tuple[str, Any]]:
    """(name, value) of every array, random generator and number inside a value."""
    if isinstance(value, (np.ndarray, float, np.floating, *_GENERATORS)):
        yield name, value
        return
    if isinstance(value, _ATOMS) or depth > _DEPTH or id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, dict):
        parts = [(f"{name}[{key!r}]", each) for key, each in value.items()]
    elif isinstance(value, list | tuple):
        fields = getattr(value, "_fields", None)
        parts = [
            (f"{name}.{fields[k]}" if fields else f"{name}[{k}]", each)
            for k, each in enumerate(value)
        ]
    elif isinstance(value, types.MethodType):
        parts = [(name, value.__self__)]
    elif hasattr(value, "__dict__"):
        parts = [(f"{name}.{key}", each) for key, each in vars(value).items()]
    else:
        return
    for inner, each in parts:
        yield from _arrays(inner, each, seen, depth + 1)


def _holds_arrays(value: Any) -> bool:
    return any(not isinstance(each, float) for _, each in _arrays("", value, set()))


def _chosen(
    wrt: Any, found: Sequence[tuple[str, Any, int | None]], parameters: Sequence[str]
) -> list[str]:
    """Return the names of what gradients are computed of. Raises InvalidInput."""

    def is_float(value: Any) -> bool:
        return isinstance(value, np.ndarray) and value.dtype.kind == "f"

    floats = [name for name, value, _ in found if is_float(value)]
    numbers = [name for name, value, _ in found if isinstance(value, float | np.floating)]
    known = [*floats, *(name for name in numbers if name in parameters or name.isidentifier())]
    if wrt is None:
        if not (floats or known):
            raise InvalidInput(
                "wrt", f"{texts.NO_ARRAYS} {texts.to_convert(', '.join(parameters))}"
            )
        return floats or known
    chosen: list[str] = []
    for each in [wrt] if isinstance(wrt, str | int) else list(wrt):
        if not isinstance(each, str | int):
            raise InvalidInput("wrt", texts.NAMES_NEEDED)
        if isinstance(each, int) and not isinstance(each, bool):
            inside = [name for name, value, position in found if position == each and name in known]
        else:
            inside = [
                name for name in known if name == each or name.startswith((f"{each}[", f"{each}."))
            ]
        if not inside:
            raise InvalidInput("wrt", texts.not_an_array(each, ", ".join(known)))
        chosen += inside
    return list(dict.fromkeys(chosen))


class _Program:
    """The functions that a program may call: their globals, code objects and closures."""

    def __init__(self, f: Any, values: Sequence[Any]) -> None:
        self.globals: list[dict[str, Any]] = []
        self.codes: set[CodeType] = set()
        self.cells: list[Any] = []
        self._names: dict[int, set[str]] = {}
        self._seen: set[int] = set()
        self._own_file = ""
        self._visit(f)
        for value in values:
            self._visit_value(value, 0)

    def scopes(self) -> Iterator[tuple[set[str], dict[str, Any]]]:
        """(names read, globals) of each module of the program."""
        return ((self._names[id(scope)], scope) for scope in self.globals)

    def _visit_value(self, value: Any, depth: int) -> None:
        if depth > _DEPTH or isinstance(value, np.ndarray | str | int | float):
            return
        if isinstance(value, list | tuple):
            for each in value:
                self._visit_value(each, depth + 1)
        elif isinstance(value, dict):
            for each in value.values():
                self._visit_value(each, depth + 1)
        else:
            self._visit(value)

    def _visit(self, value: Any) -> None:
        if id(value) in self._seen or is_replaced(value):
            return
        self._seen.add(id(value))
        inside = next((names for kinds, names in _INSIDE if isinstance(value, kinds)), None)
        if isinstance(value, FunctionType):
            self._function(value)
        elif inside is not None:
            for name in inside:
                self._visit_value(getattr(value, name), 0)
        elif isinstance(value, type):
            for kind in value.__mro__[:-1]:
                for each in vars(kind).values():
                    self._visit(each)
        elif hasattr(value, "__dict__") and not isinstance(value, types.ModuleType):
            self._visit(getattr(value, "__wrapped__", None))
            self._visit(type(value))
            self._visit_value(list(vars(value).values()), 1)

    def _is_own(self, code: CodeType) -> bool:
        """Whether a function is the user's, not a library's."""
        file = code.co_filename
        if file == self._own_file:
            return True
        return not str(Path(file)).startswith(_INSTALLED)

    def _function(self, function: FunctionType) -> None:
        code = function.__code__
        self._own_file = self._own_file or code.co_filename
        if not self._is_own(code):
            return
        scope = function.__globals__
        if id(scope) not in self._names:
            self._names[id(scope)] = set()
            self.globals.append(scope)
        names = self._names[id(scope)]
        for each in _codes(code):
            self.codes.add(each)
            names.update(each.co_names)
            for name in each.co_names:
                if name in scope:
                    self._global(scope[name], each)
        for cell in function.__closure__ or ():
            try:
                content = cell.cell_contents
            except ValueError:  # An empty cell: a name that is not assigned yet.
                continue
            self.cells.append(cell)
            self._visit_value(content, 0)
        for default in function.__defaults__ or ():
            self._visit_value(default, 0)

    def _global(self, value: Any, code: CodeType) -> None:
        if isinstance(value, types.ModuleType):
            file = getattr(value, "__file__", None)
            if file and not str(Path(file)).startswith(_INSTALLED):
                for name in code.co_names:
                    if name in vars(value):
                        self._visit_value(vars(value)[name], 0)
        else:
            self._visit_value(value, 0)


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield from _codes(each)


@contextmanager
def _random_states() -> Iterator[None]:
    """Put the states of ``np.random`` and ``random`` back afterwards."""
    state = numpy_random.get_state()  # noqa: NPY002 - the program's own state
    python = sys.modules.get("random")
    python_state = None if python is None else python.getstate()
    try:
        yield
    finally:
        numpy_random.set_state(state)  # noqa: NPY002
        if python is not None:
            python.setstate(python_state)


@contextmanager
def returns(
    is_own: Callable[[CodeType], bool], returned: Callable[[FrameType, Any], None]
) -> Iterator[None]:
    """Call ``returned(frame, value)`` whenever one of a program's functions returns."""
    monitoring = getattr(sys, "monitoring", None)
    if monitoring is None:  # Python 3.11
        before = sys.getprofile()

        def profile(frame: FrameType, event: str, value: Any) -> None:
            if event == "return" and is_own(frame.f_code):
                returned(frame, value)

        sys.setprofile(profile)
        try:
            yield
        finally:
            sys.setprofile(before)
        return
    tool = next((k for k in (4, 3, 5, 0, 2, 1) if monitoring.get_tool(k) is None), None)
    if tool is None:
        yield
        return

    def callback(code: CodeType, offset: int, value: Any) -> Any:
        if not is_own(code):
            return monitoring.DISABLE
        return returned(sys._getframe(1), value)

    event = monitoring.events.PY_RETURN
    monitoring.use_tool_id(tool, "backprop-explorer")
    try:
        monitoring.register_callback(tool, event, callback)
        monitoring.set_events(tool, event)
        monitoring.restart_events()
        yield
    finally:
        monitoring.set_events(tool, 0)
        monitoring.register_callback(tool, event, None)
        monitoring.free_tool_id(tool)
