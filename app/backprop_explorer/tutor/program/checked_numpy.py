"""NumPy for programs that run again with changes.

Where values have more axes than the entries that they are added to, np.add.at and its like raise
here; NumPy itself would crash Python (see TooManyAxesError).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from backprop_explorer.record.array import TooManyAxesError


class _CheckedUfunc:
    """A function of NumPy whose ``at`` raises where NumPy would read beyond an array."""

    def __init__(self, function: np.ufunc) -> None:
        self._function = function

    def __call__(self, *given: Any, **options: Any) -> Any:
        return self._function(*given, **options)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._function, name)

    def at(self, array: Any, indices: Any, *values: Any) -> None:
        """Do what ``at`` of the function does. Raises TooManyAxesError."""
        if values and np.ndim(values[0]) > np.ndim(array[indices]):
            raise TooManyAxesError(np.shape(values[0]))
        self._function.at(array, indices, *values)


def _checked() -> ModuleType:
    found = ModuleType("numpy")
    found.__dict__.update(vars(np))
    for name in ("add", "subtract", "multiply", "divide", "maximum", "minimum"):
        setattr(found, name, _CheckedUfunc(getattr(np, name)))
    return found


@contextlib.contextmanager
def checked_numpy(functions: Iterable[FunctionType]) -> Iterator[None]:
    """Replace NumPy among the globals of functions meanwhile."""
    checked = _checked()
    places = [
        (names, name)
        for names in {id(each.__globals__): each.__globals__ for each in functions}.values()
        for name, value in names.items()
        if value is np
    ]
    for names, name in places:
        names[name] = checked
    try:
        yield
    finally:
        for names, name in places:
            names[name] = np
