"""``experiment``: train a recipe in the notebook's own process, to any step."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from backprop_explorer.engine.errors import InvalidInput, LimitExceeded
from backprop_explorer.notebook.html import document, number
from backprop_explorer.texts import notebook as texts

if TYPE_CHECKING:
    from plotly.graph_objects import Figure
    from pydantic import BaseModel

    from backprop_explorer.experiments.recipe import Recipe
    from backprop_explorer.experiments.trainer import TrainerState

# Training goes on in slices, so that Ctrl+C and "interrupt kernel" act between them.
SLICE_SECONDS = 1.0
ModelT = TypeVar("ModelT", bound="BaseModel")


class Experiment:
    """One experiment. The same recipe gives the same numbers as in the browser, bit for bit."""

    def __init__(self, recipe: Recipe) -> None:
        # pydantic and the trainer take a third of a second to import.
        from backprop_explorer.experiments.initial_state import InitialState
        from backprop_explorer.experiments.training_run import TrainingRun
        from backprop_explorer.limits import Limits

        self.recipe = recipe
        self._limits = Limits()
        state = InitialState(recipe, self._limits)
        self._run = TrainingRun(state, self._limits.cache_bytes // 8)

    @property
    def id(self) -> str:
        """The id of the recipe, the same on every server."""
        return self.recipe.id

    def frame(self, step: int) -> dict[str, Any]:
        """Return everything known at ``step``: cost, score, layers with W, b and gradients, …

        It has the fields that docs/wire.md describes, with NumPy arrays. W is (n_in, n_out).
        Raises LimitExceeded for a negative or too large step.
        """
        from backprop_explorer.experiments.frame import FrameBuilder
        from backprop_explorer.experiments.frame_parts import Wanted

        return FrameBuilder(self._run, self._reach(step), Wanted(), asked=step).build()

    def history(self, until: int | None = None) -> dict[str, np.ndarray]:
        """Return the recorded points up to ``until`` (the last step reached) as arrays by column.

        Columns: step, cost_train, cost_test, score_train, score_test, W_norm and z_norm; the last
        two have one column for each layer.
        """
        if until is not None:
            # The point at the last state is recorded only now.
            self._run.record(self._reach(until))
        last = self._run.history.last if until is None else until
        columns = self._run.history.columns(-1, max(last, 0))
        return {name: np.asarray(values, dtype=np.float64) for name, values in columns.items()}

    def figure(self, kind: str = "training curves", step: int | None = None) -> Figure:
        """Return a plotly figure at ``step`` (the last step reached).

        Kinds: "training curves", "gradient flow", "network" and "data". Raises InvalidInput.
        """
        from backprop_explorer.notebook import figures

        step = self._at(step)
        if kind == "training curves":
            return figures.curves_figure(self.history(step))
        if kind == "data":
            state = self._run.initial_state
            return figures.data_figure(*state.train, classes=bool(state.classes))
        if kind not in ("network", "gradient flow"):
            known = texts.FIGURES
            raise InvalidInput("kind", texts.figure_needed(known, kind))
        frame = self.frame(step)
        layers = frame["layers"]
        if kind == "network":
            values = [frame["input"], *(layer["neurons"]["a"] for layer in layers)]
            return figures.network_figure([layer["W"] for layer in layers], values)
        norms = [layer["gradient"] for layer in layers]
        return figures.gradient_flow_figure(
            [each["W_norm"] for each in norms], [each["z_norm"] for each in norms]
        )

    def _at(self, step: int | None) -> int:
        return max(self._run.history.last, 0) if step is None else step

    def _reach(self, step: int) -> TrainerState:
        """Train to ``step``, or to the last good step if training diverges."""
        if not 0 <= step <= self._limits.max_steps:
            raise LimitExceeded("step", texts.STEPS, self._limits.max_steps)
        while True:
            state = self._run.state(step, time.perf_counter() + SLICE_SECONDS)
            diverged = self._run.diverged
            if state.step >= step or (diverged is not None and state.step >= diverged):
                return state

    def __repr__(self) -> str:
        """Return data set, layers and the last step reached."""
        network = self._run.initial_state.network
        layers = ", ".join(f"{layer.units} {layer.activation}" for layer in network.layers)
        return texts.experiment(self.id[:8], self.recipe.dataset.name, layers, self._at(None))

    def _repr_html_(self) -> str:
        """Return cost and score at the last step reached."""
        frame = self.frame(self._at(None))
        cost, score = frame["cost"], frame["score"]
        rows = "".join(
            f"<tr><td>{name}</td><td>{_number(part['train'])}</td><td>{_number(part['test'])}</td></tr>"
            for name, part in (("cost", cost), (score["name"], score))
        )
        return document(
            f"<div>{self!r}</div>",
            f'<table class="bx-m"><tr><td></td><td>train</td><td>test</td></tr>{rows}</table>',
        )


def _number(value: float | None) -> str:
    return "–" if value is None else number(value)


def experiment(recipe: Recipe | Mapping[str, Any] | None = None) -> Experiment:
    """Return the experiment of ``recipe``, a dict with the fields of the REST API.

    Missing fields take their defaults: ``experiment()`` trains a 2-4-4-1 network on the moons.
    Raises InvalidInput naming the field.
    """
    from backprop_explorer.experiments.recipe import Recipe

    if isinstance(recipe, Recipe):
        return Experiment(recipe)
    return Experiment(validated(Recipe, {} if recipe is None else recipe, "recipe"))


def validated(model: type[ModelT], given: Any, whole: str) -> ModelT:
    """Return ``given`` as the model. Raises InvalidInput, of the field ``whole`` if of no part."""
    from pydantic import ValidationError

    try:
        return model.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        # pydantic also names the member of a union, as "made[]".
        field = ".".join(str(key) for key in first["loc"] if not str(key).endswith("[]")) or whole
        raise InvalidInput(field, first["msg"]) from None
