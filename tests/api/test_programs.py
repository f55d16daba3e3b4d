"""/programs and /graphs: ready programs, and recordings that clients send."""

from __future__ import annotations

import base64
import copy
import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import backprop_explorer as bx
from backprop_explorer.compute.program_check_requests import CHECK_OF_PROGRAM
from backprop_explorer.experiments.store.base import GRAPH, Bound
from backprop_explorer.experiments.store.sqlite import SqliteStore
from backprop_explorer.main import create_app
from backprop_explorer.programs import PROGRAMS
from backprop_explorer.record import to_json
from backprop_explorer.settings import Settings
from tests.helpers.api import API, read, refused
from tests.helpers.clients import Client

Content = dict[str, Any]


def small(x: Any, w: Any) -> Any:
    h = np.tanh(x @ w)
    return (h * h).sum()


def recorded(function: Any = small, *arguments: Any, source: bool = True) -> Content:
    given = arguments or (np.array([[0.5, -1.0]]), np.array([[0.3], [0.2]]))
    found: Content = json.loads(to_json(bx.explain(function, *given).recording, source=source))
    return found


def array(value: Any) -> Content:
    value = np.asarray(value)
    data = base64.b64encode(value.tobytes()).decode()
    return {"dtype": str(value.dtype), "shape": list(value.shape), "data": data, "number": False}


def graph(given: Any, *nodes: tuple[str, str, list[str], Content], cost: str = "C") -> Content:
    """A graph of one parameter ``w``."""
    keys = ("id", "op", "inputs", "attributes")
    return {
        "version": 1,
        "cost": cost,
        "givens": [{"id": "w", "parameter": True, "value": array(given)}],
        "nodes": [dict(zip(keys, node, strict=True)) for node in nodes],
    }


SUM = ("C", "sum", ["y"], {"axis": None, "keepdims": False})


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_ready_program_is_computed_and_proved(client: Client, name: str) -> None:
    found = read(client.get(f"{API}/programs/{name}/trace?seed=4&formulas=none"))
    program = PROGRAMS[name]
    assert found["cost"] == pytest.approx(program.function(**program.arguments(4)), rel=1e-14)
    assert found["wrt"] == list(program.wrt)
    ids = {line["id"] for line in found["lines"]}
    assert {f"dC_d{name}" for name in program.wrt} <= ids
    for check in found["verification"].values():
        assert check["passed"], check["by_line"]
    # Every place is a line of the text that is sent, and its expression stands there.
    numbers = {(line["file"], line["number"]): line["text"] for line in found["source"]["lines"]}
    for line in found["lines"]:
        if line["line"] is not None:
            first, last, begin, end = line["span"]
            text = numbers[line["file"], first].encode()[begin : end if first == last else None]
            assert text.decode().strip(), line["id"]


def test_seed_and_sizes_choose_the_data(client: Client) -> None:
    first, again, other = (
        read(client.get(f"{API}/programs/batch_norm/trace?seed={seed}&verify=false"))
        for seed in (1, 1, 2)
    )
    assert first == again
    assert first["cost"] != other["cost"]
    wide = read(client.get(f"{API}/programs/batch_norm/trace?sizes=N:5,D:2"))
    assert wide["sizes"] == {"N": 5, "D": 2}
    assert next(each["shape"] for each in wide["givens"] if each["id"] == "x") == [5, 2]


def test_chosen_lines_alone_are_sent(client: Client) -> None:
    wanted = "z[i=0, j=1],dC_dK,x"
    found = read(client.get(f"{API}/programs/conv_digit/trace", params={"lines": wanted}))
    assert [line["id"] for line in found["lines"]] == ["z[i=0, j=1]", "dC_dK"]
    assert [given["id"] for given in found["givens"]] == ["x"]


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("batch_norm/trace?seed=-1", "seed"),
        ("batch_norm/trace?seed=4294967296", "seed"),
        ("batch_norm/trace?sizes=N:99", "sizes.N"),
        ("batch_norm/trace?sizes=Z:3", "sizes.Z"),
        ("batch_norm/trace?sizes=N=3", "sizes"),
        ("batch_norm/trace?lines=dC_dnothing", "lines"),
        ("batch_norm/trace?entries=0", "entries"),
        ("batch_norm/trace?step=3", "query"),
    ],
)
def test_a_bad_query_names_the_parameter(client: Client, path: str, field: str) -> None:
    assert list(refused(client.get(f"{API}/programs/{path}"))) == [field]


def test_an_unknown_program_or_graph_is_not_found(client: Client) -> None:
    assert client.get(f"{API}/programs/nothing/trace").status_code == 404
    assert client.get(f"{API}/graphs/{'0' * 20}/trace").status_code == 404
    assert list(refused(client.get(f"{API}/graphs/nothing/trace"))) == ["id"]


@pytest.mark.parametrize("source", [True, False])
def test_a_recorded_program_is_computed_again(client: Client, source: bool) -> None:
    """With the same bits as in the notebook; the program's text is sent only where that is told."""
    arguments = (np.array([[0.5, -1.0]]), np.array([[0.3], [0.2]]))
    working = bx.explain(small, *arguments)
    kept = read(client.post(f"{API}/graphs", json=recorded(small, *arguments, source=source)), 201)
    assert kept["cost"] == working.cost
    found = read(client.get(f"{API}/graphs/{kept['id']}/trace"))
    for line in found["lines"]:
        np.testing.assert_array_equal(line["value"], working[line["id"]])
    assert all(check["passed"] for check in found["verification"].values())
    text = "".join(line["text"] for line in found["source"]["lines"])
    assert ("np.tanh(x @ w)" in text) == source
    assert ("tanh" in json.dumps(found["lines"][1]["about"])) == source
    assert {line["file"] for line in found["lines"]} - {None} == {Path(__file__).name}


def test_lines_say_how_entries_are_read(client: Client) -> None:
    path = f"{API}/programs/attention/trace?verify=false"
    lines = {each["id"]: each for each in read(client.get(path))["lines"]}
    later = np.triu(np.ones((4, 4)), 1).astype(int)
    assert lines["P"]["mask"] == later.tolist()
    [form] = lines["dC_dS@2"]["also"]
    assert (form["label"], form["inputs"]) == ("short", ["dC_dP", "P"])
    assert set(form["formula"]) == {"latex", "mathml"}
    assert "formula" not in read(client.get(f"{path}&formulas=none"))["lines"][0]
    encoded = read(client.get(f"{path}&arrays=base64&lines=P"))["lines"][0]["mask"]
    assert encoded == later.tolist()
    assert "mask" not in read(client.get(f"{path}&entries=9&lines=P"))["lines"][0]
    digit = read(client.get(f"{API}/programs/conv_digit/trace?verify=false"))
    shown = {each["id"]: each.get("show") for each in (*digit["givens"], *digit["lines"])}
    assert {each: how for each, how in shown.items() if how} == {"x": "image", "y": "bars"}
    assert {"x", "K"} <= {each["id"] for each in digit["givens"] if each["argument"]}


def test_axes_of_a_graph_have_the_names_that_came_with_it(client: Client) -> None:
    content = recorded() | {"axes_of": {"x": ["sample", "feature"]}}
    kept = read(client.post(f"{API}/graphs", json=content), 201)
    found = read(client.get(f"{API}/graphs/{kept['id']}/trace"))
    axes = {each["id"]: each["axes"] for each in (*found["givens"], *found["lines"])}
    assert (axes["x"], axes["dC_dw"]) == (["sample", "feature"], ["feature", "unit"])
    line = next(each for each in found["lines"] if each["op"] == "matmul")
    assert sorted(line["axes_of"].values()) == ["feature", "sample", "unit"]
    for wrong in ({"x": ["sample"]}, {"q": ["sample"]}):
        answer = client.post(f"{API}/graphs", json=content | {"axes_of": wrong})
        assert list(refused(answer)) == ["axes_of"]


def test_folders_in_a_sent_recording_are_not_shown(client: Client) -> None:
    content = json.loads(json.dumps(recorded()).replace('"test_programs.py"', '"C:\\\\me/a.py"'))
    kept = read(client.post(f"{API}/graphs", json=content | {"source_text": {"b.py": ["x"]}}), 201)
    found = read(client.get(f"{API}/graphs/{kept['id']}/trace"))
    assert {line["file"] for line in found["lines"]} - {None} == {"a.py"}
    assert found["source"]["lines"] == [{"file": "b.py", "number": 1, "text": "x"}]


def test_equal_graphs_have_one_id(client: Client) -> None:
    content = recorded()
    first, again = (read(client.post(f"{API}/graphs", json=content), 201) for _ in range(2))
    assert first == again


def test_a_large_value_is_left_out_with_its_largest_entries(client: Client) -> None:
    x = np.linspace(-2, 1, 30).reshape(5, 6)
    kept = read(client.post(f"{API}/graphs", json=recorded(small, x, np.ones((6, 2)))), 201)
    found = read(client.get(f"{API}/graphs/{kept['id']}/trace?entries=20"))
    given = next(each for each in found["givens"] if each["id"] == "x")
    assert given["value"] is None
    assert given["left_out"] is True
    assert given["largest"][0] == {"index": [0, 0], "value": -2.0}
    assert len(given["largest"]) == 8


def changed(**more: Any) -> Content:
    content = recorded()
    for path, value in more.items():
        part: Any = content
        *keys, last = [int(key) if key.isdigit() else key for key in path.split("__")]
        for key in keys:
            part = part[key]
        part[last] = value
    return content


BAD: dict[str, tuple[Callable[[], Content], str]] = {
    "unknown operation": (lambda: changed(nodes__0__op="system"), "nodes.h.1"),
    "an operation of dense networks": (lambda: changed(nodes__0__op="affine"), "nodes.h.1"),
    "an operation of the way back": (lambda: changed(nodes__0__op="sum_stretched"), "nodes.h.1"),
    "reads itself": (lambda: changed(nodes__0__inputs=["h.1", "w"]), "nodes.h.1"),
    "cycle": (lambda: changed(nodes__0__inputs=["h", "w"]), "nodes.h.1"),
    "unknown input": (lambda: changed(nodes__0__inputs=["x", "v"]), "nodes.h.1"),
    "too few inputs": (lambda: changed(nodes__0__inputs=["x"]), "nodes.h.1"),
    "too many inputs": (lambda: changed(nodes__1__inputs=["h.1", "x"]), "nodes.h"),
    "shapes that do not fit": (lambda: changed(nodes__0__inputs=["w", "w"]), "nodes.h.1"),
    "an id twice": (lambda: changed(nodes__1__id="h.1"), "nodes.h.1"),
    "an id with LaTeX": (lambda: changed(nodes__1__id=r"\href{x}{y}"), r"nodes.\href{x}{y}"),
    "an id with HTML": (lambda: changed(nodes__1__id="<b>"), "nodes.<b>"),
    "an id of a gradient": (lambda: changed(nodes__1__id="dC_dx"), "nodes.dC_dx"),
    "a cost that is no number": (lambda: changed(cost="h"), "nodes.h"),
    "a cost that is not there": (lambda: changed(cost="L"), "cost"),
    "an attribute too many": (lambda: changed(nodes__0__attributes={"out": 1}), "nodes.h.1"),
    "a bad axis": (
        lambda: graph([1.0], ("C", "sum", ["w"], {"axis": [7], "keepdims": False})),
        "nodes.C",
    ),
    "an axis of another kind": (
        lambda: graph([1.0], ("C", "sum", ["w"], {"axis": "x", "keepdims": False})),
        "nodes.C",
    ),
    "an attribute nested deeply": (
        lambda: graph([1.0], ("C", "sum", ["w"], {"axis": [[[[[[0]]]]]], "keepdims": False})),
        "nodes.C",
    ),
    "a type of objects": (
        lambda: graph([1.0], ("y", "astype", ["w"], {"dtype": "O"}), SUM),
        "nodes.y",
    ),
    "a huge array by stretching": (
        lambda: graph([[1.0]], ("y", "stretch", ["w"], {"shape": [10**6, 10**6], "dtype": None})),
        "nodes.y",
    ),
    "a huge array by padding": (
        lambda: graph([1.0], ("y", "pad", ["w"], {"widths": [[10**12, 0]], "value": 0.0}), SUM),
        "nodes.y",
    ),
    "a huge array by broadcasting": (
        lambda: graph(
            np.ones((4000, 1)),
            ("v", "reshape", ["w"], {"shape": [1, 4000]}),
            ("y", "add", ["w", "v"], {}),
            SUM,
        ),
        "nodes.y",
    ),
    "a huge product": (
        lambda: graph(
            np.ones((600, 600)), ("y", "einsum", ["w", "w"], {"subscripts": "ij,kl->"}), cost="y"
        ),
        "nodes.y",
    ),
    "many repeats by an index": (
        lambda: {
            **graph(
                np.ones((2, 2000)), ("y", "getitem", ["w", "k"], {"index": [["array", 0]]}), SUM
            ),
            "givens": [
                {"id": "w", "parameter": True, "value": array(np.ones((2, 2000)))},
                {"id": "k", "parameter": False, "value": array(np.zeros(2000, np.int64))},
            ],
        },
        "nodes.y",
    ),
    "a view outside its array": (
        lambda: graph(
            np.ones(4), ("y", "strided", ["w"], {"offset": 2, "shape": [3], "strides": [1]}), SUM
        ),
        "nodes.y",
    ),
    "a view as large as one likes": (
        lambda: graph(
            np.ones(4),
            ("y", "strided", ["w"], {"offset": 0, "shape": [10**5, 10**5], "strides": [0, 0]}),
            SUM,
        ),
        "nodes.y",
    ),
    "a write through a huge view": (
        lambda: graph(
            np.ones(4),
            (
                *("y", "setitem", ["w", "w"]),
                {"index": ["..."], "view": [0, [10**5, 10**5], [0, 0]], "region": [4]},
            ),
            SUM,
        ),
        "nodes.y",
    ),
    "an index outside": (lambda: graph([1.0], ("C", "getitem", ["w"], {"index": [3]})), "nodes.C"),
    "infinity": (
        lambda: graph([-1.0], ("y", "reciprocal", ["z"], {}), ("z", "absolute", ["w"], {}), SUM),
        "nodes.y",
    ),
    "an infinite cost": (
        lambda: graph([0.0], ("z", "absolute", ["w"], {}), ("y", "reciprocal", ["z"], {}), SUM),
        "nodes.y",
    ),
    "NaN": (lambda: graph([np.nan], SUM), "givens.w"),
    "bytes of another shape": (
        lambda: changed(givens__0__value={**array(np.ones(3)), "shape": [2]}),
        "givens.x",
    ),
    "no base64": (lambda: changed(givens__0__value={**array(np.ones(3)), "data": "%"}), "givens.x"),
    "an array of objects": (
        lambda: changed(givens__0__value={**array(np.ones(3)), "dtype": "object"}),
        "givens.x",
    ),
    "whole numbers with a gradient": (lambda: graph([1, 2], SUM), "givens.w"),
    "no parameter": (
        lambda: changed(givens__0__parameter=False, givens__1__parameter=False),
        "givens",
    ),
    "another version": (lambda: changed(version=2), "version"),
    "a place of no value": (lambda: changed(sources={"q": {"file": "f", "line": 1}}), "sources"),
    "a caller without a line": (
        lambda: changed(sources={"h": {"file": "f", "line": 1, "calls": [["f", "x", "g", 0]]}}),
        "sources.h",
    ),
    "sizes that are texts": (
        lambda: graph([1.0], ("y", "reshape", ["w"], {"shape": ["a"]}), SUM),
        "nodes.y",
    ),
    "a stretch to texts": (
        lambda: graph([1.0], ("y", "stretch", ["w"], {"shape": ["a"], "dtype": None}), SUM),
        "nodes.y",
    ),
    "an axis that is no tuple": (
        lambda: graph([1.0], ("C", "sum", ["w"], {"axis": 0, "keepdims": False})),
        "nodes.C",
    ),
    "a slice of one part": (
        lambda: graph([1.0], ("y", "getitem", ["w"], {"index": [["slice", 1]]}), SUM),
        "nodes.y",
    ),
    "an unknown field": (lambda: changed(code="import os"), "code"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_graph_is_refused_with_the_name_of_the_node(client: Client, name: str) -> None:
    make, field = BAD[name]
    fields = refused(client.post(f"{API}/graphs", json=make()))
    assert list(fields) == [field]
    if "huge" in name or "repeats" in name or "as large" in name:
        # It was refused before it was computed.
        assert re.search("at most|too long", fields[field]), fields


def test_a_graph_has_a_bound_of_nodes_and_bytes(client: Client) -> None:
    node = ("y", "negative", ["w"], {})
    many = graph([1.0], node, *((f"y{k}", "negative", ["w"], {}) for k in range(2000)), SUM)
    assert list(refused(client.post(f"{API}/graphs", json=many))) == ["nodes"]
    large = graph(np.ones(400_000), node, SUM)
    assert client.post(f"{API}/graphs", json=large).status_code == 413


def test_work_is_bounded_over_all_nodes(client: Client) -> None:
    """Each product is small enough, all of them are not."""
    start = np.full((350, 350), 1e-3)
    nodes = [(f"y{k}", "matmul", ["w", "w"], {}) for k in range(30)]
    content = graph(start, *nodes, ("C", "sum", ["y0"], {"axis": None, "keepdims": False}))
    began = time.process_time()
    fields = refused(client.post(f"{API}/graphs", json=content))
    [field] = fields
    assert field.startswith("nodes.y")
    assert "too long" in fields[field]
    assert time.process_time() - began < 60  # far below what all products would take


def test_the_store_drops_the_oldest_graphs(tmp_path: Any) -> None:
    store = SqliteStore(tmp_path / "graphs.sqlite3", Bound(content_bytes=1000))
    ids = [store.put_content(GRAPH, bytes([k]) * 400) for k in range(3)]
    assert [store.get_content(GRAPH, each) is not None for each in ids] == [False, True, True]
    assert store.read(GRAPH, ids[1]) == bytes([1]) * 400
    store.close()


def test_a_graph_is_there_after_a_restart(settings: Settings, make_client: Any) -> None:
    kept = read(make_client(create_app(settings)).post(f"{API}/graphs", json=recorded()), 201)
    again = make_client(create_app(settings)).get(f"{API}/graphs/{kept['id']}/trace")
    assert read(again)["cost"] == kept["cost"]


def test_a_graph_of_every_family_comes_back(client: Client) -> None:
    def program(x: Any, k: Any) -> Any:
        y = np.zeros((3, 4))
        y[:2, 1:] = x
        y[k, 0] += x[0, 0]
        z = np.concatenate([y.T, np.pad(y.T, 1)[1:-1, 1:-1]], axis=0)
        windows = np.lib.stride_tricks.sliding_window_view(z, (2, 2))
        best = windows.max(axis=(2, 3))
        return np.einsum("ij,ij->", best, np.where(best > 0, best, 0.1 * best)) + z[z > 0.2].sum()

    x, k = np.random.default_rng(0).normal(size=(2, 3)), np.array([0, 2, 2])
    content = recorded(program, x, k)
    kept = read(client.post(f"{API}/graphs", json=copy.deepcopy(content)), 201)
    assert kept["cost"] == bx.explain(program, x, k).cost


def test_a_graph_that_takes_long_to_prove_is_not_proved(client: Client) -> None:
    """Its lines are computed all the same."""
    nodes = [("y", "matmul", ["w", "w"], {}), SUM]
    kept = read(client.post(f"{API}/graphs", json=graph(np.full((300, 300), 0.1), *nodes)), 201)
    found = read(client.get(f"{API}/graphs/{kept['id']}/trace?entries=9"))
    assert found["verification"] is None
    assert found["cost"] == pytest.approx(300**3 * 0.01)


def test_a_value_with_infinity_says_so(client: Client) -> None:
    def masked(x: Any, mask: Any) -> Any:
        e = np.exp(np.where(mask, x, -np.inf))
        return (e / e.sum())[0]

    mask = np.array([True, True, False])
    kept = read(client.post(f"{API}/graphs", json=recorded(masked, np.ones(3), mask)), 201)
    found = read(client.get(f"{API}/graphs/{kept['id']}/trace"))
    values = {each["id"]: each for each in (*found["givens"], *found["lines"])}
    assert values["mask"]["value"] == [1, 1, 0]
    assert values["e.1"]["value"] == [1, 1, None]
    assert values["e.1"]["finite"] is False
    assert all(check["passed"] for check in found["verification"].values())


def test_a_check_is_kept_and_a_damaged_one_refused(client: Client) -> None:
    kept = read(client.post(f"{API}/check/programs", json=CHECK_OF_PROGRAM), 201)
    found = read(client.get(f"{API}/check/programs/{kept['id']}"))
    assert found["cases"][0]["about"] == "x 2"
    assert client.get(f"{API}/graphs/{kept['id']}/trace").status_code == 404
    array = {"shape": [2, 2], "numbers": [1.0]}
    line = {"file": "f.py", "number": 1, "name": "x", "runs": 1, "array": array}
    case = {**CHECK_OF_PROGRAM["cases"][0], "arrays": [line]}
    damaged = {**CHECK_OF_PROGRAM, "cases": [case]}
    fields = refused(client.post(f"{API}/check/programs", json=damaged))
    assert list(fields) == ["cases.0.arrays.0.array"]
    assert "[2, 2]" in fields["cases.0.arrays.0.array"]
