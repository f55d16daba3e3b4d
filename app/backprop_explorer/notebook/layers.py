"""The layers of a network as notebooks have them: pairs, dictionaries, or W1, b1, W2, b2, …"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.engine.notation import Notation
from backprop_explorer.notebook.arrays import Array, as_array, plain
from backprop_explorer.texts import notebook as texts
from backprop_explorer.tutor.spellings import spellings


def read_layers(layers: Any, notation: Notation) -> list[tuple[Array, Array | None]]:
    """Return W, in the shape of the convention, and b (n_out,) of each layer; b may be None.

    Accepts a list of (W, b), of matrices W, or of {"W": …, "b": …}, a flat list W1, b1, W2, b2, …,
    and a mapping of names to arrays such as {"W1": …, "b1": …}. Raises InvalidInput naming the
    layer.
    """
    pairs = split_layers(layers, notation)
    return [_read_layer(W, b, index) for index, (W, b) in enumerate(pairs)]


def split_layers(layers: Any, notation: Notation) -> list[tuple[Any, Any]]:
    """Return W and b of each layer as they are given; b may be None. Raises InvalidInput."""
    listed = _of_mapping(layers) if hasattr(layers, "items") else list(layers)
    if not listed:
        raise InvalidInput("layers", texts.ONE_LAYER)
    if not any(map(_is_layer, listed)):
        listed = _of_flat_list(listed, notation)
    return [_pair_of(layer, index) for index, layer in enumerate(listed)]


def _of_mapping(layers: Any) -> list[Any]:
    """Return the layers of a mapping: its values, or its arrays W and b by the names."""
    by_layer: dict[int, dict[str, Any]] = {}
    for name, value in layers.items():
        meaning = next((m for m in spellings(str(name)) if m.quantity in ("W", "b")), None)
        if meaning is None or not isinstance(meaning.layer, int | None) or _is_layer(value):
            return list(layers.values())
        by_layer.setdefault(meaning.layer or 1, {})[meaning.quantity] = value
    return [by_layer[number] for number in sorted(by_layer)]


def _is_layer(value: Any) -> bool:
    """Whether a value is a whole layer: (W, b), or a mapping."""
    if _has_parts(value):
        return True
    # (W, b), but not an array of two rows: W is a matrix.
    return isinstance(value, list | tuple) and len(value) == 2 and np.ndim(plain(value[0])) == 2


def _has_parts(value: Any) -> bool:
    """Whether a value holds W and b as a mapping does. Tensors and tables have ``values``, too."""
    return hasattr(value, "values") and not hasattr(value, "shape")


def _of_flat_list(given: Sequence[Any], notation: Notation) -> list[Any]:
    """Return the layers of W1, b1, W2, b2, …, or of matrices W without b."""
    pairs = list(zip(given[::2], given[1::2], strict=False))
    if len(given) % 2 == 0 and all(_fit(W, b, notation) for W, b in pairs):
        return pairs
    return [(W, None) for W in given]


def _fit(W: Any, b: Any, notation: Notation) -> bool:
    """Whether ``b`` can be the bias of ``W``: one row or column with a number for each unit."""
    of_b = np.shape(plain(b))
    if len(of_b) < 2:
        return True
    of_W = np.shape(plain(W))
    units = of_W[0 if notation.convention.transposed else -1] if len(of_W) == 2 else 0
    return 1 in of_b and max(of_b) == units


def _read_layer(W: Any, b: Any, index: int) -> tuple[Array, Array | None]:
    weights = as_array(W, f"layers.{index}.W")
    if weights.ndim != 2:
        where = f"layers.{index}.W" if b is not None else f"layers.{index}"
        raise InvalidInput(where, texts.w_matrix(weights.shape))
    if b is None:
        return weights, None
    bias = as_array(b, f"layers.{index}.b")
    if bias.size != max(bias.shape, default=1):
        raise InvalidInput(f"layers.{index}.b", texts.bias_vector(bias.shape))
    return weights, bias.ravel()


def _pair_of(layer: Any, index: int) -> tuple[Any, Any]:
    if isinstance(layer, Mapping):
        by_name = {
            meaning.quantity: value
            for name, value in layer.items()
            for meaning in spellings(str(name))[:1]
        }
        if "W" not in by_name:
            raise InvalidInput(f"layers.{index}", texts.W_AND_B)
        return by_name["W"], by_name.get("b")
    if _has_parts(layer):
        layer = tuple(layer.values())
    if not isinstance(layer, list | tuple) or len(layer) != 2:
        raise InvalidInput(f"layers.{index}", texts.PAIR)
    W, b = layer
    return W, b
