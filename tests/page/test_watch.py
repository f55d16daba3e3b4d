"""Watch: the error of one sample followed back to one weight, in pictures."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import MINUS, action, expect_ready, open_page, readout
from tests.helpers.axe import violations_in_both_themes
from tests.page.in_class import Newcomer, code_of, join

SOFTMAX = (
    "&step=20&sample=3&dataset.name=blobs&cost.name=cross_entropy"
    "&network.layers.0.units=4&network.layers.0.activation=tanh"
    "&network.layers.1.units=3&network.layers.1.activation=softmax"
)
DEEP = "".join(
    f"&network.layers.{k}.units={n}&network.layers.{k}.activation={f}"
    for k, (n, f) in enumerate([(8, "gelu"), (8, "relu"), (1, "sigmoid")])
)


def watch(page: Page, picture: int) -> Locator:
    """The panel, once it shows a picture."""
    panel = page.locator('[data-panel="watch"]')
    expect(panel).to_have_attribute("data-watch", str(picture))
    return panel


def open_watch(page: Page, fragment: str) -> None:
    page.goto("about:blank")
    page.goto(f"/{fragment}")
    expect_ready(page)


def product(page: Page) -> float:
    return float(readout(page, "product").get_attribute("data-value") or "nan")


def gradient(page: Page, weight: str, sample: int = 0, step: int = 0) -> float:
    """∂C/∂w as the server's working has it; W1[0,2] is the weight from input 0 to unit 2."""
    layer, start, end = map(int, re.findall(r"\d+", weight))
    ids = re.findall(
        r"experiments/(\w+)/",
        page.evaluate("""() => performance
        .getEntriesByType('resource').map((each) => each.name).join()"""),
    )
    answer = page.request.get(
        f"/api/v1/experiments/{ids[0]}/frames/{step}/trace?sample={sample}&convention=row"
    ).json()
    line = next(each for each in answer["lines"] if each["id"] == f"dC_dW{layer}")
    return float(line["value"][start][end])


def test_twelve_pictures_lead_from_the_error_to_the_weight(page: Page) -> None:
    open_page(page)
    page.keyboard.press("w")
    watch(page, 1)
    expect(page.locator('[data-panel="working"]')).to_be_hidden()
    action(page, "guess-more").click()
    products = []
    for k in range(2, 13):
        watch(page, k)
        products.append(product(page) if k > 2 else 0)
        page.keyboard.press("ArrowRight")
    truth = gradient(page, "W1[1,1]")
    assert products[-1] == pytest.approx(truth, rel=1e-12)
    # error, weight, slope, weight: each is the one before times what the edge or tangent says
    assert products[1:5] == pytest.approx(
        [0.407191767874, -0.237372568627, -0.221925047893, -0.151626355], rel=1e-6
    )
    page.keyboard.press("ArrowLeft")
    panel = watch(page, 11)
    above = panel.locator(".watch-bars").evaluate_all(
        "bars => bars.map((each) => each.querySelector('rect').getBBox().y"
        " < each.querySelector('line').getBBox().y)"
    )
    signs = panel.locator("output.watch-product").all_text_contents()
    assert above == [not text.startswith(MINUS) for text in signs]
    assert True in above
    assert False in above
    expect(panel.locator(".watch-gradient")).to_have_attribute("data-value", str(truth))
    difference = panel.locator(".watch-difference")
    expect(difference).to_contain_text("/ 0.01")
    found = float(difference.get_attribute("data-value") or "nan")
    assert found == pytest.approx(truth, rel=0.05)
    expect(panel).to_contain_text("As you said.")
    page.keyboard.press("ArrowRight")
    expect(watch(page, 12)).to_contain_text("Now all 37")
    action(page, "watch-explore").click()
    expect(page.locator('[data-panel="working"]')).to_have_attribute("data-line", "dC_dW1")
    expect(page.locator('[data-panel="watch"]')).to_be_hidden()


@pytest.mark.parametrize(
    ("view", "weight", "sample", "step", "pictures"),
    [
        ("", "W2[0,1]", 0, 0, 7),
        (SOFTMAX, "W1[1,2]", 3, 20, 7),
        (DEEP, "W1[1,7]", 0, 0, 9),
        ("&penalty.l2=0.1&cost.name=mse&sample=5", "W1[0,0]", 5, 0, 12),
    ],
)
def test_a_link_opens_a_picture_of_any_weight(
    page: Page, view: str, weight: str, sample: int, step: int, pictures: int
) -> None:
    open_watch(page, f"#watch={pictures - 1}&weight={weight}{view}")
    panel = watch(page, pictures - 1)
    expect(panel.locator(".watch-count")).to_have_text(f"picture {pictures - 1} of {pictures}")
    truth = gradient(page, weight, sample, step)
    assert product(page) == pytest.approx(truth, rel=1e-9, abs=1e-15)
    expect(panel.locator(".watch-gradient")).to_have_attribute("data-value", str(truth))


def test_keys_space_and_the_pointer_turn_it_and_another_weight_is_a_press(lone_page: Page) -> None:
    page = lone_page
    page.emulate_media(reduced_motion="reduce")
    open_watch(page, "#watch=3")
    watch(page, 3)
    page.clock.install()
    page.keyboard.press(" ")
    expect(action(page, "watch-play")).to_have_text("❚❚")
    page.clock.run_for(8100)
    watch(page, 5)
    page.keyboard.press(" ")
    page.clock.run_for(8100)
    watch(page, 5)
    expect(readout(page, "step")).to_have_text("0")  # space did not train
    box = page.locator(".watch-stage").bounding_box()
    assert box is not None
    swipe = """([from, to]) => {
        const stage = document.querySelector('.watch-stage');
        for (const [type, clientX] of [['pointerdown', from], ['pointerup', to]])
            stage.dispatchEvent(new PointerEvent(type, { clientX, pointerType: 'touch' }));
    }"""
    page.evaluate(swipe, [600, 500])
    watch(page, 6)
    page.evaluate(swipe, [500, 600])
    watch(page, 5)
    page.locator('[data-weight="W2[2,0]"]').dispatch_event("click")
    expect(watch(page, 1)).to_contain_text("from unit 2 to unit 0 of layer 2")
    expect(page).to_have_url(re.compile(r"#.*watch=1&weight=W2\[2,0\]"))
    page.reload()
    watch(page, 1)
    # By key, and by its name for a screen reader.
    weights = page.get_by_role("combobox", name="Which weight")
    expect(weights).to_have_value("W2[2,0]")
    expect(weights.locator("option")).to_have_count(28)
    weights.focus()
    page.keyboard.press("ArrowDown")
    expect(watch(page, 1)).to_contain_text("from unit 3 to unit 0 of layer 2")
    expect(page).to_have_url(re.compile(r"weight=W2\[3,0\]"))
    page.keyboard.press("Escape")
    expect(page.locator('[data-panel="ribbon"]')).to_be_visible()
    expect(page).not_to_have_url(re.compile("watch"))


def test_an_edge_of_the_network_can_be_watched_and_what_is_too_large_says_so(page: Page) -> None:
    open_page(page, "#selection=e2.3.1")
    action(page, "watch-edge").click()
    expect(watch(page, 1)).to_contain_text("from unit 3 to unit 1 of layer 2")
    wide = "&network.layers.0.units=9&network.layers.0.activation=tanh" + "".join(
        f"&network.layers.1.{each}" for each in ("units=1", "activation=sigmoid")
    )
    open_watch(page, f"#watch=1{wide}")
    panel = page.locator('[data-panel="watch"]')
    expect(panel).to_contain_text("too large")
    page.keyboard.press("Escape")
    open_page(page, f"#selection=e1.0.1{wide}")
    expect(action(page, "watch-edge")).to_be_hidden()


def test_what_a_link_hides_watch_does_not_tell(page: Page) -> None:
    page.goto("/?hide=backward#watch=9")
    panel = page.locator('[data-panel="watch"]')
    expect(panel).to_contain_text("not shown yet")
    expect(panel.locator(".watch-term")).to_have_count(0)


def test_a_class_sees_the_picture_that_its_lecturer_shows(
    teach: Page, shown: Page, newcomer: Newcomer
) -> None:
    student = join(newcomer, code_of(teach))
    shown.keyboard.press("w")
    watch(shown, 1)
    shown.keyboard.press("ArrowRight")
    expect(watch(student, 2)).to_contain_text(readout(shown, "watch-cost").inner_text())
    shown.keyboard.press("Escape")
    expect(student.locator('[data-panel="watch"]')).to_be_hidden()
    expect(student.locator('[data-panel="ribbon"]')).to_be_visible()


def test_it_is_accessible_and_fits_at_every_width(page: Page) -> None:
    open_watch(page, "#watch=9")
    for width, height in ((1440, 900), (768, 1024), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        watch(page, 9)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert violations_in_both_themes(page, afresh=True, within=".watch") == []
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(watch(page, 11).locator(".watch-gradient")).to_contain_text(MINUS)
