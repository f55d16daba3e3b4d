"""The lines of an update: the learning rate and the optimizers."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from backprop_explorer.engine.ops.operation import Array, Operation
from backprop_explorer.engine.schedules import Schedule
from backprop_explorer.tape import scalar_call
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


def _descend(p: Array, step: Array, rate: float, /, *, out: Array | None = None) -> Array:
    return np.subtract(p, rate * step, out=out)


def _move(p: Array, v: Array, /, *, out: Array | None = None) -> Array:
    return np.subtract(p, v, out=out)


def _correct(m: Array, beta: float, count: float, /, *, out: Array | None = None) -> Array:
    return np.divide(m, scalar_call(_weight_sum, beta, count), out=out)


def _weight_sum(beta: float, count: float) -> float:
    """The sum of the weights of a running mean that started at 0: 1 − βᵗ."""
    return 1.0 - math.pow(beta, count)


def _scaled_descend(
    p: Array, g: Array, s: Array, rate: float, epsilon: float, /, *, out: Array | None = None
) -> Array:
    return np.subtract(p, rate * g / (np.sqrt(s) + epsilon), out=out)


def _update(
    name: str, compute: Callable[..., Array], formula: str, entry: str, text: str
) -> Operation:
    """Return the elementwise operation of one line of an optimizer; {0}, … are its inputs."""
    return Operation(
        name=name,
        family="update",
        title=name.replace("_", " "),
        compute=compute,
        formula=lambda inputs, notation: formula.format(*(i.latex for i in inputs)),
        signature="*,…->*",
        entry=entry,
        text=text,
        terms=_update_terms,
    )


UPDATES = (
    _update(
        "layer_rate",
        lambda rate, factor, /, *, out=None: np.multiply(rate, factor, out=out),
        "{0}\\,{1}",
        "{0}·{1}",
        "The learning rate of this layer: its factor times η.",
    ),
    _update(
        "descend", _descend, "{0} - {2}\\,{1}", "{0} − {2}·{1}", "A step against the gradient."
    ),
    _update(
        "velocity",
        lambda v, g, mu, rate, /, *, out=None: np.add(mu * v, rate * g, out=out),
        "{2}\\,{0} + {3}\\,{1}",
        "{2}·{0} + {3}·{1}",
        "The velocity: μ times the last velocity, plus η times the gradient.",
    ),
    _update("move", _move, "{0} - {1}", "{0} − {1}", "The parameter moves by the velocity."),
    _update(
        "look_ahead",
        lambda p, v, g, mu, rate, /, *, out=None: np.subtract(p, mu * v + rate * g, out=out),
        "{0} - \\left({3}\\,{1} + {4}\\,{2}\\right)",
        "{0} − ({3}·{1} + {4}·{2})",
        "The parameter moves by the velocity of the next step, computed with this gradient.",
    ),
    _update(
        "sum_of_squares",
        lambda s, g, /, *, out=None: np.add(s, g * g, out=out),
        "{0} + \\left({1}\\right)^2",
        "{0} + {1}²",
        "All squared gradients so far, added up.",
    ),
    _update(
        "average",
        lambda m, g, beta, /, *, out=None: np.add(beta * m, (1.0 - beta) * g, out=out),
        "{2}\\,{0} + (1 - {2})\\,{1}",
        "{2}·{0} + (1 − {2})·{1}",
        "A running mean of the gradient.",
    ),
    _update(
        "average_of_squares",
        lambda s, g, beta, /, *, out=None: np.add(beta * s, (1.0 - beta) * (g * g), out=out),
        "{2}\\,{0} + (1 - {2})\\left({1}\\right)^2",
        "{2}·{0} + (1 − {2})·{1}²",
        "A running mean of the squared gradient.",
    ),
    _update(
        "correct",
        _correct,
        "\\frac{{ {0} }}{{ 1 - {1}^{{ {2} }} }}",
        "{0} / (1 − {1}^{2})",
        "The bias correction: the running mean started at 0, so it is too small at first.",
    ),
    _update(
        "scaled_descend",
        _scaled_descend,
        "{0} - {3}\\,\\frac{{ {1} }}{{ \\sqrt{{ {2} }} + {4} }}",
        "{0} − {3}·{1}/(√{2} + {4})",
        "A step scaled, for each parameter, by its own gradients so far.",
    ),
)
