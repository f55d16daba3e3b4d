"""Arrays in JSON, and typed ones: ``{"dtype": "f8", "bdata": "…", "shape": "4,3"}``."""

from __future__ import annotations

import binascii
import re
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from backprop_explorer.texts import experiments as texts

MAX_ENTRIES = 1_000_000
# Little-endian, as Plotly writes them.
DTYPES: Mapping[str, np.dtype[Any]] = {
    name: np.dtype(f"<{name}") for name in ("f8", "f4", "i4", "u1")
}


class TypedArrayGiven(BaseModel):
    """An array as base64: its bytes, little-endian, row by row. For the OpenAPI document."""

    model_config = ConfigDict(extra="forbid")

    dtype: Literal["f8", "f4", "i4", "u1"] = Field(description="float64, float32, int32 or uint8")
    bdata: str = Field(description="The bytes in base64")
    shape: str | None = Field(
        None, description="Lengths of the axes such as 4,3; left out for one axis"
    )


_KEYS = {"dtype", "bdata", "shape"}


def is_typed(value: object) -> bool:
    """Whether a value of a request is meant as a typed array."""
    return isinstance(value, dict) and not _KEYS.isdisjoint(value)


def read_typed(value: Mapping[str, Any]) -> NDArray[Any]:
    """Return the array that a request holds as base64. Raises ValueError saying what is wrong."""
    unknown = set(map(str, value)) - _KEYS
    missing = {"dtype", "bdata"} - set(value)
    if unknown or missing:
        raise ValueError(texts.TYPED_ARRAY)
    dtype = DTYPES.get(value["dtype"]) if isinstance(value["dtype"], str) else None
    if dtype is None:
        raise ValueError(texts.dtype_one_of(", ".join(DTYPES)))
    shape = _shape(value.get("shape"))
    text = value["bdata"]
    if not isinstance(text, str):
        raise ValueError(texts.BDATA_TEXT)
    most = MAX_ENTRIES * dtype.itemsize
    # Four characters hold three bytes.
    if len(text) > 4 * (most // 3 + 1):
        raise ValueError(texts.most_numbers(MAX_ENTRIES))
    try:
        data = binascii.a2b_base64(text, strict_mode=True)
    except (binascii.Error, ValueError):
        raise ValueError(texts.BDATA_NOT_BASE64) from None
    if len(data) % dtype.itemsize:
        raise ValueError(texts.bdata_length(len(data), dtype.itemsize, dtype.str[1:]))
    array = np.frombuffer(data, dtype=dtype)
    if shape is None:
        return array
    if int(np.prod(shape)) != array.size:
        raise ValueError(
            texts.shape_needs(",".join(map(str, shape)), int(np.prod(shape)), array.size)
        )
    return array.reshape(shape)


def _shape(text: Any) -> tuple[int, ...] | None:
    if text is None:
        return None
    if not isinstance(text, str) or not re.fullmatch(r"[0-9]{1,7}(,[0-9]{1,7}){0,3}", text):
        raise ValueError(texts.SHAPE)
    return tuple(map(int, text.split(",")))


def encodable(value: Any) -> Any:
    """Return an array that orjson cannot encode as one that it can, and a scalar as its number."""
    # orjson encodes C-contiguous arrays only.
    if isinstance(value, np.ndarray) and value.ndim:
        return np.ascontiguousarray(value)
    if isinstance(value, np.ndarray | np.generic):
        return value.item()
    raise TypeError(f"cannot encode {type(value).__name__}")


def as_lists(value: Any) -> Any:
    """Return a typed array as nested lists; other values unchanged. Raises ValueError."""
    return read_typed(value).tolist() if is_typed(value) else value
