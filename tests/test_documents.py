"""Every example in README, CONTRIBUTING and docs works as it stands."""

from __future__ import annotations

import importlib.util
import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from backprop_explorer.cli import main
from tests.helpers import cases
from tests.helpers.cases import exhaustive
from tests.helpers.documents import Example, apply, copy_project, examples
from tests.helpers.environment import ROOT, environment
from tests.helpers.programs import run

ADDRESS = "http://127.0.0.1:8000"
ALL = examples()
PROGRAMS = [each for each in ALL if each.language == "python" and not each.is_change]
CHANGES = [each for each in ALL if each.is_change]
CURL = [each for each in ALL if each.language == "sh" and each.text.startswith("curl")]
SHELL = [each for each in ALL if each.language == "sh" and each not in CURL]
JSON = [each for each in ALL if each.language == "json"]
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
    tried = [*PROGRAMS, *CHANGES, *CURL, *SHELL, *JSON, *FILES]
    assert len(tried) == len(ALL)
    documents = {"docs/lecturers.md", "docs/lessons.md", "docs/lesson-tutorial.md"}
    assert {each.document for each in FILES} == documents
    assert min(len(PROGRAMS), len(CHANGES), len(CURL), len(SHELL), len(JSON)) >= 1


@pytest.fixture(scope="module")
def results(server: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What the programs of ``make test`` said, in one process: its imports take half a second."""
    programs = {
        file_of(each): each.text.replace(ADDRESS, server).encode()
        for each in PROGRAMS
        if cases.everything or OTTER not in each.text
    }
    return run(tmp_path_factory.mktemp("examples"), programs)


# That of otter-grader takes five seconds to import it; tests/notebook/test_graders.py runs it too.
@pytest.mark.parametrize(
    "example",
    [exhaustive(each) if OTTER in each.text else each for each in PROGRAMS],
    ids=name_of,
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


@pytest.mark.parametrize("example", SHELL, ids=name_of)
def test_commands_exist(example: Example) -> None:
    """Make says what it would do; files for Docker and the programs of Dask exist."""
    for line in example.text.splitlines():
        words = [
            word for word in shlex.split(line, comments=True) if not re.match("[A-Z_]+=", word)
        ]
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
