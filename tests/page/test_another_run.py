"""Another experiment while the run plays, or while something that was typed is still to be sent."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress

import pytest
from playwright.sync_api import Error, Page, Request, Route, expect

from tests.browser import (
    READY,
    action,
    expect_working_of,
    field,
    figure,
    go_to_step,
    open_page,
    readout,
    until,
)
from tests.helpers.browsers import PageWatch
from tests.helpers.cases import exhaustive
from tests.helpers.holding import Held
from tests.helpers.lesson_page import DA, SEED, open_lesson, remember
from tests.helpers.lessons import ONE, right_answers

pytestmark = pytest.mark.shared_page

RATE = "optimizer.learning_rate"
FRAME = re.compile(r"/experiments/([0-9a-f]{20})/(?:frames/|steps\?first=)(\d+)")
LIVE = "once="  # only the player asks for it


def of(request: Request) -> tuple[str, int]:
    """(experiment, step) of a frame that is asked for."""
    found = FRAME.search(request.url)
    assert found is not None, request.url
    return found[1], int(found[2])


def frame_requests(page: Page, kind: str = "include=") -> list[tuple[str, int]]:
    """(experiment, step) of all frames that are asked for from now on."""
    asked: list[tuple[str, int]] = []

    def note(request: Request) -> None:
        if FRAME.search(request.url) and kind in request.url:
            asked.append(of(request))

    page.on("request", note)
    return asked


def next_drawing(page: Page) -> None:
    """Wait until the page has been drawn once more."""
    page.evaluate("() => new Promise(requestAnimationFrame)")


def change_rate(page: Page, rate: str) -> None:
    """Set the learning rate and wait until the run with it is there."""
    with page.expect_response(lambda r: bool(FRAME.search(r.url)) and r.ok):
        field(page, RATE).fill(rate)
        field(page, RATE).press("Enter")
    expect(page).to_have_url(re.compile(f"learning_rate={rate}"))
    field(page, RATE).blur()


def play_until(page: Page, step: int) -> None:
    """Play, and wait until a step has passed."""
    action(page, "play").click()
    page.wait_for_function(
        "step => Number(document.querySelector('[data-readout=step]').textContent) >= step",
        arg=step,
    )


def go_back(page: Page) -> None:
    """The browser's Back."""
    page.go_back()


def take_back(page: Page) -> None:
    """Without the change on the way."""
    action(page, "edit-remove").click()


def prepare(page: Page, how: Callable[[Page], None]) -> None:
    """Two runs, one of them shown."""
    if how is take_back:
        open_page(page, "#step=0&edits.0.step=0&edits.0.set=learning_rate&edits.0.to=0.5")
        return
    open_page(page)
    change_rate(page, "0.5")


@pytest.mark.parametrize("how", [exhaustive(go_back), take_back])
def test_what_plays_goes_on_with_the_run_that_is_opened(
    page: Page, how: Callable[[Page], None]
) -> None:
    prepare(page, how)
    play_until(page, 6)
    held: list[Route] = []

    def hold(route: Route) -> None:
        if held and of(route.request)[0] != of(held[0].request)[0]:
            route.continue_()
        else:
            held.append(route)

    page.route(re.compile(r"/steps\?"), hold)
    while not held:
        next_drawing(page)
    old, coming = of(held[0].request)
    # The frame before the held one is shown, and nothing more comes of the old run.
    last = coming - 1
    expect(readout(page, "step")).to_have_text(str(last))
    asked = frame_requests(page, LIVE)
    with page.expect_response(lambda r: "/steps?" in r.url and old not in r.url and r.ok):
        how(page)
    for each in held:
        with suppress(Error):  # it is not wanted any more
            each.continue_()
    start = 0 if how is go_back else last
    page.wait_for_function(
        "step => Number(document.querySelector('[data-readout=step]').textContent) >= step",
        arg=start + 3,
    )
    action(page, "pause").click()
    expect(action(page, "play")).to_be_visible()
    assert [step for of_run, step in asked if of_run != old][:2] == [start + 1, start + 2]


def test_a_refused_change_leaves_frame_and_working_of_one_step(
    page: Page, page_watch: PageWatch
) -> None:
    page_watch.allow("422")
    open_page(page)
    play_until(page, 6)
    steps = re.compile(r"/steps\?")
    with page.expect_request(steps):
        page.route(steps, lambda _: None)  # the next steps do not come
    page.unroute(steps)
    noise = field(page, "dataset.noise")
    noise.fill("99")
    noise.press("Enter")
    expect(page.locator('[data-problem="dataset.noise"]')).to_be_visible()
    expect(action(page, "play")).to_be_visible()
    expect_working_of(page, int(readout(page, "step").inner_text()))
    expect(noise).to_have_value("99")


def type_and(page: Page, then: str) -> None:
    """Type a learning rate, and do something before it is sent."""
    page.evaluate(
        f"""() => {{
            const rate = document.querySelector('[data-field="{RATE}"]');
            rate.value = '0.7';
            rate.dispatchEvent(new Event('input', {{bubbles: true}}));
            {then};
        }}"""
    )


@pytest.mark.exhaustive
def test_a_pause_after_typing_is_not_meant_in_the_new_run(page: Page) -> None:
    open_page(page)
    play_until(page, 6)
    asked = frame_requests(page)
    with page.expect_response(lambda r: r.url.endswith("/experiments")) as made:
        type_and(page, "document.querySelector('[data-action=pause]').click()")
    new = made.value.json()["id"]
    expect_working_of(page, 0)
    expect(readout(page, "verified")).to_contain_text("autograd")
    action(page, "step").click()
    expect_working_of(page, 1)
    expect(action(page, "play")).to_be_visible()
    assert [step for of_run, step in asked if of_run == new] == [0, 1]


@pytest.mark.exhaustive
def test_play_before_a_change_is_there_plays_the_new_run(page: Page) -> None:
    open_page(page, "#step=30")
    type_and(page, "document.querySelector('[data-action=play]').click()")
    expect(action(page, "pause")).to_be_visible()
    with page.expect_request(lambda r: LIVE in r.url) as asked:
        pass
    assert of(asked.value)[1] == 1
    action(page, "pause").click()
    expect(page).to_have_url(re.compile("learning_rate=0.7"))


@pytest.mark.exhaustive
def test_back_takes_the_place_of_what_was_typed(lone_page: Page) -> None:
    page = lone_page
    page.clock.install()
    open_page(page)
    change_rate(page, "0.5")
    type_and(page, "history.back()")
    expect(field(page, RATE)).to_have_value("0.1")
    page.clock.run_for(1000)
    go_to_step(page, 5)
    expect(field(page, RATE)).to_have_value("0.1")
    assert "learning_rate=0.7" not in page.url


def test_the_next_card_takes_the_place_of_what_was_typed(lone_page: Page) -> None:
    page = lone_page
    page.clock.install()
    remember(page, right_answers(ONE, SEED))
    open_lesson(page, card=DA)
    action(page, "training").click()
    action(page, "experiment").click()
    type_and(page, "document.querySelector('[data-action=card-next]').click()")
    expect(page).to_have_url(re.compile(f"#card={DA + 2}$"))
    page.clock.run_for(1000)
    action(page, "step").click()
    expect(readout(page, "step")).to_have_text("1")
    expect_working_of(page, 1)
    expect(field(page, RATE)).to_have_value("0.1")


@pytest.mark.exhaustive
def test_a_field_that_is_typed_in_follows_what_is_opened(page: Page) -> None:
    open_page(page)
    change_rate(page, "0.5")
    field(page, RATE).press("End")
    field(page, RATE).press("4")
    expect(page).to_have_url(re.compile("learning_rate=0.54"))
    page.go_back()
    expect(page).to_have_url(re.compile("learning_rate=0.5&"))
    expect(field(page, RATE)).to_be_focused()
    expect(field(page, RATE)).to_have_value("0.5")
    # Leaving it changes nothing.
    with page.expect_response(lambda r: "/steps?" in r.url):
        action(page, "step").click()
    expect_working_of(page, 1)
    expect(field(page, RATE)).to_have_value("0.5")
    assert "learning_rate=0.5&" in page.url


@pytest.mark.exhaustive
def test_a_step_in_the_address_ends_the_play(page: Page) -> None:
    open_page(page, "#step=2")
    play_until(page, 6)
    page.evaluate("() => location.hash = location.hash.replace('step=2&', 'step=3&')")
    expect(action(page, "play")).to_be_visible()
    expect_working_of(page, 3)
    expect(readout(page, "step")).to_have_text("3")


def test_a_change_on_the_way_or_a_stop_of_the_path_that_is_gone_to_ends_the_play(
    page: Page,
) -> None:
    change = "edits.0.step=2&edits.0.set=learning_rate&edits.0.to=0.5"
    open_page(page, f"#line=z1&step=2&{change}")
    play_until(page, 6)
    page.locator('[data-panel="edits"] button.link').click()
    expect(action(page, "play")).to_be_visible()
    expect_working_of(page, 2)
    page.locator('[data-variable="W1"] [data-index="2,1"]').click()
    action(page, "step-before").click()
    expect_working_of(page, 1)
    play_until(page, 6)
    page.locator("nav.path button.stop").first.click()
    expect(action(page, "play")).to_be_visible()
    expect_working_of(page, 2)


@pytest.mark.exhaustive
def test_while_playing_other_axes_come_with_the_next_frames(page: Page) -> None:
    open_page(
        page,
        "#dataset.name=iris&network.layers.0.units=3&network.layers.0.activation=softmax&cost.name=cross_entropy",
    )
    play_until(page, 6)
    whole = frame_requests(page, "curves%2Chealth")
    axes = frame_requests(page, "axes=")
    page.locator('[data-control="axis-1"]').select_option(index=3)
    while len(axes) < 5:
        next_drawing(page)
    # A frame of the step at which they were chosen would come late and lead back.
    assert whole == []
    action(page, "pause").click()


@pytest.mark.exhaustive
def test_another_link_while_the_first_is_on_its_way(page: Page) -> None:
    page.route("**/api/v1/experiments", lambda _: None, times=1)
    with page.expect_request("**/api/v1/experiments"):
        page.goto("/#optimizer.learning_rate=0.3")
    page.evaluate("() => location.hash = '#optimizer.learning_rate=0.4'")
    until(page, READY)
    expect(field(page, RATE)).to_have_value("0.4")
    expect(page).to_have_url(re.compile("learning_rate=0.4"))


@pytest.mark.exhaustive
def test_other_axes_are_no_wish_for_a_step_of_the_new_run(page: Page) -> None:
    iris = "&".join(f"network.layers.0.{part}" for part in ("units=3", "activation=softmax"))
    open_page(page, f"#dataset.name=iris&cost.name=cross_entropy&step=40&{iris}")
    with page.expect_response(lambda r: r.url.endswith("/experiments")):
        type_and(
            page,
            "const axis = document.querySelector('[data-control=axis-1]');"
            "axis.value = '3'; axis.dispatchEvent(new Event('change', {bubbles: true}))",
        )
    expect(page).to_have_url(re.compile("learning_rate=0.7"))
    action(page, "step").click()
    expect_working_of(page, 1)
    expect(figure(page, "data")).to_contain_text(re.compile("petal width", re.IGNORECASE))


def test_axes_chosen_while_a_run_is_on_its_way_stay(page: Page) -> None:
    iris = "&".join(f"network.layers.0.{part}" for part in ("units=3", "activation=softmax"))
    open_page(page, f"#dataset.name=iris&cost.name=cross_entropy&{iris}")
    frames = Held(page, FRAME.pattern)
    field(page, "batch.size").fill("7")
    frames.wait()
    page.locator('[data-control="axis-1"]').select_option(index=3)
    frames.release()
    expect(page).to_have_url(re.compile(r"axes=\[0,3\].*batch.size=7"))
    expect(figure(page, "data")).to_contain_text(re.compile("petal width", re.IGNORECASE))
    expect(page.locator('[data-control="axis-1"]')).to_have_value("3")


@pytest.mark.exhaustive
def test_a_link_whose_table_is_elsewhere_leaves_the_run_on_screen(
    page: Page, page_watch: PageWatch
) -> None:
    page_watch.allow("422")
    open_page(page, "#step=4")
    cost = readout(page, "cost-train").inner_text()
    page.evaluate(
        "() => location.hash = location.hash.replace(/dataset.name=.*&network.layers.0.u/,"
        f" 'dataset.name=uploaded&dataset.id={'0' * 20}&network.layers.0.u')"
        ".replace('step=4', 'step=9')"
    )
    expect(page.locator('[data-slot="notice"]')).to_contain_text("needs a table")
    expect_working_of(page, 4)
    expect(readout(page, "step")).to_have_text("4")
    expect(readout(page, "cost-train")).to_have_text(cost)
