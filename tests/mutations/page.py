"""Defects of what the browser shows."""

from __future__ import annotations

from tests.mutations import Mutation
from tests.mutations.looks import LOOKS

ENGINES = "tests/page/test_other_engines.py::test_the_explorer_plays_and_shows_its_lines"

PAGE: list[Mutation] = [
    *LOOKS,
    # Between one pair of variables a number keeps the name that it had.
    Mutation(
        "static/js/explorer/drawn-shapes.js",
        "if (before.attributes[key] !== value) set",
        'if (before.attributes[key] !== value && !(before.attributes[key] === "b_next" && value === "dC_dz")) set',
        ("tests/page/test_network_transitions.py::test_no_number_is_lost_between_any_two_lines",),
    ),
    # A number stays where the next line has none.
    Mutation(
        "static/js/explorer/drawn-shapes.js",
        "while (kept.length > shapes.length) kept",
        "while (kept.length > shapes.length + 1) kept",
        ("tests/page/test_network_transitions.py::test_no_number_is_lost_in_a_lesson",),
    ),
    # Of a batch a sum instead of the mean.
    Mutation(
        "static/js/state/shown.js",
        "? 0 : sum / rows.length",
        "? 0 : sum",
        ("tests/page/test_network.py::test_the_neurons_show_what_the_line_reads_and_computes",),
    ),
    # On the line of the cost the target instead of the output.
    Mutation(
        "static/js/state/shown.js",
        'quantity === "target" ? 2 :',
        'quantity === "target" ? -1 :',
        ("tests/page/test_network.py::test_layers_units_and_output_say_what_they_show",),
    ),
    # An outer product whose shapes do not fit, in the notation of rows alone.
    Mutation(
        "static/js/core/equation.js",
        "transposed: !rows }",
        "transposed: true }",
        ("tests/page/test_products.py",),
    ),
    # Factors in the wrong order, in the notation of rows alone.
    Mutation(
        "static/js/core/equation.js",
        "      : rows && p.length === 2 && q.length === 1;",
        "      : false;",
        ("tests/page/test_products.py",),
    ),
    # A factor that is not drawn transposed.
    Mutation(
        "static/js/core/equation.js",
        "transposed: q.length === 2 && q[0] !== summed",
        "transposed: false",
        ("tests/page/test_products.py",),
    ),
    # Factors of more than seven units folded each in its own way.
    Mutation(
        "static/js/explorer/working-equation.js",
        'rows: shared(down, "right") || tall',
        "rows: tall",
        ("tests/page/test_products.py",),
    ),
    # The button of a notation changes nothing.
    Mutation(
        "static/js/main.js",
        'store.on(["sample", ...NOTATION]',
        'store.on(["sample"]',
        ("tests/page/test_products.py::test_notation_jacobians_and_batch_change_the_matrices",),
    ),
    # The sum below the window's edge, on a phone alone.
    Mutation(
        "static/css/matrix.css",
        "  overflow-wrap: anywhere;\n}\n.written-out .term {",
        (
            "  overflow-wrap: anywhere;\n"
            "}\n"
            "@media (max-width: 43.75em) { .written-out { padding-top: 40rem; } }\n"
            ".written-out .term {"
        ),
        ("tests/page/test_working_sizes.py",),
    ),
    # Small numbers, in the widest window alone.
    Mutation(
        "static/css/matrix.css",
        "  overflow-wrap: anywhere;\n}\n.written-out .term {",
        (
            "  overflow-wrap: anywhere;\n"
            "}\n"
            "@media (min-width: 150em) { .written-out { font-size: 1rem !important; } }\n"
            ".written-out .term {"
        ),
        ("tests/page/test_working_sizes.py",),
    ),
    # The sum further down, on a small projector alone.
    Mutation(
        "static/css/matrix.css",
        ("  overflow-wrap: anywhere;\n}\n.written-out .term {"),
        (
            "  overflow-wrap: anywhere;\n"
            "}\n"
            "@media (min-width: 75em) and (max-width: 85em) {\n"
            "  .written-out {\n"
            "    padding-top: 25rem;\n"
            "  }\n"
            "}\n"
            ".written-out .term {"
        ),
        ("tests/page/test_working_sizes.py",),
    ),
    # Too many columns of the matrices of an update.
    Mutation(
        "static/js/explorer/working-equation.js",
        "(crowded ? 3 : size > 5 ? 4 : 5)",
        "(size > 5 ? 9 : 5)",
        ("tests/page/test_working_sizes.py::test_an_update_of_wide_matrices_fits",),
    ),
    # Columns become narrower in a run.
    Mutation(
        "static/js/explorer/working-layout.js",
        "column.width = measured[k];",
        "column.width = measured[k] / 2;",
        ("tests/page/test_working_sizes.py::test_columns_keep_their_width_during_a_run",),
    ),
    # What Firefox does not have.
    Mutation(
        "static/js/explorer/drawn-shapes.js",
        "set(before.element, {",
        "before.element.scrollIntoViewIfNeeded(), set(before.element, {",
        (f"{ENGINES}[Firefox-kinds]",),
    ),
    # What WebKit does not have.
    Mutation(
        "static/js/explorer/drawn-shapes.js",
        "set(before.element, {",
        "performance.memory.usedJSHeapSize, set(before.element, {",
        (f"{ENGINES}[WebKit-kinds]",),
    ),
    # A link that leaves the path of the proxy, on the explorer.
    Mutation(
        "static/js/explorer/address.js",
        "`${ROOT}check#${hash}`",
        "`/check#${hash}`",
        ("tests/page/test_prefix.py::test_from_the_explorer_to_the_check_and_back",),
    ),
    # The same in the list of lessons.
    Mutation(
        "static/js/lessons/index.js",
        "withSeed(`${ROOT}lessons/${name}`, seed);",
        "withSeed(`/lessons/${name}`, seed);",
        ("tests/page/test_prefix.py::test_a_lesson_from_the_list_and_the_documentation",),
    ),
    # The same on a lesson.
    Mutation(
        "static/js/lessons/panel.js",
        "withSeed(`${ROOT}lessons`, seed) }, lesson.group_title",
        "withSeed(`/lessons`, seed) }, lesson.group_title",
        ("tests/page/test_prefix.py::test_a_lesson_from_the_list_and_the_documentation",),
    ),
    # The same for requests that the documentation tries.
    Mutation(
        "app/backprop_explorer/main.py",
        'servers=[{"url": "../.."}]',
        'servers=[{"url": "/"}]',
        (
            "tests/api/test_prefix.py::test_the_openapi_document_names_the_server_relative_to_itself",
        ),
    ),
    # The same for a slash too many.
    Mutation(
        "app/backprop_explorer/api/prefix.py",
        '    levels = "../" * (len(raw) - len(raw.rstrip(b"/"))) or "./"',
        '    levels = "/"',
        ("tests/page/test_prefix.py::test_a_slash_too_many_leads_to_the_page",),
    ),
    # A path that comes twice where a slash is missing.
    Mutation(
        "app/backprop_explorer/api/prefix.py",
        "./{self.root_path.rpartition('/')[2]}/",
        "./{self.root_path}/",
        ("tests/page/test_prefix.py::test_the_prefix_without_a_slash_leads_to_the_explorer",),
    ),
    # Texts cut off at the left of the curves.
    Mutation(
        "static/js/figures/training-curves.js",
        "margin: { l: 46, r: 18,",
        "margin: { l: 8, r: 18,",
        ("tests/page/test_figures.py::test_no_text_and_no_head_of_a_figure_is_cut_or_hidden",),
    ),
    # Tools over the heading of a figure, on a tablet alone.
    Mutation(
        "static/css/figures.css",
        ("\n.legend {\n  display: inline-flex;"),
        (
            "\n"
            "@media (min-width: 44em) and (max-width: 56em) { .figure-tools { position: relative; left: -30rem; } }\n"
            ".legend {\n"
            "  display: inline-flex;"
        ),
        ("tests/page/test_figures.py::test_no_text_and_no_head_of_a_figure_is_cut_or_hidden",),
    ),
    # Tools beside the figure, in a wide window alone.
    Mutation(
        "static/css/figures.css",
        ("\n.legend {\n  display: inline-flex;"),
        (
            "\n"
            "@media (min-width: 100em) { .figure-tools { position: relative; left: 90rem; } }\n"
            ".legend {\n"
            "  display: inline-flex;"
        ),
        ("tests/page/test_figures.py::test_no_text_and_no_head_of_a_figure_is_cut_or_hidden",),
    ),
    # Pulses of one size, whatever they carry.
    Mutation(
        "static/js/explorer/pulse.js",
        "r: sized(RADIUS, fraction)",
        "r: sized(RADIUS, 1)",
        ("tests/page/test_walk.py::test_one_key_runs_the_error_back_line_by_line",),
    ),
    # A walk that does not go on to the update.
    Mutation(
        "static/js/core/walk.js",
        '["backward", "update"]',
        '["backward"]',
        ("tests/page/test_walk.py::test_one_key_runs_the_error_back_line_by_line",),
    ),
    # Numbers that are there before what they are computed from.
    Mutation(
        "static/js/state/walker.js",
        "still() || covered ? null : line",
        "still() || covered ? null : null",
        ("tests/page/test_walk.py::test_one_key_runs_the_error_back_line_by_line",),
    ),
    # Numbers that are held back for ever.
    Mutation(
        "static/js/state/walker.js",
        "later(() => store.set({ arriving: null }), carryTime(pace)),",
        "later(() => store.set({ arriving: line }), carryTime(pace)),",
        ("tests/page/test_walk.py::test_one_key_runs_the_error_back_line_by_line",),
    ),
    # Dark words on dark paper.
    Mutation(
        "static/css/unknown-host.css",
        "    --ink: #e9e6df;",
        "    --ink: #44464b;",
        ("tests/page/test_address.py::test_a_host_that_is_not_known_gets_a_page",),
    ),
    # Light paper in the dark.
    Mutation(
        "static/css/unknown-host.css",
        "    --paper: #15171b;",
        "    --paper: #f5f7fb;",
        ("tests/page/test_address.py::test_a_host_that_is_not_known_gets_a_page",),
    ),
    # A page wider than a phone.
    Mutation(
        "static/css/unknown-host.css",
        "  max-width: 46em;",
        "  min-width: 30em;",
        ("tests/page/test_address.py::test_a_host_that_is_not_known_gets_a_page",),
    ),
]
