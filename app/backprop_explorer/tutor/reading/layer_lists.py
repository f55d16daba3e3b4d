"""Lists of arrays by kind: ``nabla_w [array(…), array(…)]``, ``dW: […] db: […]``.

The arrays of such a list belong to the layers in order. The name of the list says what they are,
or nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from backprop_explorer.tutor.names import OF_WEIGHTS, spellings
from backprop_explorer.tutor.reading.brackets import Brackets, bracket_tree, one_array
from backprop_explorer.tutor.reading.printed_array import PrintedArray
from backprop_explorer.tutor.reading.tokens import Token, Unreadable


def arrays_by_layer(name: str | None, tokens: Sequence[Token]) -> list[PrintedArray]:
    """Return the arrays of a list for the layers in order; none if ``tokens`` is no such list.

    A list is recognised by the calls ``array(…)`` in it, by arrays of different shapes, or by
    matrices where the name says weights. A name with a layer, and that of x or the target, has one
    array.
    """
    meaning = next(iter(spellings(name or "")), None)
    if meaning is not None and (meaning.layer is not None or meaning.quantity in ("x", "target")):
        return []
    quantity = None if meaning is None else meaning.quantity
    try:
        root = bracket_tree(tokens)
        node = root.items[0] if len(root.items) == 1 else None
        if isinstance(node, Brackets) and node.kind == "array" and len(node.items) == 1:
            node = node.items[0]
        if not isinstance(node, Brackets) or not all(
            isinstance(item, Brackets) for item in node.items
        ):
            return []
        arrays = [one_array(item) for item in node.items]
    except Unreadable:
        return []
    calls = any(isinstance(item, Brackets) and item.kind == "array" for item in node.items)
    shapes = {array.values.shape for array in arrays}
    matrices = quantity in OF_WEIGHTS and all(len(shape) == 2 for shape in shapes)
    if name is None:
        # Without a name, rows of one array and arrays of the layers look the same.
        return arrays if len(shapes) > 1 and max(map(len, shapes)) == 1 else []
    return arrays if calls or len(shapes) > 1 or matrices else []
