"""The arrays that were pasted, with what their names mean, and the passes of a loop among them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from backprop_explorer.tutor.reading.printed_array import PrintedArray
from backprop_explorer.tutor.reading.transcript import PastedArray
from backprop_explorer.tutor.spellings import Spelling, spellings

Array = NDArray[np.float64]
# Scalars of these names are the learning rate; those of COUNTERS count, and are no lines.
RATES = {"lr", "eta", "rate", "learning_rate", "learningrate", "step_size", "laeringsrate"}
COUNTERS = {
    *("epoch", "epochs", "epoke", "epoche", "epoca", "epoque", "iteration", "iter", "step", "seed")
}


@dataclass(frozen=True, eq=False)
class Pasted(PrintedArray):
    """One pasted array. ``line`` is its place in the text, from 1, or 0.

    ``meanings`` are what its name may stand for. ``listed`` tells that the name is only the place
    in a list of layers. ``chosen`` is the line that a person chose for it.
    """

    name: str | None
    line: int = 0
    listed: bool = False
    meanings: tuple[Spelling, ...] = ()
    chosen: str | None = None

    @property
    def first(self) -> Spelling | None:
        """The likeliest meaning of the name."""
        return self.meanings[0] if self.meanings else None

    @property
    def is_state(self) -> bool:
        """Whether the name says W, b, x or the target before the update."""
        first = self.first
        return (
            first is not None and not first.updated and first.quantity in ("W", "b", "x", "target")
        )


@dataclass
class LoopPass:
    """One pass of the working: ``givens`` are the latest before it, ``found`` what it computed.

    ``rates`` are learning rates. ``number`` of ``count`` passes, counted from 1.
    """

    givens: list[Pasted]
    found: list[Pasted]
    rates: list[float] = field(default_factory=list)
    number: int = 1
    count: int = 1


def from_text(arrays: Iterable[PastedArray]) -> list[Pasted]:
    """Return the arrays of a text."""
    return [pasted(each.name, each.printed, each.line, listed=each.listed) for each in arrays]


def pasted(
    name: str | None, printed: PrintedArray, line: int = 0, *, listed: bool = False
) -> Pasted:
    """Return an array with the meanings of its name."""
    numbers = (printed.values, printed.quantum, printed.digits, printed.decimals)
    return Pasted(*numbers, name, line, listed, () if listed else spellings(name or ""))


def as_chosen(array: Pasted, line: str) -> Pasted:
    """Return the array as the line or given that a person chose."""
    return replace(array, listed=False, meanings=spellings(line), chosen=line)


def passes(arrays: Sequence[Pasted]) -> list[LoopPass]:
    """Return the passes of a loop that the arrays show, the last first.

    A pass ends where a computed array comes again under its name. Arrays that come again with the
    same numbers, and gradients that are printed again below the others to be compared, count once.
    """
    rates = [float(a.values) for a in arrays if _named(a, RATES) and a.values.ndim == 0]
    arrays = [a for a in arrays if not a.blank and not _named(a, RATES)]
    if any(a.is_state and a.first and a.first.quantity == "W" for a in arrays):
        # The weights have names: a list of layers is that of their gradients.
        arrays = [
            replace(a, name=None, listed=False, meanings=spellings(a.name or "")) if a.listed else a
            for a in arrays
        ]
    starts = [0]
    seen: dict[str, Pasted] = {}
    kept: list[Pasted] = []
    for array in arrays:
        name = array.name
        if name is None or array.listed or array.is_state:
            kept.append(array)
            continue
        before = seen.get(name)
        if before and np.array_equal(before.values, array.values, equal_nan=True):
            continue
        if before is not None:
            starts.append(len(kept))
            seen = {}
        seen[name] = array
        if not _named(array, COUNTERS):
            kept.append(array)
    parts = [kept[a:b] for a, b in zip(starts, [*starts[1:], len(kept)], strict=True)]
    while len(parts) > 1 and _is_comparison(parts[-1]):
        parts.pop()
    return [_pass(parts, at, rates) for at in dict.fromkeys((len(parts) - 1, 0))]


def _pass(parts: Sequence[Sequence[Pasted]], at: int, rates: list[float]) -> LoopPass:
    part = list(parts[at])
    earlier = [array for each in parts[:at] for array in each]
    # Weights that are printed below the last computed array of the pass before belong to this one.
    computed = [k for k, array in enumerate(part) if not (array.is_state or array.listed)]
    first = computed[0] if computed else len(part)
    own = {array.name for array in part}
    states = _latest([a for a in earlier if a.is_state or a.listed] + part[:first])
    known = {array.name for array in states}
    found = part[first:]
    updated = [
        replace(a, meanings=tuple(_after(m) for m in a.meanings))
        if a.is_state and a.name in known
        else a
        for a in found
    ]
    carried = [a for a in _latest(earlier) if not a.is_state and a.name not in own and not a.listed]
    givens = [a for a in updated if a.is_state] + states
    # Unknown names before the loop may be givens.
    unknown = [a for a in carried if not a.meanings]
    rest = [a for a in updated if not a.is_state]
    return LoopPass(givens, unknown + rest if at else rest, rates, at + 1, len(parts))


def _after(meaning: Spelling) -> Spelling:
    return Spelling(meaning.quantity, meaning.layer, updated=meaning.quantity in ("W", "b"))


def _latest(arrays: Sequence[Pasted]) -> list[Pasted]:
    """The last array of each name, in order; all without a name."""
    last = {array.name: array for array in arrays if array.name is not None}
    return [array for array in arrays if array.name is None or last[array.name] is array]


def _is_comparison(part: Sequence[Pasted]) -> bool:
    """Whether a part has only gradients, as autograd's printed below one's own."""
    return all(a.first is not None and a.first.is_gradient for a in part)


def _named(array: Pasted, names: set[str]) -> bool:
    return array.name is not None and array.name.lower() in names
