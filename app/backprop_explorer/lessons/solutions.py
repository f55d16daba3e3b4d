"""Decide who may see a solution: all, those who tried, or none.

A server has no accounts, so the request must prove the try: it carries the tried answer, and the
server marks it again. A signed token from an earlier mark would prove no more, because a single
wrong answer is enough to get one. It would also need a secret that all servers share and that
survives a restart.
"""

from __future__ import annotations

from typing import Any

from backprop_explorer.engine.errors import Forbidden, InvalidInput
from backprop_explorer.lessons.questions import Question
from backprop_explorer.settings import SolutionPolicy
from backprop_explorer.texts import lessons as texts


def check_allowed(policy: SolutionPolicy, question: Question, tried: Any) -> None:
    """Raise unless the solution may be given after the answer ``tried`` (None: no try).

    Raises Forbidden if the settings give no solutions, and InvalidInput for the field ``tried`` if
    a try is required but missing or unreadable.
    """
    if policy == "always":
        return
    if policy == "never":
        raise Forbidden(texts.NO_SOLUTIONS)
    if tried is None:
        raise InvalidInput("tried", texts.TRY_FIRST)
    try:
        question.mark(tried)
    except InvalidInput as error:
        raise InvalidInput("tried", error.message) from None
