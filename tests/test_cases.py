"""The choice of cases for ``make test``."""

from __future__ import annotations

from typing import Any

from tests.helpers.cases import each_value_once, few_that_cover


def kept(cases: list[Any]) -> list[Any]:
    """The cases without a mark."""
    return [each for each in cases if not getattr(each, "marks", ())]


def test_each_value_of_each_axis_is_kept_and_the_product_is_whole() -> None:
    cases = each_value_once([1, 2, 3], ["a", "b"])
    assert len(cases) == 6
    chosen = [each.values for each in kept(cases)]
    assert len(chosen) == 3
    assert {number for number, _ in chosen} == {1, 2, 3}
    assert {letter for _, letter in chosen} == {"a", "b"}


def test_few_names_have_every_feature_and_all_names_are_there() -> None:
    features = {"one": {1, 2}, "two": {2, 3, 4}, "three": {1}, "four": {4, 5}}
    cases = few_that_cover(features)
    assert len(cases) == len(features)
    assert kept(cases) == ["one", "two", "four"]


def test_a_name_whose_features_later_names_have_is_left_out() -> None:
    features = {"most": {1, 2, 3, 4}, "left": {1, 2, 5}, "right": {3, 4, 6}}
    assert kept(few_that_cover(features)) == ["left", "right"]
