"""Recording: the graph of a program with its values, names and source lines.

The ids are the program's own variables: ``h``; ``h@2`` for a second version; ``h[t=2]`` inside a
loop over ``t``; ``h.1`` for a part of the expression that ``h`` is assigned; ``dC_dh@own`` for a
variable that is called like a gradient.
"""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from backprop_explorer.engine import names
from backprop_explorer.engine.backward import backward_nodes
from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.engine.graph import Given, Graph, Node, run
from backprop_explorer.engine.names import Name
from backprop_explorer.engine.ops.operation import letters
from backprop_explorer.record.array import Record, RecordedArray, Recorder
from backprop_explorer.record.source import Span
from backprop_explorer.texts import record as texts

if TYPE_CHECKING:
    from backprop_explorer.record.program import _Run


@dataclass(frozen=True, slots=True)
class SourceLine:
    """Where a value was computed.

    ``text`` is the expression, ``function`` the name of the function that it stands in, ``calls``
    the (file, line, function) of the callers, the innermost first, ``frame`` the number of the call
    and ``runs`` the loop variables: (("t", 2),). ``previous`` is the version before a write.
    """

    file: str
    line: int
    span: Span | None = None
    text: str = ""
    function: str = ""
    frame: int = 0
    runs: tuple[tuple[str, int | str], ...] = ()
    calls: tuple[tuple[str, int, str, int], ...] = ()
    previous: str | None = None


@dataclass(frozen=True)
class Recording:
    """What one run of a program computed.

    ``graph`` has the forward nodes in order, ``cost`` the name of the last, a number, then the
    backward nodes. ``values`` has those of all nodes and givens by id. ``arguments`` are the ids of
    the arrays among the arguments, ``results`` those of the float arrays that were returned,
    ``aliases`` other names for values: every variable of the outermost function. ``notes`` are
    sentences for the user.
    """

    graph: Graph
    values: Mapping[str, Any]
    cost: Name
    wrt: tuple[Name, ...]
    sources: Mapping[str, SourceLine]
    arguments: tuple[Name, ...] = ()
    results: tuple[Name, ...] = ()
    aliases: Mapping[str, Name] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    source_text: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @cached_property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of each value by id."""
        return {name: np.shape(value) for name, value in self.values.items()}

    def to_json(self, *, source: bool = True) -> str:
        """Return the recording as JSON: operations by name, and the arrays it starts from.

        Values of nodes are left out, since they are computed again. ``source`` adds the lines of
        the program's files.
        """
        forward = self.graph.of_role("forward", "cost")
        content = {
            "version": VERSION,
            "cost": self.cost,
            "givens": [
                {
                    "id": each.name,
                    "parameter": each.parameter,
                    "value": _encoded_value(self.values[each.name]),
                }
                for each in self.graph.givens
            ],
            "nodes": [
                {
                    "id": node.id,
                    "op": node.op,
                    "inputs": node.inputs,
                    "attributes": {name: _encoded(value) for name, value in node.attributes},
                }
                for node in forward
            ],
            "arguments": self.arguments,
            "results": self.results,
            "aliases": dict(self.aliases),
            "notes": self.notes,
            "sources": {name: asdict(each) for name, each in self.sources.items()},
            "source_text": dict(self.source_text) if source else {},
        }
        return json.dumps(content, ensure_ascii=False, separators=(",", ":"))

    def find(self, name: str) -> Name:
        """Return the id of a value by its id or another name. Raises KeyError."""
        if name in self.graph.axes:
            return next(n for n in (*self.graph.by_id, *self._givens) if n == name)
        if name == names.COST:
            return self.cost
        if name in self.aliases:
            return self.aliases[name]
        if name.startswith("dC_d"):
            return names.gradient(self.find(name.removeprefix("dC_d")))
        raise KeyError(name)

    @cached_property
    def _givens(self) -> tuple[Name, ...]:
        return tuple(each.name for each in self.graph.givens)

    def source_of(self, name: Name) -> SourceLine | None:
        """Return where a line stands: of a gradient, where its value is computed."""
        found = self.sources.get(name)
        if found is None and name.of:
            return self.source_of(name.of[0])
        return found

    def gradient(self, name: str) -> Any:
        """Return ∂C/∂v, zeros if the cost does not depend on v. Raises KeyError."""
        variable = self.find(name)
        found = self.values.get(names.gradient(variable))
        return np.zeros(self.shapes[variable]) if found is None else found


# The version of the format of ``to_json``.
VERSION = 1


def _encoded(value: Any) -> Any:
    """Return an attribute for JSON, which has no infinite numbers."""
    if isinstance(value, tuple):
        return [_encoded(each) for each in value]
    if isinstance(value, float) and not np.isfinite(value):
        return {"float": str(value)}
    return value


def _decoded(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_decoded(each) for each in value)
    return float(value["float"]) if isinstance(value, dict) else value


def _encoded_value(value: Any) -> dict[str, Any]:
    """Return an array, or a number with its type, for JSON."""
    if isinstance(value, np.ndarray | np.generic):
        whole = np.ascontiguousarray(value).astype(value.dtype.newbyteorder("<"))
        return {
            "dtype": str(value.dtype),
            "shape": np.shape(value),
            "data": base64.b64encode(whole.tobytes()).decode(),
            "number": not isinstance(value, np.ndarray),
        }
    return {"python": type(value).__name__, "text": repr(value)}


def build(recorder: Recorder, run_of: _Run, result: Any, upstream: Any) -> Recording:
    """Return the recording of a run that returned ``result``. Raises InvalidInput."""
    outputs = _outputs(recorder, result)
    if not outputs:
        raise InvalidInput("f", texts.NOTHING_RETURNED)
    results = [recorder.read(each) for each in outputs]
    notes = [texts.lost(what, site.line, site.text) for what, site in recorder.lost]
    root, added = _root(recorder, outputs, results, upstream, notes)
    ids = _Names(recorder, root, run_of).find()
    used = {key for record in recorder.records for key in record.inputs}
    used |= set(run_of.records.values())
    kept = [each for each in recorder.records if each.op is not None or each.key in used]
    moving = {run_of.records[name] for name in run_of.wrt if name in run_of.records}
    givens = tuple(
        Given(ids[each.key], letters(np.shape(each.value)), parameter=each.key in moving)
        for each in kept
        if each.op is None
    )
    nodes = tuple(
        Node(
            ids[each.key],
            "cost" if each.key == root else "forward",
            each.op,
            tuple(ids[key] for key in each.inputs),
            letters(np.shape(each.value)),
            None,
            tuple(each.attributes.items()),
        )
        for each in kept
        if each.op is not None
    )
    graph = Graph(givens, nodes)
    values = {ids[each.key]: each.value for each in kept}
    sources = {ids[each.key]: _source(recorder, each, ids) for each in kept if each.calls}
    _check(graph, values, sources)
    shapes = {name: np.shape(value) for name, value in values.items()}
    backward = backward_nodes(graph, ids[root], shapes=shapes)
    graph = graph.replaced((*nodes, *backward))
    with np.errstate(all="ignore"):
        run(backward, values)
    files = {each.file for each in sources.values()}
    return Recording(
        graph=graph,
        values=values,
        cost=ids[root],
        wrt=tuple(each.name for each in givens if each.parameter),
        sources=sources,
        arguments=tuple(ids[key] for key in run_of.records.values()),
        results=tuple(ids[key] for key in results),
        aliases={name: ids[key] for name, key in run_of.aliases.items() if key in ids},
        notes=tuple(notes),
        source_text={file: recorder.sources.lines(file) for file in files},
    )


def _outputs(recorder: Recorder, result: Any) -> list[RecordedArray]:
    """The float arrays of a result that is an array, or a tuple, list or dict of them."""
    parts = (
        result
        if isinstance(result, tuple | list)
        else list(result.values())
        if isinstance(result, dict)
        else [result]
    )
    return [
        each
        for each in parts
        if isinstance(each, RecordedArray) and each.dtype.kind == "f" and recorder.is_moving(each)
    ]


def _root(
    recorder: Recorder,
    outputs: Sequence[RecordedArray],
    results: Sequence[int],
    upstream: Any,
    notes: list[str],
) -> tuple[int, list[int]]:
    """The record of the cost, and those added for it: the sum of the outputs times upstream."""
    added: list[int] = []

    def name(value: Any, text: str) -> Any:
        key = recorder.read(value)
        recorder.records[key].name = text
        added.append(key)
        return value

    if upstream is None:
        if np.ndim(outputs[0]) == 0:
            return results[0], added
        notes.append(texts.SUMMED if len(outputs) == 1 else texts.FIRST_SUMMED)
        total = recorder.apply("sum", outputs[0], axis=None, keepdims=False)
        return recorder.read(name(total, names.COST)), added
    given = list(upstream) if isinstance(upstream, tuple | list) else [upstream]
    if len(given) != len(outputs):
        raise InvalidInput("upstream", texts.upstream_count(len(outputs), len(given)))
    parts = []
    for k, (output, each) in enumerate(zip(outputs, given, strict=True)):
        if np.shape(each) != output.shape:
            raise InvalidInput("upstream", texts.upstream_shape(output.shape, np.shape(each)))
        label = "upstream" if len(given) == 1 else f"upstream[{k}]"
        weighted = recorder.apply("multiply", output, recorder.start(np.asarray(each), label))
        total = recorder.apply("sum", name(weighted, f"C.{2 * k + 1}"), axis=None, keepdims=False)
        parts.append(name(total, f"C.{2 * k + 2}"))
    total = parts[0]
    for each in parts[1:]:
        total = name(recorder.apply("add", total, each), f"C.{len(added) + 1}")
    return recorder.read(name(total, names.COST)), added


class _Names:
    """Gives each record the id of the variable that it was assigned to."""

    def __init__(self, recorder: Recorder, root: int, run_of: _Run) -> None:
        self._recorder, self._root = recorder, root
        self._function = getattr(run_of.f, "__name__", "f")
        self._parts: Counter[tuple[Any, ...]] = Counter()
        self._bases: dict[int, str] = {}
        self._used: set[str] = set()

    def find(self) -> dict[int, Name]:
        """Return the name of each record by key."""
        return {each.key: self._name(each) for each in self._recorder.records}

    def _name(self, record: Record) -> Name:
        if record.op is None and record.name and not record.calls and _is_number(record):
            self._used.add(record.name)
            return names.variable(record.name, names.number_latex(record.value))
        base, runs, part = self._described(record)
        text = base
        if part:
            self._parts[base, runs] += 1
            text = f"{base}.{self._parts[base, runs]}"
        if runs:
            text += f"[{', '.join(f'{name}={value}' for name, value in runs)}]"
        if text.startswith("dC_d") or (text == names.COST and record.key != self._root):
            text = f"{text}@own"
        found, count = text, 1
        while found in self._used:
            count += 1
            found = f"{text}@{count}"
        self._used.add(found)
        return names.variable(found)

    def _described(self, record: Record) -> tuple[str, tuple[tuple[str, int | str], ...], bool]:
        """(variable, runs, whether it is only a part of what is assigned) of a record."""
        if record.name:
            self._bases[record.key] = record.name
            return record.name, (), False
        if record.named is not None:
            base, outer = record.named
            calls = [each for each in record.calls if each.frame == outer.frame]
            runs = self._runs(record, calls[0].frame if calls else outer.frame)
            self._bases[record.key] = base
            return base, runs, False
        base, frame, part = self._target(record)
        if record.previous is not None and not part:
            base = self._bases.get(record.previous, base)
        if not part or record.previous is not None:
            self._bases[record.key] = base
        return base, self._runs(record, frame), part

    def _target(self, record: Record) -> tuple[str, int, bool]:
        for k, call in enumerate(record.calls):
            site = self._recorder.sources.site(call.code, call.instruction)
            if site.targets and site.targets[0]:
                several = len(site.targets) > 1
                whole = (site.direct and k == 0 and not several) or record.previous is not None
                return site.targets[0], call.frame, not whole
            if record.previous is not None and record.previous in self._bases:
                return self._bases[record.previous], call.frame, False
            if site.returned and k + 1 < len(record.calls):
                continue
            last = k + 1 == len(record.calls)
            if last and record.key == self._root:
                return str(names.COST), call.frame, False
            name = call.code.co_name.strip("<>")
            if last and name == "lambda":
                name = str(names.COST)
            return name, call.frame, not (site.returned and k == 0)
        return "value", 0, False

    def _runs(self, record: Record, frame: int) -> tuple[tuple[str, int | str], ...]:
        """The loops around a record in the call that it is named in and in the callers of that."""
        at = next((k for k, call in enumerate(record.calls) if call.frame == frame), 0)
        return tuple(run for call in reversed(record.calls[at:]) for run in call.runs)


def _is_number(record: Record) -> bool:
    return not isinstance(record.value, np.ndarray)


def _source(recorder: Recorder, record: Record, ids: Mapping[int, Name]) -> SourceLine:
    call = record.calls[0]
    site = recorder.sources.site(call.code, call.instruction)
    callers = []
    for each in record.calls[1:]:
        outer = recorder.sources.site(each.code, each.instruction)
        callers.append((outer.file, outer.line, outer.function, each.frame))
    return SourceLine(
        *(site.file, site.line, site.span, site.text, site.function, call.frame),
        runs=tuple(run for each in reversed(record.calls) for run in each.runs),
        calls=tuple(callers),
        previous=None if record.previous is None else ids[record.previous],
    )


def _check(graph: Graph, values: Mapping[str, Any], sources: Mapping[str, SourceLine]) -> None:
    """Compute every node again. Raises InvalidInput where memory changed behind the recorder."""
    again = {each.name: values[each.name] for each in graph.givens}
    with np.errstate(all="ignore"):
        for node in graph.nodes:
            run((node,), again)
            if np.asarray(again[node.id]).tobytes() != np.asarray(values[node.id]).tobytes():
                source = sources.get(node.id)
                line, file = (0, "") if source is None else (source.line, source.file)
                raise InvalidInput("f", texts.at_line(texts.changed_unseen(node.id), line, file))
