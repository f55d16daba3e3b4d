"""Classification sets in the plane that scikit-learn generates.

It is imported by the set that is made, because importing it takes a second. The moons, which the
first visit shows, do without it.
"""

from __future__ import annotations

import numpy as np

from backprop_explorer.datasets.dataset import SAMPLES, Dataset, classes_parameter, noise_parameter
from backprop_explorer.datasets.table import Floats, Ints, Table, numbered_inputs
from backprop_explorer.engine.registry import Parameter


def _labelled(made: tuple[Floats, Ints], class_names: tuple[str, ...]) -> Table:
    """Return the table of scikit-learn's ``(features (N, 2), target (N,))``."""
    features, target = made
    return Table(features, target, numbered_inputs(2), class_names, target_name="class")


def _numbered(word: str, count: int) -> tuple[str, ...]:
    return tuple(f"{word} {number}" for number in range(1, count + 1))


def _moons(*, seed: int, samples: int, noise: float) -> Table:
    """The numbers of scikit-learn's ``make_moons``, bit for bit; a test compares them."""
    rng = np.random.RandomState(seed)  # scikit-learn's generator
    upper, lower = np.linspace(0, np.pi, samples // 2), np.linspace(0, np.pi, -(-samples // 2))
    x = np.append(np.cos(upper), 1 - np.cos(lower))
    y = np.append(np.sin(upper), 1 - np.sin(lower) - 0.5)
    order = np.arange(samples)
    rng.shuffle(order)
    features = np.column_stack([x, y])[order] + rng.normal(scale=noise, size=(samples, 2))
    target = np.repeat(np.arange(2), [len(upper), len(lower)])[order]
    return _labelled((features, target), ("upper moon", "lower moon"))


def _circles(*, seed: int, samples: int, noise: float, factor: float) -> Table:
    from sklearn.datasets import make_circles

    made = make_circles(samples, noise=noise, factor=factor, random_state=seed)
    return _labelled(made, ("outer circle", "inner circle"))


def _blobs(*, seed: int, samples: int, noise: float, classes: int) -> Table:
    from sklearn.datasets import make_blobs

    # The centres stand evenly on the unit circle. Drawn at random, as scikit-learn does on its own,
    # some seeds put two blobs on one another, and the seed would decide how hard the set is.
    angles = np.pi / 4 + 2 * np.pi * np.arange(classes) / classes
    centers = np.column_stack([np.cos(angles), np.sin(angles)])
    made = make_blobs(samples, centers=centers, cluster_std=noise, random_state=seed)
    return _labelled(made, _numbered("blob", classes))


def _gaussian_quantiles(*, seed: int, samples: int, classes: int) -> Table:
    from sklearn.datasets import make_gaussian_quantiles

    made = make_gaussian_quantiles(
        n_samples=samples, n_features=2, n_classes=classes, random_state=seed
    )
    return _labelled(made, _numbered("ring", classes))


def _classification(
    *, seed: int, samples: int, noise: float, classes: int, separation: float
) -> Table:
    from sklearn.datasets import make_classification

    made = make_classification(
        samples,
        n_features=2,
        n_informative=2,
        n_redundant=0,
        n_classes=classes,
        n_clusters_per_class=1,
        flip_y=noise,
        class_sep=separation,
        random_state=seed,
    )
    return _labelled(made, _numbered("class", classes))


CLOUDS = (
    Dataset(
        name="moons",
        title="Moons",
        description="Two interleaving half circles, which no straight line separates.",
        task="classification",
        parameters=(SAMPLES, noise_parameter(0.2, 1)),
        size=None,
        features=2,
        classes=2,
        make=_moons,
    ),
    Dataset(
        name="circles",
        title="Circles",
        description="A small circle inside a large one; the boundary has to close on itself.",
        task="classification",
        parameters=(
            SAMPLES,
            noise_parameter(0.1, 1),
            Parameter("factor", "Radius of the inner circle", 0.5, 0, 0.95),
        ),
        size=None,
        features=2,
        classes=2,
        make=_circles,
    ),
    Dataset(
        name="blobs",
        title="Blobs",
        description="Round clouds of points, one a class, with their centres on the unit circle.",
        task="classification",
        parameters=(
            SAMPLES,
            noise_parameter(0.25, 2, "Spread of a blob (standard deviation)"),
            classes_parameter(3, "Blobs"),
        ),
        size=None,
        features=2,
        classes=3,
        make=_blobs,
    ),
    Dataset(
        name="gaussian_quantiles",
        title="Gaussian quantiles",
        description="One round cloud cut into rings that hold equally many points, a class each.",
        task="classification",
        parameters=(SAMPLES, classes_parameter(3, "Rings")),
        size=None,
        features=2,
        classes=3,
        make=_gaussian_quantiles,
    ),
    Dataset(
        name="classification",
        title="Stretched clouds",
        description="One stretched and turned cloud a class, with some of the labels wrong.",
        task="classification",
        parameters=(
            SAMPLES,
            noise_parameter(0.01, 0.5, "Share of labels drawn at random"),
            # Two informative features have four corners for the clouds to sit on.
            classes_parameter(2, maximum=4),
            Parameter("separation", "Distance between the clouds", 1, 0.1, 5),
        ),
        size=None,
        features=2,
        classes=2,
        make=_classification,
    ),
)
