"""A recording as JSON: operations by name, and the arrays that the program starts from.

Values of nodes are not stored: ``received`` computes them again, with the same bits.
"""

from __future__ import annotations

import base64
import json
from dataclasses import asdict
from typing import Any

import numpy as np

from backprop_explorer.record.recording import ProgramRecording

# Of the format.
VERSION = 1


def to_json(recording: ProgramRecording, *, source: bool = False) -> str:
    """Return a recording as JSON, without folders of files.

    It has the names of variables and functions, and with ``source`` the lines of the functions that
    ran, but no other code.
    """
    graph, files = recording.graph, recording.file_names
    content = {
        "version": VERSION,
        "cost": recording.cost,
        "givens": [
            {
                "id": each.name,
                "parameter": each.parameter,
                "value": _encoded_value(recording.values[each.name]),
            }
            for each in graph.givens
        ],
        "nodes": [
            {
                "id": node.id,
                "op": node.op,
                "inputs": node.inputs,
                "attributes": {name: _encoded(value) for name, value in node.attributes},
            }
            for node in graph.of_role("forward", "cost")
        ],
        "arguments": recording.arguments,
        "results": recording.results,
        "aliases": dict(recording.aliases),
        "notes": recording.notes,
        "axes_of": dict(recording.axes_of),
        "sources": {
            name: {
                **asdict(each),
                "file": files[each.file],
                "calls": [(files[file], *more) for file, *more in each.calls],
                "text": each.text if source else "",
            }
            for name, each in recording.sources.items()
        },
        "source_text": {
            files[file]: lines for file, lines in recording.source_text.items() if source
        },
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def _encoded(value: Any) -> Any:
    """Return an attribute for JSON, which has no infinite numbers."""
    if isinstance(value, tuple | list):
        return [_encoded(each) for each in value]
    if isinstance(value, np.generic):
        return _encoded(value.item())
    if isinstance(value, float) and not np.isfinite(value):
        return {"float": str(value)}
    return value


def _encoded_value(value: Any) -> dict[str, Any]:
    """Return an array, or a number with its type, for JSON."""
    if isinstance(value, np.ndarray | np.generic):
        whole = np.asarray(value).astype(value.dtype.newbyteorder("<"), order="C")
        return {
            "dtype": str(value.dtype),
            "shape": np.shape(value),
            "data": base64.b64encode(whole.tobytes()).decode(),
            "number": not isinstance(value, np.ndarray),
        }
    return {"python": type(value).__name__, "text": repr(value)}
