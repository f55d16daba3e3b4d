"""Names of lines in Unicode."""

from __future__ import annotations

import pytest

from backprop_explorer.engine.plain_names import plain_name


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("z1", "z⁽¹⁾"),
        ("dC_dW12", "∂C/∂W⁽¹²⁾"),
        ("W2_next", "new W⁽²⁾"),
        ("C", "C"),
        ("m_W1_next", "m W1 next"),
    ],
)
def test_names_are_written_as_on_the_page(name: str, written: str) -> None:
    assert plain_name(name) == written
