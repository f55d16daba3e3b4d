"""Segments: the parts of training between edits, each with one network and optimizer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from backprop_explorer.engine import names
from backprop_explorer.engine.activations import ACTIVATIONS
from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.engine.names import Name
from backprop_explorer.engine.network import Network
from backprop_explorer.engine.updates import Update
from backprop_explorer.experiments.data_edits import DataWrite, check_write
from backprop_explorer.experiments.recipe import EDIT_TARGET, Edit, OptimizerPart, Recipe
from backprop_explorer.texts import experiments as texts


@dataclass(frozen=True)
class Segment:
    """Training with one network and one optimizer, from step ``start`` on.

    ``fresh``: the optimizer was replaced, so its state starts at zero. ``writes``: parameters set
    on arrival, as (name, flat index, value). ``data``: entries of the training part set on arrival.
    ``rate_field``: the recipe field that sets the learning rate.
    """

    start: int
    network: Network
    update: Update
    fresh: bool = False
    writes: tuple[tuple[Name, int, float], ...] = ()
    data: tuple[DataWrite, ...] = ()
    rate_field: str = "learning_rate"


@contextmanager
def fields_under(prefix: str) -> Iterator[None]:
    """Prefix the field of any InvalidInput with ``prefix``."""
    try:
        yield
    except InvalidInput as error:
        error.field = f"{prefix}.{error.field}"
        raise


def _update(part: OptimizerPart, network: Network, field: str) -> Update:
    """Return the engine's Update of ``part``; errors name ``field`` instead of "optimizer"."""
    try:
        update = part.update()
        update.check(network)
        return update
    except InvalidInput as error:
        error.field = error.field.replace("optimizer", field, 1)
        raise


def check_softmax(network: Network, field: str) -> None:
    if network.layers[-1].activation == "softmax" and network.outputs == 1:
        raise InvalidInput(field, texts.SOFTMAX_OF_ONE)


def segments_of(recipe: Recipe, network: Network, classes: int) -> tuple[Segment, ...]:
    """Return the segments of a recipe. Edits at the same step apply in the order given.

    ``classes`` is the number of classes, 0 for a regression. Raises InvalidInput.
    """
    segments = [Segment(0, network, _update(recipe.optimizer, network, "optimizer"))]
    order = sorted(range(len(recipe.edits)), key=lambda k: recipe.edits[k].step)
    for k in order:
        edit = recipe.edits[k]
        current = segments[-1]
        if edit.step > current.start:
            current = replace(current, start=edit.step, fresh=False, writes=(), data=())
            segments.append(current)
        with fields_under(f"edits.{k}"):
            segments[-1] = _edited(current, edit, k, classes)
    return tuple(segments)


def _edited(segment: Segment, edit: Edit, k: int, classes: int) -> Segment:
    field = f"edits.{k}.to"
    if isinstance(edit.to, OptimizerPart):
        rate_field = f"{field}.learning_rate"
        return replace(
            segment,
            update=_update(edit.to, segment.network, "to"),
            fresh=True,
            rate_field=rate_field,
        )
    if edit.set == "learning_rate":
        rate = float(edit.to)
        if rate < 0:
            raise InvalidInput("to", texts.NEGATIVE_RATE)
        update = replace(segment.update, learning_rate=rate)
        return replace(segment, update=update, rate_field=field)
    match = EDIT_TARGET.match(edit.set)
    if match is None:
        raise InvalidInput("set", texts.NOT_EDITABLE)
    if (entry := names.entry(edit.set)) is not None:
        name, at = place_of(segment.network, entry, "set")
        return replace(segment, writes=(*segment.writes, (name, at, float(edit.to))))
    activation, *_ = match.groups()
    if any(data := match.groups()[-4:]):
        write = DataWrite.of_edit(*data, value=float(edit.to), edit=k)
        check_write(write, segment.network, classes)
        return replace(segment, data=(*segment.data, write))
    layer = int(activation)
    if not 1 <= layer <= segment.network.depth:
        raise InvalidInput("set", texts.layers_numbered(segment.network.depth))
    layers = list(segment.network.layers)
    layers[layer - 1] = replace(layers[layer - 1], activation=str(edit.to))
    ACTIVATIONS.find(str(edit.to), "to")
    changed = Network(segment.network.inputs, tuple(layers))
    check_softmax(changed, "to")
    return replace(segment, network=changed)


def place_of(network: Network, entry: tuple[Name, int, int], field: str) -> tuple[Name, int]:
    """Return the name of a parameter's array, and the place of an entry in the flat array.

    ``entry`` is the array, row and column (``names.entry``). Raises InvalidInput(``field``).
    """
    name, i, j = entry
    layer = name.layer or 0
    if not 1 <= layer <= network.depth:
        raise InvalidInput(field, texts.layers_numbered(network.depth))
    n_in, n_out = network.shapes[layer - 1]
    matrix = name.quantity == "W"
    if j >= n_out or (matrix and i >= n_in):
        shape = (n_in, n_out) if matrix else (n_out,)
        raise InvalidInput(field, texts.entries_counted(name, shape))
    return name, i * n_out + j
