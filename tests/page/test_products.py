"""The matrices of a line as drawn: their shapes multiply, and rows meet columns."""

from __future__ import annotations

import itertools
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import MINUS, WALKING, expect_line, open_page, show_only
from tests.helpers.cases import exhaustive

pytestmark = pytest.mark.shared_page

# The matrices of the equation in their order, with the operator before each. A cell's place as
# drawn, its index in the variable, its number, and whether it is lit.
DRAWN = """
const drawn = () => [...document.querySelectorAll('.equation .side')].map((side) => {
    const figure = side.querySelector('.matrix');
    const operators = [...side.children].filter((child) => child.matches('.operator'));
    return {
        id: figure.dataset.variable,
        output: figure.classList.contains('output'),
        before: figure.previousElementSibling?.textContent ?? '',
        after: figure.nextElementSibling?.textContent ?? '',
        transposed: figure.querySelector('.transposed') !== null,
        caption: figure.querySelector('.shape')?.textContent ?? '',
        cells: [...figure.querySelectorAll('[data-cell]')].map((cell) => ({
            place: cell.dataset.cell,
            index: cell.dataset.index,
            number: Number((cell.title || cell.textContent).replace('MINUS', '-')),
            lit: cell.classList.contains('read'),
            target: cell.classList.contains('target'),
            rect: [cell.getBoundingClientRect().left, cell.getBoundingClientRect().top],
        })),
    };
});
""".replace("MINUS", MINUS)
# The terms of the sum, as the cells that each reads.
TERMS = """
const terms = () => [...document.querySelectorAll('.written-out [data-reads]')]
    .map((term) => term.dataset.reads.split(' '));
"""
# The matrices of the first line, their shapes and their order: they differ for each notation, and
# for a sample and the batch.
FIRST_LINE = """
const ribbon = () => [...document.querySelectorAll('[data-panel="ribbon"] [data-line]')];
const firstLine = async () => {
    const [first] = ribbon();
    first.click();
    await arrived(first.dataset.line);
};
const matrices = () =>
    drawn().map(({ id, caption, transposed }) => [id, caption, transposed]).join(' ');
"""
# Another notation, or the batch, by pressing its button.
CHOOSE = f"""async (button) => {{ {WALKING} {DRAWN} {FIRST_LINE}
    await firstLine();
    const before = matrices();
    document.querySelector(button).click();
    await until(() => matrices() !== before);
    return [before, matrices()];
}}"""
# Jacobians are lines of their own.
WITHOUT_JACOBIANS = f"""async () => {{ {WALKING} {DRAWN} {FIRST_LINE}
    const before = ribbon().length;
    press('j');
    await until(() => ribbon().length < before);
    return ribbon().length < before;
}}"""
# At each line what is drawn: as it comes, and while the last entry of the result is pointed at.
WALK = f"""async () => {{ {WALKING} {DRAWN} {TERMS} {FIRST_LINE}
    const panel = document.querySelector('[data-panel="working"]');
    const cells = () => panel.querySelectorAll(
        `.equation .matrix.output[data-variable="${{panel.dataset.line}}"] [data-cell]`);
    const last = () => [...cells()].at(-1);
    const seen = [];
    await firstLine();
    for (const {{ dataset: {{ line: expected }} }} of ribbon()) {{
        await arrived(expected);
        const first = [drawn(), terms()];
        last().scrollIntoViewIfNeeded();
        const box = last().getBoundingClientRect();
        const at = {{ clientX: box.left + box.width / 2, clientY: box.top + box.height / 2 }};
        const reached = document.elementFromPoint(at.clientX, at.clientY);
        const pointed = last().contains(reached);
        reached.dispatchEvent(new PointerEvent('pointermove', {{ ...at, bubbles: true }}));
        await until(() => last().classList.contains('target'));
        const lit = last().classList.contains('target');
        seen.push({{ expected, line: line(), first, second: [drawn(), terms()], pointed, lit }});
        panel.dispatchEvent(new PointerEvent('pointerleave'));
        press('ArrowRight');
    }}
    return seen;
}}"""


# Folded matrices, a layer of several outputs, cost and output apart.
NETWORKS = {
    "2-9-8-1": "network.layers.0.units=9&network.layers.0.activation=tanh"
    "&network.layers.1.units=8&network.layers.1.activation=tanh"
    "&network.layers.2.units=1&network.layers.2.activation=sigmoid",
    "3 classes": "dataset.name=blobs&dataset.classes=3&cost.name=cross_entropy"
    "&network.layers.0.units=3&network.layers.0.activation=relu"
    "&network.layers.1.units=3&network.layers.1.activation=softmax",
    "2-5-3-1": "cost.name=mse&network.layers.0.units=5&network.layers.0.activation=tanh"
    "&network.layers.1.units=3&network.layers.1.activation=tanh"
    "&network.layers.2.units=1&network.layers.2.activation=sigmoid&fused=false",
    "2-4-4-1": "",
}


def place_of(cell: dict[str, Any], name: str) -> tuple[int, ...]:
    """Row and column of a cell as drawn; a column vector has rows alone."""
    return tuple(int(part) for part in cell["place"].removeprefix(f"{name}.").split("."))


def grid(matrix: dict[str, Any]) -> dict[tuple[int, int], dict[str, Any]]:
    """The cells by row and column as drawn."""
    places = {}
    for cell in matrix["cells"]:
        row, column = (*place_of(cell, matrix["id"]), 0)[:2]
        places[row, column] = cell
    return places


def extent(matrix: dict[str, Any]) -> tuple[int, int]:
    """Rows and columns as drawn; the last of a folded matrix are always on screen."""
    places = grid(matrix)
    return max(row for row, _ in places) + 1, max(column for _, column in places) + 1


def check_places(matrix: dict[str, Any]) -> None:
    """Rows are below each other and columns beside each other, as their numbers say."""
    places = grid(matrix)
    assert len(places) == len(matrix["cells"]), matrix["id"]
    for (row, column), cell in places.items():
        for (other_row, other_column), other in places.items():
            if column == other_column:
                assert (row > other_row) == (cell["rect"][1] > other["rect"][1]), matrix["id"]
            if row == other_row:
                assert (column > other_column) == (cell["rect"][0] > other["rect"][0])


def check_caption(matrix: dict[str, Any], folded: bool) -> None:
    """The caption names the shape as drawn; a vector may be written with one number.

    Of many wide matrices of an update one column is drawn: ``folded``.
    """
    shown = tuple(int(part) for part in matrix["caption"].strip("()").split("×"))
    drawn = extent(matrix)
    assert shown == drawn or (len(shown) == 1 and sorted(drawn) == sorted([1, *shown])) or folded


def check_product(
    output: dict[str, Any], left: dict[str, Any], right: dict[str, Any], terms: list[list[str]]
) -> None:
    """The factors' shapes multiply to that of the result, and a row meets a column."""
    (rows, inner), (inner_right, columns) = extent(left), extent(right)
    assert inner == inner_right
    assert (rows, columns) == extent(output)
    [(row, column)] = [place for place, cell in grid(output).items() if cell["target"]]
    lit_left = {place for place, cell in grid(left).items() if cell["lit"]}
    lit_right = {place for place, cell in grid(right).items() if cell["lit"]}
    assert lit_left == {place for place in grid(left) if place[0] == row}
    assert lit_right == {place for place in grid(right) if place[1] == column}
    # Entry k of the row and entry k of the column are the two factors of one term.
    pairs = {frozenset(term) for term in terms}
    met = [
        (grid(left)[row, k], grid(right)[k, column])
        for (_, k) in sorted(lit_left)
        if (k, column) in lit_right
    ]
    assert len(met) == len(lit_left) == len(lit_right)
    if len(terms) >= inner:  # all terms are written
        for first, second in met:
            pair = {f"{left['id']}:{first['index']}", f"{right['id']}:{second['index']}"}
            assert frozenset(pair) in pairs
    if len(met) == inner and output["id"].startswith("dC_d"):
        total = sum(first["number"] * second["number"] for first, second in met)
        assert grid(output)[row, column]["number"] == pytest.approx(total, rel=1e-9, abs=1e-15)


def check_line(matrices: list[dict[str, Any]], terms: list[list[str]]) -> int:
    """Check all that is drawn of a line, and return how many products there are."""
    products = 0
    output = matrices[0]
    for matrix in matrices:
        if matrix["caption"].startswith("(") and matrix["caption"].count("×") < 2:
            check_places(matrix)
            check_caption(matrix, folded=matrices[0]["id"].endswith("_next"))
    if output["after"] != "=":
        return 0
    vectors = [each for each in matrices if each["caption"].count("×") < 2 and each["cells"]]
    for left, right in itertools.pairwise(vectors):
        shared = right["before"] == "·" and min(len(left["cells"]), len(right["cells"])) > 0
        if not shared or not left["caption"] or not right["caption"]:
            continue
        if extent(left) == extent(right) == extent(output) and not right["transposed"]:
            square = extent(left)[0] == extent(left)[1] > 1
            if not square:
                continue  # entry by entry
        check_product(output, left, right, terms)
        products += 1
    # Whatever is added has the result's shape, or is one row for all samples.
    for matrix in matrices[1:]:
        if (
            matrix["before"] in ("+", "−", "⊙")
            and output["caption"].startswith("(")
            and matrix["caption"].startswith("(")
        ):
            rows, columns = extent(matrix)
            assert columns == extent(output)[1]
            assert rows in (1, extent(output)[0])
    return products


# Of a batch the lecture's notation has the matrices of "row". The Jacobians are a sample's.
WAYS = [
    *("convention=column&jacobians=true", "convention=row&jacobians=true"),
    *("convention=lecture&jacobians=true", "convention=lecture&sample=batch"),
    *("convention=column&sample=batch", "convention=row&sample=batch"),
]
SAMPLES = [("2-9-8-1", WAYS[0]), ("3 classes", WAYS[1]), ("2-5-3-1", WAYS[2])]
BATCHES = [("3 classes", way) for way in WAYS[4:]]
REST = {*itertools.product(NETWORKS, WAYS)} - {*SAMPLES, *BATCHES}


@pytest.mark.parametrize(
    "views", [SAMPLES, BATCHES, *(exhaustive([each]) for each in sorted(REST))]
)
def test_the_shapes_on_screen_multiply(page: Page, views: list[tuple[str, str]]) -> None:
    """In each notation, of one sample with its Jacobians and of the batch."""
    for network, way in views:
        open_page(page, f"#{NETWORKS[network]}&{way}")
        show_only(page, '[data-panel="working"]')
        check_walk(page)


def test_notation_jacobians_and_batch_change_the_matrices(page: Page) -> None:
    open_page(page, "#jacobians=true")
    show_only(page, '[data-panel="working"]')
    for notation in ("row", "lecture"):
        choose(page, notation_button(notation))
    assert page.evaluate(WITHOUT_JACOBIANS)
    choose(page, '[data-numbers="batch"]')
    for notation in ("column", "row"):
        choose(page, notation_button(notation))


def notation_button(notation: str) -> str:
    return f'[data-control="convention"] [data-value="{notation}"]'


def choose(page: Page, button: str) -> None:
    """Press a button that changes the matrices of the first line."""
    before, now = page.evaluate(CHOOSE, button)
    assert now != before, button


def check_walk(page: Page) -> None:
    """Walk through all lines, and check what is drawn of each."""
    products: dict[str, int] = {}
    for seen in page.evaluate(WALK):
        line = seen["expected"]
        assert seen["line"] == f"{line},{line}"
        # Another entry of the result: its last one.
        assert seen["pointed"], f"{line}: something covers the last entry"
        assert seen["lit"], line
        products[line] = min(check_line(*seen["first"]), check_line(*seen["second"]))
    assert products
    for line, count in products.items():
        layer = line.removeprefix("dC_dW").removeprefix("dC_da").removeprefix("z")
        forward = line.startswith("z")
        last = line == f"dC_da{len([each for each in products if each.startswith('z')])}"
        if layer.isdigit() and (forward or line.startswith(("dC_dW", "dC_da"))) and not last:
            assert count == 1, f"no product is drawn for {line}"


@pytest.mark.exhaustive
def test_a_transposed_vector_leads_to_its_own_origin(page: Page) -> None:
    open_page(page, "#line=dC_dW2")
    drawn = page.locator('[data-cell="a1.0.2"]')
    expect(drawn).to_have_attribute("data-index", "2")
    drawn.click()
    expect_line(page, "a1")
    expect(page.locator('[data-readout="entry"]')).to_have_attribute("data-index", "2")


def test_a_drawn_transpose_is_the_matrix_changed_round_and_an_entry_leads_to_its_origin(
    page: Page,
) -> None:
    open_page(page, "#line=z2&step=3")
    script = """() => Object.fromEntries([...document.querySelectorAll('[data-cell^="W2."]')]
        .map((cell) => [cell.dataset.cell, cell.title]))"""
    # After the view of another test the matrix may be folded for one more animation frame.
    every = page.locator('[data-cell^="W2."]')
    expect(every).to_have_count(16)
    plain = page.evaluate(script)
    page.locator('[data-panel="ribbon"] [data-line="dC_da1"]').click()
    expect_line(page, "dC_da1")
    expect(every).to_have_count(16)
    turned = page.evaluate(script)
    assert turned == {f"W2.{j}.{i}": plain[f"W2.{i}.{j}"] for i in range(4) for j in range(4)}
    drawn = page.locator('[data-cell="W2.3.1"]')  # row 3, column 1 of the transpose
    expect(drawn).to_have_attribute("data-index", "1,3")
    drawn.click()
    expect(page.locator('[data-readout="source"]')).to_contain_text("as update 3 left it")
    expect(page).to_have_url(re.compile(r"selection=e2\.3\.1"))
    expect(page.locator(".path")).to_contain_text("𝑊⁽²⁾₁₃")
