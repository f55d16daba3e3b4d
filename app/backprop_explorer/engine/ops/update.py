"""The lines of an update: the learning rate and the optimizers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from backprop_explorer.engine.ops.operation import Operation
from backprop_explorer.engine.optimizers import UpdateOperation
from backprop_explorer.engine.schedules import Schedule
from backprop_explorer.texts import engine as texts


def _update_terms(inputs: Sequence[Any], value: Any) -> Any:
    arrays = (each for each in inputs if np.shape(each) == np.shape(value))
    return np.abs(value) + sum(map(np.abs, arrays))


def operation_from_schedule(schedule: Schedule) -> Operation:
    """Return the operation that computes the learning rate of a step."""
    latex = schedule.formula.split("=", 1)[1].strip()
    return Operation(
        name=f"{schedule.name}_schedule",
        family="schedule",
        title=texts.learning_rate(schedule.title),
        compute=schedule.rate,
        formula=lambda inputs, notation: latex,
        signature=",…->",
        entry=schedule.entry,
        text=texts.LEARNING_RATE_TEXT,
    )


def operation_from_update(update: UpdateOperation) -> Operation:
    """Return the operation of one line of an optimizer."""
    return Operation(
        name=update.name,
        family="update",
        title=update.name.replace("_", " "),
        compute=update.compute,
        formula=lambda inputs, notation: update.formula.format(*(i.latex for i in inputs)),
        signature="*,…->*",
        entry=update.entry,
        text=update.text,
        terms=_update_terms,
    )
