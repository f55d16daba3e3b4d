"""Generated sets: classes of points in a plane (some by scikit-learn), and curves.

The moons, the default data set, are made without scikit-learn: it takes a second to import.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from backprop_explorer.datasets.dataset import (
    SAMPLES,
    Dataset,
    Floats,
    Table,
    classes_parameter,
    noise_parameter,
    numbered_inputs,
    of_library,
)
from backprop_explorer.engine.registry import Parameter


def _moons(*, seed: int, samples: int, noise: float) -> Table:
    """Return the same moons as scikit-learn's ``make_moons``, bit for bit; a test compares them."""
    rng = np.random.RandomState(seed)  # scikit-learn's generator
    upper, lower = np.linspace(0, np.pi, samples // 2), np.linspace(0, np.pi, -(-samples // 2))
    x = np.append(np.cos(upper), 1 - np.cos(lower))
    y = np.append(np.sin(upper), 1 - np.sin(lower) - 0.5)
    order = np.arange(samples)
    rng.shuffle(order)
    features = np.column_stack([x, y])[order] + rng.normal(scale=noise, size=(samples, 2))
    target = np.repeat(np.arange(2), [len(upper), len(lower)])[order]
    names = ("upper moon", "lower moon")
    return Table(features, target, numbered_inputs(2), names, target_name="class")


CLOUDS = (
    Dataset(
        name="moons",
        title="Moons",
        description="Two interleaving half circles, which no straight line separates.",
        task="classification",
        parameters=(SAMPLES, noise_parameter(0.2, 1)),
        features=2,
        classes=2,
        make=_moons,
        source=(
            "features, labels = make_moons(n_samples={samples!r}, noise={noise!r}, "
            "random_state={seed})"
        ),
    ),
    of_library(
        ("outer circle", "inner circle"),
        "class",
        name="circles",
        title="Circles",
        description="A small circle inside a large one; the boundary has to close on itself.",
        task="classification",
        parameters=(
            SAMPLES,
            noise_parameter(0.1, 1),
            Parameter("factor", "Radius of the inner circle", 0.5, 0, 0.95),
        ),
        features=2,
        classes=2,
        source=(
            "features, labels = make_circles(n_samples={samples!r}, noise={noise!r}, "
            "factor={factor!r}, random_state={seed})"
        ),
    ),
    of_library(
        "blob",
        "class",
        name="blobs",
        title="Blobs",
        description="Round clouds of points, one a class, with their centres on the unit circle.",
        task="classification",
        parameters=(
            SAMPLES,
            noise_parameter(0.25, 2, "Spread of a blob (standard deviation)"),
            classes_parameter(3, "Blobs"),
        ),
        features=2,
        classes=3,
        # The centres lie evenly spaced on the unit circle. Random ones, the library's default,
        # overlap for some seeds, and the seed would then decide the difficulty.
        source=(
            "angles = np.pi / 4 + 2 * np.pi * np.arange({classes}) / {classes}\n"
            "centers = np.column_stack([np.cos(angles), np.sin(angles)])\n"
            "features, labels = make_blobs({samples}, centers=centers, cluster_std={noise!r}, "
            "random_state={seed})"
        ),
    ),
    of_library(
        "ring",
        "class",
        name="gaussian_quantiles",
        title="Gaussian quantiles",
        description="One round cloud cut into rings that hold equally many points, a class each.",
        task="classification",
        parameters=(SAMPLES, classes_parameter(3, "Rings")),
        features=2,
        classes=3,
        source=(
            "features, labels = make_gaussian_quantiles(n_samples={samples}, n_features=2, "
            "n_classes={classes}, random_state={seed})"
        ),
    ),
    of_library(
        "class",
        "class",
        name="classification",
        title="Stretched clouds",
        description="One stretched and turned cloud a class, with some of the labels wrong.",
        task="classification",
        parameters=(
            SAMPLES,
            noise_parameter(0.01, 0.5, "Share of labels drawn at random"),
            # Two informative features give four corners for the clusters.
            classes_parameter(2, maximum=4),
            Parameter("separation", "Distance between the clouds", 1, 0.1, 5),
        ),
        features=2,
        classes=2,
        source=(
            "features, labels = make_classification({samples}, n_features=2, n_informative=2, "
            "n_redundant=0,\n    n_classes={classes}, n_clusters_per_class=1, flip_y={noise!r}, "
            "class_sep={separation!r}, random_state={seed})"
        ),
    ),
)


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


def _noisy(rng: np.random.Generator, features: Floats, clean: Floats, noise: float) -> Table:
    """Return a table of ``features`` (N, d) whose target is ``clean`` (N,) plus normal noise."""
    count = features.shape[1]
    names = ("x",) if count == 1 else numbered_inputs(count)
    return Table(features, clean + noise * rng.standard_normal(clean.shape), names, (), "y")


def _sine(*, seed: int, samples: int, noise: float, periods: float) -> Table:
    rng = np.random.default_rng(seed)
    x = rng.uniform(-1, 1, (samples, 1))
    return _noisy(rng, x, np.sin(np.pi * periods * x[:, 0]), noise)


def _runge(*, seed: int, samples: int, noise: float) -> Table:
    rng = np.random.default_rng(seed)
    x = rng.uniform(-1, 1, (samples, 1))
    return _noisy(rng, x, 1 / (1 + 25 * x[:, 0] ** 2), noise)


def _plane(*, seed: int, samples: int, noise: float) -> Table:
    """The plane of TensorFlow Playground: inputs within [-6, 6], target (x₀ + x₁) / 10."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(-6, 6, (samples, 2))
    return _noisy(rng, x, (x[:, 0] + x[:, 1]) / 10, noise)


CURVES = (
    Dataset(
        name="sine",
        title="Sine",
        description="A sine wave of one input between -1 and 1.",
        task="regression",
        parameters=(SAMPLES, noise_parameter(0.1, 1), Parameter("periods", "Periods", 1, 0.25, 5)),
        features=1,
        make=_sine,
    ),
    Dataset(
        name="runge",
        title="Runge's function",
        description="The bell 1/(1 + 25x²) between -1 and 1, flat outside and steep inside.",
        task="regression",
        parameters=(SAMPLES, noise_parameter(0.05, 1)),
        features=1,
        make=_runge,
    ),
    Dataset(
        name="plane",
        title="Tilted plane",
        description="A plane over two inputs, which a single linear neuron can fit.",
        task="regression",
        parameters=(SAMPLES, noise_parameter(0.1, 1)),
        features=2,
        make=_plane,
    ),
    # y = 10 sin(π x₀ x₁) + 20 (x₂ - ½)² + 10 x₃ + 5 x₄ (Friedman 1991, equation 61).
    of_library(
        (),
        "y",
        name="friedman1",
        title="Friedman 1",
        description="A curved function of ten inputs, of which only the first five matter.",
        task="regression",
        parameters=(SAMPLES, noise_parameter(1, 10)),
        features=10,
        source=(
            "features, labels = make_friedman1({samples}, n_features=10, noise={noise!r}, "
            "random_state={seed})"
        ),
    ),
)
