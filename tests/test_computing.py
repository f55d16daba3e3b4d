"""Which thread computes an answer."""

from __future__ import annotations

import asyncio
import threading
from math import inf

import numpy as np
import pytest

from app.api.computing import QUICK_WORK, computed
from app.api.schemas import TraceRequest
from app.experiments.explorer import Explorer
from app.experiments.frame import Wanted
from app.experiments.recipe import Recipe
from app.settings import Limits, Settings


@pytest.mark.parametrize(("work", "here"), [(0, True), (QUICK_WORK, True), (inf, False)])
def test_only_quick_work_is_done_where_it_is_asked_for(work: float, here: bool) -> None:
    async def asked() -> bool:
        return await computed(threading.get_ident, work) == threading.get_ident()

    assert asyncio.run(asked()) == here


def request(units: int, samples: int, *, verify: bool) -> TraceRequest:
    layer = {"W": np.zeros((units, 2)).tolist(), "b": [0.0] * units}
    x, target = [[0.0, 0.0]] * samples, [[0.0] * units] * samples
    return TraceRequest.model_validate(
        {"layers": [layer], "x": x, "target": target, "verify": verify}
    )


def test_a_working_is_quick_while_its_numbers_are_few() -> None:
    assert request(20, 1, verify=True).work < QUICK_WORK
    assert request(20, 1, verify=False).work < request(20, 1, verify=True).work
    assert request(500, 1, verify=True).work > QUICK_WORK
    assert request(20, 64, verify=True).work > QUICK_WORK


def test_a_step_is_quick_where_training_has_been() -> None:
    explorer = Explorer(Settings(store=":memory:", limits=Limits(frame_budget_seconds=60)))
    recipe = Recipe()
    assert explorer.work(recipe.id, 0) == inf
    explorer.create(recipe)
    assert explorer.work(recipe.id, 20) < QUICK_WORK < explorer.work(recipe.id, 5000)
    frame = explorer.frame(recipe.id, 5000, Wanted(frozenset()))
    assert isinstance(frame, dict)
    assert frame["step"] == 5000
    assert explorer.work(recipe.id, 5001) < QUICK_WORK
    entry = explorer._entry(recipe.id)
    with entry.lock:
        assert explorer.work(recipe.id, 5001) == inf
    explorer.close()
