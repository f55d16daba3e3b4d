"""The message of every field of every body for every invalid value: correct field and reason.

The fields are taken from complete bodies, so that a new field is covered once it is in a body.
"""

from __future__ import annotations

import copy
import itertools
import re
from collections.abc import Iterator
from typing import Any

import pytest

from backprop_explorer.compute.check_requests import CHECK_EXAMPLE, PASTE_EXAMPLE
from backprop_explorer.compute.lesson_requests import ANSWER_EXAMPLE
from backprop_explorer.compute.trace_requests import TRACE_EXAMPLE
from backprop_explorer.main import create_app
from backprop_explorer.settings import Settings
from tests.helpers import cases
from tests.helpers.api import API, refused
from tests.helpers.clients import Client

Path = tuple[str | int, ...]

ADAM = {
    "name": "adam",
    "learning_rate": 0.01,
    "beta1": 0.9,
    "schedule": {"name": "step", "every": 10, "factor": 0.5},
}
RECIPE = {
    "dataset": {
        "name": "moons",
        "samples": 60,
        "noise": 0.2,
        "seed": 0,
        "test_fraction": 0.3,
        "standardize": True,
    },
    "network": {
        "layers": [{"units": 2, "activation": "tanh"}, {"units": 1, "activation": "sigmoid"}],
        "initializer": "constant",
        "value": 0.5,
        "seed": 0,
        "weights": [{"W": [[1, 2], [3, 4]], "b": [0, 0]}, {"W": [[1], [2]], "b": [0]}],
    },
    "cost": {"name": "binary_cross_entropy", "reduction": "mean"},
    "penalty": {"l1": 0.1, "l2": 0.1},
    "optimizer": ADAM,
    "batch": {"size": 32, "shuffle": True, "seed": 0},
    "edits": [
        {"step": 3, "set": "W1[0,1]", "to": 0.5},
        {"step": 3, "set": "activation1", "to": "relu"},
        {"step": 3, "set": "optimizer", "to": {"name": "adam", "beta1": 0.9}},
    ],
}
POINTS = {
    "name": "points",
    "x": [[0.1, 0.2], [1, 2], [3, 4], [5, 6], [7, 8]],
    "target": [0, 1, 0, 1, 1],
    "classes": ["a", "b"],
    "features": ["u", "v"],
}
GIVENS = {
    **TRACE_EXAMPLE,
    "penalty": {"l1": 0.1, "l2": 0.1},
    "optimizer": ADAM,
    "reduction": "mean",
    "fused": True,
    "jacobians": False,
}
TABLE = "a,b,c\n1,2,x\n3,4,y\n5,6,x\n7,8,y\n"
BODIES: dict[str, tuple[str, dict[str, Any]]] = {
    "recipe": ("experiments", RECIPE),
    "points": ("experiments", {"dataset": POINTS}),
    "uploaded": ("experiments", {"dataset": {"name": "uploaded", "id": "0" * 20}}),
    "table": (
        "datasets",
        {"csv": TABLE, "target": "c", "features": ["a"], "task": "classification", "header": True},
    ),
    "trace": ("trace", {**GIVENS, "verify": False}),
    "batch": ("trace", {**GIVENS, "x": [[0.6, -1.2]] * 3, "target": [[1.0]] * 3}),
    "program": ("trace/export/script", GIVENS),
    # One line: most of these requests are valid, and in more lines mistakes are looked for longer.
    "check": ("check", {**GIVENS, "submitted": {"z1": CHECK_EXAMPLE["submitted"]["z1"]}}),
    "submitted": ("check", CHECK_EXAMPLE),
    "pasted": ("check/parse", PASTE_EXAMPLE),
    "answer": ("lessons/one-layer-by-hand/answer", ANSWER_EXAMPLE),
}
MISSING = object()
WRONG = [MISSING, None, True, -1, 0.5, 1e150, 10**30, "", "?", [], ["?"], [[1]], {}, {"?": 1}]


def parts(value: Any, path: Path = ()) -> Iterator[Path]:
    """The path of every value; in a list of numbers only of the first."""
    inner: list[tuple[str | int, Any]] = []
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value if isinstance(value[0], dict) else value[:1]))
    for key, each in inner:
        yield (*path, key)
        yield from parts(each, (*path, key))


def changed(body: Any, path: Path, value: Any) -> Any:
    made = copy.deepcopy(body)
    where = at(made, path[:-1])
    if value is MISSING:
        del where[path[-1]]
    else:
        where[path[-1]] = value
    return made


def at(body: Any, path: Path) -> Any:
    for part in path:
        body = body[part]
    return body


# ``make test`` tries one of this many wrong values in each field, and others in the next field.
SHARE = 4

# These routes validate their givens with the model of "trace", so ``make test`` changes the fields
# of givens for "trace" only.
SAME_GIVENS = ("batch", "program", "check")
FIELDS = [
    pytest.param(
        name,
        path,
        id=f"{name}:{'.'.join(map(str, path))}",
        marks=[pytest.mark.exhaustive] if name in SAME_GIVENS and len(path) > 1 else (),
    )
    for name, (_, body) in BODIES.items()
    for path in parts(body)
    if name != "submitted" or path[0] == "submitted"
]
FIRST = {each.values: k % SHARE for k, each in enumerate(FIELDS)}
OBJECTS = [
    pytest.param(name, path, id=f"{name}:{'.'.join(map(str, path))}")
    for name, (_, body) in BODIES.items()
    for path in [(), *parts(body)]
    if isinstance(at(body, path), dict) and path != ("submitted",)
]


@pytest.fixture(scope="module")
def api(portal: Any) -> Iterator[Client]:
    """One application for all tests, because refused requests change nothing."""
    app = create_app(Settings(store=":memory:"))
    client = Client(app, portal)
    yield client
    client.close()


@pytest.mark.parametrize("name", [name for name in BODIES if name != "uploaded"])
def test_the_unchanged_bodies_are_valid(api: Client, name: str) -> None:
    url, body = BODIES[name]
    response = api.post(f"{API}/{url}", json=body)
    assert response.status_code in (200, 201), response.text


@pytest.mark.parametrize(("name", "path"), FIELDS)
def test_invalid_values_are_reported_at_their_field(api: Client, name: str, path: Path) -> None:
    url, body = BODIES[name]
    right = at(body, path)
    for value in WRONG if cases.everything else WRONG[FIRST[name, path] :: SHARE]:
        response = api.post(f"{API}/{url}", json=changed(body, path, value))
        if response.status_code < 400:
            continue
        told = refused(response)
        assert told, value
        for where, message in told.items():
            # A value of the right kind may not fit another field, which is then the one to change.
            if value is not MISSING and kind(value) is not kind(right):
                assert about(where, ".".join(map(str, path))), (value, told)
                assert not (isinstance(right, float) and "whole" in message), (value, told)
            assert not any(other.startswith(f"{where}.") for other in told), (value, told)
            assert_plain(message)


@pytest.mark.parametrize(("name", "path"), OBJECTS)
def test_unknown_fields_are_reported_by_name(api: Client, name: str, path: Path) -> None:
    url, body = BODIES[name]
    keys, values = ("color", "int", "b[0]"), (1, None, "red", [[1]])
    few = zip(itertools.cycle(keys), values, strict=False)
    for key, value in itertools.product(keys, values) if cases.everything else few:
        told = refused(api.post(f"{API}/{url}", json=changed(body, (*path, key), value)))
        assert list(told) == [".".join(map(str, (*path, key)))], told
        assert re.search(
            "not a known field|not a parameter|no such|unknown parameter", *told.values()
        )


def kind(value: Any) -> type:
    """The JSON type of a value."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float if is_number else type(value)


def about(where: str, field: str) -> bool:
    """Whether an error at ``where`` may belong to ``field``: there, inside, or in its list."""
    return where == field or where.startswith(f"{field}.") or field.startswith(f"{where}.")


def assert_plain(message: str) -> None:
    """The message speaks of JSON, not of Pydantic, and writes numbers as JSON does."""
    assert message.strip() == message
    assert not re.search(r"right form|Input should|valid (dictionary|list)|discriminator", message)
    assert not re.search(r"\d\.0\b", message), message
    assert not re.search(r"\b1 (items|characters|numbers|rows|names)\b", message), message
