"""Schemas of experiments: /experiments and …/data."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from backprop_explorer.api.answers.base import Answer, FiniteMatrix, FiniteVector, Rows
from backprop_explorer.experiments.recipe import Recipe


class ExperimentAnswer(Answer):
    """A kept experiment."""

    id: str = Field(description="20 hexadecimal digits, from the recipe's content")
    experiment: Recipe = Field(description="The recipe, complete")
    parameters: int = Field(ge=1, description="Number of weights and biases")
    steps_per_epoch: int = Field(ge=1, description="Updates of one pass through the data")
    warnings: list[str] = Field(description="Settings that are allowed but probably not intended")


class DataPart(Answer):
    """The training or the test part."""

    x: FiniteMatrix = Field(
        description="(samples, features), standardised as the network sees them"
    )
    target: FiniteVector | FiniteMatrix = Field(
        description="(samples,) class positions; (samples, outputs) numbers for a regression"
    )
    rows: Rows = Field(description="Positions in the whole data set")


class DataAnswer(Answer):
    """The data of an experiment as the network sees it."""

    task: Literal["classification", "regression"]
    features: list[str] = Field(description="Names of the columns of x")
    classes: list[str] = Field(description="Names of the classes; empty for a regression")
    target_name: str
    image_shape: list[int] | None = Field(description="(height, width) where a row is a picture")
    train: DataPart
    test: DataPart
    feature_mean: FiniteVector = Field(description="(features,), subtracted by standardising")
    feature_scale: FiniteVector = Field(description="(features,), divided by")
    target_mean: float | FiniteVector = Field(description="The same for the target of a regression")
    target_scale: float | FiniteVector = Field(
        description="The same for the target of a regression"
    )
