"""Generated regression sets."""

from __future__ import annotations

import numpy as np

from backprop_explorer.datasets.dataset import (
    SAMPLES,
    Dataset,
    Floats,
    Table,
    noise_parameter,
    numbered_inputs,
    of_library,
)
from backprop_explorer.engine.registry import Parameter


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
