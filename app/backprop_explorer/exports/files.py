"""The kinds of files that are made of what there is already: notebook, script, JSON, CSV, NumPy."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import orjson

from backprop_explorer.datasets.cells import escaped
from backprop_explorer.datasets.exported import TEST, TRAIN, header
from backprop_explorer.experiments.history import History
from backprop_explorer.exports.cells import as_script
from backprop_explorer.exports.program import program
from backprop_explorer.exports.subject import At, Subject


def make_script(subject: Subject) -> bytes:
    """The NumPy program as one file."""
    return as_script(program(subject)).encode()


def make_notebook(subject: Subject) -> bytes:
    """The NumPy program as a notebook, without outputs: running it makes them."""
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
        each["id"] = f"cell-{index}"  # the same export is the same bytes
    notebook = v4.new_notebook(
        cells=cells,
        metadata={
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
    )
    return bytes(v4.writes(notebook).encode())


def make_trace(subject: Subject) -> bytes:
    """The working as its own route answers it, indented to be read."""
    if subject.working is None:
        raise ValueError("a trace needs a working")
    return orjson.dumps(
        {"source": subject.source, **subject.working.document()},
        default=_plain,
        option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS,
    )


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray) and value.ndim:
        return np.ascontiguousarray(value)
    if isinstance(value, np.ndarray | np.generic):
        return value.item()
    raise TypeError(f"cannot encode {type(value).__name__}")


def make_history(subject: Subject) -> bytes:
    """The recorded points of the run up to the step, a row each."""
    at = _at(subject)
    curves, depth = at.curves, at.initial_state.network.depth
    score = "accuracy" if at.initial_state.classes else "r2"
    header = ["step", "epoch", "cost_train", "cost_test", f"{score}_train", f"{score}_test"]
    header += [f"norm_dC_d{letter}{k}" for letter in "Wz" for k in range(1, depth + 1)]
    rows = [
        [step, step // at.initial_state.steps_per_epoch, *numbers, *w_norms, *z_norms]
        for step, *numbers, w_norms, z_norms in zip(
            *(curves[name] for name in History.COLUMNS), strict=True
        )
    ]
    return csv_file([header, *rows])


def make_data(subject: Subject) -> bytes:
    """All rows of the data as it came, before standardising, with the part that each is in.

    Edits up to the step are in it, standardising taken back; a column then says which they are.
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
    """W (n_in, n_out) and b of every layer, for ``np.load``; nothing in it is pickled."""
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **_at(subject).parameters.named())
    return file.getvalue()


def _at(subject: Subject) -> At:
    if subject.at is None:
        raise ValueError("this export needs an experiment")
    return subject.at


def csv_file(rows: Iterable[Iterable[Any]]) -> bytes:
    """Rows as CSV in UTF-8, numbers exact, missing ones empty, text safe for spreadsheets."""
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
