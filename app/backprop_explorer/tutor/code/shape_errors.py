"""Explain an exception of a student's program: which product cannot fit, and what fits."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import numpy as np

from backprop_explorer.engine.notation import Notation
from backprop_explorer.texts import tutor_code as texts
from backprop_explorer.tutor.code.arrays import Array, numbers
from backprop_explorer.tutor.code.observed import Observed
from backprop_explorer.tutor.code.program import ProgramRun
from backprop_explorer.tutor.code.quantities import Index, right_index
from backprop_explorer.tutor.code.recorder import Visit, is_own_code
from backprop_explorer.tutor.code.source import UnknownValueError, expressions
from backprop_explorer.tutor.code.words import shape_words, symbol_text

_PRODUCTS = frozenset({"dot", "matmul", "outer", "einsum", "tensordot", "multiply", "add"})


@dataclass(frozen=True, slots=True)
class Failure:
    """Where a program raised, and the operation and line of the working, if they are known."""

    visit: Visit | None
    line: int | None
    message: str
    misconception: str | None = None
    of_line: str | None = None


@dataclass(frozen=True, slots=True)
class _Operand:
    text: str
    shape: tuple[int, ...]
    name: str | None  # id in the working

    def words(self) -> str:
        known = f" = {symbol_text(self.name)}" if self.name else ""
        return f"{self.text}{known} {shape_words(self.shape)}"


def explain_error(error: BaseException, program: ProgramRun, notation: Notation) -> Failure:
    """Return where the program raised ``error`` and why."""
    observed = program.observed
    found = _raising_line(error.__traceback__)
    if found is None:
        return Failure(None, None, _short(error))
    filename, name, line = found
    visit = next(
        (
            each
            for each in reversed(observed.recording.visits)
            if each.file == filename
            and each.frame.code.co_name == name
            and program.source(filename).first_line(each.line)
            == program.source(filename).first_line(line)
        ),
        None,
    )
    line = program.source(filename).first_line(line)
    if visit is None or not isinstance(error, ValueError | TypeError):
        return Failure(visit, line, _short(error))
    operands = _failing_operands(visit, program, right_index(observed.traces))
    if operands is None:
        return Failure(visit, line, _short(error))
    left, right, operation = operands
    why = _why(left, right, operation)
    message = texts.not_computable(left.words(), operation, right.words(), why)
    of_line = _line_of(left.name, right.name)
    if of_line is not None and of_line in observed.values:
        message += f" {_what_fits(of_line, observed, notation)}"
    return Failure(visit, line, message, _misconception(left, right, of_line), of_line)


def _raising_line(traceback: TracebackType | None) -> tuple[str, str, int] | None:
    found = None
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if is_own_code(code.co_filename):
            found = (code.co_filename, code.co_name, traceback.tb_lineno)
        traceback = traceback.tb_next
    return found


def _short(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:400]


def _failing_operands(
    visit: Visit, program: ProgramRun, index: Index
) -> tuple[_Operand, _Operand, str] | None:
    """Return the operands and the operation of the expression that raises."""
    statement = program.source(visit.file).statement(visit.line)
    if statement is None:
        return None
    evaluator = program.evaluator(visit)
    nodes = list(expressions(statement))
    if isinstance(statement, ast.AugAssign):
        target = ast.parse(ast.unparse(statement.target), mode="eval").body
        nodes.append(ast.BinOp(target, statement.op, statement.value))
    for node in nodes:
        try:
            with np.errstate(all="ignore"):
                evaluator.value(node)
        except UnknownValueError:
            continue
        except ValueError:
            return _operands(node, evaluator.known, index)
        except Exception:  # noqa: BLE001, S112 - another error is not about shapes
            continue
    return None


def _operands(node: ast.expr, known: Any, index: Index) -> tuple[_Operand, _Operand, str] | None:
    if isinstance(node, ast.BinOp):
        sides = [node.left, node.right]
        operation = {ast.MatMult: "@", ast.Mult: "*", ast.Add: "+", ast.Sub: "−", ast.Div: "/"}.get(
            type(node.op), "with"
        )
    elif isinstance(node, ast.Call) and len(node.args) >= 2:
        sides = node.args[-2:]
        operation = "@" if ast.unparse(node.func).endswith(("dot", "matmul")) else "with"
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
        sides, operation = [node.func.value, node.args[0]], "@"
    else:
        return None
    operands = []
    for side in sides:
        value = numbers(known(side))
        if value is None:
            return None
        operands.append(_Operand(ast.unparse(side), value.shape, _name(value, index)))
    return operands[0], operands[1], operation


def _name(value: Array, index: Index) -> str | None:
    labels = index.find(value)
    lines = [label for label in labels if label.line]
    exact = [label for label in lines if label.factor == 1.0]
    for group in (exact, lines, labels):
        if group:
            names = [label.name for label in group]
            # With an identity both gradients are equal, and products are made with ∂C/∂z.
            turned = names[0].replace("dC_da", "dC_dz")
            return turned if turned in names else names[0]
    return None


def _why(left: _Operand, right: _Operand, operation: str) -> str:
    if operation == "@" and left.shape and right.shape:
        return texts.axes_differ(
            left.shape[-1], right.shape[-2] if len(right.shape) > 1 else right.shape[0]
        )
    return texts.NOT_ELEMENTWISE


def _line_of(left: str | None, right: str | None) -> str | None:
    """Return the line of the working that combines two quantities."""
    names = {left, right}
    gradients = sorted(n for n in names if n and re.fullmatch(r"dC_dz\d+", n))
    weights = [n for n in names if n and re.fullmatch(r"W\d+", n)]
    outputs = [n for n in names if n and re.fullmatch(r"x|[az]\d+", n)]
    inputs = [n for n in names if n and n.startswith("dC_da")]
    if gradients and weights:
        return f"dC_da{int(gradients[0][5:]) - 1}"
    if gradients and outputs:
        return f"dC_dW{gradients[0][5:]}"
    if weights and outputs:
        return f"z{weights[0][1:]}"
    if inputs:
        return f"dC_dz{inputs[0][5:]}"
    if "target" in names:
        return None
    return None


def _what_fits(line: str, observed: Observed, notation: Notation) -> str:
    """Return the formula of a line in the convention, with the shapes of its factors."""
    single = notation.single
    convention = notation.convention
    layer = int(re.sub(r"\D", "", line))
    below = "x" if layer == 1 else f"a{layer - 1}"
    kind = "single" if single else "batch"
    if line.startswith("dC_dz"):
        shape = shape_words(np.shape(observed.shown(line, observed.values[line])))
        return texts.slope_shape(symbol_text(line), shape)
    if line.startswith("z"):
        formula, names = (
            getattr(convention, f"forward_{kind}"),
            {"W": f"W{layer}", "a": below, "b": f"b{layer}"},
        )
    elif line.startswith("dC_dW"):
        formula, names = (
            getattr(convention, f"weight_gradient_{kind}"),
            {"dz": f"dC_dz{layer}", "a": below},
        )
    else:
        above = layer + 1
        formula, names = (
            getattr(convention, f"input_gradient_{kind}"),
            {"dz": f"dC_dz{above}", "W": f"W{above}"},
        )
    parts = re.findall(r"\{(\w+)\}(\^T)?", formula)
    shapes = []
    for name, turned in parts:
        if name == "b":
            continue
        value = observed.values[names[name]]
        sides = np.shape(notation.show(value, "ij" if name == "W" else "nj"))
        sides = (*sides, 1) if len(sides) == 1 else sides
        shapes.append(str(sides[::-1] if turned else sides))
    written = " ".join(
        symbol_text(names[name]) + ("ᵀ" if turned else "") for name, turned in parts if name != "b"
    )
    bias = f" + {symbol_text(names['b'])}" if "b" in names else ""
    return texts.convention_shapes(symbol_text(line), written, bias, " @ ".join(shapes))


def _misconception(left: _Operand, right: _Operand, line: str | None) -> str | None:
    """Return the catalog's name of the mistake that these factors show."""
    names = [each.name or "" for each in (left, right)]
    weights = next((name for name in names if re.fullmatch(r"W\d+", name)), None)
    if line is None:
        return None
    layer = int(re.sub(r"\D", "", line))
    if line.startswith("dC_da") and weights is not None:
        right_layer = weights == f"W{layer + 1}"
        return "weights_transposed_backward" if right_layer else "weights_of_wrong_layer"
    if line.startswith("z") and weights is not None:
        below = "x" if layer == 1 else f"a{layer - 1}"
        return "transposed_weights" if below in names else None
    if line.startswith("dC_dz") and any(name.startswith(("f'", "∂a")) for name in names):
        return "slope_as_matrix"
    return None
