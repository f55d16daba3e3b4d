"""Questions are prepared, shown and marked as workers do it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import orjson
import pytest

from backprop_explorer.classroom import questions
from backprop_explorer.classroom.questions import mark_answer, prepare, show
from backprop_explorer.classroom.requests import QuestionRequest
from backprop_explorer.classroom.room import Prepared
from backprop_explorer.classroom.spec import Spec
from backprop_explorer.compute.worker_process import STATE, WorkerState
from backprop_explorer.engine.errors import InvalidInput, LimitExceeded, NotFound
from backprop_explorer.experiments.recipe import Recipe
from backprop_explorer.settings import Settings

RECIPE = Recipe.model_validate({})


@pytest.fixture(scope="module", autouse=True)
def explorer() -> Iterator[None]:
    state = WorkerState.opened(Settings(store=":memory:"))
    state.explorer.create(RECIPE)
    for changes in (
        {
            "network": {
                "layers": [{"units": 60}, {"units": 60}, {"units": 1, "activation": "sigmoid"}]
            }
        },
        {"optimizer": {"name": "adam", "learning_rate": 0.01}},
        {"batch": {"size": 100}},
    ):
        state.explorer.create(Recipe.model_validate(changes))
    token = STATE.set(state)
    yield
    STATE.reset(token)
    state.explorer.close()


def asked(**question: Any) -> Prepared:
    given = {"experiment": RECIPE.id, **question}
    found = prepare(QuestionRequest.model_validate(given))
    assert isinstance(found, Prepared)
    return found


LINE = {"line": "dC_dz2", "step": 20, "sample": 3}


@pytest.mark.parametrize(
    "question",
    [
        {"kind": "sign", **LINE},
        {"kind": "sign", **LINE, "entry": [1]},
        {"kind": "shape", "line": "dC_dW1"},
        {"kind": "number", "line": "C", "step": 7},
        {"kind": "number", **LINE, "entry": [0]},
        {"kind": "array", **LINE},
        {"kind": "array", "line": "dC_dW2", "sample": "batch", "convention": "row"},
        {"kind": "array", "line": "dC_da3"},
        {"kind": "array", "line": "da1_dz1"},
        {"kind": "array", "line": "W1_next"},
        {"kind": "formula", **LINE},
        {"kind": "working", "step": 5, "sample": 1},
    ],
)
def test_every_kind_marks_its_own_solution_right_and_keeps_it_to_itself(
    question: dict[str, Any],
) -> None:
    found = asked(**question)
    assert found.shown is not None
    assert mark_answer(found.spec, None, found.shown.solution["answer"]).verdict == "right"
    shown = orjson.dumps(found.shown.question)
    assert b"solution" not in shown
    assert b'"right"' not in shown
    if question["kind"] in ("number", "array"):
        values = np.ravel(found.shown.solution["answer"])
        assert not any(repr(float(value)).encode() in shown for value in values if value % 1)


@pytest.mark.parametrize("step", [0, 20])
def test_a_question_about_a_line_has_the_bits_of_the_experiment(step: int) -> None:
    found = asked(kind="array", line="dC_dW1", step=step, sample=4, convention="row")
    traced = STATE.get().explorer.trace(RECIPE.id, step, 4)
    assert isinstance(traced, tuple)
    assert found.shown is not None
    assert np.array_equal(found.shown.solution["answer"], traced[0]["dC_dW1"])


def test_a_named_mistake_is_found_at_its_line() -> None:
    found = asked(kind="array", **LINE)
    working = Spec.model_validate_json(found.spec).problem()
    assert working is not None
    wrong = working.trace["dC_da2"][0]
    marked = mark_answer(found.spec, None, wrong.tolist())
    assert (marked.verdict, marked.line) == ("wrong", "dC_dz2")
    assert marked.misconception == "missing_activation_derivative"
    assert marked.mark["entries"] == [False] * 4
    assert "after" not in marked.mark


def test_half_of_the_entries_right_is_close() -> None:
    found = asked(kind="array", **LINE)
    assert found.shown is not None
    right = found.shown.solution["answer"]
    assert mark_answer(found.spec, None, [*right[:3], 9.0]).verdict == "close"
    assert mark_answer(found.spec, None, [right[0], 9.0, 8.0, 7.0]).verdict == "wrong"
    with pytest.raises(InvalidInput) as caught:
        mark_answer(found.spec, None, "what?")
    assert caught.value.field == "answer"


def test_a_whole_working_is_counted_at_its_first_wrong_line() -> None:
    found = asked(kind="working", step=5, sample=1)
    assert found.shown is not None
    lines = found.shown.solution["answer"]
    handed_in = {name: lines[name] for name in ("z1", "a1", "z2", "a2", "dC_dW3")}
    assert mark_answer(found.spec, None, handed_in).verdict == "right"
    wrong = {**handed_in, "a1": lines["z1"]}
    marked = mark_answer(found.spec, None, wrong)
    assert marked.line == "a1"
    assert marked.verdict == "close"
    for unreadable in ({}, [], "x", {"nothing": [1]}, {"z1": "?"}, {str(k): 1 for k in range(99)}):
        with pytest.raises(InvalidInput):
            mark_answer(found.spec, None, unreadable)


def test_submitted_numbers_differ_are_shown_in_a_scene_and_mark_only_their_own() -> None:
    found = asked(kind="array", **LINE, own_numbers=True)
    assert found.shown is None
    one, other = show(found.spec, "aa"), show(found.spec, "bb")
    assert one == show(found.spec, "aa")
    assert one.solution["answer"] != other.solution["answer"]
    assert mark_answer(found.spec, "aa", one.solution["answer"]).verdict == "right"
    assert mark_answer(found.spec, "aa", other.solution["answer"]).verdict != "right"
    assert one.scene is not None
    assert one.scene["hide"] == "dC_dz2"
    # The experiment of the scene has exactly these numbers.
    recipe = Recipe.model_validate(one.scene["recipe"])
    explorer = STATE.get().explorer
    explorer.create(recipe)
    traced = explorer.trace(recipe.id, 0, 0)
    assert isinstance(traced, tuple)
    assert np.array_equal(traced[0]["dC_dz2"][0], one.solution["answer"])
    W = np.array(recipe.model_dump()["network"]["weights"][0]["W"])
    assert np.array_equal(W, W.round(2))
    assert W.all()


def test_submitted_numbers_of_a_lesson() -> None:
    request = {"kind": "lesson", "lesson": "one-layer-by-hand", "own_numbers": True}
    card = {"card": "a-tensor-that-is-mostly-zeros"}
    found = prepare(QuestionRequest.model_validate({**request, **card}))
    assert isinstance(found, Prepared)
    own = show(found.spec, "aa")
    assert mark_answer(found.spec, "aa", own.solution["answer"]).verdict == "right"


def test_a_lesson_that_takes_long_cannot_have_own_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(questions, "MAX_DEAL_SECONDS", 0.0)
    with pytest.raises(InvalidInput) as caught:
        asked(kind="array", **LINE, own_numbers=True)
    assert caught.value.field == "own_numbers"


@pytest.mark.parametrize("kind", ["array", "working"])
def test_the_verdict_does_not_wait_for_the_mistake(kind: str) -> None:
    found = asked(kind=kind, **(LINE if kind == "array" else {"step": 20, "sample": 3}))
    assert found.shown is not None
    right = found.shown.solution["answer"] if found.shown.solution else None
    line = right if kind == "array" else right["dC_dz2"]
    twice = (2 * np.array(line)).tolist()
    for answer in (line, twice, [0.1, 0.2, 0.3, 0.4], [line[0], *twice[1:]]):
        given = answer if kind == "array" else {"dC_dz2": answer}
        quick, whole = (mark_answer(found.spec, None, given, search) for search in (False, True))
        assert quick.verdict == whole.verdict
        assert quick.mark["entries"] == whole.mark["entries"]
        assert whole.diagnosed
        assert quick.diagnosed == (whole.verdict == "right")
        assert quick.misconception is None


BIG = {"network": {"layers": [{"units": 60}, {"units": 60}, {"units": 1, "activation": "sigmoid"}]}}
ADAM = {"optimizer": {"name": "adam", "learning_rate": 0.01}}


@pytest.mark.parametrize(
    ("error", "field", "recipe", "question"),
    [
        (NotFound, "", None, {"kind": "shape", "line": "z1"}),
        (InvalidInput, "line", {}, {"kind": "shape", "line": "z9"}),
        (InvalidInput, "entry", {}, {"kind": "number", "line": "dC_dz2"}),
        (InvalidInput, "entry", {}, {"kind": "number", "line": "dC_dz2", "entry": [4]}),
        (InvalidInput, "entry", {}, {"kind": "sign", "line": "dC_dz2", "entry": [0, 0]}),
        (InvalidInput, "line", ADAM, {"kind": "array", "line": "W1_next", "step": 5}),
        (InvalidInput, "line", {}, {"kind": "formula", "line": "C"}),
        (LimitExceeded, "experiment", BIG, {"kind": "shape", "line": "z1"}),
        (LimitExceeded, "sample", {"batch": {"size": 100}},
         {"kind": "shape", "line": "z1", "sample": "batch"}),
    ],
)  # fmt: skip
def test_what_cannot_be_asked(
    error: type[Exception], field: str, recipe: Any, question: dict[str, Any]
) -> None:
    name = "0" * 20 if recipe is None else Recipe.model_validate(recipe).id
    with pytest.raises(error) as caught:
        asked(experiment=name, **question)
    assert getattr(caught.value, "field", "") == field


def test_a_question_of_an_earlier_version_is_read() -> None:
    """Its givens had the lines that the working needs, and no word on biases in the penalty."""
    spec = Spec.model_validate_json(asked(kind="array", **LINE).spec)
    assert spec.givens is not None
    stored = orjson.loads(spec.content())
    del stored["givens"]["biases"]
    earlier = {**stored, "givens": {**stored["givens"], "lines": [spec.line]}}
    again = Spec.model_validate_json(orjson.dumps(earlier))
    assert again.content() == spec.content()
