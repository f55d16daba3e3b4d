"""The tables that a server provides: of EXPLORER_DATASETS and of installed packages.

An experiment holds the id of their content as it does for an upload, so that it stays what it is
when a file changes.
"""

from __future__ import annotations

from pathlib import Path

from backprop_explorer.datasets.csv_table import CsvLimits
from backprop_explorer.datasets.folder import DatasetFileError, FolderTable, read_folders
from backprop_explorer.datasets.installed import DATASET_FOLDERS, installed_folders
from backprop_explorer.experiments.store.base import rows_id
from backprop_explorer.settings import ConfigurationError, Settings


def provided_tables(settings: Settings) -> dict[str, FolderTable]:
    """Return the tables by id, in the order of the folders.

    Raises ConfigurationError naming the file that cannot be used.
    """
    limits = settings.limits
    most = CsvLimits(limits.max_samples, limits.max_columns, limits.max_cells)
    try:
        tables = read_folders(
            [*installed_folders(DATASET_FOLDERS), *map(Path, settings.datasets)], most
        )
    except DatasetFileError as error:
        raise ConfigurationError(f"EXPLORER_DATASETS: {error}") from None
    return {rows_id(table.rows): table for table in tables}
