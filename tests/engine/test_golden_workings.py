"""Ids, texts and numbers of workings are those that links, lessons and the API know."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tests.helpers.golden_workings import FILE, described, workings

KEPT = json.loads(FILE.read_text(encoding="utf-8"))
MADE = workings()


@pytest.mark.parametrize("name", KEPT)
def test_a_working_has_not_changed(name: str) -> None:
    """Values to 1e-12: processors round differently."""
    lines = described(MADE[name])
    assert [line["id"] for line in lines] == [line["id"] for line in KEPT[name]]
    for line, kept in zip(lines, KEPT[name], strict=True):
        np.testing.assert_allclose(
            line.pop("value"), kept.pop("value"), rtol=1e-12, atol=1e-300, err_msg=line["id"]
        )
        assert {key: line[key] for key in kept} == kept
