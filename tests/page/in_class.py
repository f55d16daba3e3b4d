"""What lecturer and students do in a class, in their browsers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Locator, Page, ViewportSize, expect

from tests.browser import action, readout, until
from tests.helpers.browsers import DESK

PROJECTOR: ViewportSize = {"width": 1920, "height": 1080}
PHONE: ViewportSize = {"width": 390, "height": 844}
# Chrome for Android, which has no shared workers.
ANDROID: dict[str, Any] = {
    "user_agent": "Mozilla/5.0 (Linux; Android 14; Pixel 7) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/131.0.0.0 Mobile Safari/537.36",
    "device_scale_factor": 2.625,
    "is_mobile": True,
    "has_touch": True,
}
READY = 'body[data-ready="true"]'

Newcomer = Callable[..., Page]


def code_of(teach: Page) -> str:
    return readout(teach, "code").inner_text()


def join(newcomer: Newcomer, code: str, size: ViewportSize = DESK, **device: Any) -> Page:
    page = newcomer(size, **device)
    page.goto(f"/join/{code}")
    until(page, READY)
    expect(readout(page, "following")).to_be_visible()
    return page


def follow(shown: Page, how: str) -> None:
    """Let students follow: prepare, show or hold."""
    shown.locator(f'[data-control="showing"] [data-value="{how}"]').click()


def ask(shown: Page, kind: str) -> None:
    """Ask about the shown line."""
    action(shown, "ask").click()
    shown.locator(f'[data-control="ask-kind"] [data-value="{kind}"]').click()
    action(shown, "ask-go").click()
    expect(shown.locator(".ask-dialog")).to_be_hidden()


def question(student: Page) -> Locator:
    return student.locator("form.question").first


def fill(student: Page, values: list[float]) -> None:
    inputs = question(student).locator(".entry input")
    expect(inputs).to_have_count(len(values))
    for k, value in enumerate(values):
        inputs.nth(k).fill(f"{value:.9g}")
    send(student)


def send(student: Page, *, told: bool = False) -> None:
    action(student, "send-answer").click()
    kind = "right" if told else "sent"
    expect(readout(student, "answer")).to_have_attribute("data-kind", kind)
    expect(readout(student, "answer")).not_to_contain_text("not sent yet")


# The experiment that the page asked for last. To import the page's modules for it takes longer.
VALUES = """async (line) => {
    const { step } = document.querySelector('[data-panel="working"]').dataset;
    const asked = performance.getEntriesByType('resource')
        .map(({ name }) => /\\/experiments\\/[0-9a-f]{20}\\//.exec(name)?.[0]).filter(Boolean);
    const trace = `/api/v1${asked.at(-1)}frames/${step}/trace?sample=0&convention=column`;
    const { lines } = await (await fetch(trace)).json();
    return lines.find((each) => each.id === line).value.flat(Infinity);
}"""


def values_of(page: Page, line: str) -> list[float]:
    """The numbers of a line, as the server has them."""
    found: list[float] = page.evaluate(VALUES, line)
    return found
