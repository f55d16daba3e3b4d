"""Two-dimensional classification sets generated here: spirals, quadrants and logic gates."""

from __future__ import annotations

from functools import partial

import numpy as np

from backprop_explorer.datasets.dataset import (
    SAMPLES,
    Dataset,
    Table,
    classes_parameter,
    noise_parameter,
    numbered_inputs,
)
from backprop_explorer.engine.registry import Parameter

INNERMOST = 0.1  # the radius where an arm starts; at 0 all of them would share one point
PADDING = 0.1  # how far from the axes the quadrants of xor begin
CORNERS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])  # in truth table order


def _spirals(*, seed: int, samples: int, noise: float, classes: int, turns: float) -> Table:
    """Points evenly spaced in radius on Archimedean spirals; arm j is turned by 2πj/classes."""
    rng = np.random.default_rng(seed)
    row = rng.permutation(samples)
    arm, place = row % classes, row // classes
    along = place / max(1, (samples - 1) // classes)
    radius = INNERMOST + (1 - INNERMOST) * along
    angle = 2 * np.pi * (turns * along + arm / classes)
    clean = radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    names = tuple(f"arm {number}" for number in range(1, classes + 1))
    return Table(
        clean + noise * rng.standard_normal(clean.shape), arm, numbered_inputs(2), names, "arm"
    )


def _xor(*, seed: int, samples: int, noise: float) -> Table:
    """Uniform points in the quadrants of [-1, 1]², labelled first and then moved by noise."""
    rng = np.random.default_rng(seed)
    positive = CORNERS[rng.permutation(samples) % 4] == 1
    clean = np.where(positive, 1.0, -1.0) * rng.uniform(PADDING, 1, positive.shape)
    return Table(
        clean + noise * rng.standard_normal(clean.shape),
        positive[:, 0] != positive[:, 1],
        numbered_inputs(2),
        ("same signs", "different signs"),
        "x₀ xor x₁",
    )


def _gate(
    truth: tuple[int, int, int, int], word: str, *, seed: int, samples: int, noise: float
) -> Table:
    """The corners of the unit square, repeated in truth table order, each moved by noise."""
    rng = np.random.default_rng(seed)
    corner = np.arange(samples) % 4
    return Table(
        CORNERS[corner] + noise * rng.standard_normal((samples, 2)),
        np.array(truth)[corner],
        numbered_inputs(2),
        ("false", "true"),
        f"x₀ {word} x₁",
    )


SHAPES = (
    Dataset(
        name="spirals",
        title="Spirals",
        description="Arms that wind around one another; the more turns, the harder.",
        task="classification",
        parameters=(
            SAMPLES,
            noise_parameter(0.03, 0.5),
            classes_parameter(2, "Arms"),
            Parameter("turns", "Turns of an arm", 1, 0.25, 3),
        ),
        features=2,
        classes=2,
        make=_spirals,
    ),
    Dataset(
        name="xor",
        title="Exclusive or",
        description="Opposite quadrants share a class, so a network without a hidden layer fails.",
        task="classification",
        parameters=(SAMPLES, noise_parameter(0.1, 1)),
        features=2,
        classes=2,
        make=_xor,
    ),
    Dataset(
        name="and_gate",
        title="AND gate",
        description="The corners of the unit square, true where both inputs are 1.",
        task="classification",
        parameters=(SAMPLES, noise_parameter(0.1, 0.5)),
        features=2,
        classes=2,
        make=partial(_gate, (0, 0, 0, 1), "and"),
    ),
    Dataset(
        name="or_gate",
        title="OR gate",
        description="The corners of the unit square, true where at least one input is 1.",
        task="classification",
        parameters=(SAMPLES, noise_parameter(0.1, 0.5)),
        features=2,
        classes=2,
        make=partial(_gate, (0, 1, 1, 1), "or"),
    ),
)
