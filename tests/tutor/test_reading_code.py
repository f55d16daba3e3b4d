"""No numbers are read from code and error messages; their places are reported."""

from __future__ import annotations

import pytest

from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.tutor.reading.arrays import parse_array
from backprop_explorer.tutor.reading.source_code import CODE, TRACEBACK
from backprop_explorer.tutor.reading.transcript import read_transcript
from tests.helpers.clients import Client

URL = "/api/v1/check/parse"
TERMINAL = """Traceback (most recent call last):
  File "net.py", line 12, in <module>
    z1 = 1
    z2 = [1, 2]
ValueError: shapes (2,3) and (2,) not aligned: 3 (dim 1) != 2 (dim 0)
"""
NOTEBOOK = """---------------------------------------------------------------------------
ValueError                                Traceback (most recent call last)
Cell In[5], line 3
      1 W = 0.5
      2 x = [1, 2]
----> 3 z = W @ x

ValueError: matmul: size 2 is different from 3
"""


@pytest.mark.parametrize(
    "code",
    [
        "dC_dz2 = 2*(a2-y)",
        "dC_dz2 = 2 * (a2 - y)",
        "dC_dz2 = 2*a2",
        "C = 1/3",
        "C = 0.1 + 0.2",
        "x = 3 if big else 2",
        "x[0] = 0.5",
        "W1 = np.array([[1, 2], [3, 4]]).T",
        "W1 = np.array([[1, 2], [3, 4]])[0]",
        "z1 = np.array([1, 2]) @ W1",
        "z1 = np.dot(W1,\n            [1, 2])",
        "return 0.5",
        "def f(z):\n    a = 1\n    b = [1, 2]\n    return a",
        "for k in range(3):\n    W1 = 0.5\n\n    b1 = [1, 2]",
    ],
)
def test_code_is_not_read_as_numbers(code: str) -> None:
    found = read_transcript(f"{code}\na1 = [0.5]")
    assert [piece.name for piece in found.arrays] == ["a1"]
    assert [each.message for each in found.unread] == [CODE]


@pytest.mark.parametrize(
    "code", ["dC_db1 = b1 -1", "dC_db1 = 2-1", "C = 1.5-0.5", "z1 = -[1, 2]", "acc = 95%"]
)
def test_arithmetic_is_not_read_as_numbers(code: str) -> None:
    found = read_transcript(f"{code}\na1 = [0.5]")
    assert [piece.name for piece in found.arrays] == ["a1"]
    assert len(found.unread) == 1


@pytest.mark.parametrize("text", [TERMINAL, NOTEBOOK, TERMINAL + NOTEBOOK])
def test_an_error_message_is_not_read_as_numbers(text: str) -> None:
    found = read_transcript(f"{text}a1 = [0.5]")
    assert [piece.name for piece in found.arrays] == ["a1"]
    assert all(each.message.startswith(TRACEBACK) for each in found.unread)
    assert found.words == {}


@pytest.mark.parametrize(
    ("text", "name"), [("Error: 0.5", "Error"), ("MeanSquaredError: 0.25", "MeanSquaredError")]
)
def test_a_number_named_error_is_read(text: str, name: str) -> None:
    assert [piece.name for piece in read_transcript(text).arrays] == [name]


def test_consecutive_lines_of_code_are_one_place() -> None:
    found = read_transcript("lr = 0.1 * 3\n" * 30 + "a1 = [0.5]")
    assert [piece.name for piece in found.arrays] == ["a1"]
    assert [(each.line, each.message) for each in found.unread] == [(1, CODE)]


@pytest.mark.parametrize("text", ["The cost fell to 0.5 in 3 epochs", "0.5 volts", "3 epochs"])
def test_prose_is_not_read_as_numbers(text: str) -> None:
    assert read_transcript(text).arrays == []


def test_a_method_that_keeps_the_numbers_leaves_them_readable() -> None:
    found = read_transcript("x = np.array([1., 2.]).reshape(-1, 1)\na1 = [0.5]")
    assert [piece.name for piece in found.arrays] == ["x", "a1"]
    assert [each.column for each in found.unread] == [23]


@pytest.mark.parametrize("second", ["dC_db1", "db1", "∂C/∂b1"])
def test_the_first_array_of_a_line_is_kept(shared_client: Client, second: str) -> None:
    """The student's gradient comes first, then autograd's under the same name."""
    body = {"text": f"dC_db1 = [0.5]\n\n{second} = [0.25]", "layers": 1}
    answer = shared_client.post(URL, json=body).json()
    assert [(each["as"], each["value"]) for each in answer["arrays"]] == [
        ("dC_db1", [0.5]),
        (None, [0.25]),
    ]
    [unread] = answer["unread"]
    assert unread["line"] == 3
    assert "dC_db1 was already read in line 1" in unread["message"]
    assert "unless you choose this one" in unread["message"]


def test_the_same_array_twice_is_not_reported(shared_client: Client) -> None:
    body = {"text": "dC_db1 = [0.5]\ndC_db1 = [0.5]", "layers": 1}
    assert shared_client.post(URL, json=body).json()["unread"] == []


def test_an_array_without_a_name_has_no_line(shared_client: Client) -> None:
    body = {"text": "[[0.25]]\ndC_dW1 = [[0.5]]", "layers": 1}
    arrays = shared_client.post(URL, json=body).json()["arrays"]
    assert [(each["as"], each["value"]) for each in arrays] == [
        (None, [[0.25]]),
        ("dC_dW1", [[0.5]]),
    ]


def test_repeated_arrays_are_reported_up_to_a_limit(shared_client: Client) -> None:
    text = "".join(f"dC_db1 = [{k}.5]\n" for k in range(100))
    answer = shared_client.post(URL, json={"text": text, "layers": 1}).json()
    assert [each["as"] for each in answer["arrays"]] == ["dC_db1", *[None] * 20]
    assert len(answer["unread"]) == 21


@pytest.mark.parametrize(
    "prompt", ["In [3]: ", "In [*]:", "In [ ]: ", "Out[505... ", "Out[50…\n", ">>> ", "```python\n"]
)
def test_a_prompt_is_left_out(prompt: str) -> None:
    found = read_transcript(f"{prompt}[0.5 0.25]")
    assert [piece.printed.values.tolist() for piece in found.arrays] == [[0.5, 0.25]]
    assert found.unread == []


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            "ValueError: operands could not be broadcast together with shapes (3,) (4,) ",
            "shapes (3,) and (4,) cannot be combined entry by entry",
        ),
        (
            "ValueError: operands could not be broadcast together with shapes (3,4) (4,3) ",
            "differ by a transpose",
        ),
        (
            "ValueError: shapes (3,4) and (3,) not aligned: 4 (dim 1) != 3 (dim 0)",
            "product of shapes (3,4) and (3,)",
        ),
        (
            "ValueError: matmul: Input operand 1 has a mismatch (size 4 is different from 3)",
            "the rows of A have 3 entries and the columns of B have 4",
        ),
        (
            "RuntimeError: mat1 and mat2 shapes cannot be multiplied (5x3 and 4x2)",
            "product of shapes 5x3 and 4x2",
        ),
        (
            "ValueError: non-broadcastable output operand with shape (3,) against (5,3)",
            "a gradient has the shape of its parameter",
        ),
        ("TypeError: only size-1 arrays can be converted to Python scalars", "np.exp"),
    ],
)
def test_an_error_of_shapes_is_explained(error: str, words: str) -> None:
    text = f'Traceback (most recent call last):\n  File "nn.py", line 4, in <module>\n{error}\n'
    [unread] = read_transcript(text).unread
    assert unread.message.startswith(TRACEBACK)
    assert words in unread.message
    with pytest.raises(InvalidInput, match="this is an error message"):
        parse_array(text)


@pytest.mark.parametrize(
    "code",
    ["z1 = x @ W1 + b1", "np.zeros((3, 2))", "print(dW1)", "dW1 = a0.T @ delta / 5",
     "for k in range(3):\n    z = 0.5", "def f(x):\n    return 2 * x", "W1 -= 0.1 * dW1"],
)  # fmt: skip
def test_code_in_place_of_an_array_is_called_code(code: str) -> None:
    with pytest.raises(InvalidInput) as error:
        parse_array(code)
    assert CODE in error.value.message
