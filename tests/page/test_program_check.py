"""The page of a program's check: marks, inputs tried, yours beside right, the order of writes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from backprop_explorer import check_code
from tests.browser import READY, until
from tests.helpers.axe import violations
from tests.helpers.browsers import PageWatch
from tests.tutor.program.test_cases import centred, centred_back, pool, pool_back

pytestmark = pytest.mark.shared_page


def two_layers(x: Any, V: Any, W: Any) -> Any:
    h = np.tanh(x @ V)
    y = h @ W
    cost = (y**2).sum()
    dh = 2 * y @ W
    return cost, x.T @ (dh * (1 - h**2)), h.T @ (2 * y)


@pytest.fixture(scope="module")
def checks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("checks")
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(4, 4)), rng.normal(size=(2, 2))
    pooled = check_code(pool_back, y, forward=pool, args_of_forward=(x, 2, 2))
    pooled.save(folder / "pool.json")
    found = check_code(centred_back, x, forward=centred, args_of_forward=(x.copy(),))
    found.save(folder / "centred.json")
    V, W = rng.normal(size=(4, 3)), rng.normal(size=(3, 3))
    check_code(two_layers, x, V, W).save(folder / "two_layers.json")
    return folder


def open_check(page: Page, file: Path) -> dict[str, Any]:
    page.goto("/programs")
    until(page, READY)
    page.set_input_files("#recording", file)
    page.wait_for_url("**/check/*")
    until(page, READY)
    content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return content


def test_a_hidden_mistake_is_shown_by_another_input(page: Page, checks: Path) -> None:
    content = open_check(page, checks / "pool.json")
    names = [each["name"] for each in content["cases"]]
    expect(page.locator('[data-slot="verdict"]')).to_contain_text("wrong with stride = 1")
    cards = page.locator(".case")
    expect(cards).to_have_count(len(names))
    expect(page.locator('.case[aria-pressed="true"] strong')).to_have_text("stride = 1")
    wrong = content["cases"][names.index("stride = 1")]
    row = page.locator('[data-source-line][aria-current="step"]')
    expect(row).to_have_attribute("data-source-line", str(wrong["first_wrong"]))
    expect(row).to_have_attribute("data-status", "wrong")
    # yours − right = difference, with the numbers of the file
    result = wrong["results"][0]
    shown = page.locator(".yours-right .matrix")
    expect(shown).to_have_count(3)
    titles = shown.nth(1).locator("td").evaluate_all("all => all.map((td) => td.title)")
    assert [float(each.replace("\N{MINUS SIGN}", "-")) for each in titles] == pytest.approx(
        result["right"]["numbers"]
    )
    differ = [
        abs(a - b) > 1e-9
        for a, b in zip(result["mine"]["numbers"], result["right"]["numbers"], strict=True)
    ]
    expect(shown.nth(2).locator(".differs")).to_have_count(sum(differ))
    # the chosen entry was written more than once; the last write stays
    writes = page.locator(".entry-written tbody tr")
    assert writes.count() > 1
    expect(writes.last).to_contain_text("stays")
    expect(writes.first).to_contain_text("written over")
    expect(page.locator('[data-slot="why"]')).to_contain_text("at most once")
    # the windows of x that these writes read, framed; what lies in several of all nine underlined
    windows = page.locator(".windows")
    expect(windows.locator("figcaption")).to_contain_text(f"x {writes.count()} windows have")
    expect(windows.locator(".window-frame")).to_have_count(writes.count())
    expect(page.locator(".entry-written .window-icon .entry")).to_have_count(writes.count())
    expect(windows.locator(".in-several")).to_have_count(12)
    shown_x = windows.locator("[data-entry] title").evaluate_all(
        "all => all.map((e) => e.textContent)"
    )
    assert [float(each.replace("\N{MINUS SIGN}", "-")) for each in shown_x] == pytest.approx(
        result["windows"]["numbers"]
    )
    page.keyboard.press("1")
    expect(page.locator('.case[aria-pressed="true"] strong')).to_have_text("yours")
    expect(page.locator(".differs")).to_have_count(0)
    page.keyboard.press("ArrowUp")
    expect(row).not_to_have_attribute("data-source-line", str(wrong["first_wrong"]))
    assert violations(page) == []


def test_a_missing_path_is_drawn_and_an_entry_followed_by_keys(page: Page, checks: Path) -> None:
    open_check(page, checks / "centred.json")
    # lines of the forward pass are right: the gradient is that of what they compute
    forward = page.locator('[data-source-line][title="forward pass"]')
    assert forward.count() > 1
    for row in forward.all():
        expect(row).to_have_attribute("data-status", "right")
    expect(page.locator('[data-slot="verdict"] h2')).to_have_text("One path is missing: through mu")
    # x → y, and x → mu → y, of which nothing is in the result; what comes in also leaves
    graph = page.locator(".path-graph")
    expect(graph.locator(".node-name")).to_have_text(["x", "mu", "y"])
    expect(graph.locator("> path")).to_have_count(3)
    expect(graph.locator("> path.missing")).to_have_count(2)
    expect(graph.locator("g.missing .node-note")).to_have_text("missing")
    first, second = graph.locator(".edge-part.missing").all_text_contents()
    assert first == second
    lost = page.locator(".entry-written tr.missing td.math").text_content() or ""
    assert float(first.replace("\N{MINUS SIGN}", "-")) == pytest.approx(
        float(lost.replace("\N{MINUS SIGN}", "-")), rel=0.01
    )
    parts = page.locator(".entry-written tbody tr")
    expect(parts).to_have_count(2)
    expect(parts.last).to_contain_text("not in yours")
    page.locator('.yours-right .output [data-index="0,0"]').click()
    heading = page.locator(".entry-written h3")
    expect(heading).to_contain_text("[0, 0]")
    page.locator('.yours-right .output [data-index="0,0"]').focus()
    page.keyboard.press("ArrowRight")
    expect(heading).to_contain_text("[0, 1]")
    address = page.url
    page.goto("/programs")
    page.goto(address)
    until(page, READY)
    expect(heading).to_contain_text("[0, 1]")
    assert violations(page) == []


def test_a_result_that_a_later_line_makes_is_named(page: Page, checks: Path) -> None:
    open_check(page, checks / "two_layers.json")
    wrong = two_layers.__code__.co_firstlineno + 4
    title = page.locator('[data-slot="line-title"]')
    expect(title).to_have_text(f"∂C/∂V, after line {wrong} on your input")
    expect(page.locator(".yours-right")).to_contain_text("yours  result[1]")


def test_on_a_phone_the_verdict_comes_first(page: Page, checks: Path) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    open_check(page, checks / "centred.json")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    verdict = page.locator('[data-slot="verdict"]').bounding_box()
    code = page.locator('[data-panel="source"]').bounding_box()
    assert verdict
    assert code
    assert verdict["y"] < code["y"]
    expect(page.locator(".yours-right .output td:visible")).to_have_count(16)


def test_a_check_that_is_damaged_or_gone_says_so(
    page: Page, page_watch: PageWatch, checks: Path, tmp_path: Path
) -> None:
    page_watch.allow("422")
    page_watch.allow("404")
    content = json.loads((checks / "pool.json").read_text(encoding="utf-8"))
    content["cases"][0]["results"][0]["mine"]["numbers"].pop()
    (tmp_path / "bad.json").write_text(json.dumps(content))
    page.goto("/programs")
    until(page, READY)
    page.set_input_files("#recording", tmp_path / "bad.json")
    expect(page.locator('[data-slot="said"]')).to_contain_text("cases.0.results.0.mine")
    page.goto("/check/00000000000000000000")
    expect(page.get_by_role("heading")).to_have_text("There is no check at this address")
    page.get_by_role("link", name="open its saved file").click()
    page.wait_for_url("**/programs#recording-title")
