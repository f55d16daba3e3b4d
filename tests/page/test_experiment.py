"""Building an experiment on the page, and what the page says of values that cannot be."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser import (
    action,
    answered,
    expect_working_of,
    field,
    figure,
    go_to_step,
    line_ids,
    number,
    open_page,
    readout,
    traces,
)
from tests.helpers.browsers import PageWatch
from tests.helpers.cases import exhaustive

pytestmark = pytest.mark.shared_page


def choose(page: Page, path: str, value: str) -> None:
    """Choose an entry of a menu and wait until the working is the new experiment's."""
    with page.expect_response(lambda r: "/trace?" in r.url and r.ok):
        field(page, path).select_option(value)


def test_a_layer_can_be_added_widened_and_removed(page: Page) -> None:
    open_page(page)
    before = len(line_ids(page))
    action(page, "layer-add").click()
    expect(page.locator('[data-panel="ribbon"] [data-line="z4"]')).to_be_visible()
    assert len(line_ids(page)) == before + 2 + 4 + 2
    units = page.locator('[data-panel="experiment"]').get_by_text(re.compile(r"\d+ parameters"))
    parameters = number(units)
    action(page, "units-more").click()
    expect(units).not_to_have_text(re.compile(rf"^{parameters:.0f} "))
    action(page, "layer-remove").click()
    expect(page.locator('[data-panel="ribbon"] [data-line="z4"]')).to_have_count(0)


def has_trace(page: Page, condition: str) -> None:
    """Wait until a trace ``t`` of the data figure is such."""
    page.wait_for_function(
        f"() => document.querySelector('[data-figure=\"data\"]').data.some(t => {condition})"
    )


def test_output_and_figure_follow_the_data(page: Page) -> None:
    open_page(page)

    def expect_learned(dataset: str, last: str, units: int, step: int) -> None:
        go_to_step(page, step)
        expect(page).to_have_url(re.compile(f"dataset.name={dataset}.*units={units}&[^&]*={last}"))
        assert number(readout(page, "cost-train")) > 0, dataset

    # More features than two: axes can be chosen.
    choose(page, "dataset.name", "iris")
    axis = page.locator('[data-control="axis-1"]')
    expect(axis).to_be_visible()
    axis.select_option(index=3)
    expect(figure(page, "data")).to_contain_text(re.compile("petal", re.IGNORECASE))
    expect_learned("iris", "softmax", 3, step=5)
    counts = page.evaluate(
        "[...document.querySelector('[data-figure=\"data\"]').data]"
        ".filter(t => t.type === 'scatter').map(t => t.x.length)"
    )
    assert sum(1 for n in counts if n > 20) >= 3, "a class is missing"
    # A regression on one feature: the fitted curve.
    choose(page, "dataset.name", "sine")
    expect_learned("sine", "identity", 1, step=5)
    has_trace(page, "t.mode === 'lines' && t.x.length > 50")
    # Images are shown as such.
    choose(page, "dataset.name", "digits")
    expect(page.locator(".sample-picture:visible")).to_have_count(40)
    expect_learned("digits", "softmax", 10, step=5)
    check_plane_of_images(page, 5)


def check_plane_of_images(page: Page, step: int) -> None:
    """Choose the plane: it stays also after a working has come, and is in the address."""
    shown = page.locator('[data-figure="data"]')
    expect(shown).to_be_hidden()
    page.get_by_role("radio", name="plane").or_(page.get_by_role("button", name="plane")).click()
    expect(shown).to_have_attribute("aria-label", re.compile(f"prediction at update {step}"))
    action(page, "step").click()
    expect(shown).to_have_attribute("aria-label", re.compile(f"prediction at update {step + 1}"))
    expect_working_of(page, step + 1)
    page.keyboard.press("]")
    expect(page).to_have_url(re.compile("sample=1.*view=plane|view=plane.*sample=1"))
    expect(shown).to_have_attribute("aria-label", re.compile(f"prediction at update {step + 1}"))


# An optimizer, a parameter that it has, and a line of its update.
OPTIMIZERS = [
    ("momentum", "momentum", "velocity_W1_next"),
    ("rmsprop", "rho", "square_W1_next"),
    ("adam", "beta2", "v_hat_W1"),
]
OTHERS = [("adagrad", "epsilon", "sum_W1_next"), ("nesterov", "momentum", "velocity_W1_next")]


@pytest.mark.parametrize("optimizers", [OPTIMIZERS, exhaustive(OTHERS)], ids=["few", "rest"])
def test_every_optimizer_brings_its_parameters_and_lines(
    page: Page, optimizers: list[tuple[str, str, str]]
) -> None:
    open_page(page)
    for optimizer, parameter, line in optimizers:
        choose(page, "optimizer.name", optimizer)
        expect(field(page, f"optimizer.{parameter}")).to_be_visible()
        expect(page.locator(f'[data-panel="ribbon"] [data-line="{line}"]')).to_have_count(1)
    go_to_step(page, 5)


def test_a_value_that_cannot_be_is_said_beside_its_field(page: Page, page_watch: PageWatch) -> None:
    page_watch.allow("422")
    open_page(page)
    noise = field(page, "dataset.noise")
    noise.fill("99")
    noise.press("Enter")
    problem = page.locator('[data-problem="dataset.noise"]')
    expect(problem).to_be_visible()
    expect(problem).to_contain_text("1")
    # Nothing is lost: what was typed is there, and the last good experiment goes on.
    expect(noise).to_have_value("99")
    action(page, "step").click()
    expect(readout(page, "step")).to_have_text("1")
    noise.fill("0.1")
    noise.press("Enter")
    expect(problem).to_be_hidden()


@pytest.mark.exhaustive
def test_text_where_a_number_belongs_is_said_and_kept(page: Page) -> None:
    open_page(page)
    rate = field(page, "optimizer.learning_rate")
    rate.fill("fast")
    rate.press("Enter")
    expect(page.locator('[data-problem="optimizer.learning_rate"]')).to_contain_text("number")
    expect(rate).to_have_value("fast")


def test_leaky_relu_takes_its_slope_and_elu_its_alpha(page: Page) -> None:
    open_page(page)
    slope = field(page, "network.layers.0.activation.slope")
    expect(slope).to_have_count(0)
    choose(page, "network.layers.0.activation", "leaky_relu")
    expect(slope).to_have_value("0.01")
    with page.expect_response(lambda r: "/trace?" in r.url and r.ok):
        slope.fill("0.2")
        slope.press("Enter")
    expect(page).to_have_url(re.compile(r"activation=leaky_relu(\(|%28)0\.2"))
    expect(field(page, "network.layers.0.activation")).to_have_value("leaky_relu")
    slope.fill("2")
    slope.press("Enter")
    problem = page.locator('[data-problem="network.layers.0.activation.slope"]')
    expect(problem).to_have_text("It must be from 0 to 1.")
    slope.fill("0.2")
    expect(problem).to_be_hidden()
    # The address alone brings it back, and another activation has no slope.
    address = urlsplit(page.url).fragment
    open_page(page)
    expect(slope).to_have_count(0)
    open_page(page, f"#{address}")
    expect(slope).to_have_value("0.2")
    alpha = field(page, "network.layers.0.activation.alpha")
    expect(alpha).to_have_count(0)
    choose(page, "network.layers.0.activation", "elu")
    expect(slope).to_have_count(0)
    expect(alpha).to_have_value("1")
    # A focused field sends a change event when it is replaced.
    alpha.fill("0.5")
    expect(page).to_have_url(re.compile(r"activation=elu(\(|%28)0\.5"))
    choose(page, "network.layers.0.activation", "leaky_relu")
    expect(slope).to_have_value("0.01")


def test_a_letter_typed_in_a_menu_is_the_menus(page: Page) -> None:
    open_page(page)
    menu = field(page, "network.layers.0.activation")
    menu.focus()
    for key in ("s", "b", "c", "p", "."):  # what begins with s is chosen, and no popup opens
        page.keyboard.press(key)
    expect(menu).to_have_value("softplus")
    expect(menu).to_be_focused()
    expect(page.locator("#share")).to_be_hidden()
    expect(page).to_have_url(re.compile("softplus"))
    assert not re.search("batch&|row|projector|step=1", page.url)
    menu.evaluate("menu => menu.blur()")
    page.keyboard.press("c")
    expect(page).to_have_url(re.compile("convention=row"))


def test_divergence_says_where_and_offers_a_smaller_rate(page: Page) -> None:
    network = "network.layers.0.units=1&network.layers.0.activation=identity&cost.name=mse"
    open_page(page, f"#dataset.name=sine&{network}&optimizer.learning_rate=1e6")
    box = page.locator('[data-control="step"]')
    box.fill("500")
    box.press("Enter")
    remedy = page.locator('[data-action="remedy"]').first
    expect(remedy).to_be_visible()
    expect(page.get_by_text(re.compile("diverged", re.IGNORECASE)).first).to_be_visible()
    assert "NaN" not in page.locator("body").inner_text()
    with page.expect_response(lambda r: r.url.endswith("/experiments") and r.ok):
        remedy.click()


def test_vanishing_gradients_raise_an_alarm(page: Page) -> None:
    layers = "&".join(
        f"network.layers.{k}.units=4&network.layers.{k}.activation=sigmoid" for k in range(9)
    )
    open_page(page, f"#{layers}&network.layers.9.units=1&network.layers.9.activation=sigmoid")
    expect(page.get_by_text(re.compile("arrives at layer 1")).first).to_be_visible()


PLACES = """() => ['stage', 'ribbon', 'working', 'transport', 'experiment'].map((name) =>
    JSON.stringify(document.querySelector(`[data-panel="${name}"]`).getBoundingClientRect()))"""


# Opened just before the form is built again: the event that says so comes after that.
OPENED_BEFORE_THE_FORM_IS_BUILT_AGAIN = """() => new Promise((done) => {
    const press = () => {
        const before = document.querySelector('[data-group="batch"]');
        // Before the page's own drawing, which the press asks for; if that came first, once more.
        requestAnimationFrame(() => {
            if (!before.isConnected) return press();
            before.setAttribute('open', '');
            look();
        });
        document.querySelector('[data-action="layer-add"]').click();
        const look = () => before.isConnected ? requestAnimationFrame(look) : done();
    };
    press();
})"""


def test_figures_have_descriptions_and_settings_are_sentences_that_open_on_demand(
    page: Page,
) -> None:
    open_page(page)
    for name in ("network", "gradient-flow", "training-curves", "data"):
        expect(figure(page, name)).to_have_attribute("aria-label", re.compile(r"\w{3}"))
    assert traces(page, "data")
    group = page.locator('[data-group="data"]')
    noise = page.locator('[data-field="dataset.noise"]')
    expect(group).to_contain_text("moons, 300 points, noise 0.2")
    expect(page.locator('[data-group="network"]')).to_contain_text("2–4–4–1, tanh, then sigmoid")
    expect(noise).to_be_hidden()
    before = page.evaluate(PLACES)
    group.locator("summary").click()
    expect(noise).to_be_visible()
    assert page.evaluate(PLACES) == before
    page.locator('[data-group="batch"] summary').click()
    expect(noise).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.locator("details.group[open]")).to_have_count(0)
    expect(page.locator('[data-group="batch"] summary')).to_be_focused()
    with answered(page):  # nothing is to be drawn any more
        field(page, "dataset.noise").fill("0.3")
        field(page, "dataset.noise").press("Enter")
        expect(group).to_contain_text("noise 0.3")
    page.evaluate(OPENED_BEFORE_THE_FORM_IS_BUILT_AGAIN)
    expect(page.locator('[data-group="batch"]')).to_have_attribute("open", "")


def test_examples_are_in_a_menu_that_moves_nothing(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 720})
    open_page(page)
    for group in page.locator("details.group").all():  # every setting is seen without scrolling
        expect(group).to_be_in_viewport(ratio=1)
    rows = page.locator("details.group, .all-examples")
    places = rows.evaluate_all("all => all.map((row) => row.getBoundingClientRect().top)")
    page.get_by_role("button", name="Examples …").click()
    pictures = page.locator(".example img")
    expect(pictures).to_have_count(6)
    for picture in pictures.all():
        picture.scroll_into_view_if_needed()
        page.wait_for_function("image => image.naturalWidth > 0", arg=picture.element_handle())
    page.locator(".example").get_by_text("XOR", exact=False).first.click()
    expect(page).to_have_url(re.compile("dataset.name=xor"))
    expect(page.locator(".examples")).to_be_hidden()
    action(page, "step").click()
    expect(readout(page, "step")).to_have_text("1")
    assert rows.evaluate_all("all => all.map((row) => row.getBoundingClientRect().top)") == places


def test_the_projector_view_has_a_way_out(page: Page) -> None:
    open_page(page, "#projector=true")
    leave = action(page, "leave-projector")
    leave.click()
    expect(page.locator('[data-panel="experiment"]')).to_be_visible()
    expect(leave).to_be_hidden()
    page.keyboard.press("p")
    expect(leave).to_be_visible()
    page.keyboard.press("Escape")
    expect(leave).to_be_hidden()


# Of what is seen and can be pressed, beside links within sentences.
SMALL = """() => [...document.querySelectorAll(
        ':is(.top, .tabs, .stage-bar, .run, .ribbon, .transport) :is(a, button, summary)')]
    .filter((each) => each.checkVisibility() && each.offsetWidth)
    .filter((each) => Math.min(each.offsetWidth, each.offsetHeight) < 43.5)
    .map((each) => `${each.textContent || each.getAttribute('aria-label')} ${each.offsetWidth}`
        + `x${each.offsetHeight}`)"""


def test_on_a_phone_a_finger_hits_what_it_means(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    open_page(page)
    assert page.evaluate(SMALL) == []
