"""Pastes of tools that print otherwise than NumPy."""

from __future__ import annotations

import pytest

from backprop_explorer.compute.inferred_answers import inferred_answer
from backprop_explorer.compute.inferred_requests import InferredCheckRequest
from backprop_explorer.limits import Limits
from backprop_explorer.tutor.reading.dialects import usual_layout
from backprop_explorer.tutor.reading.transcript import read_transcript
from backprop_explorer.tutor.spellings import spellings
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


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("grads {'dW1': array([[1.5, 2.5]])}", "dC_dW1"),
        ('{"loss": 0.5, "gradients": [{"weights": [[1.5, 2.5]]}]}', "dC_dW1"),
        ('{"gradients": {"W1": [[1.5, 2.5]]}}', "dC_dW1"),
        ('{"parameters": {"W1": [[1.5, 2.5]]}}', "W1"),
        (
            r"\frac{\partial C}{\partial W^{(1)}} = \begin{bmatrix} 1.5 & 2.5 \end{bmatrix}",
            "dC_dW1",
        ),
    ],
)
def test_a_dictionary_or_a_fraction_says_that_an_array_is_a_gradient(text: str, line: str) -> None:
    array = read_transcript(text).arrays[-1]
    assert spellings(array.name or "")[0].line_id(2) == line
    assert array.printed.values.ravel().tolist() == [1.5, 2.5]


def test_arrays_that_numpy_shortened_are_the_reason_why_nothing_is_checked() -> None:
    request = {"settings": "infer", "submitted": "X = [[0.5 1.5 ... 2.5]]\nloss = 0.25"}
    answer = inferred_answer(InferredCheckRequest.model_validate(request), Limits())
    assert "threshold" in answer["summary"]
