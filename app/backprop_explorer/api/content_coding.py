"""Choose a content coding from an Accept-Encoding header (RFC 9110, section 12.5.3)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from starlette.datastructures import Headers

IDENTITY = "identity"
WEIGHT = re.compile(r"q=(?P<value>0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)", re.ASCII)


class AcceptedCodings:
    """The codings that a client accepts, with their weights from 0 (refused) to 1."""

    def __init__(self, headers: Headers) -> None:
        self._weights: dict[str, float] = {}
        for item in ",".join(headers.getlist("accept-encoding")).lower().split(","):
            coding, *parameters = (part.strip() for part in item.split(";"))
            weight = _weight(parameters)
            if coding and weight is not None:
                self._weights[coding] = weight

    @property
    def identity(self) -> bool:
        """Whether the client takes an answer that is not encoded."""
        return self._weights.get(IDENTITY, self._weights.get("*", 1.0)) > 0

    def choose(self, offered: Sequence[str]) -> str:
        """Return the coding of largest weight, at equal weights the first of ``offered``.

        The answer is "identity" if the client accepts no other coding, even if it refuses that
        one too: the RFC allows this instead of status 406.
        """
        # The default of identity is 0, not 1: a client that lists gzip alone prefers gzip.
        weights = {each: self._weights.get(each, self._weights.get("*", 0.0)) for each in offered}
        weights[IDENTITY] = self._weights.get(IDENTITY, self._weights.get("*", 0.0))
        best = max(weights, key=lambda coding: weights[coding])
        return best if weights[best] > 0 else IDENTITY


def _weight(parameters: Sequence[str]) -> float | None:
    """Return the weight of an item, 1 if it has none, or None if it is malformed."""
    for parameter in parameters:
        if parameter.startswith("q"):
            match = WEIGHT.fullmatch(parameter)
            return None if match is None else float(match["value"])
    return 1.0
