"""Suggest one change of the recipe for each alarm; the page offers it as a button."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from backprop_explorer.engine.names import indexed
from backprop_explorer.engine.updates import Update
from backprop_explorer.experiments.health import Alarm
from backprop_explorer.experiments.recipe import Recipe
from backprop_explorer.experiments.segments import Segment
from backprop_explorer.texts import experiments as texts

DRAWN = "xavier_normal"
Change = dict[str, Any]


def change(path: str, value: Any) -> Change:
    """Return a change that sets the recipe field at a dotted ``path`` to ``value``."""
    return {"path": path, "value": value}


def rate_path(segment: Segment) -> str:
    """Return the path of the recipe field that sets the learning rate of ``segment``."""
    field = segment.rate_field
    return "optimizer.learning_rate" if field == "learning_rate" else field


def smaller_rate(update: Update) -> float:
    """Return the usual learning rate if that is much smaller, else a tenth of the present one."""
    usual = update.optimizer.default_learning_rate
    smaller = usual if update.learning_rate > 10 * usual else update.learning_rate / 10
    return float(f"{smaller:.1g}")


def is_too_large(update: Update, ratios: Iterable[float | None]) -> bool:
    """Tell whether the learning rate explains an alarm: the usual one is less than a tenth of it,
    or the next update moves the weights of a layer by more than their size (``ratios``).
    """
    usual = update.optimizer.default_learning_rate
    return update.learning_rate > 10 * usual or any(each and each > 1 for each in ratios)


def large_rate(alarm: Alarm, segment: Segment) -> Change:
    """Return the alarm with the learning rate as its cause, and a smaller one as its remedy."""
    smaller = smaller_rate(segment.update)
    return {
        **asdict(alarm),
        "change": change(rate_path(segment), smaller),
        "cause": {
            "text": texts.rate_too_large(segment.update.learning_rate),
            "suggestion": {"set": segment.rate_field, "to": smaller},
        },
    }


def remedy(alarm: Alarm, recipe: Recipe, segment: Segment, step: int) -> Change | None:
    """Return the first suggestion for the alarm that changes the recipe, or None."""
    weights_given = recipe.network.weights is not None
    drawn = change("network.initializer", DRAWN)
    if alarm.kind == "symmetric":
        return change("network.weights", None) if weights_given else drawn
    if alarm.kind == "dead" and alarm.layer is not None:
        return _activation(recipe, segment, alarm.layer, "leaky_relu")
    if alarm.kind == "vanishing":
        for index, layer in enumerate(segment.network.layers[:-1], start=1):
            if layer.activation == "sigmoid":
                return _hidden(recipe, segment) or _activation(recipe, segment, index, "tanh")
    rate = segment.update.learning_rate
    smaller = change(rate_path(segment), float(f"{rate / 10:.1g}")) if step and rate > 0 else None
    if (alarm.kind == "exploding" and step) or weights_given:
        return smaller
    return smaller if recipe.network.initializer.startswith("xavier") else drawn


def _hidden(recipe: Recipe, segment: Segment) -> Change | None:
    """Replace every hidden sigmoid by tanh; None if an edit has set an activation."""
    activations = [layer.activation for layer in segment.network.layers]
    layers = [layer.model_dump() for layer in recipe.network.layers]
    if activations != [layer["activation"] for layer in layers]:
        return None
    for layer in layers[:-1]:
        if layer["activation"] == "sigmoid":
            layer["activation"] = "tanh"
    return change("network.layers", layers)


def _activation(recipe: Recipe, segment: Segment, layer: int, name: str) -> Change:
    """Set the activation of one layer, in the recipe or in the last edit that set it."""
    edits = [
        (edit.step, k)
        for k, edit in enumerate(recipe.edits)
        if edit.set == indexed("activation", layer) and edit.step <= segment.start
    ]
    if edits:
        return change(f"edits.{max(edits)[1]}.to", name)
    return change(f"network.layers.{layer - 1}.activation", name)
