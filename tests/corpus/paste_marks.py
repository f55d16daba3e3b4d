"""Answers to the pastes of whole programs: python -m tests.corpus.paste_marks [styles] [number]."""

from __future__ import annotations

import sys
import time
from collections import Counter
from dataclasses import dataclass

import numpy as np
from pydantic import ValidationError

from backprop_explorer.compute.inferred_answers import inferred_answer
from backprop_explorer.compute.inferred_requests import InferredCheckRequest
from backprop_explorer.engine.errors import ExplorerError
from backprop_explorer.limits import Limits
from tests.corpus.paste_styles import styled_pastes
from tests.corpus.pastes import Paste, pastes


@dataclass(frozen=True)
class PasteMark:
    """The answer to a paste: its verdict, or "refused" with the reason."""

    paste: Paste
    verdict: str
    said: str
    seconds: float


def mark_paste(paste: Paste) -> PasteMark:
    """Check the whole text in one box, with the settings to be found."""
    start = time.thread_time()
    try:
        request = {"settings": "infer", "submitted": paste.text}
        answer = inferred_answer(InferredCheckRequest.model_validate(request), Limits())
    except (ValidationError, ExplorerError) as error:
        return PasteMark(paste, "refused", str(error), time.thread_time() - start)
    verdict = "refused" if answer["givens"] is None and not paste.mistake else answer["verdict"]
    return PasteMark(paste, verdict, answer["summary"], time.thread_time() - start)


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
    styles = "styles" in sys.argv
    numbers = [int(each) for each in sys.argv[1 + styles :]]
    chosen = list(styled_pastes() if styles else pastes())
    chosen = [chosen[number] for number in numbers] or chosen
    marks = [mark_paste(paste) for paste in chosen]
    for number, mark in enumerate(marks):
        fine = ("wrong",) if mark.paste.mistake else ("correct", "other_convention")
        if numbers or mark.verdict not in fine:
            sys.stdout.write(f"{number} {mark.paste.name}: {mark.verdict}: {mark.said[:160]!r}\n")
    kinds = Counter((bool(mark.paste.mistake), mark.verdict) for mark in marks)
    sys.stdout.write(f"{figures(marks)}\n{dict(kinds)}\n")


if __name__ == "__main__":
    main()
