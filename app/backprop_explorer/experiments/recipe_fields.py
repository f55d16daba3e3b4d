"""What the parts of a recipe are made of: bounded numbers, names, and the class of every part."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ValidationError,
    model_validator,
)
from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError, core_schema

from backprop_explorer.engine.registry import Parameter, Registry

# Past this size a float64 network overflows at once; it also keeps 1e999 and the like out.
MAX_NUMBER = 1e100
Number = Annotated[float, Field(strict=True, ge=-MAX_NUMBER, le=MAX_NUMBER)]
Whole = Annotated[int, Field(strict=True, ge=-(2**53), le=2**53)]
Seed = Annotated[int, Field(strict=True, ge=0, le=2**32 - 1)]
Flag = Annotated[bool, Field(strict=True)]
MAX_NAME = 64
Name = Annotated[str, Field(min_length=1, max_length=MAX_NAME)]
# The beginning of a SHA-256, which names experiments and uploads.
ID_PATTERN = "^[0-9a-f]{20}$"
# A body may have 100,000 parameters that there are not: nobody reads of more.
MOST_WRONG = 20
# Four times the units that a layer may have as the server comes.
MAX_SIDE = 2_048
Vector = Annotated[list[Number], Field(min_length=1, max_length=MAX_SIDE)]
Matrix = Annotated[list[Vector], Field(min_length=1, max_length=MAX_SIDE)]


@dataclass(frozen=True)
class Form:
    """Metadata of text that ``pattern`` matches: other text is told what is ``needed``.

    Pydantic's own constraint says no more than that it does not match.
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


class RecipePart(BaseModel):
    """A part of a recipe: frozen, no unknown fields, no NaN or infinity."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Adjustable(RecipePart):
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


def _as_kept(value: float, parameter: Parameter) -> float:
    """3 and 3.0 are one number, and must be one experiment."""
    return int(value) if parameter.integer and value == int(value) else float(value)


def refuse_name_alone(registry: Registry[Any], first: str, data: Any) -> None:
    """Show whoever gives a name instead of an object where the name belongs."""
    if isinstance(data, str):
        name = data if data in registry else first
        example = f'{{"name": "{name}"}}'
        raise PydanticCustomError("object", "must be an object: {example}", {"example": example})


def filled(part: type[Adjustable], registry: Registry[Any], data: Any) -> Any:
    """``data`` of a ``part`` with the defaults of its entry's parameters.

    Raises ValidationError naming what cannot be one of them: only the entry knows their bounds, and
    which are whole.
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
        # The name will be refused; of what belongs to it nothing true can be said.
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
    # In the registry's order, whatever order they were given or stored in.
    return {**{key: each for key, each in data.items() if key not in kept}, **kept}


def _needed(name: str, key: str, parameters: dict[str, Parameter]) -> str:
    """What ``key`` must be, in words that follow it."""
    if key not in parameters:
        return f"is no parameter of {name}; known: {', '.join(parameters) or 'none'}"
    p = parameters[key]
    kind = "whole number" if p.integer else "number"
    return f"must be a {kind} {p.bounds}"


def _is_number(value: Any) -> bool:
    # NaN fails the comparison too, and whole numbers of any length compare.
    return (
        isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= MAX_NUMBER
    )
