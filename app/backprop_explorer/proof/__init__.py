"""The proof: every gradient of a trace against autograd and against finite differences.

Two oracles that share no derivative with the working:

* **autograd** differentiates its own forward pass, written here a second time on purpose, in
  autograd's NumPy. Its tape has a node for every z and a, and so ∂C/∂z and ∂C/∂a as well.
* **finite differences** perturb one number at a time and run the working's *forward* operations
  again: (C(p + h) − C(p − h)) / 2h, all perturbations stacked into one batch.

The error of an array is ‖p − q‖ / (‖p‖ + ‖q‖), so that a vanishing gradient that is wrong by a half
does not pass for being small. An oracle that cannot resolve a gradient in float64 says so
(``BELOW_RESOLUTION``) instead of passing it.
"""

from __future__ import annotations

from backprop_explorer.proof.autograd_oracle import AUTOGRAD_TOLERANCE, check_autograd
from backprop_explorer.proof.comparison import BELOW_RESOLUTION, Check, relative_error
from backprop_explorer.proof.finite_differences import (
    DIFFERENCES_TOLERANCE,
    MAX_ENTRIES,
    MAX_ROWS,
    check_finite_differences,
)

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
