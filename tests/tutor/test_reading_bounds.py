"""The readers' time and the size of their answers are linear in the length of every text."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable

import pytest

from backprop_explorer.compute.check_requests import PasteRequest
from backprop_explorer.engine.errors import InvalidInput, LimitExceeded
from backprop_explorer.lessons.given import read as read_answer
from backprop_explorer.tutor.reading import MAX_PASTED, MAX_TEXT, tokens
from backprop_explorer.tutor.reading.arrays import parse_array
from backprop_explorer.tutor.reading.tokens import Unreadable
from backprop_explorer.tutor.reading.transcript import (
    MAX_ARRAYS,
    MAX_UNREAD,
    MAX_WORDS,
    read_transcript,
)
from tests.helpers.cases import every_nth
from tests.helpers.pasted import named_arrays

CHARACTERS = [
    *(" ", "\n", "\t", ",", ";", ".", "1", "a", "_", "-", "+", "'", '"', "=", ":", "#", "`"),
    *("[", "]", "(", ")", "{", "}", "<", ">", "*", "/", "é", "…", "e", "1e", "\r", "\u2212", "→"),
]
TOKENS = [
    *("1 ", "1,", "1;", "1,1 ", "0,5 ", "1.5e-3 ", "-1", "1-", "nan ", "inf", "a ", "a.", "a.b "),
    *("z1 = ", "z1 = 1\n", "a=b\n", "'a' ", "dtype=", "dtype=<", "shape=(", "size=(1", "numpy="),
    *(
        "np.float64(",
        "np.float64(1) ",
        "array(",
        "array([1])",
        "tensor([",
        "<tf.Tensor",
        "<tf.a 'a",
    ),
    *("In [", "In [1]: ", ">>> ", "---", "# a\n", "...\n", "Parameter containing:", "Parameter "),
    *("Autograd ArrayBox with value ", "Traced<", "aTracer", "JitTracer<a>", "OrderedDict([", "0 "),
    *("('0.weight', tensor([1.])", "a.weight.grad = tensor([", "0\n0 1\n", "  a b\n", "b 1\n"),
    *("a  1\ndtype: a\n", "0 1\ndtype: a\n", "Name: ", "Name: a, ", "Length: 1", "dtype: a\n"),
    *("  a\nb 1\n", "{1 %}\n", "{'a': [1]}", "[1]", "[1 2]\n", "([1], [2])", "(a b)", "1.234,5 "),
    *("def f(\n", "for a in\n", "if a:\n  b\n", 'File "a', "Traceback (most recent call last)\n"),
    *("ValueError: a\n", "a.Error", "x = 2*(", "[1][0]", "f(", "activation: a ", "1+", "1 a\n"),
    *("(a ", "[a,", "# ", "<tf.", "a  1\n", "1 2\ndtype: a\n", "a.weight", "Traced<float32[3]>"),
    *("('0.weight', tensor(", "OrderedDict( 0.weight tensor()  )"),
]
MIXED: dict[str, Callable[[int], str]] = {
    "blanks in brackets": lambda n: "[1" + " " * n + "%]",
    "digits before a letter": lambda n: "1" * n + "a",
    "digits after a point": lambda n: "1." + "1" * n + "a",
    "exponent": lambda n: "1e" + "1" * n,
    "dictionaries that cannot be read": lambda n: "[" + "{1 %}\n" * (n // 6) + "]",
    "dictionaries of one name": lambda n: "[" + "{a: [1]}\n" * (n // 9) + "]",
    "word before Tracer": lambda n: "%" + "a" * n + "<",
    "words before Tracer": lambda n: "% " + "Tracer" * (n // 6),
    "nested": lambda n: "[" * (n // 2) + "]" * (n // 2),
    "unterminated": lambda n: "[" + "1 " * (n // 2),
    "mismatched": lambda n: "[(" * (n // 4) + "])" * (n // 4),
    "open lines": lambda n: "[\n" * (n // 2),
    "name and blanks": lambda n: "a" + " " * n + "?",
    "name and newlines": lambda n: "a =" + "\n" * n + "?",
    "label and blanks": lambda n: "Parameter" + " " * n + "?",
    "scalar and blanks": lambda n: "np.float64(" + " " * n + "1",
    "tensor and blanks": lambda n: "<tf.a" + " " * n + "?",
    "quote and word": lambda n: "'" + "a" * n,
    "exception's name": lambda n: "Error" * (n // 5) + "?",
    "index and digits": lambda n: "0  " + "1" * n + "a\ndtype: a",
    "row of digits": lambda n: "0\n0 " + "1" * n + "a",
    "column": lambda n: "\n".join(f"{k}  0.5" for k in range(n // 10)) + "\ndtype: float64",
    "table": lambda n: "   0\n" + "\n".join(f"{k}  0.5" for k in range(n // 10)),
    "thousands": lambda n: "1" + ".234" * (n // 4) + ",5",
    "one decimal comma": lambda n: "0," + "1" * n,
}
GAPS = ("a\n", "a =", "Parameter", "<tf.a", "0", "a.weight", "(")
FAMILIES: dict[str, Callable[[int], str]] = {
    **{repr(part): lambda n, part=part: part * (n // len(part)) for part in CHARACTERS + TOKENS},
    **{
        f"[1 and {part!r}": lambda n, part=part: "[1" + part * (n // len(part)) + "%]"
        for part in CHARACTERS
    },
    **{f"{start!r} and blanks": lambda n, start=start: start + " " * n + "?" for start in GAPS},
    **MIXED,
}
READERS: dict[str, Callable[[str], object]] = {
    "named_arrays_of": named_arrays,
    # parse_array and read_transcript, and what these two add to them
    "lesson answer": lambda text: read_answer(text, (2, 3)),
    "POST /check/parse": lambda text: PasteRequest(text=text, layers=2).answer(),
}
SHORT, LONG = 1_500, 6_000
# A text with which answers reach their bounds.
FULL = 12_000
# Four times the text takes four times as long; a quadratic reader takes sixteen times as long.
MOST = 9.0


def seconds(read: Callable[[str], object], text: str) -> float:
    """Return the processor time of this thread, which other processes do not affect."""
    start = time.thread_time()
    with contextlib.suppress(InvalidInput, Unreadable):
        read(text)
    return time.thread_time() - start


def growth(read: Callable[[str], object], make: Callable[[int], str]) -> float:
    """Return the time for four times the text, relative to one; the least of six trials."""
    least = float("inf")
    for _ in range(6):
        # Times below a millisecond are too noisy.
        long = seconds(read, make(LONG))
        if long < MOST * 0.001:
            return long / 0.001
        least = min(least, long / max(seconds(read, make(SHORT)), 0.001))
        if least < MOST:
            break
    return least


@pytest.mark.parametrize("family", FAMILIES)
def test_time_per_character_does_not_grow(family: str) -> None:
    grown = {reader: growth(read, FAMILIES[family]) for reader, read in READERS.items()}
    assert {reader: times for reader, times in grown.items() if times >= MOST} == {}


@pytest.mark.parametrize("family", every_nth(3, FAMILIES))
def test_the_answer_is_no_longer_than_a_few_times_the_text(family: str) -> None:
    text = FAMILIES[family](FULL)
    answer = PasteRequest(text=text, layers=2).answer()
    assert len(answer["arrays"]) <= MAX_ARRAYS
    assert len(answer["words"]) <= MAX_WORDS
    assert len(answer["unread"]) <= 2 * (MAX_UNREAD + 1)
    assert max((len(each["message"]) for each in answer["unread"]), default=0) < 200
    names = 250 * len(answer["arrays"])
    assert len(json.dumps(answer["arrays"])) <= 8 * len(text) + names
    assert len(json.dumps(answer["words"])) + len(json.dumps(answer["unread"])) < 100_000


def test_unread_parts_of_dictionaries_count_too() -> None:
    found = read_transcript("[" + "{1 %}\n" * 1000 + "]")
    assert len(found.unread) <= MAX_UNREAD + 1


def test_a_paste_that_is_too_long_is_refused() -> None:
    with pytest.raises(LimitExceeded, match="500,000 characters"):
        read_transcript(" " * (MAX_PASTED + 1))


def test_an_array_that_is_too_long_is_refused() -> None:
    with pytest.raises(LimitExceeded, match="4,000,000 characters"):
        parse_array(" " * (MAX_TEXT + 1))


@pytest.mark.parametrize("part", ["a ", "[", "= "])
def test_the_number_of_tokens_is_bounded(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a bound that is reached sooner: 600,000 tokens take a second."""
    monkeypatch.setattr(tokens, "MAX_TOKENS", 6_000)
    with pytest.raises(LimitExceeded, match="6,000 numbers, names and brackets"):
        parse_array(part * 6_001)
