"""Strict reader: printed arrays, and the precision of their digits."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from backprop_explorer.engine.errors import InvalidInput, LimitExceeded
from backprop_explorer.tutor.reading import MAX_TEXT
from backprop_explorer.tutor.reading.arrays import parse_array, reading_of_size
from backprop_explorer.tutor.reading.printed_array import MAX_ENTRIES, from_array, from_nested
from backprop_explorer.tutor.reading.tokens import Unreadable
from tests.helpers.cases import examples
from tests.helpers.pasted import named_arrays

MATRIX = [[0.00071956, 0.04156912], [0.00119779, 0.06919653]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[[0.00071956 0.04156912]\n [0.00119779 0.06919653]]", MATRIX),
        ("array([[0.00071956, 0.04156912],\n       [0.00119779, 0.06919653]])", MATRIX),
        ("np.array([[0.00071956, 0.04156912], [0.00119779, 0.06919653]])", MATRIX),
        ("dC_dW1 = [[0.00071956, 0.04156912], [0.00119779, 0.06919653]]", MATRIX),
        ("0.00071956, 0.04156912\n0.00119779, 0.06919653\n", MATRIX),
        ("0.00071956;0.04156912\n0.00119779;0.06919653", MATRIX),
        ("0.00071956\t0.04156912\n0.00119779\t0.06919653", MATRIX),
        ("[1. 2. 3.]", [1, 2, 3]),
        ("[ 1.  -0.   2.5]", [1, 0, 2.5]),
        ("[1.5e-09 -2.25E+03]", [1.5e-9, -2250]),
        ("[0.1\n 0.2\n\n 0.3]", [0.1, 0.2, 0.3]),
        ("array([0.1, 0.2], dtype=float32)", [0.1, 0.2]),
        ("array([0.1, 0.2], dtype='<f4')", [0.1, 0.2]),
        ("tensor([0.1, 0.2], grad_fn=<MulBackward0>)", [0.1, 0.2]),
        ("tensor([0.1, 0.2], requires_grad=True)", [0.1, 0.2]),
        ("Array([0.1, 0.2], dtype=float32)", [0.1, 0.2]),
        ("[np.float64(0.25), np.float64(-1e-05)]", [0.25, -1e-5]),
        ("np.float64(0.25)", 0.25),
        ("(0.1, 0.2)", [0.1, 0.2]),
        ("0.125", 0.125),
        ("\u22120.5", -0.5),
        ("[.5 5.]", [0.5, 5]),
        ("[[0.1]]", [[0.1]]),
        ("0.1 0.2 0.3", [0.1, 0.2, 0.3]),
    ],
)
def test_text_is_read(text: str, expected: object) -> None:
    assert parse_array(text).values.tolist() == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0,064317", 0.064317),
        ("-2,4317", -2.4317),
        ("0,25", 0.25),
        ("C = 0,064317", 0.064317),
        ("1,5 2,5", [1.5, 2.5]),
        ("0,5;0,25", [0.5, 0.25]),
        ("0,5\n0,25", [[0.5], [0.25]]),
        ("\u22120,5 \u22121,25", [-0.5, -1.25]),
        ("1,5e-09\t2,0E+01", [1.5e-9, 20]),
        ("0,1\t0,2\t3\n1\t-2,5\t0", [[0.1, 0.2, 3], [1, -2.5, 0]]),
        ("[0,123 0,456]", [0.123, 0.456]),
        ("[[0,5\t1]\n [2\t3,25]]", [[0.5, 1], [2, 3.25]]),
        ("[0,064317]", [0.064317]),
    ],
)
def test_a_comma_that_is_no_separator_is_decimal(text: str, expected: object) -> None:
    assert parse_array(text).values.tolist() == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,2", [1, 2]),
        ("1,2,3", [1, 2, 3]),
        ("1,-2", [1, -2]),
        ("1, 2", [1, 2]),
        ("0,0\n0,1\n1,0\n1,1", [[0, 0], [0, 1], [1, 0], [1, 1]]),
        ("0,1,0\n1,0,0", [[0, 1, 0], [1, 0, 0]]),
        ("0.1,0.2", [0.1, 0.2]),
        ("0.5,2", [0.5, 2]),
        ("[1,2]", [1, 2]),
        ("[0,25]", [0, 25]),
        ("[0,1,0]", [0, 1, 0]),
        ("[1.,2.]", [1, 2]),
        ("[1.234,5]", [1.234, 5]),
        ("[[1,2],[3,4]]", [[1, 2], [3, 4]]),
        ("[[1,2000], [3,4]]", [[1, 2000], [3, 4]]),
        ("np.array([1,2])", [1, 2]),
        ("np.array([[1,2],\n [3,4]])", [[1, 2], [3, 4]]),
        ("tensor([1,2], dtype=torch.float64)", [1, 2]),
    ],
)
def test_a_comma_between_numbers_is_a_separator(text: str, expected: object) -> None:
    assert parse_array(text).values.tolist() == expected


@pytest.mark.parametrize("text", ["1.234,5", "1,234.5", "1,234.5\t2,345.75", "x = 1.234,5"])
def test_points_or_commas_for_thousands_are_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="has a point and a comma"):
        parse_array(text)


@pytest.mark.parametrize(
    ("text", "size", "expected"),
    [
        ("0,5", 1, 0.5),
        ("0,5", 2, [0, 5]),
        ("[0,5]", 1, [0.5]),
        ("1,5\n2,5", 2, [[1.5], [2.5]]),
        ("1,5\n2,5", 4, [[1, 5], [2, 5]]),
        ("[[1,2],[3,4]]", 2, [[1, 2], [3, 4]]),
    ],
)
def test_an_ambiguous_comma_is_read_by_the_expected_size(
    text: str, size: int, expected: object
) -> None:
    assert reading_of_size(parse_array(text), size).values.tolist() == expected


def test_digits_after_a_decimal_comma_give_the_precision() -> None:
    assert parse_array("0,1234 0,5").quantum == pytest.approx([5e-5, 5e-5])


def test_nan_and_infinity_are_read() -> None:
    values = parse_array("[nan inf -inf 1.]").values
    assert np.isnan(values[0])
    assert values[1:].tolist() == [np.inf, -np.inf, 1.0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Parameter containing:\ntensor([[0.5, -0.25],\n        [1., 2.]], requires_grad=True)",
            [[0.5, -0.25], [1, 2]],
        ),
        ("tensor([0.5], device='cuda:0', dtype=torch.float64, grad_fn=<AddBackward0>)", [0.5]),
        ("tensor([[0.5]], layout=torch.strided)", [[0.5]]),
        ("Array(0.5, dtype=float32, weak_type=True)", 0.5),
        ("DeviceArray([0.5, 1.], dtype=float32)", [0.5, 1]),
        ("array([0.5, 1.], shape=(2,))", [0.5, 1]),
        ("tf.Tensor([1. 2.], shape=(2,), dtype=float32)", [1, 2]),
        ("tf.Tensor(\n[[1. 2.]\n [3. 4.]], shape=(2, 2), dtype=float64)", [[1, 2], [3, 4]]),
        ("tf.Tensor(0.5, shape=(), dtype=float32)", 0.5),
        ("<tf.Tensor: shape=(2,), dtype=float32, numpy=array([1., 2.], dtype=float32)>", [1, 2]),
        ("<tf.Tensor: shape=(), dtype=float32, numpy=0.5>", 0.5),
        ("<tf.Variable 'W:0' shape=(1, 2) dtype=float32, numpy=\narray([[1., 2.]])>", [[1, 2]]),
        ("Autograd ArrayBox with value [[1. 2.]\n [3. 4.]]", [[1, 2], [3, 4]]),
        ("Autograd ArrayBox with value 0.5", 0.5),
        ("0    0.1\n1   -2.5e-01\ndtype: float64", [0.1, -0.25]),
        ("3    0.1\n5    0.2\ndtype: float32\n", [0.1, 0.2]),
        ("0    0.1\nName: b1, dtype: float64", [0.1]),
        ("dC_db1 = 0    0.1\n1    0.2\nLength: 2, dtype: float64", [0.1, 0.2]),
        ("     0    1\n0  0.1  0.2\n1  0.3 -0.4", [[0.1, 0.2], [0.3, -0.4]]),
        ("0 1 2\n0 0.1 0.2 0.3", [[0.1, 0.2, 0.3]]),
        ("     0\n0  0.1\n1  0.3\n", [[0.1], [0.3]]),
        ("0 0.1\n1 0.2", [[0, 0.1], [1, 0.2]]),
        ("0 1\n1 0", [[0, 1], [1, 0]]),
        ("0 1 2\n0 0.5 0.6", [[0, 1, 2], [0, 0.5, 0.6]]),
    ],
)
def test_output_of_other_libraries_is_read(text: str, expected: object) -> None:
    assert parse_array(text).values.tolist() == expected


@pytest.mark.parametrize("text", ["", "  \n", "[]", "[[]]", "array([])", "tensor([], size=(0, 2))"])
def test_blank_text_is_a_blank(text: str) -> None:
    assert parse_array(text).blank


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[0.1 0.2 ... 0.9]", "set_printoptions(threshold"),
        ("[[0.1 0.2]\n ...\n [0.3 0.4]]", "set_printoptions(threshold"),
        ("[0.1 0.2", "missing ] at the end"),
        ("0.1 0.2]", "no opening bracket"),
        ("[0.1 0.2)", "no opening bracket"),
        ("[[1 2] [3]]", "row 1 has 1 entries, but row 0 has 2"),
        ("[[1 2] 3]", "must both be lists"),
        ("1, 2\n3", "row 1 has 1 entries, but row 0 has 2"),
        ("[1 2] [3 4]", "one array, found 2"),
        ("[1 x]", "found a word"),
        ("about a half", "only numbers"),
        ("[1.2.3]", "line 1, column 2"),
        ("[1e" + "9" * 5000 + "]", "line 1, column 2"),
        ("[1 2\n 3 %]", "line 2, column 4"),
        ("0 0.1\n1 0.2\ndtype: float64\n  %", "line 4, column 3"),
        ("<tf.Tensor: shape=(), numpy=0.5", "missing > at"),
        ("[1 2]>", "> has no opening bracket"),
        ("[" * 40 + "]" * 40, "nested"),
    ],
)
def test_text_that_cannot_be_read_is_refused_with_a_reason(text: str, words: str) -> None:
    with pytest.raises(InvalidInput) as error:
        parse_array(text, "submitted.z1")
    assert words in error.value.message
    assert error.value.field == "submitted.z1"


@pytest.mark.parametrize("text", ["1e99999", "[1e99999 1e-99999]", "[-1e400 2.5]", "0" * 5000])
def test_numbers_beyond_float64_are_read(text: str) -> None:
    assert parse_array(text).quantum.size


def test_sizes_are_bounded() -> None:
    with pytest.raises(LimitExceeded):
        parse_array("1 " * (MAX_ENTRIES + 1))
    with pytest.raises(InvalidInput, match="characters"):
        parse_array("1" * (MAX_TEXT + 1))
    with pytest.raises(LimitExceeded):
        from_nested([0.5] * (MAX_ENTRIES + 1), "x")


@settings(max_examples=examples(300), deadline=None)
@given(
    hnp.arrays(
        np.float64,
        hnp.array_shapes(min_dims=1, max_dims=3, max_side=5),
        elements=st.floats(-1e12, 1e12, allow_subnormal=False),
    ),
    st.sampled_from([str, repr]),
    st.sampled_from([3, 4, 8, 17]),
)
def test_numbers_printed_by_numpy_are_read_within_their_digits(
    array: np.ndarray, write: type[str], precision: int
) -> None:
    with np.printoptions(precision=precision, threshold=10**6):
        printed = parse_array(write(array))
    assert printed.values.shape == array.shape
    error = np.abs(printed.values - array)
    if precision >= 8:
        assert (error <= 1.01 * printed.quantum + 1e-15 * np.abs(array)).all()
    else:
        assert (
            error <= np.maximum(0.1**precision, 0.1 ** (precision - 1) * np.abs(array).max())
        ).all()


@pytest.mark.parametrize(
    ("text", "quantum"),
    [
        ("[0.23130578 0.49200586]", [5e-9, 5e-9]),
        ("[0.5 0.25]", [5e-9, 5e-9]),  # NumPy drops zeros, so short numbers are exact
        ("[1. 0.]", [5e-9, 5e-9]),
        ("[0.25 0.25 0.25 0.25]", [5e-9] * 4),
        ("[0.125 0.125 -0.875 0.375]", [5e-4] * 4),  # three digits are rounded
        ("[14.5]", [5e-2]),
        ("[64. 383.]", [0.5, 0.5]),
        ("[64. 38.]", [5e-8, 5e-8]),  # short
        ("tensor([0.0013])", [5e-5]),  # PyTorch prints four decimals
        ("[0.1234 0.5]", [5e-5, 5e-5]),  # rounded by hand
        ("[0.23 0.49 0.13]", [5e-3] * 3),
        ("[1.23456789e-12 5.00000000e-03]", [5e-21, 5e-12]),
    ],
)
def test_digits_give_the_precision(text: str, quantum: list[float]) -> None:
    assert parse_array(text).quantum == pytest.approx(quantum)


def test_digits_of_json_numbers_give_the_precision() -> None:
    assert from_array(np.array([0.23130578, 0.5])).quantum == pytest.approx([5e-9, 5e-9])
    assert from_array(np.array([1 / 3, 2 / 3])).quantum.max() < 1e-15
    assert from_array(np.array([0.0, 0.0])).quantum == pytest.approx([5e-9, 5e-9])


@pytest.mark.parametrize("value", [None, [], [None, 1.0], [[1.0], [None]]])
def test_missing_values_are_a_blank(value: object) -> None:
    assert from_nested(value, "x").blank


@pytest.mark.parametrize("value", [True, "0.5", {}, [[1.0], 2.0], ["a"], [float("nan")]])
def test_other_values_are_refused(value: object) -> None:
    with pytest.raises(InvalidInput):
        from_nested(value, "x")


NOTEBOOK = """[(array([[0.00186133, 0.00228897],
           [0.00066551, 0.00081841],
           [0.00173739, 0.00213655]]),
  array([0.00319644, 0.00114287, 0.00298359])),
 (array([[0.01307715, 0.01134609, 0.00998665],
         [0.00605096, 0.00524998, 0.00462095]]),
  array([0.0160403 , 0.00742205]))]"""


@pytest.mark.parametrize(
    ("text", "shapes"),
    [
        (NOTEBOOK, {"dC_dW1": (3, 2), "dC_db1": (3,), "dC_dW2": (2, 3), "dC_db2": (2,)}),
        ("[[0.1 0.2]\n [0.3 0.4]] [0.1 0.2]", {"dC_dW1": (2, 2), "dC_db1": (2,)}),
        ("dC_dW1 = [[1 2]\n [3 4]]\ndC_db1:\n[5 6]\nC: 0.25",
         {"dC_dW1": (2, 2), "dC_db1": (2,), "C": ()}),
        ("{'z1': array([1., 2.]), \"C\": np.float64(0.5)}", {"z1": (2,), "C": ()}),
        ("z1 [1 2 3]\na1 [0.1 0.2 0.3]", {"z1": (3,), "a1": (3,)}),
        ("dC_db1 = [0,123 0,456]", {"dC_db1": (2,)}),
        ("([[1, 2]], [3])", {"dC_dW1": (1, 2), "dC_db1": (1,)}),
        ("[Parameter containing:\ntensor([[1, 2]]), Parameter containing:\ntensor([3])]",
         {"dC_dW1": (1, 2), "dC_db1": (1,)}),
        ("[<tf.Tensor: shape=(1, 2), numpy=array([[1, 2]])>, <tf.Tensor: numpy=array([3])>]",
         {"dC_dW1": (1, 2), "dC_db1": (1,)}),
        ("", {}),
    ],
)  # fmt: skip
def test_several_arrays_are_read_with_their_names(
    text: str, shapes: dict[str, tuple[int, ...]]
) -> None:
    assert {name: array.values.shape for name, array in named_arrays(text).items()} == shapes


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[1 2] [[3 4]]", "W, b, W, b"),
        ("[[1 2]] [3] [4]", "W, b, W, b"),
        ("z1 = [1] [2]", "name all or none"),
        ("z1 = [1] z1 = [2]", "same name"),
        ("z1 = [1 ... 2]", "set_printoptions"),
    ],
)
def test_names_that_do_not_fit_are_refused(text: str, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        named_arrays(text)


@settings(max_examples=examples(300), deadline=None)
@given(st.text(alphabet="[](){}.,;:=-+e0123456789 \t\nxarysnif'\"", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    for parse in (parse_array, named_arrays):
        with contextlib.suppress(InvalidInput, Unreadable):
            assert parse(text) is not None
