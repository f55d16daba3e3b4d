"""Who may see the answer to a question: everybody, those who tried, or nobody.

A server has no accounts, so a request itself must prove the try: it carries the answer that was
tried, and the server marks it again. A signed token from an earlier mark would prove no more,
because anybody can obtain one with a single wrong answer; it would need a secret that all servers
share and that outlives a restart.
"""

from __future__ import annotations

from typing import Any

from backprop_explorer.engine.errors import Forbidden, InvalidInput
from backprop_explorer.lessons.questions import Question
from backprop_explorer.settings import SolutionPolicy


def check_allowed(policy: SolutionPolicy, question: Question, tried: Any) -> None:
    """Raise unless a solution may be given to somebody who ``tried`` this answer (None: nothing).

    Raises Forbidden where nobody gets it, and InvalidInput for the field ``tried`` where a try is
    needed and there is none, or one that cannot be read.
    """
    if policy == "always":
        return
    if policy == "never":
        raise Forbidden("this server gives no solutions: its lessons are graded")
    if tried is None:
        raise InvalidInput("tried", "an answer is needed first; it may be wrong")
    try:
        question.mark(tried)
    except InvalidInput as error:
        raise InvalidInput("tried", error.message) from None
