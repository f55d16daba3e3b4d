"""Givens as programs write them, brought into the engine's form.

Biases of shape (1, n) or (n, 1) or none at all, class numbers as targets, samples as columns, and a
bias that is a row or a column of W.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.texts import tutor as texts
from backprop_explorer.tutor.checker.result import Note

Array = NDArray[np.float64]
BiasEnd = Literal["first", "last"]


@dataclass(frozen=True, slots=True)
class GivenNumbers:
    """Arrays in the engine's row convention.

    ``layers`` has W (n_in, n_out) and b (n_out,) of each layer, ``x`` is (N, inputs), ``target``
    (N, outputs), or what was given in its place. ``single`` is True for one sample as a vector.
    ``folded`` tells for each layer from 0 where W had the bias among its rows.
    """

    layers: list[tuple[Array, Array]]
    x: Array
    target: Array
    single: bool
    folded: Mapping[int, BiasEnd] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()


def read_givens(
    layers: Sequence[tuple[Array, Array | None]],
    x: Array,
    target: Array,
    convention: str,
    *,
    columns: bool = False,
    bias_end: BiasEnd = "first",
) -> GivenNumbers:
    """Return the givens in the engine's form. W of ``layers`` is (n_in, n_out) already.

    Samples are rows unless only columns fit W; with ``columns``, also if both fit. ``bias_end``
    tells which row of a W with one row too many is the bias. Raises InvalidInput naming the field.
    """
    notes: list[Note] = []
    x, target, single = _samples(layers, x, target, columns, notes)
    read, folded = _layers(layers, x, convention, bias_end, notes)
    outputs = len(read[-1][1])
    target = _targets(target, len(x), outputs, single, notes)
    return GivenNumbers(read, x, target, single, folded, tuple(notes))


def _samples(
    layers: Sequence[tuple[Array, Array | None]],
    x: Array,
    target: Array,
    columns: bool,
    notes: list[Note],
) -> tuple[Array, Array, bool]:
    """Return x with one row per sample, the target turned in the same way, and whether single."""
    if x.ndim == 1:
        return x[None], target, True
    W, b = layers[0]
    inputs = len(W) if b is not None or len(W) == len(x) else len(W) - 1
    fits = x.shape[0] == inputs and (b is None or len(b) == W.shape[1])
    outputs = layers[-1][0].shape[1]
    # The targets of a square x show that samples are columns if they fit as columns only.
    columns = columns or target.shape == (outputs, x.shape[1]) != (x.shape[1], outputs)
    if not fits or (x.shape[1] == inputs and not columns):
        return x, target, False
    if target.ndim == 2 and target.shape == (outputs, x.shape[1]):
        target = target.T
    elif target.ndim == 2 and x.shape[1] == inputs:
        return x, target, False
    if x.shape[1] == 1:
        # One column is one sample.
        return x.T, target.ravel(), True
    message = texts.SAMPLES_ARE_COLUMNS
    notes.append(Note("samples_as_columns", message))
    return np.ascontiguousarray(x.T), target, False


def _layers(
    layers: Sequence[tuple[Array, Array | None]],
    x: Array,
    convention: str,
    bias_end: BiasEnd,
    notes: list[Note],
) -> tuple[list[tuple[Array, Array]], dict[int, BiasEnd]]:
    """Return W and b of each layer. Raises InvalidInput if they do not fit each other."""
    read: list[tuple[Array, Array]] = []
    folded: dict[int, BiasEnd] = {}
    below, source = x.shape[1], texts.X_HAS
    for index, (W, b) in enumerate(layers):
        if b is None and len(W) == below + 1:
            folded[index] = bias_end
            W, b = (W[1:], W[0]) if bias_end == "first" else (W[:-1], W[-1])
        n_in, n_out = W.shape
        if n_in != below:
            shape = "(n_out, n_in)" if convention == "column" else "(n_in, n_out)"
            raise InvalidInput(
                f"layers.{index}.W",
                texts.weights_inputs(n_in, source, below, convention, shape),
            )
        b = np.zeros(n_out) if b is None else b
        if len(b) != n_out:
            raise InvalidInput(f"layers.{index}.b", texts.bias_entries(len(b), n_out))
        read.append((np.ascontiguousarray(W), np.ascontiguousarray(b)))
        below, source = n_out, texts.layer_has(index + 1)
    if folded:
        part = texts.COLUMN if convention == "column" else texts.ROW
        end = texts.FIRST if bias_end == "first" else texts.LAST
        message = texts.bias_in_weights(end, part)
        notes.append(Note("bias_in_weights", message))
    return read, folded


def _targets(target: Array, samples: int, outputs: int, single: bool, notes: list[Note]) -> Array:
    """Return targets (N, outputs), with class numbers as 0 and 1. Raises InvalidInput."""
    numbers = target.ravel()
    classes = (
        outputs > 1
        and len(numbers) == samples
        and (target.ndim < 2 or target.shape[1] == 1)
        and bool(np.all((numbers == np.floor(numbers)) & (numbers >= 0)))
    )
    if classes:
        if numbers.max() >= outputs:
            raise InvalidInput("target", texts.classes_counted(outputs - 1))
        message = texts.CLASS_NUMBERS
        notes.append(Note("class_targets", message))
        hot: Array = np.eye(outputs)[numbers.astype(int)]
        return hot
    if single and (target.ndim < 2 or target.shape == (outputs, 1)):
        return target.reshape(1, -1)
    listed = not single and target.ndim < 2 and 1 in (outputs, samples)
    if listed and len(numbers) == samples * outputs:
        return target.reshape(samples, outputs)
    if target.ndim != (1 if single else 2):
        needed = texts.ONE_LIST if single else texts.LIST_OF_ROWS
        raise InvalidInput("target", texts.target_like_x(needed))
    return target
