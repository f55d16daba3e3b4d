"""The data sets to train on: toy generators, bundled real data, and how they are split.

Adding a set is one ``Dataset`` entry in the file of its family (clouds, shapes, curves, bundled).
Importing this is quick: scikit-learn is loaded when a set that needs it is first made.
"""

from backprop_explorer.datasets.catalog import DATASETS, make_table
from backprop_explorer.datasets.dataset import Dataset
from backprop_explorer.datasets.own_tables import Rows, clean_name, own_dataset
from backprop_explorer.datasets.splitting import Split, split
from backprop_explorer.datasets.table import Table

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
