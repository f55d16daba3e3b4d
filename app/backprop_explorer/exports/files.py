"""Make the export files: notebook, script, JSON, CSV and NumPy archive."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import orjson

from backprop_explorer.datasets.csv_table import escaped
from backprop_explorer.datasets.export_layout import TEST, TRAIN, header
from backprop_explorer.engine import names
from backprop_explorer.experiments.history import History
from backprop_explorer.experiments.snapshot import Snapshot
from backprop_explorer.experiments.typed_arrays import encodable
from backprop_explorer.exports.cells import as_script
from backprop_explorer.exports.program import program
from backprop_explorer.exports.subject import Subject


def make_script(subject: Subject) -> bytes:
    """Return the NumPy program as one file."""
    return as_script(program(subject)).encode()


def make_notebook(subject: Subject) -> bytes:
    """Return the NumPy program as a notebook without outputs."""
    import nbformat  # here, because it takes a while

    v4: Any = nbformat.v4

    cells = []
    for cell in program(subject):
        text = f"{cell.text}\n\n$${cell.latex}$$" if cell.latex else cell.text
        if text:
            cells.append(v4.new_markdown_cell(text))
        if cell.code:
            cells.append(v4.new_code_cell(cell.code.strip("\n")))
    for index, each in enumerate(cells):
        each["id"] = f"cell-{index}"  # fixed ids: equal exports have equal bytes
    notebook = v4.new_notebook(
        cells=cells,
        metadata={
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
    )
    return bytes(v4.writes(notebook).encode())


def make_trace(subject: Subject) -> bytes:
    """Return the working as its API route answers it, indented."""
    if subject.working is None:
        raise ValueError("a trace needs a working")
    return orjson.dumps(
        {"source": subject.source, **subject.working.document()},
        default=encodable,
        option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS,
    )


def make_history(subject: Subject) -> bytes:
    """Return the recorded points of the run up to the step, one row each."""
    at = _at(subject)
    curves, depth = at.curves, at.initial_state.network.depth
    score = "accuracy" if at.initial_state.classes else "r2"
    header = ["step", "epoch", "cost_train", "cost_test", f"{score}_train", f"{score}_test"]
    layers = range(1, depth + 1)
    normed = [*map(names.weights, layers), *map(names.weighted_sum, layers)]
    header += [f"norm_{names.gradient(name)}" for name in normed]
    rows = [
        [step, step // at.initial_state.steps_per_epoch, *numbers, *w_norms, *z_norms]
        for step, *numbers, w_norms, z_norms in zip(
            *(curves[name] for name in History.COLUMNS), strict=True
        )
    ]
    return csv_file([header, *rows])


def make_data(subject: Subject) -> bytes:
    """Return all rows of the data before standardising, with their part.

    Edits up to the step are included, converted back from standardised values; an extra column
    marks the edited rows.
    """
    initial_state = _at(subject).initial_state
    table, split = initial_state.table, initial_state.split
    part = np.full(len(table.target), TRAIN, dtype=object)
    part[split.test_rows] = TEST
    features, target = table.features.tolist(), table.target.tolist()
    edits: dict[int, dict[str, None]] = {}
    for write in initial_state.data_writes(_at(subject).step):
        row = int(split.train_rows[write.row])
        edits.setdefault(row, {})[write.name] = None
        if write.of == "x":
            mean, scale = split.feature_mean[write.column], split.feature_scale[write.column]
            features[row][write.column] = float(write.value * scale + mean)
        elif table.class_names:
            target[row] = int(write.value)
        else:
            raw = write.value * np.array(split.target_scale) + split.target_mean
            if raw.ndim:
                target[row][write.column] = float(raw[write.column])
            else:
                target[row] = float(raw)
    if table.class_names:
        learned = [[table.class_names[k], k] for k in target]
    else:
        learned = [y if isinstance(y, list) else [y] for y in target]
    names = header(
        table.feature_names,
        table.target_name,
        1 if table.class_names else len(learned[0]),
        classes=bool(table.class_names),
        edited=bool(edits),
    )
    rows = [[*x, *y, p] for x, y, p in zip(features, learned, part, strict=True)]
    if edits:
        for k, each in enumerate(rows):
            each.append(" ".join(edits.get(k, ())))
    return csv_file([names, *rows])


def make_weights(subject: Subject) -> bytes:
    """Return W (n_in, n_out) and b of every layer for ``np.load``, without pickles."""
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **_at(subject).parameters.named())
    return file.getvalue()


def _at(subject: Subject) -> Snapshot:
    if subject.at is None:
        raise ValueError("this export needs an experiment")
    return subject.at


def csv_file(rows: Iterable[Iterable[Any]]) -> bytes:
    """Return rows as CSV in UTF-8.

    Numbers are exact, missing ones empty, and text is escaped for spreadsheets.
    """
    text = io.StringIO()
    writer = csv.writer(text)  # ends lines with \r\n (RFC 4180), and so quotes both
    writer.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue().encode()


def _cell(value: Any) -> str:
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    if isinstance(value, str):
        return escaped(value)
    return repr(value)
