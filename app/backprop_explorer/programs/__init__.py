"""Ready programs: NumPy functions whose backward pass can be looked at line by line.

To add one, add a file with a ``PROGRAM`` to ``content``.
"""

from __future__ import annotations

import importlib
import pkgutil

from backprop_explorer.engine.registry import Registry
from backprop_explorer.programs import content
from backprop_explorer.programs.program import ReadyProgram

__all__ = ["PROGRAMS", "ReadyProgram"]


def _programs() -> list[ReadyProgram]:
    """The programs of all files in ``content``, in the order in which they are shown."""
    names = [each.name for each in pkgutil.iter_modules(content.__path__)]
    modules = [importlib.import_module(f"{content.__name__}.{name}") for name in names]
    return sorted((module.PROGRAM for module in modules), key=lambda each: each.place)


PROGRAMS: Registry[ReadyProgram] = Registry("program", *_programs())
