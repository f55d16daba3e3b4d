"""Real data shipped with scikit-learn; no download is needed.

The files are read without importing scikit-learn, which takes a second and 60 MB in each worker.
"""

from __future__ import annotations

from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from backprop_explorer.datasets.dataset import Dataset
from backprop_explorer.datasets.table import Floats, Table

_CELL_NUCLEI = (
    *("radius", "texture", "perimeter", "area", "smoothness", "compactness", "concavity"),
    *("concave points", "symmetry", "fractal dimension"),
)
_FEATURES = {
    "iris": (*("sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"),),
    "wine": (
        *("alcohol", "malic_acid", "ash", "alcalinity_of_ash", "magnesium", "total_phenols"),
        *("flavanoids", "nonflavanoid_phenols", "proanthocyanins", "color_intensity", "hue"),
        *("od280/od315_of_diluted_wines", "proline"),
    ),
    "breast_cancer": (
        *(f"mean {name}" for name in _CELL_NUCLEI),
        *(f"{name} error" for name in _CELL_NUCLEI),
        *(f"worst {name}" for name in _CELL_NUCLEI),
    ),
    "digits": tuple(f"pixel_{row}_{column}" for row in range(8) for column in range(8)),
    "diabetes": ("age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"),
}


@cache
def _folder() -> Path:
    """Where scikit-learn keeps its data."""
    package = find_spec("sklearn")
    assert package is not None
    assert package.origin is not None
    return Path(package.origin).parent / "datasets" / "data"


def _numbers(file: str) -> Floats:
    """Read a file; one whose name ends with .gz has no header. (N, columns) float64."""
    separator = None if file.startswith("diabetes") else ","
    return np.loadtxt(
        _folder() / file, delimiter=separator, skiprows=int(file.endswith(".csv")), ndmin=2
    )


def _bundled(
    name: str,
    files: tuple[str, ...],
    class_names: tuple[str, ...],
    target_name: str,
    image_shape: tuple[int, int] | None = None,
    *,
    seed: int,
) -> Table:
    """Return the table in ``files``; its last column is the target. The seed has no effect."""
    del seed
    numbers = np.hstack([_numbers(file) for file in files])
    features, target = numbers[:, :-1], numbers[:, -1]
    return Table(features, target, _FEATURES[name], class_names, target_name, image_shape)


BUNDLED = (
    Dataset(
        name="iris",
        title="Iris",
        description="Fisher's 150 iris flowers: two lengths and two widths tell three species.",
        task="classification",
        parameters=(),
        size=150,
        features=4,
        classes=3,
        make=partial(
            _bundled, "iris", ("iris.csv",), ("setosa", "versicolor", "virginica"), "species"
        ),
    ),
    Dataset(
        name="wine",
        title="Wine",
        description="Chemical analyses of 178 Italian wines from three cultivars.",
        task="classification",
        parameters=(),
        size=178,
        features=13,
        classes=3,
        make=partial(
            _bundled,
            "wine",
            ("wine_data.csv",),
            ("cultivar 1", "cultivar 2", "cultivar 3"),
            "cultivar",
        ),
    ),
    Dataset(
        name="breast_cancer",
        title="Breast cancer",
        description="569 breast tumours, each described by 30 measurements of its cell nuclei.",
        task="classification",
        parameters=(),
        size=569,
        features=30,
        classes=2,
        make=partial(
            _bundled, "breast_cancer", ("breast_cancer.csv",), ("malignant", "benign"), "diagnosis"
        ),
    ),
    Dataset(
        name="digits",
        title="Handwritten digits",
        description="1,797 handwritten digits as pictures of 8 by 8 grey values from 0 to 16.",
        task="classification",
        parameters=(),
        size=1797,
        features=64,
        classes=10,
        make=partial(_bundled, "digits", ("digits.csv.gz",), tuple("0123456789"), "digit", (8, 8)),
    ),
    Dataset(
        name="diabetes",
        title="Diabetes",
        description="442 patients: ten measurements predict the disease's progress in a year.",
        task="regression",
        parameters=(),
        size=442,
        features=10,
        classes=0,
        # Unscaled: ages in years, not in multiples of 0.05. The split standardises.
        make=partial(
            _bundled,
            "diabetes",
            ("diabetes_data_raw.csv.gz", "diabetes_target.csv.gz"),
            (),
            "disease progression",
        ),
    ),
)
