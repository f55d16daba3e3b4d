"""NumPy source of functions and lines gives the engine's bits; numbers read back exactly."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from backprop_explorer.engine.activations import ACTIVATIONS, backward_of
from backprop_explorer.engine.costs import COSTS
from backprop_explorer.engine.ops.update import UPDATES
from backprop_explorer.engine.schedules import SCHEDULES
from backprop_explorer.exports.cells import Cell, as_script
from backprop_explorer.exports.functions import FUNCTIONS, LOSSES, sources
from backprop_explorer.exports.lines import SCHEDULES as SCHEDULE_SOURCE
from backprop_explorer.exports.lines import of_entries
from backprop_explorer.exports.literals import MAX_WRITTEN, UNPACK, array, number, table, unpacking
from backprop_explorer.proof.autograd_functions import source_of

RNG = np.random.default_rng(0)
Z = np.concatenate(
    [
        RNG.standard_normal((40, 3)) * 3,
        RNG.standard_normal((10, 3)) * 40,
        np.array([[0.0, -0.0, 1e-300], [1e5, -1e5, 17.0], [700.0, -745.0, 40.0]]),
    ]
)


def namespace(*names: str) -> dict[str, Any]:
    made: dict[str, Any] = {"np": np}
    exec(sources(names), made)
    return made


def rows_and_batches() -> list[np.ndarray]:
    """Small batches, to test both branches near saturation."""
    return [Z, *(Z[k : k + 4] for k in range(0, len(Z), 4))]


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_give_the_engines_bits(name: str) -> None:
    made, activation = namespace(name), ACTIVATIONS[name]
    for z in rows_and_batches():
        with np.errstate(under="ignore"):
            a = activation.compute(z)
            found = made[name](z)
            assert np.asarray(found, dtype=np.float64).tobytes() == a.tobytes()
            dC_da = RNG.standard_normal(z.shape)
            back = backward_of(activation)(dC_da, z if activation.derivative else a)
            if activation.derivative is None:
                theirs = made[f"{name}_back"](dC_da, a)
                np.testing.assert_allclose(theirs, back, rtol=1e-13, atol=1e-300)
            else:
                theirs = dC_da * made[f"{name}_slope"](z)
                assert theirs.tobytes() == back.tobytes()


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_one_sample_is_a_vector(name: str) -> None:
    made = namespace(name)
    for z in Z:
        expected = ACTIVATIONS[name].compute(z[None])[0]
        np.testing.assert_allclose(made[name](z), expected, rtol=1e-15)


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules_give_the_engines_numbers(name: str) -> None:
    schedule = SCHEDULES[name]
    parameters = [p.default for p in schedule.parameters]
    for step in (0, 1, 499, 500, 1999, 2000, 99_999):
        given = [0.3, step, *parameters]
        names = {f"i{k}": value for k, value in enumerate(given)}
        found = eval(SCHEDULE_SOURCE[name].format(*names), {"np": np, **names})
        assert found == pytest.approx(schedule.rate(*given), rel=1e-15)


def test_every_registry_entry_has_numpy_source() -> None:
    assert set(ACTIVATIONS) <= set(FUNCTIONS)
    assert set(LOSSES) == set(COSTS) | {
        f"{a}_{cost.name}" for cost in COSTS.values() for a in cost.fused
    }
    for name in (update.name for update in UPDATES):
        compile(of_entries(name).format(*"abcde"), name, "eval")
    assert set(SCHEDULE_SOURCE) == set(SCHEDULES)
    assert all(map(source_of, (*LOSSES, *ACTIVATIONS)))


def test_functions_come_once_and_after_what_they_call() -> None:
    text = sources(["silu", "softplus", "sigmoid", "silu"])
    assert text.count("def sigmoid(z)") == text.count("def silu(z)") == 1
    assert text.index("def sigmoid(z)") < text.index("def silu(z)")


VALUES = [
    np.array([0.1 + 0.2, -0.0, 1e-300, -5e-324, 1.7976931348623157e308]),
    np.float64(1 / 3),
    RNG.standard_normal((7, 11)),
    RNG.standard_normal((1, 1)),
    RNG.standard_normal(MAX_WRITTEN + 1),
    RNG.standard_normal((61, 51)),
    np.asfortranarray(RNG.standard_normal((61, 51))),
]


@pytest.mark.parametrize("value", VALUES)
def test_numbers_read_back_bit_for_bit(value: np.ndarray) -> None:
    made: dict[str, Any] = {"np": np}
    exec(UNPACK, made)
    found = np.asarray(eval(array(value), made))
    assert found.shape == value.shape
    assert found.tobytes() == np.ascontiguousarray(value).tobytes()
    exec(f"t = {table({'W1': value, 'b': value})}", made)
    assert np.asarray(made["t"]["b"]).tobytes() == np.ascontiguousarray(value).tobytes()


def test_only_many_numbers_are_packed() -> None:
    assert not unpacking(np.zeros(MAX_WRITTEN), 1.0)
    assert unpacking(1.0, np.zeros(MAX_WRITTEN + 1))
    assert "unpack(" not in array(np.zeros(MAX_WRITTEN))


def test_non_finite_numbers_are_valid_python() -> None:
    assert eval(number(float("inf"))) == float("inf")
    assert np.isnan(eval(number(float("nan"))))


def test_words_become_comments_and_formulas_are_left_out() -> None:
    cells = [Cell("## Data\n\nRows.", "x = 1\n"), Cell("", "y = 2", "y = 2"), Cell("Only words.")]
    assert as_script(cells) == "# ---- Data ----\n#\n# Rows.\nx = 1\n\ny = 2\n\n# Only words.\n"
    long = as_script([Cell("word " * 60)])
    assert all(line.startswith("# ") and len(line) <= 100 for line in long.splitlines())
