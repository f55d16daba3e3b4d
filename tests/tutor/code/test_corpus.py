"""A part of the corpus of programs; python -m tests.corpus.code checks all."""

from __future__ import annotations

import pytest

from tests.corpus.code.judged import APART, MIN_RIGHT, PROGRAMS, WRITTEN, Judged, judge_right
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


def test_an_answer_has_no_numbers_of_the_working(judged: list[Judged]) -> None:
    """The text is the student's own source, names and sentences."""
    for one in judged[:10]:
        own = {line.strip() for line in one.version.source.splitlines()}
        assert all(line.text.strip() in own for line in one.found.lines)
        assert all(
            not any(c.isdigit() for c in line.note)
            or "⁽" in line.note
            or "(" in line.note
            or line.note[-1].isdigit()
            for line in one.found.lines
            if line.note
        )
