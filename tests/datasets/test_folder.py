"""A class's own data in a folder: what is read, and what is said of a file that cannot be."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from backprop_explorer.datasets.csv_table import CsvLimits
from backprop_explorer.datasets.folder import DatasetFileError, read_folders
from backprop_explorer.datasets.installed import DATASET_FOLDERS, installed_folders
from tests.helpers.documents import examples

LIMITS = CsvLimits(100, 10, 500)
RAIN = "day,pressure,humidity,rain\na,1.5,2,no\nb,2.5,3,yes\nc,3.5,1,no\n"
RATES = "x;y\n1,5;2,25\n2,5;6,25\n"


def test_files_are_read_in_the_order_of_their_names(tmp_path: Path) -> None:
    (tmp_path / "rain.csv").write_text(RAIN)
    (tmp_path / "a_rate.csv").write_text(RATES)
    (tmp_path / "notes.txt").write_text("not data")
    rate, rain = read_folders([tmp_path], LIMITS)
    assert (rate.name, rate.title) == ("a_rate", "a rate")
    assert rate.description == "2 rows: y from 1 feature."
    assert list(rate.rows.x) == [(1.5,), (2.5,)]
    assert rain.rows.features == ["pressure", "humidity"]
    assert (rain.rows.classes, list(rain.rows.target)) == (["no", "yes"], [0, 1, 0])
    assert rain.description == "3 rows: 2 classes from 2 features."


def test_a_file_beside_it_says_what_is_learned(tmp_path: Path) -> None:
    (tmp_path / "rain.csv").write_text(RAIN.replace("2.5,3", "2.5,"))
    (tmp_path / "rain.yaml").write_text(
        "title: Rain in Bergen\ndescription: Three days.\ntarget: pressure\n"
        "features: [humidity]\ntask: regression\nincomplete: leave_out\n"
    )
    (rain,) = read_folders([tmp_path], LIMITS)
    assert (rain.title, rain.description) == ("Rain in Bergen", "Three days.")
    assert (list(rain.rows.x), list(rain.rows.target)) == ([(2.0,), (1.0,)], [1.5, 3.5])


def test_the_documented_example_is_read(tmp_path: Path) -> None:
    (about,) = [
        each.text
        for each in examples()
        if each.document == "docs/lecturers.md" and each.language == "yaml"
    ]
    (tmp_path / "rain.csv").write_text(RAIN)
    (tmp_path / "rain.yaml").write_text(about)
    (rain,) = read_folders([tmp_path], LIMITS)
    assert (rain.title, rain.rows.target_name) == ("Rain in Bergen", "rain")


@pytest.mark.parametrize(
    ("csv", "about", "message"),
    [
        ("", "", "rain.csv: there are no rows"),
        ("a\n1\n", "", "rain.csv: at least two columns are needed"),
        ("a,b\n1,2\n3\n", "", "rain.csv: row 3 has 1 cells, row 1 has 2"),
        ("a,b\n1,2\nx,3\n4,5.5\n", "", "rain.csv: row 3, column 'a': the cell is not a number"),
        ("a,b\n1,2\n,3\n4,5.5\n", "", "rain.csv: 1 of 3 rows has an empty cell: row 3, column 'a'"),
        ("a,b\n,1\n2,3.5\n", "", "; fill it in, or write incomplete: leave_out"),
        ("a,b\n1,x\n2,x\n", "", "rain.csv: target: at least two different classes are needed"),
        ("a,b\n" + "1,2.5\n" * 101, "", "rain.csv: at most 101 rows"),
        (RAIN, "target: rein", "rain.csv: target: unknown column; did you mean 'rain'?"),
        (RAIN, "features: [day]", "rain.csv: row 2, column 'day': the cell is not a number"),
        (RAIN, "features: day", "rain.yaml: features must be a list such as [width, length]"),
        (RAIN, "task: guess", "rain.yaml: task must be classification or regression"),
        (RAIN, "incomplete: 1", "rain.yaml: incomplete must be refuse or leave_out"),
        (RAIN, "titel: Rain", "rain.yaml: unknown entry titel; there are: title, description"),
        (RAIN, "- a", "rain.yaml: must be lines such as title: …"),
        (RAIN, "title: [", "rain.yaml: while parsing"),
        (RAIN, "title: " + 61 * "a", "rain.yaml: title must have at most 60 characters"),
    ],
)
def test_what_cannot_be_used_is_named(csv: str, about: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "rain.csv").write_text(csv)
    if about:
        (tmp_path / "rain.yaml").write_text(about)
    with pytest.raises(DatasetFileError) as error:
        read_folders([tmp_path], LIMITS)
    assert message in str(error.value)
    assert str(error.value).startswith(str(tmp_path))


def test_folders_without_data_and_equal_names_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetFileError, match="there is no such folder"):
        read_folders([tmp_path / "none"], LIMITS)
    with pytest.raises(DatasetFileError, match=r"no data \(files that end in .csv\)"):
        read_folders([tmp_path], LIMITS)
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "rain.csv").write_text(RAIN)
    with pytest.raises(DatasetFileError, match=r"there are two files rain\.csv"):
        read_folders([tmp_path / "one", tmp_path / "two"], LIMITS)


def test_an_installed_package_brings_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "brings_data.py").write_text(f"def folder():\n    return {str(tmp_path)!r}\n")
    monkeypatch.syspath_prepend(tmp_path)
    point = EntryPoint("it", "brings_data:folder", "backprop_explorer.dataset_folders")

    def entry_points(*, group: str) -> list[EntryPoint]:
        assert group == "backprop_explorer.dataset_folders"
        return [point]

    monkeypatch.setattr("importlib.metadata.entry_points", entry_points)
    installed_folders.cache_clear()
    try:
        assert installed_folders(DATASET_FOLDERS) == (tmp_path,)
    finally:
        installed_folders.cache_clear()
