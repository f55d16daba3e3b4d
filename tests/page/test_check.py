"""Check my numbers, in a real browser: what is pasted, how it is marked, the way out to code."""

from __future__ import annotations

import contextlib
import io
import json
import re
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import action, field, readout
from tests.helpers import cases
from tests.helpers.axe import PHONE, View, in_views, violations_in
from tests.page.test_access import COUNT_SMOOTH, SMOOTH

pytestmark = pytest.mark.shared_page

GIVENS = """layers = [(array([[ 0.5, -0.3], [ 0.8,  0.2], [-0.4,  0.6]]),
           array([1.4406276019, 1.3578517102, 0.0375935326]))]
x = [0.0170620457 0.985677301 ]
target = [0.4131828317 0.0895803974 0.4486095497]"""
# What the course's notebook printed for these, prompts and code included.
NOTEBOOK = """In [495... # Exercise 2c)
autograd_one_layer = grad(cost_one_layer, [0, 1])
W_g, b_g = autograd_one_layer(W, b, x, target)
print(W_g, b_g)

[[0.00071956 0.04156912]
 [0.00119779 0.06919653]
 [0.0005225  0.03018487]] [0.04217315 0.07020202 0.03062348]
"""
RIGHT = """dC_da = [0.23130578 0.49200586 0.13473569]
da1_dz1 = [[0.1823264  0.         0.        ]
 [0.         0.14268532 0.        ]
 [0.         0.         0.22728557]]
dC_dW1 = [[0.00071956 0.04156912]
 [0.00119779 0.06919653]
 [0.0005225  0.03018487]]
dC_db1 = array([0.04217315, 0.07020202, 0.03062348])"""
TWO_LAYERS = {
    "W1": np.array([[0.5, -0.3], [0.8, 0.2]]),
    "b1": np.array([0.1, -0.1]),
    "W2": np.array([[0.7, -0.4], [0.3, 0.9]]),
    "b2": np.array([0.05, -0.2]),
    "x": np.array([0.6, -1.2]),
    "target": np.array([1.0, 0.0]),
}


def open_check(page: Page, fragment: str = "") -> None:
    page.goto(f"/check{fragment}")
    expect(page.locator("body")).to_have_attribute("data-ready", "true")


def paste(page: Page, givens: str | None = None, submitted: str | None = None) -> None:
    """Fill the box with two halves; None keeps the half that stands there."""
    kept = (*field(page, "paste").input_value().split("\n\n", 1), "")
    halves = (kept[0] if givens is None else givens, kept[1] if submitted is None else submitted)
    field(page, "paste").fill("\n\n".join(halves))


def check(page: Page) -> None:
    """Press the button, and wait for the marks of what stands there now."""
    action(page, "check").click()
    expect(readout(page, "verdict")).to_be_visible()
    expect(page.locator('[data-panel="marking"]')).to_have_class("sheet marking")


def line(page: Page, name: str) -> Locator:
    return page.locator(f'[data-panel="marking"] [data-line="{name}"]')


def verdicts(page: Page) -> dict[str, str]:
    found = page.locator('[data-panel="marking"] [data-line]')
    pairs = found.evaluate_all("all => all.map(l => [l.dataset.line, l.dataset.verdict])")
    return dict(pairs)


def with_the_slip(values: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The working of two layers as a student writes it, W2 on the way back not transposed."""

    def sigmoid(z: np.ndarray) -> np.ndarray:
        return 1 / (1 + np.exp(-z))

    v = dict(values)
    v["z1"] = v["W1"] @ v["x"] + v["b1"]
    v["a1"] = sigmoid(v["z1"])
    v["z2"] = v["W2"] @ v["a1"] + v["b2"]
    v["a2"] = sigmoid(v["z2"])
    v["dC_da2"] = 2 / 2 * (v["a2"] - v["target"])
    v["dC_dz2"] = v["dC_da2"] * v["a2"] * (1 - v["a2"])
    v["dC_dW2"] = np.outer(v["dC_dz2"], v["a1"])
    v["dC_db2"] = v["dC_dz2"]
    v["dC_da1"] = v["W2"] @ v["dC_dz2"]
    v["dC_dz1"] = v["dC_da1"] * v["a1"] * (1 - v["a1"])
    v["dC_dW1"] = np.outer(v["dC_dz1"], v["x"])
    v["dC_db1"] = v["dC_dz1"]
    return v


def printed(values: dict[str, np.ndarray], names: list[str]) -> str:
    return "\n".join(f"{name} = {values[name]}" for name in names)


@pytest.mark.exhaustive
def test_how_sure_a_diagnosis_is_stands_beside_it(page: Page) -> None:
    """∂C/∂W from ∂C/∂a: alone it has several causes; beside a right ∂C/∂z it has one."""
    open_check(page)
    x, dC_da = np.array([0.0170620457, 0.985677301]), np.array([0.23130578, 0.49200586, 0.13473569])
    wrong = f"dC_dW1 = {np.outer(dC_da, x)}"
    sure = page.locator('[data-panel="marking"] [data-readout="certainty"]')
    paste(page, GIVENS, wrong)
    check(page)
    expect(sure).to_contain_text("Several mistakes give these numbers")
    paste(page, submitted=f"{wrong}\ndC_dz1 = [0.04217315 0.07020202 0.03062348]")
    check(page)
    expect(sure).not_to_contain_text("Several mistakes")
    paste(page, submitted="dC_dz1 = [0.04217315 0.07020202 0.53062348]")
    check(page)
    expect(line(page, "dC_dz1")).to_have_attribute("data-verdict", "wrong")


def test_a_penalty_is_typed_and_defined(page: Page) -> None:
    """λ Σ W² of weights and biases: C is 0.5² for the one output, and 0.1 (2² + 1²)."""
    open_check(page)
    paste(page, "W1 = [[2.0]]\nb1 = [-1.0]\nx = [0.5]\ntarget = [0.5]", "C = 0.75")
    field(page, "activation.0").select_option("identity")
    expect(field(page, "penalty.square")).to_have_count(0)
    field(page, "penalty.l2").fill("0.1")
    field(page, "penalty.l2").press("Tab")
    field(page, "penalty.square").select_option("whole")
    field(page, "penalty.on").select_option("weights_and_biases")
    expect(field(page, "penalty.l2")).to_have_value("0.1")
    check(page)
    expect(line(page, "C")).to_have_attribute("data-verdict", "correct")
    expect(page.locator('[data-snippet-text="core"]')).to_contain_text("l2=2 * 0.1")
    page.reload()
    expect(field(page, "penalty.on")).to_have_value("weights_and_biases")
    field(page, "penalty.l2").fill("-1")
    field(page, "penalty.l2").press("Tab")
    expect(field(page, "penalty.l2")).to_have_attribute("aria-invalid", "true")


def test_an_activation_takes_its_slope(page: Page) -> None:
    """z is negative for the first unit, so a tells which slope was used."""
    open_check(page)
    paste(page, "W1 = [[1.0], [2.0]]\nb1 = [-1.5, 0.0]\nx = [0.5]\ntarget = [1.0, 0.0]", "")
    paste(page, submitted="z1 = [-1.0, 1.0]\na1 = [-0.2, 1.0]")
    field(page, "activation.0").select_option("leaky_relu")
    slope = field(page, "activation.0.slope")
    expect(slope).to_have_value("0.01")
    check(page)
    expect(line(page, "a1")).to_have_attribute("data-verdict", "wrong")
    expect(page.locator('[data-panel="marking"]')).to_contain_text("0.2 as its slope")
    slope.fill("0.2")
    slope.press("Tab")
    check(page)
    expect(line(page, "a1")).to_have_attribute("data-verdict", "correct")
    expect(field(page, "activation.0")).to_have_value("leaky_relu")


def test_the_first_screen_has_an_example_that_is_marked_by_keys_alone(page: Page) -> None:
    """Nothing moves for those who ask for that, and the snippets say what the page says."""
    page.emulate_media(reduced_motion="reduce")
    open_check(page)
    page.evaluate(COUNT_SMOOTH)
    expect(action(page, "check")).to_be_in_viewport()
    field(page, "paste").focus()
    page.keyboard.press("Control+Enter")
    expect(readout(page, "verdict")).to_contain_text("wrong")
    expect(readout(page, "first-wrong")).to_contain_text("dC_dz1")
    expect(readout(page, "summary")).to_contain_text("dC_dz1")
    assert verdicts(page) == {
        "z1": "correct",
        "a1": "correct",
        "C": "missing",
        "dC_da1": "correct",
        "dC_dz1": "wrong",
        "dC_dW1": "follows",
        "dC_db1": "follows",
    }
    first = line(page, "dC_dz1")
    expect(first).to_be_in_viewport()
    expect(first.locator("[data-misconception]").first).to_have_attribute(
        "data-misconception", "activation_instead_of_derivative"
    )
    expect(page.locator('[aria-live="assertive"]')).to_contain_text("first wrong line")
    # Every entry is off, and nothing of the right numbers is shown yet.
    expect(first.locator(".off")).to_have_count(3)
    assert "0.04217" not in page.locator('[data-panel="marking"]').inner_text()
    readout(page, "first-wrong").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.dataset.line") == "dC_dz1"
    assert page.evaluate(SMOOTH) == 0
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect_formula_and_sum(page, first)
    expect_the_snippets_to_say_the_same(page)


def expect_formula_and_sum(page: Page, wrong: Locator) -> None:
    """The sum is of the entry that is pointed at."""
    expect(wrong.locator(".formula math").first).to_be_visible()
    expect(wrong.locator('[data-readout="entry"]')).to_contain_text("0.2313")
    expect(wrong.locator('[data-readout="entry"]')).to_contain_text("0.04217")
    wrong.locator('.submitted [data-index="1"]').click()
    expect(wrong.locator('[data-readout="entry"]')).to_contain_text("0.0702")
    wrong.locator('[data-action="show-me"]').click()
    expect(wrong.locator('[data-readout="entry"]')).to_be_hidden()


def expect_the_snippets_to_say_the_same(page: Page) -> None:
    """They are copied and run, with what is on the page."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator('[data-action="copy-snippet"][data-snippet="httpx"]').click()
    assert "httpx.post(" in page.evaluate("navigator.clipboard.readText()")
    expected = readout(page, "summary").inner_text()
    for name in ("httpx", "core"):
        lines = printed_by_the_snippet(page, name)
        assert lines[0] == expected
        assert dict(row.split() for row in lines[1:]) == verdicts(page)


def printed_by_the_snippet(page: Page, name: str) -> list[str]:
    """What the code prints beside the page, run with what is on the page."""
    code = page.locator(f'[data-snippet-text="{name}"]').inner_text()
    scope: dict[str, Any] = {"array": np.array}
    givens, submitted = field(page, "paste").input_value().split("\n\n", 1)
    exec(givens, scope)
    for each in re.finditer(r"(\w+) = (\[.*?\])(?=\n\w|\Z)", submitted, re.DOTALL):
        numbers = re.sub(r"(?<=[\d.\]])\s+(?=[\d.\[-])", ", ", each[2])
        scope[each[1]] = np.array(json.loads(numbers))
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        exec(compile(code, name, "exec"), scope)
    return output.getvalue().splitlines()


def test_right_numbers_another_convention_another_scaling_and_a_carried_error(page: Page) -> None:
    open_check(page)
    for submitted in (RIGHT, NOTEBOOK):
        paste(page, GIVENS, submitted)
        check(page)
        expect(readout(page, "verdict")).to_have_text("All correct")
        expect(page.locator('[data-readout="first-wrong"]')).to_have_count(0)
        found = verdicts(page)
        assert set(found.values()) == {"correct", "missing"}
        assert found["dC_dW1"] == found["dC_db1"] == "correct"
    # Half the sum of squares where the mean is asked for is noted and is no mistake.
    halves = """dC_da1 = [0.34695867 0.73800879 0.20210353]
dC_dz1 = [0.06325972 0.10530302 0.04593522]"""
    paste(page, GIVENS, halves)
    check(page)
    expect(readout(page, "verdict")).to_have_text("All correct")
    expect(readout(page, "proposal")).to_contain_text("half the sum")
    field(page, "reduction").select_option("mean")
    expect(readout(page, "verdict")).to_have_text("Right, in another convention")
    expect(page.locator('[data-note="other_convention"]')).to_contain_text("not a mistake")
    action(page, "find-settings").click()
    # A transposed matrix may come from another convention, and the page says so.
    turned = """dC_dW1 = [[0.00071956 0.00119779 0.0005225 ]
 [0.04156912 0.06919653 0.03018487]]
dC_db1 = [0.04217315 0.07020202 0.03062348]"""
    paste(page, GIVENS, turned)
    check(page)
    expect(readout(page, "verdict")).to_have_text("Right, in another convention")
    expect(page.locator('[data-note="other_convention"]')).to_contain_text("transposed")
    expect_a_carried_error_to_follow(page)


def expect_a_carried_error_to_follow(page: Page) -> None:
    """Of the whole working, and where only the final gradients are given."""
    worked = with_the_slip(TWO_LAYERS)
    names = [name for name in worked if name not in TWO_LAYERS]
    paste(page, printed(TWO_LAYERS, list(TWO_LAYERS)), printed(worked, names))
    check(page)
    expect(readout(page, "first-wrong")).to_contain_text("dC_da1")
    found = verdicts(page)
    assert found["dC_dW2"] == "correct"
    assert found["dC_da1"] == "wrong"
    assert found["dC_dz1"] == found["dC_dW1"] == found["dC_db1"] == "follows"
    diagnosis = line(page, "dC_da1").locator("[data-misconception]").first
    expect(diagnosis).to_have_attribute("data-misconception", "weights_transposed_backward")
    # Only the gradients, from a list of pairs.
    grads = [(worked["dC_dW1"], worked["dC_db1"]), (worked["dC_dW2"], worked["dC_db2"])]
    layers = [(TWO_LAYERS["W1"], TWO_LAYERS["b1"]), (TWO_LAYERS["W2"], TWO_LAYERS["b2"])]
    paste(
        page,
        f"layers = {layers!r}\nx = {TWO_LAYERS['x']!r}\ntarget = {TWO_LAYERS['target']!r}",
        f"Out[505... {grads!r}",
    )
    check(page)
    expect(page.locator('[data-readout="diagnosis"]').first).to_contain_text("∂𝐶/∂𝑎⁽¹⁾")
    assert verdicts(page)["dC_dW2"] == "correct"


@in_views(2)
def test_every_width_and_theme_can_be_read(page: Page, views: list[View]) -> None:
    page.set_viewport_size(PHONE)
    open_check(page)
    action(page, "example").click()
    expect(readout(page, "verdict")).to_be_visible()
    for name in ("dC_dz1", "C"):
        line(page, name).locator('[data-action="show-me"]').click()
    text = field(page, "paste").input_value()
    field(page, "paste").fill(f"{text}\nfoo = [7 2 3 9 5]\noops")
    expect(page.locator('[data-slot="read"] .unread')).to_be_visible()
    expect(page.locator('[data-slot="read"] .not-read .chip')).to_contain_text("foo")
    for view in views:
        first = view == views[0]
        again = cases.everything or first
        within = None if first else '[data-panel="marking"]'
        assert violations_in(page, [view], afresh=again, within=within) == [], view
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), view
