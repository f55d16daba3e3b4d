"""The sweep: a recipe, one or two axes, a step and a measure; its id is a hash of its JSON."""

from __future__ import annotations

import math
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.experiments.recipe import Recipe
from backprop_explorer.experiments.recipe_fields import (
    MAX_NAME,
    Canonical,
    LengthFirst,
    Name,
    Number,
    RecipePart,
    Whole,
)
from backprop_explorer.experiments.sweeps.fields import (
    Value,
    in_order,
    is_parameter,
    settings_of,
    with_value,
)
from backprop_explorer.experiments.sweeps.measures import MEASURES, Measure
from backprop_explorer.texts import experiments_sweeps as texts

MOST_VALUES = 1024
MOST_REPEATS = 64
# Digits of computed values: powers differ in the last digit between systems, and a sweep must not.
DIGITS = 12
Scale = Literal["linear", "log", "listed"]
AxisValue = Annotated[bool, Field(strict=True)] | Whole | Number | Name


class Axis(RecipePart):
    """A field of the recipe and its values: listed, or computed from ``scale`` and bounds.

    The axis of a sweep has its values; ``scale`` then only says how to draw them.
    """

    field: Annotated[str, Field(min_length=1, max_length=MAX_NAME)]
    scale: Scale = "listed"
    values: Annotated[
        tuple[AxisValue, ...], Field(min_length=1, max_length=MOST_VALUES), LengthFirst()
    ] = Field((), validate_default=False)

    @model_validator(mode="before")
    @classmethod
    def _computed(cls, data: Any) -> Any:
        if not isinstance(data, dict) or "values" in data:
            return data
        scale = {name: data.get(name) for name in ("from", "to", "count")}
        rest = {name: each for name, each in data.items() if name not in scale}
        if None in scale.values():
            raise _refused(texts.VALUES_OR_SCALE)
        return {**rest, "values": scaled(rest.get("scale", "linear"), **_numbers(scale))}


def _refused(needed: str) -> PydanticCustomError:
    return PydanticCustomError("axis", "{needed}", {"needed": needed})


def _numbers(scale: dict[str, Any]) -> dict[str, Any]:
    begin, end, count = scale.values()
    for each in (begin, end):
        if isinstance(each, bool) or not isinstance(each, int | float) or not abs(each) <= 1e100:
            raise _refused(texts.FROM_AND_TO)
    if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= MOST_VALUES:
        raise _refused(texts.count_up_to(MOST_VALUES))
    return {"begin": begin, "end": end, "count": count}


def scaled(scale: Any, begin: float, end: float, count: int) -> list[float]:
    """Return ``count`` values from ``begin`` to ``end``, evenly spaced ("linear") or by a factor.

    Whole numbers remain whole where all values are. Raises PydanticCustomError.
    """
    if scale not in ("linear", "log"):
        raise _refused(texts.SCALE)
    if scale == "log" and not (begin > 0 and end > 0):
        raise _refused(texts.POSITIVE_BOUNDS)
    fractions = [k / (count - 1) if count > 1 else 0.0 for k in range(count)]
    if scale == "log":
        logs = math.log(begin), math.log(end)
        numbers = [math.exp(logs[0] + (logs[1] - logs[0]) * fraction) for fraction in fractions]
    else:
        numbers = [begin + (end - begin) * fraction for fraction in fractions]
    values = [float(f"{each:.{DIGITS}g}") for each in numbers]
    values[-1], values[0] = float(end), float(begin)
    if isinstance(begin, int) and isinstance(end, int) and all(v.is_integer() for v in values):
        return [int(each) for each in values]
    return values


class Sweep(RecipePart, Canonical):
    """A map of training: ``measure`` of the run of every cell after ``step`` updates.

    ``goal`` is the cost of the measures steps_to_cost. With ``repeats`` each cell is the mean over
    that many runs; run r has r added to the seeds of the weights and of the batches.
    """

    recipe: Recipe = Recipe()
    axes: Annotated[tuple[Axis, ...], Field(min_length=1, max_length=2), LengthFirst()]
    step: int = Field(strict=True, ge=0, le=10**9)
    measure: Name = "cost.test"
    goal: Number | None = Field(None, description="The cost to reach, for steps_to_cost")
    repeats: int = Field(1, strict=True, ge=1, le=MOST_REPEATS)

    @model_validator(mode="after")
    def _whole_numbers(self) -> Self:
        """Round the computed values of a field of whole numbers, and drop repeated ones."""
        settings = settings_of(self.recipe.model_dump(mode="json"))
        axes = tuple(_rounded(axis, settings.get(axis.field)) for axis in self.axes)
        if axes != self.axes:
            # The model is frozen; this is still its construction.
            object.__setattr__(self, "axes", axes)
        return self

    @cached_property
    def shape(self) -> tuple[int, int]:
        """(rows, columns): the values of the first axis and of the second."""
        return len(self.axes[0].values), len(self.axes[1].values) if len(self.axes) > 1 else 1

    @property
    def cells(self) -> int:
        """The number of cells."""
        rows, columns = self.shape
        return rows * columns

    @property
    def measured(self) -> Measure:
        """The entry of the measure. Raises UnknownName."""
        return MEASURES.find(self.measure, "measure")

    @cached_property
    def _dumped(self) -> dict[str, Any]:
        return self.recipe.model_dump(mode="json")

    @property
    def optimizer(self) -> dict[str, Any]:
        """The recipe's optimizer as JSON."""
        optimizer: dict[str, Any] = self._dumped["optimizer"]
        return optimizer

    @cached_property
    def order(self) -> list[int]:
        """The order in which the axes set their values."""
        return in_order([axis.field for axis in self.axes])

    def summary(self) -> dict[str, Any]:
        """Return what an answer says of the sweep beside its cells."""
        return {
            "id": self.id,
            "sweep": self.model_dump(mode="json"),
            "shape": list(self.shape),
            "better": self.measured.better,
        }

    def indices(self, cell: int) -> tuple[int, ...]:
        """Return the position of a cell on each axis; cells are counted row by row."""
        row, column = divmod(cell, self.shape[1])
        return (row, column)[: len(self.axes)]

    def recipe_of(self, indices: tuple[int, ...], repeat: int = 0) -> Recipe:
        """Return the recipe of a cell. Raises InvalidInput that names the axis and the value."""
        data = self._dumped
        for a in self.order:
            axis = self.axes[a]
            field = f"axes.{a}.values.{indices[a]}"
            try:
                data = with_value(data, axis.field, axis.values[indices[a]])
            except InvalidInput as error:
                raise InvalidInput(
                    f"axes.{a}.field" if error.field == "field" else field, error.message
                ) from None
        if repeat:
            data = _reseeded(data, repeat)
        try:
            return Recipe.model_validate(data)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            # Names of union members end in brackets; they are not in the recipe.
            path = ".".join(str(key) for key in first["loc"] if not str(key).endswith("[]"))
            message = first["msg"].replace("Input should be", texts.MUST_BE)
            raise InvalidInput(self.field_of(path, indices), message) from None

    def field_of(self, path: str, indices: tuple[int, ...]) -> str:
        """Return the field of the sweep that sets ``path`` of a cell's recipe."""
        for a, axis in enumerate(self.axes):
            last = axis.field.rpartition(".")[2]
            if path == axis.field or (last in path.split(".") and axis.field[:4] == path[:4]):
                return f"axes.{a}.values.{indices[a]}"
            if is_parameter(axis.field) and path.startswith("edits"):
                return f"axes.{a}.field"
        return f"axes.0.values.{indices[0]}" if len(self.axes) == 1 else "axes"


def _reseeded(data: dict[str, Any], repeat: int) -> dict[str, Any]:
    """Return the recipe with other seeds of weights and batches, within their range."""
    parts = {
        name: {**data[name], "seed": (data[name]["seed"] + repeat) % 2**32}
        for name in ("network", "batch")
    }
    return {**data, **parts}


def _rounded(axis: Axis, present: Value | None) -> Axis:
    whole = isinstance(present, int) and not isinstance(present, bool)
    if axis.scale == "listed" or not whole or not all(isinstance(v, float) for v in axis.values):
        return axis
    values = tuple(dict.fromkeys(round(float(each)) for each in axis.values))
    return axis.model_copy(update={"values": values})
