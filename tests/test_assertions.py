"""Every test can fail: it asserts something, and does not return before it has asserted."""

from __future__ import annotations

import ast
from collections import deque
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.helpers.environment import ROOT

TESTS = ROOT / "tests"
Function = ast.FunctionDef | ast.AsyncFunctionDef
# Calls that raise when what they expect does not hold.
ASSERTING = {"expect", "fail", "raises", "warns", "check_call", "raise_for_status"}
BLOCKS = ast.stmt | ast.ExceptHandler | ast.match_case


def statements(node: ast.AST, *, into_functions: bool = True) -> Iterator[ast.AST]:
    """``node`` and all statements in it, without expressions, which are most of a tree."""
    todo = deque([node])
    while todo:
        each = todo.popleft()
        yield each
        if into_functions or each is node or not isinstance(each, Function | ast.ClassDef):
            todo += (child for child in ast.iter_child_nodes(each) if isinstance(child, BLOCKS))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def functions(path: Path) -> dict[str, Function]:
    """All functions and methods of a file by name."""
    return {each.name: each for each in statements(tree(path)) if isinstance(each, Function)}


@cache
def imported(path: Path) -> dict[str, tuple[Path, str]]:
    """Names that a file imports from other files of the tests: the file and the name there."""
    found = {}
    for node in statements(tree(path)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tests."):
            source = ROOT / f"{str(node.module).replace('.', '/')}.py"
            for alias in node.names:
                if source.is_file():
                    found[alias.asname or alias.name] = (source, alias.name)
    return found


def called(node: ast.AST) -> Iterator[str]:
    """The names of all functions and methods that are called in ``node``."""
    for each in ast.walk(node):
        if isinstance(each, ast.Call):
            if isinstance(each.func, ast.Attribute):
                yield each.func.attr
            elif isinstance(each.func, ast.Name):
                yield each.func.id


def asserts(path: Path, function: ast.AST, seen: frozenset[str] = frozenset()) -> bool:
    """Whether ``function``, or a function of the tests that it calls, asserts something."""
    if any(isinstance(each, ast.Assert) for each in statements(function)):
        return True
    for name in called(function):
        if name in ASSERTING or name.startswith("assert_"):
            return True
        place, original = imported(path).get(name, (path, name))
        helper = functions(place).get(original)
        key = f"{place}:{original}"
        if helper is not None and key not in seen and asserts(place, helper, seen | {key}):
            return True
    return False


def returns(function: Function) -> bool:
    """Whether the function itself, not one inside it, has a ``return``."""
    inside = statements(function, into_functions=False)
    return any(isinstance(each, ast.Return) for each in inside)


def faults(path: Path) -> Iterator[str]:
    """The tests of a file that cannot fail, and those that can return early."""
    for name, function in functions(path).items():
        if name.startswith("test_"):
            if not asserts(path, function):
                yield f"{path.name}:{function.lineno} {name} asserts nothing"
            if returns(function):
                yield f"{path.name}:{function.lineno} {name} returns: skip it or split it"


def test_every_test_can_fail() -> None:
    files = sorted(TESTS.rglob("test_*.py"))
    assert len(files) > 100
    assert [fault for path in files for fault in faults(path)] == []


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def test_a():\n    work()\n", ["asserts nothing"]),
        ("def work(): pass\n\ndef test_a():\n    work()\n", ["asserts nothing"]),
        ("def work(): work()\n\ndef test_a():\n    work()\n", ["asserts nothing"]),
        ("def work(): assert x\n\ndef test_a():\n    work()\n", []),
        ("def test_a():\n    with pytest.raises(E):\n        work()\n", []),
        ("from tests.helpers.weeks import assert_right as r\n\ndef test_a():\n    r()\n", []),
        ("def test_a():\n    if x:\n        return\n    assert y\n", ["returns"]),
        ("def test_a():\n    def f():\n        return 1\n    assert f()\n", []),
    ],
)
def test_a_test_that_cannot_fail_is_found(tmp_path: Path, source: str, expected: list[str]) -> None:
    path = tmp_path / "test_it.py"
    path.write_text(source, encoding="utf-8")
    found = list(faults(path))
    assert len(found) == len(expected)
    assert all(part in fault for part, fault in zip(expected, found, strict=True))
