"""Two-dimensional classification sets of scikit-learn.

It takes a second to import: moons, circles and blobs are drawn in NumPy, bit for bit the same, as a
test sees; the other sets import it when made.
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


def _order(rng: np.random.RandomState, samples: int) -> Ints:
    """The order in which scikit-learn's ``shuffle`` puts samples."""
    order = np.arange(samples)
    rng.shuffle(order)
    return order


def _moons(*, seed: int, samples: int, noise: float) -> Table:
    rng = np.random.RandomState(seed)  # scikit-learn's generator
    upper, lower = np.linspace(0, np.pi, samples // 2), np.linspace(0, np.pi, -(-samples // 2))
    x = np.append(np.cos(upper), 1 - np.cos(lower))
    y = np.append(np.sin(upper), 1 - np.sin(lower) - 0.5)
    order = _order(rng, samples)
    features = np.column_stack([x, y])[order] + rng.normal(scale=noise, size=(samples, 2))
    target = np.repeat(np.arange(2), [len(upper), len(lower)])[order]
    return _labelled((features, target), ("upper moon", "lower moon"))


def _circles(*, seed: int, samples: int, noise: float, factor: float) -> Table:
    rng = np.random.RandomState(seed)
    sizes = [samples // 2, -(-samples // 2)]
    outer, inner = (np.linspace(0, 2 * np.pi, size, endpoint=False) for size in sizes)
    x = np.append(np.cos(outer), np.cos(inner) * factor)
    y = np.append(np.sin(outer), np.sin(inner) * factor)
    order = _order(rng, samples)
    features = np.column_stack([x, y])[order] + rng.normal(scale=noise, size=(samples, 2))
    target = np.repeat(np.arange(2), sizes)[order]
    return _labelled((features, target), ("outer circle", "inner circle"))


def _blobs(*, seed: int, samples: int, noise: float, classes: int) -> Table:
    rng = np.random.RandomState(seed)
    # The centres lie evenly spaced on the unit circle. Random centres, the default of scikit-learn,
    # overlap for some seeds, and the seed would then decide the difficulty.
    angles = np.pi / 4 + 2 * np.pi * np.arange(classes) / classes
    centers = np.column_stack([np.cos(angles), np.sin(angles)])
    sizes = [samples // classes + (k < samples % classes) for k in range(classes)]
    drawn = [rng.normal(loc, noise, (n, 2)) for loc, n in zip(centers, sizes, strict=True)]
    order = _order(rng, samples)
    target = np.repeat(np.arange(classes), sizes)[order]
    return _labelled((np.vstack(drawn)[order], target), _numbered("blob", classes))


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
            # Two informative features give four corners for the clusters.
            classes_parameter(2, maximum=4),
            Parameter("separation", "Distance between the clouds", 1, 0.1, 5),
        ),
        size=None,
        features=2,
        classes=2,
        make=_classification,
    ),
)
