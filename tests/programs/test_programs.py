"""The ready programs: what a file of ``content`` has to have, and that their data follow a seed."""

from __future__ import annotations

import inspect
import re

import numpy as np
import pytest

from backprop_explorer.engine.errors import InvalidInput, UnknownName
from backprop_explorer.programs import PROGRAMS, ReadyProgram

ALL = pytest.mark.parametrize("program", PROGRAMS.values(), ids=list(PROGRAMS))
SENTENCE = re.compile(r"[.](?= [A-Zγ]|$)")


@ALL
def test_a_program_is_a_plain_function_of_its_data(program: ReadyProgram) -> None:
    arguments = program.arguments(4)
    function = program.function
    assert list(arguments) == list(inspect.signature(function).parameters)
    before = {name: np.array(value) for name, value in arguments.items()}
    cost = function(**arguments)
    assert np.ndim(cost) == 0
    assert np.isfinite(cost)
    for name, value in arguments.items():
        np.testing.assert_array_equal(value, before[name])
    assert program.function.__module__.endswith(f".{program.name}")
    lines = inspect.getsource(function).splitlines()
    assert max(map(len, lines[1:])) <= 55  # the page's source pane wraps longer lines
    for name in program.wrt:
        assert arguments[name].dtype == np.float64


@ALL
def test_the_data_are_those_of_the_seed(program: ReadyProgram) -> None:
    first, again, other = (program.arguments(seed) for seed in (1, 1, 2))
    for name, value in first.items():
        np.testing.assert_array_equal(value, again[name])
    assert any(not np.array_equal(value, other[name]) for name, value in first.items())


@ALL
def test_a_program_says_three_sentences(program: ReadyProgram) -> None:
    assert len(SENTENCE.findall(program.description)) == 1
    assert len(SENTENCE.findall(program.text)) == 2
    assert set(re.findall(r"\{(\w+)\}", program.shapes)) == set(program.all_sizes())


@ALL
@pytest.mark.parametrize("end", ["minimum", "maximum"])
def test_every_size_may_be_at_its_bound(program: ReadyProgram, end: str) -> None:
    for size in program.sizes:
        value = int(getattr(size, end))
        arguments = program.arguments(0, {size.name: value})
        with np.errstate(all="raise", under="ignore"):
            assert np.isfinite(program.function(**arguments))
        assert max(np.size(each) for each in arguments.values()) <= 400
        beyond = value + (1 if end == "maximum" else -1)
        with pytest.raises(InvalidInput) as caught:
            program.arguments(0, {size.name: beyond})
        assert caught.value.field == f"sizes.{size.name}"


def test_an_unknown_size_is_refused_by_its_name() -> None:
    with pytest.raises(UnknownName, match="known: N, D"):
        PROGRAMS["batch_norm"].arguments(0, {"d": 3})


def test_the_places_order_the_programs() -> None:
    places = [program.place for program in PROGRAMS.values()]
    assert places == sorted(set(places))
    assert len(PROGRAMS) >= 15


def test_the_digit_is_one_of_scikit_learn() -> None:
    from sklearn.datasets import load_digits  # here, because it takes a second

    arguments = PROGRAMS["conv_digit"].arguments(3)
    digits = load_digits()
    number = np.random.default_rng(3).integers(len(digits.images))
    np.testing.assert_array_equal(arguments["x"], digits.images[number] / 16)
    assert arguments["digit"] == digits.target[number]
