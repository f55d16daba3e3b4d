"""The recipe of an experiment: immutable and complete; its id is a hash of its JSON.

The same models are used on the wire, in the store and in the program. Every field has a default:
``Recipe()`` trains a 2-4-4-1 network on the moons data.
"""

from __future__ import annotations

import re
from itertools import zip_longest
from typing import Annotated, Any

from pydantic import Discriminator, Field, Tag, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from backprop_explorer.engine import names
from backprop_explorer.engine.activation_parameters import name_with, split_name
from backprop_explorer.engine.costs import COSTS
from backprop_explorer.engine.initializers import INITIALIZERS
from backprop_explorer.engine.optimizers import OPTIMIZERS
from backprop_explorer.engine.schedules import SCHEDULES
from backprop_explorer.engine.updates import Update
from backprop_explorer.experiments.recipe_data import AnyDatasetPart, DatasetPart
from backprop_explorer.experiments.recipe_fields import (
    Adjustable,
    Canonical,
    Flag,
    Form,
    LengthFirst,
    Matrix,
    Name,
    Number,
    RecipePart,
    Seed,
    Vector,
    filled,
    refuse_name_alone,
)
from backprop_explorer.texts import experiments as texts

# [0-9] instead of \d, which matches the digits of every script: one number would get several ids.
EDIT_TARGET = re.compile(
    r"^(?:learning_rate|optimizer|activation([0-9]{1,4})"
    rf"|{names.ENTRY}"
    r"|x\[([0-9]{1,7}),([0-9]{1,5})\]|target\[([0-9]{1,7})(?:,([0-9]{1,5}))?\])$"
)


class LayerPart(RecipePart):
    """A dense layer."""

    units: int = Field(strict=True, ge=1, le=100_000)
    activation: Name = "tanh"

    @field_validator("activation", mode="after")
    @classmethod
    def _one_name(cls, name: str) -> str:
        # Two spellings of one parameter would give one experiment two ids.
        parts = split_name(name)
        return name if parts is None else name_with(*parts)


class WeightsPart(RecipePart):
    """Weights of one layer in the row convention: W (n_in, n_out), b (n_out,)."""

    W: Matrix
    b: Vector


class NetworkPart(RecipePart):
    """The layers and how their first weights are set."""

    layers: Annotated[tuple[LayerPart, ...], Field(min_length=1, max_length=256), LengthFirst()] = (
        LayerPart(units=4, activation="tanh"),
        LayerPart(units=4, activation="tanh"),
        LayerPart(units=1, activation="sigmoid"),
    )
    initializer: Name = "xavier_normal"
    value: Number | None = Field(None, description='The constant of the initializer "constant"')
    seed: Seed = 0
    weights: Annotated[tuple[WeightsPart, ...], Field(max_length=256), LengthFirst()] | None = (
        Field(None, description="Given weights instead of drawn ones, row convention")
    )

    @model_validator(mode="before")
    @classmethod
    def _defaults(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        name = data.get("initializer", "xavier_normal")
        known = isinstance(name, str) and name in INITIALIZERS
        parameters = INITIALIZERS[name].parameters if known else ()
        if parameters and data.get("value") is None:
            return {**data, "value": parameters[0].default}
        # An unused constant would give one experiment two ids.
        return data if parameters else {k: v for k, v in data.items() if k != "value"}


class CostPart(RecipePart):
    """The cost function to minimise."""

    name: Name = "binary_cross_entropy"
    reduction: Name = "mean"

    @model_validator(mode="before")
    @classmethod
    def _defaults(cls, data: Any) -> Any:
        refuse_name_alone(COSTS, "binary_cross_entropy", data)
        if isinstance(data, dict) and "reduction" not in data:
            name = data.get("name", "binary_cross_entropy")
            if isinstance(name, str) and name in COSTS:
                return {**data, "reduction": COSTS[name].default_reduction}
        return data


class PenaltyPart(RecipePart):
    """λ₁ Σ|W| + λ₂/2 ΣW² on the weights."""

    l1: float = Field(0.0, strict=True, ge=0.0, le=1e6)
    l2: float = Field(0.0, strict=True, ge=0.0, le=1e6)


class SchedulePart(Adjustable):
    """How the learning rate changes with the step."""

    registry = SCHEDULES
    name: Name = "constant"


class OptimizerPart(Adjustable):
    """The update rule and its parameters, which depend on the optimizer's name."""

    name: Name = "sgd"
    learning_rate: float = Field(0.1, strict=True, ge=0.0, le=1e308)
    schedule: SchedulePart = SchedulePart()
    layer_factors: (
        Annotated[
            tuple[Annotated[float, Field(strict=True, ge=0.0, le=1e100)], ...],
            Field(min_length=1, max_length=256),
            LengthFirst(),
        ]
        | None
    ) = Field(
        None,
        description="Factors of the learning rate, one per layer",
        # Experiments without factors have the ids that they had before there were any.
        exclude_if=lambda factors: factors is None,
    )

    @model_validator(mode="before")
    @classmethod
    def _defaults(cls, data: Any) -> Any:
        if isinstance(data, dict) and "learning_rate" not in data:
            name = data.get("name", "sgd")
            if isinstance(name, str) and name in OPTIMIZERS:
                data = {**data, "learning_rate": OPTIMIZERS[name].default_learning_rate}
        return filled(cls, OPTIMIZERS, data)

    def update(self) -> Update:
        """Return the engine's Update. Raises UnknownName or InvalidInput naming the field."""
        return Update(
            self.name,
            self.learning_rate,
            self.parameters,
            self.schedule.name,
            self.schedule.parameters,
            self.layer_factors or (),
        )


class BatchPart(RecipePart):
    """How the training set is split into batches; ``size`` null is the whole set at once."""

    size: int | None = Field(32, strict=True, ge=1, le=1_000_000)
    shuffle: Flag = True
    seed: Seed = 0


# The union tags of an edit's value (see AnyDatasetPart) and their names in messages.
_KINDS = {
    "number[]": texts.A_NUMBER,
    "name[]": texts.NAME_OF_ACTIVATION,
    "optimizer[]": texts.OPTIMIZER,
}


def _kind_of_value(value: Any) -> str | None:
    if isinstance(value, dict | OptimizerPart):
        return "optimizer[]"
    if isinstance(value, str):
        return "name[]"
    return "number[]" if isinstance(value, int | float) and not isinstance(value, bool) else None


class Edit(RecipePart):
    """A change applied when training reaches ``step``, before the update of that step.

    ``set`` is "learning_rate", "optimizer", "activation2", "W1[0,2]" or "b2[0]" (layers from 1,
    entries from 0, row convention), or an entry of a training row: "x[3,1]", "target[3]" or, with
    several targets, "target[3,1]" (rows from 0; standardised values; a target of a classification
    is a class index). ``to`` is the new number, name or optimizer.
    """

    step: int = Field(strict=True, ge=0, le=10**9)
    set: Annotated[str, Field(max_length=64), Form(EDIT_TARGET.pattern, texts.EDITED_FIELD)]
    to: Annotated[
        Annotated[Number, Tag("number[]")]
        | Annotated[Name, Tag("name[]")]
        | Annotated[OptimizerPart, Tag("optimizer[]")],
        Discriminator(_kind_of_value),
    ]

    @field_validator("to", mode="before")
    @classmethod
    def _fits(cls, to: Any, info: ValidationInfo) -> Any:
        """Check the type of ``to``; any valid type if ``set`` is invalid."""
        target = info.data.get("set")
        if target is None:
            kinds = set(_KINDS)
        elif target == "optimizer":
            kinds = {"optimizer[]"}
        else:
            kinds = {"name[]" if target.startswith("activation") else "number[]"}
        if _kind_of_value(to) not in kinds:
            wanted = texts.one_or_another([_KINDS[kind] for kind in _KINDS if kind in kinds])
            raise PydanticCustomError("kind", texts.MUST_BE, {"wanted": wanted})
        return to


class Recipe(RecipePart, Canonical):
    """An experiment: everything that its frames depend on."""

    dataset: AnyDatasetPart = Field(default_factory=lambda: DatasetPart.model_validate({}))
    network: NetworkPart = NetworkPart()
    cost: CostPart = CostPart()
    penalty: PenaltyPart = PenaltyPart()
    optimizer: OptimizerPart = OptimizerPart()
    batch: BatchPart = BatchPart()
    edits: Annotated[tuple[Edit, ...], Field(max_length=1000), LengthFirst()] = ()

    @property
    def family(self) -> str:
        """The id of the experiment without its edits."""
        return self.model_copy(update={"edits": ()}).id

    def first_difference(self, other: Recipe) -> int | None:
        """Return the first step at which the edits of ``other`` differ; None if they are equal.

        Both recipes have the same ``family``.
        """
        ours, theirs = (sorted(each.edits, key=lambda edit: edit.step) for each in (self, other))
        for a, b in zip_longest(ours, theirs):
            if a != b:
                return min(edit.step for edit in (a, b) if edit is not None)
        return None
