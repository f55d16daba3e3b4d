"""bx.sweep: values, figure, bar, errors."""

from __future__ import annotations

import numpy as np
import pytest

import backprop_explorer as bx
from backprop_explorer.engine.errors import InvalidInput

AXES = {"penalty.l2": [0.0, 0.01], "optimizer.learning_rate": np.array([0.01, 0.3, 1e60])}


def test_values_are_those_of_the_experiments(capsys: pytest.CaptureFixture[str]) -> None:
    found = bx.sweep({"batch": {"size": 10}}, AXES, 40)
    assert np.asarray(found).shape == (2, 3)
    for row, column in ((0, 0), (1, 1)):
        cost = found.experiment(row, column).frame(40)["cost"]["test"]
        assert cost == found.values[row, column]
    assert np.isnan(found.values[:, 2]).all()
    assert np.isfinite(found.diverged[:, 2]).all()
    assert found.best in {(0, 1), (1, 1)}
    assert "2 of 6 diverged" in repr(found)
    assert "100 %" in capsys.readouterr().err


def test_figure_and_repeats() -> None:
    axes = [{"field": "optimizer.learning_rate", "scale": "log", "from": 0.01, "to": 1, "count": 5}]
    found = bx.sweep(None, axes, 20, "score.train", repeats=2, progress=False)
    assert found.spread is not None
    assert found.values.shape == (5, 1)
    figure = found.figure()
    assert [trace.type for trace in figure.data] == ["heatmap", "heatmap", "scatter"]


@pytest.mark.parametrize(
    ("axes", "field"),
    [({"penalty": [1.0]}, "axes.0.values.0"), ({}, "axes"), ({"nothing": [1]}, "axes.0.field")],
)
def test_errors_name_the_field(axes: dict[str, list[float]], field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        bx.sweep(None, axes, 10, progress=False)
    assert caught.value.field == field
