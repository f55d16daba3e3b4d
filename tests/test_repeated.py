"""A working that is asked for again and again: the same bits from a tape."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any

import numpy as np
import pytest

from app.core import repeated
from app.core.activations import ACTIVATIONS
from app.core.backprop import Objective, givens, run, working
from app.core.costs import COSTS
from app.core.network import Network, Parameters
from app.core.repeated import WORTH_RECORDING, Repeated, worked
from app.core.trace import differing_lines, trace
from app.core.updates import Update
from tests.helpers.networks import OUTPUT, build, data, draw


def _bits(values: dict[str, Any]) -> dict[str, tuple[type, bytes]]:
    return {name: (type(each), np.asarray(each).tobytes()) for name, each in values.items()}


def _start(
    rng: np.random.Generator, network: Network, objective: Objective, samples: int, scale: float
) -> tuple[Parameters, dict[str, Any]]:
    parameters = draw(rng, network, scale)
    x, target = data(rng, network, objective.cost, samples)
    return parameters, {**givens(objective, x, target), **parameters.named()}


def _plain(network: Network, objective: Objective, start: dict[str, Any]) -> dict[str, Any]:
    values = run(working(network, objective), dict(start))
    return {step.id: values[step.id] for step in working(network, objective)}


CASES = [
    *((activation, "mse", 0.0) for activation in ACTIVATIONS),
    *(("tanh", cost, penalty) for cost in COSTS for penalty in (0.0, 0.01)),
]


@pytest.mark.parametrize(("activation", "cost", "penalty"), CASES)
@pytest.mark.parametrize("samples", [1, 7])
@pytest.mark.parametrize("fused", [True, False])
def test_a_repeated_working_has_the_same_bits(
    activation: str, cost: str, penalty: float, samples: int, fused: bool
) -> None:
    rng = np.random.default_rng(7)
    network = build(3, (4, activation), (5, activation), (3, OUTPUT.get(cost, activation)))
    objective = Objective(cost, "mean", l1=penalty, l2=penalty, fused=fused)
    again = Repeated(network, objective, samples)
    with np.errstate(all="ignore"):
        # The largest weights take the formulas for saturated units, and overflow.
        for scale in [1.0] * WORTH_RECORDING + [1.0, 20.0, 1e200, 1.0]:
            parameters, start = _start(rng, network, objective, samples, scale)
            found = again.values(parameters, start)
            assert _bits(found) == _bits(_plain(network, objective, start))
            assert list(found) == [step.id for step in working(network, objective)]
    assert again.is_recorded


def test_what_a_repeated_working_gave_stays_as_it_is() -> None:
    rng = np.random.default_rng(8)
    network, objective = build(2, (3, "tanh"), (1, "identity")), Objective()
    again = Repeated(network, objective, 1)
    asked = [_start(rng, network, objective, 1, 1.0) for _ in range(3 * WORTH_RECORDING)]
    found = [again.values(*each) for each in asked]
    for (_, start), values in zip(asked, found, strict=True):
        assert _bits(values) == _bits(_plain(network, objective, start))


def test_a_repeated_working_may_be_asked_by_many_threads() -> None:
    rng = np.random.default_rng(9)
    network, objective = build(2, (30, "gelu"), (30, "gelu"), (1, "identity")), Objective()
    again = Repeated(network, objective, 1)
    asked = [_start(rng, network, objective, 1, 1.0) for _ in range(400)]
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda each: again.values(*each), asked))
    for (_, start), values in zip(asked, found, strict=True):
        assert _bits(values) == _bits(_plain(network, objective, start))


@pytest.mark.parametrize(
    ("units", "samples", "kept"), [(100, 5, True), (101, 5, False), (150, 1, False), (140, 1, True)]
)
def test_what_is_large_is_not_recorded(
    units: int, samples: int, kept: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(11)
    network, objective = build(units, (units, "tanh"), (1, "identity")), Objective()
    known = lru_cache(Repeated)
    monkeypatch.setattr(repeated, "repeated", known)
    parameters, start = _start(rng, network, objective, samples, 1.0)
    found = worked(parameters, objective, start)
    assert _bits(found) == _bits(_plain(network, objective, start))
    assert bool(known.cache_info().currsize) == kept


def test_a_trace_that_is_repeated_is_the_same() -> None:
    rng = np.random.default_rng(10)
    network, objective = build(2, (4, "sigmoid"), (2, "identity")), Objective("mse", "sum")
    parameters = draw(rng, network)
    x, target = data(rng, network, "mse", 1)
    update = Update("adam", 0.01)
    for _ in range(WORTH_RECORDING + 2):
        made = trace(network, parameters, objective, x, target, update=update, jacobians=True)
        assert not list(differing_lines(made))
