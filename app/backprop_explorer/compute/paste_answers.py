"""The answer for pasted text."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from backprop_explorer.texts import compute as texts
from backprop_explorer.tutor.checker.line_names import line_ids
from backprop_explorer.tutor.checker.naming import lines_of_names
from backprop_explorer.tutor.reading.arrays import AmbiguousArray, reading_of_size
from backprop_explorer.tutor.reading.printed_array import PrintedArray
from backprop_explorer.tutor.reading.transcript import MAX_UNREAD, PastedArray, read_transcript


def paste_answer(text: str, layers: int | None) -> dict[str, Any]:
    """All arrays with names and shapes, and the places of other text.

    ``layers`` is how many the network has, if that is known. Each line has its first array:
    students print autograd's gradients below their own, with the same names. The others stay in
    the answer without a line, with a question. Repeated equal numbers keep their line.
    """
    pasted = read_transcript(text)
    names = [piece.name for piece in pasted.arrays if piece.name]
    lines = lines_of_names(names, line_ids(layers or 24), layers or 0)
    arrays = [_array(piece, lines.get(piece.name or "")) for piece in pasted.arrays]
    unread = [asdict(each) for each in pasted.unread]
    first: dict[str, dict[str, Any]] = {}
    kept: list[dict[str, Any]] = []
    repeated = 0
    for array in arrays:
        line = array["as"]
        if line is not None and first.setdefault(line, array)["value"] != array["value"]:
            repeated += 1
            if repeated > MAX_UNREAD + 1:
                continue
            array["as"] = None
            question = texts.already_read(line, first[line]["at_line"])
            message = question if repeated <= MAX_UNREAD else texts.FURTHER_ARRAYS
            unread.append({"line": array["at_line"], "column": 1, "message": message})
        if repeated <= MAX_UNREAD or array["as"]:
            kept.append(array)
    words = {name[:64]: [word[:64] for word in found] for name, found in pasted.words.items()}
    unread.sort(key=lambda each: each["line"])
    return {"arrays": kept, "words": words, "unread": unread}


def _array(piece: PastedArray, line: str | None) -> dict[str, Any]:
    printed = reading_of_size(piece.printed, 1) if line == "C" else piece.printed
    found = {
        "name": piece.name and piece.name[:64],
        # An array of errors is no cost.
        "as": None if line == "C" and printed.values.size > 1 else line,
        "guessed": False,
        "shape": list(printed.values.shape),
        "value": readable(printed),
        "at_line": piece.line,
    }
    # The commas may separate numbers or decimals. The client knows the line's size: send both.
    if isinstance(printed, AmbiguousArray):
        found["decimal"] = readable(printed.decimal)
    return found


def readable(printed: PrintedArray) -> Any:
    """Nested lists, or their text if a number is not finite."""
    listed = printed.values.tolist()
    return listed if np.isfinite(printed.values).all() else str(listed)
