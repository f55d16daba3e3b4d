"""The server's sentences are in ``texts`` or in entries of tables, and each of them is used."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from string import Formatter
from types import ModuleType
from typing import Any

import pytest

from backprop_explorer import texts
from backprop_explorer.datasets.catalog import DATASETS
from backprop_explorer.engine.activations import ACTIVATIONS
from backprop_explorer.engine.costs import COSTS, REDUCTIONS
from backprop_explorer.engine.initializers import INITIALIZERS
from backprop_explorer.engine.notation import CONVENTIONS
from backprop_explorer.engine.ops import OPS
from backprop_explorer.engine.optimizers import OPTIMIZERS
from backprop_explorer.engine.registry import Registry, reworded
from backprop_explorer.engine.schedules import SCHEDULES
from backprop_explorer.experiments.sweeps.measures import MEASURES
from backprop_explorer.exports import EXPORTS
from backprop_explorer.programs import PROGRAMS
from backprop_explorer.tutor.mistakes import MISCONCEPTIONS
from tests.helpers.modules import MODULES, NAME, part_of, trees

TEXTS = f"{NAME}.texts"
PACKAGES = [
    name for name, value in vars(texts).items() if isinstance(value, ModuleType) and name != "en"
]
TABLES: tuple[Registry[Any], ...] = (
    *(ACTIVATIONS, COSTS, REDUCTIONS, INITIALIZERS, CONVENTIONS, OPS, OPTIMIZERS),
    *(SCHEDULES, DATASETS, MEASURES, EXPORTS, MISCONCEPTIONS),
    PROGRAMS,
)
# Classes of the entries of tables, and of their parts.
ENTRIES = {
    *(type(entry).__name__ for table in TABLES for entry in table.values()),
    *("Fused", "Parameter", "UpdateStep", "Registry", "of_library", "_of_parts", "_update"),
}
# Descriptions of the API, which are English like docs/wire.md, and patterns.
DOCUMENTATION = {"Field", "Query", "Path", "Header", "Body", "Example", "compile"}
DOCUMENTING = {"summary", "description", "response_description", "responses", "examples"}
# Errors of the program itself, not of what a user sends.
INTERNAL = {"RuntimeError", "AttributeError", "KeyError"}
# Modules whose sentences are for operators, developers or readers of a downloaded program.
EXEMPT = {
    "": "of a wrong import",
    "cli": "help of the command line, messages to the operator",
    "host_names": "a message to the operator",
    "settings": "descriptions of the settings, as in docs/operating.md",
    "main": "the description of the API",
    "api.answers": "descriptions of the API",
    "api.metrics": "descriptions of the metrics",
    "api.openapi": "descriptions of the API",
    "api.response_headers": "policies of a browser",
    "exports": "programs and notebooks: comments stand between lines of code",
    "experiments.sweeps.cluster": "messages to the operator",
    "experiments.sweeps.remote": "messages to the operator",
    "lessons.content": "lessons: another language is another folder",
    "lessons.moodle": "a file in Moodle's format",
    "notebook.heat": "styles",
    "notebook.html": "styles",
    "tape": "messages of numba, and of the program itself",
    "tutor.spellings": "patterns of names in a student's program",
    "tutor.words": "words of names in a student's program",
    "web.addresses": "messages to the operator",
    "web.assets": "errors of an installation",
    "web.bundles": "errors in a script of the page",
    "web.vendored": "errors of an installation and of a script of the page",
}
# Strings of other modules that look like a sentence.
EXCEPTIONS = {
    "api.invalid_fields": "Value error, |Assertion failed, ",  # beginnings of Pydantic's messages
    "classroom.requests": "Which of them",  # an example
    "compute.export_tasks": "public, max-age",  # a header
    "datasets.column_selection": "left out",  # a column's role
    # A parameter's title, an argument; code.
    "datasets.dataset": "Noise|\nfeatures, labels|from sklearn",
    "datasets.generated": "(upper|lower) moon|arm {}|(same|different) signs",  # classes in the data
    "engine.activation": "{} (needs either|mixes)",  # errors of the program itself
    "engine.registry": "two entries",  # an error of the program itself
    "experiments.sweeps.sweep": "Input should be",  # the beginning of Pydantic's message
    "experiments.typed_arrays": "cannot encode {}",  # an error of the program itself
    # The help of the command.
    "lessons.marks": "ID number",  # a column of Moodle's
    "notebook.command": "backprop-explorer|Exit |print|write|arguments, or|after which|of the",
    "notebook.experiment": "training curves|gradient flow",  # values of an argument
    "notebook.figures": "top center",  # a value of plotly's
    "notebook.magic": "%%check",  # the command's name
    "notebook.program_display": "bx-grid",  # classes of HTML
    "notebook.server": "\nimport",  # code
    "notebook.supervised": "from backprop_explorer",  # code
    "notebook.working": "gradient flow|  {} {} largest",  # a value of an argument; a table
    "proof.autograd_functions": r"[\w ]+$|def |lambda |[az].*: factor",  # names and code
    "record.numpy_functions": r"[\w. ]+$",  # names of functions
    "tutor.mistakes.cost": "(halved|doubled) and divided",  # details, not shown
    "tutor.reading.source_code": "Traceback",  # what Python prints
}
# Two words, or a word beside a value.
WORDS = re.compile(
    r"[A-Za-z]{2,}[,;:.?!]? +\(?[a-z]{2,}|[a-z]{3,}[,;:.?!]? +\{\}|\{\}[,;:.]? +[a-z]{3,}"
)
# LaTeX, HTML, SQL, Lua, addresses, and messages to the operator, which name a setting.
CODE = re.compile(
    r"\\|<|^EXPLORER_|://|^[a-z]+/[a-z]|;\s*\w+=|\bredis\.call|KEYS\[1\]"
    r"|^\s*(SELECT|UPDATE|DELETE|INSERT|PRAGMA|ROLLBACK|SAVEPOINT|RELEASE|CREATE|BEGIN)\b"
)


def said(node: ast.AST) -> str | None:
    """The text of a string, with ``{}`` for each value in it; None of anything else."""
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values
        )
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def is_passed_over(node: ast.AST) -> bool:
    """Whether the strings in a node are documentation, entries of a table, or for the log."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)  # a docstring
    if isinstance(node, ast.keyword):
        return node.arg in DOCUMENTING
    if isinstance(node, ast.Call):
        function = ast.unparse(node.func).split(".")
        return function[-1] in ENTRIES | DOCUMENTATION | INTERNAL or function[0] == "logger"
    return False


def sentences(node: ast.AST) -> Iterator[tuple[int, str]]:
    """(line, text) of each string that a user may read and that is in no entry of a table."""
    if is_passed_over(node):
        return
    text = said(node)
    if text is not None and is_sentence(text):
        yield node.lineno, text  # type: ignore[attr-defined]
    for child in ast.iter_child_nodes(node.test if isinstance(node, ast.Assert) else node):
        if text is None or isinstance(child, ast.FormattedValue):
            yield from sentences(child)


def is_sentence(text: str) -> bool:
    return WORDS.search(text) is not None and not CODE.search(text)


def own_name(module: str) -> str:
    """The name of a module in the package: ``api.errors``; "" of the package itself."""
    return module.removeprefix(NAME).removeprefix(".")


def is_searched(module: str) -> bool:
    own = own_name(module)
    return not any(own == name or own.startswith(f"{name or '?'}.") for name in (*EXEMPT, "texts"))


def test_no_module_has_a_sentence_of_its_own() -> None:
    found = [
        f"{module}:{line}: {text}"
        for module in filter(is_searched, MODULES)
        for line, text in sentences(trees()[module])
        if not re.match(EXCEPTIONS.get(own_name(module), "(?!)"), text)
    ]
    assert found == []


def test_no_exception_is_left_over() -> None:
    for name in EXEMPT:
        assert any(own_name(module).startswith(name) for module in MODULES), name
    for name, pattern in EXCEPTIONS.items():
        found = [text for _, text in sentences(ast.parse(MODULES[f"{NAME}.{name}"].read_text()))]
        for part in re.split(r"\|(?![^(]*\))", pattern):
            assert any(re.match(part, text) for text in found), (name, part)


@pytest.mark.parametrize(
    ("code", "count"),
    [
        ('raise InvalidInput("x", "must be a number")', 1),
        ('raise ValueError(f"at most {most} rows")', 1),
        ('title = f"{count} lines"', 1),
        ('A = {1: "once for each sample"}', 1),
        ('def f():\n    """A docstring."""\n    return texts.NO_ROOM', 0),
        ('logger.warning("Storing %s failed", name)', 0),
        ('Activation(name="a", title="log of a sigmoid")', 0),
        ('x = Field(description="Updates made so far")', 0),
        ('name = f"dC_dW{layer}"', 0),
        ('where = "layers.0.W"', 0),
    ],
)
def test_the_search_finds_sentences(code: str, count: int) -> None:
    assert len(list(sentences(ast.parse(code)))) == count


def defined() -> dict[str, set[str]]:
    """The ids of each module of texts."""
    found: dict[str, set[str]] = {}
    for module in PACKAGES:
        tree = ast.parse(MODULES[f"{TEXTS}.en.{module}"].read_text())
        names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        for node in tree.body:
            targets = node.targets if isinstance(node, ast.Assign) else []
            if isinstance(node, ast.AnnAssign):
                targets = [node.target]
            names |= {target.id for target in targets if isinstance(target, ast.Name)}
        found[module] = {name for name in names if not name.startswith("_")}
    return found


def imported(tree: ast.Module) -> dict[str, str]:
    """The modules of texts by the names under which a file imports them."""
    return {
        alias.asname or alias.name: alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module == TEXTS
        for alias in node.names
    }


def test_every_text_is_used_and_by_its_own_package() -> None:
    used: dict[str, set[str]] = {module: set() for module in PACKAGES}
    for module, path in MODULES.items():
        tree = ast.parse(path.read_text())
        names = imported(tree)
        own = own_name(module).replace(".", "_")
        for name in set(names.values()) - {"tables"}:
            assert own.startswith(name.split("_")[0]), f"{module} uses the texts of {name}"
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) in names:
                used[names[ast.unparse(node.value)]].add(node.attr)
    assert used == defined()


def places(template: str) -> int:
    """How many values a template takes."""
    names = [name for _, name, _, _ in Formatter().parse(template) if name is not None]
    return len(names) if "" in names else 1 + max(map(int, names))


def test_every_call_has_a_value_for_each_place_of_its_text() -> None:
    counted = 0
    for path in MODULES.values():
        tree = ast.parse(path.read_text())
        names = imported(tree)
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            module = names.get(ast.unparse(node.func.value))
            template = getattr(getattr(texts, module or "", None), node.func.attr, None)
            if isinstance(getattr(template, "__self__", None), str):
                where = f"{path.name}:{node.lineno}: {node.func.attr}"
                assert not any(isinstance(each, ast.Starred) for each in node.args), where
                assert len(node.args) == places(template.__self__), where
                assert not node.keywords, where
                counted += 1
    assert counted > 100


def test_all_modules_of_texts_are_listed() -> None:
    modules = {module.split(".")[-1] for module in MODULES if module.startswith(f"{TEXTS}.en.")}
    assert modules == set(PACKAGES)


def test_texts_of_tables_have_ids_of_their_own() -> None:
    found = [name for table in TABLES for name in table.texts()]
    assert len(found) == len(set(found)) > 500
    assert "activation.relu.title" in found
    assert "optimizer.adam.parameters.beta1.title" in found
    assert "misconception.weights_transposed_backward.why" in found


def test_another_language_replaces_the_texts_of_an_entry() -> None:
    words = {
        "optimizer.adam.description": "Schwung und RMSProp.",
        "optimizer.adam.parameters.beta1.title": "erstes β",
    }
    adam = OPTIMIZERS["adam"]
    german = reworded(adam, "optimizer.adam", words)
    assert german.description == "Schwung und RMSProp."
    assert german.parameters[0].title == "erstes β"
    assert german.title == adam.title
    assert german.steps == adam.steps
    assert reworded(adam, "optimizer.sgd", words) is adam


def test_every_table_is_searched() -> None:
    tables = {
        target.id
        for module, path in MODULES.items()
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.AnnAssign)
        and isinstance(target := node.target, ast.Name)
        and ast.unparse(node.annotation).startswith("Registry[")
        and part_of(module) != "lessons"
    }
    assert len(tables) == len(TABLES)
