"""OPS, the table of all operations: forward, cost, backward and update.

``compute`` takes the values of a line's inputs and returns the line's value. Training calls the
same function with ``out``. The other fields describe how the line is displayed: its formula, the
axes of its inputs and output (``signature``, letters as in ``notation``), and the expression of one
entry (``entry``).

Templates of ``entry``: ``{k}`` is the entry of input k at the bound axes, ``{k:nk}`` the same
with explicit axes, ``Σ[…]`` a sum over the axes that only the inputs have.

Those of activations, costs and schedules are derived from their tables in ``elementwise``, ``loss``
and ``update``. ``linear``, ``penalty`` and ``accumulate`` define the rest of dense networks.
Operations of recorded programs are in ``arithmetic``, ``reduce``, ``products``, ``shape``,
``index`` and ``discrete``.
"""

from __future__ import annotations

from backprop_explorer.engine.activation_parameters import split_name
from backprop_explorer.engine.activations import ACTIVATIONS
from backprop_explorer.engine.costs import COSTS
from backprop_explorer.engine.ops.accumulate import ACCUMULATE
from backprop_explorer.engine.ops.arithmetic import ARITHMETIC
from backprop_explorer.engine.ops.discrete import DISCRETE
from backprop_explorer.engine.ops.elementwise import operations_from_activation
from backprop_explorer.engine.ops.index import INDEXING
from backprop_explorer.engine.ops.linear import LINEAR
from backprop_explorer.engine.ops.loss import operations_from_cost
from backprop_explorer.engine.ops.operation import Array, Family, Operation, Rule
from backprop_explorer.engine.ops.penalty import PENALTIES
from backprop_explorer.engine.ops.products import PRODUCTS
from backprop_explorer.engine.ops.reduce import REDUCTIONS_OF_ARRAYS
from backprop_explorer.engine.ops.shape import SHAPES
from backprop_explorer.engine.ops.update import UPDATES, operation_from_schedule
from backprop_explorer.engine.registry import Registry
from backprop_explorer.engine.schedules import SCHEDULES

__all__ = ["OPS", "Array", "Family", "Operation", "Rule"]


def _with_parameter(name: str) -> Operation | None:
    """Return an operation of an activation with a parameter: "leaky_relu(0.1)_backward"."""
    base = name[: name.find(")") + 1]
    if split_name(base) is None:
        return None
    operations = {op.name: op for op in operations_from_activation(ACTIVATIONS[base])}
    return operations.get(name)


OPS: Registry[Operation] = Registry(
    "operation",
    *LINEAR,
    *PENALTIES,
    *ACCUMULATE,
    *(op for activation in ACTIVATIONS.values() for op in operations_from_activation(activation)),
    *(op for cost in COSTS.values() for op in operations_from_cost(cost)),
    *(operation_from_schedule(s) for s in SCHEDULES.values()),
    *UPDATES,
    *ARITHMETIC,
    *REDUCTIONS_OF_ARRAYS,
    *PRODUCTS,
    *SHAPES,
    *INDEXING,
    *DISCRETE,
    derive=_with_parameter,
)
