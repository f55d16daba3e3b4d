"""Schemas of exported files that are JSON but no answer of their own media type."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from backprop_explorer.api.answers.base import Answer, absent


class NotebookCell(Answer):
    """A cell of a notebook."""

    cell_type: Literal["markdown", "code"]
    id: str
    metadata: dict[str, Any]
    source: list[str] = Field(description="Its lines")
    execution_count: int | None = absent("Of a code cell")
    outputs: list[dict[str, Any]] = absent("Of a code cell")


class NotebookFile(Answer):
    """A Jupyter notebook, format 4.5."""

    cells: list[NotebookCell]
    metadata: dict[str, Any]
    nbformat: Literal[4]
    nbformat_minor: int
