"""Check pasted numbers whose names and settings are not known.

pasted     the arrays of a text or an object, and the passes of a loop in it
givens     which arrays are x, the target, W and b
matching   finds lines of a working among pasted arrays, by their numbers
forward    activations under which the pasted z and a agree
settings   cost and scale under which the pasted gradients agree
reading    which line each array is
choosing   the choice of givens, layout and settings that agrees best
fits       the penalty and the learning rate that the numbers show
check      entry point: marks the lines
inferred   dataclasses of the answer
"""

from __future__ import annotations

from backprop_explorer.tutor.inference.check import check_inferred
from backprop_explorer.tutor.inference.inferred import Inferred, Known

__all__ = ["Inferred", "Known", "check_inferred"]
