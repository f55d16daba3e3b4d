"""Read a recording that a client sends, and compute every value again.

Nothing in it is trusted: an operation is one of the table, a value is read after it is computed,
and sizes and work of a node are bounded before it runs. Errors name the node.
"""

from __future__ import annotations

import binascii
import inspect
import json
import math
import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from backprop_explorer.engine import names
from backprop_explorer.engine.backward import backward_nodes
from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.engine.graph import Given, Graph, Node, run
from backprop_explorer.engine.names import Name
from backprop_explorer.engine.ops import OPS, Operation
from backprop_explorer.engine.ops.index import by_axis
from backprop_explorer.engine.ops.operation import Shape, letters
from backprop_explorer.record.array import LoopRun
from backprop_explorer.record.recording import Origin, ProgramRecording
from backprop_explorer.record.saved import VERSION
from backprop_explorer.texts import record as texts

MAX_NODES = 2_000
MAX_RANK = 8
# Numbers in one value, and in all values that are computed.
MAX_ENTRIES, MAX_TOTAL = 1_000_000, 8_000_000
# Multiplications, additions and moves of one node, and of all.
MAX_WORK, MAX_TOTAL_WORK = 50_000_000, 200_000_000
MAX_SECONDS = 5.0
MAX_ATTRIBUTE_PARTS = 10_000

FORWARD = ("elementwise", "reduction", "product", "shape", "index", "discrete")
_DTYPES = (
    *("float64", "float32", "float16", "bool", "int64", "int32", "int16", "int8"),
    *("uint64", "uint32", "uint16", "uint8"),
)
# No character that begins a command in LaTeX or HTML.
_ID = re.compile(r"[^\\{}<>\x00-\x1f\x7f-\x9f]{1,200}")
_SUBSCRIPTS = re.compile(r"[A-Za-z]*(,[A-Za-z]*)*->[A-Za-z]*")


def from_json(text: str | bytes) -> ProgramRecording:
    """Return the recording that ``to_json`` wrote. Raises InvalidInput."""
    try:
        return received(json.loads(text))
    except (ValueError, TypeError, KeyError, AttributeError):
        raise InvalidInput("recording", texts.NOT_A_RECORDING) from None


def received(content: Mapping[str, Any]) -> ProgramRecording:
    """Return the recording of ``content``, the decoded JSON of ``to_json``.

    Raises InvalidInput with the field "nodes.ID" or "givens.ID".
    """
    if content["version"] != VERSION:
        raise InvalidInput("version", texts.other_version(VERSION))
    values: dict[str, Any] = {}
    shapes: dict[str, Shape] = {}
    givens = [_given(each, values) for each in content["givens"]]
    shapes |= {name: np.shape(value) for name, value in values.items()}
    nodes = _nodes(content, givens)
    budget = _Budget()
    for node in nodes:
        budget.check(node, [shapes[name] for name in node.inputs], index_arrays(node, values))
        budget.run(node, values)
        shapes[node.id] = np.shape(values[node.id])
    root = _root(content["cost"], nodes, values)
    forward = tuple(
        Node(
            *(node.id, "cost" if node.id == root else "forward", node.op, node.inputs),
            *(letters(shapes[node.id]), None, node.attributes),
        )
        for node in nodes
    )
    graph = Graph(
        tuple(Given(g.name, letters(shapes[g.name]), g.parameter) for g in givens), forward
    )
    if not graph.parameters:
        raise InvalidInput("givens", texts.NO_ARRAYS)
    backward = backward_nodes(graph, root, shapes=shapes)
    for node in backward:
        budget.run(node, values)
    graph = graph.replaced((*forward, *backward))
    known: dict[str, Name] = {
        name: name for name in (*(g.name for g in givens), *(node.id for node in forward))
    }

    def of(name: str, field: str) -> Name:
        if name not in known:
            raise InvalidInput(field, texts.unknown_value(name))
        return known[name]

    axes_of: dict[str, Any] = {}
    for k, axes in content.get("axes_of", {}).items():
        axes_of[name := of(k, "axes_of")] = axes
        if len(axes) != len(shapes[name]):
            raise InvalidInput("axes_of", texts.axes_count(name, len(shapes[name]), len(axes)))
    return ProgramRecording(
        graph=graph,
        values=values,
        cost=root,
        wrt=graph.parameters,
        sources={of(k, "sources"): _source(k, each) for k, each in content["sources"].items()},
        arguments=tuple(of(each, "arguments") for each in content["arguments"]),
        results=tuple(of(each, "results") for each in content["results"]),
        aliases={k: of(each, "aliases") for k, each in content["aliases"].items()},
        notes=tuple(content["notes"]),
        source_text={k: tuple(lines) for k, lines in content["source_text"].items()},
        axes_of=axes_of,
    )


def _given(content: Mapping[str, Any], values: dict[str, Any]) -> Given:
    name = _new_id(content["id"], values, "givens")
    field = f"givens.{name}"
    value = _value(content["value"], field)
    if isinstance(value, np.ndarray | np.generic) and np.isnan(value).any():
        raise InvalidInput(field, texts.NAN)
    if not isinstance(value, np.ndarray):
        name = names.variable(name, names.number_latex(value))
    values[name] = value
    if content["parameter"] and getattr(value, "dtype", np.dtype(bool)).kind != "f":
        raise InvalidInput(field, texts.NOT_FLOAT)
    return Given(name, "", content["parameter"])


def _new_id(text: str, known: Iterable[str], field: str) -> Name:
    if not _ID.fullmatch(text) or (names.of_gradient(text) and "@own" not in text):
        raise InvalidInput(f"{field}.{text[:40]}", texts.BAD_ID)
    if text in known:
        raise InvalidInput(f"{field}.{text}", texts.TWICE)
    return names.variable(text)


def _value(content: Mapping[str, Any], field: str) -> Any:
    """An array, a number with its type, or a number of Python."""
    if "python" in content:
        kinds: dict[str, Callable[[str], Any]] = {
            "float": float,
            "int": int,
            "bool": lambda text: {"True": True, "False": False}[text],
        }
        try:
            found = kinds[content["python"]](content["text"][:40])
        except (KeyError, ValueError):
            raise InvalidInput(field, texts.BAD_NUMBER) from None
        if found != found or (isinstance(found, int) and abs(found) >= 2**63):
            raise InvalidInput(field, texts.BAD_NUMBER)
        return found
    shape = tuple(content["shape"])
    if content["dtype"] not in _DTYPES:
        raise InvalidInput(field, texts.dtype(str(content["dtype"])[:20]))
    if len(shape) > MAX_RANK or any(side < 0 for side in shape):
        raise InvalidInput(field, texts.most_axes(MAX_RANK))
    dtype = np.dtype(content["dtype"]).newbyteorder("<")
    try:
        data = binascii.a2b_base64(content["data"], strict_mode=True)
    except (binascii.Error, ValueError):
        raise InvalidInput(field, texts.NOT_BASE64) from None
    if len(data) != math.prod(shape) * dtype.itemsize:
        needed = math.prod(shape) * dtype.itemsize
        raise InvalidInput(field, texts.bytes_of_shape(shape, needed, len(data)))
    array = np.frombuffer(data, dtype).astype(dtype.newbyteorder("=")).reshape(shape)
    return array[()] if content["number"] and not shape else array


def _nodes(content: Mapping[str, Any], givens: Sequence[Given]) -> list[Node]:
    """The nodes without axes. Raises InvalidInput for what can be seen without computing."""
    given = content["nodes"]
    if len(given) > MAX_NODES:
        raise InvalidInput("nodes", texts.most_nodes(MAX_NODES, len(given)))
    later = {each["id"] for each in given}
    known: dict[str, Name] = {each.name: each.name for each in givens}
    nodes = []
    for each in given:
        name = _new_id(each["id"], known, "nodes")
        field = f"nodes.{name}"
        operation = OPS.get(each["op"]) if len(each["op"]) < 40 else None
        if operation is None or operation.family not in FORWARD:
            raise InvalidInput(field, texts.unknown_operation(each["op"][:40]))
        for read in each["inputs"]:
            if read not in known:
                late = texts.reads_later(read[:80]) if read in later else None
                raise InvalidInput(field, late or texts.unknown_value(read[:80]))
        attributes = _attributes(operation, each["attributes"], field)
        inputs = tuple(known[read] for read in each["inputs"])
        _check_count(operation, inputs, field)
        nodes.append(Node(name, "forward", operation.name, inputs, "", None, attributes))
        known[name] = name
    return nodes


def _check_count(operation: Operation, inputs: Sequence[str], field: str) -> None:
    parts = operation.signature.split("->")[0].split(",")
    least = 1 if operation.name == "einsum" else len(parts) - (parts[-1] == "…")
    more = operation.name == "einsum" or parts[-1] == "…"
    if len(inputs) < least or (len(inputs) > least and not more):
        raise InvalidInput(field, texts.inputs_needed(operation.name, least, len(inputs)))


def _attribute_names(operation: Operation) -> set[str]:
    if not inspect.isfunction(operation.compute):
        return set()
    parameters = inspect.signature(operation.compute).parameters.values()
    return {each.name for each in parameters if each.kind is each.KEYWORD_ONLY}


def _attributes(
    operation: Operation, content: Mapping[str, Any], field: str
) -> tuple[tuple[str, Any], ...]:
    known = _attribute_names(operation)
    if set(content) != known:
        raise InvalidInput(field, texts.attributes_needed(operation.name, sorted(known)))
    left = [MAX_ATTRIBUTE_PARTS]
    found = tuple((name, _attribute(value, left, field)) for name, value in content.items())
    for name, value in found:
        allowed = name != "dtype" or value is None or value in _DTYPES
        if not allowed or (name == "subscripts" and not _SUBSCRIPTS.fullmatch(str(value))):
            raise InvalidInput(field, texts.bad_attribute(name))
    return found


def _attribute(value: Any, left: list[int], field: str, depth: int = 0) -> Any:
    """A constant as ``Node`` has it: lists become tuples."""
    left[0] -= 1
    if left[0] < 0 or depth > 4:
        raise InvalidInput(field, texts.ATTRIBUTES_TOO_LARGE)
    if isinstance(value, list):
        return tuple(_attribute(each, left, field, depth + 1) for each in value)
    if isinstance(value, dict) and value.keys() == {"float"}:
        return float(value["float"]) if value["float"] in ("inf", "-inf", "nan") else None
    if isinstance(value, str) and len(value) > 100:
        raise InvalidInput(field, texts.ATTRIBUTES_TOO_LARGE)
    if isinstance(value, int) and abs(value) >= 2**53:
        raise InvalidInput(field, texts.ATTRIBUTES_TOO_LARGE)
    if value is None or isinstance(value, str | int | float):
        return value
    raise InvalidInput(field, texts.bad_attribute(type(value).__name__))


def index_arrays(node: Node, values: Mapping[str, Any]) -> list[Any]:
    """Return the arrays among the inputs of a read or write that are its index."""
    if node.operation.family != "index":
        return []
    return [values[name] for name in node.inputs[1 if node.op == "getitem" else 2 :]]


class _Budget:
    """What the nodes may still take."""

    def __init__(self) -> None:
        self._entries = self._work = 0
        self._deadline = time.monotonic() + MAX_SECONDS

    def check(self, node: Node, shapes: Sequence[Shape], index: Sequence[Any]) -> None:
        """Raise InvalidInput if a node is too large; it has not been computed yet."""
        field = f"nodes.{node.id}"
        try:
            entries, work = size_of(node, shapes, index)
            large = entries > MAX_ENTRIES
            self._work += work
        except (ValueError, TypeError, KeyError, IndexError, OverflowError) as error:
            raise InvalidInput(field, texts.not_computed(str(error)[:200])) from None
        if large:
            raise InvalidInput(field, texts.most_entries(MAX_ENTRIES, entries))
        if work > MAX_WORK or self._work > MAX_TOTAL_WORK:
            raise InvalidInput(field, texts.TOO_MUCH_WORK)

    def run(self, node: Node, values: dict[str, Any]) -> None:
        """Compute a node. Raises InvalidInput if that is not possible."""
        field = f"nodes.{node.id.variable}"
        if time.monotonic() > self._deadline:
            raise InvalidInput(field, texts.TOO_MUCH_WORK)
        try:
            with np.errstate(all="ignore"):
                run((node,), values)
        except Exception as error:  # noqa: BLE001 - operations check nothing, NumPy raises anything
            raise InvalidInput(field, texts.not_computed(str(error)[:200])) from None
        value = values[node.id]
        kind = getattr(value, "dtype", np.dtype(type(value))).kind
        if kind not in "fiub" or np.ndim(value) > MAX_RANK:
            raise InvalidInput(field, texts.most_axes(MAX_RANK))
        self._entries += np.size(value)
        if np.size(value) > MAX_ENTRIES or self._entries > MAX_TOTAL:
            raise InvalidInput(field, texts.most_entries(MAX_TOTAL, self._entries))


def size_of(node: Node, shapes: Sequence[Shape], index: Sequence[Any]) -> tuple[int, int]:
    """Return upper bounds of a node's entries and work, from the shapes of its inputs.

    ``index`` has the index arrays of a read or write. Raises ValueError if the shapes do not fit.
    """
    family, keywords = node.operation.family, node.keywords
    sizes = [math.prod(shape) for shape in shapes]
    if family == "product":
        return _size_of_product(node.operation, shapes, keywords)
    if family == "shape":
        entries = _size_of_moved(node.op, shapes, sizes, keywords)
    elif family == "index":
        entries = sizes[0]
        if node.op == "getitem":
            entries = _size_of_read(shapes[0], keywords["index"], index)
        else:
            view = keywords["view"]
            seen = shapes[0] if view is None else view[1]
            written = _size_of_read(tuple(seen), keywords["index"], index)
            moved = max(written, math.prod(keywords["region"]), math.prod(seen))
            return entries, entries + moved
    else:
        entries = math.prod(np.broadcast_shapes(*shapes))
    return entries, entries + sum(sizes)


def _size_of_product(
    operation: Operation, shapes: Sequence[Shape], keywords: Mapping[str, Any]
) -> tuple[int, int]:
    assert operation.written is not None
    inputs, output = operation.written(shapes, (), **keywords)[0].split("->")
    lengths: dict[str, int] = {}
    for part, shape in zip(inputs.split(","), shapes, strict=True):
        for letter, length in zip(part, shape, strict=True):
            if letter != "1":
                lengths[letter] = max(length, lengths.get(letter, 1))
    return math.prod(lengths[each] for each in output), math.prod(lengths.values())


def _size_of_read(shape: Shape, index: tuple[Any, ...], arrays: Sequence[Any]) -> int:
    """The most entries that an index reads: slices count as whole axes."""
    arrays = [np.asarray(array) for array in arrays]
    # A mask reads one entry for each that is true.
    masks = [array.dtype == bool for array in arrays]
    by_array = {
        axis + k
        for axis, part in by_axis(index, len(shape), arrays)
        if isinstance(part, tuple) and part[0] == "array"
        for k in range(arrays[part[1]].ndim if masks[part[1]] else 1)
    }
    chosen = (
        (int(np.count_nonzero(array)),) if mask else array.shape
        for array, mask in zip(arrays, masks, strict=True)
    )
    kept = math.prod(length for k, length in enumerate(shape) if k not in by_array)
    return kept * math.prod(np.broadcast_shapes(*chosen))


def _size_of_moved(
    name: str, shapes: Sequence[Shape], sizes: Sequence[int], keywords: Mapping[str, Any]
) -> int:
    """The entries that an operation of the family "shape" gives."""
    if name in ("stretch", "strided"):
        return math.prod(keywords["shape"])
    if name in ("concatenate", "stack"):
        return sum(sizes)
    if name == "pad":
        ends = zip(shapes[0], keywords["widths"], strict=True)
        return math.prod(length + low + high for length, (low, high) in ends)
    return sizes[1] if name == "gather" else sizes[0]


def _root(name: str, nodes: Sequence[Node], values: Mapping[str, Any]) -> Name:
    found = next((node.id for node in nodes if node.id == name), None)
    if found is None:
        raise InvalidInput("cost", texts.unknown_value(name[:80]))
    value = np.asarray(values[found])
    if value.shape != () or value.dtype.kind != "f":
        raise InvalidInput(f"nodes.{found}", texts.COST_NUMBER)
    if not np.isfinite(value):
        bad = next(node.id for node in nodes if not np.all(np.isfinite(values[node.id])))
        raise InvalidInput(f"nodes.{bad}", texts.COST_NOT_FINITE)
    return found


def _source(name: str, content: Mapping[str, Any]) -> Origin:
    try:
        calls = tuple((str(f), int(k), str(g), int(n)) for f, k, g, n in content["calls"])
        runs = tuple(
            LoopRun(int(frame), int(line), str(name), value, named is True)
            for frame, line, name, value, named in content["runs"]
        )
    except ValueError:
        raise InvalidInput(f"sources.{name}", texts.BAD_PLACE) from None
    return Origin(
        file=content["file"],
        line=content["line"],
        span=None if content["span"] is None else tuple(content["span"]),
        text=content["text"],
        function=content["function"],
        frame=content["frame"],
        runs=runs,
        calls=calls,
        previous=content["previous"],
    )
