"""Data of a class: a CSV file beside the lesson."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from backprop_explorer.lessons.lesson import Draw
from backprop_explorer.lessons.reading.declared import declared_numbers
from backprop_explorer.lessons.reading.error import LessonError
from backprop_explorer.lessons.reading.source import read_source

FRONT = """experiments:
  run:
    dataset: {csv: rain.csv, target: rain, test_fraction: 0.0}
    network:
      layers: [{units: 1, activation: identity}]
    cost: {name: mse}
    optimizer: {name: sgd, learning_rate: 0.1}
points:
  end: run at 20
"""
ROWS = "wind;cloud;rain\n" + "".join(
    f"{k / 10};{(k * 7) % 5};{0.3 * k + 0.1 * ((k * 7) % 5)}\n" for k in range(12)
)


def made(folder: Path, front: str = FRONT) -> dict[str, Any]:
    source = read_source(folder / "lesson.md", f"---\n{front}---\n# T\n")
    return declared_numbers(source.path, source.front, source.lines, Draw.of("lesson", 1))


def test_the_rows_of_a_file_are_the_data_of_an_experiment(tmp_path: Path) -> None:
    (tmp_path / "rain.csv").write_text(ROWS, encoding="utf-8")
    found = made(tmp_path)
    dataset = found["run"]["dataset"]
    assert (dataset["name"], dataset["features"]) == ("points", ["wind", "cloud"])
    assert len(dataset["x"]) == len(dataset["target"]) == 12
    assert found["end"].cost < 1
    chosen = made(tmp_path, FRONT.replace("target: rain", "target: rain, features: [cloud]"))
    assert chosen["run"]["dataset"]["features"] == ["cloud"]


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "rain.csv"
    path.write_text(ROWS, encoding="utf-8")
    assert made(tmp_path)["run"]["dataset"]["x"][1][0] == 0.1
    path.write_text(ROWS.replace("0.1;", "0.15;"), encoding="utf-8")
    assert made(tmp_path)["run"]["dataset"]["x"][1][0] == 0.15


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("csv: rain.csv", "csv: ran.csv", "there is no file ran.csv beside the lesson"),
        ("csv: rain.csv", "csv: ../rain.csv", "must lie in the folder of the lesson"),
        ("target: rain", "target: snow", "rain.csv: "),
        ("target: rain", "target: rain, features: [fog]", "rain.csv: "),
    ],
)
def test_what_cannot_be_read_is_named(old: str, new: str, message: str, tmp_path: Path) -> None:
    folder = tmp_path / "lessons"
    folder.mkdir()
    for place in (folder, tmp_path):
        (place / "rain.csv").write_text(ROWS, encoding="utf-8")
    with pytest.raises(LessonError) as error:
        made(folder, FRONT.replace(old, new))
    assert (message in error.value.message, error.value.line) == (True, 3)
