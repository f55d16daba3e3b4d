"""The schema of GET /catalog."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from backprop_explorer.api.answers.base import Answer, Formula, absent
from backprop_explorer.api.answers.experiments import UploadedDataset
from backprop_explorer.limits import Limits


class Entry(Answer):
    """What every entry of the catalog has."""

    name: str
    title: str
    description: str


class CatalogParameter(Answer):
    """A parameter of an entry, with its bounds."""

    name: str
    title: str
    default: float
    min: float
    max: float
    integer: bool = Field(description="Whether it takes whole numbers only")


class CatalogDataset(Entry):
    """A data set."""

    task: Literal["classification", "regression"]
    features: int
    classes: int = Field(description="0 for a regression")
    size: int | None = Field(description="Number of rows; null if it can be chosen")
    parameters: list[CatalogParameter]


class ProvidedDataset(Entry):
    """A table that this server provides: of EXPLORER_DATASETS or of an installed package."""

    task: Literal["classification", "regression"]
    features: int
    classes: int = Field(description="0 for a regression")
    targets: int = Field(description="Numbers that a regression predicts")
    size: int = Field(description="Number of rows")
    dataset: UploadedDataset = Field(description="As a recipe takes it; the id is of the content")


class CatalogActivation(Entry):
    """An activation f."""

    formula: Formula = absent("Left out with formulas=none")
    derivative: Formula = absent("Left out with formulas=none")
    range: list[float | None] = Field(
        description="Smallest and largest value of f; null without bound"
    )
    parameters: list[CatalogParameter] = Field(
        description='Written in brackets after the name: "leaky_relu(0.1)"'
    )


class CatalogCost(Entry):
    """A cost, of one output and its target."""

    formula: Formula = absent("Left out with formulas=none")
    derivative: Formula = absent("∂ℓ/∂a; left out with formulas=none")
    default_reduction: str
    tasks: list[str]
    suits: list[str] = Field(description="Output activations that it is meant for")
    fused_with: list[str] = Field(
        description="Output activations with which ∂C/∂z is a − y, up to the scaling"
    )


class CatalogFormula(Entry):
    """An entry that has a formula."""

    formula: Formula = absent("Left out with formulas=none")


class CatalogAdjustable(CatalogFormula):
    """An entry that has a formula and parameters."""

    parameters: list[CatalogParameter]


class CatalogOptimizer(CatalogAdjustable):
    """An optimizer."""

    default_learning_rate: float


class CatalogOperation(Entry):
    """An operation of the working."""

    family: str = Field(description="Kind of operation, as misconceptions name it")
    signature: str = Field(description="Axes of inputs and value in the row convention")
    entry: str = Field(description="How one entry is computed; {0} is the entry of input 0")


class CatalogMisconception(Entry):
    """A mistake that the checker can name."""

    families: list[str] = Field(description="The families of operations in which it is made")


class CatalogMeasure(Entry):
    """A measure of a sweep."""

    better: Literal["lower", "higher"] | None = Field(
        description="Which value is the best; null if that cannot be said"
    )


class CatalogAnswer(Answer):
    """Everything to choose from."""

    datasets: list[CatalogDataset]
    provided_datasets: list[ProvidedDataset]
    activations: list[CatalogActivation]
    costs: list[CatalogCost]
    reductions: list[CatalogFormula]
    optimizers: list[CatalogOptimizer]
    schedules: list[CatalogAdjustable]
    initializers: list[CatalogAdjustable]
    conventions: list[Entry]
    operations: list[CatalogOperation]
    misconceptions: list[CatalogMisconception]
    measures: list[CatalogMeasure]
    limits: Limits = Field(description="What one request may ask for")
