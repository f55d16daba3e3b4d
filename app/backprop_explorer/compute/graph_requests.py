"""The request of a graph: what ``bx.explain(…).save(file)`` writes.

Only lengths and types are checked here; ``record.received`` reads it.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from backprop_explorer.experiments.recipe_fields import Canonical, Whole

MAX_NODES, MAX_GIVENS = 2_000, 5_000

_Id = Annotated[str, Field(min_length=1, max_length=200)]
_Text = Annotated[str, Field(max_length=1_000)]
_AxisName = Annotated[str, Field(min_length=1, max_length=40)]
_Span = Annotated[list[Whole], Field(min_length=4, max_length=4)]
_Loop = Annotated[list[_Text | Whole | bool], Field(min_length=5, max_length=5)]
_Call = Annotated[list[_Text | Whole], Field(min_length=4, max_length=4)]

GRAPH_EXAMPLE: dict[str, Any] = {
    "version": 1,
    "cost": "C",
    "givens": [
        {
            "id": "w",
            "parameter": True,
            "value": {
                "dtype": "float64",
                "shape": [2],
                "data": "AAAAAAAA8D8AAAAAAAAAwA==",
                "number": False,
            },
        }
    ],
    "nodes": [
        {"id": "y", "op": "np_tanh", "inputs": ["w"], "attributes": {}},
        {"id": "C", "op": "sum", "inputs": ["y"], "attributes": {"axis": [0], "keepdims": False}},
    ],
}


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class GraphArray(_Part):
    """An array, or a number with its type: its bytes, little-endian, row by row."""

    dtype: str = Field(max_length=20, description="NumPy's name, such as float64 or bool")
    shape: list[Annotated[int, Field(ge=0, le=2**31)]] = Field(max_length=8)
    data: str = Field(description="The bytes in base64")
    number: bool = Field(description="A number with a type of NumPy, not an array")


class GraphNumber(_Part):
    """A number of Python."""

    python: Literal["float", "int", "bool"]
    text: str = Field(max_length=40, description="As Python writes it")


class GraphGiven(_Part):
    """A value that the program starts from."""

    id: _Id
    parameter: bool = Field(description="Whether its gradient is computed")
    value: GraphArray | GraphNumber


class GraphNode(_Part):
    """One operation. It stands after all that it reads."""

    id: _Id
    op: str = Field(max_length=64, description="Name of an operation in the catalog")
    inputs: list[_Id] = Field(max_length=2_000, description="Ids of givens and earlier nodes")
    attributes: dict[Annotated[str, Field(max_length=20)], Any] = Field(
        description="Constants of the operation, such as axis and keepdims"
    )


class GraphOrigin(_Part):
    """Where a value is computed in the program's source."""

    file: _Text
    line: Whole
    span: _Span | None = Field(
        None, description="Line, end line, first column, column after the last; in bytes"
    )
    text: str = Field("", max_length=2_000, description="The expression")
    function: _Text = ""
    frame: Whole = Field(0, description="The number of the function's call")
    runs: list[_Loop] = Field(
        [],
        max_length=16,
        description="Frame, line, variable, value and whether that has a name, of each loop",
    )
    calls: list[_Call] = Field(
        [], max_length=32, description="File, line, function and frame of each caller"
    )
    previous: _Id | None = Field(None, description="The version of the value before a write")


class GraphRequest(_Part, Canonical):
    """A recorded program: operations by name, and the arrays that it starts from."""

    model_config = ConfigDict(json_schema_extra={"examples": [GRAPH_EXAMPLE]})

    version: Literal[1] = Field(description="Of this format")
    cost: _Id = Field(description="The node whose gradients are computed: one number")
    givens: list[GraphGiven] = Field(min_length=1, max_length=MAX_GIVENS)
    nodes: list[GraphNode] = Field(min_length=1, max_length=MAX_NODES)
    arguments: list[_Id] = Field([], max_length=MAX_GIVENS, description="Ids of the arguments")
    results: list[_Id] = Field([], max_length=100, description="Ids of what was returned")
    aliases: dict[_Id, _Id] = Field({}, description="Other names of values")
    notes: list[_Text] = Field([], max_length=100)
    axes_of: dict[_Id, list[_AxisName | None]] = Field(
        {}, description="Names of the axes of some values; null for an axis without one"
    )
    sources: dict[_Id, GraphOrigin] = Field({}, description="Where each value is computed")
    source_text: dict[_Text, list[_Text | None]] = Field(
        {},
        description="The lines of the functions that ran by file, null for the lines between them;"
        " left out without source=True",
    )
