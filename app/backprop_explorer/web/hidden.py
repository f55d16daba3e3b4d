"""What a link hides of the explorer: ``/?hide=settings,training``.

``static/css/hide.css`` hides groups of controls, ``static/js/explorer/hide.js`` their keys.
A phase hides its numbers and those of all later phases, as a lecturer hides them in a room.
"""

from __future__ import annotations

from dataclasses import dataclass

GROUPS = (
    "head",
    "pages",
    "examples",
    "share",
    "settings",
    "choices",
    "alarms",
    "lines",
    "walk",
    "notation",
    "sum",
    "own",
    "checks",
    "figures",
    "training",
)
PHASES = ("forward", "cost", "backward", "update")

_MOST_UNKNOWN = 5
_LONGEST = 40


@dataclass(frozen=True, slots=True)
class Hidden:
    """The names of a link that are known, each once, and the first few that are not."""

    names: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def read_hidden(text: str) -> Hidden:
    """Read the value of ``hide``: names between commas."""
    asked = dict.fromkeys(name.strip().lower() for name in text.split(","))
    known = [name for name in (*GROUPS, *PHASES) if name in asked]
    unknown = [name[:_LONGEST] for name in asked if name and name not in known]
    return Hidden(tuple(known), tuple(unknown[:_MOST_UNKNOWN]))
