"""Names of students' variables, and how their programs count layers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from backprop_explorer.engine.errors import InvalidInput
from backprop_explorer.tutor.checker import CheckResult
from backprop_explorer.tutor.spellings import known_id, line_ids
from tests.corpus.marks import as_list, mark
from tests.corpus.problems import PROBLEMS, Problem
from tests.corpus.right import right_lines

TWO = PROBLEMS["two layers"].draw(3)


def submitted(problem: Problem, **lines: str) -> dict[str, Any]:
    """The correct values of lines, under other names."""
    right = right_lines(problem)
    return {name: as_list(right[line]) for name, line in lines.items()}


def kinds(result: CheckResult) -> list[str]:
    return [note.kind for note in result.notes]


@pytest.mark.parametrize(
    ("names", "line"),
    [
        ("Z1 Z_1 z_h preactivation1", "z1"),
        ("A1 a_h activation1 hidden hidden_layer", "a1"),
        ("A2 a_o y_pred y_hat yhat probabilities output predictions", "a2"),
        ("dZ2 delta2 Delta_2 feil2 layer_2_delta l2_delta error_output output_error", "dC_dz2"),
        ("delta_hidden hidden_delta error_hidden dz_h", "dC_dz1"),
        ("dA1 dc_da1 grad_a1", "dC_da1"),
        ("dw1 dW1 dc_dw1 dLdW1 grad_W1 W1_grad gW1 nabla_w1 dWh Wgrad1 dC/dW1", "dC_dW1"),
        ("hidden_weights_gradient gradient_W1 weights_gradient1 dweights1 dW_1 ∂C/∂W1", "dC_dW1"),
        ("grads['dW1'] gradients['W1'] nabla_w[0] dW[0] self.dW1 dCost_dW1", "dC_dW1"),
        ("dWo output_weights_grad dW[-1] nabla_w[1]", "dC_dW2"),
        ("dB1 db1 dBh grad_b1 b1_gradient nabla_b1 hidden_bias_gradient dbias1", "dC_db1"),
        ("W1_new new_W1 weights1_new W1_updated vekter1_ny", "W1_next"),
        ("weights1 w1 vekter1 W_ih hidden_weights layer1_weights params['W1']", "W1"),
        ("biases1 B1 bias1 skjevhet1", "b1"),
        ("cost kostnad loss J L E MSE total_loss", "C"),
        ("X X_train x_data inputs a0", "x"),
        ("y Y y_train t targets labels y_onehot", "target"),
    ],
)
def test_spellings_of_a_line(names: str, line: str) -> None:
    known = line_ids(2)
    assert {name: known_id(name, known, 2) for name in names.split()} == dict.fromkeys(
        names.split(), line
    )


@pytest.mark.parametrize("name", ["foo", "epoch", "dC_dzz2", "nothing like it", "lr", "n"])
def test_other_words_stand_for_no_line(name: str) -> None:
    assert known_id(name, line_ids(2), 2) is None


def test_layers_counted_from_the_input_by_their_numbers() -> None:
    """Nielsen and Ng: layer 1 is the input, so the output is layer 3 of two layers."""
    lines = submitted(TWO, z2="z1", a2="a1", z3="z2", delta3="dC_dz2", delta2="dC_dz1")
    result, _ = mark(TWO, {"a1": as_list(TWO.x), **lines})
    assert result.verdict == "correct"
    assert kinds(result) == ["numbering"]
    assert "from the input" in result.notes[0].message


def test_layers_counted_from_the_input_by_their_values() -> None:
    result, _ = mark(TWO, submitted(TWO, delta2="dC_dz1", dW1="dC_dW1"))
    assert result.verdict == "correct"
    assert kinds(result) == ["numbering"]
    assert result.lines["dC_dz1"].verdict == "correct"


def test_lists_counted_from_zero() -> None:
    result, _ = mark(TWO, submitted(TWO, dW0="dC_dW1", dW1="dC_dW2", db0="dC_db1", db1="dC_db2"))
    assert result.verdict == "correct"
    assert kinds(result) == ["numbering"]


def test_a_wrong_line_keeps_its_number() -> None:
    right = right_lines(TWO)
    lines = {"delta2": as_list(2 * right["dC_dz2"]), "delta1": as_list(right["dC_dz1"])}
    result, _ = mark(TWO, lines)
    assert result.first_wrong == "dC_dz2"
    assert "numbering" not in kinds(result)


def test_an_unknown_name_is_read_by_its_numbers() -> None:
    result, _ = mark(TWO, submitted(TWO, foo="dC_dW1", z1="z1"))
    assert result.verdict == "correct"
    [note] = result.notes
    assert (note.kind, note.line) == ("read_as", "dC_dW1")
    assert "foo" in note.message
    assert "∂C/∂W⁽¹⁾" in note.message


def test_a_gradient_without_a_layer_is_read_by_its_numbers() -> None:
    result, _ = mark(TWO, submitted(TWO, dW="dC_dW2"))
    assert result.lines["dC_dW2"].verdict == "correct"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("A7", "did you mean a2?"),
        ("dZ9", "did you mean dC_dz2?"),
        ("dW", "add the number of its layer"),
        ("W1", "it is given"),
        ("W1_new", "choose an optimizer"),
    ],
)
def test_a_hint_names_a_line_of_the_same_kind(name: str, hint: str) -> None:
    with pytest.raises(InvalidInput) as error:
        mark(TWO, {name: [9.0]})
    assert hint in error.value.message


def test_an_unknown_name_gets_no_hint() -> None:
    with pytest.raises(InvalidInput) as error:
        mark(TWO, {"foo": [9.0]})
    assert "did you mean" not in error.value.message


def test_the_gradient_of_a_hidden_output_may_be_that_of_z() -> None:
    """Programs that go from layer to layer in one line call ∂C/∂z d_hidden."""
    for line in ("dC_da1", "dC_dz1"):
        result, _ = mark(TWO, submitted(TWO, d_hidden=line))
        assert result.lines[line].verdict == "correct"


def test_an_array_of_another_shape_is_reported_under_its_line() -> None:
    result, _ = mark(TWO, {"Z1": np.ones(7).tolist()})
    assert result.lines["z1"].verdict == "wrong"


def test_whole_numbers_are_not_read_by_their_values() -> None:
    """The 1 of a Jacobian is no evidence."""
    with pytest.raises(InvalidInput):
        mark(TWO, {"foo": np.eye(4).tolist(), "da2_dz2": np.eye(4).tolist()})
