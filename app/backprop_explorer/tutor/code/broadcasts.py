"""Find sums and differences in which NumPy combined every entry with every other one.

(N, 1) and (N,) give (N, N) without an error, and what follows has a wrong shape or wrong numbers.
"""

from __future__ import annotations

import ast

import numpy as np

from backprop_explorer.engine.notation import Notation
from backprop_explorer.texts import tutor_code as texts
from backprop_explorer.tutor.code.arrays import Array, numbers
from backprop_explorer.tutor.code.program import ProgramRun
from backprop_explorer.tutor.code.recorder import Visit
from backprop_explorer.tutor.code.source import expressions
from backprop_explorer.tutor.code.turned import WrongShape
from backprop_explorer.tutor.code.words import shape_words

_SIGNS = {ast.Add: "+", ast.Sub: "−", ast.Div: "/", ast.Mult: "*"}
_FUNCTIONS = {"add": "+", "subtract": "−", "divide": "/", "multiply": "*"}


def silent_broadcast(
    program: ProgramRun, notation: Notation, until: Visit | None
) -> WrongShape | None:
    """Return the first silent combination of (n, 1) with (n,), None if there is none.

    ``until`` is where the program raised. A product of these shapes counts only if it should be
    taken entry by entry: as an outer product it is right.
    """
    for binding in program.recording.made():
        if until is not None and binding.visit.order > until.order:
            return None
        value = program.recording.values[binding.key]
        if value.ndim != 2 or program.observed.is_right(binding.key):
            continue
        found = _in_statement(program, binding.visit)
        if found is not None:
            left, sign, right = found
            shape = np.broadcast_shapes(left[1].shape, right[1].shape)
            fits = _what_fits(left[1], right[1], notation)
            message = texts.outer_broadcast(
                left[0],
                shape_words(left[1].shape),
                sign,
                right[0],
                shape_words(right[1].shape),
                shape_words(shape),
                fits,
            )
            return WrongShape(binding.visit, message, _misconception(program, left[1], right[1]))
    return None


_Side = tuple[str, Array]


def _in_statement(program: ProgramRun, visit: Visit) -> tuple[_Side, str, _Side] | None:
    statement = program.statement(visit)
    if statement is None:
        return None
    evaluator = program.evaluator(visit)
    for node in expressions(statement):
        parts = _operands(node)
        if parts is None:
            continue
        left, sign, right = parts
        values = [numbers(evaluator.known(each)) for each in (left, right)]
        if values[0] is None or values[1] is None or not _is_silent(values[0], values[1]):
            continue
        if sign != "*" or any(
            _is_slope_or_gradient(program, each) for each in (values[0], values[1])
        ):
            return (ast.unparse(left), values[0]), sign, (ast.unparse(right), values[1])
    return None


def _operands(node: ast.expr) -> tuple[ast.expr, str, ast.expr] | None:
    if isinstance(node, ast.BinOp) and type(node.op) in _SIGNS:
        return node.left, _SIGNS[type(node.op)], node.right
    if isinstance(node, ast.Call) and len(node.args) >= 2:
        name = ast.unparse(node.func).rpartition(".")[2]
        if name in _FUNCTIONS:
            return node.args[0], _FUNCTIONS[name], node.args[1]
    return None


def _is_silent(left: Array, right: Array) -> bool:
    """Whether the shapes are (n, 1) and (n,), in either order, with more than one entry each."""
    flat, column = sorted((left, right), key=lambda each: each.ndim)
    return (
        flat.ndim == 1
        and column.ndim == 2
        and column.shape[1] == 1
        and column.shape[0] == flat.shape[0] > 1
    )


def _is_slope_or_gradient(program: ProgramRun, value: Array) -> bool:
    """Whether a value is ∂C/∂a or f'(z), which are multiplied entry by entry."""
    names = {label.name for label in program.observed.recognise(value)}
    return any(name.startswith(("dC_da", "f'")) for name in names)


def _misconception(program: ProgramRun, left: Array, right: Array) -> str | None:
    """Return the catalog's name if prediction and target were combined."""
    names = {label.name for side in (left, right) for label in program.observed.recognise(side)}
    return "broadcast_columns" if {"target", f"a{program.observed.depth}"} <= names else None


def _what_fits(left: Array, right: Array, notation: Notation) -> str:
    column = max(left, right, key=lambda each: each.ndim).shape
    flat = min(left, right, key=lambda each: each.ndim).shape
    return texts.or_both(flat, column) if notation.single else f"{column}"
