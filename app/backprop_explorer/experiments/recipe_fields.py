"""Base class and field types of a recipe: bounded numbers, names and vectors."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Self

import orjson
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ValidationError,
    model_validator,
)
from pydantic_core import (
    CoreSchema,
    InitErrorDetails,
    PydanticCustomError,
    PydanticKnownError,
    core_schema,
)

from backprop_explorer.engine.registry import Parameter, Registry
from backprop_explorer.experiments.typed_arrays import TypedArrayGiven, as_lists
from backprop_explorer.texts import experiments as texts

# Larger numbers overflow a float64 network at once; 1e999 (infinity) is refused too.
MAX_NUMBER = 1e100
Number = Annotated[float, Field(strict=True, ge=-MAX_NUMBER, le=MAX_NUMBER)]
Whole = Annotated[int, Field(strict=True, ge=-(2**53), le=2**53)]
Seed = Annotated[int, Field(strict=True, ge=0, le=2**32 - 1)]
Flag = Annotated[bool, Field(strict=True)]
MAX_NAME = 64
Name = Annotated[str, Field(min_length=1, max_length=MAX_NAME)]
# The first 20 hexadecimal digits of a SHA-256: the id of an experiment or upload.
ID_PATTERN = "^[0-9a-f]{20}$"
# Report at most this many unknown parameters of one object; a body may hold 100,000.
MOST_WRONG = 20
# No part has as many fields. Each unknown one is an error, which takes 15 µs to describe.
MOST_NAMES = 50
# Four times the default limit of units in a layer.
MAX_SIDE = 2_048


def or_typed(lists: Any) -> BeforeValidator:
    """Accept a typed array in base64 for a field of ``lists``, and describe both."""
    return BeforeValidator(as_lists, json_schema_input_type=lists | TypedArrayGiven)


_Row = Annotated[list[Number], Field(min_length=1, max_length=MAX_SIDE)]
_Rows = Annotated[list[_Row], Field(min_length=1, max_length=MAX_SIDE)]
Vector = Annotated[_Row, or_typed(_Row)]
Matrix = Annotated[_Rows, or_typed(_Rows)]


@dataclass(frozen=True)
class Form:
    """Annotation of a string that must match ``pattern``; ``needed`` is the error message.

    Pydantic's own pattern constraint cannot explain what is expected.
    """

    pattern: str
    needed: str

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {**handler(schema), "pattern": self.pattern}

    def _check(self, text: str) -> str:
        if re.fullmatch(self.pattern, text) is None:
            raise PydanticCustomError("form", "{needed}", {"needed": self.needed})
        return text


class LengthFirst:
    """Annotation of a tuple after its bounds: a longer one is refused before its items are read.

    Pydantic does that for lists only. Of a tuple it would report every wrong item, and 4 MB of
    them take seconds and gigabytes.
    """

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        schema = handler(source)
        most: int = schema["max_length"]

        def check(items: Any) -> Any:
            if isinstance(items, list | tuple) and len(items) > most:
                context = {"field_type": "Tuple", "max_length": most, "actual_length": len(items)}
                raise PydanticKnownError("too_long", context)
            return items

        return core_schema.no_info_before_validator_function(check, schema)


class Canonical(BaseModel):
    """Base of what the store keeps."""

    def canonical(self) -> bytes:
        """Return the content as JSON with sorted keys: equal contents give equal bytes."""
        return orjson.dumps(self.model_dump(mode="json"), option=orjson.OPT_SORT_KEYS)

    @property
    def id(self) -> str:
        """The first 20 hexadecimal digits of the SHA-256 of ``canonical``."""
        return hashlib.sha256(self.canonical()).hexdigest()[:20]


class RecipePart(BaseModel):
    """Base of all parts of a recipe: frozen, no unknown fields, no NaN or infinity."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _few_names(cls, data: Any) -> Any:
        if isinstance(data, dict) and len(data) > MOST_NAMES:
            context = {"most": MOST_NAMES, "count": f"{len(data):,}"}
            raise PydanticCustomError("too_many_fields", texts.TOO_MANY_FIELDS, context)
        return data


class Adjustable(RecipePart):
    """A part that also has the parameters of its registry entry (``noise``, ``beta1``)."""

    model_config = ConfigDict(extra="allow")
    registry: ClassVar[Registry[Any]]
    __pydantic_extra__: dict[str, Whole | Number] = Field(init=False)

    @model_validator(mode="before")
    @classmethod
    def _defaults(cls, data: Any) -> Any:
        return filled(cls, cls.registry, data)

    @model_validator(mode="after")
    def _short_names(self) -> Self:
        # The error names the parameter, and errors must not repeat long input.
        if any(len(name) > MAX_NAME for name in self.parameters):
            raise ValueError(texts.LONG_UNKNOWN_NAME)
        return self

    @property
    def parameters(self) -> dict[str, float]:
        """The parameters by name, given or default."""
        return dict(self.__pydantic_extra__ or {})


def _as_kept(value: float, parameter: Parameter) -> float:
    """Normalise ``value``: 3 and 3.0 must give the same experiment id."""
    return int(value) if parameter.integer and value == int(value) else float(value)


def refuse_name_alone(registry: Registry[Any], first: str, data: Any) -> None:
    """Raise an error with an example if ``data`` is a name instead of an object."""
    if isinstance(data, str):
        name = data if data in registry else first
        example = f'{{"name": "{name}"}}'
        raise PydanticCustomError("object", texts.MUST_BE_OBJECT, {"example": example})


def filled(part: type[Adjustable], registry: Registry[Any], data: Any) -> Any:
    """Return ``data`` of a ``part`` with the defaults of its entry's parameters filled in.

    Raises ValidationError naming the invalid parameters. Their bounds and types depend on the
    entry, so Pydantic cannot check them.
    """
    first = part.model_fields["name"].default
    refuse_name_alone(registry, first, data)
    if not isinstance(data, dict):
        return data
    data = {"name": first, **data}
    name = data["name"]
    fields = part.model_fields
    extra = {key: each for key, each in data.items() if key not in fields}
    if not isinstance(name, str) or name not in registry:
        # The unknown name is refused later; its parameters cannot be checked.
        return {key: each for key, each in data.items() if key not in extra or _is_number(each)}
    parameters: dict[str, Parameter] = {p.name: p for p in registry[name].parameters}
    wrong = [key for key, each in extra.items() if not _is_number(each)]
    if wrong:
        raise ValidationError.from_exception_data(
            part.__name__,
            [
                InitErrorDetails(
                    type=PydanticCustomError(
                        "parameter", "{needed}", {"needed": _needed(name, key, parameters)}
                    ),
                    loc=(key,),
                    input=extra[key],
                )
                for key in wrong[:MOST_WRONG]
            ],
        )
    kept = {key: _as_kept(data.get(key, p.default), p) for key, p in parameters.items()}
    # Use the registry's order, whatever the order in the input or the store.
    return {**{key: each for key, each in data.items() if key not in kept}, **kept}


def _needed(name: str, key: str, parameters: dict[str, Parameter]) -> str:
    """Return the requirement on ``key`` as words that follow its name."""
    if key not in parameters:
        return texts.not_parameter(name, ", ".join(parameters) or texts.NONE)
    p = parameters[key]
    kind = texts.WHOLE_NUMBER if p.integer else texts.ANY_NUMBER
    return texts.must_be(kind, p.bounds)


def _is_number(value: Any) -> bool:
    # NaN fails the comparison; integers of any size can be compared.
    return (
        isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= MAX_NUMBER
    )
