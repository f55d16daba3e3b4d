"""What is read of pasted text."""

from __future__ import annotations

from backprop_explorer.compute.check_requests import PasteRequest


def lines(text: str, layers: int = 2) -> dict[str | None, tuple[int, ...]]:
    """The shapes of the recognised lines."""
    answer = PasteRequest(text=text, layers=layers).answer()
    return {array["as"]: tuple(array["shape"]) for array in answer["arrays"]}
