"""Who may import whom, and that nothing in the program is global and changeable."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT, environment

APP = ROOT / "app"
# What each package may import of the program; its own modules always.
ALLOWED: dict[str, set[str]] = {
    "core": set(),
    "datasets": {"core"},
    "lessons": {"core", "datasets", "experiments", "settings"},
    "settings": set(),
    "logs": set(),
    "experiments": {"core", "datasets", "settings"},
    "exports": {"core", "datasets", "experiments"},
    "memory": set(),
    "compute": {
        *("core", "datasets", "experiments", "exports", "lessons"),
        *("logs", "memory", "settings"),
    },
    "api": {
        "compute",
        "core",
        "datasets",
        "exports",
        "lessons",
        "experiments",
        "logs",
        "settings",
    },
}
# Outside packages that these may not know, imported by any way round.
UNKNOWN: dict[str, set[str]] = {
    "core": {"fastapi", "starlette", "pydantic", "orjson", "sklearn", "jinja2", "sqlite3"},
    "datasets": {"fastapi", "starlette", "pydantic", "orjson", "jinja2", "sqlite3"},
    "experiments": {"fastapi", "starlette", "uvicorn", "jinja2", "autograd", "latex2mathml"},
    "lessons": {"fastapi", "starlette", "uvicorn", "jinja2"},
    "compute": {"fastapi", "starlette", "uvicorn", "jinja2"},
    "exports": {"fastapi", "starlette", "pydantic", "sklearn", "jinja2", "sqlite3", "latex2mathml"},
}
CHANGING = {
    *("append", "add", "update", "pop", "popitem", "setdefault", "clear", "extend", "insert"),
    *("remove", "discard", "sort", "reverse", "__setitem__"),
}


def modules() -> list[Path]:
    return sorted(APP.rglob("*.py"))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")


def part_of(module: str) -> str:
    """The part of the program that a module belongs to: app.core.network is of "core"."""
    return [*module.split("."), "", ""][1]


def imports(tree: ast.AST) -> Iterator[str]:
    """Every module that is imported, anywhere in the file, also below TYPE_CHECKING."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports name the whole path"
            assert node.module is not None
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


IDS = [name_of(path) for path in modules()]


@pytest.mark.parametrize("path", modules(), ids=IDS)
def test_imports_go_in_one_direction(path: Path) -> None:
    own = part_of(name_of(path))
    if own not in ALLOWED:
        return  # app.main, app.pages and the like put the parts together
    for module in imports(ast.parse(path.read_text())):
        if module.startswith("app."):
            assert part_of(module) in ALLOWED[own] | {own}, f"{own} imports {module}"
        assert module.split(".")[0] not in UNKNOWN.get(own, set()), f"{own} imports {module}"


def test_every_part_of_the_program_is_known_here() -> None:
    packages = {path.name for path in APP.iterdir() if (path / "__init__.py").exists()}
    assert packages - {"static", "templates"} <= set(ALLOWED)


def test_only_the_check_knows_autograd() -> None:
    users = {
        name_of(path)
        for path in modules()
        if any(
            module.split(".")[0] == "autograd" for module in imports(ast.parse(path.read_text()))
        )
    }
    assert users
    assert all(user.startswith("app.core.gradient_check") for user in users)


@pytest.mark.parametrize("part", ["core", "datasets", "experiments", "compute"])
def test_what_a_part_brings_along(part: str) -> None:
    """The same by running it: what is loaded when all its modules are."""
    names = [name for name in IDS if part_of(name) == part]
    script = f"import sys, {', '.join(names)}\nprint(*sys.modules)".replace(".__init__", "")
    found = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = {module.split(".")[0] for module in found.stdout.split()}
    assert "numpy" in loaded
    # autograd is the core's, and the experiments import the core.
    assert not loaded & (UNKNOWN[part] - {"autograd"})
    # scikit-learn takes a second to load: only who makes a data set waits for it.
    assert "sklearn" not in loaded


def module_names(tree: ast.Module) -> set[str]:
    names = set()
    for node in tree.body:
        targets: list[ast.expr] = []
        if isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, ast.AnnAssign | ast.AugAssign):
            targets = [node.target]
        names |= {
            each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)
        }
    return names


def local_names(function: ast.AST) -> set[str]:
    """Names that a function binds itself, which hide those of the module."""
    return {
        each.id if isinstance(each, ast.Name) else each.arg
        for each in ast.walk(function)
        if (isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store))
        or isinstance(each, ast.arg)
    }


def changes(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """(line, what) wherever a function changes something of its module."""
    known = module_names(tree)
    functions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
    for function in (node for node in ast.walk(tree) if isinstance(node, functions)):
        names = known - local_names(function)
        for node in ast.walk(function):
            if isinstance(node, ast.Global):
                yield node.lineno, f"global {', '.join(node.names)}"
            if isinstance(node, ast.Subscript | ast.Attribute) and isinstance(
                node.ctx, ast.Store | ast.Del
            ):
                base: ast.expr = node
                while isinstance(base, ast.Subscript | ast.Attribute):
                    base = base.value
                if isinstance(base, ast.Name) and base.id in names:
                    yield node.lineno, f"{base.id} is changed"
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in CHANGING
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id in names
            ):
                yield node.lineno, f"{node.func.value.id}.{node.func.attr}()"


@pytest.mark.parametrize("path", modules(), ids=IDS)
def test_nothing_of_a_module_is_ever_changed(path: Path) -> None:
    """``create_app`` builds everything: two applications in one process do not know each other."""
    assert list(changes(ast.parse(path.read_text()))) == []


@pytest.mark.parametrize("path", modules(), ids=IDS)
def test_randomness_is_always_an_argument(path: Path) -> None:
    """No hidden state of numpy.random or random: a generator is made from a seed."""
    allowed = {"default_rng", "Generator", "SeedSequence"}
    if part_of(name_of(path)) in ("datasets", "lessons"):
        # The exercises draw with np.random.seed, scikit-learn likewise, and their numbers are met.
        allowed.add("RandomState")
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute):
            inner = node.value
            if isinstance(inner.value, ast.Name) and (inner.value.id, inner.attr) == (
                "np",
                "random",
            ):
                assert node.attr in allowed
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "np.random.RandomState":
            assert node.args, "a state without a seed is another one each time"
        if isinstance(node, ast.Import):
            assert "random" not in {alias.name for alias in node.names}


@pytest.mark.parametrize(
    "code",
    [
        "A = []\ndef f():\n    A.append(1)",
        "A = {}\ndef f():\n    A['x'] = 1",
        "A = {}\ndef f():\n    del A['x']",
        "A = 0\ndef f():\n    global A\n    A = 1",
        "A = object()\ndef f():\n    A.x = 1",
        "A: list[int] = []\nasync def f():\n    A[0][1].x = 1",
    ],
)
def test_the_search_for_changes_finds_them(code: str) -> None:
    assert len(list(changes(ast.parse(code)))) == 1


def test_the_search_for_changes_knows_a_name_of_the_functions_own() -> None:
    code = "A = []\ndef f(A):\n    A.append(1)\ndef g():\n    A = []\n    A.append(1)"
    assert list(changes(ast.parse(code))) == []
