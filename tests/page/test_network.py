"""The network figure and the line: the same variables, the same numbers, none missing."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Request, expect

from tests.browser import WALKING, action, choose_line, go_to, number, open_page, readout, show_only
from tests.helpers.cases import exhaustive

pytestmark = pytest.mark.shared_page

# The line that is shown, what stands on the neurons and what the figure says that it is, and the
# neurons that the line lights up, by where their rings are drawn.
LOOKING = """
const look = async () => {
    await frame();
    const places = [...document.querySelectorAll('[data-neuron]')];
    const found = new Set(places.map((text) => `n${text.dataset.neuron}`));
    const rings = [...document.querySelectorAll('.over-line [data-element^="n"]')];
    return {
        line: line(),
        labels: places.map((text) => ({
            neuron: text.dataset.neuron,
            quantity: text.dataset.quantity,
            text: text.textContent,
            seen: text.getBoundingClientRect().width > 0,
        })),
        lit: rings.map(({ dataset }) =>
            found.has(dataset.element) ? dataset.element.slice(1) : null),
    };
};
"""
# Presses a key for each line, or clicks on it, and looks when it has come, or after 20 seconds.
WALK = f"""async (steps) => {{ {WALKING} {LOOKING}
    const seen = [];
    for (const [key, expected] of steps) {{
        if (key === 'click') document.querySelector(`.ribbon [data-line="${{expected}}"]`).click();
        else if (key) press(key);
        await arrived(expected);
        seen.push(await look());
    }}
    return seen;
}}"""
# As they stand on the neurons: whole on a map, with two digits in a circle.
TEXTS = """async (values) => {
    const { twoDigits } = await import('/static/js/figures/network.js');
    const { number } = await import('/static/js/core/format.js');
    const below = document.querySelector('[data-neuron].below') !== null;
    return values.map((each) => each.map((value) => below ? number(value) : twoDigits(value)));
}"""


def deep(layers: int) -> str:
    """A network of so many layers."""
    units = "&".join(
        f"network.layers.{k}.units={3 if k + 1 < layers else 1}" for k in range(layers)
    )
    names = "&".join(f"network.layers.{k}.activation=tanh" for k in range(layers))
    return f"cost.name=mse&{units}&{names}"


WIDE = (
    "dataset.name=blobs&dataset.classes=3&cost.name=cross_entropy&network.layers.0.units=7"
    "&network.layers.0.activation=relu&network.layers.1.units=3"
    "&network.layers.1.activation=softmax"
)


# What leaves out lines and formulas of a working.
WHOLE = re.compile("&(lines|formulas)=[^&]*")
STEP = re.compile(r"(?<=/frames/)\d+")


@pytest.fixture
def working(page: Page) -> Callable[..., dict[str, Any]]:
    """A function that returns the newest working that the page has asked the server for.

    The page asks for its proof after it, and for nothing else: here it is asked for again, whole.
    After a run that played it asks later: then ``step`` is the shown one.
    """
    asked: list[str] = []

    def keep(request: Request) -> None:
        if "/trace" in request.url:
            asked.append(WHOLE.sub("", request.url))

    def newest(step: float | None = None) -> dict[str, Any]:
        address = asked[-1] if step is None else STEP.sub(f"{step:.0f}", asked[-1])
        trace: dict[str, Any] = page.request.get(address).json()
        return trace

    page.on("request", keep)
    return newest


def values_of(trace: dict[str, Any], name: str) -> list[float]:
    """One number for each unit: of a batch the mean, or the sum of gradients."""
    every = [*trace["lines"], *trace["givens"]]
    value = next(each["value"] for each in every if each["id"] == name)
    if not isinstance(value[0], list):
        return [float(each) for each in value]
    sums = [0.0] * len(value[0])
    for row in value:
        sums = [total + entry for total, entry in zip(sums, row, strict=True)]
    return sums if name.startswith("dC") else [total / len(value) for total in sums]


def shown_on(labels: list[dict[str, Any]], layer: int) -> str:
    """The variable that the neurons of a layer show, or "" if they show none."""
    quantities = {each["quantity"] for each in labels if each["neuron"].startswith(f"{layer}.")}
    if not quantities:
        return ""
    (quantity,) = quantities
    stem, following, _ = quantity.partition("_next")
    return quantity if quantity in ("x", "target") else f"{stem}{layer}{following}"


def check_line(
    trace: dict[str, Any], line_id: str, seen: dict[str, Any], texts: dict[str, list[str]]
) -> None:
    """Every number on a neuron is a variable's of this line or of an earlier one, by its name."""
    labels = seen["labels"]
    assert all(label["seen"] for label in labels), line_id
    ids = [line["id"] for line in trace["lines"]]
    line = trace["lines"][ids.index(line_id)]
    computed = {"x", "target", *ids[: ids.index(line_id) + 1]}
    computed |= {given["id"] for given in trace["givens"]}
    depth = len(trace["activations"])
    shown: dict[str, str] = {}
    for layer in range(depth + 1):
        own = [label for label in labels if label["neuron"].startswith(f"{layer}.")]
        if not own:
            continue
        name = shown_on(labels, layer)
        assert name in computed, f"{line_id}: {name} is not computed yet"
        assert [label["text"] for label in own] == texts[name], f"{line_id}: {name}"
        shown |= {label["neuron"]: name for label in own}
    # What the line reads or computes is on the neurons that are lit, and they show nothing else.
    lit = seen["lit"]
    assert None not in lit, f"{line_id}: a neuron is lit and has no number"
    assert {shown[neuron] for neuron in lit} <= {line_id, *line["inputs"]}
    layered = {
        name
        for name in [line_id, *line["inputs"]]
        if re.fullmatch(r"x|[azb]\d+|dC_d[azb]\d+", name)
    }
    if "_d" not in line_id.removeprefix("dC_d"):  # a Jacobian has no place in the figure
        for name in layered:
            layer = 0 if name == "x" else int("".join(c for c in name if c.isdigit()))
            assert any(neuron.startswith(f"{layer}.") for neuron in lit), f"{line_id}: {name}"


def check_lines(
    page: Page, trace: dict[str, Any], lines: list[str], seen: list[dict[str, Any]]
) -> None:
    """Check what was seen at each of ``lines``."""
    layers = range(len(trace["activations"]) + 1)
    names = {shown_on(each["labels"], layer) for each in seen for layer in layers}
    known = {each["id"] for each in [*trace["lines"], *trace["givens"]]}
    # Others are refused by check_line.
    names = sorted(names & known)
    texts = page.evaluate(TEXTS, [values_of(trace, name) for name in names])
    for line, each in zip(lines, seen, strict=True):
        assert each["line"] == f"{line},{line}"
        check_line(trace, line, each, dict(zip(names, texts, strict=True)))


# Together they have a sample and a batch, each notation, an optimizer with and without lines of
# its own, cost and output as one line and apart, a deep network and a wide one.
FEW = [
    f"{deep(4)}&fused=false&sample=batch",
    "convention=row&optimizer.name=momentum&sample=7&step=3",
    f"{WIDE}&convention=lecture&jacobians=true&projector=true",
]
VIEWS = [
    ["", "sample=7&step=40", "sample=batch"],
    ["convention=row", "convention=lecture&fused=false&jacobians=true"],
    ["projector=true", "optimizer.name=adam&step=3"],
    [f"{deep(6)}&fused=false", WIDE],
]


@pytest.mark.parametrize(
    ("fragments", "back"),
    [(FEW, False), *(exhaustive(each, back) for back in (False, True) for each in VIEWS)],
)
def test_the_neurons_show_what_the_line_reads_and_computes(
    page: Page, working: Callable[[], dict[str, Any]], fragments: list[str], *, back: bool
) -> None:
    # The lines of the update have the same numbers as the others: all are of one working.
    views = [
        f"{each}&numbers={'batch' if 'sample=batch' in each else 'sample'}" for each in fragments
    ]
    open_page(page, f"#{views[0]}")
    show_only(page, ".network")
    for view in views:
        if view != views[0]:
            with page.expect_response(lambda r: "/trace" in r.url and r.ok):
                go_to(page, f"#{view}")
        trace = working()
        lines = [line["id"] for line in trace["lines"]]
        steps = [("", lines[0])]
        steps += [("ArrowRight", line) for line in lines[1:]]
        if back:
            steps += [("ArrowLeft", line) for line in lines[-2::-1]]
        check_lines(page, trace, [line for _, line in steps], page.evaluate(WALK, steps))


# Clicks an entry of each of these variables, and goes back to where that began. What is seen of
# each line on the way.
FOLLOW = f"""async (variables) => {{ {WALKING} {LOOKING}
    const working = document.querySelector('[data-panel="working"]');
    const seen = [await look()];
    for (const name of variables) {{
        working.querySelector(`.matrix.input[data-variable="${{name}}"] [data-index]`).click();
        await arrived(name);
        seen.push(await look());
    }}
    while (working.querySelector('.path').checkVisibility() && seen.length < 99) {{
        const before = line();
        press('Backspace');
        await until(() => line() !== before);
        seen.push(await look());
    }}
    return seen;
}}"""


def test_the_neurons_follow_a_path_of_clicked_entries(
    page: Page, working: Callable[[], dict[str, Any]]
) -> None:
    open_page(page, "#line=dC_dW1")
    path = ["dC_dW1", "dC_dz1", "dC_da1", "dC_dz2", "dC_da2", "dC_dz3", "a3", "z3", "a2"]
    check_lines(page, working(), [*path, *path[-2::-1]], page.evaluate(FOLLOW, path[1:]))


# How many colours the canvas has in the middle of each neuron, above its number.
COLOURS = """() => {
    const canvas = document.querySelector('.unit-responses');
    const scale = canvas.width / canvas.offsetWidth;
    return [...document.querySelectorAll('[data-neuron]')].map((text) => {
        const [x, y] = ['x', 'y'].map((name) => Number(text.getAttribute(name)));
        const { data } = canvas.getContext('2d').getImageData(
            (x - 12) * scale, (y - 40) * scale, 24 * scale, 24 * scale);
        const found = new Set();
        for (let k = 0; k < data.length; k += 4)
            if (data[k + 3]) found.add(data.slice(k, k + 3).join());
        return found.size;
    });
}"""


def test_layers_units_and_output_say_what_they_show(
    page: Page, working: Callable[..., dict[str, Any]]
) -> None:
    """Each layer by its name, each unit of two features by a map, the output beside the target."""
    open_page(page, "#step=50")
    captions, card = page.locator(".captions"), page.locator(".output-card")
    expect(captions).to_contain_text("computes 𝑧⁽¹⁾")
    expect(captions).to_contain_text("not computed yet")
    expect(card).to_contain_text("not yet")
    # While the run plays every neuron has a number.
    expect(page.locator("[data-neuron]")).to_have_count(6)
    action(page, "play").click()
    expect(page.locator("[data-neuron]")).to_have_count(11)
    action(page, "pause").click()
    expect(page.locator("[data-neuron]")).to_have_count(6)
    choose_line(page, "C")
    expect(captions).to_contain_text("reads 𝑧⁽³⁾")
    trace = working(number(readout(page, "step")))
    output, target = values_of(trace, "a3")[0], values_of(trace, "target")[0]
    expect(card).to_contain_text(f"{output:.4f}")
    expect(card).to_contain_text(f"\N{MATHEMATICAL ITALIC SMALL Y}{target:.0f}")
    expect(card).to_contain_text("cost")
    expect(page.locator("[data-neuron]")).to_have_count(11)
    assert min(page.evaluate(COLOURS)) > 5
    choose_line(page, "dC_da1")
    expect(captions).to_contain_text("reads ∂𝐶/∂𝑧⁽²⁾")
    expect(captions).to_contain_text("computes ∂𝐶/∂𝑎⁽¹⁾")
    # A quantity that is chosen is shown in all layers.
    page.locator('[data-control="neurons"] [data-value="a"]').click()
    expect(captions).to_have_text("𝑥𝑎⁽¹⁾𝑎⁽²⁾𝑎⁽³⁾")
    go_to(
        page,
        "#dataset.name=points&dataset.x=[[0,1,2],[1,0,3],[2,1,0],[3,1,1]]"
        "&dataset.target=[0,1,1,0]&dataset.classes=['a','b']&dataset.test_fraction=0",
    )
    expect(page.locator('[data-neuron^="0."]')).to_have_count(3)
    assert max(page.evaluate(COLOURS)) == 0
