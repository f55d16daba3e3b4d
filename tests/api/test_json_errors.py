"""Messages for a body that is not JSON: the field, the position, what to change."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop_explorer.api.invalid_fields import MAX_DEPTH, MAX_SEARCHED, explain, field_at
from tests.helpers.cases import examples


def field_and_message(body: bytes) -> tuple[str, str]:
    with pytest.raises(json.JSONDecodeError) as caught:
        orjson.loads(body)
    found = explain(caught.value.doc, caught.value.pos, caught.value.msg)
    return ".".join(map(str, found.field)), found.message


FINITE = "must be a finite number: JSON has no NaN and no infinity"
LARGE = "is too large a number"
BODIES: list[tuple[bytes, str, str]] = [
    (b'{"dataset": {"noise": NaN}}', "dataset.noise", f"{FINITE} (line 1, column 23)"),
    (b'{"a": [1, [2, -Infinity]]}', "a.1.1", f"{FINITE} (line 1, column 16)"),
    (b'{"a": 1,\n "b": nan}', "b", f"{FINITE} (line 2, column 7)"),
    (b'{"a": {"b": 1}, "c": [{}, 1e999]}', "c.1", f"{LARGE} (line 1, column 27)"),
    (b'{"a": ' + b"9" * 400 + b"}", "a", f"{LARGE} (line 1, column 7)"),
    (b'{"a": True}', "a", "is not valid JSON: write true, false or null (line 1, column 7)"),
    (
        b"{\"a\": 'x'}",
        "a",
        "is not valid JSON: write names and text in double quotes (line 1, column 7)",
    ),
    (
        b"{'a': 1}",
        "",
        "is not valid JSON: write names and text in double quotes (line 1, column 2)",
    ),
    (
        b'{"a": {"b": "\\ud800"}}',
        "a.b",
        "is not valid JSON: it must be Unicode text, without half a surrogate pair",
    ),
    (b'{"a": "\xff"}', "", "is not valid JSON: it must be text in UTF-8 (line 1, column 1)"),
    (b'{"a": 1,}', "", "is not valid JSON: trailing comma is not allowed (line 1, column 8)"),
    (b'{"a": [1 2]}', "", "is not valid JSON: unexpected character, expected ',' or ']'"),
    (b'{"a": 1', "", "is not valid JSON: unexpected end of data (line 1, column 8)"),
    (b'{"a": 01}', "a", "is not valid JSON: number with leading zero is not allowed"),
    (b"[" * 5000, "", "is not valid JSON: depth limit exceeded"),
    (b"", "", "is empty: send a JSON object"),
    (b" \n", "", "is empty: send a JSON object"),
]


@pytest.mark.parametrize(("body", "field", "message"), BODIES, ids=lambda value: repr(value)[:40])
def test_invalid_json_is_reported_with_place_and_remedy(
    body: bytes, field: str, message: str
) -> None:
    found, said = field_and_message(body)
    assert found == field
    assert said.startswith(message)


TEXT = st.text('ab,:[]{}"\\é', max_size=4)
NAMES = st.text("ab,:[]{} ", min_size=1, max_size=4)
VALUES = st.recursive(
    st.none() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)
MARK = "here"


@settings(max_examples=examples(300), deadline=None, derandomize=True)
@given(st.lists(NAMES | st.lists(VALUES, max_size=2), max_size=MAX_DEPTH), VALUES)
def test_any_value_is_found(path: list[Any], beside: Any) -> None:
    """``path``, from the inside: the name in an object, or the items before in a list."""
    body: Any = MARK
    expected: list[Any] = []
    for step in path:
        body = {"other": beside, step: body} if isinstance(step, str) else [*step, body, beside]
        expected.insert(0, step if isinstance(step, str) else len(step))
    text = json.dumps(body)
    assert field_at(text, text.index(f'"{MARK}"')) == tuple(expected)


@settings(max_examples=examples(200), deadline=None, derandomize=True)
@given(st.text('{}[],:"\\ aN1\n'), st.integers(0, 40))
def test_any_text_has_an_answer(text: str, position: int) -> None:
    assert explain(text, min(position, len(text)), "unexpected character").message


def test_earlier_values_may_be_deeper() -> None:
    body = b'{"a": ' + b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1) + b', "b": NaN}'
    assert field_and_message(body)[0] == "b"


def test_a_deep_or_late_position_has_no_field() -> None:
    deep = b'{"a": ' + b"[" * MAX_DEPTH + b"NaN"
    assert field_and_message(deep)[0] == ""
    late = b'{"a": "' + b"x" * MAX_SEARCHED + b'", "b": NaN}'
    field, message = field_and_message(late)
    assert field == ""
    assert message.endswith("(line 1, column 100,016)")


def test_a_hostile_text_is_scanned_in_linear_time() -> None:
    """Escaped quotes in an unterminated string: another string might begin at each of them."""
    text = '{"a": "' + '\\"' * (MAX_SEARCHED // 2 - 10) + "\\"
    assert field_at(text, len(text)) == ("a",)
