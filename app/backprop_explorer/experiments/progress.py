"""How far training has come when its time budget was used up."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """The step was not reached in one request's budget.

    Training up to ``reached`` is kept; repeat the request to continue.
    """

    reached: int
    target: int
