"""Lessons as Moodle XML, validated against a schema of docs.moodle.org/en/Moodle_XML_format.

Moodle publishes no schema; ``tests/helpers/moodle.xsd`` is written from its documentation.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from backprop_explorer.cli import main
from backprop_explorer.lessons.authoring import new_lesson
from backprop_explorer.lessons.moodle import html, quiz, tolerance
from backprop_explorer.lessons.number_questions import Values
from tests.helpers.cases import few_that_cover
from tests.helpers.environment import ROOT
from tests.helpers.lesson_features import asked_features
from tests.helpers.lessons import LESSONS, cards

NAMES = ("one-layer-by-hand", "optimizers", "bug-worked-for-one-sample", "who-made-which-mistake")
FIELD = re.compile(r"\{1:(NUMERICAL|MULTICHOICE):((?:\\.|[^\\}])+)\}")


@cache
def schema() -> Any:
    """The schema; made when a test needs it, because that takes half a second."""
    import xmlschema

    return xmlschema.XMLSchema11(ROOT / "tests" / "helpers" / "moodle.xsd")


@pytest.mark.parametrize("name", few_that_cover(asked_features()))
def test_every_lesson_is_valid(name: str) -> None:
    errors = [error.reason for error in schema().iter_errors(quiz([LESSONS[name]], 7).decode())]
    assert errors == []


@pytest.mark.parametrize("name", NAMES)
def test_every_question_has_the_elements_of_its_type(name: str) -> None:
    root = ET.fromstring(quiz([LESSONS[name]], 7))
    category, *questions = root
    assert root.tag == "quiz"
    assert category.findtext("category/text") == f"$course$/{LESSONS[name].title} (seed 7)"
    asked = [card for card in cards(name, 7) if card.question is not None]
    assert [each.findtext("name/text") for each in questions] == [card.title for card in asked]
    for each in questions:
        kind = each.attrib["type"]
        assert each.findtext("questiontext/text")
        assert each.findtext("generalfeedback/text")
        fractions = [answer.attrib["fraction"] for answer in each.findall("answer")]
        assert set(fractions) <= {"100", "0"}
        assert "100" in fractions if kind != "cloze" else fractions == []
        assert all(answer.findtext("feedback/text") for answer in each.findall("answer"))
        if kind == "cloze":
            assert FIELD.search(each.findtext("questiontext/text") or "")


def test_numbers_have_a_tolerance_and_known_mistakes_their_feedback() -> None:
    root = ET.fromstring(quiz([LESSONS["optimizers"]], 7))
    (each,) = [q for q in root if q.findtext("name/text") == "RMSProp"]
    (question,) = [c.question for c in cards("optimizers", 7) if c.title == "RMSProp"]
    assert isinstance(question, Values)
    answers = each.findall("answer")
    assert len(answers) == 1 + len(question.slips)
    for answer, value in zip(
        answers, [question.right, *(s.value for s in question.slips)], strict=True
    ):
        assert float(answer.findtext("text") or "") == float(np.asarray(value))
    assert float(answers[0].findtext("tolerance") or "") == pytest.approx(0.005)


def test_a_matrix_is_a_cloze_question_with_a_field_for_each_entry() -> None:
    root = ET.fromstring(quiz([LESSONS["one-layer-by-hand"]], 7))
    (each,) = [q for q in root if q.findtext("name/text") == "All the weights at once"]
    fields = FIELD.findall(each.findtext("questiontext/text") or "")
    (question,) = [
        c.question for c in cards("one-layer-by-hand", 7) if c.title == "All the weights at once"
    ]
    assert question is not None
    right = np.ravel(question.solution())
    assert [float(text[1:].split(":")[0]) for _, text in fields] == right.tolist()


def test_the_numbers_of_a_cloze_question_have_the_feedback_of_known_mistakes() -> None:
    root = ET.fromstring(quiz([LESSONS["two-layers"]], 7))
    text = {q.findtext("name/text"): q.findtext("questiontext/text") or "" for q in root}
    (field, *others) = (text for _, text in FIELD.findall(text["The values of the gradient"]))
    assert len(others) == 2
    right, *wrong = re.split(r"(?<!\\)~", field)
    question = next(
        c.question for c in cards("two-layers", 7) if c.title == "The values of the gradient"
    )
    assert isinstance(question, Values)
    assert float(right[1:].split(":")[0]) == np.ravel(question.solution())[0]
    told = {}
    for each in wrong:
        found = re.fullmatch(r"%0%(.+?):.+?#(.*)", each, re.DOTALL)
        assert found is not None
        told[float(found[1])] = found[2]
    double = next(s for s in question.slips if "twice too large" in s.why)
    assert "twice too large" in told[float(np.ravel(double.value)[0])]
    # Braces of a formula do not end the field.
    assert r"\partial a\)" in told[float(np.ravel(double.value)[0])]
    # Shapes, too.
    sizes = FIELD.findall(text["What autograd returns"])
    assert "of the first layer" in sizes[0][1]


@pytest.mark.parametrize(
    ("value", "rounded"), [(0.029449, 0.0294), (-164.79, -165.0), (3.16228, 3.16), (1e-7, 1e-7)]
)
def test_three_digits_are_within_the_tolerance(value: float, rounded: float) -> None:
    assert abs(value - rounded) <= tolerance(value) < 0.01 * abs(value)


@pytest.mark.parametrize("name", ["softmax-with-cross-entropy", "bug-certain-and-wrong"])
def test_no_number_is_minus_zero(name: str) -> None:
    assert b"NUMERICAL:=0.0:" in quiz([LESSONS[name]], 7)
    assert b"=-0.0:" not in quiz([LESSONS[name]], 7)


def test_texts_become_html() -> None:
    assert html("A $a < b$ and `x<y`.\n\n```\na & b\n```") == (
        "<p>A \\(a &lt; b\\) and <code>x&lt;y</code>.</p><pre>a &amp; b</pre>"
    )


def test_the_command(tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["lesson", "moodle", "who-made-which-mistake", "--seed", "week-42"]) == 0
    root = ET.fromstring(capsysbinary.readouterr().out)
    assert "(seed week-42)" in (root.findtext("question/category/text") or "")
    new_lesson("one", tmp_path)
    new_lesson("two", tmp_path)
    assert main(["lesson", "moodle", str(tmp_path / "two.md")]) == 0
    one = ET.fromstring(capsysbinary.readouterr().out)
    assert main(["lesson", "moodle", str(tmp_path)]) == 0
    both = ET.fromstring(capsysbinary.readouterr().out)
    titles = [each.text for each in both.iterfind("question/category/text")]
    assert titles == ["$course$/One (seed 1)", "$course$/Two (seed 1)"]
    assert len(both) == 2 * len(one)
    assert main(["lesson", "moodle", "no-such-lesson"]) == 1
    assert b"there is no lesson no-such-lesson" in capsysbinary.readouterr().err


def test_a_card_has_a_category_with_variants() -> None:
    root = ET.fromstring(quiz([LESSONS["one-layer-by-hand"]], 7, variants=3))
    assert [error.reason for error in schema().iter_errors(ET.tostring(root).decode())] == []
    kinds = [each.attrib["type"] for each in root]
    at = [k for k, kind in enumerate(kinds) if kind == "category"]
    asked = [card for card in cards("one-layer-by-hand", 7) if card.question is not None]
    assert at == [4 * k for k in range(len(asked))]
    texts = [each.findtext("questiontext/text") for each in root[at[2] + 1 : at[3]]]
    assert len({*texts}) == 3
    # A random question draws from one card alone, whatever its title is: "//" is a literal "/".
    lesson = replace(LESSONS["one-layer-by-hand"], title="Shapes/sums")
    root = ET.fromstring(quiz([lesson], 7, variants=2))
    paths = [each.text or "" for each in root.iterfind("question/category/text")]
    assert len({*paths}) == len(paths) == len(asked)
    assert {len(re.split("(?<!/)/(?!/)", path)) for path in paths} == {3}
