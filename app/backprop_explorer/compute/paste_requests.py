"""The request to read pasted text. See trace_requests.py on its imports."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from backprop_explorer.experiments.recipe_fields import RecipePart
from backprop_explorer.tutor.reading.limits import MAX_PASTED

PASTE_EXAMPLE: dict[str, Any] = {
    "text": "dC_dW1 = [[0.1 0.2]\n [0.3 0.4]]\ndC_db1 = array([0.5, 0.6])",
    "layers": 1,
}


class PasteRequest(RecipePart):
    """Text printed by a notebook, such as a cell's output."""

    model_config = ConfigDict(json_schema_extra={"examples": [PASTE_EXAMPLE]})

    text: Annotated[str, Field(strict=True, max_length=MAX_PASTED)]
    layers: Annotated[int, Field(strict=True, ge=1, le=256)] | None = Field(
        None, description="How many the network has: then `predict` and `dC_dW` have a place too"
    )

    def answer(self) -> dict[str, Any]:
        """All arrays with names and shapes, and the positions of other text."""
        from backprop_explorer.compute.paste_answers import PasteAnswer

        return PasteAnswer(self.text, self.layers).content()
