"""Schemas of own data: POST /datasets."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from backprop_explorer.api.answers.base import Answer


class Column(Answer):
    """A column of an uploaded table."""

    name: str
    kind: Literal["number", "text"]
    role: Literal["feature", "target", "left out"]


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


class DatasetAnswer(Answer):
    """What was read of an uploaded table."""

    id: str = Field(
        description="A hash of the rows: the same rows with the same choices have the same id on"
        " every server"
    )
    columns: list[Column]
    task: Literal["classification", "regression"]
    classes: list[str] = Field(
        description="Numbers by size, words alphabetically; empty for a regression"
    )
    rows: int = Field(ge=1, description="Rows in use")
    left_out: list[int] = Field(
        description="Numbers of the incomplete rows that were left out, as a spreadsheet counts"
    )
    preview: list[list[str]] = Field(description="The first ten rows as text, all columns")
    header: bool = Field(description="Whether the first row has names, as detected or chosen")
    delimiter: str = Field(description="As detected")
    dataset: UploadedDataset
    points: PointsDataset | None = Field(
        description="The same rows as a recipe takes them; null for more than 1,000 rows or 8"
        " columns"
    )
