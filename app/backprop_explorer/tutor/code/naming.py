"""What names, statements and mistakes of a student's program refer to."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from backprop_explorer.tutor.checker.variants import Mistake, Variant
from backprop_explorer.tutor.code.arrays import numbers
from backprop_explorer.tutor.mistakes.search import confused


def wrong_operands(mistake: Mistake, line: str, variant: Variant) -> tuple[Any, Any] | None:
    """Return the value used wrongly and the one that is needed; None for other mistakes.

    ``line`` is where the mistake is made, or one that shows it.
    """
    order = variant.reference.order
    made = [name for name in mistake.lines if order[name] <= order[line]]
    for site in variant.sites(max(made, key=order.__getitem__)) if made else ():
        found = confused(site, mistake.misconception, mistake.detail)
        if found is not None:
            return found
    return None


def quantity_of(line: str) -> str:
    """Return what a line is, without its layer: dC_dz2 → dC_dz."""
    return re.sub(r"\d+(_next)?$", "", line)


def container_items(container: Any) -> Iterator[Any]:
    if isinstance(container, dict):
        yield from container.values()
    elif isinstance(container, list | tuple):
        for item in container:
            if numbers(item) is None and isinstance(item, list | tuple | dict):
                yield from container_items(item)
            else:
                yield item


def means_quantity(path: str, letter: str) -> bool:
    """Whether the last name in a path means the quantity: acts[1] and a1 mean a, zs[0] means z."""
    names = re.findall(r"[A-Za-z_]\w*", path)
    name = (names[-1] if names else "").lower().strip("_0123456789")
    layer = re.fullmatch(r"(d[az])_?(?:l|prev|last)", name)  # dAL, dA_prev
    name = layer[1] if layer else name
    if letter == "dC_da" and re.fullmatch(r"d[clje]_?d(p|y|yhat|o|out|pred|prob)s?", name):
        return True  # dL_dp
    words = {
        "z": ("z", "zs", "pre", "net", "linear", "weighted"),
        "a": ("a", "as", "act", "acts", "activation", "activations", "h", "out", "output"),
        "dC_dz": ("dz", "delta", "deltas", "dc_dz", "dcdz"),
        "dC_da": ("da", "dc_da", "dcda"),
        "dC_db": ("b", "db", "dc_db", "grad_b", "gb", "dbias", "nabla_b"),
        "dC_dW": ("w", "dw", "dc_dw", "grad_w", "gw", "nabla_w"),
    }.get(letter, ())
    return name in words


OUTPUT_NAME = re.compile(
    r"(^|[._])(p|a|y|o|f|h|fx|out\w*|prob\w*|soft\w*|pred\w*)\d*$", re.IGNORECASE
)


def is_output_name(path: str) -> bool:
    """Whether the last name in a path means the output of a layer."""
    return OUTPUT_NAME.search(path) is not None or means_quantity(path, "a")


def names_cost_gradient(function: str) -> bool:
    """Whether the name of a function means ∂C/∂a: mse_der, cost_derivative, dLoss."""
    name = function.lower()
    return bool(
        re.search(r"cost|loss|mse|entropy|ce_|bce|error|objective", name)
        and re.search(r"der|prime|grad|backward|^d_?[clj]", name)
    )


def names_entry(function: str, entry: str) -> bool:
    """Whether the name of a function contains that of an activation or cost."""
    short = entry.replace("_", "")
    words = {
        "crossentropy": ("crossentropy", "ce"),
        "binarycrossentropy": ("binarycrossentropy", "bce"),
        "identity": ("identity", "linear"),
        "mse": ("mse", "squared"),
    }.get(short, (short,))
    plain = function.replace("_", "")
    if short in ("relu", "elu"):
        # Not leakyrelu or lrelu, and not the end of relu.
        return "leaky" not in plain and bool(re.search(rf"(?<![a-z]){short}", function))
    return any(word in plain for word in words)


def stores(statement: ast.stmt, name: str) -> bool:
    """Whether the head of a statement assigns a variable."""
    parts: list[ast.AST] = [statement]
    if isinstance(statement, ast.For):
        parts = [statement.target]
    elif not isinstance(statement, ast.Assign | ast.AugAssign | ast.AnnAssign):
        return False
    return any(
        isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store)
        for part in parts
        for node in ast.walk(part)
    )


def is_index(node: ast.AST, parts: Sequence[ast.AST]) -> bool:
    """Whether a node is in the index of a subscript, as i + 1 in layers[i + 1]."""
    return any(
        isinstance(part, ast.Subscript) and any(inside is node for inside in ast.walk(part.slice))
        for part in parts
    )


def is_transposition(node: ast.AST) -> bool:
    """Whether an expression is a variable transposed: ``W.T``, ``W.transpose()``."""
    if isinstance(node, ast.Call):
        node = node.func
    return isinstance(node, ast.Attribute) and node.attr in ("T", "transpose")


def reads(statement: ast.AST, name: str) -> bool:
    """Whether a statement reads a variable, an attribute or an entry with this name."""
    return any(
        (isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load))
        or (isinstance(node, ast.Attribute) and node.attr == name)
        or (
            isinstance(node, ast.Subscript)
            and isinstance(node.ctx, ast.Load)
            and isinstance(node.slice, ast.Constant)
            and node.slice.value == name
        )
        for node in ast.walk(statement)
    )


def reads_path(statement: ast.AST, path: str) -> bool:
    """Whether a statement reads a variable, or something in it: ``acts[2]``, ``self.r[1]``."""
    plain = re.sub(r"\[[^\]]*\]", "", path)
    name, *attributes = plain.split(".")
    wanted = attributes[-1] if attributes else name
    return any(
        (isinstance(node, ast.Attribute) and node.attr == wanted)
        or (isinstance(node, ast.Name) and node.id == wanted and isinstance(node.ctx, ast.Load))
        for node in ast.walk(statement)
    )


def is_equal(value: Any, right: Any) -> bool:
    return np.shape(value) == np.shape(right) and bool(
        np.all(np.abs(np.asarray(value) - right) <= 1e-12 * np.abs(right))
    )
