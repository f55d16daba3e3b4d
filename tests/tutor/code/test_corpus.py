"""A part of the corpus of programs; python -m tests.corpus.code checks all."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest

from backprop_explorer.notebook.code import CodeCheck
from backprop_explorer.tutor.program.result import CodeResult
from tests.corpus.code.judged import APART, MIN_RIGHT, PROGRAMS, WRITTEN, Judged, judge_right
from tests.corpus.code.program import Version
from tests.corpus.code.written_sets import WrittenVersion
from tests.helpers.cases import covering, exhaustive

VERSIONS = [version for program in (*PROGRAMS, *WRITTEN) for version in program.versions()]
# One in so many is checked by make test-all.
EVERY = 10


def test_the_corpus_is_large_and_varied() -> None:
    assert len(VERSIONS) >= 150
    made = {name for version in VERSIONS for name in version.made}
    assert len(made) >= 28
    assert len(PROGRAMS) >= 30


@pytest.fixture(scope="module", params=["few", exhaustive("more")])
def judged(request: pytest.FixtureRequest) -> list[Judged]:
    """Every mistake and every manner of writing; or one version in ten."""
    chosen = VERSIONS[::EVERY]
    if request.param == "few":
        features = [(*each.made, type(each)) for each in VERSIONS]
        chosen = [VERSIONS[index] for index in covering(dict(enumerate(features)))]
    # With the numbers of seed 0 none of these mistakes is without an effect.
    return [Judged(version, 0, version.check(0), 0.0) for version in chosen]


def test_the_first_wrong_line_and_the_mistake_are_found(judged: list[Judged]) -> None:
    missed = [one for one in judged if not one.is_right]
    shown = [str(one) for one in missed if one.set_name not in APART]
    assert len(missed) <= (1 - MIN_RIGHT) * len(judged), shown


def test_no_wrong_program_is_called_correct(judged: list[Judged]) -> None:
    assert [str(one) for one in judged if one.found.verdict == "correct"] == []


def test_no_right_program_is_flagged() -> None:
    assert [str(one) for one in judge_right(len(PROGRAMS)) if one.flagged] == []


# A number that is no part of a name such as z1, a2² or step_3.
_NUMBER = re.compile(r"(?<![\w.])[-−]?\d+(?:\.\d+)?(?:e[-+]?\d+)?(?!\w)")


def leaks(found: CodeCheck, entries: np.ndarray) -> list[str]:
    """Return the numbers in an answer's own sentences that an entry of the working rounds to.

    Counts, lines and shapes are whole numbers, and the constants of mistakes have one digit: these
    may occur in sentences, but in the notes of lines only 0 and 1 of formulas.
    """
    answer = found.as_dict()
    sentences = [answer["summary"], *answer["notes"], *(d["message"] for d in answer["diagnoses"])]
    sentences += [answer["error"]["message"]] if answer["error"] else []
    notes = [line["note"] for line in answer["lines"]]
    numbers = [each for text in notes for each in _NUMBER.findall(text) if each not in ("0", "1")]
    for each in _NUMBER.findall(" ".join(sentences)):
        constant = len(each.partition("e")[0].lstrip("-−0.").replace(".", "")) == 1
        places = len(each.partition("e")[0].partition(".")[2])
        size = 10.0 ** -(places - int(each.partition("e")[2] or 0))
        if (
            places
            and not constant
            and (np.abs(entries - abs(float(each.replace("−", "-")))) <= size / 2).any()
        ):
            numbers.append(each)
    return numbers


def entries_of(version: Version | WrittenVersion, seed: int) -> np.ndarray:
    """Return the size of every entry of the working."""
    problem = version.program.problem.draw(seed)
    trace = problem.working({})[0]
    return np.abs(np.concatenate([np.ravel(value) for value in trace.line_values.values()]))


def test_an_answer_has_no_numbers_of_the_working(judged: list[Judged]) -> None:
    """The text is the student's own source, names and sentences."""
    for one in judged:
        own = {line.strip() for line in one.version.source.splitlines()}
        assert all(line.text.strip() in own for line in one.found.lines)
        assert leaks(one.found, entries_of(one.version, one.seed)) == [], one


@pytest.mark.parametrize("digits", ["{:.2f}", "{:.4g}", "{:.3e}"])
def test_a_number_of_the_working_would_be_seen(judged: list[Judged], digits: str) -> None:
    one = next(each for each in judged if each.found.lines and each.found.lines[0].note == "")
    entries = entries_of(one.version, one.seed)
    number = digits.format(entries[entries % 1 > 0.1][0])
    result = CodeResult(**{each.name: getattr(one.found, each.name) for each in fields(CodeResult)})

    def seen(**changed: Any) -> list[str]:
        other = CodeCheck(replace(result, **changed), one.found._program, answers=False)
        return leaks(other, entries)

    for note in (f"z1 = {number}", number):
        assert seen(lines=(replace(result.lines[0], note=note), *result.lines[1:])) == [number]
    assert seen(summary=f"{result.summary} It is −{number}.") == [f"−{number}"]
