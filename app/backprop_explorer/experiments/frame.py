"""A frame: everything the page shows of an experiment at one step."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.engine import names
from backprop_explorer.engine.names import Name
from backprop_explorer.engine.network import Network, Parameters
from backprop_explorer.experiments.boundary import boundary, unit_responses
from backprop_explorer.experiments.frame_parts import Wanted
from backprop_explorer.experiments.health import ActivationStatistics, alarms, all_alike, statistics
from backprop_explorer.experiments.history import parts_norms, starts, z_norms
from backprop_explorer.experiments.remedies import (
    change,
    is_too_large,
    large_rate,
    rate_path,
    remedy,
    smaller_rate,
)
from backprop_explorer.experiments.trainer import TrainerState
from backprop_explorer.experiments.training_run import TrainingRun
from backprop_explorer.texts import experiments as texts

Array = NDArray[np.float64]

HISTOGRAM_BINS = 20
# Lines with an entry for each unit of a layer.
_OF_NEURONS = ("z", "a", names.OF_A, names.OF_Z)
_EDGES = np.arange(HISTOGRAM_BINS + 1, dtype=np.float64)


def histogram(values: Array) -> dict[str, Any]:
    """Count ``values`` in HISTOGRAM_BINS equal bins from −max|v| to max|v|.

    Values that are not finite are left out.
    """
    flat = values.ravel()
    flat = flat[np.isfinite(flat)]
    [bins] = _histograms(flat, np.zeros(len(flat), np.intp), [np.abs(flat).max(initial=0.0)])
    return bins


def _histograms(flat: Array, group: NDArray[np.intp], largest: list[float]) -> list[dict[str, Any]]:
    """Return one histogram per group of the finite values ``flat``.

    ``group`` is the index of each value's group; ``largest`` is max|v| of each group. All groups
    are counted in one call, because the call overhead exceeds the arithmetic.
    """
    # For smaller numbers the bin width underflows.
    most = np.array([each if each >= 1e-300 else 1.0 for each in largest])
    half = HISTOGRAM_BINS / 2
    bins = (flat / most[group] * half + half).astype(np.intp)
    np.minimum(bins, HISTOGRAM_BINS - 1, out=bins)
    bins += HISTOGRAM_BINS * group
    counts = np.bincount(bins, minlength=HISTOGRAM_BINS * len(most))
    # The same result as np.linspace in fewer steps: same rounding, last edge exact.
    edges = _EDGES * (2.0 * most[:, None] / HISTOGRAM_BINS) - most[:, None]
    edges[:, -1] = most
    return [
        {"edges": edge, "counts": count}
        for edge, count in zip(edges, counts.reshape(len(most), -1), strict=True)
    ]


@lru_cache(maxsize=256)
def _neuron_lines(depth: int) -> tuple[Name, ...]:
    layers = range(1, depth + 1)
    return tuple(names.of_layer(kind, k) for k in layers for kind in _OF_NEURONS)


@lru_cache(maxsize=64)
def _layer_of(network: Network) -> NDArray[np.intp]:
    """The layer index, from 0, of each weight in the flat parameters; ``depth`` for biases."""
    layers = Parameters(network)
    for layer, (W, b) in enumerate(zip(layers.W, layers.b, strict=True)):
        W[...], b[...] = layer, network.depth
    return layers.flat.astype(np.intp)


def weight_histograms(gradient: Parameters) -> list[dict[str, Any]]:
    """Return the histogram of ∂C/∂W of each layer."""
    network = gradient.network
    largest = np.maximum.reduceat(np.abs(gradient.flat), starts(network)).tolist()
    # The biases are one more group, dropped at the end: filtering them out takes longer.
    largest = [*largest[::2], max(largest)]
    if not math.isfinite(largest[-1]):
        return [histogram(W) for W in gradient.W]
    return _histograms(gradient.flat, _layer_of(network), largest)[:-1]


def diverged(run: TrainingRun, step: int) -> dict[str, Any] | None:
    """Describe the divergence if ``step`` lies after it, else return None.

    The suggestion is for the learning rate in use: the recipe's own or that of an edit.
    """
    if run.diverged is None or step <= run.diverged:
        return None
    segment = run.initial_state.segments[run.initial_state.segment(run.diverged)]
    smaller = smaller_rate(segment.update)
    return {
        "step": run.diverged,
        "text": texts.diverged(run.diverged, segment.update.rate(run.diverged)),
        "suggestion": {"set": segment.rate_field, "to": smaller},
        "change": change(rate_path(segment), smaller),
    }


class FrameBuilder:
    """Builds the frame of ``state``; it does not depend on earlier requests.

    ``asked`` is the requested step, which is after that of ``state`` if training diverged.
    """

    def __init__(self, run: TrainingRun, state: TrainerState, wanted: Wanted, asked: int) -> None:
        self.run = run
        self.asked = asked
        self.initial_state = run.initial_state
        self.state = state
        self.wanted = wanted
        self.trainer, self.backprop = run.record(state)
        self.network = self.trainer.network
        self.rows = self.initial_state.rows(state.step)
        self.measures = self.trainer.measures(state.step)

    def build(self) -> dict[str, Any]:
        """Return the frame as plain data; arrays stay NumPy arrays."""
        initial_state, step, parts = self.initial_state, self.state.step, self.wanted.parts
        m = self.measures
        epoch, index = divmod(step, initial_state.steps_per_epoch)
        frame: dict[str, Any] = {
            "step": step,
            "epoch": epoch,
            "batch": {"index": index, "size": len(self.rows), "rows": self.rows},
            "learning_rate": self.trainer.segment.update.rate(step),
            "cost": {"train": m.cost_train, "test": m.cost_test},
            "score": {
                "name": "accuracy" if initial_state.classes else "r2",
                "train": m.score_train,
                "test": m.score_test,
            },
            "layers": self._layers(),
            "diverged": diverged(self.run, self.asked),
        }
        if "neurons" in parts:
            self._add_neurons(frame)
        if "curves" in parts:
            frame["curves"] = self.run.history.columns(self.wanted.since, step)
        if "boundary" in parts:
            frame["boundary"] = boundary(
                initial_state,
                self.state.step,
                lambda x: self.run.predict(self.state, x),
                self.wanted.grid,
                self.wanted.axes,
            )
        if "health" in parts:
            self._add_health(frame)
        if "maps" in parts:
            maps = unit_responses(
                initial_state,
                self.state.step,
                lambda x: self.run.activations(self.state, x),
                self.wanted.axes,
            )
            for layer, shown in zip(frame["layers"], maps, strict=True):
                if shown is not None:
                    layer["map"] = shown
        return frame

    def _layers(self) -> list[dict[str, Any]]:
        parameters, gradient = self.trainer.parameters, self.trainer.gradient
        layers = []
        for k, layer in enumerate(self.network.layers):
            shown: dict[str, Any] = {"units": layer.units, "activation": layer.activation}
            if "parameters" in self.wanted.parts:
                shown |= {"W": parameters.W[k].copy(), "b": parameters.b[k].copy()}
            if "gradients" in self.wanted.parts:
                shown |= {names.OF_W: gradient.W[k].copy(), names.OF_B: gradient.b[k].copy()}
            layers.append(shown)
        return layers

    def _add_neurons(self, frame: dict[str, Any]) -> None:
        sample = self.wanted.sample
        x, _ = self.trainer.train
        values: Mapping[str, Any]
        if sample is None:
            values, x = self.backprop.values, x[self.rows]
        else:
            values, x = self.trainer.of_sample(sample), x[sample : sample + 1]
        # The last layer has no ∂C/∂a where one line computes cost and activation.
        known = [name for name in _neuron_lines(self.network.depth) if name in values]
        # One concatenated array: a dozen small arrays take three times as long.
        sides = np.concatenate([x, *(values[name] for name in known)], axis=1)
        sums = np.add.reduce(sides, axis=0)
        means = sums / len(x)
        at = x.shape[1]
        frame["input"] = means[:at]
        for layer in frame["layers"]:
            layer["neurons"] = dict.fromkeys(_OF_NEURONS)
        for name in known:
            layer = frame["layers"][(name.layer or 0) - 1]
            shown = sums if name.gradient_of else means
            layer["neurons"][name.kind] = shown[at : at + layer["units"]]
            at += layer["units"]
        frame["output"] = frame["layers"][-1]["neurons"]["a"]

    def _add_health(self, frame: dict[str, Any]) -> None:
        network, parameters = self.network, self.trainer.parameters
        activations: list[ActivationStatistics] = []
        histograms = weight_histograms(self.trainer.gradient)
        with np.errstate(over="ignore", invalid="ignore"):
            of_z = z_norms(self.backprop, network.depth)
            of_W, of_b = parts_norms(network, self.trainer.gradient.flat)
            ratios = self._update_ratios()
        for k, layer in enumerate(network.layers):
            activations.append(statistics(layer.activation, self.measures.outputs[k]))
            frame["layers"][k]["gradient"] = {
                "W_norm": of_W[k],
                "b_norm": of_b[k],
                "z_norm": of_z[k],
                "update_ratio": ratios[k],
                "histogram": histograms[k],
            }
            frame["layers"][k]["activation_statistics"] = activations[-1]._asdict()
        recipe, segment, step = self.initial_state.recipe, self.trainer.segment, self.state.step
        too_large = step > 0 and is_too_large(segment.update, ratios)
        frame["alarms"] = [
            large_rate(alarm, segment)
            if too_large and alarm.kind != "symmetric"
            else {**asdict(alarm), "change": remedy(alarm, recipe, segment, step), "cause": None}
            for alarm in alarms(network, of_z, activations, all_alike(parameters.W, parameters.b))
        ]

    def _update_ratios(self) -> list[float | None]:
        """Return ‖ΔW‖ / ‖W‖ of the next update per layer; None if W is 0 or ΔW overflows."""
        before = self.state.parameters
        self.trainer.step(self.state.step)
        changes, _ = parts_norms(self.network, self.trainer.parameters.flat - before)
        # Restore the trainer's state for its next use.
        self.trainer.load(self.state)
        ratios: list[float | None] = []
        for change_, size in zip(changes, parts_norms(self.network, before)[0], strict=True):
            ratio = change_ / size if size > 0 else math.inf
            ratios.append(ratio if math.isfinite(ratio) else None)
        return ratios
