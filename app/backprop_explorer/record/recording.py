"""The recording: the graph of a program with its values, names and source lines.

The ids are the program's own variables: ``h``; ``h@2`` for a second version; ``h[t=2]`` inside a
loop over ``t``; ``h.1`` for a part of the expression that ``h`` is assigned; ``@own`` at the
end of a variable that is called like a gradient.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from backprop_explorer.engine import names
from backprop_explorer.engine.backward import backward_nodes
from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.engine.graph import Given, Graph, Node, run
from backprop_explorer.engine.names import Name
from backprop_explorer.engine.ops.operation import letters
from backprop_explorer.record.array import LoopRun, ProgramRecorder, Record, RecordedArray
from backprop_explorer.record.axes import axis_names
from backprop_explorer.record.source import Span, file_title
from backprop_explorer.texts import record as texts


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value was computed.

    ``text`` is the expression, ``function`` the name of the function that it stands in, ``calls``
    the (file, line, function) of the callers, the innermost first, ``frame`` the number of the call
    and ``runs`` the loops around it, the outermost first. ``previous`` is the version before a
    write.
    """

    file: str
    line: int
    span: Span | None = None
    text: str = ""
    function: str = ""
    frame: int = 0
    runs: tuple[LoopRun, ...] = ()
    calls: tuple[tuple[str, int, str, int], ...] = ()
    previous: str | None = None


@dataclass(frozen=True)
class ProgramRecording:
    """What one run of a program computed.

    ``graph`` has the forward nodes in order, ``cost`` the name of the last, a number, then the
    backward nodes. ``values`` has those of all nodes and givens by id. ``arguments`` are the ids of
    the arrays among the arguments, ``results`` those of the float arrays that were returned,
    ``aliases`` other names for values: every variable of the outermost function. ``notes`` are
    sentences for the user. ``source_text`` has the lines of the functions that ran by file, None
    for the lines between them. ``axes_of`` has names of axes by id, None for one without.
    """

    graph: Graph
    values: Mapping[str, Any]
    cost: Name
    wrt: tuple[Name, ...]
    sources: Mapping[str, Origin]
    arguments: tuple[Name, ...] = ()
    results: tuple[Name, ...] = ()
    aliases: Mapping[str, Name] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    source_text: Mapping[str, Sequence[str | None]] = field(default_factory=dict)
    axes_of: Mapping[str, Sequence[str | None]] = field(default_factory=dict)

    @cached_property
    def axes(self) -> dict[str, tuple[str, ...]]:
        """A name for each axis of each value by id, such as ("sample", "unit")."""
        return axis_names(self.graph, self.shapes, self.axes_of)

    @cached_property
    def file_names(self) -> dict[str, str]:
        """The name of each source file without its folders; a second of one name has a number."""
        found: dict[str, str] = {}
        callers = (call[0] for each in self.sources.values() for call in each.calls)
        files = (*(each.file for each in self.sources.values()), *callers, *self.source_text)
        for file in dict.fromkeys(files):
            name = text = file_title(file)
            count = 1
            while text in found.values():
                count += 1
                text = f"{name} ({count})"
            found[file] = text
        return found

    @cached_property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of each value by id."""
        return {name: np.shape(value) for name, value in self.values.items()}

    def find(self, name: str) -> Name:
        """Return the id of a value by its id or another name. Raises KeyError."""
        if name in self._names:
            return self._names[name]
        if name == names.COST:
            return self.cost
        if name in self.aliases:
            return self.aliases[name]
        if (inner := names.of_gradient(name)) is not None:
            return names.gradient(self.find(inner))
        raise KeyError(name)

    @cached_property
    def _names(self) -> dict[str, Name]:
        every = (*(each.name for each in self.graph.givens), *(n.id for n in self.graph.nodes))
        return {str(name): name for name in every}

    def source_of(self, name: Name) -> Origin | None:
        """Return where a line stands: of a gradient, where its value is computed."""
        found = self.sources.get(name)
        if found is None and name.of:
            return self.source_of(name.of[0])
        return found

    def value(self, name: str) -> Any:
        """Return a value by its id or another name; zeros if the cost does not depend on it.

        Raises KeyError.
        """
        found = self.find(name)
        if found not in self.values and found.quantity == "gradient":
            return self.gradient(found.of[0])
        return self.values[found]

    def gradient(self, name: str) -> Any:
        """Return ∂C/∂v, zeros if the cost does not depend on v. Raises KeyError."""
        variable = self.find(name)
        found = self.values.get(names.gradient(variable))
        return np.zeros(self.shapes[variable]) if found is None else found


def with_gradients(graph: Graph, root: Name, values: dict[str, Any]) -> Graph:
    """Return a forward graph with its backward nodes, and add their values to ``values``."""
    shapes = {name: np.shape(value) for name, value in values.items()}
    backward = backward_nodes(graph, root, shapes=shapes)
    with np.errstate(all="ignore"):
        run(backward, values)
    return graph.replaced((*graph.nodes, *backward))


def build(
    recorder: ProgramRecorder,
    result: Any,
    *,
    function: str,
    arguments: Mapping[str, int],
    variables: Mapping[str, int],
    upstream: Any = None,
    axes_of: Mapping[str, Sequence[str | None]] | None = None,
) -> ProgramRecording:
    """Return the recording of a run of ``function`` that returned ``result``.

    ``arguments`` and ``variables`` are the records of the arrays among the arguments and of the
    variables of the function at its end, by name; ``axes_of`` names axes of these. Raises
    InvalidInput.
    """
    outputs = _outputs(recorder, result)
    notes = [texts.lost(what, site.line) for what, site in recorder.lost]
    if not outputs:
        raise InvalidInput("f", " ".join((texts.NOTHING_RETURNED, *notes)))
    results = [recorder.read(each) for each in outputs]
    root = _root(recorder, outputs, results, upstream, notes)
    ids = _Names(recorder, root, function, variables).find()
    used = {key for record in recorder.records for key in record.inputs} | set(arguments.values())
    kept = [each for each in recorder.records if each.op is not None or each.key in used]
    givens = tuple(
        Given(ids[each.key], letters(np.shape(each.value)), parameter=each.key in recorder.moving)
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
    kept.sort(key=lambda each: each.op is not None)
    values: dict[str, Any] = {ids[each.key]: each.value for each in kept}
    sources: dict[str, Origin] = {
        ids[each.key]: _source(recorder, each, ids) for each in kept if each.calls
    }
    _check(graph, values, sources)
    graph = with_gradients(graph, ids[root], values)
    notes += _undefined(graph, values, sources)
    codes = {call.code for each in kept for call in each.calls}
    return ProgramRecording(
        graph=graph,
        values=values,
        cost=ids[root],
        wrt=tuple(each.name for each in givens if each.parameter),
        sources=sources,
        arguments=tuple(ids[key] for key in arguments.values()),
        results=tuple(ids[key] for key in results),
        aliases={name: ids[key] for name, key in variables.items() if key in ids},
        notes=tuple(notes),
        source_text=recorder.sources.lines(codes),
        axes_of=_axes_of(recorder, axes_of or {}, {**variables, **arguments}, ids),
    )


def _axes_of(
    recorder: ProgramRecorder,
    given: Mapping[str, Sequence[str | None]],
    variables: Mapping[str, int],
    ids: Mapping[int, Name],
) -> dict[str, tuple[str | None, ...]]:
    """The names of axes by id: those of the caller, then those of variables with lengths."""
    found: dict[str, tuple[str | None, ...]] = {}
    for name, axes in given.items():
        if name not in variables:
            raise InvalidInput("axes_of", texts.unknown_axes(name, ", ".join(variables)))
        rank = np.ndim(recorder.records[variables[name]].value)
        if isinstance(axes, str) or len(axes) != rank:
            raise InvalidInput("axes_of", texts.axes_count(name, rank, len(axes)))
        found[ids[variables[name]]] = tuple(axes)
    for key, names_of in recorder.axes.items():
        rank = np.ndim(recorder.records[key].value)
        found.setdefault(ids[key], tuple(names_of.get(k) for k in range(rank)))
    return found


def _undefined(graph: Graph, values: Mapping[str, Any], sources: Mapping[str, Origin]) -> list[str]:
    """A sentence on the first value that is not a number (NaN); none if all are."""
    for node in graph.nodes:
        value = values[node.id]
        total = np.add.reduce(value, axis=None)  # ∞ − ∞ is NaN as well, so look at the entries.
        if total != total and np.any(np.isnan(value)):
            origin = sources.get(node.id.variable)
            return [texts.not_a_number(node.id, 0 if origin is None else origin.line)]
    return []


def _outputs(recorder: ProgramRecorder, result: Any) -> list[RecordedArray]:
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
    recorder: ProgramRecorder,
    outputs: Sequence[RecordedArray],
    results: Sequence[int],
    upstream: Any,
    notes: list[str],
) -> int:
    """The record of the cost: the sum of the outputs times upstream."""

    def name(value: Any, text: str) -> Any:
        recorder.records[recorder.read(value)].name = text
        return value

    if upstream is None:
        if np.ndim(outputs[0]) == 0:
            return results[0]
        notes.append(texts.SUMMED if len(outputs) == 1 else texts.FIRST_SUMMED)
        total = recorder.apply("sum", outputs[0], axis=None, keepdims=False)
        return recorder.read(name(total, names.COST))
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
        total = name(recorder.apply("add", total, each), str(names.COST))
    return recorder.read(name(total, names.COST))


class _Names:
    """Gives each record the id of the variable that it was assigned to."""

    def __init__(
        self, recorder: ProgramRecorder, root: int, function: str, variables: Mapping[str, int]
    ) -> None:
        self._recorder, self._root = recorder, root
        self._variables = variables
        self._function = function
        self._parts: Counter[tuple[Any, ...]] = Counter()
        self._bases: dict[int, str] = {}
        self._used: set[str] = set()

    def find(self) -> dict[int, Name]:
        """Return the name of each record by key."""
        return {each.key: self._name(each) for each in self._recorder.records}

    def _name(self, record: Record) -> Name:
        if (
            record.op is None
            and record.name
            and not record.calls
            and not isinstance(record.value, np.ndarray)
        ):
            self._used.add(record.name)
            return names.variable(record.name, names.number_latex(record.value))
        base, runs, part = self._described(record)
        text = base
        if part:
            self._parts[base, runs] += 1
            text = f"{base}.{self._parts[base, runs]}"
        if runs:
            text += f"[{', '.join(f'{name}={value}' for name, value in runs)}]"
        cost = text == names.COST and record.key != self._root
        if cost or names.of_gradient(text) is not None:
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
                if several and k == 0 and site.direct:
                    # "q, k = np.split(x, 2)": the variable that holds the value at the end.
                    for target in site.targets:
                        if self._variables.get(target) == record.key:
                            return target, call.frame, False
                direct = site.direct and k == 0 and not several and not record.operand
                whole = direct or record.previous is not None
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
                return str(names.COST), call.frame, True
            return name, call.frame, not (site.returned and k == 0)
        return "value", 0, False

    def _runs(self, record: Record, frame: int) -> tuple[tuple[str, int | str], ...]:
        """The loops around a record in the call that it is named in and in the callers of that."""
        at = next((k for k, call in enumerate(record.calls) if call.frame == frame), 0)
        return tuple(
            (run.name, run.value)
            for call in reversed(record.calls[at:])
            for run in call.runs
            if run.named
        )


def _source(recorder: ProgramRecorder, record: Record, ids: Mapping[int, Name]) -> Origin:
    call = record.calls[0]
    site = recorder.sources.site(call.code, call.instruction)
    callers = []
    for each in record.calls[1:]:
        outer = recorder.sources.site(each.code, each.instruction)
        callers.append((outer.file, outer.line, outer.function, each.frame))
    return Origin(
        *(site.file, site.line, site.span, site.text, site.function, call.frame),
        runs=tuple(run for each in reversed(record.calls) for run in each.runs),
        calls=tuple(callers),
        previous=None if record.previous is None else ids[record.previous],
    )


def _check(graph: Graph, values: Mapping[str, Any], sources: Mapping[str, Origin]) -> None:
    """Compute every node again. Raises InvalidInput where memory changed behind the recorder."""
    again: dict[str, Any] = {each.name: values[each.name] for each in graph.givens}
    with np.errstate(all="ignore"):
        for node in graph.nodes:
            run((node,), again)
            if np.asarray(again[node.id]).tobytes() != np.asarray(values[node.id]).tobytes():
                source = sources.get(node.id)
                line, file = (0, "") if source is None else (source.line, source.file)
                message = texts.at_line(texts.changed_unseen(node.id), line, file_title(file))
                raise InvalidInput("f", message)
