"""What the sign, size and order of a line come from, for answers that differ in one of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import numpy as np

from backprop_explorer.engine.activations import ACTIVATIONS
from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.engine.names import named
from backprop_explorer.lessons.given import Array, exactly, near
from backprop_explorer.texts import lessons as texts
from backprop_explorer.tutor.problem import Problem
from backprop_explorer.tutor.reading.printed_array import PrintedArray

COMMON = ("identity", "sigmoid", "tanh", "relu")


def scale_of(working: Problem, line: str) -> str:
    """Return what the sign and the size of a line come from, as markup; "" if nothing is known."""
    node = working.trace.graph.by_id[line]
    inputs = [named(name).latex for name in node.inputs]
    told = texts.SCALE_OF_LINE.get(node.op) or texts.SCALE_OF_LINE.get(node.operation.family)
    if told is None and node.op in ACTIVATIONS:
        activation = ACTIVATIONS[node.op]
        told = texts.BY_RANGE.get(activation.range, texts.ANY_RANGE)
        inputs.append(activation.title)
    return (told or "").format(*inputs)


def rows_and_columns(working: Problem, line: str) -> str:
    """Return what the axes of a matrix stand for, "" for others."""
    letters = working.notation.letters(working.trace.graph.by_id[line].axes)
    axes = [texts.AXES[each] for each in letters if each in texts.AXES]
    return texts.rows_and_columns(axes[0], axes[1]) if len(axes) == len(letters) == 2 else ""


def what_was_done(working: Problem, line: str, given: PrintedArray, right: Array) -> str:
    """Return with which factor or activation of the working an answer comes out, "" if with none.

    One or two numbers must agree to nine digits, so that drawn numbers do not.
    """
    agree = near if given.values.size > 2 else exactly
    with np.errstate(all="ignore"):
        for told, value in (*_factors(working, line, right), *_activations(working, line)):
            if np.isfinite(value).all() and np.all(agree(given, value)):
                return f"{told} {scale_of(working, line)}"
    return ""


def _factors(working: Problem, line: str, right: Array) -> Iterator[tuple[str, Array]]:
    inputs = working.trace.graph.by_id[line].inputs
    found = {f"${name.latex}$": working[name] for name in inputs}
    samples, outputs = working.target.shape
    units = working.network.layers[(named(line).layer or 1) - 1].units
    for told, size in zip(texts.SIZES, (samples, units, outputs), strict=True):
        found.setdefault(texts.counted(told, size), size)
    for told, factor in found.items():
        if np.ndim(factor) == 0 and float(factor) not in (0.0, 1.0):
            yield texts.multiplied(told), right * float(factor)
            yield texts.divided(told), right / float(factor)


def _activations(working: Problem, line: str) -> Iterator[tuple[str, Array]]:
    """Yield the line with another activation in one of the layers."""
    pairs = zip(working.layers, working.activations, strict=True)
    layers = [(W, b, activation) for (W, b), activation in pairs]
    for k, (W, b, usual) in enumerate(layers):
        for name in (each for each in COMMON if each != usual):
            told = texts.other_activation(ACTIVATIONS[name].title, ACTIVATIONS[usual].title, k + 1)
            with suppress(InvalidInput, KeyError):
                changed = working.with_layers([*layers[:k], (W, b, name), *layers[k + 1 :]])
                yield told, np.asarray(changed[line])
