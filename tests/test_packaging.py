"""What is handed on: the wheel, the pinned versions, the image and the Makefile."""

from __future__ import annotations

import importlib.metadata
import os
import re
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.helpers.environment import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
PINS = dict(line.split("==") for line in (ROOT / "constraints.txt").read_text().splitlines())


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel, built as ``pip install .`` would, but in this environment."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT],
        check=True,
        capture_output=True,
        timeout=120,
    )
    (path,) = folder.glob("backprop_explorer-*.whl")
    return zipfile.ZipFile(path)


def test_the_wheel_has_every_file_of_the_page(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    for folder in ("static", "templates"):
        expected = {
            f"backprop_explorer/{path.relative_to(ROOT).as_posix()}"
            for path in (ROOT / folder).rglob("*")
            if path.is_file()
        }
        assert expected
        assert expected <= names


def test_the_wheel_has_the_whole_package_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    modules = {path.relative_to(ROOT / "app").as_posix() for path in (ROOT / "app").rglob("*.py")}
    names = set(wheel.namelist())
    assert modules <= names
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"backprop_explorer"}
    entry_points = next(name for name in names if name.endswith("entry_points.txt"))
    assert b"backprop-explorer = backprop_explorer.cli:main" in wheel.read(entry_points)


def test_the_wheel_has_every_lesson(wheel: zipfile.ZipFile) -> None:
    content = ROOT / "app/backprop_explorer/lessons/content"
    files = [path for path in content.rglob("*") if path.suffix in (".md", ".yaml")]
    assert len(files) > 34
    names = {path.relative_to(ROOT / "app").as_posix() for path in files}
    assert names <= set(wheel.namelist())


def test_constraints_are_names_and_versions_alone() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    for line in lines:
        assert re.fullmatch(r"[a-z0-9][a-z0-9.-]*==[0-9][0-9a-z.]*", line)
    assert lines == sorted(set(lines))


def requirements() -> list[Requirement]:
    """Return what the project and each of its extras asks for."""
    extras = [item for items in PROJECT["optional-dependencies"].values() for item in items]
    return [Requirement(item) for item in [*PROJECT["dependencies"], *extras]]


@pytest.mark.parametrize("requirement", requirements(), ids=str)
def test_constraints_have_what_the_project_asks_for(requirement: Requirement) -> None:
    version = PINS[canonicalize_name(requirement.name)]
    assert requirement.specifier.contains(version)


def test_constraints_have_what_that_in_turn_asks_for() -> None:
    """Follow the requirements through the installed packages; bench is not installed here."""
    seen: set[str] = set()
    todo = [Requirement(item) for item in PROJECT["dependencies"]]
    todo += [Requirement(item) for item in PROJECT["optional-dependencies"]["test"]]
    while todo:
        requirement = todo.pop()
        name = canonicalize_name(requirement.name)
        if name in seen or (requirement.marker and not requirement.marker.evaluate({"extra": ""})):
            continue
        seen.add(name)
        assert name in PINS
        assert importlib.metadata.version(name) == PINS[name]
        todo += map(Requirement, importlib.metadata.requires(name) or [])
    assert len(seen) > 50


def test_what_is_installed_is_pinned() -> None:
    """Nothing comes in beside the list; the installers themselves come with Python.

    Once imported, setuptools shows packages of its own on the path.
    """
    folder = sysconfig.get_path("purelib")
    installed = {
        canonicalize_name(each.name): each.version
        for each in importlib.metadata.distributions(path=[folder])
        if canonicalize_name(each.name) not in ("backprop-explorer", "pip", "setuptools", "wheel")
    }
    assert {name: PINS.get(name) for name in installed} == installed


def test_the_image_is_not_root_and_is_watched() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    users = [line for line in lines if line.startswith("USER ")]
    assert users
    assert users[-1].split()[1] not in ("0", "root")
    commands = [line.strip() for line in lines if line.strip().startswith("CMD ")]
    assert len(commands) == 2
    assert all(command.startswith('CMD ["') for command in commands)
    assert any(line.startswith("HEALTHCHECK ") for line in lines)
    assert "EXPOSE 8000" in lines


def test_no_other_configuration_of_tools() -> None:
    rivals = (
        "setup.cfg",
        "setup.py",
        "tox.ini",
        "pytest.ini",
        "mypy.ini",
        "ruff.toml",
        ".ruff.toml",
    )
    assert [name for name in rivals if (ROOT / name).exists()] == []


@pytest.mark.parametrize("script", ["scripts/venv.sh", "scripts/system-tools.sh"])
def test_scripts_are_valid_for_a_plain_shell(script: str) -> None:
    subprocess.run(["sh", "-n", ROOT / script], check=True)
    assert "[[" not in Path(ROOT / script).read_text()


def test_llvmlite_is_an_extra_that_only_machines_with_wheels_install() -> None:
    assert not any("llvmlite" in item for item in PROJECT["dependencies"])
    (fast,) = map(Requirement, PROJECT["optional-dependencies"]["fast"])
    assert fast.name == "llvmlite"
    assert fast.marker is not None
    common = {"platform_python_implementation": "CPython", "python_version": "3.13"}
    for system, machine, has_wheels in [
        ("linux", "x86_64", True),
        ("linux", "aarch64", True),
        ("linux", "armv7l", False),
        ("darwin", "arm64", True),
        ("darwin", "x86_64", False),
        ("win32", "AMD64", True),
        ("win32", "x86", False),
    ]:
        given = {"sys_platform": system, "platform_machine": machine, **common}
        assert fast.marker.evaluate(given) is has_wheels, (system, machine)


def test_private_api_is_bounded_from_above() -> None:
    bounded = {
        requirement.name
        for requirement in map(Requirement, PROJECT["dependencies"])
        if any(each.operator == "<" for each in requirement.specifier)
    }
    assert bounded == {"autograd", "h11", "numpy", "uvicorn"}


@pytest.mark.parametrize("version", ["3.10.13", "2.7.18"])
def test_an_old_python_is_refused_by_name(version: str, tmp_path: Path) -> None:
    old = tmp_path / "python-old"
    old.write_text(f'#!/bin/sh\n[ "$1" = --version ] && echo "Python {version}" && exit\nexit 1\n')
    old.chmod(0o755)
    done = subprocess.run(
        ["sh", ROOT / "scripts" / "venv.sh", tmp_path / "venv", "run"],
        cwd=ROOT,
        env={**os.environ, "PYTHON": str(old)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert f"is Python {version}. Backprop Explorer needs Python 3.11 or newer." in done.stderr
    assert not (tmp_path / "venv").exists()
