"""What an author writes wrong is said with the file, the line and what to write instead."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backprop_explorer.lessons.lesson import Card
from backprop_explorer.lessons.number_questions import LineValue, Values
from backprop_explorer.lessons.questions import Choice, CodeLine, Shape, Signs
from backprop_explorer.lessons.reading.cards import check_source, make_cards
from backprop_explorer.lessons.reading.declared import LessonValues as Numbers
from backprop_explorer.lessons.reading.error import LessonError
from backprop_explorer.lessons.reading.source import read_source
from backprop_explorer.lessons.working import lesson_problem, recipe_of

PATH = Path("lesson.md")
FRONT = "---\ntitle: A\nsummary: B.\nminutes: 5\n---\n"
WORKING = lesson_problem([([[1.0, -2.0]], [0.5, 0.0], "sigmoid")], [1.5], [0.0, 1.0])
NUMBERS = {"working": WORKING, "n": 3, "half": 0.5, "run": {"seed": 1}}


def cards(text: str, **more: Any) -> tuple[Card, ...]:
    source = read_source(PATH, FRONT + text)
    check_source(source)
    return make_cards(source, Numbers({**NUMBERS, **more}))


def asked(block: str, **more: Any) -> Any:
    (card,) = cards(f"# Title\nText.\n\n::: {block}\n:::\n", **more)
    return card.question


def test_a_card_has_title_text_scene_question_and_what_follows() -> None:
    (card,) = cards(
        "# One $x$ {working line=C hide=dC_da1 entry=0}\nA text with @{n} and `@{half}`.\n\n"
        "```\nx = 1  # no heading\n```\n::: shape\nWhich?\n- [x] (3, 2) :: So.\n- hint: H.\n:::\n"
        "After.\n"
    )
    assert card.title == "One $x$"
    assert card.text == "A text with 3 and `0.5`.\n\n```\nx = 1  # no heading\n```"
    assert card.after == "After."
    assert card.scene is not None
    assert (card.scene.line, card.scene.hide, card.scene.entry) == ("C", "dC_da1", (0,))
    assert card.scene.recipe == recipe_of(WORKING)
    assert card.question == Shape("Which?", (3, 2), "So.", {}, "H.")


def test_hide_without_a_value_hides_the_line() -> None:
    (card,) = cards("# T {line=z1 hide name=own sample=batch step=@{n}}\nText.")
    assert card.scene is not None
    assert (card.scene.hide, card.scene.sample, card.scene.step) == ("z1", "batch", 3)
    assert card.name == "own"


@pytest.mark.parametrize("name", ["gradient-flow", "flow"])
def test_the_old_name_of_a_figure_is_read(name: str) -> None:
    (card,) = cards(f"# T {{working line=C figure={name}}}\nText.")
    assert card.scene is not None
    assert card.scene.figure == "gradient-flow"


def test_a_choice_keeps_the_order_of_its_options() -> None:
    question = asked(
        "choice\nWhich\none?\n- [ ] `a :: b`\n  and more :: No.\n- [x] c :: Y.\n- hint: H."
    )
    assert isinstance(question, Choice)
    assert question.prompt == "Which\none?"
    assert [option.text for option in question.options] == ["`a", "c"]


def test_a_code_line_has_repairs() -> None:
    code = "```\na = 1\nb = a @ w\n```"
    question = asked(
        f"code_line\nWhich?\n{code}\n- [x] `a @ w` -> `w @ a` :: Why.\n- [ ] `a = 1` :: Right.\n"
        "- hint: H."
    )
    assert isinstance(question, CodeLine)
    assert question.wrong == {1}
    assert question.others == {0: "Right."}
    assert question.fixed == "a = 1\nb = w @ a"


def test_a_wrong_line_has_its_own_reason_or_that_of_the_first() -> None:
    code = "```\na\nb\nc\n```"
    question = asked(
        f"code_line\nOne of three?\n{code}\n- [x] `a` :: First.\n- [x] `b` :: Second.\n"
        "- [x] `c`\n- hint: H."
    )
    assert [question.mark(k).message for k in range(3)] == ["First.", "Second.", "First."]


def test_values_signs_and_lines() -> None:
    values = asked("values {within=0.1}\nHow?\n- [x] 2 * z1 :: Y.\n- [ ] z1 :: Half.\n- hint: H.")
    assert isinstance(values, Values)
    np.testing.assert_allclose(values.right, [4.0, -6.0])
    assert values.within == 0.1
    assert not values.mark([2.0, -3.0]).right
    assert values.mark([2.0, -3.0]).message == "Half."
    signs = asked("signs\nSign?\n- [x] z1 :: Y.\n- names: `a`, `b`\n- wrong: W.\n- hint: H.")
    assert isinstance(signs, Signs)
    assert signs.solution() == [1, -1]
    assert (signs.names, signs.wrong) == (("`a`", "`b`"), "W.")
    line = asked("line\nWhat?\n- [x] dC_dz1 :: Y.\n- hint: H.")
    assert isinstance(line, LineValue)
    assert line.working is WORKING


@pytest.mark.parametrize("kind", ["values", "shape", "signs"])
def test_a_second_hint_says_more(kind: str) -> None:
    question = asked(f"{kind}\nHow?\n- [x] 2 :: Y.\n- hint: H @{{n}}.\n- hint: More\n  @{{n}}.")
    assert (question.hint, question.second_hint) == ("H 3.", "More\n  3.")
    assert asked(f"{kind}\nHow?\n- [x] 2 :: Y.\n- hint: H.").second_hint == ""


def test_the_second_hint_of_a_line_is_its_formula() -> None:
    line = asked("line\nWhat?\n- [x] dC_dz1 :: Y.\n- hint: H.")
    assert line.second_hint.startswith("The gradient is multiplied by the slope of the activation")
    assert line.second_hint.endswith(
        r"$\frac{\partial C}{\partial z^{(1)}} = \frac{\partial C}{\partial a^{(1)}} \odot "
        r"\sigma'\left(z^{(1)}\right)$"
    )
    own = asked("line\nWhat?\n- [x] dC_dz1 :: Y.\n- hint: H.\n- hint: More.")
    assert own.second_hint == "More."


def test_wrong_answers_that_are_right_for_these_numbers_are_left_out() -> None:
    question = asked("values\nHow?\n- [x] 2 :: Y.\n- [ ] n - 1 :: A.\n- [ ] n :: B.\n- hint: H.")
    assert [slip.why for slip in question.slips] == ["B."]


QUESTION = "# T\nText.\n\n::: {}\nHow?\n{}\n:::\n"
RIGHT = "- [x] 2 :: Y.\n- hint: H."


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("Text.", 0, "there are no cards"),
        ("Text.\n\n# T\nText.", 6, "text before the first card"),
        ("# T\n- a list", 7, "no bullet list"),
        ("# T\nText.\n\n## Sub\n", 9, "no heading"),
        ("# T {lin=z1}\nText.", 6, "unknown attribute lin; did you mean line?"),
        ("# T {line=z1 line=z2}\nText.", 6, "the attribute line is given twice"),
        ("# T {hide}\nText.", 6, "write line=… too"),
        ("# T {step=x}\nText.", 6, "step must be a whole number, not 'x'"),
        ("# T {figure=helth}\nText.", 6, "unknown figure 'helth'; did you mean health?"),
        ("# T {working=n line=C}\nText.", 6, "n is not a working"),
        ("# T {recipe=n}\nText.", 6, "n is not an experiment"),
        ("# T {recipe=rum}\nText.", 6, "unknown value 'rum'; did you mean run?"),
        ("# T\nText.\n\n@{m} more", 7, "unknown value 'm'"),
        ("# T\nText @{1 +}.", 7, ""),
        ("# T\nText @{'a' + 1}.", 7, "+ needs numbers, not str"),
        ("# T\nText @{2 ** 1000}.", 7, "exponents must be at most 100"),
        ("# T\nText @{working}.", 7, "cannot show a Problem"),
        ("# T\nText.\n\n::: choise\nWhich?\n- [x] a :: b\n:::", 9, "did you mean choice?"),
        ("# T\nText.\n\n::: choice\nWhich?\n- [x] a :: b\n", 9, "end it with a line :::"),
        ("# T\nText.\n\n::: choice\nWhich?\n:::", 9, "the question has no answers"),
        ("# T\nText.\n\n::: values\n- [x] 2 :: Y.\n:::", 9, "the question has no prompt"),
        (QUESTION.format("values", "- [x] 2\n- hint: H."), 11, "every answer needs a reason"),
        (QUESTION.format("values", "- [x] :: Y.\n- hint: H."), 11, "the answer is missing"),
        (QUESTION.format("values", "- 2 :: Y.\n- hint: H."), 11, "an item must be - [x]"),
        (QUESTION.format("values", f"{RIGHT}\n- hnt: H."), 13, "did you mean hint?"),
        (QUESTION.format("values", f"{RIGHT}\n- hint: I.\n- hint: J."), 14, "two are the most"),
        (QUESTION.format("values", f"{RIGHT}\n- wrong: W."), 13, "only a question of the kind"),
        (QUESTION.format("values", "- [ ] 2 :: N.\n- hint: H."), 9, "no answer is right"),
        (QUESTION.format("values", f"- [x] 3 :: Y.\n{RIGHT}"), 12, "a second answer"),
        (QUESTION.format("values", "- [x] 2 :: Y."), 9, "needs an item - hint"),
        (QUESTION.format("values {with=1}", RIGHT), 9, "did you mean within?"),
        (QUESTION.format("values", "- [x] n[0] :: Y.\n- hint: H."), 11, ""),
        (QUESTION.format("values", "- [x] log(0 * n) :: Y.\n- hint: H."), 11, "is not finite"),
        (QUESTION.format("values", "- [x] zz1 :: Y.\n- hint: H."), 11, "did you mean z1?"),
        (QUESTION.format("values", "- [x] a b :: Y.\n- hint: H."), 11, "in 'a b'"),
        (QUESTION.format("line", "- [x] dC_dz9 :: Y.\n- hint: H."), 11, "no line dC_dz9"),
        (QUESTION.format("line {of=n}", "- [x] z1 :: Y.\n- hint: H."), 9, "needs a working"),
        (
            QUESTION.format("signs", "- [x] z1 :: Y.\n- [ ] 2 :: N.\n- hint: H."),
            12,
            "right answer only",
        ),
        (QUESTION.format("shape", "- [x] 1.5 :: Y.\n- hint: H."), 11, "whole numbers in brackets"),
        (QUESTION.format("choice", RIGHT), 9, "at least two answers"),
        (QUESTION.format("code_line", RIGHT), 9, "needs one block of code"),
        ("# T\nA.\n\n::: choice\nB?\n- [x] a :: b\n\nmore\n:::", 13, "only ::: can follow"),
    ],
)
def test_a_problem_has_its_line(text: str, line: int, message: str) -> None:
    with pytest.raises(LessonError) as error:
        cards(text)
    assert (error.value.line, str(error.value).partition(":")[0]) == (line, "lesson.md")
    assert message in error.value.message


@pytest.mark.parametrize("fragment", ["`a`", "`b`", "c"])
def test_a_part_of_code_must_be_in_one_line(fragment: str) -> None:
    code = "```\na = 1\na = 2\n```"
    with pytest.raises(LessonError) as error:
        asked(f"code_line\nWhich?\n{code}\n- [x] {fragment} :: Why.\n- hint: H.")
    assert error.value.line == 15


@pytest.mark.parametrize(
    "expression",
    [
        "working.__class__",
        "working.trace.__init__.__globals__",
        "z1.tofile('x')",
        "z1.T",
        "open('x')",
        "().__class__",
        "'a'.join(('b', 'c'))",
        "range(10)",
    ],
)
def test_expressions_reach_numbers_only(expression: str) -> None:
    with pytest.raises(LessonError):
        cards(f"# T\nText @{{{expression}}}.")
