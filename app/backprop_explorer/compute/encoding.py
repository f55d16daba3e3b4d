"""Encode the answers of tasks as JSON: numbers stay exact; NaN and infinity become null.

Arrays are nested lists, or with ``arrays=base64`` Plotly's typed arrays
``{"dtype": "f8", "bdata": "…", "shape": "48,48"}``, which a browser decodes without parsing.
"""

from __future__ import annotations

import math
from binascii import b2a_base64
from typing import Any, NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray

from backprop_explorer.engine.names import OF_B, OF_W
from backprop_explorer.experiments.typed_arrays import DTYPES, encodable

_F4_MAX = float(np.finfo(np.float32).max)
_OPTIONS = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS


def dumps(content: Any) -> bytes:
    """Encode ``content`` as JSON. NaN and infinity become null."""
    return orjson.dumps(content, default=encodable, option=_OPTIONS)


def members(content: dict[str, Any]) -> orjson.Fragment:
    """Encode all members of ``content`` as one fragment, without braces and the first key.

    As the value of that key in another dict it inserts all members:
    ``{"id": members({"id": "z1", "op": "affine"}), "value": 3}`` is encoded as
    ``{"id":"z1","op":"affine","value":3}``. So constant members are encoded once.
    """
    text = dumps(content)
    return orjson.Fragment(text[text.index(b":") + 1 : -1])


def picked(entry: Any, *names: str) -> dict[str, Any]:
    """The fields of ``entry`` whose ``names`` are those of the answer."""
    return {name: getattr(entry, name) for name in names}


def is_finite(value: Any) -> bool:
    """Whether every number of ``value`` (a number or an array) is finite."""
    if isinstance(value, np.ndarray):
        return bool(np.isfinite(value).all())
    return not isinstance(value, float) or math.isfinite(value)


def typed(array: NDArray[Any], dtype: str) -> dict[str, str]:
    """Encode an array as Plotly's typed array of ``dtype``: "f8", "f4", "i4" or "u1"."""
    data = np.ascontiguousarray(array, dtype=DTYPES[dtype])
    encoded = {"dtype": dtype, "bdata": b2a_base64(data, newline=False).decode("ascii")}
    if data.ndim > 1:
        encoded["shape"] = ",".join(map(str, data.shape))
    return encoded


def typed_all(value: Any) -> Any:
    """``value`` with typed float arrays; arrays of whole numbers stay lists."""
    if isinstance(value, np.ndarray):
        return typed(value, "f8") if value.dtype == np.float64 and value.ndim else value
    if isinstance(value, dict):
        return {key: typed_all(each) for key, each in value.items()}
    if isinstance(value, list):
        return [typed_all(each) for each in value]
    return value


def typed_frame(frame: dict[str, Any]) -> dict[str, Any]:
    """Change a frame in place: its parameters, gradients, boundary and curves become typed."""
    for layer in frame["layers"]:
        for name in ("W", "b", OF_W, OF_B):
            if name in layer:
                layer[name] = typed(layer[name], "f8")
        if "map" in layer:
            layer["map"] = typed(np.clip(layer["map"], -_F4_MAX, _F4_MAX), "f4")
    if "boundary" in frame:
        boundary = frame["boundary"]
        for name in ("x", "y", "z", "confidence"):
            if name in boundary:
                # float32 is exact enough for a picture. Clip, since a cast would give infinity.
                boundary[name] = typed(np.clip(boundary[name], -_F4_MAX, _F4_MAX), "f4")
    if "curves" in frame:
        curves = frame["curves"]
        for name, column in curves.items():
            # A missing cost (no test part) is None. A typed array has no null, so it becomes NaN.
            values = np.array(column, dtype=np.float64)
            curves[name] = typed(values, "i4" if name == "step" else "f8")
    return frame


class Reply(NamedTuple):
    """Body, status and headers of an answer."""

    body: bytes
    status: int = 200
    media_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()


def json_reply(content: Any, arrays: str = "lists", status: int = 200) -> Reply:
    """Encode ``content`` as JSON. ``arrays`` is "lists" or "base64"."""
    return Reply(dumps(typed_all(content) if arrays == "base64" else content), status)
