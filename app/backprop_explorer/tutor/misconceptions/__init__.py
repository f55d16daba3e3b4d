"""Misconceptions: the mistakes that the checker can name, the more common first.

A misconception is an alternative computation of one operation. To add one, add one entry to the
tuple of its file (``forward``, ``slopes``, ``way_back``, ``parameters``, ``updating``); the
checker, the catalog and the report of the corpus pick it up. Where two give the same numbers, both
are named, in the order of the table. Updating stands before the gradients: with nothing but new
parameters to go by, a plus in the update is likelier than a wrong sign in the cost.
"""

from __future__ import annotations

from backprop_explorer.engine.registry import Registry
from backprop_explorer.tutor.misconceptions.backward import BACKWARD
from backprop_explorer.tutor.misconceptions.forward import FORWARD
from backprop_explorer.tutor.misconceptions.misconception import Context, Misconception, Situation
from backprop_explorer.tutor.misconceptions.parameters import PARAMETERS
from backprop_explorer.tutor.misconceptions.slopes import SLOPES
from backprop_explorer.tutor.misconceptions.updates import UPDATES

__all__ = ["MISCONCEPTIONS", "Context", "Misconception", "Situation"]

MISCONCEPTIONS: Registry[Misconception] = Registry(
    "misconception", *FORWARD, *UPDATES, *SLOPES, *BACKWARD, *PARAMETERS
)
