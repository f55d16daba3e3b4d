"""Real data shipped with scikit-learn; no download is needed."""

from __future__ import annotations

from functools import partial

from backprop_explorer.datasets.dataset import Dataset
from backprop_explorer.datasets.table import Table


def _bundled(
    loader: str,
    class_names: tuple[str, ...],
    target_name: str,
    image_shape: tuple[int, int] | None = None,
    *,
    seed: int,
    **options: bool,
) -> Table:
    """Return the table of ``sklearn.datasets.<loader>(**options)``; the seed has no effect."""
    from sklearn import datasets  # here, because it takes a second

    del seed
    bunch = getattr(datasets, loader)(**options)
    feature_names = tuple(str(name) for name in bunch.feature_names)
    return Table(bunch.data, bunch.target, feature_names, class_names, target_name, image_shape)


BUNDLED = (
    Dataset(
        name="iris",
        title="Iris",
        description="Fisher's 150 iris flowers: two lengths and two widths tell three species.",
        task="classification",
        size=150,
        features=4,
        classes=3,
        make=partial(_bundled, "load_iris", ("setosa", "versicolor", "virginica"), "species"),
    ),
    Dataset(
        name="wine",
        title="Wine",
        description="Chemical analyses of 178 Italian wines from three cultivars.",
        task="classification",
        size=178,
        features=13,
        classes=3,
        make=partial(_bundled, "load_wine", ("cultivar 1", "cultivar 2", "cultivar 3"), "cultivar"),
    ),
    Dataset(
        name="breast_cancer",
        title="Breast cancer",
        description="569 breast tumours, each described by 30 measurements of its cell nuclei.",
        task="classification",
        size=569,
        features=30,
        classes=2,
        make=partial(_bundled, "load_breast_cancer", ("malignant", "benign"), "diagnosis"),
    ),
    Dataset(
        name="digits",
        title="Handwritten digits",
        description="1,797 handwritten digits as pictures of 8 by 8 grey values from 0 to 16.",
        task="classification",
        size=1797,
        features=64,
        classes=10,
        make=partial(_bundled, "load_digits", tuple("0123456789"), "digit", (8, 8)),
    ),
    Dataset(
        name="diabetes",
        title="Diabetes",
        description="442 patients: ten measurements predict the disease's progress in a year.",
        task="regression",
        size=442,
        features=10,
        # Unscaled: ages in years, not in multiples of 0.05. The split standardises.
        make=partial(_bundled, "load_diabetes", (), "disease progression", scaled=False),
    ),
)
