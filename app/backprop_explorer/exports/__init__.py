"""Exports: programs that recompute what the explorer shows, and files with its numbers.

To add a kind, add one ``Export`` entry to EXPORTS and the function that makes the file.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backprop_explorer.engine.late import Late
from backprop_explorer.engine.registry import Registry

if TYPE_CHECKING:
    from backprop_explorer.exports.subject import Subject


@dataclass(frozen=True)
class Export:
    """One kind of export.

    ``of_working``: the file is about one backpropagation, with or without an experiment. Otherwise
    it is about an experiment and needs no working.
    """

    name: str
    title: str
    description: str
    suffix: str
    media_type: str
    make: Callable[[Subject], bytes]
    of_working: bool = True


EXPORTS: Registry[Export] = Registry(
    "export",
    Export(
        name="notebook",
        title="Notebook",
        description="Data, training and every line of the working in NumPy, checked with autograd.",
        suffix=".ipynb",
        media_type="application/x-ipynb+json",
        make=Late("backprop_explorer.exports.files", "make_notebook"),
    ),
    Export(
        name="script",
        title="NumPy script",
        description="The notebook as one Python file.",
        suffix=".py",
        media_type="text/x-python; charset=utf-8",
        make=Late("backprop_explorer.exports.files", "make_script"),
    ),
    Export(
        name="pytorch",
        title="PyTorch code",
        description="These weights in torch.nn, the same gradients, one step of the optimizer.",
        suffix="-pytorch.py",
        media_type="text/x-python; charset=utf-8",
        make=Late("backprop_explorer.exports.pytorch", "make_pytorch"),
    ),
    Export(
        name="trace",
        title="Working as JSON",
        description="All lines with their values, formulas and proof.",
        suffix="-trace.json",
        media_type="application/json",
        make=Late("backprop_explorer.exports.files", "make_trace"),
    ),
    Export(
        name="history",
        title="History as CSV",
        description="Cost, score and gradient norms of the recorded steps.",
        suffix="-history.csv",
        media_type="text/csv; charset=utf-8",
        make=Late("backprop_explorer.exports.files", "make_history"),
        of_working=False,
    ),
    Export(
        name="data",
        title="Data as CSV",
        description="All rows before standardising, their part, and what was edited by this step.",
        suffix="-data.csv",
        media_type="text/csv; charset=utf-8",
        make=Late("backprop_explorer.exports.files", "make_data"),
        of_working=False,
    ),
    Export(
        name="weights",
        title="Weights for NumPy",
        description="W (n_in, n_out) and b of every layer, for np.load.",
        suffix="-weights.npz",
        media_type="application/octet-stream",
        make=Late("backprop_explorer.exports.files", "make_weights"),
        of_working=False,
    ),
)


# Pixels, which sites show without cutting.
WIDTH, HEIGHT = 1200, 630
