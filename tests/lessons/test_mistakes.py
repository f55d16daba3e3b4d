"""Mistakes that lecturers make: each is said with the file, the line and what to change."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from backprop_explorer.lessons import authoring
from backprop_explorer.lessons.authoring import TEMPLATE, check_lessons
from backprop_explorer.lessons.reading.files import MOST_BYTES

TEXT = TEMPLATE.read_text(encoding="utf-8").replace("TITLE", "Mine")
HINT = r"- hint: You know $a = \sigma(z)$."


@pytest.fixture(autouse=True)
def one_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(authoring, "SEEDS", range(1))


def problems(folder: Path, data: str | bytes, name: str = "mine.md") -> list[str]:
    """What is said of a folder with this file; paths are relative to the folder."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(data if isinstance(data, bytes) else data.encode())
    _, said = check_lessons(folder, python=True)
    return [each.removeprefix(f"{folder}/") for each in said]


def changed(old: str, new: str) -> tuple[str, int]:
    """The template with ``new`` in place of ``old``, and the first line that differs."""
    assert old in TEXT
    text = TEXT.replace(old, new, 1)
    same = 0
    while text[same] == TEXT[same]:
        same += 1
    return text, text.count("\n", 0, same) + 1


# The mistake, how many lines below it is seen (the parser may need to read on), what is said.
MISTAKES = {
    "no colon": ("title: Mine", "title Mine", 1, "look for a missing colon"),
    "no colon in numbers": ("  b: normal", "  b normal", 0, "the line has no colon"),
    "a colon in a text": ("One sentence that", "One thing: that", 0, "a colon in quotes"),
    "wrong indent": ("  b: normal(2", "    b: normal(2", 0, "another indent"),
    "a tab": ("  b: normal(2", "\tb: normal(2", 0, "has a tab; indent with blanks"),
    "an entry twice": ("minutes: 10", "minutes: 10\nminutes: 20", 0, "minutes is given twice"),
    "a tag": ("title: Mine", "title: !!python/name:os", 0, "leave out the tag"),
    "no title": ("title: Mine", "title:", 0, "title is empty"),
    "an unknown entry": ("minutes: 10", "minutes: 10\nauthor: me", 0, "unknown entry author"),
    "front matter without end": ("> 0.03\n---\n", "> 0.03\n", None, "the front matter has no end"),
    "an unknown function": ("x: normal(3)", "x: gauss(3)", 0, "unknown value 'gauss'; there are:"),
    "a number in words": ("rate: 0.1", "rate: fast", 0, "must be a number, not 'fast'"),
    "one = to compare": ("z1)) < 3", "z1)) = 3", -1, "to compare, write =="),
    "a missing bracket": ("abs(z1)) < 3", "abs(z1) < 3", -1, "something is missing at the end"),
    "an unknown kind": ("::: values", "::: value", 0, "did you mean values?"),
    "no reason": (" :: This is $\\sigma$ itself;", " This is", 0, "every answer needs a reason"),
    "one colon": ("a1 :: This is $\\sigma$", "a1 : This is $\\sigma$", 0, "after two colons"),
    "no blank": ("- [ ] z1", "-[ ] z1", 0, "begin each item with a hyphen and a blank"),
    "a dash": ("- [ ] z1", "– [ ] z1", 0, "begin each item with a hyphen and a blank"),
    "a hint without hyphen": (HINT, HINT[2:], 0, "begin each item with a hyphen and a blank"),
    "a blank that does not break": ("- [ ] z1", "-\u00a0[ ] z1", 0, "begin each item with"),
    "an unknown part": (HINT, HINT.replace("hint", "tip"), 0, "unknown part 'tip'"),
    "no end of a question": (f"{HINT}\n:::", HINT, 1, "after the answers only ::: can follow"),
    "names that do not fit": (", `dC_da[1]`", "", 0, "1 names for 2 entries"),
    "an unknown value": ("@{a1}", "@{a3}", 0, "unknown value 'a3'; there are: C, W,"),
    "an unknown filter": ("@{a1}", "@{a1|rounded}", 0, "unknown filter rounded; there are"),
    "no such entry": ("@{a1}", "@{a1[5]}", 0, "this entry or part does not exist: 5"),
    "a value without end": ("@{a1}", "@{a1", 0, "in @{…}: cannot read it from ` on"),
    "a formula without end": ("b$ and", "b and", 0, "a $ or ** without its partner"),
    "a formula that cannot be read": ("derivative of", "value $x^$ and", 0, "the formula $x^$"),
    "a brace without end": (r"\frac{\partial C}{\partial W", r"\frac{\partial C{\partial W", 0,
                            "a brace without its partner"),
    "an unknown command": ("$W x$ must", r"$\vektor x$ must", 0, r"unknown command \vektor"),
    "a picture": ("The sigmoid acts", "![it](a.png) acts", 0, "leave out ![it](a.png)"),
    "a link": ("The sigmoid acts", "The [sigmoid](https://a) acts", 0, "leave out [sigmoid]"),
    "emphasis": ("The sigmoid acts", "The *sigmoid* acts", 0, "leave out *sigmoid*"),
    "HTML": ("The sigmoid acts", "The <b>sigmoid</b> acts", 0, "leave out <b>"),
    "a table": ("The sigmoid acts", "| a |\n|---|\nThe sigmoid acts", 0, "leave out |---|"),
    "a heading of level 2": ("# The slope", "## The slope", 0, "a card begins with one #"),
    "no blank in a heading": ("# The slope", "#The slope", 0, "a card begins with # and a blank"),
    "no title of a card": ("# The slope {", "# {", 0, "a card needs a title"),
    "a title of digits": ("# The slope {", "# 17 {", 0, "a card's name must be like"),
    "attributes without end": ("hide=dC_dz1}", "hide=dC_dz1", 0, "in one pair of braces"),
    "an unknown line": ("{line=a1", "{line=a7", 0, "there is no line a7"),
    "no such entry of a line": ("{line=a1", "{line=a1 entry=9", 0, "a1 has no entry 9"),
    "no such step": ("{line=a1", "{line=a1 step=99999999", 0, "there is no step 99999999"),
    "code without end": ("code}\n```\n", "code}\n", -2, "the block of code has no end"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_has_its_line(mistake: str, tmp_path: Path) -> None:
    old, new, below, message = MISTAKES[mistake]
    text, line = changed(old, new)
    said = problems(tmp_path, text)
    where = 1 if below is None else line + below
    assert [each.partition(" ")[0] for each in said[:1]] == [f"mine.md:{where}:"], said
    assert message in said[0]


@pytest.mark.parametrize(
    "write",
    [str.encode, lambda text: text.replace("\n", "\r\n").encode("utf-8-sig")],
    ids=["plain", "Windows"],
)
def test_letters_line_ends_and_marks_of_other_systems(
    write: Callable[[str], bytes], tmp_path: Path
) -> None:
    text = TEXT.replace("# What comes out", "# Lösung für Größen")
    text = text.replace("rate: 0.1", "rate: 1e-3")
    assert problems(tmp_path, write(text)) == []
    (said,) = problems(tmp_path, write(text.replace("::: values", "::: value")))
    assert said.startswith("mine.md:58: unknown kind of question 'value'")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "mine.md:1: the file must begin with front matter"),
        (TEXT.replace("comes out", "für").encode("latin-1"), "mine.md:33: the file is not UTF-8"),
        (TEXT.encode("utf-16"), "mine.md:1: the file is not UTF-8"),
        (b"\n" * (MOST_BYTES + 1), "mine.md: the file has 1.0 MB; a lesson has at most 1 MB"),
        (TEXT.encode() + b"\x07" * 9, None),
        (TEXT.replace("title: Mine", "title: \x07").encode(), "mine.md:2: front matter: "),
        (TEXT.replace("title: Mine", "title: 2025-13-45").encode(), "mine.md:2: front matter: "),
    ],
    ids=["empty", "latin-1", "utf-16", "large", "control", "control in YAML", "no date"],
)
def test_a_file_that_is_no_lesson(data: bytes, message: str | None, tmp_path: Path) -> None:
    said = problems(tmp_path, data)
    assert said == [] if message is None else said[0].startswith(message)


@pytest.mark.parametrize(
    ("group", "message"),
    [
        ("title: Part: 2", "group.yaml:1: put a text with a colon in quotes"),
        ("- mine", "group.yaml:1: the file must be two entries"),
        ("title: A\nlessons: mine", "group.yaml:2: the file must be two entries"),
        ("lessons: [mine, mine]", "group.yaml:1: mine is given twice"),
        ("title: A\nlessons: [yours]", "group.yaml:2: there is no lesson yours"),
        ("name: A", "group.yaml:1: unknown entry name"),
        ("title: für".encode("latin-1"), "group.yaml:1: the file is not UTF-8"),
    ],
)
def test_a_mistake_in_the_group(group: str | bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / "mine.md").write_text(TEXT, encoding="utf-8")
    assert problems(tmp_path, group, "group.yaml")[0].startswith(message)


def test_an_empty_group_file_has_the_name_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "mine.md").write_text(TEXT, encoding="utf-8")
    assert problems(tmp_path, "title:\nlessons:\n", "group.yaml") == []


@pytest.mark.parametrize("name", ["Übung.md", "my lesson.md", "17.md", "Mine.md"])
def test_a_file_needs_a_name_for_an_address(name: str, tmp_path: Path) -> None:
    (said,) = problems(tmp_path, TEXT, name)
    assert said.startswith(f"{name}: rename the file like my_lesson.md")


def test_two_lessons_of_one_name(tmp_path: Path) -> None:
    problems(tmp_path / "sub", TEXT)
    (said,) = problems(tmp_path, TEXT)
    assert "there are two lessons mine; rename the file" in said


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("x = 1\ndef numbers(draw)\n", "mine.py:2: SyntaxError: "),
        ("import numpy\n\n1 / 0\n", "mine.py:3: ZeroDivisionError: "),
        ("def f():\n    return 1 / 0\ndef numbers(draw):\n    return f()\n", "mine.py:2: Zero"),
    ],
)
def test_a_mistake_in_python_beside_the_lesson(code: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "mine.md").write_text(TEXT, encoding="utf-8")
    assert problems(tmp_path, code, "mine.py")[0].startswith(message)


def test_what_cannot_be_opened_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine.md").symlink_to(tmp_path / "nowhere")
    said = check_lessons(tmp_path, python=False)
    assert said == (0, [f"{tmp_path}/mine.md: cannot be read: No such file or directory"])

    def refuse(folder: Path) -> None:
        raise PermissionError(13, "Permission denied", str(folder))

    monkeypatch.setattr(Path, "iterdir", refuse)
    said = check_lessons(tmp_path, python=False)
    assert said == (0, [f"{tmp_path}: cannot be read: Permission denied"])


def test_files_that_an_editor_keeps_are_no_lessons(tmp_path: Path) -> None:
    (tmp_path / ".#mine.md").symlink_to("me@here.1:2")
    (tmp_path / "._mine.md").write_bytes(b"\x00\xff")
    assert problems(tmp_path, TEXT) == []
