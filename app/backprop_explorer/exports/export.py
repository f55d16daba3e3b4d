"""The entry of the registry of exports."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backprop_explorer.exports.subject import Subject


@dataclass(frozen=True)
class Export:
    """One kind of export.

    ``of_working``: the file is about one backpropagation, with or without an experiment. Otherwise
    it is about an experiment and needs no working.
    """

    name: str
    title: str
    description: str
    suffix: str
    media_type: str
    make: Callable[[Subject], bytes]
    of_working: bool = True
