"""A term that is missing beside one of values with like names: dk @ Wk.T beside dq @ Wq.T."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from backprop_explorer.tutor.mistakes import ids
from backprop_explorer.tutor.program.changes.places import (
    ExpressionPlace,
    OtherExpression,
    Scope,
    is_operand,
    parsed,
    with_others,
)

MAX_LETTERS, MAX_PARTS = 8, 5


def sibling_terms(place: ExpressionPlace, scope: Scope) -> Iterator[OtherExpression]:
    """The term of another gate, or of another output: all its names end otherwise, or have another
    number.
    """
    node = place.expression
    if place.kind != "value" or not isinstance(node, ast.BinOp | ast.Call):
        return
    if isinstance(node, ast.BinOp) and not isinstance(node.op, ast.Mult | ast.MatMult):
        return
    known = {scope.text(each): each for each in scope.operands}
    parts = {scope.text(e): e for e in ast.walk(node) if isinstance(e, ast.expr) and is_operand(e)}
    parts = {text: each for text, each in parts.items() if text in known}
    if not 2 <= len(parts) <= MAX_PARTS:
        return
    seen = set[tuple[str, ...]]()
    for text in parts:
        for other in known:
            instead = _instead(text, other, parts, known) if other not in parts else {}
            key = tuple(sorted(scope.text(each) for each in instead.values()))
            if len(instead) > 1 and key not in seen:
                seen.add(key)
                term = with_others(node, instead, scope)
                for pattern in ("x + y", "x - y"):
                    new = parsed(pattern, x=node, y=term)
                    yield OtherExpression(new, ids.MISSING_PATH, 1.0)


def _instead(
    text: str, other: str, parts: dict[str, ast.expr], known: dict[str, ast.expr]
) -> dict[str, ast.expr]:
    """Return what stands in the place of each part where ``text`` is replaced with ``other``, by
    the letters in which these two differ.
    """
    begin = _same(text, other)
    end = _same(text[begin:][::-1], other[begin:][::-1])
    old, new = text[begin : len(text) - end], other[begin : len(other) - end]
    if not (old.isalnum() and new.isalnum() and max(len(old), len(new)) <= MAX_LETTERS):
        return {}
    found = dict[str, ast.expr]()
    for part in parts:
        at = part.rfind(old)
        changed = other if part == text else f"{part[:at]}{new}{part[at + len(old) :]}"
        if at >= 0 and changed in known:
            found[part] = known[changed]
    return found


def _same(one: str, other: str) -> int:
    """Return with how many equal letters two texts begin."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))
