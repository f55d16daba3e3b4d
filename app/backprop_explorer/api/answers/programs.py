"""Schemas of programs and of graphs."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from backprop_explorer.api.answers.base import Answer
from backprop_explorer.api.answers.catalog import CatalogParameter, Entry


class ProgramEntry(Entry):
    """A ready program."""

    topic: Literal["layers", "sequences", "costs"]
    tag: str = Field(description="Its idea in a word, such as fan-out")
    text: str = Field(description="Two sentences that follow the description")
    shapes: str = Field(description="Its usual sizes in words")
    wrt: list[str] = Field(description="The arguments whose gradients are computed")
    sizes: list[CatalogParameter] = Field(description="What `sizes` of its trace may change")


class ProgramsAnswer(Answer):
    """The ready programs in the order of the gallery."""

    programs: list[ProgramEntry]
