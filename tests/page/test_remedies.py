"""What is offered against what ails a run: a branch where that can help, else the run again."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import action, field, go_to, go_to_step, held, number, open_page, readout

pytestmark = pytest.mark.shared_page


def deep(layers: int) -> str:
    """A network of so many layers of sigmoids."""
    return "&".join(
        f"network.layers.{k}.units={n}&network.layers.{k}.activation=sigmoid"
        for k, n in enumerate([5] * (layers - 1) + [1])
    )


DEEP = deep(7)
# A run that learns for a while and is then driven too fast.
DRIVEN = (
    "dataset.name=sine&network.layers.0.units=5&network.layers.0.activation=tanh"
    "&network.layers.1.units=1&network.layers.1.activation=identity&cost.name=mse"
    "&edits.0.step=10&edits.0.set=learning_rate&edits.0.to="
)


def test_the_cause_comes_before_its_symptoms_and_all_are_reached(page: Page) -> None:
    open_page(page, "#optimizer.learning_rate=48&step=40")
    alarms = page.locator('[data-slot="alarms"]')
    expect(alarms).to_contain_text("The learning rate 48 throws the weights too far")
    offers = alarms.locator('[data-action="remedy"]')
    expect(offers).to_have_text(["Try learning rate 0.1, again from update 0"])
    more = action(page, "next-alarm")
    expect(more).to_have_text("and 3 more")
    for kind in ("vanishing", "saturated", "saturated"):
        more.click()
        expect(alarms.locator("[data-alarm]")).to_have_attribute("data-alarm", kind)
        expect(offers).to_have_text(["Try learning rate 0.1, again from update 0"])
    more.click()
    expect(alarms).to_contain_text("The learning rate 48 throws the weights too far")


def test_a_sigmoid_output_that_is_right_is_not_ill(page: Page) -> None:
    open_page(page, "#step=2000&tab=health")
    output = page.locator('[data-slot="health"] [data-layer="3"] td').nth(1)
    expect(output).to_have_text(re.compile("^[5-9][0-9] %"))
    expect(output).not_to_have_class(re.compile("bad"))


def test_other_first_weights_begin_again_and_say_so(page: Page) -> None:
    open_page(page, "#network.initializer=zeros&step=4")
    offer = page.locator('[data-alarm="symmetric"] [data-action="remedy"]').first
    expect(offer).to_have_text("Xavier weights, again from update 0")
    offer.click()
    expect(readout(page, "step")).to_have_text("0")
    # The run that there was stays beside it.
    expect(page.locator('[data-run="reference"]')).to_be_visible()
    expect(page.locator('[data-run="current"]')).to_contain_text("xavier")
    page.keyboard.press("Control+z")
    expect(readout(page, "step")).to_have_text("4")
    # At the beginning nothing is begun again.
    page.keyboard.press("Home")
    expect(offer).to_have_text("Xavier weights")


@pytest.mark.exhaustive
def test_an_offer_changes_the_run_that_there_is(page: Page) -> None:
    open_page(page, f"#{DEEP}")
    offer = page.locator('[data-alarm="vanishing"] [data-action="remedy"]').first
    expect(offer).to_have_text("Use ReLU")
    # The same alarm, of another run.
    field(page, "optimizer.learning_rate").fill("0.5")
    field(page, "optimizer.learning_rate").press("Enter")
    expect(page).to_have_url(re.compile("learning_rate=0.5"))
    offer.click()
    expect(field(page, "network.layers.0.activation")).to_have_value("relu")
    expect(page).to_have_url(re.compile("activation=relu.*learning_rate=0.5"))


def test_an_offer_is_taken_though_its_alarm_changes_meanwhile(page: Page) -> None:
    open_page(page, f"#{deep(6)}&optimizer.learning_rate=1&step=17")
    alarm = page.locator('[data-alarm="vanishing"]')
    before = str(alarm.locator("p").get_attribute("title"))
    with held(page, alarm.locator('[data-action="remedy"]').first):
        page.keyboard.press(".")
        expect(alarm.locator("p")).not_to_have_attribute("title", before)
    expect(page.locator('[data-run="current"]')).to_contain_text("relu from update 18")


def test_a_run_that_diverged_goes_on_from_its_best_step(page: Page) -> None:
    straight = DRIVEN.split("&edits")[0].replace("tanh", "identity")
    open_page(page, f"#{straight}&optimizer.name=momentum&optimizer.learning_rate=0.3&step=500")
    diverged = int(number(readout(page, "step")))
    offer = page.locator('[data-alarm="diverged"] [data-action="remedy"]').first
    expect(offer).to_have_text(re.compile(r"^Try learning rate 0\.03 from update \d+$"))
    best = int(offer.inner_text().split()[-1])
    assert 0 < best < diverged
    offer.click()
    expect(page.locator('[data-run="current"]')).to_contain_text(f"0.03 from update {best}")
    expect(page.locator('[data-run="reference"]')).to_be_visible()
    expect(readout(page, "step")).to_have_text(str(best))
    go_to_step(page, 400)  # beyond the step that the other did not survive
    expect(page.locator('[data-alarm="diverged"]')).to_have_count(0)


@pytest.mark.exhaustive
def test_a_rate_that_an_edit_set_is_changed_where_it_was_set(page: Page) -> None:
    open_page(page, f"#{DRIVEN}1000&step=500")
    offer = page.locator('[data-alarm="diverged"] [data-action="remedy"]').first
    expect(offer).to_have_text("Try learning rate 0.1, again from update 10")
    offer.click()
    expect(readout(page, "step")).to_have_text("10")
    expect(page.locator('[data-panel="edits"] li')).to_contain_text("learning rate 0.1")
    go_to_step(page, 400)
    # A run that only did harm begins again.
    go_to(page, f"#{DRIVEN.split('&edits')[0]}&optimizer.learning_rate=1e6&step=500")
    expect(offer).to_have_text(re.compile(r"^Try learning rate [\d.]+, again from update 0$"))
    offer.click()
    expect(readout(page, "step")).to_have_text("0")
    action(page, "step").click()
    expect(readout(page, "step")).to_have_text("1")


@pytest.mark.exhaustive
def test_two_offers_fit_a_phone(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    iris = "dataset.name=iris&dataset.test_fraction=0&dataset.standardize=false"
    net = "network.layers.0.units=8&network.layers.0.activation=sigmoid&network.layers.1.units=3"
    net += "&network.layers.1.activation=softmax&network.initializer=normal&network.seed=1"
    open_page(page, f"#{iris}&{net}&cost.name=cross_entropy&step=3")
    offers = page.locator('[data-alarm="saturated"] [data-action="remedy"]')
    expect(offers).to_have_count(2)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    for k in range(2):
        box = offers.nth(k).bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= 390
