"""Defects of looks at one width or in one theme, of lessons, and of the pages beside them."""

from __future__ import annotations

from tests.mutations import Mutation

ANY_PAGE = "tests/page/test_access_everywhere.py::test_a_page_passes_axe_and_shows_its_errors"
CHECKED = "tests/page/test_check.py::test_the_first_screen_has_an_example_that_is_marked"
PLAYED = "tests/page/test_lessons.py::test_a_lesson_is_played_through"
BEFORE_CONTRAST = (
    "@media (prefers-contrast: more) {\n  :root {\n    --paper: light-dark(#ffffff, #000000);"
)
PALE = "body { --soft: #808080; }"

LOOKS: list[Mutation] = [
    # Words too pale, in the light theme alone.
    Mutation(
        "static/css/tokens.css",
        "  --soft: light-dark(#5a5d63,",
        "  --soft: light-dark(#a5a8ae,",
        ("tests/page/test_access_everywhere.py",),
    ),
    # Words too pale: in the dark alone, in light with more contrast alone.
    Mutation(
        "static/css/tokens.css", "#5a5d63, #a9adb5);", "#5a5d63, #5a5d63);", (f"{ANY_PAGE}[/join]",)
    ),
    Mutation(
        "static/css/tokens.css",
        "    --soft: light-dark(#24272c,",
        "    --soft: light-dark(#a0a0a0,",
        (f"{ANY_PAGE}[/check]",),
    ),
    # Words too pale at one width alone: on a phone, on a tablet, on a large screen.
    Mutation(
        "static/css/tokens.css",
        BEFORE_CONTRAST,
        f"@media (max-width: 30em) {{ {PALE} }} {BEFORE_CONTRAST}",
        (f"{ANY_PAGE}[/check]",),
    ),
    Mutation(
        "static/css/tokens.css",
        BEFORE_CONTRAST,
        f"@media (min-width: 40em) and (max-width: 60em) {{ {PALE} }} {BEFORE_CONTRAST}",
        (f"{ANY_PAGE}[/teach]",),
    ),
    Mutation(
        "static/css/tokens.css",
        BEFORE_CONTRAST,
        f"@media (min-width: 120em) {{ {PALE} }} {BEFORE_CONTRAST}",
        (f"{ANY_PAGE}[/lessons/{{name}}/sheet]",),
    ),
    # In the dark "Not yet" under a wrong answer is too pale, and so is what is wrong with a table.
    Mutation(
        "static/css/question.css",
        '.feedback[data-kind="wrong"] .verdict {',
        '.feedback[data-kind="wrong"] .verdict.verdict { color: light-dark(#a3271f, #7a3a3a); }\n'
        '.feedback[data-kind="wrong"] .verdict {',
        ("tests/page/test_lesson_list.py::test_a_lesson_in_every_size_and_theme[few]",),
    ),
    Mutation(
        "static/css/own-table.css",
        ".own-body .problem {",
        ".own-body .problem { color: light-dark(#a3271f, #7a3a3a) !important; }\n"
        ".own-body .problem {",
        ("tests/page/test_own_data.py::test_axe_finds_nothing_in_the_dialogs[few]",),
    ),
    # A line of a program that is chosen counts as the next one.
    Mutation(
        "static/js/lessons/kinds/choice.js",
        '"data-option": k }',
        '"data-option": k + 1 }',
        (f"{PLAYED}[bug-wrong-size]",),
    ),
    # Signs are sent the other way round; the first character of a shape is lost.
    Mutation(
        "static/js/lessons/kinds/signs.js",
        "    values[k] = value;\n    delete",
        "    values[k] = -value;\n    delete",
        (f"{PLAYED}[first-layer]",),
    ),
    Mutation(
        "static/js/ui/fields.js",
        "{ value: field.value.trim() }",
        "{ value: field.value.trim().slice(2) }",
        (f"{PLAYED}[first-layer]",),
    ),
    # An array that is too large for fields cannot be pasted.
    Mutation(
        "static/js/lessons/kinds/values.js",
        "if (text.value.trim()) return { value",
        "if (fits && text.value.trim()) return { value",
        (f"{PLAYED}[iris-with-own-gradients]",),
    ),
    # At a card of another network its run is shown at step 0.
    Mutation(
        "static/js/lessons/guide.js",
        "session.open(view.recipe, view.step);",
        "session.open(view.recipe, 0);",
        (f"{PLAYED}[heat-map]",),
    ),
    # The last lesson is followed by the first one.
    Mutation(
        "static/js/lessons/guide.js",
        "one.name === name) + 1] ?? null",
        "one.name === name) + 1] ?? all[0]",
        ("tests/page/test_lessons.py::test_the_stuck_get_a_hint_and_then_the_answer",),
    ),
    # A program is scrolled on a phone.
    Mutation(
        "static/css/question.css",
        ".code-block span,",
        ".code-block i,",
        ("tests/page/test_lesson_page.py::test_only_a_phone_wraps_python_and_feedback_is_in_view",),
    ),
    # Answers of a seed that is text are kept under a name that every object has.
    Mutation(
        "static/js/lessons/progress.js",
        "seed : `text:${seed}`",
        "seed : seed",
        ("tests/page/test_lesson_list.py::test_any_text_is_a_seed",),
    ),
    # Where samples are rows, an entry of one's own is marked at another place.
    Mutation(
        "static/js/explorer/submitted-numbers.js",
        "const submitted = at(values[line.id], index);",
        "const submitted = at(values[line.id], index);\n"
        '      if (state.convention === "row" && index[0] === 1) continue;',
        ("tests/page/test_submitted_numbers.py::test_each_entry_is_marked_where_it_stands",),
    ),
    # In a wide frame that is low the sum is cut off.
    Mutation(
        "static/css/embed.css",
        "clamp(15rem, 40dvh, 44rem)",
        "clamp(5rem, 40dvh - 6rem, 44rem)",
        ("tests/page/test_hide.py::test_in_a_frame_the_working_has_the_width",),
    ),
    # The code without a server uses another convention than the page.
    Mutation(
        "static/js/check/snippets.js",
        "    convention=${text(work.convention)},\n${penalty}",
        '    convention="row",\n${penalty}',
        (f"{CHECKED}_by_keys_alone",),
    ),
]
