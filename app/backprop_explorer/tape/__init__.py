"""Tapes: what a piece of NumPy code does, written down once and then run many times.

``record`` runs plain NumPy code on stand-ins that note every call of NumPy, with the arrays that it
reads and writes. The ``Tape`` of these calls repeats them for as many steps as it is told, in
Python or, where the machine allows it (``native``), without Python in between: then NumPy's own
inner loops are called one after the other, so the numbers are the same to the last bit.

A tape knows nothing of networks. What it cannot write down it calls as it is.
"""

from backprop_explorer.tape.entries import Call, Entry, Within, lanes
from backprop_explorer.tape.record import Scratch, number, record, repaired, total
from backprop_explorer.tape.tape import Feed, Tape

__all__ = [
    "Call",
    "Entry",
    "Feed",
    "Scratch",
    "Tape",
    "Within",
    "lanes",
    "number",
    "record",
    "repaired",
    "total",
]
