"""Every example in README, CONTRIBUTING and docs works as it stands."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import httpx
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from backprop_explorer import cli
from backprop_explorer.cli import main
from tests.helpers import cases
from tests.helpers.cases import exhaustive
from tests.helpers.documents import Example, apply, copy_project, examples
from tests.helpers.environment import ROOT, environment
from tests.helpers.programs import run

ADDRESS = "http://127.0.0.1:8000"
ALL = examples()
EXERCISE = "# exercise.py\n"  # the file and the givens that the command `check` is tried with
PROGRAMS = [
    each
    for each in ALL
    if each.language == "python" and not each.is_change and not each.text.startswith(EXERCISE)
]
CHANGES = [each for each in ALL if each.is_change]
CURL = [each for each in ALL if each.language == "sh" and each.text.startswith("curl")]
SHELL = [each for each in ALL if each.language == "sh" and each not in CURL]
JSON = [each for each in ALL if each.language == "json" and '"layers": [{"W"' not in each.text]
GRADED = [
    each
    for each in ALL
    if each.document == "docs/notebook.md"
    and (each.text.startswith(EXERCISE) or each.language == "json")
]
# tests/lessons/test_authoring.py writes the tutorial's lesson, tests/datasets/test_folder.py reads
# the file beside a table.
FILES = [each for each in ALL if each.language in ("markdown", "yaml", "text")]
# What a new activation has to agree with.
OF_AN_ACTIVATION = (
    "engine/test_activations.py",
    "exports/test_exports_code.py",
    "proof/test_oracles.py",
    "tape/test_training.py",
    "api/test_catalog.py",
)


OTTER = "from otter"


def name_of(example: Example) -> str:
    return f"{example.document}-{example.number}"


def file_of(example: Example) -> str:
    return f"{name_of(example).replace('/', '-')}.py"


def test_every_example_is_tried() -> None:
    tried = [*PROGRAMS, *CHANGES, *CURL, *SHELL, *JSON, *GRADED, *FILES]
    assert len(tried) == len(ALL)
    documents = {"docs/lecturers.md", "docs/lessons.md", "docs/lesson-tutorial.md"}
    assert {each.document for each in FILES} == documents
    assert min(len(PROGRAMS), len(CHANGES), len(CURL), len(SHELL), len(JSON)) >= 1


@pytest.fixture(scope="module")
def results(server: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What the programs said, in one process and with what ``pip install .`` brings alone."""
    programs = {
        file_of(each): each.text.replace(ADDRESS, server).encode()
        for each in PROGRAMS
        if OTTER not in each.text
    }
    graders = {file_of(each): each.text.encode() for each in PROGRAMS if OTTER in each.text}
    folder = tmp_path_factory.mktemp("examples")
    found = run(folder, programs, not_installed())
    return found | run(folder, graders) if cases.everything else found


# That of otter-grader takes five seconds to import it; tests/notebook/test_graders.py runs it too.
@pytest.mark.parametrize(
    "example", [exhaustive(each) if OTTER in each.text else each for each in PROGRAMS], ids=name_of
)
def test_python_examples_run(example: Example, results: dict[str, dict[str, Any]]) -> None:
    result = results[file_of(example)]
    assert result["error"] is None, result["error"]
    assert result["said"].strip()
    if 'mark["right"]' in example.text:
        # The lesson's example answers its card, and answers it right.
        assert result["said"].splitlines()[-1].startswith("True"), result["said"]


@pytest.mark.parametrize("example", CURL, ids=name_of)
def test_curl_examples_are_answered(example: Example, server: str) -> None:
    """Send what curl would: it is not on every machine that runs the tests."""
    words = shlex.split(example.text.replace("\\\n", " ").replace(ADDRESS, server))
    assert words.pop(0) == "curl"
    method, headers, data, url = "GET", {}, None, ""
    while words:
        word = words.pop(0)
        match word:
            case "-s":
                pass
            case "-X":
                method = words.pop(0)
            case "-H":
                name, value = words.pop(0).split(":", 1)
                headers[name] = value.strip()
            case "-d":
                data = words.pop(0)
            case _:
                url = word
    answer = httpx.request(method, url, headers=headers, content=data, timeout=30)
    assert answer.is_success, answer.text
    assert json.loads(answer.text)


@pytest.mark.parametrize("example", JSON, ids=name_of)
def test_json_examples_are_experiments_and_sweeps(example: Example, server: str) -> None:
    given = json.loads(example.text)
    url = f"{server}/api/v1/{'sweeps' if 'axes' in given else 'experiments'}"
    answer = httpx.post(url, json=given, timeout=30)
    assert answer.status_code == 201, answer.text


def not_installed() -> tuple[str, ...]:
    """The modules in this environment that ``pip install .`` does not bring."""
    known = {"backprop-explorer"}
    todo = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    while todo:
        requirement = Requirement(todo.pop())
        name = canonicalize_name(requirement.name)
        if name not in known and (
            requirement.marker is None or requirement.marker.evaluate({"extra": ""})
        ):
            known.add(name)
            todo += importlib.metadata.requires(name) or []
    modules = importlib.metadata.packages_distributions()
    return tuple(m for m, of in modules.items() if not {canonicalize_name(n) for n in of} & known)


def test_the_command_checks_the_exercise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    exercise, given = GRADED
    Path("exercise.py").write_text(exercise.text, encoding="utf-8")
    Path("given.json").write_text(given.text, encoding="utf-8")
    [command] = [each for each in SHELL if each.text.startswith("backprop-explorer check")]
    assert main(shlex.split(command.text)[1:]) == 0
    assert capsys.readouterr().out.startswith("correct")
    assert Path("report.xml").is_file()


def test_the_commands_for_lessons_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Those of the tutorial are in tests/lessons/test_authoring.py."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(cli, "_run", lambda options: 0)
    [commands] = [each for each in SHELL if each.document == "docs/lessons.md"]
    for line in commands.text.splitlines():
        assert main(shlex.split(line, comments=True)[1:]) == 0, capsys.readouterr().err


@pytest.mark.parametrize("example", SHELL, ids=name_of)
def test_commands_exist(example: Example) -> None:
    """Make says what it would do; files for Docker and the programs of Dask exist."""
    for line in example.text.replace("\\\n", " ").splitlines():
        words = [
            word for word in shlex.split(line, comments=True) if not re.match("[A-Z_]+=", word)
        ]
        if words[:2] == ["docker", "run"]:
            words = words[words.index("backprop-explorer") + 1 :]
        if words[0] == "make":
            make = shutil.which("make")
            assert make is not None
            subprocess.run([make, "-n", *words[1:]], cwd=ROOT, check=True, capture_output=True)
            continue
        if words[:2] == ["backprop-explorer", "lesson"]:
            with pytest.raises(SystemExit) as ended:
                main([*words[1:3], "--help"])
            assert ended.value.code == 0
            continue
        if words[:2] == ["backprop-explorer", "check"]:
            with pytest.raises(SystemExit) as ended:
                main(["check", "--help"])
            assert ended.value.code == 0
            continue
        if words[0] == "dask":
            assert importlib.util.find_spec(f"distributed.cli.dask_{words[1]}") is not None
            continue
        if words[:2] == ["pip", "install"] or words == ["backprop-explorer"]:
            continue
        assert words[:2] == ["docker", "compose"], line
        named = [word for word in words[2:] if not word.startswith("-") and word != "up"]
        assert all((ROOT / name).is_file() for name in named), line


def test_an_activation_is_added_as_the_guide_says(tmp_path: Path) -> None:
    """The activation of CONTRIBUTING, added to a copy of the project, passes the tests."""
    project = copy_project(tmp_path)
    for change in CHANGES:
        apply(change, project)
    ran = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-v", "-p", "no:cacheprovider"),
            *("-k", "log_sigmoid or catalog"),
            *(f"tests/{name}" for name in OF_AN_ACTIVATION),
        ],
        cwd=project,
        env=environment(PYTHONPATH=str(project / "app")),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-3000:]
    [passed] = re.findall(r"(\d+) passed", ran.stdout)
    assert int(passed) >= 20
