"""``np.matrix`` in a recorded program: two axes always, and ``*`` is the product of matrices."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from backprop_explorer.record.array import RecordedArray, plain

_REDUCTIONS = frozenset({"sum", "mean", "max", "min", "amax", "amin", "prod", "std", "var"})


def as_matrix(value: Any) -> Any:
    """Return a recorded array of two axes as a matrix on the same memory, others as they are."""
    if isinstance(value, RecordedArray) and value.ndim == 2:
        return np.ndarray.view(value, RecordedMatrix)
    return value


def _of_rows(name: str) -> Callable[..., Any]:
    """Return a method whose result is a matrix; a sum along an axis keeps the axis."""
    method = getattr(RecordedArray, name)

    @functools.wraps(method)
    def call(self: RecordedMatrix, *args: Any, **named: Any) -> Any:
        if name in _REDUCTIONS and (args or named.get("axis") is not None):
            named["keepdims"] = True
        found = method(self, *args, **named)
        if name in ("ravel", "flatten"):
            found = self.recorder.reshape(found, (1, -1))
        return as_matrix(found)

    return call


class RecordedMatrix(RecordedArray):
    """A recorded matrix."""

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **keywords: Any) -> Any:
        return self._as_row(super().__array_ufunc__(ufunc, method, *inputs, **keywords))

    def __array_function__(self, function: Any, types: Any, args: Any, keywords: Any) -> Any:
        options: Mapping[str, Any] = keywords
        axis = args[1] if len(args) > 1 else keywords.get("axis")
        if function.__name__ in _REDUCTIONS and axis is not None:
            options = {**keywords, "keepdims": True}
        found = super().__array_function__(function, types, args, options)
        return self._as_row(found) if function.__name__ == "dot" else as_matrix(found)

    def _as_row(self, found: Any) -> Any:
        """Return the product of a vector and a matrix as a matrix of one row."""
        if isinstance(found, RecordedArray) and found.ndim == 1:
            found = self.recorder.reshape(found, (1, -1))
        return as_matrix(found)

    def __mul__(self, other: Any) -> Any:
        return np.multiply(self, other) if np.ndim(other) == 0 else self.recorder_dot(self, other)

    def __rmul__(self, other: Any) -> Any:
        return np.multiply(other, self) if np.ndim(other) == 0 else self.recorder_dot(other, self)

    __imul__ = __mul__

    def recorder_dot(self, left: Any, right: Any) -> Any:
        """Return the product of two matrices; a row of numbers is one of 1 × n."""
        left, right = (x if np.ndim(x) == 2 else [x] for x in (left, right))
        return as_matrix(self.recorder.dot(left, right))

    def __pow__(self, power: Any, modulo: None = None, /) -> Any:
        found = self
        for _ in range(int(power) - 1):
            found = found * self
        return found

    def __getitem__(self, index: Any) -> Any:
        found = super().__getitem__(index)
        if isinstance(found, RecordedArray) and found.ndim == 1:
            column = isinstance(index, tuple) and len(index) > 1 and np.ndim(plain(index[1])) == 0
            column = column and not isinstance(index[1], slice)
            found = self.recorder.reshape(found, (-1, 1) if column else (1, -1))
        return as_matrix(found)

    @property
    def T(self) -> Any:  # noqa: N802 - NumPy's name
        return as_matrix(self.recorder.transpose(self))

    H = T

    @property
    def A(self) -> Any:  # noqa: N802
        return np.ndarray.view(self, RecordedArray)

    @property
    def A1(self) -> Any:  # noqa: N802
        return self.recorder.ravel(self.A)

    def getA(self) -> Any:  # noqa: N802
        return self.A


for _name in (*_REDUCTIONS - {"amax", "amin"}, *("transpose", "copy", "astype", "reshape", "dot")):
    setattr(RecordedMatrix, _name, _of_rows(_name))
for _name in ("ravel", "flatten", "swapaxes", "clip", "squeeze", "round"):
    setattr(RecordedMatrix, _name, _of_rows(_name))


class MatrixType:
    """Stands for ``np.matrix`` and ``np.asmatrix`` in a program."""

    def __init__(self, recorder: Any) -> None:
        self._recorder = recorder

    def __call__(self, value: Any, dtype: Any = None, copy: bool = True) -> Any:
        if isinstance(value, RecordedArray):
            found = value
        elif isinstance(value, list | tuple):
            found = self._recorder.as_start(self._recorder.array(value))
        else:
            found = self._recorder.as_start(np.array(np.matrix(value)))
        if dtype is not None:
            found = self._recorder.astype(found, dtype)
        return as_matrix(found if np.ndim(found) == 2 else self._recorder.reshape(found, (1, -1)))

    def __instancecheck__(self, value: Any) -> bool:
        return isinstance(value, np.matrix | RecordedMatrix)
