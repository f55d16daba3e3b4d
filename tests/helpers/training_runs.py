"""Runs of a recipe, and what they found."""

from __future__ import annotations

from backprop_explorer.experiments.initial_state import InitialState
from backprop_explorer.experiments.recipe import Recipe
from backprop_explorer.experiments.training_run import TrainingRun
from backprop_explorer.limits import Limits

FOREVER = float("inf")
ROOMY = 2**30


def make(experiment: Recipe, budget: int = ROOMY) -> TrainingRun:
    return TrainingRun(InitialState(experiment, Limits()), budget)
