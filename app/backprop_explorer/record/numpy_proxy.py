"""What stands for NumPy, ``math`` and ``float`` in a program while it is recorded."""

from __future__ import annotations

import builtins
import functools
import sys
import sysconfig
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from backprop_explorer.record.array import RecordedArray, flat, plain
from backprop_explorer.record.matrix import MatrixType, RecordedMatrix
from backprop_explorer.record.numpy_functions import (
    CONVERTING,
    NumpyRecorder,
    has_recorded,
    plain_type,
)

# The folders of installed libraries.
_SITES = tuple({sysconfig.get_paths()[name] for name in ("purelib", "platlib")})
_MODULES = frozenset(("random", "linalg", "lib", "stride_tricks", "fft", "ma", "special"))
# Functions that do not ask the class of their arguments what to do.
_UNAWARE = (
    *("sliding_window_view", "as_strided", "row_stack"),
    *("logsumexp", "softmax", "log_softmax"),
)
_OF_MATH = {"pow": "power", "fabs": "absolute", "asin": "arcsin", "acos": "arccos"}
_DISTRIBUTIONS = frozenset(
    {"random", "uniform", "triangular", "gauss", "normalvariate", "lognormvariate", "betavariate"}
    | {"expovariate", "gammavariate", "vonmisesvariate", "paretovariate", "weibullvariate"}
)
_TYPES = (np.float64, np.float32, np.vectorize, np.matrix, np.ndarray)
_REPLACED = (
    *("numpy", "numpy.random", "numpy.linalg", "autograd.numpy", "scipy.special", "math", "random"),
)


def is_replaced(value: Any) -> bool:
    """Whether a global of a program is NumPy, a module of it, ``math``, or a function of these."""
    if isinstance(value, types.ModuleType):
        return value.__name__ in _REPLACED
    if isinstance(value, np.ufunc) or any(value is each for each in _TYPES):
        return True
    module = getattr(value, "__module__", None)
    if _is_drawing(value):
        return True
    if not callable(value) or isinstance(value, type) or not isinstance(module, str):
        return False
    return module.split(".")[0] in ("numpy", "autograd", "math") or module == "scipy.special"


def is_library(value: Any) -> bool:
    """Whether a global is a module or function that is installed, but neither NumPy's nor
    Python's own.
    """
    if isinstance(value, type) or not hasattr(value, "__name__"):
        return False
    name = (
        value.__name__ if isinstance(value, types.ModuleType) else getattr(value, "__module__", "")
    )
    top = sys.modules.get(str(name).partition(".")[0])
    file = getattr(top, "__file__", None)
    return top is not None and file is not None and str(file).startswith(_SITES)


def stand_in(recorder: NumpyRecorder, value: Any) -> Any:
    """Return what stands in a program for a global of which ``is_replaced`` is true."""
    if isinstance(value, types.ModuleType):
        return NumpyProxy(recorder, np if value.__name__ == "autograd.numpy" else value)
    if not is_replaced(value):
        return _noting(recorder, value)
    return _replacement(recorder, value, getattr(value, "__name__", ""))


@contextmanager
def recorded_imports(recorder: NumpyRecorder) -> Iterator[None]:
    """Give a program the stand-ins of what it imports while it runs."""
    real = builtins.__import__

    def imported(name: str, scope: Any = None, *args: Any, **keywords: Any) -> Any:
        found = real(name, scope, *args, **keywords)
        if id(scope) in recorder.globals_ids and (is_replaced(found) or is_library(found)):
            return stand_in(recorder, found)
        return found

    builtins.__import__ = imported  # type: ignore[assignment]
    try:
        yield
    finally:
        builtins.__import__ = real


class NumpyProxy(types.ModuleType):
    """Stands for NumPy, or a module of it, in a program: new arrays are recorded."""

    def __init__(self, recorder: NumpyRecorder, module: Any) -> None:
        super().__init__(module.__name__)
        self.__dict__["_recorder"], self.__dict__["_module"] = recorder, module

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._module, name)
        found: Any = real
        if not is_replaced(self._module):
            if is_replaced(real) or is_library(real):
                found = stand_in(self._recorder, real)
        elif isinstance(real, types.ModuleType):
            found = NumpyProxy(self._recorder, real) if name in _MODULES else real
        else:
            found = _replacement(self._recorder, real, name)
        self.__dict__[name] = found
        return found


def _replacement(recorder: NumpyRecorder, real: Any, name: str) -> Any:
    """Return what a program calls instead of a function or type of NumPy, ``math`` or SciPy."""
    if isinstance(real, np.ufunc):
        return UfuncOfLists(recorder, real)
    if any(real is each for each in (np.float64, np.float32, float)):
        return NumberType(recorder, real)
    if name in ("vectorize", "frompyfunc", "matrix", "asmatrix"):
        return MatrixType(recorder) if "matrix" in name else _vectorize(recorder, real)
    if real is np.ndarray:
        return array_type(recorder)
    if not callable(real) or (isinstance(real, type) and name not in ("RandomState", "Random")):
        return real
    module = getattr(real, "__module__", None) or type(real).__module__
    if module == "math":
        return _of_math(name, real)
    if name != "Random" and (module == "random" or _is_drawing(real)):
        # Others, such as shuffle(), move or choose the items of a list.
        return _drawing(recorder, real) if _is_drawing(real) else real
    if module.startswith("autograd") and hasattr(np, name):
        return _replacement(recorder, getattr(np, name), name)
    if name in CONVERTING:
        return _converting(recorder, name, real)
    if name == "isscalar":
        return lambda element: getattr(element, "scalar", False) or real(plain(element))
    if name in ("default_rng", "RandomState", "Random"):
        return lambda *args, **named: DrawnArrays(recorder, real(*args, **named))
    return _recording(recorder, name, real)


def _recording(recorder: NumpyRecorder, name: str, real: Any) -> Callable[..., Any]:
    """Return a function that records what a function makes, or what it does with lists."""
    dispatched = hasattr(real, "_implementation")
    is_drawing = type(getattr(real, "__self__", None)).__name__ == "RandomState"

    def call(*args: Any, **named: Any) -> Any:
        args = tuple(map(plain_type, args))
        named = {key: plain_type(each) for key, each in named.items()}
        if name in _UNAWARE and has_recorded(args):
            return recorder.invoke(name, args, named)
        if dispatched and has_recorded(args):
            first = next((e for e in flat(args) if isinstance(e, RecordedMatrix)), None)
            if first is not None:
                return first.__array_function__(real, (), args, named)
            return recorder.call(real, args, named)
        if name == "shuffle" and isinstance(args[0], RecordedArray):
            args[0][...] = args[0][_order(real, len(args[0]))]
            return None
        if name == "empty":  # Its memory is not the program's: the entries are 0 here.
            return recorder.as_start(np.zeros(*plain(args), **plain(named)))
        if name == "full" and has_recorded((*args[1:], *named.values())):
            whole = recorder.start(np.zeros(plain(args[0] if args else named["shape"])))
            whole[...] = args[1] if len(args) > 1 else named["fill_value"]
            return whole
        if not dispatched:
            args, named = plain(args), plain(named)
        found = real(*args, **named)
        return recorder.as_drawn(found) if is_drawing else recorder.as_start(found)

    call.__name__ = name
    return call


def _is_drawing(value: Any) -> bool:
    """Whether a function is one of Python's or NumPy's that draw numbers of a distribution."""
    owner = getattr(value, "__self__", None)
    return _is_pythons_generator(owner) and value.__name__ in _DISTRIBUTIONS


def _is_pythons_generator(value: Any) -> bool:
    return type(value).__module__ == "random"


def _drawing(recorder: NumpyRecorder, real: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that records the number that a function of ``random`` draws."""

    def draw(*args: Any, **named: Any) -> Any:
        return recorder.as_drawn(real(*plain(args), **plain(named)))

    draw.__name__ = real.__name__
    return draw


def _noting(recorder: NumpyRecorder, real: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of another library: what it computes of recorded arrays is a constant."""

    @functools.wraps(real)
    def call(*args: Any, **named: Any) -> Any:
        own = {name: generator_of(each) for name, each in named.items()}
        found = real(*map(generator_of, args), **own)
        numbers = isinstance(found, np.ndarray | float | np.floating | list | tuple)
        if numbers and not has_recorded((found,)):
            for each in flat((*args, *named.values())):
                if isinstance(each, RecordedArray):
                    recorder.lose(f"{real.__name__}()", each)
        return recorder.as_start(found)

    return call


def _converting(recorder: NumpyRecorder, name: str, real: Any) -> Callable[..., Any]:
    def make(value: Any, dtype: Any = None, **named: Any) -> Any:
        kind = plain_type(dtype)
        of_objects = kind is not None and np.dtype(kind).kind == "O"
        if not has_recorded((value,)):
            known = {key: e for key, e in named.items() if key in ("copy", "order", "ndmin")}
            return recorder.as_start(real(value, dtype=kind, **known))
        if isinstance(value, RecordedArray):
            copies = name == "array" and named.get("copy", True) is not False
            copies |= name == "ascontiguousarray" and not value.flags.c_contiguous
            found = recorder.apply("copy", value) if copies else value
        elif of_objects and len({np.shape(each) for each in value}) > 1:
            found = np.empty(len(value), dtype=object)
            for k, each in enumerate(value):
                found[k] = each
            return found
        else:
            found = recorder.array(list(value))
        if kind is not None and not of_objects:
            found = recorder.astype(found, kind, copy=False)
        found = recorder.adopt(found)
        missing = int(named.get("ndmin", 0)) - found.ndim
        return found if missing <= 0 else recorder.reshape(found, (1,) * missing + found.shape)

    return make


def _vectorize(recorder: NumpyRecorder, real: Any) -> Callable[..., Any]:
    def vectorize(function: Any, *args: Any, **named: Any) -> Callable[..., Any]:
        def mapped(*arrays: Any) -> Any:
            if not has_recorded(arrays):
                return real(function, *args, **named)(*arrays)
            wide = recorder.broadcast_arrays(*arrays) if len(arrays) > 1 else arrays
            rows = [recorder.ravel(each) for each in wide]
            found = [function(*entries) for entries in zip(*rows, strict=True)]
            return recorder.reshape(recorder.array(found), np.shape(wide[0]))

        return mapped

    return vectorize


def _special() -> Any:
    # SciPy takes longer to import than the rest, and few programs call it.
    from scipy import special

    return special


def _of_math(name: str, real: Any) -> Callable[..., Any]:
    counterpart = getattr(np if name != "erf" else _special(), _OF_MATH.get(name, name), None)

    def call(*args: Any) -> Any:
        if name in ("ceil", "floor", "trunc"):
            return real(*plain(args))  # they give whole numbers, such as those of a shape
        if isinstance(counterpart, np.ufunc) and has_recorded(args):
            return counterpart(*args)
        return real(*args)

    return call


class NumberType:
    """Stands for ``float``, ``np.float64`` or ``np.float32``, so that a call of it is recorded."""

    def __init__(self, recorder: NumpyRecorder, real: type) -> None:
        self._recorder, self.real_type = recorder, real
        self.dtype = np.dtype(real)

    def __call__(self, value: Any = 0.0, *args: Any) -> Any:
        if not isinstance(value, RecordedArray):
            return self.real_type(value, *args)
        if self.real_type is float:
            value = self._recorder.reshape(value, ())
        found = self._recorder.astype(value, self.dtype)
        found.scalar = value.ndim == 0
        return found

    def __instancecheck__(self, value: Any) -> bool:
        return isinstance(value, self.real_type) or (
            isinstance(value, RecordedArray) and value.scalar and value.dtype == self.dtype
        )

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real_type, name)

    def __eq__(self, other: object) -> bool:
        return self.real_type == plain_type(other) or self.dtype == other

    def __hash__(self) -> int:
        return hash(self.real_type)


def array_type(recorder: NumpyRecorder) -> Any:
    """Return what stands for ``np.ndarray``, so that an array that is made by it is recorded."""
    if recorder.array_type is not None:
        return recorder.array_type

    class Kind(type):
        def __call__(cls, *args: Any, **named: Any) -> Any:
            if cls is not ndarray:
                return super().__call__(*args, **named)
            if len(args) > 2 or "buffer" in named:
                return recorder.as_start(np.ndarray(*plain(args), **plain(named)))
            return _recording(recorder, "empty", np.empty)(*args, **named)

        def __instancecheck__(cls, value: Any) -> bool:
            known = np.ndarray if cls is ndarray else cls
            return issubclass(type(value), known) and not getattr(value, "scalar", False)

    class ndarray(np.ndarray, metaclass=Kind):  # noqa: N801 - NumPy's name
        pass

    recorder.array_type = ndarray
    return ndarray


class TypeOf:
    """Stands for ``type`` in a program: an array of it has the class that it has without recorder.

    ``type(x) is np.ndarray``, and ``type(x) == float`` of a number.
    """

    def __init__(self, recorder: NumpyRecorder) -> None:
        self._recorder = recorder

    def __call__(self, value: Any, *args: Any) -> Any:
        if args or not isinstance(value, RecordedArray):
            found = type(value, *args)
            return array_type(self._recorder) if found is np.ndarray else found
        if not value.scalar:
            return array_type(self._recorder)
        is_given = value.recorder.records[value.recorder.read(value)].op is None
        return float if is_given else value.dtype.type

    def __instancecheck__(self, value: Any) -> bool:
        return isinstance(value, type)

    def __mro_entries__(self, bases: Any) -> tuple[type, ...]:
        return (type,)


def builtin_stand_ins(recorder: NumpyRecorder) -> dict[str, Any]:
    """Return what stands in a program for Python's own ``float`` and ``type``."""
    return {"float": NumberType(recorder, float), "type": TypeOf(recorder)}


class UfuncOfLists:
    """Stands for a ufunc: NumPy does not look for recorded numbers in lists."""

    def __init__(self, recorder: NumpyRecorder, real: np.ufunc) -> None:
        self._recorder, self._real = recorder, real

    def __call__(self, *inputs: Any, **named: Any) -> Any:
        known = (self._recorder.array(x) if isinstance(x, list | tuple) else x for x in inputs)
        return self._real(*known, **named)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


def _order(shuffle: Callable[..., Any], count: int) -> Any:
    """Return the order that ``shuffle`` puts ``count`` entries into."""
    order = np.arange(count)
    shuffle(order)
    return order


def is_generator(value: Any) -> bool:
    """Whether a value is one of NumPy's random generators."""
    return type(value).__name__ in ("Generator", "RandomState") and type(
        value
    ).__module__.startswith("numpy.random")


def generator_of(value: Any) -> Any:
    """Return the generator that a stand-in has; other values as they are."""
    return vars(value)["_generator"] if type(value) is DrawnArrays else value


class DrawnArrays:
    """Stands for a random generator in a program: the arrays that it draws are recorded."""

    def __init__(self, recorder: NumpyRecorder, generator: Any) -> None:
        self._recorder, self._generator = recorder, generator

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._generator, name)
        if _is_drawing(found):
            return _drawing(self._recorder, found)
        if not callable(found) or _is_pythons_generator(self._generator):
            return found

        def draw(*args: Any, **named: Any) -> Any:
            if name == "shuffle" and isinstance(args[0], RecordedArray):
                args[0][...] = args[0][_order(found, len(args[0]))]
                return None
            return self._recorder.as_drawn(found(*plain(args), **plain(named)))

        return draw
