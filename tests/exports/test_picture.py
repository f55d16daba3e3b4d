"""The picture of a line: what it shows, for every line and for networks of any size."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from backprop_explorer.engine.network import Network
from backprop_explorer.exports.picture import PHASES, Picture, make_picture
from tests.helpers.networks import build, deep, traced

DEEP = deep("tanh", 3, "mse")
LINES = [line.node.id for line in traced(np.random.default_rng(1), DEEP).lines]


def drawn(network: Network, name: str, samples: int = 1, scale: float = 1.0) -> Image.Image:
    """The picture of a line of a network with drawn numbers."""
    trace = traced(np.random.default_rng(1), network, samples=samples, scale=scale)
    line = next(each for each in trace.lines if each.node.id == name)
    content = make_picture(Picture(trace, line, "moons · step 300"))
    return Image.open(io.BytesIO(content)).convert("RGB")


def colours(picture: Image.Image) -> set[str]:
    """The colours of a picture as "#rrggbb"."""
    found = picture.getcolors(picture.width * picture.height) or []
    return {"#" + "".join(f"{part:02x}" for part in colour) for _, colour in found}


@pytest.mark.parametrize("name", LINES)
def test_every_line_has_a_picture_in_the_colour_of_its_phase(name: str) -> None:
    picture = drawn(DEEP, name)
    assert picture.size == (1200, 630)
    trace = traced(np.random.default_rng(1), DEEP)
    phase = next(line.node.role for line in trace.lines if line.node.id == name)
    assert colours(picture) & set(PHASES.values()) == {PHASES[phase]}


def test_the_picture_follows_line_and_numbers() -> None:
    first = drawn(DEEP, "dC_da1").tobytes()
    assert first == drawn(DEEP, "dC_da1").tobytes()
    assert first != drawn(DEEP, "dC_dz1").tobytes()
    assert first != drawn(DEEP, "dC_da1", scale=0.5).tobytes()


@pytest.mark.parametrize("samples", [1, 7])
def test_large_and_deep_networks_and_batches_fit(samples: int) -> None:
    wide = build(64, (100, "relu"), (10, "sigmoid"))
    for network in (wide, deep("sigmoid", 24, "mse")):
        picture = drawn(network, "dC_dW1", samples)
        # Nothing is drawn over the edge.
        assert {picture.getpixel((x, 200)) for x in (0, 1199)} == {(251, 250, 246)}


def test_numbers_that_are_not_finite_are_no_reason_to_fail() -> None:
    trace = traced(np.random.default_rng(1), DEEP)
    trace.givens["W1"][0, 0] = np.inf
    line = next(each for each in trace.lines if each.node.id == "z1")
    line.value[:] = np.nan
    assert make_picture(Picture(trace, line, "")).startswith(b"\x89PNG")
