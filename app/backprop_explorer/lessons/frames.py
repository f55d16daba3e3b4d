"""Compute frames of a recipe, so that a lesson can ask about numbers in the page's figures."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from backprop_explorer.experiments.frame import FrameBuilder
from backprop_explorer.experiments.initial_state import InitialState
from backprop_explorer.experiments.recipe import Recipe
from backprop_explorer.experiments.training_run import TrainingRun
from backprop_explorer.experiments.wanted import Wanted
from backprop_explorer.lessons.runs import MOST_STEPS, RUN_BYTES
from backprop_explorer.limits import Limits
from backprop_explorer.texts import lessons_writing as texts

# A map over two hyper-parameters needs a dozen runs; a small network's frame takes a few kB.
KEPT_FRAMES = 512
_PARTS = frozenset({"parameters", "gradients", "health"})


def frames(recipe: Mapping[str, Any], *steps: int) -> list[dict[str, Any]]:
    """Return the frames of ``recipe`` at the ascending ``steps``.

    ``recipe`` is JSON as for ``POST /experiments``. The frames equal those of ``GET
    …/frames/{step}`` with parameters, gradients and health; read-only. If training diverges, the
    last good step is returned with ``diverged`` set. Raises ValueError beyond MOST_STEPS, and
    InvalidInput for an invalid recipe.
    """
    if max(steps) > MOST_STEPS or list(steps) != sorted(steps):
        raise ValueError(texts.steps_ascend(MOST_STEPS))
    return list(_frames(Recipe.model_validate(recipe).canonical(), steps))


@lru_cache(maxsize=KEPT_FRAMES)
def _frames(canonical: bytes, steps: tuple[int, ...]) -> tuple[dict[str, Any], ...]:
    initial_state = InitialState(Recipe.model_validate_json(canonical), Limits())
    initial_state.prepare()
    run = TrainingRun(initial_state, RUN_BYTES)
    wanted = Wanted(parts=_PARTS)
    found = []
    for step in steps:
        state = run.state(step, float("inf"))
        found.append(FrameBuilder(run, state, wanted, asked=step).build())
    return tuple(found)


def z_norms(frame: Mapping[str, Any]) -> list[float]:
    """Return ‖∂C/∂z‖ of each layer, from first to last: the bars of the gradient flow figure."""
    return [layer["gradient"]["z_norm"] for layer in frame["layers"]]
