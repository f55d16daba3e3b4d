"""The network between the data points: its output as decision regions, a curve or a surface, and
the output of each unit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.experiments.initial_state import InitialState
from backprop_explorer.texts import experiments as texts

Array = NDArray[np.float64]

# Grids larger than this are rebuilt for every frame instead of cached.
KEPT_BYTES = 512 * 1024
# Points on a side of the response of a unit, and the units of a layer that is drawn unit by unit.
RESPONSE_SIDE = 20
RESPONSE_UNITS = 16


def _span(values: Array, points: int) -> Array:
    low, high = float(values.min()), float(values.max())
    margin = 0.1 * (high - low) or 1.0
    return np.linspace(low - margin, high + margin, points)


def check_axes(axes: tuple[int, ...], initial_state: InitialState) -> tuple[int, ...]:
    """Return ``axes`` cut to the number of features that a plot needs.

    Raises InvalidInput for repeated or unknown features.
    """
    features = initial_state.network.inputs
    wanted = axes[:1] if features == 1 else axes
    needed = min(2, features)
    different = len(wanted) == len(set(wanted)) == needed
    if not different or not all(0 <= k < features for k in wanted):
        what = texts.TWO_FEATURES_ARE if needed == 2 else texts.ONE_FEATURE_IS
        raise InvalidInput("axes", texts.features_needed(what, features - 1))
    return wanted


class Grid(NamedTuple):
    """Plot coordinates ``x`` and ``y``, and the network inputs ``points`` (N, features) there."""

    x: Array
    y: Array
    points: Array


def _grid(initial_state: InitialState, step: int, grid: int, axes: tuple[int, ...]) -> Grid:
    train_x, test_x = initial_state.train_at(step)[0], initial_state.test[0]
    all_x = np.concatenate([train_x, test_x])
    if initial_state.network.inputs == 1:
        x = _span(all_x[:, 0], 4 * grid)
        return Grid(x, x[:0], x[:, None])
    first, second = axes
    x, y = _span(all_x[:, first], grid), _span(all_x[:, second], grid)
    points = np.tile(train_x.mean(axis=0), (grid * grid, 1))
    points[:, first] = np.tile(x, grid)
    points[:, second] = np.repeat(y, grid)
    return Grid(x, y, points)


def boundary(
    initial_state: InitialState,
    step: int,
    predict: Callable[[Array], Array],
    grid: int,
    axes: tuple[int, ...],
) -> dict[str, Any]:
    """Evaluate the network over a grid of the features ``axes``.

    The grid has ``grid`` points per side and spans the data as they are at ``step``. The other
    features are held at their training mean.

    Returns kind "binary" (z: the output), "classes" (z: the class, confidence: its output), "curve"
    (one feature) or "surface" (regression, first target). The rows of z follow y.
    """
    place = (initial_state.data_writes(step), grid, axes)
    kept = initial_state.grid_kept
    if kept is None or kept[0] != place:
        kept = (place, _grid(initial_state, step, grid, axes))
        # The grid changes only with the data or the axes, so most frames of a run share it.
        if kept[1].points.nbytes <= KEPT_BYTES:
            initial_state.grid_kept = kept
    at: Grid = kept[1]
    z = predict(at.points)
    if initial_state.network.inputs == 1:
        one = z.shape[1] == 1 or not initial_state.classes
        shown = z[:, 0] if one else z.argmax(axis=1).astype(np.float64)
        return {"kind": "curve", "axes": [0], "x": at.x, "z": shown}
    result: dict[str, Any] = {"axes": list(axes), "x": at.x, "y": at.y}
    if z.shape[1] > 1 and initial_state.classes:
        return {
            "kind": "classes",
            **result,
            "z": z.argmax(axis=1).reshape(grid, grid),
            "confidence": z.max(axis=1).reshape(grid, grid),
        }
    kind = "binary" if initial_state.classes else "surface"
    return {"kind": kind, **result, "z": z[:, 0].reshape(grid, grid)}


def unit_responses(
    initial_state: InitialState,
    step: int,
    activations: Callable[[Array], list[Array]],
    axes: tuple[int, ...],
) -> list[Array | None]:
    """Evaluate the units of each layer over a coarse grid of the features ``axes``.

    Returns (units, RESPONSE_SIDE, RESPONSE_SIDE) for each layer, the rows from low to high; None
    for a layer of more than RESPONSE_UNITS units, and for all layers of a network with one input.
    """
    layers = initial_state.network.layers
    if initial_state.network.inputs == 1 or all(layer.units > RESPONSE_UNITS for layer in layers):
        return [None] * len(layers)
    at = _grid(initial_state, step, RESPONSE_SIDE, axes)
    return [
        a.T.reshape(-1, RESPONSE_SIDE, RESPONSE_SIDE) if a.shape[1] <= RESPONSE_UNITS else None
        for a in activations(at.points)
    ]
