"""Real data shipped with scikit-learn; no download is needed."""

from __future__ import annotations

from backprop_explorer.datasets.dataset import of_library

BUNDLED = (
    of_library(
        ("setosa", "versicolor", "virginica"),
        "species",
        name="iris",
        title="Iris",
        description="Fisher's 150 iris flowers: two lengths and two widths tell three species.",
        task="classification",
        size=150,
        features=4,
        classes=3,
        source="bunch = load_iris()",
    ),
    of_library(
        ("cultivar 1", "cultivar 2", "cultivar 3"),
        "cultivar",
        name="wine",
        title="Wine",
        description="Chemical analyses of 178 Italian wines from three cultivars.",
        task="classification",
        size=178,
        features=13,
        classes=3,
        source="bunch = load_wine()",
    ),
    of_library(
        ("malignant", "benign"),
        "diagnosis",
        name="breast_cancer",
        title="Breast cancer",
        description="569 breast tumours, each described by 30 measurements of its cell nuclei.",
        task="classification",
        size=569,
        features=30,
        classes=2,
        source="bunch = load_breast_cancer()",
    ),
    of_library(
        tuple("0123456789"),
        "digit",
        (8, 8),
        name="digits",
        title="Handwritten digits",
        description="1,797 handwritten digits as pictures of 8 by 8 grey values from 0 to 16.",
        task="classification",
        size=1797,
        features=64,
        classes=10,
        source="bunch = load_digits()",
    ),
    of_library(
        (),
        "disease progression",
        name="diabetes",
        title="Diabetes",
        description="442 patients: ten measurements predict the disease's progress in a year.",
        task="regression",
        size=442,
        features=10,
        # Unscaled: ages in years, not in multiples of 0.05. The split standardises.
        source="bunch = load_diabetes(scaled=False)",
    ),
)
