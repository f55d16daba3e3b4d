"""Run a student's program under the recorder, with all that it can reach, as a ``Run``.

Arrays and numbers in arguments, globals, containers and objects are replaced by recorded ones for
the time of the run, and put back afterwards, with the random state.
"""

from __future__ import annotations

import ast
import contextlib
import inspect
import io
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from types import CellType, FrameType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.record.array import MAX_OPERATIONS, Record, RecordedArray, TooManyAxesError
from backprop_explorer.record.matrix import as_matrix
from backprop_explorer.record.numpy_functions import NumpyRecorder
from backprop_explorer.record.numpy_proxy import (
    DrawnArrays,
    builtin_stand_ins,
    is_generator,
    is_replaced,
    recorded_imports,
    stand_in,
)
from backprop_explorer.record.program import returns
from backprop_explorer.texts import tutor_code
from backprop_explorer.texts import tutor_program as texts
from backprop_explorer.tutor.program.cost_roots import CostRoot
from backprop_explorer.tutor.program.made_parameters import SPARE, is_called_parameter
from backprop_explorer.tutor.program.saved_state import (
    is_filled,
    is_own_class,
    is_own_module,
    saved_state,
    slots_of,
)
from backprop_explorer.tutor.program.source import nodes_of
from backprop_explorer.tutor.program.steps import Returned, Run, SourceFrame, Step
from backprop_explorer.tutor.program.time_limit import (
    MAX_SECONDS,
    LimitReached,
    TimeLimit,
    is_own_code,
)
from backprop_explorer.tutor.program.truth import Truth
from backprop_explorer.tutor.program.versions import versions_of
from backprop_explorer.tutor.program.written_numbers import written_numbers

MAX_PRINTED, MAX_DEPTH, MAX_ITEMS = 10_000, 8, 2_000
# How many names lead from what is called to a module whose arrays are recorded.
NEAR = 3
_PLAIN = (str, bytes, int, bool, complex, type(None), ModuleType, np.generic, np.dtype)


@dataclass(eq=False)
class ProgramCall:
    """What is run: a function, or a backward function after the forward function of a pair."""

    function: Callable[..., Any]
    arguments: Sequence[Any] = ()
    keywords: Mapping[str, Any] = field(default_factory=dict)
    forward: Callable[..., Any] | None = None
    of_forward: Sequence[Any] = ()
    upstream: Any = None
    max_seconds: float = MAX_SECONDS
    prepare: Callable[[Sequence[Any]], bool] | None = None
    cost: str | None = None  # an entry of COSTS, if it is told
    is_variant: bool = False  # other inputs of a program that is checked
    starts_from_numbers: bool = False  # the floats that it writes down are recorded

    def __post_init__(self) -> None:
        """Take a partial function apart."""
        while isinstance(self.function, partial):
            self.arguments = (*self.function.args, *self.arguments)
            self.keywords = {**self.function.keywords, **self.keywords}
            self.function = self.function.func


class _Output(io.StringIO):
    def write(self, text: str, /) -> int:
        kept = "".join(each for each in text if each.isprintable() or each in "\n\t")
        super().write(kept[: max(0, MAX_PRINTED - self.tell())])
        return len(text)


class _Attributes:
    """The attributes of an object, or the content of a cell, by name."""

    def __init__(self, value: Any) -> None:
        self._value = value

    def __getitem__(self, name: str) -> Any:
        return getattr(self._value, name)

    def __setitem__(self, name: str, value: Any) -> None:
        try:
            setattr(self._value, name, value)
        except AttributeError:  # of a frozen dataclass
            object.__setattr__(self._value, name, value)


def _attributes(value: Any) -> dict[str, Any]:
    return {**getattr(value, "__dict__", {}), **slots_of(value)}


def _items(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Yield the items of a list or tuple with their places, by name where they have names."""
    for at, each in enumerate(value):
        named = getattr(value, "_fields", ())
        yield (f"{path}.{named[at]}" if named and path else f"{path}[{at}]"), each


class Recorded:
    """One recorded run of a program: ``run``, and the root that the call tells, if it does."""

    def __init__(
        self,
        program: ProgramCall,
        operations: int = MAX_OPERATIONS,
        watch: Callable[[NumpyRecorder], Any] | None = None,
    ) -> None:
        self._program, self._watch = program, watch
        self.recorder = NumpyRecorder(operations=operations, seconds=program.max_seconds)
        self.recorder.boundary = Recorded._record.__code__
        self.recorder.keeps_unknown = True
        self._wrapped: dict[int, Any] = {}
        self._alive: list[Any] = []
        self._places: list[tuple[str, Any, Any, Any]] = []
        self._paths: dict[int, str] = {}
        self._sources: dict[int, RecordedArray] = {}
        self._arguments: set[int] = set()
        self._cells: list[tuple[str, CellType]] = []
        self._replaceable: dict[str, Any] = {}  # items of tuples
        self._passed: dict[int, list[tuple[int, Any]]] = {}
        self.root: CostRoot | None = None
        self.notes: list[str] = []
        self.automatic = False
        for _ in range(SPARE if program.forward is None else 0):
            self.recorder.push(None, (), {}, np.zeros(()), ())
        self.run = self._record()

    def _record(self) -> Run:  # noqa: C901 - what a run needs before and after it
        program = self._program
        roots = (program.function, program.forward, *program.arguments, *program.of_forward)
        printed, returned, plain = _Output(), list[Returned](), list[Returned]()
        raised: BaseException | None = None
        limit, start, state = None, 0, list[Returned]()
        watched = TimeLimit(program.max_seconds)
        with (
            saved_state(*roots, *program.keywords.values()) as saved,
            contextlib.redirect_stdout(printed),
            np.errstate(all="ignore"),
        ):
            if program.prepare is not None and not program.prepare(saved.found):
                return Run([])
            functions = self._functions(roots)
            for each in (program.function, program.forward):
                owner = each.__self__ if isinstance(each, MethodType) else each
                if owner is not None and not isinstance(owner, FunctionType):
                    self._wrap(owner, "self")
            arguments = self._named(program.function, program.arguments)
            keywords = {name: self._wrap(v, name) for name, v in program.keywords.items()}
            of_forward = self._named(program.forward, program.of_forward)
            for each in functions:
                self._prepare(each)
            for each in saved.functions:
                if id(each.__globals__) not in self.recorder.globals_ids:
                    self._prepare_names(each.__globals__, arrays=False)
            for each in program.arguments:
                # The names of a cell, which runs as a function of them.
                if isinstance(each, dict) and (not functions or _has_modules(each)):
                    self._prepare_names(each)
            self.recorder.start_clock()
            try:
                numbers = saved.functions if program.starts_from_numbers else []
                with (
                    watched,
                    written_numbers(numbers, self._written_number),
                    recorded_imports(self.recorder),
                    _traced(self._watch and self._watch(self.recorder)),
                    returns(lambda code: is_own_code(code.co_filename), self._on_return),
                ):
                    if program.forward is None:
                        value = program.function(*arguments, **keywords)
                    else:
                        out = program.forward(*of_forward)
                        start = len(self.recorder.records)
                        arguments = self._with_cache(arguments, out)
                        value = program.function(*arguments, **keywords)
                returned = list(self._arrays("", value, set()))
                plain = list(self._plain("", value))
                if program.upstream is not None:
                    self._upstream_of_result(value)
            except LimitReached as error:
                reached = str(error) or tutor_code.most_seconds(program.max_seconds)
                limit = tutor_code.stopped(reached)
            except InvalidInput as error:
                if error.field in ("forward", "upstream"):
                    raise
                limit = error.message
            except Exception as error:  # noqa: BLE001 - a student's function may raise anything
                raised = error
            except (SystemExit, GeneratorExit) as error:
                raise InvalidInput("function", tutor_code.exits(type(error).__name__)) from None
            after = self._after()
            state = self._state()
        crashes = isinstance(raised, TooManyAxesError)
        # A program that an alarm of the caller's own ended may run without end.
        once = crashes or watched.was_interrupted
        if raised is not None and not once and _runs_alone(program):
            limit, raised = texts.raises_when_recorded(type(raised).__name__), None
        steps = [self._step(record) for record in self.recorder.records]
        run = Run(steps, start=start, raised=raised, limit=limit, printed=printed.getvalue())
        run.program = program
        run.raised_at, run.failed = _line_of(raised), self.recorder.failed
        run.lost = [texts.lost_at(what, site.line) for what, site in self.recorder.lost]
        run.plain, run.unknown = plain, self.recorder.unknown
        run.is_own = bool(functions)
        run.automatic = self.automatic
        run.drawn = self.recorder.drawn
        run.starts_from_numbers = program.starts_from_numbers
        run.after, run.written = after, self._written()
        run.passed = {
            key: [(at, self._frame(call)) for at, call in each if call.frame not in made]
            for key, each in self._passed.items()
            for made in [{frame.call for frame in steps[key].frames}]
        }
        self._finish(run, returned, state)
        return run

    def _on_return(self, frame: FrameType, value: Any) -> None:
        """Note which call returned a recorded array, after how many records."""
        if id(frame.f_globals) not in self.recorder.globals_ids:
            return
        for each in value if type(value) is tuple else (value,):
            key = self.recorder.known_key(each) if isinstance(each, RecordedArray) else None
            if key is not None:
                call = self.recorder.call_of(frame)
                self._passed.setdefault(key, []).append((len(self.recorder.records), call))

    # Before the run

    @staticmethod
    def _functions(roots: Sequence[Any]) -> list[FunctionType]:
        """Return the student's functions near what is called, each module once: of the objects and
        modules among arguments and names.
        """
        found: dict[int, FunctionType] = {}
        waiting = [(each, 0) for each in roots]
        while waiting:
            value, depth = waiting.pop(0)
            value = value.__func__ if isinstance(value, MethodType) else value
            value = inspect.unwrap(value) if callable(value) else value
            inside: list[Any] = []
            if isinstance(value, FunctionType):
                if is_own_code(value.__code__.co_filename):
                    if id(value.__globals__) not in found:
                        inside += value.__globals__.values()
                    inside += [e.cell_contents for e in value.__closure__ or () if is_filled(e)]
                    found.setdefault(id(value.__globals__), value)
            elif isinstance(value, ModuleType):
                inside += vars(value).values() if is_own_module(value) else ()
            elif isinstance(value, type):
                inside += vars(value).values()
            elif _is_own(value):
                inside.append(type(value))
            waiting += [(each, depth + 1) for each in inside if depth < NEAR]
        return list(found.values())

    def _prepare(self, function: FunctionType) -> None:
        """Replace NumPy and the arrays among the globals of a function, and in its closure."""
        self._prepare_names(function.__globals__)
        self._prepare_closure(function)

    def _prepare_closure(self, function: FunctionType) -> None:
        """Replace the arrays in the closure of a function, and in those of the functions there."""
        for name, cell in zip(
            function.__code__.co_freevars, function.__closure__ or (), strict=True
        ):
            if not is_filled(cell) or any(cell is each for _, each in self._cells):
                continue
            self._cells.append((name, cell))
            value = cell.cell_contents
            if isinstance(value, FunctionType) and is_own_code(value.__code__.co_filename):
                self._prepare_closure(value)
            elif not isinstance(value, float):
                self._put(_Attributes(cell), "cell_contents", self._wrap(value, name), name)

    def _put(self, names: Any, key: Any, wrapped: Any, path: str) -> None:
        """Put what stands for a value in its place."""
        if wrapped is not names[key]:
            names[key] = wrapped
            if isinstance(wrapped, RecordedArray | tuple):
                self._places.append((path, names, key, wrapped))

    def _prepare_names(self, names: dict[str, Any], *, arrays: bool = True) -> None:
        """Replace NumPy, and the arrays, among the names of a module or cell."""
        self.recorder.globals_ids.add(id(names))
        for name, value in builtin_stand_ins(self.recorder).items():
            names.setdefault(name, value)
        for name, value in list(names.items()):
            if isinstance(value, np.vectorize):
                names[name] = self._vectorized(value)
            elif name == "grad" and getattr(value, "__module__", "") == "autograd.wrap_util":
                names[name] = self._grad
            elif is_replaced(value):
                names[name] = stand_in(self.recorder, value)
            elif isinstance(value, float) and not self._program.starts_from_numbers:
                continue
            elif arrays and not name.startswith("__"):
                self._put(names, name, self._wrap(value, name), name)

    def _named(self, function: Any, values: Sequence[Any]) -> list[Any]:
        """Return recorded arguments, by the names of the parameters."""
        found = []
        for each, name in zip(values, self._names(function, values), strict=True):
            # One array as two arguments is two parameters.
            again = isinstance(each, np.ndarray) and id(each) in self._arguments
            self._arguments.add(id(each))
            found.append(self._wrap(each.copy() if again else each, name))
        return found

    @staticmethod
    def _names(function: Any, values: Sequence[Any]) -> list[str]:
        """Return the names of the parameters that values are passed for."""
        try:
            names = list(inspect.signature(function).parameters) if function else []
        except (TypeError, ValueError):
            names = []
        names += [f"args[{at}]" for at in range(len(names), len(values))]
        return names[: len(values)]

    def _wrap(self, value: Any, path: str, depth: int = 0) -> Any:
        """Return a recorded array for an array or number; containers and objects are changed."""
        if isinstance(value, RecordedArray) or depth > MAX_DEPTH:
            return value
        known = self._wrapped.get(id(value))
        if known is not None and not isinstance(value, float):
            return known
        if isinstance(value, np.ndarray) and value.dtype.kind in "fiub":
            found = self._start(np.asarray(value), path)
            self._wrapped[id(value)] = as_matrix(found) if isinstance(value, np.matrix) else found
            self._alive.append(value)
            return self._wrapped[id(value)]
        if isinstance(value, float | np.floating):
            return self._number(float(value), path)
        if isinstance(value, _PLAIN) or len(self._alive) > MAX_ITEMS:
            return value
        self._alive.append(value)
        self._wrapped[id(value)] = value
        if isinstance(value, tuple) and (type(value) is tuple or hasattr(value, "_fields")):
            items = {place: self._wrap(e, place, depth + 1) for place, e in _items(path, value)}
            self._replaceable |= items
            make: Any = getattr(value, "_make", tuple)
            self._wrapped[id(value)] = made = make(items.values())
            return made
        if is_generator(value):
            self._wrapped[id(value)] = DrawnArrays(self.recorder, value)
            return self._wrapped[id(value)]
        self._wrap_inside(value, path, depth)
        return value

    def _wrap_inside(self, value: Any, path: str, depth: int) -> None:
        """Replace the arrays and numbers in a container or an object."""
        if isinstance(value, list):
            self._wrap_items(value, list(enumerate(value)), path, depth)
        elif isinstance(value, dict):
            self._wrap_items(value, list(value.items()), path, depth)
        elif isinstance(value, np.ndarray) and value.dtype == object:
            self._wrap_items(value, list(np.ndenumerate(value)), path, depth)
        elif isinstance(value, MethodType):
            self._wrap(value.__self__, path, depth + 1)
        elif _is_own(value):
            self._wrap_attributes(value, path, depth)

    def _wrap_items(self, value: Any, items: list[Any], path: str, depth: int) -> None:
        for key, each in items:
            place = f"{path}[{key!r}]"
            self._put(value, key, self._wrap(each, place, depth + 1), place)

    def _wrap_attributes(self, value: Any, path: str, depth: int) -> None:
        self._alive.append(value)
        for kind in type(value).__mro__:
            # Lists and dictionaries of the class, such as parameters = {}, which its objects fill.
            for name, each in list(vars(kind).items()) if is_own_class(kind) else ():
                if isinstance(each, dict | list) and not name.startswith("__"):
                    self._wrap(each, f"{path}.{name}" if path else name, depth + 1)
        for name, each in _attributes(value).items():
            place = f"{path}.{name}" if path else name
            with contextlib.suppress(AttributeError, TypeError):
                if isinstance(each, np.vectorize):
                    setattr(value, name, self._vectorized(each))
                else:
                    self._put(_Attributes(value), name, self._wrap(each, place, depth + 1), place)

    def _vectorized(self, function: np.vectorize) -> Any:
        """Return what stands for a function of entries that was made before the run."""
        of = function.pyfunc
        of = stand_in(self.recorder, of) if is_replaced(of) else of
        return stand_in(self.recorder, np).vectorize(of)

    def _number(self, value: float, path: str) -> Any:
        found = self._start(np.array(value), path)
        found.scalar = True
        return found

    def _written_number(self, value: float, path: str) -> Any:
        # A sum begins with 0, be it of costs or of gradients.
        return self._number(value, path) if value or is_called_parameter(path) else value

    def _start(self, value: Any, path: str) -> Any:
        found = self.recorder.start(value, path or "value", moving=value.dtype.kind == "f")
        self._paths[self.recorder.read(found)] = path or "value"
        self._sources[self.recorder.read(found)] = found
        self._wrapped[id(value)] = found
        self._alive.append(value)
        return found

    # Programs that let autograd differentiate

    def _grad(self, function: Callable[..., Any], argnum: int = 0) -> Callable[..., Any]:
        """Do what ``autograd.grad`` does, with the rules of the recorded operations."""

        def gradient(*arguments: Any, **keywords: Any) -> Any:
            self.automatic = True
            out = self.recorder.read(function(*arguments, **keywords))
            run = Run([self._step(record) for record in self.recorder.records])
            truth = Truth(run, {out: np.ones(run.steps[out].value.shape)})
            return self._gradient_of(arguments[argnum], truth)

        return gradient

    def _gradient_of(self, value: Any, truth: Truth) -> Any:
        """Return the gradients of the arrays in an argument, in its containers."""
        if isinstance(value, RecordedArray):
            known = truth.gradients.get(self.recorder.read(value))
            return self.recorder.start(np.zeros(value.shape) if known is None else known)
        if isinstance(value, list | tuple):
            return type(value)(self._gradient_of(each, truth) for each in value)
        if isinstance(value, dict):
            return {key: self._gradient_of(each, truth) for key, each in value.items()}
        return value

    # Pairs

    def _with_cache(self, arguments: list[Any], out: Any) -> list[Any]:
        """Return the arguments of the backward function, and set the root from its upstream."""
        program, given = self._program, arguments
        upstream, arguments, has_cache = with_cache(program, given, out)
        if len(upstream) < len(given) and given[-1] is not None:
            self.notes.append(texts.CACHE_IGNORED)
        outputs = out[:-1] if has_cache else out if isinstance(out, tuple) else (out,)
        outputs = [
            each for each in outputs if isinstance(each, RecordedArray) and each.dtype.kind == "f"
        ]
        gradients = [e for e in upstream if isinstance(e, RecordedArray) and e.dtype.kind == "f"]
        if program.upstream is not None and not gradients:
            gradients = _several(program.upstream)
        seeds: dict[int, Any] = {}
        for each, gradient in zip(outputs, gradients, strict=False):
            if np.squeeze(each).shape != np.squeeze(gradient).shape:
                field = texts.upstream_shape(np.shape(gradient), np.shape(each))
                raise InvalidInput("upstream", field)
            seed = np.array(gradient, dtype=float).reshape(np.shape(each))
            seeds[self.recorder.read(each)] = seed
        if not gradients and outputs:
            seeds[self.recorder.read(outputs[0])] = np.ones(np.shape(outputs[0]))
            if np.size(outputs[0]) > 1:
                self.notes.append(texts.OUTPUT_SUMMED)
        if not seeds:
            raise InvalidInput("forward", texts.NO_OUTPUT)
        self.root = CostRoot("upstream", seeds)
        return arguments

    def _upstream_of_result(self, value: Any) -> None:
        """Take ``upstream`` as the gradient of the float arrays that the function returns."""
        values = value if isinstance(value, tuple) else (value,)
        outputs = [e for e in values if isinstance(e, RecordedArray) and e.dtype.kind == "f"]
        seeds = {}
        for each, gradient in zip(outputs, _several(self._program.upstream), strict=False):
            if np.shape(each) == np.shape(gradient):
                seeds[self.recorder.read(each)] = np.array(gradient, dtype=float)
        if seeds and self.root is None:
            self.root = CostRoot("upstream", seeds)

    # After the run

    def _arrays(self, path: str, value: Any, seen: set[int], depth: int = 0) -> Iterator[Returned]:
        """Yield the recorded arrays in a value, its containers and objects."""
        if isinstance(value, RecordedArray):
            with contextlib.suppress(InvalidInput):
                yield Returned(path or "result", self.recorder.read(value))
            return
        if id(value) in seen or depth > MAX_DEPTH or isinstance(value, (*_PLAIN, float)):
            return
        seen.add(id(value))
        if isinstance(value, list | tuple):
            for place, each in islice(_items(path, value), MAX_ITEMS):
                yield from self._arrays(place, each, seen, depth + 1)
        elif isinstance(value, dict):
            for key, each in list(value.items()):
                yield from self._arrays(f"{path}[{key!r}]", each, seen, depth + 1)
        elif isinstance(value, MethodType):
            yield from self._arrays(path, value.__self__, seen, depth)
        elif _is_own(value):
            for name, each in _attributes(value).items():
                yield from self._arrays(f"{path}.{name}" if path else name, each, seen, depth + 1)

    def _plain(self, path: str, value: Any, depth: int = 0) -> Iterator[Returned]:
        """Yield the arrays in a value that left the recording: of objects, of a library."""
        array = isinstance(value, np.ndarray) and not isinstance(value, RecordedArray)
        if array or isinstance(value, float):
            value = np.asarray(value)
            with contextlib.suppress(TypeError, ValueError):
                found = self.recorder.start(value.astype(float))
                yield Returned(path or "result", self.recorder.read(found))
        items: Any = ()
        if isinstance(value, list | tuple) and depth < MAX_DEPTH:
            items = enumerate(value[:MAX_ITEMS])
        elif isinstance(value, dict) and depth < MAX_DEPTH:
            items = value.items()
        for key, each in items:
            yield from self._plain(f"{path}[{key!r}]", each, depth + 1)

    def _state(self) -> list[Returned]:
        seen: set[int] = set()
        found: list[Returned] = []
        program = self._program
        named = list(program.keywords.items())
        for function, values in (
            (program.function, program.arguments),
            (program.forward, program.of_forward),
        ):
            named += [("self", function), *zip(self._names(function, values), values, strict=True)]
        for name, value in named:
            # The names of a cell stand for themselves.
            is_cell = isinstance(value, dict) and id(value) in self.recorder.globals_ids
            for path, each in value.items() if is_cell else [(name, value)]:
                found += self._arrays(path, each, seen)
        for name, names, key, _ in self._places:
            if id(names) in self.recorder.globals_ids:
                found += self._arrays(name, names.get(key), seen)
        for name, cell in self._cells:
            found += self._arrays(name, cell.cell_contents, seen) if is_filled(cell) else ()
        for value in self._alive:
            found += self._arrays(self._paths.get(id(value), ""), value, seen)
        return found

    def _after(self) -> dict[int, int]:
        """Return the step that stands at the end in the place of each source."""
        found = {key: self.recorder.read(array) for key, array in self._sources.items()}
        for name, container, key, before in self._places:
            with contextlib.suppress(KeyError, IndexError, TypeError, InvalidInput):
                now = container[key]
                source = next((k for k, v in self._sources.items() if v is before), None)
                if source is not None and now is not before and isinstance(now, RecordedArray):
                    found[source] = self.recorder.read(now)
                for place, each in _items(name, now) if isinstance(now, tuple) else ():
                    old = self._replaceable.get(place)
                    source = next((k for k, v in self._sources.items() if v is old), None)
                    if source is not None and isinstance(each, RecordedArray):
                        found[source] = self.recorder.read(each)
        # Data that are shuffled in their list are not updated.
        return {key: key if at in self._sources else at for key, at in found.items()}

    def _written(self) -> dict[str, tuple[str, int]]:
        found: dict[str, tuple[str, int]] = {}
        origin: dict[int, int] = {}
        for record in self.recorder.records:
            if record.previous is None:
                continue
            origin[record.key] = source = origin.get(record.previous, record.previous)
            if source in self._paths and record.calls:
                frame = self._frame(record.calls[0])
                found.setdefault(self._paths[source], (frame.file, frame.line))
        return found

    def _step(self, record: Record) -> Step:
        frames = tuple(map(self._frame, record.calls))
        value = np.asarray(record.value)
        path = self._paths.get(record.key)
        inputs, attributes = record.inputs, record.attributes
        name = text = ""
        handed_back = False
        if path is None and record.calls:
            site = self.recorder.sources.site(record.calls[0].code, record.calls[0].instruction)
            # Entries with an array of indices are set where their target stands.
            direct = site.direct or record.op == "setitem"
            name = site.targets[0] if direct and len(site.targets) == 1 else ""
            text, handed_back = site.text, site.returned
        op = record.op or ""
        place = (frames, path, name, text, handed_back)
        return Step(record.key, op, inputs, attributes, value, *place)

    def _frame(self, call: Any) -> SourceFrame:
        site = self.recorder.sources.site(call.code, call.instruction)
        code = call.code
        return SourceFrame(code.co_filename, site.line, code.co_name, call.frame, call.instruction)

    def _finish(self, run: Run, returned: list[Returned], state: list[Returned]) -> None:
        """Sort what the run left behind into results, updates and values of before."""
        sources = set(run.sources)
        if run.start:
            # What a backward function leaves in a cache or an argument is no update.
            versions = versions_of(run)
            run.after = {each: last for each, last in run.after.items() if last in versions}
            run.forget()
        run.plain += [e for e in returned if e.index in sources and run.steps[e.index].value.ndim]
        last = _last_return(self._program.function)
        value = None if last is None else last.value
        parts = value.elts if isinstance(value, ast.Tuple) else []
        names = {f"[{k}]": e.id for k, e in enumerate(parts) if isinstance(e, ast.Name)}
        for each in returned:
            if each.index < run.start:
                frames = _return_frame(self._program.function)
                step = run.steps[each.index]
                at = len(run.steps)
                run.steps.append(Step(at, "copy", (each.index,), {}, step.value, frames))
                each = Returned(each.path, at)
            if each.index not in sources:
                run.returned.append(replace(each, name=names.get(each.path, "")))
        seen = {each.index for each in run.returned}
        made = [each for each in state if run.steps[each.index].op]
        run.places_at_end = {each.path: each.index for each in made if each.path}
        for each in state:
            if each.index not in seen and each.index not in sources and run.steps[each.index].op:
                seen.add(each.index)
                run.state.append(each)


@contextlib.contextmanager
def _traced(tracer: Any) -> Iterator[None]:
    """Have a trace function, if there is one, while the program runs."""
    before = sys.gettrace()
    try:
        if tracer is not None:
            sys.settrace(tracer)
        yield
    finally:
        if tracer is not None:
            sys.settrace(before)


def _runs_alone(program: ProgramCall) -> bool:
    """Whether a program that raised under the recorder does not raise without it."""
    if program.forward is not None:
        return False
    try:
        with (
            saved_state(program.function, *program.arguments, *program.keywords.values()),
            contextlib.redirect_stdout(_Output()),
            np.errstate(all="ignore"),
            TimeLimit(program.max_seconds),
        ):
            program.function(*program.arguments, **program.keywords)
    except (Exception, LimitReached):  # noqa: BLE001 - a student's function may raise anything
        return False
    return True


def _has_modules(names: dict[Any, Any]) -> bool:
    return any(map(is_replaced, names.values()))


def _several(upstream: Any) -> list[Any]:
    return list(upstream) if isinstance(upstream, tuple | list) else [upstream]


def with_cache(
    program: ProgramCall, given: Sequence[Any], out: Any
) -> tuple[list[Any], list[Any], bool]:
    """Return the upstream gradients of a pair, the arguments of its backward function, and whether
    what the forward function returned, ``out``, has a cache.
    """
    upstream, arguments = list(given), list(given)
    place = next((k for k, each in enumerate(given) if each is None), None)
    is_method = hasattr(program.function, "__self__")
    has_cache = isinstance(out, tuple) and len(out) > 1 and (place is not None or not is_method)
    if has_cache and place is not None:
        arguments[place] = out[-1]
    elif has_cache:
        if upstream and len(upstream) >= _required(program.function):
            upstream.pop()
        arguments = [*upstream, out[-1]]
    return upstream, arguments, has_cache


def _required(function: Any) -> int:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return 0
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return sum(each.default is each.empty and each.kind in kinds for each in parameters)


def _is_own(value: Any) -> bool:
    """Whether a value is an object of a class that the student wrote."""
    kind = type(value)
    names = getattr(value, "__dict__", None)
    if isinstance(value, type | FunctionType) or not (isinstance(names, dict) or slots_of(value)):
        return False
    if kind.__module__ in ("types", "__main__"):
        return True
    codes = [getattr(each, "__code__", None) for each in vars(kind).values()]
    return any(code is not None and is_own_code(code.co_filename) for code in codes)


def _line_of(error: BaseException | None) -> tuple[str, int] | None:
    """Return the last line of the student's own code in an exception."""
    if error is None:
        return None
    frames = traceback.extract_tb(error.__traceback__)
    own = [each for each in frames if is_own_code(each.filename)]
    return (own[-1].filename, own[-1].lineno or 0) if own else None


def _return_frame(function: Any) -> tuple[SourceFrame, ...]:
    """Return the frame of a function's last ``return``."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    if code is None:
        return ()
    last = _last_return(function)
    line = code.co_firstlineno if last is None else last.lineno
    return (SourceFrame(code.co_filename, line, code.co_name, -1, -1),)


def _last_return(function: Any) -> ast.Return | None:
    """Return the last ``return`` in the source of a function, if it can be read."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    functions = (
        [
            node
            for node in nodes_of(code.co_filename)
            if isinstance(node, ast.FunctionDef)
            if node.name == code.co_name
            and node.lineno <= code.co_firstlineno + len(node.decorator_list)
        ]
        if code is not None
        else []
    )
    nodes = [each for node in functions[-1:] for each in ast.walk(node)]
    returns = [each for each in nodes if isinstance(each, ast.Return)]
    return max(returns, key=lambda each: each.lineno, default=None)
