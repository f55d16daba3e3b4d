"""Save the state that a student's function may change, and put it back afterwards."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from operator import is_
from types import FunctionType, MemberDescriptorType, MethodType, ModuleType, SimpleNamespace
from typing import Any

import numpy as np

from backprop_explorer.tutor.program.time_limit import is_own_code

# What is beyond these bounds is not saved.
MAX_OBJECTS = 50_000
MAX_BYTES = 256 * 2**20
# Of each module, and of objects of its classes: what reads a generator's state, what puts it back.
RANDOM_STATES = {
    "random": ("getstate", "setstate"),
    "numpy.random.mtrand": ("get_state", "set_state"),
    "torch": ("get_rng_state", "set_rng_state"),
}

Restore = Callable[[], Any]


@contextmanager
def saved_state(*roots: Any) -> Iterator[_Saver]:
    """Put back afterwards what can be reached from ``roots``, and the states of random generators.

    ``roots`` are functions, with their globals and closures, and arguments. Containers, arrays and
    objects of the student's classes keep their identity: their content is put back. Gives what was
    found: the arrays and lists, and the student's functions.
    """
    saver = saved(*roots)
    try:
        yield saver
    finally:
        saver.restore()


def saved(*roots: Any) -> _Saver:
    """Return what can be reached from ``roots``; its ``restore`` puts the content back."""
    saver = _Saver()
    saver.save(roots)
    return saver


def _random_states() -> list[Restore]:
    """Save the states of ``random`` and of NumPy's global generator, which students seed."""
    restores: list[Restore] = []
    for name, (read, write) in RANDOM_STATES.items():
        module = sys.modules.get(name)
        if module is not None and hasattr(module, read):
            restores.append(partial(getattr(module, write), getattr(module, read)()))
    return restores


class _Saver:
    """Walks over everything reachable, and collects functions that put back each part."""

    def __init__(self) -> None:
        self._seen: set[int] = set()
        self._alive: list[Any] = []
        self._left = MAX_BYTES
        self._restores: list[Restore] = []
        self.found: list[Any] = []
        self.functions: list[FunctionType] = []

    @property
    def size(self) -> int:
        """How many parts are saved."""
        return len(self._restores)

    def restore(self) -> None:
        """Put back the content, and the states of random generators."""
        for restore in self._restores:
            restore()

    def save(self, roots: Any) -> None:
        self._restores += _random_states()
        waiting = list(roots)
        while waiting and len(self._alive) < MAX_OBJECTS:
            value = waiting.pop()
            if isinstance(value, int | float | str | bytes | bool | None) or (
                id(value) in self._seen
            ):
                continue
            self._seen.add(id(value))
            self._alive.append(value)
            waiting += self._save(value)

    def _save(self, value: Any) -> list[Any]:
        """Save one object; return the objects inside of it."""
        if isinstance(value, np.ndarray):
            return self._save_array(value)
        if isinstance(value, dict):
            refill = partial(_refill_dict, value, dict(value)) if value else value.clear
            self._restores.append(refill)
            return list(value.values())
        if isinstance(value, list):
            self._restores.append(partial(_refill_list, value, list(value)))
            self.found.append(value)
            return list(value)
        if isinstance(value, set):
            self._restores.append(partial(_refill_set, value, set(value)))
            return []
        if isinstance(value, tuple):
            return list(value)
        if isinstance(value, np.random.Generator):
            state = value.bit_generator.state
            self._restores.append(partial(setattr, value.bit_generator, "state", state))
            return []
        read, write = RANDOM_STATES.get(type(value).__module__, ("", ""))
        if read and hasattr(value, read):
            self._restores.append(partial(getattr(value, write), getattr(value, read)()))
            return []
        return self._save_code_or_object(value)

    def _save_array(self, value: np.ndarray) -> list[Any]:
        if value.flags.writeable and value.dtype != object and value.nbytes <= self._left:
            self._left -= value.nbytes
            self._restores.append(partial(_refill_array, value, value.copy()))
            self.found.append(value)
        return []

    def _save_code_or_object(self, value: Any) -> list[Any]:
        if isinstance(value, MethodType):
            return [value.__self__, value.__func__]
        if isinstance(value, staticmethod | classmethod):
            return [value.__func__]
        if isinstance(value, property):
            return [value.fget, value.fset]
        if isinstance(value, FunctionType):
            if not is_own_code(value.__code__.co_filename):
                return []
            self.functions.append(value)
            cells = [cell for cell in value.__closure__ or () if is_filled(cell)]
            for cell in cells:
                content = cell.cell_contents
                self._restores.append(partial(setattr, cell, "cell_contents", content))
            inside = [cell.cell_contents for cell in cells]
            return [value.__globals__, value.__dict__, *inside, *(value.__defaults__ or ())]
        if isinstance(value, ModuleType):
            return [vars(value)] if is_own_module(value) else []
        if isinstance(value, type) and value.__module__ == "builtins":
            return []
        if isinstance(value, type):
            return self._save_class(value)
        # An object of a library, such as the shell of a notebook, leads to all that is in memory.
        if not (isinstance(value, SimpleNamespace) or is_own_class(type(value))):
            return []
        slots = slots_of(value)
        if slots:
            self._restores.append(partial(_refill_slots, value, slots))
        names = getattr(value, "__dict__", None)
        return [type(value), *slots.values(), *([names] if isinstance(names, dict) else [])]

    def _save_class(self, value: type) -> list[Any]:
        if not is_own_class(value):
            return []
        items = {name: item for name, item in vars(value).items() if not name.startswith("__")}
        self._restores.append(partial(_refill_class, value, items))
        return list(items.values())


def is_own_class(kind: type) -> bool:
    """Whether a class is the student's: of a file of theirs, or of no file."""
    source = getattr(sys.modules.get(kind.__module__), "__file__", None)
    return source is None or is_own_code(source)


def slots_of(value: Any) -> dict[str, Any]:
    """Return the attributes of an object that stand in slots."""
    names = [
        name
        for kind in type(value).__mro__
        if "__slots__" in vars(kind)
        for name, item in vars(kind).items()
        if isinstance(item, MemberDescriptorType)
    ]
    return {name: getattr(value, name) for name in names if hasattr(value, name)}


def is_own_module(module: ModuleType) -> bool:
    """Whether a module is a file of the student's."""
    file = getattr(module, "__file__", None)
    return file is not None and is_own_code(file)


def is_filled(cell: Any) -> bool:
    """Whether a cell of a closure has a value."""
    try:
        _ = cell.cell_contents
    except ValueError:
        return False
    return True


def _refill_dict(value: dict[Any, Any], items: dict[Any, Any]) -> None:
    same = len(value) == len(items) and all(map(is_, value.values(), items.values()))
    if not same or not all(map(is_, value, items)):
        # Not cleared first: another thread of the kernel may read a global meanwhile.
        for key in [key for key in value if key not in items]:
            del value[key]
        value.update(items)


def _refill_slots(value: Any, items: dict[str, Any]) -> None:
    # As a frozen dataclass does it.
    for name in slots_of(value).keys() - items.keys():
        object.__delattr__(value, name)
    for name, item in items.items():
        object.__setattr__(value, name, item)


def _refill_list(value: list[Any], items: list[Any]) -> None:
    if len(value) != len(items) or not all(map(is_, value, items)):
        value[:] = items


def _refill_set(value: set[Any], items: set[Any]) -> None:
    if value != items:
        value.clear()
        value.update(items)


def _refill_array(value: np.ndarray, copy: np.ndarray) -> None:
    if value.shape != copy.shape:
        # x.shape = 3 changes an array in place; where it is a view this cannot be undone.
        with contextlib.suppress(AttributeError, ValueError):
            value.resize(copy.shape, refcheck=False)
    if value.shape == copy.shape and value.tobytes() != copy.tobytes():
        value[...] = copy


def _refill_class(value: type, items: dict[str, Any]) -> None:
    for name in [n for n in vars(value) if not n.startswith("__") and n not in items]:
        delattr(value, name)
    for name, item in items.items():
        if vars(value).get(name) is not item:
            setattr(value, name, item)
