"""Data sets for training: generated sets, bundled real data and the user's own, with splitting.

To add a set, add one ``Dataset`` entry to the file of its family (clouds, shapes, curves, bundled).
Importing this package is fast: scikit-learn is loaded by the first set that needs it.
"""

from backprop_explorer.datasets.catalog import DATASETS, make_table
from backprop_explorer.datasets.dataset import Dataset, Table
from backprop_explorer.datasets.own_data import Rows, clean_name, own_dataset
from backprop_explorer.datasets.splitting import Split, split
