"""The data of a recipe: a named data set, points in the recipe itself, or an upload."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Discriminator, Field, Tag

from backprop_explorer.datasets import DATASETS, Rows, clean_name
from backprop_explorer.datasets.column_selection import MAX_CLASSES
from backprop_explorer.datasets.dataset import numbered_inputs
from backprop_explorer.datasets.own_data import MAX_SHOWN
from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.experiments.recipe_fields import (
    ID_PATTERN,
    Adjustable,
    Flag,
    Form,
    Name,
    Number,
    RecipePart,
    Seed,
    or_typed,
)
from backprop_explorer.texts import experiments as texts

# A recipe must fit into a link; larger data are uploaded.
MAX_POINT_ROWS = 1000
MAX_POINT_COLUMNS = 8
# Names of data that are not in the registry of data sets.
OWN_DATA = ("points", "uploaded")


class DatasetPart(Adjustable):
    """The data set, its parameters, its split and its scaling."""

    registry = DATASETS
    name: Name = "moons"
    seed: Seed = 0
    test_fraction: float = Field(0.3, strict=True, ge=0.0, le=0.9)
    standardize: Flag = True


def _numbers(count: int) -> str:
    return texts.A_NUMBER_IS if count == 1 else texts.numbers_are(count)


def _as_shown(text: str) -> str:
    if clean_name(text) != text:
        raise ValueError(texts.NO_CONTROL_CHARACTERS)
    return text


# Text typed by a user: not empty, no control characters, no superfluous spaces.
Shown = Annotated[str, Field(min_length=1, max_length=MAX_SHOWN), AfterValidator(_as_shown)]


class OwnPart(RecipePart):
    """How the user's own data are split and scaled."""

    seed: Seed = 0
    test_fraction: float = Field(0.3, strict=True, ge=0.0, le=0.9)
    standardize: Flag = True

    @property
    def parameters(self) -> dict[str, float]:
        """Own data have no parameters."""
        return {}


_Points = Annotated[
    list[Annotated[list[Number], Field(min_length=1, max_length=MAX_POINT_COLUMNS)]],
    Field(min_length=1, max_length=MAX_POINT_ROWS),
]
_PointTargets = Annotated[
    list[Number | Annotated[list[Number], Field(min_length=1, max_length=MAX_POINT_COLUMNS)]],
    Field(min_length=1, max_length=MAX_POINT_ROWS),
]


class PointsPart(OwnPart):
    """Data inside the recipe, so that a link alone restores them.

    With ``classes``, ``target`` holds class indices from 0. Without, it holds numbers (a
    regression): one per row, or a list of the same length for every row.
    """

    name: Literal["points"]
    x: Annotated[_Points, or_typed(_Points)]
    target: Annotated[_PointTargets, or_typed(_PointTargets)]
    classes: Annotated[list[Shown], Field(max_length=MAX_CLASSES)] = Field(default_factory=list)
    features: Annotated[list[Shown], Field(max_length=MAX_POINT_COLUMNS)] = Field(
        default_factory=list, description="Names of the columns; x₀, x₁, … by default"
    )

    def rows(self) -> Rows:
        """Return the rows. Raises InvalidInput naming the field that does not match the others."""
        width = len(self.x[0])
        for k, row in enumerate(self.x):
            if len(row) != width:
                raise InvalidInput(f"dataset.x.{k}", texts.as_in_the_first(_numbers(width)))
        if len(self.target) != len(self.x):
            if len(self.target) == width:
                raise InvalidInput("dataset.x", texts.ONE_ROW_PER_POINT)
            raise InvalidInput("dataset.target", texts.one_per_point(_numbers(len(self.x))))
        if len(self.classes) == 1 or len(set(self.classes)) < len(self.classes):
            raise InvalidInput("dataset.classes", texts.TWO_NAMES)
        target = self._targets()
        for k, value in enumerate(target if self.classes else []):
            if isinstance(value, list) or value != int(value) or not 0 <= value < len(self.classes):
                raise InvalidInput(f"dataset.target.{k}", texts.class_needed(len(self.classes) - 1))
        if self.features and len(self.features) != width:
            names_needed = texts.ONE_NAME_IS if width == 1 else texts.names_are(width)
            raise InvalidInput("dataset.features", texts.one_per_column(names_needed))
        names = self.features or (["x"] if width == 1 else numbered_inputs(width))
        return Rows(self.x, target, names, self.classes, "class" if self.classes else "y")

    def _targets(self) -> list[Any]:
        """Return the targets of a regression; a list of one number becomes that number.

        Raises InvalidInput if rows have different numbers of targets.
        """
        target = [t[0] if isinstance(t, list) and len(t) == 1 else t for t in self.target]
        width = len(target[0]) if isinstance(target[0], list) else 1
        for k, value in enumerate(target):
            if (len(value) if isinstance(value, list) else 1) != width:
                raise InvalidInput(f"dataset.target.{k}", texts.as_in_first_row(_numbers(width)))
        return target


class UploadedPart(OwnPart):
    """Data uploaded to this server; their id is a hash of their content."""

    name: Literal["uploaded"]
    id: Annotated[
        str, Field(description="As POST /datasets gives it"), Form(ID_PATTERN, texts.DATASET_ID)
    ]


def _kind_of_data(data: Any) -> str:
    if isinstance(data, dict):
        # Points or an id without a name mean own data, not the default data set.
        meant = "points" if "x" in data else "uploaded" if "id" in data else None
        name = data.get("name", meant)
    else:
        name = getattr(data, "name", None)
    # Pydantic puts the tag into the error path; the API removes tags that end in brackets.
    return f"{name}[]" if name in OWN_DATA else "made[]"


AnyDatasetPart = Annotated[
    Annotated[DatasetPart, Tag("made[]")]
    | Annotated[PointsPart, Tag("points[]")]
    | Annotated[UploadedPart, Tag("uploaded[]")],
    Discriminator(_kind_of_data),
]
