"""The recipe of an experiment: immutable, complete, and named by the hash of its canonical JSON.

The same models describe an experiment on the wire, in the store and in the program. Every field has
the default of the first visit, so that ``Recipe()`` is moons learned by a 2-4-4-1 network.
"""

from __future__ import annotations

import hashlib
import re
from typing import Annotated, Any, Self

import orjson
from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.core.costs import COSTS
from app.core.initializers import INITIALIZERS
from app.core.optimizers import OPTIMIZERS
from app.core.registry import Parameter, Registry
from app.core.schedules import SCHEDULES
from app.core.updates import Update
from app.datasets import DATASETS

# Past this size a float64 network overflows at once; it also keeps 1e999 and the like out.
MAX_NUMBER = 1e100
Number = Annotated[float, Field(strict=True, ge=-MAX_NUMBER, le=MAX_NUMBER)]
Whole = Annotated[int, Field(strict=True, ge=-(2**53), le=2**53)]
Seed = Annotated[int, Field(strict=True, ge=0, le=2**32 - 1)]
Flag = Annotated[bool, Field(strict=True)]
MAX_NAME = 64
Name = Annotated[str, Field(min_length=1, max_length=MAX_NAME)]
# Four times the units that a layer may have as the server comes.
MAX_SIDE = 2_048
Vector = Annotated[list[Number], Field(min_length=1, max_length=MAX_SIDE)]
Matrix = Annotated[list[Vector], Field(min_length=1, max_length=MAX_SIDE)]

EDIT_TARGET = re.compile(
    r"^(?:learning_rate|optimizer|activation(\d{1,4})"
    r"|W(\d{1,4})\[(\d{1,5}),(\d{1,5})\]|b(\d{1,4})\[(\d{1,5})\])$"
)


class Part(BaseModel):
    """A part of a recipe: frozen, no unknown fields, no NaN or infinity."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Adjustable(Part):
    """A part with parameters of its registry entry beside its own fields (``noise``, ``beta1``)."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Whole | Number] = Field(init=False)

    @model_validator(mode="after")
    def _short_names(self) -> Self:
        # What is wrong is named in the answer, and an answer repeats nothing long.
        if any(len(name) > MAX_NAME for name in self.parameters):
            raise ValueError("has a parameter that there is not, with a long name")
        return self

    @property
    def parameters(self) -> dict[str, float]:
        """The parameters that were given or filled in, by name."""
        return dict(self.__pydantic_extra__ or {})


def _as_kept(value: Any, parameter: Parameter) -> Any:
    """3 and 3.0 are one number, and must be one experiment."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < MAX_NUMBER:
        return value  # for the validation to refuse
    return int(value) if parameter.integer and value == int(value) else float(value)


def _filled(registry: Registry[Any], data: Any) -> Any:
    """``data`` with the defaults of its entry's parameters; left alone where it makes no sense."""
    if not isinstance(data, dict):
        return data
    name = data.get("name")
    if not isinstance(name, str) or name not in registry:
        return data
    parameters: tuple[Parameter, ...] = registry[name].parameters
    kept = {p.name: _as_kept(data.get(p.name, p.default), p) for p in parameters}
    return {**data, **kept}


class DatasetPart(Adjustable):
    """Which data, how it is made, split and scaled. Parameters: those of the data set's entry."""

    name: Name = "moons"
    seed: Seed = 0
    test_fraction: float = Field(0.3, strict=True, ge=0.0, le=0.9)
    standardize: Flag = True

    @model_validator(mode="before")
    @classmethod
    def _defaults(cls, data: Any) -> Any:
        if isinstance(data, dict):
            data = {"name": "moons", **data}
        return _filled(DATASETS, data)


class LayerPart(Part):
    """A dense layer."""

    units: int = Field(strict=True, ge=1, le=100_000)
    activation: Name = "tanh"


class WeightsPart(Part):
    """Weights of one layer in the row convention: W (n_in, n_out), b (n_out,)."""

    W: Matrix
    b: Vector


class NetworkPart(Part):
    """The layers, and how their first weights come about."""

    layers: Annotated[tuple[LayerPart, ...], Field(min_length=1, max_length=256)] = (
        LayerPart(units=4, activation="tanh"),
        LayerPart(units=4, activation="tanh"),
        LayerPart(units=1, activation="sigmoid"),
    )
    initializer: Name = "xavier_normal"
    value: Number | None = Field(None, description='The constant of the initializer "constant"')
    seed: Seed = 0
    weights: Annotated[tuple[WeightsPart, ...], Field(max_length=256)] | None = Field(
        None, description="Given weights instead of drawn ones, row convention"
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
        # A constant that nothing reads would make two names for one experiment.
        return data if parameters else {k: v for k, v in data.items() if k != "value"}


class CostPart(Part):
    """What is minimised."""

    name: Name = "binary_cross_entropy"
    reduction: Name = "mean"

    @model_validator(mode="before")
    @classmethod
    def _defaults(cls, data: Any) -> Any:
        if isinstance(data, dict) and "reduction" not in data:
            name = data.get("name", "binary_cross_entropy")
            if isinstance(name, str) and name in COSTS:
                return {**data, "reduction": COSTS[name].default_reduction}
        return data


class PenaltyPart(Part):
    """λ₁ Σ|W| + λ₂/2 ΣW² on the weights."""

    l1: float = Field(0.0, strict=True, ge=0.0, le=1e6)
    l2: float = Field(0.0, strict=True, ge=0.0, le=1e6)


class SchedulePart(Adjustable):
    """How the learning rate changes with the step."""

    name: Name = "constant"

    @model_validator(mode="before")
    @classmethod
    def _defaults(cls, data: Any) -> Any:
        return _filled(SCHEDULES, data)


class OptimizerPart(Adjustable):
    """How a gradient becomes a step. Parameters: those of the optimizer's entry."""

    name: Name = "sgd"
    learning_rate: float = Field(0.1, strict=True, ge=0.0, le=1e308)
    schedule: SchedulePart = SchedulePart()

    @model_validator(mode="before")
    @classmethod
    def _defaults(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        data = {"name": "sgd", **data}
        name = data["name"]
        if "learning_rate" not in data and isinstance(name, str) and name in OPTIMIZERS:
            data["learning_rate"] = OPTIMIZERS[name].default_learning_rate
        return _filled(OPTIMIZERS, data)

    def update(self) -> Update:
        """The core's form of it. Raises UnknownName or InvalidInput naming the field."""
        return Update(
            self.name,
            self.learning_rate,
            self.parameters,
            self.schedule.name,
            self.schedule.parameters,
        )


class BatchPart(Part):
    """How the training set is cut into batches; ``size`` null is the whole set at once."""

    size: int | None = Field(32, strict=True, ge=1, le=1_000_000)
    shuffle: Flag = True
    seed: Seed = 0


class Edit(Part):
    """A change when training reaches ``step``, before that step's update.

    ``set`` is "learning_rate", "optimizer", "activation2", "W1[0,2]" or "b2[0]" (layers from 1,
    entries from 0, row convention); ``to`` is the new number, name or optimizer.
    """

    step: int = Field(strict=True, ge=0, le=10**9)
    set: Annotated[str, Field(max_length=64, pattern=EDIT_TARGET.pattern)]
    to: Number | Name | OptimizerPart

    @model_validator(mode="after")
    def _kind(self) -> Edit:
        wanted: tuple[type, str]
        if self.set == "optimizer":
            wanted = (OptimizerPart, "an optimizer")
        elif self.set.startswith("activation"):
            wanted = (str, "the name of an activation")
        else:
            wanted = (float, "a number")
        if not isinstance(self.to, wanted[0]):
            raise ValueError(f"to: {self.set} needs {wanted[1]}")
        return self


class Recipe(Part):
    """An experiment: everything that its frames depend on, and nothing else."""

    dataset: DatasetPart = Field(default_factory=lambda: DatasetPart.model_validate({}))
    network: NetworkPart = NetworkPart()
    cost: CostPart = CostPart()
    penalty: PenaltyPart = PenaltyPart()
    optimizer: OptimizerPart = OptimizerPart()
    batch: BatchPart = BatchPart()
    edits: Annotated[tuple[Edit, ...], Field(max_length=1000)] = ()

    def canonical(self) -> bytes:
        """The recipe as JSON with sorted keys: the same experiment gives the same bytes."""
        return orjson.dumps(self.model_dump(mode="json"), option=orjson.OPT_SORT_KEYS)

    @property
    def id(self) -> str:
        """The name of the experiment: 20 hexadecimal digits of the SHA-256 of ``canonical``."""
        return hashlib.sha256(self.canonical()).hexdigest()[:20]
