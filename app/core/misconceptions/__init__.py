"""Misconceptions: the mistakes that the checker can name, the more common first.

A misconception is an alternative computation of one operation. To add one, add one entry to the
tuple of its file (``forward``, ``slopes``, ``way_back``, ``parameters``, ``updating``); the
checker, the catalog and the report of the corpus pick it up. Where two give the same numbers, both
are named, in the order of the table. Updating stands before the gradients: with nothing but new
parameters to go by, a plus in the update is likelier than a wrong sign in the cost.
"""

from __future__ import annotations

from app.core.misconceptions.forward import FORWARD
from app.core.misconceptions.misconception import Context, Misconception, Situation
from app.core.misconceptions.parameters import PARAMETERS
from app.core.misconceptions.slopes import SLOPES
from app.core.misconceptions.updating import UPDATING
from app.core.misconceptions.way_back import WAY_BACK
from app.core.registry import Registry

__all__ = ["MISCONCEPTIONS", "Context", "Misconception", "Situation"]

MISCONCEPTIONS: Registry[Misconception] = Registry(
    "misconception", *FORWARD, *UPDATING, *SLOPES, *WAY_BACK, *PARAMETERS
)
