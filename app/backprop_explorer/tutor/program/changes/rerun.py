"""Run a student's program again, without recording, while a function has changed source.

The results are found by their values: where a first run without changes has the numbers that were
recorded.
"""

from __future__ import annotations

import ast
import contextlib
import dis
import io
import linecache
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import CodeType, FrameType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from backprop_explorer.engine.ops import OPS
from backprop_explorer.engine.ops.operation import Array
from backprop_explorer.tutor.program.checked_numpy import checked_numpy
from backprop_explorer.tutor.program.recording import with_cache
from backprop_explorer.tutor.program.saved_state import saved, slots_of
from backprop_explorer.tutor.program.steps import VIEWS, Run, SourceFrame, Step, last_name
from backprop_explorer.tutor.program.time_limit import LimitReached, TimeLimit, is_own_code

MAX_DEPTH, MAX_ARRAYS, MAX_TIMES, MAX_BESIDE = 7, 4000, 300, 60
# The longest run of a changed program: its loop may never end.
MAX_SECONDS = 0.3
# The longest run of the unchanged program, which is known to end.
FIRST_SECONDS = 10.0
# How long a run takes on a usual machine, in seconds: to compile a changed function, to put back an
# object, for each operation by its family, for one that moves entries, and for each entry that is
# computed. Fitted to 349 programs, of which nine in ten take 0.7 to 1.2 times as long.
COMPILE, PUT_BACK, ENTRY = 1.5e-4, 4e-7, 2.7e-8
OF_FAMILY, OTHER, MOVE = {"elementwise": 4e-7, "reduction": 2.1e-6}, 9e-7, 8e-8
# A program that calls one of these does more than compute: it runs once.
_FUNCTIONS = frozenset({"open", "input", "exec", "eval"})
_EFFECTS = frozenset({"system", "popen", "show", "savefig", "pause", "sleep", "savez", "savetxt"})
_EFFECTS |= {"dump", "to_csv", "urlopen"}
CAN_MONITOR = hasattr(sys, "monitoring")
_PLAIN = (str, bytes, bool, complex, type(None), ModuleType, FunctionType, type)
# How to get to a value: from a root, by keys and names of attributes.
Way = tuple[tuple[str, Any], ...]
OnLine = Callable[[FrameType], None]


class _StopHere(BaseException):
    """Ends a run where the recorded one was cut."""


@dataclass(eq=False)
class SourceFunction:
    """A function of the student's with its syntax tree, which may be changed in place.

    ``written`` is the lambda that ``node`` stands for, if it is one.
    """

    function: FunctionType
    node: ast.FunctionDef
    outer: ast.stmt
    written: ast.Lambda | None = None

    def compiled(self) -> CodeType:
        """Return the code of the tree as it is now. Raises SyntaxError, ValueError, TypeError."""
        before = self.function.__code__
        if self.written is not None:
            self.written.body = self.node.body[0].value  # type: ignore[attr-defined]
        # A class is needed for super() and for names such as self.__w, what is around a function
        # for its closure.
        is_private = any("__" in each[1:] and not each.endswith("__") for each in before.co_names)
        is_part = before.co_freevars or is_private or self.written is not None
        body = self.outer if is_part else self.node
        whole = ast.Module([body], type_ignores=[])
        module = compile(whole, before.co_filename, "exec", dont_inherit=True)
        found = next(_codes(module, before.co_name, before.co_firstlineno), None)
        if found is None or found.co_freevars != before.co_freevars:
            raise ValueError(before.co_name)
        return found


def _codes(code: CodeType, name: str, line: int) -> Iterator[CodeType]:
    for each in code.co_consts:
        if isinstance(each, CodeType):
            if each.co_name == name and each.co_firstlineno == line:
                yield each
            yield from _codes(each, name, line)


def _as_function(node: ast.Lambda) -> ast.FunctionDef:
    """Return a function with one statement, which returns what a lambda computes."""
    statement = ast.copy_location(ast.Return(node.body), node)
    function = ast.FunctionDef("<lambda>", node.args, [statement], [])
    return ast.copy_location(function, node)


class Reruns:
    """Runs of one program, up to where its recorded ``run`` ends.

    ``results`` are the steps whose values are wanted, with their paths; ``known`` those that a
    run gives. ``shapes`` are those that results of the wrong shape should have.
    """

    def __init__(
        self,
        run: Run,
        results: Sequence[tuple[str, Step]],
        shapes: Mapping[int, tuple[int, ...]] | None = None,
    ) -> None:
        assert run.program is not None
        self._steps = run.steps
        self.program = program = run.program
        self._roots = (program.function, program.forward, *program.arguments, *program.of_forward)
        self._saved = saved(*self._roots, *program.keywords.values())
        self.functions = list(self._functions())
        self._ways: dict[int, Way] = {}
        self._beside: dict[int, list[Way]] = {}
        # Other arrays of the shape of a result that are kept, such as its gradient.
        self.beside: dict[int, list[Array]] = {}
        self._shapes = {step.index: step.value.shape for _, step in results}
        self._wanted = shapes or {}
        self._end: SourceFrame | None = None
        self._ending: list[FunctionType] = []
        self._count = 0
        self.was_stopped = False  # the last run took too long
        frames = run.end.frames if run.end is not None else ()
        # The innermost line may have run many times before: one that calls it has run less often.
        ends: Sequence[SourceFrame | None] = (*frames[:1], *frames[:0:-1])
        for each in ends or [None]:
            if self.only_computes and len(self._ways) < len(results):
                self._stop_at(each)
                self._find(results)

    def _stop_at(self, frame: SourceFrame | None) -> None:
        """End a run where a line runs, or at its own end."""
        self._end, self._ways, self._count = frame, {}, 0
        self._ending = [
            each.function
            for each in self.functions
            for code in (each.function.__code__, *_all_codes(each.function.__code__))
            if frame is not None and _is_of(code, frame)
        ]

    @cached_property
    def seconds(self) -> float:
        """How long a run takes on a usual machine; the same on any."""
        found = COMPILE + PUT_BACK * self._saved.size
        for step in self._steps:
            if step.op in VIEWS or step.op == "setitem":
                found += MOVE
            elif step.op:
                family = OPS[step.op].family if step.value.size > 1 else ""
                found += OF_FAMILY.get(family, OTHER if step.value.size > 1 else MOVE)
                found += ENTRY * step.value.size
        return found

    @cached_property
    def _names(self) -> set[str]:
        """The names in the code of the functions that may run."""
        codes = [c for each in self._saved.functions for c in _all_codes(each.__code__)]
        codes += [each.__code__ for each in self._saved.functions]
        return {name for each in codes for name in each.co_names}

    @property
    def may_crash(self) -> bool:
        """Whether the program calls what may end Python with arguments of other shapes: as_strided
        reads beyond its array, and so does np.add.at of a NumPy that a function imports.
        """
        return "as_strided" in self._names or {"at", "numpy"} <= self._names

    @cached_property
    def only_computes(self) -> bool:
        """Whether the functions that may run call nothing that is seen outside of the program."""
        waiting = [getattr(each, "__func__", each) for each in self._roots[:2]]
        by_name: dict[str, list[CodeType]] = {}
        for function in self._saved.functions:
            by_name.setdefault(function.__name__, []).append(function.__code__)
        codes = [code for each in waiting if (code := getattr(each, "__code__", None))]
        codes = codes or [code for some in by_name.values() for code in some]
        seen = set(codes)
        while codes:
            code = codes.pop()
            if _has_effect(code):
                return False
            # A class is called by its name.
            names = {"__init__", "__call__", *code.co_names}
            found = [*_all_codes(code), *(c for name in names for c in by_name.get(name, ()))]
            codes += [each for each in found if each not in seen]
            seen.update(found)
        return True

    @property
    def known(self) -> set[int]:
        """The steps whose values a run gives."""
        return set(self._ways)

    def _functions(self) -> Iterator[SourceFunction]:
        trees: dict[str, ast.Module | None] = {}
        for function in self._saved.functions:
            file = function.__code__.co_filename
            if file not in trees:
                try:
                    trees[file] = ast.parse("".join(linecache.getlines(file)))
                except (SyntaxError, ValueError):
                    trees[file] = None
            tree = trees[file]
            line = function.__code__.co_firstlineno
            for outer in tree.body if tree is not None else ():
                before = [each.lineno for each in getattr(outer, "decorator_list", ())]
                if not min([outer.lineno, *before]) <= line <= (outer.end_lineno or line):
                    continue
                nodes = list(ast.walk(outer))
                for node in nodes:
                    if isinstance(node, ast.FunctionDef) and node.name == function.__name__:
                        first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
                        if first == line:
                            yield SourceFunction(function, node, outer)
                lambdas = [e for e in nodes if isinstance(e, ast.Lambda) and e.lineno == line]
                if function.__name__ == "<lambda>" and len(lambdas) == 1:
                    yield SourceFunction(function, _as_function(lambdas[0]), outer, lambdas[0])

    def _find(self, results: Sequence[tuple[str, Step]]) -> None:
        """Find where a run has the values that were recorded, and when, if it was cut."""
        sizes = {step.value.size for _, step in results}
        times = 0

        def look(roots: Mapping[str, Any]) -> bool:
            arrays = [(way, each) for way, each in _arrays(roots) if each.size in sizes]
            found: dict[int, Way] = {}
            for path, step in results:
                ways = [way for way, each in arrays if _is_same(each, step.value)]
                # Of two names of an array that of the result.
                own = last_name(path)
                named = [way for way in ways if str(way[-1][1]) == own]
                if ways:
                    found[step.index] = (named or ways)[0]
            if len(found) > len(self._ways):
                self._ways, self._count = found, times
                self._beside = {
                    step.index: [
                        way
                        for way, each in arrays
                        if each.shape == step.value.shape and way not in found.values()
                    ][:MAX_BESIDE]
                    for _, step in results
                    if step.value.size > 2
                }
            return len(found) == len(results)

        def at_end(frame: FrameType) -> None:
            nonlocal times
            if look({**_locals_of(_frames_from(frame)), **self._reachable()}) or times > MAX_TIMES:
                raise _StopHere
            times += 1

        roots = self._run(at_end, FIRST_SECONDS)
        if self._end is None and roots is not None:
            look(roots)
        self._saved.restore()

    def values(self) -> dict[int, Array] | None:
        """Return the results of the program as it is now, of those that have the recorded size or
        the one that they should have; None if it raises.
        """
        found = self._values()
        # Garbage collection or a busy machine may have taken the time: then try once more.
        return self._values() if self.was_stopped else found

    def _values(self) -> dict[int, Array] | None:
        left = self._count

        def at_end(_: FrameType) -> None:
            nonlocal left
            if left == 0:
                raise _StopHere
            left -= 1

        roots = self._run(at_end)
        found: dict[int, Array] = {}
        for step, ways in self._beside.items() if roots is not None else ():
            kept, shape = (_at(roots, way) for way in ways), self._shapes[step]
            # To put values back writes into these arrays.
            self.beside[step] = [
                e.copy() for e in kept if isinstance(e, np.ndarray) and e.shape == shape
            ]
        for step, way in self._ways.items() if roots is not None else ():
            value = _at(roots, way)
            array = None if value is None or np.iscomplexobj(value) else np.array(value, float)
            shapes = (self._shapes[step], self._wanted.get(step, self._shapes[step]))
            for shape in shapes if array is not None else ():
                if array is not None and array.size == np.prod(shape, dtype=int):
                    # A transposed result stays so.
                    same = array.squeeze().shape == np.empty(shape).squeeze().shape
                    found.setdefault(step, array.reshape(shape) if same else array)
        self._saved.restore()
        return None if roots is None else found

    def _run(self, at_end: OnLine, seconds: float = MAX_SECONDS) -> Any:
        """Run the program; return what can be reached afterwards, None if it raised or took longer.

        ``at_end`` is called before the line where the recorded run ended.
        """
        program, found, self.was_stopped = self.program, dict[str, Any](), False
        own = self._saved.functions if "at" in self._names else ()
        with contextlib.redirect_stdout(io.StringIO()), checked_numpy(own):
            try:
                with TimeLimit(seconds), self._traced(at_end):
                    if program.forward is None:
                        found["returned"] = program.function(*program.arguments, **program.keywords)
                    else:
                        out = program.forward(*program.of_forward)
                        _, given, _ = with_cache(program, program.arguments, out)
                        found["returned"] = program.function(*given, **program.keywords)
            except _StopHere as error:
                found = _locals_of(_frames_of(error))
            except (Exception, SystemExit):  # noqa: BLE001 - it may raise anything
                return None
            except LimitReached:
                self.was_stopped = True
                return None
        return {**found, **self._reachable()}

    def _reachable(self) -> dict[str, Any]:
        program = self.program
        owners = [program.function, program.forward]
        functions = {id(f.__globals__): f.__globals__ for f in self._saved.functions}
        return {
            "self": [e.__self__ for e in owners if isinstance(e, MethodType)] or owners,
            "given": (program.arguments, program.keywords, program.of_forward),
            "globals": list(functions.values()),
        }

    @contextlib.contextmanager
    def _traced(self, at_end: OnLine) -> Iterator[None]:
        end = self._end
        codes = [each.__code__ for each in self._ending]
        ending = [k for each in codes for k in (each, *_all_codes(each)) if end and _is_of(k, end)]
        if end is None:
            yield
        elif ending and CAN_MONITOR:
            with _monitored(ending, end.line, at_end):
                yield
        else:
            before = sys.gettrace()
            sys.settrace(_tracer(at_end, end))
            try:
                yield
            finally:
                sys.settrace(before)


def _tracer(at_end: OnLine, end: SourceFrame) -> Any:
    """Return a trace function that calls a function before one line."""

    def local(frame: FrameType, event: str, _: Any) -> Any:
        if event == "line" and frame.f_lineno == end.line:
            at_end(frame)
        return local

    def tracer(frame: FrameType, event: str, _: Any) -> Any:
        return local if _is_of(frame.f_code, end) else None

    return tracer


def _frames_of(error: BaseException) -> list[FrameType]:
    """Return the frames of the student's functions that an exception went through."""
    found, trace = list[FrameType](), error.__traceback__
    while trace is not None:
        found.append(trace.tb_frame)
        trace = trace.tb_next
    return found


def _frames_from(frame: FrameType | None) -> list[FrameType]:
    """Return a frame and those around it in the program, the outermost first."""
    found = list[FrameType]()
    while frame is not None and frame.f_code is not Reruns._run.__code__:
        found.append(frame)
        frame = frame.f_back
    return found[::-1]


def _locals_of(frames: Sequence[FrameType]) -> dict[str, Any]:
    own = [each for each in frames if is_own_code(each.f_code.co_filename)]
    return {f"{f.f_code.co_name}/{at}": dict(f.f_locals) for at, f in enumerate(own)}


def _is_same(array: Array, recorded: Array) -> bool:
    value = np.asarray(recorded, dtype=float)
    same = array.size == value.size and array.squeeze().shape == value.squeeze().shape
    return same and bool(np.allclose(array.ravel(), value.ravel(), rtol=1e-9, atol=1e-300))


@contextlib.contextmanager
def _monitored(codes: Sequence[CodeType], line: int, at_line: OnLine) -> Iterator[None]:
    """Call a function before each run of a line; other lines are not slower."""
    monitoring: Any = sys.monitoring  # type: ignore[attr-defined,unused-ignore]
    tool = next((n for n in range(6) if monitoring.get_tool(n) is None), None)
    if tool is None:
        yield
        return

    def on_line(_: CodeType, number: int) -> Any:
        if number != line:
            return monitoring.DISABLE
        at_line(sys._getframe(1))
        return None

    monitoring.use_tool_id(tool, __name__)
    try:
        monitoring.register_callback(tool, monitoring.events.LINE, on_line)
        for code in codes:
            monitoring.set_local_events(tool, code, monitoring.events.LINE)
        yield
    finally:
        for code in codes:
            monitoring.set_local_events(tool, code, 0)
        monitoring.free_tool_id(tool)


def _has_effect(code: CodeType) -> bool:
    """Whether a function calls something that is seen outside of the program, by its names."""
    if not _EFFECTS.isdisjoint(code.co_names):
        return True
    # An attribute may have the name of a function of Python's.
    return not _FUNCTIONS.isdisjoint(code.co_names) and any(
        each.opname in ("LOAD_GLOBAL", "LOAD_NAME") and each.argval in _FUNCTIONS
        for each in dis.get_instructions(code)
    )


def _all_codes(code: CodeType) -> Iterator[CodeType]:
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield each
            yield from _all_codes(each)


def _is_of(code: CodeType, of: SourceFrame) -> bool:
    return code.co_name == of.function and code.co_filename == of.file


def _arrays(roots: Mapping[str, Any]) -> Iterator[tuple[Way, Array]]:
    """Yield the arrays and numbers that can be reached, with the ways to them."""
    seen, count = set[int](), 0
    waiting: list[tuple[Way, Any]] = [((("key", name),), each) for name, each in roots.items()]
    while waiting and count < MAX_ARRAYS:
        way, value = waiting.pop(0)
        if isinstance(value, np.ndarray) and value.dtype != object:
            if value.dtype.kind in "fiub":
                count += 1
                yield way, np.array(value, dtype=float)
            continue
        if isinstance(value, int | float | np.number) and not isinstance(value, bool):
            count += 1
            yield way, np.array(float(value))
            continue
        if isinstance(value, _PLAIN) or id(value) in seen or len(way) > MAX_DEPTH:
            continue
        seen.add(id(value))
        waiting += [((*way, step), each) for step, each in _inside(value)]


def _inside(value: Any) -> Iterator[tuple[tuple[str, Any], Any]]:
    if isinstance(value, dict):
        yield from ((("key", key), each) for key, each in list(value.items()))
    elif isinstance(value, list | tuple):
        yield from ((("key", at), each) for at, each in enumerate(value))
    elif isinstance(value, np.ndarray):
        yield from ((("key", at), each) for at, each in np.ndenumerate(value))
    elif isinstance(value, MethodType):
        yield ("name", "__self__"), value.__self__
    elif is_own_code(getattr(sys.modules.get(type(value).__module__), "__file__", "") or "<cell"):
        names = getattr(value, "__dict__", None)
        # Lists and arrays of a class are those of its objects, too.
        shared = {
            name: each
            for kind in type(value).__mro__[-2::-1]
            for name, each in vars(kind).items()
            if isinstance(each, list | dict | np.ndarray) and not name.startswith("__")
        }
        own = {**shared, **(names if isinstance(names, dict) else {}), **slots_of(value)}
        yield from ((("name", name), each) for name, each in own.items())


def _at(value: Any, way: Way) -> Any:
    """Return what stands at the end of a way, None if the way ends before."""
    for kind, key in way:
        try:
            value = value[key] if kind == "key" else getattr(value, key)
        except (KeyError, IndexError, TypeError, AttributeError):
            return None
    return value
