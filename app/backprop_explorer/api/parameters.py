"""Query parameters that several routes share."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Query

Arrays = Annotated[Literal["lists", "base64"], Query(description="How arrays are written")]
