"""The names of pasted arrays: of lists, headings, attributes and words."""

from __future__ import annotations

import numpy as np
import pytest

from backprop_explorer.compute.check_requests import PasteRequest
from backprop_explorer.notebook.checked import check
from backprop_explorer.tutor.reading.transcript import read_transcript
from tests.helpers.pasted import lines


@pytest.mark.parametrize("name", ["dC_da1", "∂C/∂a1", "dL_da1", "da_1"])
def test_dC_da_of_the_output_is_known_under_every_name(name: str) -> None:  # noqa: N802
    layers = [(np.array([[0.5, -0.3]]), np.array([0.1]))]
    a = 1 / (1 + np.exp(-0.76))
    found = check(
        {name: [-1 / a], "da1_dz1": [[a * (1 - a)]]},
        layers,
        [0.6, -1.2],
        [1.0],
        activations=["sigmoid"],
        cost="binary_cross_entropy",
    )
    assert found.verdict == "correct"


GRADIENTS = {"dC_dW1": (3, 2), "dC_dW2": (1, 3), "dC_db1": (3,), "dC_db2": (1,)}
MATRICES = "[array([[1., 2.],\n       [3., 4.],\n       [5., 6.]]), array([[7., 8., 9.]])]"
VECTORS = "[array([1., 2., 3.]), array([4.])]"


@pytest.mark.parametrize(
    "text",
    [
        f"nabla_w {MATRICES}\nnabla_b {VECTORS}",
        f"dW: {MATRICES} db: {VECTORS}",
        f"grad_weights = {MATRICES}\ngrad_biases = {VECTORS}",
        f"dW = np.array({MATRICES}, dtype=object)\ndb = np.array({VECTORS}, dtype=object)",
        "dW [[[1, 2], [3, 4], [5, 6]], [[7, 8, 9]]]\ndb [[1, 2, 3], [4]]",
        f"dW0 = [[1, 2], [3, 4], [5, 6]]\ndW1 = [[7, 8, 9]]\nnabla_b = {VECTORS}",
    ],
)
def test_lists_by_kind_are_the_gradients_of_the_layers(text: str) -> None:
    assert lines(text) == GRADIENTS


def test_lists_of_parameters_stay_parameters() -> None:
    found = lines(f"weights = {MATRICES}\nbiases = {VECTORS}")
    assert found == {"W1": (3, 2), "W2": (1, 3), "b1": (3,), "b2": (1,)}


def test_a_list_of_activations_begins_with_the_input() -> None:
    text = "activations = [array([1., 2.]), array([1., 2., 3.]), array([4.])]"
    assert lines(text) == {None: (2,), "a1": (3,), "a2": (1,)}


def test_a_list_of_dictionary_entries_and_attributes() -> None:
    text = "grads['dW1'] = [[1, 2]]\ngrads['db1']: [3]\nself.W1 = [[1, 2]]\nW2.grad: [[5]]"
    expected = {"dC_dW1": (1, 2), "dC_db1": (1,), "W1": (1, 2), "dC_dW2": (1, 1)}
    assert lines(text) == expected


def test_names_in_words() -> None:
    text = "Gradient of W1: [[1, 2]]\nThe gradient with respect to b1 is: [3]\nlayer 2 dW =\n[[5]]"
    assert lines(text) == {"dC_dW1": (1, 2), "dC_db1": (1,), "dC_dW2": (1, 1)}


def test_names_below_a_heading_belong_to_its_layer() -> None:
    text = "Layer 1\ndW [[1, 2]]\ndb [3]\n--- Layer 2 ---\ndW: [[5]]\ndb: [6]"
    expected = {"dC_dW1": (1, 2), "dC_db1": (1,), "dC_dW2": (1, 1), "dC_db2": (1,)}
    assert lines(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Shape of dW1: (2, 2)",
        "The shape of dW1 is (2, 2)",
        "dimensions dW1: [2, 2]",
        "dW1 (2, 2)",
        "dW1.shape\n(2, 2)",
        "dW1.shape: (2,)",
    ],
)
def test_the_shape_of_an_array_is_not_read_as_its_numbers(text: str) -> None:
    found = read_transcript(f"{text}\ndb1 = [0.1 0.2]")
    assert [array.name for array in found.arrays] == ["db1"]
    assert found.unread


def test_a_shape_may_stand_between_name_and_array() -> None:
    found = read_transcript("dW1 (2, 2) [[0.1 0.2]\n [0.3 0.4]]")
    assert [(array.name, array.printed.values.shape) for array in found.arrays] == [("dW1", (2, 2))]
    assert not found.unread


def test_a_tuple_that_is_assigned_is_an_array() -> None:
    found = read_transcript("target = (0, 1)\nz1 (0.5, 0.25)")
    assert [array.name for array in found.arrays] == ["target", "z1"]


@pytest.mark.parametrize(
    "text",
    [
        "dW1 = 1.0e-03 *\n[[0.1 0.2]\n [0.3 0.4]]",
        "dW1 =\n\n   1.0e-03 *\n\n    0.1000    0.2000\n    0.3000    0.4000\n",
    ],
    ids=["brackets", "MATLAB"],
)
def test_numbers_below_a_common_factor_are_not_read_without_it(text: str) -> None:
    found = read_transcript(f"{text}\n\ndb1 =\n\n    0.5000\n    0.6000\n")
    assert [array.name for array in found.arrays] == ["db1"]
    assert [each.message for each in found.unread] == [
        "numbers with a common factor: print them without it"
    ]


def lines_of(text: str, layers: int = 2) -> dict[str, str | None]:
    """What the page offers for each pasted name."""
    answer = PasteRequest(text=text, layers=layers).answer()
    return {array["name"]: array["as"] for array in answer["arrays"]}


def test_errors_beside_deltas_are_told_apart() -> None:
    text = "l2_error = [[0.1]]\nl2_delta = [[0.2]]\nl1_error = [[0.3 0.4]]\nl1_delta = [[0.5 0.6]]"
    assert lines_of(text) == {
        "l2_error": "dC_da2", "l2_delta": "dC_dz2", "l1_error": "dC_da1", "l1_delta": "dC_dz1",
    }  # fmt: skip
    assert lines_of("l2_error = [[0.1]]") == {"l2_error": "dC_dz2"}


def test_an_activation_beside_an_output_is_the_sum() -> None:
    text = "hidden_layer_activation = [[0.1 2.5]]\nhidden_layer_output = [[0.2 0.9]]"
    assert lines_of(text) == {"hidden_layer_activation": "z1", "hidden_layer_output": "a1"}


def test_an_array_called_error_is_asked_about() -> None:
    assert lines_of("error = [[0.1]\n [0.2]]") == {"error": None}
    assert lines_of("error = 0.25") == {"error": "C"}
