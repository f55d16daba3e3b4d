"""Mistakes in how a program puts right functions together."""

from __future__ import annotations

from itertools import chain

import pytest

from tests.corpus.code.judged import WRITTEN, Judged
from tests.corpus.code.written_sets import WrittenVersion

VERSIONS = {
    version.name: version
    for version in chain.from_iterable(program.versions() for program in WRITTEN)
}


def one(program: str, mistake: str) -> WrittenVersion:
    """Return the first version of a program with a mistake."""
    return next(version for name, version in VERSIONS.items() if f"{program} / {mistake} /" in name)


@pytest.mark.parametrize(
    ("program", "mistake"),
    [
        ("winter sequential_modules", "missing_activation"),  # a module is not in the list
        ("autumn micrograd_tape", "missing_activation"),  # a method is not called
        ("autumn micrograd_tape", "missing_bias"),
        ("autumn in_place_update", "gradient_ascent"),  # an argument is changed in place
        ("winter generic_tuple_cache", "activation_of_wrong_layer|z_instead_of_activation"),
        ("summer octave_theta", "missing_activation"),  # with b among the entries of W
        ("winter scalars_by_hand", "cost_gradient_sign"),  # only single numbers
        ("hail functional_vjp", "penalty_gradient_missing"),
    ],
)
def test_the_line_that_puts_the_parts_together_is_blamed(program: str, mistake: str) -> None:
    version = one(program, mistake)
    judged = Judged(version, 3, version.check(3), 0.0)
    assert (judged.line_is_right, judged.name_is_right) == (True, True), str(judged)
