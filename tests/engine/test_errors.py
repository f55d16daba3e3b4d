"""The exceptions: one tree, their fields and messages, and pickling."""

from __future__ import annotations

import pickle

import pytest

from backprop_explorer.engine.errors import (
    ExplorerError,
    InvalidInput,
    LimitExceeded,
    NotFound,
    Unavailable,
    UnknownName,
)


def test_all_errors_derive_from_explorer_error() -> None:
    assert issubclass(InvalidInput, ExplorerError)
    assert issubclass(UnknownName, InvalidInput)
    assert issubclass(LimitExceeded, InvalidInput)
    assert issubclass(NotFound, ExplorerError)
    assert not issubclass(NotFound, InvalidInput)


def test_invalid_input_names_its_field() -> None:
    error = InvalidInput("layers.0.W", "shape (2, 3) needed")
    assert (error.field, error.message, str(error)) == (
        "layers.0.W",
        "shape (2, 3) needed",
        "layers.0.W: shape (2, 3) needed",
    )


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("red", "unknown colour; did you mean 'reds'? known: reds, blue"),
        ("", "unknown colour; known: reds, blue"),
        ("zzz", "unknown colour; known: reds, blue"),
    ],
)
def test_unknown_name(given: str, message: str) -> None:
    assert UnknownName("colour", "colour", iter(["reds", "blue"]), given).message == message


def test_limit_exceeded_counts_in_thousands() -> None:
    error = LimitExceeded("layers", "parameters", 250_000, 1_000_000)
    assert error.limit == 250_000
    assert error.message == "at most 250,000 parameters, 1,000,000 given"
    assert LimitExceeded("x", "samples", 10).message == "at most 10 samples"


@pytest.mark.parametrize(
    "error",
    [
        InvalidInput("layers.0.W", "cannot be used"),
        UnknownName("cost", "cost", ["mse", "mae"], "mes"),
        LimitExceeded("x", "samples", 10, 11),
        NotFound("there is none"),
        Unavailable("away"),
    ],
)
def test_errors_can_be_pickled(error: ExplorerError) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert again.args == error.args
    assert again.__dict__ == error.__dict__
