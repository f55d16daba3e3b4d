"""Programs, in a real browser: the gallery, one program in four views, recordings."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from backprop_explorer import explain
from bench.program_pages import long_chain
from tests.browser import READY, action, readout, until
from tests.helpers.axe import violations
from tests.helpers.browsers import PageWatch

pytestmark = pytest.mark.shared_page


def open_program(page: Page, address: str) -> None:
    if page.url.partition("#")[0].endswith(f"/programs/{address.partition('#')[0]}"):
        page.goto("about:blank")  # another fragment alone does not load the page
    page.goto(f"/programs/{address}")
    until(page, READY)


def node(page: Page, name: str) -> Locator:
    return page.locator(f'[data-node="{name}"]')


def row(page: Page, number: int) -> Locator:
    """A line of the code, counted from its def."""
    return page.locator("[data-source-line]").nth(number - 1)


def expect_chosen(page: Page, line: str, drawn: str, number: int) -> None:
    """Ribbon, working, picture and code name the same line."""
    expect(page.locator('.ribbon [aria-current="step"]')).to_have_attribute("data-line", line)
    expect(page.locator('[data-panel="working"]')).to_have_attribute("data-line", line)
    expect(node(page, drawn)).to_have_attribute("aria-current", "step")
    expect(row(page, number)).to_have_attribute("aria-current", "step")


def test_the_gallery_draws_each_program_and_leads_to_it(page: Page) -> None:
    page.goto("/programs")
    until(page, READY)
    cards = page.locator(".program-card")
    expect(cards).to_have_count(15)
    for k in range(15):
        assert cards.nth(k).locator("[data-array]").count() >= 2
    page.locator('[data-slot="topics"] [data-value="costs"]').click()
    expect(page.locator(".program-card:visible")).to_have_count(2)
    assert violations(page) == []
    page.locator('[data-slot="topics"] [data-value=""]').click()
    page.locator('[data-program="batch_norm"] a').click()
    until(page, READY)
    expect(page.locator('[data-slot="title"]')).to_have_text("batch norm")
    expect(page.locator(".pages [aria-current]")).to_have_text("Programs")


def test_a_line_is_chosen_in_code_picture_ribbon_and_working(page: Page) -> None:
    open_program(page, "rnn")
    expect(page.locator(".ribbon [aria-current]")).to_have_attribute("data-line", "h[t=0]")
    open_program(page, "batch_norm#seed=4")
    expect_chosen(page, "mu", "mu", 3)
    page.locator('.ribbon [data-line="dC_dx"]').click()
    expect_chosen(page, "dC_dx", "x", 1)
    expect(page.locator(".pill")).to_have_count(3)
    expect(page.locator("mark")).to_have_text(["x"] * 4)
    row(page, 4).click()
    expect_chosen(page, "dC_dvar", "line1", 4)
    node(page, "line2").locator('[data-slot="value"] .slot-bar').click()
    expect_chosen(page, "xhat", "line2", 5)
    page.locator('.ribbon [data-line="mu"]').click()
    expect_chosen(page, "mu", "mu", 3)
    page.locator('.ribbon [data-line="dC_dx"]').click()
    # a number of the part through var leads to its line
    page.locator('[data-variable="dC_dx_through_var.1_0"] td').first.click()
    expect_chosen(page, "dC_dx_through_var.1_0", "x", 1)
    expect(readout(page, "entry")).to_contain_text("∂")
    expect(page).to_have_url(re.compile(r"line=dC_dx_through_var\.1_0"))
    page.keyboard.press("ArrowLeft")
    expect_chosen(page, "dC_dx_through_xhat.1_0", "x", 1)


def test_the_parts_on_the_edges_are_those_of_the_sum(page: Page) -> None:
    open_program(page, "batch_norm#seed=4&line=dC_dx&entry=[1,2]")
    pills = [
        (text or "").split("\N{EN SPACE}")[-1] for text in page.locator(".pill").all_text_contents()
    ]
    products = page.locator(".ledger-row:not(.ledger-total) .ledger-product").all_text_contents()
    rows = [each.strip("= \u2007\u2009") for each in products]
    assert sorted(pills) == sorted(rows)
    widths = page.locator(".edge.above, .edge.below").evaluate_all(
        "edges => edges.map((edge) => Number(edge.getAttribute('stroke-width')))"
    )
    assert len(widths) == 3
    assert max(widths) == pytest.approx(11.6)


def test_a_group_opens_and_folds(page: Page) -> None:
    open_program(page, "batch_norm")
    node(page, "line1").focus()
    page.keyboard.press("Enter")
    expect(node(page, "var.1")).to_be_visible()
    expect(page.locator('.ribbon [data-line="var.2"]')).to_be_visible()
    node(page, "var.1").focus()
    page.keyboard.press("Escape")
    expect(node(page, "line1")).to_be_visible()
    expect(node(page, "var.1")).to_have_count(0)


def test_slices_and_runs_are_turned_by_name(page: Page) -> None:
    open_program(page, "conv_digit#line=dC_dK&entry=[0,1,2]")
    kernel = page.locator('[data-axis="kernel"]')
    expect(kernel.locator('[aria-pressed="true"]')).to_have_text("0")
    page.keyboard.press(">")
    expect(kernel.locator('[aria-pressed="true"]')).to_have_text("1")
    kernel.locator('[data-value="2"]').click()
    expect(page.locator('[data-panel="working"] .output .slice-name')).to_have_text("kernel 2")
    open_program(page, "conv_digit#line=z.3[i%3D2, j%3D3]&entry=[0]")
    expect(node(page, "x").locator(".window-frame")).to_have_count(1)
    page.locator('[data-axis="j"] [data-value="4"]').click()
    expect(page.locator('[data-panel="working"]')).to_have_attribute("data-line", "z.3[i=2, j=4]")


def numbers(texts: list[str]) -> list[float]:
    """Results of the rows of a sum."""
    minus = "\N{MINUS SIGN}"
    return [float(each.strip("= \u2007\u2009\u00a0").replace(minus, "-")) for each in texts]


def test_a_convolution_is_one_line_with_its_window_and_kernel(page: Page) -> None:
    open_program(page, "conv_digit#line=z[i%3D5, j%3D5]&entry=[0,2,3]")
    expect(page.locator('.ribbon [aria-current="step"]')).to_have_text("𝑧")
    working = page.locator('[data-panel="working"]')
    read = working.locator('[data-variable="x"] .read')
    expect(read).to_have_count(9)
    places = read.evaluate_all("cells => cells.map((cell) => cell.dataset.index)")
    assert places == [f"{2 + m},{3 + n}" for m in range(3) for n in range(3)]
    expect(working.locator('[data-variable="K"] .read')).to_have_count(9)
    expect(node(page, "x").locator(".window-frame")).to_have_count(1)
    working.locator(".output [data-index='0,4,1']").click()
    expect(read.first).to_have_attribute("data-index", "4,1")
    # a gradient is a sum over all places
    open_program(page, "conv_digit#line=dC_dK&entry=[0,1,2]")
    working.locator(".ledger-more").click()
    rows = working.locator(".ledger-row:not(.ledger-total) .ledger-product")
    total = working.locator(".ledger-total .result")
    expect(rows).to_have_count(36)
    found = sum(numbers(rows.all_text_contents()))
    assert found == pytest.approx(numbers([total.inner_text()])[0], abs=2e-3)
    expect(working.locator('[data-variable="x"] .read')).to_have_count(36)


def test_a_maximum_says_which_entry_won(page: Page) -> None:
    open_program(page, "max_pool#line=y[i%3D2, j%3D2]&entry=[1,1]")
    working = page.locator('[data-panel="working"]')
    won = working.locator('[data-variable="x"] .taken')
    expect(won).to_have_count(1)
    chosen = working.locator(".output .target")
    assert won.get_attribute("title") == chosen.get_attribute("title")
    open_program(page, "attention#line=P")
    assert working.locator(".masked").count() > 0


def test_other_data_keep_the_line(page: Page) -> None:
    open_program(page, "batch_norm#line=dC_dvar")
    before = readout(page, "cost").inner_text()
    action(page, "seed-more").click()
    expect(readout(page, "cost")).not_to_have_text(before)
    action(page, "D-more").click()
    expect(page.locator('[data-size="D"] output')).to_have_text("4")
    expect_chosen(page, "dC_dvar", "line1", 4)


def layer(x: Any, W: Any) -> Any:
    h = np.tanh(x @ W)
    return (h**2).sum()


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    file = tmp_path / "layer.json"
    rng = np.random.default_rng(0)
    explain(layer, rng.normal(size=(2, 3)), rng.normal(size=(3, 2))).save(file, source=True)
    return file


def test_a_recording_opens_with_its_source(page: Page, recording: Path) -> None:
    page.goto("/programs")
    until(page, READY)
    page.set_input_files("#recording", recording)
    page.wait_for_url("**/graphs/*")
    until(page, READY)
    expect(row(page, 2)).to_contain_text("h = np.tanh(x @ W)")
    # numbered as in the file
    written = str(layer.__code__.co_firstlineno + 1)
    expect(row(page, 2).locator(".code-number")).to_have_text(written)
    expect_chosen(page, "dC_dx", "x", 1)
    assert violations(page) == []


def test_a_recording_without_text_and_an_unknown_program_say_so(
    page: Page, page_watch: PageWatch, recording: Path
) -> None:
    content = json.loads(recording.read_text())
    recording.write_text(json.dumps({**content, "source_text": {}}))
    page.goto("/programs")
    until(page, READY)
    page.set_input_files("#recording", recording)
    page.wait_for_url("**/graphs/*")
    expect(page.locator('[data-panel="source"]')).to_contain_text("has no text of its program")
    page_watch.allow("404")
    response = page.goto("/programs/batchnorm")
    assert response is not None
    assert response.status == 404
    expect(page.get_by_role("alert")).to_contain_text("no program of this name")
    page.locator('.cards a[href$="/batch_norm"]').click()
    page.wait_for_url("**/programs/batch_norm*")


def open_recording(page: Page, folder: Path, f: Any, *args: Any) -> None:
    file = folder / "recording.json"
    explain(f, *args).save(file, source=True)
    page.goto("/programs")
    until(page, READY)
    page.set_input_files("#recording", file)
    page.wait_for_url("**/graphs/*")
    until(page, READY)


def recurrent(xs: Any, Wx: Any, W: Any) -> Any:
    h = np.zeros(3)
    for t in range(4):
        h = np.tanh(xs[t] @ Wx + W.sum((0, 1)) @ h)
    return (h**2).sum()


APART = """pairs => pairs.flatMap(([of, one, other]) =>
    [...document.querySelectorAll(of)].filter((e) => {
    const [p, q] = [one, other].map((each) => e.querySelector(each)?.getBoundingClientRect());
    return p && q && p.right > q.left && q.right > p.left && p.bottom > q.top && q.bottom > p.top;
}).map((e) => e.textContent))"""


def test_letters_do_not_lie_on_each_other(page: Page, tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    given = rng.normal(size=(4, 2)), rng.normal(size=(2, 3)), rng.normal(size=(2, 2, 3, 3))
    open_recording(page, tmp_path, recurrent, given[0], given[1], given[2] / 16)
    powers = page.locator('[data-panel="working"] .power')
    page.locator('.ribbon [data-line="dC_dxs"]').click()
    expect(powers.first).to_be_visible()
    pairs = [[".node", ".node-name", ".node-shape"], [".matrix", ".power", ".shape"]]
    assert page.evaluate(APART, pairs) == []


def windows(x: Any, w: Any) -> Any:
    out = np.zeros((2, 3, 3))
    for f in range(2):
        for i in range(3):
            for j in range(3):
                out[f, i, j] = np.sum(x[i : i + 2, j : j + 2] * w[f])
    return out


def in_a_call(x: Any, w: Any) -> Any:
    return np.mean(windows(x, w) ** 2)


def in_a_list(x: Any, w: Any) -> Any:
    out = np.array([[np.sum(x[i : i + 2, j : j + 2] * w[1]) for j in range(3)] for i in range(3)])
    return np.mean(out**2)


@pytest.mark.parametrize(("f", "entry"), [(in_a_call, "0,1,2"), (in_a_list, "1,2")])
def test_a_loop_in_a_call_or_a_list_is_one_line(
    page: Page, tmp_path: Path, f: Any, entry: str
) -> None:
    rng = np.random.default_rng(2)
    open_recording(page, tmp_path, f, rng.normal(size=(4, 4)), rng.normal(size=(2, 2, 2)))
    forward = page.locator('.ribbon .line[data-phase="forward"]')
    expect(forward).to_have_text(["out"])
    expect(page.locator("[data-node]")).to_have_count(4)
    forward.click()
    expect(page.locator(".node-opens").first).to_have_text(re.compile("open . runs"))
    page.locator(f'[data-panel="working"] .output [data-index="{entry}"]').click()
    read = page.locator('[data-panel="working"] [data-variable="x"] .read')
    # a press is drawn in the next frame
    expect(read.last).to_have_attribute("data-index", "2,3")
    places = read.evaluate_all("cells => cells.map((cell) => cell.dataset.index).sort()")
    assert places == ["1,2", "1,3", "2,2", "2,3"]
    # the way back adds up what comes from each place
    page.locator('.ribbon .line[data-phase="backward"]').last.click()
    expect(page.locator('[data-panel="working"] [data-variable^="dC_dout"] .read')).to_have_count(1)


def test_of_a_long_program_what_is_near_the_line_is_drawn(page: Page, tmp_path: Path) -> None:
    open_recording(page, tmp_path, long_chain(tmp_path, 150), np.ones((2, 3)))
    expect(node(page, "h0")).to_have_attribute("aria-current", "step")
    assert 20 < page.locator("[data-node]").count() < 45
    assert 60 < page.locator(".ribbon [data-line]").count() < 130
    expect(page.locator(".ribbon-place")).to_have_text("line 300 of 300")
    # a press on what stands for others leads to the nearest of them
    page.locator(".ribbon [data-line]").first.click()
    expect(page.locator(".ribbon-place")).to_have_text("line 240 of 300")
    expect(node(page, "h60")).to_have_attribute("aria-current", "step")
    assert 60 < page.locator(".ribbon [data-line]").count() < 130
    others = page.locator("[data-node]", has_text="more")
    name = others.last.get_attribute("data-node")
    others.last.click()
    expect(page.locator(f'[data-node="{name}"]')).to_have_count(0)
    expect(page.locator('[data-node][aria-current="step"]')).to_have_attribute(
        "data-node", str(name).split()[0]
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda _: "not JSON", "bx.explain(f, *args).save"),
        (lambda _: "[1, 2]", "no recording of a program"),
        (lambda old: json.dumps({**old, "version": 0}), "has version 0"),
        (lambda old: json.dumps({**old, "nodes": [{**old["nodes"][0], "op": "rm"}]}), "nodes"),
    ],
)
def test_a_file_that_is_no_recording_says_what_is_wrong(
    page: Page, page_watch: PageWatch, recording: Path, change: Any, said: str
) -> None:
    page_watch.allow("422")
    page.goto("/programs")
    until(page, READY)
    recording.write_text(change(json.loads(recording.read_text())))
    page.set_input_files("#recording", recording)
    expect(page.locator('[data-slot="said"]')).to_contain_text(said)


def test_on_a_phone_picture_code_and_givens_are_tabs(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    open_program(page, "rnn")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    for shown in ("source", "given", "graph"):
        page.locator(f'[data-tab="{shown}"]').click()
        expect(page.locator(f".{shown}")).to_be_visible()
        assert page.locator("main > :is(.source, .given, .graph):visible").count() == 1
    assert violations(page) == []


def test_a_picture_draws_all_that_is_added_and_code_is_not_cut(page: Page) -> None:
    open_program(page, "batch_norm#line=var&beside=picture")
    picture = page.locator(".picture svg")
    expect(picture).to_have_attribute("data-picture", "sum")
    expect(picture.locator(".bar")).to_have_count(4)  # each sample's square, divided by 4
    expect(page.locator(".picture-said")).to_contain_text("the factor of the sum")
    source = page.locator('[data-panel="source"]')
    assert source.evaluate("box => box.scrollWidth <= box.clientWidth")


LETTERS = """() => {
    const seen = document.querySelector('.graph-scroll').getBoundingClientRect();
    const rects = (of) =>
        [...document.querySelectorAll(of)].map((each) => each.getBoundingClientRect());
    const boxes = rects('.node .box');
    const texts = [...document.querySelectorAll('.graph svg text')];
    const size = (e) => parseFloat(getComputedStyle(e).fontSize) * e.getScreenCTM().a;
    const pills = rects('.pill rect');
    const covers = (p, q) => Math.min(p.right, q.right) - Math.max(p.left, q.left) > 1
        && Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top) > 1;
    return {
        least: Math.min(...texts.map(size)),
        covered: pills.filter((pill) => boxes.some((box) => covers(pill, box))).length,
        pills: pills.length,
        whole: boxes.every((box) => box.right <= seen.right + 1 && box.bottom <= seen.bottom + 1),
    };
}"""


@pytest.mark.parametrize("name", ["layer_norm", "conv_digit"])
def test_a_wide_picture_has_its_columns_closer(page: Page, name: str) -> None:
    open_program(page, name)
    expect(page.locator(".node").first).to_be_visible()
    found = page.evaluate(LETTERS)
    assert found["whole"]
    assert found["least"] >= 10
    assert page.locator(".graph-scroll").evaluate("box => box.scrollWidth <= box.clientWidth")


def test_a_frame_with_room_has_the_code_beside_the_picture(page: Page) -> None:
    open_program(page, "batch_norm?embed=1#line=dC_dvar")
    source, graph = (page.locator(f".program-desk > .{each}") for each in ("source", "graph"))
    for width, fits in ((1440, True), (1120, True), (1024, True), (1000, False)):
        page.set_viewport_size({"width": width, "height": 854})
        expect(source).to_be_visible(visible=fits)
        code, picture = source.bounding_box(), graph.bounding_box()
        assert picture
        assert picture["x"] + picture["width"] == width
        if fits:
            assert code
            assert (code["x"] + code["width"], code["height"]) == (picture["x"], picture["height"])
    page.set_viewport_size({"width": 1120, "height": 854})
    source.locator("[data-source-line]", has_text="mu = x.mean").click()
    expect(page.locator('[data-panel="working"]')).to_have_attribute("data-line", "dC_dmu")


def test_letters_of_the_picture_can_be_read_and_numbers_cover_no_node(page: Page) -> None:
    open_program(page, "batch_norm#line=dC_dx")
    expect(page.locator(".pill")).to_have_count(3)
    found = page.evaluate(LETTERS)
    assert found["least"] >= 10
    assert found["covered"] == 0
    assert found["whole"]
    page.set_viewport_size({"width": 390, "height": 844})
    page.reload()
    until(page, READY)
    expect(page.locator(".pill")).to_have_count(3)
    assert page.evaluate(LETTERS)["least"] >= 10


def test_two_readers_in_one_line_have_names_of_their_own(page: Page) -> None:
    open_program(page, "attention#line=dC_dE")
    parts = page.locator('.ribbon .parts:has([data-line="dC_dE"]) [data-line]')
    expect(parts).to_have_text(["𝑃", "𝐸.sum(…)", "Σ"])
