from __future__ import annotations

from backprop_explorer.classroom.tally import MOST_GROUPS, collected


def test_answers_that_are_alike_are_one_group_under_the_most_frequent() -> None:
    given = ["the chain rule"] * 3 + [
        "The chain-rule!",
        "Chain rule",
        "chain ruel",
        "the product rule",
    ]
    found = collected([*given, "weights", "Gewichte \u202e", ""])
    assert [(each["text"], each["count"]) for each in found][:2] == [
        ("the chain rule", 6), ("the product rule", 1),
    ]  # fmt: skip
    assert found[0]["others"] == ["The chain-rule!", "Chain rule", "chain ruel"]
    assert "Gewichte" in [each["text"] for each in found]
    assert collected([]) == []


def test_texts_without_end_make_few_groups() -> None:
    found = collected("".join(chr(97 + (k * j) % 26) for j in range(3, 9)) for k in range(400))
    assert len(found) <= MOST_GROUPS + 1
    assert sum(each["count"] for each in found) == 400
