"""Take apart and put together the arrays of a program: b among the rows of W, single numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from backprop_explorer.tutor.code.arrays import Array

Part = tuple[str, Array]


def likeness(value: Array, expected: Any) -> float:
    """Return how parallel two arrays are, from 0 to 1, in the better orientation."""
    wanted = np.asarray(expected, dtype=np.float64)
    if value.size != wanted.size:
        return 0.0
    lengths = float(np.linalg.norm(value) * np.linalg.norm(wanted))
    if not np.isfinite(lengths) or lengths == 0.0:
        return 0.0
    given = value.ravel()
    return max(abs(float(given @ form.ravel())) for form in (wanted, wanted.T)) / lengths


def without_bias_row(
    path: str,
    value: Array,
    shapes: Sequence[tuple[int, int]],
    values: Mapping[str, Any],
    recorded: Sequence[Array],
) -> list[Part]:
    """Split the gradient of a W that has b as one more row or column; [] for other arrays.

    ``shapes`` are (n_in, n_out) of the layers, ``values`` the lines of the working. One of the
    ``recorded`` arrays of the program must be such a W.
    """
    if any(sorted(value.shape) == sorted(shape) for shape in shapes):
        return []
    alike = [each for each in recorded if each.shape == value.shape]
    ways: list[tuple[float, list[Part]]] = []
    for k, (n_in, n_out) in enumerate(shapes, start=1):
        for turned in (False, True):
            form = value.T if turned else value
            wanted = values[f"W{k}"]
            if form.shape != (n_in + 1, n_out) or not any(
                _holds(each.T if turned else each, wanted) for each in alike
            ):
                continue
            for W, b in ((form[1:], form[0]), (form[:-1], form[-1])):
                fit = likeness(W, values[f"dC_dW{k}"]) + likeness(b, values[f"dC_db{k}"])
                parts = [(f"{path}.W", W.T if turned else W), (f"{path}.b", b)]
                ways.append((fit, parts))
    return max(ways, key=lambda way: way[0], default=(0.0, []))[1]


def _holds(joined: Array, W: Any) -> bool:
    """Whether an array is W with one more row, at one of its ends."""
    return np.array_equal(joined[1:], W) or np.array_equal(joined[:-1], W)


def joined_layers(
    shapes: Sequence[tuple[int, int]], values: Mapping[str, Any], recorded: Sequence[Array]
) -> list[tuple[int, int]]:
    """Return the shapes (n_in, n_out) of the layers whose W has b as one more row here."""
    return [
        (n_in, n_out)
        for k, (n_in, n_out) in enumerate(shapes, start=1)
        if any(
            form.shape == (n_in + 1, n_out) and _holds(form, values[f"W{k}"])
            for each in recorded
            for form in (each, each.T)
        )
    ]


def without_bias_rows(value: Array, layers: Sequence[tuple[int, int]]) -> list[Array]:
    """Return an array without its first and its last row, if it has the rows of W and b."""
    rows = any(value.shape == (n_in + 1, n_out) for n_in, n_out in layers)
    columns = any(value.shape == (n_out, n_in + 1) for n_in, n_out in layers)
    return [
        *((value[1:], value[:-1]) if rows else ()),
        *((value[:, 1:], value[:, :-1]) if columns else ()),
    ]


def assembled(found: Sequence[Part], wanted: Mapping[str, Array]) -> list[Part]:
    """Put single numbers together to arrays, if there are as many as parameters.

    ``wanted`` has the gradients by line, W and b of each layer in turn, in the orientation of the
    program. The numbers may be in the order of W1, b1, W2, …, of all W and then all b, or unit by
    unit.
    """
    # A pair of lists, with one number for each layer, is read as one array.
    single = len(found) == 1 and (
        found[0][1].ndim == 1 or found[0][1].shape == (2, len(wanted) // 2)
    )
    # Lists of the numbers of several layers: the gradients of all W, then those of all b.
    listed = all(value.ndim == 1 for _, value in found) and not any(
        value.size == each.size for _, value in found for each in wanted.values()
    )
    numbers = np.concatenate([value.ravel() for _, value in found] or [np.empty(0)])
    sizes = [each.size for each in wanted.values()]
    apart = single or listed or len(found) == len(numbers)
    if not apart or len(numbers) != sum(sizes):
        return list(found)
    places = np.split(np.arange(len(numbers)), np.cumsum(sizes)[:-1])
    shaped = [at.reshape(each.shape) for at, each in zip(places, wanted.values(), strict=True)]
    W, b = shaped[::2], shaped[1::2]
    rows = [
        np.append(row, bias)
        for of_W, of_b in zip(W, b, strict=True)
        for row, bias in zip(of_W if len(of_W) == len(of_b) else of_W.T, of_b, strict=True)
    ]
    orders = [
        np.concatenate([each.ravel() for each in order])
        for order in (shaped, [*W, *b], rows, [*W[::-1], *b[::-1]])
    ]
    right = np.concatenate([each.ravel() for each in wanted.values()])

    def fit(order: Array) -> tuple[int, float]:
        same = np.isclose(numbers, right[order], rtol=1e-8, atol=0.0)
        return int(same.sum()), abs(float(numbers @ right[order]))

    entries = np.empty(len(numbers))
    entries[max(orders, key=fit)] = numbers
    return [(line, entries[at]) for line, at in zip(wanted, shaped, strict=True)]
