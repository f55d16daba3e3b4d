"""What the usual error messages of NumPy mean in a backpropagation."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from backprop_explorer.texts import tutor_reading as texts

# Error messages are read in their last lines.
MAX_READ = 4_000
_SHAPE = r"\((?:\d{1,9},?(?: ?\d{1,9},?)*)?\)"

_BROADCAST = re.compile(
    rf"operands could not be broadcast together with shapes ({_SHAPE})[ ,]*({_SHAPE})"
)
_OUTPUT = re.compile(rf"non-broadcastable output operand with shape ({_SHAPE}).{{0,80}}?({_SHAPE})")
_ALIGNED = re.compile(rf"shapes ({_SHAPE}) and ({_SHAPE}) not aligned")
_MATMUL = re.compile(r"size (\d{1,9}) is different from (\d{1,9})")
_TORCH = re.compile(r"mat1 and mat2 shapes cannot be multiplied \((\d+x\d+) and (\d+x\d+)\)")


def _broadcast(found: Sequence[str]) -> str:
    first, second = found
    text = texts.not_elementwise(first, second)
    if _sorted(first) == _sorted(second) and first != second:
        return texts.differ_by_transpose(text)
    return text


def _sorted(shape: str) -> list[str]:
    return sorted(re.findall(r"\d+", shape))


def _aligned(found: Sequence[str]) -> str:
    first, second = found
    return texts.product_shapes(first, second)


def _matmul(found: Sequence[str]) -> str:
    second, first = found
    return texts.product_entries(first, second)


_EXPLANATIONS: tuple[tuple[re.Pattern[str], Callable[[Sequence[str]], str]], ...] = (
    (_BROADCAST, _broadcast),
    (_OUTPUT, lambda found: texts.in_place(found[0])),
    (_ALIGNED, _aligned),
    (_MATMUL, _matmul),
    (_TORCH, _aligned),
    (
        re.compile(r"too many indices for array|tuple index out of range|axis 1 is out of bounds"),
        lambda found: texts.FEWER_AXES,
    ),
    (
        re.compile(r"setting an array element with a sequence|inhomogeneous shape"),
        lambda found: texts.NO_ONE_ARRAY,
    ),
    (
        re.compile(r"only (?:size-1|length-1|0-dimensional) arrays can be converted"),
        lambda found: texts.FUNCTION_OF_NUMBER,
    ),
    (
        re.compile(r"unsupported operand type\(s\) for .{1,10}: 'NoneType'|'NoneType' and"),
        lambda found: texts.RETURNED_NOTHING,
    ),
)


def explain_error(text: str) -> str | None:
    """Return what an error message means, without a full stop; None if it is not known here."""
    end = text[-MAX_READ:]
    for pattern, explanation in _EXPLANATIONS:
        if match := pattern.search(end):
            return explanation(match.groups())
    return None
