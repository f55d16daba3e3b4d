"""``bx.check``: marks, diagnoses and display of a submission."""

from __future__ import annotations

import numpy as np
import pytest

import backprop_explorer as bx
from backprop_explorer.engine.errors import InvalidInput

RNG = np.random.default_rng(8)
LAYERS = [
    (RNG.normal(size=(3, 2)), RNG.normal(size=3)),
    (RNG.normal(size=(4, 3)), RNG.normal(size=4)),
]
X, TARGET = RNG.random(2), RNG.random(4)
GIVEN = {"layers": LAYERS, "x": X, "target": TARGET, "activations": ["tanh", "sigmoid"]}


def test_right_numbers_are_correct() -> None:
    working = bx.trace(**GIVEN)
    checked = bx.check({name: working[name] for name in working}, **GIVEN)
    assert checked.verdict == "correct"
    assert checked
    assert checked.first_wrong is None
    assert "bx-correct" in checked._repr_html_()


def test_a_wrong_line_is_named_and_its_entries_are_marked() -> None:
    working = bx.trace(**GIVEN)
    wrong = working["dC_dz2"].copy()
    wrong[1] *= 3.0
    checked = bx.check({"delta2": wrong, "dC_db2": wrong}, **GIVEN)
    assert (checked.verdict, checked.first_wrong) == ("wrong", "dC_dz2")
    assert checked.entries("dC_dz2").tolist() == [True, False, True, True]
    html = checked._repr_html_()
    assert html.count('class="bx-no"') == 2
    assert "✓ follows" in html
    assert "dC_dz2" in repr(checked)


def test_a_known_mistake_is_diagnosed() -> None:
    working = bx.trace(**GIVEN)
    z2 = LAYERS[1][0] @ working["a1"]
    checked = bx.check({"z1": working["z1"], "z2": str(z2)}, **GIVEN)
    assert [each.misconception for each in checked.diagnoses] == ["missing_bias"]
    assert checked.diagnoses[0].message in repr(checked)


@pytest.mark.parametrize(
    ("submitted", "field"),
    [
        ({"q": [1.0]}, "submitted.q"),
        ({"z1": [[1.0], [1.0, 2.0]]}, "submitted.z1"),
        ([1], "submitted"),
    ],
)
def test_bad_submissions_are_refused(submitted: object, field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        bx.check(submitted, **GIVEN)
    assert caught.value.field == field
