"""Recovering reader: it finds all arrays and reports the places of all other text."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.notebook.checked import check
from backprop_explorer.tutor.reading.arrays import parse_array
from backprop_explorer.tutor.reading.transcript import Transcript, read_transcript
from tests.helpers.clients import Client


def named(text: str) -> dict[str | int, tuple[int, ...]]:
    """The shapes by name, or by position where there is none."""
    arrays = read_transcript(text).arrays
    return {piece.name or k: piece.printed.values.shape for k, piece in enumerate(arrays)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("z1 = [1. 2.]\na1: 0.5 0.6", {"z1": (2,), "a1": (2,)}),
        ("z1 =\n[1. 2.]", {"z1": (2,)}),
        ("dC_dW1 [[1 2]\n [3 4]]", {"dC_dW1": (2, 2)}),
        ("dC/da2 = [1,2]\n∂C/∂W1 = [[1]]", {"dC/da2": (2,), "∂C/∂W1": (1, 1)}),
        ("{'z1': array([1., 2.]), \"C\": 0.5}", {"z1": (2,), "C": ()}),
        ("# by hand\nx = np.array([1, -2e-3], dtype=float32)", {"x": (2,)}),
        ("In [3]: print(g)\n[[1 2]] [0.5]", {0: (1, 2), 1: (1,)}),
        ("Out[3]= [(array([[1, 2]]), array([1.]))]", {"dC_dW1": (1, 2), "dC_db1": (1,)}),
        ("layers = [([[1, 2]], [3])]", {"W1": (1, 2), "b1": (1,)}),
        ("[{'W': [[1]]}, {'W': [[2]], 'b': [2]}]", {"W1": (1, 1), "W2": (1, 1), "b2": (1,)}),
        ("loss = np.float64(0.3)", {"loss": ()}),
        ("z1 = [\u22121.5 2]", {"z1": (2,)}),
        ("[1 2 3]", {0: (3,)}),
        ("dC_db1\n0,5\t0,25\n1,5\t2\nC\t0,5", {"dC_db1": (2, 2), "C": ()}),
        ("z1 = [0,123 0,456]\nx = [1,2]\na1: 1,2", {"z1": (2,), "x": (2,), "a1": ()}),
        ("W1\nParameter containing:\ntensor([[1., 2.]], requires_grad=True)", {"W1": (1, 2)}),
        ("Parameter containing:\ntensor([[1.]])\nParameter containing:\ntensor([1.])",
         {0: (1, 1), 1: (1,)}),
        ("dC_da1 Autograd ArrayBox with value [1. 2.]", {"dC_da1": (2,)}),
        ("C Array(0.5, dtype=float32, weak_type=True)", {"C": ()}),
        ("z1 tf.Tensor([1. 2.], shape=(2,), dtype=float32)\nC 0.5", {"z1": (2,), "C": ()}),
        ("z1 = <tf.Tensor: shape=(2,), dtype=float32, numpy=array([1., 2.], dtype='<f4')>\nC 0.5",
         {"z1": (2,), "C": ()}),
        ("dC_db1:\n0 0.1\n1 0.2\ndtype: float64\nC: 0.5", {"dC_db1": (2,), "C": ()}),
        ("dC_db1 0    0.1\n1    0.2\nName: b, dtype: float64", {"dC_db1": (2,)}),
        ("dC_dW1:\n     0    1    2\n0  0.1  0.2  0.5\ndC_db1:\n0 0.1\ndtype: float64",
         {"dC_dW1": (1, 3), "dC_db1": (1,)}),
        ("dC_dW1:\n0 0.1\n1 0.2\ndC_db1: 1 2", {"dC_dW1": (2, 2), "dC_db1": (2,)}),
        ("x = 1,0\nW1 = [[1,2],[3,4]]", {"x": (2,), "W1": (2, 2)}),
        ("", {}),
    ],
)  # fmt: skip
def test_arrays_are_found(text: str, expected: dict[str | int, tuple[int, ...]]) -> None:
    assert named(text) == expected
    assert [u for u in read_transcript(text).unread if "print" not in text] == []


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("z1 = [1]\nhello world", 2, 1, "not an array"),
        ("z1 = [1 ?]", 1, 9, "expected a number or"),
        ("\nz1 = [1 two]", 2, 9, "found a word"),
        ("z1 = [[1 2] [3]]", 1, 6, "row 1 has 1 entries"),
        ("z1 = [[1 2]", 1, 6, "not closed"),
        ("z1 = [1 ... 2]", 1, 6, "set_printoptions"),
        ("z1 =\n0 0.1\n1 0.2\ndtype: float64\n oops here", 5, 2, "not an array"),
        ("W1 = np.random.rand(3, 2)", 1, 6, "not an array"),
    ],
)
def test_other_text_is_reported_with_its_place(
    text: str, line: int, column: int, message: str
) -> None:
    [unread] = read_transcript(text).unread
    assert (unread.line, unread.column) == (line, column)
    assert message in unread.message


STATE = """OrderedDict([('0.weight', tensor([[ 0.5, -0.3],
        [ 0.8,  0.2]])), ('0.bias', tensor([ 0.1, -0.1])),
    ('2.weight', tensor([[ 0.7, -0.4]], device='cuda:0')), ('2.bias', tensor([0.05]))])"""
PARAMETERS = """0.weight Parameter containing:
tensor([[1., 2.]], requires_grad=True)
0.bias Parameter containing:
tensor([3.], requires_grad=True)"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (STATE, {"W1": (2, 2), "b1": (2,), "W2": (1, 2), "b2": (1,)}),
        (
            f"state = {STATE}\nx = [1, 2]",
            {"W1": (2, 2), "b1": (2,), "W2": (1, 2), "b2": (1,), "x": (2,)},
        ),
        (
            "OrderedDict({'fc1.weight': tensor([[1., 2.]]), 'fc1.bias': tensor([3.])})",
            {"W1": (1, 2), "b1": (1,)},
        ),
        (
            "{'net.0.weight': tensor([[1., 2.]]), 'net.0.bias': tensor([3.])}",
            {"W1": (1, 2), "b1": (1,)},
        ),
        (PARAMETERS, {"W1": (1, 2), "b1": (1,)}),
        (
            "a.weight.grad = tensor([[1.]])\nb.weight.grad = tensor([[2.]])",
            {"dC_dW1": (1, 1), "dC_dW2": (1, 1)},
        ),
    ],
)
def test_parameters_as_torch_names_them(text: str, expected: dict[str, tuple[int, ...]]) -> None:
    assert named(text) == expected
    assert read_transcript(text).unread == []


def test_places_in_output_of_torch_are_correct() -> None:
    found = read_transcript(f"{STATE}\nz1 = [[1, 2], [3]]")
    assert [piece.line for piece in found.arrays] == [1, 2, 3, 3]
    assert found.arrays[0].printed.values.tolist() == [[0.5, -0.3], [0.8, 0.2]]
    assert found.unread[0].line == 4


@pytest.mark.parametrize(
    "text",
    [
        "Traced<ShapedArray(float32[3])>with<DynamicJaxprTrace>",
        "z1 = Traced<float32[3]>with<DynamicJaxprTrace(level=1/0)>",
        "z1: JitTracer<float32[3]>",
    ],
)
def test_a_tracer_has_no_numbers(text: str) -> None:
    found = read_transcript(f"{text}\na1 = [1, 2]")
    assert [each.message[:11] for each in found.unread] == ["a JAX trace"]
    assert "outside of jit" in found.unread[0].message
    assert [piece.name for piece in found.arrays] == ["a1"]
    with pytest.raises(InvalidInput, match="outside of jit"):
        parse_array(text.partition(" ")[2] or text)


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("     0    1\na  0.5  1.5\nb -2.5  3.5", None, [[0.5, 1.5], [-2.5, 3.5]]),
        ("z1\n      h1   h2\nup   0.5  1.5\ndown 2.5  3.5\n", "z1", [[0.5, 1.5], [2.5, 3.5]]),
        ("     h1   h2\n0   0.5  1.5\n1   2.5  3.5\n", None, [[0.5, 1.5], [2.5, 3.5]]),
        ("z1 = a    0.1\nb   -0.2\ndtype: float64", "z1", [0.1, -0.2]),
        ("z1\na    0.1\nb   -0.2\nName: first, dtype: float64", "z1", [0.1, -0.2]),
    ],
)
def test_rows_of_pandas_may_have_names(text: str, name: str | None, value: object) -> None:
    [piece] = read_transcript(text).arrays
    assert (piece.name, piece.printed.values.tolist()) == (name, value)


def test_named_numbers_are_not_rows_of_pandas() -> None:
    found = read_transcript("C     0.5\nz1    0.1\ndtype: float64\n    values\na1  0.5\nb2  0.25")
    assert [piece.name for piece in found.arrays] == ["C", "z1", "a1", "b2"]


def test_words_after_a_name_are_settings() -> None:
    found = read_transcript(
        "cost = 'mse'\nactivations = [sigmoid, np.tanh]\nfuncs = (ReLU, sigmoid)"
    )
    assert found.words == {"cost": ["mse"], "funcs": ["ReLU", "sigmoid"]}


PIECES = st.sampled_from(
    ["z1", "=", ":", "[", "]", "(", ")", "{", "}", "array(", " ", "\n", "1", "-0.5", "nan", "...",
     ",", "'", "<tf.", ">", "0 1", "dtype: float64", "Parameter containing:",
     "np.float64(", "In [1]:", "('0.weight', tensor(", "OrderedDict([", "a  0.5\n", "  h1 h2\n",
     "Out[2", "#", "é", "\ud800", "e", "1e5", "dtype=float"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=30).map("".join))
def test_any_text_is_read_or_refused_by_place(text: str) -> None:
    found = read_transcript(text)
    assert isinstance(found, Transcript)
    lines = text.split("\n")
    for each in found.unread:
        assert 1 <= each.line <= len(lines)
        assert 1 <= each.column <= len(lines[each.line - 1]) + 1


def test_the_api_returns_arrays_and_unread_places(shared_client: Client) -> None:
    body = {"text": "predict = [1 2]\ndC_da = [nan 4]\nfoo = [1]\noops", "layers": 1}
    found = shared_client.post("/api/v1/check/parse", json=body).json()
    first, second, third = found["arrays"]
    assert (first["name"], first["as"], first["shape"]) == ("predict", "a1", [2])
    assert (second["as"], second["value"]) == ("dC_da1", "[nan, 4.0]")
    assert (third["name"], third["as"]) == ("foo", None)
    assert found["unread"] == [{"line": 4, "column": 1, "message": "not an array"}]
    too_long = shared_client.post("/api/v1/check/parse", json={"text": "1 " * 300_000})
    assert too_long.status_code == 422
    assert too_long.json()["errors"][0]["field"] == "text"


def test_the_cost_is_one_number_whatever_its_comma(shared_client: Client) -> None:
    body = {"text": "C = 0,5\nx = 0,5\nloss_1: 0,5"}
    arrays = shared_client.post("/api/v1/check/parse", json=body).json()["arrays"]
    assert [(a["shape"], a["value"]) for a in arrays] == [([], 0.5), ([2], [0, 5]), ([2], [0, 5])]
    assert [a.get("decimal") for a in arrays] == [None, 0.5, 0.5]


def test_both_readings_of_an_ambiguous_comma_are_returned(shared_client: Client) -> None:
    body = {"text": "z1 = [1,2]\nz2 = [0,5]\na2 = 1,5\ndC_dW1 = [[1,2],[3,4]]"}
    arrays = shared_client.post("/api/v1/check/parse", json=body).json()["arrays"]
    assert [a["value"] for a in arrays] == [[1, 2], [0, 5], [1, 5], [[1, 2], [3, 4]]]
    assert [a.get("decimal") for a in arrays] == [[1.2], [0.5], 1.5, None]


def test_numbers_of_a_script_are_checked_without_a_server() -> None:
    layers = [(np.array([[0.5, -0.3]]), np.array([0.1]))]
    x, target = np.array([0.6, -1.2]), np.array([1.0])
    z = layers[0][0] @ x + layers[0][1]
    right = {"z1": z, "a1": str(1 / (1 + np.exp(-z)))}
    assert check(right, layers, x, target).verdict == "correct"
    comma = check({"z1": "0,5"}, layers, [0.5, -0.5], target)
    assert comma.lines["z1"].verdict == "correct"
    wrong = check({"z1": z - 0.1}, layers, x, target)
    assert wrong.first_wrong == "z1"
