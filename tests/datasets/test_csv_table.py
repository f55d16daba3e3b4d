"""CSV files as users have them: delimiters, decimal commas, headers; clear errors."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop_explorer.datasets.column_selection import MAX_CLASSES, select_columns
from backprop_explorer.datasets.csv_table import CsvLimits, decode, number, read_csv
from backprop_explorer.datasets.own_data import MAX_SHOWN, Rows, clean_name, own_dataset
from backprop_explorer.engine.errors import InvalidInput, LimitExceeded, UnknownName
from tests.helpers.cases import examples

MOST = CsvLimits(rows=100, columns=8, cells=400)
FLOWERS = "width,length,kind\n1.5,4.2,setosa\n5.1,6,virginica\n4.9,5.6,virginica\n"
READ = Rows([(1.5, 4.2), (5.1, 6.0), (4.9, 5.6)], [0, 1, 1], ["width", "length"],
            ["setosa", "virginica"], "kind")  # fmt: skip


def rows(text: str, header: bool | None = None, **chosen: Any) -> Rows:
    return select_columns(read_csv(text, MOST, header), **chosen).rows


@pytest.mark.parametrize(
    "text",
    [
        FLOWERS,
        FLOWERS.replace(",", "\t"),
        FLOWERS.replace(",", ";").replace(".", ","),
        FLOWERS.replace(",", "\t").replace(".", ","),
        FLOWERS.replace("\n", "\r\n"),
        FLOWERS.replace("\n", "\r"),
        FLOWERS.rstrip("\n"),
        FLOWERS.replace("\n", "\n\n") + "\n\n,,\n",
        FLOWERS.replace(",", " , "),
        FLOWERS.replace("setosa", '"setosa"').replace("1.5", '"1.5"'),
        FLOWERS.replace(",6,", ",+6.,").replace("1.5", "15e-1"),
    ],
)
def test_the_same_flowers_from_any_spreadsheet(text: str) -> None:
    assert rows(text) == READ


def test_without_a_header_columns_are_numbered() -> None:
    table = read_csv(FLOWERS.partition("\n")[2], MOST)
    assert not table.header
    assert table.names == ["column 1", "column 2", "column 3"]
    assert select_columns(table).rows.x == READ.x


def test_a_header_of_numbers_must_be_declared() -> None:
    text = "2019,2020,2021\n1,2,3\n4,5,6\n"
    assert len(rows(text, task="regression").x) == 3
    found = rows(text, header=True, task="regression")
    assert (found.features, found.target_name, len(found.x)) == (["2019", "2020"], "2021", 2)


@pytest.mark.parametrize(
    ("target", "task", "classes"),
    [
        (["1", "0", "1"], None, ["0", "1"]),
        (["10", "9", "-1"], None, ["-1", "9", "10"]),
        (["1.5", "0", "1"], None, []),
        (["b", "a", "b"], None, ["a", "b"]),
        (["1", "0", "1"], "regression", []),
        (["1.5", "0", "1"], "classification", ["0", "1", "1.5"]),
        ([str(k) for k in range(11)], None, []),
        ([str(k) for k in range(10)], None, [str(k) for k in range(10)]),
    ],
)
def test_the_task_is_guessed_from_the_target(
    target: list[str], task: Any, classes: list[str]
) -> None:
    found = rows("\n".join(["x,y", *(f"0.5,{each}" for each in target)]), task=task)
    assert found.classes == classes
    if classes:
        assert [classes[int(k)] for k in found.target] == target
    else:
        assert found.target == [float(each) for each in target]


def test_columns_are_chosen_by_name() -> None:
    found = rows(FLOWERS, target="length", features=["width"])
    assert found == Rows([(1.5,), (5.1,), (4.9,)], [4.2, 6.0, 5.6], ["width"], [], "length")


def test_a_text_column_is_left_out_unless_selected() -> None:
    text = "city,x,y\nBonn,1.5,2.5\nUlm,2.5,3.5\n"
    assert rows(text).features == ["x"]
    with pytest.raises(InvalidInput, match=r"row 2, column 'city': the cell is not a number"):
        rows(text, features=["city", "x"])


REFUSED: dict[str, tuple[str, dict[str, Any], str, str]] = {
    "nothing": ("", {}, "csv", "no rows"),
    "empty rows": ("\n ,, \n", {}, "csv", "no rows"),
    "a header alone": ("a,b\n", {}, "csv", "no rows below the header"),
    "one column": ("1\n2\n", {}, "csv", "at least two columns"),
    "a short row": ("a,b\n1,2\n\n3\n", {}, "csv", "row 4 has 1 cells, row 1 has 2"),
    "a word": ("a,b\n1,2.5\n\nx,3.5\n2,1\n", {}, "csv", "row 4, column 'a': the cell is not a num"),
    "a gap": (
        "a,b\n1,2\n,3\n4,5\n",
        {},
        "incomplete",
        "1 of 3 rows has an empty cell: row 3, column 'a'",
    ),
    "infinity": ("a,b\n1,2\ninf,3\n4,5\n", {}, "csv", "row 3, column 'a'"),
    "nan": (
        "a,b\n1,2\nnan,3\n4,5\n",
        {},
        "incomplete",
        "1 of 3 rows has an empty cell: row 3, column 'a'",
    ),
    "infinite": ("a,b\n1,2\n2,1e999\n", {}, "csv", "row 3, column 'b'.*must be between"),
    "too large": ("a,b\n1,2\n1e101,3\n4,5\n", {}, "csv", "row 3, column 'a'.*must be between"),
    "1e999": ("a,b\n1,2\n1e999,3\n4,5\n", {}, "csv", "row 3, column 'a'.*must be between"),
    "no class": (
        "a,b\n1,x\n2,\n",
        {},
        "incomplete",
        "1 of 2 rows has an empty cell: row 3, column 'b'",
    ),
    "only gaps": ("a,b\n1,\n,2\n", {"leave_out": True}, "csv", "every row has an empty cell"),
    "one class": ("a,b\n1,x\n2,x\n", {}, "target", "two different classes"),
    "only words": ("a,b\nx,y\nz,w\n", {}, "features", "no column except the target"),
    "an unknown target": (FLOWERS, {"target": "colour"}, "target", "known: width, length, kind"),
    "an unknown feature": (FLOWERS, {"features": ["width", "x"]}, "features.1", "unknown column"),
    "the target as feature": (FLOWERS, {"features": ["kind"]}, "features", "without the target"),
    "a feature twice": (FLOWERS, {"features": ["width", "width"]}, "features", "differ"),
    "a torn quote": ('a,b\n1,"2' + "x" * 200_000, {}, "csv", "cannot be read as CSV"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_errors_name_row_and_column(case: str) -> None:
    text, chosen, where, message = REFUSED[case]
    with pytest.raises(InvalidInput, match=message) as caught:
        rows(text, **chosen)
    assert caught.value.field == where


def test_a_regression_of_words_names_the_first() -> None:
    with pytest.raises(InvalidInput, match="row 2, column 'kind': the cell is not a number"):
        rows(FLOWERS, task="regression")


def many(count: int, columns: int = 2) -> str:
    return "\n".join(",".join([str(k + 0.5)] * columns) for k in range(count))


def test_limits() -> None:
    assert len(rows(many(100)).x) == 100
    assert len(rows("a,b\n" + many(100)).x) == 100
    for text, what in [
        (many(101), "rows"),
        ("a,b\n" + many(101), "rows"),
        (many(51, 8), "cells"),
        (many(2, 9), "columns"),
    ]:
        with pytest.raises(LimitExceeded, match=what):
            rows(text)
    names = "\n".join(f"{k},class {k}" for k in range(MAX_CLASSES))
    assert len(rows(names).classes) == MAX_CLASSES
    with pytest.raises(LimitExceeded, match="classes"):
        rows(f"{names}\n0,another")


def test_unknown_columns_are_listed_shortly() -> None:
    text = ",".join(f"c{k}" for k in range(30)) + "\n" + ",".join(["1.5"] * 30)
    table = read_csv(text, CsvLimits(10, 64, 400))
    with pytest.raises(UnknownName, match=r"c19, …$"):
        select_columns(table, "nothing")


@pytest.mark.parametrize(
    ("cell", "delimiter", "value"),
    [
        ("1,5", ";", 1.5),
        ("1,5", "\t", 1.5),
        ("1,5", ",", None),
        ("1.234,5", ";", None),
        ("−3", ",", -3.0),
        ("+.5e-3", ",", 0.0005),
        ("1_000", ",", None),
        ("0x10", ",", None),
        ("٣", ",", 3.0),
        ("", ",", None),
        ("9" * 500, ",", None),
    ],
)
def test_numbers(cell: str, delimiter: str, value: float | None) -> None:
    assert number(cell, delimiter) == value


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings(encoding: str) -> None:
    assert decode("größe,y\n1,2\n".encode(encoding)) == "größe,y\n1,2\n"


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"),
        ("  a\t b\r\n", "a b"),
        ("a\x00b\x1b[31m", "ab[31m"),
        ("safe\u202egpj.exe", "safegpj.exe"),
        ("\ud800x", "x"),
        ("x" * 1000, "x" * MAX_SHOWN),
        ("\u200b\u2028", ""),
        ("e\u0301 ∂C/∂W", "e\u0301 ∂C/∂W"),
    ],
)
def test_names_keep_visible_characters(given: str, shown: str) -> None:
    assert clean_name(given) == shown
    assert clean_name(shown) == shown


def test_names_are_made_unique() -> None:
    table = read_csv("a,a,,\x00\n1,2,3,4\n", MOST, header=True)
    assert table.names == ["a", "a (2)", "column 3", "column 4"]


@settings(max_examples=examples(200), deadline=None)
@given(st.text(alphabet='01.,;\t"\n ab\x00é-', max_size=80))
def test_any_text_is_read_or_refused(text: str) -> None:
    found = None
    with contextlib.suppress(InvalidInput):
        found = rows(text)
    if found is not None:
        table = own_dataset("own", found).make(seed=0)
        assert table.features.shape == (len(found.x), len(found.features))
        assert len(table.target) == len(found.x)
        assert len(set(found.features)) == len(found.features)
        if table.class_names:
            assert set(table.target) == set(range(len(table.class_names)))


def test_rows_are_an_entry_like_those_of_the_registry() -> None:
    entry = own_dataset("own", READ)
    assert (entry.task, entry.size, entry.features, entry.classes) == ("classification", 3, 2, 2)
    table = entry.make(seed=5)
    assert table.features.tolist() == [list(row) for row in READ.x]
    assert table.target.tolist() == [0, 1, 1]
    assert table.class_names == ("setosa", "virginica")
    assert not table.features.flags.writeable
    assert own_dataset("own", rows(FLOWERS, target="width")).task == "regression"


GAPS = "a,note,b\n1,,2.5\n,x,3\n4,y,\n5,,n/a\n6,,7.5\nNaN,,8\n"


def test_all_incomplete_rows_are_reported_at_once() -> None:
    """All incomplete rows are reported at once."""
    with pytest.raises(InvalidInput) as refused:
        rows(GAPS)
    assert refused.value.field == "incomplete"
    assert refused.value.message.startswith("4 of 6 rows have an empty cell: rows 3, 4, 5, 7; ")
    assert "incomplete=leave_out" in refused.value.message
    many = "a,b\n" + "1,\n" * 25 + "2,3\n"
    with pytest.raises(InvalidInput, match=r"25 of 26 rows .*, 11 and 15 more;"):
        rows(many)


def test_incomplete_rows_can_be_left_out() -> None:
    """Only cells of selected columns count; a left-out text column may have empty cells."""
    chosen = select_columns(read_csv(GAPS, MOST), leave_out=True)
    assert chosen.rows.x == [(1.0,), (6.0,)]
    assert chosen.rows.target == [2.5, 7.5]
    assert chosen.left_out == [3, 4, 5, 7]
    assert chosen.roles == ["feature", "left out", "target"]
    one = select_columns(read_csv(GAPS, MOST), target="a", features=["b"], leave_out=True)
    assert one.left_out == chosen.left_out
    words = select_columns(read_csv("a,b\n1,x\n2,\n3,y\n4,none\n", MOST), leave_out=True)
    assert words.rows.classes == ["none", "x", "y"]
    assert words.left_out == [3]


def test_a_gap_does_not_change_the_task() -> None:
    """A column of class indices with one gap is still a classification."""
    text = "a,b\n" + "".join(f"{k}.5,{k % 2}\n" for k in range(20))
    whole = select_columns(read_csv(text, MOST)).rows
    gap = select_columns(read_csv(f"{text}3.5,\n", MOST), leave_out=True).rows
    assert whole == gap
    assert gap.classes == ["0", "1"]


def test_images_are_recognised_by_their_columns() -> None:
    def shape(*features: str) -> tuple[int, int] | None:
        own = Rows([[0.0] * len(features)], [0.0], features, [], "y")
        return own_dataset("uploaded", own).make(seed=0).image_shape

    grid = [f"pixel_{row}_{column}" for row in range(3) for column in range(2)]
    assert shape(*grid) == (3, 2)
    assert shape(*grid[:-1]) is None
    assert shape(*grid[::-1]) is None
    assert shape("pixel_0_0") is None
    assert shape("width") is None
