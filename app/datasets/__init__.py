"""The data sets to train on: toy generators, bundled real data, and how they are split.

Adding a set is one ``Dataset`` entry in the file of its family (clouds, shapes, curves, bundled).
Importing this is quick: scikit-learn is loaded when a set that needs it is first made.
"""

from app.datasets.catalog import DATASETS, make_table
from app.datasets.dataset import Dataset
from app.datasets.own import Rows, clean_name, own_dataset
from app.datasets.splitting import Split, split
from app.datasets.table import Table

__all__ = [
    "DATASETS",
    "Dataset",
    "Rows",
    "Split",
    "Table",
    "clean_name",
    "make_table",
    "own_dataset",
    "split",
]
