"""What the usual error messages of NumPy mean in a backpropagation."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

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
    text = (
        f"arrays of shapes {first} and {second} cannot be combined entry by entry; * and + need"
        " equal shapes, a matrix product needs @"
    )
    if _sorted(first) == _sorted(second) and first != second:
        return f"{text}; these two differ by a transpose"
    return text


def _sorted(shape: str) -> list[str]:
    return sorted(re.findall(r"\d+", shape))


def _aligned(found: Sequence[str]) -> str:
    first, second = found
    return (
        f"in a product of shapes {first} and {second} the last length of the first must equal the"
        " first length of the second: transpose one, swap the factors, or check which layer's array"
        " it is"
    )


def _matmul(found: Sequence[str]) -> str:
    second, first = found
    return (
        f"in A @ B the rows of A have {first} entries and the columns of B have {second}: transpose"
        " one, swap the factors, or check which layer's array it is"
    )


_EXPLANATIONS: tuple[tuple[re.Pattern[str], Callable[[Sequence[str]], str]], ...] = (
    (_BROADCAST, _broadcast),
    (
        _OUTPUT,
        lambda found: (
            f"an update in place keeps the shape {found[0]}, but the result has another: a"
            " gradient has the shape of its parameter, so sum ∂C/∂b over the samples"
        ),
    ),
    (_ALIGNED, _aligned),
    (_MATMUL, _matmul),
    (_TORCH, _aligned),
    (
        re.compile(r"too many indices for array|tuple index out of range|axis 1 is out of bounds"),
        lambda found: (
            "an array has fewer axes than the index or axis that is used: print its shape"
        ),
    ),
    (
        re.compile(r"setting an array element with a sequence|inhomogeneous shape"),
        lambda found: "arrays of different shapes do not form one array: keep them in a list",
    ),
    (
        re.compile(r"only (?:size-1|length-1|0-dimensional) arrays can be converted"),
        lambda found: "a function for one number was called with an array: use NumPy's, np.exp",
    ),
    (
        re.compile(r"unsupported operand type\(s\) for .{1,10}: 'NoneType'|'NoneType' and"),
        lambda found: "a function returned nothing: check that it ends with return",
    ),
)


def explain_error(text: str) -> str | None:
    """Return what an error message means, without a full stop; None if it is not known here."""
    end = text[-MAX_READ:]
    for pattern, explanation in _EXPLANATIONS:
        if match := pattern.search(end):
            return explanation(match.groups())
    return None
