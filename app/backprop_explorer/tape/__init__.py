"""Tapes: record the NumPy calls of a function once, then run them many times.

``record`` runs NumPy code on array proxies. A proxy records every NumPy call with the arrays that
the call reads and writes. A ``Tape`` repeats the recorded calls for a range of steps. It runs them
in Python, or in compiled code (``native``) that calls NumPy's inner loops directly. Both give the
same bits.

This package does not depend on networks. Code that cannot be recorded is called as a Python
function.
"""

from backprop_explorer.tape.entries import Call, Entry, NormLimit, parallel_branches
from backprop_explorer.tape.record import Scratch, record, repair, scalar_call, unboxed
from backprop_explorer.tape.replays import Replays
from backprop_explorer.tape.tape import Feed, Tape
