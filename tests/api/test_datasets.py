"""POST /datasets: tables as JSON and text/csv, answers and refusals."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from backprop_explorer.limits import Limits
from backprop_explorer.main import create_app
from backprop_explorer.settings import Settings
from tests.helpers.api import API, JSON, keep, read, refused
from tests.helpers.clients import Client, MakeClient

URL = f"{API}/datasets"
CSV = "width;length;kind\n1,5;4,2;setosa\n5,1;6,0;virginica\n4,9;5,6;virginica\n"
PLAIN = {"Content-Type": "text/csv"}


def send(client: Client, text: str | bytes, **query: Any) -> httpx.Response:
    content = text if isinstance(text, bytes) else text.encode()
    return client.post(URL, content=content, headers=PLAIN, params=query)


def test_json_and_csv_give_the_same_table(shared_client: Client) -> None:
    found = read(shared_client.post(URL, json={"csv": CSV}), 201)
    assert read(send(shared_client, CSV), 201) == found
    assert found["columns"] == [
        {"name": "width", "kind": "number", "role": "feature"},
        {"name": "length", "kind": "number", "role": "feature"},
        {"name": "kind", "kind": "text", "role": "target"},
    ]
    assert (found["task"], found["classes"]) == ("classification", ["setosa", "virginica"])
    assert (found["rows"], found["header"], found["delimiter"]) == (3, True, ";")
    assert found["preview"][0] == ["1,5", "4,2", "setosa"]
    assert found["dataset"] == {"name": "uploaded", "id": found["id"]}


def test_the_answer_can_be_used_in_an_experiment(shared_client: Client) -> None:
    found = read(send(shared_client, CSV), 201)
    network = {"layers": [{"units": 1, "activation": "sigmoid"}]}
    uploaded = keep(shared_client, dataset=found["dataset"], network=network)
    points = keep(shared_client, dataset=found["points"], network=network)
    assert uploaded != points
    frames = [read(shared_client.get(f"{each}/frames/12")) for each in (uploaded, points)]
    assert frames[0] == frames[1]
    data = read(shared_client.get(f"{uploaded}/data"))
    assert data["features"] == ["width", "length"]
    assert data["classes"] == ["setosa", "virginica"]
    assert data["target_name"] == "kind"
    assert read(shared_client.get(f"{uploaded}/frames/3/trace?sample=0"))["lines"]
    names = "width,length,kind,kind index,part\r\n"
    assert shared_client.get(f"{uploaded}/export/data").text.startswith(names)


def test_columns_are_chosen_in_both_forms(shared_client: Client) -> None:
    chosen = {"target": "length", "features": ["width"], "task": "regression", "header": True}
    found = read(shared_client.post(URL, json={"csv": CSV, **chosen}), 201)
    assert read(send(shared_client, CSV, **chosen), 201) == found
    assert (found["task"], found["classes"]) == ("regression", [])
    assert [column["role"] for column in found["columns"]] == ["feature", "target", "left out"]
    assert found["points"]["target"] == [4.2, 6.0, 5.6]


@pytest.mark.parametrize(
    "name",
    [
        "<img src=x onerror=alert(1)>",
        "</script><script>alert(1)</script>",
        "<a href='javascript:alert(1)'>x</a>",
        "$$x$$ {{7*7}}",
        "=HYPERLINK(1)",
    ],
)
def test_hostile_names_are_data(shared_client: Client, name: str) -> None:
    text = f'"{name}",y\n1.5,"{name}"\n2.5,b\n'
    found = read(send(shared_client, text, header=True), 201)
    assert found["columns"][0]["name"] == name
    assert name in found["classes"]
    data = read(shared_client.get(f"{keep(shared_client, dataset=found['points'])}/data"))
    assert data["features"] == [name]
    assert name in data["classes"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "csv"),
        ({"csv": ""}, "csv"),
        ({"csv": 5}, "csv"),
        ({"csv": CSV, "target": "nothing"}, "target"),
        ({"csv": CSV, "target": ""}, "target"),
        ({"csv": CSV, "features": []}, "features"),
        ({"csv": CSV, "features": ["nothing"]}, "features.0"),
        ({"csv": CSV, "task": "clustering"}, "task"),
        ({"csv": CSV, "header": 1}, "header"),
        ({"csv": CSV, "file": "../../x"}, "file"),
        ({"csv": "a,b\n1,x"}, "target"),
        ({"csv": "a,b\n1,2\nx,1\n2,2"}, "csv"),
        ([], ""),
        ("a,b\n1,2", ""),
    ],
)
def test_refusals_name_the_field(shared_client: Client, body: Any, field: str) -> None:
    assert set(refused(shared_client.post(URL, json=body))) == {field}


@pytest.mark.parametrize(
    ("csv", "roles", "rows", "header"),
    [
        ("a,b,c\n1,,x\n2,5,y\n", ["feature", "feature", "target"], [2, 3], True),
        ("a,b\n\n1,2\n3\n4,5,6\n", ["feature", "target"], [3, 4, 5], True),
        ("1,2\n", ["feature", "target"], [1], False),
        ("x,y,part\n1,,train\n2,3,test\n", ["feature", "target", "left out"], [2, 3], True),
    ],
)
def test_a_refused_table_is_shown(
    shared_client: Client, csv: str, roles: list[str], rows: list[int], header: bool
) -> None:
    """So far as it can be read: a page shows what is to be changed, and how it was read."""
    answer = shared_client.post(URL, json={"csv": csv, "task": "classification"})
    refused(answer)
    shown = answer.json()["table"]
    assert [column["role"] for column in shown["columns"]] == roles
    assert (shown["preview_rows"], shown["header"]) == (rows, header)
    assert {len(row) for row in shown["preview"]} == {len(roles)}
    chosen = shared_client.post(URL, json={"csv": "a,b,c\n1,,x\n2,5,y\n", "target": "a"}).json()
    assert [column["role"] for column in chosen["table"]["columns"]] == [
        "target",
        "feature",
        "left out",
    ]
    assert "table" not in shared_client.post(URL, json={"csv": "\n\n"}).json()


@pytest.mark.parametrize(
    ("query", "field"),
    [({"target": "x"}, "target"), ({"task": "x"}, "task"), ({"header": "x"}, "header")],
)
def test_refusals_of_the_other_form(
    shared_client: Client, query: dict[str, str], field: str
) -> None:
    assert set(refused(send(shared_client, CSV, **query))) == {field}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00" * 100,
        b"\xff\xfe\x00",
        b"\xff" * 1000,
        b"PK\x03\x04" + bytes(range(256)),
        b"\x80\x04\x95cposix\nsystem\n",
        b'"' * 1001,
        b"," * 100_000,
        b"\n" * 100_000,
        b"1;2\t3,4\n" * 1000,
        b"a,b\n" + b"9" * 200_000 + b",1\n",
    ],
)
def test_hostile_files_are_refused(shared_client: Client, content: bytes) -> None:
    found = refused(send(shared_client, content))
    assert all(len(message) < 300 for message in found.values())


def test_an_empty_table_is_not_asked_to_be_json(shared_client: Client) -> None:
    assert refused(send(shared_client, b"")) == {"body": "is empty"}
    response = shared_client.post(URL, content=b"", headers=JSON)
    assert refused(response) == {"body": "is empty: send a JSON object"}


def test_only_csv_and_json_are_read(shared_client: Client) -> None:
    headers = {"Content-Type": "text/plain", "Sec-Fetch-Site": "same-origin"}
    refused(shared_client.post(URL, content=CSV, headers=headers), 415)
    refused(shared_client.post(URL, content=CSV, headers={"Content-Type": "text/plain"}), 415)
    refused(
        shared_client.post(URL, content=CSV, headers={**PLAIN, "Origin": "http://evil.example"}),
        403,
    )


def test_limits_come_from_the_settings(settings: Settings, make_client: MakeClient) -> None:
    limits = Limits(max_samples=4, max_columns=3, max_cells=9, max_points=2, max_body_bytes=1024)
    app = create_app(settings.model_copy(update={"limits": limits}))
    client = make_client(app)
    assert read(send(client, CSV), 201)["points"] is None
    for text, what in [
        ("1.5,2\n" * 5, "at most 4 rows"),
        ("1.5,2,3,4\n", "at most 3 columns"),
        ("1.5,2,3\n" * 4, "at most 9 cells"),
    ]:
        assert what in refused(send(client, text))["csv"]
    assert send(client, "1.5,2\n" * 1000).status_code == 413


def test_an_unknown_upload_says_what_to_do(shared_client: Client) -> None:
    recipe = {"dataset": {"name": "uploaded", "id": "0" * 20}}
    message = refused(shared_client.post(f"{API}/experiments", json=recipe))["dataset.id"]
    assert "upload them again" in message


GAPS = b"a,b\n1,2.5\n,3.5\n4,\n5,6.5\n"


@pytest.mark.parametrize("body", ["json", "csv"])
def test_incomplete_rows_are_left_out_when_asked(shared_client: Client, body: str) -> None:
    """One empty cell blocked a table, and the next was only said after it."""

    def upload(**more: str) -> Any:
        if body == "json":
            return shared_client.post(f"{API}/datasets", json={"csv": GAPS.decode(), **more})
        headers = {"Content-Type": "text/csv"}
        return shared_client.post(f"{API}/datasets", params=more, content=GAPS, headers=headers)

    said = refused(upload())
    assert set(said) == {"incomplete"}
    assert said["incomplete"].startswith("2 of 4 rows have an empty cell: rows 3, 4;")
    found = read(upload(incomplete="leave_out"), 201)
    assert (found["rows"], found["left_out"]) == (2, [3, 4])
    assert found["points"]["x"] == [[1.0], [5.0]]
    assert set(refused(upload(incomplete="guess"))) == {"incomplete"}
    whole = read(shared_client.post(f"{API}/datasets", json={"csv": "a,b\n1,2.5\n5,6.5\n"}), 201)
    assert whole["id"] == found["id"]
    assert whole["left_out"] == []
