"""Answers to the pastes of whole programs: python -m tests.corpus.paste_marks [number]."""

from __future__ import annotations

import re
import sys
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
from pydantic import ValidationError

from backprop_explorer.compute.check_requests import CheckRequest
from backprop_explorer.compute.paste_answers import PasteAnswer
from backprop_explorer.engine.errors import ExplorerError
from backprop_explorer.limits import Limits
from tests.corpus.pastes import Paste, pastes

_PARAMETER = re.compile(r"(?:dC_d)?([Wb])_?(\d*)")


@dataclass(frozen=True)
class PasteMark:
    """The answer to a paste: its verdict, or "refused" with the reason."""

    paste: Paste
    verdict: str
    said: str
    seconds: float


def mark_paste(paste: Paste) -> PasteMark:
    """Check a paste as the page does: the givens by name and shape, the rest as lines."""
    start = time.thread_time()
    try:
        result = CheckRequest.model_validate(_request(paste)).result(Limits())
    except (ValidationError, ExplorerError, ValueError) as error:
        return PasteMark(paste, "refused", str(error), time.thread_time() - start)
    return PasteMark(paste, result.verdict, result.summary, time.thread_time() - start)


def _request(paste: Paste) -> dict[str, Any]:
    """The request that the page makes of two texts, with its usual settings."""
    given = PasteAnswer(paste.given, None).content()["arrays"]
    layers: dict[int, dict[str, Any]] = {}
    request: dict[str, Any] = {}
    for piece in given:
        name = piece["as"] or piece["name"] or ""
        match = _PARAMETER.fullmatch(name)
        if match and (piece["guessed"] or not name.startswith("dC_d")):
            layers.setdefault(int(match[2] or 1), {})[match[1]] = piece["value"]
        elif name in ("x", "target"):
            request[name] = piece["value"]
    missing = {"x", "target"} - set(request)
    if missing or not layers or any("W" not in layer for layer in layers.values()):
        raise ValueError("x, target or W is missing")
    found = PasteAnswer(paste.found, len(layers)).content()["arrays"]
    submitted: dict[str, Any] = {}
    for piece in found:
        if name := piece["as"] or piece["name"]:
            submitted.setdefault(name, piece["value"])
    if not submitted:
        raise ValueError("no numbers were read")
    columns = np.shape(layers[1]["W"])[1] == np.shape(request["x"])[-1]
    convention = "column" if columns else "row"
    layered = [layers[k] for k in sorted(layers)]
    return {**request, "layers": layered, "submitted": submitted, "convention": convention}


def figures(marks: list[PasteMark]) -> str:
    """One sentence: how many are refused, and how right and wrong ones are answered."""
    right = [mark for mark in marks if not mark.paste.mistake]
    wrong = [mark for mark in marks if mark.paste.mistake]
    good = ("correct", "other_convention")
    accepted = sum(mark.verdict in good for mark in right)
    missed = sum(mark.verdict in good for mark in wrong)
    found = sum(mark.verdict == "wrong" for mark in wrong)
    refused = sum(mark.verdict == "refused" for mark in marks)
    times = np.array([mark.seconds for mark in marks])
    return (
        f"{len(marks)} pastes: {refused} refused; of {len(right)} right ones {accepted} correct or "
        f"in another convention; of {len(wrong)} wrong ones {missed} called either, {found} called "
        f"wrong; median {1e3 * np.median(times):.0f} ms, longest {1e3 * times.max():.0f} ms"
    )


def main() -> None:
    """Print the figures and the answers that are not as they should be, or one answer."""
    chosen = list(pastes())
    if len(sys.argv) > 1:
        chosen = [chosen[int(number)] for number in sys.argv[1:]]
    marks = [mark_paste(paste) for paste in chosen]
    for number, mark in enumerate(marks):
        fine = ("wrong",) if mark.paste.mistake else ("correct", "other_convention")
        if len(sys.argv) > 1 or mark.verdict not in fine:
            sys.stdout.write(f"{number} {mark.paste.name}: {mark.verdict}: {mark.said[:160]!r}\n")
    kinds = Counter((bool(mark.paste.mistake), mark.verdict) for mark in marks)
    sys.stdout.write(f"{figures(marks)}\n{dict(kinds)}\n")


if __name__ == "__main__":
    main()
