"""A frame: all that the page shows of an experiment at one step."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.backprop import forward_steps, run, working
from app.core.backprop import givens as starting_values
from app.core.errors import InvalidInput
from app.experiments.boundary import boundary
from app.experiments.health import ActivationStatistics, alarms, statistics
from app.experiments.history import Measures, norms
from app.experiments.run import Machine, Run, State

Array = NDArray[np.float64]

PARTS = ("parameters", "gradients", "neurons", "boundary", "curves", "health")
HISTOGRAM_BINS = 20


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which parts of a frame to compute. ``sample`` is a training position, None for the batch."""

    parts: frozenset[str] = frozenset(PARTS)
    since: int = -1
    grid: int = 48
    axes: tuple[int, ...] = (0, 1)
    sample: int | None = None


def parts_of(names: Iterable[str]) -> frozenset[str]:
    """The set of ``names``. Raises InvalidInput for a part that frames do not have."""
    chosen = frozenset(name for name in names if name)
    unknown = chosen - set(PARTS)
    if unknown:
        raise InvalidInput("include", f"unknown part; known: {', '.join(PARTS)}")
    return chosen


def _histogram(values: Array) -> dict[str, Any]:
    flat = values.ravel()
    largest = float(np.abs(flat).max(initial=0.0))
    if not np.isfinite(largest) or largest == 0.0:
        largest = 1.0
    counts, edges = np.histogram(
        flat[np.isfinite(flat)], bins=HISTOGRAM_BINS, range=(-largest, largest)
    )
    return {"edges": edges, "counts": counts}


def _neuron(values: dict[str, Any], name: str, summed: bool) -> Array | None:
    array = values.get(name)
    if array is None:
        return None
    result: Array = array.sum(axis=0) if summed else array.mean(axis=0)
    return result


class FrameBuilder:
    """Builds the frame of ``state``; nothing in it depends on what was asked before."""

    def __init__(self, run_: Run, state: State, wanted: Wanted) -> None:
        self.run = run_
        self.setup = run_.setup
        self.state = state
        self.wanted = wanted
        self.machine: Machine = run_.record(state)
        self.network = self.machine.network
        self.rows = self.setup.rows(state.step)
        self.batch = self.machine.gradients(state.step).values

    def build(self) -> dict[str, Any]:
        """The frame as plain data, arrays still arrays."""
        setup, step, parts = self.setup, self.state.step, self.wanted.parts
        m = Measures(setup, self.network, self.machine.parameters)
        epoch, index = divmod(step, setup.steps_per_epoch)
        frame: dict[str, Any] = {
            "step": step,
            "epoch": epoch,
            "batch": {"index": index, "size": len(self.rows), "rows": self.rows},
            "learning_rate": self.machine.segment.update.rate(step),
            "cost": {"train": m.cost_train, "test": m.cost_test},
            "score": {
                "name": "accuracy" if setup.classes else "r2",
                "train": m.score_train,
                "test": m.score_test,
            },
            "layers": self._layers(),
            "diverged": self._diverged(),
        }
        if "neurons" in parts:
            self._add_neurons(frame)
        if "curves" in parts:
            frame["curves"] = self.run.history.columns(self.wanted.since, step)
        if "boundary" in parts:
            frame["boundary"] = boundary(
                setup,
                lambda x: self.run.predict(self.state, x),
                self.wanted.grid,
                self.wanted.axes,
            )
        if "health" in parts:
            self._add_health(frame)
        return frame

    def _layers(self) -> list[dict[str, Any]]:
        parameters, gradient = self.machine.parameters, self.machine.gradient
        layers = []
        for k, layer in enumerate(self.network.layers):
            shown: dict[str, Any] = {"units": layer.units, "activation": layer.activation}
            if "parameters" in self.wanted.parts:
                shown |= {"W": parameters.W[k].copy(), "b": parameters.b[k].copy()}
            if "gradients" in self.wanted.parts:
                shown |= {"dC_dW": gradient.W[k].copy(), "dC_db": gradient.b[k].copy()}
            layers.append(shown)
        return layers

    def _add_neurons(self, frame: dict[str, Any]) -> None:
        sample = self.wanted.sample
        x, target = self.setup.train
        if sample is None:
            values, x = self.batch, x[self.rows]
        else:
            x, target = x[[sample]], target[[sample]]
            values = starting_values(self.setup.objective, x, target)
            values |= self.machine.parameters.named()
            run(working(self.network, self.setup.objective), values)
        for k, layer in enumerate(frame["layers"], start=1):
            fused = k == self.network.depth and self.setup.objective.fuses(self.network)
            layer["neurons"] = {
                "z": _neuron(values, f"z{k}", summed=False),
                "a": _neuron(values, f"a{k}", summed=False),
                "dC_da": None if fused else _neuron(values, f"dC_da{k}", summed=True),
                "dC_dz": _neuron(values, f"dC_dz{k}", summed=True),
            }
        frame["input"] = x.mean(axis=0)
        frame["output"] = frame["layers"][-1]["neurons"]["a"]

    def _add_health(self, frame: dict[str, Any]) -> None:
        network, parameters = self.network, self.machine.parameters
        backprop = self.machine.gradients(self.state.step)
        w_norms, z_norms = norms(backprop, network.depth)
        outputs = self._training_outputs()
        found: list[ActivationStatistics] = []
        for k, layer in enumerate(network.layers):
            found.append(statistics(layer.activation, outputs[k]))
            frame["layers"][k]["gradient"] = {
                "W_norm": w_norms[k],
                "b_norm": float(np.linalg.norm(self.machine.gradient.b[k])),
                "z_norm": z_norms[k],
                "histogram": _histogram(self.machine.gradient.W[k]),
            }
            frame["layers"][k]["activation_statistics"] = asdict(found[-1])
        equal = [W.shape[1] > 1 and bool((W[:, :1] == W).all()) for W in parameters.W]
        frame["alarms"] = [asdict(a) for a in alarms(network, z_norms, found, equal)]

    def _training_outputs(self) -> list[Array]:
        values = {"x": self.setup.train[0], **self.machine.parameters.named()}
        run(forward_steps(self.network), values)
        return [values[f"a{k}"] for k in range(1, self.network.depth + 1)]

    def _diverged(self) -> dict[str, Any] | None:
        diverged = self.run.diverged
        if diverged is None or self.state.step < diverged.step:
            return None
        rate = self.machine.segment.update.rate(diverged.step)
        smaller = float(f"{rate / 10:.1g}")
        return {
            "step": diverged.step,
            "text": f"Training diverged at step {diverged.step}: the update with learning rate "
            f"{rate:g} made the parameters larger than float64 can hold.",
            "suggestion": {"set": "learning_rate", "to": smaller},
        }
