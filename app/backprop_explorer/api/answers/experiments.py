"""Schemas of experiments: /experiments and …/data."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from backprop_explorer.api.answers.base import (
    Answer,
    FiniteMatrix,
    FiniteVector,
    Matrix,
    Rows,
    TableHead,
)
from backprop_explorer.experiments.recipe import Recipe
from backprop_explorer.experiments.sweeps import Sweep


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


class UploadedDataset(Answer):
    """The table as the `dataset` of a recipe."""

    name: Literal["uploaded"]
    id: str


class PointsDataset(Answer):
    """The rows themselves as the `dataset` of a recipe, which needs nothing stored."""

    name: Literal["points"]
    x: list[list[float]] = Field(description="(rows, features)")
    target: list[float] | list[list[float]] = Field(
        description="(rows,) class positions or numbers; (rows, outputs) for several targets"
    )
    classes: list[str] = Field(description="Names of the classes; empty for a regression")
    features: list[str] = Field(description="Names of the columns of x")


class DatasetAnswer(TableHead):
    """What was read of an uploaded table."""

    id: str = Field(
        description="A hash of the rows: the same rows with the same choices have the same id on"
        " every server"
    )
    task: Literal["classification", "regression"]
    classes: list[str] = Field(
        description="Numbers by size, words alphabetically; empty for a regression"
    )
    rows: int = Field(ge=1, description="Rows in use")
    left_out: list[int] = Field(
        description="Numbers of the incomplete rows that were left out, as a spreadsheet counts"
    )
    delimiter: str = Field(description="As detected")
    dataset: UploadedDataset
    points: PointsDataset | None = Field(
        description="The same rows as a recipe takes them; null for more than 1,000 rows or 8"
        " columns"
    )


class SweepAnswer(Answer):
    """A kept sweep."""

    id: str = Field(description="20 hexadecimal digits, from the sweep's content")
    sweep: Sweep = Field(description="Complete, with the values of the axes")
    shape: list[int] = Field(description="[rows, columns]: values of the first and second axis")
    better: Literal["lower", "higher"] | None = Field(
        description="Which value is the best; null if that cannot be said"
    )


class SweepProgress(Answer):
    """The cells that are there so far (202). Ask again to continue."""

    reached: int = Field(ge=0, description="Cells that are done")
    target: int = Field(ge=1, description="All cells")
    values: Matrix = Field(description="The measure; null where there is none (yet)")
    spread: Matrix | None = Field(
        description="Sample standard deviation over the repeats; null without repeats"
    )
    diverged: Matrix = Field(
        description="The step whose update made the parameters of the cell's run too large, the"
        " first of its repeats; else null"
    )


class SweepMapAnswer(SweepAnswer, SweepProgress):
    """All cells of a sweep."""


class SweepCellAnswer(Answer):
    """The experiment of a cell."""

    id: str = Field(description="The experiment's id, once it is posted")
    experiment: Recipe = Field(description="Its recipe")
