"""The modules of the program and their syntax trees."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

from tests.helpers.environment import ROOT

PACKAGE = ROOT / "app" / "backprop_explorer"
NAME = PACKAGE.name


def python_files() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def name_of(path: Path) -> str:
    """The dotted name of a module; that of a package for its ``__init__.py``."""
    name = path.relative_to(PACKAGE.parent).with_suffix("").as_posix().replace("/", ".")
    return name.removesuffix(".__init__")


def part_of(module: str) -> str:
    """The package or root module: backprop_explorer.engine.network belongs to "engine"."""
    return [*module.split("."), "__init__"][1]


MODULES = {name_of(path): path for path in python_files()}


@cache
def trees() -> dict[str, ast.Module]:
    """The syntax tree of every module by its name."""
    return {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in MODULES.items()}
