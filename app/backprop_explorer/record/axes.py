"""The names of the axes of a program's values.

Names come from the caller (``axes_of``), from lines such as ``N, D = x.shape``, and from what an
axis is in a product: the unit of a weight matrix. An operation whose value has an axis of an input
passes the name on, in both directions: in ``x @ W`` the first axis of W has that of x.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from math import prod
from typing import Any

from backprop_explorer.engine.graph import Graph, Node
from backprop_explorer.engine.ops.operation import Shape
from backprop_explorer.texts import record as texts

_Axis = tuple[str, int]
# Operations whose letters say nothing of where an axis comes from.
_BY_PLACE = ("astype", "pad", "triangle", "copy", "concatenate", "stack", "cumsum", "argsort")
_UNRELATED = ("gather", "argmax", "argmin", "any", "all", "count_nonzero")


def axis_names(
    graph: Graph, shapes: Mapping[str, Shape], known: Mapping[str, Sequence[str | None]]
) -> dict[str, tuple[str, ...]]:
    """Return a name for each axis of each value, by id; ``known`` has those that are given."""
    return _Axes(graph, shapes, known).found()


class _Axes:
    """Axes that are the same, as sets with one axis as their root."""

    def __init__(
        self, graph: Graph, shapes: Mapping[str, Shape], known: Mapping[str, Sequence[str | None]]
    ) -> None:
        self._graph, self._shapes = graph, shapes
        self._roots: dict[_Axis, _Axis] = {}
        self._names: dict[_Axis, str] = {}
        # An axis whose name is made of those of others, with the text that does it.
        self._made: dict[_Axis, tuple[Any, list[_Axis]]] = {}
        for node in graph.of_role("forward", "cost"):
            for one, other in self._joined(node):
                self._roots[self._root(other)] = self._root(one)
        made: dict[_Axis, tuple[Any, list[_Axis]]] = {}
        for axis, parts in self._made.items():
            made.setdefault(self._root(axis), parts)
        self._made = made
        for name, names in known.items():
            for k, each in enumerate(names):
                if each:
                    self._names.setdefault(self._root((name, k)), each)
        for node in graph.of_role("forward", "cost"):
            if node.op == "matmul":
                self._name_weights(node)

    def _root(self, axis: _Axis) -> _Axis:
        while (above := self._roots.get(axis, axis)) != axis:
            self._roots[axis] = self._roots.get(above, above)
            axis = above
        return axis

    def found(self) -> dict[str, tuple[str, ...]]:
        every = (*(g.name for g in self._graph.givens), *(n.id for n in self._graph.nodes))
        found: dict[str, tuple[str, ...]] = {}
        first: dict[_Axis, str] = {}
        for name in every:
            shape = self._shapes[name]
            usual = texts.axes(len(shape))
            own = []
            for k in range(len(shape)):
                # Without a name, as the first value with this axis has it.
                known = self._name((name, k))
                shared = first.setdefault(self._root((name, k)), usual[k])
                own.append(known or (usual[k] if shared in own else shared))
            of = name.of[-1] if name.of else None
            if of in found and self._shapes[of] == shape:
                own = list(found[of])
            elif of is not None:  # A gradient before its sum has the axes of its reader.
                own = self._of_stretched(self._graph.by_id[name], found) or usual
            found[name] = tuple(own)
        return found

    def _name(self, axis: _Axis, depth: int = 0) -> str | None:
        root = self._root(axis)
        if root in self._names or depth > 4:
            return self._names.get(root)
        if root in self._made:
            text, parts = self._made[root]
            names = [self._name(part, depth + 1) for part in parts]
            if None not in names:
                return str(text(*names))
        return None

    def _of_stretched(self, node: Node, found: Mapping[str, Sequence[str]]) -> list[str] | None:
        shape = self._shapes[node.id]
        same = (name for name in node.inputs if name in found and self._shapes[name] == shape)
        return next((list(found[name]) for name in same), None)

    def _name_weights(self, node: Node) -> None:
        """Of a matrix of weights, the axis that is not summed over is one of units."""
        a, b = node.inputs
        for name, free in ((b, 1), (a, 0)):
            if name in self._graph.parameters and len(self._shapes[name]) == 2:
                moving = self._graph.moving
                data = a if name == b else b
                if data in moving and (name != a or len(self._shapes[b]) == 1):
                    for axis, text in ((1 - free, texts.FEATURE), (free, texts.UNIT)):
                        if self._name((name, axis)) is None:
                            self._names[self._root((name, axis))] = text

    def _joined(self, node: Node) -> Iterator[tuple[_Axis, _Axis]]:
        """Pairs of axes that are the same: of an input, and of the value or another input."""
        shapes, shape = [self._shapes[name] for name in node.inputs], self._shapes[node.id]
        if node.op == "reshape":
            yield from self._reshaped(node, shapes[0], shape)
        elif node.op == "strided":
            self._view(node, shapes[0])
        elif node.operation.family == "index":
            yield from self._indexed(node, shapes)
        elif node.op in _BY_PLACE:
            at = node.keywords["axis"] if node.op == "stack" else None
            places = [k for k in range(len(shape)) if k != at]
            for name, own in zip(node.inputs, shapes, strict=True):
                for k, place in enumerate(places[: len(own)]):
                    yield from self._kept((name, k), (node.id, place))
        elif node.operation.written is not None and node.op not in _UNRELATED:
            yield from self._lettered(node, shapes, shape)

    def _kept(self, before: _Axis, after: _Axis) -> Iterator[tuple[_Axis, _Axis]]:
        """An axis of the same length is the same; else it only has the name of the other."""
        if self._shapes[before[0]][before[1]] == self._shapes[after[0]][after[1]]:
            yield before, after
        else:
            self._made.setdefault(after, (str, [before]))

    def _lettered(
        self, node: Node, shapes: Sequence[Shape], shape: Shape
    ) -> Iterator[tuple[_Axis, _Axis]]:
        """Axes with the same letter in the signature; one of length 1 is named after its sum."""
        assert node.operation.written is not None
        keywords = {name: each for name, each in node.attributes if name != "shape"}
        inputs, out = node.operation.written(shapes, shape, **keywords)[0].split("->")
        first: dict[str, _Axis] = {}
        parts = (*inputs.split(","), out)
        for name, part in zip((*node.inputs, node.id), parts, strict=False):
            for k, letter in enumerate(part):
                if letter != "1":
                    yield first.setdefault(letter, (name, k)), (name, k)
                elif name == node.id and node.operation.family == "reduction":
                    self._made[name, k] = str, [(node.inputs[0], k)]

    def _reshaped(self, node: Node, before: Shape, after: Shape) -> Iterator[tuple[_Axis, _Axis]]:
        """Axes that a reshape keeps; one that it makes of several is named after them."""
        (source,), i, j = node.inputs, 0, 0
        while i < len(before) and j < len(after) and 0 not in before:
            m, n = i + 1, j + 1
            while prod(before[i:m]) != prod(after[j:n]):
                if prod(before[i:m]) < prod(after[j:n]):
                    m += 1
                else:
                    n += 1
            if n - j == 1 and m - i == 1:
                yield (source, i), (node.id, j)
            elif n - j == 1:
                self._made[node.id, j] = texts.merged_axes, [(source, k) for k in range(i, m)]
            i, j = m, n

    def _view(self, node: Node, shape: Shape) -> None:
        """Of windows: the axes along which they move, and those of a window."""
        steps = [prod(shape[k + 1 :]) for k in range(len(shape))]
        seen: set[int] = set()
        for k, step in enumerate(node.keywords["strides"]):
            of = next((a for a, own in enumerate(steps) if 0 < own <= step), None)
            if of is not None:
                text = texts.window_axis if of in seen else str
                self._made[node.id, k] = text, [(node.inputs[0], of)]
                seen.add(of)

    def _indexed(self, node: Node, shapes: Sequence[Shape]) -> Iterator[tuple[_Axis, _Axis]]:
        read = node.op == "getitem"
        if not read:
            yield from (((node.inputs[0], k), (node.id, k)) for k in range(len(shapes[0])))
            if node.keywords["view"] is not None:
                return
        first = 1 if read else 2
        ranks = [len(shape) for shape in shapes[first:]]
        region = list(region_axes(node.keywords["index"], len(shapes[0]), ranks))
        other = node.id if read else node.inputs[1]
        shape = self._shapes[other]
        for k, source in enumerate(reversed(region), 1):
            if source is not None and k <= len(shape) and (read or shape[-k] != 1):
                at, axis = source
                name = node.inputs[first + at] if at >= 0 else node.inputs[0]
                yield from self._kept((name, axis), (other, len(shape) - k))


def region_axes(
    index: Sequence[Any], rank: int, ranks: Sequence[int]
) -> Iterator[tuple[int, int] | None]:
    """(array or −1, axis) of each axis that an index reads; None for a new one.

    ``rank`` is that of the array, ``ranks`` those of the arrays in the index, which stand for one
    axis each (masks are not named). Arrays that are apart come first, as in NumPy.
    """
    arrays = [k for k, each in enumerate(index) if isinstance(each, tuple) and each[0] == "array"]
    whole = [k for k, each in enumerate(index) if type(each) is int] if arrays else []
    places = sorted((*arrays, *whole))
    widest = max(range(len(ranks)), key=ranks.__getitem__, default=0)
    of_arrays = [(widest, axis) for axis in range(ranks[widest])] if arrays else []
    together = places == list(range(places[0], places[0] + len(places))) if places else True
    if not together:
        yield from of_arrays
    axis, used = 0, sum(each not in (None, "...") for each in index)
    for k, each in enumerate((*index, *(() if "..." in index else ("...",)))):
        if each is None:
            yield None
        elif each == "...":
            yield from ((-1, axis + j) for j in range(rank - used))
            axis += rank - used
        else:
            if isinstance(each, tuple) and each[0] == "slice":
                yield -1, axis
            elif together and places and k == places[0]:
                yield from of_arrays
            axis += 1


def sizes_named(tree: ast.AST) -> dict[str, dict[int, str]]:
    """{array: {axis: size}} of the variables in ``N, D = x.shape`` and ``N = x.shape[0]``."""
    found: dict[str, dict[int, str]] = {}

    def array_of(value: ast.AST) -> str | None:
        if isinstance(value, ast.Attribute) and value.attr == "shape":
            return ast.unparse(value.value)
        return None

    for each in ast.walk(tree):
        if not isinstance(each, ast.Assign):
            continue
        target, value = each.targets[0], each.value
        if isinstance(target, ast.Tuple) and (array := array_of(value)) is not None:
            names = {k: x.id for k, x in enumerate(target.elts) if isinstance(x, ast.Name)}
            found.setdefault(array, {}).update(names)
        elif isinstance(target, ast.Name) and isinstance(value, ast.Subscript):
            array, at = array_of(value.value), value.slice
            if array is not None and isinstance(at, ast.Constant) and isinstance(at.value, int):
                found.setdefault(array, {})[at.value] = target.id
        elif isinstance(target, ast.Name) and ast.unparse(value).startswith("len("):
            found.setdefault(ast.unparse(value)[4:-1], {})[0] = target.id
    return found
