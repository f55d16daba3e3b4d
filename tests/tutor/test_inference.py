"""Pasted numbers without settings and with any names: what is found, and how it is marked."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from backprop_explorer.compute.inferred_answers import inferred_answer
from backprop_explorer.compute.inferred_requests import InferredCheckRequest
from backprop_explorer.engine.errors import LimitExceeded
from backprop_explorer.limits import Limits
from backprop_explorer.tutor.inference.settings import MOST_WORKINGS
from tests.corpus.paste_marks import PasteMark, mark_paste
from tests.corpus.pastes import pastes, with_noise
from tests.corpus.real import RealCase, real_cases
from tests.helpers.cases import everything

RIGHT = ("correct", "other_convention")
MIN_RIGHT, MIN_WRONG = 0.98, 0.9


def infer(submitted: Any, **given: Any) -> dict[str, Any]:
    request = {"settings": "infer", "submitted": submitted, **given}
    return inferred_answer(InferredCheckRequest.model_validate(request), Limits())


def read_as(answer: dict[str, Any]) -> dict[str | None, str | None]:
    return {each["name"]: each["as"] for each in answer["read_as"]}


# ------------------------------------------------------------------ the corpus


@pytest.fixture(scope="module")
def marks() -> list[PasteMark]:
    found = list(pastes())
    assert len(found) >= 150
    return [mark_paste(paste) for paste in found]


def test_no_paste_is_refused(marks: list[PasteMark]) -> None:
    assert [mark.paste.name for mark in marks if mark.verdict == "refused"] == []


def test_right_pastes_are_right_and_wrong_ones_wrong(marks: list[PasteMark]) -> None:
    right = [mark.verdict in RIGHT for mark in marks if not mark.paste.mistake]
    wrong = [mark for mark in marks if mark.paste.mistake]
    assert np.mean(right) >= MIN_RIGHT
    assert [mark.paste.name for mark in wrong if mark.verdict in RIGHT] == []
    assert np.mean([mark.verdict == "wrong" for mark in wrong]) >= MIN_WRONG


def test_random_numbers_find_no_settings() -> None:
    found = [with_noise(paste, k) for k, paste in enumerate(pastes()) if not paste.mistake]
    for paste in found if everything else found[::9]:
        answer = infer(paste.text)
        assert answer["settings"] is None, paste.name
        assert answer["verdict"] not in RIGHT, paste.name


# ------------------------------------------------------------------ programs of students


def _without_names(case: RealCase, *, givens: bool) -> dict[str, Any]:
    """The numbers of a program under names that say nothing, or only the givens with names."""
    named = {"x": case.givens["x"], "target": case.givens["target"]}
    for k, layer in enumerate(case.givens["layers"], start=1):
        named |= {f"W{k}": layer["W"]} | ({f"b{k}": layer["b"]} if layer.get("b") else {})
    arrays = [*named.items(), *case.submitted.items()]
    kept = named if givens else {}
    return {name if name in kept else f"q{k}q": value for k, (name, value) in enumerate(arrays)}


@pytest.mark.parametrize("givens", [True, False])
def test_right_programs_are_recognised_without_names(givens: bool) -> None:
    cases = [c for c in real_cases() if c.truth == "right" and c.expressible]
    assert len(cases) > 25
    verdicts = {c.id: infer(_without_names(c, givens=givens))["verdict"] for c in cases}
    wrong = {name for name, verdict in verdicts.items() if verdict not in RIGHT}
    # Of one the cost is wrong. Of one the samples are not those of the lines.
    assert wrong <= {"dc-bce/full", "b3-columns/full"}


# ------------------------------------------------------------------ settings

X = np.array([[0.5, -1.2], [1.5, 0.25], [-0.75, 2.0]])
Y = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
W = np.array([[0.31, -0.42], [0.87, 0.55]])
B = np.array([0.1, -0.2])


def one_layer(
    factor: float = 1.0, *, turned: bool = False, slope: bool = True, weights: np.ndarray = W
) -> dict[str, np.ndarray]:
    """A sigmoid layer with ``factor`` times the gradient of Σ (a − y)² / 2."""
    z = X @ weights + B
    a = 1 / (1 + np.exp(-z))
    delta = factor * (a - Y) * (a * (1 - a) if slope else 1.0)
    gradient = X.T @ delta
    lines = {"z": z, "a": a, "dz": delta, "dW": gradient.T if turned else gradient}
    return {"x": X, "y": Y, "W": weights, "b": B, **lines, "db": delta.sum(axis=0)}


def asked(arrays: dict[str, np.ndarray], **given: Any) -> dict[str, Any]:
    return infer({name: value.tolist() for name, value in arrays.items()}, **given)


def test_settings_have_a_reason_and_few_workings() -> None:
    answer = asked(one_layer(1 / 3))
    assert answer["verdict"] == "correct"
    found = answer["settings"]
    assert (list(found["activations"]), found["cost"]) == (["sigmoid"], "mse")
    assert found["reduction"] == "mean"
    assert found["agree"] == found["of"] == 5
    assert 0 < found["workings"] <= MOST_WORKINGS
    assert found["reason"] == (
        "With sigmoid, and squared error as mean over all entries, 5 of 5 lines agree."
    )


def test_an_exercise_with_another_reduction_is_another_convention() -> None:
    assert asked(one_layer(1 / 3), reduction="mean")["verdict"] == "correct"
    answer = asked(one_layer(1 / 3), reduction="sum")
    assert answer["verdict"] == "other_convention"
    assert any("reduced by" in note["message"] for note in answer["notes"])


def test_the_cost_and_activations_of_an_exercise_are_required() -> None:
    assert asked(one_layer(), cost="binary_cross_entropy")["verdict"] == "wrong"
    assert asked(one_layer(), activations=["tanh"])["verdict"] == "wrong"
    assert asked(one_layer(slope=False))["verdict"] == "correct"  # of binary cross-entropy
    assert asked(one_layer(slope=False), cost="mse")["verdict"] == "wrong"


def test_a_sign_and_a_transposition_are_conventions_and_an_odd_factor_is_not() -> None:
    assert asked(one_layer(-1.0))["verdict"] == "other_convention"
    assert asked(one_layer(-1.0))["settings"]["step"] == "add"
    assert asked(one_layer(-1.0), step="add")["verdict"] == "correct"
    assert asked(one_layer(turned=True))["verdict"] == "other_convention"
    assert asked(one_layer(0.37))["verdict"] == "wrong"


def test_an_update_tells_the_rate_and_the_direction() -> None:
    arrays = one_layer(-1.0)
    down = arrays | {"W_new": W + 0.3 * arrays["dW"]}
    assert asked(down)["settings"]["rate"] == pytest.approx(0.3)
    assert asked(down)["verdict"] == "other_convention"
    assert asked(arrays | {"W_new": W - 0.3 * arrays["dW"]})["verdict"] == "wrong"


def test_a_penalty_is_found_and_a_missing_one_is_wrong() -> None:
    arrays = one_layer()
    arrays["dW"] = arrays["dW"] + 0.02 * W
    answer = asked(arrays)
    assert answer["settings"]["penalty"] == {"l1": 0.0, "l2": pytest.approx(0.02)}
    assert answer["verdict"] == "correct"
    assert asked(one_layer(), penalty={"l2": 0.02})["verdict"] == "wrong"


def test_huber_is_tried_only_beyond_its_limit() -> None:
    z = X @ W + B
    for target, cost in ((z - 0.5, "mse"), (z - [[0.5, 2.0]] * 3, "huber")):
        e = np.clip(z - target, -1.0, 1.0)
        arrays = {"x": X, "y": target, "W": W, "b": B, "z": z, "dz": e, "dW": X.T @ e}
        assert asked(arrays)["settings"]["cost"] == cost


# ------------------------------------------------------------------ names


def test_numbers_of_another_line_come_before_a_mistake() -> None:
    """A program may call ∂C/∂z of its output dA: the other lines show that it is right."""
    arrays = one_layer()
    arrays["dA"] = arrays.pop("dz")
    answer = asked(arrays)
    assert answer["verdict"] == "correct"
    assert read_as(answer)["dA"] == "dC_dz1"
    # The numbers of ∂C/∂z under the name of a result are that result, not summed.
    answer = asked(one_layer() | {"db": one_layer()["dz"]})
    assert answer["verdict"] == "wrong"
    assert answer["first_wrong"] == "dC_db1"


def test_results_may_have_the_names_of_each_other_but_a_copy_is_wrong() -> None:
    rng = np.random.default_rng(4)
    W1, W2, b1, b2 = (rng.normal(size=s).round(3) for s in ((3, 3), (3, 3), 3, 3))
    target = np.hstack([Y, Y[:, :1]])
    a1 = np.tanh(X @ W1[:2] + b1)
    a2 = np.tanh(a1 @ W2 + b2)
    d2 = (a2 - target) * (1 - a2**2)
    d1 = d2 @ W2.T * (1 - a1**2)
    given = {"x": X, "y": target, "W1": W1[:2], "b1": b1, "W2": W2, "b2": b2}
    found = {"dW1": X.T @ d1, "db1": d1.sum(0), "dW2": a1.T @ d2, "db2": d2.sum(0)}
    assert asked(given | found)["verdict"] == "correct"
    # A program that counts its layers from the output.
    swapped = found | {"db1": found["db2"], "db2": found["db1"]}
    answer = asked(given | swapped)
    assert answer["verdict"] == "correct"
    assert read_as(answer)["db1"] == "dC_db2"
    copied = asked(given | found | {"db1": found["db2"]})
    assert (copied["verdict"], copied["first_wrong"]) == ("wrong", "dC_db1")


def test_a_person_can_say_what_an_array_is() -> None:
    arrays = one_layer() | {"foo": np.array([7.5, 1.25, 3.5, 2.5, 9.5])}
    answer = asked(arrays)
    (rest,) = answer["not_read"]
    assert (rest["name"], rest["index"]) == ("foo", 9)
    assert answer["verdict"] == "correct"
    assert asked(arrays, read_as={"9": "a1", "5": None})["verdict"] == "wrong"


def test_the_last_pass_of_a_loop_counts_and_comparisons_do_not() -> None:
    first, second = one_layer(), one_layer(2.0, weights=W + 0.25)
    text = [f"{n} = {v.tolist()}" for n, v in first.items()]
    again = [f"{n} = {second[n].tolist()}" for n in ("W", "z", "a", "dz", "dW", "db")]
    answer = infer("\n".join([*text, "epoch 2", *again]))
    assert answer["settings"]["reduction"] == "sum"
    assert any("pass 2 is checked" in note["message"] for note in answer["notes"])
    compared = [f"dW = {(first['dW'] + 1).tolist()}"]
    assert infer("\n".join([*text, *compared]))["settings"]["reduction"] == "half_sum"


# ------------------------------------------------------------------ what cannot be read


@pytest.mark.parametrize("submitted", ["", "no numbers", {"a": [1, [2]], "b": {"c": "x y"}}])
def test_nothing_is_refused_whole(submitted: Any) -> None:
    answer = infer(submitted)
    assert answer["verdict"] == "incomplete"
    assert answer["settings"] is answer["givens"] is None


def test_a_large_paste_is_bounded() -> None:
    rng = np.random.default_rng(0)
    large = {f"q{k}": rng.normal(size=(40, 40)).tolist() for k in range(12)}
    assert infer(large)["verdict"] != "correct"
    # A right one has few workings: those under which its z and a agree.
    x, W1, W2, t = (rng.normal(size=(60, 60)).round(3) / s for s in (1, 30, 30, 1))
    a1 = np.tanh(x @ W1)
    d2 = a1 @ W2 - t
    lines = (x, t, W1, W2, x @ W1, a1, a1 @ W2, d2, a1.T @ d2, x.T @ (d2 @ W2.T * (1 - a1**2)))
    assert asked({f"q{k}": line for k, line in enumerate(lines)})["verdict"] == "correct"
    with pytest.raises(LimitExceeded):
        infer({f"q{k}": np.ones((100, 100)).tolist() for k in range(31)})
