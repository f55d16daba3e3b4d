"""The operations that a working is made of, one table for forward, cost, backward and update.

An operation's ``compute`` takes the values of a line's inputs and returns the line's value; the
same function runs in training, where it writes into ``out``. Everything else in an entry tells how
the line is written: its formula, the axes that one entry reads (``signature``, letters as in
``notation``) and how one entry is written out (``entry``).

Templates of ``entry``: ``{k}`` is the entry of input k at the bound axes, ``{k:nk}`` the same
with the axes named, ``Σ[…]`` a sum over the axes that only the inputs have.

An activation, a cost or an optimizer brings its operations with it (``brought``); only those that
belong to none of them are written out (``general``).
"""

from __future__ import annotations

from backprop_explorer.engine.activations import ACTIVATIONS
from backprop_explorer.engine.costs import COSTS
from backprop_explorer.engine.operations.from_tables import (
    activation_operations,
    cost_operations,
    schedule_operation,
    update_operation,
)
from backprop_explorer.engine.operations.general import (
    GENERAL,
    add_penalty,
    affine,
    bias_gradient,
    bias_jacobian,
    input_gradient,
    input_jacobian,
    penalized_weight_gradient,
    penalty,
    total_cost,
    weight_gradient,
    weight_jacobian,
)
from backprop_explorer.engine.operations.operation import Array, Family, Operation
from backprop_explorer.engine.optimizers import UPDATE_OPERATIONS
from backprop_explorer.engine.registry import Registry
from backprop_explorer.engine.schedules import SCHEDULES

__all__ = [
    "OPS",
    "Array",
    "Family",
    "Operation",
    "add_penalty",
    "affine",
    "bias_gradient",
    "bias_jacobian",
    "input_gradient",
    "input_jacobian",
    "penalized_weight_gradient",
    "penalty",
    "total_cost",
    "weight_gradient",
    "weight_jacobian",
]

OPS: Registry[Operation] = Registry(
    "operation",
    *GENERAL,
    *(op for activation in ACTIVATIONS.values() for op in activation_operations(activation)),
    *(op for cost in COSTS.values() for op in cost_operations(cost)),
    *(schedule_operation(s) for s in SCHEDULES.values()),
    *(update_operation(update) for update in UPDATE_OPERATIONS.values()),
)
