"""The request of a check whose settings are found. See trace_requests.py on its imports."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from backprop_explorer.compute.numbers import Bias, Matrix, Targets, VectorOrMatrix
from backprop_explorer.compute.trace_requests import ActivationName, CostName, GivenPenalty
from backprop_explorer.experiments.recipe import OptimizerPart
from backprop_explorer.experiments.recipe_fields import Name, RecipePart
from backprop_explorer.experiments.typed_arrays import TypedArrayGiven
from backprop_explorer.tutor.reading import MAX_PASTED

MAX_ARRAYS = 512
INFER_EXAMPLE: dict[str, Any] = {
    "settings": "infer",
    "submitted": "X = [[0.6 -1.2]]\nfasit = [[1.]]\nvekter = [[0.5] [-0.3]]\nskjevhet = [0.1]\n"
    "ut = [[0.68135373]]\ndelta = [[-0.06918155]]\ngradient = [[-0.04150893] [0.08301786]]",
}
_Key = Annotated[str, Field(min_length=1, max_length=64)]


class InferredLayer(RecipePart):
    """A layer with its weights, in any orientation."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    W: Matrix
    b: Bias | None = None
    activation: ActivationName | None = Field(None, description="Left out: to be found")


class InferredCheckRequest(RecipePart):
    """Numbers of a program, from which the settings and the meaning of each array are found.

    What is given of the settings is what an exercise says.
    """

    model_config = ConfigDict(
        arbitrary_types_allowed=True, json_schema_extra={"examples": [INFER_EXAMPLE]}
    )

    settings: Literal["infer"]
    submitted: (
        Annotated[str, Field(max_length=MAX_PASTED)]
        | Annotated[
            dict[_Key, float | str | list[Any] | dict[str, Any] | TypedArrayGiven | None],
            Field(max_length=MAX_ARRAYS),
        ]
    ) = Field(description="Pasted text, or arrays under any names; the givens may be among them")
    read_as: dict[_Key, _Key | None] = Field(
        default_factory=dict,
        max_length=MAX_ARRAYS,
        description="By index of an array in the answer: the line it is, null for none",
    )
    layers: Annotated[list[InferredLayer], Field(min_length=1, max_length=256)] | None = None
    x: VectorOrMatrix | None = None
    target: Targets | None = None
    activations: Annotated[list[ActivationName | None], Field(max_length=256)] | None = None
    cost: CostName | None = None
    reduction: Name | None = None
    convention: Name | None = None
    step: Literal["subtract", "add"] | None = Field(
        None, description="add: the gradients come from target − prediction"
    )
    penalty: GivenPenalty = GivenPenalty()
    optimizer: OptimizerPart | None = None
