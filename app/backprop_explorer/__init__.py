"""Backprop Explorer: every line of backpropagation, with its numbers and its proof.

    import backprop_explorer as bx

    bx.trace(layers, x, target, activations=["sigmoid", "relu"])

The public functions are imported when they are first used, so that this import takes no time.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from backprop_explorer.notebook.checked import Checked, check
    from backprop_explorer.notebook.code import CodeCheck, check_code
    from backprop_explorer.notebook.experiment import Experiment, experiment
    from backprop_explorer.notebook.explain import ProgramWorking, explain
    from backprop_explorer.notebook.explore import explore
    from backprop_explorer.notebook.lesson import FunctionCheck, NotebookLesson, lesson
    from backprop_explorer.notebook.sweep import RunMap, sweep
    from backprop_explorer.notebook.working import Working, trace

# The public names, and the module below `notebook` that each is in.
_PUBLIC = {
    "trace": "working",
    "Working": "working",
    "check": "checked",
    "Checked": "checked",
    "check_code": "code",
    "CodeCheck": "code",
    "explain": "explain",
    "ProgramWorking": "explain",
    "explore": "explore",
    "experiment": "experiment",
    "Experiment": "experiment",
    "lesson": "lesson",
    "NotebookLesson": "lesson",
    "FunctionCheck": "lesson",
    "sweep": "sweep",
    "RunMap": "sweep",
}

__all__ = [
    "Checked",
    "CodeCheck",
    "Experiment",
    "FunctionCheck",
    "NotebookLesson",
    "ProgramWorking",
    "RunMap",
    "Working",
    "check",
    "check_code",
    "experiment",
    "explain",
    "explore",
    "lesson",
    "sweep",
    "trace",
]


def load_ipython_extension(shell: Any) -> None:
    """Add the cell magic ``%%check``: IPython calls this for ``%load_ext backprop_explorer``."""
    from backprop_explorer.notebook.magic import register

    register(shell)


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(f"{__name__}.notebook.{_PUBLIC[name]}")
    return getattr(module, name)


def __dir__() -> list[str]:
    """List the public names, and nothing that this module imports for itself."""
    return [*__all__, "__version__"]
