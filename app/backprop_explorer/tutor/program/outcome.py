"""One result of a program, and how it is judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from backprop_explorer.engine.ops.operation import Array
from backprop_explorer.tutor.program.updates import Averages

# "dead": the gradient is 0. "rule": an update with a state of its own, such as momentum.
State = Literal["right", "wrong", "factor", "sign", "turned", "missing", "dead", "rule"]


@dataclass(eq=False)
class Outcome:
    """One result and how it is judged. ``source`` is the step of the parameter, if known."""

    path: str
    index: int
    source: int | None
    is_update: bool
    state: State
    factor: float | None = None
    wanted: Array | None = None
    rate: float | None = None  # of an update by g / √g²
    averages: Averages | None = None  # of which a divided update is made
    cause: tuple[str, int, int | None] | None = None  # a mistake in them, or in a velocity
    others: tuple[int, ...] = ()  # sources that it may as well be of
    own: int | None = None  # the gradient of a divided update, which alone tells a wrong factor
