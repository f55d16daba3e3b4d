"""Playing: play, pause, step, back, any step, speed; the same numbers whenever one comes back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Request, expect

from tests.browser import (
    action,
    choose_line,
    expect_working_of,
    field,
    figure,
    go_to_step,
    number,
    open_elsewhere,
    open_page,
    readout,
    traces,
)
from tests.helpers import cases
from tests.helpers.browsers import PageWatch
from tests.helpers.holding import Held

pytestmark = pytest.mark.shared_page


def working_numbers(page: Page) -> list[str]:
    """Every number that the working shows."""
    return page.locator('[data-panel="working"] [data-index]').all_inner_texts()


def test_the_first_visit_shows_a_live_example_which_is_played_and_pausing_stops_it(
    page: Page,
) -> None:
    open_page(page)
    expect(readout(page, "step")).to_have_text("0")
    expect(field(page, "dataset.name")).to_have_value("moons")
    expect(action(page, "play")).to_be_in_viewport()
    expect(page.locator('[data-panel="working"] math').first).to_be_visible()
    for name in ("network", "data"):
        expect(figure(page, name)).to_be_in_viewport()
    for name in ("gradient-flow", "training-curves"):
        page.locator(f"#tab-{name}").click()
        expect(figure(page, name)).to_be_in_viewport()
    height = page.evaluate("document.documentElement.scrollHeight")
    assert height <= 900
    play_and_pause(page)


def play_and_pause(page: Page) -> None:
    """Playing lowers the cost, and pausing stops at once."""
    page.evaluate("document.activeElement.blur()")
    before = number(readout(page, "cost-train"))
    # The space bar does the same.
    page.keyboard.press("Space")
    expect(action(page, "pause")).to_be_visible()
    page.keyboard.press("Space")
    expect(action(page, "play")).to_be_visible()
    action(page, "play").click()
    expect(action(page, "pause")).to_be_visible()
    expect(readout(page, "step")).to_have_text(re.compile(r"^(\d{3,}|[2-9]\d)$"))
    action(page, "pause").click()
    expect(action(page, "play")).to_be_visible()
    stopped = number(readout(page, "step"))
    assert number(readout(page, "cost-train")) < before
    # The curve goes as far as the training does, and no further.
    page.locator("#tab-training-curves").click()
    page.wait_for_function(
        "step => Math.max(...document.querySelector('[data-figure=\"training-curves\"]')"
        ".data.flatMap(t => [...(t.x || [])])) === step",
        arg=stopped,
    )
    assert number(readout(page, "step")) == stopped


def test_a_step_forward_and_back_or_on_the_curve_gives_the_same_numbers(page: Page) -> None:
    open_page(page)
    field(page, "optimizer.learning_rate").fill("0.3")
    field(page, "optimizer.learning_rate").press("Enter")
    expect(page).to_have_url(re.compile("learning_rate=0.3"))
    choose_line(page, "dC_dW1")
    go_to_step(page, 120)
    expect(readout(page, "verified")).to_contain_text("autograd")
    seen = working_numbers(page)
    cost = readout(page, "cost-train").inner_text()
    assert len(seen) > 8
    action(page, "step").click()
    expect_working_of(page, 121)
    assert working_numbers(page) != seen
    action(page, "back").click()
    expect_working_of(page, 120)
    expect(readout(page, "step")).to_have_text("120")
    assert working_numbers(page) == seen
    assert readout(page, "cost-train").inner_text() == cost
    # An earlier step is what it was, also after many others.
    go_to_step(page, 37)
    first = working_numbers(page)
    go_to_step(page, 400)
    assert working_numbers(page) != first
    go_to_step(page, 37)
    assert working_numbers(page) == first
    click_the_training_curve(page)
    expect_the_link_to_restore_the_view(page)


def click_the_training_curve(page: Page) -> None:
    """It goes to the step that is clicked."""
    before = readout(page, "step").inner_text()
    page.locator("#tab-training-curves").click()
    # A figure that was drawn before has other axes until it is drawn again.
    expect(figure(page, "training-curves")).to_have_attribute(
        "aria-label", re.compile("update 400;")
    )
    box = figure(page, "training-curves").locator(".nsewdrag").first.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 0.3 * box["width"], box["y"] + 0.5 * box["height"])
    expect(readout(page, "step")).not_to_have_text(before)
    assert 60 < number(readout(page, "step")) < 200
    # The gradient flow has a point for each layer.
    go_to_step(page, 50)
    page.locator("#tab-gradient-flow").click()
    expect(figure(page, "gradient-flow").locator(".main-svg").first).to_be_visible()
    shown = [t for t in traces(page, "gradient-flow") if t["type"] == "scatter" and t["x"]]
    assert [len(t["x"]) for t in shown[:2]] == [3, 3]
    assert all(x > 0 for t in shown[:2] for x in t["x"])


def expect_the_link_to_restore_the_view(page: Page) -> None:
    """Where nothing else is kept: the numbers of the step, its line, the settings."""
    expect(page).to_have_url(re.compile("step=50.*line=dC_dW1"))
    cost, seen = readout(page, "cost-train").inner_text(), working_numbers(page)
    open_elsewhere(page)
    expect(readout(page, "step")).to_have_text("50")
    expect(readout(page, "cost-train")).to_have_text(cost)
    expect(field(page, "optimizer.learning_rate")).to_have_value("0.3")
    expect(page.locator('[data-line="dC_dW1"][aria-current="step"]')).to_be_visible()
    expect_working_of(page, 50)
    assert working_numbers(page) == seen


def test_a_far_step_can_be_stopped_and_full_speed_makes_steps_between_frames(page: Page) -> None:
    open_page(page)
    box = page.locator('[data-control="step"]')
    box.fill("9000000")
    box.press("Enter")
    stop = action(page, "stop")
    expect(stop).to_be_visible()
    expect(page.get_by_role("progressbar")).to_be_visible()
    stop.click()
    expect(stop).to_be_hidden()
    # What was there before is still there and works.
    action(page, "step").click()
    expect(readout(page, "step")).to_have_text(re.compile(r"^\d+$"))
    # At full speed more steps are made between frames.
    speed = page.locator('[data-control="speed"]')
    speed.evaluate(
        "range => { range.value = range.max;"
        " range.dispatchEvent(new Event('input', {bubbles: true})); }"
    )

    def is_far(request: Request) -> bool:
        found = re.search(r"/steps\?.*every=(\d+)", request.url)
        return found is not None and int(found[1]) >= 2

    # How far depends on how busy the machine is.
    with page.expect_request(is_far, timeout=60_000):
        action(page, "play").click()
    page.keyboard.press("Space")
    expect(action(page, "play")).to_be_visible()


@pytest.mark.exhaustive
def test_while_playing_another_sample_waits_for_no_frame(page: Page) -> None:
    open_page(page)
    page.locator('[data-control="speed"]').evaluate(
        "range => { range.value = 2; range.dispatchEvent(new Event('input', {bubbles: true})); }"
    )
    action(page, "play").click()
    expect(readout(page, "step")).not_to_have_text("0")
    frames = Held(page, r"/steps\?.*every=")  # the player's
    x = page.locator('[data-panel="working"] [data-variable="x"] [data-index]')
    before = x.all_inner_texts()
    frames.wait()
    # The one before it is shown, and this one does not come.
    last = str(int(re.findall(r"first=(\d+)", frames.urls[0])[0]) - 1)
    expect(readout(page, "step")).to_have_text(last)
    page.keyboard.press("]")
    expect(x.first).not_to_have_text(before[0])
    expect(readout(page, "step")).to_have_text(last)
    frames.release()


def test_no_press_of_a_step_is_lost(page: Page) -> None:
    """Each counts from the step that was wished last, not from the one still on screen."""
    open_page(page, "#step=4")
    frames = Held(page, r"/steps\?")
    for _ in range(3):
        page.keyboard.press(".")
    page.keyboard.press(",")
    for _ in range(2):
        action(page, "step").click()
    action(page, "back").click()
    page.keyboard.press("]")  # asks for the step on its way, of another sample
    frames.wait()
    frames.release()
    expect_working_of(page, 7)
    expect(readout(page, "step")).to_have_text("7")
    expect(page).to_have_url(re.compile("sample=1"))


@pytest.mark.parametrize(("keys", "sample"), [(["]", "]"], "2"), (["b"], "batch")])
@pytest.mark.exhaustive
def test_a_sample_chosen_while_a_change_is_on_its_way_stays(
    page: Page, keys: list[str], sample: str
) -> None:
    open_page(page)
    frames = Held(page, r"/steps\?")
    field(page, "network.layers.0.activation").select_option("relu")
    frames.wait()
    page.evaluate("document.activeElement.blur()")
    for key in keys:
        page.keyboard.press(key)
    with page.expect_request(re.compile(rf"/steps\?.*sample={sample}")):
        frames.release()
    expect(page).to_have_url(re.compile(f"sample={sample}"))
    expect(page).to_have_url(re.compile("relu"))


@pytest.mark.exhaustive
def test_what_is_no_step_is_said_beside_its_field(page: Page, page_watch: PageWatch) -> None:
    page_watch.allow("422")
    open_page(page, "#step=4")
    box = page.locator('[data-control="step"]')
    said = page.locator('[data-problem="step"]')
    note = page.locator('[data-panel="experiment"] .note:not(.own-facts)')
    for text in ("12abc", "-5", "1e999", "1.5", ""):
        box.fill(text)
        box.press("Enter")
        expect(said).to_have_text("A whole number from 0 on is needed here.")
        expect(box).to_be_focused()
        expect(box).to_have_value(text)
        box.fill("2")
        box.fill(text)
    box.blur()
    expect(said).to_be_hidden()
    expect(box).to_have_value("4")
    box.fill("20,000,000")
    box.press("Enter")
    expect(said).to_contain_text("at most 10,000,000 steps")
    expect(said).to_be_in_viewport()
    expect(note).to_contain_text("parameters")
    go_to_step(page, 6)
    expect(said).to_be_hidden()
    expect(note).to_have_class("note")


def test_while_playing_no_step_is_shown_before_its_working(page: Page) -> None:
    """The working of another sample is asked for once, however long it takes."""
    open_page(page)
    page.locator('[data-control="speed"]').evaluate(
        "range => { range.value = 2; range.dispatchEvent(new Event('input', {bubbles: true})); }"
    )
    action(page, "play").click()
    expect(readout(page, "step")).not_to_have_text("0")
    workings = Held(page, r"/(steps|trace)\?")
    given_up: list[str] = []
    page.on("requestfailed", lambda request: given_up.append(request.url))
    workings.wait()
    held = int(re.findall(r"first=(\d+)", workings.urls[0])[0])
    expect(readout(page, "step")).to_have_text(str(held - 1))
    expect_working_of(page, held - 1)
    x = page.locator('[data-panel="working"] [data-variable="x"] [data-index]')
    before = x.all_inner_texts()
    with page.expect_request(re.compile(r"/steps\?.*sample=1&.*once=parameters")) as asked:
        page.keyboard.press("]")
    workings.release()
    expect(x.first).not_to_have_text(before[0])
    expect(readout(page, "step")).not_to_have_text(str(held - 1))
    assert asked.value.url not in given_up


@pytest.mark.exhaustive
def test_a_link_to_a_step_beyond_all_says_so_and_shows_the_first_visit(
    page: Page, page_watch: PageWatch
) -> None:
    page_watch.allow("422")
    for recipe in ("", "&optimizer.learning_rate=0.3"):
        page.goto("about:blank")
        open_page(page, f"#step=20000000{recipe}")
        expect(page.locator('[data-slot="notice"]')).to_contain_text("at most 10,000,000 steps")
        expect_working_of(page, 0)
    action(page, "step").click()
    expect_working_of(page, 1)


@pytest.mark.exhaustive
def test_the_accuracy_stands_below_the_cost_of_each_part(page: Page) -> None:
    open_page(page)
    go_to_step(page, 300)
    for part in ("train", "test"):
        expect(readout(page, f"accuracy-{part}")).to_have_text(re.compile(r"^(0\.\d{3}|1\.000)$"))
    assert number(readout(page, "accuracy-train")) > 0.7
    label = figure(page, "data").get_attribute("aria-label") or ""
    shown = float(label.split("accuracy ")[1].split(" on train")[0])
    assert abs(shown - number(readout(page, "accuracy-train"))) < 0.001
    # a regression has none
    field(page, "dataset.name").select_option("runge")
    expect(readout(page, "accuracy-train")).to_be_hidden()
    expect(readout(page, "cost-train")).to_be_visible()


def test_the_accuracy_moves_nothing(page: Page) -> None:
    places = """() => [...document.querySelectorAll('.transport output, .transport .scrub')]
        .map(e => e.closest('div').getBoundingClientRect().toJSON())"""
    open_page(page)
    sizes = [(1440, 900), (390, 844)]
    for width, height in [*sizes, (768, 1024)] if cases.everything else sizes:
        page.set_viewport_size({"width": width, "height": height})
        page.keyboard.press("Home")
        expect(readout(page, "step")).to_have_text("0")
        expect(readout(page, "accuracy-test")).to_be_in_viewport(ratio=1)
        before = page.evaluate(places)
        action(page, "step").click()
        expect(readout(page, "step")).to_have_text("1")
        assert page.evaluate(places) == before
        assert page.evaluate("document.documentElement.scrollWidth") == width
        expect(readout(page, "accuracy-test")).to_be_in_viewport(ratio=1)


def test_nothing_is_said_of_a_test_part_that_there_is_not(page: Page) -> None:
    open_page(page)
    share = field(page, "dataset.test_fraction")
    share.fill("0")
    share.press("Enter")
    expect(readout(page, "cost-test")).to_have_text("–")
    expect(readout(page, "accuracy-test")).to_be_hidden()
    for name in ("data", "training-curves"):
        page.locator(f"#tab-{name}").click()
        expect(figure(page, name)).to_have_attribute("aria-label", re.compile("on train"))
        expect(figure(page, name)).not_to_have_attribute(
            "aria-label", re.compile("test|not finite")
        )
