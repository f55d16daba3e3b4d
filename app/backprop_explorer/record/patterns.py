"""Known patterns in a program's graph: softmax, norms, convolutions, recurrent steps, attention.

What a few nodes compute of one value is compared with what a softmax, a log-sum-exp or a norm of it
is, so it does not matter how the program writes it. Patterns of several values are found by their
operations. Nothing that the cost depends on may read what lies inside a pattern.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from backprop_explorer.engine.graph import Node
from backprop_explorer.engine.names import Name
from backprop_explorer.engine.ops.operation import Shape
from backprop_explorer.record.recording import ProgramRecording
from backprop_explorer.texts import record as texts

# The most nodes of a pattern that is found by its values, and the most entries that are compared.
_MOST_NODES, _MOST_ENTRIES = 24, 100_000
# What stands under the root of a norm beside the variance is at most this.
_MOST_EPSILON = 1e-2
_MEANS = ("mean", "sum", "var", "std")
_PRODUCTS = ("matmul", "einsum", "tensordot")
_MOVING_ENTRIES = ("reshape", "getitem", "transpose", "copy", "stretch", "astype")
CONVOLUTION = r"\sum_{m,n} w_{mn}\,x_{i+m,\,j+n} + b"
POOLING = {
    "max": (texts.MAX_POOLING, r"\max_{m,n} x_{i+m,\,j+n}"),
    "mean": (texts.AVERAGE_POOLING, r"\mathrm{mean}_{m,n}\,x_{i+m,\,j+n}"),
}


class Pattern(NamedTuple):
    """``label``, ``formula`` in LaTeX, and ``members`` in order; the last is its result."""

    label: str
    formula: str
    members: list[Name]


def patterns(recording: ProgramRecording) -> list[Pattern]:
    """Return the patterns among the forward nodes. No node is in two of them."""
    return _Finder(recording).found()


class _Finder:
    def __init__(self, recording: ProgramRecording) -> None:
        self.recording, self.moving = recording, recording.graph.moving
        self.nodes = recording.graph.of_role("forward", "cost")
        self.by_id = {node.id: node for node in self.nodes}
        self.order = {node.id: k for k, node in enumerate(self.nodes)}
        self.readers: dict[Name, list[Name]] = defaultdict(list)
        needed = {recording.cost}
        for node in reversed(self.nodes):
            if node.id in needed:
                needed.update(node.inputs)
                for name in node.inputs:
                    self.readers[name].append(node.id)
        self.candidates = [
            node for node in self.nodes if node.id in needed and node.id in self.moving
        ]
        self.taken: dict[Name, Pattern] = {}

    def found(self) -> list[Pattern]:
        near_exp, near_mean = self._distances(("exp",)), self._distances(_MEANS)
        with np.errstate(all="ignore"):
            for node in reversed(self.candidates):
                if node.op == "subtract" and near_exp[node.id] <= 6:
                    self._by_value(node, _log_softmax)
            for node in reversed(self.candidates):
                if node.op in ("log", "add") and near_exp[node.id] <= 6:
                    self._by_value(node, _log_sum_exp)
            for node in self.candidates:
                if node.op in ("divide", "multiply", "exp") and near_exp[node.id] <= 6:
                    self._by_value(node, _softmax)
            for count in (1, 2):
                for node in self.candidates:
                    if node.op in ("divide", "multiply") and near_mean[node.id] <= 8:
                        self._norm(node, count)
        for node in self.candidates:
            self._attention(node)
            self._recurrent_step(node)
            self._window_product(node)
        return sorted(
            {id(each): each for each in self.taken.values()}.values(),
            key=lambda each: self.order[each.members[0]],
        )

    # What all finders need.

    def _distances(self, ops: Sequence[str]) -> dict[Name, float]:
        """How many nodes lie between each node and the nearest of ``ops`` that it depends on."""
        found: dict[Name, float] = {}
        for node in self.nodes:
            before = min((found.get(name, np.inf) for name in node.inputs), default=np.inf)
            found[node.id] = 0 if node.op in ops else 1 + before
        return found

    def _add(self, label: str, formula: str, names: Sequence[Name], *, instead: Any = None) -> bool:
        """Take nodes, if nothing reads what lies between; ``instead`` of a pattern among them."""
        members = sorted(set(names), key=self.order.__getitem__)
        inside = set(members)
        if any(self.taken.get(name, instead) is not instead for name in members) or any(
            not inside.issuperset(self.readers[name]) for name in members[:-1]
        ):
            return False
        self.taken |= dict.fromkeys(members, Pattern(label, formula, members))
        return True

    def _moving_inputs(self, node: Node) -> list[Name]:
        return [name for name in dict.fromkeys(node.inputs) if name in self.moving]

    def _cuts(self, last: Node) -> Iterator[tuple[list[Name], list[Name]]]:
        """(values read from outside, members) of growing sets of nodes that end in ``last``."""
        members: list[Name] = []
        outside = {last.id}
        while len(members) < _MOST_NODES:
            name = max(outside, key=lambda each: self.order.get(each, -1))
            if name not in self.by_id:
                return
            outside.remove(name)
            members.append(name)
            outside.update(self._moving_inputs(self.by_id[name]))
            yield list(outside), list(members)

    def _value(self, name: Name) -> Any:
        return np.asarray(self.recording.values[name])

    def _behind(self, name: Name, *ops: str) -> tuple[Node | None, list[Name]]:
        """The node of ``ops`` whose entries a value has, moved, and the nodes that move them."""
        passed: list[Name] = []
        node = self.by_id.get(name)
        while node is not None and node.op not in ops and node.op in _MOVING_ENTRIES:
            passed.append(node.id)
            node = self.by_id.get(node.inputs[0])
        return (node, passed) if node is not None and node.op in ops else (None, [])

    # Patterns that are found by their values.

    def _by_value(self, node: Node, pattern: Any) -> None:
        y, best = self._value(node.id), None
        if not 1 <= y.size <= _MOST_ENTRIES or node.id in self.taken:
            return
        for outside, members in self._cuts(node):
            if len(outside) == 1 and "exp" in {self.by_id[name].op for name in members}:
                found = pattern(self._value(outside[0]), y)
                best = (outside[0], members) if found else best
        if best is not None:
            label, latex = pattern.__doc__.split(": ")
            self._add(label, latex.replace("x", best[0].latex), best[1])

    def _norm(self, node: Node, count: int) -> None:
        """(x − mean)/√(var + ε); with ``count`` 2 times a factor that a gradient is wanted of."""
        y = self._value(node.id)
        if not 1 < y.size <= _MOST_ENTRIES or node.id in self.taken:
            return
        for outside, members in self._cuts(node):
            shapes = [self.recording.shapes[name] for name in outside]
            if len(outside) != count or y.shape not in shapes:
                continue
            x = outside[shapes.index(y.shape)]
            factors = [name for name in outside if name != x]
            try:
                normed = y / np.broadcast_to(self._value(factors[0]), y.shape) if factors else y
            except ValueError:
                continue
            for axes in self._axes_of_means(members, y.shape):
                if _is_norm(self._value(x), normed, axes):
                    times = "".join(rf"{name.latex} \odot " for name in factors)
                    formula = rf"{times}\frac{{{x.latex} - \mu}}{{\sqrt{{\sigma^2 + \epsilon}}}}"
                    if self._add(self._kind_of_norm(x, axes), formula, members):
                        return

    def _axes_of_means(self, members: Sequence[Name], shape: Shape) -> set[tuple[int, ...]]:
        nodes = (self.by_id[name] for name in members)
        means = (node for node in nodes if node.op in _MEANS)
        axes = {
            node.keywords["axis"]
            for node in means
            if self.recording.shapes[node.inputs[0]] == shape
        }
        return {tuple(range(len(shape))) if each is None else each for each in axes}

    def _kind_of_norm(self, name: Name, axes: tuple[int, ...]) -> str:
        """By what one mean is of: several samples, one sample, or a part of one."""
        chain: list[Node] = []
        while (node := self.by_id.get(name)) is not None and node.op in ("reshape", "transpose"):
            chain.append(node)
            name = node.inputs[0]
        shape = self.recording.shapes[name]
        sample = int(np.prod(shape[1:]))
        positions = np.arange(int(np.prod(shape))).reshape(shape)
        for node in reversed(chain):
            positions = node.operation.compute(positions, **node.keywords)
        if np.any(np.ptp(positions // sample, axis=axes)):
            return texts.BATCH_NORM
        size = int(np.prod([positions.shape[k] for k in axes]))
        return texts.LAYER_NORM if size == sample or len(shape) < 4 else texts.GROUP_NORM

    # Patterns of several values, found by their operations.

    def _recurrent_step(self, node: Node) -> None:
        """f(x W + h U + b), or f([x, h] W + b) in a loop: h has the shape of the result."""
        if node.op not in ("np_tanh", "maximum", "expit"):
            return
        products: list[Node] = []
        members, waiting = [node.id], [node.inputs[0], *node.inputs[1:]]
        while waiting:
            part = self.by_id.get(waiting.pop())
            if part is not None and part.id in self.moving and part.op in ("matmul", "add"):
                products += [part] if part.op == "matmul" else []
                waiting += [] if part.op == "matmul" else part.inputs
                members.append(part.id)
        shape = self.recording.shapes[node.id]
        origin = self.recording.sources.get(node.id)
        read = [name for each in products for name in each.inputs]
        if len(products) == 1 and origin is not None and origin.runs:
            joined = next((each for each in map(self.by_id.get, read) if each is not None), None)
            if joined is None or joined.op != "concatenate":
                return
            members.append(joined.id)
            read = list(joined.inputs)
        elif len(products) != 2:
            return
        if any(self.recording.shapes[name] == shape for name in read):
            terms = " + ".join(
                rf"{a.latex}\,{b.latex}" for a, b in (each.inputs for each in reversed(products))
            )
            self._add(texts.RECURRENT_STEP, rf"f\left({terms} + b\right)", members)

    def _attention(self, node: Node) -> None:
        """softmax(Q Kᵀ / √d) V; between products and softmax, constants change the scores."""
        if node.op not in _PRODUCTS:
            return
        for weights in node.inputs:
            passed = self._alone(weights, {each.members[-1] for each in self.taken.values()})
            softmax = self.taken.get(passed[-1]) if passed else None
            if softmax is None or softmax.label != "softmax" or len(node.inputs) != 2:
                continue
            (scores,) = {
                name
                for member in softmax.members
                for name in self._moving_inputs(self.by_id[member])
                if name not in softmax.members
            }
            between = self._alone(scores, set())
            product = self.by_id.get(between[-1]) if between else None
            if product is None or product.op not in _PRODUCTS or len(product.inputs) != 2:
                continue
            q, k = product.inputs
            key, turned = self.by_id.get(k), []
            if key is not None and key.op == "transpose":
                k, turned = key.inputs[0], [key.id]
            v = next(each for each in node.inputs if each != weights)
            formula = (
                rf"\mathrm{{softmax}}\left(\frac{{{q.latex}\,{k.latex}^T}}{{\sqrt{{d}}}}\right)"
                rf"\,{v.latex}"
            )
            members = [*softmax.members, *passed, *between, *turned, node.id]
            if self._add(texts.ATTENTION, formula, members, instead=softmax):
                return

    def _alone(self, name: Name, until: set[Name]) -> list[Name]:
        """A value and what it is made of, back to the first that has several moving inputs."""
        found: list[Name] = []
        while (node := self.by_id.get(name)) is not None:
            found.append(name)
            inputs = self._moving_inputs(node)
            if name in until or len(inputs) != 1:
                break
            name = inputs[0]
        return found

    def _window_product(self, node: Node) -> None:
        """A convolution as one product with the windows of an array; a pooling over windows."""
        if node.op in _PRODUCTS:
            for name in node.inputs:
                windows = self._windows(name)
                if windows and self._add(texts.CONVOLUTION, CONVOLUTION, [*windows, node.id]):
                    return
        elif node.op in POOLING:
            windows = self._windows(node.inputs[0]) or self._tiles(node)
            if windows:
                self._add(*POOLING[node.op], [*windows, node.id])

    def _windows(self, name: Name) -> list[Name]:
        """The nodes of an array that has each window of another; none if it is no such array."""
        view, passed = self._behind(name, "strided", "gather", "stack")
        if view is None:
            view, passed = self._behind(name, "getitem")
            # An index of two arrays or more, as im2col has it.
            while view is not None and len(view.inputs) < 3:
                passed = [*passed, view.id]
                view, more = self._behind(view.inputs[0], "getitem")
                passed += more
        if view is None:
            return []
        if view.op == "stack":
            parts = [self._behind(each, "getitem") for each in view.inputs]
            sources = {part.inputs[0] for part, _ in parts if part is not None}
            if len(sources) != 1 or any(
                part is None or not has_slice(part.keywords["index"]) for part, _ in parts
            ):
                return []
            inner = [each for part, more in parts if part for each in (part.id, *more)]
            return [*inner, view.id, *passed]
        repeats = np.size(self.recording.values[view.id]) > np.size(
            self.recording.values[view.inputs[0]]
        )
        return [view.id, *passed] if repeats or view.op == "strided" else []

    def _tiles(self, last: Node) -> list[Name]:
        """The nodes of a pooling over windows that do not overlap: x split into tiles."""
        members: list[Name] = []
        node: Node | None = last
        while node is not None and node.op == last.op:
            members.append(node.id)
            node = self.by_id.get(node.inputs[0])
        if node is None or node.op != "reshape":
            return []
        before, after = self.recording.shapes[node.inputs[0]], self.recording.shapes[node.id]
        result = self.recording.shapes[last.id]
        split = len(after) - len(before)
        tiles = len(before) == len(result) and split in (1, 2) and len(before) >= split
        if not tiles or any(a % b for a, b in zip(before, result, strict=True)):
            return []
        return [*members, node.id] if before[:-split] == result[:-split] else []


def has_slice(index: Sequence[Any]) -> bool:
    """Whether an index has a slice with both ends, as that of a window."""
    return any(
        isinstance(part, tuple) and part[0] == "slice" and None not in part[1:3] for part in index
    )


def _equal(a: Any, b: Any) -> bool:
    tolerance = 1e-9 if b.dtype == np.float64 else 1e-4
    return bool(np.allclose(a, b, rtol=tolerance, atol=tolerance, equal_nan=True))


def _along(x: Any) -> Iterator[tuple[int, ...]]:
    yield from ((k,) for k in reversed(range(x.ndim)) if x.shape[k] > 1)
    if x.ndim > 1 and x.size > 1:
        yield tuple(range(x.ndim))


def _log_sums(x: Any) -> Iterator[tuple[tuple[int, ...], Any]]:
    for axes in _along(x):
        largest = np.max(x, axis=axes, keepdims=True)
        yield axes, np.log(np.sum(np.exp(x - largest), axis=axes, keepdims=True)) + largest


def _softmax(x: Any, y: Any) -> bool:
    r"""softmax: \mathrm{softmax}\left(x\right)"""
    return x.shape == y.shape and any(_equal(np.exp(x - total), y) for _, total in _log_sums(x))


def _log_softmax(x: Any, y: Any) -> bool:
    r"""log-softmax: x - \ln \sum e^{x}"""
    return x.shape == y.shape and any(_equal(x - total, y) for _, total in _log_sums(x))


def _log_sum_exp(x: Any, y: Any) -> bool:
    r"""log-sum-exp: \ln \sum e^{x}"""
    return x.size > y.size and any(
        total.size == y.size and _equal(total.reshape(y.shape), y) for _, total in _log_sums(x)
    )


def _is_norm(x: Any, y: Any, axes: tuple[int, ...]) -> bool:
    """Whether y is (x − mean)/√(var + ε) or (x − mean)/(std + ε), with one small ε."""
    count = int(np.prod([x.shape[k] for k in axes]))
    if count < 2:
        return False
    centred = x - np.mean(x, axis=axes, keepdims=True)
    squares = np.sum(centred**2, axis=axes, keepdims=True)
    scale = np.sum(y**2, axis=axes, keepdims=True)
    deviation = np.sqrt(np.divide(squares, scale, out=np.ones_like(squares), where=scale > 0))
    if not np.any(scale) or not _equal(y * deviation, centred):
        return False
    for freedom in (count, count - 1):
        variance = squares / freedom
        for added in (deviation**2 - variance, deviation - np.sqrt(variance)):
            known = added[scale > 0]
            limit = 1e-7 * (1 + np.max(variance))
            if np.ptp(known) <= limit and -limit <= known[0] <= _MOST_EPSILON:
                return True
    return False
