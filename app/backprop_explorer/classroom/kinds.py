"""The kinds of questions to a class."""

from __future__ import annotations

from typing import Literal

Kind = Literal["sign", "shape", "number", "array", "formula", "working", "choice", "lesson"]
# The kinds that ask about the working of an experiment.
OF_LINES = ("sign", "shape", "number", "array", "formula", "working")
