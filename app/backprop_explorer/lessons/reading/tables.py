"""A class's own data in an experiment of a lesson: a CSV file beside the lesson."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from backprop_explorer.datasets.column_selection import select_columns
from backprop_explorer.datasets.csv_table import CsvLimits, decode, read_csv
from backprop_explorer.datasets.own_data import Rows
from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.experiments.recipe_data import MAX_POINT_COLUMNS
from backprop_explorer.limits import Limits
from backprop_explorer.texts import lessons_reading as texts

# Entries of a data set that say how the file is read; the others are those of the recipe.
FILE, TARGET, FEATURES = "csv", "target", "features"


def with_table(recipe: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Return the recipe with the rows of ``dataset: {csv: file}`` as the data set "points".

    So the experiment has its data in itself, and its id does not depend on a file. Raises
    InvalidInput naming the row and column of a cell that cannot be used, and ValueError for a file
    that is missing, outside the folder or too long.
    """
    given = recipe.get("dataset")
    if not isinstance(given, Mapping) or FILE not in given:
        return dict(recipe)
    path = (folder / str(given[FILE])).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise ValueError(texts.file_elsewhere(given[FILE]))
    if not path.is_file():
        raise ValueError(texts.no_file_beside(given[FILE]))
    features = given.get(FEATURES)
    rows = _rows(
        path,
        path.stat().st_mtime_ns,
        None if given.get(TARGET) is None else str(given[TARGET]),
        None if features is None else tuple(str(each) for each in features),
    )
    others = {k: v for k, v in given.items() if k not in (FILE, TARGET, FEATURES)}
    points = {
        "name": "points",
        "x": rows.x,
        "target": rows.target,
        "classes": rows.classes,
        "features": rows.features,
        **others,
    }
    return {**recipe, "dataset": {k: v for k, v in points.items() if v is not None}}


@lru_cache(maxsize=32)
def _rows(path: Path, _changed: int, target: str | None, features: tuple[str, ...] | None) -> Rows:
    limits = Limits()
    most = CsvLimits(limits.max_points, limits.max_columns, limits.max_cells)
    try:
        table = read_csv(decode(path.read_bytes()), most, None)
        rows = select_columns(table, target, features, None, leave_out=True).rows
    except InvalidInput as error:
        raise ValueError(f"{path.name}: {error.message}") from None
    if len(rows.features) > MAX_POINT_COLUMNS:
        message = texts.most_features(MAX_POINT_COLUMNS)
        raise ValueError(f"{path.name}: {message}")
    return rows
