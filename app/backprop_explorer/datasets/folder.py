"""A class's own data: the CSV files of a folder, which the server offers to all users.

``rain.yaml`` beside ``rain.csv`` may give a title, a description, the target, the features and the
task; docs/lecturers.md describes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from backprop_explorer.datasets.column_selection import select_columns
from backprop_explorer.datasets.csv_table import CsvLimits, decode, read_csv
from backprop_explorer.datasets.own_data import MAX_SHOWN, Rows, clean_name
from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.texts import datasets as texts

TASKS = ("classification", "regression")
INCOMPLETE = ("refuse", "leave_out")
ENTRIES = ("title", "description", "target", "features", "task", "incomplete")
MAX_DESCRIPTION = 300


class DatasetFileError(Exception):
    """What is wrong with a file. ``str(error)`` is ``file: message``."""

    def __init__(self, path: Path, message: str) -> None:
        self.path, self.message = path, message
        super().__init__(f"{path}: {message}")


@dataclass(frozen=True)
class FolderTable:
    """A file's rows with the texts that the page shows."""

    name: str
    title: str
    description: str
    rows: Rows


def read_folders(folders: Iterable[Path], limits: CsvLimits) -> tuple[FolderTable, ...]:
    """Read the CSV files of all folders, in the order of their names.

    Raises DatasetFileError naming the file, and where it applies row and column.
    """
    found: dict[str, FolderTable] = {}
    for folder in folders:
        if not folder.is_dir():
            raise DatasetFileError(folder, texts.NO_FOLDER)
        paths = sorted(path for path in folder.iterdir() if path.suffix.lower() == ".csv")
        if not paths:
            raise DatasetFileError(folder, texts.NO_FILES)
        for path in paths:
            table = _read(path, limits)
            if table.name in found:
                raise DatasetFileError(path, texts.two_files(path.name))
            found[table.name] = table
    return tuple(found.values())


def _read(path: Path, limits: CsvLimits) -> FolderTable:
    about = _about(path.with_suffix(".yaml"))
    try:
        table = read_csv(decode(path.read_bytes()), limits)
        chosen = select_columns(
            table,
            about.get("target"),
            about.get("features"),
            about.get("task"),
            leave_out=about.get("incomplete") == "leave_out",
        )
    except OSError as error:
        raise DatasetFileError(path, texts.unreadable(error.strerror)) from None
    except InvalidInput as error:
        raise DatasetFileError(path, _in_words(error)) from None
    rows = chosen.rows
    title = about.get("title") or path.stem.replace("_", " ").replace("-", " ")
    learned = texts.classes(len(rows.classes)) if rows.classes else rows.target_name
    said = texts.folder_table(len(rows.x), learned, len(rows.features))
    text = about.get("description") or said
    return FolderTable(path.stem, clean_name(title), text, rows)


def _in_words(error: InvalidInput) -> str:
    """Return the message for a reader of the file, who sets nothing in a request."""
    if error.field == "csv":
        return error.message
    if error.field == "incomplete":
        return texts.fill_in_file(error.message.split(";")[0])
    return f"{error.field.split('.')[0]}: {error.message}"


def _about(path: Path) -> dict[str, Any]:
    """Return the entries of the file beside a table; none if there is no such file."""
    if not path.exists():
        return {}
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise DatasetFileError(path, " ".join(str(error).split())) from None
    if not isinstance(found, Mapping):
        raise DatasetFileError(path, texts.ABOUT_LINES)
    for name in found:
        if name not in ENTRIES:
            raise DatasetFileError(path, texts.unknown_entry(name, ", ".join(ENTRIES)))
    for name, known in (("task", TASKS), ("incomplete", INCOMPLETE)):
        if name in found and found[name] not in known:
            raise DatasetFileError(path, texts.entry_one_of(name, list(known)))
    for name, most in (("title", MAX_SHOWN), ("description", MAX_DESCRIPTION)):
        if len(str(found.get(name, ""))) > most:
            raise DatasetFileError(path, texts.entry_length(name, most))
    if "features" in found:
        listed = found["features"]
        if not isinstance(listed, list) or not listed:
            raise DatasetFileError(path, texts.FEATURE_LIST)
        found = {**found, "features": [str(each) for each in listed]}
    return {**found, **{k: str(found[k]) for k in ("title", "description", "target") if k in found}}
