"""Explain wrong shapes: a product that cannot be computed, a transposed line, a broadcast."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from backprop_explorer.engine import names
from backprop_explorer.engine.notation import Notation
from backprop_explorer.texts import tutor_code as texts
from backprop_explorer.tutor.exercise.observed import Observed
from backprop_explorer.tutor.mistakes import ids
from backprop_explorer.tutor.program.shapes import SIGNS, Operand, not_computable, plain_operand
from backprop_explorer.tutor.program.words import shape_words, symbol_text


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a program raised, and the line of the working, if they are known."""

    message: str
    misconception: str | None = None
    of_line: str | None = None


@dataclass(frozen=True, slots=True)
class WrongShape:
    """The step that has a wrong shape, and what fits."""

    index: int
    message: str
    misconception: str | None = None  # its name in the catalog


def explain_error(error: BaseException, observed: Observed) -> Failure:
    """Return why the program raised ``error``: the shapes of what it combined, if that is it."""
    failed = observed.run.failed
    if failed is None or len(failed[1]) != 2:
        return Failure(f"{type(error).__name__}: {error}"[:400])
    left, right = (_operand(observed, at) for at in failed[1])
    message = not_computable(failed[0], left, right)
    of_line = _line_of(left.name, right.name)
    if of_line is not None and of_line in observed.lines:
        message += f" {_what_fits(of_line, observed, observed.notation)}"
    return Failure(message, _misconception(left, right, of_line), of_line)


def _operand(observed: Observed, at: int) -> Operand:
    return plain_operand(observed.run.steps[at], _name(observed, at))


def _name(observed: Observed, at: int) -> str | None:
    labels = observed.labels[at]
    lines = [label for label in labels if label.line]
    exact = [label for label in lines if label.factor == 1.0]
    for group in (exact, lines, labels):
        if group:
            found = [label.name for label in group]
            # With an identity both gradients are equal, and products are made with ∂C/∂z.
            first = names.named(found[0])
            if first.kind == names.OF_A:
                first = names.gradient(names.weighted_sum(first.layer or 1))
            return first if first in found else found[0]
    return None


def _line_of(left: str | None, right: str | None) -> str | None:
    """Return the line of the working that combines two quantities."""
    layers = {
        n.kind: n.layer or 0 for n in map(names.named, sorted(filter(None, (left, right)))[::-1])
    }
    output, of_z = not layers.keys().isdisjoint("xaz"), layers.get(names.OF_Z)
    if of_z and "W" in layers:
        return names.gradient(names.activation(of_z - 1))
    if of_z and output:
        return names.gradient(names.weights(of_z))
    if "W" in layers and output:
        return names.weighted_sum(layers["W"])
    if names.OF_A in layers:
        return names.gradient(names.weighted_sum(layers[names.OF_A]))
    return None


def _what_fits(line: str, observed: Observed, notation: Notation) -> str:
    """Return the formula of a line in the convention, with the shapes of its factors."""
    name = names.named(line)
    layer = name.layer or 1
    below = names.activation(layer - 1)
    if name.kind == names.OF_Z:
        shape = shape_words(np.shape(observed.shown(line, observed.lines[line])))
        return texts.slope_shape(symbol_text(line), shape)
    if name.kind == "z":
        formula = notation.product("forward")
        read = {"W": names.weights(layer), "a": below, "b": names.biases(layer)}
    elif name.kind == names.OF_W:
        formula = notation.product("weight_gradient")
        read = {"dz": names.gradient(names.weighted_sum(layer)), "a": below}
    else:
        formula = notation.product("input_gradient")
        dz = names.gradient(names.weighted_sum(layer + 1))
        read = {"dz": dz, "W": names.weights(layer + 1)}
    parts = re.findall(r"\{(\w+)\}(\^T)?", formula)
    shapes = []
    for letter, turned in parts:
        if letter == "b":
            continue
        value = observed.lines[read[letter]]
        sides = np.shape(notation.show(value, "ij" if letter == "W" else "nj"))
        sides = (*sides, 1) if len(sides) == 1 else sides
        shapes.append(str(sides[::-1] if turned else sides))
    written = " ".join(
        symbol_text(read[letter]) + ("ᵀ" if turned else "")
        for letter, turned in parts
        if letter != "b"
    )
    bias = f" + {read['b'].plain}" if "b" in read else ""
    return texts.convention_shapes(symbol_text(line), written, bias, " @ ".join(shapes))


def _misconception(left: Operand, right: Operand, line: str | None) -> str | None:
    """Return the catalog's name of the mistake that these factors show."""
    known = [each.name or "" for each in (left, right)]
    weights = next((name for name in known if names.named(name).kind == "W"), None)
    if line is None:
        return None
    name = names.named(line)
    layer = name.layer or 0
    if name.gradient_of in ("a", "x") and weights is not None:
        right_layer = weights == names.weights(layer + 1)
        return ids.WEIGHTS_TRANSPOSED_BACKWARD if right_layer else ids.WEIGHTS_OF_WRONG_LAYER
    if name.kind == "z" and weights is not None:
        return ids.TRANSPOSED_WEIGHTS if names.activation(layer - 1) in known else None
    if name.kind == names.OF_Z and any(each.startswith(("f'", "∂a")) for each in known):
        return ids.SLOPE_AS_MATRIX
    return None


# Shapes that raise no error


def wrong_shape(observed: Observed) -> WrongShape | None:
    """Return the first value of a wrong shape: transposed, or made by silent broadcasting."""
    found = filter(None, (_turned_value(observed), _silent_broadcast(observed)))
    return min(found, key=lambda each: each.index, default=None)


def _made(observed: Observed) -> Iterable[int]:
    return (key for key, made in enumerate(observed.made) if made)


def _turned_value(observed: Observed) -> WrongShape | None:
    """Return the first step with a line of a batch in another orientation than the others.

    Only for batches: the samples are rows in all lines or columns in all of them.
    """
    rows: bool | None = None
    for key in _made(observed) if not observed.notation.single else ():
        shape_of, value = None, observed.values[key]
        for label in observed.labels[key]:
            shape = np.shape(observed.lines.get(label.name, 0.0))
            whole = label.line and label.sample is None and len(shape) == 2
            if whole and shape[0] == observed.traces[0].samples != shape[1]:
                shape_of = label.name, shape
                break
        if shape_of is None or observed.run.steps[key].op in ("transpose", "reshape", "getitem"):
            continue
        name, shape = shape_of
        if name in ("x", "target") or value.shape not in (shape, shape[::-1]):
            continue
        if rows is None:
            rows = value.shape == shape
        elif rows != (value.shape == shape):
            needed, side = (shape, texts.ROWS) if rows else (shape[::-1], texts.COLUMNS)
            message = texts.transposed_here(symbol_text(name), value.shape, needed, side)
            return WrongShape(key, message)
    return None


def _silent_broadcast(observed: Observed) -> WrongShape | None:
    """Return the first silent combination of (n, 1) with (n,), None if there is none.

    (N, 1) and (N,) give (N, N) without an error. A product counts only if it should be taken
    entry by entry: as an outer product it is right.
    """
    for key in _made(observed):
        step = observed.run.steps[key]
        if step.op not in SIGNS or step.op == "matmul" or step.value.ndim != 2:
            continue
        if observed.is_right(key):
            continue
        sides = [observed.run.steps[at] for at in step.inputs]
        flat, column = sorted(sides, key=lambda each: each.value.ndim)
        n = len(flat.value) if flat.value.ndim == 1 else 0
        if n < 2 or column.value.shape != (n, 1):
            continue
        known = {label.name for at in step.inputs for label in observed.labels[at]}
        of_a = any(names.named(e).kind == names.OF_A or e.startswith("f'") for e in known)
        if step.op == "multiply" and not of_a:
            continue
        left, right = (_operand(observed, at) for at in step.inputs)
        fits = str(column.value.shape)
        if observed.notation.single:
            fits = texts.or_both(flat.value.shape, column.value.shape)
        message = texts.outer_broadcast(
            left.text,
            shape_words(left.shape),
            SIGNS[step.op],
            right.text,
            shape_words(right.shape),
            shape_words(step.value.shape),
            fits,
        )
        both = {"target", names.activation(observed.depth)} <= known
        return WrongShape(key, message, ids.BROADCAST_COLUMNS if both else None)
    return None
