"""The proof: check every gradient of a trace with autograd and with finite differences.

The two oracles share no derivative with the engine:

* **autograd** differentiates a second, independent implementation of the forward pass. Its graph
  has a node for every z and a, so it also gives ∂C/∂z and ∂C/∂a.
* **finite differences** perturb one number at a time and run the engine's *forward* operations
  again: (C(p + h) − C(p − h)) / 2h, with all perturbations stacked into one batch.

The error of an array is ‖p − q‖ / (‖p‖ + ‖q‖). It is relative, so a vanishing gradient that is
wrong by a factor of two fails, however small it is. An oracle that cannot resolve a gradient in
float64 reports ``BELOW_RESOLUTION`` instead of passing it.
"""

from __future__ import annotations

from backprop_explorer.proof.autograd_oracle import AUTOGRAD_TOLERANCE, check_autograd
from backprop_explorer.proof.comparison import BELOW_RESOLUTION, Check, relative_error
from backprop_explorer.proof.finite_differences import (
    DIFFERENCES_TOLERANCE,
    MAX_ENTRIES,
    check_finite_differences,
)
from backprop_explorer.proof.perturbed_costs import MAX_ROWS

__all__ = [
    "AUTOGRAD_TOLERANCE",
    "BELOW_RESOLUTION",
    "DIFFERENCES_TOLERANCE",
    "MAX_ENTRIES",
    "MAX_ROWS",
    "Check",
    "check_autograd",
    "check_finite_differences",
    "relative_error",
]
