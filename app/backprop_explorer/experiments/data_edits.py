"""Edits of training data: set an entry of x or target from a given step on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.engine.network import Network
from backprop_explorer.texts import experiments as texts

Array = NDArray[np.float64]
# Far larger than any data, and small enough that its square does not overflow.
MAX_EDITED = 1e9


@dataclass(frozen=True, slots=True)
class DataWrite:
    """One new value in the training part: an entry of ``of``, x or target.

    ``row`` is a row of the training part. ``column`` is None for the whole target of a row: a
    number or the class index. ``value`` is standardised, as the network receives it. ``edit`` is
    the index of the edit in the recipe.
    """

    of: Literal["x", "target"]
    row: int
    column: int | None
    value: float
    edit: int

    @classmethod
    def of_edit(
        cls,
        x_row: str | None,
        feature: str | None,
        target_row: str | None,
        output: str | None,
        *,
        value: float,
        edit: int,
    ) -> DataWrite:
        """Build a write from the matched brackets of "x[3,0]", "target[3]" or "target[3,1]"."""
        if x_row is not None and feature is not None:
            return cls("x", int(x_row), int(feature), value, edit)
        column = None if output is None else int(output)
        return cls("target", int(target_row or 0), column, value, edit)

    @property
    def name(self) -> str:
        """The entry as the recipe writes it, for example "x[3,0]"."""
        column = "" if self.column is None else f",{self.column}"
        return f"{self.of}[{self.row}{column}]"


def check_write(write: DataWrite, network: Network, classes: int) -> None:
    """Raise InvalidInput for an entry or value outside the data.

    ``classes`` is 0 for a regression.
    """
    if write.of == "x":
        if (write.column or 0) >= network.inputs:
            raise InvalidInput("set", texts.features_counted(network.inputs))
    elif (classes or network.outputs == 1) and write.column is not None:
        raise InvalidInput("set", texts.one_target(write.row))
    elif not classes and network.outputs > 1 and (write.column or 0) >= network.outputs:
        raise InvalidInput("set", texts.targets_counted(network.outputs))
    elif not classes and network.outputs > 1 and write.column is None:
        raise InvalidInput("set", texts.several_targets(write.row))
    elif classes and write.value not in range(classes):
        raise InvalidInput("to", texts.target_class(classes - 1))
    if not abs(write.value) <= MAX_EDITED:
        raise InvalidInput("to", texts.data_between(MAX_EDITED))


def check_rows(writes: Iterable[DataWrite], rows: int) -> None:
    """Raise InvalidInput, naming the edit, for a row beyond the training part's ``rows``."""
    for write in writes:
        if write.row >= rows:
            raise InvalidInput(f"edits.{write.edit}.set", texts.training_rows(rows - 1))


def edited(
    x: Array, target: NDArray[Any], writes: Iterable[DataWrite]
) -> tuple[Array, NDArray[Any]]:
    """Return copies of x (N, d) and target (N,) or (N, m) with ``writes`` applied in order."""
    x, target = x.copy(), target.copy()
    for write in writes:
        where = write.row if write.column is None else (write.row, write.column)
        (x if write.of == "x" else target)[where] = write.value
    return x, target


def largest_square(x: Array, writes: Iterable[DataWrite]) -> float:
    """Return an upper bound of |x|² over the rows that ``writes`` edit; 0 if there are none.

    The bound holds whichever of the writes have been applied. x has the shape (N, d).
    """
    most: dict[int, Array] = {}
    for write in writes:
        if write.of == "x" and write.column is not None:
            row = most.setdefault(write.row, np.abs(x[write.row]))
            row[write.column] = max(row[write.column], abs(write.value))
    return max((float(np.square(row).sum()) for row in most.values()), default=0.0)
