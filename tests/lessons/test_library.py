"""Lessons of folders and packages beside the program's own."""

from __future__ import annotations

import os
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from backprop_explorer.datasets.installed import installed_folders
from backprop_explorer.lessons.authoring import new_lesson
from backprop_explorer.lessons.lesson import Draw
from backprop_explorer.lessons.library import Library
from backprop_explorer.lessons.reading.error import LessonError
from backprop_explorer.main import create_app
from backprop_explorer.settings import ConfigurationError, LessonSettings, Settings
from tests.helpers.clients import MakeClient
from tests.helpers.lessons import LESSONS

PYTHON = "def numbers(draw):\n    return {'answer': 40 + draw.seed}\n"
CARD = "---\ntitle: T\nsummary: S.\nminutes: 5\n---\n# One\n@{answer}\n"


def test_a_folder_is_a_group_after_the_others(tmp_path: Path) -> None:
    for name in ("second", "first-of-all", "last"):
        new_lesson(name, tmp_path / "my_class")
    (tmp_path / "my_class/group.yaml").write_text("title: My class\nlessons: [second, last]\n")
    found = Library([str(tmp_path)]).lessons()
    own = list(found.values())[len(LESSONS) :]
    assert [each.name for each in own] == ["second", "last", "first-of-all"]
    assert {(each.group, each.group_title) for each in own} == {("my_class", "My class")}
    assert own[0].questions() == 6


def test_without_a_title_a_group_has_the_name_of_its_folder(tmp_path: Path) -> None:
    new_lesson("one", tmp_path / "week_7")
    assert Library([str(tmp_path / "week_7")]).lessons()["one"].group_title == "Week 7"


def test_python_runs_only_where_it_is_allowed(tmp_path: Path) -> None:
    (tmp_path / "sum.md").write_text(CARD)
    (tmp_path / "sum.py").write_text(PYTHON)
    with pytest.raises(LessonError, match="EXPLORER_LESSONS_PYTHON=1"):
        Library([str(tmp_path)]).lessons()
    lesson = Library([str(tmp_path)], python=True).lessons()["sum"]
    assert lesson.cards(Draw.of("sum", 2))[0].text == "42"


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("def number(draw): ...", "must define numbers(draw)"),
        ("import no_such_module", "ModuleNotFoundError"),
        ("def numbers(draw):\n    return 3", "must return values by name, not int"),
        ("def numbers(draw):\n    return {'answer': 1 / 0}", "ZeroDivisionError: division by zero"),
    ],
)
def test_python_that_cannot_be_used_is_named(code: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "sum.md").write_text(CARD)
    (tmp_path / "sum.py").write_text(code)
    with pytest.raises(LessonError) as error:
        Library([str(tmp_path)], python=True).lessons()["sum"].cards(Draw.of("sum", 1))
    assert message in str(error.value)
    assert str(error.value).startswith(str(tmp_path / "sum.py"))


def test_a_changed_file_is_read_again_with_reload(tmp_path: Path) -> None:
    path = new_lesson("mine", tmp_path)
    library = Library([str(tmp_path)], reload=True)
    assert library.lessons() is library.lessons()
    text = path.read_text(encoding="utf-8").replace("title: Mine", "title: Yours")
    path.write_text(text, encoding="utf-8")
    os.utime(path, ns=(1, 1))
    assert library.lessons()["mine"].title == "Yours"


def test_an_installed_package_brings_lessons(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_lesson("of-a-package", tmp_path)
    (tmp_path / "brings_lessons.py").write_text(f"def folder():\n    return {str(tmp_path)!r}\n")
    monkeypatch.syspath_prepend(tmp_path)
    point = EntryPoint("it", "brings_lessons:folder", "backprop_explorer.lesson_folders")

    def entry_points(*, group: str) -> list[EntryPoint]:
        assert group == "backprop_explorer.lesson_folders"
        return [point]

    monkeypatch.setattr("importlib.metadata.entry_points", entry_points)
    installed_folders.cache_clear()
    try:
        assert "of-a-package" in Library().lessons()
    finally:
        installed_folders.cache_clear()


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.md", "# T", "a.md:1: the file must begin with front matter"),
        ("a.md", "---\ntitle: [\n---\n# T", "a.md:3: front matter:"),
        ("a.md", "---\ntitle: T\nminutes: 5\n---\n# T", "needs summary"),
        ("a.md", CARD.replace("minutes", "minuts"), "a.md:4: unknown entry minuts; did you mean"),
        ("a.md", CARD.replace("5", "many"), "a.md:4: minutes must be a whole number"),
        ("a.md", f"{CARD}\n- list", "a.md:9: a text has"),
        ("one_layer_by_hand.md", CARD, "there are two lessons one-layer-by-hand"),
        ("group.yaml", "lessons: [none]", "has no lessons"),
    ],
)
def test_the_server_does_not_start_with_a_broken_lesson(
    name: str, text: str, message: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(text)
    settings = Settings(lessons=LessonSettings(folders=(str(tmp_path),)), store=":memory:")
    with pytest.raises(ConfigurationError) as error:
        create_app(settings)
    assert str(error.value).startswith("EXPLORER_LESSONS: ")
    assert message in str(error.value)


def test_a_missing_folder_is_named() -> None:
    with pytest.raises(LessonError, match="no-such-folder: there is no such folder"):
        Library(["no-such-folder"]).lessons()


def test_a_lesson_of_a_folder_is_served_and_marked(
    tmp_path: Path, settings: Settings, make_client: MakeClient
) -> None:
    new_lesson("mine", tmp_path / "ours")
    given = LessonSettings(folders=(str(tmp_path),))
    client = make_client(create_app(settings.model_copy(update={"lessons": given})))
    listed: dict[str, Any] = client.get("/api/v1/lessons").json()
    assert listed["lessons"][-1]["group_title"] == "Ours"
    lesson = client.get("/api/v1/lessons/mine").json()
    assert lesson["cards"][0]["scene"]["recipe"]["dataset"]["name"] == "points"
    answer = {"seed": 1, "card": 0, "answer": "(2, 3)"}
    assert client.post("/api/v1/lessons/mine/answer", json=answer).json()["right"]
    assert "Mine" in client.get("/lessons/mine").text


def test_a_lesson_that_cannot_be_dealt_is_named(
    tmp_path: Path, settings: Settings, make_client: MakeClient
) -> None:
    """At the start of a server; where files are read again, in the answer."""
    path = new_lesson("mine", tmp_path)
    path.write_text(path.read_text().replace("uniform(0.1, 0.9, 2)", "one_hot(3)"))
    given = LessonSettings(folders=(str(tmp_path),))
    with pytest.raises(
        ConfigurationError, match=r"mine\.md:10: working: target: target has shape \(1, 3\)"
    ):
        create_app(settings.model_copy(update={"lessons": given}))
    lessons = given.model_copy(update={"reload": True})
    client = make_client(create_app(settings.model_copy(update={"lessons": lessons})))
    answer = client.get("/api/v1/lessons/mine")
    assert answer.status_code == 422
    assert "mine.md, line 10: working: target: target has shape (1, 3)" in answer.text


def test_a_lesson_is_found_by_its_earlier_name_with_the_same_numbers() -> None:
    lessons = LESSONS
    lesson = lessons["bug-wrong-sign"]
    assert lesson.name == "bug-a-cost-that-grows"
    assert lesson.draw(3).rng.normal() == Draw.of("bug-wrong-sign", 3).rng.normal()
    assert len([*lessons]) == len({*lessons})


def test_lessons_build_on_earlier_ones() -> None:
    names = [*LESSONS]
    for at, name in enumerate(names):
        for before in LESSONS[name].builds_on:
            assert before in names[:at], (name, before)
