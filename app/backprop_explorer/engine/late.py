"""Refer to functions without importing their module."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Late:
    """The function ``name`` of ``module``, which the first call imports.

    It can be pickled: a process sends it to another one, which imports the module.
    """

    module: str
    name: str

    def __call__(self, *args: Any, **options: Any) -> Any:
        """Call the function."""
        return self.function(*args, **options)

    @property
    def function(self) -> Any:
        """The function itself."""
        return getattr(importlib.import_module(self.module), self.name)

    @property
    def __name__(self) -> str:
        """The function's name."""
        return self.name


@dataclass(frozen=True, slots=True)
class LateModule:
    """The module ``name`` without its import: each attribute is the function of this name."""

    name: str

    def __getattr__(self, function: str) -> Late:
        return Late(self.name, function)
