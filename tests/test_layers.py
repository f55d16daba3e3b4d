"""Import directions between packages, and no import cycles."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from itertools import chain, product

import pytest

from backprop_explorer.engine.names import named
from backprop_explorer.engine.optimizers import OPTIMIZERS
from backprop_explorer.texts import tutor_program
from backprop_explorer.tutor.mistakes import MISCONCEPTIONS, ids
from tests.helpers.environment import ROOT, environment
from tests.helpers.modules import MODULES, NAME, part_of, trees

SCRIPTS = ROOT / "static" / "js"

_ENGINE = {"tape", "engine", "texts"}
_MIDDLE = {*_ENGINE, "proof", "datasets", "limits", "settings"}
# What each package or root module may import from this project, besides itself. `__init__` holds
# the version and the public names; it imports the rest lazily.
ALLOWED: dict[str, set[str]] = {
    "__init__": {"notebook"},
    "host_names": set(),
    "limits": set(),
    "settings": {"__init__", "engine", "host_names", "limits"},
    "texts": set(),
    "tape": set(),
    "engine": {"tape", "texts"},
    "proof": {"tape", "engine"},
    "record": _ENGINE,
    "datasets": _ENGINE,
    "programs": {*_ENGINE, "record", "datasets"},
    "tutor": {*_ENGINE, "proof", "record"},
    "experiments": _MIDDLE,
    "exports": {*_MIDDLE, "experiments", "tutor"},
    "lessons": {*_MIDDLE, "experiments", "tutor"},
    # It starts a server only as a separate process.
    "notebook": {*_MIDDLE, "record", "experiments", "tutor", "exports", "lessons"},
    "compute": {
        *(*_MIDDLE, "__init__", "record", "programs", "experiments", "tutor", "exports"),
        "lessons",
    },
    "classroom": {*_MIDDLE, "experiments", "tutor", "lessons", "compute"},
    "api": {
        *(*_MIDDLE, "__init__", "experiments", "tutor", "exports", "lessons", "compute"),
        *("classroom", "host_names"),
    },
    "web": {
        *("__init__", "settings", "texts", "engine", "lessons", "compute", "classroom", "api"),
        "host_names",
    },
    "main": {"__init__", "settings", "engine", "compute", "classroom", "api", "web"},
    "cli": {
        *("__init__", "settings", "engine", "lessons", "notebook", "compute", "api", "web", "main"),
        "host_names",
    },
    "__main__": {"cli"},
}
# Third-party packages that these must not import, directly or indirectly.
FORBIDDEN: dict[str, set[str]] = {
    "tape": {"fastapi", "starlette", "pydantic", "orjson", "sklearn", "jinja2", "sqlite3"},
    "engine": {"fastapi", "starlette", "pydantic", "orjson", "sklearn", "jinja2", "sqlite3"},
    "proof": {"fastapi", "starlette", "pydantic", "orjson", "sklearn", "jinja2", "sqlite3"},
    "tutor": {"fastapi", "starlette", "pydantic", "orjson", "sklearn", "jinja2", "sqlite3"},
    "datasets": {"fastapi", "starlette", "pydantic", "orjson", "jinja2", "sqlite3"},
    "experiments": {"fastapi", "starlette", "uvicorn", "jinja2", "latex2mathml"},
    "lessons": {"fastapi", "starlette", "uvicorn"},
    "exports": {"fastapi", "starlette", "sklearn", "jinja2", "latex2mathml"},
    "notebook": {"fastapi", "starlette", "uvicorn", "jinja2", "sklearn"},
    "compute": {"uvicorn"},
    "classroom": {"fastapi", "starlette", "uvicorn"},
}
# The same for the page's modules: folder (or file at the top) -> folders it may import. A type of
# another folder, in a comment, loads nothing and may come from anywhere.
_PAGE = {"text", "core", "state", "server", "ui"}
SCRIPTS_ALLOWED: dict[str, set[str]] = {
    "text": set(),
    "core": {"text"},
    "state": {"text", "core"},
    "figures": {"text", "core"},
    "server": {"text", "core", "state"},
    "ui": {"text", "core", "state"},
    "pictures": {"text", "core", "figures", "ui"},
    "explorer": {*_PAGE, "figures", "pictures"},
    "watch": {*_PAGE, "explorer", "figures"},
    "lessons": _PAGE,
    "programs": {*_PAGE, "figures", "explorer"},
    "check": _PAGE,
    "classroom": {*_PAGE, "lessons"},
    "": {*_PAGE, "figures", "explorer", "programs", "watch", "lessons", "classroom"},
}
SCRIPT_IMPORT = re.compile(
    r"""^\s*(?:import|export)\s(?:[\w*\s{},$]+\sfrom\s)?["'](\.[^"']+)["']"""
    # An import in a JSDoc type ({import("…")}) loads nothing.
    r"""|(?<!\{)\bimport\(\s*["'](\.[^"']+)["']""",
    re.MULTILINE,
)
IDS = list(MODULES)


@cache
def imports(tree: ast.AST) -> tuple[str, ...]:
    """Every module that a file imports: at the top, lazily, for types, or by a string.

    A name that is imported from a package is given as ``package.name``.
    """
    found: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            assert node.module is not None
            found += (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Constant) and node.value in MODULES and node.value != NAME:
            found.append(str(node.value))
    return tuple(found)


def module_of(name: str) -> str | None:
    """The module of this project that ``name``, or what it is an attribute of, is in."""
    while name:
        if name in MODULES:
            return name
        name = name.rpartition(".")[0]
    return None


@cache
def graph() -> dict[str, set[str]]:
    """Which modules of this project each one imports, at any time."""
    found: dict[str, set[str]] = {}
    for name, tree in trees().items():
        targets = {module_of(each) for each in imports(tree)}
        found[name] = {each for each in targets if each is not None} - {name}
    return found


def scripts_graph() -> dict[str, set[str]]:
    """The same for the page's modules, by path below static/js.

    Only an entry point, which is no part of a bundle, may import a file of static/vendor.
    """
    found = {}
    for path in sorted(SCRIPTS.rglob("*.js")):
        names = [one or other for one, other in SCRIPT_IMPORT.findall(path.read_text())]
        targets = {(path.parent / name).resolve() for name in names}
        found[path.relative_to(SCRIPTS).as_posix()] = {
            target.relative_to(SCRIPTS).as_posix()
            for target in targets
            if path.parent != SCRIPTS or target.parent != SCRIPTS.parent / "vendor"
        }
    return found


def cycle(edges: Mapping[str, set[str]]) -> list[str]:
    """The modules of one import cycle; none if there is no cycle."""
    try:
        TopologicalSorter(edges).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def against_layers(module: str, tree: ast.Module) -> Iterator[str]:
    """What a module imports and must not."""
    own = part_of(module)
    for name in imports(tree):
        target = module_of(name)
        if name.split(".")[0] != NAME:
            if name.split(".")[0] in FORBIDDEN.get(own, set()):
                yield f"{module} imports {name}"
        elif target is None:
            yield f"{module} imports {name}, which does not exist"
        elif part_of(target) not in ALLOWED[own] | {own}:
            yield f"{module} imports {name}"


def test_imports_follow_the_layers() -> None:
    found = [each for name, tree in trees().items() for each in against_layers(name, tree)]
    assert found == []


def test_every_package_has_a_layer() -> None:
    assert {part_of(module) for module in MODULES} == set(ALLOWED)


def test_no_file_imports_itself_through_others() -> None:
    assert cycle(graph()) == []


def test_page_modules_follow_their_layers() -> None:
    def folder(path: str) -> str:
        return path.split("/")[0] if "/" in path else ""

    edges = scripts_graph()
    assert {folder(path) for path in edges} == set(SCRIPTS_ALLOWED)
    wrong = [
        f"{path} imports {target}"
        for path, targets in edges.items()
        for target in targets
        if folder(target) not in SCRIPTS_ALLOWED[folder(path)] | {folder(path)}
    ]
    assert wrong == []


def test_no_page_module_imports_itself_through_others() -> None:
    assert cycle(scripts_graph()) == []


def test_every_import_of_a_page_module_names_a_file() -> None:
    edges = scripts_graph()
    assert sum(map(len, edges.values())) > len(edges)
    for path, targets in edges.items():
        assert targets <= set(edges), path


def test_the_cycle_search_finds_a_cycle() -> None:
    assert set(cycle({"a": {"b"}, "b": {"c"}, "c": {"a"}})) == {"a", "b", "c"}
    assert cycle({"a": {"b", "c"}, "b": {"c"}}) == []


@pytest.mark.parametrize(
    "code",
    [
        f"import {NAME}.engine.network",
        f"def f():\n    from {NAME}.engine import network",
        f"from {NAME}.engine.network import Network",
        f'importlib.import_module("{NAME}.engine.network")',
        f'PRELOAD = ["{NAME}.engine.network"]',
    ],
)
def test_the_import_search_finds_every_form(code: str) -> None:
    found = {module_of(name) for name in imports(ast.parse(code))}
    assert found == {f"{NAME}.engine.network"}


def test_every_class_has_a_name_of_its_own() -> None:
    """One name means one thing: a schema is not called like the class that it describes."""
    classes = Counter(
        node.name
        for tree in trees().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    )
    assert [name for name, count in classes.items() if count > 1] == []


# What may read text that looks like an id: it reads names that people write.
READ_WRITTEN_NAMES = ("tutor.spellings", "tutor.reading.", "tutor.program.source")
HOLE = "\0"
ID_PARTS = re.compile(r"dC_d[zaWb]?|_next|[zaWb]|d[za]?|_d|velocity_?")
PATTERN_OF_IDS = re.compile(r"dC_d|_next|(?:^|[(|])[zaWb]\)?\(?\\d|\[[xzaWb]{2,5}\]\)?\(?\\d|\\D")
TAKEN_APART_BY = {
    *("startswith", "endswith", "removeprefix", "removesuffix", "replace", "find", "index"),
    *("split", "rsplit", "partition", "rpartition", "strip", "lstrip", "rstrip"),
}
STATES = {each for optimizer in OPTIMIZERS.values() for each in optimizer.state}


def template(node: ast.AST) -> str | None:
    """A text with holes: an f-string, a sum, "…" % … or "…".format(…); None for anything else."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(template(each) or HOLE for each in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        parts = [template(node.left), template(node.right)]
        return None if parts == [None, None] else "".join(each or HOLE for each in parts)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
        return re.sub("%[sd]", HOLE, template(node.left) or "")
    if isinstance(node, ast.Attribute) and node.attr == "format":
        return re.sub(r"\{\w*\}", HOLE, template(node.value) or "")
    return None


def is_id(text: str) -> bool:
    """Whether a text with holes becomes the id of a value of a layer when they are filled."""
    if HOLE not in text or not any(map(str.isalpha, text)):
        return False
    parts = text.split(HOLE)[:4]
    fills = product(("7", "W7", "z7", "W"), repeat=len(parts) - 1)
    filled = (named("".join(chain(*zip(parts, (*each, ""), strict=True)))) for each in fills)
    return any(
        each.layer is not None
        and (each.quantity in ("gradient", "jacobian", "updated", *STATES) or not each.of)
        for each in filled
    )


def handled_ids(tree: ast.Module) -> Iterator[str]:
    """Where a module builds an id from text, takes one apart, or has a pattern of ids."""
    for node in ast.walk(tree):
        place = f"line {getattr(node, 'lineno', 0)}"
        if is_id(template(node) or ""):
            yield f"{place} builds an id"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            first = [
                each.value for each in ast.walk(node.args[0]) if isinstance(each, ast.Constant)
            ]
            texts = [each for each in first if isinstance(each, str)]
            if node.func.attr in TAKEN_APART_BY and any(map(ID_PARTS.fullmatch, texts)):
                yield f"{place} takes an id apart"
            of_re = isinstance(node.func.value, ast.Name) and node.func.value.id == "re"
            if of_re and any(map(PATTERN_OF_IDS.search, texts)):
                yield f"{place} has a pattern of ids"
        if isinstance(node, ast.Compare) and isinstance(node.left, ast.Subscript):
            letters = [each for each in ast.walk(node) if isinstance(each, ast.Constant)]
            if any(each.value in {"W", "b", "z", "a", "za", "az", "Wb"} for each in letters):
                yield f"{place} looks at the letter of an id"


def test_ids_are_made_and_read_by_names_alone() -> None:
    found = [
        f"{module}: {each}"
        for module, tree in trees().items()
        if module != f"{NAME}.engine.names"
        and not module.startswith(tuple(f"{NAME}.{each}" for each in READ_WRITTEN_NAMES))
        for each in handled_ids(tree)
    ]
    assert found == []


@pytest.mark.parametrize(
    "code",
    [
        'f"dC_d{name}"',
        'f"{name}_next"',
        '"W" + str(layer)',
        '"dC_dz%d" % layer',
        '"dC_d{}{}".format(letter, layer)',
        'f"d{a}_d{z}"',
        'f"velocity_{name}"',
        'line.startswith(("dC_da", "dC_dz"))',
        'line.removesuffix("_next")',
        're.fullmatch(r"W\\d+", line)',
        're.fullmatch(r"dC_d([zaWb])(\\d+)", line)',
        're.sub(r"\\D", "", line)',
        'line[0] in "za"',
    ],
)
def test_the_search_for_ids_finds_every_form(code: str) -> None:
    assert list(handled_ids(ast.parse(code)))


# Template literals that make an id, and regexes over ids, in the page's modules.
SCRIPT_IDS = re.compile(
    r"dC_d\w*\$\{|\}_next|`[zaWb]\$\{|[(/^]\[[xzaWb]{2,4}\]|_next[|$/]|\"(?:dC_d|_next)\"|\"dC_d[zaWb]\d"
)


def test_ids_are_made_and_read_by_one_module_of_the_page() -> None:
    found = {
        path.relative_to(SCRIPTS).as_posix()
        for path in SCRIPTS.rglob("*.js")
        if SCRIPT_IDS.search(path.read_text())
    }
    assert found == {"core/names.js"}


@pytest.mark.parametrize(
    "code",
    ["`dC_dz${layer}`", "`${id}_next`", "`W${k}`", "/^[zaWb]\\d/", 'id.replace("_next", "")'],
)
def test_the_search_for_ids_of_the_page_finds_every_form(code: str) -> None:
    assert SCRIPT_IDS.search(code)


MISTAKE_NAMES = {name for key, name in vars(ids).items() if key.isupper()}


def mistakes_named(tree: ast.Module) -> Iterator[str]:
    """The names of mistakes that stand as strings in a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and node.value in MISTAKE_NAMES:
            yield f"line {node.lineno}: {node.value}"


def test_names_of_mistakes_stand_in_one_module() -> None:
    """Besides it only the texts have them, as keys; all of them are names of mistakes."""
    assert {*MISCONCEPTIONS, *tutor_program.MISTAKES} == MISTAKE_NAMES
    own = {ids.__name__, f"{NAME}.texts.en.tutor_program"}
    found = [f"{m} {each}" for m in {*trees()} - own for each in mistakes_named(trees()[m])]
    assert found == []
    assert len([*mistakes_named(trees()[ids.__name__])]) == len(MISTAKE_NAMES)


@pytest.mark.parametrize(
    "code", ["x.name == {}", "f({0}, name={0})", "{{{}: 1}}", "def f(x={}): 0"]
)
def test_the_search_for_names_of_mistakes_finds_every_form(code: str) -> None:
    assert list(mistakes_named(ast.parse(code.format('"missing_path"'))))


def test_only_the_proof_imports_autograd() -> None:
    users = {
        module
        for module, tree in trees().items()
        if any(name.split(".")[0] == "autograd" for name in imports(tree))
    }
    assert users
    assert {part_of(user) for user in users} == {"proof"}


# Packages to which the same is forbidden share a process, which takes half a second to start.
@pytest.mark.parametrize("parts", [("tape", "engine", "tutor"), ("datasets",), ("experiments",)])
def test_loading_a_package_loads_nothing_forbidden(parts: tuple[str, ...]) -> None:
    names = [name for name in IDS if part_of(name) in parts]
    script = f"import sys, {', '.join(names)}\nprint(*sys.modules)"
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
    for part in parts:
        assert not loaded & FORBIDDEN[part], part
    # scikit-learn takes a second to load; only making a data set needs it.
    assert "sklearn" not in loaded


def test_the_search_for_imports_against_the_layers_finds_them() -> None:
    code = f"import fastapi\nfrom {NAME}.lessons import LESSONS\nimport {NAME}.nothing"
    assert len(list(against_layers(f"{NAME}.engine.network", ast.parse(code)))) == 3
    assert list(against_layers(f"{NAME}.api.router", ast.parse("import fastapi"))) == []
