"""A recording as JSON: operations by name, and the arrays that the program starts from.

Values of nodes are not stored: whoever reads a recording computes them again, with the same bits.
Reading runs no code of the program. Every size is checked before an operation is computed.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from backprop_explorer.engine import names
from backprop_explorer.engine.errors import InvalidInput, LimitExceeded
from backprop_explorer.engine.graph import Given, Graph, Node, run
from backprop_explorer.engine.names import Name
from backprop_explorer.engine.ops import OPS
from backprop_explorer.engine.ops.operation import Shape, letters
from backprop_explorer.engine.ops.products import tensordot_subscripts
from backprop_explorer.record.array import MAX_OPERATIONS, LoopRun
from backprop_explorer.record.recording import Origin, ProgramRecording, with_gradients
from backprop_explorer.texts import record as texts

VERSION = 1
# Entries of one value, and of all values together.
MAX_ENTRIES, MAX_TOTAL = 4_000_000, 40_000_000
# Multiplications of one product.
MAX_PRODUCTS = 1_000_000_000
_FAMILIES = ("elementwise", "reduction", "product", "shape", "index", "discrete")
_DTYPES = (
    *("float64", "float32", "float16", "int64", "int32", "int16", "int8"),
    *("uint64", "uint32", "uint16", "uint8", "bool"),
)
_NUMBERS = {"int": int, "float": float, "bool": lambda text: text == "True"}


def to_json(recording: ProgramRecording, *, source: bool = True) -> str:
    """Return a recording as JSON. ``source`` adds the lines of the program's files."""
    graph = recording.graph
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
        "sources": {
            name: {**asdict(each), "text": each.text if source else ""}
            for name, each in recording.sources.items()
        },
        "source_text": dict(recording.source_text) if source else {},
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def from_json(text: str | bytes) -> ProgramRecording:
    """Read a recording and compute all its values again.

    Raises InvalidInput with the place ("nodes.3.op") and the id of a bad node, LimitExceeded if an
    array would be too large.
    """
    try:
        content = json.loads(text)
    except ValueError:
        raise InvalidInput("recording", texts.NO_JSON) from None
    return from_content(content)


def from_content(content: Any) -> ProgramRecording:
    """Read a recording from what ``to_json`` writes, already parsed. Raises InvalidInput."""
    if not isinstance(content, dict) or content.get("version") != VERSION:
        raise InvalidInput("version", texts.version(VERSION))
    givens = _list(content, "givens")
    nodes = _list(content, "nodes")
    if len(nodes) > MAX_OPERATIONS:
        raise LimitExceeded("nodes", texts.OPERATIONS, MAX_OPERATIONS, len(nodes))
    reader = _Reader()
    for k, each in enumerate(givens):
        reader.given(each, f"givens.{k}")
    cost = content.get("cost")
    for k, each in enumerate(nodes):
        reader.node(each, f"nodes.{k}", cost)
    root = reader.ids.get(cost) if isinstance(cost, str) else None
    if (
        root is None
        or np.shape(reader.values[root]) != ()
        or root not in {node.id for node in reader.nodes}
    ):
        raise InvalidInput("cost", texts.NO_COST)
    graph = Graph(tuple(reader.givens), tuple(reader.nodes))
    if not graph.parameters:
        raise InvalidInput("givens", texts.NO_PARAMETER)
    graph = with_gradients(graph, root, reader.values)

    def known(field: str) -> tuple[Name, ...]:
        return tuple(reader.ids[n] for n in _strings(content.get(field)) if n in reader.ids)

    aliases = content.get("aliases")
    pairs = aliases.items() if isinstance(aliases, dict) else ()
    return ProgramRecording(
        graph=graph,
        values=reader.values,
        cost=root,
        wrt=graph.parameters,
        sources=_origins(content.get("sources"), reader.ids),
        arguments=known("arguments"),
        results=known("results"),
        aliases={name: reader.ids[to] for name, to in pairs if to in reader.ids},
        notes=tuple(_strings(content.get("notes"))),
        source_text=_source_text(content.get("source_text")),
    )


def _list(content: Mapping[str, Any], field: str) -> list[Any]:
    found = content.get(field)
    if not isinstance(found, list):
        raise InvalidInput(field, texts.NO_LIST)
    return found


def _strings(value: Any) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


class _Reader:
    """Givens and nodes as they are read, with the value of each."""

    def __init__(self) -> None:
        self.givens: list[Given] = []
        self.nodes: list[Node] = []
        self.values: dict[str, Any] = {}
        self.ids: dict[str, Name] = {}
        self._entries = 0

    def _new(self, item: Any, field: str) -> Name:
        text = item.get("id") if isinstance(item, dict) else None
        if not isinstance(text, str) or not text or len(text) > 200:
            raise InvalidInput(f"{field}.id", texts.NO_ID)
        if text in self.ids:
            raise InvalidInput(f"{field}.id", texts.id_twice(text))
        self.ids[text] = names.variable(text)
        return self.ids[text]

    def _keep(self, name: Name, value: Any, field: str) -> None:
        self.values[name] = value
        self._entries += int(np.size(value))
        if self._entries > MAX_TOTAL:
            raise LimitExceeded(field, texts.ENTRIES, MAX_TOTAL, self._entries)

    def given(self, item: Any, field: str) -> None:
        name = self._new(item, field)
        value = _decoded_value(item.get("value"), f"{field}.value")
        if isinstance(value, bool | int | float):
            name = self.ids[name] = names.variable(name, names.number_latex(value))
        parameter = item.get("parameter") is True
        if parameter and getattr(value, "dtype", np.dtype(int)).kind != "f":
            raise InvalidInput(f"{field}.parameter", texts.whole_parameter(name))
        self.givens.append(Given(name, letters(np.shape(value)), parameter=parameter))
        self._keep(name, value, field)

    def node(self, item: Any, field: str, cost: Any) -> None:
        name = self._new(item, field)
        op = item.get("op")
        entry = OPS.get(op) if isinstance(op, str) else None
        if entry is None or entry.written is None or entry.family not in _FAMILIES:
            raise InvalidInput(f"{field}.op", texts.unknown_operation(name, op))
        inputs = []
        for each in _strings(item.get("inputs")):
            if each not in self.values:
                raise InvalidInput(f"{field}.inputs", texts.unknown_input(name, each))
            inputs.append(self.ids[each])
        given = item.get("attributes")
        attributes = _decoded(given) if isinstance(given, dict) else {}
        values = [self.values[each] for each in inputs]
        shapes = [np.shape(each) for each in values]
        node = Node(
            *(name, "cost" if name == cost else "forward", str(op), tuple(inputs)),
            *("", None, tuple(attributes.items())),
        )
        try:
            entries, products = _size(str(op), shapes, values, attributes)
            if entries > MAX_ENTRIES or products > MAX_PRODUCTS:
                raise LimitExceeded(field, texts.entries_of(name), MAX_ENTRIES, entries)
            with np.errstate(all="ignore"):
                value = run((node,), dict(zip(inputs, values, strict=True)))[name]
        except InvalidInput:
            raise
        except Exception as error:  # noqa: BLE001 - NumPy raises many kinds for bad arguments
            raise InvalidInput(field, texts.not_computed(name, str(error)[:200])) from None
        if getattr(value, "dtype", np.dtype(float)).kind not in "fiub":
            raise InvalidInput(field, texts.not_computed(name, str(value.dtype)))
        axes = letters(np.shape(value))
        self.nodes.append(
            Node(node.id, node.role, node.op, node.inputs, axes, None, node.attributes)
        )
        self._keep(name, value, field)


def _broadcast(shapes: Sequence[Shape]) -> int:
    return math.prod(np.broadcast_shapes(*shapes))


def _size(
    op: str, shapes: Sequence[Shape], values: Sequence[Any], attributes: Mapping[str, Any]
) -> tuple[int, int]:
    """(entries of the result or of a view in it, multiplications), before it is computed."""
    family = OPS[op].family
    if op == "matmul":
        a, b = shapes
        batch = math.prod(np.broadcast_shapes(a[:-2], b[:-2]))
        rows, columns = (a[-2] if len(a) > 1 else 1), (b[-1] if len(b) > 1 else 1)
        return batch * rows * columns, batch * rows * columns * a[-1]
    if op in ("einsum", "tensordot"):
        subscripts = (
            attributes["subscripts"]
            if op == "einsum"
            else tensordot_subscripts(shapes, attributes["axes"])
        )
        inputs, out = subscripts.split("->")
        sizes = dict(zip(inputs.replace(",", ""), (n for s in shapes for n in s), strict=True))
        return math.prod(sizes[c] for c in out), math.prod(sizes.values())
    if op in ("stretch", "strided", "reshape"):
        return math.prod(attributes["shape"]), 0
    if op == "pad":
        widths = zip(shapes[0], attributes["widths"], strict=True)
        return math.prod(n + low + high for n, (low, high) in widths), 0
    if op == "gather":
        return math.prod(shapes[1]), 0
    if op in ("concatenate", "stack"):
        return sum(map(math.prod, shapes)), 0
    if family == "index":
        return _indexed(op, shapes, values, attributes), 0
    if family in ("elementwise", "discrete"):
        return _broadcast(shapes), 0
    return math.prod(shapes[0]), 0


def _indexed(
    op: str, shapes: Sequence[Shape], values: Sequence[Any], attributes: Mapping[str, Any]
) -> int:
    """At most the entries that an index names: those of its arrays times those of other axes."""
    view = attributes.get("view")
    shape = shapes[0] if view is None else view[1]
    arrays = shapes[1:] if op == "getitem" else shapes[2:]
    kinds = [np.asarray(each).dtype.kind for each in values[len(values) - len(arrays) :]]
    axis, rest = 0, 1
    for each in attributes["index"]:
        if isinstance(each, tuple) and each[0] == "array":
            axis += len(arrays[each[1]]) if kinds[each[1]] == "b" else 1
        elif each == "...":
            taken = sum(part is not None and part != "..." for part in attributes["index"])
            rest *= math.prod(shape[axis : len(shape) - taken + axis])
            axis = len(shape) - taken + axis
        elif each is not None:
            rest *= shape[axis] if axis < len(shape) else 1
            axis += 1
    rest *= math.prod(shape[axis:])
    return max(rest * max(map(math.prod, arrays), default=1), math.prod(shape))


def _encoded(value: Any) -> Any:
    """Return an attribute for JSON, which has no infinite numbers."""
    if isinstance(value, tuple | list):
        return [_encoded(each) for each in value]
    if isinstance(value, np.generic):
        return _encoded(value.item())
    if isinstance(value, float) and not np.isfinite(value):
        return {"float": str(value)}
    return value


def _decoded(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_decoded(each) for each in value)
    if isinstance(value, dict):
        if set(value) == {"float"}:
            return float(value["float"])
        return {name: _decoded(each) for name, each in value.items()}
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


def _decoded_value(item: Any, field: str) -> Any:
    if not isinstance(item, dict):
        raise InvalidInput(field, texts.NO_VALUE)
    try:
        if "python" in item:
            make: Callable[[str], Any] = _NUMBERS[item["python"]]
            return make(str(item["text"])[:400])
        if item["dtype"] not in _DTYPES:
            raise InvalidInput(f"{field}.dtype", texts.dtype(str(item["dtype"])[:50]))
        kind = np.dtype(item["dtype"])
        data = base64.b64decode(item["data"], validate=True)
        shape = tuple(int(each) for each in item["shape"])
        found = np.frombuffer(data, dtype=kind.newbyteorder("<")).reshape(shape).astype(kind)
    except (KeyError, TypeError, ValueError, OverflowError):
        raise InvalidInput(field, texts.NO_VALUE) from None
    return found[()] if item.get("number") is True and found.ndim == 0 else found


def _origins(content: Any, ids: Mapping[str, Name]) -> dict[str, Origin]:
    """The places of values in the source; what is not as ``to_json`` writes it is left out."""
    found: dict[str, Origin] = {}
    for name, each in content.items() if isinstance(content, dict) else ():
        try:
            found[ids[name]] = Origin(
                file=str(each["file"]),
                line=int(each["line"]),
                span=None if each["span"] is None else tuple(map(int, each["span"])),  # type: ignore[arg-type]
                text=str(each["text"]),
                function=str(each["function"]),
                frame=int(each["frame"]),
                runs=tuple(
                    LoopRun(int(frame), int(line), str(variable), value, named is True)
                    for frame, line, variable, value, named in each["runs"]
                ),
                calls=tuple((str(f), int(k), str(g), int(n)) for f, k, g, n in each["calls"]),
                previous=ids.get(each["previous"]),
            )
        except (KeyError, TypeError, ValueError):
            continue
    return found


def _source_text(content: Any) -> dict[str, list[str]]:
    pairs = content.items() if isinstance(content, dict) else ()
    return {file: _strings(lines) for file, lines in pairs}
