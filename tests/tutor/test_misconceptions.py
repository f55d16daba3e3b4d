"""The table of misconceptions: complete, well worded, and every entry found by the checker."""

from __future__ import annotations

import re
from typing import get_args

import numpy as np
import pytest

from backprop_explorer.engine.ops import Family
from backprop_explorer.tutor.checker import check
from backprop_explorer.tutor.checker.reference import ReferenceWorking
from backprop_explorer.tutor.checker.variants import Mistake, Variant
from backprop_explorer.tutor.mistakes import MISCONCEPTIONS, Evidence, Misconception, alternatives
from backprop_explorer.tutor.mistakes.cost import format_factor, simple_fraction
from backprop_explorer.tutor.reading.printed_array import from_array
from tests.corpus.problems import PROBLEMS
from tests.helpers.cases import exhaustive

# Names that the API promises.
PROMISED = """
transposed_weights missing_bias missing_activation wrong_activation softmax_wrong_axis
cost_gradient_sign cost_gradient_scale wrong_cost missing_activation_derivative
activation_instead_of_derivative derivative_at_activation wrong_activation_derivative
derivative_of_wrong_layer softmax_derivative_elementwise weights_transposed_backward
weights_of_wrong_layer updated_weights_backward missing_weights_backward
activation_of_wrong_layer z_instead_of_activation dC_da_instead_of_dC_dz
gradient_transposed bias_gradient_not_summed batch_scale penalty_gradient_missing
penalty_on_bias gradient_ascent learning_rate_missing bias_correction_missing
""".split()  # noqa: SIM905


def test_every_promised_name_is_there() -> None:
    assert set(PROMISED) <= set(MISCONCEPTIONS)


@pytest.mark.parametrize("entry", MISCONCEPTIONS.values(), ids=lambda entry: entry.name)
def test_an_entry_has_a_title_and_two_sentences(entry: Misconception) -> None:
    assert entry.title
    assert entry.families
    assert set(entry.families) <= set(get_args(Family))
    for sentence in (entry.did, entry.why):
        assert sentence[0].isupper() or sentence.startswith(("z ", "a ", "f'", "exp", "∂"))
        assert sentence.endswith(".")
        assert not re.search(r"[.!?] [A-Z]", sentence), "more than one sentence"
    # Digits of formulas are allowed, numbers of an answer are not.
    assert not re.search(r"\d{2,}|\d\.\d", entry.description)


def _variant_with(working: ReferenceWorking, entry: Misconception, detail: str) -> Variant:
    lines = frozenset(working.possible_lines(entry))
    return Variant(working, (Mistake(entry.name, detail, lines),))


def _details(working: ReferenceWorking, entry: Misconception) -> list[str]:
    sites = (
        site for line in working.possible_lines(entry) for site in Variant(working).sites(line)
    )
    found = (
        each for site in sites for each in alternatives(site, lambda name, _: name == entry.name)
    )
    return list(dict.fromkeys(each.detail for each in found))


@pytest.mark.parametrize("most", [2, exhaustive(len(PROBLEMS))])
@pytest.mark.parametrize("entry", MISCONCEPTIONS.values(), ids=lambda entry: entry.name)
def test_a_mistake_of_every_entry_is_found(entry: Misconception, most: int) -> None:
    """All lines are submitted, for problems of the corpus in which the mistake matters."""
    checked, used = 0, set()
    # Each entry begins with another problem.
    start = list(MISCONCEPTIONS).index(entry.name) % len(PROBLEMS)
    problems = list(PROBLEMS.values())
    for problem in problems[start:] + problems[:start]:
        if len(used) == most:
            break
        trace, notation, _ = problem.draw(11).working({})
        with np.errstate(all="ignore"):
            working = ReferenceWorking(trace)
            limits = ("all 0.01", "length 0.01")
            working.evidence = Evidence(trace.objective, trace.samples, (0.5, 3.0), (0.25,), limits)
        if not working.possible_lines(entry):
            continue
        for detail in _details(working, entry)[:3]:
            with np.errstate(all="ignore"):
                variant = _variant_with(working, entry, detail)
                values = {name: np.asarray(variant.value(name)) for name in working.nodes}
            changed = any(
                v.shape != np.shape(working.truth[n])
                or not np.allclose(v, working.truth[n], rtol=1e-4, atol=0)
                for n, v in values.items()
            )
            if not changed:
                continue
            submitted = {
                name: from_array(notation.show(value, working.nodes[name].axes))
                for name, value in values.items()
                if np.isfinite(value).all()
            }
            result = check(trace, notation, submitted)
            named = [diagnosis.misconception for diagnosis in result.diagnoses]
            if result.verdict == "correct":
                assert result.notes, (problem.name, detail)
            elif result.first_wrong and not np.any(submitted[result.first_wrong].values):
                # Zeros count as unfilled first, then as the result of a mistake.
                assert entry.name in named or result.notes[0].kind == "unfilled"
                continue
            else:
                assert entry.name in named, (problem.name, detail)
            checked += 1
            used.add(problem.name)
    assert checked


def test_factors_are_formatted_as_fractions() -> None:
    assert format_factor(1.5) == "1.5"
    assert format_factor(1 / 3) == "1/3"
    assert format_factor(-1.0) == "−1"
    assert format_factor(12.0) == "12"
    assert simple_fraction(2 / 7) is not None
    assert simple_fraction(0.123456789) is None
