"""Sweeps: a measure of training over one or two settings, every cell an experiment.

A ``Sweep`` is immutable and named by a hash of its JSON, as an experiment is. Its cells are split
into tiles, from coarse to fine; a tile is a function of the sweep and its number, so that any
process may compute it.
"""

from backprop_explorer.experiments.sweeps.measures import MEASURES
from backprop_explorer.experiments.sweeps.sweep import Axis, Sweep

__all__ = ["MEASURES", "Axis", "Sweep"]
