from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from backprop_explorer.classroom.requests import (
    OfferRequest,
    PlaceRequest,
    QuestionRequest,
    RoomAnswerRequest,
)
from backprop_explorer.classroom.room import MAX_ANSWER, MAX_VIEW, SceneRequest

ID = "0" * 20
CHOICE = {"kind": "choice", "prompt": "?", "options": ["a", "b"], "right": 0}


@pytest.mark.parametrize(
    "question",
    [
        {"kind": "choice"},
        {**CHOICE, "right": 2},
        {**CHOICE, "options": ["a"]},
        {**CHOICE, "options": ["a"] * 9},
        {**CHOICE, "options": ["a" * 301, "b"]},
        {**CHOICE, "prompt": "a" * 1001},
        {**CHOICE, "own_numbers": True},
        {**CHOICE, "experiment": ID},
        {"kind": "lesson", "lesson": "a"},
        {"kind": "lesson", "lesson": "a", "card": "b", "line": "z1"},
        {"kind": "array", "experiment": ID},
        {"kind": "array", "line": "z1"},
        {"kind": "array", "experiment": ID, "line": "z1", "entry": [0]},
        {"kind": "array", "experiment": ID, "line": "z1", "prompt": "x"},
        {"kind": "working", "experiment": ID, "line": "z1"},
        {"kind": "sign", "experiment": ID, "line": "<b>"},
        {"kind": "essay", "experiment": ID, "line": "z1"},
        {**CHOICE, "unknown": 1},
    ],
)
def test_fields_that_do_not_belong_together(question: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        QuestionRequest.model_validate(question)
    assert QuestionRequest.model_validate(CHOICE).right == 0


def test_texts_of_students_are_bounded_and_no_sentences() -> None:
    for place in ({"line": "a b"}, {"line": "x" * 65}, {"card": "Hello"}, {"card": "<i>"}):
        with pytest.raises(ValidationError):
            PlaceRequest.model_validate(place)
    assert PlaceRequest.model_validate({"line": "dC_dz2"}).card is None
    long = "x" * MAX_VIEW
    assert OfferRequest(view=long).view == long
    for view in (long + "x", "a b", "a\n", "\u202e", "é"):
        with pytest.raises(ValidationError):
            OfferRequest(view=view)
        with pytest.raises(ValidationError):
            SceneRequest.model_validate({"scene": {"view": view}})


def test_answers_are_bounded() -> None:
    most = "x" * (MAX_ANSWER - 2)
    assert RoomAnswerRequest.model_validate({"question": 1, "answer": most}).attempt == 1
    for body in (
        {"question": 1, "answer": most + "x"},
        {"question": 0, "answer": 1},
        {"question": 1, "attempt": 0, "answer": 1},
        {"question": 1, "attempt": 1001, "answer": 1},
        {"question": 1},
        {"question": 1, "answer": 1, "student": "x"},
    ):
        with pytest.raises(ValidationError):
            RoomAnswerRequest.model_validate(body)
