"""A check in detail: other inputs, the order of writes, the parts of a gradient."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backprop_explorer.compute.program_check_requests import ProgramCheckRequest
from backprop_explorer.notebook.code import CodeCheck, check_code

RNG = np.random.default_rng(0)
X = RNG.normal(size=(4, 4))


def pool(x: Any, size: Any, stride: Any) -> Any:
    n = (len(x) - size) // stride + 1
    y = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            y[i, j] = x[i * stride : i * stride + size, j * stride : j * stride + size].max()
    return y, (x, size, stride)


def pool_back(dy: Any, cache: Any) -> Any:
    x, size, stride = cache
    dx = np.zeros_like(x)
    for i in range(len(dy)):
        for j in range(len(dy)):
            window = x[i * stride : i * stride + size, j * stride : j * stride + size]
            m, n = np.unravel_index(window.argmax(), window.shape)
            dx[i * stride + m, j * stride + n] = dy[i, j]
    return dx


def centred(x: Any) -> Any:
    mu = x.mean(axis=0)
    y = (x - mu) ** 3
    return y, (x, mu)


def centred_back(dy: Any, cache: Any) -> Any:
    x, mu = cache
    return dy * 3 * (x - mu) ** 2


def pooled() -> CodeCheck:
    y = RNG.normal(size=(2, 2))
    return check_code(pool_back, y, forward=pool, args_of_forward=(X, 2, 2))


def test_another_input_shows_each_write_in_order() -> None:
    found = pooled()
    assert found.verdict == "correct"
    cases = {each.name: each for each in found.cases}
    own, shown = cases["yours"], cases["stride = 1"]
    assert own.about == "x 4×4, size 2, stride 2"
    assert [each.verdict for each in cases.values()].count("wrong") == 1
    assert shown.verdict == "wrong"
    assert "at most once" in shown.why
    [result] = shown.results
    mine, right = np.array(result.mine.numbers), np.array(result.right and result.right.numbers)
    written, added = np.zeros(16), np.zeros(16)
    for write in result.writes:
        for entry, number in zip(write.entries, write.numbers, strict=True):
            written[entry] = number
            added[entry] += number
    assert [each.run for each in result.writes[:2]] == [{"i": 0, "j": 0}, {"i": 0, "j": 1}]
    assert np.array_equal(written, mine)
    assert added == pytest.approx(right)
    line = next(each for each in shown.arrays if each.number == shown.first_wrong)
    assert (line.name, line.runs, line.array.numbers) == ("dx", 9, result.mine.numbers)
    # the windows that are read, of which each write takes the place of the largest entry
    assert result.windows
    assert (result.windows_of, result.windows.numbers) == ("x", tuple(X.ravel()))
    for write in result.writes:
        i, j = (int(write.run[each]) for each in "ij")
        assert write.reads == tuple(4 * (i + m) + j + n for m in range(2) for n in range(2))
        assert max(write.reads, key=lambda at: X.ravel()[at]) == write.entries[0]


def correlated(x: Any, w: Any) -> Any:
    y = np.zeros((3, 3))
    for i in range(3):
        for j in range(3):
            y[i, j] = (x[i : i + 2, j : j + 2] * w).sum()
    return y, (x, w)


def correlated_back(dy: Any, cache: Any) -> Any:
    x, w = cache
    dw = np.zeros_like(w)
    for m in range(2):
        for n in range(2):
            dw[m, n] = (x[m : m + 3, n : n + 3] * dy).sum()
    dx = np.zeros_like(x)
    for i in range(3):
        for j in range(3):
            dx[i : i + 2, j : j + 2] = w * dy[i, j]
    return dx, dw


def test_a_write_has_the_window_that_its_sum_reads() -> None:
    given = X, RNG.normal(size=(2, 2))
    dy = RNG.normal(size=(3, 3))
    found = check_code(correlated_back, dy, forward=correlated, args_of_forward=given)
    dw, dx = sorted(found.cases[0].results, key=lambda each: each.parameter)
    assert (dw.windows_of, dw.is_right) == ("x", True)
    for write in dw.writes:
        m, n = (int(write.run[each]) for each in "mn")
        assert write.reads == tuple(4 * (m + i) + n + j for i in range(3) for j in range(3))
    assert (dx.windows_of, dx.is_right) == ("", False)
    assert [each.entries[0] for each in dx.writes] == [0, 1, 2, 4, 5, 6, 8, 9, 10]


def test_a_path_that_is_missing_is_found() -> None:
    dy = RNG.normal(size=(4, 3))
    given = RNG.normal(size=(4, 3))
    found = check_code(centred_back, dy, forward=centred, args_of_forward=(given,))
    own = found.cases[0]
    [result] = own.results
    assert result.parts_of == "x"
    assert [(each.through, each.missing) for each in result.parts] == [("y", False), ("mu", True)]
    kept, missing = (np.array(each.array.numbers) for each in result.parts)
    assert kept == pytest.approx(np.array(result.mine.numbers))
    assert kept + missing == pytest.approx(np.array(result.right and result.right.numbers))
    edges = {(each.of, each.to): each for each in result.edges}
    assert {each for each, edge in edges.items() if edge.missing} == {("x", "mu"), ("mu", "y")}
    assert np.array(edges["x", "y"].array.numbers) == pytest.approx(kept)
    for each in (("x", "mu"), ("mu", "y")):
        assert np.array(edges[each].array.numbers) == pytest.approx(missing)
    # where there was time for other inputs
    assert {each.verdict for each in found.cases if each.name == "another order"} <= {"wrong"}


def stepped(W: Any, x: Any, y: Any) -> None:
    error = x @ W - y
    W -= 0.1 * x.T @ error / len(x)


def test_an_update_stands_beside_its_step_and_not_the_gradient() -> None:
    found = check_code(stepped, RNG.normal(size=(3, 2)), RNG.normal(size=(5, 3)), np.ones((5, 2)))
    [result] = found.cases[0].results
    assert result.factor == pytest.approx(-0.02)  # the rate, and the mean over 5 samples
    assert result.right is not None
    assert result.mine.numbers == pytest.approx(result.right.numbers)


def test_nothing_right_is_in_a_check_without_answers(tmp_path: Path) -> None:
    dy, given = RNG.normal(size=(4, 3)), RNG.normal(size=(4, 3))
    options: dict[str, Any] = {"forward": centred, "args_of_forward": (given,)}
    found = check_code(centred_back, dy, **options, answers=False)
    for case in found.cases:
        for result in case.results:
            assert result.right is None
            assert not result.parts
    found.save(tmp_path / "check.json")
    saved = json.loads((tmp_path / "check.json").read_text(encoding="utf-8"))
    ProgramCheckRequest.model_validate(saved)
    assert saved["verdict"] == "wrong"


def test_an_exercise_has_its_own_lines_alone() -> None:
    def step(W1: Any, b1: Any, x: Any, target: Any) -> Any:
        a = 1 / (1 + np.exp(-(W1 @ x + b1)))
        return (a - target) * a

    layers = [(np.array([[0.2, -0.4]]), np.array([0.1]))]
    found = check_code(step, layers=layers, x=np.array([0.5, 1.0]), target=np.array([1.0]))
    [own] = found.cases
    assert own.verdict == found.verdict
    assert not own.results
    assert [each.name for each in own.arrays][:1] == ["a"]


def fitted(x: Any, w: Any, target: Any) -> Any:
    out = np.zeros((len(x), x.shape[2] - 1))
    for i in range(x.shape[2] - 1):
        out[:, i] = (x[:, :, i : i + 2] * w).sum(axis=(1, 2, 3))
    error = out - target
    dw = np.zeros_like(w)
    for i in range(x.shape[2] - 1):
        dw += (x[:, :, i : i + 2] * error[:, i][:, None, None, None]).sum(axis=0)
    return (error**2).sum() / 2, dw


def test_an_input_that_does_not_fit_a_fixed_target_shows_nothing() -> None:
    given = RNG.normal(size=(2, 2, 4, 4)), RNG.normal(size=(2, 2, 4)), RNG.normal(size=(2, 3))
    found = check_code(fitted, *given)
    assert (found.verdict, found.latent) == ("correct", ())


def product(x: Any, y: Any) -> Any:
    return x * y, (x, y)


def product_back(dy: Any, cache: Any) -> Any:
    x, y = cache
    return dy * y, dy + x


def test_one_array_as_two_arguments_is_named_after_the_parameter() -> None:
    x, y = RNG.normal(size=(2, 3, 3))
    found = check_code(product_back, x, forward=product, args_of_forward=(x, y))
    assert [(each.parameter, each.right) for each in found.compared] == [("x", True), ("y", False)]
