"""The column layout of exported CSV data: the export writes it, an upload recognises it.

    x₀, x₁, class, class index, part          classification
    x, y, part                                regression
    x, y (1 of 2), y (2 of 2), part, edited   two targets, with edited rows

The index column keeps the order of the classes and marks the file as a classification.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from backprop_explorer.texts import datasets as texts

PART, EDITED = "part", "edited"
TRAIN, TEST = "train", "test"
_ONE_OF = re.compile(r"(.*) \(([0-9]{1,3}) of ([0-9]{1,3})\)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of an exported file: first ``features``, then ``targets``.

    ``index`` is the column of class indices, ``order`` the class names in index order. Both are
    None for a regression; ``order`` is also None if the column contradicts the names.
    """

    features: range
    targets: range
    target_name: str
    index: int | None
    order: tuple[str, ...] | None


def header(
    features: Sequence[str], target: str, targets: int, *, classes: bool, edited: bool
) -> list[str]:
    """Return the names of the columns."""
    if targets > 1:
        learned = [texts.one_of_targets(target, k, targets) for k in range(1, targets + 1)]
    else:
        learned = [target, *([_index_of(target)] if classes else [])]
    return [*features, *learned, PART, *([EDITED] if edited else [])]


def layout_of(names: Sequence[str], columns: Sequence[Sequence[str]]) -> Layout | None:
    """Return the layout of a file with this header and these cells; None if it was not exported."""
    end = len(names) - (names[-1] == EDITED)
    if end < 3 or names[end - 1] != PART or not set(columns[end - 1]) <= {TRAIN, TEST}:
        return None
    last = end - 2
    if last >= 2 and names[last] == _index_of(names[last - 1]):
        order = _order(columns[last - 1], columns[last])
        return Layout(range(last - 1), range(last - 1, last), names[last - 1], last, order)
    stem, count = _several(names[: end - 1])
    if last + 1 - count < 1:
        return None
    return Layout(range(last + 1 - count), range(last + 1 - count, last + 1), stem, None, None)


def is_header(names: Sequence[str]) -> bool:
    """Tell whether a first row with these cells can be the header of an exported file."""
    return len(names) >= 3 and (names[-1] == PART or tuple(names[-2:]) == (PART, EDITED))


def _index_of(target: str) -> str:
    return texts.target_index(target)


def _several(names: Sequence[str]) -> tuple[str, int]:
    """Return (name, number of targets) of the last columns."""
    found = _ONE_OF.fullmatch(names[-1])
    if found is None or found[2] != found[3]:
        return names[-1], 1
    stem, count = found[1], int(found[3])
    expected = [texts.one_of_columns(stem, k, count) for k in range(1, count + 1)]
    return (stem, count) if list(names[-count:]) == expected else (names[-1], 1)


def _order(labels: Sequence[str], indices: Sequence[str]) -> tuple[str, ...] | None:
    """Return the labels in the order of their indices; None unless they match one to one."""
    pairs = set(zip(labels, indices, strict=True))
    counted = [index for _, index in pairs]
    if len({label for label, _ in pairs}) < len(pairs) or len(set(counted)) < len(pairs):
        return None
    if not all(index.isascii() and index.isdigit() and len(index) < 6 for index in counted):
        return None
    return tuple(label for label, _ in sorted(pairs, key=lambda pair: int(pair[1])))
