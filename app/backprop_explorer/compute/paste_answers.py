"""The answer for pasted text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from backprop_explorer.engine.names import named
from backprop_explorer.texts import compute as texts
from backprop_explorer.tutor.checker.line_names import line_ids
from backprop_explorer.tutor.checker.naming import renumbered
from backprop_explorer.tutor.names import known_id, spellings
from backprop_explorer.tutor.reading.arrays import AmbiguousArray, reading_of_size
from backprop_explorer.tutor.reading.findings import PastedArray, with_guessed_names
from backprop_explorer.tutor.reading.printed_array import PrintedArray
from backprop_explorer.tutor.reading.transcript import MAX_UNREAD, read_transcript


@dataclass(frozen=True)
class PasteAnswer:
    """The arrays in ``text``; ``layers`` is how many the network has, if that is known."""

    text: str
    layers: int | None

    def content(self) -> dict[str, Any]:
        """All arrays with names and shapes, and the positions of other text."""
        pasted = read_transcript(self.text)
        found = list(with_guessed_names(pasted.arrays))
        known = line_ids(self.layers or 24)
        names = [piece.name for piece, _ in found if piece.name]
        meant = self._told_apart(names, known) | self._renumbered(names, known)
        arrays, repeated = _first_of_each(
            [self._array(piece, guessed, known, meant) for piece, guessed in found]
        )
        words = {name[:64]: [w[:64] for w in found] for name, found in pasted.words.items()}
        unread = [asdict(each) for each in pasted.unread] + repeated
        unread.sort(key=lambda each: each["line"])
        return {"arrays": arrays, "words": words, "unread": unread}

    def _told_apart(self, names: list[str], known: Mapping[str, None]) -> dict[str, str | None]:
        """The lines of names that share one with another name and may stand for a second one.

        An error beside a delta is ∂C/∂a, an activation beside an output is z.
        """
        depth = self.layers or 0
        lines = {
            name: [line for s in spellings(name) if (line := s.line_id(depth) or "") in known]
            for name in names
        }
        claimed = Counter(found[0] for found in lines.values() if found)
        return {
            name: found[1]
            for name, found in lines.items()
            if len(found) > 1
            and claimed[found[0]] > 1
            and not claimed[found[1]]
            and (named(found[1]).gradient_of == "a" or found[1].startswith("z"))
        }

    def _renumbered(self, names: list[str], known: Mapping[str, None]) -> dict[str, str | None]:
        """The lines of the names that count layers from 0 or from the input."""
        depth = self.layers or 0
        spelled = {name: found[0] for name in names if (found := spellings(name))}
        changed = renumbered(spelled, depth) if depth else {}
        lines = {n: s.line_id(depth) for n, s in changed.items() if s != spelled[n]}
        return {name: line if line in known else None for name, line in lines.items()}

    def _array(
        self,
        piece: PastedArray,
        guessed: bool,
        known: Mapping[str, None],
        meant: Mapping[str, str | None],
    ) -> dict[str, Any]:
        name = piece.name
        line_id = self._line_id(name, known)
        if name is not None:
            line_id = meant.get(name, line_id)
        printed = reading_of_size(piece.printed, 1) if line_id == "C" else piece.printed
        if line_id == "C" and printed.values.size > 1:
            line_id = None  # an array of errors is no cost
        found = {
            "name": piece.name and piece.name[:64],
            "as": line_id,
            "guessed": guessed,
            "shape": list(printed.values.shape),
            "value": readable(printed),
            "at_line": piece.line,
        }
        # The commas may separate numbers or decimals. The client knows the line's size: send both.
        return found | (
            {"decimal": readable(printed.decimal)} if isinstance(printed, AmbiguousArray) else {}
        )

    def _line_id(self, name: str | None, known: Mapping[str, None]) -> str | None:
        if name is None:
            return None
        found = known_id(name, known, self.layers or 0)
        if found not in known and self.layers == 1:
            found = known_id(f"{name}1", known, 1)
        return found if found in known else None


def _first_of_each(
    arrays: list[dict[str, Any]],
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Give each line its first array. Returns the arrays and a question for each other.

    Students print autograd's gradients below their own, with the same names: the others stay in the
    answer without a line, so that the student can choose. A written name has priority over a
    guessed one. Repeated equal numbers keep their line.
    """
    named = [array for array in arrays if array["as"] and not array["guessed"]]
    first: dict[str, dict[str, Any]] = {}
    for array in named:
        first.setdefault(array["as"], array)
    kept: list[dict[str, Any]] = []
    repeated: list[dict[str, Any]] = []
    for array in arrays:
        line_id = array["as"]
        earlier = first.get(line_id, array)
        if array["guessed"] and earlier is not array:
            kept.append({**array, "as": None})
        elif earlier is array or earlier["value"] == array["value"]:
            kept.append(array)
        elif len(repeated) < MAX_UNREAD:
            kept.append({**array, "as": None})
            message = texts.already_read(line_id, earlier["at_line"])
            repeated.append({"line": array["at_line"], "column": 1, "message": message})
        elif len(repeated) == MAX_UNREAD:
            message = texts.FURTHER_ARRAYS
            repeated.append({"line": array["at_line"], "column": 1, "message": message})
    return kept, repeated


def readable(printed: PrintedArray) -> Any:
    """Nested lists, or their text if a number is not finite."""
    listed = printed.values.tolist()
    return listed if np.isfinite(printed.values).all() else str(listed)
