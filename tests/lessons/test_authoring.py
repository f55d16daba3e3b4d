"""``backprop-explorer lesson``: the tutorial is executed, and what it writes is checked."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import Any

import pytest

from backprop_explorer import cli
from backprop_explorer.cli import main
from backprop_explorer.lessons.authoring import check_lessons, new_lesson
from backprop_explorer.lessons.reading.error import LessonError
from backprop_explorer.settings import load_settings
from tests.helpers.environment import ROOT

TUTORIAL = (ROOT / "docs/lesson-tutorial.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """Return the blocks of code of the tutorial in this language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", TUTORIAL, re.DOTALL | re.MULTILINE)


def test_the_tutorial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    file = Path("mine/one_unit.md")
    file.parent.mkdir()
    first, more = blocks("markdown")
    (require,) = blocks("yaml")
    file.write_text(first, encoding="utf-8")
    count, problems = check_lessons(Path("mine"), python=False)
    *said, last = blocks("text")[0].splitlines()
    assert (problems, last) == (said, f"{count} lesson, {len(problems)} problems")
    file.write_text(first + more, encoding="utf-8")
    assert check_lessons(Path("mine"), python=False) == (1, [])
    with_condition = (first + more).replace("---\n\n#", f"{require}---\n\n#", 1)
    assert with_condition.count("require:") == 1
    file.write_text(with_condition, encoding="utf-8")
    assert check_lessons(file, python=False) == (1, [])


def test_a_new_lesson_keeps_all_rules(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lesson", "new", "my-lesson", "--folder", str(tmp_path / "new")]) == 0
    assert main(["lesson", "check", str(tmp_path / "new")]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "1 lesson, no problems"
    assert "title: My lesson\n" in (tmp_path / "new/my_lesson.md").read_text(encoding="utf-8")
    assert main(["lesson", "new", "my-lesson", "--folder", str(tmp_path / "new")]) == 1
    assert "the file exists" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["Ünit", "a b", "17", "../x", "a" * 61])
def test_a_lesson_needs_a_name_for_its_address(name: str, tmp_path: Path) -> None:
    with pytest.raises(LessonError, match="must be like my-lesson"):
        new_lesson(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "# What goes in {working line=z1 hide}",
            "# What goes in {line=z1}",
            "the first card must open an experiment",
        ),
        ("line=dC_dW1", "line=dC_dW9", "there is no line dC_dW9; did you mean dC_dW1?"),
        ("# The slope {", "# What comes out {", "an earlier card has the name what-comes-out"),
        ("line=a1 hide", "line=a1 entry=0,0,1", "a1 has 2 axes; entry has 3 numbers"),
        ("line=a1 hide", "line=a1 sample=4", "there is no sample 4; the last is 0"),
        ("- [ ] `np.outer(x, dC_dz)`", "- [ ] `np.outer(dC_dz, x)`", "two options are the same"),
        (
            "# Another situation {transfer}",
            "# Another situation {line=C}",
            "a lesson ends with a transfer question: mark the last card {transfer}",
        ),
        ("# The slope {", "# The slope {transfer ", "only the last card is a {transfer} card"),
        (
            "- hint: Row $k$ is entry $k$ of $\\partial C / \\partial z$ times all of $x$.",
            "- hint: The gradient has the shape of $W$.",
            "the second hint says the same as the first",
        ),
    ],
)
def test_a_broken_rule_has_the_line_of_its_card(
    old: str, new: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = new_lesson("broken", tmp_path)
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    assert main(["lesson", "check", str(tmp_path)]) == 1
    at = text.index(old)
    line = text.count("\n", 0, text.rfind("\n# ", 0, at + 3) + 1) + 1
    assert f"{path}:{line}: {message}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("question", "problems"),
    [
        ("- [x] dC_db1 :: A line of this working.", "not about a line shown before"),
        (None, "a lesson ends with a transfer question"),
    ],
)
def test_a_transfer_question_is_about_a_new_situation(
    question: str | None, problems: str, tmp_path: Path
) -> None:
    path = new_lesson("mine", tmp_path)
    kept, last = path.read_text(encoding="utf-8").split("\n# Another situation {transfer}\n")
    line = kept.count("\n") + 2
    asked = f"::: line\nWhat is it?\n{question}\n- hint: None.\n:::\n"
    path.write_text(
        f"{kept}\n# Another situation {{transfer}}\n\n{asked if question else 'Read this.'}\n",
        encoding="utf-8",
    )
    assert ":::" in last
    (said,) = check_lessons(path, python=False)[1]
    assert f"{path}:{line}: " in said
    assert problems in said


def test_a_cost_that_is_usually_divided_otherwise_needs_a_reduction(tmp_path: Path) -> None:
    """Cross-entropy is not divided by the classes, but the default of a lesson does that."""
    path = new_lesson("classes", tmp_path)
    text = path.read_text(encoding="utf-8")
    for old, new in (
        ("uniform(0.1, 0.9, 2)", "one_hot(2)"),
        ("layers: [sigmoid]", "layers: [softmax]\n  cost: cross_entropy"),
    ):
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")
    line = text[: text.index("\nworking:")].count("\n") + 2
    warning = f"{path}:{line}: say how cross_entropy is summed"
    assert [each for each in check_lessons(path, python=False)[1] if each.startswith(warning)]
    path.write_text(text.replace("cost: cross", "reduction: batch_mean\n  cost: cross"))
    assert not any("summed" in each for each in check_lessons(path, python=False)[1])


def test_preview_serves_the_folder_and_reads_changed_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = new_lesson("mine", tmp_path)
    started: list[dict[str, Any]] = []

    def run(options: argparse.Namespace) -> int:
        started.append(vars(options))
        return 0

    monkeypatch.setattr(cli, "_run", run)
    assert main(["lesson", "preview", str(path), "--port", "0"]) == 0
    settings = load_settings(**started[0])
    assert (settings.lessons.folders, settings.lessons.reload) == ((str(tmp_path),), True)
    assert (settings.port, settings.lessons_python) == (0, False)
    assert settings.lessons.solutions == "always"  # so that all cards are open
    path.write_text("# no front matter", encoding="utf-8")
    assert main(["lesson", "preview", str(path)]) == 1
    assert f"{path}:1: the file must begin with front matter" in capsys.readouterr().err
