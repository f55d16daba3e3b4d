"""Pastes of tools that print otherwise than NumPy."""

from __future__ import annotations

import pytest

from backprop_explorer.tutor.reading.dialects import usual_layout
from backprop_explorer.tutor.reading.transcript import read_transcript
from tests.corpus.paste_marks import PasteMark, mark_paste
from tests.corpus.paste_styles import STYLES, styled_pastes


@pytest.fixture(scope="module")
def marks() -> list[PasteMark]:
    return [mark_paste(paste) for paste in styled_pastes()]


def test_right_pastes_are_right_and_wrong_ones_wrong(marks: list[PasteMark]) -> None:
    assert len(marks) == 2 * len(STYLES)
    others = [
        (mark.paste.name, mark.verdict)
        for mark in marks
        if mark.verdict
        not in (["wrong"] if mark.paste.mistake else ["correct", "other_convention"])
    ]
    assert others == []


def test_places_in_a_paste_are_those_of_its_text() -> None:
    for paste in styled_pastes():
        assert len(usual_layout(paste.text)) == len(paste.text), paste.name
    (z, a) = read_transcript("> z\n     [,1] [,2]\n[1,]  1.5  2.5\n[2,]  3.5  4.5\n\na: 5").arrays
    assert (z.name, z.printed.values.tolist(), z.line) == ("z", [[1.5, 2.5], [3.5, 4.5]], 3)
    assert (a.name, a.line) == ("a", 6)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("z1 = [1.5 2; 3 4.5]", [[1.5, 2.0], [3.0, 4.5]]),
        ("z1 = [1,5; 2,5]", [1.5, 2.5]),
        ("z1 = [[0,5  0,        ]\n [1,25 -2,5       ]]", [[0.5, 0.0], [1.25, -2.5]]),
        ("z1 = [1, 2,5]", [1.0, 2.0, 5.0]),
        ("z1 = {{1, 2}, {3.5, 4}}", [[1.0, 2.0], [3.5, 4.0]]),
        ("[1] 0.5 1.5\n[3] 2.5 3.5", [0.5, 1.5, 2.5, 3.5]),
        ("Layer(z1=array([1.5, 2.5]), n=(1, 2))", [1.5, 2.5]),
    ],
)
def test_a_layout_is_read(text: str, values: object) -> None:
    assert read_transcript(text).arrays[0].printed.values.tolist() == values


def test_braces_that_are_no_arrays_stay_and_take_linear_time() -> None:
    assert usual_layout('{"a": {1, 2}, 3: 4} {} {{5} x}') == '{"a": [1, 2], 3: 4} {} {[5] x}'
    opened = "{1," * 20_000 + "[1;" * 20_000 + "A(a=[" * 20_000
    assert len(usual_layout(opened)) == len(opened)
