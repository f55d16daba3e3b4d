"""Schemas of sweeps: /sweeps."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from backprop_explorer.api.answers.base import Answer, Matrix
from backprop_explorer.experiments.recipe import Recipe
from backprop_explorer.experiments.sweeps import Sweep


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
